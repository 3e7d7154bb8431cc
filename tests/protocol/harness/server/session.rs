//! One session of the modelled server.

use gws_im_sdk::bayeux::{ChannelPattern, RequestId};
use serde_json::Value;

use super::queue::Queue;

/// A `/meta/connect` the server has not answered.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) request: RequestId,
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
    pub(crate) held: Option<Held>,
    /// The next connect is the first.
    pub(crate) fresh: bool,
    pub(crate) expires_at: u64,
}

impl Session {
    pub(crate) const fn new(client_id: String, acknowledged: bool, expires_at: u64) -> Self {
        Self { client_id, subscriptions: Vec::new(), queue: Queue::new(), acknowledged, held: None, fresh: true, expires_at }
    }

    pub(crate) fn is_subscribed_to(&self, channel: &str) -> bool {
        self.subscriptions.iter().any(|pattern| pattern.matches(channel))
    }

    /// When the server must look at this session again: its held connect times out, or it expires.
    pub(crate) fn next_wake(&self) -> u64 {
        self.held.as_ref().map_or(self.expires_at, |held| held.until)
    }
}
