package gws.simulator.traffic;

import gws.simulator.users.User;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Counters and the log of requests, so that a test can prove what a client sent and that it did not send more. */
public final class Traffic {
    private static final int KEPT = 2_000;
    private static final long BODY_BYTES_KEPT = 16 * 1024 * 1024;

    private final Deque<RequestRecord> records = new ArrayDeque<>();
    private final Map<RequestKind, Long> requests = new EnumMap<>(RequestKind.class);
    private final Map<RequestKind, Long> frames = new EnumMap<>(RequestKind.class);
    private long lastNumber;
    private long bodyBytes;
    private long connectionsOpened;
    private long connectionsOpen;
    private long socketsOpened;
    private long socketsOpen;

    public synchronized RequestRecord begin(String method, String path, RequestKind kind, User user, RequestContent content) {
        RequestRecord record = new RequestRecord(++lastNumber, method, path, kind, user, content);
        if (records.size() == KEPT) {
            bodyBytes -= records.removeFirst().keptBytes();
        }
        records.addLast(record);
        bodyBytes += record.keptBytes();
        dropOldestBodies();
        requests.merge(kind, 1L, Long::sum);
        return record;
    }

    private void dropOldestBodies() {
        Iterator<RequestRecord> oldest = records.iterator();
        while (bodyBytes > BODY_BYTES_KEPT) {
            RequestRecord record = oldest.next();
            bodyBytes -= record.keptBytes();
            record.dropBody();
        }
    }

    public synchronized void connectionOpened() {
        connectionsOpened++;
        connectionsOpen++;
    }

    public synchronized void connectionClosed() {
        connectionsOpen--;
    }

    public synchronized void socketOpened() {
        socketsOpened++;
        socketsOpen++;
    }

    public synchronized void socketClosed() {
        socketsOpen--;
    }

    /** Counts a Bayeux message that came over a WebSocket. */
    public synchronized void frameReceived(RequestKind kind) {
        frames.merge(kind, 1L, Long::sum);
    }

    /** Forgets everything but the connections and sockets that are open and the numbering of requests: a reader who goes on with an old number misses nothing. */
    public synchronized void reset() {
        records.clear();
        bodyBytes = 0;
        requests.clear();
        frames.clear();
        connectionsOpened = 0;
        socketsOpened = 0;
    }

    /** Requests by kind, messages over WebSockets by kind, connections and WebSockets. */
    public synchronized Map<String, Object> counters() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("requests", byKind(requests, kind -> true));
        json.put("frames", byKind(frames, kind -> kind.isCometd() || kind == RequestKind.OTHER));
        json.put("connections", Map.of("opened", connectionsOpened, "open", connectionsOpen));
        json.put("sockets", Map.of("opened", socketsOpened, "open", socketsOpen));
        return json;
    }

    private static Map<String, Object> byKind(Map<RequestKind, Long> counts, Predicate<RequestKind> shown) {
        Map<String, Object> json = new LinkedHashMap<>();
        Arrays.stream(RequestKind.values()).filter(shown).forEach(kind -> json.put(kind.word(), counts.getOrDefault(kind, 0L)));
        return json;
    }

    /** The requests with a number above {@code since}, and the number to ask with next time. */
    public synchronized Map<String, Object> since(long since) {
        List<Map<String, Object>> json = records.stream().filter(record -> record.number() > since).map(RequestRecord::toJson).toList();
        return Map.of("next", lastNumber, "requests", json);
    }
}
