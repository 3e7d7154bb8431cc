// The live list of IM sessions: what notifications and the server's own list say of them, as snapshots that are never altered.

import { SentTexts } from "./sent-texts.js";
import { Sequence } from "./sequence.js";
import { SessionLog } from "./session-log.js";
import { copied, isObject, isSame, isSameSet } from "./session-values.js";

/** A session in one of these states has had no text yet. */
const BEGINNINGS = ["Initiating", "Alerting"];
/** Sessions whose texts are kept before their first state. */
const MOST_ORPHANS = 100;
/** Sessions that have left the list of which it is remembered when they were last heard of. */
const MOST_DROPPED = 1_000;
/** Vacated places of the sequence before they are closed up. */
const FEWEST_TO_CLOSE = 32;

export class SessionList {
  /** Whether the list is known to be complete and the channel stands. Set by the client. A session first seen then began under our eyes. */
  isSynced = false;
  /** By id, in the order they were first seen: { session, log, stamp, position }. */
  #records = new Map();
  /** Those whose path ends in another id than theirs, by that. */
  #byPath = new Map();
  /** Logs of sessions that have had no state yet, by the last segment of their path. */
  #orphans = new Map();
  /** Records of completed sessions in the order they were completed. */
  #completed = new Set();
  /** Stamps of sessions that have left the list: a list of the server's that is older than the last state must not bring them back. */
  #dropped = new Map();
  #sequence = new Sequence();
  #counter = 0;
  #sent;
  #maxLogEntries;
  #maxCompletedSessions;
  #now;

  constructor({ maxLogEntries, maxCompletedSessions, now = Date.now }) {
    this.#maxLogEntries = maxLogEntries;
    this.#maxCompletedSessions = maxCompletedSessions;
    this.#now = now;
    this.#sent = new SentTexts(now);
  }

  /** The same array until something changed. */
  get sessions() {
    return this.#sequence.values;
  }

  find(idOrPath) {
    if (typeof idOrPath !== "string") return undefined;
    return (this.#records.get(idOrPath) ?? this.#atPath(idOrPath))?.session;
  }

  /** The receive counter, to be taken before the server's list is asked for. */
  get mark() {
    return this.#counter;
  }

  /** A notification brought this resource, which gets the user data it lacks. Returns what changed, if anything did. */
  stateChanged(resource, notificationType) {
    const stamp = (this.#counter += 1);
    const known = this.#records.get(resource.id);
    if (!isObject(resource.userData)) resource.userData = known && notificationType !== "AttachedDataChanged" ? copied(known.session.userData) : {};
    if (!known && isCompleted(resource) && this.#maxCompletedSessions === 0) {
      remember(this.#dropped, resource.id, stamp, MOST_DROPPED);
      return undefined;
    }
    const record = known ?? this.#begin(resource, this.isSynced || BEGINNINGS.includes(resource.state));
    record.stamp = stamp;
    return this.#change([this.#update(record, resource, isSame)]);
  }

  /** A text arrived. It may come before its session: then it is kept, and adopted by the session's first state. */
  textArrived(imSessionPath, text) {
    const record = this.#atPath(imSessionPath);
    const key = lastSegment(imSessionPath);
    const direction = this.#sent.take(record?.session.id ?? key, text) ? "probably-outgoing" : "unknown";
    const entry = { text, receivedAt: this.#now(), direction };
    if (record) {
      record.log.addText(entry);
      return this.#change([this.#put(record)]);
    }
    if (!this.#orphans.has(key)) remember(this.#orphans, key, this.#newLog(this.isSynced), MOST_ORPHANS);
    this.#orphans.get(key).addText(entry);
    return undefined;
  }

  /** Texts may be missing from now on. Returns what changed, and the ids of the live sessions. */
  gap(at) {
    const live = [...this.#records.values()].filter(({ session }) => !isCompleted(session));
    const changed = live.filter(({ log }) => log.addGap(at)).map((record) => this.#put(record));
    for (const log of this.#orphans.values()) log.addGap(at);
    return { change: this.#change(changed), ids: live.map(({ session }) => session.id) };
  }

  /** Takes over the server's list, asked for at `mark`. Of what a notification has told since, the list knows nothing. Returns the notifications
   *  that would have told the differences, and what changed. Sessions unknown until now are told of only if `tellNew`. */
  reconcile(resources, mark, tellNew) {
    const listed = new Set();
    const recovered = [];
    const changed = [];
    const take = (record, resource, tell) => {
      const before = record.session;
      const after = this.#update(record, resource, isSameSet);
      if (after) changed.push(after);
      if (after && tell) recovered.push(...differences(before, after).map((type) => notification(type, after)));
    };
    for (const resource of resources) {
      const { id } = resource;
      const known = this.#records.get(id);
      const isHeardOfSince = (known?.stamp ?? this.#dropped.get(id) ?? 0) > mark;
      // One completed that finds no place would be new, and told of, in every list that still has it.
      const hasPlace = known || !isCompleted(resource) || this.#completed.size < this.#maxCompletedSessions;
      if (!listed.has(id) && !isHeardOfSince && hasPlace) take(known ?? this.#begin(resource, false), resource, known || tellNew);
      listed.add(id);
    }
    for (const record of this.#records.values()) {
      const { session, stamp } = record;
      if (!listed.has(session.id) && stamp <= mark && !isCompleted(session)) take(record, { ...resourceOf(session), state: "Completed" }, true);
    }
    return { recovered, change: this.#change(changed) };
  }

  /** This client sends a text. Returns a function that takes it back, should the operation fail. */
  sending(id, text) {
    return this.#sent.add(this.find(id)?.id ?? lastSegment(id), text);
  }

  /** A session is found by its own path before one whose id the path ends in. */
  #atPath(path) {
    const key = lastSegment(path);
    const record = this.#records.get(key);
    if (record && lastSegment(record.session.path) === key) return record;
    return this.#byPath.get(key) ?? record;
  }

  #newLog(isComplete) {
    const log = new SessionLog(this.#maxLogEntries);
    if (!isComplete) log.addGap(this.#now());
    return log;
  }

  /** A session is first seen, or its texts were before: then they tell whether it began under our eyes. */
  #begin({ id, path }, isComplete) {
    const orphan = [lastSegment(path), id].find((key) => this.#orphans.has(key));
    const record = { session: undefined, log: this.#orphans.get(orphan) ?? this.#newLog(isComplete), stamp: 0, position: this.#sequence.length };
    this.#orphans.delete(orphan);
    this.#records.set(id, record);
    return record;
  }

  /** Returns the new snapshot, or undefined if nothing differs. What is equal stays the very same. */
  #update(record, resource, areSameCapabilities) {
    const known = record.session;
    const kept = (name, areSame) => (known && areSame(known[name], resource[name]) ? known[name] : copied(resource[name], Object.freeze));
    const fields = resourceOf({
      ...resource,
      uri: typeof resource.uri === "string" ? resource.uri : known?.uri,
      capabilities: kept("capabilities", areSameCapabilities),
      participants: kept("participants", isSame),
      userData: isObject(resource.userData) ? kept("userData", isSame) : (known?.userData ?? Object.freeze({})),
    });
    const isChanged = !known || Object.keys(fields).some((name) => fields[name] !== known[name]);
    return isChanged ? this.#put(record, fields) : undefined;
  }

  #put(record, fields = resourceOf(record.session)) {
    const known = record.session;
    const session = (record.session = new ImSession(fields, record.log));
    this.#sequence = this.#sequence.with(record.position, session);
    if (known?.path !== session.path) {
      if (known) this.#forgetPath(record, known.path);
      if (lastSegment(session.path) !== session.id) this.#byPath.set(lastSegment(session.path), record);
    }
    if (isCompleted(session)) this.#completed.add(record);
    else this.#completed.delete(record);
    if (this.#completed.size > this.#maxCompletedSessions) this.#drop(this.#completed.values().next().value);
    return session;
  }

  #drop(record) {
    const { id, path } = record.session;
    this.#completed.delete(record);
    this.#records.delete(id);
    this.#forgetPath(record, path);
    remember(this.#dropped, id, record.stamp, MOST_DROPPED);
    this.#sequence = this.#sequence.with(record.position, undefined);
    if (this.#sequence.length > 2 * this.#records.size + FEWEST_TO_CLOSE) this.#closeUp();
  }

  #forgetPath(record, path) {
    if (this.#byPath.get(lastSegment(path)) === record) this.#byPath.delete(lastSegment(path));
  }

  /** Seldom enough that it costs each dropped session the same, however many there are. */
  #closeUp() {
    this.#sequence = new Sequence();
    for (const record of this.#records.values()) {
      record.position = this.#sequence.length;
      this.#sequence = this.#sequence.with(record.position, record.session);
    }
  }

  /** What one call changed, and the list right after it, whenever that is read. */
  #change(snapshots) {
    const changed = Object.freeze(snapshots.filter((session) => session !== undefined));
    if (changed.length === 0) return undefined;
    const sequence = this.#sequence;
    return {
      changed,
      get sessions() {
        return sequence.values;
      },
    };
  }
}

class ImSession {
  constructor(fields, log) {
    Object.assign(this, fields, { logComplete: log.isComplete });
    Object.defineProperty(this, "log", { enumerable: true, get: log.read });
    Object.freeze(this);
  }

  /** Capabilities alone prove nothing: the server lists them for completed sessions as well. */
  can(capability) {
    return !isCompleted(this) && this.capabilities.includes(capability);
  }
}

function isCompleted({ state }) {
  return state === "Completed";
}

/** The documented members, and no log. */
function resourceOf({ id, path, uri, state, capabilities, participants, userData }) {
  return { id, path, ...(uri !== undefined && { uri }), state, capabilities, participants, userData };
}

/** The notificationTypes that would have told it. What is equal is the same. */
function differences(before, after) {
  const isOther = (name) => before?.[name] !== after[name];
  const types = ["state", "capabilities", "participants"].some(isOther) ? ["StatusChange"] : [];
  return before && isOther("userData") ? [...types, "AttachedDataChanged"] : types;
}

function notification(notificationType, session) {
  const { capabilities, participants, userData } = session;
  const imSession = { ...resourceOf(session), capabilities: copied(capabilities), participants: copied(participants), userData: copied(userData) };
  return { messageType: "IMSessionStateChangeMessage", notificationType, imSession, recovered: true };
}

/** What stands before it, and slashes at the end, do not matter. */
function lastSegment(path) {
  let end = path.length;
  while (path[end - 1] === "/") end -= 1;
  return path.slice(path.lastIndexOf("/", end - 1) + 1, end);
}

/** Adds to a map of at most `most` members; the oldest goes. */
function remember(map, key, value, most) {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value);
}
