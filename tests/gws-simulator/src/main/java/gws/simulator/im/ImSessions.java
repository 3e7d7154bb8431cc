package gws.simulator.im;

import gws.simulator.users.User;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The IM sessions and what can be done with them. One lock covers a change and its notifications, so both agents see all changes in the same order.
 */
public final class ImSessions {
    private static final int COMPLETED_KEPT = 100;
    private static final int COMPLETED_SHOWN = 20;

    private final ImSessionIds ids = new ImSessionIds();
    private final Map<String, ImSession> sessions = new LinkedHashMap<>();
    private final ImResource resource;
    private final ImNotifications notifications;
    private final LongSupplier most;
    private Optional<ImListener> listener = Optional.empty();

    /** @param most how many sessions an agent may have at a time */
    ImSessions(ImResource resource, ImNotifications notifications, LongSupplier most) {
        this.resource = resource;
        this.notifications = notifications;
        this.most = most;
    }

    synchronized void setListener(ImListener listener) {
        this.listener = Optional.of(listener);
    }

    /**
     * Starts a session; it is established at once, as in the documents' first sample.
     *
     * @throws GwsFailure when one of the two has as many sessions already as he may have
     */
    synchronized String start(User initiator, User peer, Map<String, Object> userData) {
        if (initiator.equals(peer)) {
            throw new GwsFailure(StatusCode.INVALID_PARAMETER, "The destination must be another agent.");
        }
        requireRoom(initiator);
        requireRoom(peer);
        ImSession session = new ImSession(ids.next(), ids.next(), initiator, peer);
        session.userData().putAll(userData);
        sessions.put(session.id(), session);
        notifications.statusChange(session);
        return session.id();
    }

    private void requireRoom(User user) {
        if (!hasRoom(user)) {
            String number = most.getAsLong() == 1 ? "an IM session" : most.getAsLong() + " IM sessions";
            throw new GwsFailure(StatusCode.INVALID_STATE, "Invalid state: agent " + user.phone() + " already has " + number + ".");
        }
    }

    /** Whether the agent may have one more session. */
    synchronized boolean hasRoom(User user) {
        return live(user).size() < most.getAsLong();
    }

    /** Whether the agent has a session. */
    synchronized boolean isBusy(User user) {
        return !live(user).isEmpty();
    }

    synchronized void sendMessage(User sender, String id, String destination, String text) {
        ImSession session = requireLive(sender, id);
        User receiver = session.other(sender);
        if (!receiver.phone().equals(destination)) {
            throw new GwsFailure(StatusCode.INVALID_PARAMETER, "The destination must be the participant " + receiver.phone() + ".");
        }
        session.addText(sender, text);
        notifications.newMessage(session, text);
        listener.ifPresent(heard -> heard.messageAdded(session.id(), sender, receiver, text));
    }

    /** Adds the pairs; a key that is there already gets the new value. */
    synchronized void putUserData(User user, String id, Map<String, Object> pairs) {
        ImSession session = requireLive(user, id);
        session.userData().putAll(pairs);
        notifications.attachedDataChanged(session);
    }

    synchronized void deleteUserData(User user, String id, String key) {
        ImSession session = requireLive(user, id);
        if (!session.userData().containsKey(key)) {
            throw new GwsFailure(StatusCode.NOT_FOUND, "There is no user data '" + key + "'.");
        }
        session.userData().remove(key);
        notifications.attachedDataChanged(session);
    }

    synchronized void complete(User user, String id) {
        ImSession session = requireLive(user, id);
        session.complete();
        // To the end, so that the completed ones stand in the order in which they ended.
        sessions.remove(id);
        sessions.put(id, session);
        notifications.statusChange(session);
        listener.ifPresent(heard -> heard.sessionCompleted(session.id()));
        forgetOldest();
    }

    /** Completed sessions stay a while, so that a late operation hears that the session is over and not that there never was one. */
    private void forgetOldest() {
        List<ImSession> completed = completed();
        if (completed.size() > COMPLETED_KEPT) {
            sessions.remove(completed.get(0).id());
        }
    }

    private ImSession requireLive(User user, String id) {
        ImSession session = require(user, id);
        if (session.isCompleted()) {
            throw new GwsFailure(StatusCode.INVALID_STATE, "Invalid state: the IM session is completed.");
        }
        return session;
    }

    private ImSession require(User user, String id) {
        return Optional.ofNullable(sessions.get(id)).filter(session -> session.involves(user))
                .orElseThrow(() -> new GwsFailure(StatusCode.NOT_FOUND, "There is no IM session '" + id + "'."));
    }

    synchronized Map<String, Object> fetch(User viewer, String id) {
        return resource.fetched(require(viewer, id), viewer);
    }

    /** The sessions of an agent that are not completed. */
    synchronized List<Map<String, Object>> fetchAll(User viewer) {
        return live(viewer).stream().map(session -> resource.fetched(session, viewer)).toList();
    }

    synchronized List<String> uris(User viewer) {
        return live(viewer).stream().map(resource::uri).toList();
    }

    private List<ImSession> live(User viewer) {
        return sessions.values().stream().filter(session -> session.involves(viewer) && !session.isCompleted()).toList();
    }

    private List<ImSession> completed() {
        return sessions.values().stream().filter(ImSession::isCompleted).toList();
    }

    /** All sessions that are not completed, as their initiators see them, with user data and texts. */
    public synchronized List<Map<String, Object>> liveToJson() {
        return sessions.values().stream().filter(session -> !session.isCompleted()).map(this::describe).toList();
    }

    /** The sessions that were completed last, as they ended, the last one at the end. */
    public synchronized List<Map<String, Object>> completedToJson() {
        List<ImSession> completed = completed();
        return completed.stream().skip(Math.max(0, completed.size() - COMPLETED_SHOWN)).map(this::describe).toList();
    }

    private Map<String, Object> describe(ImSession session) {
        Map<String, Object> json = resource.described(session, session.initiator());
        json.put("users", List.of(session.initiator().name(), session.peer().name()));
        json.put("textCount", session.textCount());
        json.put("texts", session.texts().stream().map(text -> Map.of("user", text.sender().name(), "text", text.text())).toList());
        return json;
    }

    synchronized void clear() {
        sessions.clear();
    }
}
