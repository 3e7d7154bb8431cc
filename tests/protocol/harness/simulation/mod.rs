//! Drives a client against the model server, jumping the clock from one wake-up to the next.

mod ask;
mod commands;
mod requests;
mod sockets;

use gws_im_sdk::bayeux::Outgoing as Message;
use gws_im_sdk::bayeux::{
    ChannelPattern, Client, CommandId, Config, ConnectionState, ConnectionType, Event, Input, OutgoingBody, Output, RequestId, SocketId,
    Status, TransportFailure,
};
use gws_im_sdk::time::Instant;
use serde_json::Value;

pub(crate) use ask::Received;

use super::clock::Agenda;
use super::form::Address;
use super::frame_script::{FrameReaction, FrameScript};
use super::network::Network;
use super::record::{Entry, Record};
use super::script::{On, Reaction, Script};
use super::server::{Flavour, Sending, Server, ServerOptions};
use super::socket::Sockets;
use super::{status_path, wire};
use crate::json::Json;
use requests::Outcome;
use sockets::SocketItem;

/// Where the model server is.
pub(crate) const URL: &str = "https://gws.example.com/api/v2/notifications";
/// The main channel of the simulations.
pub(crate) const TOPIC: &str = "/v2/me/im-sessions";
/// The clock does not begin at 0: nothing may depend on it.
const ORIGIN: u64 = 1_000_000;

pub(crate) fn pattern(text: &str) -> ChannelPattern {
    ChannelPattern::new(text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

/// What the agenda holds.
#[derive(Debug)]
enum Item {
    AtServer { request: RequestId, messages: Vec<Value> },
    AtClient { request: RequestId, outcome: Outcome },
    Socket { socket: SocketId, item: SocketItem },
    LoginAnswer { renewed: bool },
}

/// A client in its world.
pub(crate) struct Simulation {
    pub(crate) client: Client<Json>,
    pub(crate) server: Server,
    pub(crate) network: Network,
    /// Answers each `LoginNeeded` after so many ms in this way; `None` leaves it to the test.
    pub(crate) login: Option<(u64, bool)>,
    pub(crate) record: Record,
    agenda: Agenda<Item>,
    script: Script,
    frame_script: FrameScript,
    sockets: Sockets,
    wire: wire::Wire,
    pub(crate) address: Address,
    /// The data of what was published on the main channel.
    pub(crate) published: Vec<Value>,
    /// Timers that were due.
    pub(crate) woken: u64,
    last_status: Status,
    outstanding: Vec<CommandId>,
    awaiting_login: bool,
    /// `handshake` has been called since the channel was last disconnected.
    wanted: bool,
    /// `handshake` has been called since the outputs were last performed.
    wanted_now: bool,
    wakes_in_this_moment: u32,
}

impl Simulation {
    /// A `CometD` 3.1.5 server, the main channel, and the defaults of everything else.
    pub(crate) fn new() -> Self {
        Self::with(default_config(), ServerOptions::new(Flavour::CometD3))
    }

    pub(crate) fn with(config: Config, options: ServerOptions) -> Self {
        let (base, seed) = (config.url.clone(), config.seed);
        let client = Client::new(config, Instant::from_millis(ORIGIN));
        Self {
            last_status: client.status().clone(),
            client,
            server: Server::new(options),
            network: Network::new(seed),
            login: None,
            record: Record::default(),
            agenda: Agenda::new(ORIGIN),
            script: Script::default(),
            frame_script: FrameScript::default(),
            sockets: Sockets::default(),
            wire: wire::Wire::default(),
            address: Address { base, by_kind: true },
            published: Vec::new(),
            woken: 0,
            outstanding: Vec::new(),
            awaiting_login: false,
            wanted: false,
            wanted_now: false,
            wakes_in_this_moment: 0,
        }
    }

    /// One that is connected already, by the given options; what led there is forgotten.
    pub(crate) fn connected_with(config: Config, options: ServerOptions) -> Self {
        let mut simulation = Self::with(config, options);
        simulation.handshake();
        simulation.run_until_connected(5_000);
        simulation.run_until("a connect is held", 1_000, |simulation| simulation.server.is_holding());
        simulation.forget();
        simulation
    }

    /// One that has moved to a socket already, by the given options; what led there is forgotten.
    pub(crate) fn moved_with(config: Config, options: ServerOptions) -> Self {
        let mut simulation = Self::with(config, options);
        simulation.handshake();
        simulation.run_until_on(ConnectionType::WebSocket, 60_000);
        simulation.run_until("a connect is held on the socket", 1_000, |simulation| simulation.server.is_holding_on_a_socket());
        simulation.forget();
        simulation
    }

    pub(crate) fn moved() -> Self {
        Self::moved_with(socket_config(), ServerOptions::new(Flavour::CometD3))
    }

    pub(crate) fn connected() -> Self {
        Self::connected_with(default_config(), ServerOptions::new(Flavour::CometD3))
    }

    pub(crate) fn now(&self) -> u64 {
        self.agenda.now()
    }

    fn instant(&self) -> Instant {
        Instant::from_millis(self.now())
    }

    // ---- the world

    /// The next `times` requests for `on` meet `reaction`.
    pub(crate) fn script(&mut self, on: On, times: u64, reaction: Reaction) {
        self.script.add(on, times, reaction);
    }

    pub(crate) fn always(&mut self, on: On, reaction: Reaction) {
        self.script.add(on, u64::MAX, reaction);
    }

    /// The next `times` frames for `on` meet `reaction`.
    pub(crate) fn script_frames(&mut self, on: On, times: u64, reaction: FrameReaction) {
        self.frame_script.add(on, times, reaction);
    }

    /// The network and the server behave from now on. Sockets that have stalled go on stalling.
    pub(crate) fn heal(&mut self) {
        self.sockets.spare();
        self.agenda.retain(|item| !matches!(item, Item::Socket { item: SocketItem::Breaks { .. }, .. }));
        let (latency, random) = (self.network.latency.clone(), self.network.random.clone());
        self.network = Network { latency, random, ..Network::new(0) };
        self.script.clear();
        self.frame_script.clear();
        self.server.refuse_nothing();
        self.server.multiple_clients = false;
        self.server.options.cookies = true;
        self.server.options.require_handshake_per_connection = false;
    }

    /// Publishes on the main channel.
    pub(crate) fn publish(&mut self, data: &Value) {
        self.published.push(data.clone());
        self.publish_on(TOPIC, data);
    }

    /// Publishes numbers on the main channel for so long, one after each pause.
    pub(crate) fn talk(&mut self, duration: u64, pause: u64) {
        let end = self.now() + duration;
        while self.now() < end {
            let number = self.published.len();
            self.publish(&Value::from(number));
            self.run_for(pause);
        }
    }

    pub(crate) fn publish_on(&mut self, channel: &str, data: &Value) {
        self.server.publish(self.agenda.now(), channel, data);
        self.carry();
    }

    /// Does something to the server, and lets its replies leave.
    pub(crate) fn at_server(&mut self, act: impl FnOnce(&mut Server)) {
        act(&mut self.server);
        self.carry();
    }

    /// The running requests and the socket break, and the client is told.
    pub(crate) fn cut(&mut self) {
        self.pump();
        let requests = self.wire.requests();
        if let Some(socket) = self.wire.socket() {
            self.break_socket(socket);
        }
        for request in requests {
            // The end of one may make the client abort another.
            if self.wire.is_in_flight(request) {
                self.agenda.retain(|item| !matches!(item, Item::AtServer { request: on_its_way, .. } if *on_its_way == request));
                self.feed(request, Err(TransportFailure::Network));
            }
        }
    }

    // ---- time

    pub(crate) fn run_until_connected(&mut self, bound: u64) -> u64 {
        self.run_until("connected", bound, |simulation| simulation.state() == ConnectionState::Connected)
    }

    /// Runs until the channel is connected on `wire`.
    pub(crate) fn run_until_on(&mut self, wire: ConnectionType, bound: u64) -> u64 {
        self.run_until(wire.name(), bound, |simulation| {
            simulation.state() == ConnectionState::Connected && simulation.last_status().transport == Some(wire)
        })
    }

    pub(crate) fn run_until_disconnected(&mut self, bound: u64) -> u64 {
        self.run_until("disconnected", bound, |simulation| simulation.state() == ConnectionState::Disconnected)
    }

    /// Runs until `condition` holds and gives the time it took; fails when that is more than `bound` ms.
    pub(crate) fn run_until(&mut self, what: &str, bound: u64, condition: impl Fn(&Self) -> bool) -> u64 {
        let start = self.now();
        self.pump();
        while !condition(self) {
            match self.next_wake() {
                Some(wake) if wake <= start + bound => self.step_to(wake),
                _ => self.fail(&format!("not within {bound} ms from {start}: {what}")),
            }
        }
        self.now() - start
    }

    /// Runs for so long.
    pub(crate) fn run_for(&mut self, duration: u64) {
        let end = self.now() + duration;
        self.pump();
        while let Some(wake) = self.next_wake().filter(|wake| *wake <= end) {
            self.step_to(wake);
        }
        self.agenda.advance_to(end);
        self.wakes_in_this_moment = 0;
    }

    fn next_wake(&self) -> Option<u64> {
        let client = self.client.poll_timeout().map(|(due, _)| due.as_millis());
        [self.agenda.next_due(), self.server.next_wake(), client].into_iter().flatten().min()
    }

    fn step_to(&mut self, wake: u64) {
        if wake > self.now() {
            self.wakes_in_this_moment = 0;
            self.check_spurious_timeout();
            self.agenda.advance_to(wake);
        }
        self.wakes_in_this_moment += 1;
        if self.wakes_in_this_moment > 1_000 {
            self.fail("time stands still: something is due again and again");
        }
        while let Some(item) = self.agenda.take_due() {
            self.perform_item(item);
        }
        self.server.wake(self.agenda.now());
        self.carry();
        if let Some((_, timer)) = self.client.poll_timeout().filter(|(due, _)| due.as_millis() <= self.now()) {
            let now = self.now();
            self.woken += 1;
            self.record.note(now, Entry::Woken(format!("{timer:?}")));
            self.client.handle_timeout(self.instant());
            self.pump();
        }
    }

    /// A wake-up that nothing asked for changes nothing.
    fn check_spurious_timeout(&mut self) {
        let due = self.client.poll_timeout();
        if due.is_some_and(|(due, _)| due.as_millis() <= self.now()) {
            return;
        }
        self.client.handle_timeout(self.instant());
        if let Some(output) = self.client.poll_output() {
            self.fail(&format!("a spurious timeout caused {output:?}"));
        }
        if self.client.poll_timeout() != due {
            self.fail("a spurious timeout changed the deadline");
        }
    }

    fn perform_item(&mut self, item: Item) {
        self.pump();
        match item {
            Item::AtServer { request, messages } => self.arrive_at_server(request, &messages),
            Item::AtClient { request, outcome } => self.arrive_at_client(request, outcome),
            Item::Socket { socket, item } => self.socket_item(socket, item),
            Item::LoginAnswer { renewed } => {
                self.tell(Input::LoginDone { renewed });
                self.pump();
            }
        }
    }

    /// Takes what leaves the server to the client.
    fn carry(&mut self) {
        for sending in self.server.take_outbox() {
            match sending {
                Sending::Response(request, response) => self.carry_response(request, response),
                Sending::Frame(socket, frame) => self.carry_frame(socket, frame),
                Sending::Close(socket, code) => self.carry_close(socket, code),
            }
        }
    }

    // ---- the client's outputs

    /// Performs everything the client wants now.
    pub(crate) fn pump(&mut self) {
        while let Some(output) = self.client.poll_output() {
            match output {
                Output::Request { request, url, messages, keepalive } => self.on_request(request, &url, &messages, keepalive),
                Output::Abort(request) => self.on_abort(request),
                Output::KeepAlive(request) => self.on_keep_alive(request),
                Output::OpenSocket { socket, url } => self.on_open_socket(socket, &url),
                Output::SendFrame { socket, messages } => self.on_frame(socket, &messages),
                Output::CloseSocket(socket) => self.on_close_socket(socket),
                Output::Event(event) => self.on_event(&event),
            }
        }
        self.wanted_now = false;
        let waits = !self.wire.is_idle() || self.client.poll_timeout().is_some() || self.awaiting_login;
        if self.state() != ConnectionState::Disconnected && !waits {
            self.fail("neither disconnected nor waiting for anything: it would be silent for ever");
        }
    }

    /// Messages leave: their form, and whether anything may leave now.
    fn check_leaving(&mut self, checked: Result<(), String>, messages: &[Message]) -> Vec<Value> {
        let wire_form: Vec<Value> = messages.iter().map(|message| serde_json::to_value(message).expect("serializes")).collect();
        if let Err(broken) = checked.and_then(|()| wire_form.iter().try_for_each(super::form::check_form)) {
            self.fail(&broken);
        }
        if !messages.iter().all(|message| matches!(message.body, OutgoingBody::Disconnect { .. })) {
            self.check_silence("a message");
        }
        wire_form
    }

    fn check_silence(&self, what: &str) {
        if self.awaiting_login || (self.state() == ConnectionState::Disconnected && !self.wanted) {
            self.fail(&format!("{what} while silence is due"));
        }
    }

    fn on_event(&mut self, event: &Event<Json>) {
        let now = self.now();
        self.record.event(now, event);
        match event {
            Event::Status(status) => self.on_status(status),
            Event::Completed { command, .. } => {
                let before = self.outstanding.len();
                self.outstanding.retain(|known| known != command);
                if before == self.outstanding.len() {
                    self.fail(&format!("{command:?} is completed again, or was never given"));
                }
            }
            Event::LoginNeeded { .. } => {
                self.awaiting_login = true;
                if let Some((delay, renewed)) = self.login {
                    self.agenda.after(delay, Item::LoginAnswer { renewed });
                }
            }
            _ => {}
        }
    }

    fn on_status(&mut self, status: &Status) {
        if let Err(broken) = status_path::check(&self.last_status, status) {
            self.fail(&broken);
        }
        let on_socket = status.transport == Some(ConnectionType::WebSocket);
        if status.state == ConnectionState::Connected && on_socket != self.wire.is_on_socket() {
            self.fail(&format!("says {:?}, but the socket carries the session: {}", status.transport, self.wire.is_on_socket()));
        }
        if status.state == ConnectionState::Disconnected {
            self.awaiting_login = false;
            self.wanted = self.wanted_now;
        }
        self.last_status = status.clone();
    }
}

/// The defaults with the main channel.
pub(crate) fn default_config() -> Config {
    let connection_types = vec![ConnectionType::LongPolling];
    Config { main_channel: Some(pattern(TOPIC)), connection_types, ..Config::new(URL.to_owned()) }
}

/// The defaults on both wires.
pub(crate) fn socket_config() -> Config {
    Config { connection_types: vec![ConnectionType::WebSocket, ConnectionType::LongPolling], ..default_config() }
}

/// The defaults without requests.
pub(crate) fn socket_only_config() -> Config {
    Config { connection_types: vec![ConnectionType::WebSocket], ..default_config() }
}
