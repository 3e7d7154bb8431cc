package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gws.simulator.base.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ProcessTest {
    private static Process run(String... arguments) throws IOException {
        String java = System.getProperty("java.home") + "/bin/java";
        List<String> command = new ArrayList<>(List.of(java, "-cp", System.getProperty("java.class.path"), "gws.simulator.Main"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).start();
    }

    private static String firstLine(Process process) throws IOException {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
    }

    @Test
    void itSaysWhereItListensAndEndsWithItsInput() throws Exception {
        Process process = run("--stop-with-stdin");
        try {
            String uri = (String) Reply.map(Json.parse(firstLine(process))).get("listening");
            assertTrue(uri.matches("http://127\\.0\\.0\\.1:\\d+"), uri);
            assertEquals(403, new Agent(uri).get("/api/v2/me").status());
            process.getOutputStream().close();
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void itEndsAfterItsLifetime() throws Exception {
        Process process = run("--max-lifetime", "1");
        try {
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aPortThatIsTakenEndsItWithAMessage() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Process process = run("--port", String.valueOf(taken.getLocalPort()));
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            assertEquals(2, process.exitValue());
            assertTrue(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).startsWith("gws-simulator: cannot listen"));
        }
    }

    @Test
    void aWrongOptionEndsItWithAMessage() throws Exception {
        Process process = run("--nonsense", "1");
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        assertEquals(2, process.exitValue());
        assertTrue(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).startsWith("gws-simulator: unknown option '--nonsense'"));
    }
}
