package gws.simulator.http;

import gws.simulator.base.Paths;
import java.io.IOException;
import javax.servlet.FilterChain;
import javax.servlet.ServletException;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/**
 * Cross-origin rules as {@code crossOriginSettings} of Genesys Web Services has them by default. It is the outermost filter: a page can then read the answers
 * that faults give, too. An origin that is not allowed gets no headers and is served all the same, as servers do that leave the refusal to the browser.
 */
public final class CorsFilter extends RequestFilter {
    private static final String METHODS = "GET,POST,PUT,DELETE,OPTIONS";
    private static final String HEADERS =
            "X-Requested-With,Content-Type,Accept,Origin,Cookie,authorization,ssid,surl,ContactCenterId,X-CSRF-TOKEN";
    private static final String SECONDS_TO_CACHE = "120";

    private final Origins origins;

    public CorsFilter(Origins origins) {
        this.origins = origins;
    }

    @Override
    protected void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain) throws IOException, ServletException {
        // A page that is cross-origin isolated, as a test runner's may be, can embed nothing without this.
        response.setHeader("Cross-Origin-Resource-Policy", "cross-origin");
        response.addHeader("Vary", "Origin");
        String origin = request.getHeader("Origin");
        if (origin != null && isAllowed(request, origin)) {
            allow(request, response, origin);
        }
        chain.doFilter(request, response);
    }

    private boolean isAllowed(HttpServletRequest request, String origin) {
        return Paths.isControl(request) ? Origins.isLoopback(origin) : origins.isAllowed(origin);
    }

    private static void allow(HttpServletRequest request, HttpServletResponse response, String origin) {
        response.setHeader("Access-Control-Allow-Origin", origin);
        response.setHeader("Access-Control-Allow-Credentials", "true");
        if (Paths.isPreflight(request)) {
            response.setHeader("Access-Control-Allow-Methods", METHODS);
            response.setHeader("Access-Control-Allow-Headers", HEADERS);
            response.setHeader("Access-Control-Max-Age", SECONDS_TO_CACHE);
        } else {
            response.setHeader("Access-Control-Expose-Headers", Csrf.NAME_HEADER + "," + Csrf.TOKEN_HEADER);
        }
    }
}
