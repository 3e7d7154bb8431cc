package gws.simulator.users;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpSession;
import javax.servlet.http.HttpSessionEvent;
import javax.servlet.http.HttpSessionListener;

/** Who is logged in: the HTTP sessions and the users they belong to. */
public final class Logins implements HttpSessionListener {
    private static final String USER = "gws.user";

    private final Credentials credentials;
    private final Set<HttpSession> sessions = ConcurrentHashMap.newKeySet();

    public Logins(Users users) {
        this.credentials = new Credentials(users);
    }

    /** The user a request speaks for, without logging him in. */
    public Optional<User> peek(HttpServletRequest request) {
        String header = request.getHeader("Authorization");
        return header == null ? sessionUser(request.getSession(false)) : credentials.check(header);
    }

    /**
     * The user a request speaks for. Right credentials make an HTTP session, or keep the one that is his already; wrong ones are refused even beside a good
     * cookie, since whoever sends them means somebody else.
     */
    public Optional<User> login(HttpServletRequest request) {
        Optional<User> user = peek(request);
        user.ifPresent(found -> keepSession(request, found));
        return user;
    }

    private void keepSession(HttpServletRequest request, User user) {
        HttpSession session = request.getSession(false);
        if (sessionUser(session).filter(user::equals).isPresent()) {
            return;
        }
        if (session != null) {
            invalidate(session);
        }
        request.getSession(true).setAttribute(USER, user);
    }

    public boolean isLoggedIn(User user) {
        return sessions.stream().anyMatch(session -> sessionUser(session).filter(user::equals).isPresent());
    }

    /** The HTTP sessions of that user. */
    public List<HttpSession> sessionsOf(User user) {
        return sessions.stream().filter(session -> sessionUser(session).filter(user::equals).isPresent()).toList();
    }

    public void logout(User user) {
        sessionsOf(user).forEach(Logins::invalidate);
    }

    public void logoutAll() {
        sessions.forEach(Logins::invalidate);
    }

    private static Optional<User> sessionUser(HttpSession session) {
        try {
            return session == null ? Optional.empty() : Optional.ofNullable((User) session.getAttribute(USER));
        } catch (IllegalStateException invalidatedMeanwhile) {
            return Optional.empty();
        }
    }

    private static void invalidate(HttpSession session) {
        try {
            session.invalidate();
        } catch (IllegalStateException invalidatedMeanwhile) {
            // That is what was wanted.
        }
    }

    @Override
    public void sessionCreated(HttpSessionEvent event) {
        sessions.add(event.getSession());
    }

    @Override
    public void sessionDestroyed(HttpSessionEvent event) {
        sessions.remove(event.getSession());
    }
}
