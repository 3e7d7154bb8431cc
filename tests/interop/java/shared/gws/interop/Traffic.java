package gws.interop;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.cometd.bayeux.Promise;
import org.cometd.bayeux.server.BayeuxServer;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.websocket.core.WebSocketConnection;

/** Counts the messages of the clients by kind, those over HTTP apart from those over WebSockets, and the WebSockets. */
final class Traffic implements BayeuxServer.Extension {
    private static final List<String> KINDS = List.of("handshake", "connect", "subscribe", "unsubscribe", "disconnect");

    private final Map<String, AtomicLong> requests = new ConcurrentHashMap<>();
    private final Map<String, AtomicLong> frames = new ConcurrentHashMap<>();
    private final Sockets sockets = new Sockets();

    @Override
    public void incoming(ServerSession session, ServerMessage.Mutable message, Promise<Boolean> promise) {
        String kind = message.isMeta() ? message.getChannel().substring("/meta/".length()) : "publish";
        boolean overSocket = "websocket".equals(message.getServerTransport().getName());
        (overSocket ? frames : requests).computeIfAbsent(kind, first -> new AtomicLong()).incrementAndGet();
        promise.succeed(true);
    }

    Sockets sockets() {
        return sockets;
    }

    void reset() {
        requests.clear();
        frames.clear();
        sockets.opened.set(0);
    }

    /** Requests and frames by kind, and WebSockets. */
    Map<String, Object> counters() {
        return Map.of("requests", byKind(requests), "frames", byKind(frames), "sockets", Map.of("opened", sockets.opened.get(), "open", sockets.open.size()));
    }

    private static Map<String, Object> byKind(Map<String, AtomicLong> counts) {
        Map<String, Object> json = new LinkedHashMap<>();
        KINDS.forEach(kind -> json.put(kind, counts.getOrDefault(kind, new AtomicLong()).get()));
        return json;
    }

    /** The WebSockets that are open. */
    static final class Sockets implements Connection.Listener {
        private final AtomicLong opened = new AtomicLong();
        private final Set<Connection> open = ConcurrentHashMap.newKeySet();

        @Override
        public void onOpened(Connection connection) {
            if (connection instanceof WebSocketConnection && open.add(connection)) {
                opened.incrementAndGet();
            }
        }

        @Override
        public void onClosed(Connection connection) {
            open.remove(connection);
        }

        /** The ends of their lines. */
        List<EndPoint> open() {
            return open.stream().map(Connection::getEndPoint).toList();
        }
    }
}
