//! The exported class: commands in, getters out. What comes back goes to the host.

use std::rc::Rc;

use gloo_net::http::Method;
use js_sys::{JsString, Promise};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::driver::Driver;
use super::error::Fault;
use super::fetch::Call;
use super::json::Json;
use super::options::Options;
use super::report;
use super::sys::Host;
use crate::bayeux::{ChannelPattern, Client, CommandId, Input, UsageError};
use crate::gws::normalise_session;

/// One client's channel. Every method takes `&self`, so that each may be called from inside any other's callbacks; commands answer with a
/// number, and `completed` of the host says how they end.
#[wasm_bindgen]
pub struct Channel {
    driver: Rc<Driver>,
}

#[wasm_bindgen]
impl Channel {
    /// A channel that has done nothing yet. `options` are checked by the face.
    #[wasm_bindgen(constructor)]
    pub fn new(host: Host, options: &JsValue) -> Self {
        Self { driver: Driver::new(host, Options::read(options)) }
    }

    /// Opens the channel.
    pub fn open(&self) -> f64 {
        number(self.driver.command(Client::handshake))
    }

    /// Closes the channel with a goodbye.
    pub fn close(&self) -> f64 {
        number(self.driver.command(Client::disconnect))
    }

    /// Makes the next attempt leave now.
    pub fn hurry(&self) {
        self.driver.command(|core, now| core.handle_input(now, Input::Hurry));
    }

    /// The browser is online again.
    pub fn online(&self) {
        self.driver.command(|core, now| core.handle_input(now, Input::Online));
    }

    /// The browser says that it is offline.
    pub fn offline(&self) {
        self.driver.command(|core, now| core.handle_input(now, Input::Offline));
    }

    /// The page runs again after sleep: what is in flight may be dead.
    pub fn resume(&self) {
        self.driver.command(|core, now| core.handle_input(now, Input::Resume));
    }

    /// The page is put away, after `close`: a socket is closed, whether or not the goodbye has been answered.
    pub fn hide(&self) {
        self.driver.command(|core, now| core.handle_input(now, Input::PageHidden));
    }

    /// Subscribes to `topic`; throws "usage/topic" when it is none.
    pub fn subscribe(&self, topic: &str) -> Result<f64, JsValue> {
        let pattern = self.pattern(topic)?;
        let command = self.driver.command(|core, now| core.subscribe(now, pattern)).map_err(|error| self.usage(&error, topic))?;
        Ok(command.number() as f64)
    }

    /// Takes back one `subscribe`; throws "usage/not-subscribed" when there is none.
    pub fn unsubscribe(&self, topic: &str) -> Result<f64, JsValue> {
        let pattern = self.pattern(topic)?;
        let command = self.driver.command(|core, now| core.unsubscribe(now, &pattern)).map_err(|error| self.usage(&error, topic))?;
        Ok(command.number() as f64)
    }

    /// Takes back the `subscribe` with this number, if it waits to be confirmed.
    pub fn withdraw(&self, number: f64) {
        self.driver.command(|core, now| core.withdraw(now, CommandId::from_number(number as u64)));
    }

    /// Makes a call of the GWS API with the channel's headers and token. Resolves with `{ verdict, code, status, statusCode, statusMessage, body,
    /// retryable }`, where `verdict` is "accepted", "partial", "login" (wanted; nothing was done), "page" (for people), "refused" or "failed" (no
    /// answer). `undefined` when `method` is none.
    pub fn call(&self, method: &str, url: String, body: Option<JsString>, signal: AbortSignal) -> Option<Promise> {
        let methods = [Method::GET, Method::POST, Method::PUT, Method::DELETE];
        let method = methods.into_iter().find(|known| known.as_str() == method)?;
        Some(self.driver.call(Call { method, url, body }, signal))
    }

    /// A call was refused for want of a login. Where `renewable` the channel asks for one as well, else it ends.
    #[wasm_bindgen(js_name = loginLost)]
    pub fn login_lost(&self, status: u16, renewable: bool) {
        self.driver.command(|core, now| core.handle_input(now, Input::LoginLost { status, renewable }));
    }

    /// The login is over, and with it the token that responses told.
    #[wasm_bindgen(js_name = forgetToken)]
    pub fn forget_token(&self) {
        self.driver.forget_token();
    }

    /// Hands on a message of another channel as if it had come on this one.
    pub fn deliver(&self, message: JsValue) {
        self.driver.deliver(&Json(message));
    }

    /// Brings a session resource into its normal form, in place; `false` when it is none.
    #[wasm_bindgen(js_name = normaliseSession)]
    pub fn normalise_session(&self, resource: JsValue) -> bool {
        normalise_session(Json(resource)).is_some()
    }

    /// Whether `delivery` of the host is called for what `topic` covers.
    pub fn listen(&self, topic: &str, wanted: bool) -> Result<(), JsValue> {
        self.driver.listen(self.pattern(topic)?, wanted);
        Ok(())
    }

    /// Whether `frame` of the host is called.
    #[wasm_bindgen(js_name = showFrames)]
    pub fn show_frames(&self, wanted: bool) {
        self.driver.frames.set(wanted);
    }

    /// The state now, with its transport and client id.
    pub fn status(&self) -> JsValue {
        let status = self.driver.peek(|core| core.status().clone());
        report::status(&status)
    }

    /// What has been seen so far.
    pub fn counters(&self) -> JsValue {
        report::counters(&self.driver.peek(Client::counters))
    }

    /// Ends the channel at once, without a goodbye; to be called before `free`.
    pub fn release(&self) {
        self.driver.release();
    }

    fn pattern(&self, topic: &str) -> Result<ChannelPattern, JsValue> {
        ChannelPattern::new(topic).map_err(|error| self.usage(&UsageError::Channel(error), topic))
    }

    fn usage(&self, error: &UsageError, topic: &str) -> JsValue {
        Fault::usage(error, topic).to_js(self.driver.host())
    }
}

/// The number of a command. Opening and closing are never the caller's mistake.
fn number(command: Result<CommandId, UsageError>) -> f64 {
    command.map_or(0.0, |command| command.number() as f64)
}
