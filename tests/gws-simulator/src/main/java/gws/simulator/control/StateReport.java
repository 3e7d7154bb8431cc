package gws.simulator.control;

import gws.simulator.base.Tuning;
import gws.simulator.server.Simulator;
import gws.simulator.users.User;
import java.util.LinkedHashMap;
import java.util.Map;

/** The answer to {@code GET /simulator/state}. */
final class StateReport {
    private StateReport() {
    }

    static Map<String, Object> of(Simulator simulator) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("users", simulator.users().all().stream().map(user -> user(simulator, user)).toList());
        json.put("imSessions", simulator.api().sessions().liveToJson());
        json.put("completedImSessions", simulator.api().sessions().completedToJson());
        json.put("cometdSessions", simulator.sessions().toJson());
        json.put("sockets", simulator.sockets().toJson());
        json.put("socketActions", simulator.sockets().waitingToJson());
        json.put("faults", simulator.faults().toJson());
        json.put("options", options(simulator));
        return json;
    }

    private static Map<String, Object> user(Simulator simulator, User user) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", user.name());
        json.put("phone", user.phone());
        json.put("robot", user.robot());
        json.put("loggedIn", simulator.logins().isLoggedIn(user));
        json.put("devicePath", user.devicePath());
        return json;
    }

    static Map<String, Object> options(Simulator simulator) {
        Tuning tuning = simulator.tuning();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("timeout", tuning.timeout());
        json.put("interval", tuning.interval());
        json.put("maxInterval", tuning.maxInterval());
        json.put("maxSessionsPerBrowser", tuning.maxSessionsPerBrowser());
        json.put("multiSessionInterval", tuning.multiSessionInterval());
        json.put("csrf", tuning.csrf().word());
        json.put("robotStarts", tuning.robotStarts());
        json.put("allowedTransports", tuning.allowedTransports());
        json.put("requireHandshakePerConnection", tuning.requireHandshakePerConnection());
        json.put("handshakeReconnect", tuning.handshakeReconnect());
        json.put("allowMessageDeliveryDuringHandshake", tuning.allowMessageDeliveryDuringHandshake());
        json.put("maxImSessions", tuning.maxImSessions());
        json.put("getUserData", tuning.getUserData());
        json.put("getCapabilities", tuning.getCapabilities());
        json.put("forgetsBrowser", simulator.forgetsBrowser());
        json.put("ack", simulator.acknowledges());
        return json;
    }
}
