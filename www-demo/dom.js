// The only way this page makes elements. Text becomes a text node and never markup, so what a server sends cannot become part of the page.

const SVG = "http://www.w3.org/2000/svg";

/** The element with that id; a page without it is broken. */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no element #${id}.`);
  return element;
}

/** An element with attributes (true sets an empty one; false and undefined none) and children (nodes, or strings that become text). */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** A decorative picture, one of the symbols in index.html. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

const clock = (options) => new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit", ...options });
const CLOCKS = {
  minute: clock({}),
  second: clock({ second: "2-digit" }),
  millisecond: clock({ hour: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23" }),
};

/** A moment (epoch milliseconds) for readers, to the minute, second or millisecond, and for programs. */
export function time(at, precision = "minute") {
  return el("time", { datetime: new Date(at).toISOString() }, CLOCKS[precision].format(at));
}

/** Text for screen readers only. */
export const hiddenText = (text) => el("span", { class: "visually-hidden" }, text);

/** Speaks once, without moving the focus. The same words again are spoken again. */
export function announce(text, { urgent = false } = {}) {
  byId(urgent ? "alarm" : "announcer").replaceChildren(text);
}

/** Hides an element. Whoever had the focus in it goes on at `next` and not at the top of the page. */
export function hide(element, next) {
  const hadFocus = element.contains(document.activeElement);
  element.hidden = true;
  if (hadFocus) next.focus();
}

/** Shows the children, keeping those that are there already where they are: an element that is moved loses the focus. */
export function arrange(parent, children) {
  children.forEach((child, index) => {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
  while (parent.children.length > children.length) parent.lastElementChild.remove();
}
