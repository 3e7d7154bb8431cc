package gws.simulator.http;

import gws.simulator.base.CsrfMode;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import javax.servlet.http.HttpSession;

/** The CSRF token of Genesys Web Services: it lives and dies with the HTTP session and is announced in two response headers. */
public final class Csrf {
    /** The response header that names the request header to send. */
    public static final String NAME_HEADER = "X-CSRF-HEADER";
    /** The header that carries the token, in both directions. */
    public static final String TOKEN_HEADER = "X-CSRF-TOKEN";

    private static final String ATTRIBUTE = "gws.csrf";
    private static final Set<String> GUARDED_METHODS = Set.of("POST", "PUT", "DELETE");

    private final Supplier<CsrfMode> mode;

    public Csrf(Supplier<CsrfMode> mode) {
        this.mode = mode;
    }

    /** Whether the request must be refused for want of the right token. */
    boolean refuses(HttpServletRequest request) {
        if (mode.get() != CsrfMode.ENFORCE || !GUARDED_METHODS.contains(request.getMethod())) {
            return false;
        }
        return token(request).filter(token -> token.equals(request.getHeader(TOKEN_HEADER))).isEmpty();
    }

    /** Announces the token on a response, when there is a session it can belong to. */
    void offer(HttpServletRequest request, HttpServletResponse response) {
        if (mode.get() != CsrfMode.OFF) {
            token(request).ifPresent(token -> {
                response.setHeader(NAME_HEADER, TOKEN_HEADER);
                response.setHeader(TOKEN_HEADER, token);
            });
        }
    }

    private static Optional<String> token(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        try {
            return session == null ? Optional.empty() : Optional.of(token(session));
        } catch (IllegalStateException invalidatedMeanwhile) {
            return Optional.empty();
        }
    }

    /** Gives the session another token; the one so far is refused from now on. */
    public static void rotate(HttpSession session) {
        try {
            synchronized (session) {
                session.setAttribute(ATTRIBUTE, newToken());
            }
        } catch (IllegalStateException invalidatedMeanwhile) {
            // Its token is refused without that.
        }
    }

    private static String newToken() {
        return UUID.randomUUID().toString();
    }

    private static String token(HttpSession session) {
        synchronized (session) {
            if (session.getAttribute(ATTRIBUTE) == null) {
                session.setAttribute(ATTRIBUTE, newToken());
            }
            return (String) session.getAttribute(ATTRIBUTE);
        }
    }
}
