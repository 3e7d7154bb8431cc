package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImOperationsTest {
    private static final Map<String, Object> DONE = Map.of("statusCode", 0L);
    private static final Map<String, Object> TO_BEN = Map.of("phoneNumber", "5002");

    @RegisterExtension
    static final TestServer SERVER = new TestServer("--user", "anna:anna:5001", "--user", "ben:ben:5002", "--user", "carl:carl:5003");

    private Agent anna;
    private Agent ben;

    @BeforeEach
    void login() {
        anna = SERVER.agent("anna");
        ben = SERVER.agent("ben");
    }

    private String initiate() {
        assertEquals(DONE, anna.operate(null, Map.of("operationName", "InitiateIMSession", "destination", TO_BEN)).object(200));
        return (String) only(anna).get("id");
    }

    private static Map<String, Object> only(Agent agent) {
        List<Object> sessions = Reply.list(agent.get("/api/v2/me/im-sessions?fields=*").object(200).get("imSessions"));
        assertEquals(1, sessions.size());
        return Reply.map(sessions.get(0));
    }

    @Test
    void eachAgentSeesTheSessionWithTheOtherAsItsOnlyParticipant() {
        String id = initiate();
        for (Agent agent : List.of(anna, ben)) {
            String remote = agent == anna ? "5002" : "5001";
            Map<String, Object> session = only(agent);
            assertEquals(id, session.get("id"));
            assertEquals("/im-sessions/" + id, session.get("path"));
            assertEquals("Talking", session.get("state"));
            assertEquals(List.of("SendMessage", "AttachUserData", "Complete"), session.get("capabilities"));
            assertEquals(List.of(Map.of("digits", remote, "e164Number", remote, "formattedPhoneNumber", remote, "phoneNumber", remote)),
                    session.get("participants"));
            assertTrue(((String) session.get("uri")).startsWith(SERVER.uri() + "/api/v2/im-sessions/"));
            assertNotEquals(SERVER.uri() + "/api/v2/im-sessions/" + id, session.get("uri"));
            assertFalse(session.containsKey("userData"));
        }
    }

    @Test
    void aListWithoutFieldsNamesAddressesAndOneSessionIsAMemberOfItsOwn() {
        String id = initiate();
        Map<String, Object> session = only(anna);
        assertEquals(Map.of("statusCode", 0L, "uris", List.of(session.get("uri"))), anna.get("/api/v2/me/im-sessions").object(200));
        assertEquals(Map.of("statusCode", 0L, "imSession", session), anna.get("/api/v2/me/im-sessions/" + id).object(200));
    }

    @Test
    void userDataChangesTheCapabilitiesAndIsTakenAwayKeyByKey() {
        String id = initiate();
        assertEquals(DONE, anna.operate(id, Map.of("operationName", "AttachUserData", "userData", Map.of("User Data 1", 1, "b", List.of()))).object(200));
        assertEquals(DONE, ben.operate(id, Map.of("operationName", "UpdateUserData", "userData", Map.of("b", Map.of("c", true)))).object(200));
        assertEquals(Map.of("User Data 1", 1L, "b", Map.of("c", true)), stateOfOnly().get("userData"));
        assertEquals(List.of("Complete", "AttachUserData", "DeleteUserData", "UpdateUserData", "SendMessage"), only(ben).get("capabilities"));
        assertEquals(DONE, anna.operate(id, Map.of("operationName", "DeleteUserData", "key", "User Data 1")).object(200));
        assertEquals(DONE, anna.operate(id, Map.of("operationName", "DeleteUserData", "key", "b")).object(200));
        assertEquals(Map.of(), stateOfOnly().get("userData"));
        assertEquals(List.of("SendMessage", "AttachUserData", "Complete"), only(ben).get("capabilities"));
    }

    private static Map<String, Object> stateOfOnly() {
        return Reply.map(Reply.list(SERVER.look("state").get("imSessions")).get(0));
    }

    @Test
    void aCompletedSessionIsListedNoMoreAndRefusesOperations() {
        String id = initiate();
        assertEquals(DONE, ben.operate(id, Map.of("operationName", "Complete")).object(200));
        assertEquals(List.of(), anna.get("/api/v2/me/im-sessions?fields=*").object(200).get("imSessions"));
        assertEquals("Completed", Reply.map(anna.get("/api/v2/me/im-sessions/" + id).object(200).get("imSession")).get("state"));
        assertEquals(2, anna.operate(id, Map.of("operationName", "Complete")).statusCode());
        assertNotEquals(id, initiate());
    }

    @Test
    void anAgentHasOneSessionAtATime() {
        initiate();
        Agent carl = SERVER.agent("carl");
        Map<String, Object> toCarl = Map.of("operationName", "InitiateIMSession", "destination", Map.of("phoneNumber", "5003"));
        Map<String, Object> toBen = Map.of("operationName", "InitiateIMSession", "destination", TO_BEN);
        for (Reply refused : List.of(anna.operate(null, toCarl), ben.operate(null, toCarl), carl.operate(null, toBen))) {
            assertEquals(409, refused.status());
            assertEquals(2, refused.statusCode());
        }
        assertEquals(List.of(), carl.get("/api/v2/me/im-sessions").object(200).get("uris"));
    }

    @Test
    void aSessionOfOthersDoesNotExist() {
        String id = initiate();
        Agent carl = SERVER.agent("carl");
        assertEquals(6, carl.get("/api/v2/me/im-sessions/" + id).statusCode());
        assertEquals(6, carl.operate(id, Map.of("operationName", "Complete")).statusCode());
        assertEquals("Talking", only(anna).get("state"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "400 |  1 | {}",
        "400 | 10 | {\"operationName\":\"Dial\"}",
        "400 | 10 | {\"operationName\":7}",
        "400 | 10 | []",
        "400 | 10 | {\"operationName\":\"InitiateIMSession\"",
        "400 |  1 | {\"operationName\":\"InitiateIMSession\"}",
        "400 |  1 | {\"operationName\":\"InitiateIMSession\",\"destination\":{}}",
        "400 | 10 | {\"operationName\":\"InitiateIMSession\",\"destination\":\"5002\"}",
        "400 | 10 | {\"operationName\":\"InitiateIMSession\",\"destination\":{\"phoneNumber\":5002}}",
        "400 | 10 | {\"operationName\":\"InitiateIMSession\",\"destination\":{\"phoneNumber\":\"5001\"}}",
        "400 | 10 | {\"operationName\":\"InitiateIMSession\",\"destination\":{\"phoneNumber\":\"5002\"},\"userData\":[]}",
        "400 | 10 | {\"operationName\":\"InitiateIMSession\",\"destination\":{\"phoneNumber\":\"5002\"},\"devicePath\":{}}",
        "500 |  4 | {\"operationName\":\"InitiateIMSession\",\"destination\":{\"phoneNumber\":\"9999\"}}",
    })
    void aWrongInitiateIsRefusedAndChangesNothing(int status, long statusCode, String body) {
        refused(anna.post("/api/v2/me/im-sessions", body), status, statusCode);
        assertEquals(List.of(), anna.get("/api/v2/me/im-sessions").object(200).get("uris"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "400 |  1 | {}",
        "400 | 10 | {\"operationName\":\"Accept\"}",
        "400 |  1 | {\"operationName\":\"SendMessage\",\"destination\":{\"phoneNumber\":\"5002\"},\"devicePath\":\"/devices/1\"}",
        "400 |  1 | {\"operationName\":\"SendMessage\",\"text\":\"a\",\"devicePath\":\"/devices/1\"}",
        "400 |  1 | {\"operationName\":\"SendMessage\",\"text\":\"a\",\"destination\":{\"phoneNumber\":\"5002\"}}",
        "400 | 10 | {\"operationName\":\"SendMessage\",\"text\":\"a\",\"destination\":{\"phoneNumber\":\"5003\"},\"devicePath\":\"/devices/1\"}",
        "400 | 10 | {\"operationName\":\"SendMessage\",\"text\":\"\",\"destination\":{\"phoneNumber\":\"5002\"},\"devicePath\":\"/devices/1\"}",
        "400 |  1 | {\"operationName\":\"AttachUserData\"}",
        "400 | 10 | {\"operationName\":\"UpdateUserData\",\"userData\":\"a\"}",
        "400 |  1 | {\"operationName\":\"DeleteUserData\"}",
        "400 | 10 | {\"operationName\":\"DeleteUserData\",\"key\":[\"a\"]}",
        "404 |  6 | {\"operationName\":\"DeleteUserData\",\"key\":\"a\"}",
    })
    void aWrongOperationIsRefusedAndNotifiesNobody(int status, long statusCode, String body) {
        String id = initiate();
        Bayeux client = Bayeux.subscribed(ben, Bayeux.IM_TOPIC);
        refused(anna.post("/api/v2/me/im-sessions/" + id, body), status, statusCode);
        assertEquals(List.of(), client.receiveWaiting());
    }

    @Test
    void whatIsNotThereIsRefused() {
        refused(anna.get("/api/v2/me/im-sessions/unknown"), 404, 6);
        refused(anna.get("/api/v2/me/im-sessions/a/b"), 404, 6);
        refused(anna.get("/api/v2/calls"), 404, 6);
        refused(anna.get("/api/v2/me/im-sessions?fields=id"), 400, 10);
        refused(anna.send("DELETE", "/api/v2/me/im-sessions", ""), 403, 3);
    }

    private static void refused(Reply reply, int status, long statusCode) {
        assertEquals(status, reply.status(), reply.body());
        assertEquals(statusCode, reply.statusCode());
        assertFalse(((String) reply.object(status).get("statusMessage")).isBlank());
        assertEquals(2, reply.object(status).size());
    }

    @Test
    void theControlCallActsForAUserWhoIsNotLoggedIn() {
        Map<String, Object> answer = SERVER.control("operation",
                "{\"user\":\"carl\",\"path\":\"/me/im-sessions\",\"body\":"
                        + "{\"operationName\":\"InitiateIMSession\",\"destination\":{\"phoneNumber\":\"5001\"}}}");
        assertEquals(Map.of("status", 200L, "body", DONE), answer);
        Map<String, Object> list = SERVER.control("operation", "{\"user\":\"carl\",\"method\":\"GET\",\"path\":\"/me/im-sessions?fields=*\"}");
        assertEquals(1, Reply.list(Reply.map(list.get("body")).get("imSessions")).size());
        assertEquals("5003", Reply.map(Reply.list(only(anna).get("participants")).get(0)).get("phoneNumber"));
    }
}
