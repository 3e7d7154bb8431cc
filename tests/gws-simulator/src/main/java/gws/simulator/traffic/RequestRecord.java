package gws.simulator.traffic;

import gws.simulator.users.User;
import java.util.LinkedHashMap;
import java.util.Map;

/** One request that came in. The status is filled in when it has been answered. All but that is guarded by {@link Traffic}. */
public final class RequestRecord {
    private final long number;
    private final long time = System.currentTimeMillis();
    private final String method;
    private final String path;
    private final RequestKind kind;
    private final User user;
    private RequestContent content;
    private volatile Integer status;

    RequestRecord(long number, String method, String path, RequestKind kind, User user, RequestContent content) {
        this.number = number;
        this.method = method;
        this.path = path;
        this.kind = kind;
        this.user = user;
        this.content = content;
    }

    public void answered(int answeredStatus) {
        status = answeredStatus;
    }

    long number() {
        return number;
    }

    int keptBytes() {
        return content.keptBytes();
    }

    /** Forgets the body; how long it was is still known. */
    void dropBody() {
        content = content.withoutBody();
    }

    Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("n", number);
        json.put("time", time);
        json.put("method", method);
        json.put("path", path);
        json.put("query", content.query());
        json.put("kind", kind.word());
        json.put("user", user == null ? null : user.name());
        json.put("status", status);
        json.put("headers", content.headers());
        json.put("body", content.body());
        json.put("bodyBytes", content.bodyBytes());
        return json;
    }
}
