//! The rules of the wires, checked at everything the client sends: what holds for requests, for sockets, and for both together.

use std::collections::BTreeMap;

use gws_im_sdk::bayeux::{ConnectionType, Epoch, MetaChannel, Outgoing, OutgoingBody, RequestId, SocketId};
use serde_json::Value;

use super::form::{Address, Checked, require};
use super::server::Carrier;

/// Messages that have not been answered: a request, or a frame.
#[derive(Debug)]
struct InFlight {
    carrier: Carrier,
    /// Empty for the request that keeps the login alive.
    channels: Vec<MetaChannel>,
    /// What is not answered yet, by number and channel.
    messages: Vec<(u64, MetaChannel)>,
    epoch: Epoch,
}

/// The one socket there may be, as the client knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Socket {
    id: SocketId,
    open: bool,
    /// A connect has been answered on it.
    carries: bool,
}

/// What the rules need to remember.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    in_flight: Vec<InFlight>,
    socket: Option<Socket>,
    last_socket: Option<SocketId>,
    /// The last socket that ended had never opened.
    refused: bool,
    last_message: u64,
    last_request: Option<RequestId>,
    /// The ids a successful reply to the last handshake gave.
    offered: Vec<String>,
    /// The client id of each epoch.
    epochs: BTreeMap<Epoch, String>,
    /// Acknowledgements this session's server has given.
    batches: Vec<u64>,
}

impl Wire {
    // ---- what the client does

    /// A request leaves.
    pub(crate) fn on_request(
        &mut self,
        request: RequestId,
        address: &Address,
        url: &str,
        messages: &[Outgoing],
        keepalive: bool,
    ) -> Checked {
        self.check_request_id(request)?;
        let channels = channels_of(messages);
        self.check_company(&channels)?;
        address.check(url, channels[0])?;
        require(!keepalive || channels == [MetaChannel::Disconnect], || "only a goodbye may outlive the page".to_owned())?;
        self.leaves(Carrier::Request(request), channels, messages)
    }

    /// The request that keeps the login alive leaves.
    pub(crate) fn on_keep_alive(&mut self, request: RequestId) -> Checked {
        self.check_request_id(request)?;
        let wanted = self.is_on_socket() || self.refused;
        require(wanted, || "asks for the login although requests carry the session, and no socket was refused".to_owned())?;
        let another = self.in_flight.iter().any(|known| known.channels.is_empty());
        require(!another, || "asks for the login twice at once".to_owned())?;
        self.leaves(Carrier::Request(request), Vec::new(), &[])
    }

    pub(crate) fn on_open_socket(&mut self, socket: SocketId, address: &Address, url: &str) -> Checked {
        address.check_socket(url)?;
        require(self.last_socket.is_none_or(|last| last < socket), || format!("socket id {socket:?} does not increase"))?;
        require(self.socket.is_none(), || format!("opens {socket:?} beside {:?}", self.socket))?;
        self.last_socket = Some(socket);
        self.socket = Some(Socket { id: socket, open: false, carries: false });
        Ok(())
    }

    /// A frame leaves.
    pub(crate) fn on_frame(&mut self, socket: SocketId, messages: &[Outgoing]) -> Checked {
        let open = self.socket.is_some_and(|known| known.id == socket && known.open);
        require(open, || format!("a frame on {socket:?}, where there is {:?}", self.socket))?;
        let channels = channels_of(messages);
        self.check_company(&channels)?;
        self.leaves(Carrier::Socket(socket), channels, messages)
    }

    /// The client closes a socket; `false` when it had none of that id.
    pub(crate) fn on_close_socket(&mut self, socket: SocketId) -> bool {
        self.on_socket_end(socket)
    }

    fn leaves(&mut self, carrier: Carrier, channels: Vec<MetaChannel>, messages: &[Outgoing]) -> Checked {
        for message in messages {
            self.check_message(carrier, message)?;
        }
        if channels == [MetaChannel::Handshake] {
            self.offered.clear();
            self.batches.clear();
        }
        let epoch = messages.first().map_or(Epoch::default(), |message| message.epoch);
        let messages = messages.iter().map(|message| (message.id.number(), message.body.channel())).collect();
        self.in_flight.push(InFlight { carrier, channels, messages, epoch });
        Ok(())
    }

    // ---- what reaches it

    /// A request has ended for the client: answered, failed or aborted. `false` when it had ended before.
    pub(crate) fn on_end(&mut self, request: RequestId) -> bool {
        let before = self.in_flight.len();
        self.in_flight.retain(|known| known.carrier != Carrier::Request(request));
        before != self.in_flight.len()
    }

    /// The client is about to be told that a socket is open; `false` when it does not wait for that.
    pub(crate) fn on_opened(&mut self, socket: SocketId) -> bool {
        let Some(known) = self.socket.as_mut().filter(|known| known.id == socket && !known.open) else { return false };
        known.open = true;
        true
    }

    /// A socket has ended for the client, with all that was under way on it. `false` when it had ended before.
    pub(crate) fn on_socket_end(&mut self, socket: SocketId) -> bool {
        self.in_flight.retain(|known| known.carrier != Carrier::Socket(socket));
        let ended = self.socket.take_if(|known| known.id == socket);
        if let Some(ended) = &ended {
            self.refused = !ended.open;
        }
        ended.is_some()
    }

    /// What the client is about to read in answer to `request`.
    pub(crate) fn on_body(&mut self, request: RequestId, body: &Value) {
        let Some(known) = self.in_flight.iter().find(|known| known.carrier == Carrier::Request(request)) else { return };
        let channels = known.channels.clone();
        for message in messages_of(body) {
            if channels.len() == 1 && message["channel"] == channels[0].name() {
                self.learn(channels[0], message);
            }
        }
    }

    /// What the client is about to read on `socket`.
    pub(crate) fn on_frame_body(&mut self, socket: SocketId, body: &Value) {
        for message in messages_of(body) {
            let Some(channel) = self.take_answered(socket, message) else { continue };
            if channel == MetaChannel::Connect && message["successful"] == true {
                self.socket.iter_mut().for_each(|known| known.carries = true);
            }
            self.learn(channel, message);
        }
        self.in_flight.retain(|known| known.carrier != Carrier::Socket(socket) || !known.messages.is_empty());
    }

    fn take_answered(&mut self, socket: SocketId, message: &Value) -> Option<MetaChannel> {
        let id = message["id"].as_str().and_then(|id| id.parse().ok()).or_else(|| message["id"].as_u64())?;
        let on_socket = self.in_flight.iter_mut().filter(|known| known.carrier == Carrier::Socket(socket));
        for known in on_socket {
            if let Some(index) = known.messages.iter().position(|(sent, channel)| *sent == id && message["channel"] == channel.name()) {
                return Some(known.messages.remove(index).1);
            }
        }
        None
    }

    fn learn(&mut self, channel: MetaChannel, message: &Value) {
        if message["successful"] != true {
            return;
        }
        match channel {
            MetaChannel::Handshake => {
                self.offered.extend(message["clientId"].as_str().map(str::to_owned));
                self.batches.push(message.pointer("/ext/ack/batch").and_then(Value::as_u64).unwrap_or(0));
            }
            MetaChannel::Connect => self.batches.extend(message.pointer("/ext/ack").and_then(Value::as_u64)),
            _ => {}
        }
    }

    // ---- what is asked of it

    pub(crate) fn is_in_flight(&self, request: RequestId) -> bool {
        self.in_flight.iter().any(|known| known.carrier == Carrier::Request(request))
    }

    pub(crate) const fn is_idle(&self) -> bool {
        self.in_flight.is_empty()
    }

    /// The requests that have not ended.
    pub(crate) fn requests(&self) -> Vec<RequestId> {
        let request = |known: &InFlight| if let Carrier::Request(request) = known.carrier { Some(request) } else { None };
        self.in_flight.iter().filter_map(request).collect()
    }

    /// The socket that is opening or open for the client.
    pub(crate) fn socket(&self) -> Option<SocketId> {
        self.socket.map(|socket| socket.id)
    }

    /// Whether the session travels on a socket: one has answered a connect.
    pub(crate) fn is_on_socket(&self) -> bool {
        self.socket.is_some_and(|socket| socket.carries)
    }

    // ---- the rules

    fn check_request_id(&mut self, request: RequestId) -> Checked {
        require(self.last_request.is_none_or(|last| last < request), || format!("request id {request:?} does not increase"))?;
        self.last_request = Some(request);
        Ok(())
    }

    /// Who may travel with whom, and how many of a kind may be under way, over all wires.
    fn check_company(&self, channels: &[MetaChannel]) -> Checked {
        require(!channels.is_empty(), || "an empty request".to_owned())?;
        let lonely = [MetaChannel::Handshake, MetaChannel::Connect];
        require(channels.len() == 1 || !channels.iter().any(|channel| lonely.contains(channel)), || {
            format!("a handshake or connect in company: {channels:?}")
        })?;
        for lonely in lonely {
            let another = channels == [lonely] && self.in_flight.iter().any(|known| known.channels == [lonely]);
            require(!another, || format!("a second {lonely:?} in flight"))?;
        }
        Ok(())
    }

    fn check_message(&mut self, carrier: Carrier, message: &Outgoing) -> Checked {
        let id = message.id.number();
        require(id > self.last_message, || format!("message id {id} after {}", self.last_message))?;
        self.last_message = id;
        let client_id = match &message.body {
            OutgoingBody::Handshake { .. } => return Ok(()),
            OutgoingBody::Connect { client_id, ack, connection_type, .. } => {
                require(ack.is_none_or(|batch| self.batches.contains(&batch)), || {
                    format!("acknowledges {ack:?}, which this session never gave: {:?}", self.batches)
                })?;
                let is_socket = *connection_type == ConnectionType::WebSocket;
                require(is_socket == matches!(carrier, Carrier::Socket(_)), || format!("says {connection_type:?} on {carrier:?}"))?;
                client_id
            }
            OutgoingBody::Subscribe { client_id, .. }
            | OutgoingBody::Unsubscribe { client_id, .. }
            | OutgoingBody::Disconnect { client_id } => client_id,
        };
        let client_id = client_id.as_str();
        require(self.offered.iter().any(|offered| offered == client_id), || {
            format!("client id {client_id} is not the current one: {:?}", self.offered)
        })?;
        let known = self.epochs.entry(message.epoch).or_insert_with(|| client_id.to_owned());
        require(known == client_id, || format!("epoch {:?} belongs to {known}, not to {client_id}", message.epoch))?;
        self.check_slot(message)
    }

    /// One slot for the connect, one for everything else of the session.
    fn check_slot(&self, message: &Outgoing) -> Checked {
        let ordinary = |channel: MetaChannel| matches!(channel, MetaChannel::Subscribe | MetaChannel::Unsubscribe);
        let occupied = self.in_flight.iter().any(|known| known.epoch == message.epoch && known.channels.iter().any(|c| ordinary(*c)));
        require(!(ordinary(message.body.channel()) && occupied), || "a second request in the second slot".to_owned())
    }
}

fn channels_of(messages: &[Outgoing]) -> Vec<MetaChannel> {
    messages.iter().map(|message| message.body.channel()).collect()
}

fn messages_of(body: &Value) -> &[Value] {
    body.as_array().map_or(std::slice::from_ref(body), Vec::as_slice)
}
