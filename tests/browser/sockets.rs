//! The one socket of a channel: how it is made, what is heard of it, and that nothing is heard of it once it is closed.

use std::rc::Rc;

use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::line::Line;
use super::stage::{Page, Stage, names, new_message, quiet, until};

const BOTH: [&str; 2] = ["websocket", "long-polling"];
const NORMAL: Option<u16> = Some(1_000);

/// A channel on sockets alone, whose socket is not open yet.
async fn opening() -> (Stage, Line) {
    let stage = Stage::with_sockets(&["websocket"], &[]);
    stage.channel.open();
    let line = stage.line(1).await;
    (stage, line)
}

fn reasons(stage: &Stage) -> Vec<Value> {
    stage.host.calls("connection").iter().map(|call| call[1].clone()).filter(|reason| !reason.is_null()).collect()
}

/// Waits until the channel is back on the poll, for the reason with this code, and shows that the socket is gone for good.
async fn back_on_the_poll(stage: &Stage, line: &Line, code: &str) {
    stage.settled().await;
    assert_eq!(stage.channel.status()["transport"], "long-polling");
    assert_eq!(reasons(stage).iter().map(|reason| reason["code"].clone()).collect::<Vec<_>>(), [code]);
    assert_eq!(stage.host.requests_of("/meta/handshake").len(), 1, "in the same session");
    gone(line);
    stage.host.push(&json!([new_message("on the poll")]));
    until("delivered on the poll", || texts(stage).contains(&"on the poll".to_owned())).await;
}

fn gone(line: &Line) {
    assert!(!line.is_heard(), "a handler is left");
    assert_eq!((line.closes(), line.closed_with()), (1, NORMAL));
}

fn texts(stage: &Stage) -> Vec<String> {
    stage.host.calls("notification").iter().map(|call| call[2]["message"].as_str().unwrap_or_default().to_owned()).collect()
}

#[wasm_bindgen_test]
async fn a_channel_on_sockets_alone_says_everything_on_one() {
    let (stage, line) = opening().await;
    assert!(line.url().starts_with("wss://sockets-") && line.url().ends_with(".invalid/api/v2/notifications"), "{}", line.url());
    quiet().await;
    assert_eq!(line.frames(), Vec::<Value>::new(), "nothing leaves before it is open");
    line.open();
    stage.state("connected").await;
    until("a connect is held", || line.is_held()).await;
    let first: Vec<_> = line.frames().iter().take(2).map(|frame| frame[0]["channel"].clone()).collect();
    assert_eq!(first[0], "/meta/handshake");
    assert_eq!((stage.host.requests().len(), stage.host.count("socket")), (0, 1));
    line.push(&json!([new_message("one"), new_message("two")]));
    stage.told("notification", 2).await;
    assert_eq!(texts(&stage), ["one", "two"]);
}

#[wasm_bindgen_test]
async fn a_frame_may_hold_a_message_that_is_in_no_array() {
    let (stage, line) = Stage::on_socket().await;
    line.push(&new_message("alone"));
    stage.told("notification", 1).await;
}

#[wasm_bindgen_test]
async fn a_constructor_that_throws_is_a_socket_that_closed() {
    let stage = Stage::with_sockets(&["websocket"], &[]);
    stage.host.set_socket_throws(true);
    stage.channel.open();
    until("the failure is told", || !reasons(&stage).is_empty()).await;
    let reason = &reasons(&stage)[0];
    assert_eq!((&reason["code"], &reason["text"]), (&json!("network/socket-closed"), &json!("1006")));
    stage.host.set_socket_throws(false);
    until("another is made", || stage.host.line().is_some()).await;
    stage.host.line().expect("a socket").open();
    stage.state("connected").await;
}

#[wasm_bindgen_test]
async fn a_constructor_that_throws_leaves_the_poll_alone() {
    let stage = Stage::with_sockets(&BOTH, &[]);
    stage.host.set_socket_throws(true);
    stage.connect().await;
    stage.told("socket", 1).await;
    stage.host.push(&json!([new_message("on the poll")]));
    stage.told("notification", 1).await;
    assert_eq!((stage.channel.state(), reasons(&stage).len()), ("connected".to_owned(), 0));
}

#[wasm_bindgen_test]
async fn a_binary_frame_ends_the_socket() {
    let (stage, line) = Stage::on_socket().await;
    line.say_binary();
    back_on_the_poll(&stage, &line, "protocol/not-json").await;
}

#[wasm_bindgen_test]
async fn a_frame_that_is_no_json_ends_the_socket_within_its_own_event() {
    let (stage, line) = Stage::on_socket().await;
    line.say("<html>");
    gone(&line);
    back_on_the_poll(&stage, &line, "protocol/not-json").await;
}

#[wasm_bindgen_test]
async fn a_socket_that_does_not_get_rid_of_what_it_has_is_left() {
    let (stage, line) = Stage::on_socket().await;
    let sent = line.frames().len();
    line.set_buffered_amount(&(65_537 + 4_096).into());
    stage.channel.subscribe("/a").expect("a command");
    back_on_the_poll(&stage, &line, "network/socket-stalled").await;
    assert_eq!(line.frames().len(), sent, "it was given nothing more");
}

#[wasm_bindgen_test]
async fn a_socket_with_little_left_to_send_is_given_more() {
    let (stage, line) = Stage::on_socket().await;
    for buffered in [JsValue::from(65_536), JsValue::from("many"), JsValue::UNDEFINED] {
        line.set_buffered_amount(&buffered);
        let sent = line.frames().len();
        stage.channel.subscribe("/a").expect("a command");
        stage.channel.unsubscribe("/a").expect("a command");
        stage.channel.subscribe(&format!("/b{sent}")).expect("a command");
        until("it was given more", || line.frames().len() > sent).await;
    }
    assert_eq!(line.closes(), 0);
}

#[wasm_bindgen_test]
async fn a_socket_that_takes_nothing_is_left() {
    let (stage, line) = Stage::on_socket().await;
    stage.host.set_send_throws(true);
    stage.channel.subscribe("/a").expect("a command");
    back_on_the_poll(&stage, &line, "network/socket-stalled").await;
}

#[wasm_bindgen_test]
async fn the_close_code_is_told() {
    for (code, told) in [(JsValue::from(1_009), "1009"), (JsValue::UNDEFINED, "1006"), (JsValue::from("x"), "1006")] {
        let (stage, line) = Stage::on_socket().await;
        line.end(&code);
        back_on_the_poll(&stage, &line, "network/socket-closed").await;
        assert_eq!(reasons(&stage)[0]["text"], told);
    }
}

#[wasm_bindgen_test]
async fn an_error_is_an_end() {
    let (stage, line) = Stage::on_socket().await;
    line.fail();
    line.end(&1_011.into());
    back_on_the_poll(&stage, &line, "network/socket-closed").await;
    assert_eq!(reasons(&stage)[0]["text"], "1006");
}

#[wasm_bindgen_test]
async fn a_socket_that_cannot_be_closed_is_left_all_the_same() {
    let (stage, line) = Stage::on_socket().await;
    stage.host.set_close_throws(true);
    line.say("garbage");
    back_on_the_poll(&stage, &line, "protocol/not-json").await;
}

#[wasm_bindgen_test]
async fn what_comes_of_a_closed_socket_is_not_heard() {
    let (stage, line) = Stage::on_socket().await;
    line.say("garbage");
    stage.settled().await;
    // Told in time of the calendar, which the page's clock is counted back from: to a millisecond only.
    let counters = || {
        let mut counters = stage.channel.counters();
        counters.as_object_mut().and_then(|counters| counters.remove("lastContact")).expect("a contact");
        counters
    };
    let seen = || (stage.channel.status(), counters(), stage.host.count("connection"), stage.host.requests().len());
    let before = seen();
    let goodbye = json!([new_message("late"), { "channel": "/meta/disconnect", "successful": true }]);
    line.open();
    line.push(&goodbye);
    line.fail();
    line.end(&1_001.into());
    line.late(&goodbye);
    quiet().await;
    assert_eq!(seen(), before);
    assert_eq!(stage.host.count("notification"), 0);
}

#[wasm_bindgen_test]
async fn a_closed_channel_closes_its_socket() {
    let (stage, line) = Stage::on_socket().await;
    stage.channel.close();
    stage.state("disconnected").await;
    gone(&line);
    let goodbyes = stage.host.requests_of("/meta/disconnect");
    assert_eq!((goodbyes.len(), goodbyes[0]["keepalive"].clone()), (1, json!(true)), "it survives its page, as no frame does");
}

#[wasm_bindgen_test]
async fn a_channel_freed_by_what_its_socket_brings_is_gone_at_once() {
    let (stage, line) = Stage::on_socket().await;
    let page = Page::new();
    let stage = Rc::new(stage);
    let freed = Rc::clone(&stage);
    let during = Closure::<dyn Fn(String)>::new(move |callback: String| {
        if callback == "notification" {
            freed.free();
        }
    });
    stage.host.set_during(Some(during.as_ref().unchecked_ref()));
    line.push(&json!([new_message("one"), new_message("two")]));
    stage.host.set_during(None);
    gone(&line);
    quiet().await;
    assert_eq!((stage.host.count("notification"), page.live_timers()), (1, 0));
    assert_eq!(page.reported(), Vec::<String>::new());
}

#[wasm_bindgen_test]
async fn a_socket_whose_constructor_frees_the_channel_is_closed_at_once() {
    let stage = Rc::new(Stage::with_sockets(&["websocket"], &[]));
    let freed = Rc::clone(&stage);
    let during = Closure::<dyn Fn(String)>::new(move |callback: String| {
        if callback == "socket" {
            freed.free();
        }
    });
    stage.host.set_during(Some(during.as_ref().unchecked_ref()));
    stage.channel.open();
    let line = stage.line(1).await;
    until("closed", || line.closes() > 0).await;
    stage.host.set_during(None);
    gone(&line);
}

#[wasm_bindgen_test]
async fn channels_with_sockets_leave_nothing_behind() {
    let page = Page::new();
    let mut memory = Vec::new();
    for round in 0..60 {
        let (stage, line) = Stage::on_socket().await;
        match round % 3 {
            0 => line.end(&1_001.into()),
            1 => line.say("garbage"),
            _ => {}
        }
        stage.free();
        assert!(!line.is_heard());
        quiet().await;
        assert_eq!((page.live_timers(), page.listeners()), (0, 0), "after channel {round}");
        memory.push(gws_im_sdk::browser::memory_bytes());
    }
    assert_eq!(memory[59].to_bits(), memory[29].to_bits(), "the second thirty took memory: {} and {} bytes", memory[29], memory[59]);
}

#[wasm_bindgen_test]
async fn frames_name_the_transport_they_travelled_by() {
    let stage = Stage::with_sockets(&BOTH, &[]);
    stage.channel.show_frames(true);
    stage.connect().await;
    stage.move_to_socket().await;
    for (out, channel, transport) in [
        (true, "/meta/handshake", "long-polling"),
        (false, "/meta/handshake", "long-polling"),
        (true, "/meta/connect", "websocket"),
        (false, "/meta/connect", "websocket"),
    ] {
        let shown =
            stage.host.calls("frame").iter().any(|call| call[0] == json!(out) && call[1] == transport && call[2][0]["channel"] == channel);
        assert!(shown, "{out} {channel} {transport}");
    }
}

#[wasm_bindgen_test]
async fn many_messages_leave_in_frames_that_servers_take() {
    let (stage, line) = Stage::on_socket().await;
    let before = line.frames().len();
    let topics: Vec<String> = (0..400).map(|n| format!("/{}/{n}", "a".repeat(200))).collect();
    for topic in &topics {
        stage.channel.subscribe(topic).expect("a command");
    }
    stage.told("completed", 401).await;
    let frames = line.frames().split_off(before);
    let subscribed: Vec<_> = frames
        .iter()
        .flat_map(|frame| frame.as_array().cloned().unwrap_or_default())
        .map(|message| message["subscription"].clone())
        .collect();
    assert_eq!(subscribed, topics.iter().map(|topic| json!(topic)).collect::<Vec<_>>(), "in order, each once");
    assert!(line.longest().is_some_and(|longest| longest <= 16_384), "{:?}", line.longest());
    assert_eq!(line.closes(), 0);
}

#[wasm_bindgen_test]
async fn the_login_is_kept_alive_while_a_socket_carries_the_channel() {
    let (stage, line) = Stage::on_socket_with(&[("httpKeepAlive", 1.into()), ("csrf", true.into())]).await;
    stage.channel.show_frames(true);
    stage.host.set_automatic(false);
    let shown = stage.host.count("frame");
    let me = stage.asked("").await;
    let request = stage.host.requests().pop().expect("a request");
    assert_eq!(request["method"], "GET");
    assert_eq!(request["url"], line.url().replace("wss", "https").replace("notifications", "me"));
    me.answer_text(r#"{"statusCode":0}"#, 200, &[("X-CSRF-HEADER", "X-My-Token"), ("X-CSRF-TOKEN", "kept")]);
    let next = stage.asked("").await;
    assert_eq!((stage.channel.state(), stage.host.count("frame")), ("connected".to_owned(), shown), "it is no message");
    line.end(&1_001.into());
    stage.asked("/meta/connect").await;
    assert!(next.is_aborted(), "the poll keeps the login alive itself");
    assert_eq!(stage.host.requests_of("/meta/connect").pop().expect("a connect")["headers"]["x-my-token"], "kept");
}

#[wasm_bindgen_test]
async fn the_page_remembers_that_sockets_to_a_server_fail() {
    let host = || {
        let host = Stage::with_sockets(&BOTH, &[]);
        let stage = Stage::at("https://remembered.invalid", host.host.clone().unchecked_into(), &[("transports", names(&BOTH))]);
        (host, stage)
    };
    let (_first, failing) = host();
    failing.connect().await;
    failing.line(1).await.end(&1_006.into());
    quiet().await;
    failing.free();
    let (_second, next) = host();
    next.connect().await;
    next.host.push(&json!([new_message("on the poll")]));
    next.told("notification", 1).await;
    next.settled().await;
    assert_eq!(next.host.count("socket"), 0);
}

#[wasm_bindgen_test]
async fn a_channel_that_doubts_its_socket_has_one_socket_and_one_connect_in_the_end() {
    let (stage, line) = Stage::on_socket().await;
    assert!(stage.host.held().is_none(), "the poll is over");
    let frames = line.frames().len();
    stage.channel.resume();
    until("asked anew", || line.frames().len() > frames || stage.host.held().is_some()).await;
    until("settled", || stage.channel.state() == "connected").await;
    quiet().await;
    let polls = u32::from(stage.host.held().is_some());
    assert!(stage.host.open_lines() <= 1);
    assert_eq!(polls + u32::from(line.closes() == 0 && line.is_held()), 1, "one connect");
}
