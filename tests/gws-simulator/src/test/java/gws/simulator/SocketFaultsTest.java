package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SocketFaultsTest {
    @RegisterExtension
    static final TestServer SERVER = new TestServer("--timeout", "60000");

    @BeforeEach
    void cutSocketsLeftOver() {
        SERVER.cutAll();
    }

    private static BayeuxSocket shaken(String name) {
        return BayeuxSocket.shaken(SERVER, SERVER.agent(name));
    }

    /** Returns how many open sockets the action met. */
    private static long act(String action, String... members) {
        String more = members.length == 0 ? "" : "," + String.join(",", members);
        return (Long) SERVER.control("sockets", "{\"action\":" + action + more + "}").get("sockets");
    }

    private static long frames(String kind) {
        return (Long) Reply.map(SERVER.look("counters").get("frames")).get(kind);
    }

    private static long applied() {
        return (Long) SERVER.look("counters").get("socketActionsApplied");
    }

    private static Map<String, Object> onlySocket() {
        List<Object> sockets = Reply.list(SERVER.look("state").get("sockets"));
        assertEquals(1, sockets.size(), sockets::toString);
        return Reply.map(sockets.get(0));
    }

    private static long sent() {
        return (Long) onlySocket().get("sent");
    }

    @Test
    void aKilledSocketEndsWithoutACloseFrame() {
        BayeuxSocket client = shaken("anna");
        assertEquals(1, act("{\"type\":\"kill\"}"));
        assertEquals("1006 ", client.socket().end());
        assertEquals(0, SERVER.sockets("open"));
        assertEquals(1, SERVER.sockets("opened"));
    }

    @ParameterizedTest
    @CsvSource({"1000,''", "1001,going away", "1009,too big", "1011,'ü'", "1012,", "1013,try again later", "4000,own"})
    void aCloseFrameCarriesCodeAndReason(int code, String reason) {
        BayeuxSocket client = shaken("anna");
        String text = reason == null ? "" : reason;
        act("{\"type\":\"close\",\"code\":" + code + ",\"reason\":\"" + text + "\"}");
        assertEquals(code + " " + text, client.socket().end());
        Await.until("the socket is gone", () -> SERVER.sockets("open") == 0);
    }

    @Test
    void aHalfClosedSocketIsStillReadByTheServer() throws Exception {
        BayeuxSocket client = shaken("anna");
        act("{\"type\":\"half-close\"}");
        assertEquals("1006 ", client.socket().end());
        assertEquals(1, SERVER.sockets("open"));
        client.connect();
        Await.until("the connect is read", () -> frames("connect") == 1);
        assertEquals(1, SERVER.sockets("open"));
        client.socket().close();
        Await.until("the socket is gone", () -> SERVER.sockets("open") == 0);
    }

    @Test
    void aStallHoldsWhatTheServerSends() {
        BayeuxSocket client = shaken("anna");
        act("{\"type\":\"stall\",\"direction\":\"to-client\"}");
        assertEquals(List.of(true, false), List.of(onlySocket().get("stalledToClient"), onlySocket().get("stalledFromClient")));
        client.connect();
        Await.until("the reply is sent", () -> sent() == 2);
        assertFalse(client.socket().hasText());
        act("{\"type\":\"unstall\"}");
        assertEquals("/meta/connect", client.next().get("channel"));
    }

    @Test
    void aStallHoldsWhatTheClientSends() {
        BayeuxSocket client = shaken("anna");
        act("{\"type\":\"stall\",\"direction\":\"from-client\"}");
        client.connect();
        SERVER.control("publish", "{\"topic\":\"/v2/x\",\"data\":1}");
        act("{\"type\":\"send\",\"text\":\"passes\"}");
        assertEquals("passes", client.socket().nextText());
        assertEquals(0, frames("connect"));
        act("{\"type\":\"unstall\"}");
        assertEquals("/meta/connect", client.next().get("channel"));
    }

    @Test
    void aStallHidesThatTheServerCloses() {
        BayeuxSocket client = shaken("anna");
        act("{\"type\":\"stall\"}");
        act("{\"type\":\"close\",\"code\":1001}");
        assertEquals(1, SERVER.sockets("open"));
        assertFalse(client.socket().isEnded());
        act("{\"type\":\"unstall\"}");
        assertEquals("1001 ", client.socket().end());
    }

    @Test
    void aStalledSocketCountsAsClosedOnceTheClientHasLeft() throws Exception {
        BayeuxSocket client = shaken("anna");
        act("{\"type\":\"stall\"}");
        client.socket().close();
        Await.until("the socket is gone", () -> SERVER.sockets("open") == 0);
    }

    @Test
    void aClientThatSendsIntoAStallFeelsThatNobodyReads() {
        BayeuxSocket client = shaken("anna");
        act("{\"type\":\"stall\",\"direction\":\"from-client\"}");
        CompletableFuture<String> sending = CompletableFuture.supplyAsync(() -> client.send("/v2/x", "data", "x".repeat(60_000_000)));
        act("{\"type\":\"send\",\"text\":\"passes\"}");
        assertEquals("passes", client.socket().nextText());
        assertFalse(sending.isDone());
        act("{\"type\":\"kill\"}");
        assertThrows(CompletionException.class, sending::join);
    }

    @Test
    void whatIsStalledCanBeKilledAndCut() {
        BayeuxSocket anna = shaken("anna");
        BayeuxSocket ben = shaken("ben");
        act("{\"type\":\"stall\"}");
        assertEquals(1, act("{\"type\":\"kill\"}", "\"user\":\"anna\""));
        assertEquals("1006 ", anna.socket().end());
        assertFalse(ben.socket().isEnded());
        SERVER.control("connections/cut", "");
        assertEquals("1006 ", ben.socket().end());
    }

    @Test
    void aStallCanBeginAtTheNextSockets() {
        BayeuxSocket before = shaken("anna");
        assertEquals(0, act("{\"type\":\"stall\"}", "\"next\":1"));
        assertEquals(1, Reply.list(SERVER.look("state").get("socketActions")).size());
        BayeuxSocket stalled = BayeuxSocket.open(SERVER, SERVER.agent("ben"));
        stalled.sendHandshake();
        BayeuxSocket after = shaken("ben");
        before.connect();
        assertEquals("/meta/connect", before.next().get("channel"));
        assertEquals(2, frames("handshake"));
        assertFalse(stalled.socket().hasText());
        assertEquals(List.of(), SERVER.look("state").get("socketActions"));
        SERVER.stranger().send("DELETE", "/simulator/sockets", "");
        assertEquals("/meta/handshake", stalled.next().get("channel"));
        assertFalse(after.socket().isEnded());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void anActionCanWaitForFramesEitherWay(int afterFrames) {
        act("{\"type\":\"kill\"}", "\"next\":1", "\"afterFrames\":" + afterFrames);
        BayeuxSocket client = BayeuxSocket.open(SERVER, SERVER.agent("anna"));
        client.sendHandshake();
        if (afterFrames >= 2) {
            client.adopt((String) client.next().get("clientId"));
            if (afterFrames >= 3) {
                client.connect();
            }
            if (afterFrames == 4) {
                assertEquals(true, client.next().get("successful"));
            }
        }
        assertEquals("1006 ", client.socket().end());
        assertEquals(afterFrames >= 3 ? 1 : 0, frames("connect"));
        assertFalse(client.socket().hasText());
        assertEquals(1, applied());
    }

    @Test
    void aFrameThatSetsOffAKillIsStillProcessed() {
        Bayeux polling = Bayeux.subscribed(SERVER.agent("anna"));
        BayeuxSocket client = BayeuxSocket.open(SERVER, SERVER.agent("anna"));
        client.adopt(polling.clientId());
        act("{\"type\":\"kill\"}", "\"user\":\"anna\"", "\"afterFrames\":1");
        client.subscribe(Bayeux.IM_TOPIC);
        assertEquals("1006 ", client.socket().end());
        assertFalse(client.socket().hasText());
        Map<String, Object> session = Reply.map(Reply.list(SERVER.look("state").get("cometdSessions")).get(0));
        assertEquals(List.of(Bayeux.IM_TOPIC), session.get("subscriptions"));
    }

    @Test
    void whatFollowsTheFrameThatSetsOffAStallIsHeldEvenIfItCameWithIt() throws Exception {
        BayeuxSocket client = BayeuxSocket.open(SERVER, SERVER.agent("anna"));
        act("{\"type\":\"stall\"}", "\"afterFrames\":1");
        String handshake = "[{\"channel\":\"/meta/handshake\",\"version\":\"1.0\",\"supportedConnectionTypes\":[\"websocket\"]}]";
        client.socket().sendTexts(handshake, handshake);
        Await.until("the first one is answered", () -> sent() == 1);
        assertEquals(1, frames("handshake"));
        assertFalse(client.socket().hasText());
        act("{\"type\":\"unstall\"}");
        assertNotEquals(client.next().get("clientId"), client.next().get("clientId"));
        assertEquals(2, frames("handshake"));
    }

    @Test
    void anyTextAndAnyBytesCanBeSent() {
        BayeuxSocket client = shaken("anna");
        act("{\"type\":\"send\",\"text\":\"{rubbish ü\"}");
        assertEquals("{rubbish ü", client.socket().nextText());
        act("{\"type\":\"send\",\"text\":\"0123456789\",\"repeat\":500000}");
        assertEquals(5_000_000, client.socket().nextText().length());
        act("{\"type\":\"send\",\"binary\":\"AP8H\"}");
        assertArrayEquals(new byte[] {0, -1, 7}, client.socket().nextBinary());
        client.connect();
        assertEquals("/meta/connect", client.next().get("channel"));
    }

    @Test
    void aSwallowedReplyHasBeenProcessed() {
        BayeuxSocket client = shaken("anna");
        act("{\"type\":\"swallow\",\"kind\":\"subscribe\"}");
        client.subscribe("/v2/a");
        client.connect();
        assertEquals("/meta/connect", client.next().get("channel"));
        String id = client.subscribe("/v2/b");
        assertEquals(id, client.next().get("id"));
        Map<String, Object> session = Reply.map(Reply.list(SERVER.look("state").get("cometdSessions")).get(0));
        assertEquals(List.of("/v2/a", "/v2/b"), session.get("subscriptions"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"handshake", "connect", "subscribe", "unsubscribe", "disconnect", "publish"})
    void repliesOfEveryKindCanBeSwallowed(String kind) {
        BayeuxSocket client = shaken("anna");
        act("{\"type\":\"swallow\",\"kind\":\"" + kind + "\",\"times\":9}");
        client.connect();
        client.subscribe("/v2/a");
        client.send("/meta/unsubscribe", "subscription", "/v2/a");
        client.send("/v2/a", "data", 1);
        client.send("/meta/disconnect");
        client.sendHandshake();
        Await.until("everything is read", () -> frames("handshake") == 2);
        act("{\"type\":\"send\",\"text\":\"[{\\\"channel\\\":\\\"the end\\\"}]\"}");
        List<String> expected = new ArrayList<>(List.of("/meta/connect", "/meta/subscribe", "/meta/unsubscribe", "/v2/a", "/meta/disconnect", "/meta/handshake"));
        expected.remove(kind.equals("publish") ? "/v2/a" : "/meta/" + kind);
        expected.add("the end");
        assertEquals(expected, expected.stream().map(channel -> client.next().get("channel")).toList());
    }

    @Test
    void aDoubledReplyComesTwice() {
        BayeuxSocket client = shaken("anna");
        act("{\"type\":\"double\",\"kind\":\"connect\"}");
        String id = client.connect();
        assertEquals(id, client.next().get("id"));
        assertEquals(id, client.next().get("id"));
        String second = client.connect();
        assertEquals(second, client.next().get("id"));
    }

    @Test
    void aNotificationCanBeSwallowedToo() {
        BayeuxSocket client = shaken("anna");
        client.subscribe(Bayeux.IM_TOPIC);
        client.next();
        act("{\"type\":\"swallow\",\"kind\":\"notification\",\"times\":2}");
        SERVER.control("publish", "{\"topic\":\"" + Bayeux.IM_TOPIC + "\",\"data\":\"{{n}}\",\"count\":3}");
        assertEquals("3", client.next().get("data"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"to-client", "from-client"})
    void aDelayHoldsEveryFrameThatLong(String direction) {
        BayeuxSocket client = shaken("anna");
        act("{\"type\":\"delay\",\"ms\":300,\"direction\":\"" + direction + "\"}");
        for (int turn = 0; turn < 2; turn++) {
            long start = System.nanoTime();
            String id = client.connect();
            assertEquals(id, client.next().get("id"));
            assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(300));
        }
    }

    @Test
    void aDelayThatEndsLetsTheHeldFramesGo() {
        BayeuxSocket client = shaken("anna");
        act("{\"type\":\"delay\",\"ms\":3600000}");
        String id = client.connect();
        act("{\"type\":\"delay\",\"ms\":0}");
        assertEquals(id, client.next().get("id"));
    }

    @Test
    void aThrottledSocketIsThatSlow() {
        BayeuxSocket client = shaken("anna");
        act("{\"type\":\"throttle\",\"bytesPerSecond\":20000}");
        long start = System.nanoTime();
        act("{\"type\":\"send\",\"text\":\"0123456789\",\"repeat\":1000}");
        assertEquals(10_000, client.socket().nextText().length());
        long milliseconds = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(milliseconds >= 400, () -> milliseconds + " ms");
    }

    @Test
    void aThrottleSlowsTheClientDownToo() {
        BayeuxSocket client = shaken("anna");
        act("{\"type\":\"throttle\",\"bytesPerSecond\":20000,\"direction\":\"from-client\"}");
        long start = System.nanoTime();
        String id = client.send("/v2/x", "data", "x".repeat(10_000));
        assertEquals(id, client.next().get("id"));
        long milliseconds = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(milliseconds >= 400, () -> milliseconds + " ms");
    }

    @Test
    void aResetUndoesEverything() {
        BayeuxSocket client = shaken("anna");
        act("{\"type\":\"stall\"}");
        act("{\"type\":\"delay\",\"ms\":3600000}");
        act("{\"type\":\"throttle\",\"bytesPerSecond\":1}");
        act("{\"type\":\"swallow\",\"kind\":\"handshake\"}");
        act("{\"type\":\"kill\"}", "\"afterFrames\":9");
        act("{\"type\":\"kill\"}", "\"next\":9");
        SERVER.control("reset", "");
        assertEquals(List.of(), SERVER.look("state").get("socketActions"));
        assertEquals(0L, onlySocket().get("waiting"));
        assertEquals(0, applied());
        assertEquals(true, client.handshake().get("successful"));
        assertEquals(0, SERVER.sockets("opened"));
        assertEquals(1, SERVER.sockets("open"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{} | 'action' must be a JSON object, but it is null",
        "{\"action\":{\"type\":\"explode\"}} | 'type' must be kill, close, half-close, stall, unstall, delay, throttle, send, swallow or double, but it is \"explode\"",
        "{\"action\":{\"type\":\"kill\"},\"who\":1} | unknown member 'who', expected one of user, next, afterFrames, action",
        "{\"action\":{\"type\":\"close\",\"code\":1006}} | 'code' must be one that a close frame may carry (1000 to 1003, 1007 to 1014, 3000 to 4999), but it is 1006",
        "{\"action\":{\"type\":\"stall\",\"direction\":\"up\"}} | 'direction' must be to-client, from-client or both, but it is 'up'",
        "{\"action\":{\"type\":\"send\"}} | either 'text' or 'binary' (in base64) must be given",
        "{\"action\":{\"type\":\"send\",\"binary\":\"%\"}} | 'binary' must be base64, but it is '%'",
        "{\"action\":{\"type\":\"swallow\",\"kind\":\"rest\"}} | 'kind' must be one of handshake, connect, subscribe, unsubscribe, disconnect, publish, notification, but it is 'rest'",
        "{\"action\":{\"type\":\"kill\"},\"next\":0} | 'next' must lie between 1 and 2147483647, but it is 0"
    })
    void aWrongCallSaysWhatWasExpected(String body, String error) {
        assertEquals(error, SERVER.stranger().post("/simulator/sockets", body).object(400).get("error"));
    }
}
