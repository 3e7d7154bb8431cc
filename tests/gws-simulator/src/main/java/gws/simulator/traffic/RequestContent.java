package gws.simulator.traffic;

import java.util.Map;

/**
 * What a request says, as far as the log shows it.
 *
 * @param query the query as it came, or null when there is none
 * @param headers the request headers that are not the browser's own, by their names in lower case; null for a request that is not of the API
 * @param body the body as it came; null where the log shows none
 * @param bodyBytes the length of the body
 */
public record RequestContent(String query, Map<String, String> headers, String body, int bodyBytes) {
    /** Bodies longer than this are not kept. */
    private static final int LONGEST_BODY = 256 * 1024;

    public RequestContent {
        body = bodyBytes > LONGEST_BODY ? null : body;
    }

    int keptBytes() {
        return body == null ? 0 : bodyBytes;
    }

    RequestContent withoutBody() {
        return new RequestContent(query, headers, null, bodyBytes);
    }
}
