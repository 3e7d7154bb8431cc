package gws.simulator.users;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads an {@code Authorization} header. {@code Basic} is what Genesys Web Services takes. {@code Bearer} takes the same base64 of {@code name:password}, with or
 * without a suffix that makes another token of it: it stands for sites whose proxies hand out tokens, and lets tests try that kind of header.
 */
final class Credentials {
    private static final Pattern TOKEN = Pattern.compile("([^.]+)(\\.[A-Za-z0-9_-]{1,64})?");

    private final Users users;

    Credentials(Users users) {
        this.users = users;
    }

    /** What the header holds, or nothing when name and password are wrong or cannot be read. */
    Optional<Credential> check(String header) {
        String[] parts = header.trim().split("\\s+", 2);
        if (parts.length != 2) {
            return Optional.empty();
        }
        return switch (parts[0].toLowerCase(Locale.ROOT)) {
            case "basic" -> user(parts[1]).map(user -> new Credential(user, null));
            case "bearer" -> bearer(parts[1]);
            default -> Optional.empty();
        };
    }

    /** The token without a suffix. */
    static String firstToken(User user) {
        return Base64.getEncoder().encodeToString((user.name() + ":" + user.password()).getBytes(StandardCharsets.UTF_8));
    }

    private Optional<Credential> bearer(String token) {
        Matcher parts = TOKEN.matcher(token);
        return parts.matches() ? user(parts.group(1)).map(user -> new Credential(user, token)) : Optional.empty();
    }

    private Optional<User> user(String base64) {
        return decode(base64).flatMap(this::match);
    }

    private static Optional<String> decode(String base64) {
        try {
            return Optional.of(new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }

    private Optional<User> match(String pair) {
        int colon = pair.indexOf(':');
        if (colon < 0) {
            return Optional.empty();
        }
        return users.named(pair.substring(0, colon)).filter(user -> user.password().equals(pair.substring(colon + 1)));
    }
}
