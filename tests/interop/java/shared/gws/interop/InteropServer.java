package gws.interop;

import jakarta.servlet.Servlet;
import java.net.BindException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.server.handler.ContextHandlerCollection;
import org.eclipse.jetty.server.handler.CrossOriginHandler;
import org.eclipse.jetty.server.handler.ResourceHandler;
import org.eclipse.jetty.util.resource.ResourceFactory;

/** The parts and how they are put together. */
final class InteropServer {
    private static final String HOST = "127.0.0.1";
    private static final long MILLISECONDS_TO_ANSWER = 20;
    private static final long MILLISECONDS_TO_BIND_AGAIN = 100;

    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server);
    private final Traffic traffic = new Traffic();
    private final Cometd cometd;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "restart");
        thread.setDaemon(true);
        return thread;
    });

    InteropServer(Settings settings) {
        cometd = new Cometd(settings, traffic);
        connector.setHost(HOST);
        connector.setPort(settings.port());
        connector.addBean(traffic.sockets());
        server.addConnector(connector);
        ContextHandler api = Container.context(server, "/api/v2", Map.<String, Servlet>of("/notifications/*", cometd.servlet(), "/me/*", new MeServlet()));
        cometd.liveIn(api);
        ContextHandlerCollection contexts = new ContextHandlerCollection(api, new ContextHandler(new ControlHandler(this), "/simulator"));
        settings.folders().forEach((prefix, folder) -> contexts.addHandler(files(prefix, folder)));
        server.setHandler(crossOrigin(contexts));
    }

    private static ContextHandler files(String prefix, String folder) {
        ContextHandler context = new ContextHandler(prefix.length() > 1 && prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix);
        ResourceHandler handler = new ResourceHandler();
        handler.setBaseResource(ResourceFactory.of(context).newResource(Path.of(folder)));
        handler.setCacheControl("no-store");
        context.setHandler(handler);
        return context;
    }

    /** Any page of this machine may read the answers, with its cookies. */
    private static Handler crossOrigin(Handler handler) {
        CrossOriginHandler crossOrigin = new CrossOriginHandler();
        crossOrigin.setAllowedOriginPatterns(Set.of("https?://127\\.0\\.0\\.1(:\\d+)?"));
        crossOrigin.setAllowCredentials(true);
        crossOrigin.setAllowedMethods(Set.of("GET", "POST", "PUT", "DELETE"));
        // The asterisk means nothing in answers to requests with cookies.
        crossOrigin.setAllowedHeaders(Set.of("Accept", "Authorization", "Content-Type", "X-CSRF-TOKEN", "X-Requested-With"));
        crossOrigin.setHandler(handler);
        return crossOrigin;
    }

    /** @throws Exception when the port is taken or the server cannot start for another reason */
    void start() throws Exception {
        server.start();
        // A restart must come back under the address that clients know.
        connector.setPort(connector.getLocalPort());
    }

    String uri() {
        return "http://" + HOST + ":" + connector.getPort();
    }

    Cometd cometd() {
        return cometd;
    }

    Traffic traffic() {
        return traffic;
    }

    /** Ends every session and tells the clients not to come back; counters begin at nought. */
    void reset() {
        cometd.disconnectAll();
        traffic.reset();
    }

    /** Goes down as a server does whose process is killed, and comes back under the same address, shortly after this call has returned. */
    void restart(long downMilliseconds) {
        timer.schedule(() -> logged(() -> goDown(downMilliseconds)), MILLISECONDS_TO_ANSWER, TimeUnit.MILLISECONDS);
    }

    private void goDown(long downMilliseconds) throws Exception {
        connector.stop();
        cometd.expire(null);
        timer.schedule(() -> logged(this::comeBack), downMilliseconds, TimeUnit.MILLISECONDS);
    }

    /** Tries again as long as somebody else has the port: when it was a free one, an outgoing connection may have got it for a moment. */
    private void comeBack() throws Exception {
        try {
            connector.start();
        } catch (BindException portTaken) {
            timer.schedule(() -> logged(this::comeBack), MILLISECONDS_TO_BIND_AGAIN, TimeUnit.MILLISECONDS);
        }
    }

    /** What a scheduled task throws would vanish. */
    private static void logged(Step step) {
        try {
            step.take();
        } catch (Exception failure) {
            System.err.println("interop: " + failure);
        }
    }

    /** Closes every WebSocket without a word, as a broken line does. Returns how many there were. */
    int killSockets() {
        List<? extends AutoCloseable> open = traffic.sockets().open();
        open.forEach(socket -> logged(socket::close));
        return open.size();
    }

    @FunctionalInterface
    private interface Step {
        void take() throws Exception;
    }
}
