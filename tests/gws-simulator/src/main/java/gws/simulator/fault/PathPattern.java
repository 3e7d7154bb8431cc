package gws.simulator.fault;

import gws.simulator.base.InputError;
import gws.simulator.base.Paths;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A path below the origin, in which {@code *} stands for any part of one segment and {@code **} for anything. */
final class PathPattern {
    private static final Pattern WILDCARD = Pattern.compile("\\*\\*|\\*");

    private final String text;
    private final Pattern pattern;

    private PathPattern(String text) {
        this.text = text;
        this.pattern = Pattern.compile(expression(text), Pattern.DOTALL);
    }

    /** @throws InputError when no request that meets faults can have such a path */
    static PathPattern of(String text) {
        if (!text.startsWith("/") || text.contains("?") || text.contains("#")) {
            throw new InputError("'path' must begin with / and hold no query, as /api/v2/me/im-sessions or /api/v2/me/im-sessions/* does, but it is '" + text + "'");
        }
        if (text.equals(Paths.CONTROL) || text.startsWith(Paths.CONTROL + "/")) {
            throw new InputError("'path' must not lie under " + Paths.CONTROL + ", where no fault acts, but it is '" + text + "'");
        }
        return new PathPattern(text);
    }

    private static String expression(String text) {
        StringBuilder expression = new StringBuilder();
        Matcher wildcard = WILDCARD.matcher(text);
        int end = 0;
        while (wildcard.find()) {
            expression.append(Pattern.quote(text.substring(end, wildcard.start()))).append(wildcard.group().length() == 2 ? ".*" : "[^/]*");
            end = wildcard.end();
        }
        return expression.append(Pattern.quote(text.substring(end))).toString();
    }

    boolean matches(String path) {
        return pattern.matcher(path).matches();
    }

    @Override
    public String toString() {
        return text;
    }
}
