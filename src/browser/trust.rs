//! What the page has learnt of sockets, for as long as it lives: what stood in the way of one client's socket stands in the way of the next
//! client's.

use std::cell::Cell;

use crate::bayeux::SocketTrust;

thread_local! {
    /// By the address of the socket. A page knows a server or two.
    static KNOWN: Cell<Vec<(String, SocketTrust)>> = const { Cell::new(Vec::new()) };
}

/// What is known of sockets to `url`.
pub(super) fn recall(url: &str) -> SocketTrust {
    let known = KNOWN.take();
    let trust = known.iter().find(|(other, _)| other == url).map_or_else(SocketTrust::default, |(_, trust)| *trust);
    KNOWN.set(known);
    trust
}

/// Keeps what a client has learnt of sockets to `url`.
pub(super) fn remember(url: String, trust: SocketTrust) {
    let mut known = KNOWN.take();
    known.retain(|(other, _)| *other != url);
    known.push((url, trust));
    KNOWN.set(known);
}
