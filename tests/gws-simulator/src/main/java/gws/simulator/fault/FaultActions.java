package gws.simulator.fault;

import gws.simulator.base.BaseRequest;
import gws.simulator.base.Fields;
import gws.simulator.base.InputError;
import gws.simulator.base.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/** Reads the description of an action. */
final class FaultActions {
    private static final FaultAction DROP = loseAnswer(false);
    /** The statuses whose answers have no body. */
    private static final Set<Integer> BODILESS = Set.of(HttpServletResponse.SC_NO_CONTENT, HttpServletResponse.SC_NOT_MODIFIED);

    private FaultActions() {
    }

    static FaultAction read(Map<String, Object> description, Hangs hangs) {
        Object type = description.get("type");
        return switch (type instanceof String word ? word : "") {
            case "answer" -> answer(new Fields(description, "type", "status", "headers", "body"));
            case "drop" -> plain(description, DROP.withRepeated(DROP));
            // What the browser sends again by itself is not processed: to the page it is one request, and it shall have been processed once.
            case "drop-reply" -> plain(description, loseAnswer(true).withRepeated(DROP));
            case "truncate" -> truncate(new Fields(description, "type", "bytes"));
            case "delay" -> delay(new Fields(description, "type", "ms"));
            case "half-close" -> halfClose(new Fields(description, "type", "bytes"));
            case "drip" -> drip(new Fields(description, "type", "bytes", "ms"));
            case "throttle" -> throttle(new Fields(description, "type", "bytesPerSecond"));
            case "strip-upgrade" -> plain(description, FaultActions::stripUpgrade);
            case "hang" -> plain(description, hang(hangs));
            default -> throw new InputError(
                    "'type' must be answer, drop, drop-reply, truncate, half-close, delay, drip, throttle, strip-upgrade or hang, but it is "
                            + Json.write(type));
        };
    }

    /** An action without parameters. */
    private static FaultAction plain(Map<String, Object> description, FaultAction action) {
        new Fields(description, "type");
        return action;
    }

    private static FaultAction answer(Fields fields) {
        int status = (int) fields.number("status", 200);
        if (status > 599) {
            throw new InputError("'status' must lie between 200 and 599, but it is " + status);
        }
        Map<String, Object> headers = fields.has("headers") ? Json.asObject("'headers'", fields.value("headers")) : Map.of();
        Object body = fields.has("body") ? fields.value("body") : "";
        if (BODILESS.contains(status) && !body.equals("")) {
            throw new InputError("'body' must be missing or empty with the status " + status + ", but it is " + Json.write(body));
        }
        FaultAction answer = (endPoint, request, response) -> {
            write(response, status, headers, body);
            return false;
        };
        return status == HttpServletResponse.SC_REQUEST_TIMEOUT ? answer.withRepeated(answer) : answer;
    }

    private static void write(HttpServletResponse response, int status, Map<String, Object> headers, Object body) throws IOException {
        boolean verbatim = body instanceof String;
        byte[] bytes = (verbatim ? (String) body : Json.write(body)).getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        if (!BODILESS.contains(status) && headers.keySet().stream().noneMatch("content-type"::equalsIgnoreCase)) {
            response.setContentType(verbatim ? "text/plain;charset=UTF-8" : "application/json;charset=UTF-8");
        }
        headers.forEach((name, value) -> setHeader(response, name, value));
        if (!BODILESS.contains(status)) {
            response.setContentLength(bytes.length);
            response.getOutputStream().write(bytes);
        }
    }

    /** Null is for a header that the answer shall not have, such as the Content-Type. */
    private static void setHeader(HttpServletResponse response, String name, Object value) {
        if (value != null) {
            response.setHeader(name, String.valueOf(value));
        }
    }

    private static FaultAction loseAnswer(boolean process) {
        return (endPoint, request, response) -> {
            endPoint.breakOff(BreakOff.beforeAnswer());
            return process;
        };
    }

    private static FaultAction truncate(Fields fields) {
        long bytes = fields.number("bytes", 0);
        return (endPoint, request, response) -> {
            endPoint.breakOff(BreakOff.afterBodyBytes(bytes));
            return true;
        };
    }

    private static FaultAction halfClose(Fields fields) {
        long bytes = fields.number("bytes", 0);
        return (endPoint, request, response) -> {
            endPoint.breakOff(BreakOff.halfAfterBodyBytes(bytes));
            return true;
        };
    }

    private static FaultAction drip(Fields fields) {
        return paced(Pace.drip(fields.number("bytes", 1), fields.number("ms", 1)));
    }

    private static FaultAction throttle(Fields fields) {
        return paced(Pace.bytesPerSecond(fields.number("bytesPerSecond", 1)));
    }

    private static FaultAction paced(Pace pace) {
        return (endPoint, request, response) -> {
            endPoint.paceBody(pace);
            return true;
        };
    }

    /** Both headers belong to one hop; a proxy that does not know them keeps them to itself. */
    private static boolean stripUpgrade(FaultyEndPoint endPoint, HttpServletRequest request, HttpServletResponse response) {
        HttpFields headers = BaseRequest.of(request).getHttpFields();
        headers.remove(HttpHeader.UPGRADE);
        headers.remove(HttpHeader.CONNECTION);
        return true;
    }

    private static FaultAction delay(Fields fields) {
        long milliseconds = fields.number("ms", 1);
        return (endPoint, request, response) -> {
            endPoint.holdAnswer(milliseconds);
            return true;
        };
    }

    private static FaultAction hang(Hangs hangs) {
        return (endPoint, request, response) -> {
            hangs.begin(endPoint, request);
            return false;
        };
    }
}
