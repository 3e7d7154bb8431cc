package gws.simulator.cometd;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.cometd.bayeux.Channel;
import org.cometd.bayeux.Message;
import org.cometd.bayeux.server.BayeuxServer;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;

/** Takes the advice out of the 402 for certain sessions, as other servers and proxies are known to answer without any. */
final class UnadvisedSessions extends BayeuxServer.Extension.Adapter {
    private final Set<String> clientIds = ConcurrentHashMap.newKeySet();

    void add(String clientId) {
        clientIds.add(clientId);
    }

    void clear() {
        clientIds.clear();
    }

    @Override
    public boolean sendMeta(ServerSession session, ServerMessage.Mutable reply) {
        ServerMessage request = reply.getAssociated();
        String clientId = request == null ? null : request.getClientId();
        if (Channel.META_CONNECT.equals(reply.getChannel()) && clientId != null && clientIds.contains(clientId)) {
            reply.remove(Message.ADVICE_FIELD);
        }
        return true;
    }
}
