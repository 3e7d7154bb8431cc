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
    REST,
    STATIC,
    OTHER;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public boolean isCometd() {
        return compareTo(PUBLISH) <= 0;
    }
}
