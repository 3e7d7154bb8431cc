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
    private static final String CREDENTIAL = "gws.credential";

    private final Credentials credentials;
    private final Tokens tokens = new Tokens();
    private final Set<HttpSession> sessions = ConcurrentHashMap.newKeySet();

    public Logins(Users users) {
        this.credentials = new Credentials(users);
    }

    /** The user a request speaks for, without logging him in; whether his token is still good does not matter here. */
    public Optional<User> peek(HttpServletRequest request) {
        return credential(request).map(Credential::user);
    }

    /** Whether a request would be let in, had the bearer token not run out that it carries, or that its HTTP session was made with. */
    public boolean hasExpiredToken(HttpServletRequest request) {
        return credential(request).filter(tokens::isExpired).isPresent();
    }

    /**
     * The user a request speaks for. Right credentials make an HTTP session, or keep the one that is his already; wrong ones are refused even beside a good
     * cookie, since whoever sends them means somebody else.
     */
    public Optional<User> login(HttpServletRequest request) {
        Optional<Credential> credential = credential(request).filter(found -> !tokens.isExpired(found));
        credential.ifPresent(found -> keepSession(request, found));
        return credential.map(Credential::user);
    }

    private Optional<Credential> credential(HttpServletRequest request) {
        String header = request.getHeader("Authorization");
        return header == null ? credential(request.getSession(false)) : credentials.check(header);
    }

    /** The session lives as long as the credential that was sent last; one whose token has run out is not continued. */
    private void keepSession(HttpServletRequest request, Credential credential) {
        tokens.noteUse(credential);
        HttpSession session = request.getSession(false);
        boolean kept = credential(session).filter(before -> before.user().equals(credential.user()) && !tokens.isExpired(before)).isPresent();
        if (session != null && !kept) {
            invalidate(session);
        }
        request.getSession(true).setAttribute(CREDENTIAL, credential);
    }

    public boolean isLoggedIn(User user) {
        return sessionsOf(user).stream().anyMatch(session -> credential(session).filter(found -> !tokens.isExpired(found)).isPresent());
    }

    /** The HTTP sessions of that user. */
    public List<HttpSession> sessionsOf(User user) {
        return sessions.stream().filter(session -> credential(session).filter(found -> user.equals(found.user())).isPresent()).toList();
    }

    public void logout(User user) {
        sessionsOf(user).forEach(Logins::invalidate);
    }

    public void logoutAll() {
        sessions.forEach(Logins::invalidate);
    }

    /** Lets every bearer token that the user has had so far run out, and the HTTP sessions that were made with them. */
    public void expireTokens(User user) {
        tokens.expire(user);
    }

    /** Back to the state after the start. */
    public void reset() {
        logoutAll();
        tokens.reset();
    }

    private static Optional<Credential> credential(HttpSession session) {
        try {
            return session == null ? Optional.empty() : Optional.ofNullable((Credential) session.getAttribute(CREDENTIAL));
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
