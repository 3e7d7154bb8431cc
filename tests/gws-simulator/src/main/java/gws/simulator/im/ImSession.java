package gws.simulator.im;

import gws.simulator.users.User;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A session between two agents. Guarded by {@link ImSessions}. */
final class ImSession {
    private static final int TEXTS_KEPT = 1_000;

    private final String id;
    private final String uriId;
    private final User initiator;
    private final User peer;
    private final Map<String, Object> userData = new LinkedHashMap<>();
    private final Deque<Text> texts = new ArrayDeque<>();
    private long textCount;
    private boolean completed;

    /** A text as it was sent. */
    record Text(User sender, String text) {
    }

    /** @param uriId the other id, that stands in the resource's {@code uri}: the documented samples have two different ones */
    ImSession(String id, String uriId, User initiator, User peer) {
        this.id = id;
        this.uriId = uriId;
        this.initiator = initiator;
        this.peer = peer;
    }

    String id() {
        return id;
    }

    String uriId() {
        return uriId;
    }

    String path() {
        return "/im-sessions/" + id;
    }

    boolean involves(User user) {
        return user.equals(initiator) || user.equals(peer);
    }

    User initiator() {
        return initiator;
    }

    User peer() {
        return peer;
    }

    User other(User user) {
        return user.equals(initiator) ? peer : initiator;
    }

    Map<String, Object> userData() {
        return userData;
    }

    /** Keeps the text, and the oldest one no longer when there are too many. */
    void addText(User sender, String text) {
        if (texts.size() == TEXTS_KEPT) {
            texts.removeFirst();
        }
        texts.addLast(new Text(sender, text));
        textCount++;
    }

    /** The last texts, in the order in which they were sent. */
    List<Text> texts() {
        return List.copyOf(texts);
    }

    /** How many texts were sent in all. */
    long textCount() {
        return textCount;
    }

    boolean isCompleted() {
        return completed;
    }

    void complete() {
        completed = true;
    }
}
