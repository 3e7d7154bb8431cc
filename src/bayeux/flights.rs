//! What is under way: on either wire one `/meta/connect` and one of everything else, and beside them a goodbye that waits for neither.

use super::message::{ConnectionType, Epoch, MessageId, MetaChannel, Outgoing, RequestId, SocketId};
use super::timer::Timer;
use crate::time::Instant;

/// The places for what is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// `/meta/connect`, which the server holds.
    Connect,
    /// Handshake, subscribe, unsubscribe.
    Send,
    /// `/meta/disconnect`.
    Goodbye,
    /// The request that keeps the login alive.
    KeepAlive,
}

impl Slot {
    pub(super) const ALL: [Self; 4] = [Self::Connect, Self::Send, Self::Goodbye, Self::KeepAlive];

    /// The place of a message to `channel`.
    pub(super) const fn of(channel: MetaChannel) -> Self {
        match channel {
            MetaChannel::Connect => Self::Connect,
            MetaChannel::Disconnect => Self::Goodbye,
            MetaChannel::Handshake | MetaChannel::Subscribe | MetaChannel::Unsubscribe => Self::Send,
        }
    }

    /// The timer that bounds what is in it.
    pub(super) const fn deadline(self) -> Timer {
        match self {
            Self::Connect => Timer::ConnectDeadline,
            Self::Send => Timer::SendDeadline,
            Self::Goodbye => Timer::GoodbyeDeadline,
            Self::KeepAlive => Timer::KeepAliveDeadline,
        }
    }
}

/// What carries messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Via {
    /// A request of their own.
    Request(RequestId),
    /// Frames on a socket.
    Socket(SocketId),
}

impl Via {
    pub(super) const fn connection_type(self) -> ConnectionType {
        match self {
            Self::Request(_) => ConnectionType::LongPolling,
            Self::Socket(_) => ConnectionType::WebSocket,
        }
    }
}

/// Messages under way.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub(super) via: Via,
    pub(super) left_at: Instant,
    /// What has not been answered yet.
    pub(super) messages: Vec<Outgoing>,
}

impl Flight {
    /// Takes out the message that a reply with `id` on `channel` answers.
    pub(super) fn take_answered(&mut self, id: Option<MessageId>, channel: MetaChannel) -> Option<Outgoing> {
        let index = self.messages.iter().position(|message| Some(message.id) == id && message.body.channel() == channel)?;
        Some(self.messages.remove(index))
    }

    /// Whether it is a handshake, which travels alone.
    pub(super) fn is_handshake(&self) -> bool {
        self.messages.first().is_some_and(|message| message.body.channel() == MetaChannel::Handshake)
    }

    /// How long the server should hold it, where it is a connect that is not held as long as the server likes.
    pub(super) fn hold(&self) -> Option<u64> {
        self.messages.first().and_then(|message| message.body.hold())
    }

    /// The session of the messages; a flight never mixes two.
    pub(super) fn epoch(&self) -> Epoch {
        self.messages.first().map_or(Epoch::default(), |message| message.epoch)
    }
}

/// All that is under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Flights {
    slots: [Option<Flight>; Slot::ALL.len()],
    last_request: RequestId,
}

impl Flights {
    /// The id of the next request.
    pub(super) fn next_request(&mut self) -> RequestId {
        self.last_request.take_next()
    }

    /// Whether nothing is under way in `slot`.
    pub(super) const fn is_free(&self, slot: Slot) -> bool {
        self.slots[slot as usize].is_none()
    }

    /// What is under way in `slot`.
    pub(super) const fn get(&self, slot: Slot) -> Option<&Flight> {
        self.slots[slot as usize].as_ref()
    }

    /// Puts `flight` into `slot`, which must be free.
    pub(super) fn put(&mut self, slot: Slot, flight: Flight) {
        debug_assert!(self.is_free(slot), "a slot holds one flight");
        self.slots[slot as usize] = Some(flight);
    }

    /// Takes whatever is in `slot`.
    pub(super) fn take(&mut self, slot: Slot) -> Option<Flight> {
        self.slots[slot as usize].take()
    }

    /// Takes the request out of its slot; `None` for one that ended before.
    pub(super) fn take_request(&mut self, request: RequestId) -> Option<(Slot, Flight)> {
        let slot = Slot::ALL.into_iter().find(|slot| self.travels(*slot, Via::Request(request)))?;
        Some((slot, self.take(slot)?))
    }

    /// Whether what is in `slot` is carried by `via`.
    pub(super) fn travels(&self, slot: Slot, via: Via) -> bool {
        self.get(slot).is_some_and(|flight| flight.via == via)
    }

    /// Takes out the message that a reply with `id` on `channel`, read from `socket`, answers, and with it when it left. Its slot is free once
    /// all in it is answered.
    pub(super) fn take_answered(&mut self, socket: SocketId, id: Option<MessageId>, channel: MetaChannel) -> Option<(Outgoing, Instant)> {
        let slot = &mut self.slots[Slot::of(channel) as usize];
        let flight = slot.as_mut().filter(|flight| flight.via == Via::Socket(socket))?;
        let answered = (flight.take_answered(id, channel)?, flight.left_at);
        if flight.messages.is_empty() {
            *slot = None;
        }
        Some(answered)
    }
}
