package gws.simulator.users;

import gws.simulator.base.InputError;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.UUID;

/**
 * An agent.
 *
 * @param phone the number under which other agents reach him
 * @param robot whether the simulator answers for him
 */
public record User(String name, String password, String phone, boolean robot) implements Principal {

    /** Reads {@code NAME:PASSWORD:PHONE[:robot]}. */
    public static User of(String text) {
        String[] parts = text.split(":", -1);
        boolean robot = parts.length == 4 && parts[3].equals("robot");
        if (parts.length != 3 && !robot || parts[0].isBlank() || parts[1].isBlank() || parts[2].isBlank()) {
            throw new InputError("a user is NAME:PASSWORD:PHONE[:robot], but it is '" + text + "'");
        }
        return new User(parts[0], parts[1], parts[2], robot);
    }

    @Override
    public String getName() {
        return name;
    }

    /** The path of his only device; the same on every start, so that a test can write it down. */
    public String devicePath() {
        return "/devices/" + UUID.nameUUIDFromBytes(phone.getBytes(StandardCharsets.UTF_8));
    }

    /** Passwords stay out of logs. */
    @Override
    public String toString() {
        return name;
    }
}
