//! What a session is told, and what it answers with: the words of `session.rs`.

use super::advice::Reconnect;
use super::error::ServerError;
use super::io::Cause;
use super::message::ClientId;

/// Something that may move a session.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stimulus {
    /// The caller wants the channel.
    Open,
    /// The caller wants it no more.
    Close,
    /// The next attempt's time has come.
    RetryDue,
    /// A person or the page wants the next attempt now.
    Hurry,
    /// The network is another one: a handshake that is under way is under way on the old one.
    HandshakeStale,
    /// The handshake gave a client id.
    HandshakeOk { client_id: ClientId, reconnect: Reconnect },
    /// The handshake was answered with a refusal.
    HandshakeUnsuccessful { reconnect: Reconnect, error: ServerError },
    /// The handshake was not answered.
    HandshakeFailed(Cause),
    /// The connect was answered.
    ConnectOk { reconnect: Reconnect },
    /// The connect was answered with a failure.
    ConnectUnsuccessful { reconnect: Reconnect, error: ServerError },
    /// The connect was not answered.
    ConnectFailed(Cause),
    /// A socket has opened beside the poll.
    SocketReady,
    /// The connect that should show whether a socket works did not come back well; the poll it replaced was in order.
    ProofFailed,
    /// The socket that carried the session is gone.
    SocketLost(Cause),
    /// Unanswered for so long that the server must have forgotten the session.
    Expired(Cause),
    /// The server does not know the session.
    SessionUnknown(ServerError),
    /// The main channel is confirmed.
    MainConfirmed,
    /// The main channel is refused.
    MainRefused(ServerError),
    /// A request with commands was not answered.
    CommandsFailed(Cause),
    /// The server wants a login.
    LoginRefused { status: u16 },
    /// A way to log in was tried.
    LoginDone { renewed: bool },
    /// The server ended the session.
    ServerEnded(ServerError),
    /// The channel can't work, for this cause.
    GaveUp(Cause),
    /// The goodbye was answered, failed, or was waited for long enough.
    GoodbyeDone,
}

/// What to do about it, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Start counting attempts from nothing.
    StartOver,
    /// Send a handshake.
    SendHandshake,
    /// End the handshake in flight; that is no failure.
    EndHandshake,
    /// Take up the new session: its advice, acknowledgement and subscriptions.
    BeginSession,
    /// Drop what belonged to the session: requests, acknowledgement, confirmed subscriptions.
    EndSession,
    /// Send a `/meta/connect`.
    SendConnect {
        /// Ask for an answer at once.
        immediate: bool,
    },
    /// End the connect in flight; that is no failure.
    EndConnect,
    /// Send the next connect when the advised interval is over.
    NextConnect,
    /// Wait before the next attempt.
    Wait(Wait),
    /// Ask for a login.
    AskLogin,
    /// Send a goodbye.
    SendGoodbye,
    /// Bound the wait for the client id a goodbye needs.
    BoundGoodbye,
    /// Those who wait for the channel to open wait in vain: the caller closed it.
    AbortOpen,
    /// Those who wait for the channel to open wait in vain: it ended for the state's cause.
    FailOpen,
    /// Those who wait for the channel to close have what they want.
    CompleteClose,
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// Advice and back-off: the attempt failed.
    Failure,
    /// The same, spread over clients: the server may be starting, and gets all of them.
    FailureSpread,
    /// Advice only, for the first new session since one has proved to work; back-off for those that follow it.
    Renewal,
}
