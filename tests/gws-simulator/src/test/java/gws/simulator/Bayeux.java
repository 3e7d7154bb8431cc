package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import gws.simulator.base.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A client of the long-polling transport that does one step at a time, with the acknowledge extension. */
final class Bayeux {
    static final String URL = "/api/v2/notifications";
    static final String IM_TOPIC = "/v2/me/im-sessions";

    private final Agent agent;
    private String clientId;
    private long acknowledged;
    private int lastId;

    Bayeux(Agent agent) {
        this.agent = agent;
    }

    /** A client that has shaken hands, subscribed to those topics and connected once. */
    static Bayeux subscribed(Agent agent, String... topics) {
        Bayeux client = new Bayeux(agent);
        client.handshake();
        for (String topic : topics) {
            assertEquals(true, client.subscribe(topic).get("successful"));
        }
        assertEquals(true, last(client.connect(true).array()).get("successful"));
        return client;
    }

    String clientId() {
        return clientId;
    }

    Map<String, Object> handshake() {
        Map<String, Object> message = message("/meta/handshake");
        message.put("version", "1.0");
        message.put("supportedConnectionTypes", List.of("long-polling"));
        message.put("ext", Map.of("ack", true));
        Map<String, Object> reply = last(agent.post(URL + "/handshake", Json.write(List.of(message))).array());
        clientId = (String) reply.get("clientId");
        acknowledged = 0;
        return reply;
    }

    Map<String, Object> subscribe(String topic) {
        return subscription("/meta/subscribe", topic);
    }

    Map<String, Object> unsubscribe(String topic) {
        return subscription("/meta/unsubscribe", topic);
    }

    private Map<String, Object> subscription(String channel, String topic) {
        Map<String, Object> message = message(channel);
        message.put("subscription", topic);
        return last(agent.post(URL, Json.write(List.of(message))).array());
    }

    Map<String, Object> publish(String channel) {
        Map<String, Object> message = message(channel);
        message.put("data", Map.of("text", "hello"));
        return last(agent.post(URL + "/", Json.write(List.of(message))).array());
    }

    Map<String, Object> disconnect() {
        return last(agent.post(URL + "/disconnect", Json.write(List.of(message("/meta/disconnect")))).array());
    }

    Reply connect(boolean answerAtOnce) {
        return note(agent.post(URL + "/connect", connectBody(answerAtOnce)));
    }

    CompletableFuture<Reply> connectLater() {
        return agent.postLater(URL + "/connect", connectBody(false)).thenApply(this::note);
    }

    String connectBody(boolean answerAtOnce) {
        Map<String, Object> message = message("/meta/connect");
        message.put("connectionType", "long-polling");
        message.put("ext", Map.of("ack", acknowledged));
        if (answerAtOnce) {
            message.put("advice", Map.of("timeout", 0));
        }
        return Json.write(List.of(message));
    }

    private Reply note(Reply reply) {
        if (reply.status() == 200) {
            Object ext = last(reply.array()).get("ext");
            if (ext != null) {
                acknowledged = (Long) Reply.map(ext).get("ack");
            }
        }
        return reply;
    }

    /** The data of the next notifications, in order; connects as often as it takes. */
    List<Map<String, Object>> receive(int count) {
        List<Map<String, Object>> received = new ArrayList<>();
        for (int polls = 0; received.size() < count; polls++) {
            if (polls == 100) {
                fail("only " + received + " after " + polls + " polls");
            }
            received.addAll(deliveries(connect(false)));
        }
        assertEquals(count, received.size(), () -> "more than expected: " + received);
        return received;
    }

    /** What is waiting at the server now. */
    List<Map<String, Object>> receiveWaiting() {
        return deliveries(connect(true));
    }

    static List<Map<String, Object>> deliveries(Reply reply) {
        return reply.array().stream().map(Reply::map).filter(message -> message.containsKey("data")).map(message -> Reply.map(message.get("data"))).toList();
    }

    static Map<String, Object> last(List<Object> messages) {
        return Reply.map(messages.get(messages.size() - 1));
    }

    private Map<String, Object> message(String channel) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("id", String.valueOf(++lastId));
        message.put("channel", channel);
        if (clientId != null && !channel.equals("/meta/handshake")) {
            message.put("clientId", clientId);
        }
        return message;
    }
}
