//! A client, a network and a model Bayeux server on a virtual clock.

mod clock;
mod network;
mod record;
mod script;
mod server;
mod simulation;
mod status_path;
mod wire;

pub(crate) use network::Faults;
pub(crate) use record::End;
pub(crate) use script::{On, Reaction};
pub(crate) use server::{AckStyle, Flavour, Server, ServerOptions};
pub(crate) use simulation::{Simulation, TOPIC, default_config};
pub(crate) use status_path::brief_cause;
