//! The life of the socket: opened beside the poll, proved by a connect, and left for the poll at the first sign that it does not work.

use super::client::Client;
use super::decode::RawMessage;
use super::error::{ServerError, TransportFailure, Violation};
use super::flights::{Flight, Slot, Via};
use super::io::{Body, Cause, Output};
use super::message::{MetaChannel, MetaReply, Outgoing, SocketId};
use super::receive::{Came, sort};
use super::session::{Link, State};
use super::stimulus::Stimulus;
use super::timer::Timer;
use super::transport::Socket;
use super::trust::SocketTrust;
use crate::time::Instant;

/// The close code of an end in good order.
const NORMAL: u16 = 1_000;

/// What was under way on a socket that is gone.
#[derive(Debug, Default)]
struct Lost {
    connect: bool,
    goodbye: bool,
    /// A handshake or commands.
    sent: Option<Flight>,
    /// The socket, as it was.
    socket: Socket,
}

impl<P: RawMessage> Client<P> {
    /// What has been learnt of sockets to the server: the next client of the page should know it ([`Config::socket_trust`](super::Config)).
    pub const fn socket_trust(&self) -> SocketTrust {
        self.transport.trust
    }

    /// What carries messages to `channel` now. Opens a socket where one has to.
    pub(super) fn via(&mut self, channel: MetaChannel) -> Via {
        if self.transport.takes_request(channel) {
            return Via::Request(self.flights.next_request());
        }
        Via::Socket(self.transport.socket.id().unwrap_or_else(|| self.open_socket()))
    }

    /// Opens a socket beside the poll that is about to leave, where there should be one: the server answers, and nothing says that sockets fail.
    pub(super) fn consider_socket(&mut self) {
        let works = self.state.established().is_some_and(|session| session.link == Link::Up);
        if works && !self.surroundings.offline && self.transport.wants_socket(self.now) {
            self.open_socket();
        }
    }

    fn open_socket(&mut self) -> SocketId {
        let socket = self.transport.opening();
        self.timers.set(Timer::SocketDeadline, self.now.after(self.config.connect_timeout));
        self.outputs.push_back(Output::OpenSocket { socket, url: self.config.socket_url() });
        socket
    }

    /// Sends a frame, once the socket is open.
    pub(super) fn send_frame(&mut self, socket: SocketId, messages: Vec<Outgoing>) {
        match &mut self.transport.socket {
            Socket::Opening { held, .. } => held.push(messages),
            _ => self.outputs.push_back(Output::SendFrame { socket, messages }),
        }
    }

    pub(super) fn socket_opened(&mut self, socket: SocketId) {
        let Socket::Opening { id, held } = &mut self.transport.socket else { return };
        if *id != socket {
            return;
        }
        let held = std::mem::take(held);
        self.transport.socket = Socket::Open { id: socket };
        self.timers.stop(Timer::SocketDeadline);
        self.shorten_deadlines(socket);
        if held.is_empty() {
            self.move_connect();
        }
        for messages in held {
            self.send_frame(socket, messages);
        }
    }

    /// What waited for the socket was given the time to open it, too.
    fn shorten_deadlines(&mut self, socket: SocketId) {
        for slot in [Slot::Connect, Slot::Send, Slot::Goodbye] {
            let Some(flight) = self.flights.get(slot).filter(|flight| flight.via == Via::Socket(socket)) else { continue };
            let spare = self.config.connect_timeout.saturating_sub(self.now.since(flight.left_at));
            if let Some(due) = self.timers.due(slot.deadline()) {
                self.timers.set(slot.deadline(), Instant::from_millis(due.as_millis().saturating_sub(spare)));
            }
        }
    }

    pub(super) fn socket_not_opened(&mut self) {
        if let Socket::Opening { id, .. } = self.transport.socket {
            self.socket_failed(id, TransportFailure::Timeout);
        }
    }

    /// Takes the connect to the socket that has opened. A poll under way returns in a moment, and the next connect follows it here; where there is
    /// none, the session has waited for this.
    fn move_connect(&mut self) {
        if self.flights.is_free(Slot::Connect) {
            self.apply(Stimulus::SocketReady);
        }
    }

    pub(super) fn socket_message(&mut self, socket: SocketId, body: &Body<P>) {
        if self.transport.socket.open_id() != Some(socket) {
            return;
        }
        let Body::Json(body) = body else {
            self.socket_failed(socket, TransportFailure::NotJson { html: false });
            return;
        };
        let mut left = None;
        let flights = &mut self.flights;
        let in_run = flights.travels(Slot::Connect, Via::Socket(socket));
        let mut sorted = sort(body, &mut |reply| {
            let (request, left_at) = flights.take_answered(socket, reply.id, reply.channel)?;
            left = Some((left_at, reply.channel == MetaChannel::Connect, request.body.hold()));
            Some(request)
        });
        if sorted.violations.contains(&Violation::NotMessages) {
            self.socket_failed(socket, TransportFailure::NotJson { html: false });
            return;
        }
        self.report(&sorted.violations);
        self.stop_deadlines(&sorted.replies);
        // What comes with the reply to something else is not of the connect's batch.
        let connects = |(_, reply): &(Outgoing, MetaReply)| reply.channel == MetaChannel::Connect;
        let in_run = in_run && (sorted.replies.is_empty() || sorted.replies.iter().any(connects));
        let deliveries = std::mem::take(&mut sorted.deliveries);
        let count = deliveries.len() as u64;
        // What comes with a reply that has come before has come before, too, and would be counted into the run of the next connect.
        let repeated = self.ack.is_some() && sorted.stale_connect.is_some_and(|id| id <= self.ids.message);
        self.counters.duplicates += if repeated { count } else { 0 };
        for delivery in deliveries.into_iter().filter(|_| !repeated) {
            let announced = self.transport.announced > 0;
            self.transport.announced -= u64::from(announced);
            self.deliver(delivery, in_run && !announced);
        }
        self.transport.delivered += count;
        self.counters.last_contact = Some(self.now);
        if in_run && count > 0 {
            self.await_reply_after_data();
        }
        if let Some((left_at, held, hold)) = left {
            self.transport.socket.answered(self.now);
            self.note_contact(left_at, held);
            if held {
                self.note_haste(self.now.since(left_at), hold, self.transport.delivered);
            }
        }
        let left_at = left.map_or(self.now, |(left_at, ..)| left_at);
        let came = Came { epoch: self.ids.epoch, left_at, deliveries: count, on_socket: true };
        self.take_in(sorted, came);
    }

    fn stop_deadlines(&mut self, replies: &[(Outgoing, MetaReply)]) {
        for slot in replies.iter().map(|(request, _)| Slot::of(request.body.channel())) {
            if self.flights.is_free(slot) {
                self.timers.stop(slot.deadline());
            }
        }
    }

    /// With acknowledgement data comes only with the reply to the connect, right before it; a long batch takes its time as long as it flows.
    fn await_reply_after_data(&mut self) {
        if self.ack.is_some() && !self.flights.is_free(Slot::Connect) {
            self.timers.set(Timer::ConnectDeadline, self.now.after(self.config.max_network_delay));
        }
    }

    /// The first connect on a socket beside the poll was answered: from now on it carries the session.
    pub(super) fn proved(&mut self) {
        if let Socket::Open { id } = self.transport.socket {
            self.transport.socket = Socket::Carrying { id, since: self.now, answered: self.now };
            if self.transport.rescue.take().is_some() {
                self.transport.polling = false;
            }
            self.arm_keep_alive();
        }
    }

    /// The first connect on a socket beside the poll was refused. A server that does not know the session there may know it where it is polled,
    /// so no advice is obeyed: behind a balancer the socket may have reached another node, or each connection needs its own handshake.
    pub(super) fn proof_refused(&mut self, unknown: bool) {
        if let Some(table) = &mut self.ack {
            table.abandon_run();
        }
        if unknown {
            self.transport.sockets = false;
        } else {
            self.transport.trust.failed(self.now, 0);
        }
        self.drop_socket();
        if !self.give_up_rescue() {
            self.apply(Stimulus::ProofFailed);
        }
    }

    /// The server does not know the session by the requests that should carry its cookie: a socket may do without. `false` when there is no such
    /// way, or it has been tried.
    pub(super) fn rescue(&mut self, error: &ServerError) -> bool {
        if self.transport.rescue.is_some() {
            self.after_refusal();
            return true;
        }
        let first = self.state.established().is_some_and(|session| session.link == Link::New);
        if !first || !self.transport.can_rescue() {
            return false;
        }
        self.transport.rescue = Some(error.clone());
        if self.transport.socket.id().is_none() {
            self.open_socket();
        }
        self.after_refusal();
        true
    }

    fn after_refusal(&mut self) {
        if self.transport.socket.open_id().is_some() {
            self.move_connect();
        }
    }

    /// Ends the attempt to save the session by a socket, if there is one.
    fn give_up_rescue(&mut self) -> bool {
        let Some(error) = self.transport.rescue.take() else { return false };
        self.transport.sockets = false;
        self.session_forgotten(error);
        true
    }

    /// The socket closed, stalled, missed a deadline or brought what no server sends: it is left at once.
    pub(super) fn socket_failed(&mut self, socket: SocketId, failure: TransportFailure) {
        if self.transport.socket.id() != Some(socket) {
            return;
        }
        let carried = self.transport.socket.carried();
        if failure == (TransportFailure::Socket { code: NORMAL }) && self.transport.socket.is_carrying() {
            self.transport.trust_before = Some(self.transport.trust);
        }
        self.transport.trust.failed(self.now, carried);
        if !matches!(failure, TransportFailure::Socket { .. }) {
            self.outputs.push_back(Output::CloseSocket(socket));
        }
        let lost = self.lose_socket();
        let cause = Cause::Transport(failure);
        if self.give_up_rescue() {
            return;
        }
        if self.transport.polling {
            self.back_to_polling(&lost, cause);
        } else {
            self.sockets_alone_failed(lost, cause);
        }
    }

    fn back_to_polling(&mut self, lost: &Lost, cause: Cause) {
        if let Some(flight) = &lost.sent {
            self.give_back(flight);
        }
        if lost.socket.is_carrying() {
            self.apply(Stimulus::SocketLost(cause));
        } else if lost.connect {
            self.apply(Stimulus::ProofFailed);
        }
    }

    /// There is nothing but sockets, so the next one waits as any attempt does.
    fn sockets_alone_failed(&mut self, lost: Lost, cause: Cause) {
        self.recovery.transport_failed = true;
        let handshake = lost.sent.as_ref().is_some_and(Flight::is_handshake);
        let unopened = lost.socket.is_opening();
        if let Some(flight) = lost.sent.filter(|_| !handshake) {
            self.commands_failed(&flight, cause.clone());
        }
        if lost.goodbye {
            self.apply(Stimulus::GoodbyeDone);
        } else if handshake {
            self.apply(Stimulus::HandshakeFailed(cause));
        } else if lost.connect {
            self.connect_broken(cause);
        } else {
            self.apply(Stimulus::SocketLost(cause));
        }
        if unopened && !matches!(self.state, State::Disconnected { .. }) {
            // Browsers do not say why a socket was refused. If it was for want of a login, a request is told.
            self.touch_login();
        }
    }

    /// Closes the socket, if there is one; that is no failure. What was under way on it is taken back.
    pub(super) fn drop_socket(&mut self) {
        let Some(socket) = self.transport.socket.id() else { return };
        self.outputs.push_back(Output::CloseSocket(socket));
        if let Some(flight) = self.lose_socket().sent {
            self.give_back(&flight);
        }
    }

    /// Closes the socket behind a goodbye, whose answer nobody waits for. While there is none, the session still needs the socket.
    pub(super) fn leave_socket(&mut self) {
        let Some(socket) = self.transport.socket.id() else { return };
        if matches!(self.state, State::Disconnecting { .. }) {
            let goodbye = self.flights.travels(Slot::Goodbye, Via::Socket(socket));
            self.drop_socket();
            if goodbye {
                self.apply(Stimulus::GoodbyeDone);
            }
        }
    }

    /// Forgets the socket and takes up what was under way on it.
    fn lose_socket(&mut self) -> Lost {
        let socket = std::mem::take(&mut self.transport.socket);
        let Some(id) = socket.id() else { return Lost::default() };
        self.timers.stop(Timer::SocketDeadline);
        self.timers.stop(Timer::KeepAlive);
        self.abort(Slot::KeepAlive);
        let mut take = |slot: Slot| {
            let flight = self.flights.travels(slot, Via::Socket(id)).then(|| self.flights.take(slot)).flatten();
            if flight.is_some() {
                self.timers.stop(slot.deadline());
            }
            flight
        };
        let (connect, sent, goodbye) = (take(Slot::Connect), take(Slot::Send), take(Slot::Goodbye));
        if let Some(flight) = &connect {
            self.note_hold(flight);
        }
        if connect.is_some() || socket.is_carrying() {
            self.connect_lost_on(&socket);
        }
        Lost { connect: connect.is_some(), goodbye: goodbye.is_some(), sent, socket }
    }

    /// Without acknowledgement servers send on the socket of the last connect whenever there is something, and a reply may be on its way; nothing is
    /// lost with a socket that never opened.
    fn connect_lost_on(&mut self, socket: &Socket) {
        if let Some(table) = &mut self.ack {
            table.abandon_run();
        }
        if !socket.is_opening() {
            self.reply_lost();
        }
    }

    fn arm_keep_alive(&mut self) {
        if self.config.http_keep_alive > 0 {
            self.timers.set(Timer::KeepAlive, self.now.after(self.config.http_keep_alive));
        }
    }

    /// No request touches the login while a socket carries everything, so one is made for that alone.
    pub(super) fn keep_login_alive(&mut self) {
        self.arm_keep_alive();
        self.touch_login();
    }

    fn touch_login(&mut self) {
        if self.flights.is_free(Slot::KeepAlive) {
            let request = self.flights.next_request();
            self.flights.put(Slot::KeepAlive, Flight { via: Via::Request(request), left_at: self.now, messages: Vec::new() });
            self.timers.set(Timer::KeepAliveDeadline, self.now.after(self.config.max_network_delay));
            self.outputs.push_back(Output::KeepAlive(request));
        }
    }
}
