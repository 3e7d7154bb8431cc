package gws.simulator.base;

import java.util.Locale;

/** The three ways in which sites run the CSRF protection of Genesys Web Services. */
public enum CsrfMode {
    /** No CSRF headers. */
    OFF,
    /** The token is sent on responses, and requests without it are served all the same. */
    OFFER,
    /** The token is sent on responses, and POST, PUT and DELETE are refused without it. */
    ENFORCE;

    public static CsrfMode of(String word) {
        for (CsrfMode mode : values()) {
            if (mode.word().equals(word)) {
                return mode;
            }
        }
        throw new InputError("csrf must be off, offer or enforce, but it is '" + word + "'");
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
