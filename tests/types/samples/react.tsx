// The example of the package's page: a test compares the two.

import { type FormEvent, memo, useCallback, useSyncExternalStore } from "react";
import type { GwsImClient, ImSession } from "gws-im-sdk";

/** The same array, and in it the same objects, until something changes: React renders that and no more. */
function useSessions(client: GwsImClient): readonly ImSession[] {
  const subscribe = useCallback((changed: () => void) => client.on("sessions", changed), [client]);
  return useSyncExternalStore(subscribe, () => client.sessions, () => client.sessions);
}

export function Sessions({ client }: { client: GwsImClient }) {
  return useSessions(client).map((session) => <Session key={session.id} client={client} session={session} />);
}

const Session = memo(function Session({ client, session }: { client: GwsImClient; session: ImSession }) {
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get("text"));
    event.currentTarget.reset(); // at once: what is typed while the text is on its way is the next one
    client.sendMessage(session, text).catch(reportError);
  };
  return (
    <section>
      <h2>
        {session.participants[0]?.phoneNumber}: {session.state}
      </h2>
      {session.log.map((entry, index) => (entry.gap ? <hr key={index} title="Texts may be missing here" /> : <p key={index}>{entry.text}</p>))}
      <form onSubmit={send}>
        <input name="text" disabled={!session.can("SendMessage")} />
      </form>
      <button disabled={!session.can("Complete")} onClick={() => client.complete(session).catch(reportError)}>
        Complete
      </button>
    </section>
  );
});
