package gws.simulator.im;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer of the REST interface.
 *
 * @param status the HTTP status
 * @param endsLogin whether the HTTP session ends with this answer
 */
public record GwsAnswer(int status, Map<String, Object> body, boolean endsLogin) {

    static GwsAnswer ok() {
        return new GwsAnswer(200, Map.of("statusCode", 0), false);
    }

    static GwsAnswer ok(String member, Object value) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put(member, value);
        body.put("statusCode", 0);
        return new GwsAnswer(200, body, false);
    }

    static GwsAnswer goodbye() {
        return new GwsAnswer(200, Map.of("statusCode", 0), true);
    }

    public static GwsAnswer failure(StatusCode code, String message) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("statusCode", code.code());
        body.put("statusMessage", message);
        return new GwsAnswer(code.httpStatus(), body, false);
    }
}
