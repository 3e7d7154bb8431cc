//! What the server advises is done.

use gws_im_sdk::bayeux::{Cause, CommandError, Config, Event, MetaChannel, Violation};
use serde_json::{Value, json};

use crate::harness::{End, Flavour, On, Reaction, ServerOptions, Simulation, default_config};

/// Sets the advice of the next `times` connect replies.
fn advise(simulation: &mut Simulation, times: u64, advice: Value) {
    simulation.script(On::CONNECT, times, Reaction::edit(MetaChannel::Connect, move |reply| reply["advice"] = advice.clone()));
}

fn violations(simulation: &Simulation) -> Vec<Violation> {
    simulation.events(|event| match event {
        Event::Violation(violation) => Some(*violation),
        _ => None,
    })
}

/// A connected client whose next connect is answered with `advice`, at once.
fn after_advice(advice: Value) -> Simulation {
    let mut simulation = Simulation::connected();
    simulation.publish(&json!("ends the held connect"));
    advise(&mut simulation, 1, advice);
    simulation.run_until("the next connect is held", 1_000, |simulation| simulation.server.is_holding());
    simulation.forget();
    simulation.publish(&json!("ends the advised connect"));
    simulation
}

/// The time from the end of the advised connect to the next request.
fn wait_after(advice: Value, bound: u64) -> u64 {
    let mut simulation = after_advice(advice);
    simulation.run_until("a delivery", 100, |simulation| !simulation.deliveries().is_empty());
    simulation.run_until("the next request", bound, |simulation| simulation.requests().next().is_some())
}

#[test]
fn the_interval_is_waited_between_connects() {
    assert_eq!(wait_after(json!({"reconnect": "retry", "interval": 0, "timeout": 20_000}), 10), 0);
    assert_eq!(wait_after(json!({"reconnect": "retry", "interval": 3_000, "timeout": 20_000}), 5_000), 3_000);
}

#[test]
fn the_interval_is_waited_from_the_start() {
    let options = ServerOptions { interval: 700, ..ServerOptions::new(Flavour::CometD3) };
    let mut simulation = Simulation::with(default_config(), options);
    simulation.handshake();
    simulation.run_for(5_000);
    let answered: Vec<u64> = simulation.requests().filter_map(|sent| sent.end.map(|(at, _)| at)).collect();
    let connects = simulation.times_of("connect");
    assert_eq!(connects[0] - answered[0], 700, "after the handshake");
    assert_eq!(connects[1] - connects[0], 700 + 40, "after the first connect");
}

#[test]
fn the_timeout_moves_the_deadline_of_the_next_connect() {
    for (advice, deadline) in [
        (json!({"reconnect": "retry", "interval": 0, "timeout": 45_000}), 45_000 + 10_000),
        // A new advice replaces the last one over the configured defaults: its timeout is forgotten.
        (json!({"reconnect": "retry", "interval": 0}), 60_000 + 10_000),
    ] {
        let mut simulation = after_advice(advice.clone());
        simulation.script(On::CONNECT, 1, Reaction::SwallowReply);
        simulation.run_for(120_000);
        let connect = simulation.requests().find(|sent| sent.is("connect")).expect("a connect");
        assert_eq!(connect.end, Some((connect.at + deadline, End::Aborted)), "{advice}");
    }
}

#[test]
fn a_new_session_begins_with_the_defaults() {
    // This server advises nothing at the handshake, so what an earlier session was told would show.
    let mut simulation = Simulation::connected_with(default_config(), ServerOptions::new(Flavour::CometD2));
    simulation.publish(&json!("ends the held connect"));
    advise(&mut simulation, 1, json!({"reconnect": "retry", "interval": 2_500, "timeout": 20_000}));
    simulation.run_until("the next connect is held", 1_000, |simulation| simulation.server.is_holding());
    simulation.publish(&json!("ends the advised connect"));
    simulation.run_for(100);
    simulation.at_server(crate::harness::Server::restart);
    simulation.script(
        On::CONNECT,
        1,
        Reaction::edit(MetaChannel::Connect, |reply| {
            reply.as_object_mut().expect("a reply").remove("advice");
        }),
    );
    simulation.forget();
    simulation.run_until("a second session", 10_000, |simulation| simulation.server.client_ids.len() == 2);
    simulation.run_until_connected(1_000);
    let handshake = simulation.requests().find(|sent| sent.is("handshake")).and_then(|sent| sent.end).expect("answered").0;
    let connects = simulation.times_of("connect");
    assert_eq!(connects.iter().find(|at| **at >= handshake), Some(&handshake));
}

#[test]
fn reconnect_none_is_silence() {
    for advice in [json!({"reconnect": "none"}), json!({"reconnect": "none", "interval": 0, "timeout": 20_000})] {
        let mut simulation = after_advice(advice);
        simulation.run_until_disconnected(1_000);
        assert!(matches!(simulation.last_status().cause, Some(Cause::ServerEnded(_))));
        simulation.run_for(3_600_000);
        assert_eq!(simulation.sent(), [""; 0]);
        assert_eq!(simulation.deliveries(), ["ends the advised connect"]);
    }
}

#[test]
fn a_negative_interval_is_silence() {
    let mut simulation = after_advice(json!({"reconnect": "retry", "interval": -1}));
    simulation.run_until_disconnected(1_000);
    assert!(matches!(simulation.last_status().cause, Some(Cause::ServerEnded(_))));
    simulation.run_for(3_600_000);
    assert_eq!(simulation.sent(), [""; 0]);
}

#[test]
fn a_successful_connect_that_advises_a_handshake_begins_a_new_session() {
    let mut simulation = after_advice(json!({"reconnect": "handshake", "interval": 0}));
    simulation.run_until("a second session", 2_000, |simulation| simulation.server.client_ids.len() == 2);
    simulation.run_until_connected(2_000);
    assert_eq!(simulation.deliveries(), ["ends the advised connect"]);
}

#[test]
fn a_server_that_always_advises_a_handshake_is_not_stormed() {
    let mut simulation = Simulation::new();
    advise(&mut simulation, u64::MAX, json!({"reconnect": "handshake", "interval": 0}));
    simulation.handshake();
    simulation.run_for(60_000);
    let handshakes = simulation.times_of("handshake");
    assert!((3..=16).contains(&handshakes.len()), "{handshakes:?}");
}

#[test]
fn a_successful_handshake_that_advises_no_retry_is_obeyed() {
    let mut simulation = Simulation::new();
    let advice = |reconnect: &'static str| {
        Reaction::edit(MetaChannel::Handshake, move |reply| reply["advice"] = json!({"reconnect": reconnect, "interval": 0}))
    };
    simulation.script(On::HANDSHAKE, 1, advice("handshake"));
    simulation.script(On::HANDSHAKE, 1, advice("none"));
    let command = simulation.handshake();
    simulation.run_until_disconnected(5_000);
    assert_eq!(simulation.sent(), ["handshake", "handshake"]);
    assert!(matches!(simulation.result(command), Some(Err(CommandError::Ended(Cause::ServerEnded(_))))));
}

#[test]
fn a_refused_handshake_that_advises_none_ends_the_channel_with_the_server_s_words() {
    let mut simulation = Simulation::new();
    simulation.server.refuse_handshakes = Some(("400::no room", json!({"reconnect": "none"})));
    let command = simulation.handshake();
    simulation.run_until_disconnected(1_000);
    let Some(Err(CommandError::Ended(Cause::ServerEnded(error)))) = simulation.result(command) else {
        simulation.fail("the command did not end");
    };
    assert_eq!((error.code, error.text.as_str()), (Some(400), "400::no room"));
    simulation.run_for(3_600_000);
    assert_eq!(simulation.sent(), ["handshake"]);
}

#[test]
fn a_refused_handshake_that_advises_a_retry_is_tried_again_with_back_off() {
    for advice in [json!({"reconnect": "retry", "interval": 0}), json!({"reconnect": "handshake", "interval": 500}), Value::Null] {
        let mut simulation = Simulation::new();
        simulation.server.refuse_handshakes = Some(("500::busy", advice.clone()));
        simulation.handshake();
        simulation.run_for(10_000);
        let tries = simulation.times_of("handshake").len();
        assert!((3..=8).contains(&tries), "{advice}: {tries}");
        simulation.server.refuse_nothing();
        simulation.run_until_connected(10_000);
    }
}

#[test]
fn unknown_or_ill_typed_advice_is_reported_and_stops_nothing() {
    for (advice, violation) in [
        (json!({"reconnect": "maybe", "interval": 0, "timeout": 20_000}), Violation::UnknownReconnect),
        (json!({"reconnect": 7}), Violation::UnknownReconnect),
        (json!("retry"), Violation::Advice),
        (json!([]), Violation::Advice),
        (json!({"interval": "soon"}), Violation::Advice),
        (json!({"timeout": {}}), Violation::Advice),
        (json!({"multiple-clients": "yes"}), Violation::Advice),
    ] {
        let mut simulation = after_advice(advice.clone());
        simulation.run_until("reported", 1_000, |simulation| !violations(simulation).is_empty());
        assert_eq!(violations(&simulation), [violation], "{advice}");
        simulation.run_until("the next connect is held", 1_000, |simulation| simulation.server.is_holding());
        simulation.publish(&json!("still there"));
        simulation.run_for(1_000);
        assert_eq!(simulation.deliveries().last(), Some(&json!("still there")), "{advice}");
        assert_eq!(simulation.statuses(), [""; 0], "{advice}");
    }
}

#[test]
fn absurd_numbers_in_advice_neither_stop_nor_storm() {
    for advice in [
        json!({"reconnect": "retry", "interval": 1e300, "timeout": 1e300}),
        json!({"reconnect": "retry", "interval": 0.25, "timeout": -5}),
        json!({"reconnect": "retry", "timeout": 0, "maxInterval": -1}),
    ] {
        let mut simulation = after_advice(advice);
        simulation.run_for(60_000);
        assert!(simulation.requests().count() < 10);
        simulation.tell(gws_im_sdk::bayeux::Input::Hurry);
        simulation.run_until("a connect is held", 5_000, |simulation| simulation.server.is_holding());
    }
}

#[test]
fn with_max_interval_a_long_outage_ends_in_a_handshake() {
    let options = ServerOptions { tell_max_interval: true, ..ServerOptions::new(Flavour::CometD8) };
    let mut simulation = Simulation::connected_with(default_config(), options);
    let lost_at = simulation.now();
    simulation.network.down = true;
    simulation.cut();
    simulation.run_for(120_000);
    let handshakes = simulation.times_of("handshake");
    let first = *handshakes.first().unwrap_or_else(|| simulation.fail("no handshake was tried"));
    // timeout 20 s + maxInterval 10 s after the last answer, then the next attempt.
    assert!((29_000..=65_000).contains(&(first - lost_at)), "{}", first - lost_at);
    assert!(simulation.times_of("connect").iter().all(|at| *at < first), "no connect of a session that must be gone");
}

#[test]
fn without_max_interval_an_outage_goes_on_in_the_same_session() {
    let mut simulation = Simulation::connected();
    simulation.network.down = true;
    simulation.cut();
    simulation.run_for(8_000);
    simulation.network.down = false;
    simulation.run_until_connected(10_000);
    assert_eq!(simulation.times_of("handshake"), [0; 0]);
}

#[test]
fn other_sessions_of_the_browser_slow_the_polls_down_until_they_are_gone() {
    let mut simulation = Simulation::connected();
    simulation.server.multiple_clients = true;
    simulation.publish(&json!(0));
    simulation.run_for(10_000);
    let slow = simulation.times_of("connect");
    assert!((4..=7).contains(&slow.len()), "{slow:?}");
    assert!(slow.windows(2).skip(1).all(|pair| pair[1] - pair[0] >= 2_000), "{slow:?}");

    simulation.server.multiple_clients = false;
    simulation.run_for(4_000);
    assert!(simulation.server.is_holding());
    simulation.publish(&json!(1));
    simulation.run_for(100);
    simulation.forget();
    simulation.publish(&json!(2));
    simulation.run_for(100);
    assert_eq!(simulation.deliveries(), [2]);
    assert!(simulation.server.is_holding(), "the interval is 0 again although no new advice came");
    assert_eq!(simulation.statuses(), [""; 0]);
}

#[test]
fn other_sessions_are_told_of_once_they_outlast_a_poll() {
    let told = |simulation: &Simulation| simulation.events(|event| matches!(event, Event::MultipleClients).then_some(())).len();
    let mut simulation = Simulation::connected();
    simulation.server.multiple_clients = true;
    simulation.publish(&json!(0));
    simulation.run_for(19_000);
    assert_eq!(told(&simulation), 0, "after a reload servers say it falsely for as long as a poll is held");
    simulation.run_for(5_000);
    assert_eq!(told(&simulation), 1);
    simulation.run_for(60_000);
    assert_eq!(told(&simulation), 1);

    let mut simulation = Simulation::connected();
    simulation.server.multiple_clients = true;
    simulation.publish(&json!(0));
    simulation.run_for(15_000);
    simulation.server.multiple_clients = false;
    simulation.run_for(60_000);
    assert_eq!(told(&simulation), 0);
}

#[test]
fn the_configured_defaults_hold_where_the_server_says_nothing() {
    let config = Config { advice_interval: 400, advice_timeout: 5_000, ..default_config() };
    let options = ServerOptions::new(Flavour::CometD2);
    let mut simulation = Simulation::with(config, options);
    simulation.script(
        On::CONNECT,
        1,
        Reaction::edit(MetaChannel::Connect, |reply| {
            reply.as_object_mut().expect("a reply").remove("advice");
        }),
    );
    simulation.script(On::CONNECT, 1, Reaction::SwallowReply);
    simulation.handshake();
    simulation.run_for(20_000);
    let connects: Vec<_> = simulation.requests().filter(|sent| sent.is("connect")).collect();
    assert_eq!(connects[1].at - connects[0].at, 400 + 40);
    assert_eq!(connects[1].end, Some((connects[1].at + 5_000 + 10_000, End::Aborted)));
}
