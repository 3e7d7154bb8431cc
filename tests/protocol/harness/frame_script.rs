//! What a test lets happen to frames of a socket in place of what the server would do.

use gws_im_sdk::bayeux::Body;
use serde_json::Value;

use super::script::{On, Rewrite};

/// What happens to a frame, or to the reply to what was in it.
pub(crate) enum FrameReaction {
    /// This comes in its place; the server never sees the frame.
    Answer(Body<Value>),
    /// The server never sees the frame, and says nothing.
    Ignore,
    /// From this frame on nothing passes through the socket, either way.
    Stall,
    /// The server acts, but its reply never comes.
    SwallowReply,
    /// The server acts, but its reply takes this much longer, ms, and with it all that follows it.
    Delay(u64),
    /// The server acts, and its reply comes twice.
    DoubleReply,
    /// The server acts, but its reply is a frame that does not parse, or a binary one.
    SpoilReply,
    /// The server acts, but closes the socket with this code in place of the reply.
    Close(u16),
    /// The server acts, but the frame of its reply is made from the messages that would have been in it.
    Rewrite(Rewrite),
}

impl FrameReaction {
    pub(crate) const fn not_json() -> Self {
        Self::Answer(Body::NotJson { html: false })
    }

    pub(crate) const fn json(body: Value) -> Self {
        Self::Answer(Body::Json(body))
    }

    pub(crate) fn rewrite(rewrite: impl FnMut(Vec<Value>) -> Value + 'static) -> Self {
        Self::Rewrite(Box::new(rewrite))
    }

    /// Changes every reply in the frame.
    pub(crate) fn edit(mut edit: impl FnMut(&mut Value) + 'static) -> Self {
        Self::rewrite(move |mut messages| {
            messages.iter_mut().filter(|message| message.get("data").is_none()).for_each(&mut edit);
            Value::Array(messages)
        })
    }

    /// The reply says that the server does not know the session, as it says it when the session is not bound to the socket.
    pub(crate) fn unknown_session() -> Self {
        Self::edit(|reply| {
            reply["successful"] = Value::Bool(false);
            reply["error"] = "402::session_unknown".into();
            reply["advice"] = serde_json::json!({"reconnect": "handshake", "interval": 0});
        })
    }

    const fn acts(&self) -> bool {
        !matches!(self, Self::Answer(_) | Self::Ignore | Self::Stall)
    }
}

struct Entry {
    on: On,
    /// How many more frames it is for.
    remaining: u64,
    reaction: FrameReaction,
    /// Ids of messages it took and whose reply has not left the server.
    taken: Vec<Value>,
}

/// What the script does to a frame that reaches the server.
pub(crate) enum Arrival {
    Seen,
    Answered(Body<Value>),
    Ignored,
    Stalls,
}

/// What the script does to a frame on its way out.
pub(crate) enum Departure {
    Unchanged(Value),
    Later(u64, Value),
    Twice(Value),
    Spoilt,
    Lost,
    Closes(u16),
}

/// The reactions in force, oldest first.
#[derive(Default)]
pub(crate) struct FrameScript {
    entries: Vec<Entry>,
}

impl FrameScript {
    pub(crate) fn add(&mut self, on: On, times: u64, reaction: FrameReaction) {
        self.entries.push(Entry { on, remaining: times, reaction, taken: Vec::new() });
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    /// A frame arrives at the server.
    pub(crate) fn on_frame(&mut self, messages: &[Value]) -> Arrival {
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.remaining > 0 && entry.on.matches(messages)) else {
            return Arrival::Seen;
        };
        entry.remaining -= 1;
        if entry.reaction.acts() {
            entry.taken.extend(messages.iter().map(|message| message["id"].clone()));
        }
        match &entry.reaction {
            FrameReaction::Answer(body) => Arrival::Answered(body.clone()),
            FrameReaction::Ignore => Arrival::Ignored,
            FrameReaction::Stall => Arrival::Stalls,
            _ => Arrival::Seen,
        }
    }

    /// A frame leaves the server.
    pub(crate) fn on_departure(&mut self, frame: Value) -> Departure {
        let messages: Vec<Value> = frame.as_array().cloned().unwrap_or_else(|| vec![frame.clone()]);
        let answers = |entry: &Entry| messages.iter().any(|message| message.get("data").is_none() && entry.taken.contains(&message["id"]));
        let Some(entry) = self.entries.iter_mut().find(|entry| answers(entry)) else { return Departure::Unchanged(frame) };
        entry.taken.retain(|taken| messages.iter().all(|message| message["id"] != *taken));
        match &mut entry.reaction {
            FrameReaction::SwallowReply => Departure::Lost,
            FrameReaction::Delay(delay) => Departure::Later(*delay, frame),
            FrameReaction::DoubleReply => Departure::Twice(frame),
            FrameReaction::SpoilReply => Departure::Spoilt,
            FrameReaction::Close(code) => Departure::Closes(*code),
            FrameReaction::Rewrite(rewrite) => Departure::Unchanged(rewrite(messages)),
            FrameReaction::Answer(_) | FrameReaction::Ignore | FrameReaction::Stall => Departure::Unchanged(frame),
        }
    }
}
