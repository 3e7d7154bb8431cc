package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gws.simulator.base.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A client of the WebSocket transport that does one step at a time. */
final class BayeuxSocket {
    private final RawSocket socket;
    private String clientId;
    private int lastId;

    private BayeuxSocket(RawSocket socket) {
        this.socket = socket;
    }

    static BayeuxSocket open(TestServer server, Agent agent) {
        try {
            return new BayeuxSocket(RawSocket.open(server.uri(), agent.cookie("JSESSIONID")));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** A socket over which a handshake has been done. */
    static BayeuxSocket shaken(TestServer server, Agent agent) {
        BayeuxSocket client = open(server, agent);
        assertEquals(true, client.handshake().get("successful"));
        return client;
    }

    RawSocket socket() {
        return socket;
    }

    String clientId() {
        return clientId;
    }

    /** Goes on with a session that was begun elsewhere. */
    void adopt(String session) {
        clientId = session;
    }

    Map<String, Object> handshake() {
        sendHandshake();
        Map<String, Object> reply = next();
        clientId = (String) reply.get("clientId");
        return reply;
    }

    String sendHandshake() {
        return send("/meta/handshake", "version", "1.0", "supportedConnectionTypes", List.of("websocket"));
    }

    /** Sends a message and returns its id. */
    String send(String channel, Object... members) {
        try {
            socket.sendTexts(message(channel, members));
            return String.valueOf(lastId);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private String message(String channel, Object... members) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("id", String.valueOf(++lastId));
        message.put("channel", channel);
        if (clientId != null) {
            message.put("clientId", clientId);
        }
        for (int index = 0; index < members.length; index += 2) {
            message.put((String) members[index], members[index + 1]);
        }
        return Json.write(List.of(message));
    }

    String subscribe(String topic) {
        return send("/meta/subscribe", "subscription", topic);
    }

    String connect() {
        return send("/meta/connect", "connectionType", "websocket", "advice", Map.of("timeout", 0));
    }

    /** The last message of the next text. */
    Map<String, Object> next() {
        return Bayeux.last(Reply.list(Json.parse(socket.nextText())));
    }
}
