//! What the reference client's own tests prove on long-polling and no other file here does; `docs/parity.md` has the whole list.

use gws_im_sdk::bayeux::{ConnectionState, Event, Gap, MetaChannel, TransportFailure, Violation};
use serde_json::{Value, json};

use crate::harness::{AckStyle, End, Flavour, On, Reaction, Server, ServerOptions, Simulation, TOPIC, default_config};

fn without_acknowledgement(flavour: Flavour) -> ServerOptions {
    ServerOptions { ack: AckStyle::Absent, ..ServerOptions::new(flavour) }
}

#[test]
fn a_session_renewed_without_any_advice_works_like_the_first() {
    let mut simulation = Simulation::connected_with(default_config(), ServerOptions::new(Flavour::CometD2));
    for session in 2..5 {
        simulation.script(
            On::CONNECT,
            2,
            Reaction::edit(MetaChannel::Connect, |reply| {
                reply.as_object_mut().expect("a reply").remove("advice");
            }),
        );
        simulation.at_server(Server::expire_all);
        simulation.run_until("reconnecting", 1_000, |simulation| simulation.state() == ConnectionState::Reconnecting);
        simulation.run_until_connected(2_000);
        simulation.run_until("a connect is held", 1_000, |simulation| simulation.server.is_holding());
        simulation.publish(&json!(session));
        simulation.run_for(1_000);
        assert_eq!(simulation.deliveries().last(), Some(&json!(session)));
        assert_eq!(simulation.server.client_ids.len(), session);
    }
}

#[test]
fn a_goodbye_between_failing_connects_ends_the_attempts() {
    let mut simulation = Simulation::connected();
    simulation.always(On::CONNECT, Reaction::Fail(TransportFailure::Network));
    simulation.cut();
    simulation.run_until("the third attempt failed", 20_000, |simulation| simulation.last_status().attempt == 3);
    simulation.disconnect();
    simulation.run_until_disconnected(1_000);
    let connects = simulation.times_of("connect").len();
    simulation.run_for(3_600_000);
    assert_eq!(simulation.times_of("connect").len(), connects);
    assert_eq!(simulation.server.live(), [""; 0]);
}

#[test]
fn one_failed_connect_is_told_and_made_good_in_the_same_session() {
    for failure in [Reaction::Fail(TransportFailure::Network), Reaction::http(503), Reaction::LoseReply] {
        let mut simulation = Simulation::connected();
        simulation.script(On::CONNECT, 1, failure);
        simulation.publish(&json!("ends the poll"));
        simulation.run_until("reconnecting", 30_000, |simulation| simulation.state() == ConnectionState::Reconnecting);
        simulation.run_until_connected(1_000);
        simulation.publish(&json!("after"));
        simulation.run_for(1_000);
        assert_eq!(simulation.statuses().last().map(String::as_str), Some("connected recovered"));
        assert_eq!(simulation.deliveries(), ["ends the poll", "after"]);
        assert_eq!(simulation.times_of("handshake"), [0; 0]);
        assert_eq!(simulation.sent()[..3], ["connect", "connect now", "connect"]);
    }
}

#[test]
fn a_goodbye_said_as_soon_as_there_is_a_session_leaves_no_connect_after_it() {
    let mut simulation = Simulation::new();
    simulation.script(On::CONNECT, 1, Reaction::Delay(5_000));
    simulation.handshake();
    simulation.run_until("a session", 1_000, |simulation| simulation.client.status().client_id.is_some());
    simulation.disconnect();
    simulation.run_until_disconnected(1_000);
    simulation.run_for(60_000);
    assert_eq!(simulation.sent().last().map(String::as_str), Some("disconnect"));
    assert_eq!(simulation.times_of("connect").len(), 1, "{:?}", simulation.sent());
    assert_eq!(simulation.server.live(), [""; 0]);
}

#[test]
fn a_goodbye_said_when_the_first_connect_is_answered_is_followed_by_no_connect() {
    let mut simulation = Simulation::new();
    simulation.handshake();
    simulation.run_until_connected(1_000);
    simulation.disconnect();
    simulation.run_until_disconnected(1_000);
    let goodbye = simulation.times_of("disconnect")[0];
    simulation.run_for(60_000);
    assert!(simulation.times_of("connect").iter().all(|connect| *connect <= goodbye), "{:?}", simulation.sent());
    assert_eq!(simulation.server.live(), [""; 0]);
}

#[test]
fn the_advice_of_a_failed_connect_nobody_waits_for_is_not_taken() {
    for id in [json!("1"), json!("9999"), Value::Null] {
        for reconnect in ["none", "handshake"] {
            let stray = json!({"channel": "/meta/connect", "id": id, "successful": false, "error": "402::Unknown client",
                "advice": {"reconnect": reconnect, "interval": 30_000}});
            let mut simulation = Simulation::connected();
            simulation.script(
                On::SUBSCRIBE,
                1,
                Reaction::rewrite(move |mut messages| {
                    messages.push(stray.clone());
                    Value::Array(messages)
                }),
            );
            simulation.subscribe("/v2/me/calls");
            simulation.run_for(100);
            simulation.publish(&json!("ends the poll"));
            simulation.run_for(1_000);
            assert!(simulation.server.is_holding(), "the next connect has left at once");
            assert_eq!(simulation.statuses(), [""; 0]);
            assert_eq!(simulation.server.client_ids.len(), 1);
            let told = simulation.events(|event| matches!(event, Event::Violation(Violation::UnknownReply)).then_some(()));
            assert_eq!(told.len(), 1);
        }
    }
}

#[test]
fn falsy_data_is_delivered_like_any_other() {
    let falsy = [json!(""), json!(0), json!(false), json!(null), json!([]), json!({})];
    let mut simulation = Simulation::connected();
    for data in &falsy {
        simulation.publish(data);
        simulation.run_for(100);
    }
    assert_eq!(simulation.deliveries(), falsy);
}

#[test]
fn a_wish_given_while_handshakes_are_refused_waits_and_one_refused_for_good_fails_it() {
    for (reconnect, comes) in [("retry", true), ("handshake", true), ("none", false)] {
        let mut simulation = Simulation::new();
        simulation.server.refuse_handshakes = Some(("500::not now", json!({"reconnect": reconnect, "interval": 0})));
        let opened = simulation.handshake();
        let wish = simulation.subscribe("/v2/me/calls");
        simulation.run_for(2_000);
        let told = [simulation.result(opened), simulation.result(wish)];
        assert!(told.iter().all(|result| if comes { result.is_none() } else { matches!(result, Some(Err(_))) }), "{reconnect}: {told:?}");
        assert!(simulation.sent().iter().all(|sent| sent == "handshake"), "{:?}", simulation.sent());
        simulation.heal();
        simulation.run_for(10_000);
        assert_eq!(simulation.result(wish) == Some(Ok(())), comes, "{reconnect}");
    }
}

#[test]
fn an_unsubscribe_that_fails_is_repeated_and_disturbs_nothing() {
    for failure in [Reaction::Fail(TransportFailure::Network), Reaction::http(500), Reaction::LoseReply, Reaction::SwallowReply] {
        let mut simulation = Simulation::connected();
        simulation.subscribe("/v2/me/calls");
        simulation.run_for(100);
        simulation.script(On::UNSUBSCRIBE, 1, failure);
        let command = simulation.unsubscribe("/v2/me/calls");
        simulation.run_until("unsubscribed", 12_000, |simulation| simulation.result(command) == Some(Ok(())));
        assert_eq!(simulation.subscribed(), [TOPIC]);
        assert_eq!(simulation.times_of("unsubscribe").len(), 2);
        assert_eq!(simulation.statuses(), [""; 0]);
    }
}

#[test]
fn a_handshake_reply_may_carry_messages_or_promise_more_than_come_without_acknowledgement() {
    for (announced, carried) in [(2, 2), (5, 2), (3, 0), (0, 2)] {
        let mut simulation = Simulation::with(default_config(), without_acknowledgement(Flavour::CometD8));
        simulation.script(
            On::HANDSHAKE,
            1,
            Reaction::rewrite(move |mut messages| {
                messages[0]["x-messages"] = json!(announced);
                messages.extend((0..carried).map(|number| json!({"channel": TOPIC, "data": number})));
                Value::Array(messages)
            }),
        );
        simulation.handshake();
        simulation.run_until_connected(1_000);
        simulation.publish(&json!(carried));
        simulation.run_for(1_000);
        assert_eq!(simulation.deliveries(), (0..=carried).map(Value::from).collect::<Vec<_>>(), "{announced} {carried}");
    }
}

#[test]
fn connects_answered_too_late_fail_one_by_one_and_the_channel_recovers_between_them() {
    let options = ServerOptions { max_interval: 60_000, ..without_acknowledgement(Flavour::CometD3) };
    let mut simulation = Simulation::connected_with(default_config(), options);
    for round in 1..=3_usize {
        simulation.forget();
        simulation.script(On::CONNECT, 1, Reaction::Delay(60_000));
        simulation.publish(&json!(round));
        simulation.run_until("reconnecting", 60_000, |simulation| simulation.state() == ConnectionState::Reconnecting);
        simulation.run_until_connected(1_000);
        simulation.run_until("a connect is held", 1_000, |simulation| simulation.server.is_holding());
        let mut statuses = simulation.statuses();
        statuses.dedup();
        assert_eq!(statuses, ["reconnecting 1 timeout", "connected"]);
        let late = simulation.requests().find(|sent| sent.end.is_some_and(|(_, end)| end == End::Aborted)).expect("one was given up");
        assert_eq!(late.end, Some((late.at + 20_000 + 10_000, End::Aborted)));
        let gaps =
            simulation.events(|event| if let Event::Gap(Gap { since, until, .. }) = event { Some(until.since(*since)) } else { None });
        assert_eq!(gaps.len(), 1, "what the late answer carried is not known");
    }
    assert_eq!(simulation.server.client_ids.len(), 1, "one session through it all");
}
