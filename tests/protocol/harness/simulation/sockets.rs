//! What the client does with sockets, and what becomes of it on the way to the server and back.

use gws_im_sdk::bayeux::Outgoing as Message;
use gws_im_sdk::bayeux::{Body, ConnectionType, Input, SocketId};
use serde_json::Value;

use super::super::frame_script::{Arrival, Departure};
use super::super::record::{Entry, brief_frame, brief_outgoing};
use super::super::server::Carrier;
use super::super::socket::{Opening, Side};
use super::requests::payload_of;
use super::{Item, Simulation};

/// Something on its way through a socket.
#[derive(Clone, Debug)]
pub(super) enum SocketItem {
    AskedForAtServer,
    FrameAtServer(Vec<Value>),
    ClosedAtServer,
    OpenAtClient,
    FrameAtClient(Body<Value>),
    ClosedAtClient(u16),
    /// It breaks, and the client is told or not.
    Breaks {
        told: bool,
    },
}

impl Simulation {
    // ---- what a test does to the socket

    /// Nothing passes through the socket any more, and nobody is told.
    pub(crate) fn stall_socket(&mut self, side: Side) {
        let socket = self.wire.socket().unwrap_or_else(|| self.fail("there is no socket to stall"));
        self.sockets.stall(socket, side);
    }

    /// The server closes every socket with `code`.
    pub(crate) fn close_sockets(&mut self, code: u16) {
        let now = self.now();
        self.at_server(|server| server.close_sockets(now, code));
    }

    /// The socket breaks at the client's end: it is told at once, the server is not.
    pub(crate) fn break_socket(&mut self, socket: SocketId) {
        self.sockets.stall(socket, Side::Both);
        self.agenda.retain(|item| !matches!(item, Item::Socket { socket: on_its_way, .. } if *on_its_way == socket));
        self.socket_closed(socket, 1006);
    }

    // ---- what the client does

    pub(super) fn on_open_socket(&mut self, socket: SocketId, url: &str) {
        let now = self.now();
        self.record.note(now, Entry::Socket(socket, "open"));
        self.record.traffic.push((now, "open socket".to_owned()));
        self.record.sockets.push(now);
        if let Err(broken) = self.wire.on_open_socket(socket, &self.address, url) {
            self.fail(&broken);
        }
        self.check_silence("a socket");
        let fate = self.network.fate_of_socket();
        self.sockets.add(socket, &fate);
        match fate.opening {
            Opening::Opens => self.socket_sends(socket, SocketItem::AskedForAtServer, false),
            Opening::Refused(code) => {
                let delay = self.network.delay();
                self.agenda.after(delay, Item::Socket { socket, item: SocketItem::ClosedAtClient(code) });
            }
            Opening::Never => {}
        }
        if let Some(end) = fate.end {
            self.agenda.after(end.after, Item::Socket { socket, item: SocketItem::Breaks { told: end.told } });
        }
    }

    pub(super) fn on_frame(&mut self, socket: SocketId, messages: &[Message]) {
        let now = self.now();
        self.record.note(now, Entry::Frame(socket, brief_outgoing(messages)));
        let checked = self.wire.on_frame(socket, messages);
        let messages = self.check_leaving(checked, messages);
        if self.network.clogged {
            self.record.note(now, Entry::Input(format!("socket {} is stalled", socket.number())));
            self.client.handle_input(self.instant(), Input::SocketStalled(socket));
            return;
        }
        self.record.leave(now, ConnectionType::WebSocket, &messages);
        self.socket_sends(socket, SocketItem::FrameAtServer(messages), true);
    }

    pub(super) fn on_close_socket(&mut self, socket: SocketId) {
        let now = self.now();
        self.record.note(now, Entry::Socket(socket, "close"));
        self.record.traffic.push((now, "close socket".to_owned()));
        if !self.wire.on_close_socket(socket) {
            self.fail(&format!("closes socket {}, which has ended", socket.number()));
        }
        self.socket_sends(socket, SocketItem::ClosedAtServer, false);
    }

    // ---- on the way

    /// Something leaves the client.
    fn socket_sends(&mut self, socket: SocketId, item: SocketItem, frame: bool) {
        let (now, delay) = (self.now(), self.network.delay());
        if self.network.down {
            self.used_while_down(socket, delay);
        } else if let Some(due) = self.sockets.reaches_server(socket, now, delay, frame) {
            self.agenda.after(due - now, Item::Socket { socket, item });
        }
    }

    /// Something leaves the server, `extra` ms later than it would.
    fn socket_brings(&mut self, socket: SocketId, item: SocketItem, extra: u64) {
        let (now, delay) = (self.now(), self.network.delay() + extra);
        if self.network.down {
            self.used_while_down(socket, delay);
            return;
        }
        let frame = matches!(item, SocketItem::FrameAtClient(_));
        if let Some(due) = self.sockets.reaches_client(socket, now, delay, frame) {
            self.agenda.after(due - now, Item::Socket { socket, item });
        }
    }

    /// What leaves while nothing passes is lost, and with it the socket.
    fn used_while_down(&mut self, socket: SocketId, delay: u64) {
        self.sockets.stall(socket, Side::Both);
        self.agenda.after(delay, Item::Socket { socket, item: SocketItem::ClosedAtClient(1006) });
    }

    pub(super) fn carry_frame(&mut self, socket: SocketId, frame: Value) {
        match self.frame_script.on_departure(frame) {
            Departure::Unchanged(frame) => self.frame_leaves(socket, Body::Json(frame), 0),
            Departure::Later(extra, frame) => self.frame_leaves(socket, Body::Json(frame), extra),
            Departure::Twice(frame) => {
                self.frame_leaves(socket, Body::Json(frame.clone()), 0);
                self.frame_leaves(socket, Body::Json(frame), 0);
            }
            Departure::Spoilt => self.frame_leaves(socket, Body::NotJson { html: false }, 0),
            Departure::Lost => {}
            Departure::Closes(code) => {
                self.server.socket_closed(self.agenda.now(), socket);
                self.carry_close(socket, code);
            }
        }
    }

    fn frame_leaves(&mut self, socket: SocketId, body: Body<Value>, extra: u64) {
        let faults = self.network.socket_faults;
        let body = if self.network.random.chance(faults.spoil) { Body::NotJson { html: false } } else { body };
        if self.network.random.chance(faults.duplicate) {
            self.socket_brings(socket, SocketItem::FrameAtClient(body.clone()), extra);
        }
        self.socket_brings(socket, SocketItem::FrameAtClient(body), extra);
    }

    pub(super) fn carry_close(&mut self, socket: SocketId, code: u16) {
        self.socket_brings(socket, SocketItem::ClosedAtClient(code), 0);
    }

    // ---- at either end

    pub(super) fn socket_item(&mut self, socket: SocketId, item: SocketItem) {
        match item {
            SocketItem::AskedForAtServer => {
                self.server.socket_opened(socket);
                self.socket_brings(socket, SocketItem::OpenAtClient, 0);
            }
            SocketItem::FrameAtServer(messages) => self.frame_at_server(socket, &messages),
            SocketItem::ClosedAtServer => self.server.socket_closed(self.agenda.now(), socket),
            SocketItem::OpenAtClient => self.socket_opened(socket),
            SocketItem::FrameAtClient(body) => self.frame_at_client(socket, body),
            SocketItem::ClosedAtClient(code) => self.socket_closed(socket, code),
            SocketItem::Breaks { told: true } if self.wire.socket() == Some(socket) => self.break_socket(socket),
            SocketItem::Breaks { .. } => self.sockets.stall(socket, Side::Both),
        }
    }

    fn frame_at_server(&mut self, socket: SocketId, messages: &[Value]) {
        match self.frame_script.on_frame(messages) {
            Arrival::Seen => {
                self.server.receive(self.agenda.now(), Carrier::Socket(socket), messages);
                self.carry();
            }
            Arrival::Answered(body) => self.frame_leaves(socket, body, 0),
            Arrival::Ignored => {}
            Arrival::Stalls => self.sockets.stall(socket, Side::Both),
        }
    }

    fn socket_opened(&mut self, socket: SocketId) {
        if !self.wire.on_opened(socket) {
            self.tell_of_a_dead_socket(socket, Input::SocketOpened(socket));
            return;
        }
        let now = self.now();
        self.record.note(now, Entry::Input(format!("socket {} is open", socket.number())));
        self.client.handle_input(self.instant(), Input::SocketOpened(socket));
        self.pump();
    }

    fn frame_at_client(&mut self, socket: SocketId, body: Body<Value>) {
        if self.wire.socket() != Some(socket) {
            self.tell_of_a_dead_socket(socket, Input::SocketMessage { socket, body: payload_of(body) });
            return;
        }
        let now = self.now();
        self.record.note(now, Entry::Input(brief_frame(socket, &body)));
        if let Body::Json(body) = &body {
            self.wire.on_frame_body(socket, body);
        }
        self.client.handle_input(self.instant(), Input::SocketMessage { socket, body: payload_of(body) });
        self.pump();
    }

    fn socket_closed(&mut self, socket: SocketId, code: u16) {
        if !self.wire.on_socket_end(socket) {
            self.tell_of_a_dead_socket(socket, Input::SocketClosed { socket, code });
            return;
        }
        let now = self.now();
        self.record.note(now, Entry::Input(format!("socket {} is closed, {code}", socket.number())));
        self.client.handle_input(self.instant(), Input::SocketClosed { socket, code });
        self.pump();
    }

    /// What comes of a socket that has ended for the client is told or not, as the network likes.
    fn tell_of_a_dead_socket(&mut self, socket: SocketId, input: Input<crate::json::Json>) {
        if self.network.random.chance(self.network.faults.after_abort) {
            self.tell_of_the_dead(&format!("socket {}", socket.number()), input);
        }
    }
}
