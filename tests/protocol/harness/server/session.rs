//! One session of the modelled server.

use gws_im_sdk::bayeux::{ChannelPattern, SocketId};
use serde_json::Value;

use super::Carrier;
use super::queue::Queue;

/// A `/meta/connect` the server has not answered.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) carrier: Carrier,
    pub(crate) id: Value,
    pub(crate) until: u64,
    /// The reply carries advice: it is the first of the session, or the client sent some.
    pub(crate) with_advice: bool,
}

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) client_id: String,
    pub(crate) subscriptions: Vec<ChannelPattern>,
    pub(crate) queue: Queue,
    /// Both sides agreed on the acknowledge extension.
    pub(crate) acknowledged: bool,
    /// What the handshake came by. By a request, it binds the session to the browser's cookie.
    pub(crate) made_by: Carrier,
    /// The socket of the last connect, when that came by one: what is not acknowledged is pushed on it.
    pub(crate) socket: Option<SocketId>,
    pub(crate) held: Option<Held>,
    /// The next connect is the first.
    pub(crate) fresh: bool,
    pub(crate) expires_at: u64,
}

impl Session {
    pub(crate) const fn new(client_id: String, acknowledged: bool, made_by: Carrier, expires_at: u64) -> Self {
        Self {
            client_id,
            subscriptions: Vec::new(),
            queue: Queue::new(),
            acknowledged,
            made_by,
            socket: None,
            held: None,
            fresh: true,
            expires_at,
        }
    }

    /// The socket on which messages leave without being asked for.
    pub(crate) fn push_socket(&self) -> Option<SocketId> {
        self.socket.filter(|_| !self.acknowledged)
    }

    pub(crate) fn is_subscribed_to(&self, channel: &str) -> bool {
        self.subscriptions.iter().any(|pattern| pattern.matches(channel))
    }

    /// When the server must look at this session again: its held connect times out, or it expires.
    pub(crate) fn next_wake(&self) -> u64 {
        self.held.as_ref().map_or(self.expires_at, |held| held.until)
    }
}
