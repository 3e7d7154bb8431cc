package gws.simulator.cometd;

import gws.simulator.users.User;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.cometd.bayeux.ChannelId;
import org.cometd.bayeux.server.ServerChannel;
import org.cometd.bayeux.server.ServerSession;
import org.cometd.server.BayeuxServerImpl;
import org.cometd.server.ServerSessionImpl;

/** The CometD sessions of the agents: who gets what, and how sessions end. */
public final class CometdSessions {
    private final BayeuxServerImpl bayeux;
    private final UnadvisedSessions unadvised = new UnadvisedSessions();

    public CometdSessions(BayeuxServerImpl bayeux) {
        this.bayeux = bayeux;
        bayeux.addExtension(unadvised);
    }

    /** Delivers to the subscribed sessions of one user. Others never see it. */
    public void deliver(User user, String topic, Object data) {
        publish(topic, user, session -> session.deliver(null, topic, data));
    }

    public boolean isSubscribed(User user, String topic) {
        return !subscribers(topic, user).isEmpty();
    }

    /**
     * Delivers one piece of data after the other to every subscribed session, in one batch, so that a long-polling client gets them in one answer.
     *
     * @param user whose sessions, or null for those of all users
     * @return how many sessions there are
     */
    public int publish(String topic, User user, List<Object> data) {
        return publish(topic, user, session -> data.forEach(one -> session.deliver(null, topic, one)));
    }

    private int publish(String topic, User user, Consumer<ServerSession> delivery) {
        List<ServerSession> sessions = subscribers(topic, user);
        sessions.forEach(session -> session.batch(() -> delivery.accept(session)));
        return sessions.size();
    }

    private List<ServerSession> subscribers(String topic, User user) {
        ChannelId channel = new ChannelId(topic);
        List<String> names = new ArrayList<>(channel.getWilds());
        names.add(channel.getId());
        return bayeux.getSessions().stream().filter(belongingTo(user))
                .filter(session -> session.getSubscriptions().stream().map(ServerChannel::getId).anyMatch(names::contains))
                .toList();
    }

    private static Predicate<ServerSession> belongingTo(User user) {
        return session -> user == null || user.equals(AgentPolicy.userOf(session));
    }

    /**
     * Removes sessions as CometD's sweeper does: a held {@code /meta/connect} is cancelled (HTTP 408), the next one gets 402.
     *
     * @param user whose sessions, or null for those of all users
     * @param clientId which session, or null for any
     * @param advice whether that 402 comes with the advice to handshake
     * @return how many sessions were removed
     */
    public int expire(User user, String clientId, boolean advice) {
        List<ServerSession> expired = bayeux.getSessions().stream().filter(belongingTo(user))
                .filter(session -> clientId == null || clientId.equals(session.getId()))
                .toList();
        for (ServerSession session : expired) {
            if (!advice) {
                unadvised.add(session.getId());
            }
            bayeux.removeServerSession(session, true);
            // Only then the held connect is let go: the browser repeats it at once, and must not be held again.
            ((ServerSessionImpl) session).cancelSchedule();
        }
        return expired.size();
    }

    /** Ends all sessions and tells the clients not to come back, so that a client left over from one test does not disturb the next. */
    public void disconnectAll() {
        unadvised.clear();
        List.copyOf(bayeux.getSessions()).forEach(ServerSession::disconnect);
    }

    public List<Map<String, Object>> toJson() {
        return bayeux.getSessions().stream().map(this::describe).toList();
    }

    private Map<String, Object> describe(ServerSession session) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("clientId", session.getId());
        json.put("user", Optional.ofNullable(AgentPolicy.userOf(session)).map(User::name).orElse(null));
        json.put("transport", session.getAttribute(TransportMarker.TRANSPORT));
        json.put("held", session instanceof AgentSession agent && agent.isHeld());
        json.put("subscriptions", session.getSubscriptions().stream().map(ServerChannel::getId).sorted().toList());
        return json;
    }
}
