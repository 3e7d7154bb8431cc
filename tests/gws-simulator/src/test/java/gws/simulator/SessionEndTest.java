package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SessionEndTest {
    private static final String UNKNOWN_CLIENT = "402::Unknown client";

    @RegisterExtension
    static final TestServer SERVER = new TestServer("--timeout", "60000");

    private static Map<String, Object> reply(Reply connect) {
        return Bayeux.last(connect.array());
    }

    private static List<Object> sessions() {
        return Reply.list(SERVER.look("state").get("cometdSessions"));
    }

    @Test
    void anExpiredSessionGets402AndTheAdviceToHandshake() {
        Bayeux client = Bayeux.subscribed(SERVER.agent("anna"), Bayeux.IM_TOPIC);
        assertEquals(1L, SERVER.control("cometd/expire", "{\"user\":\"anna\"}").get("sessions"));
        Map<String, Object> reply = reply(client.connect(false));
        assertEquals(UNKNOWN_CLIENT, reply.get("error"));
        assertEquals(Map.of("reconnect", "handshake", "interval", 0L), reply.get("advice"));
        assertEquals(UNKNOWN_CLIENT, client.subscribe("/v2/me/calls").get("error"));
        assertEquals(true, client.handshake().get("successful"));
    }

    @Test
    void aHeldConnectOfAnExpiredSessionIsCancelled() {
        Bayeux client = Bayeux.subscribed(SERVER.agent("anna"), Bayeux.IM_TOPIC);
        CompletableFuture<Reply> held = client.connectLater();
        SERVER.awaitHeld(client);
        SERVER.control("cometd/expire", "{\"clientId\":\"" + client.clientId() + "\"}");
        assertEquals(408, held.join().status());
        assertEquals(UNKNOWN_CLIENT, reply(client.connect(false)).get("error"));
    }

    @Test
    void theAdviceCanBeLeftOut() {
        Bayeux client = Bayeux.subscribed(SERVER.agent("anna"), Bayeux.IM_TOPIC);
        SERVER.control("cometd/expire", "{\"advice\":false}");
        Map<String, Object> reply = reply(client.connect(false));
        assertEquals(UNKNOWN_CLIENT, reply.get("error"));
        assertNull(reply.get("advice"));
    }

    @Test
    void onlyTheSessionsNamedExpire() {
        Bayeux anna = Bayeux.subscribed(SERVER.agent("anna"), Bayeux.IM_TOPIC);
        Bayeux ben = Bayeux.subscribed(SERVER.agent("ben"), Bayeux.IM_TOPIC);
        assertEquals(0L, SERVER.control("cometd/expire", "{\"user\":\"anna\",\"clientId\":\"" + ben.clientId() + "\"}").get("sessions"));
        SERVER.control("cometd/expire", "{\"user\":\"ben\"}");
        assertEquals(true, reply(anna.connect(true)).get("successful"));
        assertEquals(false, reply(ben.connect(true)).get("successful"));
    }

    @Test
    void anUnseenSessionIsSweptAfterMaxInterval() {
        SERVER.control("options", "{\"maxInterval\":1}");
        Bayeux.subscribed(SERVER.agent("anna"), Bayeux.IM_TOPIC);
        Await.until("the session is swept", () -> sessions().isEmpty());
    }

    @Test
    void aDisconnectEndsTheSessionAtOnce() {
        Bayeux client = Bayeux.subscribed(SERVER.agent("anna"), Bayeux.IM_TOPIC);
        assertEquals(true, client.disconnect().get("successful"));
        assertEquals(List.of(), sessions());
    }

    @Test
    void optionsHoldForTheSessionsFromNowOn() {
        SERVER.control("options", "{\"timeout\":1234,\"interval\":56,\"maxSessionsPerBrowser\":0,\"multiSessionInterval\":789}");
        Bayeux client = new Bayeux(SERVER.agent("anna"));
        assertEquals(Map.of("reconnect", "retry", "interval", 56L, "timeout", 1234L), client.handshake().get("advice"));
        Map<String, Object> advice = Reply.map(reply(client.connect(false)).get("advice"));
        assertEquals(true, advice.get("multiple-clients"));
        assertEquals(789L, advice.get("interval"));
    }

    @Test
    void aSecondSessionOfABrowserIsToldThatThereAreSeveral() {
        Agent browser = SERVER.agent("anna");
        Bayeux first = Bayeux.subscribed(browser, Bayeux.IM_TOPIC);
        Bayeux second = Bayeux.subscribed(browser, Bayeux.IM_TOPIC);
        CompletableFuture<Reply> held = first.connectLater();
        SERVER.awaitHeld(first);
        assertEquals(true, Reply.map(reply(second.connect(false)).get("advice")).get("multiple-clients"));
        SERVER.control("reset", "");
        assertEquals("none", Reply.map(reply(held.join()).get("advice")).get("reconnect"));
    }

    @Test
    void aRestartClosesThePortForgetsTheSessionsAndKeepsTheLogins() {
        Agent anna = SERVER.agent("anna");
        Bayeux client = Bayeux.subscribed(anna, Bayeux.IM_TOPIC);
        CompletableFuture<Reply> held = client.connectLater();
        SERVER.awaitHeld(client);
        assertEquals(Map.of(), SERVER.control("cometd/restart", "{\"downMs\":700}"));
        assertThrows(CompletionException.class, held::join);
        Await.until("the port refuses connections", () -> !SERVER.listens());
        Await.until("the port accepts connections again", SERVER::listens);
        assertEquals(200, anna.get("/api/v2/me").status());
        assertEquals(UNKNOWN_CLIENT, reply(client.connect(false)).get("error"));
        assertEquals(true, client.handshake().get("successful"));
    }

    @Test
    void aRestartMayForgetTheLogins() {
        Agent anna = SERVER.agent("anna");
        SERVER.control("cometd/restart", "{\"downMs\":0,\"keepLogins\":false}");
        Await.until("anna is logged out", () -> refuses(anna));
    }

    private static boolean refuses(Agent agent) {
        try {
            return agent.get("/api/v2/me").status() == 403;
        } catch (UncheckedIOException down) {
            return false;
        }
    }

    @Test
    void aCutClosesEveryOtherConnectionAndNoSession() {
        Bayeux client = Bayeux.subscribed(SERVER.agent("anna"), Bayeux.IM_TOPIC);
        CompletableFuture<Reply> held = client.connectLater();
        SERVER.awaitHeld(client);
        assertEquals(Map.of(), SERVER.control("connections/cut", ""));
        assertThrows(CompletionException.class, held::join);
        assertEquals(true, reply(client.connect(true)).get("successful"));
    }

    @Test
    void aResetEndsEverything() {
        Agent anna = SERVER.agent("anna");
        Bayeux client = Bayeux.subscribed(anna, Bayeux.IM_TOPIC);
        SERVER.control("robot/start", "{\"destination\":\"5001\"}");
        SERVER.control("options", "{\"timeout\":1,\"csrf\":\"enforce\",\"robotStarts\":100000}");
        SERVER.control("faults", "{\"kind\":\"handshake\",\"action\":{\"type\":\"drop\"}}");
        SERVER.control("reset", "");
        Map<String, Object> state = SERVER.look("state");
        for (String list : List.of("imSessions", "cometdSessions", "faults")) {
            assertEquals(List.of(), state.get(list));
        }
        assertEquals(60_000L, Reply.map(state.get("options")).get("timeout"));
        assertEquals("off", Reply.map(state.get("options")).get("csrf"));
        assertEquals(403, client.connect(true).status());
        assertEquals(1L, Reply.map(SERVER.look("counters").get("requests")).get("connect"));
    }
}
