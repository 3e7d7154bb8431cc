package gws.simulator.cometd;

import org.cometd.bayeux.server.BayeuxServer;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;
import org.cometd.bayeux.server.ServerTransport;
import org.cometd.server.BayeuxServerImpl;

/** Notes on each session the transport of its last message, which this line of CometD does not tell. */
final class TransportMarker extends BayeuxServer.Extension.Adapter {
    static final String TRANSPORT = "gws.transport";

    private final BayeuxServerImpl bayeux;

    TransportMarker(BayeuxServerImpl bayeux) {
        this.bayeux = bayeux;
    }

    @Override
    public boolean rcvMeta(ServerSession session, ServerMessage.Mutable message) {
        ServerTransport transport = bayeux.getCurrentTransport();
        if (session != null && transport != null) {
            session.setAttribute(TRANSPORT, transport.getName());
        }
        return true;
    }
}
