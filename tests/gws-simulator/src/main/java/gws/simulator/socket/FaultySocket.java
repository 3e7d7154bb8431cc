package gws.simulator.socket;

import gws.simulator.fault.Direction;
import gws.simulator.fault.FaultyEndPoint;
import gws.simulator.fault.SocketEnd;
import gws.simulator.users.User;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.websocket.api.extensions.Frame;
import org.eclipse.jetty.websocket.common.io.AbstractWebSocketConnection;

/** A WebSocket that can be disturbed: its bytes at its connection, its messages above. */
final class FaultySocket implements SocketEnd, MessageTap.Listener {
    private static final int FINAL_CLOSE = 0x88;
    private static final int HEAD_BYTES = 2;

    private final Sockets sockets;
    private final FaultyEndPoint endPoint;
    private final User user;
    private final ReplyFaults replies = new ReplyFaults();
    private final MessageTap tap;
    private final List<Pending> pending = new ArrayList<>();
    private long messagesReceived;
    private long messagesSent;
    private boolean processing;
    private boolean doomed;

    private record Pending(SocketAction action, long atMessage) {
    }

    FaultySocket(Sockets sockets, FaultyEndPoint endPoint, AbstractWebSocketConnection connection, User user) {
        this.sockets = sockets;
        this.endPoint = endPoint;
        this.user = user;
        this.tap = MessageTap.install(connection.getSession(), replies, this);
    }

    User user() {
        return user;
    }

    FaultyEndPoint endPoint() {
        return endPoint;
    }

    ReplyFaults replies() {
        return replies;
    }

    /**
     * Does something to the socket.
     *
     * @param afterFrames how many more messages pass before, either way
     */
    void apply(SocketAction action, long afterFrames) {
        if (afterFrames == 0) {
            perform(action);
            return;
        }
        synchronized (this) {
            pending.add(new Pending(action, messagesReceived + messagesSent + afterFrames));
        }
    }

    private void perform(SocketAction action) {
        sockets.applied();
        action.apply(this);
    }

    @Override
    public void received(String text) {
        sockets.received(text);
        synchronized (this) {
            processing = true;
        }
        count(1, 0);
    }

    @Override
    public void processed() {
        boolean killed;
        synchronized (this) {
            processing = false;
            killed = doomed;
        }
        if (killed) {
            endPoint.kill();
        }
    }

    @Override
    public void sent() {
        count(0, 1);
    }

    private void count(int received, int sent) {
        List<Pending> due;
        synchronized (this) {
            messagesReceived += received;
            messagesSent += sent;
            due = pending.stream().filter(one -> one.atMessage() <= messagesReceived + messagesSent).toList();
            pending.removeAll(due);
        }
        due.forEach(one -> perform(one.action()));
    }

    /** Forgets what waits and lets everything pass. */
    void ease() {
        synchronized (this) {
            pending.clear();
        }
        replies.clear();
        endPoint.ease();
    }

    /** Closes the connection. Jetty would not hand out a message that has come over a closed one, so a message that is being processed comes first. */
    void kill() {
        endPoint.loseOutput();
        synchronized (this) {
            doomed = true;
            if (processing) {
                return;
            }
        }
        endPoint.kill();
    }

    void halfClose() {
        endPoint.halfClose();
    }

    /** Sends a close frame. Not by Jetty's own means, which refuse codes that were registered later, such as 1013. */
    void close(int code, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        ByteBuffer frame = ByteBuffer.allocate(HEAD_BYTES + Short.BYTES + text.length);
        frame.put((byte) FINAL_CLOSE).put((byte) (Short.BYTES + text.length)).putShort((short) code).put(text).flip();
        endPoint.sendLast(frame);
    }

    void send(Frame frame) {
        tap.send(frame);
    }

    @Override
    public void opened() {
        sockets.opened(this);
    }

    @Override
    public void gone() {
        sockets.gone(this);
    }

    synchronized Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("user", user == null ? null : user.name());
        json.put("received", messagesReceived);
        json.put("sent", messagesSent);
        json.put("stalledToClient", endPoint.isStalled(Direction.TO_CLIENT));
        json.put("stalledFromClient", endPoint.isStalled(Direction.FROM_CLIENT));
        json.put("waiting", pending.size() + replies.count());
        return json;
    }
}
