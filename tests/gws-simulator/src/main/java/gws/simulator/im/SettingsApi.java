package gws.simulator.im;

import gws.simulator.users.User;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code /me/settings} and {@code /me/settings/{key}}: values that an agent keeps for himself. An imitation after the general rules of the interface; it is here
 * for PUT and DELETE, which the IM operations do not need.
 */
final class SettingsApi {
    private final Map<User, Map<String, Object>> settings = new HashMap<>();

    synchronized GwsAnswer list(GwsRequest request) {
        List<Map<String, Object>> all = of(request).entrySet().stream().map(entry -> setting(entry.getKey(), entry.getValue())).toList();
        return GwsAnswer.ok("settings", all);
    }

    synchronized GwsAnswer get(GwsRequest request, String key) {
        requireKnown(request, key);
        return GwsAnswer.ok("setting", setting(key, of(request).get(key)));
    }

    synchronized GwsAnswer put(GwsRequest request, String key) {
        of(request).put(key, request.parameters().require("value"));
        return GwsAnswer.ok();
    }

    synchronized GwsAnswer delete(GwsRequest request, String key) {
        requireKnown(request, key);
        of(request).remove(key);
        return GwsAnswer.ok();
    }

    synchronized void clear() {
        settings.clear();
    }

    private Map<String, Object> of(GwsRequest request) {
        return settings.computeIfAbsent(request.user(), first -> new TreeMap<>());
    }

    private void requireKnown(GwsRequest request, String key) {
        if (!of(request).containsKey(key)) {
            throw new GwsFailure(StatusCode.NOT_FOUND, "There is no setting '" + key + "'.");
        }
    }

    private static Map<String, Object> setting(String key, Object value) {
        return Map.of("key", key, "value", value);
    }
}
