package gws.simulator;

import gws.simulator.base.CsrfMode;
import gws.simulator.base.InputError;
import gws.simulator.base.Tuning;
import gws.simulator.server.Settings;
import gws.simulator.users.User;
import gws.simulator.users.Users;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the options on the command line: each is {@code --name value}, but for {@code --stop-with-stdin}, which has no value. */
final class CommandLine {
    private static final int HIGHEST_PORT = 65_535;
    private static final String STOP_WITH_STDIN = "--stop-with-stdin";
    private static final List<String> NAMES = List.of(
            "--port", "--timeout", "--interval", "--max-interval", "--max-sessions-per-browser", "--multi-session-interval", "--ack", "--csrf",
            "--allowed-origin", "--user", "--robot-starts", "--static", "--max-lifetime");

    private final Map<String, List<String>> values = new LinkedHashMap<>();
    private boolean stopWithStdin;

    private CommandLine(String... arguments) {
        int index = 0;
        while (index < arguments.length) {
            String name = arguments[index++];
            if (name.equals(STOP_WITH_STDIN)) {
                stopWithStdin = true;
            } else if (!NAMES.contains(name)) {
                throw new InputError("unknown option '" + name + "', expected " + String.join(", ", NAMES) + " or " + STOP_WITH_STDIN);
            } else if (index == arguments.length) {
                throw new InputError("option " + name + " needs a value");
            } else {
                values.computeIfAbsent(name, first -> new ArrayList<>()).add(arguments[index++]);
            }
        }
    }

    /** @throws InputError naming the option that is wrong and what was expected */
    static Settings parse(String... arguments) {
        return new CommandLine(arguments).settings();
    }

    private Settings settings() {
        List<User> users = all("--user").stream().map(User::of).toList();
        return new Settings(
                (int) number("--port", 0, HIGHEST_PORT, 0),
                tuning(),
                flag("--ack", true),
                all("--allowed-origin"),
                users.isEmpty() ? Users.DEFAULT : users,
                all("--static"),
                stopWithStdin,
                number("--max-lifetime", 1, 28_800));
    }

    private Tuning tuning() {
        Tuning base = Tuning.DEFAULT;
        return new Tuning(
                number("--timeout", 0, base.timeout()),
                number("--interval", 0, base.interval()),
                number("--max-interval", 0, base.maxInterval()),
                number("--max-sessions-per-browser", -1, base.maxSessionsPerBrowser()),
                number("--multi-session-interval", -1, base.multiSessionInterval()),
                CsrfMode.of(last("--csrf", base.csrf().word())),
                number("--robot-starts", 0, base.robotStarts()),
                base.allowedTransports(),
                base.requireHandshakePerConnection(),
                base.handshakeReconnect(),
                base.allowMessageDeliveryDuringHandshake(),
                base.maxImSessions(),
                base.getUserData(),
                base.getCapabilities());
    }

    private List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    private String last(String name, String fallback) {
        List<String> given = all(name);
        return given.isEmpty() ? fallback : given.get(given.size() - 1);
    }

    private boolean flag(String name, boolean fallback) {
        String text = last(name, String.valueOf(fallback));
        if (!text.equals("true") && !text.equals("false")) {
            throw new InputError("option " + name + " must be true or false, but it is '" + text + "'");
        }
        return text.equals("true");
    }

    private long number(String name, long least, long fallback) {
        return number(name, least, Integer.MAX_VALUE, fallback);
    }

    private long number(String name, long least, long most, long fallback) {
        String text = last(name, String.valueOf(fallback));
        try {
            long number = Long.parseLong(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // The message below says it.
        }
        throw new InputError("option " + name + " must be a whole number from " + least + " to " + most + ", but it is '" + text + "'");
    }
}
