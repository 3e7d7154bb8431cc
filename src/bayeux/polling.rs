//! The long-polling wire: one request for the `/meta/connect`, one for everything else, and a goodbye that waits for neither.

use super::message::{Epoch, MessageId, MetaChannel, Outgoing, RequestId};
use super::timer::Timer;
use crate::time::Instant;

/// The places a request can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// `/meta/connect`, which the server holds.
    Connect,
    /// Handshake, subscribe, unsubscribe.
    Send,
    /// `/meta/disconnect`.
    Goodbye,
}

impl Slot {
    pub(super) const ALL: [Self; 3] = [Self::Connect, Self::Send, Self::Goodbye];

    /// The place of a message to `channel`.
    pub(super) const fn of(channel: MetaChannel) -> Self {
        match channel {
            MetaChannel::Connect => Self::Connect,
            MetaChannel::Disconnect => Self::Goodbye,
            MetaChannel::Handshake | MetaChannel::Subscribe | MetaChannel::Unsubscribe => Self::Send,
        }
    }

    /// The timer that bounds the request in it.
    pub(super) const fn deadline(self) -> Timer {
        match self {
            Self::Connect => Timer::ConnectDeadline,
            Self::Send => Timer::SendDeadline,
            Self::Goodbye => Timer::GoodbyeDeadline,
        }
    }
}

/// A request under way.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub(super) request: RequestId,
    pub(super) left_at: Instant,
    /// What it carries and what has not been answered yet.
    pub(super) messages: Vec<Outgoing>,
}

impl Flight {
    /// Takes out the message that a reply with `id` on `channel` answers.
    pub(super) fn take_answered(&mut self, id: Option<MessageId>, channel: MetaChannel) -> Option<Outgoing> {
        let index = self.messages.iter().position(|message| Some(message.id) == id && message.body.channel() == channel)?;
        Some(self.messages.remove(index))
    }

    /// The session of the messages; a request never mixes two.
    pub(super) fn epoch(&self) -> Epoch {
        self.messages.first().map_or(Epoch::default(), |message| message.epoch)
    }
}

/// The requests under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Polling {
    flights: [Option<Flight>; Slot::ALL.len()],
    last_request: RequestId,
}

impl Polling {
    /// Whether nothing is under way in `slot`.
    pub(super) const fn is_free(&self, slot: Slot) -> bool {
        self.flights[slot as usize].is_none()
    }

    /// Puts `messages` into `slot`, which must be free.
    pub(super) fn send(&mut self, slot: Slot, messages: Vec<Outgoing>, now: Instant) -> RequestId {
        debug_assert!(self.is_free(slot), "a slot holds one request");
        let request = self.last_request.take_next();
        self.flights[slot as usize] = Some(Flight { request, left_at: now, messages });
        request
    }

    /// Takes the request out of its slot; `None` for one that ended before.
    pub(super) fn take_request(&mut self, request: RequestId) -> Option<(Slot, Flight)> {
        let slot =
            Slot::ALL.into_iter().find(|slot| self.flights[*slot as usize].as_ref().is_some_and(|flight| flight.request == request))?;
        Some((slot, self.take(slot)?))
    }

    /// Takes whatever is in `slot`.
    pub(super) fn take(&mut self, slot: Slot) -> Option<Flight> {
        self.flights[slot as usize].take()
    }
}
