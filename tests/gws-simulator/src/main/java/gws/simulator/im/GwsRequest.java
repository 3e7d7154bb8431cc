package gws.simulator.im;

import gws.simulator.base.InputError;
import gws.simulator.base.Json;
import gws.simulator.users.User;
import java.util.Map;

/**
 * A request of a user who is logged in.
 *
 * @param path the path below /api/v2, without a query
 * @param query the parameters of the query
 */
public record GwsRequest(User user, String method, String path, Map<String, String> query, String body) {

    /** The parameters in the body. */
    Parameters parameters() {
        try {
            return new Parameters(Json.parseObject(body));
        } catch (InputError notAnObject) {
            throw new GwsFailure(StatusCode.INVALID_PARAMETER, notAnObject.getMessage());
        }
    }
}
