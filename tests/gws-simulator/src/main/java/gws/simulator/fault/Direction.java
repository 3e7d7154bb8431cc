package gws.simulator.fault;

import gws.simulator.base.InputError;

/** Which way bytes go. */
public enum Direction {
    TO_CLIENT("to-client"),
    FROM_CLIENT("from-client"),
    BOTH("both");

    private final String word;

    Direction(String word) {
        this.word = word;
    }

    /** @throws InputError when the word names none */
    public static Direction of(String word) {
        for (Direction direction : values()) {
            if (direction.word.equals(word)) {
                return direction;
            }
        }
        throw new InputError("'direction' must be to-client, from-client or both, but it is '" + word + "'");
    }

    public boolean toClient() {
        return this != FROM_CLIENT;
    }

    public boolean fromClient() {
        return this != TO_CLIENT;
    }
}
