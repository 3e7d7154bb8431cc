package gws.simulator.base;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;

/**
 * What can be changed while the simulator runs: CometD's own options, and some of what differs between installations of Genesys Web Services.
 *
 * @param timeout how long a {@code /meta/connect} is held, in milliseconds
 * @param interval the advice interval, in milliseconds
 * @param maxInterval the time after which a session that is not heard of expires, in milliseconds
 * @param maxSessionsPerBrowser how many sessions of one browser may hold a {@code /meta/connect}; -1 for any number
 * @param multiSessionInterval the advice interval for sessions beyond that number, in milliseconds
 * @param csrf whether the CSRF headers are sent and demanded
 * @param robotStarts how long an agent is subscribed and idle before a robot starts a chat with him, in milliseconds; 0 for never
 * @param allowedTransports what a handshake offers, in that order; requests over another transport are refused
 * @param requireHandshakePerConnection whether a WebSocket serves only sessions whose handshake has come over it
 * @param handshakeReconnect whether advice carries {@code maxInterval}, so that clients shake hands in the same session
 * @param allowMessageDeliveryDuringHandshake whether messages may come with the reply to a handshake, counted by {@code x-messages}
 * @param maxImSessions how many IM sessions an agent may have at a time
 * @param getUserData whether IM sessions in the answers to GET have user data
 * @param getCapabilities whether they have capabilities
 */
public record Tuning(
        long timeout,
        long interval,
        long maxInterval,
        long maxSessionsPerBrowser,
        long multiSessionInterval,
        CsrfMode csrf,
        long robotStarts,
        List<String> allowedTransports,
        boolean requireHandshakePerConnection,
        boolean handshakeReconnect,
        boolean allowMessageDeliveryDuringHandshake,
        long maxImSessions,
        boolean getUserData,
        boolean getCapabilities) {

    /** The transports of CometD's server, in the order of its own handshake replies. */
    public static final List<String> TRANSPORTS = List.of("websocket", "long-polling", "callback-polling");

    public static final Tuning DEFAULT =
            new Tuning(30_000, 0, 10_000, 1, 2_000, CsrfMode.OFF, 0, TRANSPORTS, false, false, false, 1, false, true);

    /** The same with the given members replaced. */
    public Tuning with(Fields changes) {
        return new Tuning(
                changes.number("timeout", 0, timeout),
                changes.number("interval", 0, interval),
                changes.number("maxInterval", 0, maxInterval),
                changes.number("maxSessionsPerBrowser", -1, maxSessionsPerBrowser),
                changes.number("multiSessionInterval", -1, multiSessionInterval),
                changes.has("csrf") ? CsrfMode.of(changes.text("csrf")) : csrf,
                changes.number("robotStarts", 0, robotStarts),
                changes.words("allowedTransports", TRANSPORTS, allowedTransports),
                changes.flag("requireHandshakePerConnection", requireHandshakePerConnection),
                changes.flag("handshakeReconnect", handshakeReconnect),
                changes.flag("allowMessageDeliveryDuringHandshake", allowMessageDeliveryDuringHandshake),
                changes.number("maxImSessions", 1, maxImSessions),
                changes.flag("getUserData", getUserData),
                changes.flag("getCapabilities", getCapabilities));
    }

    /** The names that {@link #with} knows. */
    public static String[] names() {
        return Arrays.stream(Tuning.class.getRecordComponents()).map(RecordComponent::getName).toArray(String[]::new);
    }
}
