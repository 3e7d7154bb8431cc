package gws.simulator.fault;

import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * The point at which an answer breaks off, found in the bytes on their way to the client. Counting there, below Jetty and CometD, needs nothing of how they
 * write; the price is to tell head, chunk sizes and body apart here.
 */
final class BreakOff {
    private enum Part { HEAD, BODY, CHUNK_SIZE, CHUNK, CHUNK_END, NOTHING }

    private static final int LONGEST_HEAD = 64 * 1024;

    private final StringBuilder line = new StringBuilder();
    private final boolean silent;
    private Part part;
    private long bodyBytesLeft;
    private long chunkBytesLeft;
    private final boolean inputOpen;

    private BreakOff(Part part, long bodyBytes, boolean inputOpen) {
        this.silent = part == Part.NOTHING;
        this.part = part;
        this.bodyBytesLeft = bodyBytes;
        this.inputOpen = inputOpen;
    }

    /** Nothing of the answer is sent. */
    static BreakOff beforeAnswer() {
        return new BreakOff(Part.NOTHING, 0, false);
    }

    /** The head of the answer is sent, and so many bytes of its body. */
    static BreakOff afterBodyBytes(long count) {
        return new BreakOff(Part.HEAD, count, false);
    }

    /** As {@link #afterBodyBytes}, but only this side of the connection ends there. */
    static BreakOff halfAfterBodyBytes(long count) {
        return new BreakOff(Part.HEAD, count, true);
    }

    private BreakOff copy() {
        BreakOff copy = new BreakOff(part, bodyBytesLeft, inputOpen);
        copy.line.append(line);
        copy.chunkBytesLeft = chunkBytesLeft;
        return copy;
    }

    /** Whether the client gets not even the head. */
    boolean isSilent() {
        return silent;
    }

    /** Whether the client's side of the connection outlives the point. */
    boolean leavesInputOpen() {
        return inputOpen;
    }

    boolean isReached() {
        return part == Part.NOTHING;
    }

    /** How many of the next bytes may be sent. Does not count them as sent. */
    int admitted(ByteBuffer bytes) {
        BreakOff ahead = copy();
        int start = bytes.position();
        int end = start;
        while (end < bytes.limit() && !ahead.isReached()) {
            ahead.step(bytes.get(end++));
        }
        return end - start;
    }

    /** Counts bytes that have been sent. */
    void sent(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            step(bytes.get());
        }
    }

    private void step(byte next) {
        switch (part) {
            case HEAD -> head((char) (next & 0xff));
            case BODY -> bodyByte();
            case CHUNK_SIZE -> chunkSize((char) (next & 0xff));
            case CHUNK -> chunkByte();
            case CHUNK_END -> part = next == '\n' ? Part.CHUNK_SIZE : Part.CHUNK_END;
            case NOTHING -> throw new IllegalStateException("a byte went out after the answer broke off");
        }
    }

    private void head(char next) {
        line.append(next);
        if (line.length() > LONGEST_HEAD) {
            throw new IllegalStateException("no end of the head of the answer within " + LONGEST_HEAD + " bytes");
        }
        if (next == '\n' && line.toString().endsWith("\r\n\r\n")) {
            boolean chunked = line.toString().toLowerCase(Locale.ROOT).contains("\r\ntransfer-encoding: chunked");
            line.setLength(0);
            enter(chunked ? Part.CHUNK_SIZE : Part.BODY);
        }
    }

    private void enter(Part body) {
        part = bodyBytesLeft == 0 ? Part.NOTHING : body;
    }

    private void bodyByte() {
        bodyBytesLeft--;
        enter(part);
    }

    private void chunkSize(char next) {
        if (next != '\n') {
            line.append(next);
            return;
        }
        chunkBytesLeft = Long.parseLong(line.toString().strip(), 16);
        line.setLength(0);
        part = chunkBytesLeft == 0 ? Part.CHUNK_END : Part.CHUNK;
    }

    private void chunkByte() {
        chunkBytesLeft--;
        bodyBytesLeft--;
        enter(chunkBytesLeft == 0 ? Part.CHUNK_END : Part.CHUNK);
    }
}
