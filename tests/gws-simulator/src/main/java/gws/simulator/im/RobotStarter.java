package gws.simulator.im;

import gws.simulator.base.Timer;
import gws.simulator.users.User;
import gws.simulator.users.Users;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/** Lets a robot start a chat with an agent who has been subscribed and idle for a while. */
public final class RobotStarter {
    private static final long CHECK_MILLISECONDS = 100;

    private final Users users;
    private final ImSessions sessions;
    private final Robots robots;
    private final Predicate<User> subscribed;
    private final LongSupplier wait;
    private final Map<User, Long> idleSince = new HashMap<>();

    /**
     * @param subscribed whether an agent receives notifications of IM sessions
     * @param wait how long he must be idle, in milliseconds; 0 for never
     */
    public RobotStarter(Users users, ImSessions sessions, Robots robots, Predicate<User> subscribed, LongSupplier wait) {
        this.users = users;
        this.sessions = sessions;
        this.robots = robots;
        this.subscribed = subscribed;
        this.wait = wait;
    }

    public void run(Timer timer) {
        timer.every(CHECK_MILLISECONDS, this::checkAll);
    }

    private void checkAll() {
        if (wait.getAsLong() == 0) {
            idleSince.clear();
            return;
        }
        users.all().stream().filter(user -> !user.robot()).forEach(this::check);
    }

    private void check(User agent) {
        if (!subscribed.test(agent) || sessions.isBusy(agent)) {
            idleSince.remove(agent);
            return;
        }
        long since = idleSince.computeIfAbsent(agent, first -> System.nanoTime());
        if (System.nanoTime() - since >= TimeUnit.MILLISECONDS.toNanos(wait.getAsLong()) && robots.firstFree().isPresent()) {
            start(agent);
        }
    }

    private void start(User agent) {
        try {
            robots.start(null, agent);
        } catch (GwsFailure takenMeanwhile) {
            // Somebody else was quicker; the agent is not idle any more.
        }
    }
}
