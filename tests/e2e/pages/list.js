// What the tests of the list of sessions find on their page: the list as plain values, and a line for each thing the client told, with whether it was synced then.

const TYPES = {
  connection: ({ state, recovered }) => `connection ${state}${recovered === undefined ? "" : ` recovered ${recovered}`}`,
  gap: ({ cause }) => `gap ${cause}`,
  StatusChange: ({ imSession, recovered }) => `StatusChange ${imSession.state}${recovered ? " recovered" : ""}`,
  AttachedDataChanged: ({ imSession, recovered }) => `AttachedDataChanged ${JSON.stringify(imSession.userData)}${recovered ? " recovered" : ""}`,
  NewMessage: ({ message }) => `NewMessage ${message}`,
  sessions: ({ cause, changed }) => `sessions ${cause} ${changed.length}`,
  warning: ({ code }) => `warning ${code}`,
};

/** One line for each event, oldest first, e.g. "gap new-session unsynced". News within one connection state count once. */
e2e.told = [];
/** The events `sessions`, read when they were told. */
e2e.changes = [];

/** A session as plain values: "gap" stands for a gap in the log. */
e2e.shown = ({ log, ...session }) => ({ ...session, log: log.map(({ gap, text }) => (gap ? "gap" : text)), directions: log.filter(({ gap }) => !gap).map(({ direction }) => direction) });

e2e.shownSessions = () => e2e.client.sessions.map(e2e.shown);

e2e.createList = async (options) => {
  const client = await e2e.create(options);
  for (const [type, line] of Object.entries(TYPES)) {
    client.on(type, (event) => {
      const told = `${line(event)} ${client.synced ? "synced" : "unsynced"}`;
      if (type !== "connection" || told !== e2e.told.at(-1)) e2e.told.push(told);
    });
  }
  client.on("sessions", ({ sessions, changed, cause, synced }) => {
    e2e.changes.push({ cause, synced, changed: changed.map(e2e.shown), sessions: sessions.map(e2e.shown) });
  });
};

/** What a notification of each type tells of a session, whatever the order of its members. */
const PARTS = {
  StatusChange: ({ state, participants, capabilities }) => JSON.stringify([state, participants, [...capabilities].sort()]),
  AttachedDataChanged: ({ userData }) => JSON.stringify(Object.entries(userData).sort()),
};
const stated = (session) => Object.fromEntries(Object.entries(PARTS).map(([type, part]) => [type, part(session)]));
const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** Holds the client to what it promises of every single event. What it breaks is noted in `e2e.broken`. */
e2e.holdToPromises = () => {
  const { client } = e2e;
  const broken = (e2e.broken = []);
  /** As it was told last. */
  let list = client.sessions;
  /** What listeners know of each session, by its id. */
  const known = new Map();
  let isRead = false;
  const expect = (holds, what, about) => void (holds || broken.push(`${what}: ${JSON.stringify(about)}`));
  /** It was taken for the one that the client had asked for, until this one came. */
  const isDoubted = ({ id, logComplete }) => !logComplete && list.some((before) => before.id === id && before.logComplete);
  const expectOnly = (id, event) => expect(client.sessions.every((session) => session.id === id || list.includes(session) || isDoubted(session)), "a notification changed another session", event);

  client.on("IMSessionStateChangeMessage", (event) => {
    const { imSession, notificationType, recovered } = event;
    const session = client.session(imSession.id);
    const before = known.get(imSession.id);
    const now = stated(imSession);
    if (session) expect(isSame(stated(session), now), "the list says something else than the notification", [event, session]);
    else expect(imSession.state === "Completed", "a live session is not in the list", event);
    if (recovered) expect(before?.[notificationType] !== now[notificationType], "recovered, and no news", event);
    else expectOnly(imSession.id, event);
    // What differs in both is told by both.
    known.set(imSession.id, recovered && before ? { ...before, [notificationType]: now[notificationType] } : now);
  });
  client.on("IMLogUpdateMessage", (event) => {
    const session = client.session(event.imSessionPath);
    if (!session) return;
    // An own text may have been logged before it came.
    const isLogged = session.log.some(({ text, direction }) => text === event.message && direction === "probably-outgoing");
    expect(session.log.at(-1).text === event.message || isLogged, "the text is not the last in its log", event);
    expectOnly(session.id, event);
  });
  client.on("sessions", ({ sessions, changed, cause, synced }) => {
    expect(sessions === client.sessions && synced === client.synced, "not as the client has it", cause);
    expect(sessions.every((session) => list.includes(session) || changed.includes(session)), "a change is not told", cause);
    expect(changed.every((session) => !list.includes(session) && (sessions.includes(session) || session.state === "Completed")), "no change is told as one", cause);
    for (const session of sessions) {
      if (cause === "refresh" && !isRead && !known.has(session.id)) known.set(session.id, stated(session));
      expect(isSame(known.get(session.id), stated(session)), "a difference that no listener was told of", session);
      expect(session.logComplete !== session.log.some(({ gap }) => gap), "logComplete and the gaps in the log disagree", session);
    }
    isRead ||= cause === "refresh";
    list = sessions;
  });
  client.on("gap", ({ logsMayMiss }) => {
    expect(!client.synced, "synced in a gap", logsMayMiss);
    expect(logsMayMiss.every((id) => client.session(id)?.logComplete === false), "the log of a session that may lack texts is said to be complete", logsMayMiss);
  });
  client.on("connection", ({ state }) => expect(state === "connected" || !client.synced, "synced without a connection", state));
};
