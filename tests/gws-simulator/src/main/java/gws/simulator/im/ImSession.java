package gws.simulator.im;

import gws.simulator.users.User;
import java.util.LinkedHashMap;
import java.util.Map;

/** A session between two agents. Guarded by {@link ImSessions}. */
final class ImSession {
    private final String id;
    private final String uriId;
    private final User initiator;
    private final User peer;
    private final Map<String, Object> userData = new LinkedHashMap<>();
    private boolean completed;

    /** @param uriId the other id, that stands in the resource's {@code uri}: the documented samples have two different ones */
    ImSession(String id, String uriId, User initiator, User peer) {
        this.id = id;
        this.uriId = uriId;
        this.initiator = initiator;
        this.peer = peer;
    }

    String id() {
        return id;
    }

    String uriId() {
        return uriId;
    }

    String path() {
        return "/im-sessions/" + id;
    }

    boolean involves(User user) {
        return user.equals(initiator) || user.equals(peer);
    }

    User initiator() {
        return initiator;
    }

    User peer() {
        return peer;
    }

    User other(User user) {
        return user.equals(initiator) ? peer : initiator;
    }

    Map<String, Object> userData() {
        return userData;
    }

    boolean isCompleted() {
        return completed;
    }

    void complete() {
        completed = true;
    }
}
