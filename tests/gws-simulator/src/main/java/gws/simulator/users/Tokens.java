package gws.simulator.users;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The bearer tokens that have run out. Nobody hands tokens out here, so those that an agent has had are known from their use. */
final class Tokens {
    private final Map<User, Set<String>> used = new HashMap<>();
    private final Set<String> expired = new HashSet<>();

    synchronized void noteUse(Credential credential) {
        if (credential.token() != null) {
            used.computeIfAbsent(credential.user(), first -> new HashSet<>()).add(credential.token());
        }
    }

    /** Lets the token that every agent has from the beginning run out, and all others that he has used. */
    synchronized void expire(User user) {
        expired.add(Credentials.firstToken(user));
        expired.addAll(used.getOrDefault(user, Set.of()));
        used.remove(user);
    }

    synchronized boolean isExpired(Credential credential) {
        return credential.token() != null && expired.contains(credential.token());
    }

    /** Makes all of them good again. */
    synchronized void reset() {
        used.clear();
        expired.clear();
    }
}
