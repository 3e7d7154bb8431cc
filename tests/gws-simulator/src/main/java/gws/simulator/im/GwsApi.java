package gws.simulator.im;

import gws.simulator.base.Tuning;
import gws.simulator.users.User;
import gws.simulator.users.Users;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** The REST interface apart from HTTP, so that the same code serves agents and the control call that acts for one. */
public final class GwsApi {
    private static final String IM_SESSIONS = "/me/im-sessions";
    private static final String SETTINGS = "/me/settings";

    private final ImSessions sessions;
    private final ImSessionsApi sessionsApi;
    private final MeApi meApi;
    private final SettingsApi settingsApi = new SettingsApi();

    /**
     * @param serverUri scheme, host and port, for the absolute addresses in resources
     * @param tuning the options as they are at the moment
     * @param delivery takes the data of a notification on the topic of IM sessions for an agent
     */
    public GwsApi(Users users, Supplier<String> serverUri, Supplier<Tuning> tuning, BiConsumer<User, Map<String, Object>> delivery) {
        ImResource resource = new ImResource(serverUri, tuning);
        this.sessions = new ImSessions(resource, new ImNotifications(resource, delivery), () -> tuning.get().maxImSessions());
        this.sessionsApi = new ImSessionsApi(users, sessions);
        this.meApi = new MeApi(serverUri);
    }

    public ImSessions sessions() {
        return sessions;
    }

    /** Forgets all IM sessions and settings and tells nobody. */
    public void clear() {
        sessions.clear();
        settingsApi.clear();
    }

    public GwsAnswer handle(GwsRequest request) {
        try {
            return route(request);
        } catch (GwsFailure failure) {
            return failure.answer();
        }
    }

    private GwsAnswer route(GwsRequest request) {
        String path = request.path().endsWith("/") ? request.path().substring(0, request.path().length() - 1) : request.path();
        if (path.equals("/me")) {
            return byMethod(request, Map.of("GET", () -> meApi.get(request), "POST", () -> meApi.operate(request)));
        }
        if (path.equals(IM_SESSIONS)) {
            return byMethod(request, Map.of("GET", () -> sessionsApi.list(request), "POST", () -> sessionsApi.create(request)));
        }
        if (path.equals(SETTINGS)) {
            return byMethod(request, Map.of("GET", () -> settingsApi.list(request)));
        }
        Optional<String> id = memberOf(IM_SESSIONS, path);
        if (id.isPresent()) {
            return byMethod(request, Map.of("GET", () -> sessionsApi.get(request, id.get()), "POST", () -> sessionsApi.operate(request, id.get())));
        }
        String key = memberOf(SETTINGS, path).orElseThrow(() -> new GwsFailure(StatusCode.NOT_FOUND, "There is no resource '" + path + "'."));
        return byMethod(request, Map.of("GET", () -> settingsApi.get(request, key),
                "PUT", () -> settingsApi.put(request, key), "DELETE", () -> settingsApi.delete(request, key)));
    }

    /** The last segment of the path of a member of that collection. */
    private static Optional<String> memberOf(String collection, String path) {
        return Optional.of(path).filter(whole -> whole.startsWith(collection + "/")).map(whole -> whole.substring(collection.length() + 1))
                .filter(name -> !name.isEmpty() && !name.contains("/"));
    }

    private static GwsAnswer byMethod(GwsRequest request, Map<String, Supplier<GwsAnswer>> methods) {
        Supplier<GwsAnswer> method = methods.get(request.method());
        if (method == null) {
            throw new GwsFailure(StatusCode.FORBIDDEN, "Method " + request.method() + " is not supported here.");
        }
        return method.get();
    }
}
