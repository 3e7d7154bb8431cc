//! From the poll to a socket that has proved to work, without a break and without a loss.

use gws_im_sdk::bayeux::{Config, ConnectionState, ConnectionType, Event, Input};
use serde_json::json;

use crate::harness::{
    AckStyle, Flavour, FrameReaction, FrameStyle, On, Reaction, Server, ServerOptions, Simulation, SocketFate, TOPIC, socket_config,
};

const LINES: [Flavour; 2] = [Flavour::CometD3, Flavour::CometD8];
const STYLES: [FrameStyle; 3] = [FrameStyle::Apart, FrameStyle::Together, FrameStyle::Bare];
/// The moments of a move, ms from that in which the channel is connected: the socket opens in the first 130, and a quiet poll is back after 1,040.
/// What happens happens at multiples of 20; fives look between.
fn moments() -> impl Iterator<Item = u64> + Clone {
    (0..130).chain(1_000..1_130).step_by(5)
}

fn opened(options: ServerOptions) -> Simulation {
    let mut simulation = Simulation::with(socket_config(), options);
    simulation.handshake();
    simulation.run_until_connected(1_000);
    simulation
}

#[test]
fn a_session_moves_when_a_short_poll_beside_the_opening_socket_has_returned() {
    for (flavour, ack) in LINES.into_iter().flat_map(|flavour| [AckStyle::True, AckStyle::Absent].map(|ack| (flavour, ack))) {
        let mut simulation = opened(ServerOptions { ack, ..ServerOptions::new(flavour) });
        simulation.run_for(1_200);
        let subscribe = format!("subscribe {TOPIC}");
        assert_eq!(
            simulation.traffic(),
            ["handshake", subscribe.as_str(), "connect now", "open socket", "connect", "socket connect now", "socket connect"],
            "{flavour:?}"
        );
        let poll = simulation.requests().last().map(|sent| sent.messages[0]["advice"]["timeout"].clone());
        assert_eq!(poll, Some(json!(1_000)), "it is not ended: a server that reads an ended poll late takes it for the newer connect");
        assert_eq!(simulation.path(), ["connecting long-polling", "connected long-polling", "connected websocket"], "a move is no break");
        assert_eq!(simulation.server.open_sockets(), 1);
    }
}

#[test]
fn a_message_that_ends_the_poll_makes_the_session_move_at_once() {
    for flavour in LINES {
        let mut simulation = opened(ServerOptions::unacknowledged(flavour));
        simulation.run_for(500);
        assert_eq!(simulation.last_status().transport, Some(ConnectionType::LongPolling), "the poll is not ended for it");
        simulation.forget();
        simulation.publish(&json!("ends the poll"));
        simulation.run_until_on(ConnectionType::WebSocket, 200);
        assert_eq!(simulation.traffic()[..1], ["socket connect now"], "{flavour:?}");
        simulation.check_all_received();
        assert_eq!(simulation.gaps(), []);
    }
}

#[test]
fn a_move_takes_one_handshake_one_socket_and_one_session() {
    let mut simulation = opened(ServerOptions::new(Flavour::CometD3));
    simulation.run_for(3_600_000);
    let load = simulation.load_since(0);
    assert_eq!((load.handshakes, load.sockets), (1, 1));
    assert_eq!(simulation.server.client_ids, ["session1"]);
}

#[test]
fn a_quiet_channel_on_a_socket_needs_a_connect_per_timeout_and_nothing_else() {
    let mut simulation = Simulation::moved();
    simulation.run_for(5 * 20_000 + 1_000);
    assert_eq!(simulation.traffic(), ["socket connect"; 5]);
    assert_eq!(simulation.statuses(), [""; 0]);
}

#[test]
fn messages_at_any_moment_of_a_move_come_once_and_in_order() {
    for flavour in LINES {
        for (ack, frames) in [(AckStyle::True, STYLES), (AckStyle::EnabledWithBatch, STYLES)]
            .into_iter()
            .flat_map(|(ack, styles)| styles.map(|style| (ack, style)))
        {
            for moment in moments() {
                let mut simulation = opened(ServerOptions { ack, frames, ..ServerOptions::new(flavour) });
                simulation.publish(&json!("before"));
                simulation.run_for(moment);
                simulation.publish(&json!("first"));
                simulation.publish(&json!("second"));
                simulation.run_for(1_000);
                simulation.publish(&json!("after"));
                simulation.run_for(1_000);
                assert_eq!(simulation.last_status().transport, Some(ConnectionType::WebSocket), "{flavour:?} {moment}");
                simulation.check_all_received();
                assert_eq!((simulation.gaps(), simulation.statuses().len()), (vec![], 3), "{flavour:?} {moment}");
            }
        }
    }
}

#[test]
fn without_acknowledgement_a_move_loses_nothing_and_tells_no_gap() {
    for (flavour, frames) in LINES.into_iter().flat_map(|flavour| STYLES.map(|style| (flavour, style))) {
        for moment in moments() {
            let mut simulation = opened(ServerOptions { frames, ..ServerOptions::unacknowledged(flavour) });
            simulation.publish(&json!("ends the poll"));
            simulation.run_for(moment);
            simulation.publish(&json!("first"));
            simulation.publish(&json!("second"));
            simulation.run_for(1_000);
            simulation.publish(&json!("after"));
            simulation.run_for(1_000);
            assert_eq!(simulation.last_status().transport, Some(ConnectionType::WebSocket), "{flavour:?} {moment}");
            simulation.check_all_received();
            assert_eq!(simulation.gaps(), [], "{flavour:?} {moment}");
        }
    }
}

#[test]
fn what_is_not_acknowledged_is_pushed_while_the_connect_is_held() {
    let mut simulation = Simulation::moved_with(socket_config(), ServerOptions::unacknowledged(Flavour::CometD3));
    (0..100).for_each(|number| simulation.publish(&json!(number)));
    simulation.run_for(100);
    simulation.check_all_received();
    assert_eq!(simulation.traffic(), [""; 0]);
}

#[test]
fn a_burst_on_a_socket_comes_once_and_in_order() {
    for frames in STYLES {
        let mut simulation = Simulation::moved_with(socket_config(), ServerOptions { frames, ..ServerOptions::new(Flavour::CometD3) });
        simulation.network.latency = 1..=200;
        for number in 0..1_000 {
            simulation.publish(&json!(number));
            if number % 7 == 0 {
                simulation.run_for(3);
            }
        }
        simulation.run_for(5_000);
        simulation.check_all_received();
        assert_eq!(simulation.client.counters().duplicates, 0, "what a socket brings in order need not be sent again");
    }
}

#[test]
fn commands_travel_on_the_socket_once_it_carries_the_session() {
    let mut simulation = Simulation::moved();
    let commands = [simulation.subscribe("/a"), simulation.subscribe("/b")];
    simulation.run_for(1_000);
    let unsubscribed = simulation.unsubscribe("/a");
    simulation.run_for(1_000);
    assert_eq!(simulation.traffic(), ["socket subscribe /a + subscribe /b", "socket unsubscribe /a"]);
    assert!(commands.iter().chain([&unsubscribed]).all(|command| simulation.result(*command) == Some(Ok(()))));
    assert_eq!(simulation.subscribed(), ["/b", TOPIC]);
}

#[test]
fn commands_at_any_moment_of_a_move_complete() {
    for moment in moments() {
        let mut simulation = opened(ServerOptions::new(Flavour::CometD3));
        simulation.run_for(moment);
        let command = simulation.subscribe("/a");
        simulation.run_for(500);
        assert_eq!(simulation.result(command), Some(Ok(())), "{moment}");
        assert_eq!(simulation.subscribed(), ["/a", TOPIC], "{moment}");
    }
}

#[test]
fn a_goodbye_at_any_moment_of_a_move_leaves_neither_session_nor_socket() {
    for flavour in LINES {
        for moment in moments() {
            let mut simulation = opened(ServerOptions::new(flavour));
            simulation.run_for(moment);
            simulation.disconnect();
            simulation.run_until_disconnected(1_000);
            simulation.run_for(100);
            assert_eq!((simulation.server.live(), simulation.server.open_sockets()), (vec![], 0), "{moment}");
            let left = simulation.now() + 1;
            simulation.run_for(3_600_000);
            let load = simulation.load_since(left);
            assert_eq!((load.requests, load.sockets, load.connects), (0, 0, 0), "{moment}");
            assert_eq!(simulation.client.poll_timeout(), None, "{moment}");
        }
    }
}

#[test]
fn a_goodbye_on_a_socket_still_survives_the_page() {
    let mut simulation = Simulation::moved();
    simulation.disconnect();
    simulation.pump();
    assert_eq!(simulation.requests().map(|sent| (sent.brief(), sent.keepalive)).collect::<Vec<_>>(), [("disconnect".to_owned(), true)]);
    simulation.run_until_disconnected(1_000);
    simulation.run_for(100);
    assert_eq!((simulation.server.live(), simulation.server.open_sockets()), (vec![], 0));
}

#[test]
fn a_page_that_is_put_away_leaves_no_socket_behind_a_goodbye_that_is_not_answered() {
    let mut simulation = Simulation::moved();
    simulation.script(On::DISCONNECT, 1, Reaction::Delay(5_000));
    simulation.tell(Input::PageHidden);
    simulation.run_for(100);
    assert_eq!((simulation.traffic().len(), simulation.server.open_sockets()), (0, 1), "without a goodbye the session goes on");
    simulation.disconnect();
    simulation.tell(Input::PageHidden);
    simulation.run_for(200);
    assert_eq!((simulation.server.open_sockets(), simulation.state()), (0, ConnectionState::Disconnecting));
    simulation.handshake();
    simulation.run_until_on(ConnectionType::WebSocket, 10_000);
    simulation.run_for(100);
    assert_eq!((simulation.server.live().len(), simulation.server.open_sockets()), (1, 1));
    assert_eq!(simulation.gaps().len(), 1);
}

#[test]
fn a_server_that_offers_no_sockets_is_asked_for_none() {
    let options = ServerOptions { connection_types: &["long-polling"], ..ServerOptions::new(Flavour::CometD3) };
    let mut simulation = opened(options);
    simulation.run_for(3_600_000);
    assert_eq!(simulation.load_since(0).sockets, 0);
    assert_eq!(simulation.last_status().transport, Some(ConnectionType::LongPolling));
}

#[test]
fn the_advised_pause_is_kept_on_a_socket() {
    let options = ServerOptions { interval: 3_000, ..ServerOptions::new(Flavour::CometD8) };
    let mut simulation = Simulation::with(socket_config(), options);
    simulation.handshake();
    simulation.run_until_on(ConnectionType::WebSocket, 30_000);
    let answered = simulation.now();
    simulation.forget();
    simulation.run_for(4_000);
    assert_eq!(simulation.times_on(ConnectionType::WebSocket, "connect"), [answered + 3_000]);
}

#[test]
fn while_offline_no_socket_is_opened() {
    let mut simulation = Simulation::with(socket_config(), ServerOptions::new(Flavour::CometD3));
    simulation.tell(Input::Offline);
    simulation.handshake();
    simulation.run_until_connected(1_000);
    simulation.run_for(100_000);
    assert_eq!(simulation.load_since(0).sockets, 0);
    simulation.tell(Input::Online);
    simulation.run_until_on(ConnectionType::WebSocket, 1_200);
}

#[test]
fn what_one_client_has_learnt_of_sockets_the_next_knows() {
    let mut first = Simulation::with(socket_config(), ServerOptions::new(Flavour::CometD3));
    first.network.sockets = SocketFate::refused();
    first.handshake();
    first.run_for(10_000);
    assert_eq!(first.load_since(0).sockets, 1);
    let config = Config { socket_trust: first.client.socket_trust(), ..socket_config() };
    let mut next = Simulation::with(config, ServerOptions::new(Flavour::CometD3));
    next.handshake();
    next.run_for(10_000);
    assert_eq!(next.load_since(0).sockets, 0);
    next.run_until_on(ConnectionType::WebSocket, 40_000);
}

#[test]
fn a_lost_session_is_followed_by_another_on_a_socket_with_one_open_at_a_time() {
    for flavour in LINES {
        let mut simulation = Simulation::moved_with(socket_config(), ServerOptions::new(flavour));
        simulation.at_server(Server::expire_all);
        simulation.run_until("a new session on a socket", 60_000, |simulation| {
            simulation.has_live_session() && simulation.last_status().transport == Some(ConnectionType::WebSocket)
        });
        simulation.run_for(1_000);
        assert_eq!((simulation.server.client_ids.len(), simulation.server.open_sockets()), (2, 1), "{flavour:?}");
        assert_eq!(simulation.subscribed(), [TOPIC]);
        assert_eq!(simulation.gaps().len(), 1);
        simulation.publish(&json!("new"));
        simulation.run_for(100);
        simulation.check_all_received();
    }
}

#[test]
fn the_login_is_kept_alive_only_while_requests_do_not_do_it() {
    let mut polling = Simulation::connected();
    polling.run_for(7_200_000);
    assert_eq!(polling.record.keep_alives, [0; 0]);
    let mut simulation = Simulation::with(socket_config(), ServerOptions::new(Flavour::CometD3));
    simulation.handshake();
    simulation.run_until_on(ConnectionType::WebSocket, 1_200);
    let moved = simulation.now();
    simulation.run_for(1_900_000);
    assert_eq!(simulation.record.keep_alives, [moved + 600_000, moved + 1_200_000, moved + 1_800_000]);
}

#[test]
fn a_login_that_ran_out_is_noticed_by_the_request_that_keeps_it() {
    for refusal in [Reaction::http(401), Reaction::json(403, json!({"statusCode": 20}))] {
        let mut simulation = Simulation::moved();
        simulation.login = Some((500, true));
        simulation.script(On::KeepAlive, 1, refusal);
        simulation.run_for(601_000);
        let asked = simulation.events(|event| matches!(event, Event::LoginNeeded { .. }).then_some(()));
        assert_eq!(asked.len(), 1);
        simulation.run_until_on(ConnectionType::WebSocket, 5_000);
        assert_eq!(simulation.subscribed(), [TOPIC]);
    }
}

#[test]
fn a_request_for_the_login_that_fails_otherwise_changes_nothing() {
    for failure in [Reaction::http(500), Reaction::http(404), Reaction::not_json(), Reaction::LoseReply, Reaction::SwallowReply] {
        let mut simulation = Simulation::moved();
        simulation.script(On::KeepAlive, 1, failure);
        simulation.run_for(1_900_000);
        assert_eq!(simulation.record.keep_alives.len(), 3);
        assert_eq!(simulation.statuses(), [""; 0]);
    }
}

#[test]
fn a_client_that_keeps_no_login_alive_asks_for_none() {
    let mut simulation = Simulation::moved_with(Config { http_keep_alive: 0, ..socket_config() }, ServerOptions::new(Flavour::CometD3));
    simulation.run_for(7_200_000);
    assert_eq!(simulation.record.keep_alives, [0; 0]);
}

#[test]
fn a_reply_that_comes_twice_on_a_socket_is_counted_once() {
    let mut simulation = Simulation::moved();
    simulation.script_frames(On::CONNECT, 3, FrameReaction::DoubleReply);
    for number in 0..6 {
        simulation.publish(&json!(number));
        simulation.run_for(100);
    }
    simulation.check_all_received();
    assert_eq!(simulation.statuses(), [""; 0]);
}

#[test]
fn the_server_s_goodbye_on_a_socket_ends_the_channel() {
    for flavour in LINES {
        let mut simulation = Simulation::moved_with(socket_config(), ServerOptions::new(flavour));
        simulation.at_server(Server::disconnect_all);
        simulation.run_until_disconnected(1_000);
        simulation.run_for(100);
        assert_eq!(simulation.server.open_sockets(), 0, "{flavour:?}");
        assert_eq!(simulation.statuses().last().map(String::as_str), Some("disconnected ended"));
        let silent = simulation.now() + 1;
        simulation.run_for(600_000);
        let load = simulation.load_since(silent);
        assert_eq!((load.requests, load.sockets), (0, 0));
    }
}

#[test]
fn what_comes_before_the_server_s_goodbye_is_delivered() {
    let mut simulation = Simulation::moved_with(socket_config(), ServerOptions::unacknowledged(Flavour::CometD3));
    simulation.publish(&json!("last"));
    simulation.at_server(Server::disconnect_all);
    simulation.run_until_disconnected(1_000);
    assert_eq!(simulation.deliveries(), ["last"]);
    assert_eq!(simulation.state(), ConnectionState::Disconnected);
}
