package gws.simulator.http;

import gws.simulator.base.BaseRequest;
import gws.simulator.base.Paths;
import gws.simulator.im.GwsAnswer;
import gws.simulator.im.StatusCode;
import gws.simulator.users.Logins;
import gws.simulator.users.User;
import java.io.IOException;
import java.util.Optional;
import javax.servlet.FilterChain;
import javax.servlet.ServletException;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.eclipse.jetty.security.DefaultUserIdentity;
import org.eclipse.jetty.security.UserAuthentication;

/**
 * Lets nobody at the API who is not logged in. The CSRF token is judged first, as the documents have it: a request without a session is told about the token,
 * not about the login.
 */
public final class AccessFilter extends RequestFilter {
    private final Logins logins;
    private final Csrf csrf;

    public AccessFilter(Logins logins, Csrf csrf) {
        this.logins = logins;
        this.csrf = csrf;
    }

    @Override
    protected void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain) throws IOException, ServletException {
        if (Paths.isPreflight(request)) {
            return;
        }
        if (csrf.refuses(request)) {
            Replies.text(response, HttpServletResponse.SC_FORBIDDEN, "Missing or invalid Csrf token");
            return;
        }
        if (logins.hasExpiredToken(request)) {
            response.setHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"");
            Replies.json(response, HttpServletResponse.SC_UNAUTHORIZED, GwsAnswer.failure(StatusCode.NOT_AUTHENTICATED, "Access denied").body());
            return;
        }
        Optional<User> user = logins.login(request);
        if (user.isEmpty()) {
            Replies.json(response, GwsAnswer.failure(StatusCode.NOT_AUTHENTICATED, "Access denied"));
            return;
        }
        csrf.offer(request, response);
        authenticate(request, user.get());
        chain.doFilter(request, response);
    }

    /** Sets the principal in the container, where CometD finds it for both of its transports. */
    private static void authenticate(HttpServletRequest request, User user) {
        BaseRequest.of(request).setAuthentication(new UserAuthentication("BASIC", new DefaultUserIdentity(null, user, new String[0])));
    }
}
