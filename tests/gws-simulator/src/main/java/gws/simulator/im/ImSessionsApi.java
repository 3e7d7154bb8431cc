package gws.simulator.im;

import gws.simulator.users.User;
import gws.simulator.users.Users;

/** {@code /me/im-sessions} and {@code /me/im-sessions/{id}}. */
final class ImSessionsApi {
    private final Users users;
    private final ImSessions sessions;

    ImSessionsApi(Users users, ImSessions sessions) {
        this.users = users;
        this.sessions = sessions;
    }

    /** Without {@code fields=*} a collection answers the addresses of its members only. */
    GwsAnswer list(GwsRequest request) {
        String fields = request.query().get("fields");
        if (fields == null) {
            return GwsAnswer.ok("uris", sessions.uris(request.user()));
        }
        if (!fields.equals("*")) {
            throw new GwsFailure(StatusCode.INVALID_PARAMETER, "Parameter 'fields' must be *.");
        }
        return GwsAnswer.ok("imSessions", sessions.fetchAll(request.user()));
    }

    GwsAnswer get(GwsRequest request, String id) {
        return GwsAnswer.ok("imSession", sessions.fetch(request.user(), id));
    }

    GwsAnswer create(GwsRequest request) {
        Parameters parameters = request.parameters();
        if (!parameters.operationName().equals("InitiateIMSession")) {
            throw unknownOperation(parameters);
        }
        String phone = parameters.destination();
        parameters.optionalText("devicePath");
        User peer = users.withPhone(phone)
                .orElseThrow(() -> new GwsFailure(StatusCode.INTERNAL_ERROR, "Device '" + phone + "' is not registered."));
        sessions.start(request.user(), peer, parameters.optionalObject("userData"));
        return GwsAnswer.ok();
    }

    GwsAnswer operate(GwsRequest request, String id) {
        User user = request.user();
        sessions.fetch(user, id);
        Parameters parameters = request.parameters();
        switch (parameters.operationName()) {
            case "SendMessage" -> sendMessage(user, id, parameters);
            case "AttachUserData", "UpdateUserData" -> sessions.putUserData(user, id, parameters.object("userData"));
            case "DeleteUserData" -> sessions.deleteUserData(user, id, parameters.text("key"));
            case "Complete" -> sessions.complete(user, id);
            default -> throw unknownOperation(parameters);
        }
        return GwsAnswer.ok();
    }

    /** All three parameters are mandatory in the documents, though the other operations find the device by themselves. */
    private void sendMessage(User user, String id, Parameters parameters) {
        String text = parameters.text("text");
        String destination = parameters.destination();
        parameters.text("devicePath");
        sessions.sendMessage(user, id, destination, text);
    }

    static GwsFailure unknownOperation(Parameters parameters) {
        return new GwsFailure(StatusCode.INVALID_PARAMETER, "Unknown operation '" + parameters.operationName() + "'.");
    }
}
