//! What the reference client's own tests prove of the beginning and the end of a session on sockets alone and no other file here does;
//! `docs/parity.md` has the whole list.

use gws_im_sdk::bayeux::{Cause, CommandError, ConnectionType, Event, Input};
use serde_json::{Value, json};

use crate::harness::{
    AckStyle, Flavour, FrameReaction, FrameStyle, On, ServerOptions, Simulation, SocketFate, TOPIC, socket_config, socket_only_config,
};

fn new() -> Simulation {
    Simulation::with(socket_only_config(), ServerOptions::new(Flavour::CometD3))
}

/// How long the client waited between one socket and the next.
fn waits(simulation: &Simulation) -> Vec<u64> {
    simulation.record.sockets.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[test]
fn the_first_frames_are_a_handshake_then_what_is_wanted_and_a_connect() {
    let mut simulation = new();
    simulation.handshake();
    simulation.subscribe("/v2/me/calls");
    simulation.run_until_connected(1_000);
    let subscribe = format!("socket subscribe /v2/me/calls + subscribe {TOPIC}");
    let wanted = simulation.traffic()[2].to_owned();
    assert!(wanted == subscribe || wanted == format!("socket subscribe {TOPIC} + subscribe /v2/me/calls"), "{wanted}");
    assert_eq!(simulation.traffic()[..2], ["open socket", "socket handshake"]);
    assert_eq!(simulation.traffic()[3..], ["socket connect now", "socket connect"]);
    assert_eq!(simulation.requests().count(), 0, "nothing goes over HTTP");
}

#[test]
fn two_handshake_commands_are_one_handshake_on_one_socket() {
    let mut simulation = new();
    let commands = [simulation.handshake(), simulation.handshake()];
    simulation.run_for(30);
    let third = simulation.handshake();
    simulation.run_until_connected(1_000);
    assert!(commands.iter().chain([&third]).all(|command| simulation.result(*command) == Some(Ok(()))));
    assert_eq!(simulation.server.client_ids.len(), 1);
    assert_eq!(simulation.record.sockets.len(), 1);
}

#[test]
fn sockets_that_fail_are_tried_ever_later_until_a_goodbye() {
    for fate in [SocketFate::refused(), SocketFate::NEVER_OPENS] {
        let mut simulation = new();
        simulation.network.sockets = fate;
        let opened = simulation.handshake();
        simulation.run_until("the sixth socket", 600_000, |simulation| simulation.record.sockets.len() == 6);
        let waits = waits(&simulation);
        assert!(waits[4] > waits[0] + 1_000, "{waits:?}");
        assert!(waits.iter().all(|wait| *wait >= 100), "{waits:?}");
        let closed = simulation.disconnect();
        simulation.run_until_disconnected(10_000);
        assert_eq!(simulation.result(opened), Some(Err(CommandError::Aborted)));
        assert_eq!(simulation.result(closed), Some(Ok(())));
        simulation.run_for(3_600_000);
        assert_eq!(simulation.record.sockets.len(), 6, "silence after the goodbye");
    }
}

#[test]
fn commands_during_an_outage_open_no_sockets_of_their_own() {
    let mut simulation = Simulation::moved_with(socket_only_config(), ServerOptions::new(Flavour::CometD3));
    simulation.network.down = true;
    simulation.cut();
    for number in 0..50 {
        simulation.subscribe(&format!("/v2/extra/{number}"));
        simulation.run_for(10);
    }
    simulation.run_for(5_000);
    let sockets = simulation.record.sockets.len();
    assert!(sockets <= 5, "{sockets}");
    simulation.network.down = false;
    simulation.run_until_connected(20_000);
    simulation.run_for(1_000);
    assert_eq!(simulation.subscribed().len(), 51);
}

#[test]
fn refused_handshakes_are_repeated_with_back_off_until_a_goodbye() {
    for reconnect in ["retry", "handshake"] {
        let mut simulation = new();
        simulation.server.refuse_handshakes = Some(("500::not now", json!({"reconnect": reconnect, "interval": 0})));
        simulation.handshake();
        simulation.run_for(30_000);
        let times = simulation.times_on(ConnectionType::WebSocket, "handshake");
        assert!((4..=10).contains(&times.len()), "{times:?}");
        let waits: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(waits.last() > waits.first(), "{waits:?}");
        simulation.disconnect();
        simulation.run_until_disconnected(10_000);
        simulation.run_for(3_600_000);
        assert_eq!(simulation.times_on(ConnectionType::WebSocket, "handshake").len(), times.len());
        assert_eq!(simulation.server.open_sockets(), 0);
    }
}

#[test]
fn a_handshake_refused_for_want_of_a_login_is_repeated_after_one() {
    for error in ["401::no", "403::Handshake denied"] {
        let mut simulation = new();
        simulation.server.refuse_handshakes = Some((error, json!({"reconnect": "none"})));
        let opened = simulation.handshake();
        let asked =
            |simulation: &Simulation| !simulation.events(|event| matches!(event, Event::LoginNeeded { .. }).then_some(())).is_empty();
        simulation.run_until("a login is asked for", 1_000, asked);
        simulation.run_for(600_000);
        simulation.server.refuse_nothing();
        simulation.tell(Input::LoginDone { renewed: true });
        simulation.run_until_connected(2_000);
        assert_eq!(simulation.result(opened), Some(Ok(())), "{error}");
    }
    let mut simulation = new();
    simulation.server.refuse_handshakes = Some(("403::Handshake denied", json!({"reconnect": "none"})));
    simulation.login = Some((50, false));
    simulation.handshake();
    simulation.run_until_disconnected(1_000);
    assert_eq!(simulation.last_status().cause, Some(Cause::LoginRequired { status: 200 }));
}

#[test]
fn a_wish_given_while_handshakes_are_refused_waits_and_one_refused_for_good_fails_it() {
    for (reconnect, comes) in [("retry", true), ("handshake", true), ("none", false)] {
        let mut simulation = new();
        simulation.server.refuse_handshakes = Some(("500::not now", json!({"reconnect": reconnect, "interval": 0})));
        let opened = simulation.handshake();
        let wish = simulation.subscribe("/v2/me/calls");
        simulation.run_for(2_000);
        let told = [simulation.result(opened), simulation.result(wish)];
        assert!(told.iter().all(|result| if comes { result.is_none() } else { matches!(result, Some(Err(_))) }), "{reconnect}: {told:?}");
        assert!(simulation.record.left.iter().all(|left| left.is("handshake")), "{:?}", simulation.traffic());
        simulation.heal();
        simulation.run_for(10_000);
        assert_eq!(simulation.result(wish) == Some(Ok(())), comes, "{reconnect}");
    }
}

#[test]
fn messages_announced_by_the_handshake_come_once_however_many_come() {
    for (frames, announced, lost_connects) in announcements() {
        let options = ServerOptions { ack: AckStyle::EnabledWithBatch, frames, ..ServerOptions::new(Flavour::CometD8) };
        let mut simulation = Simulation::with(socket_only_config(), options);
        simulation.server.handshake_messages = (0..2).map(|data| json!({"channel": TOPIC, "data": data})).collect();
        if let Some(announced) = announced {
            let edit = move |reply: &mut Value| reply["x-messages"] = json!(announced);
            simulation.script_frames(On::HANDSHAKE, 1, FrameReaction::edit(edit));
        }
        simulation.script_frames(On::CONNECT, lost_connects, FrameReaction::Close(1006));
        simulation.handshake();
        simulation.run_until_connected(10_000);
        simulation.run_until("a connect is held", 5_000, |simulation| simulation.server.is_holding_on_a_socket());
        simulation.publish(&json!(2));
        simulation.run_for(1_000);
        assert_eq!(simulation.deliveries(), [0, 1, 2].map(Value::from), "{frames:?} {announced:?} {lost_connects}");
    }
}

/// How frames hold messages, how many the handshake reply promises other than come, and how many connects are lost after it. A server that promises
/// too few or too many and whose answers are lost can't be counted after.
fn announcements() -> Vec<(FrameStyle, Option<u64>, u64)> {
    let styles = [FrameStyle::Apart, FrameStyle::Together, FrameStyle::Bare];
    styles.into_iter().flat_map(|style| [(style, None, 0), (style, None, 2), (style, Some(0), 0), (style, Some(7), 0)]).collect()
}

#[test]
fn opening_and_closing_tell_each_step_once_and_leave_neither_session_nor_socket() {
    for config in [socket_config(), socket_only_config()] {
        let mut simulation = Simulation::with(config, ServerOptions::new(Flavour::CometD3));
        simulation.handshake();
        simulation.run_until("on a socket", 5_000, |simulation| simulation.server.is_holding_on_a_socket());
        simulation.disconnect();
        simulation.run_until_disconnected(1_000);
        let mut told = simulation.statuses();
        told.dedup();
        assert_eq!(told, ["connecting", "connected", "disconnecting", "disconnected"]);
        simulation.run_for(1_000);
        assert_eq!((simulation.server.live().len(), simulation.server.open_sockets()), (0, 0));
        assert_eq!(simulation.client.poll_timeout(), None);
    }
}
