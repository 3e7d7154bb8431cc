package gws.simulator.base;

import javax.servlet.ServletRequest;
import javax.servlet.ServletRequestWrapper;
import org.eclipse.jetty.server.Request;

/** Finds the container's own request under the wrappers. */
public final class BaseRequest {
    private BaseRequest() {
    }

    public static Request of(ServletRequest request) {
        ServletRequest inner = request;
        while (inner instanceof ServletRequestWrapper wrapper) {
            inner = wrapper.getRequest();
        }
        return (Request) inner;
    }
}
