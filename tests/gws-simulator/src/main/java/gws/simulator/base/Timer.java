package gws.simulator.base;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs things later, one at a time. One that fails says so and does not keep the others, or its own next turn, from running. */
public final class Timer {
    private static final Logger LOGGER = LoggerFactory.getLogger(Timer.class);

    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "timer");
        thread.setDaemon(true);
        return thread;
    });

    public void later(long milliseconds, Task task) {
        executor.schedule(() -> run(task), milliseconds, TimeUnit.MILLISECONDS);
    }

    public void every(long milliseconds, Task task) {
        executor.scheduleWithFixedDelay(() -> run(task), milliseconds, milliseconds, TimeUnit.MILLISECONDS);
    }

    public void stop() {
        executor.shutdownNow();
    }

    private static void run(Task task) {
        try {
            task.run();
        } catch (Exception failure) {
            LOGGER.error("a timed task failed", failure);
        }
    }

    /** Something to do. */
    @FunctionalInterface
    public interface Task {
        void run() throws Exception;
    }
}
