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
