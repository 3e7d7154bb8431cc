package gws.interop;

import jakarta.servlet.Servlet;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/** The servlet container of this line: all that is named differently from line to line. */
final class Container {
    private Container() {
    }

    /** @param servlets by the mapping of each */
    static ContextHandler context(Server server, String path, Map<String, Servlet> servlets) {
        ServletContextHandler context = new ServletContextHandler(path, ServletContextHandler.SESSIONS);
        // CometD's transport looks for it when its servlet starts.
        context.insertHandler(WebSocketUpgradeHandler.from(server, context));
        servlets.forEach((mapping, servlet) -> {
            ServletHolder holder = new ServletHolder(servlet);
            holder.setAsyncSupported(true);
            holder.setInitOrder(1);
            context.addServlet(holder, mapping);
        });
        return context;
    }
}
