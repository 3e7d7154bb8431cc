//! What comes in, turned into stimuli for the session.

use super::ack::AckTable;
use super::advice::Reconnect;
use super::channel::ChannelPattern;
use super::client::{Client, Crowding, Recovery};
use super::decode::{Field, RawMessage, read_messages};
use super::error::{ServerError, TransportFailure, Violation};
use super::io::{Body, Cause, ConnectionState, Event, Input, Output, Response};
use super::message::{AckField, ConnectionType, Epoch, Incoming, MetaChannel, MetaReply, Outgoing, OutgoingBody, RequestId};
use super::polling::{Flight, Slot};
use super::session::{Link, State, Stimulus};
use super::timer::Timer;
use crate::time::Instant;

/// HTML pages in place of an answer, in a row, that mean a login page; fewer may be a proxy's.
const PAGES_THAT_MEAN_LOGIN: u32 = 3;
/// Sessions forgotten at once, in a row, that mean that the session cookie does not come back.
const FORGOTTEN_THAT_MEAN_COOKIES: u32 = 3;
/// GWS' statusCode for "not logged in".
const NOT_AUTHENTICATED: f64 = 20.0;
/// How many breaches of the protocol in one body are told one by one; all are counted.
const VIOLATIONS_TOLD: usize = 10;
/// The time between two questions whether the channel works, ms: impatience is no storm.
const HURRY_GAP: u64 = 1_000;
/// A connect that is answered with nothing so soon, beyond a tenth of the time it should be held, was not held, ms.
const HASTE: u64 = 200;
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
            Input::Online => {
                self.surroundings.offline = false;
                self.hurry();
            }
            Input::Offline => self.surroundings.offline = true,
            Input::Resume | Input::Hurry => self.hurry(),
            // No socket has been opened, so these name none that is known.
            Input::SocketOpened(_) | Input::SocketMessage { .. } | Input::SocketClosed { .. } => {}
        }
    }

    /// Asks at once whether the channel works, but not without a pause: what comes too soon is asked a moment later.
    pub(super) fn hurry(&mut self) {
        if !matches!(self.state, State::Handshaking(_) | State::Established(_)) {
            return;
        }
        let next = self.surroundings.hurried_at.map(|at| at.after(HURRY_GAP));
        if let Some(next) = next.filter(|next| *next > self.now) {
            self.timers.set(Timer::Hurry, next);
            return;
        }
        self.timers.stop(Timer::Hurry);
        self.surroundings.hurried_at = Some(self.now);
        self.surroundings.hurry = true;
        self.timers.stop(Timer::ResendCommands);
        self.apply(Stimulus::Hurry);
        self.surroundings.hurry = false;
    }

    fn response(&mut self, request: RequestId, response: Response<P>) {
        let Some((slot, flight)) = self.land(request) else { return };
        if let Some(status) = self.login_asked(&response) {
            self.login_refused(slot, &flight, status);
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
        let (slot, flight) = self.wire.take_request(request)?;
        self.timers.stop(slot.deadline());
        Some((slot, flight))
    }

    /// No answer in time: the request is given up.
    pub(super) fn deadline_passed(&mut self, slot: Slot) {
        if let Some(flight) = self.wire.take(slot) {
            self.outputs.push_back(Output::Abort(flight.request));
            self.failed(slot, &flight, TransportFailure::Timeout);
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
            Body::Json(body) if body.number(Field::StatusCode) == Some(NOT_AUTHENTICATED) => return Some(status),
            Body::Json(_) => self.recovery.pages = 0,
            Body::NotJson { .. } => {}
        }
        // A redirect, which the browser shows as status 0, leads to a login page.
        matches!(status, 0 | 401 | 300..=399).then_some(status)
    }

    fn login_refused(&mut self, slot: Slot, flight: &Flight, status: u16) {
        self.give_back(flight);
        let stimulus = if slot == Slot::Goodbye { Stimulus::GoodbyeDone } else { Stimulus::LoginRefused { status } };
        self.apply(stimulus);
    }

    /// A request ended without a usable answer.
    fn failed(&mut self, slot: Slot, flight: &Flight, failure: TransportFailure) {
        self.recovery.transport_failed = true;
        let cause = Cause::Transport(failure);
        match (slot, flight.messages.first().map(|message| message.body.channel())) {
            (Slot::Goodbye, _) => self.apply(Stimulus::GoodbyeDone),
            (Slot::Connect, _) => self.connect_failed(cause),
            (Slot::Send, Some(MetaChannel::Handshake)) => self.apply(Stimulus::HandshakeFailed(cause)),
            (Slot::Send, _) => {
                self.give_back(flight);
                self.reply_lost();
                let due = self.now.after(self.command_backoff.next_delay());
                self.timers.set(Timer::ResendCommands, due.max(self.recovery.not_before.unwrap_or(due)));
                self.apply(Stimulus::CommandsFailed(cause));
            }
        }
    }

    fn connect_failed(&mut self, cause: Cause) {
        self.connect_lost();
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
    fn give_back(&mut self, flight: &Flight) {
        for message in &flight.messages {
            if let OutgoingBody::Subscribe { subscription, .. } | OutgoingBody::Unsubscribe { subscription, .. } = &message.body {
                self.subscriptions.unanswered(subscription);
            }
        }
    }

    /// A body came. The reply to the request's own connect is handled last, wherever it stands: it closes the batch its messages are in.
    fn messages(&mut self, slot: Slot, mut flight: Flight, body: &P) {
        let epoch = flight.epoch();
        let mut violations = Vec::new();
        let incoming = read_messages(body, &mut violations);
        let (mut replies, mut deliveries, mut goodbye) = (Vec::new(), Vec::new(), None);
        for message in incoming {
            match message {
                Incoming::Delivery(delivery) => deliveries.push(delivery),
                Incoming::Meta(reply) => match flight.take_answered(reply.id, reply.channel) {
                    Some(request) => replies.push((request, reply)),
                    None if reply.channel == MetaChannel::Disconnect && reply.id.is_none() => goodbye = Some(reply),
                    None => violations.push(Violation::UnknownReply),
                },
            }
        }
        self.report(&violations);
        self.note_contact(flight.left_at, slot == Slot::Connect);
        let closes_batch = replies.iter().any(|(request, reply)| self.is_current(request.epoch) && closes_batch(reply));
        let count = deliveries.len() as u64;
        if slot == Slot::Connect {
            self.note_haste(self.now.since(flight.left_at), count);
        }
        for delivery in deliveries {
            self.deliver(delivery, closes_batch);
        }
        if let Some(reply) = goodbye.filter(|_| self.is_current(epoch)) {
            self.apply(Stimulus::ServerEnded(error_of(reply)));
        }
        let (connects, others): (Vec<_>, Vec<_>) = replies.into_iter().partition(|(_, reply)| reply.channel == MetaChannel::Connect);
        for (request, reply) in others.into_iter().chain(connects) {
            self.reply(&request, reply, count);
        }
        if !flight.messages.is_empty() && self.is_current(epoch) {
            self.failed(slot, &flight, TransportFailure::NoReply);
        }
    }

    /// A server, or a proxy before it, that does not hold connects would be asked without a pause.
    fn note_haste(&mut self, held: u64, deliveries: u64) {
        let hasty = deliveries == 0 && held < self.advice.current().timeout / 10 + HASTE;
        self.recovery.hasty = if hasty { self.recovery.hasty.saturating_add(1) } else { 0 };
    }

    fn report(&mut self, violations: &[Violation]) {
        self.counters.violations += violations.len() as u64;
        for violation in violations.iter().take(VIOLATIONS_TOLD) {
            self.emit(Event::Violation(*violation));
        }
    }

    fn is_current(&self, epoch: Epoch) -> bool {
        epoch == self.ids.epoch
    }

    fn deliver(&mut self, message: P, in_run: bool) {
        let new = !in_run || self.ack.as_mut().is_none_or(AckTable::accept);
        if new {
            self.counters.received += 1;
            self.emit(Event::Delivery(message));
        } else {
            self.counters.duplicates += 1;
        }
    }

    fn reply(&mut self, request: &Outgoing, reply: MetaReply, deliveries: u64) {
        if !self.is_current(request.epoch) {
            return;
        }
        match reply.channel {
            MetaChannel::Handshake => self.handshake_reply(reply, deliveries),
            MetaChannel::Connect => self.connect_reply(reply),
            MetaChannel::Subscribe | MetaChannel::Unsubscribe => self.subscription_reply(&request.body, reply),
            MetaChannel::Disconnect => self.apply(Stimulus::GoodbyeDone),
        }
    }

    fn handshake_reply(&mut self, reply: MetaReply, deliveries: u64) {
        self.take_advice(&reply);
        if !reply.successful {
            let reconnect = advised(&reply, Reconnect::Handshake);
            let error = error_of(reply);
            self.apply(if error.is_login() {
                Stimulus::LoginRefused { status: 200 }
            } else {
                Stimulus::HandshakeUnsuccessful { reconnect, error }
            });
            return;
        }
        let reconnect = advised(&reply, Reconnect::Retry);
        let offered = reply.connection_types.as_ref().is_none_or(|types| types.contains(&ConnectionType::LongPolling));
        let Some(client_id) = reply.client_id else {
            self.report(&[Violation::NoClientId]);
            self.apply(Stimulus::HandshakeFailed(Cause::Transport(TransportFailure::NoReply)));
            return;
        };
        self.ack = match reply.ack {
            AckField::Enabled { batch } if self.config.ack => Some(AckTable::new(batch, deliveries)),
            _ => None,
        };
        self.continuity.last_connect = self.now;
        let established = Stimulus::HandshakeOk { client_id, reconnect };
        if offered {
            self.apply(established);
        } else {
            // At once, so that nothing but the goodbye leaves in this session.
            self.stimuli.push_back(established);
            self.apply(Stimulus::GaveUp(Cause::NoConnectionType));
        }
    }

    fn connect_reply(&mut self, reply: MetaReply) {
        self.take_advice(&reply);
        if !reply.successful {
            self.connect_refused(reply);
            return;
        }
        if reply.advice.is_none() {
            self.advice.connect_without_advice();
        }
        self.watch_multiple_clients();
        if let Some(table) = &mut self.ack {
            table.end_run(match reply.ack {
                AckField::Batch(batch) => Some(batch),
                _ => None,
            });
        }
        self.connect_succeeded(advised(&reply, Reconnect::Retry));
    }

    fn connect_succeeded(&mut self, reconnect: Reconnect) {
        let proven = self.state.established().is_some_and(|session| session.link != Link::New && session.subscribed);
        self.continuity.last_connect = self.now;
        self.recovery.forgotten = 0;
        if proven && reconnect == Reconnect::Retry {
            let Recovery { pages, hasty, .. } = self.recovery;
            self.recovery = Recovery { pages, hasty, ..Recovery::default() };
        }
        self.apply(Stimulus::ConnectOk { reconnect });
        self.report_gap_if_connected();
    }

    /// The server has answered, so a gap that has opened is over.
    fn report_gap_if_connected(&mut self) {
        if self.status.state == ConnectionState::Connected {
            self.report_gap();
        }
    }

    fn connect_refused(&mut self, reply: MetaReply) {
        if let Some(table) = &mut self.ack {
            table.abandon_run();
        }
        let reconnect = advised(&reply, Reconnect::Retry);
        let error = error_of(reply);
        let unknown = error.is_unknown_session() && reconnect != Reconnect::None;
        if unknown && self.is_forgotten_at_once() {
            self.apply(Stimulus::GaveUp(Cause::Cookies));
            return;
        }
        let reconnect = if unknown { Reconnect::Handshake } else { reconnect };
        self.apply(Stimulus::ConnectUnsuccessful { reconnect, error });
    }

    /// The server does not know the session. Was that its first word, and has it been so too often? After a failure on the way the session may
    /// just have expired.
    fn is_forgotten_at_once(&mut self) -> bool {
        if self.state.established().is_some_and(|session| session.link == Link::New) {
            self.recovery.forgotten += 1;
        }
        self.recovery.forgotten >= FORGOTTEN_THAT_MEAN_COOKIES
    }

    fn subscription_reply(&mut self, request: &OutgoingBody, reply: MetaReply) {
        let (subscription, subscribes) = match request {
            OutgoingBody::Subscribe { subscription, .. } => (subscription, true),
            OutgoingBody::Unsubscribe { subscription, .. } => (subscription, false),
            _ => return,
        };
        self.command_backoff.reset();
        let is_main = self.config.main_channel.as_ref() == Some(subscription);
        let successful = reply.successful;
        let error = error_of(reply);
        if !successful && error.is_unknown_session() {
            let forgotten = self.is_forgotten_at_once();
            self.apply(if forgotten { Stimulus::GaveUp(Cause::Cookies) } else { Stimulus::SessionUnknown(error) });
        } else if !subscribes {
            let completions = self.subscriptions.dropped(subscription);
            self.complete(completions);
        } else if successful {
            let completions = self.subscriptions.confirmed(subscription);
            self.complete(completions);
            if is_main {
                self.apply(Stimulus::MainConfirmed);
            }
            self.report_gap_if_connected();
        } else {
            self.refused(subscription, error, is_main);
        }
    }

    fn refused(&mut self, subscription: &ChannelPattern, error: ServerError, is_main: bool) {
        let refusal = self.subscriptions.refused(subscription, &error);
        self.complete(refusal.completions);
        if refusal.lost {
            self.emit(Event::SubscriptionLost { subscription: subscription.as_str().to_owned(), error: error.clone() });
        }
        if is_main {
            self.apply(Stimulus::MainRefused(error));
        }
    }

    fn take_advice(&mut self, reply: &MetaReply) {
        if let Some(fields) = &reply.advice {
            self.advice.apply(fields);
        }
    }

    /// After an unclean reload servers say it falsely for as long as the dead poll is held, so it is believed when it lasts longer.
    fn watch_multiple_clients(&mut self) {
        let advice = self.advice.current();
        let crowding = match (advice.multiple_clients, self.surroundings.crowding) {
            (false, _) => Crowding::None,
            (true, Crowding::None) => Crowding::Since(self.now),
            (true, Crowding::Since(since)) if self.now.since(since) > advice.timeout => {
                self.emit(Event::MultipleClients);
                Crowding::Told
            }
            (true, crowding) => crowding,
        };
        self.surroundings.crowding = crowding;
    }
}

/// What the reply advises, or what follows without advice. A negative interval means that the client is not wanted back.
fn advised(reply: &MetaReply, otherwise: Reconnect) -> Reconnect {
    match &reply.advice {
        Some(advice) if advice.interval.is_some_and(|interval| interval < 0) => Reconnect::None,
        Some(advice) => advice.reconnect.unwrap_or(otherwise),
        None => otherwise,
    }
}

fn error_of(reply: MetaReply) -> ServerError {
    reply.error.unwrap_or(ServerError::unnamed())
}

/// Whether a reply is the successful connect that numbers the messages before it.
fn closes_batch(reply: &MetaReply) -> bool {
    reply.channel == MetaChannel::Connect && reply.successful
}
