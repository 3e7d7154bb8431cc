//! The stable code of everything that can go wrong. The sentences stand in the face's `errors.js`, by code.

use wasm_bindgen::prelude::*;

use super::sys::Host;
use crate::bayeux::{Cause, CommandError, ServerError, TransportFailure, UsageError, Violation};
use crate::text::{decimal, joined};

/// An error on its way to the face.
pub(super) struct Fault {
    code: String,
    /// The server's words, or what the caller gave.
    text: Option<String>,
    /// HTTP
    status: Option<u16>,
    /// Trying again can help and can't act twice.
    retryable: bool,
}

impl Fault {
    fn new(group: &str, name: &str, retryable: bool) -> Self {
        Self { code: joined(&[group, "/", name]), text: None, status: None, retryable }
    }

    fn with_text(self, text: &str) -> Self {
        Self { text: Some(text.to_owned()).filter(|text| !text.is_empty()), ..self }
    }

    pub(super) fn code(&self) -> &str {
        &self.code
    }

    /// The `GwsImError`; `undefined` if even that can't be made.
    pub(super) fn to_js(&self, host: &Host) -> JsValue {
        host.error(&self.code, self.text.as_deref(), self.status, self.retryable).unwrap_or(JsValue::UNDEFINED)
    }

    pub(super) fn multiple_clients() -> Self {
        Self::new("server", "multiple-clients", false)
    }

    pub(super) fn subscription_lost(topic: &str, error: &ServerError) -> Self {
        Self::from_server(error).with_text(&joined(&[topic, ": ", &error.text]))
    }

    fn from_server(error: &ServerError) -> Self {
        let name = error.code.map_or_else(|| "unsuccessful".to_owned(), |code| decimal(code.into()));
        Self::new("server", &name, false).with_text(&error.text)
    }
}

impl From<&Cause> for Fault {
    fn from(cause: &Cause) -> Self {
        match cause {
            Cause::Transport(failure) => failure.into(),
            Cause::Server(error) => Self { retryable: true, ..Self::from_server(error) },
            Cause::ServerEnded(error) => Self::new("server", "ended", true).with_text(&error.text),
            Cause::TopicRefused(error) => Self::from_server(error),
            Cause::LoginRequired { status } => {
                Self { status: Some(*status).filter(|status| *status > 0), ..Self::new("auth", "required", false) }
            }
            Cause::Cookies => Self::new("auth", "cookies", false),
            Cause::NoConnectionType => Self::new("protocol", "no-connection-type", false),
        }
    }
}

impl From<&TransportFailure> for Fault {
    fn from(failure: &TransportFailure) -> Self {
        match failure {
            TransportFailure::Network => Self::new("network", "failed", true),
            TransportFailure::Timeout => Self::new("network", "timeout", true),
            TransportFailure::Http { status } => Self { status: Some(*status), ..Self::new("http", &decimal((*status).into()), true) },
            TransportFailure::NotJson { .. } => Self::new("protocol", "not-json", true),
            TransportFailure::NoReply => Self::new("protocol", "no-reply", true),
            TransportFailure::Redirect => Self::new("auth", "redirect", true),
            TransportFailure::TokenRefused => Self { status: Some(403), ..Self::new("auth", "csrf", true) },
            TransportFailure::Refused => Self::new("network", "refused", true),
            TransportFailure::Socket { code } => Self::new("network", "socket-closed", true).with_text(&decimal((*code).into())),
            TransportFailure::Stalled => Self::new("network", "socket-stalled", true),
        }
    }
}

impl From<&CommandError> for Fault {
    fn from(error: &CommandError) -> Self {
        match error {
            CommandError::Refused(error) => Self::from_server(error),
            CommandError::Ended(cause) => cause.into(),
            CommandError::Aborted => Self { code: "aborted".to_owned(), text: None, status: None, retryable: true },
        }
    }
}

impl From<Violation> for Fault {
    fn from(violation: Violation) -> Self {
        Self::new("protocol", violation.name(), false)
    }
}

impl Fault {
    /// The caller's mistake with `topic`.
    pub(super) fn usage(error: &UsageError, topic: &str) -> Self {
        let name = match error {
            UsageError::Channel(_) => "topic",
            UsageError::NotSubscribed => "not-subscribed",
            UsageError::TooManySubscriptions => "too-many-subscriptions",
        };
        Self::new("usage", name, false).with_text(topic)
    }
}
