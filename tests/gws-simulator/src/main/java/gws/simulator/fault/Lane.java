package gws.simulator.fault;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/** One direction of a connection: bytes that wait their turn, since the direction is stalled, slow or late. All times are those of {@link System#nanoTime}. */
final class Lane {
    /** The wait of bytes that nothing lets go by itself. */
    static final long FOREVER = Long.MAX_VALUE;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Deque<Piece> pieces = new ArrayDeque<>();
    private long held;
    private boolean stalled;
    private long delay;
    private Pace pace = Pace.NONE;
    private long sliceLeft;
    private long nextSlice;

    private record Piece(ByteBuffer bytes, long arrived, boolean paced) {
    }

    /** Whether nothing waits and nothing would have to. */
    synchronized boolean isClear() {
        return isDrained() && delay == 0 && pace == Pace.NONE;
    }

    /** Whether nothing waits and a stall does not hide that. */
    synchronized boolean isDrained() {
        return !stalled && pieces.isEmpty();
    }

    synchronized long held() {
        return held;
    }

    synchronized void stall(boolean on) {
        stalled = on;
    }

    synchronized boolean isStalled() {
        return stalled;
    }

    /** How much later bytes pass, those that wait already included. */
    synchronized void delay(long nanoseconds) {
        delay = nanoseconds;
    }

    synchronized void pace(Pace to) {
        pace = to;
        sliceLeft = to.bytes();
        nextSlice = System.nanoTime();
    }

    /** Nothing has to wait any longer. */
    synchronized void ease() {
        stalled = false;
        delay = 0;
        pace = Pace.NONE;
    }

    /** Loses what waits. */
    synchronized void clear() {
        ease();
        pieces.clear();
        held = 0;
    }

    /**
     * Takes over what remains in the buffer.
     *
     * @param paced whether the pace counts for these bytes
     */
    synchronized void add(ByteBuffer bytes, boolean paced) {
        if (bytes.hasRemaining()) {
            held += bytes.remaining();
            ByteBuffer copy = ByteBuffer.allocate(bytes.remaining());
            copy.put(bytes).flip();
            pieces.addLast(new Piece(copy, System.nanoTime(), paced));
        }
    }

    /** What may pass now: a view, empty if nothing may. */
    synchronized ByteBuffer due() {
        if (untilDue(System.nanoTime()) > 0) {
            return NOTHING;
        }
        Piece first = pieces.getFirst();
        ByteBuffer view = first.bytes().duplicate();
        if (isPaced(first)) {
            view.limit((int) Math.min(view.limit(), view.position() + sliceLeft));
        }
        return view;
    }

    /** Counts so many bytes of what is due as passed. */
    synchronized void passed(int count) {
        Piece first = pieces.getFirst();
        first.bytes().position(first.bytes().position() + count);
        held -= count;
        if (isPaced(first)) {
            sliceLeft -= count;
            if (sliceLeft == 0) {
                sliceLeft = pace.bytes();
                nextSlice = System.nanoTime() + pace.nanoseconds();
            }
        }
        if (!first.bytes().hasRemaining()) {
            pieces.removeFirst();
        }
    }

    /** How long it takes until something may pass, in nanoseconds; {@link #FOREVER} if something else must happen first. */
    synchronized long untilDue(long now) {
        if (stalled || pieces.isEmpty()) {
            return FOREVER;
        }
        Piece first = pieces.getFirst();
        long late = delay - (now - first.arrived());
        return Math.max(0, isPaced(first) ? Math.max(late, nextSlice - now) : late);
    }

    private boolean isPaced(Piece piece) {
        return piece.paced() && pace != Pace.NONE;
    }
}
