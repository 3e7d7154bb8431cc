//! How the modelled server behaves, by product line.

use serde_json::Value;

/// Lines of servers that differ on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// No advice in the handshake reply.
    CometD2,
    /// The line GWS embeds.
    CometD3,
    CometD8,
    /// Another implementation: `401:ID:Unknown client`, advice without `interval`, no acknowledge extension.
    Faye,
}

/// How the handshake reply says yes to the acknowledge extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AckStyle {
    /// Not at all.
    Absent,
    /// `ext.ack: true`
    True,
    /// `ext.ack: {enabled: true, batch: n}`, for messages delivered with the handshake.
    EnabledWithBatch,
}

/// How messages share the frames of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameStyle {
    /// Each data message in a frame of its own, then the replies together, as `CometD` does by default.
    Apart,
    /// Everything in one array.
    Together,
    /// Each message as an object without an array around it, as the protocol also allows.
    Bare,
}

impl FrameStyle {
    /// The frames for `messages`, in order.
    pub(crate) fn frames(self, messages: Vec<Value>) -> Vec<Value> {
        match self {
            Self::Together => vec![Value::Array(messages)],
            Self::Bare => messages,
            Self::Apart => {
                let mut frames: Vec<Vec<Value>> = Vec::new();
                for message in messages {
                    let reply = message.get("data").is_none();
                    match frames.last_mut().filter(|frame| reply && frame[0].get("data").is_none()) {
                        Some(frame) => frame.push(message),
                        None => frames.push(vec![message]),
                    }
                }
                frames.into_iter().map(Value::Array).collect()
            }
        }
    }
}

/// Times in ms.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)] // switches of a test server, each on its own
pub(crate) struct ServerOptions {
    /// How long a connect is held.
    pub(crate) timeout: u64,
    pub(crate) interval: i64,
    /// How long after its last connect reply a session lives.
    pub(crate) max_interval: u64,
    /// Say `maxInterval` in advice.
    pub(crate) tell_max_interval: bool,
    pub(crate) ack: AckStyle,
    /// The browser cookie comes back; when not, every request after a handshake over HTTP is answered 402. Sockets do without.
    pub(crate) cookies: bool,
    pub(crate) handshake_advice: bool,
    pub(crate) unknown_session: &'static str,
    /// The HTTP status of a held connect that a newer one displaces.
    pub(crate) displaced_status: u16,
    /// Give an interval in the advice of a 402.
    pub(crate) interval_with_402: bool,
    /// A 402 comes with advice.
    pub(crate) advice_with_402: bool,
    /// A session is known only on the socket its handshake came by, and by requests (`ws.requireHandshakePerConnection`).
    pub(crate) require_handshake_per_connection: bool,
    pub(crate) frames: FrameStyle,
    /// A connect held on a socket whose session is forgotten is answered at its timeout; otherwise at once.
    pub(crate) forgotten_connects_wait: bool,
    /// The `supportedConnectionTypes` of the handshake reply.
    pub(crate) connection_types: &'static [&'static str],
}

impl ServerOptions {
    /// A server that keeps its sessions for longer than any fault lasts.
    pub(crate) fn patient(flavour: Flavour) -> Self {
        Self { max_interval: 100_000_000, ..Self::new(flavour) }
    }

    /// One that does not acknowledge.
    pub(crate) fn unacknowledged(flavour: Flavour) -> Self {
        Self { ack: AckStyle::Absent, ..Self::new(flavour) }
    }

    pub(crate) fn new(flavour: Flavour) -> Self {
        let cometd8 = Self {
            timeout: 20_000,
            interval: 0,
            max_interval: 10_000,
            tell_max_interval: false,
            ack: AckStyle::True,
            cookies: true,
            handshake_advice: true,
            unknown_session: "402::session_unknown",
            displaced_status: 500,
            interval_with_402: true,
            advice_with_402: true,
            require_handshake_per_connection: false,
            frames: FrameStyle::Apart,
            forgotten_connects_wait: false,
            connection_types: &["websocket", "long-polling", "callback-polling"],
        };
        match flavour {
            Flavour::CometD8 => cometd8,
            Flavour::CometD3 => {
                Self { unknown_session: "402::Unknown client", displaced_status: 408, forgotten_connects_wait: true, ..cometd8 }
            }
            Flavour::CometD2 => Self {
                unknown_session: "402::Unknown client",
                displaced_status: 408,
                handshake_advice: false,
                connection_types: &["callback-polling", "long-polling"],
                ..cometd8
            },
            Flavour::Faye => Self {
                unknown_session: "401:ID:Unknown client",
                ack: AckStyle::Absent,
                interval_with_402: false,
                connection_types: &["long-polling", "cross-origin-long-polling", "eventsource", "in-process"],
                ..cometd8
            },
        }
    }
}
