package gws.simulator;

import gws.simulator.base.InputError;
import gws.simulator.base.Json;
import gws.simulator.control.ControlServlet;
import gws.simulator.server.Settings;
import gws.simulator.server.Simulator;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Starts the simulator, says where it is, and makes sure that it ends. */
public final class Main {
    private Main() {
    }

    public static void main(String... arguments) throws Exception {
        try {
            run(CommandLine.parse(arguments));
        } catch (InputError error) {
            fail(error.getMessage());
        } catch (BindException error) {
            fail("cannot listen on the port: " + error.getMessage());
        }
    }

    private static void fail(String message) {
        System.err.println("gws-simulator: " + message);
        System.exit(2);
    }

    private static void run(Settings settings) throws Exception {
        Simulator simulator = start(settings);
        System.out.println(Json.write(Map.of("listening", simulator.uri())));
        if (settings.stopWithStdin()) {
            startDaemon("stop-with-stdin", () -> drain(System.in));
        }
        startDaemon("max-lifetime", () -> TimeUnit.SECONDS.sleep(settings.maxLifetimeSeconds()));
    }

    /** The simulator with its control calls, listening. */
    static Simulator start(Settings settings) throws Exception {
        Simulator simulator = new Simulator(settings);
        ControlServlet.install(simulator);
        simulator.start();
        return simulator;
    }

    /** Ends the process when the wait is over. */
    private static void startDaemon(String name, Wait wait) {
        Thread thread = new Thread(() -> {
            try {
                wait.await();
            } catch (IOException | InterruptedException failure) {
                System.err.println("gws-simulator: " + name + ": " + failure);
            }
            System.exit(0);
        }, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void drain(InputStream input) throws IOException {
        byte[] buffer = new byte[1024];
        while (input.read(buffer) >= 0) {
            // Only its end has a meaning.
        }
    }

    @FunctionalInterface
    private interface Wait {
        void await() throws IOException, InterruptedException;
    }
}
