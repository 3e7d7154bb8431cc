package gws.interop;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cometd.bayeux.ChannelId;
import org.cometd.bayeux.Promise;
import org.cometd.bayeux.server.BayeuxServer;
import org.cometd.bayeux.server.ServerChannel;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;
import org.cometd.server.AbstractServerTransport;
import org.cometd.server.BayeuxServerImpl;
import org.cometd.server.ext.AcknowledgedMessagesExtension;
import org.cometd.server.http.jakarta.CometDServlet;
import org.eclipse.jetty.server.Context;
import org.eclipse.jetty.server.handler.ContextHandler;

/** CometD with its WebSocket and its long-polling transport, and what the control calls ask of it. */
final class Cometd {
    private static final String TRANSPORTS = "org.cometd.server.websocket.jetty.JettyWebSocketTransport,org.cometd.server.http.JSONHttpTransport";
    private static final String HELD = "interop.held";

    private final BayeuxServerImpl bayeux = new BayeuxServerImpl();

    Cometd(Settings settings, Traffic traffic) {
        bayeux.setOption(BayeuxServerImpl.TRANSPORTS_OPTION, TRANSPORTS);
        bayeux.setOption("ws.cometdURLMapping", "/notifications/*");
        bayeux.setOption(AbstractServerTransport.TIMEOUT_OPTION, settings.timeout());
        bayeux.setOption(AbstractServerTransport.MAX_INTERVAL_OPTION, settings.maxInterval());
        bayeux.addExtension(traffic);
        if (settings.acknowledge()) {
            bayeux.addExtension(new AcknowledgedMessagesExtension());
        }
        bayeux.addListener(new HoldMarker());
    }

    /** Its WebSocket transport asks for the context when the servlet starts. */
    void liveIn(ContextHandler context) {
        bayeux.setOption(Context.class.getName(), context.getContext());
    }

    CometDServlet servlet() {
        return new Servlet(bayeux);
    }

    /**
     * Delivers one piece of data after the other to every subscribed session, in one batch.
     *
     * @return how many sessions there are
     */
    int publish(String topic, List<Object> data) {
        List<String> names = new ArrayList<>(new ChannelId(topic).getWildIds());
        names.add(topic);
        List<ServerSession> subscribed = bayeux.getSessions().stream()
                .filter(session -> session.getSubscriptions().stream().map(ServerChannel::getId).anyMatch(names::contains))
                .toList();
        subscribed.forEach(session -> session.batch(() -> data.forEach(one -> session.deliver(null, topic, one, Promise.noop()))));
        return subscribed.size();
    }

    /**
     * Removes sessions as CometD's sweeper does.
     *
     * @param clientId which session, or null for any
     * @return how many sessions were removed
     */
    int expire(String clientId) {
        List<ServerSession> expired = bayeux.getSessions().stream().filter(session -> clientId == null || clientId.equals(session.getId())).toList();
        expired.forEach(session -> bayeux.removeServerSession(session, true));
        return expired.size();
    }

    /** Ends all sessions and tells the clients not to come back. */
    void disconnectAll() {
        bayeux.getSessions().forEach(ServerSession::disconnect);
    }

    List<Map<String, Object>> sessions() {
        return bayeux.getSessions().stream().map(Cometd::describe).toList();
    }

    private static Map<String, Object> describe(ServerSession session) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("clientId", session.getId());
        json.put("transport", session.getServerTransport() == null ? null : session.getServerTransport().getName());
        json.put("held", session.getAttribute(HELD) != null);
        json.put("subscriptions", session.getSubscriptions().stream().map(ServerChannel::getId).sorted().toList());
        return json;
    }

    /** Starts the server that has been prepared, in place of one of its own. */
    private static final class Servlet extends CometDServlet {
        private static final long serialVersionUID = 1;

        private final transient BayeuxServer prepared;

        Servlet(BayeuxServer prepared) {
            this.prepared = prepared;
        }

        @Override
        protected BayeuxServer newBayeuxServer() {
            return prepared;
        }
    }

    /** Notes on each session whether a {@code /meta/connect} of it waits. One that its client has given up counts until the next one comes. */
    private static final class HoldMarker implements BayeuxServer.SessionListener, ServerSession.HeartBeatListener {
        @Override
        public void sessionAdded(ServerSession session, ServerMessage message) {
            session.addListener(this);
        }

        @Override
        public void onSuspended(ServerSession session, ServerMessage message, long timeout) {
            session.setAttribute(HELD, message.getId());
        }

        @Override
        public void onResumed(ServerSession session, ServerMessage message, boolean timeout) {
            if (message.getId().equals(session.getAttribute(HELD))) {
                session.removeAttribute(HELD);
            }
        }
    }
}
