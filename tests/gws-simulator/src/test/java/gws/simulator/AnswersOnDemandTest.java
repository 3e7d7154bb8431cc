package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever an answer in the way of Genesys Web Services, its proxies and its login pages may be, a fault can give it, and a page of another origin can read it. */
class AnswersOnDemandTest {
    private static final String PAGE = "http://127.0.0.1:4711";
    private static final String START = "{\"operationName\":\"StartContactCenterSession\"}";

    @RegisterExtension
    static final TestServer SERVER = new TestServer();

    private Agent anna;

    @BeforeEach
    void login() {
        anna = SERVER.agent("anna");
    }

    /** What a page gets for an operation. The request is not processed: there is nothing of the ordinary answer in it. */
    private Reply answered(String members) {
        SERVER.control("faults", "{\"kind\":\"rest\",\"method\":\"POST\",\"action\":{\"type\":\"answer\"," + members + "}}");
        Reply reply = anna.post("/api/v2/me", START, "Origin", PAGE);
        assertEquals(PAGE, reply.header("Access-Control-Allow-Origin"));
        assertEquals("true", reply.header("Access-Control-Allow-Credentials"));
        assertEquals("X-CSRF-HEADER,X-CSRF-TOKEN", reply.header("Access-Control-Expose-Headers"));
        return reply;
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 202, 400, 401, 403, 404, 405, 408, 409, 422, 429, 500, 501, 502, 503, 504, 599})
    void everyStatusCodeComesUnderEveryHttpStatus(int status) {
        for (long code = 0; code <= 20; code++) {
            Map<String, Object> body = answered("\"status\":" + status + ",\"body\":{\"statusCode\":" + code + ",\"statusMessage\":\"Nein <b>ü\"}").object(status);
            assertEquals(Map.of("statusCode", code, "statusMessage", "Nein <b>ü"), body);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void aRedirectLeadsToALoginPage(int status) {
        Reply reply = answered("\"status\":" + status + ",\"headers\":{\"Location\":\"https://login.example/saml?a=b\"}");
        assertEquals(status, reply.status());
        assertEquals("https://login.example/saml?a=b", reply.header("Location"));
    }

    @Test
    void aLoginPageComesInPlaceOfAnAnswer() {
        Reply reply = answered("\"status\":200,\"headers\":{\"Content-Type\":\"text/html;charset=UTF-8\"},\"body\":\"<!doctype html><form>\"");
        assertEquals("text/html;charset=utf-8", reply.header("Content-Type").toLowerCase(Locale.ROOT));
        assertEquals("<!doctype html><form>", reply.body());
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 304})
    void anAnswerWithoutABodyLeavesTheConnectionInOrder(int status) {
        long opened = SERVER.connections("opened");
        Reply reply = answered("\"status\":" + status);
        assertEquals(status, reply.status());
        assertEquals("", reply.body());
        assertNull(reply.header("Content-Type"));
        assertEquals(200, anna.post("/api/v2/me", START).status());
        assertEquals(opened, SERVER.connections("opened"));
    }

    @Test
    void aBodyMayBeEmpty() {
        Reply reply = answered("\"status\":200,\"headers\":{\"Content-Type\":\"application/json\"}");
        assertEquals("", reply.body());
        assertEquals("application/json", reply.header("Content-Type"));
        assertEquals("0", reply.header("Content-Length"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\\\"statusCode\\\":", "OK", "0", "null", "[]", "\uFEFF{}", "{\\\"statusMessage\\\":\\\"no code\\\"}"})
    void aBodyIsSentAsItIs(String escaped) {
        Reply reply = answered("\"status\":200,\"headers\":{\"Content-Type\":\"application/json\"},\"body\":\"" + escaped + "\"");
        assertEquals(escaped.replace("\\", ""), reply.body());
    }

    @Test
    void aHeaderMayBeLeftOut() {
        Reply reply = answered("\"status\":200,\"headers\":{\"Content-Type\":null,\"X-CSRF-TOKEN\":\"new\"},\"body\":{\"statusCode\":0}");
        assertNull(reply.header("Content-Type"));
        assertEquals("new", reply.header("X-CSRF-TOKEN"));
    }

    @Test
    void aBodyIsRefusedWhereTheStatusForbidsOne() {
        String error = SERVER.stranger().post("/simulator/faults", "{\"kind\":\"rest\",\"action\":{\"type\":\"answer\",\"status\":204,\"body\":\"a\"}}")
                .object(400).get("error").toString();
        assertTrue(error.contains("'body' must be missing or empty with the status 204"), error);
    }
}
