package gws.simulator.server;

import gws.simulator.base.Paths;
import gws.simulator.base.Timer;
import gws.simulator.base.Tuning;
import gws.simulator.cometd.CometdServer;
import gws.simulator.cometd.CometdSessions;
import gws.simulator.fault.Faults;
import gws.simulator.fault.FaultyConnector;
import gws.simulator.fault.Hangs;
import gws.simulator.http.AccessFilter;
import gws.simulator.http.BrowserCookieFilter;
import gws.simulator.http.CorsFilter;
import gws.simulator.http.Csrf;
import gws.simulator.http.GwsServlet;
import gws.simulator.http.Origins;
import gws.simulator.http.StaticFilesServlet;
import gws.simulator.http.StaticRoots;
import gws.simulator.http.TrafficFilter;
import gws.simulator.im.GwsApi;
import gws.simulator.im.RobotStarter;
import gws.simulator.im.Robots;
import gws.simulator.socket.Sockets;
import gws.simulator.traffic.Traffic;
import gws.simulator.users.Logins;
import gws.simulator.users.Users;
import java.net.BindException;
import java.util.EnumSet;
import javax.servlet.DispatcherType;
import javax.servlet.Filter;
import javax.servlet.http.HttpServlet;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.servlet.FilterHolder;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;

/** The parts and how they are put together. */
public final class Simulator {
    public static final String IM_TOPIC = "/v2/me/im-sessions";

    private static final long MILLISECONDS_TO_ANSWER = 20;
    private static final long MILLISECONDS_TO_BIND_AGAIN = 100;

    private final Settings settings;
    private final Users users;
    private final Logins logins;
    private final Traffic traffic = new Traffic();
    private final Hangs hangs = new Hangs();
    private final Faults faults;
    private final Sockets sockets;
    private final Server server = new Server();
    private final FaultyConnector connector;
    private final Timer timer = new Timer();
    private final ServletContextHandler context;
    private final GwsApi api;
    private final Robots robots;
    private final CometdServer cometd;
    private final CometdSessions sessions;
    private volatile Tuning tuning;
    private volatile boolean forgetsBrowser;

    /** @throws Exception when a part cannot be set up */
    public Simulator(Settings settings) throws Exception {
        this.settings = settings;
        this.tuning = settings.tuning();
        this.users = new Users(settings.users());
        this.logins = new Logins(users);
        this.faults = new Faults(users, hangs);
        this.sockets = new Sockets(users, traffic);
        this.connector = new FaultyConnector(server, settings.port());
        this.api = new GwsApi(users, this::uri, this::tuning, (user, data) -> sessions().deliver(user, IM_TOPIC, data));
        this.robots = new Robots(users, api.sessions(), timer);
        this.context = context();
        server.setHandler(context);
        this.cometd = new CometdServer(context, tuning, settings.acknowledge());
        this.sessions = cometd.sessions();
        server.addConnector(connector);
    }

    private ServletContextHandler context() {
        ServletContextHandler context = new ServletContextHandler(ServletContextHandler.SESSIONS);
        context.setContextPath("/");
        context.getSessionHandler().getSessionManager().getSessionCookieConfig().setHttpOnly(true);
        context.getSessionHandler().getSessionManager().addEventListener(logins);
        Csrf csrf = new Csrf(() -> tuning.csrf());
        addFilter(context, new CorsFilter(new Origins(settings.allowedOrigins())), "/*");
        addFilter(context, new TrafficFilter(traffic, faults, sockets, logins), "/*");
        addFilter(context, new BrowserCookieFilter(() -> forgetsBrowser), Paths.NOTIFICATIONS + "/*");
        addFilter(context, new AccessFilter(logins, csrf), Paths.API + "/*");
        addServlet(context, new GwsServlet(api), Paths.API + "/*");
        addServlet(context, new StaticFilesServlet(new StaticRoots(settings.staticFolders())), "/");
        return context;
    }

    private static void addFilter(ServletContextHandler context, Filter filter, String mapping) {
        FilterHolder holder = new FilterHolder(filter);
        holder.setAsyncSupported(true);
        context.addFilter(holder, mapping, EnumSet.of(DispatcherType.REQUEST));
    }

    private static void addServlet(ServletContextHandler context, HttpServlet servlet, String mapping) {
        context.addServlet(new ServletHolder(servlet), mapping);
    }

    /** Adds another servlet, before the start. */
    public void add(HttpServlet servlet, String mapping) {
        addServlet(context, servlet, mapping);
    }

    /** @throws Exception when the port is taken or the server cannot start for another reason */
    public void start() throws Exception {
        server.start();
        // A restart must come back under the address that clients know.
        connector.setPort(connector.getLocalPort());
        new RobotStarter(users, api.sessions(), robots, user -> sessions.isSubscribed(user, IM_TOPIC), () -> tuning.robotStarts()).run(timer);
    }

    /** @throws Exception when a part does not end in order */
    public void stop() throws Exception {
        timer.stop();
        hangs.endAll();
        server.stop();
    }

    /** Scheme, host and port. */
    public String uri() {
        return "http://" + FaultyConnector.HOST + ":" + connector.getPort();
    }

    public Users users() {
        return users;
    }

    public Logins logins() {
        return logins;
    }

    public Traffic traffic() {
        return traffic;
    }

    public Faults faults() {
        return faults;
    }

    public Sockets sockets() {
        return sockets;
    }

    public GwsApi api() {
        return api;
    }

    public Robots robots() {
        return robots;
    }

    public CometdSessions sessions() {
        return sessions;
    }

    public boolean acknowledges() {
        return settings.acknowledge();
    }

    public Tuning tuning() {
        return tuning;
    }

    public void tune(Tuning changed) {
        tuning = changed;
        cometd.tune(changed);
    }

    public boolean forgetsBrowser() {
        return forgetsBrowser;
    }

    /** Whether CometD's browser cookie does not come back, so that every message over HTTP after the handshake gets 402. */
    public void forgetBrowser(boolean on) {
        forgetsBrowser = on;
    }

    /** Back to the state after the start. */
    public void reset() {
        faults.reset();
        sockets.reset();
        hangs.endAll();
        sessions.disconnectAll();
        logins.reset();
        api.clear();
        forgetsBrowser = false;
        tune(settings.tuning());
        traffic.reset();
    }

    /** Closes every connection but that one. */
    public void cutAllBut(EndPoint kept) {
        connector.cutAllBut(kept);
    }

    /**
     * Goes down as a server does whose process is killed, and comes back under the same address, shortly after this call has returned.
     *
     * @param downMilliseconds how long the port is closed
     * @param keepLogins whether the HTTP sessions survive, as they do where they are stored outside of the process
     */
    public void restart(long downMilliseconds, boolean keepLogins) {
        timer.later(MILLISECONDS_TO_ANSWER, () -> goDown(downMilliseconds, keepLogins));
    }

    private void goDown(long milliseconds, boolean keepLogins) throws Exception {
        connector.stop();
        hangs.endAll();
        sessions.expire(null, null, true);
        if (!keepLogins) {
            logins.logoutAll();
        }
        timer.later(milliseconds, this::comeBack);
    }

    /** Tries again as long as somebody else has the port: when it was a free one, an outgoing connection may have got it for a moment. */
    private void comeBack() throws Exception {
        try {
            connector.start();
        } catch (BindException portTaken) {
            connector.stop();
            timer.later(MILLISECONDS_TO_BIND_AGAIN, this::comeBack);
        }
    }
}
