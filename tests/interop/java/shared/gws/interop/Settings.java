package gws.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the command line says.
 *
 * @param port the port to listen on, 0 for a free one
 * @param timeout milliseconds for which a {@code /meta/connect} is held
 * @param maxInterval milliseconds after which an unseen session expires
 * @param acknowledge whether clients may use the acknowledge extension
 * @param folders the folders that are served, by their URL prefix
 * @param maxLifetimeSeconds after so long the process ends in any case
 */
record Settings(int port, long timeout, long maxInterval, boolean acknowledge, Map<String, String> folders, long maxLifetimeSeconds) {
    private static final int HIGHEST_PORT = 65_535;
    private static final List<String> NAMES = List.of("--port", "--timeout", "--max-interval", "--ack", "--static", "--max-lifetime");

    /** @throws InputError naming the option that is wrong and what was expected */
    static Settings parse(String... arguments) {
        Map<String, List<String>> values = new TreeMap<>();
        for (int index = 0; index < arguments.length; index += 2) {
            String name = arguments[index];
            if (!NAMES.contains(name)) {
                throw new InputError("unknown option '" + name + "', expected one of " + NAMES);
            }
            if (index + 1 == arguments.length) {
                throw new InputError("option " + name + " needs a value");
            }
            values.computeIfAbsent(name, first -> new ArrayList<>()).add(arguments[index + 1]);
        }
        return new Settings((int) number(values, "--port", HIGHEST_PORT, 0), number(values, "--timeout", Integer.MAX_VALUE, 30_000),
                number(values, "--max-interval", Integer.MAX_VALUE, 10_000), flag(values, "--ack"), folders(values),
                number(values, "--max-lifetime", Integer.MAX_VALUE, 3_600));
    }

    private static String last(Map<String, List<String>> values, String name, String fallback) {
        List<String> given = values.getOrDefault(name, List.of(fallback));
        return given.get(given.size() - 1);
    }

    private static long number(Map<String, List<String>> values, String name, long most, long fallback) {
        String text = last(values, name, String.valueOf(fallback));
        try {
            long number = Long.parseLong(text);
            if (number >= 0 && number <= most) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // The message below says it.
        }
        throw new InputError("option " + name + " must be a whole number from 0 to " + most + ", but it is '" + text + "'");
    }

    private static boolean flag(Map<String, List<String>> values, String name) {
        return switch (last(values, name, "true")) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new InputError("option " + name + " must be true or false");
        };
    }

    private static Map<String, String> folders(Map<String, List<String>> values) {
        Map<String, String> folders = new TreeMap<>();
        for (String description : values.getOrDefault("--static", List.of())) {
            int equals = description.indexOf('=');
            if (equals < 1 || description.charAt(0) != '/') {
                throw new InputError("option --static must be PREFIX=FOLDER with a PREFIX that starts with /, but it is '" + description + "'");
            }
            folders.put(description.substring(0, equals), description.substring(equals + 1));
        }
        return folders;
    }
}
