package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class CorsTest {
    private static final String PAGE = "http://127.0.0.1:4711";
    private static final String OTHER_PAGE = "https://desktop.example";

    @RegisterExtension
    static final TestServer SERVER = new TestServer();

    @RegisterExtension
    static final TestServer RESTRICTED = new TestServer("--allowed-origin", OTHER_PAGE);

    @Test
    void aPreflightIsAnsweredWithoutLogin() {
        Reply reply = SERVER.stranger().send("OPTIONS", Bayeux.URL + "/handshake", "", "Origin", PAGE, "Access-Control-Request-Method", "POST");
        assertEquals(200, reply.status());
        assertEquals(PAGE, reply.header("Access-Control-Allow-Origin"));
        assertEquals("true", reply.header("Access-Control-Allow-Credentials"));
        assertEquals("GET,POST,PUT,DELETE,OPTIONS", reply.header("Access-Control-Allow-Methods"));
        assertEquals("X-Requested-With,Content-Type,Accept,Origin,Cookie,authorization,ssid,surl,ContactCenterId,X-CSRF-TOKEN",
                reply.header("Access-Control-Allow-Headers"));
    }

    @Test
    void anAllowedPageMayReadAnswersAndTheCsrfHeaders() {
        Reply reply = SERVER.stranger().get("/api/v2/me", "Origin", PAGE);
        assertEquals(403, reply.status());
        assertEquals(PAGE, reply.header("Access-Control-Allow-Origin"));
        assertEquals("X-CSRF-HEADER,X-CSRF-TOKEN", reply.header("Access-Control-Expose-Headers"));
        assertEquals("cross-origin", reply.header("Cross-Origin-Resource-Policy"));
        assertTrue(reply.http().headers().allValues("Vary").contains("Origin"));
    }

    @Test
    void aPageThatIsNotAllowedGetsNoHeaders() {
        for (String origin : new String[] {OTHER_PAGE, "null", "http://127.0.0.1.evil.example", "http://localhost:1"}) {
            for (String method : new String[] {"GET", "OPTIONS"}) {
                Reply reply = SERVER.stranger().send(method, "/api/v2/me", "", "Origin", origin);
                assertNull(reply.header("Access-Control-Allow-Origin"), origin);
                assertNull(reply.header("Access-Control-Allow-Credentials"), origin);
            }
        }
    }

    @Test
    void namedOriginsReplaceTheDefault() {
        assertEquals(OTHER_PAGE, RESTRICTED.stranger().get("/api/v2/me", "Origin", OTHER_PAGE).header("Access-Control-Allow-Origin"));
        assertNull(RESTRICTED.stranger().get("/api/v2/me", "Origin", PAGE).header("Access-Control-Allow-Origin"));
    }

    @Test
    void onlyPagesOfThisMachineMayControlTheSimulator() {
        Agent page = SERVER.stranger();
        assertEquals("http://localhost:1", page.get("/simulator/state", "Origin", "http://localhost:1").header("Access-Control-Allow-Origin"));
        SERVER.agent("anna");
        assertEquals(403, page.post("/simulator/reset", "", "Origin", OTHER_PAGE).status());
        assertEquals(true, Reply.map(Reply.list(SERVER.look("state").get("users")).get(0)).get("loggedIn"));
    }

    @Test
    void faultsAreReadableToPagesAsWell() {
        SERVER.control("faults", "{\"kind\":\"rest\",\"action\":{\"type\":\"answer\",\"status\":503}}");
        Reply reply = SERVER.stranger().get("/api/v2/me", "Origin", PAGE);
        assertEquals(503, reply.status());
        assertEquals(PAGE, reply.header("Access-Control-Allow-Origin"));
    }
}
