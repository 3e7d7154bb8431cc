package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RobotTest {
    @RegisterExtension
    static final TestServer SERVER = new TestServer();

    private Agent anna;
    private Bayeux client;

    @BeforeEach
    void subscribe() {
        anna = SERVER.agent("anna");
        client = Bayeux.subscribed(anna, Bayeux.IM_TOPIC);
    }

    private void say(String id, String text) {
        Map<String, Object> message = Map.of("operationName", "SendMessage", "text", text, "destination", Map.of("phoneNumber", "5003"),
                "devicePath", "/devices/1");
        assertEquals(200, anna.operate(id, message).status());
    }

    private List<Object> texts(int count) {
        return client.receive(count).stream().map(data -> data.get("message")).toList();
    }

    private String initiate() {
        assertEquals(200, anna.operate(null, Map.of("operationName", "InitiateIMSession", "destination", Map.of("phoneNumber", "5003"))).status());
        return (String) Reply.map(client.receive(1).get(0).get("imSession")).get("id");
    }

    @Test
    void itAnswersEveryTextAndTheSameTextsAlike() {
        String id = initiate();
        say(id, "good morning");
        assertEquals(List.of("good morning", "Thank you for your message: good morning"), texts(2));
        say(id, "100% {{n}} %s");
        assertEquals(List.of("100% {{n}} %s", "How well put: 100% {{n}} %s"), texts(2));
    }

    @Test
    void itCompletesTheSessionOnBye() {
        String id = initiate();
        say(id, "Bye!");
        List<Map<String, Object>> received = client.receive(3);
        assertEquals("Bye!", received.get(0).get("message"));
        assertTrue(((String) received.get(1).get("message")).startsWith("Goodbye"));
        assertEquals("Completed", Reply.map(received.get(2).get("imSession")).get("state"));
    }

    @Test
    void itStartsAChatWhenTold() {
        assertEquals(Map.of(), SERVER.control("robot/start", "{\"robot\":\"robbie\",\"destination\":\"5001\"}"));
        List<Map<String, Object>> received = client.receive(2);
        assertEquals(Map.of("startedBy", "robbie"), Reply.map(received.get(0).get("imSession")).get("userData"));
        assertTrue(((String) received.get(1).get("message")).startsWith("Hello"));
    }

    @Test
    void itStartsAChatWithAnAgentWhoIsIdle() {
        SERVER.control("options", "{\"robotStarts\":50}");
        assertEquals("StatusChange", client.receive(1).get(0).get("notificationType"));
    }

    @Test
    void itCannotBeStartedWhenItOrTheAgentIsBusyOrThereIsNoSuchOne() {
        initiate();
        for (String body : List.of("{\"destination\":\"5002\"}",
                "{\"robot\":\"robbie\",\"destination\":\"5002\"}", "{\"robot\":\"ben\",\"destination\":\"5002\"}",
                "{\"destination\":\"9999\"}", "{}")) {
            assertEquals(400, SERVER.stranger().post("/simulator/robot/start", body).status(), body);
        }
    }
}
