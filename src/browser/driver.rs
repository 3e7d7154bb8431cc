//! The pump: feeds what happens into the core, and carries out what the core wants, one output at a time with no borrow held.
//!
//! These are the only cells of the shell that are borrowed mutably, each borrow in a statement of its own: whatever JavaScript is called
//! may call back into any export.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use js_sys::Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use super::clock::now;
use super::error::Fault;
use super::json::Json;
use super::options::Options;
use super::report;
use super::sys::{self, Host};
use super::timeout::Timeout;
use super::websocket::Socket;
use crate::bayeux::{
    ChannelPattern, Client, ConnectionState, ConnectionType, Event, Field, Input, MetaChannel, Output, RawMessage, RequestId, Status,
};
use crate::gws::{Classified, Csrf, Notification, classify, is_im_sessions_topic};
use crate::time::Instant;

mod request;
mod socket;

/// How long outputs are carried out before the page may do something else.
const SLICE: f64 = 10.0;

/// One client's core and what it runs on.
pub(super) struct Driver {
    me: Weak<Self>,
    host: Host,
    core: RefCell<Client<Json>>,
    csrf: RefCell<Csrf>,
    requests: RefCell<Vec<(RequestId, AbortController)>>,
    socket: RefCell<Option<Rc<Socket>>>,
    topics: RefCell<Vec<ChannelPattern>>,
    timer: RefCell<Option<(Instant, Timeout)>>,
    /// The body of the last answer that was not a 200: what a login function is told.
    refusal: RefCell<JsValue>,
    /// Holds the driver while its channel is open, whether or not the page still holds the client.
    keep_alive: RefCell<Option<Rc<Self>>>,
    /// How often a login was asked for: an answer to an earlier question counts no more.
    logins: Cell<u32>,
    released: Cell<bool>,
    pausing: Cell<bool>,
    pumping: Cell<bool>,
    pub(super) frames: Cell<bool>,
    options: Options,
}

/// Frees the pump when it is left by whatever way.
struct Pumping<'a>(&'a Cell<bool>);

impl Drop for Pumping<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl Driver {
    pub(super) fn new(host: Host, options: Options) -> Rc<Self> {
        let now = now();
        Rc::new_cyclic(|me: &Weak<Self>| Self {
            me: me.clone(),
            host,
            core: RefCell::new(Client::new(options.config.clone(), now)),
            csrf: RefCell::new(options.csrf.clone()),
            requests: RefCell::default(),
            socket: RefCell::default(),
            topics: RefCell::default(),
            timer: RefCell::default(),
            refusal: RefCell::new(JsValue::UNDEFINED),
            keep_alive: RefCell::default(),
            logins: Cell::new(0),
            released: Cell::new(false),
            pausing: Cell::new(false),
            pumping: Cell::new(false),
            frames: Cell::new(false),
            options,
        })
    }

    /// Gives the core a command and lets the pump run when the caller has returned: nothing of the caller's is called meanwhile, and all
    /// commands of one tick leave together.
    pub(super) fn command<T>(self: &Rc<Self>, command: impl FnOnce(&mut Client<Json>, Instant) -> T) -> T {
        let now = now();
        let result = command(&mut self.core.borrow_mut(), now);
        Rc::clone(self).pump_later();
        result
    }

    fn pump_later(self: Rc<Self>) {
        wasm_bindgen_futures::spawn_local(async move { self.pump() });
    }

    /// Reads something of the core.
    pub(super) fn peek<T>(&self, read: impl FnOnce(&Client<Json>) -> T) -> T {
        read(&self.core.borrow())
    }

    pub(super) fn host(&self) -> &Host {
        &self.host
    }

    /// Whether deliveries that `topic` covers are handed to the face.
    pub(super) fn listen(&self, topic: ChannelPattern, wanted: bool) {
        let mut topics = self.topics.borrow_mut();
        topics.retain(|known| *known != topic);
        if wanted {
            topics.push(topic);
        }
    }

    /// Something happened outside.
    pub(super) fn feed(&self, input: Input<Json>) {
        let now = now();
        self.core.borrow_mut().handle_input(now, input);
        self.pump();
    }

    /// Carries out what the core wants until it wants nothing.
    fn pump(&self) {
        if self.released.get() || self.pausing.get() || self.pumping.replace(true) {
            return;
        }
        let _pumping = Pumping(&self.pumping);
        let began = sys::now();
        loop {
            let next = self.core.borrow_mut().poll_output();
            let Some(output) = next else { break };
            self.perform(output);
            if self.released.get() {
                return;
            }
            if sys::now() - began > SLICE && self.pause() {
                break;
            }
        }
        self.arm_timer();
    }

    /// Lets the page do something else before the pump goes on; `false` when it can't.
    fn pause(&self) -> bool {
        let (Some(driver), Ok(promise)) = (self.me.upgrade(), self.host.pause()) else { return false };
        self.pausing.set(true);
        wasm_bindgen_futures::spawn_local(async move {
            // However the pause ends, it is over.
            let _ = JsFuture::from(promise).await;
            driver.pausing.set(false);
            driver.pump();
        });
        true
    }

    /// Makes sure that the page wakes in time. A timer that wakes too early finds nothing due, so it is only ever replaced by an earlier one.
    fn arm_timer(&self) {
        let wanted = self.core.borrow().poll_timeout().map(|(due, _)| due);
        let armed = self.timer.borrow().as_ref().map(|(due, _)| *due);
        let Some(due) = wanted.filter(|due| armed.is_none_or(|armed| *due < armed)) else { return };
        let me = self.me.clone();
        let timeout = Timeout::new(due.since(now()), move || {
            if let Some(driver) = me.upgrade() {
                driver.woken();
            }
        });
        let replaced = self.timer.replace(timeout.map(|timeout| (due, timeout)));
        drop(replaced);
    }

    fn woken(&self) {
        let spent = self.timer.take();
        drop(spent);
        let now = now();
        self.core.borrow_mut().handle_timeout(now);
        self.pump();
    }

    fn perform(&self, output: Output<Json>) {
        match output {
            Output::Request { request, url, messages, keepalive } => self.request(request, url, &messages, keepalive),
            Output::Abort(request) => self.abort(request),
            Output::Event(event) => self.tell(event),
            Output::KeepAlive(request) => self.touch(request),
            Output::OpenSocket { socket, url } => self.open_socket(socket, &url),
            Output::SendFrame { socket, messages } => self.send_frame(socket, &messages),
            Output::CloseSocket(socket) => {
                self.forget_socket(socket);
                self.remember_trust();
            }
        }
    }

    fn show_frame(&self, out: bool, transport: ConnectionType, body: &JsValue) {
        if !self.frames.get() {
            return;
        }
        let messages = if Array::is_array(body) { body.clone() } else { Array::of1(body).into() };
        sys::report(self.host.frame(out, transport.name(), &messages));
    }

    fn tell(&self, event: Event<Json>) {
        match event {
            Event::Status(status) => self.tell_status(&status),
            Event::Delivery(message) => self.deliver(&message),
            Event::Gap(gap) => sys::report(self.host.gap(&report::gap(&gap))),
            Event::Completed { command, result } => {
                let error = result.as_ref().err().map_or(JsValue::UNDEFINED, |error| Fault::from(error).to_js(&self.host));
                sys::report(self.host.completed(command.number() as f64, &error));
            }
            Event::SubscriptionLost { subscription, error } => {
                sys::report(self.host.subscription_lost(&subscription));
                self.warn(&Fault::subscription_lost(&subscription, &error));
            }
            Event::LoginNeeded { attempt, status } => self.log_in(attempt, status),
            Event::Violation(violation) => self.warn(&violation.into()),
            Event::MultipleClients => self.warn(&Fault::multiple_clients()),
        }
    }

    fn warn(&self, fault: &Fault) {
        sys::report(self.host.warning(&fault.to_js(&self.host)));
    }

    fn tell_status(&self, status: &Status) {
        let open = !self.released.get() && status.state != ConnectionState::Disconnected;
        let kept = self.keep_alive.replace(if open { self.me.upgrade() } else { None });
        let reason = status.cause.as_ref().map(|cause| Fault::from(cause).to_js(&self.host));
        sys::report(self.host.connection(&report::status(status), &reason.unwrap_or(JsValue::UNDEFINED)));
        drop(kept);
    }

    fn log_in(&self, attempt: u32, status: u16) {
        self.forget_token();
        let refusal = self.refusal.borrow().clone();
        let login = self.logins.get() + 1;
        self.logins.set(login);
        let url = self.options.config.url_for(MetaChannel::Handshake);
        let promise = self.host.log_in(attempt, status, &refusal, &url);
        let me = self.me.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let renewed = match promise {
                Ok(promise) => JsFuture::from(promise).await.is_ok_and(|renewed| renewed.is_truthy()),
                Err(_) => false,
            };
            if let Some(driver) = me.upgrade().filter(|driver| driver.logins.get() == login) {
                driver.feed(Input::LoginDone { renewed });
            }
        });
    }

    pub(super) fn deliver(&self, message: &Json) {
        if is_im_sessions_topic(message) {
            sys::report(match classify(message) {
                Classified::Notification(Notification { data, message_type, notification_type }) => {
                    self.host.notification(message_type as u32, notification_type as u32, &data.0, &message.0)
                }
                Classified::Unknown => self.host.unknown(&message.0),
            });
        }
        self.deliver_to_topics(message);
    }

    fn deliver_to_topics(&self, message: &Json) {
        if self.topics.borrow().is_empty() {
            return;
        }
        let Some(channel) = message.text(Field::Channel) else { return };
        let topics: Vec<ChannelPattern> = self.topics.borrow().iter().filter(|topic| topic.matches(&channel)).cloned().collect();
        for topic in topics {
            sys::report(self.host.delivery(topic.as_str(), &message.0));
        }
    }

    /// Ends at once: the client is disposed, and nothing of it is told or sent any more.
    pub(super) fn release(&self) {
        self.released.set(true);
        let requests = self.requests.take();
        for (_, controller) in requests {
            controller.abort();
        }
        let (socket, timer, kept) = (self.socket.take(), self.timer.take(), self.keep_alive.take());
        drop(socket);
        drop(timer);
        drop(kept);
    }
}
