package gws.interop;

/** Something given from outside is wrong; the message says what was expected. */
final class InputError extends RuntimeException {
    private static final long serialVersionUID = 1;

    InputError(String message) {
        super(message);
    }
}
