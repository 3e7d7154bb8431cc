//! What a server's replies mean: each kind turned into stimuli for the session.

use super::ack::AckTable;
use super::advice::Reconnect;
use super::channel::ChannelPattern;
use super::client::{Client, Crowding, Recovery};
use super::decode::RawMessage;
use super::error::{ServerError, TransportFailure, Violation};
use super::io::{Cause, ConnectionState, Event};
use super::message::{AckField, MetaChannel, MetaReply, Outgoing, OutgoingBody};
use super::receive::Came;
use super::session::Link;
use super::stimulus::Stimulus;

/// Sessions forgotten at once, in a row, that mean that the session cookie does not come back.
const FORGOTTEN_THAT_MEAN_COOKIES: u32 = 3;

impl<P: RawMessage> Client<P> {
    /// The server has answered `request`, which belongs to the present session.
    pub(super) fn reply(&mut self, request: &Outgoing, reply: MetaReply, came: Came) {
        match reply.channel {
            MetaChannel::Handshake => self.handshake_reply(reply, came),
            MetaChannel::Connect => self.connect_reply(&reply, came),
            MetaChannel::Subscribe | MetaChannel::Unsubscribe => self.subscription_reply(&request.body, reply),
            MetaChannel::Disconnect => self.apply(Stimulus::GoodbyeDone),
        }
    }

    fn handshake_reply(&mut self, reply: MetaReply, came: Came) {
        self.take_advice(&reply);
        if !reply.successful {
            let reconnect = advised(&reply, Reconnect::Handshake);
            let error = reply.into_error();
            self.apply(if error.is_login() {
                Stimulus::LoginRefused { status: 200 }
            } else {
                Stimulus::HandshakeUnsuccessful { reconnect, error }
            });
            return;
        }
        let reconnect = advised(&reply, Reconnect::Retry);
        let Some(client_id) = reply.client_id else {
            self.report(&[Violation::NoClientId]);
            self.apply(Stimulus::HandshakeFailed(Cause::Transport(TransportFailure::NoReply)));
            return;
        };
        self.ack = match reply.ack {
            AckField::Enabled { batch } if self.config.ack => Some(AckTable::new(batch, came.deliveries)),
            _ => None,
        };
        self.continuity.last_connect = self.now;
        self.continuity.known_at = self.now;
        // On a socket they come in frames of their own.
        self.transport.announced = if came.on_socket { reply.announced.saturating_sub(came.deliveries) } else { 0 };
        let established = Stimulus::HandshakeOk { client_id, reconnect };
        if self.transport.offered(reply.connection_types.as_deref()) {
            self.apply(established);
        } else {
            // At once, so that nothing but the goodbye leaves in this session.
            self.stimuli.push_back(established);
            self.apply(Stimulus::GaveUp(Cause::NoConnectionType));
        }
    }

    fn connect_reply(&mut self, reply: &MetaReply, came: Came) {
        if !reply.successful {
            self.connect_refused(reply, came.on_socket);
            return;
        }
        self.take_advice(reply);
        if came.on_socket {
            self.proved();
        } else {
            self.transport.rescue = None;
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
        self.connect_succeeded(advised(reply, Reconnect::Retry), came);
    }

    fn connect_succeeded(&mut self, reconnect: Reconnect, came: Came) {
        let proven = self.state.established().is_some_and(|session| session.link != Link::New && session.subscribed);
        self.continuity.last_connect = self.now;
        self.continuity.known_at = came.left_at;
        self.recovery.forgotten = 0;
        if came.on_socket {
            self.recovery.pages = 0;
        }
        self.transport.trust_before = None;
        if self.state.established().is_some_and(|session| session.link == Link::Up && session.subscribed) {
            // The one before was answered, too: this one was held, and came back.
            self.backoff.reset();
        }
        if proven && reconnect == Reconnect::Retry {
            let Recovery { pages, hasty, .. } = self.recovery;
            self.recovery = Recovery { pages, hasty, ..Recovery::default() };
        }
        self.apply(Stimulus::ConnectOk { reconnect });
        self.report_gap_if_connected();
    }

    /// The server has answered, so a gap that has opened is over.
    pub(super) fn report_gap_if_connected(&mut self) {
        if self.status.state == ConnectionState::Connected {
            self.report_gap();
        }
    }

    fn connect_refused(&mut self, reply: &MetaReply, on_socket: bool) {
        let reconnect = advised(reply, Reconnect::Retry);
        let unknown = reply.error.as_ref().is_some_and(ServerError::is_unknown_session) && reconnect != Reconnect::None;
        if on_socket && self.transport.polling && !self.transport.socket.is_carrying() {
            self.proof_refused(unknown);
            return;
        }
        if let Some(table) = &mut self.ack {
            table.abandon_run();
        }
        let error = reply.error.clone().unwrap_or(ServerError::unnamed());
        if unknown && self.rescue(&error) {
            return;
        }
        self.take_advice(reply);
        if unknown {
            self.session_forgotten(error);
        } else {
            self.apply(Stimulus::ConnectUnsuccessful { reconnect, error });
        }
    }

    /// The server does not know the session of a connect.
    pub(super) fn session_forgotten(&mut self, error: ServerError) {
        self.transport.session_forgotten();
        let forgotten = self.is_forgotten_at_once();
        self.apply(if forgotten {
            Stimulus::GaveUp(Cause::Cookies)
        } else {
            Stimulus::ConnectUnsuccessful { reconnect: Reconnect::Handshake, error }
        });
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
        // Not all servers say 402: the advice counts.
        let reconnect = advised(&reply, Reconnect::Retry);
        let error = reply.into_error();
        if !successful && reconnect == Reconnect::None {
            self.apply(Stimulus::ServerEnded(error));
        } else if !successful && (reconnect == Reconnect::Handshake || error.is_unknown_session()) {
            self.command_on_unknown_session(subscription, error);
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

    fn command_on_unknown_session(&mut self, subscription: &ChannelPattern, error: ServerError) {
        let unknown = error.is_unknown_session();
        if unknown && self.rescue(&error) {
            self.subscriptions.unanswered(subscription);
            return;
        }
        self.transport.session_forgotten();
        let forgotten = unknown && self.is_forgotten_at_once();
        self.apply(if forgotten { Stimulus::GaveUp(Cause::Cookies) } else { Stimulus::SessionUnknown(error) });
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
