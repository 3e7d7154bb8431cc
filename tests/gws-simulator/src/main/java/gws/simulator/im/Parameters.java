package gws.simulator.im;

import gws.simulator.base.InputError;
import gws.simulator.base.Json;
import java.util.Map;

/** The parameters of an operation. Members it does not know are ignored, as in Genesys Web Services. */
final class Parameters {
    private final Map<String, Object> members;

    Parameters(Map<String, Object> members) {
        this.members = members;
    }

    String operationName() {
        return text("operationName");
    }

    /** @throws GwsFailure when it is missing, is not a string, or is empty */
    String text(String name) {
        Object value = require(name);
        if (value instanceof String text && !text.isEmpty()) {
            return text;
        }
        throw new GwsFailure(StatusCode.INVALID_PARAMETER, "Parameter '" + name + "' must be a string that is not empty.");
    }

    Map<String, Object> object(String name) {
        return asObject(name, require(name));
    }

    /** The object, or an empty one when it is missing. */
    Map<String, Object> optionalObject(String name) {
        Object value = members.get(name);
        return value == null ? Map.of() : asObject(name, value);
    }

    void optionalText(String name) {
        if (members.get(name) != null) {
            text(name);
        }
    }

    /** The phone number in a destination. */
    String destination() {
        return new Parameters(object("destination")).text("phoneNumber");
    }

    /** A value of any type but null. */
    Object require(String name) {
        Object value = members.get(name);
        if (value == null) {
            throw new GwsFailure(StatusCode.MISSING_PARAMETER, "Required parameter '" + name + "' is missing.");
        }
        return value;
    }

    private static Map<String, Object> asObject(String name, Object value) {
        try {
            return Json.asObject("Parameter '" + name + "'", value);
        } catch (InputError notAnObject) {
            throw new GwsFailure(StatusCode.INVALID_PARAMETER, notAnObject.getMessage());
        }
    }
}
