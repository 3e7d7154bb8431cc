package gws.simulator.im;

import java.security.SecureRandom;
import java.util.Locale;

/** Makes ids that look like the call ids of SIP Server: 26 characters that differ for every start, then a number. */
final class ImSessionIds {
    private static final int PREFIX_LENGTH = 26;
    private static final int RADIX = 32;

    private final String prefix;
    private int last;

    ImSessionIds() {
        SecureRandom random = new SecureRandom();
        StringBuilder characters = new StringBuilder("00");
        while (characters.length() < PREFIX_LENGTH) {
            characters.append(Character.forDigit(random.nextInt(RADIX), RADIX));
        }
        prefix = characters.toString().toUpperCase(Locale.ROOT);
    }

    String next() {
        return prefix + String.format(Locale.ROOT, "%06X", ++last);
    }
}
