package gws.simulator.cometd;

import gws.simulator.base.Paths;
import gws.simulator.base.Tuning;
import java.lang.reflect.Field;
import java.util.List;
import javax.servlet.ServletContext;
import javax.servlet.ServletException;
import org.cometd.bayeux.server.BayeuxServer;
import org.cometd.bayeux.server.ServerTransport;
import org.cometd.server.AbstractServerTransport;
import org.cometd.server.BayeuxServerImpl;
import org.cometd.server.CometDServlet;
import org.cometd.server.ServerSessionImpl;
import org.cometd.server.ext.AcknowledgedMessagesExtension;
import org.cometd.server.transport.AbstractHttpTransport;
import org.cometd.websocket.server.common.AbstractWebSocketTransport;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;
import org.eclipse.jetty.websocket.jsr356.server.deploy.WebSocketServerContainerInitializer;

/** CometD as Genesys Web Services embeds it: all of its transports at the address of the notifications. */
public final class CometdServer {
    private static final String MAPPING = Paths.NOTIFICATIONS + "/*";

    private final BayeuxServerImpl bayeux = new BayeuxServerImpl() {
        @Override
        public ServerSessionImpl newServerSession() {
            return new AgentSession(this);
        }
    };

    /**
     * @param acknowledge whether clients may use the acknowledge extension
     * @throws ServletException when the container refuses WebSocket
     */
    public CometdServer(ServletContextHandler context, Tuning tuning, boolean acknowledge) throws ServletException {
        setOptions(tuning);
        bayeux.setOption("ws.cometdURLMapping", MAPPING);
        bayeux.setSecurityPolicy(new AgentPolicy());
        bayeux.addExtension(new TransportMarker(bayeux));
        if (acknowledge) {
            bayeux.addExtension(new AcknowledgedMessagesExtension());
        }
        // The transport for WebSocket looks for the container when the servlet starts.
        WebSocketServerContainerInitializer.configureContext(context);
        bayeux.setOption(ServletContext.class.getName(), context.getServletContext());
        context.setAttribute(BayeuxServer.ATTRIBUTE, bayeux);
        ServletHolder holder = new ServletHolder("cometd", new CometDServlet());
        holder.setAsyncSupported(true);
        holder.setInitOrder(1);
        context.addServlet(holder, MAPPING);
    }

    public CometdSessions sessions() {
        return new CometdSessions(bayeux);
    }

    /** Takes over options while the server runs. */
    public void tune(Tuning tuning) {
        setOptions(tuning);
        for (ServerTransport transport : transports()) {
            // The one for WebSocket would register its address a second time.
            if (transport instanceof AbstractHttpTransport http) {
                http.init();
            } else if (transport instanceof AbstractWebSocketTransport<?> webSocket) {
                tune(webSocket, tuning);
            }
        }
        bayeux.setAllowedTransports(tuning.allowedTransports());
    }

    private List<ServerTransport> transports() {
        return Tuning.TRANSPORTS.stream().map(bayeux::getTransport).toList();
    }

    private static void tune(AbstractWebSocketTransport<?> transport, Tuning tuning) {
        transport.setTimeout(tuning.timeout());
        transport.setInterval(tuning.interval());
        transport.setMaxInterval(tuning.maxInterval());
        transport.setHandshakeReconnect(tuning.handshakeReconnect());
        transport.setAllowMessageDeliveryDuringHandshake(tuning.allowMessageDeliveryDuringHandshake());
        // CometD reads this option once and has no setter for it.
        try {
            Field field = AbstractWebSocketTransport.class.getDeclaredField("_requireHandshakePerConnection");
            field.setAccessible(true);
            field.setBoolean(transport, tuning.requireHandshakePerConnection());
        } catch (ReflectiveOperationException otherCometd) {
            throw new IllegalStateException("this is not the CometD that the simulator was written for", otherCometd);
        }
    }

    private void setOptions(Tuning tuning) {
        bayeux.setOption(AbstractServerTransport.TIMEOUT_OPTION, tuning.timeout());
        bayeux.setOption(AbstractServerTransport.INTERVAL_OPTION, tuning.interval());
        bayeux.setOption(AbstractServerTransport.MAX_INTERVAL_OPTION, tuning.maxInterval());
        bayeux.setOption(AbstractServerTransport.HANDSHAKE_RECONNECT_OPTION, tuning.handshakeReconnect());
        bayeux.setOption(AbstractServerTransport.ALLOW_MESSAGE_DELIVERY_DURING_HANDSHAKE, tuning.allowMessageDeliveryDuringHandshake());
        bayeux.setOption(AbstractHttpTransport.MAX_SESSIONS_PER_BROWSER_OPTION, tuning.maxSessionsPerBrowser());
        bayeux.setOption(AbstractHttpTransport.MULTI_SESSION_INTERVAL_OPTION, tuning.multiSessionInterval());
    }
}
