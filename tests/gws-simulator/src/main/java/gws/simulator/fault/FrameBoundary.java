package gws.simulator.fault;

import java.nio.ByteBuffer;

/** Finds where the frames of a WebSocket end, in the bytes as they come. */
final class FrameBoundary {
    private static final int MASKED = 0x80;
    private static final int LENGTH = 0x7f;
    private static final int LENGTH_OF_16_BITS = 126;
    private static final int LENGTH_OF_64_BITS = 127;
    private static final int MASK_BYTES = 4;

    private int headBytes;
    private int lengthEnd;
    private int headSize;
    private long payload;

    /** Takes the bytes that belong to the frame begun, or to the next one when none is; none behind its end. Returns how many they are. */
    int take(ByteBuffer bytes) {
        int start = bytes.position();
        boolean ended = false;
        while (bytes.hasRemaining() && !ended) {
            if (headBytes < 2 || headBytes < headSize) {
                head(bytes.get() & 0xff);
            } else {
                skip(bytes);
            }
            ended = headBytes == headSize && payload == 0;
        }
        if (ended) {
            headBytes = 0;
            headSize = 0;
        }
        return bytes.position() - start;
    }

    private void head(int next) {
        headBytes++;
        if (headBytes == 2) {
            int length = next & LENGTH;
            lengthEnd = 2 + lengthBytes(length);
            headSize = lengthEnd + ((next & MASKED) == 0 ? 0 : MASK_BYTES);
            payload = lengthEnd == 2 ? length : 0;
        } else if (headBytes > 2 && headBytes <= lengthEnd) {
            // A length above the highest positive number is refused by whoever parses the frame; here it only must not count backwards.
            payload = (payload << Byte.SIZE | next) & Long.MAX_VALUE;
        }
    }

    private static int lengthBytes(int length) {
        return switch (length) {
            case LENGTH_OF_16_BITS -> Short.BYTES;
            case LENGTH_OF_64_BITS -> Long.BYTES;
            default -> 0;
        };
    }

    private void skip(ByteBuffer bytes) {
        int count = (int) Math.min(bytes.remaining(), payload);
        bytes.position(bytes.position() + count);
        payload -= count;
    }
}
