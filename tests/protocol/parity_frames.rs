//! What a socket may bring in place of what it should: each ends the socket or nothing, and the channel goes on. The reference client falls silent
//! after some of these while it says "connected"; `docs/parity.md` has the list.

use gws_im_sdk::bayeux::{Body, ConnectionState, Event};
use serde_json::{Value, json};

use crate::harness::{Flavour, FrameReaction, On, ServerOptions, Simulation, TOPIC, socket_config, socket_only_config};

const FRAMES: [On; 5] = [On::HANDSHAKE, On::CONNECT, On::SUBSCRIBE, On::UNSUBSCRIBE, On::DISCONNECT];

/// Lives through everything a client does on a socket, while the first `times` frames for `on` meet the reaction; fails unless the channel then
/// works and nothing published in its last session was lost or doubled.
fn live_through(what: &str, on: On, times: u64, reaction: impl Fn() -> FrameReaction) {
    for config in [socket_config(), socket_only_config()] {
        let mut simulation = Simulation::with(config, ServerOptions::new(Flavour::CometD8));
        simulation.login = Some((50, true));
        (0..times).for_each(|_| simulation.script_frames(on, 1, reaction()));
        simulation.handshake();
        simulation.run_for(60_000);
        simulation.subscribe("/v2/me/calls");
        simulation.run_for(60_000);
        let given_up = simulation.try_unsubscribe("/v2/me/calls");
        simulation.run_for(60_000);
        simulation.disconnect();
        simulation.run_until("closed", 30_000, |simulation| simulation.state() == ConnectionState::Disconnected);
        let opened = simulation.handshake();
        simulation.run_until("open", 60_000, |simulation| simulation.result(opened).is_some());
        assert_eq!(simulation.result(opened), Some(Ok(())), "{what} {on:?}");
        simulation.run_until("a connect is held", 5_000, |simulation| simulation.server.is_holding());
        simulation.forget();
        (0..3).for_each(|number| simulation.publish(&json!(number)));
        simulation.run_for(60_000);
        simulation.check_all_received();
        assert_eq!(simulation.subscribed(), [TOPIC], "{what} {on:?} {given_up:?}");
        assert_eq!(simulation.outstanding(), [], "{what} {on:?}");
    }
}

#[test]
fn every_frame_that_is_no_answer_is_survived() {
    let deep = (0..100).fold(json!(0), |inner, _| json!([inner]));
    let frames = [
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
        json!({"advice": {"reconnect": "none"}}),
    ];
    for on in FRAMES {
        for frame in &frames {
            live_through(&frame.to_string(), on, 2, || FrameReaction::json(frame.clone()));
        }
        live_through("a frame that is not JSON", on, 2, FrameReaction::not_json);
        live_through("a page", on, 2, || FrameReaction::Answer(Body::NotJson { html: true }));
    }
}

#[test]
fn every_end_of_a_socket_in_place_of_an_answer_is_survived() {
    for on in FRAMES {
        for code in [1000, 1001, 1002, 1006, 1009, 1011, 1013, 3000, 4999] {
            live_through(&format!("close {code}"), on, 2, || FrameReaction::Close(code));
        }
        live_through("silence", on, 2, || FrameReaction::SwallowReply);
        live_through("nothing passes", on, 2, || FrameReaction::Stall);
        live_through("a reply that comes twice", on, 2, || FrameReaction::DoubleReply);
        live_through("a reply that is spoilt", on, 2, || FrameReaction::SpoilReply);
    }
}

#[test]
fn rubbish_beside_a_reply_is_told_and_costs_nothing() {
    for rubbish in [
        json!(null),
        json!(7),
        json!("text"),
        json!([]),
        json!({}),
        json!({"channel": 7}),
        json!({"channel": "/meta/unheard-of"}),
        json!({"channel": "/meta/connect", "id": "9999", "successful": false, "advice": {"reconnect": "none"}}),
        json!({"channel": "/meta/handshake", "id": "9999", "successful": true, "clientId": "evil"}),
        json!({"channel": "/meta/disconnect", "id": "9999", "successful": true}),
    ] {
        for at_front in [true, false] {
            for config in [socket_config(), socket_only_config()] {
                let mut simulation = Simulation::moved_with(config, ServerOptions::new(Flavour::CometD8));
                let rubbish = rubbish.clone();
                let what = rubbish.to_string();
                simulation.script_frames(
                    On::CONNECT,
                    3,
                    FrameReaction::rewrite(move |mut messages| {
                        let place = if at_front { 0 } else { messages.len() };
                        messages.insert(place, rubbish.clone());
                        Value::Array(messages)
                    }),
                );
                for number in 0..5 {
                    simulation.publish(&json!(number));
                    simulation.run_for(100);
                }
                simulation.check_all_received();
                assert_eq!(simulation.statuses(), [""; 0], "{what}");
                let told = simulation.events(|event| matches!(event, Event::Violation(_)).then_some(()));
                assert_eq!(told.len(), 3, "{what}");
                assert_eq!(simulation.server.client_ids.len(), 1, "{what}");
                assert!(simulation.server.is_holding_on_a_socket(), "{what}");
            }
        }
    }
}

#[test]
fn odd_advice_on_a_socket_neither_stops_nor_storms() {
    let advices = [
        json!({"reconnect": "handshake", "interval": 0}),
        json!({"reconnect": "unheard-of"}),
        json!({"reconnect": 7, "interval": "soon", "timeout": []}),
        json!({"timeout": 1e308}),
        json!({"timeout": -1}),
        json!("retry"),
        json!([null]),
    ];
    for advice in advices {
        for config in [socket_config(), socket_only_config()] {
            let mut simulation = Simulation::moved_with(config, ServerOptions::new(Flavour::CometD8));
            let (what, since) = (advice.to_string(), simulation.now());
            let advice = advice.clone();
            simulation.script_frames(On::CONNECT, 1, FrameReaction::edit(move |reply| reply["advice"] = advice.clone()));
            simulation.publish(&json!("ends the connect"));
            simulation.run_for(100);
            simulation.publish(&json!("ends the one with the advice"));
            simulation.run_for(60_000);
            let load = simulation.load_since(since);
            assert!(load.connects + load.handshakes < 20, "{what}: {load:?}");
            simulation.run_until_connected(60_000);
            simulation.run_until("a connect is held", 5_000, |simulation| simulation.server.is_holding());
            simulation.forget();
            simulation.publish(&json!("after"));
            simulation.run_for(1_000);
            simulation.check_all_received();
        }
    }
}

#[test]
fn a_server_that_does_not_want_the_client_back_is_left_in_peace() {
    for advice in [json!({"reconnect": "none"}), json!({"reconnect": "retry", "interval": -1})] {
        for config in [socket_config(), socket_only_config()] {
            let mut simulation = Simulation::moved_with(config, ServerOptions::new(Flavour::CometD8));
            let advice = advice.clone();
            simulation.script_frames(On::CONNECT, 1, FrameReaction::edit(move |reply| reply["advice"] = advice.clone()));
            simulation.publish(&json!("ends the connect"));
            simulation.run_for(100);
            simulation.publish(&json!("ends the one with the advice"));
            simulation.run_until_disconnected(1_000);
            let since = simulation.now();
            simulation.run_for(3_600_000);
            let load = simulation.load_since(since + 1);
            assert_eq!((load.requests, load.sockets), (0, 0));
            assert_eq!(simulation.server.open_sockets(), 0);
            simulation.check_all_received();
        }
    }
}

#[test]
fn messages_of_a_refused_connect_come_once() {
    for config in [socket_config(), socket_only_config()] {
        let mut simulation = Simulation::moved_with(config, ServerOptions::new(Flavour::CometD8));
        let refuse = |reply: &mut Value| {
            *reply = json!({"channel": "/meta/connect", "id": reply["id"], "successful": false, "error": "500::oops", "advice": {"reconnect": "retry"}});
        };
        simulation.script_frames(On::CONNECT, 1, FrameReaction::edit(refuse));
        for number in 0..3 {
            simulation.publish(&json!(number));
            simulation.run_for(5_000);
        }
        simulation.check_all_received();
        assert_eq!(simulation.server.client_ids.len(), 1);
    }
}
