//! What every test stands on: a channel with a scripted host, and waiting with a bound.

use std::ops::Deref;

use gws_im_sdk::browser::{Channel, Host};
use js_sys::{Function, Promise};
use serde_json::Value;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use super::line::Line;

#[wasm_bindgen(module = "/tests/browser/host.js")]
extern "C" {
    pub(super) type ScriptedHost;
    #[wasm_bindgen(constructor)]
    pub(super) fn new() -> ScriptedHost;
    #[wasm_bindgen(method)]
    pub(super) fn count(this: &ScriptedHost, name: &str) -> u32;
    #[wasm_bindgen(method)]
    fn told(this: &ScriptedHost, name: &str) -> String;
    #[wasm_bindgen(method)]
    fn sent(this: &ScriptedHost) -> String;
    #[wasm_bindgen(method)]
    pub(super) fn last(this: &ScriptedHost, channel: &str) -> Option<Exchange>;
    #[wasm_bindgen(method)]
    fn replies(this: &ScriptedHost, exchange: &Exchange) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(super) fn held(this: &ScriptedHost) -> Option<Exchange>;
    #[wasm_bindgen(method, js_name = push)]
    fn push_value(this: &ScriptedHost, messages: &JsValue);
    #[wasm_bindgen(method, js_name = pushText)]
    pub(super) fn push_text(this: &ScriptedHost, text: &str);
    #[wasm_bindgen(method)]
    pub(super) fn reenter(this: &ScriptedHost, channel: &JsValue, name: &str, times: u32);
    #[wasm_bindgen(method, getter)]
    pub(super) fn reentries(this: &ScriptedHost) -> Vec<String>;
    #[wasm_bindgen(method, js_name = reentriesLeft)]
    pub(super) fn reentries_left(this: &ScriptedHost) -> u32;
    #[wasm_bindgen(method, setter)]
    pub(super) fn set_automatic(this: &ScriptedHost, automatic: bool);
    #[wasm_bindgen(method, js_name = serveAgain)]
    pub(super) fn serve_again(this: &ScriptedHost);
    #[wasm_bindgen(method, setter)]
    pub(super) fn set_deaf(this: &ScriptedHost, deaf: bool);
    #[wasm_bindgen(method, setter)]
    pub(super) fn set_throwing(this: &ScriptedHost, name: Option<&str>);
    #[wasm_bindgen(method, setter)]
    pub(super) fn set_during(this: &ScriptedHost, callback: Option<&Function>);
    #[wasm_bindgen(method, setter, js_name = pauseFails)]
    pub(super) fn set_pause_fails(this: &ScriptedHost, fails: bool);
    #[wasm_bindgen(method, setter, js_name = loginAnswer)]
    pub(super) fn set_login_answer(this: &ScriptedHost, renewed: bool);
    #[wasm_bindgen(method, setter, js_name = answerHeaders)]
    fn set_answer_headers_value(this: &ScriptedHost, headers: &JsValue);

    #[wasm_bindgen(method, setter)]
    pub(super) fn set_refused(this: &ScriptedHost, topic: &str);

    #[wasm_bindgen(method, setter)]
    pub(super) fn set_offered(this: &ScriptedHost, connection_types: &JsValue);
    #[wasm_bindgen(method, setter, js_name = socketThrows)]
    pub(super) fn set_socket_throws(this: &ScriptedHost, throws: bool);
    #[wasm_bindgen(method, setter, js_name = sendThrows)]
    pub(super) fn set_send_throws(this: &ScriptedHost, throws: bool);
    #[wasm_bindgen(method, setter, js_name = closeThrows)]
    pub(super) fn set_close_throws(this: &ScriptedHost, throws: bool);
    #[wasm_bindgen(method, js_name = dropSocket)]
    pub(super) fn drop_socket(this: &ScriptedHost);
    #[wasm_bindgen(method, getter, js_name = openLines)]
    pub(super) fn open_lines(this: &ScriptedHost) -> u32;
    #[wasm_bindgen(method, getter)]
    pub(super) fn line(this: &ScriptedHost) -> Option<Line>;

    #[wasm_bindgen(extends = ScriptedHost)]
    pub(super) type LiveHost;
    #[wasm_bindgen(constructor)]
    pub(super) fn new(name: &str) -> LiveHost;
    #[wasm_bindgen(catch, js_name = control)]
    pub(super) async fn control(url: &str, body: Option<&str>) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    pub(super) async fn login(base: &str, name: &str) -> Result<JsValue, JsValue>;

    /// A request, and the way to answer it.
    pub(super) type Exchange;
    #[wasm_bindgen(method, js_name = answer)]
    fn answer_value(this: &Exchange, body: &str, status: u16, headers: &JsValue);
    #[wasm_bindgen(method)]
    pub(super) fn redirect(this: &Exchange);
    #[wasm_bindgen(method)]
    pub(super) fn fail(this: &Exchange);
    #[wasm_bindgen(method, getter, js_name = isAborted)]
    pub(super) fn is_aborted(this: &Exchange) -> bool;
    #[wasm_bindgen(method, getter, js_name = isAnswered)]
    pub(super) fn is_answered(this: &Exchange) -> bool;

    fn pause(millis: u32) -> Promise;
    #[wasm_bindgen(js_name = postTask)]
    pub(super) fn post_task(callback: &Function);
    #[wasm_bindgen(js_name = isUntouched)]
    pub(super) fn is_untouched(host: &ScriptedHost, page: &Watch, index: u32) -> bool;

    /// The exported class as JavaScript has it: each call goes through its own glue, as the face's calls do.
    pub(super) type Exported;
    #[wasm_bindgen(method)]
    pub(super) fn open(this: &Exported) -> f64;
    #[wasm_bindgen(method)]
    pub(super) fn close(this: &Exported) -> f64;
    #[wasm_bindgen(method)]
    pub(super) fn hurry(this: &Exported);
    #[wasm_bindgen(method)]
    pub(super) fn online(this: &Exported);
    #[wasm_bindgen(method)]
    pub(super) fn offline(this: &Exported);
    #[wasm_bindgen(method)]
    pub(super) fn resume(this: &Exported);
    #[wasm_bindgen(method, catch)]
    pub(super) fn subscribe(this: &Exported, topic: &str) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(super) fn unsubscribe(this: &Exported, topic: &str) -> Result<f64, JsValue>;
    #[wasm_bindgen(method)]
    pub(super) fn withdraw(this: &Exported, number: f64);
    #[wasm_bindgen(method, catch)]
    pub(super) fn listen(this: &Exported, topic: &str, wanted: bool) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    pub(super) fn call(this: &Exported, method: &str, url: &str, body: Option<&str>, signal: &AbortSignal) -> Option<Promise>;
    #[wasm_bindgen(method, js_name = loginLost)]
    pub(super) fn login_lost(this: &Exported, status: u16, renewable: bool);
    #[wasm_bindgen(method, js_name = forgetToken)]
    pub(super) fn forget_token(this: &Exported);
    #[wasm_bindgen(method)]
    pub(super) fn deliver(this: &Exported, message: &JsValue);
    #[wasm_bindgen(method, js_name = normaliseSession)]
    pub(super) fn normalise_session(this: &Exported, resource: &JsValue) -> bool;
    #[wasm_bindgen(method, js_name = showFrames)]
    pub(super) fn show_frames(this: &Exported, wanted: bool);
    #[wasm_bindgen(method, js_name = status)]
    fn status_value(this: &Exported) -> JsValue;
    #[wasm_bindgen(method, js_name = counters)]
    fn counters_value(this: &Exported) -> JsValue;
    #[wasm_bindgen(method)]
    pub(super) fn release(this: &Exported);
    #[wasm_bindgen(method)]
    pub(super) fn free(this: &Exported);
}

#[wasm_bindgen(module = "/tests/browser/page.js")]
extern "C" {
    #[wasm_bindgen(js_name = Page)]
    pub(super) type Watch;
    #[wasm_bindgen(constructor, js_class = Page)]
    fn new() -> Watch;
    #[wasm_bindgen(method, getter, js_name = liveTimers)]
    pub(super) fn live_timers(this: &Watch) -> u32;
    #[wasm_bindgen(method, getter)]
    pub(super) fn armed(this: &Watch) -> u32;
    #[wasm_bindgen(method, getter)]
    pub(super) fn listeners(this: &Watch) -> i32;
    #[wasm_bindgen(method, getter)]
    pub(super) fn reported(this: &Watch) -> Vec<String>;
    #[wasm_bindgen(method)]
    fn restore(this: &Watch);
}

impl Exchange {
    /// Answers with status 200 and `body`.
    pub(super) fn answer(&self, body: &Value) {
        self.answer_text(&body.to_string(), 200, &[]);
    }

    /// Answers with anything.
    pub(super) fn answer_text(&self, body: &str, status: u16, headers: &[(&str, &str)]) {
        self.answer_value(body, status, &object(headers));
    }
}

impl ScriptedHost {
    /// The arguments of each call of `name` so far.
    pub(super) fn calls(&self, name: &str) -> Vec<Value> {
        list(&self.told(name))
    }

    /// Each request so far.
    pub(super) fn requests(&self) -> Vec<Value> {
        list(&self.sent())
    }

    /// The requests that carry a message on `channel`.
    pub(super) fn requests_of(&self, channel: &str) -> Vec<Value> {
        self.requests().into_iter().filter(|request| channels(request).contains(&channel.to_owned())).collect()
    }

    /// Answers the connect that waits, with `messages` before its reply.
    pub(super) fn push(&self, messages: &Value) {
        self.push_value(&parsed(messages));
    }

    /// Headers of every answer from now on.
    pub(super) fn set_answer_headers(&self, headers: &[(&str, &str)]) {
        self.set_answer_headers_value(&object(headers));
    }
}

impl Exported {
    /// The state's name.
    pub(super) fn state(&self) -> String {
        self.status()["state"].as_str().unwrap_or_default().to_owned()
    }

    pub(super) fn status(&self) -> Value {
        value(&self.status_value())
    }

    pub(super) fn counters(&self) -> Value {
        value(&self.counters_value())
    }
}

/// What the page itself sees of the shell, until it is dropped.
pub(super) struct Page(Watch);

impl Page {
    pub(super) fn new() -> Self {
        Self(Watch::new())
    }
}

impl Deref for Page {
    type Target = Watch;

    fn deref(&self) -> &Watch {
        &self.0
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.0.restore();
    }
}

/// A channel that has done nothing yet, and its host. It is freed with the test's end.
pub(super) struct Stage {
    pub(super) host: ScriptedHost,
    pub(super) channel: Exported,
    is_freed: std::cell::Cell<bool>,
}

impl Stage {
    pub(super) fn new() -> Self {
        Self::with(&[])
    }

    /// Some options differ from those of every other test.
    pub(super) fn with(options: &[(&str, JsValue)]) -> Self {
        Self::at("https://gws.invalid", ScriptedHost::new(), options)
    }

    pub(super) fn at(base: &str, host: ScriptedHost, options: &[(&str, JsValue)]) -> Self {
        let all = js_sys::Object::new();
        let set = |name: &str, value: &JsValue| {
            js_sys::Reflect::set(&all, &name.into(), value).expect("an option");
        };
        set("cometdUrl", &format!("{base}/api/v2/notifications").into());
        set("meUrl", &format!("{base}/api/v2/me").into());
        set("credentials", &"include".into());
        set("appendMessageTypeToURL", &true.into());
        set("transports", &names(&["long-polling"]));
        set("ack", &true.into());
        set("maxNetworkDelay", &10_000.into());
        set("connectTimeout", &10_000.into());
        set("httpKeepAlive", &0.into());
        set("backoffIncrement", &1_000.into());
        set("maxBackoff", &60_000.into());
        set("backoffJitter", &0.into());
        for (name, value) in options {
            set(name, value);
        }
        let face: JsValue = host.clone();
        let channel = JsValue::from(Channel::new(face.unchecked_into::<Host>(), &all)).unchecked_into();
        Self { host, channel, is_freed: false.into() }
    }

    /// A channel that is connected and whose next connect is held.
    pub(super) async fn connected() -> Self {
        let stage = Self::new();
        stage.connect().await;
        stage
    }

    pub(super) async fn connect(&self) {
        self.channel.open();
        self.settled().await;
    }

    /// Waits until the channel is connected and a connect is held.
    pub(super) async fn settled(&self) {
        until("connected with a connect held", || self.channel.state() == "connected" && self.host.held().is_some()).await;
    }

    pub(super) async fn state(&self, state: &str) {
        until(state, || self.channel.state() == state).await;
    }

    /// Waits for the `count`th call of `name`.
    pub(super) async fn told(&self, name: &str, count: u32) {
        until(&format!("{name} told {count} times"), || self.host.count(name) >= count).await;
    }

    /// Waits for a request on `channel` that is neither answered nor aborted.
    pub(super) async fn asked(&self, channel: &str) -> Exchange {
        let open = || self.host.last(channel).filter(|exchange| !exchange.is_answered() && !exchange.is_aborted());
        until(&format!("a request on {channel:?}"), || open().is_some()).await;
        open().expect("a request")
    }

    /// What the server would say to the last request on `channel`.
    pub(super) fn answer_for(&self, channel: &str) -> String {
        let exchange = self.host.last(channel).expect("a request");
        value(&self.host.replies(&exchange)).to_string()
    }

    /// Frees the handle of a channel that nobody released.
    pub(super) fn drop_handle(&self) {
        if !self.is_freed.replace(true) {
            self.channel.free();
        }
    }

    /// What a disposed client does.
    pub(super) fn free(&self) {
        if !self.is_freed.replace(true) {
            self.channel.release();
            self.channel.free();
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.free();
    }
}

/// The channels of the messages of a request.
pub(super) fn channels(request: &Value) -> Vec<String> {
    let messages = request["messages"].as_array().cloned().unwrap_or_default();
    messages.iter().map(|message| message["channel"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Waits until `condition` holds, for ten seconds at most.
pub(super) async fn until(what: &str, condition: impl Fn() -> bool) {
    let began = js_sys::Date::now();
    while !condition() {
        assert!(js_sys::Date::now() - began < 10_000.0, "waited in vain: {what}");
        after(5).await;
    }
}

/// Lets the page do what it has to do meanwhile.
pub(super) async fn after(millis: u32) {
    JsFuture::from(pause(millis)).await.expect("a timer");
}

/// Lets every task that waits run, several times over.
pub(super) async fn quiet() {
    for _ in 0..5 {
        after(0).await;
    }
}

/// A notification of a new text; `text` tells it from others.
pub(super) fn new_message(text: &str) -> Value {
    serde_json::json!({
        "channel": "/v2/me/im-sessions",
        "data": {
            "messageType": "IMLogUpdateMessage",
            "notificationType": "NewMessage",
            "imSessionPath": "/im-sessions/7",
            "message": text,
        },
    })
}

/// An array of texts.
pub(super) fn names(names: &[&str]) -> JsValue {
    names.iter().map(|name| JsValue::from_str(name)).collect::<js_sys::Array>().into()
}

fn object(members: &[(&str, &str)]) -> JsValue {
    let object = js_sys::Object::new();
    for (name, value) in members {
        js_sys::Reflect::set(&object, &(*name).into(), &(*value).into()).expect("a member");
    }
    object.into()
}

pub(super) fn parsed(value: &Value) -> JsValue {
    js_sys::JSON::parse(&value.to_string()).expect("JSON")
}

pub(super) fn value(value: &JsValue) -> Value {
    serde_json::from_str(&String::from(js_sys::JSON::stringify(value).expect("JSON"))).expect("JSON")
}

pub(super) fn list(text: &str) -> Vec<Value> {
    serde_json::from_str(text).expect("a list")
}
