// The calls of the GWS API this page needs and gws-im-sdk does not make: log-in and the IM operations. A success means that GWS has accepted the
// request; what came of it arrives as a notification.

const API = "/api/v2";
const PATIENCE_MS = 30_000;

/** GWS refused a request, or could not be asked (`status` undefined: it may have acted nevertheless). */
export class GwsRestError extends Error {
  name = "GwsRestError";

  /** @param {{ status?: number, statusCode?: number, cause?: unknown }} facts */
  constructor(message, { status, statusCode, cause }) {
    super(message, { cause });
    this.status = status;
    this.statusCode = statusCode;
  }

  /** The login has ended, or was never made. */
  get notLoggedIn() {
    return this.status === 401 || this.statusCode === 20;
  }
}

export class GwsRest {
  #base;
  #csrf;
  #onCall;

  /**
   * @param {string} baseUrl of the GWS node
   * @param {(call: { method: string, path: string, request: unknown, status?: number, response: unknown }) => void} onCall told of every call, for a log
   */
  constructor(baseUrl, onCall) {
    this.#base = baseUrl.replace(/\/+$/, "") + API;
    this.#onCall = onCall;
  }

  /** The pair that POST, PUT and DELETE have to bring back, once a response has told it. */
  get csrfToken() {
    return this.#csrf;
  }

  /** Sends the credentials once; from then on the session cookie does. */
  logIn(username, password) {
    const utf8 = String.fromCharCode(...new TextEncoder().encode(`${username}:${password}`));
    return this.#fetchAgent({ Authorization: `Basic ${btoa(utf8)}` });
  }

  /** Who the cookie says we are; rejects when it says nothing. */
  resume() {
    return this.#fetchAgent({});
  }

  /** The end of the contact-centre session is the end of the login, so it comes last. */
  logOut() {
    return this.#call("POST", "/me", { operationName: "EndContactCenterSession" });
  }

  async sessions() {
    const { imSessions } = await this.#call("GET", "/me/im-sessions?fields=*");
    return Array.isArray(imSessions) ? imSessions.filter((resource) => typeof resource?.id === "string").map(normalise) : [];
  }

  initiate(phoneNumber, devicePath) {
    return this.#call("POST", "/me/im-sessions", { operationName: "InitiateIMSession", destination: { phoneNumber }, devicePath });
  }

  sendMessage(sessionId, text, phoneNumber, devicePath) {
    return this.#operate(sessionId, { operationName: "SendMessage", text, destination: { phoneNumber }, devicePath });
  }

  complete(sessionId) {
    return this.#operate(sessionId, { operationName: "Complete" });
  }

  attachUserData(sessionId, userData) {
    return this.#operate(sessionId, { operationName: "AttachUserData", userData });
  }

  updateUserData(sessionId, userData) {
    return this.#operate(sessionId, { operationName: "UpdateUserData", userData });
  }

  deleteUserData(sessionId, key) {
    return this.#operate(sessionId, { operationName: "DeleteUserData", key });
  }

  #operate(sessionId, operation) {
    return this.#call("POST", `/me/im-sessions/${encodeURIComponent(sessionId)}`, operation);
  }

  async #fetchAgent(headers) {
    const { user } = await this.#call("GET", "/me?subresources=devices", undefined, headers);
    const device = user?.devices?.[0];
    return { name: String(user?.userName ?? ""), phone: String(device?.phoneNumber ?? ""), devicePath: device?.path };
  }

  async #call(method, path, request, headers = {}) {
    const call = { method, path, request };
    try {
      const response = await this.#fetch(method, path, request, headers);
      call.status = response.status;
      this.#csrf = csrfPair(response) ?? this.#csrf;
      call.response = await readBody(response);
      return accepted(call);
    } finally {
      this.#onCall(call);
    }
  }

  async #fetch(method, path, request, headers) {
    const options = { method, headers: { Accept: "application/json", ...headers }, credentials: "include", cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) };
    if (request) {
      options.body = JSON.stringify(request);
      options.headers["Content-Type"] = "application/json;charset=UTF-8";
    }
    if (method !== "GET" && this.#csrf) options.headers[this.#csrf.header] = this.#csrf.token;
    try {
      return await fetch(this.#base + path, options);
    } catch (cause) {
      throw new GwsRestError(cause.name === "TimeoutError" ? "The server did not answer in time." : "The server could not be reached.", { cause });
    }
  }
}

/** Any response may carry it. */
function csrfPair(response) {
  const header = response.headers.get("X-CSRF-HEADER");
  const token = response.headers.get("X-CSRF-TOKEN");
  return header && token ? { header, token } : undefined;
}

async function readBody(response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** 7 is partial success: what could be done is done. */
function accepted({ status, response }) {
  const statusCode = response?.statusCode;
  if (status < 300 && (statusCode === 0 || statusCode === 7)) return response;
  const words = response?.statusMessage ?? (status < 300 ? "The server's answer is not one of GWS." : `The server answered ${status}.`);
  throw new GwsRestError(String(words), { status, statusCode });
}

/** Straightens out the resource of a GET as the SDK does that of a notification. */
function normalise({ id, path, state, capabilities, participants, userData }) {
  return {
    id,
    path: typeof path === "string" ? path : `/im-sessions/${id}`,
    state: String(state ?? "").trim(),
    capabilities: Array.isArray(capabilities) ? capabilities.map(String) : [],
    participants: Array.isArray(participants) ? participants.map((one) => (typeof one === "string" ? { phoneNumber: one } : one ?? {})) : [],
    userData: userData ?? undefined,
  };
}
