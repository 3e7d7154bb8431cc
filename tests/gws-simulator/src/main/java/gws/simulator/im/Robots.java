package gws.simulator.im;

import gws.simulator.base.InputError;
import gws.simulator.base.Timer;
import gws.simulator.users.User;
import gws.simulator.users.Users;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The agents whom the simulator speaks for, so that one person can try a chat alone. */
public final class Robots implements ImListener {
    private static final long THINKING_MILLISECONDS = 300;

    private final Users users;
    private final ImSessions sessions;
    private final Timer timer;
    private final Map<String, Integer> textsHeard = new ConcurrentHashMap<>();

    public Robots(Users users, ImSessions sessions, Timer timer) {
        this.users = users;
        this.sessions = sessions;
        this.timer = timer;
        sessions.setListener(this);
    }

    /**
     * Starts a chat.
     *
     * @param name the robot, or null for the first one that is free
     * @throws InputError when there is none
     * @throws GwsFailure when the other agent is busy
     */
    public void start(String name, User destination) {
        User robot = name == null ? firstFree().orElseThrow(() -> new InputError("no robot is free")) : requireRobot(name);
        String id = sessions.start(robot, destination, Map.of("startedBy", robot.name()));
        later(() -> sessions.sendMessage(robot, id, destination.phone(), RobotPhrases.GREETING));
    }

    Optional<User> firstFree() {
        return users.all().stream().filter(user -> user.robot() && sessions.hasRoom(user)).findFirst();
    }

    private User requireRobot(String name) {
        User user = users.require(name);
        if (!user.robot()) {
            throw new InputError("'" + name + "' is not a robot");
        }
        return user;
    }

    @Override
    public void messageAdded(String sessionId, User sender, User receiver, String text) {
        if (receiver.robot() && !sender.robot()) {
            int index = textsHeard.merge(sessionId, 1, Integer::sum) - 1;
            later(() -> answer(sessionId, receiver, sender, index, text));
        }
    }

    @Override
    public void sessionCompleted(String sessionId) {
        textsHeard.remove(sessionId);
    }

    private void answer(String sessionId, User robot, User agent, int index, String text) {
        boolean goodbye = RobotPhrases.isGoodbye(text);
        sessions.sendMessage(robot, sessionId, agent.phone(), goodbye ? RobotPhrases.GOODBYE : RobotPhrases.answer(index, text));
        if (goodbye) {
            sessions.complete(robot, sessionId);
        }
    }

    private void later(Runnable action) {
        timer.later(THINKING_MILLISECONDS, () -> {
            try {
                action.run();
            } catch (GwsFailure sessionOverMeanwhile) {
                // The agent completed it while the robot was thinking.
            }
        });
    }
}
