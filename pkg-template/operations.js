// What a client asks of Genesys by REST: the operations on IM sessions as Genesys documents them, and every other call below its API.

import { checkCallOptions, checkMembers } from "./calls.js";
import { GwsImError } from "./errors.js";
import { isDevicePath, show } from "./options.js";

const METHODS = ["GET", "POST", "PUT", "DELETE"];
const SESSIONS = "/me/im-sessions";
/** "{id}" or "…/im-sessions/{id}", but no uri: the id in that is another. */
const ID_OR_PATH = /^(?:\/(?:.*\/)?im-sessions\/)?([^/]+)\/?$/;
/** No segment of a path can be this. */
const NO_SEGMENT = /^\.{1,2}$|\p{Surrogate}/u;
/** With nothing that a URL's reader drops or takes for a slash. */
const PATH = /^\/[^\\#\x00-\x1f\x7f]*$/;
/** What leads out of the API, also for servers that decode before they split. Data after the question mark leads nowhere. */
const LEADS_AWAY = /^[^?]*?(\/\/|(\/|%2f|%5c)(\.|%2e){1,2}([/;?]|%2f|%5c|$))/i;
/** Levels of JSON. More is a circle. */
const DEEPEST = 100;
/** What is certain not to have been done. */
const REFUSED = /^(gws|auth|usage)\/|^http\/4|^network\/refused$/;

export class Operations {
  #rest;
  #list;
  #devicePath;
  /** Of the last IM session that Genesys accepted. */
  #usedDevicePath;

  /**
   * @param rest `send({ method, path, body, signal, timeout, leaving })` makes one call, tells `leaving` each time right before it leaves, and rejects with a
   *   GwsImError
   * @param list the live list: `isSynced`, `find(idOrPath)`, `sending(id, text)`, `initiating(phoneNumber)`
   * @param options as `readOptions` gives them
   */
  constructor(rest, list, { devicePath }) {
    this.#rest = rest;
    this.#list = list;
    this.#devicePath = devicePath;
  }

  async initiateSession(request, options) {
    const limits = readLimits(options);
    if (request === null || typeof request !== "object") throw new GwsImError("usage/destination", { text: `initiateSession() takes { destination }, got ${show(request)}` });
    checkMembers(request, ["destination", "userData", "devicePath"]);
    const { destination, userData, devicePath = this.#devicePath } = request;
    const body = { operationName: "InitiateIMSession", destination: readDestination(destination) };
    if (userData !== undefined) body.userData = readJsonObject(userData, refusedUserData);
    if (devicePath !== undefined) body.devicePath = readDevicePath(devicePath);
    await this.#telling((call) => this.#rest.send({ method: "POST", path: SESSIONS, body, ...limits, ...call }), () => this.#list.initiating(body.destination.phoneNumber));
    this.#usedDevicePath = devicePath ?? this.#usedDevicePath;
  }

  async sendMessage(session, text, options) {
    const limits = readLimits(options);
    if (!isText(text)) throw new GwsImError("usage/text", { text: show(text) });
    const { id, known } = this.#permitted(session, "SendMessage");
    const { destination, devicePath = this.#usedDevicePath ?? this.#devicePath } = options ?? {};
    const body = {
      operationName: "SendMessage",
      text,
      destination: destination === undefined ? onlyParticipant(known) : readDestination(destination),
      devicePath: readDevicePath(devicePath),
    };
    await this.#telling((call) => this.#post(id, body, { ...limits, ...call }), () => this.#list.sending(id, text));
  }

  async complete(session, options) {
    await this.#operate("Complete", session, {}, options);
  }

  async attachUserData(session, userData, options) {
    await this.#operate("AttachUserData", session, { userData: readUserData(userData) }, options);
  }

  async updateUserData(session, userData, options) {
    await this.#operate("UpdateUserData", session, { userData: readUserData(userData) }, options);
  }

  async deleteUserData(session, key, options) {
    if (typeof key !== "string" || key === "") throw new GwsImError("usage/user-data-key", { text: show(key) });
    await this.#operate("DeleteUserData", session, { key }, options);
  }

  async request(method, path, body, options) {
    const limits = readLimits(options);
    if (!METHODS.includes(method)) throw new GwsImError("usage/method", { text: show(method) });
    if (typeof path !== "string" || !PATH.test(path) || LEADS_AWAY.test(path)) throw new GwsImError("usage/path", { text: show(path) });
    return this.#rest.send({ method, path, body: readBody(method, body), ...limits });
  }

  async #operate(operationName, session, members, options) {
    const limits = readLimits(options);
    const { id } = this.#permitted(session, operationName);
    await this.#post(id, { operationName, ...members }, limits);
  }

  /** Tells the list each time right before the call leaves, as it waits for what follows only so long and logging in may take longer, and then what became of it. */
  async #telling(send, tell) {
    let told;
    const leaving = () => {
      told?.takeBack();
      told = tell();
    };
    try {
      await send({ leaving });
    } catch (error) {
      const isUndone = GwsImError.is(error) && (error.retryable || REFUSED.test(error.code));
      if (isUndone) told?.takeBack();
      else told?.unanswered?.();
      throw error;
    }
    told?.accepted?.();
  }

  /** What is asked of one session leaves in the order in which it was asked. */
  #post(id, body, limits) {
    return this.#rest.send({ method: "POST", path: `${SESSIONS}/${encodeURIComponent(id)}`, body, lane: id, ...limits });
  }

  /** The session's id and what is known of it, unless that forbids the operation, which is named as the capability is. */
  #permitted(session, capability) {
    const { id, known } = this.#resolve(session);
    if (known?.state === "Completed") throw new GwsImError("usage/completed", { text: show(id) });
    if (!known && this.#list.isSynced) throw new GwsImError("usage/unknown-session", { text: show(id) });
    // A server that tells no capabilities at all decides by itself.
    const allowed = Array.isArray(known?.capabilities) ? known.capabilities : [];
    if (allowed.length > 0 && !allowed.includes(capability)) throw new GwsImError("usage/capability", { text: `The IM session ${show(id)} allows ${allowed.join(", ")} now, not ${capability}.` });
    return { id, known };
  }

  /** What the list knows counts. While it is not complete, the session that is given tells the rest. */
  #resolve(session) {
    const given = session !== null && typeof session === "object" ? session : undefined;
    const name = given ? given.id : session;
    const [, unlisted] = (typeof name === "string" && ID_OR_PATH.exec(name)) || [];
    const listed = typeof name === "string" ? this.#list.find(name) ?? (unlisted && this.#list.find(unlisted)) : undefined;
    const id = listed ? listed.id : unlisted;
    if (id === undefined || NO_SEGMENT.test(id)) throw new GwsImError("usage/session", { text: given ? `an object whose id is ${show(name)}` : show(name) });
    const isOutdated = this.#list.isSynced && given?.state !== "Completed";
    return { id, known: listed || (isOutdated ? undefined : given) };
  }
}

function readLimits(options) {
  const { signal, timeout } = checkCallOptions(options);
  return { signal, timeout };
}

function readDestination(given) {
  const phoneNumber = given !== null && typeof given === "object" ? given.phoneNumber : given;
  if (!isText(phoneNumber)) throw new GwsImError("usage/destination", { text: `got ${show(phoneNumber)}` });
  return { phoneNumber };
}

function onlyParticipant(session) {
  const participants = Array.isArray(session?.participants) ? session.participants : [];
  if (participants.length !== 1) throw new GwsImError("usage/destination", { text: session ? `the session has ${participants.length} participants` : "the session is not known yet" });
  const [participant] = participants;
  const phoneNumber = [participant?.phoneNumber, participant?.digits].find(isText);
  if (phoneNumber === undefined) throw new GwsImError("usage/destination", { text: "the session's participant has no number" });
  return { phoneNumber };
}

function readDevicePath(devicePath) {
  if (!isDevicePath(devicePath)) throw new GwsImError("usage/device-path", { text: show(devicePath) });
  return devicePath;
}

function readUserData(given) {
  const userData = readJsonObject(given, refusedUserData);
  if (Object.keys(userData).length === 0) throw refusedUserData("an empty object");
  if (Object.hasOwn(userData, "")) throw refusedUserData("an empty key, which could not be deleted again");
  return userData;
}

function refusedUserData(text, cause) {
  return new GwsImError("usage/user-data", { text, cause });
}

function readBody(method, given) {
  const refused = (text, cause) => new GwsImError("usage/body", { text, cause });
  if (given === undefined) return undefined;
  if (method === "GET") throw refused(`${show(given)} for GET`);
  return readJsonObject(given, refused);
}

/** A copy, so that what was checked is what is sent. */
function readJsonObject(given, refused) {
  let json;
  try {
    json = readJson(given, [], refused);
  } catch (error) {
    throw GwsImError.is(error) ? error : refused("what can't be read: see cause", error);
  }
  if (json === null || typeof json !== "object" || Array.isArray(json)) throw refused(show(json));
  return json;
}

function readJson(given, place, refused) {
  const value = typeof given?.toJSON === "function" ? given.toJSON(String(place.at(-1) ?? "")) : given;
  if (value === null || ["string", "boolean"].includes(typeof value) || Number.isFinite(value)) return value;
  const inside = (member, key) => readJson(member, [...place, key], refused);
  if (place.length < DEEPEST && Array.isArray(value)) return Array.from(value, inside);
  if (place.length < DEEPEST && isPlain(value)) return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, inside(member, key)]));
  throw refused(place.length > 0 ? `${picture(value, place.length)} at ${show(place.join("."))}` : picture(value, 0));
}

/** Also of another frame. */
function isPlain(value) {
  if (typeof value !== "object") return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function picture(value, depth) {
  if (depth >= DEEPEST && typeof value === "object") return `more than ${DEEPEST} levels, or a circle,`;
  if (typeof value === "object") return "an object of a class";
  return typeof value === "bigint" ? "a bigint" : show(value);
}

function isText(value) {
  return typeof value === "string" && value.trim() !== "";
}
