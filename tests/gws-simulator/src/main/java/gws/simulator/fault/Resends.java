package gws.simulator.fault;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.servlet.http.HttpServletRequest;

/**
 * Recognises what a browser sends again behind the page's back. It does so when a connection that it has used before closes without an answer, and after a 408,
 * until it has no such connection left; a fault that met only the first attempt would never show to the page. The repetition is the same request, sent at once.
 */
final class Resends {
    private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    /** A browser may take a connection that was opened a moment ago for a stored one, so even the repetition on a new one may not be the last. */
    private static final long WINDOW_AFTER_NEW_CONNECTION_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Map<String, Lost> lost = new HashMap<>();

    private record Lost(FaultAction again, long end) {
        boolean isOver(long now) {
            return now - end > 0;
        }
    }

    /** Notes that a fault has met this request. Only browsers repeat requests, and only they send this header. */
    synchronized void note(HttpServletRequest request, byte[] body, FaultyEndPoint endPoint, FaultAction action) {
        long now = System.nanoTime();
        lost.values().removeIf(entry -> entry.isOver(now));
        boolean repeated = endPoint.isRepeatedByBrowsers() && request.getHeader("Sec-Fetch-Mode") != null;
        if (repeated && action.repeated() != FaultAction.NONE) {
            lost.put(fingerprint(request, body), new Lost(action.repeated(), now + WINDOW_NANOS));
        }
    }

    /** What a repetition gets, or {@link FaultAction#NONE} when the request is none. */
    synchronized FaultAction recognise(HttpServletRequest request, byte[] body, FaultyEndPoint endPoint) {
        if (lost.isEmpty()) {
            return FaultAction.NONE;
        }
        long now = System.nanoTime();
        String fingerprint = fingerprint(request, body);
        Lost entry = lost.get(fingerprint);
        if (entry == null || entry.isOver(now)) {
            return FaultAction.NONE;
        }
        if (!endPoint.isRepeatedByBrowsers()) {
            lost.put(fingerprint, new Lost(entry.again(), now + WINDOW_AFTER_NEW_CONNECTION_NANOS));
        }
        return entry.again();
    }

    synchronized void clear() {
        lost.clear();
    }

    private static String fingerprint(HttpServletRequest request, byte[] body) {
        return request.getMethod() + " " + request.getRequestURI() + "?" + request.getQueryString() + "\n" + request.getHeader("Cookie") + "\n"
                + new String(body, StandardCharsets.ISO_8859_1);
    }
}
