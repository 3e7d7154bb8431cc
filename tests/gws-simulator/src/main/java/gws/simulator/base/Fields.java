package gws.simulator.base;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Typed access to the members of a JSON object from outside. Every error names the member, what it must be and what it was. */
public final class Fields {
    private final Map<String, Object> members;

    /**
     * @param known all the members there may be; another one is refused, since a misspelt member that is ignored makes a test prove nothing
     */
    public Fields(Map<String, Object> members, String... known) {
        this.members = members;
        for (String name : members.keySet()) {
            if (!Set.of(known).contains(name)) {
                throw new InputError("unknown member '" + name + "', expected one of " + String.join(", ", known));
            }
        }
    }

    public boolean has(String name) {
        return members.get(name) != null;
    }

    public Object value(String name) {
        return members.get(name);
    }

    public String text(String name) {
        return require(name, String.class, "a string");
    }

    public String text(String name, String fallback) {
        return has(name) ? text(name) : fallback;
    }

    public boolean flag(String name, boolean fallback) {
        return has(name) ? require(name, Boolean.class, "true or false") : fallback;
    }

    public long number(String name, long least) {
        long number = require(name, Long.class, "a whole number");
        if (number < least || number > Integer.MAX_VALUE) {
            throw new InputError("'" + name + "' must lie between " + least + " and " + Integer.MAX_VALUE + ", but it is " + number);
        }
        return number;
    }

    public long number(String name, long least, long fallback) {
        return has(name) ? number(name, least) : fallback;
    }

    /** A list of some of the known words, at least one. */
    public List<String> words(String name, List<String> known, List<String> fallback) {
        if (!has(name)) {
            return fallback;
        }
        List<?> given = require(name, List.class, "a list");
        if (given.isEmpty() || !known.containsAll(given)) {
            throw new InputError("'" + name + "' must hold one or more of " + String.join(", ", known) + ", but it is " + Json.write(given));
        }
        return given.stream().map(String.class::cast).toList();
    }

    private <T> T require(String name, Class<T> type, String expected) {
        Object value = members.get(name);
        if (type.isInstance(value)) {
            return type.cast(value);
        }
        String found = value == null ? "it is missing" : "it is " + Json.write(value);
        throw new InputError("'" + name + "' must be " + expected + ", but " + found);
    }
}
