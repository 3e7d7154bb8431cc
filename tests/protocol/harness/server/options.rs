//! How the modelled server behaves, by product line.

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
    /// The browser cookie comes back; when not, every message after the handshake is answered 402.
    pub(crate) cookies: bool,
    pub(crate) handshake_advice: bool,
    pub(crate) unknown_session: &'static str,
    /// The HTTP status of a held connect that a newer one displaces.
    pub(crate) displaced_status: u16,
    /// Give an interval in the advice of a 402.
    pub(crate) interval_with_402: bool,
    /// The `supportedConnectionTypes` of the handshake reply.
    pub(crate) connection_types: &'static [&'static str],
}

impl ServerOptions {
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
            connection_types: &["websocket", "long-polling", "callback-polling"],
        };
        match flavour {
            Flavour::CometD8 => cometd8,
            Flavour::CometD3 => Self { unknown_session: "402::Unknown client", displaced_status: 408, ..cometd8 },
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
