package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bearer tokens that run out. */
class BearerTest {
    private static final String ME = "/api/v2/me";
    private static final String HANDSHAKE = "[{\"channel\":\"/meta/handshake\",\"version\":\"1.0\",\"supportedConnectionTypes\":[\"long-polling\"]}]";

    @RegisterExtension
    static final TestServer SERVER = new TestServer();

    private static String bearer(String name, String suffix) {
        return "Bearer " + Base64.getEncoder().encodeToString((name + ":" + name).getBytes(StandardCharsets.UTF_8)) + suffix;
    }

    private static Agent agent(String token) {
        Agent agent = SERVER.stranger();
        assertEquals(200, agent.get(ME, "Authorization", token).status());
        return agent;
    }

    private static void expire(String name) {
        assertEquals(Map.of(), SERVER.control("users/expire-tokens", "{\"user\":\"" + name + "\"}"));
    }

    private static void assertRefused(Reply reply) {
        assertEquals(Map.of("statusCode", 20L, "statusMessage", "Access denied"), reply.object(401));
        assertEquals("Bearer error=\"invalid_token\"", reply.header("WWW-Authenticate"));
    }

    private static boolean isAnnaLoggedIn() {
        return (Boolean) Reply.map(Reply.list(SERVER.look("state").get("users")).get(0)).get("loggedIn");
    }

    @Test
    void anExpiredTokenIsRefusedByRestAndCometdAndSoIsItsCookie() {
        Agent anna = agent(bearer("anna", ""));
        Bayeux client = Bayeux.subscribed(anna, Bayeux.IM_TOPIC);
        expire("anna");
        assertRefused(anna.get(ME, "Authorization", bearer("anna", "")));
        assertRefused(anna.get(ME));
        assertRefused(anna.post(Bayeux.URL + "/handshake", HANDSHAKE, "Authorization", bearer("anna", "")));
        assertRefused(client.connect(true));
        assertEquals(false, isAnnaLoggedIn());
    }

    @Test
    void anotherTokenMakesANewSessionAndTheCometdSessionGoesOn() {
        Agent anna = agent(bearer("anna", ""));
        Bayeux client = Bayeux.subscribed(anna, Bayeux.IM_TOPIC);
        String before = anna.cookie("JSESSIONID");
        expire("anna");
        assertEquals(200, anna.get(ME, "Authorization", bearer("anna", ".2")).status());
        assertNotEquals(before, anna.cookie("JSESSIONID"));
        assertEquals(true, Bayeux.last(client.connect(true).array()).get("successful"));
        assertEquals(true, isAnnaLoggedIn());
        assertRefused(anna.get(ME, "Authorization", bearer("anna", "")));
    }

    @Test
    void aConnectThatIsHeldStaysWhenTheTokenExpiresAndWhenAnotherComes() {
        Agent anna = agent(bearer("anna", ""));
        Bayeux client = Bayeux.subscribed(anna, Bayeux.IM_TOPIC);
        CompletableFuture<Reply> held = client.connectLater();
        SERVER.awaitHeld(client);
        expire("anna");
        assertEquals(200, anna.get(ME, "Authorization", bearer("anna", ".2")).status());
        SERVER.control("publish", "{\"topic\":\"/v2/me/im-sessions\",\"user\":\"anna\",\"data\":{\"text\":\"a\"}}");
        assertEquals(List.of(Map.of("text", "a")), Bayeux.deliveries(held.join()));
    }

    @Test
    void everyTokenUsedSoFarExpiresAndTheOthersDoNot() {
        Agent anna = agent(bearer("anna", ".a"));
        expire("anna");
        assertRefused(anna.get(ME, "Authorization", bearer("anna", ".a")));
        assertRefused(anna.get(ME, "Authorization", bearer("anna", "")));
        assertEquals(200, anna.get(ME, "Authorization", bearer("anna", ".b")).status());
        expire("anna");
        for (String suffix : List.of("", ".a", ".b")) {
            assertRefused(anna.get(ME, "Authorization", bearer("anna", suffix)));
        }
        assertEquals(200, anna.get(ME, "Authorization", bearer("anna", ".c")).status());
    }

    @Test
    void aNewTokenBesideAGoodSessionKeepsItAndIsItsTokenFromThenOn() {
        Agent anna = agent(bearer("anna", ".a"));
        String cookie = anna.cookie("JSESSIONID");
        assertEquals(200, anna.get(ME, "Authorization", bearer("anna", ".b")).status());
        assertEquals(cookie, anna.cookie("JSESSIONID"));
        expire("anna");
        assertRefused(anna.get(ME));
    }

    @Test
    void basicLoginsAndOtherUsersAreNotConcerned() {
        Agent anna = SERVER.agent("anna");
        Agent ben = agent(bearer("ben", ""));
        expire("anna");
        assertEquals(200, anna.get(ME).status());
        assertEquals(200, ben.get(ME, "Authorization", bearer("ben", "")).status());
    }

    @Test
    void aSocketIsRefusedWithAnExpiredToken() {
        Agent anna = agent(bearer("anna", ""));
        expire("anna");
        CompletionException failure = assertThrows(CompletionException.class, () -> anna.client().newWebSocketBuilder()
                .buildAsync(URI.create(SERVER.uri().replace("http:", "ws:") + Bayeux.URL), new WebSocket.Listener() { }).join());
        assertEquals(401, ((WebSocketHandshakeException) failure.getCause()).getResponse().statusCode());
    }

    @Test
    void faultsAndTheLogKnowTheUserOfAnExpiredToken() {
        Agent anna = agent(bearer("anna", ""));
        expire("anna");
        anna.get(ME);
        List<Object> log = Reply.list(SERVER.look("requests").get("requests"));
        Map<String, Object> last = Reply.map(log.get(log.size() - 1));
        assertEquals(List.of("anna", 401L), List.of(last.get("user"), last.get("status")));
    }

    @Test
    void aResetMakesAllTokensGoodAgain() {
        expire("anna");
        SERVER.control("reset", "");
        agent(bearer("anna", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "..2", ".2.3", ".a b", ".ü"})
    void aSuffixThatIsNoneIsRefusedAsWrongCredentials(String suffix) throws Exception {
        String head = "GET " + ME + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: " + bearer("anna", suffix) + "\r\n\r\n";
        try (RawHttp connection = new RawHttp(SERVER.uri())) {
            connection.write(head);
            assertEquals("HTTP/1.1 403 ", connection.readToEnd().substring(0, 13));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"user\":\"nobody\"}", "{\"user\":\"anna\",\"times\":2}"})
    void aWrongCallIsRefused(String body) {
        assertEquals(400, SERVER.stranger().post("/simulator/users/expire-tokens", body).status());
    }
}
