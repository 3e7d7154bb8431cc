//! What is told is true, also where the server or something between says less than it should.

use gws_im_sdk::bayeux::{ConnectionState, ConnectionType, Event, MetaChannel};
use serde_json::{Value, json};

use crate::harness::{
    Flavour, FrameReaction, On, Reaction, Server, ServerOptions, Side, Simulation, SocketFate, default_config, socket_config,
};

const HOUR: u64 = 3_600_000;

fn without_number(reply: &mut Value) {
    drop(reply.as_object_mut().expect("a reply").remove("ext"));
}

fn gap(simulation: &Simulation) -> (u64, u64) {
    let gaps =
        simulation.events(|event| if let Event::Gap(gap) = event { Some((gap.since.as_millis(), gap.until.as_millis())) } else { None });
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    gaps[0]
}

#[test]
fn the_gap_of_a_forgotten_session_begins_no_later_than_the_server_forgot_it() {
    for flavour in [Flavour::CometD3, Flavour::CometD8] {
        let mut simulation = Simulation::moved_with(socket_config(), ServerOptions::new(flavour));
        simulation.run_for(3_000);
        let forgotten = simulation.now();
        simulation.at_server(Server::expire_all);
        simulation.publish(&json!("nobody gets it"));
        simulation.run_until("another session", 60_000, |simulation| simulation.server.client_ids.len() == 2);
        simulation.run_until_connected(5_000);
        simulation.run_for(1_000);
        let (since, until) = gap(&simulation);
        assert!(since <= forgotten && forgotten <= until, "{flavour:?}: {since} to {until}, forgotten at {forgotten}");
    }
}

#[test]
fn replies_that_are_never_numbered_are_not_taken_for_acknowledged() {
    let mut simulation = Simulation::with(default_config(), ServerOptions::new(Flavour::CometD3));
    simulation.always(On::CONNECT, Reaction::edit(MetaChannel::Connect, without_number));
    simulation.handshake();
    simulation.run_until_connected(1_000);
    simulation.run_for(1_000);
    assert!(!simulation.client.status().acknowledged);
    simulation.forget();
    simulation.cut();
    simulation.run_until("the break is told", 1_000, |simulation| simulation.state() == ConnectionState::Reconnecting);
    simulation.run_until_connected(5_000);
    simulation.run_for(100);
    assert!(!simulation.last_status().recovered);
    gap(&simulation);
}

#[test]
fn pages_in_place_of_the_login_between_good_frames_are_no_login_page_in_a_row() {
    let mut simulation = Simulation::moved();
    simulation.script(On::KeepAlive, 6, Reaction::html(200));
    simulation.run_for(HOUR);
    let asked = simulation.events(|event| matches!(event, Event::LoginNeeded { .. }).then_some(()));
    assert_eq!((asked.len(), simulation.statuses().len()), (0, 0));
}

#[test]
fn a_socket_that_fell_silent_counts_by_what_it_carried_however_long_that_took_to_find_out() {
    let options = ServerOptions { timeout: 300_000, ..ServerOptions::new(Flavour::CometD3) };
    let mut simulation = Simulation::with(socket_config(), options);
    simulation.network.sockets = SocketFate::stalls(Side::ToClient, 1);
    simulation.handshake();
    simulation.run_until_connected(1_000);
    simulation.run_for(8 * HOUR);
    let load = simulation.load_since(0);
    assert!((2..=22).contains(&load.sockets), "{load:?}");
}

#[test]
fn a_socket_that_lived_long_is_trusted_again_soon() {
    let mut simulation = Simulation::moved();
    for _ in 0..4 {
        simulation.close_sockets(1006);
        simulation.run_until_on(ConnectionType::LongPolling, 1_000);
        simulation.run_until_on(ConnectionType::WebSocket, 55_000);
        simulation.run_for(400_000);
    }
    simulation.script_frames(On::CONNECT, 1, FrameReaction::Close(1011));
    simulation.run_until_on(ConnectionType::LongPolling, 45_000);
    simulation.run_until_on(ConnectionType::WebSocket, 55_000);
}
