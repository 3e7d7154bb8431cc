package gws.simulator.socket;

import gws.simulator.base.Fields;
import gws.simulator.fault.FaultyEndPoint;
import gws.simulator.traffic.RequestKind;
import gws.simulator.traffic.Traffic;
import gws.simulator.users.User;
import gws.simulator.users.Users;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.eclipse.jetty.server.HttpConnection;
import org.eclipse.jetty.websocket.common.io.AbstractWebSocketConnection;

/** The WebSockets that are open, and what is to be done to those that will be opened. */
public final class Sockets {
    private final Users users;
    private final Traffic traffic;
    private final Set<FaultySocket> open = new LinkedHashSet<>();
    private final List<SocketFault> waiting = new ArrayList<>();
    private long applied;

    public Sockets(Users users, Traffic traffic) {
        this.users = users;
        this.traffic = traffic;
    }

    /** Takes over the socket, if the request has just made one. Must come before the answer is sent. */
    public void note(HttpServletRequest request, HttpServletResponse response, User user) {
        Object connection = request.getAttribute(HttpConnection.UPGRADE_CONNECTION_ATTRIBUTE);
        if (response.getStatus() != HttpServletResponse.SC_SWITCHING_PROTOCOLS || !(connection instanceof AbstractWebSocketConnection webSocket)) {
            return;
        }
        FaultyEndPoint endPoint = FaultyEndPoint.of(request);
        FaultySocket socket = new FaultySocket(this, endPoint, webSocket, user);
        endPoint.becomes(socket);
        synchronized (this) {
            open.add(socket);
            traffic.socketOpened();
        }
    }

    /**
     * Does something to the open sockets, or to the next ones.
     *
     * @return how many open ones it meets
     */
    public int add(Map<String, Object> description) {
        SocketFault fault = new SocketFault(new Fields(description, "user", "next", "afterFrames", "action"), users);
        List<FaultySocket> met;
        synchronized (this) {
            if (fault.isForNext()) {
                waiting.add(fault);
                return 0;
            }
            met = open.stream().filter(fault::matches).toList();
        }
        met.forEach(fault::give);
        return met.size();
    }

    void opened(FaultySocket socket) {
        List<SocketFault> due;
        synchronized (this) {
            due = waiting.stream().filter(fault -> fault.matches(socket)).toList();
            due.forEach(SocketFault::countDown);
            waiting.removeIf(SocketFault::isSpent);
        }
        due.forEach(fault -> fault.give(socket));
    }

    synchronized void gone(FaultySocket socket) {
        if (open.remove(socket)) {
            traffic.socketClosed();
        }
    }

    void received(String text) {
        List<Map<String, Object>> messages = BayeuxText.messages(text);
        if (messages.isEmpty()) {
            traffic.frameReceived(RequestKind.OTHER);
        }
        messages.forEach(message -> traffic.frameReceived(RequestKind.ofChannel(String.valueOf(message.get("channel")))));
    }

    synchronized void applied() {
        applied++;
    }

    /** How many times something has been done to a socket. */
    public synchronized long appliedCount() {
        return applied;
    }

    /** Forgets what waits and lets everything pass on the open sockets. */
    public void clear() {
        synchronized (this) {
            waiting.clear();
        }
        copyOfOpen().forEach(FaultySocket::ease);
    }

    public void reset() {
        clear();
        synchronized (this) {
            applied = 0;
        }
    }

    /** A description of each open socket. */
    public List<Map<String, Object>> toJson() {
        return copyOfOpen().stream().map(FaultySocket::toJson).toList();
    }

    /** Nothing is asked of a socket under this lock: its connection may be closing, and waiting for the lock to say so. */
    private synchronized List<FaultySocket> copyOfOpen() {
        return List.copyOf(open);
    }

    /** What waits for the next sockets. */
    public synchronized List<Map<String, Object>> waitingToJson() {
        return waiting.stream().map(SocketFault::toJson).toList();
    }
}
