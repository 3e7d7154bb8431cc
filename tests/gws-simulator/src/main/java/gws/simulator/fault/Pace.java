package gws.simulator.fault;

import java.util.concurrent.TimeUnit;

/**
 * How fast bytes may pass.
 *
 * @param bytes so many at a time
 * @param nanoseconds from one time to the next
 */
public record Pace(long bytes, long nanoseconds) {
    /** As fast as they come. */
    public static final Pace NONE = new Pace(0, 0);

    private static final long SLICES_PER_SECOND = 50;

    /** So many bytes every so many milliseconds. */
    public static Pace drip(long bytes, long milliseconds) {
        return new Pace(bytes, TimeUnit.MILLISECONDS.toNanos(milliseconds));
    }

    /** As even as a line of that speed. */
    public static Pace bytesPerSecond(long speed) {
        long bytes = Math.max(1, speed / SLICES_PER_SECOND);
        return new Pace(bytes, TimeUnit.SECONDS.toNanos(bytes) / speed);
    }
}
