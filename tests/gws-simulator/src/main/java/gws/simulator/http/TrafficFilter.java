package gws.simulator.http;

import gws.simulator.base.Paths;
import gws.simulator.fault.FaultAction;
import gws.simulator.fault.Faults;
import gws.simulator.fault.FaultyEndPoint;
import gws.simulator.socket.Sockets;
import gws.simulator.traffic.RequestKind;
import gws.simulator.traffic.RequestRecord;
import gws.simulator.traffic.Traffic;
import gws.simulator.users.Logins;
import gws.simulator.users.User;
import java.io.IOException;
import javax.servlet.AsyncEvent;
import javax.servlet.AsyncListener;
import javax.servlet.FilterChain;
import javax.servlet.ServletException;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** Counts and logs every request and applies the fault that is waiting for it, before anything else judges the request. */
public final class TrafficFilter extends RequestFilter {
    private static final byte[] NO_BODY = {};

    private final Traffic traffic;
    private final Faults faults;
    private final Sockets sockets;
    private final Logins logins;

    public TrafficFilter(Traffic traffic, Faults faults, Sockets sockets, Logins logins) {
        this.traffic = traffic;
        this.faults = faults;
        this.sockets = sockets;
        this.logins = logins;
    }

    @Override
    protected void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain) throws IOException, ServletException {
        FaultyEndPoint endPoint = FaultyEndPoint.of(request);
        endPoint.beginRequest();
        if (Paths.isControl(request)) {
            chain.doFilter(request, response);
            return;
        }
        endPoint.countIn(traffic);
        if (Paths.isApiWrite(request)) {
            CachedBodyRequest cached = new CachedBodyRequest(request);
            exchange(cached, response, chain, cached.body(), endPoint);
        } else {
            exchange(request, response, chain, NO_BODY, endPoint);
        }
    }

    private static RequestKind kind(HttpServletRequest request, byte[] body) {
        if (Paths.isBayeuxPost(request)) {
            return MessageKind.of(body);
        }
        if (Paths.isUpgrade(request)) {
            return RequestKind.UPGRADE;
        }
        if (Paths.isPreflight(request) || Paths.isBayeux(request)) {
            return RequestKind.OTHER;
        }
        return Paths.isApi(request) ? RequestKind.REST : RequestKind.STATIC;
    }

    private void exchange(HttpServletRequest request, HttpServletResponse response, FilterChain chain, byte[] body, FaultyEndPoint endPoint)
            throws IOException, ServletException {
        RequestKind kind = kind(request, body);
        User user = logins.peek(request).orElse(null);
        RequestRecord record = traffic.begin(request.getMethod(), request.getRequestURI(), kind, user, LoggedContent.of(request, body, kind));
        FaultAction action = Paths.isPreflight(request) ? FaultAction.NONE : faults.take(request, body, kind, user);
        boolean process = action.apply(endPoint, request, response);
        if (process) {
            chain.doFilter(request, response);
            sockets.note(request, response, user);
        }
        recordStatus(record, request, response, endPoint);
    }

    private static void recordStatus(RequestRecord record, HttpServletRequest request, HttpServletResponse response, FaultyEndPoint endPoint) {
        if (request.isAsyncStarted()) {
            request.getAsyncContext().addListener(new StatusListener(record, response, endPoint));
        } else if (!endPoint.isSilenced()) {
            record.answered(response.getStatus());
        }
    }

    private record StatusListener(RequestRecord record, HttpServletResponse response, FaultyEndPoint endPoint) implements AsyncListener {
        @Override
        public void onComplete(AsyncEvent event) {
            if (!endPoint.isSilenced() && endPoint.isOpen()) {
                record.answered(response.getStatus());
            }
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            // Every asynchronous request here has its own time limit and none of the container's.
        }

        @Override
        public void onError(AsyncEvent event) {
            // Completion follows.
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            event.getAsyncContext().addListener(this);
        }
    }
}
