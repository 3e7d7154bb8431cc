//! What the reference client's own tests prove of a session on a WebSocket and no other file here does; `docs/parity.md` has the whole list.

use gws_im_sdk::bayeux::{CommandError, ConnectionState, ConnectionType};
use serde_json::{Value, json};

use crate::harness::{
    AckStyle, Flavour, FrameReaction, On, Server, ServerOptions, Side, Simulation, SocketFate, TOPIC, socket_config, socket_only_config,
};

fn options() -> ServerOptions {
    ServerOptions::new(Flavour::CometD3)
}

/// Two on a socket: one that moved there from long-polling, and one with sockets alone.
fn on_sockets(options: &ServerOptions) -> [Simulation; 2] {
    [socket_config(), socket_only_config()].map(|config| Simulation::moved_with(config, options.clone()))
}

/// When messages to `/meta/<channel>` left on a socket.
fn times_on_sockets(simulation: &Simulation, channel: &str) -> Vec<u64> {
    simulation.times_on(ConnectionType::WebSocket, channel)
}

fn run_until_on_a_socket(simulation: &mut Simulation, bound: u64) {
    simulation.run_until_on(ConnectionType::WebSocket, bound);
    simulation.run_until("a connect is held", 100, |simulation| simulation.server.is_holding_on_a_socket());
}

#[test]
fn a_session_renewed_without_any_advice_works_like_the_first() {
    let options = ServerOptions { handshake_advice: false, advice_with_402: false, forgotten_connects_wait: false, ..options() };
    for mut simulation in on_sockets(&options) {
        for session in 2..5 {
            simulation.at_server(Server::expire_all);
            simulation.run_until("reconnecting", 1_000, |simulation| simulation.state() == ConnectionState::Reconnecting);
            run_until_on_a_socket(&mut simulation, 3_000);
            simulation.publish(&json!(session));
            simulation.run_for(1_000);
            assert_eq!(simulation.server.client_ids.len(), session);
            assert_eq!(simulation.subscribed(), [TOPIC]);
        }
        assert_eq!(simulation.deliveries(), [2, 3, 4].map(Value::from));
    }
}

#[test]
fn what_is_wanted_in_one_tick_shares_one_frame_and_is_confirmed() {
    for mut simulation in on_sockets(&options()) {
        let wishes = ["/a", "/b", "/c"].map(|channel| simulation.subscribe(channel));
        simulation.run_for(1_000);
        assert!(wishes.iter().all(|wish| simulation.result(*wish) == Some(Ok(()))));
        assert_eq!(simulation.subscribed(), ["/a", "/b", "/c", TOPIC]);
        assert_eq!(simulation.traffic(), ["socket subscribe /a + subscribe /b + subscribe /c"]);
    }
}

#[test]
fn one_channel_is_one_message_renewed_with_the_session_and_refused_to_all_who_want_it() {
    for mut simulation in on_sockets(&ServerOptions { forgotten_connects_wait: false, ..options() }) {
        simulation.server.refuse("/v2/secret", "403:denied_by_security_policy:subscribe_denied");
        let granted = ["/v2/me/calls"; 2].map(|channel| simulation.subscribe(channel));
        let refused = ["/v2/secret"; 2].map(|channel| simulation.subscribe(channel));
        simulation.run_for(1_000);
        assert!(granted.iter().all(|command| simulation.result(*command) == Some(Ok(()))));
        let refusal =
            |result: Option<Result<(), CommandError>>| matches!(result, Some(Err(CommandError::Refused(error))) if error.code == Some(403));
        assert!(refused.iter().all(|command| refusal(simulation.result(*command))));
        assert_eq!(simulation.traffic(), ["socket subscribe /v2/me/calls + subscribe /v2/secret"]);
        assert_eq!(simulation.statuses(), [""; 0]);

        simulation.at_server(Server::expire_all);
        simulation.run_until("reconnecting", 1_000, |simulation| simulation.state() == ConnectionState::Reconnecting);
        simulation.run_until_connected(3_000);
        simulation.run_for(1_000);
        assert_eq!(simulation.subscribed(), ["/v2/me/calls", TOPIC]);
    }
}

#[test]
fn what_comes_on_channels_nobody_asked_for_is_delivered() {
    for mut simulation in on_sockets(&options()) {
        simulation.script_frames(
            On::CONNECT,
            1,
            FrameReaction::rewrite(|mut messages| {
                messages.insert(0, json!({"channel": "/never/subscribed", "data": "odd"}));
                messages.insert(0, json!({"channel": "/service/reply", "data": 0, "id": "77"}));
                Value::Array(messages)
            }),
        );
        simulation.publish(&json!("before"));
        simulation.run_for(100);
        simulation.publish(&json!("after"));
        simulation.run_for(100);
        let mut deliveries = simulation.deliveries();
        // The messages of a connect come before its reply, in frames of their own.
        assert_eq!(deliveries.remove(0), "before");
        deliveries.sort_by_key(Value::to_string);
        assert_eq!(deliveries, [json!("after"), json!("odd"), json!(0)]);
    }
}

#[test]
fn falsy_data_and_texts_of_every_script_are_delivered_as_they_are() {
    let texts = ["", "Grüße", "こんにちは", "שלום", "\u{1f600}", "\u{2028}\u{0}\u{fffd}"].map(Value::from);
    let odd = [json!(0), json!(false), json!(null), json!([]), json!({})];
    for acknowledgement in [AckStyle::True, AckStyle::Absent] {
        for mut simulation in on_sockets(&ServerOptions { ack: acknowledgement, ..options() }) {
            texts.iter().chain(&odd).for_each(|data| simulation.publish(data));
            simulation.run_for(1_000);
            assert_eq!(simulation.deliveries(), [&texts[..], &odd[..]].concat());
        }
    }
}

#[test]
fn a_socket_that_breaks_once_is_made_good_in_the_same_session() {
    for code in [1000, 1001, 1006, 1011, 1013, 4000] {
        for mut simulation in on_sockets(&options()) {
            simulation.close_sockets(code);
            simulation.publish(&json!("meanwhile"));
            simulation.run_until("told", 1_000, |simulation| simulation.state() == ConnectionState::Reconnecting);
            simulation.run_until_connected(1_000);
            simulation.publish(&json!("after"));
            simulation.run_for(1_000);
            assert_eq!(simulation.statuses().last().map(String::as_str), Some("connected recovered"), "{code}");
            assert_eq!(simulation.server.client_ids.len(), 1, "{code}");
            simulation.check_all_received();
        }
    }
}

#[test]
fn a_server_that_disconnects_us_has_the_last_word_after_what_it_still_had() {
    for acknowledgement in [AckStyle::True, AckStyle::Absent] {
        for mut simulation in on_sockets(&ServerOptions { ack: acknowledgement, ..options() }) {
            simulation.publish(&json!("first"));
            simulation.run_for(100);
            if acknowledgement == AckStyle::True {
                simulation.script_frames(On::CONNECT, 1, with_a_goodbye());
                simulation.publish(&json!("second"));
                simulation.run_for(100);
            }
            simulation.publish(&json!("last"));
            simulation.at_server(Server::disconnect_all);
            simulation.run_until_disconnected(1_000);
            simulation.check_all_received();
            assert_eq!(simulation.statuses(), ["disconnected ended"]);
            let silent_from = simulation.now();
            simulation.run_for(3_600_000);
            let load = simulation.load_since(silent_from + 1);
            assert_eq!((load.requests, load.sockets), (0, 0));
            assert_eq!(simulation.server.open_sockets(), 0);
        }
    }
}

/// The server's own goodbye before the reply to a connect.
fn with_a_goodbye() -> FrameReaction {
    FrameReaction::rewrite(|mut messages| {
        messages.insert(0, json!({"channel": "/meta/disconnect", "successful": true}));
        Value::Array(messages)
    })
}

#[test]
fn a_failed_connect_nobody_waits_for_changes_nothing() {
    for reconnect in ["none", "handshake"] {
        for mut simulation in on_sockets(&options()) {
            simulation.script_frames(
                On::SUBSCRIBE,
                1,
                FrameReaction::rewrite(move |mut messages| {
                    messages.push(json!({"channel": "/meta/connect", "id": "1", "successful": false, "error": "402::Unknown client",
                        "advice": {"reconnect": reconnect, "interval": 30_000}}));
                    Value::Array(messages)
                }),
            );
            simulation.subscribe("/v2/me/calls");
            simulation.run_for(100);
            simulation.publish(&json!("ends the connect"));
            simulation.run_for(1_000);
            assert!(simulation.server.is_holding_on_a_socket(), "the next connect has left at once");
            assert_eq!(simulation.statuses(), [""; 0]);
            assert_eq!(simulation.server.client_ids.len(), 1);
        }
    }
}

#[test]
fn every_connect_acknowledges_what_the_last_reply_brought() {
    for mut simulation in on_sockets(&options()) {
        for number in 0..4 {
            simulation.publish(&json!(number));
            simulation.run_until("the next connect is held", 1_000, |simulation| simulation.server.is_holding_on_a_socket());
            simulation.run_for(100);
        }
        let acknowledged: Vec<u64> = simulation
            .record
            .left
            .iter()
            .filter(|left| left.is("connect"))
            .filter_map(|left| left.message["ext"]["ack"].as_u64())
            .collect();
        assert_eq!(acknowledged.len(), 4);
        assert!(acknowledged.windows(2).all(|pair| pair[1] == pair[0] + 1), "{acknowledged:?}");
        simulation.check_all_received();
    }
}

#[test]
fn connects_answered_too_late_cost_a_socket_each_and_no_session() {
    for mut simulation in on_sockets(&ServerOptions { max_interval: 60_000, ..options() }) {
        for round in 1..=2 {
            simulation.forget();
            let asked = simulation.now();
            simulation.script_frames(On::CONNECT, 1, FrameReaction::Delay(60_000));
            simulation.publish(&json!(round));
            simulation.run_until("told", 60_000, |simulation| simulation.state() == ConnectionState::Reconnecting);
            let waited = simulation.now() - asked;
            assert!((30_000..31_000).contains(&waited), "{waited}: held for 20 s, and 10 s on the way");
            simulation.run_until_connected(2_000);
            run_until_on_a_socket(&mut simulation, 120_000);
            assert_eq!(simulation.record.sockets.len(), 1, "one more socket");
            simulation.check_all_received();
        }
        assert_eq!(simulation.server.client_ids.len(), 1);
    }
}

#[test]
fn a_session_that_expires_behind_a_late_answer_leaves_no_socket_behind() {
    for mut simulation in on_sockets(&options()) {
        simulation.script_frames(On::CONNECT, 1, FrameReaction::Ignore);
        simulation.publish(&json!("ends the connect"));
        simulation.run_until("a second session", 60_000, |simulation| simulation.server.client_ids.len() == 2);
        run_until_on_a_socket(&mut simulation, 300_000);
        simulation.run_for(60_000);
        assert!(simulation.record.sockets.len() <= 2, "one that is found forgotten, one for the new session");
        assert_eq!(simulation.server.open_sockets(), 1);
        assert_eq!(simulation.server.client_ids.len(), 2);
    }
}

#[test]
fn the_deadline_of_a_connect_follows_the_advised_timeout() {
    for timeout in [5_000, 45_000] {
        for mut simulation in on_sockets(&ServerOptions { timeout, max_interval: 60_000, ..options() }) {
            simulation.script_frames(On::CONNECT, 1, FrameReaction::SwallowReply);
            simulation.publish(&json!("ends the connect"));
            simulation.run_until("the next one has left", 1_000, |simulation| !times_on_sockets(simulation, "connect").is_empty());
            let left = times_on_sockets(&simulation, "connect")[0];
            simulation.run_until("it is given up", 60_000, |simulation| simulation.state() == ConnectionState::Reconnecting);
            assert_eq!(simulation.now() - left, timeout + 10_000);
        }
    }
}

#[test]
fn a_command_without_an_answer_in_time_is_repeated_and_not_lost() {
    for wants in [true, false] {
        for mut simulation in on_sockets(&options()) {
            if !wants {
                simulation.subscribe("/v2/me/calls");
                simulation.run_for(100);
            }
            let on = if wants { On::SUBSCRIBE } else { On::UNSUBSCRIBE };
            simulation.script_frames(on, 1, FrameReaction::SwallowReply);
            let command = if wants { simulation.subscribe("/v2/me/calls") } else { simulation.unsubscribe("/v2/me/calls") };
            simulation.publish(&json!("meanwhile"));
            simulation.run_until("done", 15_000, |simulation| simulation.result(command) == Some(Ok(())));
            simulation.run_until_connected(2_000);
            let expected: &[&str] = if wants { &["/v2/me/calls", TOPIC] } else { &[TOPIC] };
            assert_eq!(simulation.subscribed(), expected);
            assert_eq!(simulation.server.client_ids.len(), 1);
            simulation.check_all_received();
        }
    }
}

#[test]
fn a_command_that_is_refused_on_a_socket_disturbs_nothing() {
    for mut simulation in on_sockets(&options()) {
        simulation.subscribe("/a");
        simulation.run_for(100);
        let fails = |reply: &mut Value| {
            reply["successful"] = json!(false);
            reply["error"] = json!("403::no");
        };
        simulation.script_frames(On::UNSUBSCRIBE, 1, FrameReaction::edit(fails));
        let unsubscribed = simulation.unsubscribe("/a");
        simulation.run_for(1_000);
        simulation.script_frames(On::SUBSCRIBE, 1, FrameReaction::edit(fails));
        let subscribed = simulation.subscribe("/b");
        simulation.run_for(1_000);
        assert_eq!(simulation.result(unsubscribed), Some(Ok(())));
        assert!(matches!(simulation.result(subscribed), Some(Err(CommandError::Refused(_)))));
        assert_eq!(simulation.statuses(), [""; 0]);
        assert!(simulation.server.is_holding_on_a_socket());
    }
}

#[test]
fn a_node_that_restarts_is_found_again_in_a_new_session() {
    for mut simulation in on_sockets(&options()) {
        simulation.subscribe("/v2/me/calls");
        simulation.run_for(100);
        simulation.network.down = true;
        simulation.at_server(Server::restart);
        simulation.cut();
        simulation.run_for(3_000);
        simulation.network.down = false;
        simulation.run_until_connected(10_000);
        assert_eq!(simulation.subscribed(), ["/v2/me/calls", TOPIC]);
        assert_eq!(simulation.server.client_ids.len(), 2);
        run_until_on_a_socket(&mut simulation, 600_000);
        simulation.forget();
        simulation.publish(&json!("after"));
        simulation.run_for(1_000);
        simulation.check_all_received();
    }
}

#[test]
fn with_max_interval_a_long_outage_ends_in_a_handshake() {
    for mut simulation in on_sockets(&ServerOptions { tell_max_interval: true, ..options() }) {
        simulation.network.down = true;
        simulation.cut();
        simulation.run_for(120_000);
        let since = simulation.now();
        simulation.network.down = false;
        simulation.run_until_connected(65_000);
        let load = simulation.load_since(since);
        assert_eq!(load.handshakes, 1, "{load:?}");
        assert_eq!(simulation.server.client_ids.len(), 2);
    }
}

#[test]
fn a_goodbye_that_fails_is_a_goodbye() {
    let refused = || {
        FrameReaction::edit(|reply| {
            reply["successful"] = json!(false);
            reply["error"] = json!("500::no");
        })
    };
    let failures: [fn() -> FrameReaction; 4] =
        [|| FrameReaction::Ignore, || FrameReaction::SwallowReply, || FrameReaction::Close(1011), FrameReaction::not_json];
    for failure in failures.into_iter().map(|failure| failure()).chain([refused()]) {
        let mut simulation = Simulation::moved_with(socket_only_config(), options());
        simulation.script_frames(On::DISCONNECT, 1, failure);
        let closed = simulation.disconnect();
        simulation.run_until_disconnected(10_000);
        assert_eq!(simulation.result(closed), Some(Ok(())));
        simulation.run_for(60_000);
        assert_eq!(simulation.server.open_sockets(), 0);
        assert_eq!(simulation.client.poll_timeout(), None);
    }
}

#[test]
fn a_socket_that_does_not_open_in_time_leaves_the_poll_alone() {
    let mut simulation = Simulation::with(socket_config(), options());
    simulation.network.next_sockets.push_back(SocketFate::NEVER_OPENS);
    simulation.handshake();
    simulation.run_until_connected(1_000);
    simulation.publish(&json!("before"));
    simulation.run_until("it is given up", 12_000, |simulation| simulation.traffic().contains(&"close socket"));
    assert!((10_000..11_000).contains(&(simulation.now() - simulation.record.sockets[0])));
    simulation.publish(&json!("after"));
    simulation.run_for(1_000);
    simulation.check_all_received();
    assert_eq!(simulation.statuses().last().map(String::as_str), Some("connected"));
    assert_eq!(simulation.last_status().transport, Some(ConnectionType::LongPolling));
    assert_eq!(simulation.times_on(ConnectionType::WebSocket, "connect"), [0; 0]);
}

#[test]
fn a_socket_that_opens_in_time_is_not_timed_out() {
    for mut simulation in on_sockets(&options()) {
        simulation.run_for(60_000);
        assert!(!simulation.traffic().contains(&"close socket"), "{:?}", simulation.traffic());
        assert_eq!(simulation.statuses(), [""; 0]);
        assert!(simulation.server.is_holding_on_a_socket());
    }
}

#[test]
fn a_session_lost_where_no_socket_works_comes_back_on_long_polling() {
    let mut simulation = Simulation::with(socket_config(), options());
    simulation.network.sockets = SocketFate::stalls(Side::Both, 0);
    simulation.handshake();
    simulation.run_until_connected(1_000);
    for _ in 0..5 {
        simulation.run_for(120_000);
        simulation.at_server(Server::expire_all);
        simulation.run_for(1_000);
        simulation.run_until_connected(5_000);
    }
    simulation.forget();
    simulation.publish(&json!("after"));
    simulation.run_for(1_000);
    simulation.check_all_received();
    assert_eq!(simulation.last_status().transport, Some(ConnectionType::LongPolling));
}

#[test]
fn connects_that_ask_for_an_answer_at_once_are_not_held_against_the_server() {
    let options = ServerOptions { forgotten_connects_wait: false, ..ServerOptions::new(Flavour::CometD3) };
    let mut simulation = Simulation::moved_with(socket_config(), options);
    simulation.at_server(Server::expire_all);
    simulation.run_until_on(ConnectionType::LongPolling, 2_000);
    simulation.run_until_on(ConnectionType::WebSocket, 2_000);
    simulation.run_until("the next connect leaves at once", 100, |simulation| simulation.server.is_holding_on_a_socket());
}
