//! What the host calls may call back, and may throw. No borrow is held while it runs, so neither can break anything.

use std::rc::Rc;

use serde_json::json;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::stage::{Page, Stage, new_message, quiet, until};

/// Everything the host is told of in the life of a channel.
const CALLBACKS: [&str; 9] =
    ["connection", "notification", "unknown", "delivery", "gap", "warning", "subscriptionLost", "completed", "frame"];

/// A connected channel to which `provoke` makes everything happen.
async fn prepared() -> Stage {
    let stage = Stage::connected().await;
    stage.channel.listen("/v2/**", true).expect("a topic");
    stage.channel.show_frames(true);
    stage.channel.subscribe("/private").expect("a command");
    stage.told("completed", 2).await;
    stage
}

/// Makes each of the callbacks be called, whatever they call back.
fn provoke(stage: &Stage, callback: &str) {
    match callback {
        "completed" | "frame" => {
            stage.channel.subscribe("/other").expect("a command");
        }
        "gap" | "connection" | "subscriptionLost" => {
            stage.host.set_refused("/private");
            let connect = stage.host.held().expect("a connect");
            let id = connect_id(stage);
            connect.answer(&json!([{
                "channel": "/meta/connect", "id": id, "successful": false, "error": "402::Unknown client",
                "advice": { "reconnect": "handshake", "interval": 0 },
            }]));
        }
        _ => stage.host.push(&json!([new_message("one"), { "channel": "/v2/me/im-sessions", "data": {} }, { "channel": 5, "data": {} }])),
    }
}

fn connect_id(stage: &Stage) -> String {
    let connects = stage.host.requests_of("/meta/connect");
    connects.last().expect("a connect")["messages"][0]["id"].as_str().expect("an id").to_owned()
}

async fn still_delivers(stage: &Stage, callback: &str) {
    stage.settled().await;
    let before = stage.host.count("notification");
    stage.host.push(&json!([new_message("after")]));
    until(&format!("a notification after {callback}"), || stage.host.count("notification") > before).await;
}

#[wasm_bindgen_test]
async fn every_callback_may_call_every_export() {
    for callback in CALLBACKS {
        let stage = prepared().await;
        let exported: &JsValue = stage.channel.as_ref();
        stage.host.reenter(exported, callback, 1);
        provoke(&stage, callback);
        until(&format!("{callback} called back"), || stage.host.reentries_left() == 0).await;
        still_delivers(&stage, callback).await;
        assert_eq!(stage.host.reentries(), Vec::<String>::new(), "from within {callback}");
    }
}

#[wasm_bindgen_test]
async fn a_callback_that_throws_is_reported_and_the_rest_goes_on() {
    for callback in CALLBACKS {
        let stage = prepared().await;
        let page = Page::new();
        stage.host.set_throwing(Some(callback));
        provoke(&stage, callback);
        let words = format!("{callback} throws");
        until(&format!("{words} is reported"), || page.reported().contains(&words)).await;
        assert!(page.reported().iter().all(|reported| *reported == words), "{:?}", page.reported());
        stage.settled().await;
        stage.host.set_throwing(None);
        still_delivers(&stage, callback).await;
    }
}

#[wasm_bindgen_test]
async fn the_messages_after_one_whose_callback_throws_are_delivered() {
    let stage = Stage::connected().await;
    let _page = Page::new();
    stage.host.set_throwing(Some("notification"));
    stage.host.push(&json!([new_message("one"), new_message("two"), new_message("three")]));
    stage.told("notification", 3).await;
}

#[wasm_bindgen_test]
async fn headers_that_throw_refuse_the_request_and_it_is_tried_again() {
    let stage = Stage::new();
    stage.host.set_throwing(Some("headers"));
    stage.channel.open();
    until("a failure is told", || stage.host.calls("connection").iter().any(|call| call[1]["code"] == "network/refused")).await;
    stage.host.set_throwing(None);
    stage.settled().await;
}

#[wasm_bindgen_test]
async fn a_failure_is_told_even_if_its_error_cannot_be_made() {
    let stage = Stage::new();
    stage.host.set_automatic(false);
    stage.channel.open();
    let handshake = stage.asked("/meta/handshake").await;
    stage.host.set_throwing(Some("error"));
    handshake.fail();
    until("a retry is told", || stage.host.calls("connection").iter().any(|call| call[0]["retryInMs"].is_number() && call[1].is_null()))
        .await;
    stage.host.set_throwing(None);
    stage.host.serve_again();
    stage.settled().await;
}

#[wasm_bindgen_test]
async fn a_channel_may_be_freed_by_a_callback() {
    let stage = Rc::new(Stage::connected().await);
    let page = Page::new();
    let freed = Rc::clone(&stage);
    let during = Closure::<dyn Fn(String)>::new(move |callback: String| {
        if callback == "notification" {
            freed.free();
        }
    });
    stage.host.set_during(Some(during.as_ref().unchecked_ref()));
    stage.host.push(&json!([new_message("one"), new_message("two")]));
    stage.told("notification", 1).await;
    quiet().await;
    stage.host.set_during(None);
    assert_eq!(page.reported(), Vec::<String>::new());
    assert_eq!(page.live_timers(), 0, "nothing of it waits any more");
}
