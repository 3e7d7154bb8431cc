//! Answers that a test puts in place of the server's own.

use gws_im_sdk::bayeux::{Body, MetaChannel, Response, TransportFailure};
use serde_json::Value;

/// Which requests a scripted reaction is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    Any,
    Meta(MetaChannel),
    /// A connect that the server is to hold as long as it likes.
    Held,
    /// The request that keeps the login alive, which carries no message.
    KeepAlive,
}

impl On {
    pub(crate) const HANDSHAKE: Self = Self::Meta(MetaChannel::Handshake);
    pub(crate) const CONNECT: Self = Self::Meta(MetaChannel::Connect);
    pub(crate) const SUBSCRIBE: Self = Self::Meta(MetaChannel::Subscribe);
    pub(crate) const UNSUBSCRIBE: Self = Self::Meta(MetaChannel::Unsubscribe);
    pub(crate) const DISCONNECT: Self = Self::Meta(MetaChannel::Disconnect);

    pub(crate) fn matches(self, messages: &[Value]) -> bool {
        match self {
            Self::Any => true,
            Self::Held => messages.iter().any(|message| message["channel"] == "/meta/connect" && message.get("advice").is_none()),
            Self::KeepAlive => messages.is_empty(),
            Self::Meta(channel) => messages.iter().any(|message| message["channel"] == channel.name()),
        }
    }
}

/// Changes the body the server would have sent.
pub(crate) type Rewrite = Box<dyn FnMut(Vec<Value>) -> Value>;

/// What happens instead of the server's own answer.
pub(crate) enum Reaction {
    /// This answer; the server never sees the request.
    Answer(Response<Value>),
    /// The request fails; the server never sees it.
    Fail(TransportFailure),
    /// The server acts, the reply is lost and the client is told that the request failed.
    LoseReply,
    /// The server acts, the reply is lost and nobody says so.
    SwallowReply,
    /// The server acts, but its reply takes this much longer, ms.
    Delay(u64),
    /// The server acts, but its reply has this body, made from the messages it would have sent.
    Rewrite(Rewrite),
}

impl Reaction {
    pub(crate) const fn http(status: u16) -> Self {
        Self::Answer(Response { status, body: Body::NotJson { html: false }, retry_after: None })
    }

    pub(crate) const fn http_retry_after(status: u16, retry_after: u64) -> Self {
        Self::Answer(Response { status, body: Body::NotJson { html: false }, retry_after: Some(retry_after) })
    }

    pub(crate) const fn json(status: u16, body: Value) -> Self {
        Self::Answer(Response { status, body: Body::Json(body), retry_after: None })
    }

    pub(crate) const fn html(status: u16) -> Self {
        Self::Answer(Response { status, body: Body::NotJson { html: true }, retry_after: None })
    }

    pub(crate) const fn not_json() -> Self {
        Self::Answer(Response { status: 200, body: Body::NotJson { html: false }, retry_after: None })
    }

    pub(crate) fn rewrite(rewrite: impl FnMut(Vec<Value>) -> Value + 'static) -> Self {
        Self::Rewrite(Box::new(rewrite))
    }

    /// Changes the reply on `channel` among what the server would have sent.
    pub(crate) fn edit(channel: MetaChannel, mut edit: impl FnMut(&mut Value) + 'static) -> Self {
        Self::rewrite(move |mut messages| {
            messages.iter_mut().filter(|message| message["channel"] == channel.name()).for_each(&mut edit);
            Value::Array(messages)
        })
    }

    /// What the client gets in place of an answer made before the server saw the request.
    fn clone_answer(&self) -> Option<Result<Response<Value>, TransportFailure>> {
        match self {
            Self::Answer(response) => Some(Ok(response.clone())),
            Self::Fail(failure) => Some(Err(failure.clone())),
            _ => None,
        }
    }
}

struct Entry {
    on: On,
    /// How many more requests it is for.
    remaining: u64,
    reaction: Reaction,
    /// Requests it took and whose reply has not left the server.
    taken: Vec<u64>,
}

/// The reactions in force, oldest first.
#[derive(Default)]
pub(crate) struct Script {
    entries: Vec<Entry>,
}

/// What the script does to a reply on its way out.
pub(crate) enum Outgoing {
    Unchanged(Response<Value>),
    Later(u64, Response<Value>),
    Lost,
    Swallowed,
}

impl Script {
    pub(crate) fn add(&mut self, on: On, times: u64, reaction: Reaction) {
        self.entries.push(Entry { on, remaining: times, reaction, taken: Vec::new() });
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    /// A request arrives at the server: an answer in its place, or `None` when the server shall see it.
    pub(crate) fn on_request(&mut self, request: u64, messages: &[Value]) -> Option<Result<Response<Value>, TransportFailure>> {
        let entry = self.entries.iter_mut().find(|entry| entry.remaining > 0 && entry.on.matches(messages))?;
        entry.remaining -= 1;
        let answer = entry.reaction.clone_answer();
        if answer.is_none() {
            entry.taken.push(request);
        }
        answer
    }

    /// The server's reply to `request` leaves it.
    pub(crate) fn on_reply(&mut self, request: u64, response: Response<Value>) -> Outgoing {
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.taken.contains(&request)) else {
            return Outgoing::Unchanged(response);
        };
        entry.taken.retain(|taken| *taken != request);
        match &mut entry.reaction {
            Reaction::LoseReply => Outgoing::Lost,
            Reaction::SwallowReply => Outgoing::Swallowed,
            Reaction::Delay(delay) => Outgoing::Later(*delay, response),
            Reaction::Rewrite(rewrite) => Outgoing::Unchanged(rewritten(response, rewrite)),
            Reaction::Answer(_) | Reaction::Fail(_) => Outgoing::Unchanged(response),
        }
    }
}

fn rewritten(response: Response<Value>, rewrite: &mut Rewrite) -> Response<Value> {
    let Body::Json(Value::Array(messages)) = response.body else { return response };
    Response { body: Body::Json(rewrite(messages)), ..response }
}
