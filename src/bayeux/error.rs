//! Who is to blame, in the type: the caller ([`UsageError`]), the network ([`TransportFailure`]), the server's answer ([`ServerError`]) or
//! its breach of the protocol ([`Violation`]). Peers never cause panics.

use super::channel::ChannelError;

/// A command that made no sense. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsageError {
    /// The channel can't be subscribed to.
    Channel(ChannelError),
    /// Unsubscribing from what is not subscribed.
    NotSubscribed,
    /// More subscriptions than [`Config::max_subscriptions`](super::config::Config::max_subscriptions).
    TooManySubscriptions,
}

/// A request or socket that ended without a usable answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportFailure {
    /// No connection, or it broke. The browser does not say why.
    Network,
    /// No answer before the deadline.
    Timeout,
    /// An HTTP status other than 200.
    Http {
        /// The status.
        status: u16,
    },
    /// A body that is not JSON.
    NotJson {
        /// It looks like an HTML page.
        html: bool,
    },
    /// A body that lacks the reply to what was sent.
    NoReply,
    /// A redirect, which the SDK does not follow: it leads to a login page.
    Redirect,
    /// The request could not be made: the caller's `headers` function failed, or the browser refused it.
    Refused,
    /// The token against cross-site request forgery is refused, also when it has been read again.
    TokenRefused,
    /// A socket closed, or never opened.
    Socket {
        /// The close code, 1006 when there was none.
        code: u16,
    },
    /// A socket that does not get rid of what it was given.
    Stalled,
}

/// An error a server gave in a reply, in its own words: `code:args:text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerError {
    /// The code before the first colon, when it is a number.
    pub code: Option<u16>,
    /// The whole text, as sent.
    pub text: String,
}

impl ServerError {
    /// The error in `text`, e.g. `402::Unknown client`.
    pub fn parse(text: String) -> Self {
        let code = text.split(':').next().and_then(|code| code.trim().parse().ok());
        Self { code, text }
    }

    /// An error that came without text.
    pub const fn unnamed() -> Self {
        Self { code: None, text: String::new() }
    }

    /// Whether the code says that the server does not know this session.
    pub fn is_unknown_session(&self) -> bool {
        self.code == Some(402)
    }

    /// Whether the code says that the caller is not logged in, or not allowed.
    pub fn is_login(&self) -> bool {
        matches!(self.code, Some(401 | 403))
    }
}

/// What a server sent against the protocol. It is reported and otherwise ignored; the rest of what came with it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A body or frame that is neither an array nor an object.
    NotMessages,
    /// An element of the array that is not an object.
    NotAMessage,
    /// A message without a `channel`, or with one that is not a string.
    NoChannel,
    /// A meta channel the protocol does not know.
    UnknownMetaChannel,
    /// A reply to nothing that is outstanding.
    UnknownReply,
    /// A message on an ordinary channel without `data`: a reply to a publish, which this client never sends.
    NoData,
    /// A successful handshake without a `clientId`.
    NoClientId,
    /// An `advice` that is not an object, or a member of it of the wrong type.
    Advice,
    /// A `reconnect` other than `retry`, `handshake` and `none`.
    UnknownReconnect,
    /// An `ext.ack` that can't be read.
    Ack,
    /// An `id`, `clientId`, `error`, `successful` or `supportedConnectionTypes` of the wrong type.
    Member,
}

impl Violation {
    /// A stable name, used in error codes and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotMessages => "not-messages",
            Self::NotAMessage => "not-a-message",
            Self::NoChannel => "no-channel",
            Self::UnknownMetaChannel => "unknown-meta-channel",
            Self::UnknownReply => "unknown-reply",
            Self::NoData => "no-data",
            Self::NoClientId => "no-client-id",
            Self::Advice => "advice",
            Self::UnknownReconnect => "unknown-reconnect",
            Self::Ack => "ack",
            Self::Member => "member",
        }
    }
}

/// Why a command did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// The server refused it.
    Refused(ServerError),
    /// The channel ended first, for this cause.
    Ended(super::io::Cause),
    /// The caller took it back: `disconnect`, or `unsubscribe` before the server had confirmed.
    Aborted,
}
