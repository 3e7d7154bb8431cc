package gws.simulator.fault;

import gws.simulator.base.Fields;
import gws.simulator.traffic.RequestKind;
import gws.simulator.users.User;
import gws.simulator.users.Users;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.servlet.http.HttpServletRequest;

/** The faults that wait for requests. A request gets the action of the first one that is due; those before it count it as skipped. */
public final class Faults {
    private final Users users;
    private final Hangs hangs;
    private final List<Fault> waiting = new ArrayList<>();
    private final Resends resends = new Resends();
    private long lastId;
    private long applied;

    public Faults(Users users, Hangs hangs) {
        this.users = users;
        this.hangs = hangs;
    }

    /** @return the id of the new fault */
    public synchronized long add(Map<String, Object> description) {
        Fields fields = new Fields(description, "kind", "user", "method", "path", "operation", "times", "skip", "action");
        Fault fault = new Fault(lastId + 1, fields, users, hangs);
        lastId = fault.id();
        waiting.add(fault);
        return fault.id();
    }

    /** The action for this request. */
    public synchronized FaultAction take(HttpServletRequest request, byte[] body, RequestKind kind, User user) {
        FaultyEndPoint endPoint = FaultyEndPoint.of(request);
        FaultAction action = resends.recognise(request, body, endPoint);
        if (action != FaultAction.NONE) {
            return action;
        }
        action = due(request, body, kind, user);
        if (action != FaultAction.NONE) {
            applied++;
            // A browser opens a connection of its own for every WebSocket and never asks for one again by itself.
            if (kind != RequestKind.UPGRADE) {
                resends.note(request, body, endPoint, action);
            }
        }
        return action;
    }

    private FaultAction due(HttpServletRequest request, byte[] body, RequestKind kind, User user) {
        for (Fault fault : waiting) {
            if (fault.target().matches(request, body, kind, user) && fault.due()) {
                if (fault.isSpent()) {
                    waiting.remove(fault);
                }
                return fault.action();
            }
        }
        return FaultAction.NONE;
    }

    public synchronized void clear() {
        waiting.clear();
        resends.clear();
    }

    public synchronized void reset() {
        clear();
        applied = 0;
    }

    /** How many requests have met a fault, repetitions by browsers not counted. */
    public synchronized long applied() {
        return applied;
    }

    public synchronized List<Map<String, Object>> toJson() {
        return waiting.stream().map(Fault::toJson).toList();
    }
}
