package gws.simulator.socket;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.eclipse.jetty.websocket.api.BatchMode;
import org.eclipse.jetty.websocket.api.WriteCallback;
import org.eclipse.jetty.websocket.api.extensions.Extension;
import org.eclipse.jetty.websocket.api.extensions.Frame;
import org.eclipse.jetty.websocket.api.extensions.IncomingFrames;
import org.eclipse.jetty.websocket.api.extensions.OutgoingFrames;
import org.eclipse.jetty.websocket.common.OpCode;
import org.eclipse.jetty.websocket.common.WebSocketSession;
import org.eclipse.jetty.websocket.common.extensions.ExtensionStack;
import org.eclipse.jetty.websocket.common.frames.TextFrame;

/** Sees the messages of a WebSocket, either way, between CometD and whatever extensions were negotiated. */
final class MessageTap implements IncomingFrames, OutgoingFrames {
    /** Hears of messages. */
    interface Listener {
        /** A message has come; CometD gets it after this call. */
        void received(String text);

        /** CometD has done what the message asked for. */
        void processed();

        /** A message of CometD has left. */
        void sent();
    }

    private final IncomingFrames cometd;
    private final OutgoingFrames network;
    private final ReplyFaults replies;
    private final Listener listener;
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();

    private MessageTap(IncomingFrames cometd, OutgoingFrames network, ReplyFaults replies, Listener listener) {
        this.cometd = cometd;
        this.network = network;
        this.replies = replies;
        this.listener = listener;
    }

    /** Taps a session that is not open yet. */
    static MessageTap install(WebSocketSession session, ReplyFaults replies, Listener listener) {
        ExtensionStack stack = (ExtensionStack) session.getOutgoingHandler();
        MessageTap tap = new MessageTap(session, stack, replies, listener);
        session.setOutgoingHandler(tap);
        List<Extension> extensions = stack.getExtensions();
        if (extensions.isEmpty()) {
            stack.setNextIncoming(tap);
        } else {
            // The last one is nearest to CometD, and has been tied to it by now.
            extensions.get(extensions.size() - 1).setNextIncomingFrames(tap);
        }
        return tap;
    }

    @Override
    public void incomingFrame(Frame frame) {
        boolean ends = !OpCode.isControlFrame(frame.getOpCode()) && frame.isFin();
        note(frame);
        cometd.incomingFrame(frame);
        if (ends) {
            listener.processed();
        }
    }

    private void note(Frame frame) {
        if (!OpCode.isControlFrame(frame.getOpCode())) {
            byte[] part = bytes(frame);
            begun.write(part, 0, part.length);
            if (frame.isFin()) {
                String text = begun.toString(StandardCharsets.UTF_8);
                begun.reset();
                listener.received(text);
            }
        }
    }

    @Override
    public void incomingError(Throwable failure) {
        cometd.incomingError(failure);
    }

    /** CometD sends each of its texts as one frame. */
    @Override
    public void outgoingFrame(Frame frame, WriteCallback callback, BatchMode batchMode) {
        if (frame.getOpCode() != OpCode.TEXT) {
            network.outgoingFrame(frame, callback, batchMode);
            return;
        }
        String text = new String(bytes(frame), StandardCharsets.UTF_8);
        List<String> texts = replies.apply(text);
        if (texts.isEmpty()) {
            callback.writeSuccess();
            return;
        }
        for (String part : texts.subList(0, texts.size() - 1)) {
            network.outgoingFrame(new TextFrame().setPayload(part), null, batchMode);
        }
        network.outgoingFrame(new TextFrame().setPayload(texts.get(texts.size() - 1)), noting(callback), batchMode);
    }

    /** Sends a frame that CometD knows nothing of. */
    void send(Frame frame) {
        network.outgoingFrame(frame, null, BatchMode.OFF);
    }

    private WriteCallback noting(WriteCallback callback) {
        return new WriteCallback() {
            @Override
            public void writeSuccess() {
                listener.sent();
                callback.writeSuccess();
            }

            @Override
            public void writeFailed(Throwable failure) {
                callback.writeFailed(failure);
            }
        };
    }

    private static byte[] bytes(Frame frame) {
        ByteBuffer payload = frame.getPayload();
        byte[] bytes = new byte[payload == null ? 0 : payload.remaining()];
        if (payload != null) {
            payload.duplicate().get(bytes);
        }
        return bytes;
    }
}
