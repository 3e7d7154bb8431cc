package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlowAnswersTest {
    private static final String HANDSHAKE = "[{\"channel\":\"/meta/handshake\",\"version\":\"1.0\",\"supportedConnectionTypes\":[\"long-polling\"]}]";

    @RegisterExtension
    static final TestServer SERVER = new TestServer();

    private static void fault(String kind, String action) {
        SERVER.control("faults", "{\"kind\":\"" + kind + "\",\"action\":" + action + "}");
    }

    private static String request(String body) {
        return "POST " + Bayeux.URL + "/handshake HTTP/1.1\r\nHost: x\r\nAuthorization: " + Agent.basic("anna", "anna")
                + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    @Test
    void theHeadOfADrippingAnswerComesAtOnceAndItsBodyByAndBy() throws Exception {
        fault("handshake", "{\"type\":\"drip\",\"bytes\":20,\"ms\":50}");
        try (RawHttp connection = new RawHttp(SERVER.uri())) {
            long start = System.nanoTime();
            connection.write(request(HANDSHAKE));
            String head = connection.readHead();
            assertTrue(head.startsWith("HTTP/1.1 200 "), head);
            long untilHead = System.nanoTime() - start;
            int length = RawHttp.contentLength(head);
            String body = connection.read(length);
            long slices = (length - 1) / 20;
            long expected = TimeUnit.MILLISECONDS.toNanos(50) * slices;
            assertTrue(slices > 3 && System.nanoTime() - start >= expected, () -> slices + " slices");
            assertTrue(untilHead < expected, () -> untilHead + " ns");
            assertTrue(body.startsWith("[{") && body.endsWith("}]"), body);
        }
    }

    @Test
    void theNextAnswerOnTheConnectionIsFastAgain() throws Exception {
        fault("handshake", "{\"type\":\"drip\",\"bytes\":100,\"ms\":20}");
        try (RawHttp connection = new RawHttp(SERVER.uri())) {
            connection.write(request(HANDSHAKE));
            connection.readAnswer();
            connection.write(request(HANDSHAKE));
            assertTrue(connection.readAnswer().endsWith("}]"));
        }
        fault("handshake", "{\"type\":\"drip\",\"bytes\":1,\"ms\":3600000}");
        try (RawHttp connection = new RawHttp(SERVER.uri())) {
            connection.write(request(HANDSHAKE));
            assertEquals("[", connection.readHead().isEmpty() ? "" : connection.read(1));
            SERVER.control("connections/cut", "");
            assertEquals("", connection.readToEnd());
        }
    }

    @Test
    void aThrottledAnswerTakesItsTimeHoweverItIsWritten() throws Exception {
        Agent anna = SERVER.agent("anna");
        Bayeux client = Bayeux.subscribed(anna, Bayeux.IM_TOPIC);
        SERVER.control("publish", "{\"topic\":\"/v2/me/im-sessions\",\"count\":500,\"data\":{\"text\":\"0123456789\"}}");
        fault("connect", "{\"type\":\"throttle\",\"bytesPerSecond\":100000}");
        long start = System.nanoTime();
        Reply reply = client.connect(false);
        double seconds = (System.nanoTime() - start) / 1e9;
        assertEquals(500, Bayeux.deliveries(reply).size());
        assertTrue(seconds >= 0.9 * reply.body().length() / 100_000, () -> reply.body().length() + " bytes in " + seconds + " s");
    }

    @ParameterizedTest
    @CsvSource({"0", "40"})
    void aHalfClosedAnswerEndsWithinItsBodyAndTheConnectionStays(int bytes) throws Exception {
        SERVER.cutAll();
        fault("handshake", "{\"type\":\"half-close\",\"bytes\":" + bytes + "}");
        try (RawHttp connection = new RawHttp(SERVER.uri())) {
            connection.write(request(HANDSHAKE));
            String head = connection.readHead();
            assertTrue(head.startsWith("HTTP/1.1 200 "), head);
            assertEquals(bytes, connection.readToEnd().length());
            assertEquals(1, SERVER.connections("open"));
            connection.write("half a request, so that the server goes on reading");
            assertEquals(1, SERVER.connections("open"));
        }
        Await.until("the connection is closed", () -> SERVER.connections("open") == 0);
    }
}
