package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What differs between servers, and what the simulator alone knows about IM sessions. */
class ImOptionsTest {
    private static final Map<String, Object> TO_BEN = Map.of("phoneNumber", "5002");

    @RegisterExtension
    static final TestServer SERVER = new TestServer();

    private Agent anna;
    private Agent ben;

    @BeforeEach
    void login() {
        anna = SERVER.agent("anna");
        ben = SERVER.agent("ben");
    }

    private Reply initiate() {
        return anna.operate(null, Map.of("operationName", "InitiateIMSession", "destination", TO_BEN, "userData", Map.of("a", 1)));
    }

    private static List<Map<String, Object>> shown(String member) {
        return Reply.list(SERVER.look("state").get(member)).stream().map(Reply::map).toList();
    }

    private static String id(int index) {
        return (String) shown("imSessions").get(index).get("id");
    }

    private Map<String, Object> listed() {
        return Reply.map(Reply.list(anna.get("/api/v2/me/im-sessions?fields=*").object(200).get("imSessions")).get(0));
    }

    private Map<String, Object> single() {
        return Reply.map(anna.get("/api/v2/me/im-sessions/" + id(0)).object(200).get("imSession"));
    }

    private static void say(Agent sender, String id, String text) {
        assertEquals(200, sender.operate(id, Map.of("operationName", "SendMessage", "text", text, "devicePath", "/devices/1",
                "destination", Map.of("phoneNumber", phoneOfOther(id, sender)))).status());
    }

    private static String phoneOfOther(String id, Agent sender) {
        Map<String, Object> session = Reply.map(sender.get("/api/v2/me/im-sessions/" + id).object(200).get("imSession"));
        return (String) Reply.map(Reply.list(session.get("participants")).get(0)).get("phoneNumber");
    }

    @Test
    void getsHaveUserDataWhenToldAndAnEmptyObjectWhenThereIsNone() {
        initiate();
        assertFalse(listed().containsKey("userData"));
        assertEquals(true, SERVER.control("options", "{\"getUserData\":true}").get("getUserData"));
        assertEquals(Map.of("a", 1L), listed().get("userData"));
        assertEquals(Map.of("a", 1L), single().get("userData"));
        assertEquals(200, ben.operate(id(0), Map.of("operationName", "DeleteUserData", "key", "a")).status());
        assertEquals(Map.of(), listed().get("userData"));
        assertEquals(Map.of(), single().get("userData"));
    }

    @Test
    void getsHaveNoCapabilitiesWhenToldAndTheStateHasAll() {
        initiate();
        SERVER.control("options", "{\"getCapabilities\":false}");
        assertFalse(listed().containsKey("capabilities"));
        assertFalse(single().containsKey("capabilities"));
        assertEquals(5, Reply.list(shown("imSessions").get(0).get("capabilities")).size());
    }

    @Test
    void notificationsDoNotDependOnWhatGetsHave() {
        SERVER.control("options", "{\"getCapabilities\":false,\"getUserData\":false}");
        Bayeux client = Bayeux.subscribed(ben, Bayeux.IM_TOPIC);
        initiate();
        Map<String, Object> notified = Reply.map(client.receive(1).get(0).get("imSession"));
        assertEquals(Map.of("a", 1L), notified.get("userData"));
        assertEquals(5, Reply.list(notified.get("capabilities")).size());
    }

    @Test
    void anAgentHasAsManySessionsAtATimeAsTheOptionAllows() {
        SERVER.control("options", "{\"maxImSessions\":3}");
        for (int session = 0; session < 3; session++) {
            assertEquals(200, initiate().status());
        }
        Reply refused = initiate();
        assertEquals(List.of(409, 2L), List.of(refused.status(), refused.statusCode()));
        assertEquals("Invalid state: agent 5001 already has 3 IM sessions.", refused.object(409).get("statusMessage"));
        String second = id(1);
        say(ben, second, "to the second");
        assertEquals(200, ben.operate(second, Map.of("operationName", "Complete")).status());
        assertEquals(2, shown("imSessions").size());
        assertEquals(200, initiate().status());
        assertEquals(3, Reply.list(ben.get("/api/v2/me/im-sessions?fields=*").object(200).get("imSessions")).size());
    }

    @Test
    void aRobotTalksInSeveralSessionsAtATime() {
        SERVER.control("options", "{\"maxImSessions\":2}");
        SERVER.control("robot/start", "{\"destination\":\"5001\"}");
        SERVER.control("robot/start", "{\"destination\":\"5001\"}");
        assertEquals(2, shown("imSessions").size());
        assertEquals(400, SERVER.stranger().post("/simulator/robot/start", "{\"destination\":\"5002\"}").status());
    }

    @Test
    void theStateHasTheTextsOfLiveSessionsInOrder() {
        SERVER.control("options", "{\"maxImSessions\":2}");
        initiate();
        initiate();
        say(anna, id(0), "one");
        say(ben, id(1), "elsewhere");
        say(ben, id(0), "two");
        say(ben, id(0), "two");
        Map<String, Object> first = shown("imSessions").get(0);
        assertEquals(List.of(text("anna", "one"), text("ben", "two"), text("ben", "two")), first.get("texts"));
        assertEquals(3L, first.get("textCount"));
        assertEquals(List.of(text("ben", "elsewhere")), shown("imSessions").get(1).get("texts"));
    }

    private static Map<String, Object> text(String user, String text) {
        return Map.of("user", user, "text", text);
    }

    @Test
    void theLastThousandTextsOfASessionAreKept() {
        initiate();
        String id = id(0);
        for (int number = 1; number <= 1_001; number++) {
            assertEquals(200, anna.operate(id, Map.of("operationName", "SendMessage", "text", "t" + number, "devicePath", "/d", "destination", TO_BEN)).status());
        }
        Map<String, Object> session = shown("imSessions").get(0);
        List<Object> texts = Reply.list(session.get("texts"));
        assertEquals(List.of(1_001L, 1_000, text("anna", "t2"), text("anna", "t1001")),
                List.of(session.get("textCount"), texts.size(), texts.get(0), texts.get(999)));
    }

    @Test
    void theStateHasTheLastCompletedSessionsInTheOrderOfTheirEnd() {
        SERVER.control("options", "{\"maxImSessions\":2}");
        initiate();
        initiate();
        String first = id(0);
        String second = id(1);
        say(anna, second, "bye");
        assertEquals(List.of(), shown("completedImSessions"));
        assertEquals(200, ben.operate(second, Map.of("operationName", "Complete")).status());
        assertEquals(200, ben.operate(first, Map.of("operationName", "Complete")).status());
        List<Map<String, Object>> completed = shown("completedImSessions");
        assertEquals(List.of(second, first), completed.stream().map(session -> session.get("id")).toList());
        assertEquals(List.of("Completed", Map.of("a", 1L), List.of(text("anna", "bye")), List.of("anna", "ben")), List.of(completed.get(0).get("state"),
                completed.get(0).get("userData"), completed.get(0).get("texts"), completed.get(0).get("users")));
        assertEquals(List.of(), shown("imSessions"));
    }

    @Test
    void theLastTwentyCompletedSessionsAreShown() {
        String last = "";
        for (int session = 0; session < 21; session++) {
            initiate();
            last = id(0);
            anna.operate(last, Map.of("operationName", "Complete"));
        }
        List<Map<String, Object>> completed = shown("completedImSessions");
        assertEquals(20, completed.size());
        assertEquals(last, completed.get(19).get("id"));
        SERVER.control("reset", "");
        assertEquals(List.of(), shown("completedImSessions"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"maxImSessions\":0}", "{\"maxImSessions\":\"2\"}", "{\"getUserData\":1}", "{\"getCapabilities\":\"all\"}"})
    void aWrongOptionIsRefusedAndChangesNothing(String body) {
        Object before = SERVER.look("state").get("options");
        assertEquals(400, SERVER.stranger().post("/simulator/options", body).status());
        assertEquals(before, SERVER.look("state").get("options"));
    }
}
