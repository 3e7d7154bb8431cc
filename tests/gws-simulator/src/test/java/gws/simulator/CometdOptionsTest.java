package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class CometdOptionsTest {
    private static final String UNKNOWN_CLIENT = "402::Unknown client";

    @RegisterExtension
    static final TestServer SERVER = new TestServer("--timeout", "60000");

    private static Map<String, Object> handshake() {
        return new Bayeux(SERVER.agent("anna")).handshake();
    }

    @Test
    void aHandshakeOffersTheAllowedTransports() {
        assertEquals(List.of("websocket", "long-polling", "callback-polling"), handshake().get("supportedConnectionTypes"));
        SERVER.control("options", "{\"allowedTransports\":[\"long-polling\"]}");
        assertEquals(List.of("long-polling"), handshake().get("supportedConnectionTypes"));
        SERVER.control("reset", "");
        assertEquals(List.of("websocket", "long-polling", "callback-polling"), handshake().get("supportedConnectionTypes"));
    }

    @Test
    void anUpgradeIsRefusedWhereWebSocketIsNotAllowed() throws Exception {
        SERVER.control("options", "{\"allowedTransports\":[\"long-polling\"]}");
        try (RawHttp connection = new RawHttp(SERVER.uri())) {
            connection.write(RawSocket.request(SERVER.agent("anna").cookie("JSESSIONID")));
            String answer = connection.readAnswer();
            assertTrue(answer.startsWith("HTTP/1.1 503 "), answer);
        }
        assertEquals(0, SERVER.sockets("opened"));
    }

    @Test
    void aMessageOverHttpIsRefusedWhereOnlyWebSocketIsAllowed() {
        SERVER.control("options", "{\"allowedTransports\":[\"websocket\"]}");
        assertEquals(400, SERVER.agent("anna").post(Bayeux.URL, "[{\"channel\":\"/meta/handshake\",\"version\":\"1.0\",\"supportedConnectionTypes\":[]}]").status());
        assertEquals(List.of("websocket"), BayeuxSocket.open(SERVER, SERVER.agent("anna")).handshake().get("supportedConnectionTypes"));
    }

    @Test
    void anUnknownTransportCannotBeAllowed() {
        String error = "'allowedTransports' must hold one or more of websocket, long-polling, callback-polling, but it is [\"carrier-pigeon\"]";
        assertEquals(error, SERVER.stranger().post("/simulator/options", "{\"allowedTransports\":[\"carrier-pigeon\"]}").object(400).get("error"));
    }

    @Test
    void aSocketMayHaveToBeginWithAHandshake() {
        Bayeux polling = Bayeux.subscribed(SERVER.agent("anna"), Bayeux.IM_TOPIC);
        assertEquals(true, connectOverSocket(polling).get("successful"));
        SERVER.control("options", "{\"requireHandshakePerConnection\":true}");
        Map<String, Object> reply = connectOverSocket(polling);
        assertEquals(UNKNOWN_CLIENT, reply.get("error"));
        assertEquals("handshake", Reply.map(reply.get("advice")).get("reconnect"));
        assertEquals(true, Bayeux.last(polling.connect(true).array()).get("successful"));
        SERVER.control("options", "{\"requireHandshakePerConnection\":false}");
        assertEquals(true, connectOverSocket(polling).get("successful"));
    }

    private static Map<String, Object> connectOverSocket(Bayeux session) {
        BayeuxSocket client = BayeuxSocket.open(SERVER, SERVER.agent("anna"));
        client.adopt(session.clientId());
        client.connect();
        return client.next();
    }

    @Test
    void adviceMayCarryTheMaxInterval() {
        assertNull(Reply.map(handshake().get("advice")).get("maxInterval"));
        SERVER.control("options", "{\"handshakeReconnect\":true,\"maxInterval\":7777}");
        assertEquals(7777L, Reply.map(handshake().get("advice")).get("maxInterval"));
        assertEquals(7777L, Reply.map(BayeuxSocket.open(SERVER, SERVER.agent("anna")).handshake().get("advice")).get("maxInterval"));
    }

    @Test
    void theOptionsAreReported() {
        Map<String, Object> options = SERVER.control("options", "{\"allowMessageDeliveryDuringHandshake\":true,\"requireHandshakePerConnection\":true}");
        assertEquals(List.of(true, true, false), List.of(options.get("allowMessageDeliveryDuringHandshake"), options.get("requireHandshakePerConnection"),
                options.get("handshakeReconnect")));
    }

    @Test
    void aForgottenBrowserCookieMakesEveryMessageAfterTheHandshakeUnknown() {
        Bayeux client = Bayeux.subscribed(SERVER.agent("anna"), Bayeux.IM_TOPIC);
        SERVER.control("cometd/forget-browser", "");
        assertEquals(UNKNOWN_CLIENT, Bayeux.last(client.connect(false).array()).get("error"));
        assertEquals(UNKNOWN_CLIENT, client.subscribe("/v2/me/calls").get("error"));
        assertEquals(true, client.handshake().get("successful"));
        assertEquals(UNKNOWN_CLIENT, Bayeux.last(client.connect(true).array()).get("error"));
        assertEquals(true, connectOverSocket(client).get("successful"));
        SERVER.control("cometd/forget-browser", "{\"on\":false}");
        assertEquals(true, Bayeux.last(client.connect(true).array()).get("successful"));
    }

    @Test
    void aResetRemembersTheBrowserCookieAgain() {
        SERVER.control("cometd/forget-browser", "{\"on\":true}");
        assertEquals(true, Reply.map(SERVER.look("state").get("options")).get("forgetsBrowser"));
        SERVER.control("reset", "");
        assertEquals(false, Reply.map(SERVER.look("state").get("options")).get("forgetsBrowser"));
        Bayeux.subscribed(SERVER.agent("anna"), Bayeux.IM_TOPIC);
    }
}
