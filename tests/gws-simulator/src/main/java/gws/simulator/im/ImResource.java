package gws.simulator.im;

import gws.simulator.base.Tuning;
import gws.simulator.users.User;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The IM session resource as one agent sees it, with what the documented samples show against the prose: the state in notifications begins with a space, the
 * id in {@code uri} is another one, and only notifications have user data by default. All of this a client must get along with.
 */
final class ImResource {
    private static final List<String> WITH_USER_DATA = List.of("Complete", "AttachUserData", "DeleteUserData", "UpdateUserData", "SendMessage");
    private static final List<String> WITHOUT_USER_DATA = List.of("SendMessage", "AttachUserData", "Complete");

    private final Supplier<String> serverUri;
    private final Supplier<Tuning> tuning;

    /** @param tuning says what GETs leave out */
    ImResource(Supplier<String> serverUri, Supplier<Tuning> tuning) {
        this.serverUri = serverUri;
        this.tuning = tuning;
    }

    /** As a GET answers it. Where GETs have user data, an empty object says that there is none. */
    Map<String, Object> fetched(ImSession session, User viewer) {
        Map<String, Object> json = described(session, viewer);
        if (!tuning.get().getUserData()) {
            json.remove("userData");
        }
        if (!tuning.get().getCapabilities()) {
            json.remove("capabilities");
        }
        return json;
    }

    /** All there is to say about it, whatever the options are. */
    Map<String, Object> described(ImSession session, User viewer) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", session.id());
        json.put("state", session.isCompleted() ? "Completed" : "Talking");
        json.put("userData", new LinkedHashMap<>(session.userData()));
        addRest(json, session, viewer);
        return json;
    }

    /** As a notification carries it. User data that is all gone is absent. */
    Map<String, Object> notified(ImSession session, User viewer) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("state", session.isCompleted() ? "Completed" : " Talking");
        if (!session.userData().isEmpty()) {
            json.put("userData", new LinkedHashMap<>(session.userData()));
        }
        json.put("id", session.id());
        addRest(json, session, viewer);
        return json;
    }

    String uri(ImSession session) {
        return serverUri.get() + "/api/v2/im-sessions/" + session.uriId();
    }

    private void addRest(Map<String, Object> json, ImSession session, User viewer) {
        json.put("uri", uri(session));
        json.put("path", session.path());
        json.put("participants", List.of(participant(session.other(viewer))));
        json.put("capabilities", session.userData().isEmpty() ? WITHOUT_USER_DATA : WITH_USER_DATA);
    }

    private static Map<String, Object> participant(User user) {
        Map<String, Object> json = new LinkedHashMap<>();
        for (String name : List.of("digits", "e164Number", "formattedPhoneNumber", "phoneNumber")) {
            json.put(name, user.phone());
        }
        return json;
    }
}
