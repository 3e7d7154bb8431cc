package gws.simulator.base;

/** Says what was wrong with something that came from outside (a command line, a control call) and what was expected instead. */
public final class InputError extends RuntimeException {
    private static final long serialVersionUID = 1;

    public InputError(String message) {
        super(message);
    }
}
