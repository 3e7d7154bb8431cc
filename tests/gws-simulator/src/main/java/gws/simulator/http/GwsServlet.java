package gws.simulator.http;

import gws.simulator.im.GwsAnswer;
import gws.simulator.im.GwsApi;
import gws.simulator.im.GwsRequest;
import gws.simulator.users.User;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import javax.servlet.http.HttpSession;

/** The REST interface over HTTP. {@link AccessFilter} has made sure that there is a user. */
public final class GwsServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    private final transient GwsApi api;

    public GwsServlet(GwsApi api) {
        this.api = api;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String path = request.getPathInfo() == null ? "" : request.getPathInfo();
        Map<String, String> query = new LinkedHashMap<>();
        request.getParameterMap().forEach((name, values) -> query.put(name, values[0]));
        String body = new String(request.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        GwsAnswer answer = api.handle(new GwsRequest((User) request.getUserPrincipal(), request.getMethod(), path, query, body));
        if (answer.endsLogin()) {
            endLogin(request);
        }
        Replies.json(response, answer);
    }

    private static void endLogin(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        if (session != null) {
            session.invalidate();
        }
    }
}
