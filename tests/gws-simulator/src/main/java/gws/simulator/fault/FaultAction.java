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

    /** What the same request gets when the browser sends it again by itself; {@link #NONE} where it does not do that. */
    default FaultAction repeated() {
        return NONE;
    }

    /** The same action, with another one for the browser's repetition. */
    default FaultAction withRepeated(FaultAction repeated) {
        FaultAction first = this;
        return new FaultAction() {
            @Override
            public boolean apply(FaultyEndPoint endPoint, HttpServletRequest request, HttpServletResponse response) throws IOException {
                return first.apply(endPoint, request, response);
            }

            @Override
            public FaultAction repeated() {
                return repeated;
            }
        };
    }
}
