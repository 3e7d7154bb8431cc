package gws.simulator.im;

import gws.simulator.users.User;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** {@code /me}: who the user is, with the sub-resources that clients of IM ask for, and the beginning and end of his working session. */
final class MeApi {
    private final Supplier<String> serverUri;

    MeApi(Supplier<String> serverUri) {
        this.serverUri = serverUri;
    }

    GwsAnswer get(GwsRequest request) {
        User user = request.user();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", user.phone());
        json.put("userName", user.name());
        json.put("firstName", user.name());
        json.put("lastName", user.robot() ? "Robot" : "Agent");
        json.put("enabled", true);
        json.put("roles", List.of("ROLE_AGENT"));
        json.put("uri", serverUri.get() + "/api/v2/users/" + user.phone());
        json.put("path", "/users/" + user.phone());
        addSubresources(json, user, request.query().getOrDefault("subresources", ""));
        return GwsAnswer.ok("user", json);
    }

    private void addSubresources(Map<String, Object> json, User user, String wanted) {
        Set<String> names = Set.of(wanted.split(","));
        boolean all = names.contains("*");
        if (all || names.contains("features")) {
            json.put("features", List.of(instantMessaging()));
        }
        if (all || names.contains("devices")) {
            json.put("devices", List.of(device(user)));
        }
        if (all || names.contains("channels")) {
            json.put("channels", List.of(Map.of("channel", "voice", "state", "NotReady")));
        }
    }

    private static Map<String, Object> instantMessaging() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", "api-voice-instant-messaging");
        json.put("displayName", "API Voice Instant Messaging");
        json.put("description", "API for Internal Agent-to-Agent Chat");
        json.put("autoAssignOnContactCenterCreate", true);
        return json;
    }

    private Map<String, Object> device(User user) {
        String path = user.devicePath();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", path.substring(path.lastIndexOf('/') + 1));
        json.put("deviceState", "Active");
        json.put("phoneNumber", user.phone());
        json.put("e164Number", "");
        json.put("uri", serverUri.get() + "/api/v2" + path);
        json.put("path", path);
        return json;
    }

    /** The end of the working session is the end of the login as well; so the documents say. */
    GwsAnswer operate(GwsRequest request) {
        Parameters parameters = request.parameters();
        return switch (parameters.operationName()) {
            case "StartContactCenterSession" -> GwsAnswer.ok();
            case "EndContactCenterSession" -> GwsAnswer.goodbye();
            default -> throw ImSessionsApi.unknownOperation(parameters);
        };
    }
}
