//! The client: its parts, its commands, and what it gives back when polled.

use std::collections::VecDeque;

use super::ack::AckTable;
use super::advice::AdviceBook;
use super::backoff::Backoff;
use super::channel::ChannelPattern;
use super::config::Config;
use super::decode::RawMessage;
use super::error::UsageError;
use super::flights::{Flights, Slot};
use super::io::{ConnectionState, Event, Gap, GapCause, Output, Status};
use super::message::{CommandId, Epoch, MessageId};
use super::session::State;
use super::stimulus::Stimulus;
use super::subscriptions::{Completion, Subscriptions};
use super::timer::{Timer, TimerTable};
use super::transport::Transport;
use crate::time::Instant;

/// A Bayeux client over an opaque payload `P`, driven as the [module page](super) says.
#[derive(Debug)]
pub struct Client<P> {
    pub(super) config: Config,
    pub(super) now: Instant,
    pub(super) state: State,
    pub(super) stimuli: VecDeque<Stimulus>,
    pub(super) outputs: VecDeque<Output<P>>,
    pub(super) timers: TimerTable,
    pub(super) advice: AdviceBook,
    pub(super) backoff: Backoff,
    /// Failures of commands alone: they never make the channel wait.
    pub(super) command_backoff: Backoff,
    pub(super) recovery: Recovery,
    pub(super) surroundings: Surroundings,
    pub(super) flights: Flights,
    pub(super) transport: Transport,
    pub(super) subscriptions: Subscriptions,
    /// The acknowledgement of the present session, when the server has taken the extension.
    pub(super) ack: Option<AckTable>,
    pub(super) opening: Vec<CommandId>,
    pub(super) closing: Vec<CommandId>,
    pub(super) ids: Ids,
    pub(super) continuity: Continuity,
    pub(super) counters: Counters,
    pub(super) status: Status,
}

/// What is remembered from one attempt to the next until the channel has proved to work: a second successful connect in one session.
#[derive(Clone, Debug, Default)]
pub(super) struct Recovery {
    /// Sessions begun.
    pub(super) sessions: u32,
    /// Logins asked for.
    pub(super) logins: u32,
    /// HTML pages in place of an answer, in a row.
    pub(super) pages: u32,
    /// Sessions whose first connect the server did not know, in a row.
    pub(super) forgotten: u32,
    /// Connects answered at once and with nothing, in a row.
    pub(super) hasty: u32,
    /// A request was not answered.
    pub(super) transport_failed: bool,
    /// The earliest time a server allowed the next attempt by `Retry-After`.
    pub(super) not_before: Option<Instant>,
}

/// What the page believes of itself.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Surroundings {
    /// The browser says that it is offline.
    pub(super) offline: bool,
    /// The present input asks whether the channel still works.
    pub(super) hurry: bool,
    /// When that was asked last.
    pub(super) hurried_at: Option<Instant>,
    /// The question that is asked next, now or in a moment, is asked on another network, or after sleep.
    pub(super) moved: bool,
    /// Whether other sessions of this browser slow this one down.
    pub(super) crowding: Crowding,
}

/// What the server says of other sessions of this browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Crowding {
    /// Nothing.
    #[default]
    None,
    /// That they slow this one down, and has said so since then.
    Since(Instant),
    /// The same, and the caller knows.
    Told,
}

/// The ids given out last.
#[derive(Clone, Debug, Default)]
pub(super) struct Ids {
    pub(super) command: CommandId,
    pub(super) message: MessageId,
    pub(super) epoch: Epoch,
}

/// What is needed to say whether messages can have been missed.
#[derive(Clone, Debug, Default)]
pub(super) struct Continuity {
    /// The channel has been connected at some time.
    pub(super) began: bool,
    /// The last successful answer to a handshake or connect.
    pub(super) last_connect: Instant,
    /// When the last connect that was answered left. Servers answer a held connect of a session that they have forgotten meanwhile like any other,
    /// so no later moment is one at which the session was there.
    pub(super) known_at: Instant,
    /// The gap that has opened, not reported yet.
    pub(super) gap: Option<(Instant, GapCause)>,
}

impl Continuity {
    /// Messages may be missed from here on. A new session is the graver cause.
    pub(super) fn open_gap(&mut self, cause: GapCause) {
        if !self.began {
            return;
        }
        let began = if cause == GapCause::NewSession { self.known_at } else { self.last_connect };
        let since = self.gap.map_or(began, |(since, _)| since.min(began));
        let cause = if matches!(self.gap, Some((_, GapCause::NewSession))) { GapCause::NewSession } else { cause };
        self.gap = Some((since, cause));
    }
}

/// What a client has seen since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Data messages delivered.
    pub received: u64,
    /// Data messages recognised as sent before, and dropped.
    pub duplicates: u64,
    /// Breaches of the protocol by the server.
    pub violations: u64,
    /// Handshakes sent.
    pub handshakes: u64,
    /// Returns to "connected" after a break.
    pub reconnects: u64,
    /// Gaps reported.
    pub gaps: u64,
    /// The last usable answer.
    pub last_contact: Option<Instant>,
    /// How long the last request that the server did not hold took, in ms.
    pub round_trip: Option<u64>,
}

impl<P: RawMessage> Client<P> {
    /// A client that has done nothing yet.
    pub fn new(config: Config, now: Instant) -> Self {
        let mut subscriptions = Subscriptions::new(config.max_subscriptions);
        if let Some(main) = config.main_channel.clone() {
            subscriptions.pin(main);
        }
        let backoff = Backoff::new(&config);
        Self {
            now,
            state: State::Disconnected { cause: None },
            stimuli: VecDeque::new(),
            outputs: VecDeque::new(),
            timers: TimerTable::default(),
            advice: AdviceBook::new(config.advice_timeout, config.advice_interval),
            command_backoff: backoff.clone(),
            backoff,
            recovery: Recovery::default(),
            surroundings: Surroundings::default(),
            flights: Flights::default(),
            transport: Transport::new(&config),
            subscriptions,
            ack: None,
            opening: Vec::new(),
            closing: Vec::new(),
            ids: Ids::default(),
            continuity: Continuity::default(),
            counters: Counters::default(),
            status: Status::initial(),
            config,
        }
    }

    /// Opens the channel. Completes when it is connected; at once when it is already. Fails when it ends for a cause that trying again
    /// does not cure, or by [`Client::disconnect`].
    pub fn handshake(&mut self, now: Instant) -> Result<CommandId, UsageError> {
        let command = self.begin(now);
        self.opening.push(command);
        self.apply(Stimulus::Open);
        Ok(command)
    }

    /// Wants `pattern`, in this session and all that follow, until [`Client::unsubscribe`] has been called as often. Completes when the server
    /// confirms; fails when it refuses, or when the channel ends first. Waits for the channel to be opened.
    pub fn subscribe(&mut self, now: Instant, pattern: ChannelPattern) -> Result<CommandId, UsageError> {
        let command = self.begin(now);
        let completion = self.subscriptions.subscribe(pattern, command)?;
        self.complete(completion);
        Ok(command)
    }

    /// Takes back one [`Client::subscribe`]. Completes when the server has been told, where it need be.
    pub fn unsubscribe(&mut self, now: Instant, pattern: &ChannelPattern) -> Result<CommandId, UsageError> {
        let command = self.begin(now);
        let completions = self.subscriptions.unsubscribe(pattern, command)?;
        self.complete(completions);
        Ok(command)
    }

    /// Takes back the [`Client::subscribe`] that `command` names, if it waits to be confirmed; it then fails as aborted.
    pub fn withdraw(&mut self, now: Instant, command: CommandId) {
        self.advance(now);
        let completion = self.subscriptions.withdraw(command);
        self.complete(completion);
    }

    /// Says goodbye and stops everything. Completes when that is done, or after `max_network_delay`; never fails.
    pub fn disconnect(&mut self, now: Instant) -> Result<CommandId, UsageError> {
        let command = self.begin(now);
        self.closing.push(command);
        self.apply(Stimulus::Close);
        Ok(command)
    }

    /// Handles what is due at `now`. A call without anything due changes nothing.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
        while let Some(timer) = self.timers.take_due(self.now) {
            match timer {
                Timer::Retry => self.apply(Stimulus::RetryDue),
                // What waits is composed when outputs are polled.
                Timer::ResendCommands => {}
                Timer::Hurry => self.hurry(),
                Timer::ConnectDeadline => self.deadline_passed(Slot::Connect),
                Timer::SendDeadline => self.deadline_passed(Slot::Send),
                Timer::SocketDeadline => self.socket_not_opened(),
                Timer::KeepAlive => self.keep_login_alive(),
                Timer::KeepAliveDeadline => self.deadline_passed(Slot::KeepAlive),
                Timer::GoodbyeDeadline => self.apply(Stimulus::GoodbyeDone),
            }
        }
    }

    /// The next thing to do; `None` when there is nothing left. May change after any command, input or timeout.
    #[must_use = "an output that is not performed is lost"]
    pub fn poll_output(&mut self) -> Option<Output<P>> {
        if self.outputs.is_empty() {
            self.send_commands();
        }
        self.outputs.pop_front()
    }

    /// When to call [`Client::handle_timeout`], and why. May change after any command, input, timeout or output.
    #[must_use = "a deadline that is not armed never passes"]
    pub fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        self.timers.next()
    }

    /// What has been seen so far.
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    /// The state now, as the last [`Event::Status`] tells it, with the present session.
    pub const fn status(&self) -> &Status {
        &self.status
    }

    fn begin(&mut self, now: Instant) -> CommandId {
        self.advance(now);
        self.ids.command.take_next()
    }

    /// Time moves forward only, whatever the caller's clock does.
    pub(super) fn advance(&mut self, now: Instant) {
        self.now = self.now.max(now);
    }

    pub(super) fn emit(&mut self, event: Event<P>) {
        self.outputs.push_back(Output::Event(event));
    }

    pub(super) fn complete(&mut self, completions: impl IntoIterator<Item = Completion>) {
        for (command, result) in completions {
            self.emit(Event::Completed { command, result });
        }
    }

    /// Reports the gap that has opened, now that there is contact again.
    pub(super) fn report_gap(&mut self) {
        if let Some((since, cause)) = self.continuity.gap.take() {
            self.counters.gaps += 1;
            self.emit(Event::Gap(Gap { since, until: self.now, cause }));
        }
    }
}

impl Status {
    const fn initial() -> Self {
        Self {
            state: ConnectionState::Disconnected,
            cause: None,
            attempt: 0,
            retry_at: None,
            recovered: false,
            acknowledged: false,
            client_id: None,
            transport: None,
        }
    }

    /// Whether the caller need not be told of the difference between `self` and `other`.
    pub(super) fn reads_like(&self, other: &Self) -> bool {
        (self.state, self.transport, self.attempt, self.retry_at) == (other.state, other.transport, other.attempt, other.retry_at)
            && self.cause == other.cause
    }
}
