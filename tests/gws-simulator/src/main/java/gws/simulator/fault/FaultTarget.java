package gws.simulator.fault;

import gws.simulator.base.Fields;
import gws.simulator.base.InputError;
import gws.simulator.base.Json;
import gws.simulator.base.Paths;
import gws.simulator.traffic.RequestKind;
import gws.simulator.users.User;
import gws.simulator.users.Users;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import javax.servlet.http.HttpServletRequest;

/** The requests that a fault is meant for: of a kind and, where the description says so, of a user, with a method, a path, an operation in the body. */
final class FaultTarget {
    /** OPTIONS is missing, since preflight requests meet no faults. */
    private static final List<String> METHODS = List.of("GET", "HEAD", "POST", "PUT", "DELETE");
    private static final String OPERATION_NAME = "operationName";

    private final FaultKind kind;
    private final User user;
    private final String method;
    private final PathPattern path;
    private final String operation;

    FaultTarget(Fields fields, Users users) {
        this.kind = FaultKind.of(fields.text("kind"));
        this.user = fields.has("user") ? users.require(fields.text("user")) : null;
        this.method = fields.has("method") ? method(fields.text("method")) : null;
        this.path = fields.has("path") ? PathPattern.of(fields.text("path")) : null;
        this.operation = fields.has("operation") ? operation(fields.text("operation"), kind) : null;
    }

    private static String method(String method) {
        if (!METHODS.contains(method)) {
            throw new InputError("'method' must be one of " + String.join(", ", METHODS) + ", but it is '" + method + "'");
        }
        return method;
    }

    private static String operation(String operation, FaultKind kind) {
        if (operation.isEmpty()) {
            throw new InputError("'operation' must be an operationName such as SendMessage, but it is empty");
        }
        if (kind != FaultKind.REST && kind != FaultKind.ANY) {
            throw new InputError("'operation' needs the kind rest or any, since only REST requests name one, but 'kind' is '" + kind.word() + "'");
        }
        return operation;
    }

    boolean matches(HttpServletRequest request, byte[] body, RequestKind requestKind, User requester) {
        return kind.matches(requestKind)
                && (user == null || user.equals(requester))
                && (method == null || method.equals(request.getMethod()))
                && (path == null || path.matches(Paths.path(request)))
                && (operation == null || operation.equals(operationName(body)));
    }

    /** The operationName in a body, or null when it is not an object with one. */
    private static Object operationName(byte[] body) {
        try {
            return Json.parseObject(new String(body, StandardCharsets.UTF_8)).get(OPERATION_NAME);
        } catch (InputError notAnObject) {
            return null;
        }
    }

    void describe(Map<String, Object> json) {
        json.put("kind", kind.word());
        json.put("user", user == null ? null : user.name());
        json.put("method", method);
        json.put("path", path == null ? null : path.toString());
        json.put("operation", operation);
    }
}
