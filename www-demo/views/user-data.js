// The table of user data and the form that adds and changes it. Rows are kept by key, so that a change by someone else takes nobody's focus.

import { arrange, byId, el, icon } from "../dom.js";

/** More rows are shown only when someone asks for them, and of a long text no more than this. */
const MOST_ROWS = 100;
const MOST_SHOWN = 600;

/** @param {{ onSave: (session: object, key: string, value: unknown) => Promise<boolean>, onDelete: (session: object, key: string) => void }} actions */
export function mountUserData(store, { onSave, onDelete }) {
  const form = byId("user-data-form");
  const keyField = byId("user-data-key");
  const valueField = byId("user-data-value");
  const saveButton = byId("user-data-save");
  const moreButton = byId("more-user-data");
  let rows = new Map();
  let shown;
  let most = MOST_ROWS;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const session = store.selected;
    const text = valueField.value;
    if (!(await onSave(session, keyField.value, parse(session, keyField.value, text)))) return;
    if (store.selected?.id !== session.id || valueField.value !== text) return; // the agent has gone on
    form.reset();
    label();
  });
  keyField.addEventListener("input", label);
  moreButton.addEventListener("click", () => {
    most = Infinity;
    showRows();
    byId("details-body").focus();
  });

  /** A key that is there is changed, any other attached; both belong to one form because they are one thought. */
  function label() {
    const isKnown = Object.hasOwn(shown.userData, keyField.value);
    saveButton.textContent = isKnown ? "Change" : "Attach";
    saveButton.disabled = !shown.can(isKnown ? "UpdateUserData" : "AttachUserData");
  }

  function edit(key) {
    keyField.value = key;
    valueField.value = toText(shown.userData[key]);
    label();
    valueField.focus();
  }

  function begin() {
    rows = new Map();
    most = MOST_ROWS;
    form.reset();
  }

  /** A text that comes alters nothing here, and a thousand rows are not looked at for it. */
  function update(session) {
    const before = shown;
    if (session?.id !== before?.id) begin();
    shown = session;
    if (!session || (before?.userData === session.userData && before.capabilities === session.capabilities && before.state === session.state && before.id === session.id)) return;
    showRows();
    byId("no-user-data").hidden = Object.keys(session.userData).length > 0;
    form.hidden = !session.can("AttachUserData") && !session.can("UpdateUserData");
    label();
  }

  /** A row that goes while its button has the focus, because it was just deleted, hands it to the form. */
  function showRows() {
    const body = byId("user-data-rows");
    const hadFocus = body.contains(document.activeElement);
    const pairs = Object.entries(shown.userData);
    const keys = new Set(Object.keys(shown.userData));
    for (const key of rows.keys()) if (!keys.has(key)) rows.delete(key);
    arrange(body, pairs.slice(0, most).map(([key, value]) => show(key, value)));
    moreButton.hidden = pairs.length <= most;
    moreButton.textContent = `Show all ${pairs.length.toLocaleString()} keys`;
    if (hadFocus && !body.contains(document.activeElement)) keyField.focus();
  }

  function show(key, value) {
    const row = rows.get(key) ?? create(key);
    if (row.value !== value) row.cell.replaceChildren(clamped(typeof value === "string" ? "span" : "code", toText(value)));
    row.value = value;
    row.editButton.hidden = !shown.can("UpdateUserData");
    row.deleteButton.hidden = !shown.can("DeleteUserData");
    return row.element;
  }

  function create(key) {
    const editButton = rowButton("edit", `Change ${shortened(key)}`, "userdata-edit", () => edit(key));
    const deleteButton = rowButton("delete", `Delete ${shortened(key)}`, "userdata-delete", () => onDelete(store.selected, key));
    const cell = el("td", { class: "server-text", dir: "auto", "data-testid": "userdata-value" });
    const element = el(
      "tr",
      { "data-testid": "userdata-row", "data-key": key },
      el("th", { scope: "row", class: "server-text", dir: "auto" }, clamped("span", key)),
      cell,
      el("td", { class: "row-actions" }, editButton, deleteButton),
    );
    const row = { element, cell, editButton, deleteButton, value: undefined };
    rows.set(key, row);
    return row;
  }

  store.addEventListener("change", () => update(store.selected));
}

const toText = (value) => (typeof value === "string" ? value : JSON.stringify(value));

const shortened = (text) => (text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text);

const clamped = (tag, text) => el(tag, { class: "clamped", title: shortened(text) }, shortened(text));

/** What was JSON stays JSON where the new text is such; everything else is text. */
function parse({ userData }, key, text) {
  if (!Object.hasOwn(userData, key) || typeof userData[key] === "string") return text;
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
