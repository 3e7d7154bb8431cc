package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A WebSocket by hand: sees how a connection ends, and can send several frames at once. */
final class RawSocket implements AutoCloseable {
    private static final long BOUND_SECONDS = 10;
    private static final int FINAL = 0x80;
    private static final int MASKED = 0x80;
    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int LENGTH_OF_16_BITS = 126;
    private static final int LENGTH_OF_64_BITS = 127;
    /** A mask of zeros leaves the payload as it is. */
    private static final int MASK = 0;

    private final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
    private final BlockingQueue<byte[]> binaries = new LinkedBlockingQueue<>();
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private final Socket socket;

    private RawSocket(Socket socket) {
        this.socket = socket;
    }

    /** A socket for whoever has that JSESSIONID. */
    static RawSocket open(String uri, String login) throws IOException {
        URI address = URI.create(uri);
        Socket connection = new Socket(address.getHost(), address.getPort());
        connection.getOutputStream().write(request(login).getBytes(StandardCharsets.ISO_8859_1));
        RawSocket opened = new RawSocket(connection);
        DataInputStream input = new DataInputStream(connection.getInputStream());
        String answer = RawHttp.readHead(input);
        assertTrue(answer.startsWith("HTTP/1.1 101 "), answer);
        Thread reader = new Thread(() -> opened.read(input), "raw-socket");
        reader.setDaemon(true);
        reader.start();
        return opened;
    }

    /** An upgrade request. */
    static String request(String login) {
        return "GET " + Bayeux.URL + " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-Fetch-Mode: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nCookie: JSESSIONID=" + login + "\r\n\r\n";
    }

    private void read(DataInputStream input) {
        String how = "1006 ";
        try {
            boolean open = true;
            while (open) {
                int opcode = input.readUnsignedByte() & ~FINAL;
                byte[] payload = new byte[length(input)];
                input.readFully(payload);
                switch (opcode) {
                    case TEXT -> texts.add(new String(payload, StandardCharsets.UTF_8));
                    case BINARY -> binaries.add(payload);
                    case CLOSE -> open = false;
                    default -> throw new IOException("opcode " + opcode);
                }
                if (opcode == CLOSE) {
                    how = ByteBuffer.wrap(payload).getShort() + " " + new String(payload, Short.BYTES, payload.length - Short.BYTES, StandardCharsets.UTF_8);
                    send(frame(CLOSE, payload));
                }
            }
        } catch (IOException broken) {
            // The end of the bytes is the end of the socket.
        }
        end.complete(how);
    }

    private static int length(DataInputStream input) throws IOException {
        int length = input.readUnsignedByte();
        return switch (length) {
            case LENGTH_OF_16_BITS -> input.readUnsignedShort();
            case LENGTH_OF_64_BITS -> (int) input.readLong();
            default -> length;
        };
    }

    /** All of them in one packet. */
    void sendTexts(String... contents) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(0);
        for (String text : contents) {
            ByteBuffer frame = frame(TEXT, text.getBytes(StandardCharsets.UTF_8));
            all = ByteBuffer.allocate(all.remaining() + frame.remaining()).put(all).put(frame).flip();
        }
        send(all);
    }

    /** One text in two frames. */
    void sendInFragments(String first, String second) throws IOException {
        ByteBuffer begin = frame(TEXT, first.getBytes(StandardCharsets.UTF_8));
        send(begin.put(0, (byte) TEXT));
        send(frame(CONTINUATION, second.getBytes(StandardCharsets.UTF_8)));
    }

    private void send(ByteBuffer frames) throws IOException {
        socket.getOutputStream().write(frames.array(), 0, frames.limit());
    }

    private static ByteBuffer frame(int opcode, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(2 + Long.BYTES + Integer.BYTES + payload.length).put((byte) (FINAL | opcode));
        if (payload.length < LENGTH_OF_16_BITS) {
            frame.put((byte) (MASKED | payload.length));
        } else if (payload.length <= 0xffff) {
            frame.put((byte) (MASKED | LENGTH_OF_16_BITS)).putShort((short) payload.length);
        } else {
            frame.put((byte) (MASKED | LENGTH_OF_64_BITS)).putLong(payload.length);
        }
        return frame.putInt(MASK).put(payload).flip();
    }

    String nextText() {
        return take(texts);
    }

    byte[] nextBinary() {
        return take(binaries);
    }

    private static <T> T take(BlockingQueue<T> queue) {
        try {
            T value = queue.poll(BOUND_SECONDS, TimeUnit.SECONDS);
            assertNotNull(value, "no frame within " + BOUND_SECONDS + " s");
            return value;
        } catch (InterruptedException failure) {
            throw new IllegalStateException(failure);
        }
    }

    boolean hasText() {
        return !texts.isEmpty();
    }

    /** How the socket ended: code and reason. */
    String end() {
        return end.orTimeout(BOUND_SECONDS, TimeUnit.SECONDS).join();
    }

    boolean isEnded() {
        return end.isDone();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
