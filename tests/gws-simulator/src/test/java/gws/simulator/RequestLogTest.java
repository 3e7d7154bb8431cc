package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The log shows what a page has sent, so that a test can compare it with the documents. */
class RequestLogTest {
    private static final int LONGEST_BODY = 256 * 1024;

    @RegisterExtension
    static final TestServer SERVER = new TestServer();

    private static List<Map<String, Object>> log() {
        return Reply.list(SERVER.look("requests").get("requests")).stream().map(Reply::map).toList();
    }

    private static Map<String, Object> last() {
        List<Map<String, Object>> log = log();
        return log.get(log.size() - 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"operationName\" : \"SendMessage\",\r\n \"text\":\"ü \uD83D\uDE00 \\u00e9\"}", "rubbish", "", "\u0000\u202E"})
    void aBodyIsShownAsItCame(String body) {
        SERVER.agent("anna").post("/api/v2/me", body);
        assertEquals(body, last().get("body"));
        assertEquals((long) body.getBytes(StandardCharsets.UTF_8).length, last().get("bodyBytes"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "DELETE"})
    void theBodiesOfPutAndDeleteAreShownAndProcessed(String method) {
        Agent anna = SERVER.agent("anna");
        anna.send("PUT", "/api/v2/me/settings/a", "{\"value\":0}");
        assertEquals(200, anna.send(method, "/api/v2/me/settings/a", "{\"value\":1}").status());
        assertEquals("{\"value\":1}", last().get("body"));
        assertEquals(method.equals("PUT") ? 200 : 404, anna.get("/api/v2/me/settings/a").status());
    }

    @Test
    void aRequestThatIsRefusedIsShownToo() {
        SERVER.control("options", "{\"csrf\":\"enforce\"}");
        SERVER.stranger().post("/api/v2/me", "{\"a\":1}");
        assertEquals(List.of(403L, "{\"a\":1}"), List.of(last().get("status"), last().get("body")));
    }

    @Test
    void theQueryIsShownAsItCame() {
        Agent anna = SERVER.agent("anna");
        assertNull(last().get("query"));
        anna.get("/api/v2/me/im-sessions?fields=*&a=%20");
        assertEquals(List.of("/api/v2/me/im-sessions", "fields=*&a=%20", ""), List.of(last().get("path"), last().get("query"), last().get("body")));
    }

    @Test
    void onlyHeadersThatABrowserDoesNotSendByItselfAreShown() throws Exception {
        try (RawHttp browser = new RawHttp(SERVER.uri())) {
            browser.write("POST /api/v2/me HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\nContent-Length: 2\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n"
                    + "sec-ch-ua: \"Chromium\"\r\nsec-ch-ua-platform: \"Linux\"\r\nsec-ch-ua-mobile: ?0\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\n"
                    + "Origin: http://127.0.0.1\r\nSec-Fetch-Site: same-site\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\nReferer: http://127.0.0.1/\r\n"
                    + "Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en-US,en;q=0.9\r\nCookie: JSESSIONID=x\r\nPriority: u=1, i\r\n"
                    + "Content-Type: application/json;charset=UTF-8\r\nX-Own: 1\r\nX-OWN: 2\r\nauthorization: Basic eDp5\r\n\r\n{}");
            assertTrue(browser.readAnswer().startsWith("HTTP/1.1 403 "));
        }
        assertEquals(Map.of("content-type", "application/json;charset=UTF-8", "x-own", "1, 2", "authorization", "Basic eDp5"), last().get("headers"));
    }

    @Test
    void aValueThatNoBrowserChoosesIsShown() {
        SERVER.stranger().get("/api/v2/me", "Accept", "application/json", "Cache-Control", "no-store", "Pragma", "x");
        Map<String, Object> headers = Reply.map(last().get("headers"));
        assertEquals(List.of("application/json", "no-store", "x"), List.of(headers.get("accept"), headers.get("cache-control"), headers.get("pragma")));
    }

    @Test
    void aPreflightShowsWhatThePageWantsToSend() {
        SERVER.stranger().send("OPTIONS", "/api/v2/me", "", "Origin", "http://127.0.0.1:1", "Access-Control-Request-Method", "PUT",
                "Access-Control-Request-Headers", "content-type,x-own");
        Map<String, Object> headers = Reply.map(last().get("headers"));
        assertEquals(List.of("PUT", "content-type,x-own"),
                List.of(headers.get("access-control-request-method"), headers.get("access-control-request-headers")));
    }

    @Test
    void cometdRequestsShowTheirHeadersAndStaticOnesNothing() {
        Agent anna = SERVER.agent("anna");
        anna.post(Bayeux.URL + "/handshake", "[]", "X-CSRF-TOKEN", "t");
        assertEquals("t", Reply.map(last().get("headers")).get("x-csrf-token"));
        assertNull(last().get("body"));
        anna.get("/index.html");
        assertNull(last().get("headers"));
        assertNull(last().get("body"));
    }

    @Test
    void aVeryLongBodyIsNotKept() {
        Agent stranger = SERVER.stranger();
        stranger.post("/api/v2/me", "a".repeat(LONGEST_BODY));
        assertEquals(LONGEST_BODY, ((String) last().get("body")).length());
        stranger.post("/api/v2/me", "a".repeat(LONGEST_BODY + 1));
        assertNull(last().get("body"));
        assertEquals(LONGEST_BODY + 1L, last().get("bodyBytes"));
    }

    @Test
    void theOldestBodiesGoWhenThereIsTooMuch() {
        Agent stranger = SERVER.stranger();
        for (int request = 0; request < 66; request++) {
            stranger.post("/api/v2/me", "a".repeat(LONGEST_BODY));
        }
        List<Map<String, Object>> log = log();
        assertNull(log.get(1).get("body"));
        assertEquals((long) LONGEST_BODY, log.get(1).get("bodyBytes"));
        assertEquals(LONGEST_BODY, ((String) log.get(2).get("body")).length());
        assertEquals(66, log.size());
        assertFalse(log.stream().skip(2).anyMatch(request -> request.get("body") == null));
    }
}
