package gws.simulator.traffic;

import gws.simulator.users.User;
import java.util.LinkedHashMap;
import java.util.Map;

/** One request that came in. The status is filled in when it has been answered. */
public final class RequestRecord {
    private final long number;
    private final long time = System.currentTimeMillis();
    private final String method;
    private final String path;
    private final RequestKind kind;
    private final User user;
    private volatile Integer status;

    RequestRecord(long number, String method, String path, RequestKind kind, User user) {
        this.number = number;
        this.method = method;
        this.path = path;
        this.kind = kind;
        this.user = user;
    }

    public void answered(int answeredStatus) {
        status = answeredStatus;
    }

    long number() {
        return number;
    }

    Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("n", number);
        json.put("time", time);
        json.put("method", method);
        json.put("path", path);
        json.put("kind", kind.word());
        json.put("user", user == null ? null : user.name());
        json.put("status", status);
        return json;
    }
}
