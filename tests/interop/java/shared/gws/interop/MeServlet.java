package gws.interop;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.util.ajax.JSON;

/** The two GWS resources that the client reads by itself: an agent who has no IM session, and who is logged in without any login. */
final class MeServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    private static final Map<String, Object> ME = Map.of("statusCode", 0, "user", Map.of());
    private static final Map<String, Object> IM_SESSIONS = Map.of("statusCode", 0, "imSessions", List.of());
    private static final Map<String, Object> MISSING = Map.of("statusCode", 6, "statusMessage", "There is no such resource");

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Map<String, Object> body = switch (request.getPathInfo() == null ? "/" : request.getPathInfo()) {
            case "/" -> ME;
            case "/im-sessions" -> IM_SESSIONS;
            default -> MISSING;
        };
        response.setStatus(body == MISSING ? HttpServletResponse.SC_NOT_FOUND : HttpServletResponse.SC_OK);
        response.setContentType("application/json;charset=utf-8");
        response.getWriter().write(new JSON().toJSON(body));
    }
}
