package gws.simulator.socket;

import gws.simulator.base.Fields;
import gws.simulator.base.Json;
import gws.simulator.users.User;
import gws.simulator.users.Users;
import java.util.LinkedHashMap;
import java.util.Map;

/** An action and the sockets it is meant for. Guarded by {@link Sockets}. */
final class SocketFault {
    private final User user;
    private final long afterFrames;
    private final Map<String, Object> description;
    private final SocketAction action;
    private long next;

    SocketFault(Fields fields, Users users) {
        this.user = fields.has("user") ? users.require(fields.text("user")) : null;
        this.next = fields.number("next", 1, 0);
        this.afterFrames = fields.number("afterFrames", 0, 0);
        this.description = Json.asObject("'action'", fields.value("action"));
        this.action = SocketActions.read(description);
    }

    /** Whether it is meant for sockets that are not open yet. */
    boolean isForNext() {
        return next > 0;
    }

    boolean matches(FaultySocket socket) {
        return user == null || user.equals(socket.user());
    }

    void give(FaultySocket socket) {
        socket.apply(action, afterFrames);
    }

    void countDown() {
        next--;
    }

    boolean isSpent() {
        return next == 0;
    }

    Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("user", user == null ? null : user.name());
        json.put("next", next);
        json.put("afterFrames", afterFrames);
        json.put("action", description);
        return json;
    }
}
