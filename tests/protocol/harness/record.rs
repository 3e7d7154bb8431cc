//! What happened, for assertions and for the reader of a failure.

use std::fmt::{self, Write};

use gws_im_sdk::bayeux::{Body, Event, RequestId, Response, TransportFailure};
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
        self.messages.iter().map(brief_message).collect::<Vec<_>>().join(" + ")
    }

    pub(crate) fn is(&self, channel: &str) -> bool {
        self.messages.iter().any(|message| message["channel"] == format!("/meta/{channel}"))
    }
}

fn brief_message(message: &Value) -> String {
    let channel = message["channel"].as_str().unwrap_or_default().trim_start_matches("/meta/").to_owned();
    if let Some(subscription) = message["subscription"].as_str() {
        return format!("{channel} {subscription}");
    }
    if channel == "connect" && message["advice"]["timeout"] == 0 { "connect now".to_owned() } else { channel }
}

/// One line of the trace.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    Command(String),
    Sent(RequestId, String),
    Aborted(RequestId),
    Input(String),
    Woken(String),
    Event(String),
}

/// Everything that happened.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) sent: Vec<Sent>,
    pub(crate) events: Vec<(u64, Event<Json>)>,
    trace: Vec<(u64, Entry)>,
}

impl Record {
    pub(crate) fn note(&mut self, now: u64, entry: Entry) {
        self.trace.push((now, entry));
    }

    pub(crate) fn ended(&mut self, now: u64, request: RequestId, end: End) {
        if let Some(sent) = self.sent.iter_mut().find(|sent| sent.request == request && sent.end.is_none()) {
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
                Entry::Input(text) => writeln!(formatter, "{at:>8}  <-       {text}"),
                Entry::Woken(text) => writeln!(formatter, "{at:>8}  timer    {text}"),
                Entry::Event(text) => writeln!(formatter, "{at:>8}  event    {text}"),
            }?;
        }
        Ok(())
    }
}
