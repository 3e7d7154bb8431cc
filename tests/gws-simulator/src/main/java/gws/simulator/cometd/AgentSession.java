package gws.simulator.cometd;

import org.cometd.server.AbstractServerTransport.Scheduler;
import org.cometd.server.BayeuxServerImpl;
import org.cometd.server.ServerSessionImpl;

/** A session that knows whether a {@code /meta/connect} of its client is being held, so that a test can wait for that and need not guess. */
final class AgentSession extends ServerSessionImpl {
    private boolean held;
    private boolean answered;

    AgentSession(BayeuxServerImpl bayeux) {
        super(bayeux);
    }

    boolean isHeld() {
        synchronized (getLock()) {
            return held;
        }
    }

    /** The connect is held from the end of this call on, unless messages are waiting already or one comes meanwhile. */
    @Override
    public void setScheduler(Scheduler scheduler) {
        synchronized (getLock()) {
            held = false;
            answered = scheduler == null || shouldSchedule();
        }
        super.setScheduler(scheduler);
        synchronized (getLock()) {
            held = !answered;
        }
    }

    @Override
    public void flush() {
        noteAnswer();
        super.flush();
    }

    @Override
    public void cancelSchedule() {
        noteAnswer();
        super.cancelSchedule();
    }

    private void noteAnswer() {
        synchronized (getLock()) {
            held = false;
            answered = true;
        }
    }
}
