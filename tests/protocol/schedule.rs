//! A schedule of faults, commands and time, and what must hold after any: shared by the properties and the fuzz target. The rules of the wire,
//! the path of states and the bookkeeping of commands are checked by the harness at every step.

use std::collections::BTreeSet;

use gws_im_sdk::bayeux::{Body, Config, ConnectionState, Input, Response};
use serde_json::{Value, json};

use crate::harness::{
    Faults, FrameReaction, On, Reaction, Server, ServerOptions, Side, Simulation, SocketFaults, TOPIC, default_config, socket_config,
    socket_only_config,
};
use crate::json::Json;

/// What the client may travel on: requests alone, both, sockets alone.
pub(crate) const WIRES: [fn() -> Config; 3] = [default_config, socket_config, socket_only_config];

/// The channels that steps name by number.
pub(crate) const CHANNELS: [&str; 3] = ["/a", "/b/*", "/c/**"];

/// One thing that happens.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Wait(u64),
    Publish(u64),
    Subscribe(usize),
    Unsubscribe(usize),
    Open,
    Close,
    Cut,
    Down(bool),
    Faults(Faults),
    SocketFaults(SocketFaults),
    CloseSockets(u16),
    StallSocket(Side),
    /// The next frame meets a reaction, by number.
    Frame(On, u8),
    HandshakePerConnection(bool),
    Expire,
    Restart,
    ServerDisconnects,
    MultipleClients(bool),
    Refuse(usize),
    RefuseHandshakes(bool),
    Answer(On, u16),
    Page,
    Swallow(On),
    Cookies(bool),
    Advise(On, Value),
    /// The next request meets this answer, in which [`ID`] stands for the id of the reply it replaces.
    Hostile(On, u16, Value),
    Outside(Input<Json>),
}

/// Stands for the id of the reply that is replaced.
pub(crate) const ID: &str = "@id";

/// Words that mean something in Bayeux, right or wrong.
pub(crate) const WORDS: [&str; 29] = [
    ID,
    "session1",
    "session2",
    "/meta/handshake",
    "/meta/connect",
    "/meta/subscribe",
    "/meta/unsubscribe",
    "/meta/disconnect",
    "/meta/",
    "/",
    TOPIC,
    "/a",
    "retry",
    "handshake",
    "none",
    "long-polling",
    "websocket",
    "402::Unknown client",
    "403::no",
    "401::x",
    "1",
    "2",
    "3",
    "5",
    "8",
    "",
    "99999999999999999999999",
    "1.0",
    "\u{0}",
];

/// Members that Bayeux messages have, and some they should not.
pub(crate) const MEMBERS: [&str; 22] = [
    "channel",
    "id",
    "successful",
    "clientId",
    "advice",
    "reconnect",
    "interval",
    "timeout",
    "maxInterval",
    "multiple-clients",
    "ext",
    "ack",
    "enabled",
    "batch",
    "error",
    "data",
    "subscription",
    "supportedConnectionTypes",
    "statusCode",
    "x-messages",
    "__proto__",
    "version",
];

fn hostile(status: u16, body: Value) -> Reaction {
    if status != 200 {
        return Reaction::Answer(Response { status, body: Body::Json(body), retry_after: Some(1_000) });
    }
    Reaction::rewrite(move |messages| {
        let mut body = body.clone();
        with_id(&mut body, &messages.last().map_or(Value::Null, |message| message["id"].clone()));
        body
    })
}

fn with_id(value: &mut Value, id: &Value) {
    match value {
        Value::String(text) if text == ID => *value = id.clone(),
        Value::Array(elements) => elements.iter_mut().for_each(|element| with_id(element, id)),
        Value::Object(members) => members.values_mut().for_each(|member| with_id(member, id)),
        _ => {}
    }
}

fn frame_reaction(number: u8) -> FrameReaction {
    match number % 8 {
        0 => FrameReaction::SwallowReply,
        1 => FrameReaction::DoubleReply,
        2 => FrameReaction::SpoilReply,
        3 => FrameReaction::Close(1011),
        4 => FrameReaction::Stall,
        5 => FrameReaction::Ignore,
        6 => FrameReaction::not_json(),
        _ => FrameReaction::Delay(u64::from(number) * 200),
    }
}

/// The same replies, each with this advice.
fn advising(mut messages: Vec<Value>, advice: &Value) -> Value {
    for message in messages.iter_mut().filter(|message| message.get("data").is_none()) {
        message["advice"] = advice.clone();
    }
    Value::Array(messages)
}

/// A client in its world, and what has been published so far.
pub(crate) struct Run {
    pub(crate) simulation: Simulation,
    pub(crate) published: u64,
    /// What a hostile answer advised may be in force.
    pub(crate) misled: bool,
}

impl Run {
    /// A connected client of a network that is slow and well, on one of the [`WIRES`].
    pub(crate) fn new(seed: u64, wires: usize, options: ServerOptions) -> Self {
        // Sockets alone are of no use with a server that has none.
        let choice = if options.connection_types.contains(&"websocket") { WIRES.len() } else { WIRES.len() - 1 };
        let mut simulation = Simulation::with(Config { seed, ..WIRES[wires % choice]() }, options);
        simulation.handshake();
        simulation.run_until_connected(60_000);
        simulation.forget();
        simulation.login = Some((100, true));
        simulation.network.latency = 1..=150;
        Self { simulation, published: 0, misled: false }
    }

    pub(crate) fn perform(&mut self, step: Step) {
        let simulation = &mut self.simulation;
        match step {
            Step::Wait(duration) => simulation.run_for(duration),
            Step::Publish(count) => (0..count).for_each(|_| self.publish()),
            Step::Subscribe(index) => drop(simulation.try_subscribe(CHANNELS[index])),
            Step::Unsubscribe(index) => drop(simulation.try_unsubscribe(CHANNELS[index])),
            Step::Open => drop(simulation.handshake()),
            Step::Close => drop(simulation.disconnect()),
            Step::Cut => simulation.cut(),
            Step::Down(down) => simulation.network.down = down,
            Step::Faults(faults) => simulation.network.faults = faults,
            Step::SocketFaults(faults) => simulation.network.socket_faults = faults,
            Step::CloseSockets(code) => simulation.close_sockets(code),
            Step::StallSocket(side) if simulation.has_socket() => simulation.stall_socket(side),
            Step::StallSocket(_) => {}
            Step::Frame(on, number) => simulation.script_frames(on, 1, frame_reaction(number)),
            Step::HandshakePerConnection(required) => simulation.server.options.require_handshake_per_connection = required,
            Step::Expire => simulation.at_server(Server::expire_all),
            Step::Restart => simulation.at_server(Server::restart),
            Step::ServerDisconnects => simulation.at_server(Server::disconnect_all),
            Step::MultipleClients(multiple) => simulation.server.multiple_clients = multiple,
            Step::Refuse(index) => simulation.server.refuse(CHANNELS[index], "403::no"),
            Step::RefuseHandshakes(refuse) => {
                simulation.server.refuse_handshakes = refuse.then(|| ("500::busy", json!({"reconnect": "retry"})));
            }
            Step::Answer(on, status) => simulation.script(on, 1, Reaction::http(status)),
            Step::Page => simulation.script(On::Any, 3, Reaction::html(200)),
            Step::Cookies(cookies) => simulation.server.options.cookies = cookies,
            Step::Advise(on, advice) => simulation.script(on, 1, Reaction::rewrite(move |messages| advising(messages, &advice))),
            Step::Swallow(on) => simulation.script(on, 1, Reaction::SwallowReply),
            Step::Hostile(on, status, body) => {
                self.misled = true;
                simulation.script(on, 1, hostile(status, body));
            }
            Step::Outside(input) => simulation.tell(input),
        }
    }

    pub(crate) fn publish(&mut self) {
        self.simulation.publish(&json!(self.published));
        self.published += 1;
    }

    /// The world behaves from now on: the channel must come back, with what is wanted.
    pub(crate) fn heal_and_settle(&mut self) {
        let simulation = &mut self.simulation;
        simulation.heal();
        // What is still on its way may say that the server has ended the channel.
        simulation.run_for(500);
        simulation.run_until("no goodbye under way", 15_000, |simulation| simulation.state() != ConnectionState::Disconnecting);
        if simulation.state() == ConnectionState::Disconnected {
            simulation.handshake();
        }
        if self.misled {
            // An absurd interval is waited for, as advised, until a person is tired of it.
            simulation.tell(Input::Hurry);
        }
        simulation.run_until("connected, with every command completed", 250_000, |simulation| {
            simulation.state() == ConnectionState::Connected && simulation.has_live_session() && simulation.outstanding().is_empty()
        });
        // A connect whose answer vanished before is found out by its deadline only.
        simulation.run_for(120_000);
        simulation.run_until_connected(60_000);
    }

    /// What the caller wants is what the server has.
    pub(crate) fn wishes_match(&mut self) {
        let subscribed: Vec<String> = self.simulation.subscribed().into_iter().map(str::to_owned).collect();
        for channel in CHANNELS {
            let wanted = self.simulation.try_unsubscribe(channel).is_ok();
            let has = subscribed.iter().any(|known| known == channel);
            if wanted != has {
                self.simulation.fail(&format!("{channel} is wanted: {wanted}, subscribed: {has}"));
            }
        }
        if !subscribed.iter().any(|known| known == TOPIC) {
            self.simulation.fail("the main channel is not subscribed");
        }
    }

    pub(crate) fn close(&mut self) {
        let simulation = &mut self.simulation;
        simulation.disconnect();
        simulation.run_until_disconnected(11_000);
        let sent = simulation.requests().count();
        simulation.run_for(600_000);
        assert_eq!(simulation.outstanding(), []);
        assert_eq!(simulation.requests().count(), sent, "silence after the goodbye");
        assert_eq!(simulation.client.poll_timeout(), None);
    }
}

/// Whether no number comes twice.
pub(crate) fn is_distinct(deliveries: &[Value]) -> bool {
    let numbers: BTreeSet<Option<u64>> = deliveries.iter().map(Value::as_u64).collect();
    numbers.len() == deliveries.len()
}

/// Whether each number is greater than the one before.
pub(crate) fn is_increasing(deliveries: &[Value]) -> bool {
    deliveries.windows(2).all(|pair| pair[0].as_u64() < pair[1].as_u64())
}
