package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FaultsTest {
    private static final String START = "{\"operationName\":\"StartContactCenterSession\"}";
    private static final String ATTACH = "{\"operationName\":\"AttachUserData\",\"userData\":{\"a\":1}}";

    @RegisterExtension
    static final TestServer SERVER = new TestServer("--timeout", "60000");

    private static void fault(String members) {
        assertNotNull(SERVER.control("faults", "{" + members + "}").get("id"));
    }

    private static long applied() {
        return (Long) SERVER.look("counters").get("faultsApplied");
    }

    /** Starts a session and returns its path. */
    private static String session(Agent anna) {
        assertEquals(200, anna.post("/api/v2/me/im-sessions", "{\"operationName\":\"InitiateIMSession\",\"destination\":{\"phoneNumber\":\"5002\"}}").status());
        return "/api/v2/me" + Reply.map(Reply.list(SERVER.look("state").get("imSessions")).get(0)).get("path");
    }

    private static Object userData() {
        return Reply.map(Reply.list(SERVER.look("state").get("imSessions")).get(0)).get("userData");
    }

    @Test
    void anAnswerReplacesTheRequest() {
        Agent anna = SERVER.agent("anna");
        String path = session(anna);
        fault("\"kind\":\"rest\",\"action\":{\"type\":\"answer\",\"status\":502,\"headers\":{\"Content-Type\":\"text/html\",\"X-A\":\"b\"},\"body\":\"<p>ü\"}");
        Reply reply = anna.post(path, ATTACH);
        assertEquals(List.of(502, "text/html", "b", "<p>ü"), List.of(reply.status(), reply.header("Content-Type"), reply.header("X-A"), reply.body()));
        assertEquals(Map.of(), userData());
        assertEquals(200, anna.post(path, ATTACH).status());
        assertEquals(1, applied());
    }

    @Test
    void anAnswerMayBeJson() {
        fault("\"kind\":\"connect\",\"action\":{\"type\":\"answer\",\"status\":200,\"body\":[{\"a\":null}]}");
        Reply reply = SERVER.agent("anna").post(Bayeux.URL, "[{\"channel\":\"/meta/connect\"}]");
        assertEquals("[{\"a\":null}]", reply.body());
        assertEquals("application/json;charset=UTF-8", reply.header("Content-Type").replace(" ", ""));
    }

    @Test
    void aDroppedRequestIsNotProcessed() {
        Agent anna = SERVER.agent("anna");
        String path = session(anna);
        fault("\"kind\":\"rest\",\"action\":{\"type\":\"drop\"}");
        Faults.assertLost(() -> anna.post(path, ATTACH));
        assertEquals(Map.of(), userData());
        assertEquals(200, anna.post(path, ATTACH).status());
    }

    @Test
    void aDroppedReplyHasBeenProcessed() {
        Agent anna = SERVER.agent("anna");
        String path = session(anna);
        fault("\"kind\":\"rest\",\"action\":{\"type\":\"drop-reply\"}");
        Faults.assertLost(() -> anna.post(path, ATTACH));
        assertEquals(Map.of("a", 1L), userData());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 40})
    void aTruncatedAnswerBreaksOffAfterThatManyBytes(int bytes) throws Exception {
        String body = "[{\"channel\":\"/meta/handshake\",\"version\":\"1.0\",\"supportedConnectionTypes\":[\"long-polling\"]}]";
        fault("\"kind\":\"handshake\",\"action\":{\"type\":\"truncate\",\"bytes\":" + bytes + "}");
        String answer = RawHttp.post(SERVER.uri(), Bayeux.URL + "/handshake", Agent.basic("anna", "anna"), body);
        assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
        assertEquals(bytes, answer.length() - answer.indexOf("\r\n\r\n") - 4, answer);
    }

    @Test
    void aLongChunkedAnswerIsCutByBodyBytesToo() throws Exception {
        Agent anna = SERVER.agent("anna");
        Bayeux client = Bayeux.subscribed(anna, Bayeux.IM_TOPIC);
        SERVER.control("publish", "{\"topic\":\"/v2/me/im-sessions\",\"count\":5000,\"data\":{\"text\":\"0123456789\"}}");
        fault("\"kind\":\"connect\",\"action\":{\"type\":\"truncate\",\"bytes\":100000}");
        String cookies = "JSESSIONID=" + anna.cookie("JSESSIONID") + "; BAYEUX_BROWSER=" + anna.cookie("BAYEUX_BROWSER");
        String answer = RawHttp.postWithCookies(SERVER.uri(), Bayeux.URL + "/connect", cookies, client.connectBody(true));
        assertTrue(answer.contains("Transfer-Encoding: chunked"), () -> answer.substring(0, 400));
        assertEquals(100_000, RawHttp.dechunk(answer.substring(answer.indexOf("\r\n\r\n") + 4)).length());
    }

    @Test
    void aTruncationBehindTheEndOfTheAnswerDoesNothing() {
        Agent anna = SERVER.agent("anna");
        fault("\"kind\":\"rest\",\"action\":{\"type\":\"truncate\",\"bytes\":1000000}");
        assertEquals(200, anna.post("/api/v2/me", START).status());
        assertEquals(200, anna.post("/api/v2/me", START).status());
    }

    @Test
    void aDelayedAnswerComesLate() {
        Agent anna = SERVER.agent("anna");
        fault("\"kind\":\"rest\",\"action\":{\"type\":\"delay\",\"ms\":300}");
        long start = System.nanoTime();
        assertEquals(200, anna.get("/api/v2/me").status());
        assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(300));
    }

    @Test
    void aDelayedAnswerHasBeenProcessedBefore() {
        Agent anna = SERVER.agent("anna");
        String path = session(anna);
        fault("\"kind\":\"rest\",\"action\":{\"type\":\"delay\",\"ms\":60000}");
        CompletableFuture<Reply> reply = anna.postLater(path, ATTACH);
        Await.until("the request is processed", () -> userData().equals(Map.of("a", 1L)));
        assertFalse(reply.isDone());
        SERVER.control("connections/cut", "");
        assertThrows(CompletionException.class, reply::join);
    }

    @Test
    void aDelayHoldsCometdAnswersToo() {
        Bayeux client = Bayeux.subscribed(SERVER.agent("anna"), Bayeux.IM_TOPIC);
        fault("\"kind\":\"connect\",\"action\":{\"type\":\"delay\",\"ms\":300}");
        long start = System.nanoTime();
        assertEquals(200, client.connect(true).status());
        assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(300));
    }

    @Test
    void aHangingRequestIsNotProcessedAndEndsWithAReset() {
        Agent anna = SERVER.agent("anna");
        String path = session(anna);
        fault("\"kind\":\"rest\",\"action\":{\"type\":\"hang\"}");
        CompletableFuture<Reply> reply = anna.postLater(path, ATTACH);
        Await.until("the fault is applied", () -> applied() == 1);
        assertEquals(Map.of(), userData());
        assertFalse(reply.isDone());
        SERVER.control("reset", "");
        assertThrows(CompletionException.class, reply::join);
    }

    @Test
    void aHangingRequestEndsWhenTheClientGoesAway() throws Exception {
        fault("\"kind\":\"any\",\"action\":{\"type\":\"hang\"}");
        SERVER.cutAll();
        try (RawHttp socket = new RawHttp(SERVER.uri())) {
            socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            Await.until("the fault is applied", () -> applied() == 1);
            assertEquals(1, open());
        }
        Await.until("the connection is closed", () -> open() == 0);
    }

    private static long open() {
        return SERVER.connections("open");
    }

    @Test
    void aFaultMeetsItsKindAndUserOnlyAfterSkippingAndSoManyTimes() {
        Agent anna = SERVER.agent("anna");
        Agent ben = SERVER.agent("ben");
        fault("\"kind\":\"rest\",\"user\":\"ben\",\"skip\":1,\"times\":2,\"action\":{\"type\":\"answer\",\"status\":503}");
        assertEquals(200, anna.get("/api/v2/me").status());
        assertEquals(200, ben.get("/api/v2/me").status());
        assertEquals(200, anna.get("/api/v2/me").status());
        assertEquals(200, Bayeux.subscribed(ben).connect(true).status());
        assertEquals(503, ben.get("/api/v2/me").status());
        assertEquals(1L, Reply.map(Reply.list(SERVER.look("state").get("faults")).get(0)).get("times"));
        assertEquals(503, ben.get("/api/v2/me").status());
        assertEquals(200, ben.get("/api/v2/me").status());
        assertEquals(List.of(), SERVER.look("state").get("faults"));
    }

    @ParameterizedTest
    @CsvSource({"handshake,1", "connect,2", "subscribe,1", "disconnect,1", "publish,1", "unsubscribe,1", "cometd,7", "rest,1", "static,1", "any,9"})
    void kindsAreToldApart(String kind, int expected) {
        Agent anna = SERVER.agent("anna");
        fault("\"kind\":\"" + kind + "\",\"times\":100,\"action\":{\"type\":\"delay\",\"ms\":1}");
        Bayeux client = Bayeux.subscribed(anna, Bayeux.IM_TOPIC);
        client.connect(true);
        client.publish(Bayeux.IM_TOPIC);
        client.unsubscribe(Bayeux.IM_TOPIC);
        client.disconnect();
        anna.get("/api/v2/me");
        anna.get("/index.html");
        anna.send("OPTIONS", Bayeux.URL, "");
        assertEquals(expected, applied());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"type\":\"drop\"}", "{\"type\":\"drop-reply\"}"})
    void whatABrowserRepeatsByItselfIsLostAsWell(String action) throws Exception {
        String cookie = "JSESSIONID=" + SERVER.agent("anna").cookie("JSESSIONID");
        fault("\"kind\":\"rest\",\"action\":" + action);
        assertEquals("", browserPost(cookie, START, true));
        assertEquals("", browserPost(cookie, START, true));
        assertTrue(browserPost(cookie, "{\"operationName\":\"Other\"}", true).startsWith("HTTP/1.1 400 "));
        assertEquals("", browserPost(cookie, START, false));
        assertEquals(1, applied());
        SERVER.stranger().send("DELETE", "/simulator/faults", "");
        assertTrue(browserPost(cookie, START, true).startsWith("HTTP/1.1 200 "));
    }

    @Test
    void aRequestThatABrowserDoesNotRepeatIsLostOnce() throws Exception {
        String cookie = "JSESSIONID=" + SERVER.agent("anna").cookie("JSESSIONID");
        fault("\"kind\":\"rest\",\"action\":{\"type\":\"drop\"}");
        assertEquals("", browserPost(cookie, START, false));
        assertTrue(browserPost(cookie, START, true).startsWith("HTTP/1.1 200 "));
    }

    /** What a browser gets in answer to a request over a connection it has used before, or over a new one. */
    private static String browserPost(String cookie, String body, boolean usedBefore) throws Exception {
        try (RawHttp connection = new RawHttp(SERVER.uri())) {
            String used = usedBefore ? "GET /simulator/state HTTP/1.1\r\nHost: x\r\n\r\n" : "";
            connection.write(used);
            String first = usedBefore ? connection.readAnswer() : "";
            connection.write("POST /api/v2/me HTTP/1.1\r\nHost: x\r\nSec-Fetch-Mode: cors\r\nCookie: " + cookie + "\r\nConnection: close\r\nContent-Length: "
                    + body.length() + "\r\n\r\n" + body);
            assertEquals(usedBefore, first.startsWith("HTTP/1.1 200 "));
            return connection.readToEnd();
        }
    }

    @Test
    void forgottenFaultsDoNothing() {
        fault("\"kind\":\"any\",\"times\":9,\"action\":{\"type\":\"drop\"}");
        assertEquals(200, SERVER.stranger().send("DELETE", "/simulator/faults", "").status());
        assertEquals(200, SERVER.agent("anna").get("/api/v2/me").status());
        assertEquals(0, applied());
    }

    @Test
    void theLogShowsWhatWasAnsweredAndWhatWasNot() {
        Agent anna = SERVER.agent("anna");
        Object since = SERVER.look("requests").get("next");
        fault("\"kind\":\"rest\",\"action\":{\"type\":\"answer\",\"status\":418}");
        anna.post("/api/v2/me", START);
        fault("\"kind\":\"rest\",\"action\":{\"type\":\"drop\"}");
        Faults.assertLost(() -> anna.post("/api/v2/me", START));
        List<Object> log = Reply.list(SERVER.look("requests?since=" + since).get("requests"));
        assertEquals(2, log.size());
        Map<String, Object> answered = Reply.map(log.get(0));
        assertEquals(List.of("POST", "/api/v2/me", "rest", "anna", 418L),
                List.of(answered.get("method"), answered.get("path"), answered.get("kind"), answered.get("user"), answered.get("status")));
        assertNotEquals(answered.get("n"), Reply.map(log.get(1)).get("n"));
        assertNull(Reply.map(log.get(1)).get("status"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{\"action\":{\"type\":\"drop\"}}",
        "{\"kind\":\"poll\",\"action\":{\"type\":\"drop\"}}",
        "{\"kind\":\"any\"}",
        "{\"kind\":\"any\",\"action\":{\"type\":\"explode\"}}",
        "{\"kind\":\"any\",\"action\":{\"type\":\"answer\"}}",
        "{\"kind\":\"any\",\"action\":{\"type\":\"answer\",\"status\":99}}",
        "{\"kind\":\"any\",\"action\":{\"type\":\"truncate\",\"bytes\":-1}}",
        "{\"kind\":\"any\",\"action\":{\"type\":\"delay\",\"ms\":\"1\"}}",
        "{\"kind\":\"any\",\"times\":0,\"action\":{\"type\":\"drop\"}}",
        "{\"kind\":\"any\",\"user\":\"nobody\",\"action\":{\"type\":\"drop\"}}",
        "{\"kind\":\"any\",\"skips\":1,\"action\":{\"type\":\"drop\"}}",
        "[]",
        "{",
    })
    void aWrongFaultIsRefusedWithAReason(String body) {
        Map<String, Object> error = SERVER.stranger().post("/simulator/faults", body).object(400);
        assertFalse(((String) error.get("error")).isBlank());
        assertEquals(List.of(), SERVER.look("state").get("faults"));
    }
}
