package gws.simulator.cometd;

import org.cometd.server.AbstractServerTransport.Scheduler;
import org.cometd.server.BayeuxServerImpl;
import org.cometd.server.ServerSessionImpl;

/** A session that knows whether a {@code /meta/connect} of its client is being held, so that a test can wait for that and need not guess. */
final class AgentSession extends ServerSessionImpl {
    private volatile boolean held;

    AgentSession(BayeuxServerImpl bayeux) {
        super(bayeux);
    }

    boolean isHeld() {
        return held;
    }

    @Override
    public void setScheduler(Scheduler scheduler) {
        // With messages waiting, the connect is answered from within the call.
        held = false;
        boolean holds = scheduler != null && !shouldSchedule();
        super.setScheduler(scheduler);
        held = holds;
    }

    @Override
    public void flush() {
        held = false;
        super.flush();
    }

    @Override
    public void cancelSchedule() {
        held = false;
        super.cancelSchedule();
    }
}
