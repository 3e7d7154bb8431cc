package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gws.simulator.base.Json;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;

/** An answer, read as a test needs it. */
record Reply(HttpResponse<String> http) {
    int status() {
        return http.statusCode();
    }

    String body() {
        return http.body();
    }

    String header(String name) {
        return http.headers().firstValue(name).orElse(null);
    }

    Map<String, Object> object(int expectedStatus) {
        assertEquals(expectedStatus, status(), body());
        return map(Json.parse(body()));
    }

    List<Object> array() {
        assertEquals(200, status(), body());
        return list(Json.parse(body()));
    }

    /** The statusCode in the body of a REST answer. */
    long statusCode() {
        return (Long) map(Json.parse(body())).get("statusCode");
    }

    @SuppressWarnings("unchecked") // JSON
    static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    @SuppressWarnings("unchecked") // JSON
    static List<Object> list(Object value) {
        return (List<Object>) value;
    }
}
