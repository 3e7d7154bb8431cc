package gws.simulator.http;

import gws.simulator.base.Paths;
import gws.simulator.traffic.RequestContent;
import gws.simulator.traffic.RequestKind;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.servlet.http.HttpServletRequest;

/**
 * Reads from a request what the log shows: what the page has put into it, as far as that can be told. A header that a browser sends by itself is left out, unless
 * its value is none that a browser chooses. What a preflight request asks for stays, since it names the headers that the page wanted to send.
 */
final class LoggedContent {
    private static final Set<String> BROWSER_HEADERS = Set.of(
            "accept-charset", "accept-encoding", "accept-language", "connection", "content-length", "cookie", "dnt", "host", "http2-settings",
            "if-modified-since", "if-none-match", "keep-alive", "origin", "priority", "proxy-connection", "referer", "save-data", "te", "transfer-encoding",
            "upgrade", "upgrade-insecure-requests", "user-agent");
    private static final Map<String, Set<String>> BROWSER_VALUES = Map.of(
            "accept", Set.of("*/*"), "cache-control", Set.of("no-cache", "max-age=0"), "pragma", Set.of("no-cache"));

    private LoggedContent() {
    }

    static RequestContent of(HttpServletRequest request, byte[] body, RequestKind kind) {
        String text = kind == RequestKind.REST ? new String(body, StandardCharsets.UTF_8) : null;
        return new RequestContent(request.getQueryString(), Paths.isApi(request) ? headers(request) : null, text, body.length);
    }

    private static Map<String, String> headers(HttpServletRequest request) {
        Map<String, String> headers = new TreeMap<>();
        for (String name : Collections.list(request.getHeaderNames())) {
            String value = String.join(", ", Collections.list(request.getHeaders(name)));
            if (!isBrowsers(name.toLowerCase(Locale.ROOT), value)) {
                headers.put(name.toLowerCase(Locale.ROOT), value);
            }
        }
        return headers;
    }

    private static boolean isBrowsers(String name, String value) {
        return name.startsWith("sec-") || BROWSER_HEADERS.contains(name) || BROWSER_VALUES.getOrDefault(name, Set.of()).contains(value);
    }
}
