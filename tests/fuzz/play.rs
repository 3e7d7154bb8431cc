//! Plays a scene and judges it: every element of a body is accepted or reported, what is told of things that have ended changes nothing, and
//! when the server behaves again the channel works.

use gws_im_sdk::bayeux::{
    Body, ConnectionState, Counters, Event, Field, Input, MetaChannel, Output, RawMessage, RequestId, Response, SocketId, Status, Timer,
    TransportFailure,
};
use gws_im_sdk::gws::{self, Classified};
use serde_json::{Value, json};

use crate::json::Json;
use crate::moment::Moment;
use crate::scene::{Answer, Failure, Says, Scene, expand};
use crate::stage::{Stage, TOPIC, Via};
use crate::words;

/// Timers that are awaited for the next question.
const WAKES: u32 = 20;
/// An answer causes no more outputs than its messages and these.
const OUTPUTS_BESIDES: usize = 40;
/// The longest goodbye, ms.
const GOODBYE: u64 = 10_000;

/// Plays the scene and everything that follows; gives what the client did after each answer.
pub(crate) fn play(scene: &Scene) -> Vec<Vec<String>> {
    let mut stage = scene.moment.stage();
    let told = scene.answers.iter().map(|answer| say(&mut stage, scene.moment, answer)).collect();
    stage.recover();
    close(&mut stage);
    deliver_in_new_session(&mut stage);
    close(&mut stage);
    told
}

fn say(stage: &mut Stage, moment: Moment, answer: &Answer) -> Vec<String> {
    let (via, ids) = addressee(stage, moment, answer);
    let input = input(via, &ids, answer);
    let live = is_live(stage, &input);
    let before = Seen::of(stage);
    stage.tell(input.clone());
    let outputs = stage.take_outputs();
    if !live {
        assert!(outputs.is_empty(), "{input:?} of what has ended caused {outputs:?}");
        assert_eq!(Seen::of(stage), before, "{input:?} of what has ended changed something");
    }
    let deliveries = deliveries(&outputs);
    let expected = if live { read(&input, via) } else { Read::default() };
    expected.check(&deliveries, before.counters, stage.client.counters());
    assert!(outputs.len() <= expected.deliveries.len() + OUTPUTS_BESIDES, "{} outputs after {input:?}", outputs.len());
    for delivery in deliveries {
        classify(delivery);
    }
    let mut told = words::outputs(&outputs);
    if stage.questions.is_empty() {
        told.extend(stage.timer().map(|(wait, timer)| words::wait(wait, timer)));
    }
    told
}

/// What an answer of what has ended must not change.
#[derive(Debug, PartialEq)]
struct Seen {
    status: Status,
    counters: Counters,
    timer: Option<(u64, Timer)>,
}

impl Seen {
    fn of(stage: &Stage) -> Self {
        Self { status: stage.client.status().clone(), counters: stage.client.counters(), timer: stage.timer() }
    }
}

// ---- to whom, and what

/// What the answer goes to, and the ids of what is asked there. Where nothing is asked it is what was asked last.
fn addressee(stage: &mut Stage, moment: Moment, answer: &Answer) -> (Via, Vec<String>) {
    let about_socket = matches!(answer.says, Says::Opened | Says::Closes(_) | Says::Stalls);
    if about_socket {
        let id = answer.to.or(stage.socket.map(|(id, _)| id.number())).unwrap_or(1);
        return (Via::Socket(SocketId::from_number(id)), Vec::new());
    }
    for _ in 0..WAKES {
        if !stage.questions.is_empty() || moment == Moment::Login || !stage.wake() {
            break;
        }
    }
    stage.take_outputs();
    let (via, ids) = match stage.newest(moment.channel()) {
        Some(question) => (question.via, question.ids()),
        None => (Via::Request(stage.dead.last().copied().unwrap_or_default()), Vec::new()),
    };
    let via = match (answer.to, via) {
        (None, via) => via,
        (Some(id), Via::Socket(_)) => Via::Socket(SocketId::from_number(id)),
        (Some(id), _) => stage.asked_by(RequestId::from_number(id)),
    };
    (via, ids)
}

fn input(via: Via, ids: &[String], answer: &Answer) -> Input<Json> {
    let (status, body, retry_after) = match &answer.says {
        Says::Json { status, body, retry_after } => (*status, Body::Json(Json(expand(body, ids))), *retry_after),
        Says::Text { status, text } => (*status, parse(text, ids), None),
        Says::Fails(failure) => return failed(via, *failure),
        Says::Opened => return Input::SocketOpened(socket_of(via)),
        Says::Closes(code) => return Input::SocketClosed { socket: socket_of(via), code: *code },
        Says::Stalls => return Input::SocketStalled(socket_of(via)),
    };
    match via {
        Via::Request(request) | Via::KeepAlive(request) => Input::Response { request, response: Response { status, body, retry_after } },
        Via::Socket(socket) => Input::SocketMessage { socket, body },
    }
}

/// As the shell reads a body: what begins like markup is markup.
fn parse(text: &str, ids: &[String]) -> Body<Json> {
    match serde_json::from_str(text) {
        Ok(value) => Body::Json(Json(expand(&value, ids))),
        Err(_) => Body::NotJson { html: text.trim_start().starts_with('<') },
    }
}

fn failed(via: Via, failure: Failure) -> Input<Json> {
    let failure = match failure {
        Failure::Network => TransportFailure::Network,
        Failure::Timeout => TransportFailure::Timeout,
        Failure::Redirect => TransportFailure::Redirect,
        Failure::Refused => TransportFailure::Refused,
    };
    match via {
        Via::Request(request) | Via::KeepAlive(request) => Input::RequestFailed { request, failure },
        Via::Socket(socket) => Input::SocketClosed { socket, code: 1006 },
    }
}

fn socket_of(via: Via) -> SocketId {
    match via {
        Via::Socket(socket) => socket,
        Via::Request(request) | Via::KeepAlive(request) => SocketId::from_number(request.number()),
    }
}

fn is_live(stage: &Stage, input: &Input<Json>) -> bool {
    match input {
        Input::Response { request, .. } | Input::RequestFailed { request, .. } => {
            stage.questions.iter().any(|question| question.via == Via::Request(*request) || question.via == Via::KeepAlive(*request))
        }
        Input::SocketOpened(socket) => stage.socket == Some((*socket, false)),
        Input::SocketMessage { socket, .. } => stage.socket == Some((*socket, true)),
        Input::SocketClosed { socket, .. } | Input::SocketStalled(socket) => stage.socket.is_some_and(|(id, _)| id == *socket),
        _ => true,
    }
}

fn body_of(input: &Input<Json>) -> Option<&Json> {
    match input {
        Input::Response { response: Response { body: Body::Json(body), .. }, .. } | Input::SocketMessage { body: Body::Json(body), .. } => {
            Some(body)
        }
        _ => None,
    }
}

// ---- accepted or reported

/// What must have been read of a body, found in another way than the client does.
#[derive(Debug, Default)]
struct Read {
    deliveries: Vec<Value>,
    /// Elements that can't be anything but a breach of the protocol.
    broken: u64,
}

/// What a body of a live answer holds for the client: nothing where the HTTP status, or GWS, says that it is no answer.
fn read(input: &Input<Json>, via: Via) -> Read {
    let usable = match input {
        Input::Response { response, .. } => response.status == 200 && matches!(via, Via::Request(_)),
        _ => true,
    };
    let Some(Json(body)) = body_of(input).filter(|_| usable) else { return Read::default() };
    match body {
        Value::Array(elements) => Read::of(elements),
        Value::Object(members) if matches!(via, Via::Request(_)) && members.get("statusCode").and_then(Value::as_f64) == Some(20.0) => {
            Read::default()
        }
        Value::Object(_) => Read::of(std::slice::from_ref(body)),
        // A frame that holds no messages ends the socket, which says it all.
        _ => Read { broken: u64::from(matches!(via, Via::Request(_))), ..Read::default() },
    }
}

impl Read {
    fn of(elements: &[Value]) -> Self {
        let mut read = Self::default();
        for element in elements {
            match element["channel"].as_str() {
                _ if !element.is_object() => read.broken += 1,
                None => read.broken += 1,
                Some(channel) if channel.starts_with("/meta/") => read.broken += u64::from(MetaChannel::from_name(channel).is_none()),
                Some(_) if element.get("data").is_none() && element.get("successful").is_some() => read.broken += 1,
                Some(_) => read.deliveries.push(element.clone()),
            }
        }
        read
    }

    fn check(&self, delivered: &[&Json], before: Counters, after: Counters) {
        let received = after.received - before.received;
        let duplicates = after.duplicates - before.duplicates;
        assert_eq!(received + duplicates, self.deliveries.len() as u64, "each delivery is given or known: {self:?}");
        assert_eq!(received, delivered.len() as u64, "what is counted is given");
        let mut expected = self.deliveries.iter();
        let in_order = delivered.iter().all(|delivery| expected.any(|message| *message == delivery.0));
        assert!(in_order, "deliveries come in order and untouched: {delivered:?} of {self:?}");
        let violations = after.violations - before.violations;
        assert!(violations >= self.broken, "{violations} violations reported of {self:?}");
    }
}

fn deliveries(outputs: &[Output<Json>]) -> Vec<&Json> {
    let messages = outputs.iter().filter_map(|output| match output {
        Output::Event(Event::Delivery(message)) => Some(message),
        _ => None,
    });
    messages.collect()
}

/// The layer above takes any delivery, and its normal form is normal.
fn classify(message: &Json) {
    if let Classified::Notification(first) = gws::classify(message) {
        let mut again = message.clone();
        if again.object(Field::Data).is_some() {
            again.set(Field::Data, first.data.clone());
        } else {
            again = first.data.clone();
        }
        assert_eq!(gws::classify(&again), Classified::Notification(first), "the normal form of {message:?} is not normal");
    }
}

// ---- afterwards

/// Says goodbye to a server that does not answer, and is silent then.
fn close(stage: &mut Stage) {
    stage.disconnect();
    stage.pass(GOODBYE);
    assert_eq!(stage.state(), ConnectionState::Disconnected);
    assert!(stage.is_settled(), "every command is completed");
    assert_eq!(stage.timer(), None, "no timer is left");
    assert!(stage.questions.is_empty(), "nothing is asked any more: {:?}", stage.questions);
    assert_eq!(stage.socket, None, "no socket is left");
}

fn deliver_in_new_session(stage: &mut Stage) {
    stage.recover();
    stage.take_outputs();
    let message = json!({"channel": TOPIC, "data": {"number": 1}});
    let question = stage.newest(Some(MetaChannel::Connect)).expect("a connect is held").clone();
    stage.answer_well(&question, std::slice::from_ref(&message));
    let outputs = stage.take_outputs();
    assert_eq!(deliveries(&outputs), [&Json(message)], "the channel works");
}
