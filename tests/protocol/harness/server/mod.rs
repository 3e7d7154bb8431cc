//! A model Bayeux server in the manner of `CometD` 3.1.5 and 8: sessions that expire, connects that are held, one reply per message by
//! its id, the connect reply last, a queue per session, the acknowledge extension, requests and sockets for the same sessions.

mod control;
mod options;
mod queue;
mod session;

use gws_im_sdk::bayeux::{Body, ChannelPattern, RequestId, Response, SocketId};
use serde_json::{Value, json};

pub(crate) use options::{AckStyle, Flavour, FrameStyle, ServerOptions};
use session::{Held, Session};

/// What messages came by, and their replies leave by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    Request(RequestId),
    Socket(SocketId),
}

/// What leaves the server.
#[derive(Debug)]
pub(crate) enum Sending {
    Response(RequestId, Response<Value>),
    Frame(SocketId, Value),
    /// The server closes a socket with this code.
    Close(SocketId, u16),
}

pub(crate) struct Server {
    pub(crate) options: ServerOptions,
    /// Connects are answered at once, as other sessions of the same browser are open.
    pub(crate) multiple_clients: bool,
    /// Handshakes are refused with this error and advice.
    pub(crate) refuse_handshakes: Option<(&'static str, Value)>,
    /// Delivered with each handshake reply, when the options say so.
    pub(crate) handshake_messages: Vec<Value>,
    /// Every client id ever given, in order.
    pub(crate) client_ids: Vec<String>,
    refused: Vec<(String, &'static str)>,
    sessions: Vec<Session>,
    /// Connects held on sockets for sessions that are forgotten.
    orphans: Vec<Held>,
    sockets: Vec<SocketId>,
    outbox: Vec<Sending>,
}

impl Server {
    pub(crate) const fn new(options: ServerOptions) -> Self {
        Self {
            options,
            multiple_clients: false,
            refuse_handshakes: None,
            handshake_messages: Vec::new(),
            client_ids: Vec::new(),
            refused: Vec::new(),
            sessions: Vec::new(),
            orphans: Vec::new(),
            sockets: Vec::new(),
            outbox: Vec::new(),
        }
    }

    // ---- what the network does with it

    pub(crate) fn receive(&mut self, now: u64, carrier: Carrier, messages: &[Value]) {
        let mut replies = Vec::new();
        for message in messages {
            match message["channel"].as_str() {
                Some("/meta/handshake") => self.handshake(now, carrier, message, &mut replies),
                Some("/meta/connect") => return self.connect(now, carrier, message),
                Some("/meta/subscribe") => self.subscribe(carrier, message, &mut replies),
                Some("/meta/unsubscribe") => self.unsubscribe(carrier, message, &mut replies),
                Some("/meta/disconnect") => self.disconnect(carrier, message, &mut replies),
                other => unreachable!("the client sent a message to {other:?}"),
            }
        }
        self.send(carrier, replies);
    }

    pub(crate) fn socket_opened(&mut self, socket: SocketId) {
        self.sockets.push(socket);
    }

    /// The session lives on, but what was held on the socket is not answered any more.
    pub(crate) fn socket_closed(&mut self, now: u64, socket: SocketId) {
        self.sockets.retain(|open| *open != socket);
        self.orphans.retain(|held| held.carrier != Carrier::Socket(socket));
        let expires_at = self.expiry(now);
        for session in self.sessions.iter_mut().filter(|session| session.socket == Some(socket)) {
            session.held = None;
            session.expires_at = expires_at;
        }
    }

    pub(crate) fn next_wake(&self) -> Option<u64> {
        let orphans = self.orphans.iter().map(|held| held.until);
        self.sessions.iter().map(Session::next_wake).chain(orphans).min()
    }

    /// Answers held connects and drops sessions whose time has come.
    pub(crate) fn wake(&mut self, now: u64) {
        for index in (0..self.sessions.len()).rev() {
            if self.sessions[index].next_wake() > now {
                continue;
            }
            if self.sessions[index].held.is_some() {
                self.answer_connect(now, index);
            } else {
                self.sessions.remove(index);
            }
        }
        let (due, waiting) = std::mem::take(&mut self.orphans).into_iter().partition(|held| held.until <= now);
        self.orphans = waiting;
        self.answer_forgotten(due);
    }

    /// What leaves the server now.
    pub(crate) fn take_outbox(&mut self) -> Vec<Sending> {
        std::mem::take(&mut self.outbox)
    }

    // ---- inside

    fn send(&mut self, carrier: Carrier, messages: Vec<Value>) {
        match carrier {
            Carrier::Request(request) => {
                let response = Response { status: 200, body: Body::Json(Value::Array(messages)), retry_after: None };
                self.outbox.push(Sending::Response(request, response));
            }
            Carrier::Socket(socket) => {
                let frames = self.options.frames.frames(messages);
                self.outbox.extend(frames.into_iter().map(|frame| Sending::Frame(socket, frame)));
            }
        }
    }

    fn find(&self, carrier: Carrier, message: &Value) -> Option<usize> {
        let client_id = message["clientId"].as_str()?;
        let index = self.sessions.iter().position(|session| session.client_id == client_id)?;
        let made_by = self.sessions[index].made_by;
        let known = match carrier {
            Carrier::Request(_) => self.options.cookies || matches!(made_by, Carrier::Socket(_)),
            Carrier::Socket(_) => !self.options.require_handshake_per_connection || made_by == carrier,
        };
        known.then_some(index)
    }

    fn unknown_session(&self, message: &Value, with_advice: bool) -> Value {
        let mut reply =
            json!({"channel": message["channel"], "id": message["id"], "successful": false, "error": self.options.unknown_session});
        if with_advice && self.options.advice_with_402 {
            reply["advice"] = json!({"reconnect": "handshake"});
            if self.options.interval_with_402 {
                reply["advice"]["interval"] = json!(0);
            }
        }
        reply
    }

    fn advice(&self) -> Value {
        let mut advice = json!({"reconnect": "retry", "interval": self.options.interval, "timeout": self.options.timeout});
        if self.options.tell_max_interval {
            advice["maxInterval"] = json!(self.options.max_interval);
        }
        if self.multiple_clients {
            advice["interval"] = json!(2_000);
            advice["multiple-clients"] = json!(true);
        }
        advice
    }

    fn expiry(&self, now: u64) -> u64 {
        now + self.options.max_interval + u64::try_from(self.options.interval).unwrap_or(0)
    }

    fn handshake(&mut self, now: u64, carrier: Carrier, message: &Value, replies: &mut Vec<Value>) {
        if let Some((error, advice)) = &self.refuse_handshakes {
            replies.push(json!({"channel": "/meta/handshake", "id": message["id"], "successful": false, "error": error, "advice": advice}));
            return;
        }
        let client_id = format!("session{}", self.client_ids.len() + 1);
        let acknowledged = message["ext"]["ack"] == true && self.options.ack != AckStyle::Absent;
        let mut session = Session::new(client_id.clone(), acknowledged, carrier, self.expiry(now));
        let mut reply = json!({
            "channel": "/meta/handshake", "id": message["id"], "successful": true, "clientId": client_id,
            "version": "1.0", "minimumVersion": "1.0", "supportedConnectionTypes": self.options.connection_types,
        });
        if self.options.handshake_advice {
            reply["advice"] = self.advice();
        }
        if acknowledged {
            reply["ext"] = json!({"ack": true});
        }
        let mut messages = Vec::new();
        if self.options.ack == AckStyle::EnabledWithBatch {
            self.handshake_messages.iter().for_each(|message| session.queue.push(message.clone()));
            let (batch, queued) = session.queue.close_batch();
            reply["x-messages"] = json!(queued.len());
            reply["ext"] = json!({"ack": {"enabled": true, "batch": batch}});
            messages = queued;
        }
        replies.push(reply);
        replies.append(&mut messages);
        self.client_ids.push(client_id);
        self.sessions.push(session);
    }

    fn connect(&mut self, now: u64, carrier: Carrier, message: &Value) {
        let Some(index) = self.find(carrier, message) else {
            let reply = self.unknown_session(message, true);
            return self.send(carrier, vec![reply]);
        };
        self.displace(index);
        let (multiple_clients, timeout) = (self.multiple_clients, self.options.timeout);
        let hold = message["advice"]["timeout"].as_u64().map_or(timeout, |asked| asked.min(timeout));
        let session = &mut self.sessions[index];
        if let Some(batch) = message["ext"]["ack"].as_u64().filter(|_| session.acknowledged) {
            session.queue.acknowledge(batch);
        }
        let with_advice = session.fresh || message.get("advice").is_some() || multiple_clients;
        session.fresh = false;
        session.socket = match carrier {
            Carrier::Request(_) => None,
            Carrier::Socket(socket) => Some(socket),
        };
        session.held = Some(Held { carrier, id: message["id"].clone(), until: now + hold, with_advice });
        self.push(index);
        if hold == 0 || multiple_clients || !self.sessions[index].queue.is_empty() {
            self.answer_connect(now, index);
        }
    }

    /// A newer connect of the same session ends the one that is held: a request with an error, what came on a socket without a word.
    fn displace(&mut self, index: usize) {
        if let Some(Held { carrier: Carrier::Request(request), .. }) = self.sessions[index].held.take() {
            let response = Response { status: self.options.displaced_status, body: Body::NotJson { html: true }, retry_after: None };
            self.outbox.push(Sending::Response(request, response));
        }
    }

    fn answer_connect(&mut self, now: u64, index: usize) {
        let (advice, expires_at) = (self.advice(), self.expiry(now));
        let session = &mut self.sessions[index];
        let Some(held) = session.held.take() else { return };
        session.expires_at = expires_at;
        let (batch, mut messages) = if session.acknowledged {
            let (batch, messages) = session.queue.close_batch();
            (Some(batch), messages)
        } else {
            (None, session.queue.take())
        };
        messages.push(connect_reply(&held.id, held.with_advice.then_some(advice), batch));
        self.send(held.carrier, messages);
    }

    fn deliver(&mut self, now: u64, index: usize, message: Value) {
        self.sessions[index].queue.push(message);
        self.push(index);
        if !self.sessions[index].queue.is_empty() {
            self.answer_connect(now, index);
        }
    }

    /// Without acknowledgement what is queued leaves at once on the socket of the last connect; the connect goes on being held.
    fn push(&mut self, index: usize) {
        let session = &mut self.sessions[index];
        let Some(socket) = session.push_socket().filter(|_| !session.queue.is_empty()) else { return };
        let messages = session.queue.take();
        self.send(Carrier::Socket(socket), messages);
    }

    fn answer_forgotten(&mut self, forgotten: Vec<Held>) {
        for held in forgotten {
            self.send(held.carrier, vec![connect_reply(&held.id, None, None)]);
        }
    }

    fn subscribe(&mut self, carrier: Carrier, message: &Value, replies: &mut Vec<Value>) {
        let Some(index) = self.find(carrier, message) else { return replies.push(self.unknown_session(message, false)) };
        let subscription = message["subscription"].as_str().unwrap_or_default();
        let mut reply = json!({"channel": "/meta/subscribe", "id": message["id"], "successful": true, "subscription": subscription});
        if let Some((_, error)) = self.refused.iter().find(|(channel, _)| channel == subscription) {
            reply["successful"] = json!(false);
            reply["error"] = json!(error);
        } else if let Ok(pattern) = ChannelPattern::new(subscription) {
            let subscriptions = &mut self.sessions[index].subscriptions;
            subscriptions.retain(|known| *known != pattern);
            subscriptions.push(pattern);
        }
        self.piggyback(index, replies);
        replies.push(reply);
    }

    fn unsubscribe(&mut self, carrier: Carrier, message: &Value, replies: &mut Vec<Value>) {
        let Some(index) = self.find(carrier, message) else { return replies.push(self.unknown_session(message, false)) };
        let subscription = message["subscription"].as_str().unwrap_or_default();
        self.sessions[index].subscriptions.retain(|known| known.as_str() != subscription);
        self.piggyback(index, replies);
        replies.push(json!({"channel": "/meta/unsubscribe", "id": message["id"], "successful": true, "subscription": subscription}));
    }

    /// Without acknowledgement any reply carries what is queued.
    fn piggyback(&mut self, index: usize, replies: &mut Vec<Value>) {
        let session = &mut self.sessions[index];
        if !session.acknowledged {
            replies.append(&mut session.queue.take());
        }
    }

    fn disconnect(&mut self, carrier: Carrier, message: &Value, replies: &mut Vec<Value>) {
        let Some(index) = self.find(carrier, message) else { return replies.push(self.unknown_session(message, true)) };
        if let Some(held) = self.sessions.remove(index).held {
            let advice = json!({"reconnect": "none", "interval": 0});
            self.send(held.carrier, vec![connect_reply(&held.id, Some(advice), None)]);
        }
        replies.push(json!({"channel": "/meta/disconnect", "id": message["id"], "successful": true}));
    }
}

fn connect_reply(id: &Value, advice: Option<Value>, batch: Option<u64>) -> Value {
    let mut reply = json!({"channel": "/meta/connect", "id": id, "successful": true});
    if let Some(advice) = advice {
        reply["advice"] = advice;
    }
    if let Some(batch) = batch {
        reply["ext"] = json!({"ack": batch});
    }
    reply
}
