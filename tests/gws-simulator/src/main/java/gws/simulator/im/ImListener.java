package gws.simulator.im;

import gws.simulator.users.User;

/** Hears what happens in IM sessions. Must return at once: the sessions are locked meanwhile. */
interface ImListener {
    void messageAdded(String sessionId, User sender, User receiver, String text);

    void sessionCompleted(String sessionId);
}
