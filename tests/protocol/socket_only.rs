//! A client that is allowed nothing but sockets: the handshake leaves on one, no request ever does, and a socket that ends is followed by another
//! with the pauses of any failed attempt.

use gws_im_sdk::bayeux::{Cause, CommandError, Config, ConnectionState, ConnectionType, GapCause, Input};
use serde_json::json;

use crate::harness::{
    AckStyle, Flavour, FrameReaction, FrameStyle, On, Server, ServerOptions, Side, Simulation, SocketFate, SocketFaults, TOPIC,
    socket_only_config,
};

const LINES: [Flavour; 2] = [Flavour::CometD3, Flavour::CometD8];
const HOUR: u64 = 3_600_000;

fn connected(options: ServerOptions) -> Simulation {
    Simulation::moved_with(socket_only_config(), options)
}

/// Stops if anything at all has left by a request.
fn no_request(simulation: &Simulation) {
    let requests = simulation.traffic().into_iter().filter(|what| !what.starts_with("socket ") && !what.ends_with(" socket")).count();
    assert_eq!(requests, simulation.record.keep_alives.len(), "{:?}", simulation.traffic());
}

#[test]
fn everything_travels_on_one_socket() {
    for flavour in LINES {
        let mut simulation = Simulation::with(socket_only_config(), ServerOptions::new(flavour));
        let command = simulation.handshake();
        simulation.run_until_connected(1_000);
        simulation.run_for(1_000);
        let subscribe = format!("socket subscribe {TOPIC}");
        assert_eq!(simulation.traffic(), ["open socket", "socket handshake", subscribe.as_str(), "socket connect now", "socket connect"]);
        assert_eq!(simulation.path(), ["connecting websocket", "connected websocket"], "{flavour:?}");
        assert_eq!(simulation.result(command), Some(Ok(())));
        simulation.talk(1_000, 30);
        simulation.run_for(100);
        simulation.check_all_received();
    }
}

#[test]
fn the_handshake_offers_sockets_alone() {
    let mut simulation = Simulation::with(socket_only_config(), ServerOptions::new(Flavour::CometD3));
    simulation.handshake();
    simulation.run_until_connected(1_000);
    let handshake = simulation.record.left.iter().find(|left| left.is("handshake")).expect("one");
    assert_eq!(handshake.message["supportedConnectionTypes"], json!(["websocket"]));
    assert_eq!(handshake.wire, ConnectionType::WebSocket);
}

#[test]
fn a_server_that_offers_no_sockets_ends_the_channel() {
    let options = ServerOptions { connection_types: &["long-polling"], ..ServerOptions::new(Flavour::CometD3) };
    let mut simulation = Simulation::with(socket_only_config(), options);
    let command = simulation.handshake();
    simulation.run_until_disconnected(1_000);
    simulation.run_for(100);
    assert_eq!(simulation.result(command), Some(Err(CommandError::Ended(Cause::NoConnectionType))));
    assert_eq!((simulation.server.live(), simulation.server.open_sockets()), (vec![], 0));
    let silent = simulation.now() + 1;
    simulation.run_for(HOUR);
    assert_eq!(simulation.load_since(silent).sockets, 0);
}

#[test]
fn messages_that_come_with_the_handshake_are_delivered_once() {
    for frames in [FrameStyle::Apart, FrameStyle::Together, FrameStyle::Bare] {
        let options = ServerOptions { ack: AckStyle::EnabledWithBatch, frames, ..ServerOptions::new(Flavour::CometD8) };
        let mut simulation = Simulation::with(socket_only_config(), options);
        simulation.server.handshake_messages = ["early", "earlier"].map(|data| json!({"channel": TOPIC, "data": data})).to_vec();
        simulation.handshake();
        simulation.run_until_connected(1_000);
        simulation.publish(&json!("late"));
        simulation.run_for(100);
        simulation.cut();
        simulation.run_until_connected(5_000);
        simulation.publish(&json!("later"));
        simulation.run_for(1_000);
        assert_eq!(simulation.deliveries(), ["early", "earlier", "late", "later"], "{frames:?}");
    }
}

#[test]
fn a_goodbye_leaves_on_the_socket_and_closes_it() {
    for flavour in LINES {
        let mut simulation = connected(ServerOptions::new(flavour));
        let command = simulation.disconnect();
        simulation.run_until_disconnected(1_000);
        simulation.run_for(100);
        assert_eq!(simulation.result(command), Some(Ok(())));
        assert_eq!(simulation.traffic(), ["socket disconnect", "close socket"]);
        assert_eq!((simulation.server.live(), simulation.server.open_sockets()), (vec![], 0), "{flavour:?}");
        assert_eq!(simulation.client.poll_timeout(), None);
    }
}

#[test]
fn a_goodbye_at_any_moment_of_the_opening_leaves_neither_session_nor_socket() {
    for moment in 0..180 {
        let mut simulation = Simulation::with(socket_only_config(), ServerOptions::new(Flavour::CometD3));
        simulation.handshake();
        simulation.run_for(moment);
        let command = simulation.disconnect();
        simulation.run_until("closed", 11_000, |simulation| simulation.result(command) == Some(Ok(())));
        simulation.run_for(100);
        assert_eq!((simulation.server.live(), simulation.server.open_sockets()), (vec![], 0), "{moment}");
        assert_eq!((simulation.state(), simulation.client.poll_timeout()), (ConnectionState::Disconnected, None), "{moment}");
        no_request(&simulation);
    }
}

#[test]
fn a_page_that_is_put_away_does_not_wait_for_the_answer_to_its_goodbye() {
    let mut simulation = connected(ServerOptions::new(Flavour::CometD3));
    simulation.disconnect();
    simulation.tell(Input::PageHidden);
    simulation.pump();
    assert_eq!(simulation.traffic(), ["socket disconnect", "close socket"]);
    assert_eq!(simulation.state(), ConnectionState::Disconnected);
    simulation.run_for(100);
    assert_eq!((simulation.server.live(), simulation.server.open_sockets()), (vec![], 0));
}

#[test]
fn a_goodbye_without_an_answer_ends_at_the_deadline() {
    let mut simulation = connected(ServerOptions::new(Flavour::CometD3));
    simulation.stall_socket(Side::Both);
    let command = simulation.disconnect();
    let took = simulation.run_until_disconnected(11_000);
    assert!(took <= 10_000, "{took}");
    assert_eq!((simulation.result(command), simulation.client.poll_timeout()), (Some(Ok(())), None));
}

#[test]
fn an_open_that_follows_a_goodbye_at_once_has_a_socket_of_its_own() {
    let mut simulation = connected(ServerOptions::new(Flavour::CometD3));
    simulation.disconnect();
    let opened = simulation.handshake();
    simulation.run_until("open again", 5_000, |simulation| simulation.result(opened) == Some(Ok(())));
    simulation.run_for(100);
    assert_eq!((simulation.server.live(), simulation.server.open_sockets()), (vec!["session2"], 1));
}

#[test]
fn refused_sockets_are_tried_again_with_growing_pauses() {
    for fate in [SocketFate::refused(), SocketFate::NEVER_OPENS, SocketFate::stalls(Side::Both, 0), SocketFate::breaks(50, true)] {
        let mut simulation = Simulation::with(socket_only_config(), ServerOptions::new(Flavour::CometD3));
        simulation.network.sockets = fate;
        simulation.handshake();
        simulation.run_for(HOUR);
        let tries = simulation.load_since(0).sockets;
        // Linear to a minute, with half of it at random.
        assert!((45..=135).contains(&tries), "{fate:?}: {tries}");
        assert!(simulation.statuses().iter().all(|status| status.starts_with("connecting")), "it was never connected");
        no_request(&simulation);
        simulation.heal();
        simulation.run_until("between two attempts", 30_000, |simulation| simulation.last_status().retry_at.is_some());
        simulation.tell(Input::Hurry);
        simulation.run_until_connected(1_000);
    }
}

#[test]
fn a_socket_that_does_not_open_is_given_up_after_the_time_it_may_take() {
    let config = Config { connect_timeout: 4_000, ..socket_only_config() };
    let mut simulation = Simulation::with(config, ServerOptions::new(Flavour::CometD3));
    simulation.network.next_sockets.push_back(SocketFate::NEVER_OPENS);
    simulation.handshake();
    let took = simulation.run_until("given up", 5_000, |simulation| simulation.traffic().contains(&"close socket"));
    assert_eq!(took, 4_000);
    simulation.run_until_connected(3_000);
}

/// Ends a socket in some way.
type Ending = fn(&mut Simulation);

#[test]
fn a_broken_socket_is_followed_by_another_in_the_same_session() {
    let ends: [(&str, Ending); 5] = [
        ("closed", |simulation| simulation.close_sockets(1001)),
        ("broken", |simulation| simulation.close_sockets(1006)),
        ("cut", Simulation::cut),
        ("spoilt", |simulation| simulation.script_frames(On::CONNECT, 1, FrameReaction::SpoilReply)),
        ("stalled", |simulation| simulation.stall_socket(Side::Both)),
    ];
    for (flavour, (name, end)) in LINES.into_iter().flat_map(|flavour| ends.map(|end| (flavour, end))) {
        let mut simulation = connected(ServerOptions::patient(flavour));
        end(&mut simulation);
        simulation.talk(60_000, 900);
        simulation.run_for(5_000);
        simulation.check_all_received();
        assert_eq!((simulation.gaps(), simulation.server.client_ids.len()), (vec![], 1), "{name}");
        assert!(simulation.statuses()[0].starts_with("reconnecting"), "{name}: {:?}", simulation.statuses());
        assert_eq!(simulation.last_status().state, ConnectionState::Connected, "{name}");
        assert_eq!(simulation.load_since(0).sockets, 1, "{name}: one more");
        no_request(&simulation);
    }
}

#[test]
fn a_socket_that_closed_is_followed_by_another_in_a_moment() {
    let mut simulation = connected(ServerOptions::new(Flavour::CometD3));
    simulation.close_sockets(1001);
    simulation.run_until("reconnecting", 100, |simulation| simulation.state() == ConnectionState::Reconnecting);
    let took = simulation.run_until_connected(1_000);
    assert!((100..=400).contains(&took), "the first retry comes after 0.1 to 0.3 s: {took}");
}

#[test]
fn without_acknowledgement_the_end_of_a_socket_is_a_gap() {
    let mut simulation = connected(ServerOptions::unacknowledged(Flavour::CometD3));
    simulation.close_sockets(1006);
    simulation.run_until("reconnecting", 100, |simulation| simulation.state() == ConnectionState::Reconnecting);
    simulation.run_until_connected(1_000);
    simulation.run_for(10);
    assert_eq!(simulation.gaps(), [GapCause::LostReply]);
}

#[test]
fn a_server_that_wants_a_handshake_per_connection_gets_one_for_each_socket() {
    for flavour in LINES {
        let options = ServerOptions { require_handshake_per_connection: true, ..ServerOptions::new(flavour) };
        let mut simulation = connected(options);
        for round in 1..4 {
            simulation.close_sockets(1001);
            simulation.run_until("reconnecting", 100, |simulation| simulation.state() == ConnectionState::Reconnecting);
            simulation.run_until_connected(10_000);
            simulation.run_for(30_000);
            assert_eq!(simulation.server.client_ids.len(), round + 1, "{flavour:?}");
            assert_eq!(simulation.gaps(), vec![GapCause::NewSession; round], "{flavour:?}");
            assert_eq!(simulation.subscribed(), [TOPIC]);
        }
        assert!(simulation.load_since(0).sockets <= 6, "{:?}", simulation.traffic());
    }
}

#[test]
fn a_session_the_server_forgot_is_followed_by_another() {
    for flavour in LINES {
        for forget in [Server::expire_all, Server::restart] {
            let mut simulation = connected(ServerOptions::new(flavour));
            simulation.at_server(forget);
            simulation.run_until("a new session", 60_000, |simulation| {
                simulation.has_live_session() && simulation.state() == ConnectionState::Connected
            });
            simulation.run_for(100);
            assert_eq!((simulation.gaps(), simulation.subscribed()), (vec![GapCause::NewSession], vec![TOPIC]), "{flavour:?}");
            assert_eq!(simulation.server.open_sockets(), 1, "{flavour:?}");
            no_request(&simulation);
        }
    }
}

#[test]
fn a_cookie_that_does_not_come_back_does_not_matter() {
    let options = ServerOptions { cookies: false, ..ServerOptions::new(Flavour::CometD3) };
    let mut simulation = connected(options);
    simulation.talk(60_000, 1_000);
    simulation.run_for(100);
    simulation.check_all_received();
    assert_eq!(simulation.server.client_ids.len(), 1);
}

#[test]
fn a_handshake_without_an_answer_is_tried_on_another_socket() {
    for reaction in [
        FrameReaction::SwallowReply,
        FrameReaction::Ignore,
        FrameReaction::SpoilReply,
        FrameReaction::Close(1011),
        FrameReaction::json(json!([])),
    ] {
        let mut simulation = Simulation::with(socket_only_config(), ServerOptions::new(Flavour::CometD3));
        simulation.script_frames(On::HANDSHAKE, 1, reaction);
        simulation.handshake();
        simulation.run_until_connected(11_500);
        assert_eq!(simulation.load_since(0).handshakes, 2);
        simulation.run_for(1_000);
        assert_eq!(simulation.server.open_sockets(), 1);
    }
}

#[test]
fn a_refused_topic_ends_the_channel_and_the_socket() {
    let mut simulation = Simulation::with(socket_only_config(), ServerOptions::new(Flavour::CometD3));
    simulation.server.refuse(TOPIC, "403::denied");
    simulation.handshake();
    simulation.run_until_disconnected(1_000);
    simulation.run_for(100);
    assert_eq!(simulation.statuses().last().map(String::as_str), Some("disconnected topic/403::denied"));
    assert_eq!((simulation.server.live(), simulation.server.open_sockets()), (vec![], 0));
}

#[test]
fn waking_up_takes_another_socket_at_once() {
    let mut simulation = connected(ServerOptions::new(Flavour::CometD3));
    simulation.stall_socket(Side::Both);
    simulation.publish(&json!("slept through"));
    simulation.tell(Input::Resume);
    simulation.run_for(200);
    simulation.check_all_received();
    assert_eq!(simulation.traffic(), ["close socket", "open socket", "socket connect now", "socket connect"]);
    assert_eq!((simulation.gaps(), simulation.server.client_ids.len()), (vec![], 1));
}

#[test]
fn on_flaky_sockets_each_message_comes_once_and_in_order() {
    for seed in 0..12 {
        let mut simulation =
            Simulation::with(Config { seed, ..socket_only_config() }, ServerOptions::patient(LINES[usize::from(seed % 2 == 0)]));
        simulation.handshake();
        simulation.run_until_connected(1_000);
        simulation.network.latency = 1..=150;
        simulation.network.socket_faults =
            SocketFaults { refuse: seed % 30, never_open: seed % 20, stall: 30, end: 40, silent: 50, spoil: seed % 4, duplicate: 0 };
        for round in 0..30 {
            simulation.talk(8_000, 333);
            match (seed + round) % 6 {
                0 => simulation.cut(),
                1 => simulation.tell(Input::Online),
                2 => simulation.network.down = true,
                3 => simulation.network.down = false,
                4 => simulation.close_sockets(1006),
                _ => {}
            }
        }
        simulation.heal();
        simulation.run_for(200_000);
        simulation.run_until_connected(60_000);
        simulation.check_all_received();
        assert_eq!((simulation.gaps(), simulation.server.client_ids.len()), (vec![], 1), "{seed}");
        no_request(&simulation);
    }
}
