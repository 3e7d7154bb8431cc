//! Bodies and statuses no server should send, in answer to every kind of request.

use gws_im_sdk::bayeux::{ConnectionState, Event, Violation};
use serde_json::{Value, json};

use crate::harness::{On, Reaction, Simulation, TOPIC};

const REQUESTS: [On; 5] = [On::HANDSHAKE, On::CONNECT, On::SUBSCRIBE, On::UNSUBSCRIBE, On::DISCONNECT];

fn violations(simulation: &Simulation) -> Vec<Violation> {
    simulation.events(|event| match event {
        Event::Violation(violation) => Some(*violation),
        _ => None,
    })
}

/// Lives through everything a client does, while the first `times` requests for `on` meet the reaction; fails unless the channel then works
/// and nothing published in its last session was lost or doubled.
fn live_through(what: &str, on: On, times: u64, reaction: impl Fn() -> Reaction) -> Simulation {
    let mut simulation = Simulation::new();
    simulation.login = Some((50, true));
    (0..times).for_each(|_| simulation.script(on, 1, reaction()));
    simulation.handshake();
    simulation.subscribe("/v2/me/calls");
    simulation.run_for(30_000);
    let given_up = simulation.try_unsubscribe("/v2/me/calls");
    simulation.run_for(30_000);
    simulation.disconnect();
    simulation.run_until("closed", 30_000, |simulation| simulation.state() == ConnectionState::Disconnected);
    let opened = simulation.handshake();
    simulation.run_until("open", 30_000, |simulation| simulation.result(opened).is_some());
    assert_eq!(simulation.result(opened), Some(Ok(())), "{what} {on:?}");
    let before = simulation.deliveries().len();
    (0..3).for_each(|number| simulation.publish(&json!(number)));
    simulation.run_for(30_000);
    assert_eq!(simulation.deliveries()[before..], [0, 1, 2].map(Value::from), "{what} {on:?}");
    assert_eq!(simulation.subscribed(), [TOPIC], "{what} {on:?} {given_up:?}");
    assert_eq!(simulation.outstanding(), [], "{what} {on:?}");
    simulation
}

#[test]
fn every_error_status_is_survived() {
    for status in [100, 201, 204, 206, 304, 400, 402, 404, 405, 408, 409, 410, 413, 429, 500, 501, 502, 503, 504, 599, 999] {
        for on in REQUESTS {
            live_through(&format!("HTTP {status}"), on, 2, || Reaction::http(status));
            live_through(&format!("HTTP {status} with a page"), on, 2, || Reaction::html(status));
            live_through(&format!("HTTP {status} with JSON"), on, 2, || Reaction::json(status, json!({"statusCode": 1})));
        }
    }
}

#[test]
fn every_body_that_is_no_answer_is_survived() {
    let deep = (0..100).fold(json!(0), |inner, _| json!([inner]));
    let bodies = [
        json!([]),
        json!({}),
        json!(null),
        json!(true),
        json!(7),
        json!("text"),
        json!([[]]),
        json!([null, 7, "text", false, [], {}]),
        deep,
        json!({"channel": "/meta/connect"}),
        json!([{"channel": "/meta/connect", "successful": true}]),
        json!([{"channel": TOPIC}]),
        json!({"statusCode": 0}),
        json!({"advice": {"reconnect": "retry"}}),
    ];
    for body in bodies {
        for on in REQUESTS {
            live_through(&body.to_string(), on, 2, || Reaction::json(200, body.clone()));
        }
    }
    for on in REQUESTS {
        live_through("a body that is not JSON", on, 2, Reaction::not_json);
        live_through("a page", on, 2, || Reaction::html(200));
    }
}

#[test]
fn a_body_of_five_megabytes_is_read_like_another() {
    let text = "x".repeat(5_000_000);
    let mut simulation = Simulation::connected();
    simulation.publish(&json!(text));
    simulation.run_for(1_000);
    assert_eq!(simulation.deliveries(), [json!(text)]);
}

#[test]
fn rubbish_among_messages_is_reported_and_the_rest_is_used() {
    for (rubbish, violation) in [
        (json!(null), Violation::NotAMessage),
        (json!(7), Violation::NotAMessage),
        (json!("text"), Violation::NotAMessage),
        (json!(true), Violation::NotAMessage),
        (json!([]), Violation::NotAMessage),
        (json!({}), Violation::NoChannel),
        (json!({"channel": 7}), Violation::NoChannel),
        (json!({"channel": null, "data": 1}), Violation::NoChannel),
        (json!({"__proto__": {"channel": "/meta/connect"}}), Violation::NoChannel),
        (json!({"channel": "/meta/unheard-of"}), Violation::UnknownMetaChannel),
        (json!({"channel": "/meta/connect", "id": "9999", "successful": false, "advice": {"reconnect": "none"}}), Violation::UnknownReply),
        (json!({"channel": "/meta/connect", "id": "1", "successful": true}), Violation::UnknownReply),
        (json!({"channel": "/meta/connect", "successful": true}), Violation::UnknownReply),
        (json!({"channel": "/meta/handshake", "id": "9999", "successful": true, "clientId": "evil"}), Violation::UnknownReply),
        (json!({"channel": "/meta/subscribe", "id": "9999", "successful": false, "subscription": TOPIC}), Violation::UnknownReply),
        (json!({"channel": "/meta/disconnect", "id": "9999", "successful": true}), Violation::UnknownReply),
        (json!({"channel": "/a", "successful": true, "id": "3"}), Violation::NoData),
    ] {
        let mut simulation = Simulation::connected();
        simulation.publish(&json!("before"));
        let element = rubbish.clone();
        simulation.script(
            On::CONNECT,
            1,
            Reaction::rewrite(move |mut messages| {
                messages.insert(0, element.clone());
                Value::Array(messages)
            }),
        );
        simulation.run_until("a connect is held", 1_000, |simulation| simulation.server.is_holding());
        simulation.publish(&json!("beside"));
        simulation.run_for(1_000);
        simulation.publish(&json!("after"));
        simulation.run_for(1_000);
        assert_eq!(violations(&simulation), [violation], "{rubbish}");
        assert_eq!(simulation.deliveries(), ["before", "beside", "after"], "{rubbish}");
        assert_eq!(simulation.statuses(), [""; 0], "{rubbish}");
    }
}

#[test]
fn a_body_that_is_no_list_of_messages_is_a_violation_and_a_failure() {
    for body in [json!(null), json!(7), json!("text"), json!(true)] {
        let mut simulation = Simulation::connected();
        simulation.publish(&json!(0));
        simulation.script(On::CONNECT, 1, Reaction::json(200, body.clone()));
        simulation.run_until("reported", 1_000, |simulation| !violations(simulation).is_empty());
        assert_eq!(violations(&simulation), [Violation::NotMessages], "{body}");
        simulation.run_until("reconnecting", 1_000, |simulation| simulation.state() == ConnectionState::Reconnecting);
        simulation.run_until_connected(2_000);
    }
}

#[test]
fn a_single_message_instead_of_a_list_is_taken() {
    let mut simulation = Simulation::new();
    for on in [On::HANDSHAKE, On::SUBSCRIBE, On::CONNECT] {
        simulation.script(on, 1, Reaction::rewrite(|messages| messages[0].clone()));
    }
    simulation.handshake();
    simulation.run_until_connected(1_000);
    assert_eq!(violations(&simulation), []);
}

#[test]
fn an_answer_without_the_reply_is_a_failure_but_its_messages_are_delivered() {
    let mut simulation = Simulation::connected();
    simulation.publish(&json!(0));
    simulation.script(
        On::CONNECT,
        1,
        Reaction::rewrite(|mut messages| {
            messages.pop();
            Value::Array(messages)
        }),
    );
    simulation.run_until("a connect is held", 1_000, |simulation| simulation.server.is_holding());
    simulation.publish(&json!(1));
    simulation.run_until("reconnecting", 1_000, |simulation| simulation.state() == ConnectionState::Reconnecting);
    assert_eq!(simulation.statuses(), ["reconnecting 1 noreply"]);
    simulation.run_until_connected(2_000);
    simulation.publish(&json!(2));
    simulation.run_for(1_000);
    assert_eq!(simulation.deliveries(), [0, 1, 2].map(Value::from), "once, though the server repeats what was never acknowledged");
}

#[test]
fn a_reply_that_comes_twice_in_one_answer_counts_once() {
    for on in [On::HANDSHAKE, On::SUBSCRIBE, On::CONNECT] {
        let mut simulation = Simulation::new();
        simulation.script(
            on,
            1,
            Reaction::rewrite(|mut messages| {
                messages.extend(messages.clone());
                Value::Array(messages)
            }),
        );
        simulation.handshake();
        simulation.run_until_connected(1_000);
        assert_eq!(violations(&simulation), [Violation::UnknownReply], "{on:?}");
        simulation.run_for(30_000);
        assert_eq!(simulation.server.live().len(), 1);
    }
}

#[test]
fn odd_members_reach_the_layer_above_untouched() {
    let mut simulation = Simulation::connected();
    let data = json!({"__proto__": {"polluted": true}, "constructor": null, "": [1, {"deep": "\u{fffd}"}], "number": 1e300});
    simulation.publish(&data);
    for falsy in [json!(""), json!(0), json!(false), json!(null)] {
        simulation.publish(&falsy);
    }
    simulation.run_for(1_000);
    assert_eq!(simulation.deliveries(), [data, json!(""), json!(0), json!(false), json!(null)]);
    assert_eq!(violations(&simulation), []);
}
