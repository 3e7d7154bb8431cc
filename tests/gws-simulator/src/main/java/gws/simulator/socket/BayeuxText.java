package gws.simulator.socket;

import gws.simulator.base.InputError;
import gws.simulator.base.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads the Bayeux messages in a text frame. */
final class BayeuxText {
    private BayeuxText() {
    }

    /** The messages, in order; none when the text is something else. */
    static List<Map<String, Object>> messages(String text) {
        List<Map<String, Object>> messages = new ArrayList<>();
        try {
            Object value = Json.parse(text);
            for (Object one : value instanceof List<?> list ? list : List.of(value == null ? "" : value)) {
                messages.add(Json.asObject("a message", one));
            }
            return messages;
        } catch (InputError notBayeux) {
            return List.of();
        }
    }
}
