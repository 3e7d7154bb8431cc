package gws.simulator.control;

import gws.simulator.base.InputError;
import gws.simulator.base.Json;
import gws.simulator.base.Paths;
import gws.simulator.http.Origins;
import gws.simulator.http.Replies;
import gws.simulator.server.Simulator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** The control calls over HTTP. Pages of other machines are turned away, since a browser sends simple requests without asking first. */
public final class ControlServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    private final transient ControlCalls calls;

    private ControlServlet(ControlCalls calls) {
        this.calls = calls;
    }

    /** Lets the simulator be controlled from outside. */
    public static void install(Simulator simulator) {
        simulator.add(new ControlServlet(new ControlCalls(simulator)), Paths.CONTROL + "/*");
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String origin = request.getHeader("Origin");
        if (origin != null && !Origins.isLoopback(origin)) {
            error(response, HttpServletResponse.SC_FORBIDDEN, "pages from " + origin + " may not control the simulator");
        } else if (!Paths.isPreflight(request)) {
            answer(request, response);
        }
    }

    private void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String name = request.getMethod() + " " + (request.getPathInfo() == null ? "" : request.getPathInfo());
        ControlCalls.Call call = calls.find(name);
        if (call == null) {
            error(response, HttpServletResponse.SC_NOT_FOUND, "there is no control call '" + name + "', expected one of " + calls.names());
            return;
        }
        try {
            String body = new String(request.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            Replies.json(response, HttpServletResponse.SC_OK, call.perform(Json.parseObject(body), request));
        } catch (InputError error) {
            error(response, HttpServletResponse.SC_BAD_REQUEST, error.getMessage());
        }
    }

    private static void error(HttpServletResponse response, int status, String message) throws IOException {
        Replies.json(response, status, Map.of("error", message));
    }
}
