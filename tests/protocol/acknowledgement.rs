//! Each message once and in order, whatever becomes of the replies.

use gws_im_sdk::bayeux::{Config, Event, MetaChannel};
use serde_json::{Value, json};

use crate::harness::{AckStyle, Flavour, On, Reaction, ServerOptions, Simulation, TOPIC, default_config};

fn acknowledged_by(simulation: &Simulation) -> Vec<Value> {
    simulation.requests().filter(|sent| sent.is("connect")).map(|sent| sent.messages[0]["ext"]["ack"].clone()).collect()
}

fn numbers(range: std::ops::Range<u64>) -> Vec<Value> {
    range.map(Value::from).collect()
}

/// Connected to a server that keeps a session however long nothing is heard of it.
fn patient() -> Simulation {
    Simulation::connected_with(default_config(), ServerOptions { max_interval: 10_000_000, ..ServerOptions::new(Flavour::CometD3) })
}

fn gap_count(simulation: &Simulation) -> usize {
    simulation.events(|event| matches!(event, Event::Gap(_)).then_some(())).len()
}

#[test]
fn every_connect_acknowledges_what_the_last_reply_brought() {
    let mut simulation = Simulation::new();
    simulation.handshake();
    simulation.run_until_connected(1_000);
    for number in 0..3 {
        simulation.run_until("a connect is held", 1_000, |simulation| simulation.server.is_holding());
        simulation.publish(&json!(number));
    }
    simulation.run_for(1_000);
    assert_eq!(acknowledged_by(&simulation), numbers(0..5));
}

#[test]
fn what_a_lost_reply_carried_comes_once_and_in_order() {
    for lost in [1, 2, 5] {
        for swallowed in [false, true] {
            let mut simulation = patient();
            simulation.publish(&json!(0));
            let reaction = if swallowed { Reaction::SwallowReply } else { Reaction::LoseReply };
            simulation.script(On::CONNECT, lost, reaction);
            simulation.run_until("a connect is held", 1_000, |simulation| simulation.server.is_holding());
            simulation.publish(&json!(1));
            simulation.publish(&json!(2));
            simulation.run_for(lost * 60_000);
            simulation.run_until_connected(60_000);
            simulation.publish(&json!(3));
            simulation.run_for(1_000);
            assert_eq!(simulation.deliveries(), numbers(0..4), "{lost} {swallowed}");
            assert_eq!(gap_count(&simulation), 0, "nothing can have been missed");
        }
    }
}

#[test]
fn numbers_that_jump_after_lost_replies_are_taken_as_they_come() {
    let mut simulation = Simulation::connected();
    simulation.publish(&json!(0));
    simulation.script(On::CONNECT, 2, Reaction::LoseReply);
    simulation.run_until("a connect is held", 1_000, |simulation| simulation.server.is_holding());
    simulation.publish(&json!(1));
    simulation.run_for(20_000);
    // Replies 3 and 4 were lost, so the next number after 2 is 5.
    assert_eq!(acknowledged_by(&simulation), [2, 2, 2, 5].map(Value::from));
    assert_eq!(simulation.deliveries(), numbers(0..2));
}

#[test]
fn what_is_published_during_an_outage_comes_after_it() {
    let mut simulation = Simulation::connected();
    simulation.network.down = true;
    simulation.cut();
    for number in 0..4 {
        simulation.publish(&json!(number));
        simulation.run_for(1_000);
    }
    simulation.network.down = false;
    simulation.run_until_connected(10_000);
    simulation.publish(&json!(4));
    simulation.run_for(1_000);
    assert_eq!(simulation.deliveries(), numbers(0..5));
    assert_eq!(simulation.statuses().last().map(String::as_str), Some("connected recovered"));
    assert_eq!(gap_count(&simulation), 0);
}

#[test]
fn a_reply_without_its_number_is_delivered_and_asked_for_again_without_doubling() {
    let mut simulation = Simulation::connected();
    simulation.publish(&json!(0));
    simulation.script(
        On::CONNECT,
        3,
        Reaction::edit(MetaChannel::Connect, |reply| {
            reply.as_object_mut().expect("a reply").remove("ext");
        }),
    );
    simulation.run_until("a connect is held", 1_000, |simulation| simulation.server.is_holding());
    simulation.publish(&json!(1));
    simulation.run_for(5_000);
    simulation.publish(&json!(2));
    simulation.run_for(5_000);
    assert_eq!(simulation.deliveries(), numbers(0..3));
}

#[test]
fn messages_of_a_refused_connect_come_once_though_the_server_repeats_them() {
    let mut simulation = Simulation::connected();
    simulation.publish(&json!(0));
    simulation.script(On::CONNECT, 1, Reaction::edit(MetaChannel::Connect, |reply| {
        *reply = json!({"channel": "/meta/connect", "id": reply["id"], "successful": false, "error": "500::oops", "advice": {"reconnect": "retry"}});
    }));
    simulation.run_until("a connect is held", 1_000, |simulation| simulation.server.is_holding());
    simulation.publish(&json!(1));
    simulation.run_for(5_000);
    simulation.publish(&json!(2));
    simulation.run_for(5_000);
    assert_eq!(simulation.deliveries(), [0, 1, 2].map(Value::from));
}

#[test]
fn a_new_session_starts_its_own_numbers() {
    let mut simulation = Simulation::connected();
    for number in 0..6 {
        simulation.publish(&json!(number));
        simulation.run_for(100);
    }
    simulation.at_server(crate::harness::Server::restart);
    simulation.cut();
    simulation.run_until("a new session", 5_000, |simulation| simulation.server.client_ids.len() == 2);
    simulation.forget();
    simulation.run_for(5_000);
    assert_eq!(acknowledged_by(&simulation)[0], 0);
    simulation.publish(&json!("new"));
    simulation.run_for(1_000);
    assert_eq!(simulation.deliveries(), ["new"]);
}

#[test]
fn messages_of_the_handshake_reply_come_once() {
    let options = ServerOptions { ack: AckStyle::EnabledWithBatch, ..ServerOptions::new(Flavour::CometD8) };
    for lost_connects in [0, 2] {
        let mut simulation = Simulation::with(default_config(), options.clone());
        simulation.server.handshake_messages = vec![json!({"channel": TOPIC, "data": 0}), json!({"channel": TOPIC, "data": 1})];
        simulation.script(On::CONNECT, lost_connects, Reaction::LoseReply);
        simulation.handshake();
        simulation.run_until_connected(10_000);
        simulation.publish(&json!(2));
        simulation.run_for(5_000);
        assert_eq!(simulation.deliveries(), numbers(0..3));
        assert_eq!(acknowledged_by(&simulation)[0], 1);
        assert!(simulation.last_status().acknowledged);
    }
}

#[test]
fn an_enabled_without_a_number_begins_at_zero() {
    let mut simulation = Simulation::new();
    simulation.script(On::HANDSHAKE, 1, Reaction::edit(MetaChannel::Handshake, |reply| reply["ext"]["ack"] = json!({"enabled": true})));
    simulation.handshake();
    simulation.run_until_connected(1_000);
    simulation.publish(&json!(0));
    simulation.run_for(1_000);
    assert_eq!(acknowledged_by(&simulation)[0], 0);
    assert_eq!(simulation.deliveries(), numbers(0..1));
}

#[test]
fn a_server_that_does_not_take_the_extension_is_never_sent_numbers() {
    let refusals = [json!(false), json!({"enabled": false}), json!("yes"), json!(null)];
    for refusal in refusals {
        let mut simulation =
            Simulation::with(default_config(), ServerOptions { ack: AckStyle::Absent, ..ServerOptions::new(Flavour::CometD8) });
        let value = refusal.clone();
        simulation.script(On::HANDSHAKE, 1, Reaction::edit(MetaChannel::Handshake, move |reply| reply["ext"] = json!({"ack": value})));
        simulation.handshake();
        simulation.run_for(1_000);
        assert!(!simulation.last_status().acknowledged, "{refusal}");
        assert!(simulation.requests().filter(|sent| sent.is("connect")).all(|sent| sent.messages[0].get("ext").is_none()), "{refusal}");
    }
}

#[test]
fn the_extension_is_not_offered_when_it_is_switched_off() {
    let config = Config { ack: false, ..default_config() };
    let mut simulation = Simulation::with(config, ServerOptions::new(Flavour::CometD3));
    simulation.handshake();
    simulation.run_for(1_000);
    let handshake = simulation.requests().next().expect("a handshake");
    assert_ne!(handshake.messages[0].pointer("/ext/ack"), Some(&json!(true)));
    assert!(!simulation.last_status().acknowledged);
}

#[test]
fn a_yes_nobody_asked_for_changes_nothing() {
    let config = Config { ack: false, ..default_config() };
    let mut simulation = Simulation::with(config, ServerOptions::new(Flavour::CometD3));
    simulation.script(On::HANDSHAKE, 1, Reaction::edit(MetaChannel::Handshake, |reply| reply["ext"] = json!({"ack": true})));
    simulation.handshake();
    simulation.run_for(1_000);
    assert!(!simulation.last_status().acknowledged);
    assert!(acknowledged_by(&simulation).iter().all(Value::is_null));
}

#[test]
fn a_number_that_falls_is_not_sent() {
    let mut simulation = Simulation::connected();
    for number in 0..3 {
        simulation.publish(&json!(number));
        simulation.run_for(100);
    }
    simulation.publish(&json!(3));
    simulation.script(On::CONNECT, 1, Reaction::edit(MetaChannel::Connect, |reply| reply["ext"]["ack"] = json!(1)));
    simulation.run_until("a connect is held", 1_000, |simulation| simulation.server.is_holding());
    simulation.publish(&json!(4));
    simulation.run_for(100);
    simulation.publish(&json!(5));
    simulation.run_for(1_000);
    let sent: Vec<Option<u64>> = acknowledged_by(&simulation).iter().map(Value::as_u64).collect();
    assert!(sent.is_sorted(), "{sent:?}");
    assert_eq!(simulation.deliveries(), numbers(0..6));
}

#[test]
fn ten_thousand_messages_in_one_reply_are_all_delivered_in_order() {
    let mut simulation = Simulation::connected();
    simulation.publish(&json!(0));
    for number in 1..10_000 {
        simulation.publish(&json!(number));
    }
    simulation.run_for(1_000);
    assert_eq!(simulation.deliveries(), numbers(0..10_000));
    simulation.script(On::CONNECT, 1, Reaction::LoseReply);
    simulation.publish(&json!("next"));
    simulation.run_for(5_000);
    assert_eq!(simulation.deliveries().len(), 10_001);
}

#[test]
fn duplicates_are_counted() {
    let mut simulation = Simulation::connected();
    simulation.publish(&json!(0));
    simulation.script(
        On::CONNECT,
        1,
        Reaction::edit(MetaChannel::Connect, |reply| {
            reply.as_object_mut().expect("a reply").remove("ext");
        }),
    );
    simulation.run_until("a connect is held", 1_000, |simulation| simulation.server.is_holding());
    simulation.publish(&json!(1));
    simulation.run_for(5_000);
    assert_eq!(simulation.deliveries(), numbers(0..2));
    assert_eq!(simulation.client.counters().duplicates, 1);
}
