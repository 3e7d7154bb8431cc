//! Drives a client against the model server, jumping the clock from one wake-up to the next.

mod ask;
mod commands;

use gws_im_sdk::bayeux::Outgoing as Message;
use gws_im_sdk::bayeux::{
    Body, ChannelPattern, Client, CommandId, Config, ConnectionState, ConnectionType, Event, Input, OutgoingBody, Output, RequestId,
    Response, Status, TransportFailure,
};
use gws_im_sdk::time::Instant;
use serde_json::Value;

use super::clock::Agenda;
use super::network::{Fate, Network};
use super::record::{End, Entry, Record, Sent, brief_outcome};
use super::script::{On, Outgoing, Reaction, Script};
use super::server::{Flavour, Server, ServerOptions};
use super::{status_path, wire};
use crate::json::Json;

/// Where the model server is.
pub(crate) const URL: &str = "https://gws.example.com/api/v2/notifications";
/// The main channel of the simulations.
pub(crate) const TOPIC: &str = "/v2/me/im-sessions";
/// The clock does not begin at 0: nothing may depend on it.
const ORIGIN: u64 = 1_000_000;

pub(crate) fn pattern(text: &str) -> ChannelPattern {
    ChannelPattern::new(text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

type Outcome = Result<Response<Value>, TransportFailure>;

/// What the agenda holds.
#[derive(Debug)]
enum Item {
    AtServer { request: RequestId, messages: Vec<Value> },
    AtClient { request: RequestId, outcome: Outcome },
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
    wire: wire::Wire,
    pub(crate) address: wire::Address,
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
            wire: wire::Wire::default(),
            address: wire::Address { base, by_kind: true },
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

    /// The network and the server behave from now on.
    pub(crate) fn heal(&mut self) {
        self.network.faults = super::Faults::default();
        self.network.down = false;
        self.script.clear();
        self.server.refuse_nothing();
        self.server.multiple_clients = false;
        self.server.options.cookies = true;
    }

    /// Publishes on the main channel.
    pub(crate) fn publish(&mut self, data: &Value) {
        self.publish_on(TOPIC, data);
    }

    pub(crate) fn publish_on(&mut self, channel: &str, data: &Value) {
        self.server.publish(self.agenda.now(), channel, data);
        self.carry_replies();
    }

    /// Does something to the server, and lets its replies leave.
    pub(crate) fn at_server(&mut self, act: impl FnOnce(&mut Server)) {
        act(&mut self.server);
        self.carry_replies();
    }

    /// The running requests break, and the client is told.
    pub(crate) fn cut(&mut self) {
        self.pump();
        let running: Vec<RequestId> =
            self.record.sent.iter().filter(|sent| self.wire.is_in_flight(sent.request)).map(|sent| sent.request).collect();
        for request in running {
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
        self.carry_replies();
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
            Item::LoginAnswer { renewed } => {
                self.tell(Input::LoginDone { renewed });
                self.pump();
            }
        }
    }

    fn arrive_at_server(&mut self, request: RequestId, messages: &[Value]) {
        if let Some(answer) = self.script.on_request(request.number(), messages) {
            let delay = self.network.delay();
            self.agenda.after(delay, Item::AtClient { request, outcome: answer });
            return;
        }
        self.server.receive(self.agenda.now(), request, messages);
        self.carry_replies();
    }

    /// Takes what leaves the server through script and network to the client.
    fn carry_replies(&mut self) {
        for (request, response) in self.server.take_replies() {
            let (extra, outcome) = match self.script.on_reply(request.number(), response) {
                Outgoing::Unchanged(response) => (0, self.through_network(response)),
                Outgoing::Later(extra, response) => (extra, Some(Ok(response))),
                Outgoing::Lost => (0, Some(Err(TransportFailure::Network))),
                Outgoing::Swallowed => (0, None),
            };
            if let Some(outcome) = outcome {
                let delay = self.network.delay() + extra;
                self.agenda.after(delay, Item::AtClient { request, outcome });
            }
        }
    }

    fn through_network(&mut self, response: Response<Value>) -> Option<Outcome> {
        match self.network.fate_of_reply() {
            Fate::Arrives => Some(Ok(response)),
            Fate::Fails => Some(Err(TransportFailure::Network)),
            Fate::Vanishes => None,
        }
    }

    fn arrive_at_client(&mut self, request: RequestId, outcome: Outcome) {
        let duplicate = self.network.faults.duplicate;
        if self.wire.is_in_flight(request) {
            let again = self.network.random.chance(duplicate).then(|| outcome.clone());
            self.feed(request, outcome);
            if let Some(outcome) = again {
                self.feed_dead(request, outcome);
            }
        } else if self.network.random.chance(self.network.faults.after_abort) {
            self.feed_dead(request, outcome);
        }
    }

    fn feed(&mut self, request: RequestId, outcome: Outcome) {
        let now = self.now();
        self.record.note(now, Entry::Input(brief_outcome(request, &outcome)));
        if let Ok(Response { body: Body::Json(body), .. }) = &outcome {
            self.wire.on_body(request, body);
        }
        self.wire.on_end(request);
        self.record.ended(now, request, if outcome.is_ok() { End::Answered } else { End::Failed });
        self.client.handle_input(self.instant(), input_of(request, outcome));
        self.pump();
    }

    /// What is told of a request that has ended changes nothing.
    fn feed_dead(&mut self, request: RequestId, outcome: Outcome) {
        let before = (self.client.status().clone(), format!("{:?}", self.client.counters()), self.client.poll_timeout());
        self.client.handle_input(self.instant(), input_of(request, outcome));
        if let Some(output) = self.client.poll_output() {
            self.fail(&format!("the dead request #{} caused {output:?}", request.number()));
        }
        let after = (self.client.status().clone(), format!("{:?}", self.client.counters()), self.client.poll_timeout());
        if before != after {
            self.fail(&format!("the dead request #{} changed {before:?} to {after:?}", request.number()));
        }
    }

    // ---- the client's outputs

    /// Performs everything the client wants now.
    pub(crate) fn pump(&mut self) {
        while let Some(output) = self.client.poll_output() {
            match output {
                Output::Request { request, url, messages, keepalive } => self.on_request(request, &url, &messages, keepalive),
                Output::Abort(request) => self.on_abort(request),
                Output::Event(event) => self.on_event(&event),
                other => self.fail(&format!("long-polling has no use for {other:?}")),
            }
        }
        self.wanted_now = false;
        let waits = !self.wire.is_idle() || self.client.poll_timeout().is_some() || self.awaiting_login;
        if self.state() != ConnectionState::Disconnected && !waits {
            self.fail("neither disconnected nor waiting for anything: it would be silent for ever");
        }
    }

    fn on_request(&mut self, request: RequestId, url: &str, messages: &[Message], keepalive: bool) {
        let now = self.now();
        let wire_form: Vec<Value> = messages.iter().map(|message| serde_json::to_value(message).expect("serializes")).collect();
        let sent = Sent { at: now, request, messages: wire_form.clone(), keepalive, end: None };
        self.record.note(now, Entry::Sent(request, sent.brief()));
        self.record.sent.push(sent);
        let checked = self.wire.on_request(request, &self.address, url, messages, keepalive);
        if let Err(broken) = checked.and_then(|()| wire_form.iter().try_for_each(wire::check_form)) {
            self.fail(&broken);
        }
        let goodbye = messages.iter().all(|message| matches!(message.body, OutgoingBody::Disconnect { .. }));
        if !goodbye && (self.awaiting_login || (self.state() == ConnectionState::Disconnected && !self.wanted)) {
            self.fail("a request while silence is due");
        }
        let delay = self.network.delay();
        match self.network.fate_of_request() {
            Fate::Arrives => self.agenda.after(delay, Item::AtServer { request, messages: wire_form }),
            Fate::Fails => self.agenda.after(delay, Item::AtClient { request, outcome: Err(TransportFailure::Network) }),
            Fate::Vanishes => {}
        }
    }

    fn on_abort(&mut self, request: RequestId) {
        let now = self.now();
        self.record.note(now, Entry::Aborted(request));
        self.record.ended(now, request, End::Aborted);
        if !self.wire.on_end(request) {
            self.fail(&format!("aborts #{}, which has ended", request.number()));
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

fn input_of(request: RequestId, outcome: Outcome) -> Input<Json> {
    match outcome {
        Ok(Response { status, body, retry_after }) => {
            let body = match body {
                Body::Json(value) => Body::Json(Json(value)),
                Body::NotJson { html } => Body::NotJson { html },
            };
            Input::Response { request, response: Response { status, body, retry_after } }
        }
        Err(failure) => Input::RequestFailed { request, failure },
    }
}
