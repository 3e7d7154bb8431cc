//! Every JavaScript function the shell calls. All are `catch`: an exception that crosses WebAssembly without it skips destructors and leaves
//! borrows behind for ever.

use js_sys::{Function, JsString, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, Request};

#[wasm_bindgen]
extern "C" {
    /// The face's side of one client.
    #[derive(Clone)]
    pub type Host;

    /// The headers of the next request to `url`: a `Headers` or a promise of one.
    #[wasm_bindgen(method, catch)]
    pub(super) fn headers(this: &Host, method: &str, url: &str, signal: &AbortSignal) -> Result<JsValue, JsValue>;

    /// Sends a request.
    #[wasm_bindgen(method, catch)]
    pub(super) fn fetch(this: &Host, request: &Request, keepalive: bool) -> Result<Promise, JsValue>;

    /// Tries a way to log in; resolves with whether it is worth asking the server again.
    #[wasm_bindgen(method, catch, js_name = logIn)]
    pub(super) fn log_in(this: &Host, attempt: u32, status: u16, body: &JsValue, url: &str) -> Result<Promise, JsValue>;

    /// Makes a `GwsImError`.
    #[wasm_bindgen(method, catch)]
    pub(super) fn error(this: &Host, code: &str, text: Option<&str>, status: Option<u16>, retryable: bool) -> Result<JsValue, JsValue>;

    /// A documented notification.
    #[wasm_bindgen(method, catch)]
    pub(super) fn notification(
        this: &Host,
        message_type: u32,
        notification_type: u32,
        data: &JsValue,
        message: &JsValue,
    ) -> Result<(), JsValue>;

    /// Anything else on the topic of IM sessions.
    #[wasm_bindgen(method, catch)]
    pub(super) fn unknown(this: &Host, message: &JsValue) -> Result<(), JsValue>;

    /// A message on a channel that was subscribed to as `topic`.
    #[wasm_bindgen(method, catch)]
    pub(super) fn delivery(this: &Host, topic: &str, message: &JsValue) -> Result<(), JsValue>;

    /// The channel's state changed.
    #[wasm_bindgen(method, catch)]
    pub(super) fn connection(this: &Host, status: &JsValue, reason: &JsValue) -> Result<(), JsValue>;

    /// Notifications may have been missed.
    #[wasm_bindgen(method, catch)]
    pub(super) fn gap(this: &Host, notice: &JsValue) -> Result<(), JsValue>;

    /// Something was ignored or worked around.
    #[wasm_bindgen(method, catch)]
    pub(super) fn warning(this: &Host, error: &JsValue) -> Result<(), JsValue>;

    /// A subscription the caller relied on is gone.
    #[wasm_bindgen(method, catch, js_name = subscriptionLost)]
    pub(super) fn subscription_lost(this: &Host, topic: &str) -> Result<(), JsValue>;

    /// A command ended; `error` is undefined when it succeeded.
    #[wasm_bindgen(method, catch)]
    pub(super) fn completed(this: &Host, command: f64, error: &JsValue) -> Result<(), JsValue>;

    /// Messages went out (`true`) or came in, by `transport`.
    #[wasm_bindgen(method, catch)]
    pub(super) fn frame(this: &Host, out: bool, transport: &str, messages: &JsValue) -> Result<(), JsValue>;

    /// Makes a socket.
    #[wasm_bindgen(method, catch)]
    pub(super) fn socket(this: &Host, url: &str) -> Result<WebSocket, JsValue>;

    /// The page's WebSocket, or what the caller gave in its place. Its members are read and written by [`super::members`].
    pub(super) type WebSocket;

    #[wasm_bindgen(method, catch)]
    pub(super) fn send(this: &WebSocket, text: &JsString) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn close(this: &WebSocket, code: u16) -> Result<(), JsValue>;

    /// Resolves when the events that wait have been handled.
    #[wasm_bindgen(method, catch)]
    pub(super) fn pause(this: &Host) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = performance, js_name = now)]
    pub(super) fn performance_now() -> Result<f64, JsValue>;

    #[wasm_bindgen(catch, js_name = setTimeout)]
    pub(super) fn set_timeout(callback: &Function, millis: i32) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_name = clearTimeout)]
    pub(super) fn clear_timeout(handle: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_name = reportError)]
    pub(super) fn report_error(error: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_namespace = JSON, js_name = parse)]
    pub(super) fn parse_json(text: &JsString) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = JSON, js_name = stringify)]
    pub(super) fn to_json(value: &JsValue) -> Result<JsString, JsValue>;
}

/// Milliseconds since the page began; 0 where there is no clock, which no browser lacks.
pub(super) fn now() -> f64 {
    performance_now().unwrap_or(0.0)
}

/// A callback into the face failed, which its own code prevents. It is told like any uncaught error, and nothing else stops.
pub(super) fn report(result: Result<(), JsValue>) {
    if let Err(error) = result {
        // Without `reportError` there is nobody left to tell.
        let _ = report_error(&error);
    }
}
