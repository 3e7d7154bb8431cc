//! What a request carries, and what answers other than a plain 200 lead to.

use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::stage::{Exchange, Stage, quiet, until};

/// A first retry waits 0.3 s at most, a handshake after a failure a second more, so that not all clients come back at once.
const FIRST_WAIT: f64 = 1_300.0;
const TOKEN_REFUSED: &str = "<html>Missing or invalid Csrf token</html>";
/// Where the user who is logged in is told, without a body and therefore without a channel.
const ME: &str = "";

/// A channel whose handshake waits for its answer.
async fn shaking(options: &[(&str, JsValue)]) -> (Stage, Exchange) {
    let stage = Stage::with(options);
    stage.host.set_automatic(false);
    stage.channel.open();
    let handshake = stage.asked("/meta/handshake").await;
    (stage, handshake)
}

/// The option where the face puts the token into the headers.
fn of_the_caller() -> JsValue {
    js_sys::Function::new_no_args("").into()
}

fn reason(stage: &Stage) -> Value {
    stage.host.calls("connection").last().expect("a status")[1]["code"].clone()
}

/// Of the status that tells of a wait.
async fn retry_in(stage: &Stage) -> f64 {
    let wait = || stage.host.calls("connection").iter().find_map(|call| call[0]["retryInMs"].as_f64());
    until("a wait is told", || wait().is_some()).await;
    wait().expect("a wait")
}

#[wasm_bindgen_test]
async fn a_post_carries_json_and_follows_no_redirect() {
    let (stage, _) = shaking(&[]).await;
    let request = &stage.host.requests()[0];
    assert_eq!(request["method"], "POST");
    assert_eq!(request["url"], "https://gws.invalid/api/v2/notifications/handshake");
    assert_eq!(request["redirect"], "manual");
    assert_eq!(request["credentials"], "include");
    assert_eq!(request["headers"]["content-type"], "application/json;charset=UTF-8");
}

#[wasm_bindgen_test]
async fn credentials_are_those_of_the_option() {
    for mode in ["omit", "same-origin"] {
        let (stage, _) = shaking(&[("credentials", mode.into())]).await;
        assert_eq!(stage.host.requests()[0]["credentials"], mode);
    }
}

#[wasm_bindgen_test]
async fn a_redirect_asks_for_a_login() {
    let (stage, handshake) = shaking(&[]).await;
    stage.host.set_login_answer(true);
    handshake.redirect();
    stage.told("logIn", 1).await;
    let again = stage.asked("/meta/handshake").await;
    stage.host.serve_again();
    again.answer_text(&stage.answer_for("/meta/handshake"), 200, &[]);
    stage.settled().await;
}

#[wasm_bindgen_test]
async fn a_login_that_is_not_renewed_ends_the_channel() {
    let (stage, handshake) = shaking(&[]).await;
    handshake.answer_text(r#"{"statusCode":20,"statusMessage":"Access denied"}"#, 403, &[]);
    stage.told("logIn", 1).await;
    assert_eq!(
        stage.host.calls("logIn")[0],
        json!([1, 403, { "statusCode": 20, "statusMessage": "Access denied" }, "https://gws.invalid/api/v2/notifications/handshake"])
    );
    until("the end is told", || reason(&stage) == "auth/required").await;
    assert_eq!(stage.channel.state(), "disconnected");
}

#[wasm_bindgen_test]
async fn a_login_function_that_throws_counts_as_not_renewed() {
    let (stage, handshake) = shaking(&[]).await;
    stage.host.set_throwing(Some("logIn"));
    handshake.answer_text("{}", 401, &[]);
    until("the end is told", || reason(&stage) == "auth/required").await;
}

#[wasm_bindgen_test]
async fn retry_after_in_seconds_is_obeyed() {
    let (stage, handshake) = shaking(&[]).await;
    handshake.answer_text("", 503, &[("Retry-After", "7")]);
    let wait = retry_in(&stage).await;
    assert!((6_500.0..=8_500.0).contains(&wait), "{wait} ms");
    assert_eq!(reason(&stage), "http/503");
}

#[wasm_bindgen_test]
async fn retry_after_as_a_date_is_obeyed() {
    let (stage, handshake) = shaking(&[]).await;
    let date = js_sys::Date::new(&(js_sys::Date::now() + 30_000.0).into());
    handshake.answer_text("", 429, &[("Retry-After", &String::from(date.to_utc_string()))]);
    let wait = retry_in(&stage).await;
    assert!((28_000.0..=31_500.0).contains(&wait), "{wait} ms");
}

#[wasm_bindgen_test]
async fn retry_after_that_is_neither_is_ignored() {
    for value in ["soon", "-5", "1e3", "Mon, 01 Jan 1990 00:00:00 GMT"] {
        let (stage, handshake) = shaking(&[]).await;
        handshake.answer_text("", 503, &[("Retry-After", value)]);
        let wait = retry_in(&stage).await;
        assert!(wait <= FIRST_WAIT, "{value}: {wait} ms");
    }
}

#[wasm_bindgen_test]
async fn the_token_of_a_response_is_sent_with_the_next_post() {
    let stage = Stage::with(&[("csrf", true.into())]);
    stage.host.set_answer_headers(&[("X-CSRF-HEADER", "X-My-Token"), ("X-CSRF-TOKEN", "first")]);
    stage.connect().await;
    let requests = stage.host.requests();
    assert_eq!(requests[0]["headers"].get("x-my-token"), None, "nothing is known before the first response");
    assert!(requests[1..].iter().all(|request| request["headers"]["x-my-token"] == "first"), "{requests:?}");
}

#[wasm_bindgen_test]
async fn the_token_is_neither_read_nor_sent_unless_asked_for() {
    let stage = Stage::new();
    stage.host.set_answer_headers(&[("X-CSRF-HEADER", "X-My-Token"), ("X-CSRF-TOKEN", "first")]);
    stage.connect().await;
    assert!(stage.host.requests().iter().all(|request| request["headers"].get("x-my-token").is_none()));
    stage.host.set_automatic(false);
    stage.channel.subscribe("/a").expect("a command");
    stage.asked("/meta/subscribe").await.answer_text(TOKEN_REFUSED, 403, &[]);
    quiet().await;
    assert!(stage.host.last(ME).is_none());
}

#[wasm_bindgen_test]
async fn a_refused_token_is_read_again_and_the_request_repeated_in_place() {
    let (stage, handshake) = shaking(&[("csrf", true.into())]).await;
    handshake.answer_text(TOKEN_REFUSED, 403, &[]);
    let me = stage.asked(ME).await;
    assert_eq!(stage.host.requests()[1]["url"], "https://gws.invalid/api/v2/me");
    me.answer_text(r#"{"statusCode":0}"#, 200, &[("X-CSRF-HEADER", "X-My-Token"), ("X-CSRF-TOKEN", "second")]);
    let repeated = stage.asked("/meta/handshake").await;
    stage.host.serve_again();
    let requests = stage.host.requests();
    assert_eq!(requests[2]["headers"]["x-my-token"], "second");
    assert_eq!(requests[2]["messages"], requests[0]["messages"], "the same request");
    repeated.answer_text(&stage.answer_for("/meta/handshake"), 200, &[]);
    stage.settled().await;
    let failed = stage.host.calls("connection").iter().any(|call| !call[1].is_null());
    assert!(!failed, "no failure is told");
}

#[wasm_bindgen_test]
async fn a_token_refused_twice_is_a_failure() {
    let (stage, handshake) = shaking(&[("csrf", true.into())]).await;
    handshake.answer_text(TOKEN_REFUSED, 403, &[]);
    stage.asked(ME).await.answer_text("{}", 200, &[("X-CSRF-TOKEN", "second")]);
    stage.asked("/meta/handshake").await.answer_text(TOKEN_REFUSED, 403, &[]);
    retry_in(&stage).await;
    assert_eq!(reason(&stage), "auth/csrf");
    let gets = stage.host.requests().iter().filter(|request| request["method"] == "GET").count();
    assert_eq!(gets, 1);
}

#[wasm_bindgen_test]
async fn a_token_that_cannot_be_read_again_because_the_login_is_gone_asks_for_a_login() {
    for csrf in [true.into(), of_the_caller()] {
        let (stage, handshake) = shaking(&[("csrf", csrf)]).await;
        handshake.answer_text(TOKEN_REFUSED, 403, &[]);
        stage.asked(ME).await.answer_text(r#"{"statusCode":20}"#, 403, &[]);
        stage.told("logIn", 1).await;
        assert_eq!(stage.host.calls("logIn")[0][2], json!({ "statusCode": 20 }));
    }
}

#[wasm_bindgen_test]
async fn a_token_that_cannot_be_read_again_because_the_network_fails_stays_refused() {
    for csrf in [true.into(), of_the_caller()] {
        let (stage, handshake) = shaking(&[("csrf", csrf)]).await;
        handshake.answer_text(TOKEN_REFUSED, 403, &[]);
        stage.asked(ME).await.fail();
        assert!(retry_in(&stage).await <= FIRST_WAIT);
        assert_eq!(reason(&stage), "auth/csrf");
        stage.host.serve_again();
        stage.settled().await;
    }
}

#[wasm_bindgen_test]
async fn a_token_of_the_caller_that_is_refused_is_read_for_the_repeated_request_alone() {
    let (stage, handshake) = shaking(&[("csrf", of_the_caller())]).await;
    handshake.answer_text(TOKEN_REFUSED, 403, &[]);
    stage.asked(ME).await.answer_text(r#"{"statusCode":0}"#, 200, &[("X-CSRF-HEADER", "X-My-Token"), ("X-CSRF-TOKEN", "told")]);
    stage.asked("/meta/handshake").await;
    stage.host.serve_again();
    stage.settled().await;
    let tokens: Vec<Value> = stage.host.requests().iter().map(|request| request["headers"]["x-my-token"].clone()).collect();
    assert_eq!(tokens[..3], [Value::Null, Value::Null, json!("told")]);
    assert!(tokens.len() > 3 && tokens[3..].iter().all(Value::is_null), "{tokens:?}");
}

#[wasm_bindgen_test]
async fn the_goodbye_survives_its_page_and_nothing_else_does() {
    let stage = Stage::connected().await;
    stage.channel.close();
    stage.state("disconnected").await;
    for request in stage.host.requests() {
        let is_goodbye = request["messages"][0]["channel"] == "/meta/disconnect";
        assert_eq!(request["keepalive"], is_goodbye, "{request}");
    }
    assert_eq!(stage.host.requests_of("/meta/disconnect").len(), 1);
}

#[wasm_bindgen_test]
async fn a_failed_request_is_tried_again() {
    let (stage, handshake) = shaking(&[]).await;
    handshake.fail();
    assert!(retry_in(&stage).await <= FIRST_WAIT);
    assert_eq!(reason(&stage), "network/failed");
    stage.host.serve_again();
    stage.settled().await;
}

#[wasm_bindgen_test]
async fn a_text_that_is_no_json_is_named() {
    let (stage, handshake) = shaking(&[]).await;
    handshake.answer_text("not json", 200, &[]);
    retry_in(&stage).await;
    assert_eq!(reason(&stage), "protocol/not-json");
}
