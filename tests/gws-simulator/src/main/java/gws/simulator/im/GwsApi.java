package gws.simulator.im;

import gws.simulator.users.User;
import gws.simulator.users.Users;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** The REST interface apart from HTTP, so that the same code serves agents and the control call that acts for one. */
public final class GwsApi {
    private static final String IM_SESSIONS = "/me/im-sessions";

    private final ImSessions sessions;
    private final ImSessionsApi sessionsApi;
    private final MeApi meApi;

    /**
     * @param serverUri scheme, host and port, for the absolute addresses in resources
     * @param delivery takes the data of a notification on the topic of IM sessions for an agent
     */
    public GwsApi(Users users, Supplier<String> serverUri, BiConsumer<User, Map<String, Object>> delivery) {
        ImResource resource = new ImResource(serverUri);
        this.sessions = new ImSessions(resource, new ImNotifications(resource, delivery));
        this.sessionsApi = new ImSessionsApi(users, sessions);
        this.meApi = new MeApi(serverUri);
    }

    public ImSessions sessions() {
        return sessions;
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
            return byMethod(request, () -> meApi.get(request), () -> meApi.operate(request));
        }
        if (path.equals(IM_SESSIONS)) {
            return byMethod(request, () -> sessionsApi.list(request), () -> sessionsApi.create(request));
        }
        String id = path.startsWith(IM_SESSIONS + "/") ? path.substring(IM_SESSIONS.length() + 1) : "";
        if (id.isEmpty() || id.contains("/")) {
            throw new GwsFailure(StatusCode.NOT_FOUND, "There is no resource '" + path + "'.");
        }
        return byMethod(request, () -> sessionsApi.get(request, id), () -> sessionsApi.operate(request, id));
    }

    private static GwsAnswer byMethod(GwsRequest request, Supplier<GwsAnswer> get, Supplier<GwsAnswer> post) {
        return switch (request.method()) {
            case "GET" -> get.get();
            case "POST" -> post.get();
            default -> throw new GwsFailure(StatusCode.FORBIDDEN, "Method " + request.method() + " is not supported here.");
        };
    }
}
