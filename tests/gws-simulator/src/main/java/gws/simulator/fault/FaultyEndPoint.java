package gws.simulator.fault;

import gws.simulator.base.BaseRequest;
import gws.simulator.traffic.Traffic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.servlet.http.HttpServletRequest;
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
    private Traffic countedBy;
    private volatile int requests;
    private volatile BreakOff breakOff;
    private volatile long holdMilliseconds;

    public FaultyEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler, long idleTimeout) {
        super(channel, selector, key, scheduler, idleTimeout);
        this.scheduler = scheduler;
    }

    /** The connection over which a request came. */
    public static FaultyEndPoint of(HttpServletRequest request) {
        return (FaultyEndPoint) BaseRequest.of(request).getHttpChannel().getEndPoint();
    }

    /** Must be called for every request. Forgets a fault that did not come to pass, such as one behind the end of the answer before. */
    public void beginRequest() {
        breakOff = null;
        holdMilliseconds = 0;
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
        return point == null ? super.flush(buffers) : flushUpTo(point, buffers);
    }

    private boolean flushUpTo(BreakOff point, ByteBuffer... buffers) throws IOException {
        for (ByteBuffer buffer : buffers) {
            if (!flushUpTo(point, buffer)) {
                return false;
            }
        }
        if (point.isReached()) {
            close();
        }
        return true;
    }

    /** Sends what lies before the point and swallows what lies behind it. */
    private boolean flushUpTo(BreakOff point, ByteBuffer buffer) throws IOException {
        ByteBuffer head = buffer.duplicate();
        head.limit(head.position() + point.admitted(buffer));
        ByteBuffer sent = head.duplicate();
        boolean complete = !head.hasRemaining() || super.flush(head);
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

    @Override
    public void onClose() {
        super.onClose();
        synchronized (this) {
            if (countedBy != null) {
                countedBy.connectionClosed();
                countedBy = null;
            }
        }
    }
}
