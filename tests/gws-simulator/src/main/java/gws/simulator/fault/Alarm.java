package gws.simulator.fault;

import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.thread.Scheduler;

/** Runs a task at the earliest of the times asked for since it last ran. */
final class Alarm {
    private final Scheduler scheduler;
    private final Runnable task;
    private boolean set;
    private long time;

    Alarm(Scheduler scheduler, Runnable task) {
        this.scheduler = scheduler;
        this.task = task;
    }

    synchronized void in(long nanoseconds) {
        long wanted = System.nanoTime() + nanoseconds;
        if (!set || wanted - time < 0) {
            set = true;
            time = wanted;
            scheduler.schedule(() -> ring(wanted), nanoseconds, TimeUnit.NANOSECONDS);
        }
    }

    private void ring(long wanted) {
        synchronized (this) {
            if (!set || time != wanted) {
                return;
            }
            set = false;
        }
        task.run();
    }
}
