// The error class, and the sentence for each code.

const BRAND = Symbol.for("gws-im-sdk.error");

export class GwsImError extends Error {
  /** Also true for an error made by another copy of the package. */
  static is(value) {
    return value instanceof Error && value[BRAND] === true;
  }

  constructor(code, { text, status, statusCode, statusMessage, retryable = code === "aborted", cause } = {}) {
    super(code.startsWith("gws/") ? refusal(code.slice(4), text ?? statusMessage) : sentence(code, text ?? status), cause === undefined ? undefined : { cause });
    this.name = "GwsImError";
    this.code = code;
    this.retryable = retryable;
    for (const [name, value] of Object.entries({ status, statusCode, statusMessage })) {
      if (value !== undefined) this[name] = value;
    }
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** By code, or by the part before the slash. `%` stands for the server's words, or for what the caller gave. */
export const SENTENCES = {
  aborted: "The call was given up before it was done.",
  "auth/cookies": "The server does not get its session cookie back: third-party cookies are blocked, SameSite keeps the cookie from this page, or the load balancer is not sticky.",
  "auth/csrf": "The server refuses the request: its token against cross-site request forgery is missing or wrong. Leave the option csrf at true and let the server expose X-CSRF-HEADER and X-CSRF-TOKEN to this page, or give the session's token as csrf.",
  "auth/redirect": "The server answered with a redirect, which leads to a login page.",
  "auth/required": "Genesys Web Services wants a login: there is no way to get one, or it did not help. Log in and call connect() again; the option reauthenticate does both.",
  http: "The server answered with HTTP %.",
  "network/failed": "The server could not be reached, or the connection broke. The browser says the same when it blocks a request: by CORS, or by connect-src of the page's content security policy.",
  "network/outcome-unknown": "The connection ended before the answer came: Genesys may have done what was asked, or not. Look before you ask again.",
  "network/refused": "The request could not be made: the function given as headers or csrf failed, or what it gave can't be sent. See cause.",
  "network/socket-closed": "The WebSocket closed, or did not open: close code %.",
  "network/socket-stalled": "The WebSocket does not get rid of what it is given.",
  "network/timeout": "The server did not answer in time.",
  options: "%",
  "protocol/ack": "The server sent an acknowledgement that can't be read; it was ignored.",
  "protocol/advice": "The server sent an advice that can't be read; it was ignored.",
  "protocol/member": "The server sent a reply with a member of the wrong type; the member was ignored.",
  "protocol/no-channel": "The server sent a message without a channel; it was ignored.",
  "protocol/no-client-id": "The server accepted the handshake without giving a client id.",
  "protocol/no-connection-type": "The server offers no connection type that the option transports allows.",
  "protocol/no-data": "The server sent a message without data; it was ignored.",
  "protocol/no-reply": "The server's answer lacks the reply to what was asked.",
  "protocol/no-sessions": "The server's answer lacks the list of IM sessions.",
  "protocol/no-status-code": "The server's answer lacks the statusCode that every answer of Genesys has.",
  "protocol/not-a-message": "The server sent something that is not a message; it was ignored.",
  "protocol/not-json": "The server's answer is not JSON.",
  "protocol/not-messages": "The server's answer is neither an array of messages nor a message.",
  "protocol/unknown-meta-channel": "The server sent a message on an unknown meta channel; it was ignored.",
  "protocol/unknown-reconnect": "The server advises something unknown; the default was followed.",
  "protocol/unknown-reply": "The server sent a reply to nothing that was asked; it was ignored.",
  "recovery/unavailable": "The server does not give the list of IM sessions: what changed in a gap stays unknown. %",
  server: "The server refused: %",
  "server/ended": "The server ended the channel. %",
  "server/multiple-clients": "Another CometD session of this browser slows this one down; the server says so.",
  "usage/body": "A body must be an object of JSON values, and none for GET; got %.",
  "usage/capability": "% Wait until its capabilities change: the event sessions tells.",
  "usage/cometd": "%",
  "usage/completed": "The IM session % is completed. initiateSession() begins another.",
  "usage/destination": "To whom? Give destination as a phone number or { phoneNumber }; %.",
  "usage/device-path": "Genesys wants to know the device to send from. Give devicePath with the call or to the client, a path like \"/devices/8191741c\"; got %.",
  "usage/disposed": "This client is disposed. Create another.",
  "usage/event": "%",
  "usage/high-water-mark": "%",
  "usage/listener": "%",
  "usage/message-too-large": "A topic has at most 8,000 characters, this one % of them: no server takes the message.",
  "usage/method": "The method must be GET, POST, PUT or DELETE, got %.",
  "usage/not-subscribed": "There is no subscription to %.",
  "usage/options": "%",
  "usage/path": "A path begins with one slash, is below apiPath, and has no \\, # or control character, no // and no segment . or ..; got %.",
  "usage/session": "A session is given as an object of client.sessions, or by its id or path, got %.",
  "usage/signal": "%",
  "usage/slow-iterator": "A notifications() iterator is read too slowly; the oldest notification was dropped.",
  "usage/text": "There is nothing to send: the text must be a string that is not blank, got %.",
  "usage/too-many-subscriptions": "There are too many subscriptions; %, one more, was not made.",
  "usage/topic": "% is no topic. A topic is a channel like /v2/me/calls, /v2/me/* or /v2/**, with segments of letters, digits, spaces and ! # $ ( ) + - . @ _ { } ~. /meta/ is the protocol's own.",
  "usage/unknown-session": "There is no IM session %. Those there are stand in client.sessions.",
  "usage/user-data": "User data must be an object of at least one key with a JSON value, got %.",
  "usage/user-data-key": "A key of user data is a string that is not empty, got %.",
  "wasm/csp": "The page's content security policy forbids WebAssembly. Add 'wasm-unsafe-eval' to its script-src directive.",
  "wasm/not-found": "The WebAssembly file could not be loaded from %. Serve it there, or call init() with where it is.",
  "wasm/not-loaded": "The WebAssembly module is not loaded. Await init() or GwsImClient.create() first.",
  "wasm/not-wasm": "What was loaded is not the WebAssembly module: %",
  "wasm/panicked": "The SDK has failed, which is a bug: %. A new client starts afresh.",
  "wasm/unsupported": "This browser can't run the WebAssembly module: %",
};

/** What Genesys means by a statusCode, by its number: 0 is success, 7 success in part. */
const REFUSALS = {
  1: "a parameter is missing",
  2: "a parameter does not fit the present state",
  3: "the operation is forbidden",
  4: "internal error of Genesys or a server behind it",
  5: "no permission",
  6: "it does not exist",
  8: "the password must be changed first",
  9: "it was not done completely",
  10: "a value is wrong or out of range",
  11: "the property is read-only",
  12: "it can't be retrieved",
  13: "it can't be created",
  14: "it can't be deleted",
  15: "it can't be updated",
  16: "it can't be assigned",
  17: "it can't be unassigned",
  18: "it exists already",
  19: "it is in use already",
  20: "not logged in",
};

function refusal(statusCode, words) {
  const meaning = REFUSALS[statusCode];
  const what = statusCode === "7" ? "did only a part of it" : `refused${meaning ? `: ${meaning}` : ""}`;
  return `Genesys ${what} (statusCode ${statusCode}). ${words ?? ""}`.trim();
}

function sentence(code, text) {
  const found = SENTENCES[code] ?? SENTENCES[code.split("/")[0]] ?? code;
  return found.replace("%", () => text ?? "").trim();
}
