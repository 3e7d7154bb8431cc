package gws.simulator.fault;

import gws.simulator.base.Fields;
import gws.simulator.base.Json;
import gws.simulator.users.Users;
import java.util.LinkedHashMap;
import java.util.Map;

/** An action that waits for the requests it is meant for. Guarded by {@link Faults}. */
final class Fault {
    private final long id;
    private final FaultTarget target;
    private final Map<String, Object> description;
    private final FaultAction action;
    private long skip;
    private long times;

    Fault(long id, Fields fields, Users users, Hangs hangs) {
        this.id = id;
        this.target = new FaultTarget(fields, users);
        this.skip = fields.number("skip", 0, 0);
        this.times = fields.number("times", 1, 1);
        this.description = Json.asObject("'action'", fields.value("action"));
        this.action = FaultActions.read(description, hangs);
    }

    long id() {
        return id;
    }

    FaultTarget target() {
        return target;
    }

    /** Takes note of a matching request and tells whether the action is due for it. */
    boolean due() {
        if (skip > 0) {
            skip--;
            return false;
        }
        times--;
        return true;
    }

    boolean isSpent() {
        return times == 0;
    }

    FaultAction action() {
        return action;
    }

    Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", id);
        target.describe(json);
        json.put("times", times);
        json.put("skip", skip);
        json.put("action", description);
        return json;
    }
}
