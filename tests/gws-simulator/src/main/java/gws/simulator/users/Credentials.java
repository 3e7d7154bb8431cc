package gws.simulator.users;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads an {@code Authorization} header. {@code Basic} is what Genesys Web Services takes. {@code Bearer} takes the same base64 of {@code name:password}: it
 * stands for sites whose proxies hand out tokens, and lets tests try that kind of header.
 */
final class Credentials {
    private final Users users;

    Credentials(Users users) {
        this.users = users;
    }

    /** The user whose name and password the header holds, or nothing when they are wrong or cannot be read. */
    Optional<User> check(String header) {
        String[] parts = header.trim().split("\\s+", 2);
        String scheme = parts[0].toLowerCase(Locale.ROOT);
        if (parts.length != 2 || !scheme.equals("basic") && !scheme.equals("bearer")) {
            return Optional.empty();
        }
        return decode(parts[1]).flatMap(this::match);
    }

    private static Optional<String> decode(String token) {
        try {
            return Optional.of(new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8));
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
