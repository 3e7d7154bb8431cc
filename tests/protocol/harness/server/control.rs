//! What tests do to the server, and ask it.

use gws_im_sdk::bayeux::ChannelPattern;
use serde_json::{Value, json};

use super::session::Held;
use super::{Carrier, Sending, Server, connect_reply};

impl Server {
    /// Publishes on `channel`; a session that is subscribed gets it once.
    pub(crate) fn publish(&mut self, now: u64, channel: &str, data: &Value) {
        for index in 0..self.sessions.len() {
            if self.sessions[index].is_subscribed_to(channel) {
                self.deliver(now, index, json!({"channel": channel, "data": data}));
            }
        }
    }

    /// Forgets every session; a held connect is answered as if nothing had happened, and the next message gets the 402.
    pub(crate) fn expire_all(&mut self) {
        let held: Vec<Held> = std::mem::take(&mut self.sessions).into_iter().filter_map(|session| session.held).collect();
        let waits = self.options.forgotten_connects_wait;
        let (wait, answered): (Vec<Held>, Vec<Held>) =
            held.into_iter().partition(|held| waits && matches!(held.carrier, Carrier::Socket(_)));
        self.orphans.extend(wait);
        self.answer_forgotten(answered);
    }

    /// Forgets every session and whoever waits, as a node that is restarted. Its sockets break.
    pub(crate) fn restart(&mut self) {
        self.sessions.clear();
        self.orphans.clear();
        let broken = std::mem::take(&mut self.sockets);
        self.outbox.extend(broken.into_iter().map(|socket| Sending::Close(socket, 1006)));
    }

    /// Closes every socket with `code`; 1006 is a connection that breaks.
    pub(crate) fn close_sockets(&mut self, now: u64, code: u16) {
        for socket in self.sockets.clone() {
            self.socket_closed(now, socket);
            self.outbox.push(Sending::Close(socket, code));
        }
    }

    /// Ends every session in the way of a server-side disconnect.
    pub(crate) fn disconnect_all(&mut self) {
        for mut session in std::mem::take(&mut self.sessions) {
            // What is to be acknowledged leaves only with the reply to a connect.
            let queued = session.held.is_some() || !session.acknowledged;
            let mut messages = if queued { session.queue.take() } else { Vec::new() };
            messages.push(json!({"channel": "/meta/disconnect", "successful": true}));
            if let Some(held) = session.held.take() {
                messages.push(connect_reply(&held.id, Some(json!({"reconnect": "none", "interval": 0})), None));
                self.send(held.carrier, messages);
            } else if let Some(socket) = session.socket {
                self.send(Carrier::Socket(socket), messages);
            }
        }
    }

    /// Refuses subscriptions to `channel` from now on.
    pub(crate) fn refuse(&mut self, channel: &str, error: &'static str) {
        self.refused.push((channel.to_owned(), error));
    }

    /// Refuses nothing from now on.
    pub(crate) fn refuse_nothing(&mut self) {
        self.refused.clear();
        self.refuse_handshakes = None;
    }

    /// The ids of the sessions that live.
    pub(crate) fn live(&self) -> Vec<&str> {
        self.sessions.iter().map(|session| session.client_id.as_str()).collect()
    }

    /// The channels a session is subscribed to, sorted.
    pub(crate) fn subscriptions(&self, client_id: &str) -> Vec<&str> {
        let session = self.sessions.iter().find(|session| session.client_id == client_id);
        let mut channels: Vec<&str> =
            session.map(|session| session.subscriptions.iter().map(ChannelPattern::as_str).collect()).unwrap_or_default();
        channels.sort_unstable();
        channels
    }

    /// The sockets that are open for the server.
    pub(crate) fn open_sockets(&self) -> usize {
        self.sockets.len()
    }

    /// Whether a connect is held on a socket now.
    pub(crate) fn is_holding_on_a_socket(&self) -> bool {
        self.sessions.iter().any(|session| session.held.as_ref().is_some_and(|held| matches!(held.carrier, Carrier::Socket(_))))
    }

    /// Whether a connect is held now.
    pub(crate) fn is_holding(&self) -> bool {
        self.sessions.iter().any(|session| session.held.is_some())
    }
}
