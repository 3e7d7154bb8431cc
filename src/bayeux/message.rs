//! Identities that never repeat, the messages we send, and the typed form of those we receive.
//!
//! Every id is a generation: an event that carries the id of something that ended matches nothing and changes nothing.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::advice::AdviceFields;
use super::channel::ChannelPattern;
use super::error::ServerError;
use crate::text::decimal;

macro_rules! generation {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub(super) u64);

        impl $name {
            /// The number behind the id, for tables and logs.
            pub const fn number(self) -> u64 {
                self.0
            }

            /// The id with this number, as [`Self::number`] gave it.
            pub const fn from_number(number: u64) -> Self {
                Self(number)
            }

            /// Moves on to the next id.
            pub(super) const fn take_next(&mut self) -> Self {
                self.0 += 1;
                *self
            }
        }
    };
}

generation! {
    /// Names one HTTP request.
    RequestId
}
generation! {
    /// Names one WebSocket.
    SocketId
}
generation! {
    /// Names one command of the caller until it completes.
    CommandId
}
generation! {
    /// Names one Bayeux message; on the wire a decimal string, as `CometD` servers accept letters and digits only.
    MessageId
}
generation! {
    /// Names one CometD session of this client. Replies do not echo the client id, so each message remembers its session.
    Epoch
}

/// The id a server gave this client at the handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientId(String);

impl ClientId {
    /// The id `text`; `None` when it is empty.
    pub fn new(text: String) -> Option<Self> {
        (!text.is_empty()).then_some(Self(text))
    }

    /// The id as it goes on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The `connectionType` of a `/meta/connect`, and the way a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionType {
    /// HTTP requests; `/meta/connect` is held by the server until there is something to say.
    LongPolling,
    /// One socket for everything.
    WebSocket,
}

impl ConnectionType {
    /// The name Bayeux gives it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LongPolling => "long-polling",
            Self::WebSocket => "websocket",
        }
    }
}

/// A message on its way to the server.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// Names it; the server's reply carries the same id.
    pub id: MessageId,
    /// The session it belongs to.
    pub epoch: Epoch,
    /// What it says.
    pub body: OutgoingBody,
}

/// What an [`Outgoing`] message says.
#[derive(Clone, Debug, PartialEq)]
pub enum OutgoingBody {
    /// `/meta/handshake`
    Handshake {
        /// The `supportedConnectionTypes`, in order of preference.
        connection_types: Vec<ConnectionType>,
        /// Whether the acknowledge extension is offered.
        ack: bool,
        /// The advice this client starts from, in ms.
        timeout: u64,
        /// See `timeout`.
        interval: u64,
    },
    /// `/meta/connect`
    Connect {
        /// The session.
        client_id: ClientId,
        /// The wire it travels on.
        connection_type: ConnectionType,
        /// How long the server shall hold it, in ms, where that is not for as long as it likes (`advice.timeout`): not at all after anything but a
        /// successful connect, so that the state shown is prompt; for a moment while a socket opens, which takes over when it returns.
        hold: Option<u64>,
        /// The batch acknowledged, when the session is acknowledged.
        ack: Option<u64>,
    },
    /// `/meta/subscribe`
    Subscribe {
        /// The session.
        client_id: ClientId,
        /// The channel asked for.
        subscription: ChannelPattern,
    },
    /// `/meta/unsubscribe`
    Unsubscribe {
        /// The session.
        client_id: ClientId,
        /// The channel given up.
        subscription: ChannelPattern,
    },
    /// `/meta/disconnect`
    Disconnect {
        /// The session.
        client_id: ClientId,
    },
}

impl OutgoingBody {
    /// The meta channel it goes to.
    pub const fn channel(&self) -> MetaChannel {
        match self {
            Self::Handshake { .. } => MetaChannel::Handshake,
            Self::Connect { .. } => MetaChannel::Connect,
            Self::Subscribe { .. } => MetaChannel::Subscribe,
            Self::Unsubscribe { .. } => MetaChannel::Unsubscribe,
            Self::Disconnect { .. } => MetaChannel::Disconnect,
        }
    }
}

impl OutgoingBody {
    /// How long the server should hold it, where it is a connect that is not held as long as the server likes.
    pub(super) const fn hold(&self) -> Option<u64> {
        match self {
            Self::Connect { hold, .. } => *hold,
            _ => None,
        }
    }
}

impl Outgoing {
    /// The members of the wire form, with the names of Bayeux 1.0.
    fn members(&self) -> Vec<(&'static str, Wire<'_>)> {
        let mut members = vec![("id", Wire::Decimal(self.id.number())), ("channel", Wire::Text(self.body.channel().name()))];
        match &self.body {
            OutgoingBody::Handshake { connection_types, ack, timeout, interval } => members.extend([
                ("version", Wire::Text("1.0")),
                ("minimumVersion", Wire::Text("1.0")),
                ("supportedConnectionTypes", Wire::Names(connection_types)),
                ("advice", Wire::Object(vec![("timeout", Wire::Number(*timeout)), ("interval", Wire::Number(*interval))])),
                ("ext", Wire::Object(vec![("ack", Wire::Flag(*ack))])),
            ]),
            OutgoingBody::Connect { client_id, connection_type, hold, ack } => {
                members.extend([("clientId", Wire::Text(client_id.as_str())), ("connectionType", Wire::Text(connection_type.name()))]);
                members.extend(hold.map(|timeout| ("advice", Wire::Object(vec![("timeout", Wire::Number(timeout))]))));
                members.extend(ack.map(|batch| ("ext", Wire::Object(vec![("ack", Wire::Number(batch))]))));
            }
            OutgoingBody::Subscribe { client_id, subscription } | OutgoingBody::Unsubscribe { client_id, subscription } => {
                members.extend([("clientId", Wire::Text(client_id.as_str())), ("subscription", Wire::Text(subscription.as_str()))]);
            }
            OutgoingBody::Disconnect { client_id } => members.push(("clientId", Wire::Text(client_id.as_str()))),
        }
        members
    }
}

impl Serialize for Outgoing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire::Object(self.members()).serialize(serializer)
    }
}

/// A value of the wire form. One type for all of them: each type that is serialized costs its own code in the WebAssembly module.
enum Wire<'a> {
    Text(&'a str),
    Number(u64),
    /// A number as a decimal string.
    Decimal(u64),
    Flag(bool),
    Names(&'a [ConnectionType]),
    Object(Vec<(&'static str, Wire<'a>)>),
}

impl Serialize for Wire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Decimal(number) => serializer.serialize_str(&decimal(*number)),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Names(names) => serializer.collect_seq(names.iter().map(|connection_type| Wire::Text(connection_type.name()))),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

/// The channels of the protocol itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetaChannel {
    /// `/meta/handshake`
    Handshake,
    /// `/meta/connect`
    Connect,
    /// `/meta/subscribe`
    Subscribe,
    /// `/meta/unsubscribe`
    Unsubscribe,
    /// `/meta/disconnect`
    Disconnect,
}

impl MetaChannel {
    /// The channel's name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Handshake => "/meta/handshake",
            Self::Connect => "/meta/connect",
            Self::Subscribe => "/meta/subscribe",
            Self::Unsubscribe => "/meta/unsubscribe",
            Self::Disconnect => "/meta/disconnect",
        }
    }

    /// The channel called `name`, if it is one of these.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Handshake, Self::Connect, Self::Subscribe, Self::Unsubscribe, Self::Disconnect]
            .into_iter()
            .find(|channel| channel.name() == name)
    }
}

/// One received message, told apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Incoming<P> {
    /// On a meta channel.
    Meta(MetaReply),
    /// Carries `data`: something published. The message is the server's own, untouched.
    Delivery(P),
}

/// A reply on a meta channel, read leniently: what was absent or ill-typed is `None` or the member's neutral value.
#[derive(Clone, Debug, PartialEq)]
pub struct MetaReply {
    /// Where it came.
    pub channel: MetaChannel,
    /// The message it answers; `None` for a server's own `/meta/disconnect`, or an id that is not ours.
    pub id: Option<MessageId>,
    /// Whether it says `successful: true`.
    pub successful: bool,
    /// Given by a successful handshake.
    pub client_id: Option<ClientId>,
    /// What the server offers at the handshake, as far as we know the names; `None` when it says nothing.
    pub connection_types: Option<Vec<ConnectionType>>,
    /// What the server advises.
    pub advice: Option<AdviceFields>,
    /// The acknowledge extension's word.
    pub ack: AckField,
    /// `x-messages` of a handshake reply: how many data messages come with it.
    pub announced: u64,
    /// Why it was not successful.
    pub error: Option<ServerError>,
}

impl MetaReply {
    /// Why it was not successful, in the server's words.
    pub(super) fn into_error(self) -> ServerError {
        self.error.unwrap_or(ServerError::unnamed())
    }
}

/// `ext.ack` of a reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AckField {
    /// Nothing readable.
    #[default]
    Absent,
    /// A handshake's yes: `true`, or `{enabled: true}` with the batch it starts from.
    Enabled {
        /// The batch delivered with the handshake reply, 0 when not said.
        batch: u64,
    },
    /// A connect reply's batch.
    Batch(u64),
}
