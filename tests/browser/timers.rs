//! The one timer of a channel.

use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use super::stage::{Page, Stage, new_message, quiet, until};

#[wasm_bindgen_test]
async fn a_later_deadline_arms_no_timer() {
    let page = Page::new();
    let stage = Stage::connected().await;
    let before = page.armed();
    for n in 1..=50 {
        stage.host.push(&json!([new_message("x")]));
        until("delivered, and the next connect", || stage.host.count("notification") == n && stage.host.held().is_some()).await;
        assert!(page.live_timers() <= 1, "{} timers", page.live_timers());
    }
    assert!(page.armed() - before <= 1, "{} timers armed for 50 answers", page.armed() - before);
}

#[wasm_bindgen_test]
async fn many_calls_to_hurry_arm_hardly_any_timer() {
    let page = Page::new();
    let stage = Stage::connected().await;
    let before = page.armed();
    for _ in 0..50 {
        stage.channel.hurry();
        quiet().await;
        assert!(page.live_timers() <= 1, "{} timers", page.live_timers());
    }
    // A question that comes too soon waits for its second, and what it replaced is armed again after it; the calls take a second or two.
    assert!(page.armed() - before <= 8, "{} timers armed for 50 calls", page.armed() - before);
}

#[wasm_bindgen_test]
async fn an_earlier_deadline_replaces_the_timer() {
    let page = Page::new();
    let stage = Stage::connected().await;
    let before = page.armed();
    stage.host.held().expect("a connect").fail();
    until("the retry is armed", || page.armed() > before).await;
    assert_eq!(page.live_timers(), 1, "the earlier timer was cancelled");
    stage.settled().await;
}

#[wasm_bindgen_test]
async fn a_channel_that_was_never_opened_has_no_timer() {
    let page = Page::new();
    let stage = Stage::new();
    stage.channel.hurry();
    stage.channel.online();
    quiet().await;
    assert_eq!((page.armed(), stage.host.requests().len()), (0, 0));
}
