package gws.simulator.cometd;

import gws.simulator.users.User;
import java.security.Principal;
import org.cometd.bayeux.ChannelId;
import org.cometd.bayeux.server.BayeuxContext;
import org.cometd.bayeux.server.BayeuxServer;
import org.cometd.bayeux.server.ServerChannel;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;
import org.cometd.server.DefaultSecurityPolicy;

/**
 * What agents may do over CometD: listen to their topics, and nothing else. A session belongs to the user who was logged in at its handshake. Whether somebody
 * is logged in at all is decided before CometD sees the request.
 */
final class AgentPolicy extends DefaultSecurityPolicy {
    private static final String USER = "gws.user";

    /** The user a session belongs to, or null for a session that is still shaking hands. */
    static User userOf(ServerSession session) {
        return (User) session.getAttribute(USER);
    }

    @Override
    public boolean canHandshake(BayeuxServer server, ServerSession session, ServerMessage message) {
        BayeuxContext context = server.getContext();
        Principal principal = context == null ? null : context.getUserPrincipal();
        if (principal instanceof User user) {
            session.setAttribute(USER, user);
            return true;
        }
        return session.isLocalSession();
    }

    @Override
    public boolean canCreate(BayeuxServer server, ServerSession session, String channel, ServerMessage message) {
        return isTopic(channel) && super.canCreate(server, session, channel, message);
    }

    @Override
    public boolean canSubscribe(BayeuxServer server, ServerSession session, ServerChannel channel, ServerMessage message) {
        return isTopic(channel.getId()) && super.canSubscribe(server, session, channel, message);
    }

    /** Agents act through the REST interface; what they publish would reach other agents. */
    @Override
    public boolean canPublish(BayeuxServer server, ServerSession session, ServerChannel channel, ServerMessage message) {
        return false;
    }

    private static boolean isTopic(String channel) {
        String first = new ChannelId(channel).getSegment(0);
        return first.equals("v2") || first.equals("notifications");
    }
}
