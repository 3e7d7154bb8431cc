//! What happened, for assertions and for the reader of a failure.

use std::fmt::{self, Write};

use gws_im_sdk::bayeux::{Body, ConnectionType, Event, Outgoing, RequestId, Response, SocketId, TransportFailure};
use serde_json::Value;

use super::status_path::brief;
use crate::json::Json;

/// How a request ended for the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Answered,
    Failed,
    Aborted,
}

/// A request the client made.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) at: u64,
    pub(crate) request: RequestId,
    pub(crate) messages: Vec<Value>,
    pub(crate) keepalive: bool,
    pub(crate) end: Option<(u64, End)>,
}

impl Sent {
    /// In a few words: `subscribe /a + subscribe /b`, `connect now` for one that asks for an answer at once.
    pub(crate) fn brief(&self) -> String {
        brief_messages(&self.messages)
    }

    pub(crate) fn is(&self, channel: &str) -> bool {
        self.messages.iter().any(|message| message["channel"] == format!("/meta/{channel}"))
    }
}

/// Messages the client wants to send, in a few words.
pub(crate) fn brief_outgoing(messages: &[Outgoing]) -> String {
    let wire_form: Vec<Value> = messages.iter().filter_map(|message| serde_json::to_value(message).ok()).collect();
    brief_messages(&wire_form)
}

/// Messages in a few words.
pub(crate) fn brief_messages(messages: &[Value]) -> String {
    messages.iter().map(brief_message).collect::<Vec<_>>().join(" + ")
}

fn brief_message(message: &Value) -> String {
    let channel = message["channel"].as_str().unwrap_or_default().trim_start_matches("/meta/").to_owned();
    if let Some(subscription) = message["subscription"].as_str() {
        return format!("{channel} {subscription}");
    }
    if channel == "connect" && message["advice"]["timeout"] == 0 { "connect now".to_owned() } else { channel }
}

/// A message the client sent, on either wire.
#[derive(Clone, Debug)]
pub(crate) struct Left {
    pub(crate) at: u64,
    pub(crate) wire: ConnectionType,
    pub(crate) message: Value,
}

impl Left {
    pub(crate) fn is(&self, channel: &str) -> bool {
        self.message["channel"] == format!("/meta/{channel}")
    }
}

/// One line of the trace.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    Command(String),
    Sent(RequestId, String),
    Aborted(RequestId),
    Frame(SocketId, String),
    Socket(SocketId, &'static str),
    Input(String),
    Woken(String),
    Event(String),
}

/// Everything that happened.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) sent: Vec<Sent>,
    pub(crate) events: Vec<(u64, Event<Json>)>,
    /// Every message that left, on either wire.
    pub(crate) left: Vec<Left>,
    /// What the client did with its wires, in a few words each: `connect`, `socket connect now`, `open socket`, `close socket`, `abort`.
    pub(crate) traffic: Vec<(u64, String)>,
    /// When requests that keep the login alive left.
    pub(crate) keep_alives: Vec<u64>,
    /// When sockets were asked for.
    pub(crate) sockets: Vec<u64>,
    trace: Vec<(u64, Entry)>,
}

impl Record {
    pub(crate) fn note(&mut self, now: u64, entry: Entry) {
        self.trace.push((now, entry));
    }

    /// Messages leave by `wire`.
    pub(crate) fn leave(&mut self, at: u64, wire: ConnectionType, messages: &[Value]) {
        let on_socket = if wire == ConnectionType::WebSocket { "socket " } else { "" };
        self.traffic.push((at, format!("{on_socket}{}", brief_messages(messages))));
        self.left.extend(messages.iter().map(|message| Left { at, wire, message: message.clone() }));
    }

    /// Forgets everything but the trace and what has not ended.
    pub(crate) fn forget(&mut self) {
        self.sent.retain(|sent| sent.end.is_none());
        self.sent.iter_mut().for_each(|sent| sent.messages.clear());
        self.events.clear();
        self.left.clear();
        self.traffic.clear();
        self.keep_alives.clear();
        self.sockets.clear();
    }

    pub(crate) fn forget_trace(&mut self) {
        self.trace.clear();
        self.sent.retain(|sent| sent.end.is_none());
    }

    pub(crate) fn ended(&mut self, now: u64, request: RequestId, end: End) {
        if let Some(sent) = self.sent.iter_mut().rev().find(|sent| sent.request == request && sent.end.is_none()) {
            sent.end = Some((now, end));
        }
    }

    pub(crate) fn event(&mut self, now: u64, event: &Event<Json>) {
        self.note(now, Entry::Event(brief_event(event)));
        self.events.push((now, event.clone()));
    }
}

pub(crate) fn brief_event(event: &Event<Json>) -> String {
    match event {
        Event::Status(status) => brief(status),
        Event::Delivery(message) => format!("delivery {}", message["data"]),
        other => format!("{other:?}"),
    }
}

pub(crate) fn brief_frame(socket: SocketId, body: &Body<Value>) -> String {
    match body {
        Body::Json(body) => format!("socket {} {}", socket.number(), shortened(&body.to_string())),
        Body::NotJson { .. } => format!("socket {} not JSON", socket.number()),
    }
}

pub(crate) fn brief_outcome(request: RequestId, outcome: &Result<Response<Value>, TransportFailure>) -> String {
    match outcome {
        Err(failure) => format!("#{} fails: {failure:?}", request.number()),
        Ok(Response { status, body: Body::Json(body), .. }) => format!("#{} {status} {}", request.number(), shortened(&body.to_string())),
        Ok(Response { status, body, retry_after }) => format!("#{} {status} {body:?} {retry_after:?}", request.number()),
    }
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(400).collect();
    if short.len() < text.len() {
        let _ = write!(short, "… ({} bytes)", text.len());
    }
    short
}

impl fmt::Display for Record {
    /// The last lines of the trace, oldest first.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let skipped = self.trace.len().saturating_sub(80);
        if skipped > 0 {
            writeln!(formatter, "… {skipped} lines before")?;
        }
        for (at, entry) in &self.trace[skipped..] {
            match entry {
                Entry::Command(text) => writeln!(formatter, "{at:>8}  command  {text}"),
                Entry::Sent(request, text) => writeln!(formatter, "{at:>8}  ->       #{} {text}", request.number()),
                Entry::Aborted(request) => writeln!(formatter, "{at:>8}  abort    #{}", request.number()),
                Entry::Frame(socket, text) => writeln!(formatter, "{at:>8}  ->       socket {} {text}", socket.number()),
                Entry::Socket(socket, text) => writeln!(formatter, "{at:>8}  {text:<7}  socket {}", socket.number()),
                Entry::Input(text) => writeln!(formatter, "{at:>8}  <-       {text}"),
                Entry::Woken(text) => writeln!(formatter, "{at:>8}  timer    {text}"),
                Entry::Event(text) => writeln!(formatter, "{at:>8}  event    {text}"),
            }?;
        }
        Ok(())
    }
}
