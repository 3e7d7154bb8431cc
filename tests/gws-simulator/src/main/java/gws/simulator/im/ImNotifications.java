package gws.simulator.im;

import gws.simulator.users.User;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** The two kinds of notification on {@code /v2/me/im-sessions}. Each goes to both agents, a message to its sender too. */
final class ImNotifications {
    private final ImResource resource;
    private final BiConsumer<User, Map<String, Object>> delivery;

    /** @param delivery takes the data of a notification for an agent */
    ImNotifications(ImResource resource, BiConsumer<User, Map<String, Object>> delivery) {
        this.resource = resource;
        this.delivery = delivery;
    }

    void statusChange(ImSession session) {
        stateChange(session, "StatusChange");
    }

    void attachedDataChanged(ImSession session) {
        stateChange(session, "AttachedDataChanged");
    }

    private void stateChange(ImSession session, String notificationType) {
        for (User agent : List.of(session.initiator(), session.peer())) {
            Map<String, Object> data = data("IMSessionStateChangeMessage", notificationType);
            data.put("imSession", resource.notified(session, agent));
            deliver(agent, data);
        }
    }

    void newMessage(ImSession session, String text) {
        for (User agent : List.of(session.initiator(), session.peer())) {
            Map<String, Object> data = data("IMLogUpdateMessage", "NewMessage");
            data.put("imSessionPath", session.path());
            data.put("message", text);
            deliver(agent, data);
        }
    }

    private static Map<String, Object> data(String messageType, String notificationType) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("messageType", messageType);
        data.put("notificationType", notificationType);
        return data;
    }

    private void deliver(User agent, Map<String, Object> data) {
        data.put("metrics", metrics());
        delivery.accept(agent, data);
    }

    /** A member no document mentions; real servers add it to every notification. */
    private static Map<String, Object> metrics() {
        Map<String, Object> processing = new LinkedHashMap<>();
        processing.put("nodeProcessingTimeNanos", 465_232);
        processing.put("serverGenerationTimestamp", System.currentTimeMillis());
        processing.put("serverProcessingTimeTotalMs", -1);
        return Map.of("eventProcessing", processing);
    }
}
