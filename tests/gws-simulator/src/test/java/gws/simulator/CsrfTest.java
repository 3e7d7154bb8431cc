package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class CsrfTest {
    private static final String OPERATION = "{\"operationName\":\"StartContactCenterSession\"}";
    private static final String SETTING = "{\"value\":1}";
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
    void putAndDeleteNeedTheTokenAsWell() {
        csrf("enforce");
        Agent anna = SERVER.agent("anna");
        String token = anna.get("/api/v2/me").header("X-CSRF-TOKEN");
        for (String method : new String[] {"PUT", "DELETE"}) {
            assertRefused(anna.send(method, "/api/v2/me/settings/theme", SETTING));
            assertEquals(200, anna.send(method, "/api/v2/me/settings/theme", SETTING, "X-CSRF-TOKEN", token).status());
        }
    }

    private static void assertRefused(Reply reply) {
        assertEquals(403, reply.status());
        assertEquals("Missing or invalid Csrf token", reply.body());
    }

    @Test
    void aRotatedTokenIsRefusedUntilTheNewOneIsRead() {
        csrf("enforce");
        Agent anna = SERVER.agent("anna");
        Agent ben = SERVER.agent("ben");
        String old = anna.get("/api/v2/me").header("X-CSRF-TOKEN");
        String bens = ben.get("/api/v2/me").header("X-CSRF-TOKEN");
        assertEquals(Map.of("sessions", 1L), SERVER.control("users/rotate-csrf", "{\"user\":\"anna\"}"));
        Reply refused = anna.post("/api/v2/me", OPERATION, "X-CSRF-TOKEN", old);
        assertRefused(refused);
        assertNull(refused.header("X-CSRF-TOKEN"));
        assertRefused(anna.post(Bayeux.URL + "/handshake", HANDSHAKE, "X-CSRF-TOKEN", old));
        String fresh = anna.get("/api/v2/me").header("X-CSRF-TOKEN");
        assertNotEquals(old, fresh);
        assertEquals(200, anna.post("/api/v2/me", OPERATION, "X-CSRF-TOKEN", fresh).status());
        assertEquals(200, ben.post("/api/v2/me", OPERATION, "X-CSRF-TOKEN", bens).status());
    }

    @Test
    void thereIsNothingToRotateForAUserWhoIsNotLoggedIn() {
        assertEquals(Map.of("sessions", 0L), SERVER.control("users/rotate-csrf", "{\"user\":\"anna\"}"));
        for (String body : new String[] {"{}", "{\"user\":\"nobody\"}", "{\"user\":\"anna\",\"token\":\"x\"}"}) {
            assertEquals(400, SERVER.stranger().post("/simulator/users/rotate-csrf", body).status());
        }
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
