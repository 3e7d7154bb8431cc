package gws.simulator.fault;

import gws.simulator.base.BaseRequest;
import gws.simulator.traffic.Traffic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import javax.servlet.http.HttpServletRequest;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.SelectChannelEndPoint;
import org.eclipse.jetty.io.SelectorManager.ManagedSelector;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * A connection whose answers can be held back, cut short or lost. Faults act on bytes here, below the servlets, since CometD writes asynchronously and must
 * believe that its answer went out, as it does when a real network loses it.
 */
public final class FaultyEndPoint extends SelectChannelEndPoint {
    private static final long MILLISECONDS_TO_FIRST_REQUEST = 5;

    private final Scheduler scheduler;
    private final Wire wire;
    private Traffic countedBy;
    private volatile int requests;
    private volatile BreakOff breakOff;
    private volatile long holdMilliseconds;
    private volatile SocketEnd socket;
    private volatile boolean upgraded;

    public FaultyEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler, long idleTimeout) {
        super(channel, selector, key, scheduler, idleTimeout);
        this.scheduler = scheduler;
        this.wire = new Wire(this, scheduler);
    }

    /** The connection over which a request came. */
    public static FaultyEndPoint of(HttpServletRequest request) {
        return (FaultyEndPoint) BaseRequest.of(request).getHttpChannel().getEndPoint();
    }

    /** Must be called for every request. Forgets a fault that did not come to pass, such as one behind the end of the answer before. */
    public void beginRequest() {
        breakOff = null;
        holdMilliseconds = 0;
        wire.paceBody(Pace.NONE);
        requests++;
    }

    /**
     * Whether a browser repeats the request by itself when it gets no answer: it does so on a connection that has served before or has been kept in store,
     * since the server may have closed that one at the same moment.
     */
    public boolean isRepeatedByBrowsers() {
        return requests > 1 || System.currentTimeMillis() - getCreatedTimeStamp() > MILLISECONDS_TO_FIRST_REQUEST;
    }

    /** Counts the connection, once. It is counted with its first request, so that connections which carry nothing but control calls do not show. */
    public synchronized void countIn(Traffic traffic) {
        if (countedBy == null && isOpen()) {
            countedBy = traffic;
            traffic.connectionOpened();
        }
    }

    /** The next answer ends at that point, and the connection with it. */
    void breakOff(BreakOff point) {
        breakOff = point;
    }

    /** The next answer begins so much later. */
    void holdAnswer(long milliseconds) {
        holdMilliseconds = milliseconds;
    }

    /** The body of the next answer is sent at that pace. */
    void paceBody(Pace pace) {
        wire.paceBody(pace);
    }

    /** Whether the client gets nothing at all in answer to its request. */
    public boolean isSilenced() {
        BreakOff point = breakOff;
        return point != null && point.isSilent();
    }

    @Override
    public boolean flush(ByteBuffer... buffers) throws IOException {
        if (holdMilliseconds > 0) {
            return false;
        }
        BreakOff point = breakOff;
        return point == null ? wire.flush(buffers) : flushUpTo(point, buffers);
    }

    private boolean flushUpTo(BreakOff point, ByteBuffer... buffers) throws IOException {
        for (ByteBuffer buffer : buffers) {
            if (!flushUpTo(point, buffer)) {
                return false;
            }
        }
        if (point.isReached()) {
            end(point);
        }
        return true;
    }

    private void end(BreakOff point) {
        if (point.leavesInputOpen()) {
            shutdownOutput();
        } else {
            close();
        }
    }

    /** Sends what lies before the point and swallows what lies behind it. */
    private boolean flushUpTo(BreakOff point, ByteBuffer buffer) throws IOException {
        ByteBuffer head = buffer.duplicate();
        head.limit(head.position() + point.admitted(buffer));
        ByteBuffer sent = head.duplicate();
        boolean complete = !head.hasRemaining() || wire.flush(head);
        sent.limit(head.position());
        point.sent(sent);
        buffer.position(complete ? buffer.limit() : head.position());
        return complete;
    }

    /** Jetty calls this once it is ready to go on with a write that {@link #flush} left undone; an earlier wake-up would be lost. */
    @Override
    protected void onIncompleteFlush() {
        long wait = holdMilliseconds;
        if (wait > 0) {
            scheduler.schedule(this::release, wait, TimeUnit.MILLISECONDS);
        } else {
            super.onIncompleteFlush();
        }
    }

    private void release() {
        holdMilliseconds = 0;
        getWriteFlusher().completeWrite();
    }

    @Override
    protected void onIdleExpired(TimeoutException timeout) {
        if (holdMilliseconds == 0) {
            super.onIdleExpired(timeout);
        }
    }

    /** Calls back once, when the client has closed the connection or it is closed here. Only while a request is suspended: nothing else reads then. */
    void whenClosed(Runnable closed) {
        fillInterested(new Callback() {
            @Override
            public void succeeded() {
                if (discardInput()) {
                    whenClosed(closed);
                } else {
                    close();
                    closed.run();
                }
            }

            @Override
            public void failed(Throwable cause) {
                if (cause instanceof TimeoutException && isOpen()) {
                    whenClosed(closed);
                } else {
                    closed.run();
                }
            }
        });
    }

    /** @return whether more may come */
    private boolean discardInput() {
        ByteBuffer buffer = BufferUtil.allocate(1024);
        try {
            int filled;
            do {
                BufferUtil.clear(buffer);
                filled = fill(buffer);
            } while (filled > 0);
            return filled == 0;
        } catch (IOException failure) {
            return false;
        }
    }

    /** The request that is being answered asks for a WebSocket. */
    public void becomes(SocketEnd end) {
        socket = end;
    }

    @Override
    public void upgrade(Connection connection) {
        upgraded = true;
        super.upgrade(connection);
        socket.opened();
        wire.read();
    }

    @Override
    public int fill(ByteBuffer buffer) throws IOException {
        return upgraded ? wire.fill(buffer) : super.fill(buffer);
    }

    @Override
    protected boolean needsFill() {
        if (upgraded) {
            wire.needsFill();
            return false;
        }
        return super.needsFill();
    }

    @Override
    public void shutdownOutput() {
        if (!wire.postpones(false)) {
            super.shutdownOutput();
        }
    }

    @Override
    public void close() {
        if (!wire.postpones(true)) {
            super.close();
        }
    }

    boolean flushNow(ByteBuffer... buffers) throws IOException {
        return super.flush(buffers);
    }

    int fillNow(ByteBuffer buffer) throws IOException {
        return super.fill(buffer);
    }

    boolean isUpgraded() {
        return upgraded;
    }

    void shutdownOutputNow() {
        super.shutdownOutput();
    }

    void closeNow() {
        super.close();
    }

    boolean watchInput() {
        return super.needsFill();
    }

    /** Lets the reader look again, if it waits. */
    void wakeReader() {
        getFillInterest().fillable();
    }

    void clientGone() {
        socket.gone();
    }

    /** Closes the connection at once, whatever is held. */
    public void kill() {
        wire.cut();
        super.close();
    }

    /** What is sent from now on is lost. */
    public void loseOutput() {
        wire.loseOutput();
    }

    /** This is sent, and nothing after it. Must be whole frames. */
    public void sendLast(ByteBuffer frames) {
        wire.sendLast(frames);
    }

    /** Nothing more is sent and the client sees the end of it; what the client sends is still read. */
    public void halfClose() {
        wire.loseOutput();
        super.shutdownOutput();
    }

    /** Lets nothing pass, or lets it pass again: what was held then goes on its way. */
    public void stall(Direction direction, boolean on) {
        apply(direction, lane -> lane.stall(on));
    }

    /** Everything passes so much later. */
    public void delay(Direction direction, long milliseconds) {
        apply(direction, lane -> lane.delay(TimeUnit.MILLISECONDS.toNanos(milliseconds)));
    }

    public void pace(Direction direction, Pace pace) {
        apply(direction, lane -> lane.pace(pace));
    }

    /** Nothing is stalled, delayed or slow any more. */
    public void ease() {
        apply(Direction.BOTH, Lane::ease);
    }

    public boolean isStalled(Direction direction) {
        return direction.toClient() && wire.toClient().isStalled() || direction.fromClient() && wire.fromClient().isStalled();
    }

    private void apply(Direction direction, Consumer<Lane> change) {
        if (direction.toClient()) {
            change.accept(wire.toClient());
        }
        if (direction.fromClient()) {
            change.accept(wire.fromClient());
        }
        wire.wake();
    }

    @Override
    public void onClose() {
        super.onClose();
        if (socket != null) {
            socket.gone();
        }
        synchronized (this) {
            if (countedBy != null) {
                countedBy.connectionClosed();
                countedBy = null;
            }
        }
    }
}
