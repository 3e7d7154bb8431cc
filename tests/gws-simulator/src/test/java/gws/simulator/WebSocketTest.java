package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gws.simulator.base.Json;
import java.net.URI;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WebSocketTest {
    @RegisterExtension
    static final TestServer SERVER = new TestServer();

    private final BlockingQueue<String> frames = new LinkedBlockingQueue<>();

    private WebSocket open(Agent agent) {
        URI address = URI.create(SERVER.uri().replace("http:", "ws:") + Bayeux.URL);
        return agent.client().newWebSocketBuilder().buildAsync(address, new Collector()).join();
    }

    private static void send(WebSocket socket, String message) {
        socket.sendText("[" + message + "]", true).join();
    }

    private Map<String, Object> next() throws InterruptedException {
        return Bayeux.last(Reply.list(Json.parse(frames.poll(10, TimeUnit.SECONDS))));
    }

    @Test
    void anAgentReceivesHisNotificationsOverASocket() throws Exception {
        WebSocket socket = open(SERVER.agent("anna"));
        send(socket, "{\"id\":\"1\",\"channel\":\"/meta/handshake\",\"version\":\"1.0\",\"supportedConnectionTypes\":[\"websocket\"]}");
        String clientId = (String) next().get("clientId");
        send(socket, "{\"id\":\"2\",\"channel\":\"/meta/subscribe\",\"clientId\":\"" + clientId + "\",\"subscription\":\"/v2/me/im-sessions\"}");
        assertEquals(true, next().get("successful"));
        send(socket, "{\"id\":\"3\",\"channel\":\"/meta/connect\",\"clientId\":\"" + clientId + "\",\"connectionType\":\"websocket\","
                + "\"advice\":{\"timeout\":0}}");
        assertEquals("/meta/connect", next().get("channel"));
        SERVER.control("publish", "{\"topic\":\"/v2/me/im-sessions\",\"user\":\"anna\",\"data\":{\"text\":\"ü\"}}");
        assertEquals(Map.of("text", "ü"), next().get("data"));
        Map<String, Object> session = Reply.map(Reply.list(SERVER.look("state").get("cometdSessions")).get(0));
        assertEquals("websocket", session.get("transport"));
        assertEquals("anna", session.get("user"));
        socket.abort();
    }

    @Test
    void aSocketIsRefusedWithoutLogin() {
        CompletionException failure = assertThrows(CompletionException.class, () -> open(SERVER.stranger()));
        assertEquals(403, ((WebSocketHandshakeException) failure.getCause()).getResponse().statusCode());
    }

    private final class Collector implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                frames.add(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }
    }
}
