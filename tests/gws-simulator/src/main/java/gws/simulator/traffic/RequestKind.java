package gws.simulator.traffic;

import java.util.Locale;

/** What a request is for, as far as tests tell requests apart. */
public enum RequestKind {
    HANDSHAKE,
    CONNECT,
    SUBSCRIBE,
    UNSUBSCRIBE,
    DISCONNECT,
    PUBLISH,
    UPGRADE,
    REST,
    STATIC,
    OTHER;

    /** The kind of a Bayeux message on that channel. */
    public static RequestKind ofChannel(String channel) {
        return switch (channel) {
            case "/meta/handshake" -> HANDSHAKE;
            case "/meta/connect" -> CONNECT;
            case "/meta/subscribe" -> SUBSCRIBE;
            case "/meta/unsubscribe" -> UNSUBSCRIBE;
            case "/meta/disconnect" -> DISCONNECT;
            default -> channel.startsWith("/meta/") || !channel.startsWith("/") ? OTHER : PUBLISH;
        };
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public boolean isCometd() {
        return compareTo(PUBLISH) <= 0;
    }
}
