package gws.simulator.http;

import javax.servlet.http.HttpServletRequest;

/** The parts of the URL space. */
public final class Paths {
    public static final String API = "/api/v2";
    public static final String NOTIFICATIONS = API + "/notifications";
    public static final String CONTROL = "/simulator";

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

    /** A request of the API whose body says what it is about. */
    static boolean isApiPost(HttpServletRequest request) {
        return isApi(request) && request.getMethod().equals("POST");
    }

    /** A request that asks for a WebSocket of CometD. */
    static boolean isUpgrade(HttpServletRequest request) {
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
