//! From nothing to notifications, against each line of servers.

use gws_im_sdk::bayeux::{Cause, ClientId, CommandError, Config, ConnectionType, Event, Input};
use serde_json::{Value, json};

use crate::harness::{Flavour, On, Reaction, ServerOptions, Simulation, TOPIC, default_config};

const FLAVOURS: [Flavour; 4] = [Flavour::CometD2, Flavour::CometD3, Flavour::CometD8, Flavour::Faye];

#[test]
fn the_first_requests_are_a_handshake_then_the_topic_and_a_connect() {
    let mut simulation = Simulation::new();
    simulation.handshake();
    simulation.run_for(1_000);
    let subscribe = format!("subscribe {TOPIC}");
    assert_eq!(simulation.sent(), ["handshake", subscribe.as_str(), "connect now", "connect"]);
    assert_eq!(simulation.statuses(), ["connecting", "connected"]);
}

#[test]
fn the_wire_form_is_what_servers_of_every_line_accept() {
    let mut simulation = Simulation::new();
    simulation.handshake();
    simulation.run_for(1_000);
    let messages: Vec<Value> = simulation.requests().flat_map(|sent| sent.messages.clone()).collect();
    assert_eq!(
        messages,
        [
            json!({
                "id": "1", "channel": "/meta/handshake", "version": "1.0", "minimumVersion": "1.0",
                "supportedConnectionTypes": ["long-polling"], "advice": {"timeout": 60_000, "interval": 0}, "ext": {"ack": true},
            }),
            json!({"id": "2", "channel": "/meta/subscribe", "clientId": "session1", "subscription": TOPIC}),
            json!({
                "id": "3", "channel": "/meta/connect", "clientId": "session1", "connectionType": "long-polling",
                "advice": {"timeout": 0}, "ext": {"ack": 0},
            }),
            json!({
                "id": "4", "channel": "/meta/connect", "clientId": "session1", "connectionType": "long-polling", "ext": {"ack": 1},
            }),
        ]
    );
}

#[test]
fn every_line_of_servers_is_connected_to_and_delivers_in_order() {
    for flavour in FLAVOURS {
        let mut simulation = Simulation::connected_with(default_config(), ServerOptions::new(flavour));
        for number in 0..5 {
            simulation.publish(&json!(number));
        }
        simulation.run_for(1_000);
        assert_eq!(simulation.deliveries(), [0, 1, 2, 3, 4].map(Value::from), "{flavour:?}");
        assert_eq!(simulation.statuses(), [""; 0], "{flavour:?}");
    }
}

#[test]
fn the_command_completes_when_the_topic_is_confirmed_and_a_connect_answered() {
    for (on, delay) in [(On::SUBSCRIBE, 3_000), (On::CONNECT, 3_000)] {
        let mut simulation = Simulation::new();
        simulation.script(on, 1, Reaction::Delay(delay));
        let command = simulation.handshake();
        simulation.run_for(2_500);
        assert_eq!(simulation.result(command), None);
        assert_eq!(simulation.statuses(), ["connecting"]);
        simulation.run_until_connected(2_000);
        assert_eq!(simulation.result(command), Some(Ok(())));
    }
}

#[test]
fn the_status_comes_before_the_completion() {
    let mut simulation = Simulation::new();
    simulation.handshake();
    simulation.run_until_connected(1_000);
    let order = simulation.events(|event| match event {
        Event::Status(status) => Some(format!("{:?}", status.state)),
        Event::Completed { .. } => Some("completed".to_owned()),
        _ => None,
    });
    assert_eq!(order, ["Connecting", "Connected", "completed"]);
}

#[test]
fn the_status_tells_session_transport_and_acknowledgement() {
    for (flavour, acknowledged) in [(Flavour::CometD3, true), (Flavour::Faye, false)] {
        let simulation = Simulation::connected_with(default_config(), ServerOptions::new(flavour));
        let status = simulation.last_status();
        assert_eq!(status.client_id.as_ref().map(ClientId::as_str), Some("session1"));
        assert_eq!(status.transport, Some(ConnectionType::LongPolling));
        assert_eq!((status.acknowledged, status.recovered), (acknowledged, false), "{flavour:?}");
    }
}

#[test]
fn the_client_s_view_of_its_status_is_the_last_one_told() {
    let mut simulation = Simulation::new();
    simulation.handshake();
    simulation.run_until_connected(1_000);
    assert_eq!(simulation.client.status(), simulation.last_status());
}

#[test]
fn a_quiet_channel_only_polls() {
    let mut simulation = Simulation::connected();
    simulation.run_for(5 * 20_000 + 1_000);
    assert_eq!(simulation.sent(), ["connect"; 5]);
    assert_eq!(simulation.statuses(), [""; 0]);
}

#[test]
fn a_quiet_channel_needs_no_timer() {
    let mut simulation = Simulation::connected();
    simulation.woken = 0;
    simulation.run_for(5 * 20_000 + 1_000);
    assert_eq!((simulation.requests().count(), simulation.woken), (5, 0), "browsers slow the timers of hidden pages");
}

#[test]
fn an_address_that_takes_no_suffix_gets_everything() {
    for (url, append) in [("https://h/n?tenant=1", true), ("https://h/cometd.jsp", true), ("https://h/n", false)] {
        let config = Config { url: url.to_owned(), append_message_type_to_url: append, ..default_config() };
        let mut simulation = Simulation::with(config, ServerOptions::new(Flavour::CometD3));
        simulation.address.by_kind = false;
        simulation.handshake();
        simulation.run_until_connected(1_000);
        simulation.disconnect();
        simulation.run_until_disconnected(1_000);
    }
}

#[test]
fn absurd_options_neither_panic_nor_stop_nor_storm() {
    let sane = default_config();
    for config in [
        Config { backoff_increment: u64::MAX, max_backoff: u64::MAX, ..sane.clone() },
        Config { backoff_increment: 0, max_backoff: 0, backoff_jitter: 1.0, ..sane.clone() },
        Config { backoff_jitter: f64::NAN, ..sane.clone() },
        Config { backoff_jitter: -3.0, ..sane.clone() },
        Config { backoff_jitter: 7.0, seed: 0, ..sane.clone() },
        Config { backoff_jitter: f64::INFINITY, seed: u64::MAX, ..sane.clone() },
        Config { max_network_delay: u64::MAX, advice_timeout: u64::MAX, ..sane.clone() },
        Config { max_network_delay: 50, advice_timeout: 0, ..sane.clone() },
        Config { max_subscriptions: 0, ..sane.clone() },
    ] {
        let mut simulation = Simulation::with(config.clone(), ServerOptions::new(Flavour::CometD3));
        simulation.script(On::Any, 12, Reaction::http(500));
        simulation.handshake();
        simulation.run_for(60_000);
        simulation.tell(Input::Hurry);
        simulation.run_for(1_000);
        simulation.heal();
        simulation.tell(Input::Hurry);
        simulation.run_until_connected(5_000);
        assert!(simulation.requests().count() < 400, "{config:?}");
    }
}

#[test]
fn two_handshake_commands_are_one_handshake() {
    let mut simulation = Simulation::new();
    let commands = [simulation.handshake(), simulation.handshake()];
    simulation.run_until_connected(1_000);
    let late = simulation.handshake();
    simulation.run_for(100);
    for command in [commands[0], commands[1], late] {
        assert_eq!(simulation.result(command), Some(Ok(())));
    }
    assert_eq!(simulation.times_of("handshake").len(), 1);
}

#[test]
fn without_a_main_channel_an_answered_connect_is_connected() {
    let config = Config { main_channel: None, ..default_config() };
    let mut simulation = Simulation::with(config, ServerOptions::new(Flavour::CometD3));
    simulation.handshake();
    simulation.run_until_connected(1_000);
    assert_eq!(simulation.sent(), ["handshake", "connect now", "connect"]);
}

#[test]
fn a_server_that_offers_no_long_polling_ends_the_channel() {
    let options = ServerOptions { connection_types: &["callback-polling"], ..ServerOptions::new(Flavour::CometD3) };
    let mut simulation = Simulation::with(default_config(), options);
    let command = simulation.handshake();
    simulation.run_until_disconnected(1_000);
    assert_eq!(simulation.result(command), Some(Err(CommandError::Ended(Cause::NoConnectionType))));
    assert_eq!(simulation.last_status().cause, Some(Cause::NoConnectionType));
    simulation.run_for(600_000);
    assert_eq!(simulation.sent(), ["handshake", "disconnect"]);
}

#[test]
fn a_handshake_reply_that_names_no_connection_types_is_taken() {
    let mut simulation = Simulation::new();
    simulation.script(
        On::HANDSHAKE,
        1,
        Reaction::edit(gws_im_sdk::bayeux::MetaChannel::Handshake, |reply| {
            reply.as_object_mut().expect("a reply").remove("supportedConnectionTypes");
        }),
    );
    simulation.handshake();
    simulation.run_until_connected(1_000);
    assert_eq!(simulation.events(|event| matches!(event, Event::Violation(_)).then_some(())), [(); 0]);
}
