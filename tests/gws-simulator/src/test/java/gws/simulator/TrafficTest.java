package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrafficTest {
    @RegisterExtension
    static final TestServer SERVER = new TestServer();

    private static Map<String, Object> requests() {
        return Reply.map(SERVER.look("counters").get("requests"));
    }

    @Test
    void everyRequestCountsOnceUnderItsKindAndControlCallsDoNot() {
        Agent anna = SERVER.agent("anna");
        Bayeux client = Bayeux.subscribed(anna, Bayeux.IM_TOPIC, "/v2/me/calls");
        client.connect(true);
        client.publish("/v2/x");
        client.unsubscribe("/v2/me/calls");
        client.disconnect();
        anna.get("/nowhere");
        anna.get("/api/v2/nowhere");
        anna.send("OPTIONS", "/api/v2/me", "");
        assertEquals(Map.of("handshake", 1L, "connect", 2L, "subscribe", 2L, "unsubscribe", 1L, "disconnect", 1L, "publish", 1L, "upgrade", 0L,
                "rest", 2L, "static", 1L, "other", 1L), requests());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "rubbish", "[]", "[1]", "[{}]", "[{\"channel\":1}]", "[{\"channel\":\"/meta/unknown\"}]", "[[", "{\"data\":{\"channel\":\"/meta/connect\"}}"
    })
    void aBayeuxRequestThatIsNoneCountsAsOtherAndIsLeftToCometd(String body) {
        Reply reply = SERVER.agent("anna").post(Bayeux.URL, body);
        assertTrue(reply.status() >= 200 && reply.status() <= 500);
        assertEquals(1L, requests().get("other"));
    }

    @Test
    void theKindIsThatOfTheFirstMessage() {
        SERVER.agent("anna").post(Bayeux.URL, "[{\"data\":[{\"channel\":\"/meta/handshake\"}],\"channel\":\"/meta/subscribe\"},"
                + "{\"channel\":\"/meta/connect\"}]");
        assertEquals(1L, requests().get("subscribe"));
        assertEquals(0L, requests().get("connect"));
    }

    @Test
    void connectionsAreCountedFromTheirFirstRequest() throws Exception {
        SERVER.cutAll();
        long opened = SERVER.connections("opened");
        try (RawHttp idle = new RawHttp(SERVER.uri()); RawHttp busy = new RawHttp(SERVER.uri())) {
            idle.write("");
            for (int request = 0; request < 3; request++) {
                busy.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            }
            Await.until("three requests came", () -> requests().get("static").equals(3L));
            assertEquals(opened + 1, SERVER.connections("opened"));
            assertEquals(1, SERVER.connections("open"));
        }
        Await.until("it is closed", () -> SERVER.connections("open") == 0);
    }

    @Test
    void theLogKeepsTheLast2000AndGoesOnWhereAReaderStopped() {
        Agent stranger = SERVER.stranger();
        long start = (Long) SERVER.look("requests").get("next");
        for (int request = 0; request < 2_005; request++) {
            stranger.get("/" + request);
        }
        Map<String, Object> log = SERVER.look("requests?since=" + start);
        List<Object> requests = Reply.list(log.get("requests"));
        assertEquals(2_000, requests.size());
        assertEquals("/5", Reply.map(requests.get(0)).get("path"));
        assertEquals(start + 2_005, log.get("next"));
        assertEquals(List.of(), SERVER.look("requests?since=" + log.get("next")).get("requests"));
    }

    @Test
    void aWrongNumberIsRefused() {
        assertEquals(400, SERVER.stranger().get("/simulator/requests?since=x").status());
    }

    @Test
    void anUnknownControlCallNamesThoseThereAre() {
        assertTrue(SERVER.stranger().get("/simulator/reset").object(404).get("error").toString().contains("POST /reset"));
    }
}
