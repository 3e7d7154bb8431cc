package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gws.simulator.base.CsrfMode;
import gws.simulator.base.InputError;
import gws.simulator.base.Tuning;
import gws.simulator.server.Settings;
import gws.simulator.server.Simulator;
import gws.simulator.users.Users;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineTest {
    @Test
    void nothingMeansTheDefaults() {
        assertEquals(new Settings(0, Tuning.DEFAULT, true, List.of(), Users.DEFAULT, List.of(), false, 28_800), CommandLine.parse());
    }

    @Test
    void everyOptionIsRead() {
        Settings settings = CommandLine.parse("--port", "8090", "--timeout", "1", "--interval", "2", "--max-interval", "3", "--max-sessions-per-browser", "-1",
                "--multi-session-interval", "5", "--ack", "false", "--csrf", "enforce", "--allowed-origin", "http://a", "--allowed-origin", "http://b",
                "--user", "x:y:1:robot", "--robot-starts", "6", "--static", "/=.", "--stop-with-stdin", "--max-lifetime", "7");
        assertEquals(8090, settings.port());
        assertEquals(new Tuning(1, 2, 3, -1, 5, CsrfMode.ENFORCE, 6, Tuning.TRANSPORTS, false, false, false, 1, false, true), settings.tuning());
        assertFalse(settings.acknowledge());
        assertEquals(List.of("http://a", "http://b"), settings.allowedOrigins());
        assertEquals("1", settings.users().get(0).phone());
        assertTrue(settings.users().get(0).robot());
        assertEquals(List.of("/=."), settings.staticFolders());
        assertTrue(settings.stopWithStdin());
        assertEquals(7, settings.maxLifetimeSeconds());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--prot 1              | unknown option '--prot'",
        "--port                | needs a value",
        "--port x              | must be a whole number",
        "--port -1             | must be a whole number",
        "--port 65536          | from 0 to 65535",
        "--ack yes             | must be true or false",
        "--csrf on             | must be off, offer or enforce",
        "--user anna           | NAME:PASSWORD:PHONE",
        "--user a:b:1:machine  | NAME:PASSWORD:PHONE",
        "--user a:b:1 --user c:d:1 | must differ",
        "--static dist         | PREFIX=FOLDER",
        "--static /=/no/such   | cannot be read",
    })
    void aWrongOptionIsNamed(String arguments, String expected) {
        InputError error = assertThrows(InputError.class, () -> new Simulator(CommandLine.parse(arguments.split(" "))));
        assertTrue(error.getMessage().contains(expected), error.getMessage());
    }
}
