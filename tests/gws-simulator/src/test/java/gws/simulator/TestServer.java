package gws.simulator;

import gws.simulator.server.Simulator;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A simulator on a free port for the tests of one class; each test starts after a reset. */
final class TestServer implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback {
    private final String[] arguments;
    private Simulator simulator;

    TestServer(String... arguments) {
        this.arguments = arguments;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        simulator = Main.start(CommandLine.parse(arguments));
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        simulator.reset();
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        simulator.stop();
    }

    String uri() {
        return simulator.uri();
    }

    /** Somebody without a login, with a connection pool and cookies of his own. */
    Agent stranger() {
        return new Agent(uri());
    }

    /** An agent who has logged in. */
    Agent agent(String name) {
        Agent agent = stranger();
        agent.login(name, name);
        return agent;
    }

    Map<String, Object> control(String call, String body) {
        return stranger().post("/simulator/" + call, body).object(200);
    }

    Map<String, Object> look(String call) {
        return stranger().get("/simulator/" + call).object(200);
    }

    /** How many connections are "open", or have been "opened". */
    long connections(String counter) {
        return (Long) Reply.map(look("counters").get("connections")).get(counter);
    }

    /** Whether the port accepts connections. */
    boolean listens() {
        try {
            new RawHttp(uri()).close();
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    /** How many WebSockets are "open", or have been "opened". */
    long sockets(String counter) {
        return (Long) Reply.map(look("counters").get("sockets")).get(counter);
    }

    /** Closes the connections that clients of other tests have left open, so that counting can begin. */
    void cutAll() {
        control("connections/cut", "");
        Await.until("no connection is open", () -> connections("open") == 0);
    }

    /** Waits until the client's {@code /meta/connect} is held by the server. */
    void awaitHeld(Bayeux client) {
        Await.until("the connect is held", () -> Reply.list(look("state").get("cometdSessions")).stream()
                .map(Reply::map).anyMatch(session -> client.clientId().equals(session.get("clientId")) && Boolean.TRUE.equals(session.get("held"))));
    }
}
