// Records for the caller's logger: what happened, with its fields, and never a secret or a text.

const LEVELS = { connection: "info", gap: "warn", warning: "warn" };

/** Writes records; a logger that throws is reported and disturbs nothing. */
export function logTo(logger) {
  if (!logger) return () => {};
  return (message, fields) => {
    try {
      logger({ level: LEVELS[message] ?? "debug", message, time: Date.now(), ...fields });
    } catch (error) {
      reportError(error);
    }
  };
}
