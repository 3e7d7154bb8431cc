//! The server no longer knows the session.

use gws_im_sdk::bayeux::{Cause, CommandError, ConnectionState, Event, GapCause, MetaChannel, Status};
use serde_json::{Value, json};

use crate::harness::{Flavour, On, Reaction, ServerOptions, Simulation, TOPIC, default_config};

fn gaps(simulation: &Simulation) -> Vec<GapCause> {
    simulation.events(|event| match event {
        Event::Gap(gap) => Some(gap.cause),
        _ => None,
    })
}

#[test]
fn an_expired_session_is_replaced_and_the_channels_subscribed_again() {
    for flavour in [Flavour::CometD2, Flavour::CometD3, Flavour::CometD8, Flavour::Faye] {
        let mut simulation = Simulation::connected_with(default_config(), ServerOptions::new(flavour));
        let extra = simulation.subscribe("/v2/me/calls");
        simulation.run_until("subscribed", 1_000, |simulation| simulation.result(extra).is_some());
        simulation.forget();
        simulation.at_server(crate::harness::Server::expire_all);
        simulation.run_until("reconnecting", 1_000, |simulation| simulation.state() == ConnectionState::Reconnecting);
        let took = simulation.run_until_connected(2_000);
        assert!(took < 1_500, "{flavour:?}: {took}");
        assert_eq!(simulation.subscribed(), ["/v2/me/calls", TOPIC], "{flavour:?}");
        assert_eq!(gaps(&simulation), [GapCause::NewSession], "{flavour:?}");
        assert_eq!(simulation.times_of("handshake").len(), 1, "{flavour:?}");
        simulation.publish(&json!("after"));
        simulation.run_for(1_000);
        assert_eq!(simulation.deliveries(), ["after"], "{flavour:?}");
    }
}

#[test]
fn the_requests_of_a_replacement_are_those_of_a_beginning() {
    let mut simulation = Simulation::connected();
    simulation.at_server(crate::harness::Server::expire_all);
    simulation.run_for(3_000);
    let subscribe = format!("subscribe {TOPIC}");
    assert_eq!(simulation.sent(), ["connect", "handshake", subscribe.as_str(), "connect now", "connect"]);
    assert_eq!(simulation.statuses().first().map(String::as_str), Some("reconnecting server/402::Unknown client"));
    assert_eq!(simulation.statuses().last().map(String::as_str), Some("connected"));
    assert!(!simulation.last_status().recovered);
}

#[test]
fn a_402_without_advice_loses_the_session_all_the_same() {
    let mut simulation = Simulation::connected();
    simulation.script(
        On::CONNECT,
        1,
        Reaction::edit(MetaChannel::Connect, |reply| {
            reply.as_object_mut().expect("a reply").remove("advice");
        }),
    );
    simulation.at_server(crate::harness::Server::restart);
    simulation.cut();
    simulation.run_until("a new session", 5_000, |simulation| simulation.server.client_ids.len() == 2);
    simulation.run_until_connected(2_000);
    assert_eq!(simulation.subscribed(), [TOPIC]);
}

/// A connected client whose next connect is refused with `error` and `advice`.
fn refused_with(error: &'static str, advice: Value) -> Simulation {
    let mut simulation = Simulation::connected();
    simulation.script(
        On::CONNECT,
        1,
        Reaction::edit(MetaChannel::Connect, move |reply| {
            *reply = json!({"channel": "/meta/connect", "id": reply["id"], "successful": false, "error": error, "advice": advice});
        }),
    );
    simulation.publish(&json!("ends the poll"));
    simulation.run_until("the next connect is held", 1_000, |simulation| simulation.server.is_holding());
    simulation.publish(&json!("ends the refused connect"));
    simulation.run_until("reconnecting", 1_000, |simulation| simulation.state() == ConnectionState::Reconnecting);
    simulation.run_until_connected(5_000);
    simulation
}

#[test]
fn what_to_do_about_a_refused_connect_is_in_its_advice_not_in_its_words() {
    for error in ["403::Unknown client", "401:ID:Unknown client", "400::no", "500::oops", "nonsense", "", ":::", "402::Unknown client"] {
        let simulation = refused_with(error, json!({"reconnect": "handshake", "interval": 0}));
        assert_eq!(simulation.server.client_ids.len(), 2, "{error}");
    }
    for error in ["403::Unknown client", "401::x", "400::no", "Unknown client", "", "40200::x", "4020"] {
        for advice in [json!({"reconnect": "retry", "interval": 0}), json!({}), Value::Null] {
            let simulation = refused_with(error, advice.clone());
            assert_eq!(simulation.server.client_ids.len(), 1, "{error} {advice}");
        }
    }
}

#[test]
fn a_402_on_a_subscribe_loses_the_session_and_the_subscribe_succeeds_in_the_next() {
    let mut simulation = Simulation::connected();
    simulation.at_server(crate::harness::Server::restart);
    let command = simulation.subscribe("/v2/me/calls");
    simulation.run_until("subscribed", 5_000, |simulation| simulation.result(command).is_some());
    simulation.run_until_connected(1_000);
    assert_eq!(simulation.result(command), Some(Ok(())));
    assert_eq!(simulation.subscribed(), ["/v2/me/calls", TOPIC]);
    assert_eq!(simulation.server.client_ids.len(), 2);
}

#[test]
fn a_402_on_an_unsubscribe_loses_the_session_and_completes_the_command() {
    let mut simulation = Simulation::connected();
    simulation.subscribe("/v2/me/calls");
    simulation.run_for(100);
    simulation.at_server(crate::harness::Server::restart);
    let command = simulation.unsubscribe("/v2/me/calls");
    simulation.run_until("unsubscribed", 5_000, |simulation| simulation.result(command) == Some(Ok(())));
    simulation.run_until("a new session", 5_000, Simulation::has_live_session);
    simulation.run_until_connected(1_000);
    assert_eq!(simulation.subscribed(), [TOPIC]);
}

#[test]
fn three_sessions_that_die_at_their_first_connect_are_missing_cookies() {
    // Which of the two 402s of a session comes first must not matter.
    for (subscribe_delay, connect_delay) in [(0, 0), (50, 0), (0, 50), (1_500, 0), (0, 1_500)] {
        let mut simulation = Simulation::new();
        simulation.server.options.cookies = false;
        simulation.always(On::SUBSCRIBE, Reaction::Delay(subscribe_delay));
        simulation.always(On::CONNECT, Reaction::Delay(connect_delay));
        let command = simulation.handshake();
        simulation.run_until_disconnected(30_000);
        assert_eq!(simulation.last_status().cause, Some(Cause::Cookies), "{subscribe_delay} {connect_delay}");
        assert_eq!(simulation.result(command), Some(Err(CommandError::Ended(Cause::Cookies))));
        assert_eq!(simulation.server.client_ids.len(), 3, "{subscribe_delay} {connect_delay}");
        let times = simulation.times_of("handshake");
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 100), "{times:?}");
        simulation.run_for(3_600_000);
        assert_eq!(simulation.times_of("handshake").len(), 3, "silence after giving up");
    }
}

#[test]
fn sessions_that_expire_before_their_first_connect_gets_through_are_not_missing_cookies() {
    for silent in [0, 100] {
        let mut simulation = Simulation::new();
        simulation.handshake();
        for session in 1..=6 {
            simulation.run_until("a handshake is answered", 60_000, move |simulation| simulation.server.client_ids.len() == session);
            // Nothing of this session gets through until the server has forgotten it.
            simulation.network.faults.lose_request = 100;
            simulation.network.faults.silent = silent;
            simulation.run_for(15_000);
            simulation.network.faults.lose_request = 0;
        }
        simulation.run_until_connected(60_000);
        assert_eq!(simulation.subscribed(), [TOPIC]);
    }
}

#[test]
fn two_sessions_that_die_at_their_first_connect_are_not_held_against_one_that_worked() {
    let mut simulation = Simulation::new();
    simulation.handshake();
    for sessions in [2, 5, 8] {
        simulation.server.options.cookies = false;
        simulation.run_until("two sessions", 60_000, move |simulation| simulation.server.client_ids.len() == sessions);
        simulation.run_for(60);
        simulation.server.options.cookies = true;
        simulation.run_until_connected(60_000);
        assert_eq!(simulation.server.client_ids.len(), sessions + 1);
        simulation.at_server(crate::harness::Server::restart);
        simulation.cut();
    }
}

#[test]
fn a_server_that_disconnects_us_has_the_last_word() {
    let mut simulation = Simulation::connected();
    simulation.at_server(crate::harness::Server::disconnect_all);
    simulation.run_until_disconnected(1_000);
    assert!(matches!(simulation.last_status().cause, Some(Cause::ServerEnded(_))), "{:?}", simulation.last_status());
    let silent_from = simulation.now();
    simulation.run_for(3_600_000);
    assert!(simulation.requests().all(|sent| sent.at <= silent_from), "{:?}", simulation.sent());
    assert_eq!(simulation.client.poll_timeout(), None);

    let command = simulation.handshake();
    simulation.run_until_connected(1_000);
    assert_eq!(simulation.result(command), Some(Ok(())));
    assert_eq!(gaps(&simulation), [GapCause::NewSession]);
}

#[test]
fn what_came_with_the_server_s_goodbye_is_delivered() {
    let mut simulation = Simulation::connected();
    simulation.publish(&json!("first"));
    simulation.script(
        On::CONNECT,
        1,
        Reaction::rewrite(|mut messages| {
            messages.insert(1, json!({"channel": "/meta/disconnect", "successful": true}));
            Value::Array(messages)
        }),
    );
    simulation.run_until("the next connect is held", 1_000, |simulation| simulation.server.is_holding());
    simulation.publish(&json!("last"));
    simulation.run_until_disconnected(1_000);
    assert_eq!(simulation.deliveries(), ["first", "last"]);
}

#[test]
fn a_late_reply_of_an_older_session_changes_nothing() {
    let mut simulation = Simulation::connected();
    simulation.script(On::SUBSCRIBE, 1, Reaction::Delay(4_000));
    let command = simulation.subscribe("/v2/me/calls");
    simulation.run_for(30);
    simulation.at_server(crate::harness::Server::expire_all);
    simulation.run_until("a second session", 3_000, |simulation| simulation.server.client_ids.len() == 2);
    simulation.run_until("subscribed again", 12_000, |simulation| simulation.result(command).is_some());
    simulation.run_until_connected(12_000);
    simulation.run_for(5_000);
    assert_eq!(simulation.result(command), Some(Ok(())));
    assert_eq!(simulation.subscribed(), ["/v2/me/calls", TOPIC]);
    assert_eq!(simulation.server.client_ids.len(), 2);
}

#[test]
fn a_session_that_expired_while_the_network_was_down_is_replaced() {
    let mut simulation = Simulation::connected();
    simulation.network.down = true;
    simulation.cut();
    simulation.run_for(120_000);
    simulation.network.down = false;
    simulation.run_until_connected(65_000 + 2_000);
    assert_eq!(simulation.subscribed(), [TOPIC]);
    assert_eq!(simulation.server.client_ids.len(), 2);
    assert_eq!(gaps(&simulation), [GapCause::NewSession]);
}

#[test]
fn a_session_lost_in_an_outage_is_renewed_soon_after_the_first_answer() {
    let mut simulation = Simulation::connected();
    simulation.network.down = true;
    simulation.cut();
    simulation.run_for(9_000);
    simulation.server.expire_all();
    simulation.network.down = false;
    let unknown = |status: &Status| matches!(&status.cause, Some(Cause::Server(error)) if error.code == Some(402));
    simulation.run_until("the server says that it does not know the session", 10_000, |simulation| unknown(simulation.last_status()));
    let answered = simulation.now();
    simulation.run_until_connected(5_000);
    assert!(simulation.now() - answered < 2_000, "{}", simulation.now() - answered);
}
