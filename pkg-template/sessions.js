// The live list of IM sessions: what notifications and the server's own list say of them, as snapshots that are never altered.

import { BoundedMap } from "./bounded-map.js";
import { RequestedSessions } from "./requested-sessions.js";
import { SentTexts } from "./sent-texts.js";
import { Sequence } from "./sequence.js";
import { SessionLog } from "./session-log.js";
import { copied, frozen, isObject, isSame, isSameSet } from "./session-values.js";

/** A session in one of these states has had no text yet. */
const BEGINNINGS = ["Initiating", "Alerting"];
/** Sessions whose texts are kept before their first state, and the characters of all these texts. */
const MOST_ORPHANS = 100;
const MOST_ORPHAN_CHARACTERS = 4_000_000;
/** Sessions that are remembered after they or their texts were dropped, and the characters of their names. */
const MOST_DROPPED = 10_000;
const MOST_DROPPED_CHARACTERS = 1_000_000;
/** The documented members. */
const MEMBERS = ["id", "path", "uri", "state", "capabilities", "participants", "userData"];
/** Vacated places of the sequence before they are closed up. */
const FEWEST_TO_CLOSE = 32;

export class SessionList {
  /** Whether the list is known to be complete and the channel stands. Set by the client. A session first seen then began under our eyes. */
  isSynced = false;
  /** Told of what an own operation changes. Set by who tells it. */
  changedByOwn = () => {};
  /** By id, in the order they were first seen: { version, log, key, stamp, position, doubt }, with the last segment of the path as key. One first seen by a
   *  StatusChange has in `doubt` the stamp of that. */
  #records = new Map();
  /** Those whose path ends in another id than theirs, by that. */
  #byPath = new Map();
  /** Logs of sessions that have had no state yet, by the last segment of their path: { log, characters }, with those of the path and of all texts that came. */
  #orphans;
  /** Records of completed sessions in the order they were completed. */
  #completed = new Set();
  /** Stamps of sessions that have left the list: a list of the server's that is older than the last state must not bring them back. What is named here,
   *  by id or by the last segment of a path, had or may have had texts that are gone. */
  #dropped = new BoundedMap(MOST_DROPPED, MOST_DROPPED_CHARACTERS);
  /** Whether the server's list, when last read, could be read to its last entry. */
  #isWhole = true;
  #sequence = emptySequence();
  #counter = 0;
  /** Nothing that happened at the server since this stamp was missed. */
  #heardSince = 0;
  #sent;
  #requested;
  #maxLogEntries;
  #maxCompletedSessions;
  #now;

  constructor({ maxLogEntries, maxCompletedSessions, maxOrphans = MOST_ORPHANS, maxOrphanCharacters = MOST_ORPHAN_CHARACTERS, now = Date.now }) {
    this.#orphans = new BoundedMap(maxOrphans, maxOrphanCharacters);
    this.#maxLogEntries = maxLogEntries;
    this.#maxCompletedSessions = maxCompletedSessions;
    this.#now = now;
    this.#sent = new SentTexts(now);
    this.#requested = new RequestedSessions(now);
  }

  /** Whether the channel stands. Set by who tells what comes on it. */
  get isListening() {
    return this.#sent.isListening;
  }

  set isListening(isListening) {
    if (isListening && !this.isListening) this.#heardSince = this.#counter += 1;
    this.#sent.isListening = isListening;
  }

  /** The same array until something changed. */
  get sessions() {
    return this.#sequence.values;
  }

  find(idOrPath) {
    return this.#recordOf(idOrPath)?.version.session;
  }

  /** The receive counter, to be taken before the server's list is asked for. */
  get mark() {
    return this.#counter;
  }

  /** A notification brought this resource, which gets the user data it lacks. Returns what changed, if anything did. */
  stateChanged(resource, notificationType) {
    const stamp = (this.#counter += 1);
    const known = this.#records.get(resource.id);
    if (!isObject(resource.userData)) resource.userData = known && notificationType !== "AttachedDataChanged" ? copied(known.version.resource.userData) : {};
    if (!known && isCompleted(resource) && this.#maxCompletedSessions === 0) {
      this.#rememberDropped(resource.id, stamp);
      return undefined;
    }
    const changed = [];
    const record = known ?? this.#begin(resource, this.#isComplete || BEGINNINGS.includes(resource.state), changed, notificationType === "StatusChange" ? stamp : 0);
    record.stamp = stamp;
    const version = this.#update(record, resource, isSame);
    if (version) changed.push(version);
    return this.#change(changed);
  }

  /** A text arrived. It may come before its session: then it is kept, and adopted by the session's first state. One of one's own that was logged before it
   *  came changes nothing. */
  textArrived(imSessionPath, text) {
    const key = lastSegment(imSessionPath);
    const record = this.#atKey(key);
    const sent = this.#sent.take(record?.version.resource.id ?? key, text);
    if (sent?.isLogged) return undefined;
    const entry = { text, receivedAt: this.#now(), direction: sent ? "probably-outgoing" : "unknown" };
    if (record) {
      record.log.addText(entry);
      return this.#change([this.#put(record, record.version.resource)]);
    }
    const orphan = this.#orphans.get(key) ?? { log: this.#newLog(this.#isComplete && !this.#dropped.has(key)), characters: imSessionPath.length };
    orphan.log.addText(entry);
    orphan.characters += text.length;
    for (const gone of this.#orphans.set(key, orphan, orphan.characters)) this.#rememberDropped(gone);
    return undefined;
  }

  /** Texts may be missing from now on. Returns what changed, and the ids of the live sessions. */
  gap(at) {
    this.#heardSince = this.#counter += 1;
    this.#sent.gap();
    this.#requested.clear();
    const live = [...this.#records.values()].filter(({ version }) => !isCompleted(version.resource));
    const changed = live.filter((record) => this.#addGap(record, at)).map((record) => this.#put(record, record.version.resource));
    for (const { log } of this.#orphans.values) log.addGap(at);
    return { change: this.#change(changed), ids: live.map(({ version }) => version.resource.id) };
  }

  /** Takes over the server's list, asked for at `mark`. Of what a notification has told since, the list knows nothing. Returns the notifications
   *  that would have told the differences, and what changed. Sessions unknown until now are told of only if `tellNew`. A list that is not `isWhole` had
   *  entries that could not be read: then it does not tell which sessions are gone, nor that one first seen later is new. */
  reconcile(resources, mark, tellNew, isWhole = true) {
    this.#isWhole = isWhole;
    const listed = new Set(resources.map(({ id }) => id));
    const taken = new Set();
    const recovered = [];
    const changed = isWhole ? this.#confirmBegun(listed, mark) : [];
    const take = (record, resource, tell) => {
      const before = record.version?.resource;
      // Its end was not heard of, so neither may texts before it: no gap that is told later meets a completed session.
      if (before && !isCompleted(before) && isCompleted(resource)) this.#addGap(record, this.#now());
      const version = this.#update(record, resource, isSameSet);
      if (version) changed.push(version);
      if (version && tell) recovered.push(...differences(before, version.resource).map((type) => notification(type, version.resource)));
    };
    for (const resource of resources) {
      const { id } = resource;
      const known = this.#records.get(id);
      const isHeardOfSince = (known?.stamp ?? this.#dropped.get(id) ?? 0) > mark;
      // One completed that finds no place would be new, and told of, in every list that still has it.
      const hasPlace = known || !isCompleted(resource) || this.#completed.size < this.#maxCompletedSessions;
      if (!hasPlace) this.#rememberDropped(id);
      else if (!taken.has(id) && !isHeardOfSince) take(known ?? this.#begin(resource, false, changed), resource, known || tellNew);
      taken.add(id);
    }
    for (const record of isWhole ? this.#records.values() : []) {
      const { version: { resource }, stamp } = record;
      if (!listed.has(resource.id) && stamp <= mark && !isCompleted(resource)) take(record, { ...resource, state: "Completed" }, true);
    }
    return { recovered, change: this.#change(changed) };
  }

  /** This client sends a text. Returns what to call when it is known what became of it, or that this will never be known. */
  sending(id, text) {
    const sent = this.#sent.add(this.#recordOf(id)?.version.resource.id ?? lastSegment(id), text);
    return {
      accepted: () => {
        this.#sent.accepted(sent);
        this.#logLost(sent);
      },
      unanswered: () => this.#sent.answered(sent),
      takeBack: () => this.#sent.delete(sent),
    };
  }

  /** This client asks for a session with that number. Returns what to call should it be refused. */
  initiating(phoneNumber) {
    const request = this.isListening ? this.#requested.add(phoneNumber) : {};
    return { takeBack: () => this.#tellOwn(this.#doubt(request)) };
  }

  /** Whether a session first heard of now began now. */
  get #isComplete() {
    return this.isSynced && this.#isWhole;
  }

  #recordOf(idOrPath) {
    if (typeof idOrPath !== "string") return undefined;
    return this.#records.get(idOrPath) ?? this.#atKey(lastSegment(idOrPath));
  }

  /** A session is found by its own path before one whose id the path ends in. */
  #atKey(key) {
    const record = this.#records.get(key);
    return record?.key === key ? record : (this.#byPath.get(key) ?? record);
  }

  #newLog(isComplete) {
    const log = new SessionLog(this.#maxLogEntries);
    if (!isComplete) log.addFirstGap(this.#now());
    return log;
  }

  /** A session is first seen, or its texts were before: then they tell whether it began under our eyes. One that has left the list did not begin now,
   *  and what its log held is gone. What else this changes is added to `changed`. */
  #begin(resource, isComplete, changed, stamp = 0) {
    const { id, path } = resource;
    const record = { version: undefined, log: undefined, key: undefined, stamp: 0, position: this.#sequence.length, doubt: 0 };
    const isBegun = this.#isRequested(resource, record, isComplete, changed) || isComplete;
    const keys = [lastSegment(path), id];
    const orphan = keys.find((key) => this.#orphans.has(key));
    const wasDropped = keys.some((key) => this.#dropped.has(key));
    record.log = this.#orphans.get(orphan)?.log ?? this.#newLog(isBegun);
    if (wasDropped) record.log.addFirstGap(this.#now());
    else if (orphan === undefined) record.doubt = stamp;
    this.#orphans.delete(orphan);
    this.#records.set(id, record);
    return record;
  }

  /** What a list asked for at `mark` does not have, and was first seen since by a change of its state, began since, and nothing of it was missed. Returns what changed. */
  #confirmBegun(listed, mark) {
    if (this.#heardSince > mark) return [];
    const begun = [...this.#records.values()].filter(({ version: { resource }, doubt }) => doubt > mark && !listed.has(resource.id) && !isCompleted(resource));
    for (const record of begun) this.#requested.settle(record);
    return begun.filter(({ log }) => log.removeFirstGap()).map((record) => this.#put(record, record.version.resource));
  }

  /** Whether a session first seen is one that was asked for, and so began since. Of two that fit one request, nothing is known of either. */
  #isRequested({ state, participants }, record, isComplete, changed) {
    const request = isCompleted({ state }) ? undefined : this.#requested.find(participants);
    if (!request) return false;
    if (request.record || isComplete) {
      changed.push(...this.#doubt(request));
      return false;
    }
    request.record = record;
    return true;
  }

  /** The request is over. What was held for its session may have begun before. Returns the version of that, if it changed. */
  #doubt(request) {
    this.#requested.delete(request);
    const { record } = request;
    const isListed = record && this.#records.get(record.version.resource.id) === record;
    if (!isListed || !record.log.moment.isComplete) return [];
    record.log.addFirstGap(this.#now());
    return [this.#put(record, record.version.resource)];
  }

  /** What was sent to the session and has not arrived stands right behind the gap. Returns whether anything changed. */
  #addGap({ version, log }, at) {
    const isNew = log.addGap(at);
    const unheard = this.#sent.unheard(version.resource.id);
    for (const sent of unheard) log.addText(this.#sent.entryOf(sent));
    return isNew || unheard.length > 0;
  }

  /** One that was accepted before the gap, and the answer came after it. In a log that misses nothing it will arrive. */
  #logLost(sent) {
    const record = this.#sent.isLost(sent) ? this.#recordOf(sent.id) : undefined;
    if (!record || record.log.moment.isComplete) return;
    record.log.addText(this.#sent.entryOf(sent));
    this.#tellOwn([this.#put(record, record.version.resource)]);
  }

  #tellOwn(versions) {
    if (versions.length > 0) this.changedByOwn(this.#change(versions));
  }

  /** Returns the new version, or undefined if nothing differs. What is equal stays the very same. */
  #update(record, resource, areSameCapabilities) {
    const known = record.version?.resource;
    const kept = (name, areSame) => (known && areSame(known[name], resource[name]) ? known[name] : copied(resource[name]));
    const taken = {
      id: resource.id,
      path: resource.path,
      uri: typeof resource.uri === "string" ? resource.uri : known?.uri,
      state: resource.state,
      capabilities: kept("capabilities", areSameCapabilities),
      participants: kept("participants", isSame),
      userData: isObject(resource.userData) ? kept("userData", isSame) : (known?.userData ?? {}),
    };
    if (known && MEMBERS.every((name) => taken[name] === known[name])) return undefined;
    const version = this.#put(record, taken);
    if (taken.path !== known?.path) this.#rememberPath(record, taken);
    if (isCompleted(taken)) this.#completed.add(record);
    else this.#completed.delete(record);
    if (this.#completed.size > this.#maxCompletedSessions) this.#drop(this.#completed.values().next().value);
    return version;
  }

  #put(record, resource) {
    record.version = new Version(resource, record.log.moment);
    this.#sequence = this.#sequence.with(record.position, record.version);
    return record.version;
  }

  #drop(record) {
    const { id } = record.version.resource;
    this.#completed.delete(record);
    this.#records.delete(id);
    this.#forgetPath(record);
    this.#rememberDropped(id, record.stamp);
    this.#sequence = this.#sequence.with(record.position, undefined);
    if (this.#sequence.length > 2 * this.#records.size + FEWEST_TO_CLOSE) this.#closeUp();
  }

  #rememberDropped(name, stamp = this.#dropped.get(name) ?? 0) {
    this.#dropped.set(name, stamp, name.length);
  }

  #rememberPath(record, { id, path }) {
    this.#forgetPath(record);
    record.key = lastSegment(path);
    if (record.key !== id) this.#byPath.set(record.key, record);
  }

  #forgetPath(record) {
    if (this.#byPath.get(record.key) === record) this.#byPath.delete(record.key);
  }

  /** Seldom enough that it costs each dropped session the same, however many there are. */
  #closeUp() {
    this.#sequence = emptySequence();
    for (const record of this.#records.values()) {
      record.position = this.#sequence.length;
      this.#sequence = this.#sequence.with(record.position, record.version);
    }
  }

  #change(versions) {
    if (versions.length === 0) return undefined;
    const last = versions.length > 1 ? [...new Map(versions.map((version) => [version.resource.id, version])).values()] : versions;
    return new Change(last, this.#sequence);
  }
}

/** What one call changed, and the list right after it, whenever that is read. */
class Change {
  #versions;
  #sequence;
  #changed;

  constructor(versions, sequence) {
    this.#versions = versions;
    this.#sequence = sequence;
  }

  get changed() {
    return (this.#changed ??= Object.freeze(this.#versions.map(sessionOf)));
  }

  get sessions() {
    return this.#sequence.values;
  }
}

/** What is known of a session at one moment. The session that shows it is built when first read: most notifications are never looked at. */
class Version {
  #log;
  #session;

  constructor(resource, log) {
    this.resource = resource;
    this.#log = log;
  }

  get session() {
    return (this.#session ??= new ImSession(this.resource, this.#log));
  }
}

class ImSession {
  /** One getter for all: with one for each, an engine keeps sessions as dictionaries, ten times as slow to build. */
  static #LOG = {
    enumerable: true,
    get() {
      return this.#log.entries;
    },
  };
  #log;

  constructor({ id, path, uri, state, capabilities, participants, userData }, log) {
    this.#log = log;
    this.id = id;
    this.path = path;
    if (uri !== undefined) this.uri = uri;
    this.state = state;
    this.capabilities = frozen(capabilities);
    this.participants = frozen(participants);
    this.userData = frozen(userData);
    this.logComplete = log.isComplete;
    Object.defineProperty(this, "log", ImSession.#LOG);
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

function sessionOf({ session }) {
  return session;
}

function emptySequence() {
  return new Sequence(sessionOf);
}

/** The notificationTypes that would have told it. What is equal is the same. */
function differences(before, after) {
  const isOther = (name) => before?.[name] !== after[name];
  const types = ["state", "capabilities", "participants"].some(isOther) ? ["StatusChange"] : [];
  return before && isOther("userData") ? [...types, "AttachedDataChanged"] : types;
}

function notification(notificationType, resource) {
  const known = MEMBERS.filter((name) => resource[name] !== undefined);
  const imSession = Object.fromEntries(known.map((name) => [name, copied(resource[name])]));
  return { messageType: "IMSessionStateChangeMessage", notificationType, imSession, recovered: true };
}

/** What stands before it, and slashes at the end, do not matter. */
function lastSegment(path) {
  let end = path.length;
  while (path[end - 1] === "/") end -= 1;
  return path.slice(path.lastIndexOf("/", end - 1) + 1, end);
}
