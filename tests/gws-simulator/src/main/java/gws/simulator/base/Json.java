package gws.simulator.base;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.ToNumberPolicy;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * JSON as maps, lists, strings, numbers and booleans: CometD's own generator writes those, so one value can be the body of a REST answer and the data of a
 * notification. Members keep their order, because the documented samples are easier to compare that way. Whole numbers stay whole.
 */
public final class Json {
    private static final Gson GSON = new GsonBuilder()
            .setStrictness(Strictness.STRICT)
            .setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE)
            .serializeNulls()
            .disableHtmlEscaping()
            .create();

    private static final Pattern PLACE = Pattern.compile("line \\d+ column \\d+");

    private Json() {
    }

    /** @throws InputError when the text is not exactly one JSON value */
    public static Object parse(String text) {
        try {
            return GSON.fromJson(text, Object.class);
        } catch (JsonParseException | NumberFormatException failure) {
            throw new InputError("the body must be JSON, but it is not" + place(failure));
        }
    }

    /** Of the parser's message only the place is of use to somebody who does not know the parser. */
    private static String place(RuntimeException failure) {
        Matcher place = PLACE.matcher(String.valueOf(failure.getMessage()));
        return place.find() ? " (" + place.group() + ")" : "";
    }

    /**
     * Reads an object; an empty text is the empty object, so that calls without parameters need no body.
     *
     * @throws InputError when the text is something else
     */
    public static Map<String, Object> parseObject(String text) {
        Object value = text.isBlank() ? Map.of() : parse(text);
        return asObject("the body", value);
    }

    /** @throws InputError naming {@code what}, when the value is not an object */
    @SuppressWarnings("unchecked") // JSON objects have no keys but strings
    public static Map<String, Object> asObject(String what, Object value) {
        if (value instanceof Map) {
            return (Map<String, Object>) value;
        }
        throw new InputError(what + " must be a JSON object, but it is " + write(value));
    }

    public static String write(Object value) {
        return GSON.toJson(value);
    }
}
