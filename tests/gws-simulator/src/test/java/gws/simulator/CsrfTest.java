package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class CsrfTest {
    private static final String OPERATION = "{\"operationName\":\"StartContactCenterSession\"}";
    private static final String HANDSHAKE =
            "[{\"channel\":\"/meta/handshake\",\"version\":\"1.0\",\"supportedConnectionTypes\":[\"long-polling\"]}]";

    @RegisterExtension
    static final TestServer SERVER = new TestServer();

    private static void csrf(String mode) {
        SERVER.control("options", "{\"csrf\":\"" + mode + "\"}");
    }

    @Test
    void thereAreNoHeadersWhenItIsOff() {
        assertNull(SERVER.agent("anna").get("/api/v2/me").header("X-CSRF-HEADER"));
    }

    @Test
    void anOfferedTokenIsNotDemanded() {
        csrf("offer");
        Agent anna = SERVER.agent("anna");
        Reply reply = anna.get("/api/v2/me");
        assertEquals("X-CSRF-TOKEN", reply.header("X-CSRF-HEADER"));
        assertNotNull(reply.header("X-CSRF-TOKEN"));
        assertEquals(200, anna.post("/api/v2/me", OPERATION).status());
    }

    @Test
    void anEnforcedTokenIsDemandedOfRestAndCometd() {
        csrf("enforce");
        Agent anna = SERVER.agent("anna");
        String token = anna.get("/api/v2/me").header("X-CSRF-TOKEN");
        for (Reply refused : new Reply[] {anna.post("/api/v2/me", OPERATION), anna.post(Bayeux.URL + "/handshake", HANDSHAKE),
                anna.post("/api/v2/me", OPERATION, "X-CSRF-TOKEN", "wrong")}) {
            assertEquals(403, refused.status());
            assertEquals("Missing or invalid Csrf token", refused.body());
        }
        assertEquals(200, anna.post("/api/v2/me", OPERATION, "X-CSRF-TOKEN", token).status());
        assertEquals(200, anna.post(Bayeux.URL + "/handshake", HANDSHAKE, "X-CSRF-TOKEN", token).status());
    }

    @Test
    void aPostWithoutASessionIsToldAboutTheToken() {
        csrf("enforce");
        Reply reply = SERVER.stranger().post("/api/v2/me", OPERATION, "Authorization", Agent.basic("anna", "anna"));
        assertEquals("Missing or invalid Csrf token", reply.body());
    }

    @Test
    void theTokenLivesAndDiesWithTheSession() {
        csrf("enforce");
        Agent anna = SERVER.agent("anna");
        String first = anna.get("/api/v2/me").header("X-CSRF-TOKEN");
        assertEquals(first, anna.get("/api/v2/me").header("X-CSRF-TOKEN"));
        SERVER.control("users/logout", "{\"user\":\"anna\"}");
        anna.login("anna", "anna");
        assertNotEquals(first, anna.get("/api/v2/me").header("X-CSRF-TOKEN"));
        assertEquals(403, anna.post("/api/v2/me", OPERATION, "X-CSRF-TOKEN", first).status());
    }
}
