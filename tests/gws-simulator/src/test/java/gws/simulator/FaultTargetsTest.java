package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FaultTargetsTest {
    private static final String IM_SESSIONS = "/api/v2/me/im-sessions";
    private static final String INITIATE = "{\"operationName\":\"InitiateIMSession\",\"destination\":{\"phoneNumber\":\"5002\"}}";
    private static final String ATTACH = "{\"userData\":{\"a\":1},\"operationName\":\"AttachUserData\"}";
    private static final String COMPLETE = "{\"operationName\":\"Complete\"}";

    @RegisterExtension
    static final TestServer SERVER = new TestServer();

    private Agent anna;

    @BeforeEach
    void login() {
        anna = SERVER.agent("anna");
    }

    private static void fault(String members) {
        SERVER.control("faults", "{\"kind\":\"rest\",\"times\":100,\"action\":{\"type\":\"answer\",\"status\":503}," + members + "}");
    }

    private static String session() {
        return "/api/v2/me" + Reply.map(Reply.list(SERVER.look("state").get("imSessions")).get(0)).get("path");
    }

    @Test
    void theReReadOfTheListCanBeMetAlone() {
        fault("\"method\":\"GET\",\"path\":\"/api/v2/me/im-sessions\"");
        assertEquals(200, anna.post(IM_SESSIONS, INITIATE).status());
        assertEquals(503, anna.get(IM_SESSIONS + "?fields=*").status());
        assertEquals(200, anna.get(session()).status());
        assertEquals(200, anna.get("/api/v2/me").status());
    }

    @Test
    void anOperationCanBeMetAlone() {
        fault("\"operation\":\"AttachUserData\"");
        assertEquals(200, anna.post(IM_SESSIONS, INITIATE).status());
        assertEquals(503, anna.post(session(), ATTACH).status());
        assertEquals(200, anna.post(session(), COMPLETE).status());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "rubbish", "[]", "[{\"operationName\":\"Complete\"}]", "{\"a\":{\"operationName\":\"Complete\"}}", "{\"operationName\":[\"Complete\"]}",
    })
    void aBodyThatNamesNoOperationIsNotMet(String body) {
        fault("\"operation\":\"Complete\"");
        assertEquals(400, anna.post("/api/v2/me", body).status());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/api/v2/me/im-sessions   | /api/v2/me/im-sessions    | 503",
        "/api/v2/me/im-sessions   | /api/v2/me/im-sessions/a  | 404",
        "/api/v2/me/im-sessions/* | /api/v2/me/im-sessions    | 200",
        "/api/v2/me/im-sessions/* | /api/v2/me/im-sessions/a  | 503",
        "/api/v2/me/im-sessions/* | /api/v2/me/im-sessions/a/b| 404",
        "/api/v2/**               | /api/v2/me/im-sessions/a/b| 503",
        "/api/v2/me/im*           | /api/v2/me/im-sessions    | 503",
        "/api/v2/me/im.sessions   | /api/v2/me/im-sessions    | 200",
        "/**/me                   | /api/v2/me                | 503",
    })
    void aPathMayHoldWildcards(String pattern, String path, int status) {
        fault("\"path\":\"" + pattern + "\"");
        assertEquals(status, anna.get(path).status());
    }

    @Test
    void methodsAreToldApart() {
        fault("\"method\":\"DELETE\"");
        assertEquals(200, anna.send("PUT", "/api/v2/me/settings/a", "{\"value\":1}").status());
        assertEquals(503, anna.send("DELETE", "/api/v2/me/settings/a", "").status());
        assertEquals(200, anna.get("/api/v2/me/settings/a").status());
    }

    @Test
    void aPathNarrowsCometdRequestsToo() {
        SERVER.control("faults", "{\"kind\":\"cometd\",\"path\":\"/api/v2/notifications/connect\",\"action\":{\"type\":\"answer\",\"status\":503}}");
        Bayeux client = new Bayeux(anna);
        client.handshake();
        assertEquals(503, client.connect(true).status());
    }

    @Test
    void whatIsNotMetIsNotSkippedEither() {
        fault("\"skip\":1,\"method\":\"GET\",\"path\":\"/api/v2/me/im-sessions\"");
        assertEquals(200, anna.get("/api/v2/me").status());
        assertEquals(200, anna.get(IM_SESSIONS).status());
        assertEquals(503, anna.get(IM_SESSIONS).status());
    }

    @Test
    void theStateShowsWhatAFaultIsMeantFor() {
        fault("\"user\":\"anna\",\"method\":\"POST\",\"path\":\"/api/v2/**\",\"operation\":\"Complete\"");
        Map<String, Object> shown = Reply.map(Reply.list(SERVER.look("state").get("faults")).get(0));
        assertEquals(List.of("rest", "anna", "POST", "/api/v2/**", "Complete"),
                List.of(shown.get("kind"), shown.get("user"), shown.get("method"), shown.get("path"), shown.get("operation")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "\"kind\":\"rest\",\"method\":\"get\"               | 'method' must be one of GET, HEAD, POST, PUT, DELETE, but it is 'get'",
        "\"kind\":\"rest\",\"method\":\"OPTIONS\"           | 'method' must be one of",
        "\"kind\":\"rest\",\"method\":1                     | 'method' must be a string, but it is 1",
        "\"kind\":\"rest\",\"path\":\"api/v2\"              | 'path' must begin with /",
        "\"kind\":\"rest\",\"path\":\"\"                    | 'path' must begin with /",
        "\"kind\":\"rest\",\"path\":\"/api/v2/me?fields=*\" | hold no query",
        "\"kind\":\"rest\",\"path\":[\"/a\"]                | 'path' must be a string",
        "\"kind\":\"any\",\"path\":\"/simulator/state\"     | must not lie under /simulator",
        "\"kind\":\"rest\",\"operation\":\"\"               | 'operation' must be an operationName",
        "\"kind\":\"rest\",\"operation\":{}                 | 'operation' must be a string",
        "\"kind\":\"connect\",\"operation\":\"Complete\"    | 'operation' needs the kind rest or any",
    })
    void aWrongTargetIsRefusedWithWhatIsExpected(String members, String expected) {
        Reply reply = SERVER.stranger().post("/simulator/faults", "{\"action\":{\"type\":\"drop\"}," + members + "}");
        String error = reply.object(400).get("error").toString();
        assertTrue(error.contains(expected), error);
        assertEquals(List.of(), SERVER.look("state").get("faults"));
    }
}
