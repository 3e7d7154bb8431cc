package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import gws.simulator.server.Simulator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NotificationsTest {
    @RegisterExtension
    static final TestServer SERVER = new TestServer();

    private static final List<String> ALL_CAPABILITIES = List.of("Complete", "AttachUserData", "DeleteUserData", "UpdateUserData", "SendMessage");
    private static final List<String> CAPABILITIES_WITHOUT_DATA = List.of("SendMessage", "AttachUserData", "Complete");

    private static void perform(String user, String id, String body) {
        String path = "/me/im-sessions" + (id == null ? "" : "/" + id);
        Map<String, Object> answer = SERVER.control("operation", "{\"user\":\"" + user + "\",\"path\":\"" + path + "\",\"body\":" + body + "}");
        assertEquals(200L, answer.get("status"), answer::toString);
    }

    private static void initiate(String userData) {
        perform("anna", null, "{\"operationName\":\"InitiateIMSession\",\"destination\":{\"phoneNumber\":\"5002\"},\"userData\":" + userData + "}");
    }

    private static String message(String text, String phone) {
        return "{\"operationName\":\"SendMessage\",\"text\":\"" + text + "\",\"destination\":{\"phoneNumber\":\"" + phone
                + "\"},\"devicePath\":\"/devices/1\"}";
    }

    @Test
    void theSixOperationsCauseExactlyTheDocumentedNotificationsForBothAgents() {
        Bayeux anna = Bayeux.subscribed(SERVER.agent("anna"), Bayeux.IM_TOPIC);
        Bayeux ben = Bayeux.subscribed(SERVER.agent("ben"), Bayeux.IM_TOPIC);
        initiate("{\"favColor\":\"blue\"}");
        String id = (String) Reply.map(Reply.list(SERVER.look("state").get("imSessions")).get(0)).get("id");
        perform("anna", id, message("Hello!", "5002"));
        perform("ben", id, message("Hi!", "5001"));
        perform("anna", id, "{\"operationName\":\"AttachUserData\",\"userData\":{\"a\":1}}");
        perform("ben", id, "{\"operationName\":\"UpdateUserData\",\"userData\":{\"a\":{\"b\":2.5}}}");
        perform("anna", id, "{\"operationName\":\"DeleteUserData\",\"key\":\"a\"}");
        perform("anna", id, "{\"operationName\":\"DeleteUserData\",\"key\":\"favColor\"}");
        perform("ben", id, "{\"operationName\":\"Complete\"}");
        proveNotifications(anna, id, "5002");
        proveNotifications(ben, id, "5001");
    }

    private static void proveNotifications(Bayeux client, String id, String remote) {
        List<Map<String, Object>> received = client.receive(8);
        Map<String, Object> blue = Map.of("favColor", "blue");
        proveState(received.get(0), "StatusChange", " Talking", id, remote, blue);
        proveMessage(received.get(1), id, "Hello!");
        proveMessage(received.get(2), id, "Hi!");
        proveState(received.get(3), "AttachedDataChanged", " Talking", id, remote, Map.of("favColor", "blue", "a", 1L));
        proveState(received.get(4), "AttachedDataChanged", " Talking", id, remote, Map.of("favColor", "blue", "a", Map.of("b", 2.5)));
        proveState(received.get(5), "AttachedDataChanged", " Talking", id, remote, blue);
        proveState(received.get(6), "AttachedDataChanged", " Talking", id, remote, null);
        proveState(received.get(7), "StatusChange", "Completed", id, remote, null);
    }

    private static void proveState(Map<String, Object> data, String type, String state, String id, String remote, Map<String, Object> userData) {
        Map<String, Object> session = new LinkedHashMap<>(Reply.map(data.get("imSession")));
        String uri = (String) session.remove("uri");
        assertNotEquals(SERVER.uri() + "/api/v2/im-sessions/" + id, uri);
        Map<String, Object> expected = new LinkedHashMap<>();
        expected.put("state", state);
        expected.put("id", id);
        expected.put("path", "/im-sessions/" + id);
        expected.put("participants", List.of(Map.of("digits", remote, "e164Number", remote, "formattedPhoneNumber", remote, "phoneNumber", remote)));
        expected.put("capabilities", userData == null ? CAPABILITIES_WITHOUT_DATA : ALL_CAPABILITIES);
        if (userData != null) {
            expected.put("userData", userData);
        }
        assertEquals(expected, session);
        proveEnvelope(data, Map.of("messageType", "IMSessionStateChangeMessage", "notificationType", type, "imSession", data.get("imSession")));
    }

    private static void proveMessage(Map<String, Object> data, String id, String text) {
        proveEnvelope(data, Map.of("messageType", "IMLogUpdateMessage", "notificationType", "NewMessage", "imSessionPath", "/im-sessions/" + id,
                "message", text));
    }

    private static void proveEnvelope(Map<String, Object> data, Map<String, Object> expected) {
        Map<String, Object> rest = new LinkedHashMap<>(data);
        Map<String, Object> metrics = Reply.map(Reply.map(rest.remove("metrics")).get("eventProcessing"));
        assertFalse(metrics.isEmpty());
        assertEquals(expected, rest);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v2/me/*", "/v2/me/**", "/v2/**"})
    void aWildcardReceivesTheTopicOnce(String pattern) {
        Bayeux anna = Bayeux.subscribed(SERVER.agent("anna"), pattern, Bayeux.IM_TOPIC);
        initiate("{}");
        assertEquals("StatusChange", anna.receive(1).get(0).get("notificationType"));
    }

    @Test
    void anAgentWhoIsNoPartyOrNotSubscribedReceivesNothing() {
        Bayeux robbie = Bayeux.subscribed(SERVER.agent("robbie"), Bayeux.IM_TOPIC);
        Bayeux anna = Bayeux.subscribed(SERVER.agent("anna"), "/v2/me/calls");
        initiate("{}");
        assertEquals(List.of(), robbie.receiveWaiting());
        assertEquals(List.of(), anna.receiveWaiting());
    }

    @Test
    void aPublicationReachesTheSubscribersOfOneUserOrOfAll() {
        Bayeux anna = Bayeux.subscribed(SERVER.agent("anna"), "/v2/me/*");
        Bayeux ben = Bayeux.subscribed(SERVER.agent("ben"), "/v2/me/calls");
        assertEquals(2L, SERVER.control("publish", "{\"topic\":\"/v2/me/calls\",\"data\":{\"a\":null}}").get("sessions"));
        assertEquals(1L, SERVER.control("publish", "{\"topic\":\"/v2/me/calls\",\"data\":\"only ben\",\"user\":\"ben\"}").get("sessions"));
        Map<String, Object> withNull = new LinkedHashMap<>();
        withNull.put("a", null);
        assertEquals(List.of(withNull), anna.receiveWaiting());
        List<Object> forBen = ben.connect(true).array();
        assertEquals(List.of(withNull, "only ben"), List.of(Reply.map(forBen.get(0)).get("data"), Reply.map(forBen.get(1)).get("data")));
    }

    @Test
    void tenThousandNumberedCopiesComeInOneAnswer() {
        Bayeux anna = Bayeux.subscribed(SERVER.agent("anna"), Bayeux.IM_TOPIC);
        SERVER.control("publish", "{\"topic\":\"/v2/me/im-sessions\",\"count\":10000,\"data\":{\"text\":\"no. {{n}}\",\"deep\":[{\"n\":\"{{n}}\"}]}}");
        List<Map<String, Object>> received = anna.receiveWaiting();
        assertEquals(10_000, received.size());
        assertEquals(Map.of("text", "no. 1", "deep", List.of(Map.of("n", "1"))), received.get(0));
        assertEquals("no. 10000", received.get(9_999).get("text"));
    }

    @Test
    void aNotificationWhoseAnswerWasLostComesAgainWithTheAcknowledgeExtension() {
        Bayeux anna = Bayeux.subscribed(SERVER.agent("anna"), Bayeux.IM_TOPIC);
        initiate("{}");
        SERVER.control("faults", "{\"kind\":\"connect\",\"action\":{\"type\":\"drop-reply\"}}");
        Faults.assertLost(() -> anna.connect(true));
        assertEquals("StatusChange", anna.receive(1).get(0).get("notificationType"));
    }

    @Test
    void theAcknowledgeExtensionIsLeftOutWhenTheCommandLineSaysSo() throws Exception {
        Simulator simulator = Main.start(CommandLine.parse("--ack", "false"));
        try {
            Agent anna = new Agent(simulator.uri());
            anna.login("anna", "anna");
            assertNull(new Bayeux(anna).handshake().get("ext"));
        } finally {
            simulator.stop();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/chat/room", "/**", "/*", "/service/x", "/v2x/me", "/meta/connect"})
    void otherChannelsCannotBeSubscribedTo(String channel) {
        Bayeux anna = Bayeux.subscribed(SERVER.agent("anna"), Bayeux.IM_TOPIC);
        Map<String, Object> reply = anna.subscribe(channel);
        assertEquals(false, reply.get("successful"));
        assertEquals("403:denied_by_security_policy", ((String) reply.get("error")).substring(0, 29));
    }

    @Test
    void serviceNotificationsCanBeSubscribedToAndPublishingIsRefused() {
        Bayeux anna = Bayeux.subscribed(SERVER.agent("anna"), "/notifications/services", Bayeux.IM_TOPIC);
        for (String channel : List.of(Bayeux.IM_TOPIC, "/v2/other", "/service/x")) {
            Map<String, Object> reply = anna.publish(channel);
            assertEquals(false, reply.get("successful"), channel);
            assertEquals("403:denied_by_security_policy", ((String) reply.get("error")).substring(0, 29));
        }
        assertEquals(List.of(), anna.receiveWaiting());
    }

    @Test
    void everySpellingOfTheAddressIsServed() {
        Agent anna = SERVER.agent("anna");
        String handshake = "[{\"channel\":\"/meta/handshake\",\"version\":\"1.0\",\"supportedConnectionTypes\":[\"long-polling\"]}]";
        for (String path : List.of("", "/", "/handshake", "/handshake/")) {
            assertEquals(true, Bayeux.last(anna.post(Bayeux.URL + path, handshake).array()).get("successful"), path);
        }
    }
}
