//! One WebSocket: made by the face, heard through handlers of its own, and silent from the moment it is dropped.

use std::cell::Cell;

use js_sys::JsString;
use wasm_bindgen::prelude::*;

use super::json::{self, Json};
use super::members::{member, set_member};
use super::sys::{self, Host, WebSocket};
use crate::bayeux::{Body, Input, SocketId};

/// What may wait in a socket, in bytes, before it counts as one that does not get rid of what it is given.
const MOST_BUFFERED: f64 = 65_536.0;
/// How long what is given in one go may take, in ms: a browser counts it as waiting until the page does something else.
const TURN: f64 = 50.0;
/// Of one UTF-16 unit in a text frame.
const MOST_BYTES: f64 = 3.0;
/// The close code of an end that was meant.
const NORMAL: u16 = 1_000;
/// The close code of an end without one.
pub(super) const ABNORMAL: u16 = 1_006;

/// What an event of a socket is for the core.
type Reading = fn(SocketId, &JsValue) -> Input<Json>;

/// An error is an end: browsers close a socket right after it, and nothing of it can be used any more.
const HANDLERS: [(&str, Reading); 4] = [("onopen", opened), ("onmessage", message), ("onerror", closed), ("onclose", closed)];

/// A socket that opens or is open. Dropping it closes it, and nothing is heard of it afterwards.
pub(super) struct Socket {
    pub(super) id: SocketId,
    handle: WebSocket,
    handlers: Vec<Closure<dyn Fn(JsValue)>>,
    /// Since when it has been given something without a pause, and at most how many bytes.
    given: Cell<(f64, f64)>,
}

impl Socket {
    /// Opens a socket to `url` and tells `hear` what comes of it; `None` when not even that can be begun.
    pub(super) fn open(host: &Host, id: SocketId, url: &str, hear: impl Fn(Input<Json>) + Clone + 'static) -> Option<Self> {
        let handle = host.socket(url).ok()?;
        let handler = |(name, read): (&str, Reading)| {
            let hear = hear.clone();
            let handler = Closure::<dyn Fn(JsValue)>::new(move |event| hear(read(id, &event)));
            set_member(&handle, &name.into(), handler.as_ref());
            handler
        };
        let handlers = HANDLERS.into_iter().map(handler).collect();
        Some(Self { id, handle, handlers, given: Cell::default() })
    }

    /// Whether it still has too much to get rid of to be given more. What was given just now had no time to leave.
    pub(super) fn is_stalled(&self) -> bool {
        let (_, given) = self.given_now();
        member(&self.handle, &"bufferedAmount".into()).as_f64().is_some_and(|buffered| buffered - given > MOST_BUFFERED)
    }

    /// Sends one text frame; `false` when the socket does not take it.
    pub(super) fn send(&self, text: &JsString) -> bool {
        let (since, given) = self.given_now();
        self.given.set((since, given + MOST_BYTES * f64::from(text.length())));
        self.handle.send(text).is_ok()
    }

    fn given_now(&self) -> (f64, f64) {
        let now = sys::now();
        Some(self.given.get()).filter(|(since, _)| now - since < TURN).unwrap_or((now, 0.0))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        for (name, _) in HANDLERS {
            set_member(&self.handle, &name.into(), &JsValue::NULL);
        }
        // A socket that can't be closed is closed, or none.
        let _ = self.handle.close(NORMAL);
        // What ends the socket may be called by one of these, which must return first.
        let handlers = std::mem::take(&mut self.handlers);
        wasm_bindgen_futures::spawn_local(async move { drop(handlers) });
    }
}

fn opened(socket: SocketId, _: &JsValue) -> Input<Json> {
    Input::SocketOpened(socket)
}

/// Bayeux travels in text frames only.
fn message(socket: SocketId, event: &JsValue) -> Input<Json> {
    let text = member(event, &"data".into()).dyn_into::<JsString>();
    Input::SocketMessage { socket, body: text.map_or(Body::NotJson { html: false }, |text| json::parse(&text)) }
}

fn closed(socket: SocketId, event: &JsValue) -> Input<Json> {
    let code = member(event, &"code".into()).as_f64().map_or(ABNORMAL, |code| code as u16);
    Input::SocketClosed { socket, code }
}
