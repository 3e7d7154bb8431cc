//! A socket whose other end is under the tests' control, and channels that use one.

use serde_json::Value;
use wasm_bindgen::prelude::*;

use super::stage::{ScriptedHost, Stage, list, names, until};

#[wasm_bindgen(module = "/tests/browser/host.js")]
extern "C" {
    /// A socket with its other end.
    #[derive(Clone)]
    pub(super) type Line;
    #[wasm_bindgen(method, getter)]
    pub(super) fn url(this: &Line) -> String;
    #[wasm_bindgen(method)]
    pub(super) fn open(this: &Line);
    #[wasm_bindgen(method)]
    pub(super) fn say(this: &Line, text: &str);
    #[wasm_bindgen(method, js_name = sayBinary)]
    pub(super) fn say_binary(this: &Line);
    #[wasm_bindgen(method)]
    pub(super) fn fail(this: &Line);
    #[wasm_bindgen(method)]
    pub(super) fn end(this: &Line, code: &JsValue);
    #[wasm_bindgen(method, js_name = late)]
    fn late_value(this: &Line, messages: &JsValue) -> Vec<String>;
    #[wasm_bindgen(method)]
    fn sent(this: &Line) -> String;
    #[wasm_bindgen(method, getter)]
    pub(super) fn longest(this: &Line) -> Option<u32>;
    #[wasm_bindgen(method, getter, js_name = isHeard)]
    pub(super) fn is_heard(this: &Line) -> bool;
    #[wasm_bindgen(method, getter, js_name = isHeld)]
    pub(super) fn is_held(this: &Line) -> bool;
    #[wasm_bindgen(method, getter)]
    pub(super) fn closes(this: &Line) -> u32;
    #[wasm_bindgen(method, getter, js_name = closedWith)]
    pub(super) fn closed_with(this: &Line) -> Option<u16>;
    #[wasm_bindgen(method, setter, js_name = bufferedAmount)]
    pub(super) fn set_buffered_amount(this: &Line, bytes: &JsValue);
}

impl Line {
    /// Says `messages` to the channel.
    pub(super) fn push(&self, messages: &Value) {
        self.say(&messages.to_string());
    }

    /// What was sent, frame by frame.
    pub(super) fn frames(&self) -> Vec<Value> {
        list(&self.sent())
    }

    /// Calls whatever was listening once; gives what that threw.
    pub(super) fn late(&self, messages: &Value) -> Vec<String> {
        self.late_value(&js_sys::JSON::parse(&messages.to_string()).expect("JSON"))
    }
}

impl Stage {
    /// A channel that may use sockets of `connection_types` alone, at an address of its own: what the page learns of sockets it learns by address.
    pub(super) fn with_sockets(connection_types: &[&str], options: &[(&str, JsValue)]) -> Self {
        thread_local! {
            static LAST: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
        }
        let number = LAST.get() + 1;
        LAST.set(number);
        let host = ScriptedHost::new();
        host.set_offered(&names(connection_types));
        let transports = ("transports", names(connection_types));
        Self::at(&format!("https://sockets-{number}.invalid"), host, &[&[transports], options].concat())
    }

    /// A channel that has moved to a socket.
    pub(super) async fn on_socket() -> (Self, Line) {
        Self::on_socket_with(&[]).await
    }

    pub(super) async fn on_socket_with(options: &[(&str, JsValue)]) -> (Self, Line) {
        let stage = Self::with_sockets(&["websocket", "long-polling"], options);
        stage.connect().await;
        let line = stage.move_to_socket().await;
        (stage, line)
    }

    /// Opens the socket that is being opened beside the poll, and waits until it carries the channel.
    pub(super) async fn move_to_socket(&self) -> Line {
        let line = self.line(1).await;
        line.open();
        // Without acknowledgement the poll is not ended for it.
        self.host.push(&serde_json::json!([]));
        until("moved to the socket", || self.channel.status()["transport"] == "websocket" && line.is_held()).await;
        line
    }

    /// Waits for the `count`th socket.
    pub(super) async fn line(&self, count: u32) -> Line {
        self.told("socket", count).await;
        self.host.line().expect("a socket")
    }
}
