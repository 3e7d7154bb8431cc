//! Genesys Web Services (GWS) notifications for agent desktops: the Rust side of the npm package `gws-im-sdk`.
//!
//! Four layers, one direction. A file imports only from the layers before its own:
//!
//! | layer | what it knows | where it runs |
//! | --- | --- | --- |
//! | [`time`], `text` | milliseconds since an arbitrary origin; texts without formatting | everywhere |
//! | [`bayeux`] | the Bayeux protocol as CometD speaks it: sessions, subscriptions, recovery | everywhere |
//! | [`gws`] | what GWS says over it: notifications, and what it expects on HTTP | everywhere |
//! | `browser` | fetch, timers, listeners, the exported class | `wasm32` only |
//!
//! The first three are pure: no clock, no randomness, no I/O, no callbacks. Time and a seed come in as arguments, effects go out as
//! values, so the protocol is tested natively on a simulated network with a virtual clock. Start reading at [`bayeux`].

// Test support shared with the integration tests names the crate as they do.
#[cfg(test)]
extern crate self as gws_im_sdk;

pub mod bayeux;
#[cfg(target_arch = "wasm32")]
pub mod browser;
pub mod gws;
mod text;
pub mod time;

#[cfg(test)]
#[path = "../tests/support/json.rs"]
#[allow(unreachable_pub, reason = "the integration tests use it too")]
mod json;
