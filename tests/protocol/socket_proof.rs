//! A socket has to prove itself by answering a connect. One that does not costs no message, no session and no state, and the next is tried ever more
//! seldom.

use gws_im_sdk::bayeux::{ConnectionType, Input};
use serde_json::json;

use crate::harness::{Flavour, FrameReaction, On, ServerOptions, Side, Simulation, SocketFate, socket_config};

const CODES: [u16; 6] = [1000, 1001, 1006, 1009, 1011, 1013];
const HOUR: u64 = 3_600_000;
/// After the shortest distrust a socket is tried when the next poll returns, which a quiet server holds for 20 s.
const TRIED_AGAIN: u64 = 51_000;
/// Sockets tried in an hour in which each fails: at once, then after 30 s, doubling to half an hour.
const TRIES_IN_AN_HOUR: usize = 8;

/// Sockets that never carry anything, by name.
fn useless_sockets() -> Vec<(&'static str, SocketFate)> {
    vec![
        ("refused", SocketFate::refused()),
        ("never opens", SocketFate::NEVER_OPENS),
        ("carries nothing to the server", SocketFate::stalls(Side::ToServer, 0)),
        ("carries nothing to the client", SocketFate::stalls(Side::ToClient, 0)),
        ("carries nothing", SocketFate::stalls(Side::Both, 0)),
        ("breaks while it opens", SocketFate::breaks(30, true)),
        ("breaks before the first answer", SocketFate::breaks(60, true)),
    ]
}

/// What a server or a proxy can make of the connect that should prove a socket, by name.
fn failed_proofs() -> Vec<(&'static str, FrameReaction)> {
    let mut proofs = vec![
        ("never answered", FrameReaction::SwallowReply),
        ("never read", FrameReaction::Ignore),
        ("stalls", FrameReaction::Stall),
        ("answered too late", FrameReaction::Delay(3_500)),
        ("answered with garbage", FrameReaction::not_json()),
        ("answered with a spoilt frame", FrameReaction::SpoilReply),
        ("answered with a word", FrameReaction::json(json!("no"))),
        ("refused", FrameReaction::edit(|reply| reply["successful"] = json!(false))),
        ("answered with nothing", FrameReaction::json(json!([]))),
    ];
    proofs.extend(CODES.map(|code| ("closed", FrameReaction::Close(code))));
    proofs
}

fn run_of(fate: SocketFate, options: ServerOptions) -> Simulation {
    let mut simulation = Simulation::with(socket_config(), options);
    simulation.network.sockets = fate;
    simulation.handshake();
    simulation.run_until_connected(1_000);
    simulation
}

#[test]
fn a_socket_that_never_carries_anything_costs_no_message_and_no_break() {
    for (name, fate) in useless_sockets() {
        for flavour in [Flavour::CometD3, Flavour::CometD8] {
            let mut simulation = run_of(fate, ServerOptions::new(flavour));
            simulation.talk(100_000, 1_700);
            simulation.run_for(5_000);
            simulation.check_all_received();
            assert_eq!(simulation.path(), ["connecting long-polling", "connected long-polling"], "{name}, {flavour:?}");
            assert_eq!((simulation.gaps(), simulation.server.client_ids.len()), (vec![], 1), "{name}, {flavour:?}");
        }
    }
}

#[test]
fn useless_sockets_are_tried_ever_more_seldom() {
    for (name, fate) in useless_sockets() {
        let mut simulation = run_of(fate, ServerOptions::new(Flavour::CometD3));
        simulation.run_for(HOUR);
        let tries = simulation.record.sockets.clone();
        assert!((2..=TRIES_IN_AN_HOUR).contains(&tries.len()), "{name}: {tries:?}");
        for (number, pair) in tries.windows(2).enumerate() {
            assert!(pair[1] - pair[0] >= (30_000 << number).min(1_800_000), "{name}: {tries:?}");
        }
        let load = simulation.load_since(0);
        assert_eq!(load.handshakes, 1, "{name}");
        // The polls of an hour, and for each try the short ones of the ten seconds in which it may open, the proof and the way back.
        let polls = usize::try_from(HOUR / 20_000).expect("small");
        assert!(load.connects <= polls + 13 * tries.len() + 3, "{name}: {load:?}");
    }
}

#[test]
fn a_proof_that_fails_leaves_everything_as_it_was() {
    for (name, reaction) in failed_proofs() {
        let mut simulation = Simulation::with(socket_config(), ServerOptions::new(Flavour::CometD3));
        simulation.script_frames(On::CONNECT, 1, reaction);
        simulation.handshake();
        simulation.run_until_connected(1_000);
        simulation.talk(10_000, 130);
        simulation.run_for(1_000);
        assert_eq!(simulation.path(), ["connecting long-polling", "connected long-polling"], "{name}");
        simulation.check_all_received();
        assert_eq!((simulation.gaps(), simulation.load_since(0).sockets), (vec![], 1), "{name}");
        simulation.run_until_on(ConnectionType::WebSocket, TRIED_AGAIN);
        simulation.talk(1_000, 130);
        simulation.run_for(1_000);
        simulation.check_all_received();
        assert_eq!(simulation.server.client_ids.len(), 1, "{name}");
    }
}

#[test]
fn the_poll_is_back_within_the_three_seconds_a_proof_may_take() {
    for (name, fate) in useless_sockets().into_iter().skip(2).take(3) {
        let mut simulation = run_of(fate, ServerOptions::new(Flavour::CometD3));
        simulation.run_until("the proof is under way", 1_200, |simulation| simulation.traffic().contains(&"socket connect now"));
        simulation.forget();
        let took = simulation.run_until("back", 4_000, |simulation| simulation.traffic().contains(&"connect now"));
        assert_eq!(took, 3_000, "{name}");
    }
}

#[test]
fn a_failed_proof_without_acknowledgement_is_a_gap_only_where_something_may_have_been_lost() {
    for (name, reaction) in failed_proofs() {
        let mut simulation = Simulation::moved_with(socket_config(), ServerOptions::unacknowledged(Flavour::CometD3));
        simulation.close_sockets(1001);
        simulation.run_until_on(ConnectionType::LongPolling, 1_000);
        simulation.script_frames(On::CONNECT, 1, reaction);
        simulation.run_for(28_000);
        simulation.forget();
        simulation.talk(30_000, 130);
        simulation.run_for(1_000);
        let received = simulation.received();
        assert!(received.doubled.is_empty() && received.in_order, "{name}: {received:?}");
        assert!(received.lost.is_empty() || !simulation.gaps().is_empty(), "{name}: {received:?} and no gap\n{}", simulation.record);
        assert!(simulation.gaps().len() <= 1, "{name}: {:?}", simulation.gaps());
    }
}

#[test]
fn a_socket_that_does_not_know_the_session_is_not_tried_again_in_it() {
    for (name, options) in [
        (
            "each connection needs its handshake",
            ServerOptions { require_handshake_per_connection: true, ..ServerOptions::new(Flavour::CometD3) },
        ),
        (
            "and says so without advice",
            ServerOptions { require_handshake_per_connection: true, advice_with_402: false, ..ServerOptions::new(Flavour::CometD8) },
        ),
    ] {
        let mut simulation = Simulation::with(socket_config(), options);
        simulation.handshake();
        simulation.run_until_connected(1_000);
        simulation.talk(HOUR, 60_000);
        simulation.check_all_received();
        assert_eq!(simulation.path(), ["connecting long-polling", "connected long-polling"], "{name}");
        let load = simulation.load_since(0);
        assert_eq!((load.sockets, load.handshakes), (1, 1), "{name}");
        simulation.tell(Input::Online);
        simulation.run_for(60_000);
        assert_eq!(simulation.load_since(0).sockets, 1, "{name}: another network is no other session");
    }
}
