//! The page woke up, or the browser says that the network changed.

use gws_im_sdk::bayeux::{ConnectionState, Input};
use serde_json::json;

use crate::harness::{
    AckStyle, End, Flavour, On, Reaction, ServerOptions, Simulation, SocketFate, TOPIC, default_config, socket_only_config,
};

/// A server that keeps a session however long nothing is heard of it.
fn patient() -> ServerOptions {
    ServerOptions { max_interval: 10_000_000, ..ServerOptions::new(Flavour::CometD3) }
}

#[test]
fn the_running_connect_is_replaced_at_once_without_a_change_of_state() {
    for input in [Input::Resume, Input::Online, Input::Hurry] {
        let mut simulation = Simulation::connected();
        let woken_at = simulation.now();
        simulation.tell(input.clone());
        simulation.pump();
        let poll = simulation.record.sent.iter().find(|sent| sent.messages.is_empty()).expect("the poll");
        assert_eq!(poll.end, Some((woken_at, End::Aborted)), "{input:?}");
        assert_eq!(simulation.sent(), ["connect now"]);
        assert_eq!(simulation.times_of("connect"), [woken_at]);
        simulation.run_for(1_000);
        assert_eq!(simulation.sent(), ["connect now", "connect"]);
        assert_eq!(simulation.statuses(), [""; 0], "the end of what we ended is no failure: {input:?}");
        simulation.publish(&json!(1));
        simulation.run_for(100);
        assert_eq!(simulation.deliveries(), [1]);
    }
}

#[test]
fn nothing_is_lost_by_it_in_an_acknowledged_session() {
    let mut simulation = Simulation::connected();
    for number in 0..20 {
        simulation.publish(&json!(number));
        simulation.tell(Input::Resume);
        simulation.run_for(7);
    }
    simulation.run_for(2_000);
    assert_eq!(simulation.deliveries(), (0..20).map(|number| json!(number)).collect::<Vec<_>>());
    assert_eq!(simulation.statuses(), [""; 0]);
}

#[test]
fn a_dead_connect_after_sleep_is_found_out_within_five_seconds() {
    let mut simulation = Simulation::connected();
    simulation.network.faults.lose_request = 100;
    simulation.network.faults.silent = 100;
    simulation.tell(Input::Resume);
    let took = simulation.run_until("reconnecting", 6_000, |simulation| simulation.state() == ConnectionState::Reconnecting);
    assert_eq!(took, 5_000);
    let connect = simulation.requests().next().expect("a connect");
    assert_eq!(connect.end, Some((connect.at + 5_000, End::Aborted)));
    simulation.heal();
    simulation.run_until_connected(15_000);
}

#[test]
fn the_five_seconds_are_for_the_one_connect_only() {
    let mut simulation = Simulation::connected();
    simulation.tell(Input::Resume);
    simulation.run_for(60_000);
    assert_eq!(simulation.statuses(), [""; 0]);
}

#[test]
fn a_retry_that_waits_leaves_at_once() {
    for input in [Input::Resume, Input::Online, Input::Hurry] {
        for first in [On::CONNECT, On::HANDSHAKE] {
            let mut simulation = Simulation::with(default_config(), patient());
            simulation.always(first, Reaction::http(503));
            simulation.handshake();
            simulation.run_for(200_000);
            simulation.heal();
            simulation.run_until("a retry is waited for", 60_000, |simulation| simulation.last_status().retry_at.is_some());
            let before = simulation.requests().count();
            simulation.tell(input.clone());
            simulation.pump();
            assert_eq!(simulation.requests().count(), before + 1, "{input:?} {first:?}");
            simulation.run_until_connected(3_000);
            assert_eq!(simulation.subscribed(), [TOPIC]);
        }
    }
}

#[test]
fn waking_up_again_and_again_is_no_storm() {
    let mut simulation = Simulation::connected();
    simulation.network.down = true;
    simulation.cut();
    for _ in 0..100 {
        simulation.tell(Input::Resume);
        simulation.tell(Input::Online);
        simulation.run_for(100);
    }
    // Ten seconds: one a second for the events, and the retries of the back-off between them.
    assert!(simulation.requests().count() <= 30, "{}", simulation.requests().count());
    simulation.network.down = false;
    simulation.tell(Input::Online);
    simulation.run_until_connected(3_000);
}

#[test]
fn offline_ends_nothing_that_runs() {
    let mut simulation = Simulation::connected();
    simulation.tell(Input::Offline);
    simulation.publish(&json!("behind a VPN"));
    simulation.run_for(100_000);
    assert_eq!(simulation.deliveries(), ["behind a VPN"]);
    assert_eq!(simulation.statuses(), [""; 0]);
    assert!(simulation.record.sent.iter().all(|sent| sent.end.is_none_or(|(_, end)| end == End::Answered)));
}

#[test]
fn offline_slows_retries_and_online_ends_the_wait() {
    let attempts = |offline: bool| {
        let mut simulation = Simulation::connected();
        if offline {
            simulation.tell(Input::Offline);
        }
        simulation.network.down = true;
        simulation.cut();
        simulation.run_for(30_000);
        simulation.requests().count()
    };
    assert!(attempts(true) < attempts(false), "{} {}", attempts(true), attempts(false));

    let mut simulation = Simulation::connected_with(default_config(), patient());
    simulation.tell(Input::Offline);
    simulation.network.down = true;
    simulation.cut();
    simulation.run_for(30_000);
    simulation.network.down = false;
    simulation.tell(Input::Online);
    simulation.run_until_connected(1_000);
}

#[test]
fn after_an_outage_that_cost_the_session_online_leads_back_in_a_moment() {
    let mut simulation = Simulation::connected();
    simulation.run_for(60_000);
    simulation.tell(Input::Offline);
    simulation.network.down = true;
    simulation.cut();
    simulation.run_for(600_000);
    simulation.network.down = false;
    simulation.tell(Input::Online);
    simulation.run_until_connected(2_000);
    assert_eq!(simulation.subscribed(), [TOPIC]);
}

#[test]
fn offline_for_ever_is_still_tried_now_and_then() {
    let mut simulation = Simulation::connected();
    simulation.tell(Input::Offline);
    simulation.cut();
    simulation.run_until_connected(120_000);
}

#[test]
fn waking_up_during_a_handshake_keeps_to_one_handshake() {
    for input in [Input::Resume, Input::Online, Input::Hurry] {
        let mut simulation = Simulation::new();
        simulation.script(On::HANDSHAKE, 1, Reaction::Delay(500));
        simulation.handshake();
        simulation.run_for(100);
        simulation.tell(input);
        simulation.run_until_connected(15_000);
        assert_eq!(simulation.server.live().len(), 1);
    }
}

#[test]
fn a_handshake_that_left_on_another_network_is_sent_again_at_once() {
    for config in [default_config(), socket_only_config()] {
        for input in [Input::Resume, Input::Online] {
            let mut simulation = Simulation::with(config.clone(), ServerOptions::new(Flavour::CometD3));
            (simulation.network.faults.lose_request, simulation.network.faults.silent) = (100, 100);
            simulation.network.sockets = SocketFate::NEVER_OPENS;
            simulation.handshake();
            simulation.run_for(600_000);
            simulation.run_until("a handshake is under way", 100_000, |simulation| simulation.last_status().retry_at.is_none());
            simulation.run_for(1_500);
            simulation.heal();
            simulation.tell(input);
            simulation.run_until_connected(500);
        }
    }
}

#[test]
fn a_person_in_a_hurry_does_not_start_a_slow_handshake_again() {
    let mut simulation = Simulation::new();
    simulation.script(On::HANDSHAKE, 1, Reaction::Delay(9_000));
    simulation.handshake();
    for _ in 0..18 {
        simulation.run_for(500);
        simulation.tell(Input::Hurry);
    }
    simulation.run_until_connected(1_000);
    assert_eq!(simulation.times_of("handshake").len(), 1);
}

#[test]
fn waking_up_between_connects_sends_one() {
    let options = ServerOptions { interval: 5_000, ack: AckStyle::Absent, ..ServerOptions::new(Flavour::CometD3) };
    let mut simulation = Simulation::with(default_config(), options);
    simulation.handshake();
    simulation.run_until_connected(20_000);
    simulation.forget();
    simulation.run_for(1_000);
    simulation.tell(Input::Resume);
    simulation.pump();
    assert_eq!(simulation.sent().len(), 1, "{:?}", simulation.sent());
    simulation.run_for(3_000);
    assert_eq!(simulation.statuses(), [""; 0]);
}

#[test]
fn what_comes_too_soon_after_another_is_asked_a_moment_later() {
    let mut simulation = Simulation::connected();
    for _ in 0..100 {
        simulation.tell(Input::Hurry);
        simulation.run_for(9);
    }
    assert_eq!(simulation.sent(), ["connect now", "connect"]);
    simulation.run_for(2_000);
    assert_eq!(simulation.sent(), ["connect now", "connect", "connect now", "connect"]);
}
