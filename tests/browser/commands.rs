//! When commands act, and what shares a request.

use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use super::stage::{Stage, channels, quiet};

#[wasm_bindgen_test]
async fn no_command_calls_the_host_within_itself() {
    let Stage { host, channel, .. } = &Stage::connected().await;
    let total = || js_sys::Reflect::get(host, &"calls".into()).map(|calls| js_sys::Array::from(&calls).length()).expect("calls");
    channel.show_frames(true);
    let before = total();
    channel.open();
    channel.subscribe("/a").expect("a command");
    channel.unsubscribe("/a").expect("a command");
    channel.listen("/a", true).expect("a topic");
    channel.hurry();
    channel.online();
    channel.offline();
    channel.resume();
    channel.status();
    channel.counters();
    channel.close();
    assert_eq!(total(), before);
    quiet().await;
    assert!(total() > before, "what was commanded was never done");
}

#[wasm_bindgen_test]
async fn what_is_subscribed_in_one_tick_leaves_as_one_request() {
    let stage = Stage::connected().await;
    stage.channel.subscribe("/a").expect("a command");
    stage.channel.subscribe("/b").expect("a command");
    stage.told("completed", 3).await;
    let requests = stage.host.requests();
    let last: Vec<_> = requests.last().expect("a request")["messages"].as_array().expect("messages").clone();
    let topics: Vec<_> = last.iter().map(|message| message["subscription"].as_str()).collect();
    assert_eq!(topics, [Some("/a"), Some("/b")]);
}

#[wasm_bindgen_test]
async fn handshake_and_connect_are_alone_in_their_requests() {
    let stage = Stage::new();
    stage.channel.subscribe("/a").expect("a command");
    stage.channel.open();
    stage.channel.subscribe("/b").expect("a command");
    stage.settled().await;
    stage.told("completed", 3).await;
    let requests = stage.host.requests();
    for alone in ["/meta/handshake", "/meta/connect"] {
        let with: Vec<_> = requests.iter().map(channels).filter(|channels| channels.iter().any(|channel| channel == alone)).collect();
        assert!(!with.is_empty() && with.iter().all(|channels| channels.len() == 1), "{with:?}");
    }
    let subscribes: Vec<_> = requests.iter().map(channels).filter(|channels| channels[0] == "/meta/subscribe").collect();
    assert_eq!(subscribes.len(), 1, "{subscribes:?}");
    assert_eq!(subscribes[0].len(), 3, "the main topic and the two others");
}

#[wasm_bindgen_test]
async fn each_command_completes_once_with_its_number() {
    let stage = Stage::new();
    let opened = stage.channel.open();
    let subscribed = stage.channel.subscribe("/a").expect("a command");
    stage.told("completed", 2).await;
    stage.settled().await;
    let closed = stage.channel.close();
    stage.told("completed", 3).await;
    quiet().await;
    let mut numbers: Vec<_> = stage.host.calls("completed").iter().map(|call| call[0].as_f64().expect("a number")).collect();
    numbers.sort_by(f64::total_cmp);
    assert_eq!(numbers, [opened, subscribed, closed]);
    assert!(stage.host.calls("completed").iter().all(|call| call[1].is_null()), "none failed");
    assert_eq!(stage.channel.state(), "disconnected");
}

#[wasm_bindgen_test]
async fn a_wrong_topic_throws_what_the_host_made() {
    let stage = Stage::new();
    let error = |result: Result<f64, wasm_bindgen::JsValue>| {
        let code = js_sys::Reflect::get(&result.expect_err("an error"), &"code".into()).expect("a code");
        code.as_string()
    };
    assert_eq!(error(stage.channel.subscribe("no-slash")).as_deref(), Some("usage/topic"));
    assert_eq!(error(stage.channel.unsubscribe("/never")).as_deref(), Some("usage/not-subscribed"));
    assert!(stage.channel.listen("no-slash", true).is_err());
    quiet().await;
    assert!(stage.host.requests().is_empty());
}

#[wasm_bindgen_test]
async fn frames_are_shown_only_when_wanted() {
    let stage = Stage::connected().await;
    assert_eq!(stage.host.count("frame"), 0);
    stage.channel.show_frames(true);
    stage.channel.subscribe("/a").expect("a command");
    stage.told("frame", 2).await;
    let frames = stage.host.calls("frame");
    assert_eq!(frames[0][0], json!(true));
    assert_eq!(frames[0][1], "long-polling");
    assert_eq!(frames[0][2][0]["subscription"], "/a");
    assert_eq!(frames[1][0], json!(false));
    stage.channel.show_frames(false);
    stage.channel.unsubscribe("/a").expect("a command");
    stage.told("completed", 3).await;
    assert_eq!(stage.host.count("frame"), 2);
}
