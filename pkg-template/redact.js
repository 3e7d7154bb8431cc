// What may be shown of messages: a client id by its end, and of extensions only the one that is no secret.

export function redacted(messages) {
  return messages.map((message) => {
    if (message === null || typeof message !== "object") return message;
    // What a listener does with its copy must not reach what the protocol reads.
    const copy = structuredClone(message);
    if (typeof copy.clientId === "string") copy.clientId = copy.clientId.length > 8 ? `…${copy.clientId.slice(-4)}` : "…";
    if (copy.ext !== null && typeof copy.ext === "object") copy.ext = withoutSecrets(copy.ext);
    return copy;
  });
}

function withoutSecrets(ext) {
  return Object.fromEntries(Object.entries(ext).map(([name, value]) => [name, name === "ack" ? value : "…"]));
}
