package gws.simulator.socket;

import gws.simulator.base.Fields;
import gws.simulator.base.InputError;
import gws.simulator.base.Json;
import gws.simulator.fault.Direction;
import gws.simulator.fault.Pace;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.eclipse.jetty.websocket.common.WebSocketFrame;
import org.eclipse.jetty.websocket.common.frames.BinaryFrame;
import org.eclipse.jetty.websocket.common.frames.TextFrame;

/** Reads the description of an action. */
final class SocketActions {
    private static final int LONGEST_REASON = 123;
    private static final int MOST_SENT = 64 * 1024 * 1024;

    private SocketActions() {
    }

    static SocketAction read(Map<String, Object> description) {
        Object type = description.get("type");
        return switch (type instanceof String word ? word : "") {
            case "kill" -> plain(description, FaultySocket::kill);
            case "close" -> close(new Fields(description, "type", "code", "reason"));
            case "half-close" -> plain(description, FaultySocket::halfClose);
            case "stall" -> stall(new Fields(description, "type", "direction"), true);
            case "unstall" -> stall(new Fields(description, "type", "direction"), false);
            case "delay" -> delay(new Fields(description, "type", "ms", "direction"));
            case "throttle" -> throttle(new Fields(description, "type", "bytesPerSecond", "direction"));
            case "send" -> send(new Fields(description, "type", "text", "binary", "repeat"));
            case "swallow" -> replies(new Fields(description, "type", "kind", "times"), ReplyFaults.Effect.SWALLOW);
            case "double" -> replies(new Fields(description, "type", "kind", "times"), ReplyFaults.Effect.DOUBLE);
            default -> throw new InputError("'type' must be kill, close, half-close, stall, unstall, delay, throttle, send, swallow or double, but it is "
                    + Json.write(type));
        };
    }

    /** An action without parameters. */
    private static SocketAction plain(Map<String, Object> description, SocketAction action) {
        new Fields(description, "type");
        return action;
    }

    private static SocketAction close(Fields fields) {
        int code = (int) fields.number("code", 0);
        boolean ofProtocol = code >= 1000 && code <= 1003 || code >= 1007 && code <= 1014;
        if (!ofProtocol && (code < 3000 || code > 4999)) {
            throw new InputError("'code' must be one that a close frame may carry (1000 to 1003, 1007 to 1014, 3000 to 4999), but it is " + code);
        }
        String reason = fields.text("reason", "");
        int length = reason.getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST_REASON) {
            throw new InputError("'reason' must have at most " + LONGEST_REASON + " bytes, but it has " + length);
        }
        return socket -> socket.close(code, reason);
    }

    private static Direction direction(Fields fields) {
        return Direction.of(fields.text("direction", "both"));
    }

    private static SocketAction stall(Fields fields, boolean on) {
        Direction direction = direction(fields);
        return socket -> socket.endPoint().stall(direction, on);
    }

    private static SocketAction delay(Fields fields) {
        long milliseconds = fields.number("ms", 0);
        Direction direction = direction(fields);
        return socket -> socket.endPoint().delay(direction, milliseconds);
    }

    private static SocketAction throttle(Fields fields) {
        long speed = fields.number("bytesPerSecond", 0);
        Pace pace = speed == 0 ? Pace.NONE : Pace.bytesPerSecond(speed);
        Direction direction = direction(fields);
        return socket -> socket.endPoint().pace(direction, pace);
    }

    private static SocketAction send(Fields fields) {
        if (fields.has("text") == fields.has("binary")) {
            throw new InputError("either 'text' or 'binary' (in base64) must be given");
        }
        boolean isText = fields.has("text");
        byte[] once = isText ? fields.text("text").getBytes(StandardCharsets.UTF_8) : decode(fields.text("binary"));
        long repeat = fields.number("repeat", 1, 1);
        if (once.length * repeat > MOST_SENT) {
            throw new InputError("a frame may have at most " + MOST_SENT + " bytes, but this one would have " + once.length * repeat);
        }
        return socket -> socket.send(frame(isText, once, (int) repeat));
    }

    private static byte[] decode(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException notBase64) {
            throw new InputError("'binary' must be base64, but it is '" + base64 + "'");
        }
    }

    private static WebSocketFrame frame(boolean isText, byte[] once, int repeat) {
        ByteBuffer payload = ByteBuffer.allocate(once.length * repeat);
        for (int copy = 0; copy < repeat; copy++) {
            payload.put(once);
        }
        payload.flip();
        return (isText ? new TextFrame() : new BinaryFrame()).setPayload(payload);
    }

    private static SocketAction replies(Fields fields, ReplyFaults.Effect effect) {
        ReplyKind kind = ReplyKind.of(fields.text("kind"));
        long times = fields.number("times", 1, 1);
        return socket -> socket.replies().add(effect, kind, times);
    }
}
