//! A socket that carries the session closes, stalls, lies or breaks: the session goes on over HTTP, at once and without a loss.

use gws_im_sdk::bayeux::{Config, ConnectionState, ConnectionType, Event, GapCause, Input};
use serde_json::json;

use crate::harness::{Flavour, FrameReaction, On, Server, ServerOptions, Side, Simulation, SocketFate, SocketFaults, TOPIC, socket_config};

const CODES: [u16; 6] = [1000, 1001, 1006, 1009, 1011, 1013];
const HOUR: u64 = 3_600_000;
/// After the shortest distrust a socket is tried when the next poll returns, which a quiet server holds for 20 s.
const TRIED_AGAIN: u64 = 51_000;
/// Sockets tried in an hour in which each fails: at once, then after 30 s, doubling to half an hour.
const TRIES_IN_AN_HOUR: usize = 8;

/// Ends a socket in some way.
type Ending = fn(&mut Simulation);

/// What can happen to a socket that carries the session, by name; each is told or found out within a second of the next message.
fn sudden_ends() -> Vec<(&'static str, Ending)> {
    vec![
        ("closed, 1000", |simulation| simulation.close_sockets(1000)),
        ("closed, 1001", |simulation| simulation.close_sockets(1001)),
        ("broken", |simulation| simulation.close_sockets(1006)),
        ("closed, 1009", |simulation| simulation.close_sockets(1009)),
        ("closed, 1011", |simulation| simulation.close_sockets(1011)),
        ("closed, 1013", |simulation| simulation.close_sockets(1013)),
        ("cut at the client's end", Simulation::cut),
        ("spoilt frames", |simulation| simulation.network.socket_faults = SocketFaults { spoil: 100, ..SocketFaults::default() }),
        ("connect reply spoilt", |simulation| {
            simulation.script_frames(On::CONNECT, 1, FrameReaction::SpoilReply);
            // Ends the connect that is held, so that the next one meets it.
            simulation.publish(&json!("ahead"));
            simulation.run_for(60);
        }),
    ]
}

fn run_of(fate: SocketFate, options: ServerOptions) -> Simulation {
    let mut simulation = Simulation::with(socket_config(), options);
    simulation.network.sockets = fate;
    simulation.handshake();
    simulation.run_until_connected(1_000);
    simulation
}

#[test]
fn a_socket_that_ends_is_left_for_the_poll_at_once_in_the_same_session() {
    for (name, end) in sudden_ends() {
        let mut simulation = Simulation::moved();
        end(&mut simulation);
        simulation.publish(&json!("meanwhile"));
        simulation.run_until("reconnecting", 1_000, |simulation| simulation.state() == ConnectionState::Reconnecting);
        let broke = simulation.now();
        let took = simulation.run_until_on(ConnectionType::LongPolling, 1_000);
        assert!(took <= 40, "{name}: {took} ms");
        assert_eq!(simulation.times_on(ConnectionType::LongPolling, "connect")[0], broke, "{name}: at once");
        simulation.heal();
        simulation.run_for(1_000);
        simulation.check_all_received();
        assert_eq!((simulation.gaps(), simulation.server.client_ids.len()), (vec![], 1), "{name}");
        assert!(simulation.last_status().recovered, "{name}");
        assert!(simulation.path()[0].starts_with("reconnecting"), "{name}: {:?}", simulation.path());
        simulation.run_until_on(ConnectionType::WebSocket, TRIED_AGAIN);
    }
}

#[test]
fn the_cause_tells_the_code_a_socket_closed_with() {
    for code in CODES {
        let mut simulation = Simulation::moved();
        simulation.close_sockets(code);
        simulation.run_until_on(ConnectionType::LongPolling, 1_000);
        let expected = format!("socket/{code}");
        assert!(simulation.statuses()[0].ends_with(&expected), "{:?}", simulation.statuses());
    }
}

#[test]
fn without_acknowledgement_the_end_of_a_socket_is_a_gap() {
    for (name, end) in sudden_ends() {
        let mut simulation = Simulation::moved_with(socket_config(), ServerOptions::unacknowledged(Flavour::CometD3));
        end(&mut simulation);
        simulation.publish(&json!("meanwhile"));
        simulation.run_until("reconnecting", 45_000, |simulation| simulation.state() == ConnectionState::Reconnecting);
        simulation.run_until_on(ConnectionType::LongPolling, 1_000);
        simulation.run_for(100);
        assert_eq!(simulation.gaps(), [GapCause::LostReply], "{name}");
        assert!(!simulation.last_status().recovered, "{name}");
    }
}

#[test]
fn a_socket_that_stalls_is_found_out_by_its_deadline() {
    for (name, side) in [("both", Side::Both), ("to the client", Side::ToClient), ("to the server", Side::ToServer)] {
        let mut simulation = Simulation::moved_with(socket_config(), ServerOptions::patient(Flavour::CometD3));
        simulation.run_for(1_000);
        simulation.stall_socket(side);
        simulation.talk(60_000, 700);
        simulation.run_for(1_000);
        simulation.check_all_received();
        assert_eq!((simulation.gaps(), simulation.server.client_ids.len()), (vec![], 1), "{name}");
        assert!(simulation.statuses()[0].contains("timeout"), "{name}: {:?}", simulation.statuses());
        // The connect is held for 20 s, and its answer may take 10 s.
        let back = simulation.times_on(ConnectionType::LongPolling, "connect")[0];
        assert!(back <= simulation.now() - 61_000 + 30_000, "{name}: {back}");
    }
}

#[test]
fn a_command_without_an_answer_finds_a_stalled_socket_out() {
    let mut simulation = Simulation::moved();
    simulation.stall_socket(Side::Both);
    let command = simulation.subscribe("/a");
    let took = simulation.run_until("reconnecting", 10_000, |simulation| simulation.state() == ConnectionState::Reconnecting);
    assert_eq!(took, 10_000);
    simulation.run_until_on(ConnectionType::LongPolling, 1_000);
    simulation.run_for(1_000);
    assert_eq!(simulation.result(command), Some(Ok(())));
    assert_eq!(simulation.subscribed(), ["/a", TOPIC]);
}

#[test]
fn a_socket_that_does_not_get_rid_of_frames_is_left() {
    let mut simulation = Simulation::moved();
    simulation.network.clogged = true;
    let command = simulation.subscribe("/a");
    simulation.run_until_on(ConnectionType::LongPolling, 1_000);
    simulation.run_for(1_000);
    assert_eq!(simulation.result(command), Some(Ok(())));
    assert_eq!(simulation.server.client_ids.len(), 1);
}

#[test]
fn messages_at_any_moment_of_a_fall_back_to_the_poll_come_once_and_in_order() {
    for (name, end) in sudden_ends() {
        for moment in (0..120).step_by(3) {
            let mut simulation = Simulation::moved_with(socket_config(), ServerOptions::new(Flavour::CometD8));
            simulation.publish(&json!("before"));
            end(&mut simulation);
            simulation.run_for(moment);
            simulation.publish(&json!("first"));
            simulation.publish(&json!("second"));
            simulation.run_for(1_000);
            simulation.heal();
            simulation.publish(&json!("after"));
            simulation.run_for(1_000);
            simulation.check_all_received();
            assert_eq!((simulation.gaps(), simulation.state()), (vec![], ConnectionState::Connected), "{name} {moment}");
        }
    }
}

#[test]
fn messages_whose_connect_reply_is_lost_on_a_socket_are_not_delivered_again() {
    for reaction in [FrameReaction::SwallowReply, FrameReaction::SpoilReply, FrameReaction::Close(1011)] {
        let mut simulation = Simulation::moved_with(socket_config(), ServerOptions::patient(Flavour::CometD8));
        // The held connect has been seen; the one after it meets the reaction, its data frames already sent.
        simulation.script_frames(On::CONNECT, 1, reaction);
        simulation.talk(1_000, 100);
        simulation.run_for(60_000);
        simulation.check_all_received();
        assert!(simulation.client.counters().duplicates > 0, "the server sent some again");
        assert_eq!(simulation.gaps(), []);
    }
}

#[test]
fn a_server_that_restarts_is_handshaken_with_again_and_moved_to() {
    for flavour in [Flavour::CometD3, Flavour::CometD8] {
        let mut simulation = Simulation::moved_with(socket_config(), ServerOptions::new(flavour));
        simulation.at_server(Server::restart);
        simulation.run_until("reconnecting", 1_000, |simulation| simulation.state() == ConnectionState::Reconnecting);
        let took = simulation.run_until_connected(5_000);
        assert!(took <= 1_500, "{flavour:?}: {took}");
        assert_eq!((simulation.gaps(), simulation.subscribed()), (vec![GapCause::NewSession], vec![TOPIC]), "{flavour:?}");
        simulation.run_until_on(ConnectionType::WebSocket, TRIED_AGAIN);
        simulation.run_for(100);
        assert_eq!((simulation.server.client_ids.len(), simulation.server.open_sockets()), (2, 1), "{flavour:?}");
    }
}

#[test]
fn the_session_survives_the_end_of_its_socket_for_as_long_as_the_server_keeps_it() {
    for (outage, sessions) in [(8_000, 1), (40_000, 2)] {
        let mut simulation = Simulation::moved();
        simulation.close_sockets(1001);
        simulation.run_for(10);
        simulation.network.down = true;
        simulation.run_for(outage);
        simulation.network.down = false;
        simulation.tell(Input::Online);
        simulation.run_until_connected(5_000);
        assert_eq!(simulation.server.client_ids.len(), sessions, "{outage}");
        assert_eq!(simulation.gaps().len(), sessions - 1, "{outage}");
    }
}

#[test]
fn an_hour_without_a_network_is_no_storm_on_either_wire() {
    let mut simulation = Simulation::moved();
    simulation.network.down = true;
    let since = simulation.now();
    simulation.run_for(HOUR);
    let load = simulation.load_since(since);
    assert!(load.sockets <= TRIES_IN_AN_HOUR && load.requests <= 200, "{load:?}");
    simulation.network.down = false;
    simulation.tell(Input::Online);
    simulation.run_until_connected(5_000);
    simulation.run_until_on(ConnectionType::WebSocket, 1_200);
}

#[test]
fn waking_up_asks_by_a_request_and_goes_back_to_a_socket() {
    for input in [Input::Resume, Input::Online, Input::Hurry] {
        let mut simulation = Simulation::moved();
        simulation.stall_socket(Side::Both);
        simulation.publish(&json!("slept through"));
        simulation.tell(input.clone());
        simulation.pump();
        assert_eq!(simulation.traffic()[..2], ["close socket", "connect now"], "{input:?}");
        simulation.run_for(100);
        simulation.check_all_received();
        assert_eq!(simulation.state(), ConnectionState::Connected);
        simulation.run_until_on(ConnectionType::WebSocket, 1_200);
        assert_eq!((simulation.gaps(), simulation.server.client_ids.len()), (vec![], 1), "{input:?}");
    }
}

#[test]
fn waking_up_again_and_again_opens_no_storm_of_sockets() {
    let mut simulation = Simulation::moved();
    let since = simulation.now();
    for _ in 0..600 {
        simulation.tell(Input::Resume);
        simulation.run_for(100);
    }
    let load = simulation.load_since(since);
    assert!(load.sockets <= 61 && load.connects <= 250, "{load:?}");
    assert_eq!(load.handshakes, 0);
}

#[test]
fn a_server_whose_sockets_live_a_second_is_left_for_polling() {
    let mut simulation = run_of(SocketFate::breaks(1_000, true), ServerOptions::new(Flavour::CometD3));
    simulation.talk(HOUR, 30_000);
    simulation.check_all_received();
    assert!(simulation.load_since(0).sockets <= TRIES_IN_AN_HOUR, "{:?}", simulation.record.sockets);
    assert_eq!(simulation.server.client_ids.len(), 1);
}

#[test]
fn sockets_that_live_ten_minutes_are_replaced_for_ever() {
    let mut simulation = run_of(SocketFate::breaks(600_000, true), ServerOptions::new(Flavour::CometD3));
    simulation.talk(8 * HOUR, 60_000);
    simulation.check_all_received();
    let sockets = simulation.load_since(0).sockets;
    // Each is followed by the shortest distrust.
    assert!((45..=48).contains(&sockets), "{sockets}");
    assert_eq!((simulation.gaps(), simulation.server.client_ids.len()), (vec![], 1));
}

#[test]
fn a_socket_that_breaks_again_and_again_without_a_word_loses_nothing() {
    let mut simulation = run_of(SocketFate::breaks(7_000, false), ServerOptions::patient(Flavour::CometD8));
    simulation.talk(HOUR, 5_000);
    simulation.run_for(60_000);
    simulation.check_all_received();
    assert_eq!((simulation.gaps(), simulation.server.client_ids.len()), (vec![], 1));
}

#[test]
fn on_flaky_sockets_and_a_flaky_network_each_message_comes_once_and_in_order() {
    for seed in 0..15 {
        let options = ServerOptions::patient(if seed % 2 == 0 { Flavour::CometD3 } else { Flavour::CometD8 });
        let mut simulation = Simulation::with(Config { seed, ..socket_config() }, options);
        simulation.handshake();
        simulation.run_until_connected(1_000);
        simulation.network.latency = 1..=150;
        simulation.network.socket_faults =
            SocketFaults { refuse: seed % 30, never_open: seed % 20, stall: 30, end: 40, silent: 50, spoil: seed % 4, duplicate: 0 };
        for round in 0..30 {
            simulation.talk(8_000, 333);
            match (seed + round) % 10 {
                0 => simulation.cut(),
                1 => simulation.tell(Input::Online),
                2 => simulation.network.down = true,
                3 => simulation.network.down = false,
                4 => simulation.network.faults.lose_reply = 20,
                5 => simulation.network.faults.lose_reply = 0,
                6 => simulation.close_sockets(1006),
                _ => {}
            }
        }
        simulation.heal();
        simulation.run_for(200_000);
        simulation.run_until_connected(60_000);
        simulation.check_all_received();
        assert_eq!((simulation.gaps(), simulation.server.client_ids.len()), (vec![], 1), "{seed}");
    }
}

#[test]
fn without_acknowledgement_what_is_lost_lies_in_a_gap() {
    for seed in 0..12 {
        let mut simulation = Simulation::with(Config { seed, ..socket_config() }, ServerOptions::unacknowledged(Flavour::CometD3));
        simulation.handshake();
        simulation.run_until_connected(1_000);
        simulation.network.socket_faults =
            SocketFaults { refuse: 10, never_open: 10, stall: 30, end: 50, silent: 50, ..SocketFaults::default() };
        let began = simulation.now();
        simulation.talk(600_000, 500);
        simulation.heal();
        simulation.run_for(100_000);
        let received = simulation.received();
        assert!(received.doubled.is_empty() && received.in_order, "{seed}: {received:?}");
        let gaps = simulation
            .events(|event| if let Event::Gap(gap) = event { Some((gap.since.as_millis(), gap.until.as_millis())) } else { None });
        for lost in received.lost {
            // What was published a moment before the last contact may have been on its way.
            let at = began + 500 * lost.as_u64().expect("a number");
            assert!(
                gaps.iter().any(|(since, until)| (since.saturating_sub(100)..=*until).contains(&at)),
                "{seed}: {lost} at {at}, {gaps:?}"
            );
        }
    }
}

#[test]
fn what_is_against_the_protocol_on_a_socket_is_reported_and_the_rest_is_used() {
    let mut simulation = Simulation::moved();
    simulation.script_frames(
        On::CONNECT,
        1,
        FrameReaction::rewrite(|mut messages| {
            messages
                .splice(0..0, [json!(7), json!({"no": "channel"}), json!({"channel": "/meta/connect", "id": "999", "successful": true})]);
            json!(messages)
        }),
    );
    simulation.publish(&json!(0));
    simulation.run_for(100);
    simulation.publish(&json!(1));
    simulation.run_for(100);
    simulation.check_all_received();
    assert_eq!(simulation.statuses(), [""; 0]);
    let reported = simulation.events(|event| if let Event::Violation(violation) = event { Some(violation.name()) } else { None });
    assert_eq!(reported, ["not-a-message", "no-channel", "unknown-reply"]);
    assert_eq!(simulation.client.counters().violations, 3);
}
