package gws.simulator.im;

/** A request that Genesys Web Services refuses. Nothing has been changed. */
public final class GwsFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient StatusCode code;

    GwsFailure(StatusCode code, String message) {
        super(message);
        this.code = code;
    }

    GwsAnswer answer() {
        return GwsAnswer.failure(code, getMessage());
    }
}
