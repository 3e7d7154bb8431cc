package gws.simulator.socket;

import gws.simulator.base.InputError;
import gws.simulator.traffic.RequestKind;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What a message from the server is: the reply to a request of that kind, or a notification. */
enum ReplyKind {
    HANDSHAKE,
    CONNECT,
    SUBSCRIBE,
    UNSUBSCRIBE,
    DISCONNECT,
    PUBLISH,
    NOTIFICATION;

    /** @throws InputError when the word names none */
    static ReplyKind of(String word) {
        for (ReplyKind kind : values()) {
            if (kind.word().equals(word)) {
                return kind;
            }
        }
        String words = Arrays.stream(values()).map(ReplyKind::word).collect(Collectors.joining(", "));
        throw new InputError("'kind' must be one of " + words + ", but it is '" + word + "'");
    }

    boolean matches(Map<String, Object> message) {
        String channel = message.get("channel") instanceof String text ? text : "";
        boolean isReply = message.containsKey("successful");
        return isReply ? RequestKind.ofChannel(channel).name().equals(name()) : this == NOTIFICATION;
    }

    private String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
