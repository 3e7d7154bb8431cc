// The table of user data and the form that adds and changes it. Rows are kept by key, so that a change by someone else takes nobody's focus.

import { arrange, byId, el, icon } from "../dom.js";
import { isLive } from "../store.js";

/** @param {{ onSave: (session: object, key: string, value: unknown) => Promise<boolean>, onDelete: (session: object, key: string) => void }} actions */
export function mountUserData(store, { onSave, onDelete }) {
  const form = byId("user-data-form");
  const keyField = byId("user-data-key");
  const valueField = byId("user-data-value");
  let rows = new Map();
  let shown;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!(await onSave(store.selected, keyField.value, parse(store.selected, keyField.value, valueField.value)))) return;
    form.reset();
    label();
  });
  keyField.addEventListener("input", label);

  /** A key that is there is changed, any other attached; both belong to one form because they are one thought. */
  function label() {
    byId("user-data-save").textContent = isKnown(store.selected, keyField.value) ? "Change" : "Attach";
  }

  function edit(key) {
    keyField.value = key;
    valueField.value = toText(store.selected.userData[key]);
    label();
    valueField.focus();
  }

  function update() {
    if (store.selected !== shown) {
      shown = store.selected;
      rows = new Map();
      form.reset();
    }
    if (!shown) return;
    showRows();
    byId("no-user-data").hidden = Object.keys(shown.userData).length > 0;
    form.hidden = !may(shown, "AttachUserData") && !may(shown, "UpdateUserData");
    label();
  }

  /** A row that goes while its button has the focus, because it was just deleted, hands it to the form. */
  function showRows() {
    const body = byId("user-data-rows");
    const hadFocus = body.contains(document.activeElement);
    arrange(body, Object.entries(shown.userData).map(([key, value]) => show(key, value)));
    if (hadFocus && !body.contains(document.activeElement)) keyField.focus();
  }

  function show(key, value) {
    const row = rows.get(key) ?? create(key);
    const text = toText(value);
    const cell = row.querySelector("[data-testid=userdata-value]");
    cell.replaceChildren(el(typeof value === "string" ? "span" : "code", { class: "clamped", title: text }, text));
    const [editButton, deleteButton] = row.querySelectorAll("button");
    editButton.hidden = !may(shown, "UpdateUserData");
    deleteButton.hidden = !may(shown, "DeleteUserData");
    return row;
  }

  function create(key) {
    const editButton = rowButton("edit", `Change ${key}`, "userdata-edit", () => edit(key));
    const deleteButton = rowButton("delete", `Delete ${key}`, "userdata-delete", () => onDelete(store.selected, key));
    const row = el(
      "tr",
      { "data-testid": "userdata-row", "data-key": key },
      el("th", { scope: "row", class: "server-text", dir: "auto" }, el("span", { class: "clamped", title: key }, key)),
      el("td", { class: "server-text", dir: "auto", "data-testid": "userdata-value" }),
      el("td", { class: "row-actions" }, editButton, deleteButton),
    );
    rows.set(key, row);
    return row;
  }

  store.addEventListener("change", ({ detail: { what } }) => {
    if (what !== "entry") update();
  });
}

const isKnown = (session, key) => Boolean(session) && Object.hasOwn(session.userData, key);

const may = (session, capability) => isLive(session) && session.capabilities.includes(capability);

const toText = (value) => (typeof value === "string" ? value : JSON.stringify(value));

/** What was JSON stays JSON where the new text is such; everything else is text. */
function parse(session, key, text) {
  if (!isKnown(session, key) || typeof session.userData[key] === "string") return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function rowButton(picture, label, testid, action) {
  const button = el("button", { type: "button", class: "button icon-only", "aria-label": label, title: label, "data-testid": testid }, icon(picture));
  button.addEventListener("click", action);
  return button;
}
