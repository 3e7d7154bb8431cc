package gws.simulator.fault;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * The bytes of one connection, either way. Jetty believes that what it wrote has left and that what has not come was not sent, as with a real network; even its
 * closing of the connection waits behind the bytes that are held.
 */
final class Wire {
    /** What is read ahead while nothing passes. Beyond it the client feels that nobody reads. */
    private static final int MOST_READ_AHEAD = 64 * 1024;
    private static final int READ_SIZE = 4 * 1024;
    /** Only this class writes while it holds bytes, and Jetty gives no call when a full socket has room again. */
    private static final long NANOSECONDS_TO_ROOM = TimeUnit.MILLISECONDS.toNanos(5);

    private enum End { NONE, OUTPUT, BOTH }

    private final FaultyEndPoint endPoint;
    private final Lane toClient = new Lane();
    private final Lane fromClient = new Lane();
    private final FrameBoundary boundary = new FrameBoundary();
    private final AnswerHead head = new AnswerHead();
    private final Alarm writer;
    private final Alarm reader;
    private Pace bodyPace = Pace.NONE;
    private End end = End.NONE;
    private boolean outputLost;
    private volatile boolean reading;
    private volatile boolean inputEnded;

    Wire(FaultyEndPoint endPoint, Scheduler scheduler) {
        this.endPoint = endPoint;
        this.writer = new Alarm(scheduler, this::pump);
        this.reader = new Alarm(scheduler, endPoint::wakeReader);
    }

    /** Bytes to the client. */
    Lane toClient() {
        return toClient;
    }

    /** Bytes from the client. Only those of a WebSocket take this way. */
    Lane fromClient() {
        return fromClient;
    }

    /** The body of the next answer is sent at that pace. */
    void paceBody(Pace pace) {
        synchronized (toClient) {
            bodyPace = pace;
            head.restart();
            if (pace == Pace.NONE) {
                toClient.pace(pace);
            }
        }
    }

    /** Looks again at what is held, after what holds it has changed. */
    void wake() {
        pump();
        reader.in(0);
    }

    /** @return whether the bytes are on their way, as {@link org.eclipse.jetty.io.EndPoint#flush} does */
    boolean flush(ByteBuffer... buffers) throws IOException {
        synchronized (toClient) {
            if (outputLost) {
                skip(buffers);
                return true;
            }
            // A WebSocket's frames are always taken over whole, so that something can be sent between two of them.
            if (!endPoint.isUpgraded() && toClient.isClear() && bodyPace == Pace.NONE) {
                return endPoint.flushNow(buffers);
            }
            for (ByteBuffer buffer : buffers) {
                hold(buffer);
            }
        }
        pump();
        return true;
    }

    private static void skip(ByteBuffer... buffers) {
        for (ByteBuffer buffer : buffers) {
            buffer.position(buffer.limit());
        }
    }

    private void hold(ByteBuffer bytes) {
        if (bodyPace != Pace.NONE) {
            ByteBuffer ofHead = bytes.duplicate();
            bytes.position(bytes.position() + head.take(bytes));
            ofHead.limit(bytes.position());
            toClient.add(ofHead, false);
            if (head.isOver()) {
                toClient.pace(bodyPace);
                bodyPace = Pace.NONE;
            }
        }
        toClient.add(bytes, true);
    }

    private void pump() {
        End due;
        try {
            due = sendDue();
        } catch (IOException connectionLost) {
            endPoint.kill();
            return;
        }
        if (due == End.OUTPUT) {
            endPoint.shutdownOutputNow();
        } else if (due == End.BOTH) {
            endPoint.closeNow();
        }
    }

    /** @return what is to be closed, now that everything has been sent */
    private End sendDue() throws IOException {
        synchronized (toClient) {
            ByteBuffer bytes = toClient.due();
            while (bytes.hasRemaining()) {
                int start = bytes.position();
                boolean room = endPoint.flushNow(bytes);
                toClient.passed(bytes.position() - start);
                if (!room) {
                    writer.in(NANOSECONDS_TO_ROOM);
                    return End.NONE;
                }
                bytes = toClient.due();
            }
            long wait = toClient.untilDue(System.nanoTime());
            if (wait != Lane.FOREVER) {
                writer.in(wait);
            }
            return toClient.isDrained() ? end : End.NONE;
        }
    }

    /** @return whether the closing waits behind bytes that are held */
    boolean postpones(boolean both) {
        synchronized (toClient) {
            if (toClient.isDrained()) {
                return false;
            }
            end = both || end == End.BOTH ? End.BOTH : End.OUTPUT;
            return true;
        }
    }

    /** Sends this behind all that is held; what is still to come is lost. */
    void sendLast(ByteBuffer bytes) {
        synchronized (toClient) {
            toClient.add(bytes, true);
            outputLost = true;
        }
        pump();
    }

    /** What is held for the client and what is still to come is lost. */
    void loseOutput() {
        synchronized (toClient) {
            outputLost = true;
            toClient.clear();
        }
        pump();
    }

    /** Nothing passes any more, either way. */
    void cut() {
        loseOutput();
        synchronized (fromClient) {
            inputEnded = true;
            fromClient.clear();
        }
    }

    /** Reading begins, frame by frame: what a frame sets off is in force before the next one is looked at. */
    void read() {
        reading = true;
        reader.in(0);
    }

    /** As {@link org.eclipse.jetty.io.EndPoint#fill}. */
    int fill(ByteBuffer buffer) throws IOException {
        boolean over;
        int filled;
        synchronized (fromClient) {
            if (!reading) {
                return 0;
            }
            readAhead();
            filled = take(buffer);
            over = inputEnded && fromClient.isDrained();
        }
        return filled == 0 && over ? -1 : filled;
    }

    private void readAhead() throws IOException {
        ByteBuffer bytes = BufferUtil.allocate(READ_SIZE);
        int filled = 1;
        while (!inputEnded && filled > 0 && fromClient.held() < MOST_READ_AHEAD) {
            BufferUtil.clear(bytes);
            filled = endPoint.fillNow(bytes);
            fromClient.add(bytes, true);
            if (filled < 0) {
                inputEnded = true;
                endPoint.clientGone();
            }
        }
    }

    private int take(ByteBuffer buffer) {
        ByteBuffer due = fromClient.due();
        due.limit(due.position() + Math.min(due.remaining(), BufferUtil.space(buffer)));
        if (!due.hasRemaining()) {
            return 0;
        }
        ByteBuffer taken = due.duplicate();
        int count = boundary.take(due);
        taken.limit(due.position());
        BufferUtil.append(buffer, taken);
        fromClient.passed(count);
        return count;
    }

    /** Jetty wants to be told when there is something to read. */
    void needsFill() {
        if (!reading) {
            return;
        }
        synchronized (fromClient) {
            boolean over = inputEnded && fromClient.isDrained();
            long wait = over ? 0 : fromClient.untilDue(System.nanoTime());
            if (wait != Lane.FOREVER) {
                reader.in(wait);
            }
            if (!inputEnded && fromClient.held() < MOST_READ_AHEAD) {
                endPoint.watchInput();
            }
        }
    }
}
