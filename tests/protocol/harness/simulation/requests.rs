//! What the client asks by HTTP, on its way to the server and back.

use gws_im_sdk::bayeux::Outgoing as Message;
use gws_im_sdk::bayeux::{Body, ConnectionType, Input, RequestId, Response, TransportFailure};
use serde_json::{Value, json};

use super::super::network::Fate;
use super::super::record::{End, Entry, Sent, brief_outcome, brief_outgoing};
use super::super::script::Outgoing;
use super::super::server::Carrier;
use super::{Item, Simulation};
use crate::json::Json;

pub(super) type Outcome = Result<Response<Value>, TransportFailure>;

impl Simulation {
    pub(super) fn on_request(&mut self, request: RequestId, url: &str, messages: &[Message], keepalive: bool) {
        let now = self.now();
        self.record.note(now, Entry::Sent(request, brief_outgoing(messages)));
        let checked = self.wire.on_request(request, &self.address, url, messages, keepalive);
        let messages = self.check_leaving(checked, messages);
        self.record.leave(now, ConnectionType::LongPolling, &messages);
        self.record.sent.push(Sent { at: now, request, messages: messages.clone(), keepalive, end: None });
        self.request_leaves(request, messages);
    }

    /// The request that keeps the login alive.
    pub(super) fn on_keep_alive(&mut self, request: RequestId) {
        let now = self.now();
        self.record.note(now, Entry::Sent(request, "keep the login alive".to_owned()));
        self.record.traffic.push((now, "keep alive".to_owned()));
        self.record.keep_alives.push(now);
        if let Err(broken) = self.wire.on_keep_alive(request) {
            self.fail(&broken);
        }
        self.check_silence("a request for the login");
        self.request_leaves(request, Vec::new());
    }

    fn request_leaves(&mut self, request: RequestId, messages: Vec<Value>) {
        let delay = self.network.delay();
        match self.network.fate_of_request() {
            Fate::Arrives => self.agenda.after(delay, Item::AtServer { request, messages }),
            Fate::Fails => self.agenda.after(delay, Item::AtClient { request, outcome: Err(TransportFailure::Network) }),
            Fate::Vanishes => {}
        }
    }

    pub(super) fn on_abort(&mut self, request: RequestId) {
        let now = self.now();
        self.record.note(now, Entry::Aborted(request));
        self.record.traffic.push((now, "abort".to_owned()));
        self.record.ended(now, request, End::Aborted);
        if !self.wire.on_end(request) {
            self.fail(&format!("aborts #{}, which has ended", request.number()));
        }
    }

    pub(super) fn arrive_at_server(&mut self, request: RequestId, messages: &[Value]) {
        if let Some(answer) = self.script.on_request(request.number(), messages) {
            let delay = self.network.delay();
            self.agenda.after(delay, Item::AtClient { request, outcome: answer });
            return;
        }
        if messages.is_empty() {
            // The resource that is asked for to keep the login alive.
            let response = Response { status: 200, body: Body::Json(json!({"statusCode": 0})), retry_after: None };
            self.carry_response(request, response);
            return;
        }
        self.server.receive(self.agenda.now(), Carrier::Request(request), messages);
        self.carry();
    }

    /// Takes an answer through script and network to the client.
    pub(super) fn carry_response(&mut self, request: RequestId, response: Response<Value>) {
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

    fn through_network(&mut self, response: Response<Value>) -> Option<Outcome> {
        match self.network.fate_of_reply() {
            Fate::Arrives => Some(Ok(response)),
            Fate::Fails => Some(Err(TransportFailure::Network)),
            Fate::Vanishes => None,
        }
    }

    pub(super) fn arrive_at_client(&mut self, request: RequestId, outcome: Outcome) {
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

    pub(super) fn feed(&mut self, request: RequestId, outcome: Outcome) {
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

    fn feed_dead(&mut self, request: RequestId, outcome: Outcome) {
        self.tell_of_the_dead(&format!("request #{}", request.number()), input_of(request, outcome));
    }

    /// What is told of something that has ended changes nothing.
    pub(super) fn tell_of_the_dead(&mut self, what: &str, input: Input<Json>) {
        let before = (self.client.status().clone(), format!("{:?}", self.client.counters()), self.client.poll_timeout());
        self.client.handle_input(self.instant(), input);
        if let Some(output) = self.client.poll_output() {
            self.fail(&format!("the dead {what} caused {output:?}"));
        }
        let after = (self.client.status().clone(), format!("{:?}", self.client.counters()), self.client.poll_timeout());
        if before != after {
            self.fail(&format!("the dead {what} changed {before:?} to {after:?}"));
        }
    }
}

fn input_of(request: RequestId, outcome: Outcome) -> Input<Json> {
    match outcome {
        Ok(Response { status, body, retry_after }) => {
            Input::Response { request, response: Response { status, body: payload_of(body), retry_after } }
        }
        Err(failure) => Input::RequestFailed { request, failure },
    }
}

/// The body as the core reads it.
pub(super) fn payload_of(body: Body<Value>) -> Body<Json> {
    match body {
        Body::Json(value) => Body::Json(Json(value)),
        Body::NotJson { html } => Body::NotJson { html },
    }
}
