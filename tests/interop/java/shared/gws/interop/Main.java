package gws.interop;

import java.io.IOException;
import java.net.BindException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.ajax.JSON;

/** Starts the server, says where it is, and makes sure that it ends. */
public final class Main {
    private Main() {
    }

    public static void main(String... arguments) throws Exception {
        // What a server says of itself while all is well drowns the report of the tests.
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        try {
            run(Settings.parse(arguments));
        } catch (InputError | BindException error) {
            System.err.println("interop: " + error.getMessage());
            System.exit(2);
        }
    }

    private static void run(Settings settings) throws Exception {
        InteropServer server = new InteropServer(settings);
        server.start();
        System.out.println(new JSON().toJSON(Map.of("listening", server.uri())));
        startDaemon("stop-with-stdin", Main::drainStandardInput);
        startDaemon("max-lifetime", () -> TimeUnit.SECONDS.sleep(settings.maxLifetimeSeconds()));
    }

    /** Ends the process when the wait is over. */
    private static void startDaemon(String name, Wait wait) {
        Thread thread = new Thread(() -> {
            try {
                wait.await();
            } catch (IOException | InterruptedException failure) {
                System.err.println("interop: " + name + ": " + failure);
            }
            System.exit(0);
        }, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void drainStandardInput() throws IOException {
        byte[] buffer = new byte[1024];
        while (System.in.read(buffer) >= 0) {
            // Only its end has a meaning.
        }
    }

    @FunctionalInterface
    private interface Wait {
        void await() throws IOException, InterruptedException;
    }
}
