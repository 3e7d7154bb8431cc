package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gws.simulator.server.Simulator;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StaticFilesTest {
    @TempDir
    static Path folder;

    private static Simulator simulator;
    private static Agent browser;

    @BeforeAll
    static void start() throws Exception {
        Path site = Files.createDirectories(folder.resolve("site"));
        Path dist = Files.createDirectories(folder.resolve("dist"));
        Files.createDirectories(site.resolve("sub dir"));
        Files.createDirectories(site.resolve("empty"));
        for (String name : new String[] {"index.html", "a.css", "a.js", "a.mjs", "a.json", "a.wasm", "a.svg", "a.d.ts", "a.bin", "sub dir/index.html"}) {
            Files.writeString(site.resolve(name), "site/" + name);
        }
        Files.writeString(dist.resolve("index.js"), "dist/index.js");
        Files.writeString(folder.resolve("secret.txt"), "secret");
        Files.createSymbolicLink(site.resolve("link.txt"), folder.resolve("secret.txt"));
        simulator = Main.start(CommandLine.parse("--static", "/=" + site, "--static", "/gws-im-sdk/=" + dist));
        browser = new Agent(simulator.uri());
    }

    @AfterAll
    static void stop() throws Exception {
        simulator.stop();
    }

    @ParameterizedTest
    @CsvSource({
        "index.html,text/html", "a.css,text/css", "a.js,text/javascript", "a.mjs,text/javascript", "a.json,application/json", "a.wasm,application/wasm",
        "a.svg,image/svg+xml", "a.d.ts,text/plain", "a.bin,application/octet-stream"
    })
    void filesHaveTheirTypeAndAreNotCached(String name, String type) {
        Reply reply = browser.get("/" + name);
        assertEquals(200, reply.status());
        assertEquals("site/" + name, reply.body());
        assertEquals(type, reply.header("Content-Type").split(";")[0]);
        assertEquals("no-store", reply.header("Cache-Control"));
    }

    @Test
    void aFolderServesItsIndexUnderAnAddressWithASlash() {
        assertEquals("site/index.html", browser.get("/").body());
        assertEquals("site/sub dir/index.html", browser.get("/sub%20dir/").body());
        Reply redirect = browser.get("/sub%20dir");
        assertEquals(302, redirect.status());
        assertTrue(redirect.header("Location").endsWith("/sub%20dir/"), redirect.header("Location"));
        assertEquals(404, browser.get("/empty/").status());
    }

    @Test
    void theLongestPrefixWins() {
        assertEquals("dist/index.js", browser.get("/gws-im-sdk/index.js").body());
        assertEquals(404, browser.get("/gws-im-sdk/index.html").status());
        assertEquals(404, browser.get("/gws-im-sdkx").status());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/sub%20dir/../../secret.txt", "/gws-im-sdk/../../secret.txt", "/link.txt",
        "//../secret.txt", "/..;/secret.txt", "/..%5csecret.txt", "/%00"
    })
    void nothingOutsideOfTheFolderIsServed(String path) throws Exception {
        try (RawHttp connection = new RawHttp(simulator.uri())) {
            connection.write("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            String answer = connection.readToEnd();
            assertTrue(answer.startsWith("HTTP/1.1 4"), answer);
            assertFalse(answer.contains("secret"), answer);
        }
    }

    @Test
    void otherMethodsAreRefused() {
        assertEquals(405, browser.post("/index.html", "x").status());
        assertEquals(200, browser.send("HEAD", "/index.html", "").status());
    }
}
