//! The protocol core against a model server on a simulated network and a virtual clock: no wait is real, and every run is the same.
//!
//! `harness` is the world and `schedule` what may happen in it at random; every other file is a theme, its tests named by what a user would see.
#![cfg(not(target_arch = "wasm32"))]

mod acknowledgement;
mod advice;
mod backoff;
mod disconnect;
mod first_light;
mod gaps;
mod harness;
mod honest;
mod hostile_bodies;
mod hostile_replies;
#[path = "../support/json.rs"]
#[allow(unreachable_pub)] // shared with the crate's own tests
mod json;
mod login;
mod matrix;
mod oracle;
mod parity_frames;
mod parity_polling;
mod parity_socket;
mod parity_sockets_alone;
mod properties;
mod schedule;
mod session_lost;
#[path = "../soak/shift.rs"]
mod shift;
mod soak;
mod socket_cookies;
mod socket_faults;
mod socket_move;
mod socket_only;
mod socket_proof;
mod subscriptions;
mod wake;
