//! Who keeps a channel alive, what it leaves behind, and what comes too late for it.

use std::rc::Rc;

use gws_im_sdk::browser::memory_bytes;
use serde_json::json;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::stage::{Page, Stage, new_message, quiet, until};

#[wasm_bindgen_test]
async fn an_answer_that_comes_after_its_request_was_aborted_changes_nothing() {
    let stage = Stage::connected().await;
    stage.host.set_deaf(true);
    let aborted = stage.host.held().expect("a connect");
    stage.channel.resume();
    until("the connect is aborted and repeated", || aborted.is_aborted() && stage.host.held().is_some()).await;
    let seen = || {
        let counters = stage.channel.counters();
        let counted = ["received", "violations", "gaps", "reconnects"].map(|name| counters[name].clone());
        (stage.channel.status(), counted, stage.host.count("connection"), stage.host.requests().len())
    };
    let before = seen();
    aborted.answer(&json!([new_message("late"), { "channel": "/meta/connect", "successful": false, "advice": { "reconnect": "none" } }]));
    quiet().await;
    assert_eq!(seen(), before);
    assert_eq!(stage.host.count("notification"), 0);
}

#[wasm_bindgen_test]
async fn a_channel_freed_while_a_request_is_pending_tells_nothing_more() {
    let stage = Stage::connected().await;
    let page = Page::new();
    let held = stage.host.held().expect("a connect");
    stage.free();
    let before = stage.host.count("connection");
    held.answer(&json!([new_message("late")]));
    quiet().await;
    assert_eq!((stage.host.count("notification"), stage.host.count("connection")), (0, before));
    assert_eq!(page.reported(), Vec::<String>::new());
}

#[wasm_bindgen_test]
async fn a_channel_freed_while_it_is_asked_for_a_login_tells_nothing_more() {
    let stage = Rc::new(Stage::new());
    stage.host.set_automatic(false);
    stage.host.set_login_answer(true);
    let freed = Rc::clone(&stage);
    let during = Closure::<dyn Fn(String)>::new(move |callback: String| {
        if callback == "logIn" {
            freed.free();
        }
    });
    stage.host.set_during(Some(during.as_ref().unchecked_ref()));
    stage.channel.open();
    stage.asked("/meta/handshake").await.answer_text("{}", 401, &[]);
    stage.told("logIn", 1).await;
    quiet().await;
    stage.host.set_during(None);
    assert_eq!(stage.host.requests().len(), 1);
}

#[wasm_bindgen_test]
async fn an_open_channel_lives_on_without_its_handle_until_it_is_disconnected() {
    let page = Page::new();
    let stage = Stage::connected().await;
    // Not released: this is what happens when the page drops its last reference.
    stage.drop_handle();
    stage.host.push(&json!([new_message("still here")]));
    stage.told("notification", 1).await;
    until("the next connect", || stage.host.held().is_some()).await;
    stage.host.push(&json!([{ "channel": "/meta/disconnect", "successful": true }]));
    until("the end is told", || stage.host.calls("connection").last().is_some_and(|call| call[0]["state"] == "disconnected")).await;
    until("no timer is left", || page.live_timers() == 0).await;
}

#[wasm_bindgen_test]
async fn a_closed_channel_waits_for_nothing() {
    let page = Page::new();
    let stage = Stage::connected().await;
    stage.channel.close();
    stage.state("disconnected").await;
    quiet().await;
    assert!(stage.host.held().is_none());
    assert!(page.live_timers() <= 1, "a wake that finds nothing due at most");
    stage.free();
    assert_eq!(page.live_timers(), 0);
}

#[wasm_bindgen_test]
async fn two_hundred_channels_leave_nothing_behind() {
    let page = Page::new();
    let mut memory = Vec::new();
    for round in 0..200 {
        let stage = Stage::connected().await;
        // Every other one is freed while a request is under way, whose answer comes later.
        let pending = stage.host.held().filter(|_| round % 2 == 1);
        if pending.is_none() {
            stage.channel.close();
            stage.state("disconnected").await;
        }
        stage.free();
        if let Some(pending) = pending {
            pending.answer(&json!([]));
            quiet().await;
        }
        assert_eq!((page.live_timers(), page.listeners()), (0, 0), "after channel {round}");
        memory.push(memory_bytes());
    }
    assert_eq!(memory[199].to_bits(), memory[99].to_bits(), "the second hundred took memory: {} and {} bytes", memory[99], memory[199]);
}

#[wasm_bindgen_test]
async fn a_channel_freed_while_its_state_changes_stays_freed() {
    let stage = Rc::new(Stage::new());
    let page = Page::new();
    let freed = Rc::clone(&stage);
    let during = Closure::<dyn Fn(String)>::new(move |callback: String| {
        if callback == "connection" {
            freed.free();
        }
    });
    stage.host.set_during(Some(during.as_ref().unchecked_ref()));
    stage.channel.open();
    stage.told("connection", 1).await;
    quiet().await;
    stage.host.set_during(None);
    assert_eq!(stage.host.count("connection"), 1);
    assert_eq!(page.live_timers(), 0, "nothing of it waits any more");
}
