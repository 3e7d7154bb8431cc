package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    private static final String SETTINGS = "/api/v2/me/settings";
    private static final Map<String, Object> DONE = Map.of("statusCode", 0L);

    @RegisterExtension
    static final TestServer SERVER = new TestServer();

    @Test
    void aSettingIsPutReadAndDeleted() {
        Agent anna = SERVER.agent("anna");
        assertEquals(DONE, anna.send("PUT", SETTINGS + "/theme", "{\"value\":\"dark\"}").object(200));
        assertEquals(DONE, anna.send("PUT", SETTINGS + "/a%20b", "{\"value\":{\"c\":[1]}}").object(200));
        assertEquals(DONE, anna.send("PUT", SETTINGS + "/theme", "{\"value\":false}").object(200));
        Map<String, Object> theme = Map.of("key", "theme", "value", false);
        assertEquals(Map.of("statusCode", 0L, "setting", theme), anna.get(SETTINGS + "/theme").object(200));
        assertEquals(Map.of("statusCode", 0L, "settings", List.of(Map.of("key", "a b", "value", Map.of("c", List.of(1L))), theme)),
                anna.get(SETTINGS).object(200));
        assertEquals(DONE, anna.send("DELETE", SETTINGS + "/theme", "").object(200));
        assertEquals(6, anna.get(SETTINGS + "/theme").statusCode());
        assertEquals(6, anna.send("DELETE", SETTINGS + "/theme", "").statusCode());
    }

    @Test
    void anAgentSeesHisOwnOnlyAndAResetForgetsThem() {
        Agent anna = SERVER.agent("anna");
        anna.send("PUT", SETTINGS + "/theme", "{\"value\":1}");
        assertEquals(List.of(), SERVER.agent("ben").get(SETTINGS).object(200).get("settings"));
        SERVER.control("reset", "");
        assertEquals(List.of(), SERVER.agent("anna").get(SETTINGS).object(200).get("settings"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"value\":null}", "[]", "dark"})
    void aPutWithoutAValueIsRefused(String body) {
        Agent anna = SERVER.agent("anna");
        Reply reply = anna.send("PUT", SETTINGS + "/theme", body);
        assertEquals(400, reply.status());
        assertEquals(body.isEmpty() || body.startsWith("{") ? 1 : 10, reply.statusCode());
        assertEquals(404, anna.get(SETTINGS + "/theme").status());
    }

    @Test
    void otherMethodsAndPathsAreRefused() {
        Agent anna = SERVER.agent("anna");
        assertEquals(3, anna.post(SETTINGS + "/theme", "{\"value\":1}").statusCode());
        assertEquals(3, anna.send("DELETE", SETTINGS, "").statusCode());
        assertEquals(6, anna.send("PUT", SETTINGS + "/a/b", "{\"value\":1}").statusCode());
        assertEquals(403, SERVER.stranger().send("PUT", SETTINGS + "/theme", "{\"value\":1}").status());
    }

    @Test
    void theControlCallActsOnThemToo() {
        String put = "{\"user\":\"ben\",\"method\":\"PUT\",\"path\":\"/me/settings/theme\",\"body\":{\"value\":1}}";
        assertEquals(Map.of("status", 200L, "body", DONE), SERVER.control("operation", put));
        assertEquals(200, SERVER.agent("ben").get(SETTINGS + "/theme").status());
    }
}
