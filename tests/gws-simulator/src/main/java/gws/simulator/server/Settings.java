package gws.simulator.server;

import gws.simulator.base.Tuning;
import gws.simulator.users.User;
import java.util.List;

/**
 * What the command line says.
 *
 * @param port the port to listen on; 0 for a free one
 * @param tuning the options that can be changed later and come back with a reset
 * @param acknowledge whether the acknowledge extension is registered
 * @param allowedOrigins the origins of pages that may read answers; none for the default
 * @param staticFolders each {@code PREFIX=FOLDER}
 * @param stopWithStdin whether the end of the standard input ends the process
 * @param maxLifetimeSeconds the time after which the process ends in any case
 */
public record Settings(
        int port,
        Tuning tuning,
        boolean acknowledge,
        List<String> allowedOrigins,
        List<User> users,
        List<String> staticFolders,
        boolean stopWithStdin,
        long maxLifetimeSeconds) {
}
