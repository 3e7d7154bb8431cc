package gws.simulator;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** HTTP by hand, where a test must see every byte. One byte is one character in its texts. */
final class RawHttp implements AutoCloseable {
    private static final Pattern CONTENT_LENGTH = Pattern.compile("Content-Length: (\\d+)");
    private static final int READ_TIMEOUT_MILLISECONDS = 10_000;

    private final Socket socket;

    RawHttp(String uri) throws IOException {
        URI address = URI.create(uri);
        socket = new Socket(address.getHost(), address.getPort());
        socket.setSoTimeout(READ_TIMEOUT_MILLISECONDS);
    }

    void write(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** One answer whose head says how long its body is. */
    String readAnswer() throws IOException {
        String head = readHead();
        return head + read(contentLength(head));
    }

    String readHead() throws IOException {
        return readHead(socket.getInputStream());
    }

    /** So many bytes, or fewer if the server closes the connection before. */
    String read(int bytes) throws IOException {
        return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.ISO_8859_1);
    }

    static int contentLength(String head) {
        Matcher length = CONTENT_LENGTH.matcher(head);
        return length.find() ? Integer.parseInt(length.group(1)) : 0;
    }

    /** The head of an answer; what the server has sent instead, if it has closed the connection. */
    static String readHead(InputStream input) throws IOException {
        StringBuilder head = new StringBuilder();
        int next = input.read();
        while (next >= 0) {
            head.append((char) next);
            next = head.toString().endsWith("\r\n\r\n") ? -1 : input.read();
        }
        return head.toString();
    }

    /** All that comes until the server closes the connection. */
    String readToEnd() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    static String post(String uri, String path, String authorization, String body) throws IOException {
        return send(uri, path, "Authorization: " + authorization, body);
    }

    static String postWithCookies(String uri, String path, String cookies, String body) throws IOException {
        return send(uri, path, "Cookie: " + cookies, body);
    }

    private static String send(String uri, String path, String header, String body) throws IOException {
        try (RawHttp connection = new RawHttp(uri)) {
            connection.write("POST " + path + " HTTP/1.1\r\nHost: x\r\n" + header + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                    + "\r\n\r\n" + body);
            return connection.readToEnd();
        }
    }

    /** The body inside of chunks, of which the last may be incomplete. */
    static String dechunk(String chunks) {
        StringBuilder body = new StringBuilder();
        int position = 0;
        while (position < chunks.length()) {
            int endOfSize = chunks.indexOf("\r\n", position);
            if (endOfSize < 0) {
                break;
            }
            int size = Integer.parseInt(chunks.substring(position, endOfSize), 16);
            int start = endOfSize + 2;
            body.append(chunks, start, Math.min(start + size, chunks.length()));
            position = start + size + 2;
        }
        return body.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
