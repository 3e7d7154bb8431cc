//! A client, a network and a model Bayeux server on a virtual clock.

mod clock;
mod form;
mod frame_script;
mod network;
mod record;
mod script;
mod server;
mod simulation;
mod socket;
mod status_path;
mod wire;

pub(crate) use frame_script::FrameReaction;
pub(crate) use network::{Faults, Random, SocketFaults};
pub(crate) use record::End;
pub(crate) use script::{On, Reaction};
pub(crate) use server::{AckStyle, Flavour, FrameStyle, Server, ServerOptions};
pub(crate) use simulation::{Received, Simulation, TOPIC, default_config, socket_config, socket_only_config};
pub(crate) use socket::{Side, SocketFate};
pub(crate) use status_path::brief_cause;
