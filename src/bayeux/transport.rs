//! Which wire carries what: the one socket, what the present session can travel on, and what has been learnt of sockets to the server.

use super::config::Config;
use super::error::ServerError;
use super::flights::Via;
use super::message::{ConnectionType, MetaChannel, Outgoing, SocketId};
use super::trust::SocketTrust;
use crate::time::Instant;

/// Where the one socket is. It belongs to one session and ends with it.
#[derive(Clone, Debug, Default)]
pub(super) enum Socket {
    /// There is none.
    #[default]
    Absent,
    /// Not open yet.
    Opening {
        /// Which.
        id: SocketId,
        /// What leaves on it when it is open, frame by frame.
        held: Vec<Vec<Outgoing>>,
    },
    /// Open, but it has not answered a connect: what opens may still carry nothing.
    Open {
        /// Which.
        id: SocketId,
    },
    /// It has answered a connect of the session.
    Carrying {
        /// Which.
        id: SocketId,
        /// Since when.
        since: Instant,
        /// When it brought a reply last.
        answered: Instant,
    },
}

impl Socket {
    pub(super) const fn id(&self) -> Option<SocketId> {
        match self {
            Self::Absent => None,
            Self::Opening { id, .. } | Self::Open { id } | Self::Carrying { id, .. } => Some(*id),
        }
    }

    /// The socket, when frames can be sent on it.
    pub(super) const fn open_id(&self) -> Option<SocketId> {
        match self {
            Self::Open { id } | Self::Carrying { id, .. } => Some(*id),
            Self::Absent | Self::Opening { .. } => None,
        }
    }

    pub(super) const fn is_opening(&self) -> bool {
        matches!(self, Self::Opening { .. })
    }

    pub(super) const fn is_carrying(&self) -> bool {
        matches!(self, Self::Carrying { .. })
    }

    /// A reply came on it.
    pub(super) const fn answered(&mut self, now: Instant) {
        if let Self::Carrying { answered, .. } = self {
            *answered = now;
        }
    }

    /// For how long it has brought replies, in ms. How long it has been silent since says nothing for it.
    pub(super) const fn carried(&self) -> u64 {
        match self {
            Self::Carrying { since, answered, .. } => answered.since(*since),
            _ => 0,
        }
    }
}

/// The socket, and what speaks for and against one.
#[derive(Clone, Debug)]
pub(super) struct Transport {
    pub(super) socket: Socket,
    pub(super) trust: SocketTrust,
    /// The trust before a carrying socket was closed in good order, until it is known whether that was for the session's sake.
    pub(super) trust_before: Option<SocketTrust>,
    /// Requests can carry the session.
    pub(super) polling: bool,
    /// A socket can carry the session.
    pub(super) sockets: bool,
    /// How the server refused the session's first connect over HTTP, while a socket is tried in place of the cookie that does not come back.
    pub(super) rescue: Option<ServerError>,
    /// Data messages that a handshake reply on the socket has announced and that have not come.
    pub(super) announced: u64,
    /// Data messages that have come on the socket since its last connect left.
    pub(super) delivered: u64,
    last_socket: SocketId,
}

impl Transport {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            socket: Socket::Absent,
            trust: config.socket_trust,
            trust_before: None,
            polling: config.allows(ConnectionType::LongPolling),
            sockets: config.allows(ConnectionType::WebSocket),
            rescue: None,
            announced: 0,
            delivered: 0,
            last_socket: SocketId::default(),
        }
    }

    /// The session is over, and with it what was learnt of its wires. The socket must be gone.
    pub(super) fn session_ended(&mut self, config: &Config) {
        *self = Self { trust: self.trust, last_socket: self.last_socket, ..Self::new(config) };
    }

    /// The handshake was answered with what the server offers; `None` when it does not say, which is an offer of the wire it was asked on.
    /// `false` when that leaves nothing, and nothing but a goodbye on that wire makes sense.
    pub(super) fn offered(&mut self, offer: Option<&[ConnectionType]>) -> bool {
        let offers = |connection_type| offer.is_none_or(|types| types.contains(&connection_type));
        let polling = self.polling && offers(ConnectionType::LongPolling);
        let sockets = self.sockets && if offer.is_none() { !self.polling } else { offers(ConnectionType::WebSocket) };
        if polling || sockets {
            (self.polling, self.sockets) = (polling, sockets);
        }
        polling || sockets
    }

    /// The server has forgotten the session, and has closed its socket for that alone.
    pub(super) fn session_forgotten(&mut self) {
        if let Some(before) = self.trust_before.take() {
            self.trust = before;
        }
    }

    /// Whether messages to `channel` leave by a request of their own; otherwise on the socket, which may have to be opened. The connect moves to
    /// a socket that is open; the rest follows once that has proved to work. The goodbye keeps to HTTP, as it must be able to leave when the
    /// page goes.
    pub(super) const fn takes_request(&self, channel: MetaChannel) -> bool {
        self.polling
            && match channel {
                MetaChannel::Handshake | MetaChannel::Disconnect => true,
                MetaChannel::Connect => self.socket.open_id().is_none(),
                MetaChannel::Subscribe | MetaChannel::Unsubscribe => !self.socket.is_carrying(),
            }
    }

    /// Whether a connect that leaves by `via` is the one that shows whether the socket works.
    pub(super) const fn is_proof(&self, via: Via) -> bool {
        matches!(via, Via::Socket(_)) && self.polling && matches!(self.socket, Socket::Open { .. })
    }

    /// Whether subscriptions can be told to the server now.
    pub(super) const fn takes_commands(&self) -> bool {
        self.rescue.is_none() && (self.polling || self.socket.open_id().is_some())
    }

    /// Whether to open a socket beside the poll, as far as what is known of sockets goes.
    pub(super) fn wants_socket(&self, now: Instant) -> bool {
        self.polling && self.sockets && self.socket.id().is_none() && self.trust.is_trusted(now)
    }

    /// Whether a socket may be tried where the server has forgotten the session's cookie.
    pub(super) const fn can_rescue(&self) -> bool {
        self.polling && self.sockets && self.rescue.is_none() && !self.socket.is_carrying()
    }

    /// The id of the socket that is about to be opened.
    pub(super) fn opening(&mut self) -> SocketId {
        let id = self.last_socket.take_next();
        self.socket = Socket::Opening { id, held: Vec::new() };
        id
    }

    /// The wire the session is on.
    pub(super) const fn connection_type(&self) -> ConnectionType {
        if self.polling && !self.socket.is_carrying() { ConnectionType::LongPolling } else { ConnectionType::WebSocket }
    }
}
