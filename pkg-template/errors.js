// The error class, and the sentence for each code.

const BRAND = Symbol.for("gws-im-sdk.error");

export class GwsImError extends Error {
  /** Also true for an error made by another copy of the package. */
  static is(value) {
    return value instanceof Error && value[BRAND] === true;
  }

  constructor(code, { text, status, retryable = code === "aborted", cause } = {}) {
    super(sentence(code, text ?? status), cause === undefined ? undefined : { cause });
    this.name = "GwsImError";
    this.code = code;
    this.retryable = retryable;
    if (status !== undefined) this.status = status;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** By code, or by the part before the slash. `%` stands for the server's words, or for what the caller gave. */
const SENTENCES = {
  aborted: "The call was given up before it was done.",
  "auth/cookies": "The server does not get its session cookie back: third-party cookies are blocked, SameSite keeps the cookie from this page, or the load balancer is not sticky.",
  "auth/redirect": "The server answered with a redirect, which leads to a login page.",
  "auth/required": "Genesys Web Services wants a login. Log in and call connect() again, or give the option reauthenticate.",
  http: "The server answered with HTTP %.",
  "network/failed": "The server could not be reached, or the connection broke. The browser says the same when it blocks a request: by CORS, or by connect-src of the page's content security policy.",
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
  "protocol/not-a-message": "The server sent something that is not a message; it was ignored.",
  "protocol/not-json": "The server's answer is not JSON.",
  "protocol/not-messages": "The server's answer is neither an array of messages nor a message.",
  "protocol/unknown-meta-channel": "The server sent a message on an unknown meta channel; it was ignored.",
  "protocol/unknown-reconnect": "The server advises something unknown; the default was followed.",
  "protocol/unknown-reply": "The server sent a reply to nothing that was asked; it was ignored.",
  server: "The server refused: %",
  "server/ended": "The server ended the channel. %",
  "server/multiple-clients": "Another CometD session of this browser slows this one down; the server says so.",
  "usage/disposed": "This client is disposed. Create another.",
  "usage/event": "%",
  "usage/high-water-mark": "%",
  "usage/listener": "%",
  "usage/message-too-large": "A topic has at most 8,000 characters, this one % of them: no server takes the message.",
  "usage/not-subscribed": "There is no subscription to %.",
  "usage/options": "%",
  "usage/signal": "%",
  "usage/slow-iterator": "A notifications() iterator is read too slowly; the oldest notification was dropped.",
  "usage/too-many-subscriptions": "There are too many subscriptions; %, one more, was not made.",
  "usage/topic": "% is no topic. A topic is a channel like /v2/me/calls, /v2/me/* or /v2/**, with segments of letters, digits, spaces and ! # $ ( ) + - . @ _ { } ~. /meta/ is the protocol's own.",
  "wasm/csp": "The page's content security policy forbids WebAssembly. Add 'wasm-unsafe-eval' to its script-src directive.",
  "wasm/not-found": "The WebAssembly file could not be loaded from %. Serve it there, or call init() with where it is.",
  "wasm/not-loaded": "The WebAssembly module is not loaded. Await init() or GwsImClient.create() first.",
  "wasm/not-wasm": "What was loaded is not the WebAssembly module: %",
  "wasm/panicked": "The SDK has failed, which is a bug: %. A new client starts afresh.",
  "wasm/unsupported": "This browser can't run the WebAssembly module: %",
};

function sentence(code, text) {
  const found = SENTENCES[code] ?? SENTENCES[code.split("/")[0]] ?? code;
  return found.replace("%", () => text ?? "").trim();
}
