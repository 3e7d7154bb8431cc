package gws.simulator.http;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import gws.simulator.traffic.RequestKind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** Finds the kind of a Bayeux request: that of the first message in its body. Reads no further than the channel of that message. */
final class MessageKind {
    private MessageKind() {
    }

    /** The kind, or {@link RequestKind#OTHER} when the body is not an array or an object with a channel. */
    static RequestKind of(byte[] body) {
        try (JsonReader json = new JsonReader(new InputStreamReader(new ByteArrayInputStream(body), StandardCharsets.UTF_8))) {
            if (json.peek() == JsonToken.BEGIN_ARRAY) {
                json.beginArray();
            }
            json.beginObject();
            while (json.hasNext()) {
                if (json.nextName().equals("channel")) {
                    return json.peek() == JsonToken.STRING ? RequestKind.ofChannel(json.nextString()) : RequestKind.OTHER;
                }
                json.skipValue();
            }
            return RequestKind.OTHER;
        } catch (IOException | IllegalStateException notBayeux) {
            return RequestKind.OTHER;
        }
    }
}
