package gws.simulator.cometd;

import gws.simulator.base.Tuning;
import gws.simulator.http.Paths;
import javax.servlet.ServletContext;
import javax.servlet.ServletException;
import org.cometd.bayeux.server.BayeuxServer;
import org.cometd.server.AbstractServerTransport;
import org.cometd.server.BayeuxServerImpl;
import org.cometd.server.CometDServlet;
import org.cometd.server.ServerSessionImpl;
import org.cometd.server.ext.AcknowledgedMessagesExtension;
import org.cometd.server.transport.AbstractHttpTransport;
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
        for (String name : bayeux.getAllowedTransports()) {
            // The one for WebSocket would register its address a second time.
            if (bayeux.getTransport(name) instanceof AbstractHttpTransport transport) {
                transport.init();
            } else if (bayeux.getTransport(name) instanceof AbstractServerTransport transport) {
                transport.setTimeout(tuning.timeout());
                transport.setInterval(tuning.interval());
                transport.setMaxInterval(tuning.maxInterval());
            }
        }
    }

    private void setOptions(Tuning tuning) {
        bayeux.setOption(AbstractServerTransport.TIMEOUT_OPTION, tuning.timeout());
        bayeux.setOption(AbstractServerTransport.INTERVAL_OPTION, tuning.interval());
        bayeux.setOption(AbstractServerTransport.MAX_INTERVAL_OPTION, tuning.maxInterval());
        bayeux.setOption(AbstractHttpTransport.MAX_SESSIONS_PER_BROWSER_OPTION, tuning.maxSessionsPerBrowser());
        bayeux.setOption(AbstractHttpTransport.MULTI_SESSION_INTERVAL_OPTION, tuning.multiSessionInterval());
    }
}
