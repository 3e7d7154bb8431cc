//! Saying goodbye, at any moment.

use gws_im_sdk::bayeux::{CommandError, ConnectionState, Input, TransportFailure};
use serde_json::{Value, json};

use crate::harness::{End, On, Reaction, Server, Simulation, TOPIC};

fn silent_for_an_hour(simulation: &mut Simulation) {
    let sent = simulation.requests().count();
    simulation.run_for(3_600_000);
    assert_eq!(simulation.requests().count(), sent, "{:?}", simulation.sent());
    assert_eq!(simulation.client.poll_timeout(), None);
    assert_eq!(simulation.outstanding(), []);
}

#[test]
fn goodbye_ends_the_session_on_the_server() {
    let mut simulation = Simulation::connected();
    let command = simulation.disconnect();
    simulation.run_until_disconnected(1_000);
    assert_eq!(simulation.result(command), Some(Ok(())));
    assert_eq!(simulation.statuses(), ["disconnecting", "disconnected"]);
    assert_eq!(simulation.server.live(), [""; 0]);
    assert_eq!(simulation.last_status().client_id, None);
    assert_eq!(simulation.last_status().transport, None);
    silent_for_an_hour(&mut simulation);
    assert_eq!(simulation.sent(), ["disconnect"]);
}

#[test]
fn a_goodbye_survives_the_page() {
    let mut simulation = Simulation::connected();
    simulation.disconnect();
    simulation.pump();
    assert_eq!(simulation.requests().map(|sent| (sent.brief(), sent.keepalive)).collect::<Vec<_>>(), [("disconnect".to_owned(), true)]);
}

#[test]
fn the_poll_stays_open_until_the_goodbye_is_answered() {
    let mut simulation = Simulation::connected();
    simulation.script(On::DISCONNECT, 1, Reaction::Delay(3_000));
    simulation.disconnect();
    simulation.run_until_disconnected(5_000);
    let poll = simulation.record.sent.iter().find(|sent| sent.messages.is_empty()).expect("the poll");
    assert_eq!(poll.end.map(|(_, end)| end), Some(End::Answered), "the server ends it, as it knows why");
}

#[test]
fn what_the_last_poll_brings_during_the_goodbye_is_delivered() {
    let mut simulation = Simulation::connected();
    simulation.script(On::DISCONNECT, 1, Reaction::Delay(3_000));
    simulation.publish(&json!("last"));
    simulation.disconnect();
    simulation.run_until_disconnected(5_000);
    assert_eq!(simulation.deliveries(), ["last"]);
}

#[test]
fn a_goodbye_without_an_answer_ends_at_the_deadline() {
    let mut simulation = Simulation::connected();
    simulation.always(On::Any, Reaction::SwallowReply);
    let command = simulation.disconnect();
    let took = simulation.run_until_disconnected(11_000);
    assert_eq!(took, 10_000);
    assert_eq!(simulation.result(command), Some(Ok(())));
    assert!(simulation.record.sent.iter().all(|sent| sent.end.is_some()), "nothing is left under way");
    silent_for_an_hour(&mut simulation);
}

#[test]
fn a_goodbye_that_fails_is_a_goodbye() {
    for reaction in [
        Reaction::Fail(TransportFailure::Network),
        Reaction::http(500),
        Reaction::http(401),
        Reaction::html(200),
        Reaction::json(200, json!([])),
        Reaction::json(200, json!([{"channel": "/meta/disconnect", "id": "999", "successful": true}])),
        Reaction::json(200, json!({"channel": "/meta/disconnect", "successful": false, "error": "402::Unknown client"})),
    ] {
        let mut simulation = Simulation::connected();
        simulation.script(On::DISCONNECT, 1, reaction);
        let command = simulation.disconnect();
        simulation.run_until_disconnected(11_000);
        assert_eq!(simulation.result(command), Some(Ok(())));
        assert_eq!(simulation.last_status().cause, None, "it is the caller's doing");
        assert!(simulation.record.sent.iter().all(|sent| sent.end.is_some()), "nothing is left under way");
        silent_for_an_hour(&mut simulation);
    }
}

#[test]
fn a_goodbye_during_the_handshake_waits_for_the_client_id() {
    for reply_after in [0, 3_000, 9_000] {
        let mut simulation = Simulation::new();
        simulation.script(On::HANDSHAKE, 1, Reaction::Delay(reply_after));
        let opened = simulation.handshake();
        simulation.run_for(10);
        let closed = simulation.disconnect();
        simulation.run_until_disconnected(11_000);
        assert_eq!(simulation.result(opened), Some(Err(CommandError::Aborted)));
        assert_eq!(simulation.result(closed), Some(Ok(())));
        assert_eq!(simulation.sent(), ["handshake", "disconnect"]);
        assert_eq!(simulation.server.live(), [""; 0], "no session is left behind");
        silent_for_an_hour(&mut simulation);
    }
}

#[test]
fn a_handshake_and_a_goodbye_in_one_tick_leave_no_session_behind() {
    let mut simulation = Simulation::new();
    let opened = simulation.handshake();
    let closed = simulation.disconnect();
    simulation.run_until("closed", 11_000, |simulation| simulation.result(closed) == Some(Ok(())));
    assert_eq!(simulation.result(opened), Some(Err(CommandError::Aborted)));
    assert_eq!(simulation.server.live(), [""; 0]);
    silent_for_an_hour(&mut simulation);
}

#[test]
fn a_goodbye_during_a_handshake_that_is_never_answered_is_bounded() {
    let mut simulation = Simulation::new();
    simulation.script(On::HANDSHAKE, 1, Reaction::SwallowReply);
    simulation.handshake();
    simulation.run_for(5_000);
    let closed = simulation.disconnect();
    simulation.run_until_disconnected(10_000);
    assert_eq!(simulation.result(closed), Some(Ok(())));
    assert_eq!(simulation.sent(), ["handshake"]);
    silent_for_an_hour(&mut simulation);
}

#[test]
fn a_goodbye_during_a_handshake_that_fails_needs_no_goodbye() {
    for reaction in [Reaction::Fail(TransportFailure::Network), Reaction::http(503), Reaction::http(401), Reaction::html(200)] {
        let mut simulation = Simulation::new();
        simulation.script(On::HANDSHAKE, 1, reaction);
        simulation.handshake();
        simulation.run_for(10);
        let closed = simulation.disconnect();
        simulation.run_until_disconnected(1_000);
        assert_eq!(simulation.result(closed), Some(Ok(())));
        assert_eq!(simulation.last_status().cause, None);
        silent_for_an_hour(&mut simulation);
    }
}

#[test]
fn a_goodbye_while_the_next_handshake_is_waited_for_is_immediate() {
    let mut simulation = Simulation::new();
    simulation.network.down = true;
    simulation.handshake();
    simulation.run_for(10_000);
    simulation.run_until("between two attempts", 20_000, |simulation| simulation.last_status().retry_at.is_some());
    let sent = simulation.requests().count();
    let closed = simulation.disconnect();
    simulation.pump();
    assert_eq!(simulation.state(), ConnectionState::Disconnected);
    assert_eq!(simulation.result(closed), Some(Ok(())));
    assert_eq!(simulation.requests().count(), sent);
    silent_for_an_hour(&mut simulation);
}

#[test]
fn a_goodbye_between_two_connects_is_said() {
    let mut simulation = Simulation::connected();
    simulation.script(On::CONNECT, 3, Reaction::http(500));
    simulation.publish(&json!(0));
    simulation.run_until("reconnecting", 1_000, |simulation| simulation.state() == ConnectionState::Reconnecting);
    simulation.disconnect();
    simulation.run_until_disconnected(1_000);
    assert_eq!(simulation.sent().last().map(String::as_str), Some("disconnect"));
    assert_eq!(simulation.server.live(), [""; 0]);
    silent_for_an_hour(&mut simulation);
}

#[test]
fn a_goodbye_passes_what_waits_before_it() {
    let mut simulation = Simulation::connected();
    simulation.script(On::SUBSCRIBE, 1, Reaction::Delay(8_000));
    let under_way = simulation.subscribe("/a");
    simulation.run_for(10);
    let waiting = simulation.subscribe("/b");
    simulation.disconnect();
    simulation.run_until_disconnected(1_000);
    assert_eq!(simulation.sent(), ["subscribe /a", "disconnect"]);
    for command in [under_way, waiting] {
        assert_eq!(simulation.result(command), Some(Err(CommandError::Aborted)));
    }
    silent_for_an_hour(&mut simulation);
}

#[test]
fn a_subscribe_and_a_goodbye_in_one_tick_complete_both() {
    let mut simulation = Simulation::connected();
    let subscribed = simulation.subscribe("/a");
    simulation.disconnect();
    simulation.run_until_disconnected(1_000);
    assert_eq!(simulation.result(subscribed), Some(Err(CommandError::Aborted)));
    silent_for_an_hour(&mut simulation);
}

#[test]
fn an_unsubscribe_before_a_goodbye_completes() {
    let mut simulation = Simulation::connected();
    simulation.subscribe("/a");
    simulation.run_for(100);
    simulation.unsubscribe("/a");
    simulation.disconnect();
    simulation.run_until_disconnected(1_000);
    silent_for_an_hour(&mut simulation);
}

#[test]
fn a_goodbye_to_nobody_completes_at_once() {
    let mut simulation = Simulation::new();
    let commands = [simulation.disconnect(), simulation.disconnect()];
    simulation.pump();
    assert!(commands.iter().all(|command| simulation.result(*command) == Some(Ok(()))));
    assert_eq!(simulation.statuses(), [""; 0]);
    silent_for_an_hour(&mut simulation);
}

#[test]
fn two_goodbyes_are_one() {
    let mut simulation = Simulation::connected();
    let first = simulation.disconnect();
    simulation.run_for(10);
    let second = simulation.disconnect();
    simulation.run_until_disconnected(1_000);
    assert!([first, second].iter().all(|command| simulation.result(*command) == Some(Ok(()))));
    assert_eq!(simulation.sent(), ["disconnect"]);
}

#[test]
fn a_handshake_asked_for_during_the_goodbye_follows_it() {
    for pause in [0, 10] {
        let mut simulation = Simulation::connected();
        let closed = simulation.disconnect();
        simulation.run_for(pause);
        let opened = simulation.handshake();
        simulation.run_until("open again", 5_000, |simulation| simulation.result(opened) == Some(Ok(())));
        assert_eq!(simulation.result(closed), Some(Ok(())));
        assert_eq!(simulation.state(), ConnectionState::Connected);
        assert_eq!(simulation.server.client_ids.len(), 2);
        assert_eq!(simulation.subscribed(), [TOPIC]);
        assert_eq!(simulation.server.live(), ["session2"]);
    }
}

#[test]
fn closing_opening_and_closing_ends_closed() {
    let mut simulation = Simulation::connected();
    let commands = [simulation.disconnect(), simulation.handshake(), simulation.disconnect()];
    simulation.run_until("all ended", 15_000, |simulation| simulation.outstanding().is_empty());
    simulation.run_for(1_000);
    assert_eq!(simulation.result(commands[0]), Some(Ok(())));
    assert_eq!(simulation.result(commands[1]), Some(Err(CommandError::Aborted)));
    assert_eq!(simulation.result(commands[2]), Some(Ok(())));
    assert_eq!(simulation.state(), ConnectionState::Disconnected);
    assert_eq!(simulation.server.live(), [""; 0]);
}

#[test]
fn opening_closing_and_opening_during_a_handshake_ends_open_with_one_session() {
    let mut simulation = Simulation::new();
    simulation.handshake();
    simulation.run_for(10);
    simulation.disconnect();
    let opened = simulation.handshake();
    simulation.run_until("open", 5_000, |simulation| simulation.result(opened) == Some(Ok(())));
    simulation.run_for(1_000);
    assert_eq!(simulation.server.live().len(), 1);
    assert_eq!(simulation.outstanding(), []);
}

#[test]
fn after_a_goodbye_nothing_that_happens_outside_opens_the_channel() {
    let mut simulation = Simulation::connected();
    simulation.disconnect();
    simulation.run_until_disconnected(1_000);
    for input in [Input::Online, Input::Offline, Input::Resume, Input::Hurry, Input::LoginDone { renewed: true }] {
        simulation.tell(input);
        simulation.run_for(10_000);
    }
    silent_for_an_hour(&mut simulation);
    assert_eq!(simulation.state(), ConnectionState::Disconnected);
}

#[test]
fn nothing_that_happens_outside_disturbs_a_goodbye() {
    for input in [Input::Online, Input::Offline, Input::Resume, Input::Hurry, Input::LoginDone { renewed: true }] {
        let mut simulation = Simulation::connected();
        simulation.disconnect();
        simulation.run_for(10);
        simulation.tell(input);
        simulation.run_until_disconnected(1_000);
        assert_eq!(simulation.sent(), ["disconnect"]);
        assert_eq!(simulation.server.live(), [""; 0]);
    }
}

#[test]
fn channels_of_the_caller_are_still_wanted_after_a_goodbye_and_a_handshake() {
    let mut simulation = Simulation::connected();
    let wanted = simulation.subscribe("/a");
    simulation.run_for(100);
    assert_eq!(simulation.result(wanted), Some(Ok(())));
    simulation.disconnect();
    simulation.run_until_disconnected(1_000);
    simulation.handshake();
    simulation.run_until_connected(1_000);
    simulation.run_for(100);
    assert_eq!(simulation.subscribed(), ["/a", TOPIC]);
}

#[test]
fn a_session_lost_before_the_goodbye_is_no_obstacle() {
    let mut simulation = Simulation::connected();
    simulation.at_server(Server::restart);
    let closed = simulation.disconnect();
    simulation.run_until_disconnected(11_000);
    assert_eq!(simulation.result(closed), Some(Ok(())));
    assert_eq!(simulation.deliveries(), [Value::Null; 0]);
    silent_for_an_hour(&mut simulation);
}

#[test]
fn a_slow_handshake_and_an_unanswered_goodbye_share_one_bound() {
    let mut simulation = Simulation::new();
    simulation.script(On::HANDSHAKE, 1, Reaction::Delay(9_000));
    simulation.script(On::DISCONNECT, 1, Reaction::SwallowReply);
    simulation.handshake();
    simulation.run_for(1_000);
    let asked = simulation.now();
    simulation.disconnect();
    simulation.run_until_disconnected(11_000);
    assert!(simulation.now() - asked <= 10_000, "{}", simulation.now() - asked);
}
