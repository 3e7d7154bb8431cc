//! The whole boundary of the core in one file: what goes in, what comes out.

use super::decode::{Field, RawMessage};
use super::error::{CommandError, ServerError, TransportFailure, Violation};
use super::message::{ClientId, CommandId, ConnectionType, Outgoing, RequestId, SocketId};
use crate::time::Instant;

/// GWS' `statusCode` for "not logged in".
const NOT_AUTHENTICATED: f64 = 20.0;

/// Something that happened outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Input<P> {
    /// A request was answered.
    Response {
        /// Which.
        request: RequestId,
        /// With what.
        response: Response<P>,
    },
    /// A request ended without an answer. What the core aborted itself need not be told.
    RequestFailed {
        /// Which.
        request: RequestId,
        /// Why.
        failure: TransportFailure,
    },
    /// A socket is open.
    SocketOpened(SocketId),
    /// A frame came, parsed. A binary one is [`Body::NotJson`].
    SocketMessage {
        /// On which socket.
        socket: SocketId,
        /// Its content.
        body: Body<P>,
    },
    /// A socket is closed, or never opened. What the core closed itself need not be told.
    SocketClosed {
        /// Which.
        socket: SocketId,
        /// The close code, 1006 when there was none.
        code: u16,
    },
    /// A frame could not be given to a socket because it does not get rid of what it was given before.
    SocketStalled(SocketId),
    /// A way to log in has been tried, as [`Event::LoginNeeded`] asked.
    LoginDone {
        /// Whether it is worth asking the server again.
        renewed: bool,
    },
    /// Another request of the caller's was refused for want of a login, which this channel needs as well.
    LoginLost {
        /// Its HTTP status.
        status: u16,
        /// Whether there is still a way to log in; otherwise the channel ends.
        renewable: bool,
    },
    /// The browser believes that it is online again.
    Online,
    /// The browser believes that it is offline.
    Offline,
    /// The page ran again after sleep or a freeze: what is in flight may be dead.
    Resume,
    /// A person or the page wants the next attempt now.
    Hurry,
    /// The page that is closing the channel is put away. Nobody waits for what a socket still brings, and a browser that keeps the page keeps
    /// an open socket with it.
    PageHidden,
}

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Response<P> {
    /// The HTTP status; 0 for an opaque redirect.
    pub status: u16,
    /// The parsed body. A body is read for every status.
    pub body: Body<P>,
    /// `Retry-After`, in milliseconds from now, when the server sent one that can be read.
    pub retry_after: Option<u64>,
}

impl<P: RawMessage> Response<P> {
    /// Whether it says that the caller is not logged in: by GWS' `statusCode` with any HTTP status, by HTTP, or by a redirect, which leads to a login
    /// page and which browsers show as status 0.
    pub fn wants_login(&self) -> bool {
        let Body::Json(body) = &self.body else { return self.is_refused_by_http() };
        body.number(Field::StatusCode) == Some(NOT_AUTHENTICATED) || self.is_refused_by_http()
    }

    const fn is_refused_by_http(&self) -> bool {
        matches!(self.status, 0 | 401 | 300..=399)
    }
}

/// The body of an answer or frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Body<P> {
    /// Parsed JSON of any kind.
    Json(P),
    /// Nothing that parses as JSON.
    NotJson {
        /// It begins like markup.
        html: bool,
    },
}

/// Something to do, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Output<P> {
    /// POST the messages as one JSON array.
    Request {
        /// Names the request until it is answered, fails or is aborted.
        request: RequestId,
        /// Where to.
        url: String,
        /// What to send; never empty.
        messages: Vec<Outgoing>,
        /// The request must survive the page (`keepalive`).
        keepalive: bool,
    },
    /// End a request. Nothing need be told about it any more; what is told is ignored.
    Abort(RequestId),
    /// `GET` something that needs the login, so that the server does not end it for want of HTTP requests. Answered like a request.
    KeepAlive(RequestId),
    /// Open a socket. There is never more than one.
    OpenSocket {
        /// Names it until it is closed.
        socket: SocketId,
        /// Where to.
        url: String,
    },
    /// Send the messages as one text frame holding a JSON array.
    SendFrame {
        /// On which socket.
        socket: SocketId,
        /// What to send; never empty.
        messages: Vec<Outgoing>,
    },
    /// Close a socket with code 1000. Nothing need be told about it any more; what is told is ignored.
    CloseSocket(SocketId),
    /// Tell the layer above.
    Event(Event<P>),
}

/// What the layer above is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<P> {
    /// The channel's state, attempt or reason changed.
    Status(Status),
    /// A message with `data`: the server's own object, untouched.
    Delivery(P),
    /// Messages may have been missed.
    Gap(Gap),
    /// A command came to its end. Each command is told once.
    Completed {
        /// Which.
        command: CommandId,
        /// How.
        result: Result<(), CommandError>,
    },
    /// A subscription that was confirmed once was refused when it was asked for again; it is not wanted any more.
    SubscriptionLost {
        /// The channel.
        subscription: String,
        /// The server's words.
        error: ServerError,
    },
    /// The server wants a login. Answer with [`Input::LoginDone`]; nothing is sent meanwhile.
    LoginNeeded {
        /// 1 for the first way to log in since the channel last worked, 2 for the next.
        attempt: u32,
        /// The HTTP status, 200 when a reply inside a 200 refused.
        status: u16,
    },
    /// The server broke the protocol; what broke it was ignored.
    Violation(Violation),
    /// The server says for longer than a poll is held that other sessions of this browser slow this one down.
    MultipleClients,
}

/// The state of the channel as the caller sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionState {
    /// Nothing is open and nothing is tried.
    Disconnected,
    /// On the way to the first "connected" after a connect command.
    Connecting,
    /// The server answers `/meta/connect` and has confirmed the main channel.
    Connected,
    /// Was connected; on the way back.
    Reconnecting,
    /// Saying goodbye.
    Disconnecting,
}

/// A change of state, or of the reason or attempt within a state.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// The state from now on.
    pub state: ConnectionState,
    /// Why the channel is not connected, when that is not the caller's doing.
    pub cause: Option<Cause>,
    /// Attempts that failed since the channel last worked.
    pub attempt: u32,
    /// When the next attempt leaves, while one is waited for.
    pub retry_at: Option<Instant>,
    /// On `Connected` after a break: no message can have been missed.
    pub recovered: bool,
    /// The server has taken the acknowledge extension.
    pub acknowledged: bool,
    /// The session, while there is one.
    pub client_id: Option<ClientId>,
    /// The wire in use, while there is one.
    pub transport: Option<ConnectionType>,
}

/// Why the channel is not connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A request failed.
    Transport(TransportFailure),
    /// A reply was unsuccessful: a refused handshake or connect, a lost session.
    Server(ServerError),
    /// The server ended the channel: `/meta/disconnect`, `reconnect: none` or a negative interval.
    ServerEnded(ServerError),
    /// The main channel was refused.
    TopicRefused(ServerError),
    /// Not logged in, and no way to log in is left.
    LoginRequired {
        /// The HTTP status of the refusal, 200 when a reply inside a 200 refused.
        status: u16,
    },
    /// The session cookie does not come back: three handshakes in a row whose first connect the server did not know.
    Cookies,
    /// The server offers no connection type that is allowed here.
    NoConnectionType,
}

/// A stretch of time in which messages may have been missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The last contact before it.
    pub since: Instant,
    /// The first contact after it.
    pub until: Instant,
    /// Why.
    pub cause: GapCause,
}

/// Why messages may have been missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapCause {
    /// The server no longer knew the session, and with it what was queued.
    NewSession,
    /// In a session without acknowledgement a request ended without its reply, which may have carried messages.
    LostReply,
}
