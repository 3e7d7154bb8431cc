package gws.simulator.fault;

import java.nio.ByteBuffer;

/** Finds the end of the head of an HTTP answer, in the bytes as they come. */
final class AnswerHead {
    private static final String END = "\r\n\r\n";

    private int matched;

    void restart() {
        matched = 0;
    }

    boolean isOver() {
        return matched == END.length();
    }

    /** How many of the bytes belong to the head. Counts them as seen; the buffer stays as it is. */
    int take(ByteBuffer bytes) {
        int index = bytes.position();
        while (index < bytes.limit() && !isOver()) {
            char next = (char) (bytes.get(index++) & 0xff);
            if (next == END.charAt(matched)) {
                matched++;
            } else {
                matched = next == '\r' ? 1 : 0;
            }
        }
        return index - bytes.position();
    }
}
