package gws.simulator.http;

import java.io.IOException;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import javax.servlet.FilterChain;
import javax.servlet.ServletException;
import javax.servlet.http.Cookie;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletRequestWrapper;
import javax.servlet.http.HttpServletResponse;

/** Takes CometD's cookie out of requests, as browsers do that block third-party cookies. What follows from that is left to CometD. */
public final class BrowserCookieFilter extends RequestFilter {
    private static final String COOKIE = "BAYEUX_BROWSER";

    private final BooleanSupplier forgets;

    /** @param forgets whether the cookie is taken out at the moment */
    public BrowserCookieFilter(BooleanSupplier forgets) {
        this.forgets = forgets;
    }

    @Override
    protected void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain) throws IOException, ServletException {
        chain.doFilter(forgets.getAsBoolean() ? new Forgetful(request) : request, response);
    }

    private static final class Forgetful extends HttpServletRequestWrapper {
        Forgetful(HttpServletRequest request) {
            super(request);
        }

        @Override
        public Cookie[] getCookies() {
            Cookie[] cookies = super.getCookies();
            return cookies == null ? null : Arrays.stream(cookies).filter(cookie -> !cookie.getName().equals(COOKIE)).toArray(Cookie[]::new);
        }
    }
}
