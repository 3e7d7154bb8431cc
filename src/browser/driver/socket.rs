//! What the driver does with its one socket.

use std::rc::Rc;

use super::Driver;
use crate::bayeux::{Body, Client, ConnectionType, Input, Outgoing, SocketId};
use crate::browser::json::{self, Json};
use crate::browser::trust;
use crate::browser::websocket::{ABNORMAL, Socket};

/// The longest frame of more than one message, in UTF-16 units. `CometD` servers on Jetty close the socket of a frame of more than 64 KiB, in which
/// each of these may be three bytes.
const LONGEST_FRAME: u32 = 16_384;

impl Driver {
    pub(super) fn open_socket(&self, socket: SocketId, url: &str) {
        let me = self.me.clone();
        let opened = Socket::open(&self.host, socket, url, move |input| {
            if let Some(driver) = me.upgrade() {
                driver.heard(socket, input);
            }
        });
        let Some(opened) = opened else { return self.socket_closed(socket, ABNORMAL) };
        // The constructor may be of a caller's own making, and have released this.
        if !self.released.get() {
            let replaced = self.socket.replace(Some(Rc::new(opened)));
            drop(replaced);
        }
    }

    fn socket(&self, socket: SocketId) -> Option<Rc<Socket>> {
        self.socket.borrow().clone().filter(|known| known.id == socket)
    }

    /// Sends the messages, in several frames where one would be too large.
    pub(super) fn send_frame(&self, socket: SocketId, messages: &[Outgoing]) {
        let Some(open) = self.socket(socket) else { return };
        let composed = json::compose(messages).filter(|_| !open.is_stalled());
        let Some((array, text)) = composed else { return self.feed(Input::SocketStalled(socket)) };
        if text.length() > LONGEST_FRAME && messages.len() > 1 {
            let (first, second) = messages.split_at(messages.len() / 2);
            self.send_frame(socket, first);
            return self.send_frame(socket, second);
        }
        self.show_frame(true, ConnectionType::WebSocket, &array);
        if !open.send(&text) {
            self.feed(Input::SocketStalled(socket));
        }
    }

    /// Something came of a socket. One that was closed meanwhile is not known any more.
    fn heard(&self, socket: SocketId, input: Input<Json>) {
        if self.socket(socket).is_none() {
            return;
        }
        match input {
            Input::SocketClosed { code, .. } => return self.socket_closed(socket, code),
            Input::SocketMessage { body: Body::Json(ref body), .. } => self.show_frame(false, ConnectionType::WebSocket, &body.0),
            _ => {}
        }
        self.feed(input);
    }

    fn socket_closed(&self, socket: SocketId, code: u16) {
        self.forget_socket(socket);
        self.feed(Input::SocketClosed { socket, code });
        self.remember_trust();
    }

    pub(super) fn remember_trust(&self) {
        trust::remember(self.options.config.socket_url(), self.peek(Client::socket_trust));
    }

    pub(super) fn forget_socket(&self, socket: SocketId) {
        if self.socket(socket).is_some() {
            let closed = self.socket.take();
            drop(closed);
        }
    }
}
