package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpgradeFaultsTest {
    @RegisterExtension
    static final TestServer SERVER = new TestServer();

    @BeforeEach
    void cutSocketsLeftOver() {
        SERVER.cutAll();
    }

    private static void fault(String kind, String action) {
        SERVER.control("faults", "{\"kind\":\"" + kind + "\",\"action\":" + action + "}");
    }

    private static RawHttp ask() throws IOException {
        RawHttp connection = new RawHttp(SERVER.uri());
        connection.write(RawSocket.request(SERVER.agent("anna").cookie("JSESSIONID")));
        return connection;
    }

    private static String answer() throws IOException {
        try (RawHttp connection = ask()) {
            return connection.readAnswer();
        }
    }

    private static Map<String, Object> requests() {
        return Reply.map(SERVER.look("counters").get("requests"));
    }

    @Test
    void anUpgradeIsAKindOfItsOwnAndItsFramesAreCountedByKind() {
        BayeuxSocket client = BayeuxSocket.shaken(SERVER, SERVER.agent("anna"));
        client.connect();
        client.subscribe("/v2/a");
        client.send("/meta/unsubscribe", "subscription", "/v2/a");
        client.send("/v2/a", "data", 1);
        client.send("/meta/connect", "connectionType", "websocket", "advice", Map.of("timeout", 0));
        client.send("/meta/disconnect");
        for (int reply = 0; reply < 6; reply++) {
            client.next();
        }
        Map<String, Object> counters = SERVER.look("counters");
        assertEquals(Map.of("handshake", 1L, "connect", 2L, "subscribe", 1L, "unsubscribe", 1L, "disconnect", 1L, "publish", 1L, "other", 0L),
                counters.get("frames"));
        assertEquals(1L, requests().get("upgrade"));
        assertEquals(0L, requests().get("handshake"));
        assertEquals(Map.of("opened", 1L, "open", 1L), counters.get("sockets"));
        Object record = Reply.list(SERVER.look("requests").get("requests")).stream().map(Reply::map)
                .filter(request -> request.get("kind").equals("upgrade")).findFirst().orElseThrow().get("status");
        assertEquals(101L, record);
    }

    @Test
    void severalMessagesInOneFrameAreCountedEach() throws Exception {
        BayeuxSocket client = BayeuxSocket.open(SERVER, SERVER.agent("anna"));
        client.socket().sendTexts("[{\"channel\":\"/meta/subscribe\"},{\"channel\":\"/meta/connect\"}]");
        Await.until("both are counted", () -> Reply.map(SERVER.look("counters").get("frames")).get("connect").equals(1L));
        assertEquals(1L, Reply.map(SERVER.look("counters").get("frames")).get("subscribe"));
    }

    @Test
    void aMessageInFragmentsIsCountedOnce() throws Exception {
        BayeuxSocket client = BayeuxSocket.open(SERVER, SERVER.agent("anna"));
        client.socket().sendInFragments("[{\"channel\":\"/meta/handshake\",\"version\":\"1.0\",", "\"supportedConnectionTypes\":[\"websocket\"]}]");
        assertEquals(true, client.next().get("successful"));
        Map<String, Object> frames = Reply.map(SERVER.look("counters").get("frames"));
        assertEquals(List.of(1L, 0L), List.of(frames.get("handshake"), frames.get("other")));
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 403, 503})
    void anUpgradeIsRefusedWithAnyStatus(int status) throws Exception {
        fault("upgrade", "{\"type\":\"answer\",\"status\":" + status + ",\"body\":\"no\"}");
        String answer = answer();
        assertTrue(answer.startsWith("HTTP/1.1 " + status + " ") && answer.endsWith("\r\n\r\nno"), answer);
        assertTrue(answer().startsWith("HTTP/1.1 101 "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"drop", "drop-reply"})
    void aDroppedUpgradeGetsNoAnswerAndTheNextOneIsServed(String type) throws Exception {
        fault("upgrade", "{\"type\":\"" + type + "\"}");
        try (RawHttp connection = ask()) {
            assertEquals("", connection.readToEnd());
        }
        // Sent the very same way as a browser would do it, at once.
        assertTrue(answer().startsWith("HTTP/1.1 101 "));
        Await.until("all sockets are gone", () -> SERVER.sockets("open") == 0);
        assertEquals(1L, SERVER.look("counters").get("faultsApplied"));
    }

    @Test
    void aHangingUpgradeIsNotAnswered() throws Exception {
        fault("upgrade", "{\"type\":\"hang\"}");
        try (RawHttp connection = ask()) {
            Await.until("the fault is applied", () -> SERVER.look("counters").get("faultsApplied").equals(1L));
            SERVER.control("reset", "");
            assertEquals("", connection.readToEnd());
        }
        assertEquals(0, SERVER.sockets("opened"));
    }

    @Test
    void aDelayedUpgradeOpensLateAndWorks() {
        Agent anna = SERVER.agent("anna");
        fault("upgrade", "{\"type\":\"delay\",\"ms\":300}");
        long start = System.nanoTime();
        BayeuxSocket client = BayeuxSocket.open(SERVER, anna);
        assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(300));
        assertEquals(true, client.handshake().get("successful"));
    }

    @Test
    void aStrippedUpgradeReachesTheServerAsAPlainGet() throws Exception {
        fault("upgrade", "{\"type\":\"strip-upgrade\"}");
        String answer = answer();
        assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
        assertFalse(answer.contains("Sec-WebSocket-Accept"), answer);
        assertEquals(0, SERVER.sockets("opened"));
        assertEquals(1L, requests().get("upgrade"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"truncate", "half-close"})
    void anUpgradeCanBreakOffWithinTheFrames(String type) {
        fault("upgrade", "{\"type\":\"" + type + "\",\"bytes\":20}");
        BayeuxSocket client = BayeuxSocket.open(SERVER, SERVER.agent("anna"));
        client.sendHandshake();
        assertEquals("1006 ", client.socket().end());
        assertFalse(client.socket().hasText());
    }

    @Test
    void aThrottledUpgradeSlowsDownTheFramesBehindIt() {
        fault("upgrade", "{\"type\":\"throttle\",\"bytesPerSecond\":500}");
        BayeuxSocket client = BayeuxSocket.open(SERVER, SERVER.agent("anna"));
        long start = System.nanoTime();
        assertEquals(true, client.handshake().get("successful"));
        assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(200));
    }

    @Test
    void faultsOfCometdRequestsLeaveUpgradesAlone() throws Exception {
        fault("cometd", "{\"type\":\"drop\"}");
        assertTrue(answer().startsWith("HTTP/1.1 101 "));
    }

    @Test
    void aCutEndsSocketsAndKeepsTheSession() {
        BayeuxSocket client = BayeuxSocket.shaken(SERVER, SERVER.agent("anna"));
        SERVER.control("connections/cut", "");
        assertEquals("1006 ", client.socket().end());
        Await.until("the socket is gone", () -> SERVER.sockets("open") == 0);
        assertEquals(client.clientId(), Reply.map(Reply.list(SERVER.look("state").get("cometdSessions")).get(0)).get("clientId"));
    }

    @Test
    void aRestartEndsEvenStalledSockets() {
        BayeuxSocket client = BayeuxSocket.shaken(SERVER, SERVER.agent("anna"));
        SERVER.control("sockets", "{\"action\":{\"type\":\"stall\"}}");
        SERVER.control("cometd/restart", "{\"downMs\":0}");
        assertEquals("1006 ", client.socket().end());
        Await.until("the port accepts connections again", SERVER::listens);
    }
}
