package gws.simulator.users;

import gws.simulator.base.InputError;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The agents there are; they do not change while the simulator runs. */
public final class Users {
    public static final List<User> DEFAULT =
            List.of(User.of("anna:anna:5001"), User.of("ben:ben:5002"), User.of("robbie:robbie:5003:robot"));

    private final Map<String, User> byName = new LinkedHashMap<>();
    private final Map<String, User> byPhone = new LinkedHashMap<>();

    public Users(List<User> users) {
        for (User user : users) {
            if (byName.put(user.name(), user) != null || byPhone.put(user.phone(), user) != null) {
                throw new InputError("names and phone numbers of users must differ, but '" + user.name() + "' or " + user.phone() + " comes twice");
            }
        }
    }

    public Collection<User> all() {
        return byName.values();
    }

    public Optional<User> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    public Optional<User> withPhone(String phone) {
        return Optional.ofNullable(byPhone.get(phone));
    }

    /** @throws InputError when there is no such user */
    public User require(String name) {
        return named(name).orElseThrow(() -> new InputError("there is no user '" + name + "', expected one of " + byName.keySet()));
    }
}
