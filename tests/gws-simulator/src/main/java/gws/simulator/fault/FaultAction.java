package gws.simulator.fault;

import java.io.IOException;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** What happens to a request in place of, or on top of, its ordinary processing. */
@FunctionalInterface
public interface FaultAction {
    /** No fault. */
    FaultAction NONE = (endPoint, request, response) -> true;

    /** @return whether the request is to be processed */
    boolean apply(FaultyEndPoint endPoint, HttpServletRequest request, HttpServletResponse response) throws IOException;
}
