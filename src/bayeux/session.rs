//! All transitions of a session, and nothing else.
//!
//! Two rules. Everything that affects which state follows lives in this file; and this file knows neither time nor wires: it is told
//! what happened ([`Stimulus`]) and answers with the next state and what to do ([`Action`]). How long a wait is, and how a message travels,
//! is decided by who performs the actions. `docs/session-states.md` shows every pair of state and stimulus; a test compares it.

use super::advice::Reconnect;
use super::error::ServerError;
use super::io::{Cause, ConnectionState};
use super::message::ClientId;
use super::stimulus::{Action, Stimulus, Wait};

/// Where a session stands. Data lives in the state that owns it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum State {
    /// Nothing is open and nothing is tried.
    Disconnected {
        /// Why, when it was not the caller's doing.
        cause: Option<Cause>,
    },
    /// On the way to a client id.
    Handshaking(Handshaking),
    /// The server gave a client id.
    Established(Established),
    /// Saying goodbye.
    Disconnecting {
        /// The session to end.
        client_id: ClientId,
        /// Why, when it is not the caller's doing.
        cause: Option<Cause>,
        /// Open again afterwards.
        reopen: bool,
    },
}

/// The data of [`State::Handshaking`].
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Handshaking {
    /// What it waits for.
    pub(super) pending: Pending,
    /// What the caller asked for meanwhile.
    pub(super) then: Then,
    /// The channel was connected since the caller opened it.
    pub(super) returning: bool,
    /// What the last attempt failed of.
    pub(super) cause: Option<Cause>,
}

/// The data of [`State::Established`].
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Established {
    /// The session.
    pub(super) client_id: ClientId,
    /// Where the one `/meta/connect` is.
    pub(super) connect: Connect,
    /// Whether the server answers its connects.
    pub(super) link: Link,
    /// The main channel is confirmed in this session.
    pub(super) subscribed: bool,
    /// The channel was connected since the caller opened it.
    pub(super) returning: bool,
    /// What the last attempt failed of.
    pub(super) cause: Option<Cause>,
}

/// What a handshaking session waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pending {
    /// The time of the next attempt.
    Retry,
    /// The answer.
    Reply,
    /// A login.
    Login {
        /// The HTTP status that asked for it.
        status: u16,
    },
}

/// What follows a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// The session is kept.
    Stay,
    /// The caller has given up: goodbye, with the client id the handshake brings.
    Disconnect {
        /// Open again afterwards.
        reopen: bool,
    },
}

/// Where the one `/meta/connect` of a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connect {
    /// Its time has not come.
    Waiting,
    /// With the server.
    InFlight,
}

/// Whether the server answers the connects of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// Nothing has been answered yet, and nothing has failed.
    New,
    /// The last one was answered.
    Up,
    /// The last one was not, or a command before the first.
    Down,
}

impl State {
    /// The state as the caller sees it.
    pub(super) fn visible(&self) -> ConnectionState {
        match self {
            Self::Disconnected { .. } => ConnectionState::Disconnected,
            Self::Disconnecting { .. } | Self::Handshaking(Handshaking { then: Then::Disconnect { .. }, .. }) => {
                ConnectionState::Disconnecting
            }
            Self::Established(established) if established.is_connected() => ConnectionState::Connected,
            Self::Handshaking(Handshaking { returning, .. }) | Self::Established(Established { returning, .. }) => {
                if *returning {
                    ConnectionState::Reconnecting
                } else {
                    ConnectionState::Connecting
                }
            }
        }
    }

    /// Why the channel is not connected.
    pub(super) fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Disconnected { cause } | Self::Disconnecting { cause, .. } => cause.as_ref(),
            Self::Handshaking(handshaking) => handshaking.cause.as_ref(),
            Self::Established(established) => established.cause.as_ref(),
        }
    }

    /// The established session's data, while there is one.
    pub(super) const fn established(&self) -> Option<&Established> {
        match self {
            Self::Established(established) => Some(established),
            _ => None,
        }
    }
}

/// A state with what to do on the way into it.
pub(super) type Next = (State, &'static [Action]);

/// The next state.
pub(super) fn step(state: State, stimulus: Stimulus) -> Next {
    match state {
        State::Disconnected { .. } => from_disconnected(state, &stimulus),
        State::Handshaking(handshaking) => handshaking.step(stimulus),
        State::Established(established) => established.step(stimulus),
        State::Disconnecting { client_id, cause, reopen } => from_disconnecting(client_id, cause, reopen, &stimulus),
    }
}

fn from_disconnected(state: State, stimulus: &Stimulus) -> Next {
    match stimulus {
        Stimulus::Open => open(),
        Stimulus::Close => (State::Disconnected { cause: None }, &[Action::CompleteClose]),
        _ => (state, &[]),
    }
}

fn open() -> Next {
    let state = Handshaking { pending: Pending::Reply, then: Then::Stay, returning: false, cause: None };
    (state.into(), &[Action::StartOver, Action::SendHandshake])
}

/// The end of a disconnect, or of a channel that can't go on.
fn closed(cause: Option<Cause>, reopen: bool) -> Next {
    if reopen {
        let (state, _) = open();
        return (state, &[Action::EndSession, Action::CompleteClose, Action::StartOver, Action::SendHandshake]);
    }
    (State::Disconnected { cause }, &[Action::EndSession, Action::CompleteClose])
}

/// The channel ends for a cause that trying again does not cure.
fn ended(cause: Cause) -> Next {
    (State::Disconnected { cause: Some(cause) }, &[Action::EndSession, Action::FailOpen])
}

fn from_disconnecting(client_id: ClientId, cause: Option<Cause>, reopen: bool, stimulus: &Stimulus) -> Next {
    match stimulus {
        Stimulus::Open => (State::Disconnecting { client_id, cause, reopen: true }, &[]),
        Stimulus::Close => (State::Disconnecting { client_id, cause, reopen: false }, &[Action::AbortOpen]),
        Stimulus::GoodbyeDone => closed(cause, reopen),
        _ => (State::Disconnecting { client_id, cause, reopen }, &[]),
    }
}

impl Handshaking {
    fn step(self, stimulus: Stimulus) -> Next {
        if let Then::Disconnect { reopen } = self.then {
            return self.step_to_goodbye(reopen, stimulus);
        }
        match (stimulus, self.pending) {
            (Stimulus::Close, Pending::Reply) => {
                let then = Then::Disconnect { reopen: false };
                (Self { then, cause: None, ..self }.into(), &[Action::AbortOpen, Action::BoundGoodbye])
            }
            (Stimulus::Close, _) => (State::Disconnected { cause: None }, &[Action::EndSession, Action::AbortOpen, Action::CompleteClose]),
            (Stimulus::RetryDue | Stimulus::Hurry, Pending::Retry) => {
                (Self { pending: Pending::Reply, ..self }.into(), &[Action::SendHandshake])
            }
            (Stimulus::HandshakeStale, Pending::Reply) => (self.into(), &[Action::EndHandshake, Action::SendHandshake]),
            (Stimulus::LoginDone { renewed: true }, Pending::Login { .. }) => {
                (Self { pending: Pending::Retry, ..self }.into(), &[Action::Wait(Wait::Renewal)])
            }
            (Stimulus::LoginDone { renewed: false }, Pending::Login { status }) => ended(Cause::LoginRequired { status }),
            (Stimulus::LoginRefused { status }, Pending::Reply | Pending::Retry) => ask_login(status, self.returning),
            (Stimulus::GaveUp(cause), _) => ended(cause),
            (stimulus, Pending::Reply) => self.step_reply(stimulus),
            _ => (self.into(), &[]),
        }
    }

    fn step_reply(self, stimulus: Stimulus) -> Next {
        match stimulus {
            Stimulus::HandshakeOk { client_id, reconnect: Reconnect::Retry } => established(client_id, self.returning, self.cause),
            Stimulus::HandshakeOk { reconnect: Reconnect::Handshake, .. } => self.wait(None, &[Action::Wait(Wait::Failure)]),
            Stimulus::HandshakeOk { reconnect: Reconnect::None, .. } => ended(Cause::ServerEnded(ServerError::unnamed())),
            Stimulus::HandshakeUnsuccessful { reconnect: Reconnect::None, error } => ended(Cause::ServerEnded(error)),
            Stimulus::HandshakeUnsuccessful { error, .. } => self.wait(Some(Cause::Server(error)), &[Action::Wait(Wait::Failure)]),
            Stimulus::HandshakeFailed(cause) => self.wait(Some(cause), &[Action::Wait(Wait::FailureSpread)]),
            _ => (self.into(), &[]),
        }
    }

    fn wait(self, cause: Option<Cause>, wait: &'static [Action]) -> Next {
        (Self { pending: Pending::Retry, cause, ..self }.into(), wait)
    }

    /// The caller has given up, and the client id is waited for to say goodbye with.
    fn step_to_goodbye(self, reopen: bool, stimulus: Stimulus) -> Next {
        match stimulus {
            Stimulus::Open => (Self { then: Then::Disconnect { reopen: true }, ..self }.into(), &[]),
            Stimulus::Close => (Self { then: Then::Disconnect { reopen: false }, ..self }.into(), &[Action::AbortOpen]),
            Stimulus::HandshakeOk { client_id, .. } => (State::Disconnecting { client_id, cause: None, reopen }, &[Action::SendGoodbye]),
            Stimulus::HandshakeUnsuccessful { .. }
            | Stimulus::HandshakeFailed(_)
            | Stimulus::LoginRefused { .. }
            | Stimulus::GaveUp(_)
            | Stimulus::GoodbyeDone => closed(None, reopen),
            _ => (self.into(), &[]),
        }
    }
}

impl From<Handshaking> for State {
    fn from(handshaking: Handshaking) -> Self {
        Self::Handshaking(handshaking)
    }
}

fn established(client_id: ClientId, returning: bool, cause: Option<Cause>) -> Next {
    let state = Established { client_id, connect: Connect::Waiting, link: Link::New, subscribed: false, returning, cause };
    (state.into(), &[Action::BeginSession, Action::NextConnect])
}

fn ask_login(status: u16, returning: bool) -> Next {
    let cause = Some(Cause::LoginRequired { status });
    let state = Handshaking { pending: Pending::Login { status }, then: Then::Stay, returning, cause };
    (state.into(), &[Action::EndSession, Action::AskLogin])
}

impl Established {
    fn step(self, stimulus: Stimulus) -> Next {
        match stimulus {
            Stimulus::Close => self.goodbye(None, &[Action::AbortOpen, Action::SendGoodbye]),
            Stimulus::RetryDue | Stimulus::Hurry if self.connect == Connect::Waiting => {
                let actions: &[Action] = if self.link == Link::Up {
                    &[Action::SendConnect { immediate: false }]
                } else {
                    &[Action::SendConnect { immediate: true }]
                };
                (Self { connect: Connect::InFlight, ..self }.into(), actions)
            }
            Stimulus::Hurry => (self.into(), &[Action::EndConnect, Action::SendConnect { immediate: true }]),
            Stimulus::MainConfirmed => (Self { subscribed: true, ..self }.settled(), &[]),
            Stimulus::MainRefused(error) => self.goodbye(Some(Cause::TopicRefused(error)), &[Action::FailOpen, Action::SendGoodbye]),
            Stimulus::CommandsFailed(cause) if !self.subscribed => {
                let link = if self.link == Link::New { Link::Down } else { self.link };
                (Self { link, cause: Some(cause), ..self }.into(), &[])
            }
            Stimulus::SessionUnknown(error) => self.lost(Some(Cause::Server(error)), &[Action::EndSession, Action::Wait(Wait::Renewal)]),
            Stimulus::Expired(cause) => self.lost(Some(cause), &[Action::EndSession, Action::Wait(Wait::FailureSpread)]),
            Stimulus::LoginRefused { status } => ask_login(status, self.was_connected()),
            Stimulus::ServerEnded(error) => ended(Cause::ServerEnded(error)),
            Stimulus::GaveUp(cause) => self.goodbye(Some(cause), &[Action::FailOpen, Action::SendGoodbye]),
            stimulus => self.step_connect(stimulus),
        }
    }

    fn step_connect(self, stimulus: Stimulus) -> Next {
        match stimulus {
            Stimulus::ConnectOk { reconnect: Reconnect::Retry } => {
                let next = Self { connect: Connect::Waiting, link: Link::Up, ..self };
                (next.settled(), &[Action::NextConnect])
            }
            Stimulus::ConnectOk { reconnect: Reconnect::Handshake } => self.lost(None, &[Action::EndSession, Action::Wait(Wait::Failure)]),
            Stimulus::ConnectOk { reconnect: Reconnect::None } => ended(Cause::ServerEnded(ServerError::unnamed())),
            Stimulus::ConnectUnsuccessful { reconnect: Reconnect::None, error } => ended(Cause::ServerEnded(error)),
            Stimulus::ConnectUnsuccessful { reconnect: Reconnect::Handshake, error } => {
                self.lost(Some(Cause::Server(error)), &[Action::EndSession, Action::Wait(Wait::Renewal)])
            }
            Stimulus::ConnectUnsuccessful { reconnect: Reconnect::Retry, error } => self.broken(Cause::Server(error)),
            Stimulus::ConnectFailed(cause) => self.broken(cause),
            Stimulus::SocketReady if self.connect == Connect::InFlight => {
                (self.into(), &[Action::EndConnect, Action::SendConnect { immediate: true }])
            }
            Stimulus::ProofFailed if self.connect == Connect::InFlight => (self.into(), &[Action::SendConnect { immediate: true }]),
            Stimulus::SocketLost(cause) => self.socket_lost(cause),
            _ => (self.into(), &[]),
        }
    }

    /// The server answers connects and has confirmed the main channel.
    const fn is_connected(&self) -> bool {
        matches!(self.link, Link::Up) && self.subscribed
    }

    const fn was_connected(&self) -> bool {
        self.returning || self.is_connected()
    }

    /// Connected states carry no cause.
    fn settled(self) -> State {
        let connected = self.is_connected();
        Self { cause: if connected { None } else { self.cause }, returning: self.returning || connected, ..self }.into()
    }

    /// The connect failed; the session may still be there.
    fn broken(self, cause: Cause) -> Next {
        let returning = self.was_connected();
        let link = Link::Down;
        let next = Self { connect: Connect::Waiting, link, returning, cause: Some(cause), ..self };
        (next.into(), &[Action::Wait(Wait::Failure)])
    }

    /// The connect leaves again at once: what carried it is not what carries it next.
    fn socket_lost(self, cause: Cause) -> Next {
        let returning = self.was_connected();
        let actions: &[Action] = match self.connect {
            Connect::InFlight => &[Action::SendConnect { immediate: true }],
            Connect::Waiting => &[],
        };
        (Self { link: Link::Down, returning, cause: Some(cause), ..self }.into(), actions)
    }

    /// The session is gone.
    fn lost(self, cause: Option<Cause>, actions: &'static [Action]) -> Next {
        let state = Handshaking { pending: Pending::Retry, then: Then::Stay, returning: self.was_connected(), cause };
        (state.into(), actions)
    }

    /// The channel is not wanted any more or can't go on, and the server holds a session to be ended.
    fn goodbye(self, cause: Option<Cause>, actions: &'static [Action]) -> Next {
        (State::Disconnecting { client_id: self.client_id, cause, reopen: false }, actions)
    }
}

impl From<Established> for State {
    fn from(established: Established) -> Self {
        Self::Established(established)
    }
}
