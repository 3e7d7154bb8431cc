package gws.simulator.im;

/**
 * The status codes of Genesys Web Services that this API needs, each with the HTTP status it comes with. Genesys shows 403 with 20 and 500 with 4; the others
 * are the HTTP status of the same meaning.
 */
public enum StatusCode {
    MISSING_PARAMETER(1, 400),
    INVALID_STATE(2, 409),
    FORBIDDEN(3, 403),
    INTERNAL_ERROR(4, 500),
    NOT_FOUND(6, 404),
    INVALID_PARAMETER(10, 400),
    NOT_AUTHENTICATED(20, 403);

    private final int code;
    private final int httpStatus;

    StatusCode(int code, int httpStatus) {
        this.code = code;
        this.httpStatus = httpStatus;
    }

    int code() {
        return code;
    }

    int httpStatus() {
        return httpStatus;
    }
}
