//! The browser's side: what carries out the core's outputs with fetch, a WebSocket, timers and calls into the JavaScript face.
//!
//! One pump ([`driver`]) drains the core and holds no borrow while JavaScript runs, so that whatever is called may call back. The face
//! (`pkg-template`) keeps what is JavaScript by nature: listeners, promises, the error class and its sentences, the checks of the options.
//! What crosses between the two is in one file, [`sys`].

mod channel;
mod clock;
mod driver;
mod error;
mod fetch;
mod json;
mod members;
mod module;
mod options;
mod report;
mod sys;
mod timeout;
mod trust;
mod websocket;

// Named by the tests in `tests/browser`, which drive the exported class with a host of their own.
pub use channel::Channel;
pub use module::memory_bytes;
pub use sys::Host;
