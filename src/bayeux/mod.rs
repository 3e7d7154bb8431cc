//! The Bayeux protocol as CometD speaks it: a client without clock, randomness, I/O or callbacks.
//!
//! # How to drive it
//!
//! ```text
//! commands   handshake  subscribe  unsubscribe  disconnect      Err = the caller's mistake, nothing changed
//! outside    handle_input(now, ..)   handle_timeout(now)
//! what now   poll_output()           poll_timeout()
//! ```
//!
//! 1. Feed any number of commands and inputs.
//! 2. Call [`Client::poll_output`] until it gives `None`, performing each [`Output`]; performing one may feed more.
//! 3. Arm one timer for [`Client::poll_timeout`], and call [`Client::handle_timeout`] when it is due.
//!
//! `now` never decreases. Unknown ids are ignored. A spurious `handle_timeout` is a no-op. Nothing panics on any input. A body that is not
//! JSON, or one bad message in an array, is data (a [`Violation`]), not an exception; the rest of the array is still handled.
//! Each command ends in exactly one [`Event::Completed`].
//!
//! What is said in one round of commands leaves together: requests are composed when outputs are polled, so everything of one tick but the
//! handshake and the connect, which travel alone, shares one request.
//!
//! # What it does
//!
//! It opens a session, keeps one `/meta/connect` in flight, subscribes what is wanted, and after any fault does what the server's advice says
//! until it is connected again, with what was subscribed. "Connected" means that the server has answered a `/meta/connect` and confirmed
//! the main channel. All transitions are in `session.rs`; the file `docs/session-states.md` shows them as a table, which a test compares.
//!
//! # Two wires, one connect
//!
//! The session begins on long-polling. Where sockets are allowed and offered, one is opened beside the poll, and the connect moves to it: the poll
//! is held for no more than a second meanwhile, and when it has returned, a connect that asks for an answer at once leaves on the socket. Its
//! answer is the proof; without it within three seconds the session goes on where it was. A socket that closes, stalls, misses a deadline or
//! brings what no server sends is left in the same session, and the next is tried after a time that grows ([`SocketTrust`]). Where only sockets are allowed or offered, or the session's cookie does not come back, they carry everything.
//!
//! The servers differ in what they make of a connect on another wire: CometD 3.1.5 answers the held poll 408, which Chromium sends again by
//! itself, 8.0.10 and 9.0.0 answer it 500. A poll that they read after the connect on the socket, because it was ended while it was under way,
//! they take for the newer one: 3.1.5 closes the socket, the others never answer the connect on it. So no poll is ended for a socket. All
//! answer a connect for a session they do not know 402 with `reconnect: handshake`, also when only the socket's node does not know it, so the
//! first refusal on a socket is not obeyed.
//!
//! ```
//! # mod json { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/json.rs")); }
//! # use json::Json; // the doctest's payload: serde_json's value
//! use gws_im_sdk::bayeux::{Client, Config, Output};
//! use gws_im_sdk::time::Instant;
//!
//! let now = Instant::from_millis(0);
//! let mut client = Client::<Json>::new(Config::new("https://gws.example.com/api/v2/notifications".into()), now);
//! client.handshake(now).unwrap();
//! let request = std::iter::from_fn(|| client.poll_output()).find_map(|output| match output {
//!     Output::Request { url, .. } => Some(url),
//!     _ => None,
//! });
//! assert_eq!(request.as_deref(), Some("https://gws.example.com/api/v2/notifications/handshake"));
//! ```

mod ack;
mod advice;
mod backoff;
mod channel;
mod client;
mod config;
mod decode;
mod drive;
mod error;
mod flights;
mod io;
mod message;
mod receive;
mod replies;
mod session;
#[cfg(test)]
mod session_table;
mod socket;
mod stimulus;
mod subscriptions;
mod timer;
mod transport;
mod trust;

pub use advice::{Advice, AdviceFields, Reconnect};
pub use channel::{ChannelError, ChannelPattern};
pub use client::{Client, Counters};
pub use config::Config;
pub use decode::{Field, Kind, RawMessage};
pub use error::{CommandError, ServerError, TransportFailure, UsageError, Violation};
pub use io::{Body, Cause, ConnectionState, Event, Gap, GapCause, Input, Output, Response, Status};
pub use message::{
    AckField, ClientId, CommandId, ConnectionType, Epoch, Incoming, MessageId, MetaChannel, MetaReply, Outgoing, OutgoingBody, RequestId,
    SocketId,
};
pub use timer::Timer;
pub use trust::SocketTrust;
