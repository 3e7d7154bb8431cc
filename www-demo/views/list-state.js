// Whether the list of sessions is up to date, said as it is, and the button that reads it again.

import { byId, hiddenText } from "../dom.js";

const WORDS = { synced: "Up to date", reading: "Reading…", "not-read": "Not read" };

/**
 * @param {(error: Error) => void} onFailure the agent has asked for the list in vain
 * @returns {(client: import("gws-im-sdk").GwsImClient) => void} follows this client from now on
 */
export function mountListState(onFailure) {
  const button = byId("refresh-button");
  let client;
  let asking = 0;
  /** Why the server does not give the list. */
  let refusal;

  button.addEventListener("click", async () => {
    if (asking > 0) return;
    const asked = client;
    asking += 1;
    show();
    try {
      await asked.refresh();
    } catch (error) {
      if (asked === client && error.code !== "aborted") onFailure(error);
    } finally {
      asking -= 1;
      show();
    }
  });

  function show() {
    const state = stateOf(client, asking > 0, refusal);
    const place = byId("list-state");
    button.setAttribute("aria-disabled", String(asking > 0)); // a disabled button would drop the focus
    place.dataset.state = state;
    place.replaceChildren(hiddenText("List of sessions: "), WORDS[state]);
    place.title = place.textContent + (state === "not-read" ? `, ${reason(client, refusal)}` : "");
  }

  return (followed) => {
    client = followed;
    refusal = undefined;
    client.on("connection", show);
    client.on("sessions", ({ cause }) => {
      if (cause === "refresh") refusal = undefined;
      show();
    });
    client.on("gap", ({ cause }) => {
      if (cause === "new-session") refusal = undefined; // it will be asked again
      show();
    });
    client.on("warning", (error) => {
      if (error.code === "recovery/unavailable") refusal = error;
      show();
    });
    show();
  };
}

function stateOf(client, isAsking, refusal) {
  if (isAsking) return "reading";
  if (client.synced) return "synced";
  return client.state === "connected" && !refusal ? "reading" : "not-read";
}

function reason(client, refusal) {
  if (client.state !== "connected") return "not connected";
  return refusal.message;
}
