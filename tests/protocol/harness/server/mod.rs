//! A model Bayeux server in the manner of `CometD` 3.1.5 and 8: sessions that expire, connects that are held, one reply per message by
//! its id, the connect reply last, a queue per session, the acknowledge extension.

mod options;
mod queue;
mod session;

use gws_im_sdk::bayeux::{Body, ChannelPattern, RequestId, Response};
use serde_json::{Value, json};

pub(crate) use options::{AckStyle, Flavour, ServerOptions};
use session::{Held, Session};

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
    outbox: Vec<(RequestId, Response<Value>)>,
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
            outbox: Vec::new(),
        }
    }

    // ---- what tests do to it

    /// Publishes on `channel`; a session that is subscribed gets it once.
    pub(crate) fn publish(&mut self, now: u64, channel: &str, data: &Value) {
        for index in 0..self.sessions.len() {
            if self.sessions[index].is_subscribed_to(channel) {
                self.deliver(now, index, json!({"channel": channel, "data": data}));
            }
        }
    }

    /// Forgets every session; a held connect is answered as if nothing had happened, and the next message gets the 402.
    pub(crate) fn expire_all(&mut self) {
        for mut session in std::mem::take(&mut self.sessions) {
            if let Some(held) = session.held.take() {
                self.reply(held.request, vec![connect_reply(&held.id, None, None)]);
            }
        }
    }

    /// Forgets every session and whoever waits, as a node that is restarted.
    pub(crate) fn restart(&mut self) {
        self.sessions.clear();
    }

    /// Ends every session in the way of a server-side disconnect.
    pub(crate) fn disconnect_all(&mut self) {
        for mut session in std::mem::take(&mut self.sessions) {
            if let Some(held) = session.held.take() {
                let mut messages = session.queue.take();
                messages.push(json!({"channel": "/meta/disconnect", "successful": true}));
                messages.push(connect_reply(&held.id, Some(json!({"reconnect": "none", "interval": 0})), None));
                self.reply(held.request, messages);
            }
        }
    }

    /// Refuses subscriptions to `channel` from now on.
    pub(crate) fn refuse(&mut self, channel: &str, error: &'static str) {
        self.refused.push((channel.to_owned(), error));
    }

    /// Refuses nothing from now on.
    pub(crate) fn refuse_nothing(&mut self) {
        self.refused.clear();
        self.refuse_handshakes = None;
    }

    // ---- what tests ask it

    /// The ids of the sessions that live.
    pub(crate) fn live(&self) -> Vec<&str> {
        self.sessions.iter().map(|session| session.client_id.as_str()).collect()
    }

    /// The channels a session is subscribed to, sorted.
    pub(crate) fn subscriptions(&self, client_id: &str) -> Vec<&str> {
        let session = self.sessions.iter().find(|session| session.client_id == client_id);
        let mut channels: Vec<&str> =
            session.map(|session| session.subscriptions.iter().map(ChannelPattern::as_str).collect()).unwrap_or_default();
        channels.sort_unstable();
        channels
    }

    /// Whether a connect is held now.
    pub(crate) fn is_holding(&self) -> bool {
        self.sessions.iter().any(|session| session.held.is_some())
    }

    // ---- what the network does with it

    pub(crate) fn receive(&mut self, now: u64, request: RequestId, messages: &[Value]) {
        let mut replies = Vec::new();
        for message in messages {
            match message["channel"].as_str() {
                Some("/meta/handshake") => self.handshake(now, message, &mut replies),
                Some("/meta/connect") => return self.connect(now, request, message),
                Some("/meta/subscribe") => self.subscribe(message, &mut replies),
                Some("/meta/unsubscribe") => self.unsubscribe(message, &mut replies),
                Some("/meta/disconnect") => self.disconnect(message, &mut replies),
                other => unreachable!("the client sent a message to {other:?}"),
            }
        }
        self.reply(request, replies);
    }

    pub(crate) fn next_wake(&self) -> Option<u64> {
        self.sessions.iter().map(Session::next_wake).min()
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
    }

    /// Replies that leave the server now.
    pub(crate) fn take_replies(&mut self) -> Vec<(RequestId, Response<Value>)> {
        std::mem::take(&mut self.outbox)
    }

    // ---- inside

    fn reply(&mut self, request: RequestId, messages: Vec<Value>) {
        self.outbox.push((request, Response { status: 200, body: Body::Json(Value::Array(messages)), retry_after: None }));
    }

    fn find(&self, message: &Value) -> Option<usize> {
        let client_id = message["clientId"].as_str()?;
        self.sessions.iter().position(|session| session.client_id == client_id).filter(|_| self.options.cookies)
    }

    fn unknown_session(&self, message: &Value, with_advice: bool) -> Value {
        let mut reply =
            json!({"channel": message["channel"], "id": message["id"], "successful": false, "error": self.options.unknown_session});
        if with_advice {
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

    fn handshake(&mut self, now: u64, message: &Value, replies: &mut Vec<Value>) {
        if let Some((error, advice)) = &self.refuse_handshakes {
            replies.push(json!({"channel": "/meta/handshake", "id": message["id"], "successful": false, "error": error, "advice": advice}));
            return;
        }
        let client_id = format!("session{}", self.client_ids.len() + 1);
        let acknowledged = message["ext"]["ack"] == true && self.options.ack != AckStyle::Absent;
        let mut session = Session::new(client_id.clone(), acknowledged, self.expiry(now));
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

    fn connect(&mut self, now: u64, request: RequestId, message: &Value) {
        let Some(index) = self.find(message) else {
            let reply = self.unknown_session(message, true);
            return self.reply(request, vec![reply]);
        };
        self.displace(index);
        let (multiple_clients, timeout) = (self.multiple_clients, self.options.timeout);
        let session = &mut self.sessions[index];
        if let Some(batch) = message["ext"]["ack"].as_u64().filter(|_| session.acknowledged) {
            session.queue.acknowledge(batch);
        }
        let with_advice = session.fresh || message.get("advice").is_some() || multiple_clients;
        session.fresh = false;
        session.held = Some(Held { request, id: message["id"].clone(), until: now + timeout, with_advice });
        let immediate = message["advice"]["timeout"] == 0;
        if immediate || multiple_clients || !session.queue.is_empty() {
            self.answer_connect(now, index);
        }
    }

    /// A newer connect of the same session ends the one that is held.
    fn displace(&mut self, index: usize) {
        if let Some(held) = self.sessions[index].held.take() {
            let status = self.options.displaced_status;
            self.outbox.push((held.request, Response { status, body: Body::NotJson { html: true }, retry_after: None }));
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
        self.reply(held.request, messages);
    }

    fn deliver(&mut self, now: u64, index: usize, message: Value) {
        self.sessions[index].queue.push(message);
        self.answer_connect(now, index);
    }

    fn subscribe(&mut self, message: &Value, replies: &mut Vec<Value>) {
        let Some(index) = self.find(message) else { return replies.push(self.unknown_session(message, false)) };
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

    fn unsubscribe(&mut self, message: &Value, replies: &mut Vec<Value>) {
        let Some(index) = self.find(message) else { return replies.push(self.unknown_session(message, false)) };
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

    fn disconnect(&mut self, message: &Value, replies: &mut Vec<Value>) {
        let Some(index) = self.find(message) else { return replies.push(self.unknown_session(message, true)) };
        if let Some(held) = self.sessions.remove(index).held {
            let advice = json!({"reconnect": "none", "interval": 0});
            self.reply(held.request, vec![connect_reply(&held.id, Some(advice), None)]);
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
