package gws.simulator.fault;

import gws.simulator.base.InputError;
import gws.simulator.traffic.RequestKind;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Which requests a fault is meant for. */
enum FaultKind {
    HANDSHAKE,
    CONNECT,
    SUBSCRIBE,
    UNSUBSCRIBE,
    DISCONNECT,
    PUBLISH,
    COMETD,
    UPGRADE,
    REST,
    STATIC,
    ANY;

    static FaultKind of(String word) {
        for (FaultKind kind : values()) {
            if (kind.word().equals(word)) {
                return kind;
            }
        }
        String words = Arrays.stream(values()).map(FaultKind::word).collect(Collectors.joining(", "));
        throw new InputError("kind must be one of " + words + ", but it is '" + word + "'");
    }

    boolean matches(RequestKind request) {
        return switch (this) {
            case ANY -> true;
            case COMETD -> request.isCometd();
            default -> request.name().equals(name());
        };
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
