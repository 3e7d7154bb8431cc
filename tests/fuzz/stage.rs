//! A client brought to any moment of its life by a well-behaved server, without the simulation's network: so little work that the fuzzer gets
//! through thousands a second. Whatever it does is checked against the rules of the wire as it does it.

use std::collections::BTreeSet;

use gws_im_sdk::bayeux::{
    Body, ChannelPattern, Client, CommandId, Config, ConnectionState, ConnectionType, Event, Input, MetaChannel, Outgoing, OutgoingBody,
    Output, RequestId, Response, SocketId, Timer,
};
use gws_im_sdk::time::Instant;
use serde_json::{Value, json};

use crate::json::Json;

/// The main channel.
pub(crate) const TOPIC: &str = "/v2/me/im-sessions";
/// How much longer a client waits for a held connect than the server holds it.
const NETWORK_DELAY: u64 = 10_000;
/// Wake-ups that any recovery takes at most: each failed attempt takes a few.
const WAKES: u32 = 400;

/// What carries a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Via {
    Request(RequestId),
    KeepAlive(RequestId),
    Socket(SocketId),
}

/// Messages that left together and wait for their replies; none for a request that keeps the login alive.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) via: Via,
    pub(crate) messages: Vec<Outgoing>,
}

impl Question {
    /// What is asked, `None` for a request that keeps the login alive.
    pub(crate) fn channel(&self) -> Option<MetaChannel> {
        self.messages.first().map(|message| message.body.channel())
    }

    /// Whether it is a connect that a server holds.
    fn is_held(&self) -> bool {
        self.messages.iter().any(|message| matches!(message.body, OutgoingBody::Connect { hold, .. } if hold != Some(0)))
    }

    /// The ids of the messages as they go on the wire.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.messages.iter().map(|message| message.id.number().to_string()).collect()
    }
}

/// The client, and what the outside knows of it.
pub(crate) struct Stage {
    pub(crate) client: Client<Json>,
    now: u64,
    /// What is asked and not answered yet, the oldest first.
    pub(crate) questions: Vec<Question>,
    /// The socket, and whether it is open.
    pub(crate) socket: Option<(SocketId, bool)>,
    /// Requests that have ended.
    pub(crate) dead: Vec<RequestId>,
    commands: BTreeSet<u64>,
    awaiting_login: bool,
    /// All that has come out since it was last taken.
    outputs: Vec<Output<Json>>,
}

impl Stage {
    /// A client that has done nothing, allowed to travel by `connection_types`.
    pub(crate) fn new(connection_types: Vec<ConnectionType>) -> Self {
        let config = Config {
            main_channel: Some(pattern(TOPIC)),
            connection_types,
            ..Config::new("https://gws.example.com/api/v2/notifications".to_owned())
        };
        // Not 0: nothing may depend on where the clock begins.
        let now = 1_000_000;
        Self {
            client: Client::new(config, Instant::from_millis(now)),
            now,
            questions: Vec::new(),
            socket: None,
            dead: Vec::new(),
            commands: BTreeSet::new(),
            awaiting_login: false,
            outputs: Vec::new(),
        }
    }

    fn instant(&self) -> Instant {
        Instant::from_millis(self.now)
    }

    pub(crate) fn state(&self) -> ConnectionState {
        self.client.status().state
    }

    /// Milliseconds until the client wants to be woken, and why.
    pub(crate) fn timer(&self) -> Option<(u64, Timer)> {
        self.client.poll_timeout().map(|(due, timer)| (due.as_millis().saturating_sub(self.now), timer))
    }

    /// Takes all that has come out since this was last called.
    pub(crate) fn take_outputs(&mut self) -> Vec<Output<Json>> {
        std::mem::take(&mut self.outputs)
    }

    // ---- commands

    pub(crate) fn handshake(&mut self) {
        let command = self.client.handshake(self.instant()).expect("a handshake is always allowed");
        self.commanded(command);
    }

    pub(crate) fn disconnect(&mut self) {
        let command = self.client.disconnect(self.instant()).expect("a disconnect is always allowed");
        self.commanded(command);
    }

    pub(crate) fn subscribe(&mut self, channels: &[&str]) {
        for channel in channels {
            let command = self.client.subscribe(self.instant(), pattern(channel)).expect("few channels");
            self.commands.insert(command.number());
        }
        self.pump();
    }

    pub(crate) fn unsubscribe(&mut self, channel: &str) {
        let command = self.client.unsubscribe(self.instant(), &pattern(channel)).expect("subscribed before");
        self.commanded(command);
    }

    fn commanded(&mut self, command: CommandId) {
        assert!(self.commands.insert(command.number()), "{command:?} was given twice");
        self.pump();
    }

    /// Whether each command has been completed.
    pub(crate) fn is_settled(&self) -> bool {
        self.commands.is_empty()
    }

    // ---- what happens outside

    /// Tells the client what happened, and performs what it wants then.
    pub(crate) fn tell(&mut self, input: Input<Json>) {
        match &input {
            Input::Response { request, .. } | Input::RequestFailed { request, .. } => self.end_request(*request),
            Input::SocketOpened(socket) => self.socket = self.socket.map(|(id, open)| (id, open || id == *socket)),
            Input::SocketMessage { socket, body: Body::Json(Json(body)) } => self.note_frame(*socket, body),
            Input::SocketClosed { socket, .. } => self.end_socket(*socket),
            Input::LoginDone { .. } => self.awaiting_login = false,
            _ => {}
        }
        self.client.handle_input(self.instant(), input);
        self.pump();
    }

    fn end_request(&mut self, request: RequestId) {
        let before = self.questions.len();
        self.questions.retain(|question| question.via != Via::Request(request) && question.via != Via::KeepAlive(request));
        if self.questions.len() < before {
            self.dead.push(request);
        }
    }

    fn end_socket(&mut self, socket: SocketId) {
        if self.socket.is_some_and(|(id, _)| id == socket) {
            self.socket = None;
            self.questions.retain(|question| question.via != Via::Socket(socket));
        }
    }

    /// The question that was asked last on the channel, or at all where nothing is asked there.
    pub(crate) fn newest(&self, channel: Option<MetaChannel>) -> Option<&Question> {
        let asked = |question: &&Question| question.channel() == channel;
        self.questions.iter().rev().find(asked).or_else(|| self.questions.last())
    }

    /// By what the request asks: one that keeps the login alive asks for no messages.
    pub(crate) fn asked_by(&self, request: RequestId) -> Via {
        let keeps_alive = self.questions.iter().any(|question| question.via == Via::KeepAlive(request));
        if keeps_alive { Via::KeepAlive(request) } else { Via::Request(request) }
    }

    /// Lets time pass to the client's next timer; `false` when there is none.
    pub(crate) fn wake(&mut self) -> bool {
        let Some((due, _)) = self.client.poll_timeout() else { return false };
        self.now = self.now.max(due.as_millis());
        self.client.handle_timeout(self.instant());
        self.pump();
        true
    }

    /// Lets so many milliseconds pass, with the timers that are due meanwhile.
    pub(crate) fn pass(&mut self, duration: u64) {
        let end = self.now + duration;
        while self.timer().is_some_and(|(wait, _)| self.now + wait <= end) {
            self.wake();
        }
        self.now = self.now.max(end);
    }

    // ---- a server that behaves

    /// Answers everything as it should be answered, until the channel is connected with nothing to be told but the poll.
    pub(crate) fn recover(&mut self) {
        for _ in 0..WAKES {
            if self.state() == ConnectionState::Disconnected {
                self.handshake();
            } else if self.awaiting_login {
                self.tell(Input::LoginDone { renewed: true });
            } else if let Some(question) = self.questions.iter().find(|question| !question.is_held()).cloned() {
                self.answer_well(&question, &[]);
            } else if self.is_at_rest() {
                return;
            } else if let Some((socket, false)) = self.socket {
                self.tell(Input::SocketOpened(socket));
            } else if !self.end_hold() {
                assert!(self.wake(), "silent for ever: {:?}, nothing asked and no timer set", self.client.status());
            }
        }
        panic!("not connected after {WAKES} wake-ups: {:?}", self.client.status());
    }

    /// Answers the held connect when nothing else comes before its deadline; `false` when there is none, or something does.
    fn end_hold(&mut self) -> bool {
        let Some((due, Timer::ConnectDeadline)) = self.client.poll_timeout() else { return false };
        let connect = self.questions.iter().find(|question| question.channel() == Some(MetaChannel::Connect));
        let Some(question) = connect.cloned() else { return false };
        self.now = self.now.max(due.as_millis().saturating_sub(NETWORK_DELAY));
        self.answer_well(&question, &[]);
        true
    }

    fn is_at_rest(&self) -> bool {
        self.state() == ConnectionState::Connected && self.is_settled()
    }

    /// The answer of a server that behaves, after the messages in `before`.
    pub(crate) fn answer_well(&mut self, question: &Question, before: &[Value]) {
        let replies = question.messages.iter().map(good_reply);
        let body: Value = before.iter().cloned().chain(replies).collect();
        self.answer(question.via, body);
    }

    /// Answers what came by `via` with `body`.
    pub(crate) fn answer(&mut self, via: Via, body: Value) {
        self.tell(match via {
            Via::Request(request) | Via::KeepAlive(request) => Input::Response { request, response: ok(body) },
            Via::Socket(socket) => Input::SocketMessage { socket, body: Body::Json(Json(body)) },
        });
    }

    /// Takes out what the frame answers.
    fn note_frame(&mut self, socket: SocketId, body: &Value) {
        let single = std::slice::from_ref(body);
        let replies = body.as_array().map_or(single, Vec::as_slice);
        for question in self.questions.iter_mut().filter(|question| question.via == Via::Socket(socket)) {
            question.messages.retain(|message| {
                let (id, channel) = (message.id.number(), message.body.channel().name());
                !replies.iter().any(|reply| reply["channel"] == channel && number_of(&reply["id"]) == Some(id))
            });
        }
        self.questions.retain(|question| question.via != Via::Socket(socket) || !question.messages.is_empty());
    }

    // ---- the client's outputs

    fn pump(&mut self) {
        while let Some(output) = self.client.poll_output() {
            self.perform(&output);
            self.outputs.push(output);
        }
        let pending = self.awaiting_login || !self.questions.is_empty() || self.client.poll_timeout().is_some();
        assert!(pending || self.state() == ConnectionState::Disconnected, "silent for ever: {:?}", self.client.status());
    }

    fn perform(&mut self, output: &Output<Json>) {
        match output {
            Output::Request { request, messages, .. } => self.ask(Via::Request(*request), messages),
            Output::KeepAlive(request) => self.ask(Via::KeepAlive(*request), &[]),
            Output::SendFrame { socket, messages } => {
                assert_eq!(self.socket, Some((*socket, true)), "a frame needs an open socket");
                self.ask(Via::Socket(*socket), messages);
            }
            Output::Abort(request) => {
                let live = self.questions.len();
                self.end_request(*request);
                assert!(self.questions.len() < live, "{request:?} is aborted, which has ended");
            }
            Output::OpenSocket { socket, .. } => {
                assert_eq!(self.socket, None, "one socket at a time");
                self.socket = Some((*socket, false));
            }
            Output::CloseSocket(socket) => {
                assert!(self.socket.is_some_and(|(id, _)| id == *socket), "{socket:?} is closed, which is gone");
                self.end_socket(*socket);
            }
            Output::Event(Event::Completed { command, .. }) => {
                assert!(self.commands.remove(&command.number()), "{command:?} is completed again, or was never given");
            }
            Output::Event(Event::LoginNeeded { .. }) => self.awaiting_login = true,
            Output::Event(Event::Status(status)) if status.state == ConnectionState::Disconnected => self.awaiting_login = false,
            Output::Event(_) => {}
        }
    }

    fn ask(&mut self, via: Via, messages: &[Outgoing]) {
        let question = Question { via, messages: messages.to_vec() };
        assert!(matches!(via, Via::KeepAlive(_)) || !messages.is_empty(), "{via:?} asks nothing");
        let polls = |question: &Question| question.channel() == Some(MetaChannel::Connect);
        assert!(!polls(&question) || !self.questions.iter().any(polls), "one connect at a time");
        if let Via::Request(request) | Via::KeepAlive(request) = via {
            let used = self.questions.iter().any(|known| known.via == via) || self.dead.contains(&request);
            assert!(!used, "{request:?} is used again");
        }
        self.questions.push(question);
    }
}

pub(crate) fn pattern(text: &str) -> ChannelPattern {
    ChannelPattern::new(text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

/// A 200 with JSON.
fn ok(body: Value) -> Response<Json> {
    Response { status: 200, body: Body::Json(Json(body)), retry_after: None }
}

/// The id in a reply, as a number or its decimal text.
fn number_of(id: &Value) -> Option<u64> {
    id.as_u64().or_else(|| id.as_str()?.parse().ok())
}

/// What CometD 3.1.5 answers; of the acknowledgement it says the batch it was told.
pub(crate) fn good_reply(message: &Outgoing) -> Value {
    let mut reply = json!({"channel": message.body.channel().name(), "id": message.id.number().to_string(), "successful": true});
    match &message.body {
        OutgoingBody::Handshake { .. } => {
            reply["clientId"] = "2k3s1v9kdcrk4m1sh0ovqxy2vzu".into();
            reply["supportedConnectionTypes"] = json!(["websocket", "long-polling", "callback-polling"]);
            reply["advice"] = json!({"reconnect": "retry", "interval": 0, "timeout": 30_000});
            reply["ext"] = json!({"ack": true});
        }
        OutgoingBody::Connect { ack: Some(batch), .. } => reply["ext"] = json!({"ack": batch + 1}),
        OutgoingBody::Subscribe { subscription, .. } | OutgoingBody::Unsubscribe { subscription, .. } => {
            reply["subscription"] = subscription.as_str().into();
        }
        OutgoingBody::Connect { .. } | OutgoingBody::Disconnect { .. } => {}
    }
    reply
}
