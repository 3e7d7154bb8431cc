package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpTimeoutException;
import org.junit.jupiter.api.function.Executable;

/** Proves that no answer came. */
final class Faults {
    private Faults() {
    }

    /** The connection broke; it did not merely stay silent. */
    static IOException assertLost(Executable request) {
        IOException cause = assertThrows(UncheckedIOException.class, request).getCause();
        assertTrue(!(cause instanceof HttpTimeoutException), cause::toString);
        return cause;
    }
}
