//! What comes in, taken apart: answers and frames into deliveries and replies, failures into stimuli for the session.

use super::ack::AckTable;
use super::client::Client;
use super::decode::{RawMessage, read_messages};
use super::error::{TransportFailure, Violation};
use super::flights::{Flight, Slot, Via};
use super::io::{Body, Cause, ConnectionState, Event, Input, Output, Response};
use super::message::{Epoch, Incoming, MessageId, MetaChannel, MetaReply, Outgoing, OutgoingBody, RequestId};
use super::session::{Link, State};
use super::stimulus::Stimulus;
use super::timer::Timer;
use crate::time::Instant;

/// HTML pages in place of an answer, in a row, that mean a login page; fewer may be a proxy's.
const PAGES_THAT_MEAN_LOGIN: u32 = 3;
/// How many breaches of the protocol in one body are told one by one; all are counted.
const VIOLATIONS_TOLD: usize = 10;
/// The time between two questions whether the channel works, ms: impatience is no storm.
const HURRY_GAP: u64 = 1_000;
/// A connect that is answered with nothing so soon, beyond a tenth of the time it should be held, was not held, ms.
const HASTE: u64 = 200;
/// A connect that is held for so long is held well, ms.
const HELD_WELL: u64 = 5_000;
/// `Retry-After` is obeyed up to an hour.
const LONGEST_RETRY_AFTER: u64 = 3_600_000;

impl<P: RawMessage> Client<P> {
    /// Takes something that happened outside. Ids of what has ended are ignored.
    pub fn handle_input(&mut self, now: Instant, input: Input<P>) {
        self.advance(now);
        match input {
            Input::Response { request, response } => self.response(request, response),
            Input::RequestFailed { request, failure } => self.request_failed(request, failure),
            Input::LoginDone { renewed } => self.apply(Stimulus::LoginDone { renewed }),
            Input::LoginLost { status, renewable } => self.login_lost(status, renewable),
            Input::Online => {
                self.surroundings.offline = false;
                self.transport.trust.renewed();
                self.surroundings.moved = true;
                self.hurry();
            }
            Input::Offline => self.surroundings.offline = true,
            Input::Resume => {
                self.surroundings.moved = true;
                self.hurry();
            }
            Input::Hurry => self.hurry(),
            Input::PageHidden => self.leave_socket(),
            Input::SocketOpened(socket) => self.socket_opened(socket),
            Input::SocketMessage { socket, body } => self.socket_message(socket, &body),
            Input::SocketClosed { socket, code } => self.socket_failed(socket, TransportFailure::Socket { code }),
            Input::SocketStalled(socket) => self.socket_failed(socket, TransportFailure::Stalled),
        }
    }

    /// Asks at once whether the channel works, but not without a pause: what comes too soon is asked a moment later.
    pub(super) fn hurry(&mut self) {
        if !matches!(self.state, State::Handshaking(_) | State::Established(_)) {
            self.surroundings.moved = false;
            return;
        }
        // A handshake on its way gets the same time to come back: an answer that nobody awaits leaves a session behind.
        let handshake = self.flights.get(Slot::Send).filter(|flight| self.surroundings.moved && flight.is_handshake());
        let latest = self.surroundings.hurried_at.max(handshake.map(|flight| flight.left_at));
        let next = latest.map(|at| at.after(HURRY_GAP));
        if let Some(next) = next.filter(|next| *next > self.now) {
            self.timers.set(Timer::Hurry, next);
            return;
        }
        self.timers.stop(Timer::Hurry);
        self.surroundings.hurried_at = Some(self.now);
        self.surroundings.hurry = true;
        let moved = std::mem::take(&mut self.surroundings.moved);
        self.timers.stop(Timer::ResendCommands);
        if matches!(self.state, State::Established(_)) {
            // It may be dead, and would not say so. What it should have saved begins anew.
            self.drop_socket();
            self.transport.rescue = None;
        }
        self.apply(if moved && self.is_handshaking() { Stimulus::HandshakeStale } else { Stimulus::Hurry });
        self.surroundings.hurry = false;
    }

    /// Whether a handshake is under way. A person's impatience does not start it again: on a slow network it would never end.
    fn is_handshaking(&self) -> bool {
        self.flights.get(Slot::Send).is_some_and(Flight::is_handshake)
    }

    fn response(&mut self, request: RequestId, response: Response<P>) {
        let Some((slot, flight)) = self.land(request) else { return };
        if let Some(status) = self.login_asked(&response) {
            self.login_refused(slot, &flight, status);
            return;
        }
        if slot == Slot::KeepAlive {
            return;
        }
        if let Some(retry_after) = response.retry_after.filter(|_| matches!(response.status, 429 | 503)) {
            self.recovery.not_before = Some(self.now.after(retry_after.min(LONGEST_RETRY_AFTER)));
        }
        match response {
            Response { status: 200, body: Body::Json(body), .. } => self.messages(slot, flight, &body),
            Response { status: 200, body: Body::NotJson { html }, .. } => self.failed(slot, &flight, TransportFailure::NotJson { html }),
            Response { status, .. } => self.failed(slot, &flight, TransportFailure::Http { status }),
        }
    }

    fn request_failed(&mut self, request: RequestId, failure: TransportFailure) {
        let Some((slot, flight)) = self.land(request) else { return };
        if failure == TransportFailure::Redirect {
            self.login_refused(slot, &flight, 0);
        } else {
            self.failed(slot, &flight, failure);
        }
    }

    /// Takes a request that has come to its end out of its slot.
    fn land(&mut self, request: RequestId) -> Option<(Slot, Flight)> {
        let (slot, flight) = self.flights.take_request(request)?;
        self.timers.stop(slot.deadline());
        Some((slot, flight))
    }

    /// No answer in time: what carried the question is given up.
    pub(super) fn deadline_passed(&mut self, slot: Slot) {
        match self.flights.get(slot).map(|flight| flight.via) {
            Some(Via::Socket(socket)) => self.socket_failed(socket, TransportFailure::Timeout),
            Some(Via::Request(request)) => {
                self.outputs.push_back(Output::Abort(request));
                self.request_failed(request, TransportFailure::Timeout);
            }
            None => {}
        }
    }

    /// The HTTP status, when the answer says that the caller is not logged in.
    fn login_asked(&mut self, response: &Response<P>) -> Option<u16> {
        let status = response.status;
        match &response.body {
            Body::NotJson { html: true } if status == 200 => {
                self.recovery.pages += 1;
                return (self.recovery.pages >= PAGES_THAT_MEAN_LOGIN).then_some(status);
            }
            Body::Json(_) => self.recovery.pages = 0,
            Body::NotJson { .. } => {}
        }
        response.wants_login().then_some(status)
    }

    /// A handshake on its way finds out by itself, and one whose client id is waited for says goodbye.
    fn login_lost(&mut self, status: u16, renewable: bool) {
        if self.state.visible() == ConnectionState::Disconnecting {
            return;
        }
        if !renewable {
            self.apply(Stimulus::GaveUp(Cause::LoginRequired { status }));
        } else if self.state.established().is_some() {
            self.apply(Stimulus::LoginRefused { status });
        }
    }

    fn login_refused(&mut self, slot: Slot, flight: &Flight, status: u16) {
        self.give_back(flight);
        let stimulus = if slot == Slot::Goodbye { Stimulus::GoodbyeDone } else { Stimulus::LoginRefused { status } };
        self.apply(stimulus);
    }

    /// A request ended without a usable answer.
    fn failed(&mut self, slot: Slot, flight: &Flight, failure: TransportFailure) {
        if slot == Slot::KeepAlive {
            return;
        }
        self.recovery.transport_failed = true;
        let cause = Cause::Transport(failure);
        match slot {
            Slot::Goodbye => self.apply(Stimulus::GoodbyeDone),
            Slot::Connect => {
                self.note_hold(flight);
                self.connect_lost();
                self.connect_broken(cause);
            }
            _ if flight.is_handshake() => self.apply(Stimulus::HandshakeFailed(cause)),
            _ => {
                self.reply_lost();
                self.commands_failed(flight, cause);
            }
        }
    }

    /// A connect that was held for a while before it failed shows that the channel worked until then.
    pub(super) fn note_hold(&mut self, flight: &Flight) {
        let answered_before = self.state.established().is_some_and(|session| session.link == Link::Up);
        if answered_before && flight.hold().is_none() && self.now.since(flight.left_at) >= HELD_WELL {
            self.backoff.reset();
        }
    }

    /// Commands were not answered: they are sent again, each time later.
    pub(super) fn commands_failed(&mut self, flight: &Flight, cause: Cause) {
        self.give_back(flight);
        let due = self.now.after(self.command_backoff.next_delay());
        self.timers.set(Timer::ResendCommands, due.max(self.recovery.not_before.unwrap_or(due)));
        self.apply(Stimulus::CommandsFailed(cause));
    }

    /// The connect was not answered, for so long that the server must have forgotten the session where it has said after how long it does.
    pub(super) fn connect_broken(&mut self, cause: Cause) {
        let advice = self.advice.current();
        let lifetime = advice.timeout.saturating_add(advice.interval).saturating_add(advice.max_interval);
        let silence = self.now.since(self.continuity.last_connect);
        if advice.max_interval > 0 && silence > lifetime {
            self.apply(Stimulus::Expired(cause));
        } else {
            self.apply(Stimulus::ConnectFailed(cause));
        }
    }

    /// What a request asked of the subscriptions was not answered.
    pub(super) fn give_back(&mut self, flight: &Flight) {
        for message in &flight.messages {
            if let OutgoingBody::Subscribe { subscription, .. } | OutgoingBody::Unsubscribe { subscription, .. } = &message.body {
                self.subscriptions.unanswered(subscription);
            }
        }
    }

    /// The body of an answer came.
    fn messages(&mut self, slot: Slot, mut flight: Flight, body: &P) {
        let (epoch, hold) = (flight.epoch(), flight.hold());
        let mut sorted = sort(body, &mut |reply| flight.take_answered(reply.id, reply.channel));
        self.report(&sorted.violations);
        self.note_contact(flight.left_at, slot == Slot::Connect);
        // All that comes in answer to a connect is of its batch, and comes again as long as that is not acknowledged: also where the reply failed or
        // is missing.
        let in_run = slot == Slot::Connect && self.is_current(epoch);
        let deliveries = std::mem::take(&mut sorted.deliveries);
        let count = deliveries.len() as u64;
        if slot == Slot::Connect {
            self.note_haste(self.now.since(flight.left_at), hold, count);
        }
        for delivery in deliveries {
            self.deliver(delivery, in_run);
        }
        self.take_in(sorted, Came { epoch, left_at: flight.left_at, deliveries: count, on_socket: false });
        if !flight.messages.is_empty() && self.is_current(epoch) {
            self.failed(slot, &flight, TransportFailure::NoReply);
        }
    }

    /// The reply to a connect is handled last, wherever it stands: it closes the batch its messages are in.
    pub(super) fn take_in(&mut self, sorted: Sorted<P>, came: Came) {
        if let Some(reply) = sorted.goodbye.filter(|_| self.is_current(came.epoch)) {
            self.apply(Stimulus::ServerEnded(reply.into_error()));
        }
        let (connects, others): (Vec<_>, Vec<_>) = sorted.replies.into_iter().partition(|(_, reply)| reply.channel == MetaChannel::Connect);
        for (request, reply) in others.into_iter().chain(connects) {
            if self.is_current(request.epoch) {
                self.reply(&request, reply, came);
            }
        }
    }

    /// A server, or a proxy before it, that does not hold connects would be asked without a pause.
    pub(super) fn note_haste(&mut self, took: u64, hold: Option<u64>, deliveries: u64) {
        // What is not to be held says nothing.
        if hold == Some(0) {
            return;
        }
        let hasty = deliveries == 0 && took < hold.unwrap_or(self.advice.current().timeout) / 10 + HASTE;
        self.recovery.hasty = if hasty { self.recovery.hasty.saturating_add(1) } else { 0 };
    }

    pub(super) fn report(&mut self, violations: &[Violation]) {
        self.counters.violations += violations.len() as u64;
        for violation in violations.iter().take(VIOLATIONS_TOLD) {
            self.emit(Event::Violation(*violation));
        }
    }

    fn is_current(&self, epoch: Epoch) -> bool {
        epoch == self.ids.epoch
    }

    pub(super) fn deliver(&mut self, message: P, in_run: bool) {
        let new = !in_run || self.ack.as_mut().is_none_or(AckTable::accept);
        if new {
            // What was missed was missed before this.
            self.report_gap_if_connected();
            self.counters.received += 1;
            self.emit(Event::Delivery(message));
        } else {
            self.counters.duplicates += 1;
        }
    }
}

/// How a body came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Came {
    /// The session of what it answers.
    pub(super) epoch: Epoch,
    /// When what it answers left.
    pub(super) left_at: Instant,
    /// How many data messages it held.
    pub(super) deliveries: u64,
    /// On the socket, not in answer to a request.
    pub(super) on_socket: bool,
}

/// The messages of one body, told apart.
pub(super) struct Sorted<P> {
    /// Replies to what is outstanding, each with what it answers.
    pub(super) replies: Vec<(Outgoing, MetaReply)>,
    /// Data messages.
    pub(super) deliveries: Vec<P>,
    /// The server's own `/meta/disconnect`.
    pub(super) goodbye: Option<MetaReply>,
    /// A reply to a connect that is not outstanding.
    pub(super) stale_connect: Option<MessageId>,
    /// What was against the protocol.
    pub(super) violations: Vec<Violation>,
}

/// Tells the messages of `body` apart. `answered` takes out what a reply answers.
pub(super) fn sort<P: RawMessage>(body: &P, answered: &mut dyn FnMut(&MetaReply) -> Option<Outgoing>) -> Sorted<P> {
    let mut sorted = Sorted { replies: Vec::new(), deliveries: Vec::new(), goodbye: None, stale_connect: None, violations: Vec::new() };
    for message in read_messages(body, &mut sorted.violations) {
        match message {
            Incoming::Delivery(delivery) => sorted.deliveries.push(delivery),
            Incoming::Meta(reply) => match answered(&reply) {
                Some(request) => sorted.replies.push((request, reply)),
                None if reply.channel == MetaChannel::Disconnect && reply.id.is_none() => sorted.goodbye = Some(reply),
                None => {
                    sorted.stale_connect = reply.id.filter(|_| reply.channel == MetaChannel::Connect).or(sorted.stale_connect);
                    sorted.violations.push(Violation::UnknownReply);
                }
            },
        }
    }
    sorted
}
