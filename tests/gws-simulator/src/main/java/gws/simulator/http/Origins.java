package gws.simulator.http;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Which pages may read answers. */
public final class Origins {
    private static final Pattern LOOPBACK = Pattern.compile("https?://(127\\.0\\.0\\.1|localhost|\\[::1])(:\\d+)?");
    private static final Pattern DEFAULT = Pattern.compile("https?://127\\.0\\.0\\.1(:\\d+)?");

    private final Set<String> allowed;

    /** @param allowed the origins, or an empty list for any page that this machine serves under 127.0.0.1 */
    public Origins(List<String> allowed) {
        this.allowed = Set.copyOf(allowed);
    }

    boolean isAllowed(String origin) {
        return allowed.isEmpty() ? DEFAULT.matcher(origin).matches() : allowed.contains(origin);
    }

    /** Whether the page comes from this machine; no other may control the simulator. */
    public static boolean isLoopback(String origin) {
        return LOOPBACK.matcher(origin).matches();
    }
}
