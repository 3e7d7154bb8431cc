package gws.simulator.fault;

import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SelectChannelEndPoint;
import org.eclipse.jetty.io.SelectorManager.ManagedSelector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** Listens on the loopback address and makes connections that can be disturbed. */
public final class FaultyConnector extends ServerConnector {
    public static final String HOST = "127.0.0.1";

    public FaultyConnector(Server server, int port) {
        super(server, 1, 1, new HttpConnectionFactory(configuration()));
        setHost(HOST);
        setPort(port);
    }

    private static HttpConfiguration configuration() {
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        return configuration;
    }

    @Override
    protected SelectChannelEndPoint newEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key) {
        return new FaultyEndPoint(channel, selector, key, getScheduler(), getIdleTimeout());
    }

    /** Closes every connection but that one. */
    public void cutAllBut(EndPoint kept) {
        for (EndPoint endPoint : List.copyOf(getConnectedEndPoints())) {
            if (endPoint != kept && endPoint instanceof FaultyEndPoint faulty) {
                faulty.kill();
            }
        }
    }

    /** What a connection holds back must not keep it open. */
    @Override
    protected void doStop() throws Exception {
        cutAllBut(null);
        super.doStop();
    }
}
