package gws.simulator.im;

import java.util.List;
import java.util.Locale;

/** What a robot says. The same texts in the same order get the same answers, so that a test can wait for them. */
final class RobotPhrases {
    static final String GREETING = "Hello! I am a robot and glad of some company. Say bye when you have had enough.";
    static final String GOODBYE = "Goodbye, it was a pleasure!";

    private static final List<String> ANSWERS = List.of(
            "Thank you for your message: %s",
            "How well put: %s",
            "I have noted it down: %s",
            "Please tell me more about this: %s");

    private RobotPhrases() {
    }

    static boolean isGoodbye(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "").equals("bye");
    }

    /** @param index how many texts came before this one in the session */
    static String answer(int index, String text) {
        return String.format(Locale.ROOT, ANSWERS.get(index % ANSWERS.size()), text);
    }
}
