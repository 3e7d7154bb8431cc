//! Carries out what the session decides: sends, waits, ends, completes, and tells the state.

use super::ack::AckTable;
use super::client::{Client, Recovery};
use super::decode::RawMessage;
use super::error::CommandError;
use super::flights::{Flight, Slot, Via};
use super::io::{ConnectionState, Event, GapCause, Output, Status};
use super::message::{ClientId, MetaChannel, Outgoing, OutgoingBody};
use super::session::{self, Handshaking, Pending, State};
use super::stimulus::{Action, Stimulus, Wait};
use super::subscriptions::Change;
use super::timer::Timer;
use crate::time::Instant;

/// The least wait while the browser says that it is offline. It may be wrong, behind a VPN, so attempts go on.
const OFFLINE_WAIT: u64 = 10_000;
/// Logins in a row that do not help before the channel gives up. Whoever logs in gives up sooner, when there is no way left; some of these logins
/// may be others', for requests beside the channel.
const MOST_LOGINS: u32 = 4;
/// Connects answered at once and with nothing, in a row, that may be; after a break there are some.
const HASTY_CONNECTS: u32 = 5;
/// How long a poll is held while a socket opens beside it. The poll is not ended for the socket: a server that reads an ended one after the connect
/// on the socket takes it for the newer, and leaves the other without an answer.
const HOLD_WHILE_OPENING: u64 = 1_000;
/// How long a connect that shows whether a socket works may take.
const PROOF_DEADLINE: u64 = 3_000;
/// How long a connect that asks whether the channel still works may take.
const WAKE_DEADLINE: u64 = 5_000;

impl<P: RawMessage> Client<P> {
    /// Moves the session, with all that follows from it.
    pub(super) fn apply(&mut self, stimulus: Stimulus) {
        self.stimuli.push_back(stimulus);
        while let Some(stimulus) = self.stimuli.pop_front() {
            let state = std::mem::replace(&mut self.state, State::Disconnected { cause: None });
            let (state, actions) = session::step(state, stimulus);
            self.state = state;
            for action in actions {
                self.perform(*action);
            }
        }
        self.tell();
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::StartOver => self.start_over(),
            Action::SendHandshake => self.send_handshake(),
            Action::EndHandshake => self.end_handshake(),
            Action::BeginSession => self.begin_session(),
            Action::EndSession => self.end_session(),
            Action::SendConnect { immediate } => self.send_connect(immediate),
            Action::EndConnect => self.end_connect(),
            Action::NextConnect => self.next_connect(),
            Action::Wait(wait) => self.wait(wait),
            Action::AskLogin => self.ask_login(),
            Action::SendGoodbye => self.send_goodbye(),
            Action::BoundGoodbye => self.timers.set(Timer::GoodbyeDeadline, self.now.after(self.config.max_network_delay)),
            Action::AbortOpen => self.fail_open(&CommandError::Aborted),
            Action::FailOpen => self.fail_open(&self.state.cause().cloned().map_or(CommandError::Aborted, CommandError::Ended)),
            Action::CompleteClose => {
                let closing = std::mem::take(&mut self.closing);
                self.complete(closing.into_iter().map(|command| (command, Ok(()))));
            }
        }
    }

    fn start_over(&mut self) {
        self.backoff.reset();
        self.command_backoff.reset();
        self.recovery = Recovery::default();
    }

    fn begin_session(&mut self) {
        self.recovery.sessions += 1;
        if self.config.main_channel.is_none() {
            self.stimuli.push_back(Stimulus::MainConfirmed);
        }
    }

    fn send_handshake(&mut self) {
        self.advice.reset();
        self.timers.stop(Timer::Retry);
        self.ids.epoch.take_next();
        self.counters.handshakes += 1;
        let body = OutgoingBody::Handshake {
            connection_types: self.config.connection_types.clone(),
            ack: self.config.ack,
            timeout: self.config.advice_timeout,
            interval: self.config.advice_interval,
        };
        let via = self.via(MetaChannel::Handshake);
        self.send(via, vec![body], self.config.max_network_delay);
    }

    fn send_connect(&mut self, immediate: bool) {
        let Some(client_id) = self.client_id() else { return };
        // Subscriptions first, so that a new session misses as little as it can.
        self.send_commands();
        if !immediate {
            self.consider_socket();
        }
        self.timers.stop(Timer::Retry);
        let ack = self.ack.as_mut().map(|table| {
            table.open_run();
            table.acked()
        });
        let via = self.via(MetaChannel::Connect);
        let proof = self.transport.is_proof(via);
        let timeout = self.advice.current().timeout;
        let hold = match via {
            _ if immediate || proof => Some(0),
            Via::Request(_) if self.transport.socket.id().is_some() => Some(HOLD_WHILE_OPENING),
            _ => None,
        };
        let answer = match (proof, immediate && self.surroundings.hurry) {
            (true, _) => PROOF_DEADLINE.min(self.config.max_network_delay),
            (false, true) => WAKE_DEADLINE.min(self.config.max_network_delay),
            (false, false) => self.config.max_network_delay,
        };
        // Not every server holds a connect as long as it is asked to.
        let longest = if hold == Some(0) { 0 } else { timeout.max(hold.unwrap_or(0)) };
        let delay = answer.saturating_add(longest);
        self.transport.delivered = 0;
        let body = OutgoingBody::Connect { client_id, connection_type: via.connection_type(), hold, ack };
        self.send(via, vec![body], delay);
    }

    fn send_goodbye(&mut self) {
        let State::Disconnecting { client_id, .. } = &self.state else { return };
        let body = OutgoingBody::Disconnect { client_id: client_id.clone() };
        self.timers.stop(Timer::Retry);
        self.timers.stop(Timer::ResendCommands);
        self.timers.stop(Timer::Hurry);
        if !self.transport.socket.is_carrying() && self.transport.polling {
            self.drop_socket();
        }
        // Counted from when the caller asked for it, which a handshake may have delayed.
        let bound = self.timers.due(Timer::GoodbyeDeadline).map(|due| due.since(self.now));
        let via = self.via(MetaChannel::Disconnect);
        self.send(via, vec![body], bound.unwrap_or(self.config.max_network_delay));
    }

    /// Sends what the server does not know yet of the wanted channels, when the session and the wire allow it.
    pub(super) fn send_commands(&mut self) {
        let may_send =
            self.flights.is_free(Slot::Send) && self.timers.due(Timer::ResendCommands).is_none() && self.transport.takes_commands();
        let Some(client_id) = self.client_id().filter(|_| may_send) else { return };
        let bodies: Vec<OutgoingBody> = self.subscriptions.take_changes().into_iter().map(|change| body_of(change, &client_id)).collect();
        if !bodies.is_empty() {
            let via = self.via(MetaChannel::Subscribe);
            self.send(via, bodies, self.config.max_network_delay);
        }
    }

    /// Sends messages of one kind, to be answered within `delay` of the moment they can leave.
    fn send(&mut self, via: Via, bodies: Vec<OutgoingBody>, delay: u64) {
        let channel = bodies.first().map_or(MetaChannel::Subscribe, OutgoingBody::channel);
        let slot = Slot::of(channel);
        let epoch = self.ids.epoch;
        let messages: Vec<Outgoing> = bodies.into_iter().map(|body| Outgoing { id: self.ids.message.take_next(), epoch, body }).collect();
        self.flights.put(slot, Flight { via, left_at: self.now, messages: messages.clone() });
        let opening = if self.transport.socket.is_opening() { self.config.connect_timeout } else { 0 };
        self.timers.set(slot.deadline(), self.now.after(delay.saturating_add(opening)));
        match via {
            Via::Request(request) => {
                let url = self.config.url_for(channel);
                self.outputs.push_back(Output::Request { request, url, messages, keepalive: slot == Slot::Goodbye });
            }
            Via::Socket(socket) => self.send_frame(socket, messages),
        }
    }

    /// Ends what is under way in `slot`. A frame that has left can't be taken back.
    pub(super) fn abort(&mut self, slot: Slot) {
        self.timers.stop(slot.deadline());
        if let Some(Via::Request(request)) = self.flights.take(slot).map(|flight| flight.via) {
            self.outputs.push_back(Output::Abort(request));
        }
    }

    fn end_handshake(&mut self) {
        self.abort(Slot::Send);
        self.drop_socket();
    }

    fn end_connect(&mut self) {
        match self.flights.get(Slot::Connect).map(|flight| flight.via) {
            Some(Via::Request(_)) => {
                self.abort(Slot::Connect);
                self.connect_lost();
            }
            Some(Via::Socket(_)) => self.drop_socket(),
            None => {}
        }
    }

    /// A connect ended without its reply.
    pub(super) fn connect_lost(&mut self) {
        if let Some(table) = &mut self.ack {
            table.abandon_run();
        }
        self.reply_lost();
    }

    /// A request ended without its reply. Without acknowledgement servers send what is queued with any reply, and then it is gone.
    pub(super) fn reply_lost(&mut self) {
        if !self.is_acknowledged() {
            self.continuity.open_gap(GapCause::LostReply);
        }
    }

    fn end_session(&mut self) {
        for slot in Slot::ALL {
            self.abort(slot);
        }
        self.drop_socket();
        self.transport.session_ended(&self.config);
        for timer in [Timer::Retry, Timer::ResendCommands, Timer::Hurry] {
            self.timers.stop(timer);
        }
        // What is still on its way belongs to an older session from here on.
        self.ids.epoch.take_next();
        self.ack = None;
        self.continuity.open_gap(GapCause::NewSession);
        let completions = self.subscriptions.session_ended();
        self.complete(completions);
    }

    fn next_connect(&mut self) {
        let pause = if self.recovery.hasty > HASTY_CONNECTS { self.config.backoff_increment } else { 0 };
        match self.advice.current().interval.max(pause) {
            // From the reply, not from a timer: timers of hidden pages are slowed.
            0 => self.stimuli.push_back(Stimulus::RetryDue),
            interval => self.timers.set(Timer::Retry, self.now.after(interval)),
        }
    }

    fn wait(&mut self, wait: Wait) {
        let sessions = self.recovery.sessions;
        // Sessions that begin and end before they have proved to work are a loop, whatever worked in between.
        self.backoff.count_at_least(sessions.saturating_sub(1));
        let mut delay = match (wait, sessions) {
            (Wait::Renewal, 0) => 0,
            // The server has answered, so what failed on the way to it is over; only the loop counts.
            (Wait::Renewal, _) => self.backoff.next_delay_of(sessions),
            _ => self.backoff.next_delay(),
        };
        if matches!(wait, Wait::FailureSpread) || (matches!(wait, Wait::Renewal) && self.recovery.transport_failed) {
            delay += self.backoff.spread();
        }
        if self.surroundings.offline {
            delay = delay.max(OFFLINE_WAIT);
        }
        let due = self.now.after(delay.saturating_add(self.advice.current().interval));
        let not_before = self.recovery.not_before.take().unwrap_or(due);
        self.timers.set(Timer::Retry, due.max(not_before));
    }

    fn ask_login(&mut self) {
        let State::Handshaking(Handshaking { pending: Pending::Login { status }, .. }) = self.state else { return };
        self.recovery.logins += 1;
        let attempt = self.recovery.logins;
        if attempt > MOST_LOGINS {
            self.stimuli.push_back(Stimulus::LoginDone { renewed: false });
        } else {
            self.emit(Event::LoginNeeded { attempt, status });
        }
    }

    fn fail_open(&mut self, error: &CommandError) {
        let opening = std::mem::take(&mut self.opening);
        self.complete(opening.into_iter().map(|command| (command, Err(error.clone()))));
        let completions = self.subscriptions.fail_unconfirmed(error);
        self.complete(completions);
    }

    /// Tells what has changed for the caller.
    fn tell(&mut self) {
        let status = self.current_status();
        let connected = status.state == ConnectionState::Connected;
        let new = connected && self.status.state != ConnectionState::Connected;
        if !status.reads_like(&self.status) {
            self.emit(Event::Status(status.clone()));
        }
        if new {
            self.counters.reconnects += u64::from(self.status.state == ConnectionState::Reconnecting);
            self.backoff.settle();
            self.recovery.logins = 0;
            self.continuity.began = true;
            self.report_gap();
        }
        self.status = status;
        if connected {
            let opening = std::mem::take(&mut self.opening);
            self.complete(opening.into_iter().map(|command| (command, Ok(()))));
        }
    }

    fn current_status(&self) -> Status {
        let state = self.state.visible();
        let connected = state == ConnectionState::Connected;
        let broke = matches!(self.status.state, ConnectionState::Reconnecting);
        let waits = !connected && state != ConnectionState::Disconnecting;
        Status {
            state,
            cause: self.state.cause().cloned(),
            attempt: if connected || state == ConnectionState::Disconnected { 0 } else { self.backoff.failures() },
            retry_at: self.timers.due(Timer::Retry).filter(|_| waits),
            recovered: connected && (self.status.recovered || (broke && self.is_acknowledged() && self.continuity.gap.is_none())),
            acknowledged: self.is_acknowledged(),
            client_id: self.client_id(),
            transport: (state != ConnectionState::Disconnected).then(|| self.transport.connection_type()),
        }
    }

    /// Whether the server repeats what does not come.
    fn is_acknowledged(&self) -> bool {
        self.ack.as_ref().is_some_and(AckTable::is_effective)
    }

    fn client_id(&self) -> Option<ClientId> {
        self.state.established().map(|established| established.client_id.clone())
    }

    /// A request that was sent at `left_at` was answered with something usable.
    pub(super) fn note_contact(&mut self, left_at: Instant, held: bool) {
        self.counters.last_contact = Some(self.now);
        if !held {
            self.counters.round_trip = Some(self.now.since(left_at));
        }
    }
}

fn body_of(change: Change, client_id: &ClientId) -> OutgoingBody {
    let client_id = client_id.clone();
    match change {
        Change::Subscribe(subscription) => OutgoingBody::Subscribe { client_id, subscription },
        Change::Unsubscribe(subscription) => OutgoingBody::Unsubscribe { client_id, subscription },
    }
}
