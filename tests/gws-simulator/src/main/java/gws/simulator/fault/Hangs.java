package gws.simulator.fault;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.servlet.AsyncContext;
import javax.servlet.http.HttpServletRequest;

/** The requests that are never answered. They hold no thread. */
public final class Hangs {
    private final Map<AsyncContext, FaultyEndPoint> hanging = new ConcurrentHashMap<>();

    void begin(FaultyEndPoint endPoint, HttpServletRequest request) {
        AsyncContext context = request.startAsync();
        context.setTimeout(0);
        endPoint.breakOff(BreakOff.beforeAnswer());
        hanging.put(context, endPoint);
        endPoint.whenClosed(() -> end(context));
    }

    private void end(AsyncContext context) {
        if (hanging.remove(context) != null) {
            context.complete();
        }
    }

    /** Closes the connections of all of them. */
    public void endAll() {
        hanging.values().forEach(FaultyEndPoint::close);
        hanging.keySet().forEach(this::end);
    }
}
