// What the live list of IM sessions should be, as plain arrays that are copied at once: told of every call, it shows what the list must show.

export const clone = (value) => JSON.parse(JSON.stringify(value));

/** A form in which the order of members does not matter, and objects are no arrays. */
export function sorted(value) {
  if (Array.isArray(value)) return { array: value.map(sorted) };
  return value && typeof value === "object" ? Object.entries(value).map(([name, member]) => [name, sorted(member)]).sort() : value;
}

export const equal = (a, b) => a === b || JSON.stringify(a) === JSON.stringify(b) || JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
const equalSets = (a, b) => equal([...new Set(a)].sort(), [...new Set(b)].sort());
export const keyOf = (path) => path.split("/").filter(Boolean).at(-1) ?? "";
const sum = (orphans) => orphans.reduce((total, { characters }) => total + characters, 0);
const isLive = (session) => session.state !== "Completed";

/** What the list should be. Sessions carry, beside what is shown, when they were first seen, last heard of and completed. */
export class Model {
  sessions = [];
  orphans = [];
  sent = [];
  requests = [];
  dropped = [];
  isSynced = false;
  isListening = false;
  heardSince = 0;
  isWhole = true;
  steps = 0;
  changed = [];

  constructor(options) {
    this.options = options;
  }

  find(name) {
    return this.sessions.find(({ shown }) => shown.id === name) ?? this.at(name);
  }

  at(path) {
    const key = keyOf(path);
    const byPath = this.sessions.filter(({ shown }) => keyOf(shown.path) === key);
    return byPath.find(({ shown }) => shown.id === key) ?? byPath[0] ?? this.sessions.find(({ shown }) => shown.id === key);
  }

  log(isComplete) {
    return isComplete ? { logComplete: true, log: [] } : { logComplete: false, log: [{ gap: true, at: this.options.now() }] };
  }

  wasDropped(...names) {
    return this.dropped.some(({ id }) => names.includes(id));
  }

  drop(id, stamp = this.stampOf(id)) {
    this.dropped.unshift({ id, stamp });
  }

  stampOf(id) {
    return this.dropped.find((dropped) => dropped.id === id)?.stamp ?? 0;
  }

  withFirstGap(session) {
    if (!this.sessions.includes(session) || !session.shown.logComplete) return;
    session.shown = { ...session.shown, logComplete: false, log: [...this.log(false).log, ...session.shown.log] };
    this.touch(session);
  }

  endRequest(request) {
    this.requests = this.requests.filter((other) => other !== request);
    if (request.session) this.withFirstGap(request.session);
  }

  isRequested({ state, participants }, isComplete) {
    this.requests = this.requests.filter(({ at }) => this.options.now() - at <= 30_000);
    const fitting = this.requests.filter(({ number }) => participants.some((participant) => participant && Object.values(participant).includes(number)));
    const request = fitting.find(({ session }) => !session) ?? fitting[0];
    if (!request || state === "Completed") return undefined;
    if (!request.session && !isComplete) return request;
    this.endRequest(request);
    return undefined;
  }

  begin(resource, isSeenBegin, doubt = 0) {
    const { id, path } = resource;
    const request = this.isRequested(resource, isSeenBegin);
    const isComplete = isSeenBegin || request !== undefined;
    const orphan = this.orphans.find(({ key }) => key === keyOf(path)) ?? this.orphans.find(({ key }) => key === id);
    this.orphans = this.orphans.filter((other) => other !== orphan);
    const known = orphan?.shown ?? this.log(isComplete);
    const isLacking = this.wasDropped(id, keyOf(path)) && !known.log[0]?.gap;
    const session = { born: (this.steps += 1), stamp: 0, shown: { id, ...(isLacking ? { logComplete: false, log: [...this.log(false).log, ...known.log] } : known) } };
    session.doubt = orphan || isLacking || this.wasDropped(id, keyOf(path)) ? 0 : doubt;
    if (request) request.session = session;
    this.sessions.push(session);
    return session;
  }

  update(session, resource, areSame) {
    const { shown } = session;
    const isNew = shown.state === undefined;
    const { log, logComplete } = shown;
    const next = { id: resource.id, path: resource.path };
    const uri = resource.uri ?? shown.uri;
    if (uri) next.uri = uri;
    next.state = resource.state;
    next.capabilities = !isNew && areSame(shown.capabilities, resource.capabilities) ? shown.capabilities : clone(resource.capabilities);
    next.participants = clone(resource.participants);
    next.userData = resource.userData ? clone(resource.userData) : (shown.userData ?? {});
    next.logComplete = logComplete;
    next.log = log;
    if (!isNew && equal({ ...shown, log: [] }, { ...next, log: [] })) return false;
    if (!isNew && equal(shown.userData, next.userData)) next.userData = shown.userData;
    session.shown = next;
    if (isLive(next)) session.completed = undefined;
    else session.completed ??= this.steps += 1;
    this.touch(session);
    return true;
  }

  touch({ shown }) {
    const index = this.changed.findIndex(({ id }) => id === shown.id);
    this.changed.splice(index < 0 ? this.changed.length : index, 1, clone(shown));
    const completed = this.sessions.filter((session) => session.completed).sort((a, b) => a.completed - b.completed);
    if (completed.length <= this.options.maxCompletedSessions) return;
    this.sessions = this.sessions.filter((session) => session !== completed[0]);
    this.drop(completed[0].shown.id, completed[0].stamp);
  }

  stateChanged(resource, notificationType, stamp) {
    const known = this.sessions.find(({ shown }) => shown.id === resource.id);
    const userData = resource.userData ?? (known && notificationType !== "AttachedDataChanged" ? known.shown.userData : {});
    if (!known && !isLive(resource) && this.options.maxCompletedSessions === 0) {
      this.drop(resource.id, stamp);
      return userData;
    }
    const session = known ?? this.begin(resource, (this.isSynced && this.isWhole) || ["Initiating", "Alerting"].includes(resource.state), notificationType === "StatusChange" ? stamp : 0);
    session.stamp = stamp;
    this.update(session, { ...resource, userData }, equal);
    return userData;
  }

  addText(shown, entry) {
    const log = [...shown.log, entry];
    if (log.filter(({ gap }) => !gap).length > this.options.maxLogEntries) log.splice(log.findIndex(({ gap }) => !gap), 1);
    return { ...shown, log: log.filter(({ gap }, index) => !(gap && log[index - 1]?.gap)) };
  }

  textArrived(path, text) {
    const now = this.options.now();
    const session = this.at(path);
    const id = session?.shown.id ?? keyOf(path);
    this.forgetSent();
    const fitting = this.sent.filter((sent) => sent.id === id && sent.text === text);
    const sent = fitting.find(({ isLogged }) => !isLogged) ?? fitting[0];
    this.sent = this.sent.filter((other) => other !== sent);
    if (sent?.isLogged) return;
    const entry = { text, receivedAt: now, direction: sent ? "probably-outgoing" : "unknown" };
    if (session) {
      session.shown = this.addText(session.shown, entry);
      this.touch(session);
      return;
    }
    const known = this.orphans.find(({ key }) => key === id);
    const orphan = known ?? { key: id, shown: this.log(this.isSynced && this.isWhole && !this.wasDropped(id)), characters: path.length };
    this.orphans = [...this.orphans.filter((other) => other !== known), { key: id, shown: this.addText(orphan.shown, entry), characters: orphan.characters + text.length }];
    while (this.orphans.length > this.options.maxOrphans || sum(this.orphans) > this.options.maxOrphanCharacters) this.drop(this.orphans.shift().key);
  }

  forgetSent() {
    const isOver = ({ since, isLogged }) => since !== undefined && (this.isListening || isLogged) && this.options.now() - since > 10_000;
    this.sent = this.sent.filter((sent) => !isOver(sent));
  }

  logSent(session, sent) {
    Object.assign(sent, { isLogged: true, since: this.options.now() });
    session.shown = this.addText(session.shown, { text: sent.text, receivedAt: sent.acceptedAt, direction: "probably-outgoing" });
  }

  gapIn(session, at) {
    session.doubt = 0;
    const { log } = session.shown;
    session.shown = { ...session.shown, logComplete: false, log: log.at(-1)?.gap ? log : [...log, { gap: true, at }] };
    this.forgetSent();
    for (const sent of this.sent) if (sent.id === session.shown.id && sent.acceptedAt !== undefined && !sent.isLogged) this.logSent(session, sent);
  }

  gap(at, stamp) {
    this.heardSince = stamp;
    this.requests = [];
    for (const sent of this.sent) sent.isBeforeGap = true;
    const live = this.sessions.filter(({ shown }) => isLive(shown));
    for (const session of live) {
      const before = session.shown;
      this.gapIn(session, at);
      if (!equal(before, session.shown)) this.touch(session);
    }
    for (const orphan of this.orphans) orphan.shown = { ...orphan.shown, logComplete: false, log: orphan.shown.log.at(-1)?.gap ? orphan.shown.log : [...orphan.shown.log, { gap: true, at }] };
    return live.map(({ shown }) => shown.id);
  }

  listening(isListening, stamp) {
    this.forgetSent();
    if (isListening && !this.isListening) {
      this.heardSince = stamp;
      for (const sent of this.sent) if (sent.since !== undefined && !sent.isLogged) sent.since = this.options.now();
    }
    this.isListening = isListening;
  }

  accepted(sent) {
    sent.since = sent.acceptedAt = this.options.now();
    const session = this.find(sent.id);
    if (!this.sent.includes(sent) || !sent.isBeforeGap || !session || session.shown.logComplete) return;
    this.logSent(session, sent);
    this.touch(session);
  }

  reconcile(resources, mark, tellNew, isWhole) {
    this.isWhole = isWhole;
    const recovered = [];
    for (const session of isWhole && this.heardSince <= mark ? this.sessions : []) {
      if (!isLive(session.shown) || session.doubt <= mark || resources.some(({ id }) => id === session.shown.id)) continue;
      this.requests = this.requests.filter((request) => request.session !== session);
      if (session.shown.logComplete) continue;
      session.shown = { ...session.shown, logComplete: true, log: session.shown.log.slice(1) };
      this.touch(session);
    }
    const take = (session, resource, isTold) => {
      if (session.shown.state && isLive(session.shown) && !isLive(resource)) this.gapIn(session, this.options.now());
      const before = session.shown;
      if (!this.update(session, resource, equalSets) || !isTold) return;
      const { log, logComplete, ...imSession } = clone(session.shown);
      const isOther = (name) => !equal(before[name], imSession[name]);
      const tell = (notificationType) => recovered.push({ messageType: "IMSessionStateChangeMessage", notificationType, imSession, recovered: true });
      if (["state", "participants", "capabilities"].some(isOther)) tell("StatusChange");
      if (before.state && isOther("userData")) tell("AttachedDataChanged");
    };
    resources.forEach((resource, index) => {
      if (resources.findIndex(({ id }) => id === resource.id) < index) return;
      const known = this.sessions.find(({ shown }) => shown.id === resource.id);
      const completed = this.sessions.filter(({ shown }) => !isLive(shown)).length;
      if (!known && !isLive(resource) && completed >= this.options.maxCompletedSessions) {
        this.drop(resource.id);
        return;
      }
      if ((known?.stamp ?? this.stampOf(resource.id)) > mark) return;
      take(known ?? this.begin(resource, false), resource, known || tellNew);
    });
    for (const session of isWhole ? [...this.sessions] : []) {
      if (session.stamp > mark || !isLive(session.shown) || resources.some(({ id }) => id === session.shown.id)) continue;
      take(session, { ...session.shown, state: "Completed" }, true);
    }
    return recovered;
  }
}
