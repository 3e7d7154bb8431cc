//! The server wants a login.

use gws_im_sdk::bayeux::{Body, Cause, CommandError, ConnectionState, Event, Input, Response, TransportFailure};
use serde_json::{Value, json};

use crate::harness::{Flavour, On, Reaction, ServerOptions, Simulation, SocketFate, TOPIC, socket_only_config};

/// Attempt and status of each request for a login.
fn asked(simulation: &Simulation) -> Vec<(u32, u16)> {
    simulation.events(|event| match event {
        Event::LoginNeeded { attempt, status } => Some((*attempt, *status)),
        _ => None,
    })
}

fn until_asked(simulation: &mut Simulation, bound: u64) {
    let before = asked(simulation).len();
    simulation.run_until("a login is asked for", bound, |simulation| asked(simulation).len() > before);
}

/// Answers that mean "not logged in", and the status told.
fn refusals() -> Vec<(Reaction, u16)> {
    vec![
        (Reaction::http(401), 401),
        (Reaction::json(401, json!({"statusCode": 20})), 401),
        (Reaction::json(403, json!({"statusCode": 20, "statusMessage": "no"})), 403),
        (Reaction::json(200, json!({"statusCode": 20})), 200),
        (Reaction::http(0), 0),
        (Reaction::http(302), 302),
    ]
}

#[test]
fn a_refusal_by_http_asks_for_a_login_and_waits_in_silence() {
    for on in [On::HANDSHAKE, On::CONNECT, On::SUBSCRIBE] {
        for (reaction, status) in refusals() {
            let mut simulation = Simulation::new();
            simulation.script(on, 1, reaction);
            let command = simulation.handshake();
            until_asked(&mut simulation, 1_000);
            assert_eq!(asked(&simulation), [(1, status)], "{on:?}");
            simulation.run_for(3_600_000);
            assert_eq!(simulation.result(command), None);
            assert_eq!(asked(&simulation).len(), 1, "one way at a time");
            simulation.tell(Input::LoginDone { renewed: true });
            simulation.run_until_connected(2_000);
            assert_eq!(simulation.result(command), Some(Ok(())));
            assert_eq!(simulation.subscribed(), [TOPIC]);
        }
    }
}

#[test]
fn a_redirect_that_the_browser_reports_as_a_failure_asks_for_a_login() {
    let mut simulation = Simulation::new();
    simulation.script(On::HANDSHAKE, 1, Reaction::Fail(TransportFailure::Redirect));
    simulation.handshake();
    until_asked(&mut simulation, 1_000);
    assert_eq!(asked(&simulation), [(1, 0)]);
}

#[test]
fn a_refused_handshake_with_401_or_403_asks_for_a_login_whatever_its_advice() {
    for error in ["401::Authentication needed", "403::Handshake denied", "403::handshake_denied"] {
        for advice in [json!({"reconnect": "none"}), json!({"reconnect": "handshake"}), Value::Null] {
            let mut simulation = Simulation::new();
            simulation.server.refuse_handshakes = Some((error, advice.clone()));
            simulation.handshake();
            until_asked(&mut simulation, 1_000);
            assert_eq!(asked(&simulation), [(1, 200)], "{error} {advice}");
            simulation.server.refuse_nothing();
            simulation.tell(Input::LoginDone { renewed: true });
            simulation.run_until_connected(2_000);
        }
    }
}

#[test]
fn a_login_that_helped_starts_with_a_handshake() {
    let mut simulation = Simulation::connected();
    simulation.script(On::CONNECT, 1, Reaction::http(401));
    simulation.publish(&json!(0));
    until_asked(&mut simulation, 1_000);
    assert_eq!(simulation.state(), ConnectionState::Reconnecting);
    simulation.forget();
    simulation.tell(Input::LoginDone { renewed: true });
    simulation.run_until_connected(2_000);
    let subscribe = format!("subscribe {TOPIC}");
    assert_eq!(simulation.sent()[..3], ["handshake", subscribe.as_str(), "connect now"]);
}

#[test]
fn a_login_that_did_not_help_is_followed_by_the_next_way() {
    let mut simulation = Simulation::new();
    simulation.script(On::HANDSHAKE, 2, Reaction::http(401));
    simulation.handshake();
    until_asked(&mut simulation, 1_000);
    simulation.tell(Input::LoginDone { renewed: true });
    until_asked(&mut simulation, 2_000);
    assert_eq!(asked(&simulation), [(1, 401), (2, 401)]);
    simulation.tell(Input::LoginDone { renewed: true });
    simulation.run_until_connected(2_000);

    simulation.run_until("a connect is held", 1_000, |simulation| simulation.server.is_holding());
    simulation.script(On::CONNECT, 1, Reaction::http(401));
    simulation.publish(&json!(0));
    until_asked(&mut simulation, 1_000);
    assert_eq!(asked(&simulation).last(), Some(&(1, 401)), "counted from when the channel last worked");
}

#[test]
fn logins_that_never_help_end_the_channel_after_the_fourth() {
    let mut simulation = Simulation::new();
    simulation.login = Some((1_000, true));
    simulation.always(On::HANDSHAKE, Reaction::http(401));
    let command = simulation.handshake();
    simulation.run_until_disconnected(60_000);
    let cause = Cause::LoginRequired { status: 401 };
    assert_eq!(simulation.result(command), Some(Err(CommandError::Ended(cause))));
    // Once as it was, and once after each.
    assert_eq!(simulation.sent(), ["handshake"; 5]);
    assert_eq!(asked(&simulation), (1..=4).map(|attempt| (attempt, 401)).collect::<Vec<_>>());
}

#[test]
fn ways_are_counted_from_when_the_channel_was_last_connected() {
    let mut simulation = Simulation::new();
    simulation.login = Some((100, true));
    simulation.script(On::HANDSHAKE, 1, Reaction::http(401));
    simulation.handshake();
    simulation.run_until("the first connect leaves", 2_000, |simulation| !simulation.times_of("connect").is_empty());
    simulation.run_for(30);
    simulation.script(On::CONNECT, 1, Reaction::http(401));
    simulation.run_for(5_000);
    assert_eq!(asked(&simulation), [(1, 401), (1, 401)]);
}

#[test]
fn no_way_left_ends_the_channel() {
    for (reaction, status) in refusals() {
        let mut simulation = Simulation::new();
        simulation.script(On::HANDSHAKE, 1, reaction);
        let command = simulation.handshake();
        until_asked(&mut simulation, 1_000);
        simulation.tell(Input::LoginDone { renewed: false });
        simulation.run_until_disconnected(10);
        let cause = Cause::LoginRequired { status };
        assert_eq!(simulation.last_status().cause, Some(cause.clone()));
        assert_eq!(simulation.result(command), Some(Err(CommandError::Ended(cause))));
        let sent = simulation.requests().count();
        simulation.run_for(3_600_000);
        assert_eq!(simulation.requests().count(), sent);

        simulation.handshake();
        simulation.run_until_connected(1_000);
    }
}

#[test]
fn a_login_lost_elsewhere_is_asked_for_once_and_followed_by_a_handshake() {
    let mut simulation = Simulation::connected();
    simulation.run_until("a connect is held", 1_000, |simulation| simulation.server.is_holding());
    for status in [403, 401] {
        simulation.tell(Input::LoginLost { status, renewable: true });
    }
    simulation.run_for(10);
    assert_eq!(asked(&simulation), [(1, 403)]);
    assert_eq!(simulation.state(), ConnectionState::Reconnecting);
    simulation.forget();
    simulation.run_for(60_000);
    assert!(simulation.sent().is_empty(), "silence until there is a login: {:?}", simulation.sent());
    simulation.tell(Input::LoginDone { renewed: true });
    simulation.run_until_connected(2_000);
    assert_eq!(simulation.sent()[0], "handshake");
}

#[test]
fn a_login_lost_elsewhere_leaves_a_handshake_on_its_way_or_to_come_alone() {
    let mut simulation = Simulation::new();
    simulation.script(On::HANDSHAKE, 1, Reaction::http(503));
    simulation.handshake();
    for _ in 0..3 {
        simulation.tell(Input::LoginLost { status: 403, renewable: true });
        simulation.run_for(50);
    }
    simulation.run_until_connected(5_000);
    assert_eq!(asked(&simulation), []);
}

#[test]
fn a_login_lost_for_good_ends_the_channel_in_silence() {
    let cause = Cause::LoginRequired { status: 403 };
    let mut simulation = Simulation::connected();
    simulation.tell(Input::LoginLost { status: 403, renewable: false });
    simulation.run_until_disconnected(20_000);
    assert_eq!(simulation.last_status().cause, Some(cause));
    let sent = simulation.requests().count();
    simulation.run_for(3_600_000);
    assert_eq!(simulation.requests().count(), sent);
}

#[test]
fn a_login_lost_elsewhere_means_nothing_to_a_channel_that_is_closed_or_closing() {
    for renewable in [true, false] {
        let mut simulation = Simulation::new();
        simulation.tell(Input::LoginLost { status: 401, renewable });
        assert_eq!((simulation.state(), asked(&simulation)), (ConnectionState::Disconnected, vec![]));

        simulation.handshake();
        simulation.run_for(1);
        let closing = simulation.disconnect();
        simulation.tell(Input::LoginLost { status: 401, renewable });
        simulation.run_for(1);
        assert_eq!(simulation.state(), ConnectionState::Disconnecting, "the client id is waited for");
        simulation.run_until_disconnected(20_000);
        assert_eq!((simulation.result(closing), asked(&simulation)), (Some(Ok(())), vec![]));
        assert_eq!(simulation.last_status().cause, None);
    }
}

#[test]
fn a_page_instead_of_an_answer_is_a_login_only_the_third_time() {
    for on in [On::HANDSHAKE, On::CONNECT] {
        let mut simulation = Simulation::new();
        simulation.script(on, 3, Reaction::html(200));
        simulation.handshake();
        until_asked(&mut simulation, 20_000);
        let pages = simulation.requests().filter(|sent| on == On::HANDSHAKE || sent.is("connect")).count();
        assert_eq!((asked(&simulation).as_slice(), pages), (&[(1, 200)][..], 3), "{on:?}");
    }
}

#[test]
fn a_page_now_and_then_is_a_failure_like_another() {
    let mut simulation = Simulation::connected();
    for _ in 0..4 {
        simulation.script(On::CONNECT, 2, Reaction::html(200));
        simulation.publish(&json!(0));
        simulation.run_until("reconnecting", 1_000, |simulation| simulation.state() == ConnectionState::Reconnecting);
        simulation.run_until_connected(10_000);
        simulation.run_until("a connect is held", 1_000, |simulation| simulation.server.is_holding());
    }
    assert_eq!(asked(&simulation), []);
    assert_eq!(simulation.deliveries().len(), 4);
}

#[test]
fn a_page_with_an_error_status_is_no_login() {
    let mut simulation = Simulation::new();
    simulation.script(On::HANDSHAKE, 5, Reaction::html(502));
    simulation.handshake();
    simulation.run_until_connected(60_000);
    assert_eq!(asked(&simulation), []);
}

#[test]
fn a_403_that_does_not_say_so_is_no_login() {
    for body in [Body::NotJson { html: false }, Body::Json(json!({"statusCode": 7})), Body::Json(json!({"statusCode": "20"}))] {
        let mut simulation = Simulation::connected();
        simulation.script(On::CONNECT, 2, Reaction::Answer(Response { status: 403, body, retry_after: None }));
        simulation.publish(&json!(0));
        simulation.run_until("reconnecting", 1_000, |simulation| simulation.state() == ConnectionState::Reconnecting);
        simulation.run_until_connected(10_000);
        assert_eq!(asked(&simulation), []);
    }
}

#[test]
fn a_goodbye_while_a_login_is_waited_for_is_immediate() {
    let mut simulation = Simulation::new();
    simulation.script(On::HANDSHAKE, 1, Reaction::http(401));
    let opened = simulation.handshake();
    until_asked(&mut simulation, 1_000);
    let closed = simulation.disconnect();
    simulation.run_until_disconnected(10);
    assert_eq!(simulation.result(opened), Some(Err(CommandError::Aborted)));
    assert_eq!(simulation.result(closed), Some(Ok(())));
    simulation.tell(Input::LoginDone { renewed: true });
    simulation.run_for(60_000);
    assert_eq!(simulation.sent(), ["handshake"]);
}

#[test]
fn an_answer_nobody_waits_for_changes_nothing() {
    for renewed in [true, false] {
        let mut simulation = Simulation::connected();
        simulation.tell(Input::LoginDone { renewed });
        simulation.run_for(60_000);
        assert_eq!(simulation.statuses(), [""; 0]);
        assert_eq!(simulation.times_of("handshake"), [0; 0]);
    }
}

#[test]
fn a_refused_goodbye_asks_for_nothing() {
    let mut simulation = Simulation::connected();
    simulation.script(On::DISCONNECT, 1, Reaction::http(401));
    simulation.disconnect();
    simulation.run_until_disconnected(11_000);
    assert_eq!(asked(&simulation), []);
}

#[test]
fn a_socket_that_is_refused_for_want_of_a_login_is_told_by_a_request() {
    let mut simulation = Simulation::with(socket_only_config(), ServerOptions::new(Flavour::CometD3));
    simulation.network.sockets = SocketFate::refused();
    simulation.script(On::KeepAlive, 1, Reaction::http(401));
    simulation.handshake();
    simulation.run_until("a login is asked for", 2_000, |simulation| {
        !simulation.events(|event| matches!(event, Event::LoginNeeded { status: 401, .. }).then_some(())).is_empty()
    });
    simulation.network.sockets = SocketFate::WELL;
    simulation.tell(Input::LoginDone { renewed: true });
    simulation.run_until_connected(2_000);
}

#[test]
fn a_socket_that_is_refused_though_the_login_stands_is_tried_again() {
    let mut simulation = Simulation::with(socket_only_config(), ServerOptions::new(Flavour::CometD3));
    simulation.network.sockets = SocketFate::refused();
    simulation.script(On::KeepAlive, u64::MAX, Reaction::json(200, json!({"statusCode": 0})));
    simulation.handshake();
    simulation.run_for(60_000);
    let load = simulation.load_since(0);
    assert!((5..=20).contains(&load.sockets) && load.requests <= load.sockets, "{load:?}");
    simulation.network.sockets = SocketFate::WELL;
    simulation.run_until_connected(20_000);
}
