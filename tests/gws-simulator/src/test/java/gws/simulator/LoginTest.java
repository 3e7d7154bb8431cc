package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoginTest {
    private static final Map<String, Object> ACCESS_DENIED = Map.of("statusCode", 20L, "statusMessage", "Access denied");

    @RegisterExtension
    static final TestServer SERVER = new TestServer();

    @Test
    void basicCredentialsMakeASessionForWhichTheCookieSuffices() {
        Agent anna = SERVER.agent("anna");
        assertNotNull(anna.cookie("JSESSIONID"));
        Map<String, Object> user = Reply.map(anna.get("/api/v2/me").object(200).get("user"));
        assertEquals("anna", user.get("userName"));
    }

    @Test
    void nobodyGetsInWithoutLogin() {
        Agent stranger = SERVER.stranger();
        for (String path : List.of("/api/v2/me", "/api/v2/me/im-sessions", "/api/v2/unknown")) {
            assertEquals(ACCESS_DENIED, stranger.get(path).object(403));
        }
        String handshake = "[{\"channel\":\"/meta/handshake\",\"version\":\"1.0\",\"supportedConnectionTypes\":[\"long-polling\"]}]";
        assertEquals(ACCESS_DENIED, stranger.post(Bayeux.URL + "/handshake", handshake).object(403));
        assertNull(stranger.cookie("JSESSIONID"));
        assertNull(stranger.cookie("BAYEUX_BROWSER"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic", "Basic ?", "Basic YW5uYTp3cm9uZw==", "Basic bm9ib2R5", "Digest YW5uYTphbm5h", "Bearer anna"})
    void wrongCredentialsAreRefusedEvenBesideAGoodCookie(String header) {
        assertEquals(ACCESS_DENIED, SERVER.agent("anna").get("/api/v2/me", "Authorization", header).object(403));
    }

    @Test
    void aBearerTokenOfNameAndPasswordWorksOnEveryRequest() {
        String token = Base64.getEncoder().encodeToString("ben:ben".getBytes(StandardCharsets.UTF_8));
        Reply reply = SERVER.stranger().get("/api/v2/me", "Authorization", "Bearer " + token);
        assertEquals("ben", Reply.map(reply.object(200).get("user")).get("userName"));
    }

    @Test
    void anotherUsersCredentialsStartAnotherSession() {
        Agent agent = SERVER.agent("anna");
        String before = agent.cookie("JSESSIONID");
        agent.login("ben", "ben");
        assertNotEquals(before, agent.cookie("JSESSIONID"));
        assertEquals("ben", Reply.map(agent.get("/api/v2/me").object(200).get("user")).get("userName"));
    }

    @Test
    void aLoggedOutUserIsRefusedByRestAndCometd() {
        Agent anna = SERVER.agent("anna");
        Bayeux client = Bayeux.subscribed(anna, Bayeux.IM_TOPIC);
        SERVER.control("users/logout", "{\"user\":\"anna\"}");
        assertEquals(ACCESS_DENIED, anna.get("/api/v2/me").object(403));
        assertEquals(ACCESS_DENIED, client.connect(true).object(403));
    }

    @Test
    void theEndOfTheContactCenterSessionEndsTheLogin() {
        Agent anna = SERVER.agent("anna");
        Map<String, Object> done = Map.of("statusCode", 0L);
        assertEquals(done, anna.post("/api/v2/me", "{\"operationName\":\"StartContactCenterSession\",\"channels\":[\"voice\"]}").object(200));
        assertEquals(done, anna.post("/api/v2/me", "{\"operationName\":\"EndContactCenterSession\"}").object(200));
        assertEquals(ACCESS_DENIED, anna.get("/api/v2/me").object(403));
    }

    @Test
    void subresourcesAreSentOnlyWhenAskedFor() {
        Agent anna = SERVER.agent("anna");
        Map<String, Object> plain = Reply.map(anna.get("/api/v2/me").object(200).get("user"));
        assertNull(plain.get("devices"));
        Map<String, Object> full = Reply.map(anna.get("/api/v2/me?subresources=features,devices").object(200).get("user"));
        Map<String, Object> device = Reply.map(Reply.list(full.get("devices")).get(0));
        assertEquals("5001", device.get("phoneNumber"));
        assertEquals("/devices/" + device.get("id"), device.get("path"));
        assertEquals("api-voice-instant-messaging", Reply.map(Reply.list(full.get("features")).get(0)).get("id"));
    }
}
