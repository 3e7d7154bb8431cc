//! Channels beside the main one, and the main one refused.

use gws_im_sdk::bayeux::{Cause, CommandError, Config, ConnectionState, Event, MetaChannel, TransportFailure, UsageError};
use serde_json::{Value, json};

use crate::harness::{Flavour, On, Reaction, Server, ServerOptions, Simulation, TOPIC, default_config};

fn subscriptions_sent(simulation: &Simulation) -> Vec<String> {
    simulation.sent().into_iter().filter(|sent| sent.contains("subscribe")).collect()
}

#[test]
fn what_is_subscribed_in_one_tick_shares_one_request_and_delivers() {
    let mut simulation = Simulation::connected();
    let commands = ["/v2/me/calls", "/v2/me/devices", "/v2/other/*"].map(|channel| simulation.subscribe(channel));
    simulation.run_for(1_000);
    assert_eq!(subscriptions_sent(&simulation), ["subscribe /v2/me/calls + subscribe /v2/me/devices + subscribe /v2/other/*"]);
    assert!(commands.iter().all(|command| simulation.result(*command) == Some(Ok(()))));
    simulation.publish_on("/v2/other/thing", &json!(1));
    simulation.run_for(100);
    assert_eq!(simulation.deliveries(), [1].map(Value::from));
}

#[test]
fn what_is_wanted_before_the_handshake_goes_with_the_main_channel() {
    let mut simulation = Simulation::new();
    let command = simulation.subscribe("/v2/me/calls");
    simulation.run_for(60_000);
    assert_eq!(simulation.sent(), [""; 0], "only the session asks for a link");
    simulation.handshake();
    simulation.run_for(1_000);
    assert_eq!(simulation.result(command), Some(Ok(())));
    assert_eq!(subscriptions_sent(&simulation), [format!("subscribe {TOPIC} + subscribe /v2/me/calls")]);
}

#[test]
fn one_channel_is_subscribed_once_however_many_want_it() {
    let mut simulation = Simulation::connected();
    let first = simulation.subscribe("/v2/me/calls");
    simulation.run_for(10);
    let second = simulation.subscribe("/v2/me/calls");
    simulation.run_for(100);
    let third = simulation.subscribe("/v2/me/calls");
    simulation.run_for(100);
    assert!([first, second, third].iter().all(|command| simulation.result(*command) == Some(Ok(()))));
    for _ in 0..2 {
        let command = simulation.unsubscribe("/v2/me/calls");
        simulation.run_for(100);
        assert_eq!(simulation.result(command), Some(Ok(())));
        assert_eq!(simulation.subscribed(), ["/v2/me/calls", TOPIC]);
    }
    simulation.unsubscribe("/v2/me/calls");
    simulation.run_for(100);
    assert_eq!(simulation.subscribed(), [TOPIC]);
    assert_eq!(subscriptions_sent(&simulation), ["subscribe /v2/me/calls", "unsubscribe /v2/me/calls"]);
    assert_eq!(simulation.try_unsubscribe("/v2/me/calls"), Err(UsageError::NotSubscribed));
}

#[test]
fn a_wish_taken_back_in_the_same_tick_is_never_sent() {
    let mut simulation = Simulation::connected();
    let wish = simulation.subscribe("/v2/me/calls");
    let taken_back = simulation.unsubscribe("/v2/me/calls");
    simulation.run_for(1_000);
    assert_eq!(simulation.result(wish), Some(Err(CommandError::Aborted)));
    assert_eq!(simulation.result(taken_back), Some(Ok(())));
    assert_eq!(subscriptions_sent(&simulation), [""; 0]);
}

#[test]
fn a_wish_taken_back_while_it_is_under_way_is_undone() {
    let mut simulation = Simulation::connected();
    let wish = simulation.subscribe("/v2/me/calls");
    simulation.run_for(10);
    let taken_back = simulation.unsubscribe("/v2/me/calls");
    simulation.run_for(1_000);
    assert_eq!(simulation.result(wish), Some(Err(CommandError::Aborted)));
    assert_eq!(simulation.result(taken_back), Some(Ok(())));
    assert_eq!(simulation.subscribed(), [TOPIC]);
}

#[test]
fn one_of_two_wishes_taken_back_before_the_answer_leaves_the_other() {
    for close in [false, true] {
        let mut simulation = Simulation::connected();
        simulation.subscribe("/v2/me/calls");
        simulation.subscribe("/v2/me/calls");
        simulation.run_for(10);
        simulation.unsubscribe("/v2/me/calls");
        if close {
            simulation.disconnect();
            simulation.run_until_disconnected(1_000);
            assert_eq!(simulation.try_unsubscribe("/v2/me/calls"), Err(UsageError::NotSubscribed), "taken back by the goodbye");
        } else {
            simulation.run_for(1_000);
            assert_eq!(simulation.subscribed(), ["/v2/me/calls", TOPIC]);
            assert!(simulation.try_unsubscribe("/v2/me/calls").is_ok());
            simulation.run_for(1_000);
            assert_eq!(simulation.try_unsubscribe("/v2/me/calls"), Err(UsageError::NotSubscribed));
        }
        assert_eq!(simulation.outstanding(), []);
    }
}

#[test]
fn a_channel_given_up_and_wanted_again_at_once_ends_subscribed() {
    let mut simulation = Simulation::connected();
    simulation.subscribe("/v2/me/calls");
    simulation.run_for(100);
    simulation.unsubscribe("/v2/me/calls");
    simulation.run_for(10);
    let again = simulation.subscribe("/v2/me/calls");
    simulation.run_for(1_000);
    assert_eq!(simulation.result(again), Some(Ok(())));
    assert_eq!(simulation.outstanding(), []);
    assert_eq!(simulation.subscribed(), ["/v2/me/calls", TOPIC]);
}

#[test]
fn the_main_channel_wanted_by_the_caller_too_is_one_subscription() {
    let mut simulation = Simulation::connected();
    let wanted = simulation.subscribe(TOPIC);
    simulation.run_for(100);
    let given_up = simulation.unsubscribe(TOPIC);
    simulation.run_for(100);
    assert_eq!(simulation.result(wanted), Some(Ok(())));
    assert_eq!(simulation.result(given_up), Some(Ok(())));
    assert_eq!(simulation.subscribed(), [TOPIC], "the client itself still wants it");
    assert_eq!(subscriptions_sent(&simulation), [""; 0]);
}

#[test]
fn requests_of_the_second_slot_follow_one_another() {
    let mut simulation = Simulation::connected();
    simulation.script(On::SUBSCRIBE, 1, Reaction::Delay(2_000));
    simulation.subscribe("/a");
    simulation.run_for(10);
    simulation.subscribe("/b");
    simulation.run_for(10);
    simulation.subscribe("/c");
    simulation.run_for(1_000);
    assert_eq!(subscriptions_sent(&simulation), ["subscribe /a"]);
    simulation.run_for(2_000);
    assert_eq!(subscriptions_sent(&simulation), ["subscribe /a", "subscribe /b + subscribe /c"]);
}

#[test]
fn a_refused_channel_fails_everyone_who_wanted_it_and_disturbs_nothing() {
    let mut simulation = Simulation::connected();
    simulation.server.refuse("/v2/secret", "403:denied_by_security_policy:subscribe_denied");
    let commands = [simulation.subscribe("/v2/secret"), simulation.subscribe("/v2/secret"), simulation.subscribe("/v2/me/calls")];
    simulation.run_for(1_000);
    for command in &commands[..2] {
        let Some(Err(CommandError::Refused(error))) = simulation.result(*command) else { simulation.fail("not refused") };
        assert_eq!((error.code, error.text.as_str()), (Some(403), "403:denied_by_security_policy:subscribe_denied"));
    }
    assert_eq!(simulation.result(commands[2]), Some(Ok(())));
    assert_eq!(simulation.state(), ConnectionState::Connected);
    assert_eq!(simulation.try_unsubscribe("/v2/secret"), Err(UsageError::NotSubscribed));
    simulation.run_for(100_000);
    assert_eq!(subscriptions_sent(&simulation).len(), 1, "it is not asked for again");
}

#[test]
fn a_channel_refused_when_it_is_asked_for_again_is_told() {
    let mut simulation = Simulation::connected();
    simulation.subscribe("/v2/me/calls");
    simulation.run_for(100);
    simulation.server.refuse("/v2/me/calls", "403::no more");
    simulation.at_server(Server::expire_all);
    simulation.run_for(5_000);
    let lost = simulation.events(|event| match event {
        Event::SubscriptionLost { subscription, error } => Some((subscription.clone(), error.text.clone())),
        _ => None,
    });
    assert_eq!(lost, [("/v2/me/calls".to_owned(), "403::no more".to_owned())]);
    assert_eq!(simulation.state(), ConnectionState::Connected);
    simulation.server.refuse_nothing();
    simulation.at_server(Server::expire_all);
    simulation.run_for(5_000);
    assert_eq!(simulation.subscribed(), [TOPIC], "it is not wanted any more");
}

#[test]
fn the_main_channel_refused_ends_the_channel_and_the_session() {
    let mut simulation = Simulation::new();
    simulation.server.refuse(TOPIC, "403::denied");
    let command = simulation.handshake();
    simulation.run_until_disconnected(5_000);
    let Some(Cause::TopicRefused(error)) = simulation.last_status().cause.clone() else { simulation.fail("another cause") };
    assert_eq!(error.code, Some(403));
    assert_eq!(simulation.result(command), Some(Err(CommandError::Ended(Cause::TopicRefused(error)))));
    assert_eq!(simulation.server.live(), [""; 0], "no session is left behind");
    simulation.run_for(3_600_000);
    assert_eq!(simulation.times_of("handshake").len(), 1);

    simulation.server.refuse_nothing();
    simulation.handshake();
    simulation.run_until_connected(2_000);
}

#[test]
fn wishes_survive_an_outage() {
    let mut simulation = Simulation::connected();
    simulation.network.down = true;
    simulation.cut();
    let wanted = simulation.subscribe("/v2/me/calls");
    simulation.run_for(4_000);
    assert_eq!(simulation.result(wanted), None);
    simulation.network.down = false;
    simulation.run_until("subscribed", 10_000, |simulation| simulation.result(wanted) == Some(Ok(())));
    assert_eq!(simulation.server.client_ids.len(), 1);
}

#[test]
fn commands_during_an_outage_cause_no_requests_of_their_own() {
    let mut simulation = Simulation::connected();
    simulation.network.down = true;
    simulation.cut();
    for number in 0..50 {
        simulation.subscribe(&format!("/v2/extra/{number}"));
        simulation.run_for(10);
    }
    simulation.run_for(5_000);
    assert!(simulation.requests().count() <= 10, "{:?}", simulation.sent());
}

#[test]
fn a_subscribe_whose_reply_is_lost_is_repeated() {
    for reaction in [Reaction::LoseReply, Reaction::SwallowReply] {
        let mut simulation = Simulation::connected();
        simulation.script(On::SUBSCRIBE, 1, reaction);
        let command = simulation.subscribe("/v2/me/calls");
        simulation.run_until("subscribed", 15_000, |simulation| simulation.result(command) == Some(Ok(())));
        assert_eq!(simulation.times_of("subscribe").len(), 2);
        assert_eq!(simulation.statuses(), [""; 0]);
    }
}

#[test]
fn a_subscribe_of_unknown_outcome_that_is_given_up_is_undone() {
    let mut simulation = Simulation::connected();
    simulation.script(On::SUBSCRIBE, 1, Reaction::LoseReply);
    let wanted = simulation.subscribe("/v2/me/calls");
    simulation.run_until("the answer is lost", 1_000, |simulation| simulation.requests().any(|sent| sent.end.is_some()));
    assert_eq!(simulation.subscribed(), ["/v2/me/calls", TOPIC], "the server has acted");
    let given_up = simulation.unsubscribe("/v2/me/calls");
    simulation.run_for(30_000);
    assert_eq!(simulation.subscribed(), [TOPIC]);
    assert_eq!(simulation.result(wanted), Some(Err(CommandError::Aborted)));
    assert_eq!(simulation.result(given_up), Some(Ok(())));
}

#[test]
fn an_unsubscribe_of_unknown_outcome_that_is_taken_back_is_redone() {
    let mut simulation = Simulation::connected();
    simulation.subscribe("/v2/me/calls");
    simulation.run_for(100);
    simulation.script(On::UNSUBSCRIBE, 1, Reaction::LoseReply);
    simulation.unsubscribe("/v2/me/calls");
    simulation.run_until("the answer is lost", 1_000, |simulation| {
        simulation.requests().any(|sent| sent.is("unsubscribe") && sent.end.is_some())
    });
    assert_eq!(simulation.subscribed(), [TOPIC], "the server has acted");
    let wanted = simulation.subscribe("/v2/me/calls");
    simulation.run_for(30_000);
    assert_eq!(simulation.result(wanted), Some(Ok(())));
    assert_eq!(simulation.subscribed(), ["/v2/me/calls", TOPIC]);
    assert_eq!(simulation.outstanding(), []);
}

#[test]
fn a_channel_given_up_and_wanted_again_while_it_is_asked_for() {
    let mut simulation = Simulation::connected();
    simulation.subscribe("/v2/me/calls");
    simulation.run_for(10);
    let given_up = simulation.unsubscribe("/v2/me/calls");
    let again = simulation.subscribe("/v2/me/calls");
    simulation.run_for(5_000);
    assert_eq!(simulation.result(given_up), Some(Ok(())));
    assert_eq!(simulation.result(again), Some(Ok(())));
    assert_eq!(simulation.outstanding(), []);
    assert_eq!(simulation.subscribed(), ["/v2/me/calls", TOPIC]);
}

#[test]
fn a_wish_taken_back_while_its_request_fails_completes() {
    for reaction in [Reaction::Fail(TransportFailure::Network), Reaction::LoseReply] {
        let mut simulation = Simulation::connected();
        simulation.script(On::SUBSCRIBE, 1, reaction);
        simulation.subscribe("/v2/me/calls");
        simulation.run_for(10);
        let given_up = simulation.unsubscribe("/v2/me/calls");
        simulation.run_for(5_000);
        assert_eq!(simulation.result(given_up), Some(Ok(())));
        assert_eq!(simulation.outstanding(), []);
        assert_eq!(simulation.subscribed(), [TOPIC]);
    }
}

#[test]
fn a_reply_that_answers_only_some_messages_has_the_others_asked_again() {
    let mut simulation = Simulation::connected();
    simulation.script(On::SUBSCRIBE, 1, Reaction::rewrite(|messages| Value::Array(messages[..1].to_vec())));
    let commands = [simulation.subscribe("/a"), simulation.subscribe("/b")];
    simulation.run_for(5_000);
    assert!(commands.iter().all(|command| simulation.result(*command) == Some(Ok(()))));
    assert_eq!(subscriptions_sent(&simulation), ["subscribe /a + subscribe /b", "subscribe /b"]);
}

#[test]
fn an_unsubscribe_that_is_refused_completes() {
    let mut simulation = Simulation::connected();
    simulation.subscribe("/a");
    simulation.run_for(100);
    simulation.script(
        On::UNSUBSCRIBE,
        1,
        Reaction::edit(MetaChannel::Unsubscribe, |reply| {
            reply["successful"] = json!(false);
            reply["error"] = json!("403::unsubscribe_failed");
        }),
    );
    let command = simulation.unsubscribe("/a");
    simulation.run_for(1_000);
    assert!(simulation.result(command).is_some());
    assert_eq!(simulation.state(), ConnectionState::Connected);
}

#[test]
fn the_number_of_channels_is_bounded() {
    let config = Config { max_subscriptions: 5, ..default_config() };
    let mut simulation = Simulation::connected_with(config, ServerOptions::new(Flavour::CometD3));
    let accepted = (0..10).filter(|number| simulation.try_subscribe(&format!("/v2/{number}")).is_ok()).count();
    assert!((4..=5).contains(&accepted), "{accepted}");
    assert_eq!(simulation.try_subscribe("/v2/more"), Err(UsageError::TooManySubscriptions));
    simulation.subscribe("/v2/0");
    simulation.unsubscribe("/v2/1");
    simulation.run_for(1_000);
    assert!(simulation.try_subscribe("/v2/more").is_ok(), "room again");
    simulation.run_for(1_000);
    assert_eq!(simulation.outstanding(), []);
}

#[test]
fn hundreds_of_channels_go_in_parts_and_come_back_after_a_lost_session() {
    let mut simulation = Simulation::connected();
    let commands: Vec<_> = (0..450).map(|number| simulation.subscribe(&format!("/v2/extra/{number}"))).collect();
    simulation.run_for(5_000);
    assert!(commands.iter().all(|command| simulation.result(*command) == Some(Ok(()))));
    assert_eq!(simulation.subscribed().len(), 451);
    assert!(simulation.requests().all(|sent| sent.messages.len() <= 100));
    simulation.at_server(Server::expire_all);
    simulation.run_for(5_000);
    assert_eq!(simulation.subscribed().len(), 451);
    assert_eq!(simulation.outstanding(), []);
}

#[test]
fn what_comes_on_channels_nobody_asked_for_is_delivered_to_the_layer_above() {
    let mut simulation = Simulation::connected();
    simulation.script(
        On::CONNECT,
        1,
        Reaction::rewrite(|mut messages| {
            messages.insert(0, json!({"channel": "/never/subscribed", "data": "odd"}));
            messages.insert(0, json!({"channel": "/service/reply", "data": 0, "id": "77"}));
            Value::Array(messages)
        }),
    );
    simulation.publish(&json!("before"));
    simulation.run_for(100);
    simulation.publish(&json!("after"));
    simulation.run_for(100);
    assert_eq!(simulation.deliveries(), [json!("before"), json!(0), json!("odd"), json!("after")]);
}
