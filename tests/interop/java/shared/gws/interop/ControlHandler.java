package gws.interop;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ajax.JSON;

/** The control calls: a selection of the simulator's, with its names and its JSON. */
final class ControlHandler extends Handler.Abstract {
    private static final Map<String, Object> DONE = Map.of();
    private static final int MOST_COPIES = 100_000;

    private final InteropServer server;
    private final Map<String, Call> calls = new LinkedHashMap<>();

    ControlHandler(InteropServer server) {
        this.server = server;
        calls.put("GET /state", body -> Map.of("cometdSessions", server.cometd().sessions()));
        calls.put("GET /counters", body -> server.traffic().counters());
        calls.put("POST /reset", this::reset);
        calls.put("POST /publish", this::publish);
        calls.put("POST /cometd/expire", this::expire);
        calls.put("POST /cometd/restart", this::restart);
        calls.put("POST /sockets", this::sockets);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        String name = request.getMethod() + " " + Request.getPathInContext(request);
        Call call = calls.get(name);
        if (call == null) {
            answer(response, HttpStatus.NOT_FOUND_404, error("there is no control call '" + name + "', expected one of " + calls.keySet()), callback);
            return true;
        }
        try {
            answer(response, HttpStatus.OK_200, call.perform(object(Content.Source.asString(request))), callback);
        } catch (InputError wrong) {
            answer(response, HttpStatus.BAD_REQUEST_400, error(wrong.getMessage()), callback);
        }
        return true;
    }

    private static Map<String, Object> error(String message) {
        return Map.of("error", message);
    }

    private static void answer(Response response, int status, Map<String, Object> body, Callback callback) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        Content.Sink.write(response, true, new JSON().toJSON(body), callback);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(String text) {
        try {
            if ((text.isBlank() ? DONE : new JSON().fromJSON(text)) instanceof Map<?, ?> object) {
                return (Map<String, Object>) object;
            }
        } catch (IllegalStateException notJson) {
            // The message below says it.
        }
        throw new InputError("the body must be a JSON object");
    }

    private static void expectOnly(Map<String, Object> body, String... names) {
        for (String name : body.keySet()) {
            if (!Set.of(names).contains(name)) {
                throw new InputError("unknown member '" + name + "', expected " + List.of(names));
            }
        }
    }

    private static long number(Map<String, Object> body, String name, long fallback) {
        Object value = body.getOrDefault(name, fallback);
        if (value instanceof Long number && number >= 0 && number <= MOST_COPIES) {
            return number;
        }
        throw new InputError("'" + name + "' must be a whole number from 0 to " + MOST_COPIES);
    }

    private Map<String, Object> reset(Map<String, Object> body) {
        expectOnly(body);
        server.reset();
        return DONE;
    }

    private Map<String, Object> publish(Map<String, Object> body) {
        expectOnly(body, "topic", "data", "count");
        if (!(body.get("topic") instanceof String topic) || !topic.matches("/[^*]+")) {
            throw new InputError("'topic' must be a channel without wildcards");
        }
        if (!body.containsKey("data")) {
            throw new InputError("'data' is missing");
        }
        return Map.of("sessions", server.cometd().publish(topic, copies(body.get("data"), number(body, "count", 0))));
    }

    /** With a count, so many copies, with {@code {{n}}} in strings replaced by 1, 2, …; one as it is without. */
    private static List<Object> copies(Object data, long count) {
        if (count == 0) {
            return List.of(data);
        }
        String text = new JSON().toJSON(data);
        List<Object> copies = new ArrayList<>();
        for (long n = 1; n <= count; n++) {
            copies.add(new JSON().fromJSON(text.replace("{{n}}", String.valueOf(n))));
        }
        return copies;
    }

    private Map<String, Object> expire(Map<String, Object> body) {
        expectOnly(body, "clientId");
        if (!(body.getOrDefault("clientId", "") instanceof String clientId)) {
            throw new InputError("'clientId' must be a string");
        }
        return Map.of("sessions", server.cometd().expire(clientId.isEmpty() ? null : clientId));
    }

    private Map<String, Object> restart(Map<String, Object> body) {
        expectOnly(body, "downMs");
        server.restart(number(body, "downMs", 500));
        return DONE;
    }

    private Map<String, Object> sockets(Map<String, Object> body) {
        expectOnly(body, "action");
        if (!Map.of("type", "kill").equals(body.get("action"))) {
            throw new InputError("'action' must be {\"type\":\"kill\"}");
        }
        return Map.of("sockets", server.killSockets());
    }

    /** One control call. */
    @FunctionalInterface
    private interface Call {
        /** @throws InputError when the body of the request is wrong */
        Map<String, Object> perform(Map<String, Object> body);
    }
}
