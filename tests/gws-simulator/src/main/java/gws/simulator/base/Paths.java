package gws.simulator.base;

import java.util.Set;
import javax.servlet.http.HttpServletRequest;

/** The parts of the URL space. */
public final class Paths {
    public static final String API = "/api/v2";
    public static final String NOTIFICATIONS = API + "/notifications";
    public static final String CONTROL = "/simulator";

    private static final Set<String> BODILESS_METHODS = Set.of("GET", "HEAD", "OPTIONS");

    private Paths() {
    }

    public static boolean isControl(HttpServletRequest request) {
        return isUnder(CONTROL, request);
    }

    public static boolean isApi(HttpServletRequest request) {
        return isUnder(API, request);
    }

    public static boolean isBayeux(HttpServletRequest request) {
        return isUnder(NOTIFICATIONS, request);
    }

    /** A request of the API that may have a body. */
    public static boolean isApiWrite(HttpServletRequest request) {
        return isApi(request) && !BODILESS_METHODS.contains(request.getMethod());
    }

    /** Bayeux messages over HTTP. */
    public static boolean isBayeuxPost(HttpServletRequest request) {
        return isBayeux(request) && request.getMethod().equals("POST");
    }

    /** A request that asks for a WebSocket of CometD. */
    public static boolean isUpgrade(HttpServletRequest request) {
        return isBayeux(request) && "websocket".equalsIgnoreCase(request.getHeader("Upgrade"));
    }

    /** A browser's question whether a cross-origin request may be sent. It carries no credentials and no body. */
    public static boolean isPreflight(HttpServletRequest request) {
        return request.getMethod().equals("OPTIONS");
    }

    private static boolean isUnder(String folder, HttpServletRequest request) {
        String path = path(request);
        return path.equals(folder) || path.startsWith(folder + "/");
    }

    /** The path as the container uses it to find the servlet, so that no spelling of a URL is one thing to a filter and another to the servlet. */
    public static String path(HttpServletRequest request) {
        String inServlet = request.getPathInfo();
        return inServlet == null ? request.getServletPath() : request.getServletPath() + inServlet;
    }
}
