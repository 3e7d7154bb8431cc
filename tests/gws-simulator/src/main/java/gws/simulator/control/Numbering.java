package gws.simulator.control;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Fills in the number of a copy where data says <code>{{n}}</code>. */
final class Numbering {
    private static final String MARK = "{{n}}";

    private Numbering() {
    }

    static Object apply(Object data, long number) {
        if (data instanceof String text) {
            return text.replace(MARK, Long.toString(number));
        }
        if (data instanceof List<?> list) {
            return list.stream().map(element -> apply(element, number)).toList();
        }
        if (data instanceof Map<?, ?> map) {
            Map<Object, Object> copy = new LinkedHashMap<>();
            map.forEach((name, value) -> copy.put(name, apply(value, number)));
            return copy;
        }
        return data;
    }
}
