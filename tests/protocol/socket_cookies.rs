//! The session's cookie does not come back, as where third-party cookies are blocked: a socket does without it; where there is none, the channel says
//! so after three sessions in a row.

use gws_im_sdk::bayeux::{Cause, CommandError, ConnectionType};
use serde_json::json;

use crate::harness::{
    Flavour, FrameReaction, On, Received, ServerOptions, Side, Simulation, SocketFate, TOPIC, default_config, socket_config,
};

const LINES: [Flavour; 2] = [Flavour::CometD3, Flavour::CometD8];

fn blocked(flavour: Flavour) -> ServerOptions {
    ServerOptions { cookies: false, ..ServerOptions::new(flavour) }
}

fn opening(options: ServerOptions) -> Simulation {
    let mut simulation = Simulation::with(socket_config(), options);
    simulation.handshake();
    simulation
}

/// The channel ends for want of the cookie, after three sessions and no storm.
fn ends_for_cookies(simulation: &mut Simulation, name: &str) {
    simulation.run_until_disconnected(120_000);
    assert_eq!(simulation.last_status().cause, Some(Cause::Cookies), "{name}");
    assert_eq!(simulation.server.client_ids.len(), 3, "{name}");
    let load = simulation.load_since(0);
    assert!(load.sockets <= 3 && load.handshakes == 3, "{name}: {load:?}");
    let silent = simulation.now() + 1;
    simulation.run_for(3_600_000);
    let load = simulation.load_since(silent);
    assert_eq!((load.requests, load.sockets, load.handshakes), (0, 0, 0), "{name}");
    assert!(!simulation.has_socket(), "{name}");
}

#[test]
fn a_socket_carries_the_session_whose_cookie_does_not_come_back() {
    for flavour in LINES {
        let mut simulation = opening(blocked(flavour));
        simulation.run_until_on(ConnectionType::WebSocket, 5_000);
        simulation.run_for(1_000);
        assert_eq!(simulation.server.client_ids, ["session1"], "{flavour:?}");
        let load = simulation.load_since(0);
        assert_eq!((load.handshakes, load.sockets), (1, 1), "{flavour:?}");
        assert_eq!(simulation.subscribed(), [TOPIC]);
        for number in 0..10 {
            simulation.publish(&json!(number));
            simulation.run_for(50);
        }
        simulation.run_for(1_000);
        simulation.check_all_received();
        assert_eq!(simulation.path(), ["connecting long-polling", "connecting websocket", "connected websocket"], "{flavour:?}");
    }
}

#[test]
fn a_session_saved_by_a_socket_lives_as_long_as_any() {
    let mut simulation = opening(blocked(Flavour::CometD3));
    simulation.run_until_on(ConnectionType::WebSocket, 5_000);
    simulation.forget();
    for number in 0..240 {
        simulation.publish(&json!(number));
        simulation.run_for(15_000);
    }
    simulation.check_all_received();
    assert_eq!((simulation.statuses().len(), simulation.server.client_ids.len()), (0, 1));
    let command = simulation.subscribe("/a");
    simulation.run_for(100);
    assert_eq!(simulation.result(command), Some(Ok(())));
}

#[test]
fn the_socket_of_a_saved_session_is_followed_by_another() {
    for flavour in LINES {
        let mut simulation = opening(blocked(flavour));
        simulation.run_until_on(ConnectionType::WebSocket, 5_000);
        simulation.run_for(1_000);
        simulation.forget();
        simulation.close_sockets(1001);
        simulation.publish(&json!("meanwhile"));
        simulation.run_for(2_000);
        simulation.run_until_on(ConnectionType::WebSocket, 1_000);
        simulation.check_all_received();
        assert_eq!((simulation.gaps(), simulation.server.client_ids.len()), (vec![], 1), "{flavour:?}");
    }
}

#[test]
fn a_goodbye_to_a_saved_session_reaches_the_server() {
    let mut simulation = opening(blocked(Flavour::CometD3));
    simulation.run_until_on(ConnectionType::WebSocket, 5_000);
    simulation.run_for(1_000);
    let command = simulation.disconnect();
    simulation.run_until_disconnected(1_000);
    simulation.run_for(100);
    assert_eq!(simulation.result(command), Some(Ok(())));
    assert_eq!((simulation.server.live(), simulation.server.open_sockets()), (vec![], 0));
}

#[test]
fn a_goodbye_at_any_moment_of_the_rescue_ends() {
    for moment in 0..250 {
        let mut simulation = opening(blocked(Flavour::CometD3));
        simulation.run_for(moment);
        let command = simulation.disconnect();
        simulation.run_until("closed", 11_000, |simulation| simulation.result(command) == Some(Ok(())));
        simulation.run_for(100);
        assert_eq!(simulation.server.open_sockets(), 0, "{moment}");
        assert_eq!(simulation.client.poll_timeout(), None, "{moment}");
    }
}

#[test]
fn where_no_socket_saves_it_three_sessions_are_enough() {
    for flavour in LINES {
        let sockets = [
            ("refused", SocketFate::refused()),
            ("never opens", SocketFate::NEVER_OPENS),
            ("carries nothing", SocketFate::stalls(Side::Both, 0)),
            ("breaks", SocketFate::breaks(70, true)),
        ];
        for (name, fate) in sockets {
            let mut simulation = Simulation::with(socket_config(), blocked(flavour));
            simulation.network.sockets = fate;
            let command = simulation.handshake();
            ends_for_cookies(&mut simulation, name);
            assert_eq!(simulation.result(command), Some(Err(CommandError::Ended(Cause::Cookies))));
        }
        let options = ServerOptions { require_handshake_per_connection: true, ..blocked(flavour) };
        ends_for_cookies(&mut opening(options), "each connection needs its handshake");
        let options = ServerOptions { connection_types: &["long-polling"], ..blocked(flavour) };
        let mut simulation = opening(options);
        ends_for_cookies(&mut simulation, "not offered");
        assert_eq!(simulation.load_since(0).sockets, 0);
    }
}

#[test]
fn a_client_that_may_not_use_sockets_tries_none() {
    let mut simulation = Simulation::with(default_config(), blocked(Flavour::CometD3));
    simulation.handshake();
    ends_for_cookies(&mut simulation, "polling only");
    assert_eq!(simulation.load_since(0).sockets, 0);
}

#[test]
fn a_refusal_on_the_saving_socket_counts_as_one() {
    let mut simulation = Simulation::with(socket_config(), blocked(Flavour::CometD8));
    simulation.script_frames(On::CONNECT, 1, FrameReaction::unknown_session());
    simulation.handshake();
    simulation.run_until_on(ConnectionType::WebSocket, 10_000);
    assert_eq!(simulation.server.client_ids.len(), 2, "the second session is saved");
}

#[test]
fn a_cookie_that_is_lost_later_costs_the_session_and_no_more() {
    for flavour in LINES {
        let mut simulation = Simulation::moved_with(socket_config(), ServerOptions::new(flavour));
        simulation.server.options.cookies = false;
        simulation.run_for(60_000);
        assert_eq!(simulation.server.client_ids.len(), 1, "the socket does without");
        simulation.close_sockets(1001);
        simulation.run_for(120_000);
        simulation.run_until_on(ConnectionType::WebSocket, 60_000);
        assert!(simulation.server.client_ids.len() <= 3, "{flavour:?}: {:?}", simulation.server.client_ids);
        simulation.publish(&json!("after"));
        simulation.run_for(1_000);
        assert_eq!(simulation.received(), Received::ALL, "{flavour:?}");
    }
}

#[test]
fn a_session_that_expired_before_its_first_connect_is_no_matter_of_cookies_and_no_loop() {
    for flavour in LINES {
        let mut simulation = opening(ServerOptions::new(flavour));
        simulation.run_for(30);
        simulation.at_server(crate::harness::Server::restart);
        simulation.run_until_connected(10_000);
        assert_eq!(simulation.server.client_ids.len(), 2, "{flavour:?}");
        simulation.run_until_on(ConnectionType::WebSocket, 60_000);
        assert!(simulation.load_since(0).sockets <= 2);
    }
}
