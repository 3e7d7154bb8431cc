package gws.simulator.socket;

import gws.simulator.base.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The replies of one WebSocket that are to be lost or to come twice, although the server has done what was asked. */
final class ReplyFaults {
    /** What happens to a reply. */
    enum Effect { NONE, SWALLOW, DOUBLE }

    private final List<Waiting> waiting = new ArrayList<>();

    private static final class Waiting {
        private final Effect effect;
        private final ReplyKind kind;
        private long times;

        Waiting(Effect effect, ReplyKind kind, long times) {
            this.effect = effect;
            this.kind = kind;
            this.times = times;
        }
    }

    synchronized void add(Effect effect, ReplyKind kind, long times) {
        waiting.add(new Waiting(effect, kind, times));
    }

    synchronized void clear() {
        waiting.clear();
    }

    synchronized int count() {
        return waiting.size();
    }

    /** The texts that are sent in place of this one, which is CometD's: the same text alone when nothing happens to it. */
    synchronized List<String> apply(String text) {
        if (waiting.isEmpty()) {
            return List.of(text);
        }
        List<Object> kept = new ArrayList<>();
        List<Object> again = new ArrayList<>();
        List<Map<String, Object>> messages = BayeuxText.messages(text);
        for (Map<String, Object> message : messages) {
            Effect effect = take(message);
            if (effect != Effect.SWALLOW) {
                kept.add(message);
            }
            if (effect == Effect.DOUBLE) {
                again.add(message);
            }
        }
        List<String> texts = new ArrayList<>();
        if (kept.size() == messages.size()) {
            texts.add(text);
        } else if (!kept.isEmpty()) {
            texts.add(Json.write(kept));
        }
        if (!again.isEmpty()) {
            texts.add(Json.write(again));
        }
        return texts;
    }

    private Effect take(Map<String, Object> message) {
        for (Waiting one : waiting) {
            if (one.kind.matches(message)) {
                one.times--;
                if (one.times == 0) {
                    waiting.remove(one);
                }
                return one.effect;
            }
        }
        return Effect.NONE;
    }
}
