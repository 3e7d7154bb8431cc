//! When messages may have been missed, it is said; when not, it is not.

use gws_im_sdk::bayeux::{Event, Gap, GapCause};
use serde_json::{Value, json};

use crate::harness::{AckStyle, Flavour, On, Reaction, Server, ServerOptions, Simulation, default_config};

fn unacknowledged() -> Simulation {
    let options = ServerOptions { ack: AckStyle::Absent, max_interval: 100_000, ..ServerOptions::new(Flavour::CometD3) };
    Simulation::connected_with(default_config(), options)
}

fn gaps(simulation: &Simulation) -> Vec<Gap> {
    simulation.events(|event| match event {
        Event::Gap(gap) => Some(*gap),
        _ => None,
    })
}

fn causes(simulation: &Simulation) -> Vec<GapCause> {
    gaps(simulation).iter().map(|gap| gap.cause).collect()
}

#[test]
fn the_first_session_is_no_gap() {
    let mut simulation = Simulation::new();
    simulation.script(On::HANDSHAKE, 2, Reaction::http(500));
    simulation.script(On::CONNECT, 1, Reaction::http(500));
    simulation.handshake();
    simulation.run_until_connected(10_000);
    simulation.run_for(60_000);
    assert_eq!(causes(&simulation), []);
}

#[test]
fn a_session_after_a_disconnect_is_a_gap() {
    let mut simulation = Simulation::connected();
    simulation.disconnect();
    simulation.run_until_disconnected(1_000);
    simulation.run_for(10_000);
    simulation.handshake();
    simulation.run_until_connected(1_000);
    assert_eq!(causes(&simulation), [GapCause::NewSession]);
}

#[test]
fn without_acknowledgement_a_lost_reply_is_a_gap() {
    for swallowed in [false, true] {
        let mut simulation = unacknowledged();
        simulation.publish(&json!(0));
        simulation.script(On::CONNECT, 1, if swallowed { Reaction::SwallowReply } else { Reaction::LoseReply });
        simulation.run_until("a connect is held", 1_000, |simulation| simulation.server.is_holding());
        let since = simulation.now();
        simulation.publish(&json!("lost"));
        simulation.run_until("reconnecting", 40_000, |simulation| !simulation.statuses().is_empty());
        simulation.run_until_connected(40_000);
        simulation.run_for(100);
        assert_eq!(causes(&simulation), [GapCause::LostReply], "{swallowed}");
        let gap = gaps(&simulation)[0];
        assert!(gap.since.as_millis() <= since, "{gap:?} {since}");
        assert!(gap.until > gap.since && gap.until.as_millis() <= simulation.now(), "{gap:?}");
        assert!(!simulation.last_status().recovered);
        assert_eq!(simulation.deliveries(), [0].map(Value::from));
    }
}

#[test]
fn without_acknowledgement_the_lost_reply_of_a_command_is_a_gap_too() {
    for (acknowledged, expected) in [(false, vec![GapCause::LostReply]), (true, vec![])] {
        let mut simulation = if acknowledged { Simulation::connected() } else { unacknowledged() };
        simulation.script(On::SUBSCRIBE, 1, Reaction::LoseReply);
        let command = simulation.subscribe("/v2/me/calls");
        simulation.run_until("subscribed", 15_000, |simulation| simulation.result(command) == Some(Ok(())));
        simulation.publish(&json!("an answer to the poll"));
        simulation.run_for(1_000);
        assert_eq!(causes(&simulation), expected, "acknowledged: {acknowledged}");
    }
}

#[test]
fn a_long_outage_without_acknowledgement_is_one_gap_however_many_attempts_failed() {
    let mut simulation = unacknowledged();
    simulation.network.down = true;
    simulation.cut();
    simulation.run_for(8_000);
    simulation.network.down = false;
    simulation.run_until_connected(10_000);
    simulation.run_for(1_000);
    assert_eq!(causes(&simulation), [GapCause::LostReply]);
}

#[test]
fn an_acknowledged_session_that_survives_has_no_gap() {
    let mut simulation = Simulation::connected();
    simulation.script(On::CONNECT, 3, Reaction::LoseReply);
    simulation.publish(&json!(0));
    simulation.run_for(60_000);
    simulation.run_until_connected(60_000);
    assert_eq!(causes(&simulation), []);
    assert!(simulation.statuses().iter().any(|status| status == "connected recovered"), "{:?}", simulation.statuses());
}

#[test]
fn a_connect_we_ended_ourselves_is_a_gap_without_acknowledgement_only() {
    for (mut simulation, expected) in [(Simulation::connected(), vec![]), (unacknowledged(), vec![GapCause::LostReply])] {
        simulation.tell(gws_im_sdk::bayeux::Input::Resume);
        simulation.run_for(1_000);
        assert_eq!(causes(&simulation), expected);
    }
}

#[test]
fn an_outage_that_costs_the_session_is_one_gap() {
    for mut simulation in [Simulation::connected(), unacknowledged()] {
        let since = simulation.now();
        simulation.at_server(Server::restart);
        simulation.network.down = true;
        simulation.cut();
        simulation.run_for(30_000);
        let healed = simulation.now();
        simulation.network.down = false;
        simulation.run_until_connected(40_000);
        simulation.run_for(1_000);
        assert_eq!(causes(&simulation), [GapCause::NewSession]);
        let gap = gaps(&simulation)[0];
        assert!(gap.since.as_millis() <= since && gap.until.as_millis() >= healed, "{gap:?}");
    }
}

#[test]
fn gaps_are_counted() {
    let mut simulation = Simulation::connected();
    let before = simulation.client.counters();
    simulation.at_server(Server::restart);
    simulation.cut();
    simulation.run_until("a new session", 5_000, |simulation| simulation.server.client_ids.len() == 2);
    simulation.run_until_connected(5_000);
    simulation.run_for(1_000);
    let after = simulation.client.counters();
    assert_eq!(after.gaps - before.gaps, 1);
    assert_eq!(after.handshakes - before.handshakes, 1);
    assert_eq!(after.reconnects - before.reconnects, 1);
}
