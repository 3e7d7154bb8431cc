package gws.simulator.control;

import gws.simulator.base.Fields;
import gws.simulator.base.InputError;
import gws.simulator.base.Json;
import gws.simulator.base.Tuning;
import gws.simulator.fault.FaultyEndPoint;
import gws.simulator.http.Csrf;
import gws.simulator.im.GwsAnswer;
import gws.simulator.im.GwsFailure;
import gws.simulator.im.GwsRequest;
import gws.simulator.server.Simulator;
import gws.simulator.users.User;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpSession;
import org.eclipse.jetty.util.MultiMap;
import org.eclipse.jetty.util.UrlEncoded;

/** The table of control calls. */
final class ControlCalls {
    /** One control call. */
    @FunctionalInterface
    interface Call {
        /**
         * @return the body of the answer
         * @throws InputError when the body of the request is wrong
         */
        Map<String, Object> perform(Map<String, Object> body, HttpServletRequest request);
    }

    private static final Map<String, Object> DONE = Map.of();

    private final Simulator simulator;
    private final Map<String, Call> calls = new LinkedHashMap<>();

    ControlCalls(Simulator simulator) {
        this.simulator = simulator;
        calls.put("POST /reset", (body, request) -> reset(body));
        calls.put("GET /state", (body, request) -> StateReport.of(simulator));
        calls.put("POST /options", (body, request) -> options(body));
        calls.put("POST /publish", (body, request) -> publish(body));
        calls.put("POST /operation", (body, request) -> operation(body));
        calls.put("POST /robot/start", (body, request) -> startRobot(body));
        calls.put("POST /cometd/expire", (body, request) -> expire(body));
        calls.put("POST /cometd/restart", (body, request) -> restart(body));
        calls.put("POST /cometd/forget-browser", (body, request) -> forgetBrowser(body));
        calls.put("POST /users/logout", (body, request) -> logout(body));
        calls.put("POST /users/rotate-csrf", (body, request) -> rotateCsrf(body));
        calls.put("POST /users/expire-tokens", (body, request) -> expireTokens(body));
        calls.put("POST /connections/cut", (body, request) -> cut(body, request));
        calls.put("POST /faults", (body, request) -> Map.of("id", simulator.faults().add(body)));
        calls.put("DELETE /faults", (body, request) -> clearFaults());
        calls.put("POST /sockets", (body, request) -> Map.of("sockets", simulator.sockets().add(body)));
        calls.put("DELETE /sockets", (body, request) -> clearSockets());
        calls.put("GET /counters", (body, request) -> counters());
        calls.put("GET /requests", (body, request) -> requests(request));
    }

    /** The call with that method and path, or null. */
    Call find(String name) {
        return calls.get(name);
    }

    Set<String> names() {
        return calls.keySet();
    }

    private Map<String, Object> reset(Map<String, Object> body) {
        new Fields(body);
        simulator.reset();
        return DONE;
    }

    private Map<String, Object> options(Map<String, Object> body) {
        simulator.tune(simulator.tuning().with(new Fields(body, Tuning.names())));
        return StateReport.options(simulator);
    }

    private Map<String, Object> publish(Map<String, Object> body) {
        Fields fields = new Fields(body, "topic", "data", "user", "count");
        String topic = fields.text("topic");
        if (!topic.matches("/[^*]+")) {
            throw new InputError("'topic' must be a channel without wildcards, but it is '" + topic + "'");
        }
        if (!body.containsKey("data")) {
            throw new InputError("'data' is missing");
        }
        List<Object> data = fields.has("count") ? numbered(fields.value("data"), fields.number("count", 1)) : List.of(fields.value("data"));
        return Map.of("sessions", simulator.sessions().publish(topic, optionalUser(fields), data));
    }

    private static List<Object> numbered(Object data, long count) {
        return LongStream.rangeClosed(1, count).mapToObj(n -> Numbering.apply(data, n)).toList();
    }

    private Map<String, Object> operation(Map<String, Object> body) {
        Fields fields = new Fields(body, "user", "method", "path", "body");
        User user = simulator.users().require(fields.text("user"));
        String[] path = fields.text("path").split("\\?", 2);
        String parameters = fields.has("body") ? Json.write(fields.value("body")) : "";
        GwsRequest request = new GwsRequest(user, fields.text("method", "POST"), path[0], query(path), parameters);
        GwsAnswer answer = simulator.api().handle(request);
        if (answer.endsLogin()) {
            simulator.logins().logout(user);
        }
        return Map.of("status", answer.status(), "body", answer.body());
    }

    private static Map<String, String> query(String... path) {
        MultiMap<String> values = new MultiMap<>();
        if (path.length == 2) {
            UrlEncoded.decodeTo(path[1], values, StandardCharsets.UTF_8, -1);
        }
        Map<String, String> query = new LinkedHashMap<>();
        values.keySet().forEach(name -> query.put(name, values.getValue(name, 0)));
        return query;
    }

    private Map<String, Object> startRobot(Map<String, Object> body) {
        Fields fields = new Fields(body, "robot", "destination");
        String phone = fields.text("destination");
        User destination = simulator.users().withPhone(phone).orElseThrow(() -> new InputError("there is no user with the phone number " + phone));
        try {
            simulator.robots().start(fields.text("robot", null), destination);
        } catch (GwsFailure refused) {
            throw new InputError(refused.getMessage());
        }
        return DONE;
    }

    private Map<String, Object> expire(Map<String, Object> body) {
        Fields fields = new Fields(body, "user", "clientId", "advice");
        int count = simulator.sessions().expire(optionalUser(fields), fields.text("clientId", null), fields.flag("advice", true));
        return Map.of("sessions", count);
    }

    private Map<String, Object> restart(Map<String, Object> body) {
        Fields fields = new Fields(body, "downMs", "keepLogins");
        simulator.restart(fields.number("downMs", 0, 500), fields.flag("keepLogins", true));
        return DONE;
    }

    private Map<String, Object> forgetBrowser(Map<String, Object> body) {
        simulator.forgetBrowser(new Fields(body, "on").flag("on", true));
        return DONE;
    }

    private Map<String, Object> logout(Map<String, Object> body) {
        simulator.logins().logout(onlyUser(body));
        return DONE;
    }

    private Map<String, Object> rotateCsrf(Map<String, Object> body) {
        List<HttpSession> sessions = simulator.logins().sessionsOf(onlyUser(body));
        sessions.forEach(Csrf::rotate);
        return Map.of("sessions", sessions.size());
    }

    private Map<String, Object> expireTokens(Map<String, Object> body) {
        simulator.logins().expireTokens(onlyUser(body));
        return DONE;
    }

    private User onlyUser(Map<String, Object> body) {
        return simulator.users().require(new Fields(body, "user").text("user"));
    }

    private Map<String, Object> cut(Map<String, Object> body, HttpServletRequest request) {
        new Fields(body);
        simulator.cutAllBut(FaultyEndPoint.of(request));
        return DONE;
    }

    private Map<String, Object> clearFaults() {
        simulator.faults().clear();
        return DONE;
    }

    private Map<String, Object> clearSockets() {
        simulator.sockets().clear();
        return DONE;
    }

    private Map<String, Object> counters() {
        Map<String, Object> json = simulator.traffic().counters();
        json.put("faultsApplied", simulator.faults().applied());
        json.put("socketActionsApplied", simulator.sockets().appliedCount());
        return json;
    }

    private Map<String, Object> requests(HttpServletRequest request) {
        String since = request.getParameter("since");
        try {
            return simulator.traffic().since(since == null ? 0 : Long.parseLong(since));
        } catch (NumberFormatException notANumber) {
            throw new InputError("since must be a whole number, but it is '" + since + "'");
        }
    }

    private User optionalUser(Fields fields) {
        return fields.has("user") ? simulator.users().require(fields.text("user")) : null;
    }
}
