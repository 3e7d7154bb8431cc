//! Calls of the GWS API on the channel's headers and token, and what another channel hands on.

use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::AbortController;

use super::stage::{Stage, new_message, parsed, quiet, until, value};

const URL: &str = "https://gws.invalid/api/v2/me/im-sessions";
/// A request without Bayeux messages.
const NO_CHANNEL: &str = "";
const TOKEN: &[(&str, &str)] = &[("X-CSRF-HEADER", "X-My-Token"), ("X-CSRF-TOKEN", "first")];
const TOKEN_REFUSED: &str = "Missing or invalid Csrf token";

/// A call that waits for its answer.
struct Pending {
    result: js_sys::Promise,
    controller: AbortController,
}

impl Pending {
    fn begin(stage: &Stage, method: &str, body: Option<&str>) -> Self {
        let controller = AbortController::new().expect("a controller");
        let result = stage.channel.call(method, URL, body, &controller.signal()).expect("a method");
        Self { result, controller }
    }

    async fn result(self) -> Value {
        value(&JsFuture::from(self.result).await.expect("calls never reject"))
    }
}

fn manual(options: &[(&str, JsValue)]) -> Stage {
    let stage = Stage::with(options);
    stage.host.set_automatic(false);
    stage
}

/// What comes of a GET with this answer.
async fn verdict(status: u16, body: &str) -> Value {
    let stage = manual(&[]);
    let pending = Pending::begin(&stage, "GET", None);
    stage.asked(NO_CHANNEL).await.answer_text(body, status, &[]);
    pending.result().await
}

#[wasm_bindgen_test]
async fn a_call_carries_what_it_is_given_and_needs_no_open_channel() {
    let stage = manual(&[]);
    for (method, body) in [("GET", None), ("POST", Some("{\"a\":[1]}")), ("PUT", Some("{}")), ("DELETE", None)] {
        let pending = Pending::begin(&stage, method, body);
        stage.asked(NO_CHANNEL).await.answer_text(r#"{"statusCode":0,"imSessions":[]}"#, 200, &[]);
        let expected = json!({
            "verdict": "accepted", "code": "", "status": 200, "retryable": false, "statusCode": 0, "body": { "statusCode": 0, "imSessions": [] }
        });
        assert_eq!(pending.result().await, expected);
        let request = stage.host.requests().last().cloned().expect("a request");
        assert_eq!((&request["method"], &request["url"], &request["redirect"]), (&json!(method), &json!(URL), &json!("manual")));
        assert_eq!(request["messages"], body.map_or_else(|| json!([]), |body| serde_json::from_str(body).expect("JSON")));
        let content_type = body.map(|_| json!("application/json;charset=UTF-8"));
        assert_eq!(request["headers"].get("content-type"), content_type.as_ref());
    }
    assert_eq!(stage.channel.state(), "disconnected");
}

#[wasm_bindgen_test]
async fn an_answer_is_told_with_all_that_counts() {
    let refused = verdict(409, r#"{"statusCode":2,"statusMessage":"Invalid state"}"#).await;
    let body = json!({ "statusCode": 2, "statusMessage": "Invalid state" });
    let expected = json!({
        "verdict": "refused", "code": "gws/2", "status": 409, "retryable": false, "statusCode": 2, "statusMessage": "Invalid state", "body": body
    });
    assert_eq!(refused, expected);
    for (status, body, verdict_and_code) in [
        (200, r#"{"statusCode":7}"#, ("partial", "gws/7")),
        (403, r#"{"statusCode":20}"#, ("login", "auth/required")),
        (200, "<html>", ("page", "protocol/not-json")),
        (200, "nonsense", ("refused", "protocol/not-json")),
        (200, "[]", ("refused", "protocol/no-status-code")),
        (503, "", ("refused", "http/503")),
        (403, TOKEN_REFUSED, ("refused", "auth/csrf")),
    ] {
        let told = verdict(status, body).await;
        assert_eq!(
            (told["verdict"].as_str(), told["code"].as_str()),
            (Some(verdict_and_code.0), Some(verdict_and_code.1)),
            "{status} {body}"
        );
    }
}

#[wasm_bindgen_test]
async fn no_answer_is_told_too() {
    let stage = manual(&[]);
    let pending = Pending::begin(&stage, "POST", Some("{}"));
    stage.asked(NO_CHANNEL).await.fail();
    assert_eq!(pending.result().await, json!({ "verdict": "failed", "code": "network/failed" }));

    let pending = Pending::begin(&stage, "POST", Some("{}"));
    stage.asked(NO_CHANNEL).await.redirect();
    assert_eq!(pending.result().await, json!({ "verdict": "login", "status": 0 }));

    let pending = Pending::begin(&stage, "POST", Some("{}"));
    stage.asked(NO_CHANNEL).await;
    pending.controller.abort();
    assert_eq!(pending.result().await["verdict"], "failed");

    stage.host.set_throwing(Some("headers"));
    let sent = stage.host.requests().len();
    assert_eq!(Pending::begin(&stage, "POST", Some("{}")).result().await, json!({ "verdict": "failed", "code": "network/refused" }));
    assert_eq!(stage.host.requests().len(), sent, "nothing leaves without headers");
}

#[wasm_bindgen_test]
async fn when_to_ask_again_is_told() {
    let stage = manual(&[]);
    let pending = Pending::begin(&stage, "GET", None);
    stage.asked(NO_CHANNEL).await.answer_text("", 503, &[("Retry-After", "7")]);
    assert_eq!(pending.result().await["retryAfterMs"], 7_000);
}

#[wasm_bindgen_test]
async fn the_token_goes_with_every_call_but_a_get_until_it_is_forgotten() {
    let stage = manual(&[("csrf", true.into())]);
    let token_of = async |method: &str| {
        let body = if method == "GET" || method == "DELETE" { None } else { Some("{}") };
        let pending = Pending::begin(&stage, method, body);
        stage.asked(NO_CHANNEL).await.answer_text(r#"{"statusCode":0}"#, 200, TOKEN);
        pending.result().await;
        stage.host.requests().last().expect("a request")["headers"].get("x-my-token").cloned()
    };
    assert_eq!(token_of("POST").await, None, "nothing is known before the first answer");
    for method in ["POST", "PUT", "DELETE"] {
        assert_eq!(token_of(method).await, Some(json!("first")), "{method}");
    }
    assert_eq!(token_of("GET").await, None);
    stage.channel.forget_token();
    assert_eq!(token_of("POST").await, None);
}

#[wasm_bindgen_test]
async fn a_refused_token_is_read_again_and_the_call_repeated_once() {
    for (method, body) in [("POST", Some("{}")), ("PUT", Some("{}")), ("DELETE", None)] {
        let stage = manual(&[("csrf", true.into())]);
        let pending = Pending::begin(&stage, method, body);
        stage.asked(NO_CHANNEL).await.answer_text(TOKEN_REFUSED, 403, &[]);
        until("the token is read", || stage.host.requests().len() == 2).await;
        assert_eq!(stage.host.requests()[1]["url"], "https://gws.invalid/api/v2/me");
        stage.asked(NO_CHANNEL).await.answer_text(r#"{"statusCode":0}"#, 200, TOKEN);
        until("the call is repeated", || stage.host.requests().len() == 3).await;
        stage.asked(NO_CHANNEL).await.answer_text(TOKEN_REFUSED, 403, TOKEN);
        assert_eq!(pending.result().await["code"], "auth/csrf");
        let requests = stage.host.requests();
        assert_eq!((requests.len(), &requests[2]["method"], &requests[2]["headers"]["x-my-token"]), (3, &json!(method), &json!("first")));
    }
}

#[wasm_bindgen_test]
async fn what_is_no_method_is_no_call() {
    let stage = manual(&[]);
    let controller = AbortController::new().expect("a controller");
    for method in ["PATCH", "get", "", "GET\r\nX: y"] {
        assert!(stage.channel.call(method, URL, None, &controller.signal()).is_none());
    }
    quiet().await;
    assert!(stage.host.requests().is_empty());
}

#[wasm_bindgen_test]
async fn a_login_lost_by_a_call_makes_the_channel_log_in_or_end() {
    let stage = Stage::connected().await;
    stage.host.set_login_answer(true);
    stage.channel.login_lost(403, true);
    stage.told("logIn", 1).await;
    stage.settled().await;
    assert_eq!(stage.host.requests_of("/meta/handshake").len(), 2);

    stage.channel.login_lost(403, false);
    stage.state("disconnected").await;
    assert_eq!(stage.host.calls("connection").last().expect("a status")[1]["code"], "auth/required");
    assert_eq!(stage.host.count("logIn"), 1);
}

#[wasm_bindgen_test]
async fn messages_of_another_channel_are_handed_on_like_its_own() {
    let stage = manual(&[]);
    stage.channel.deliver(&parsed(&new_message("Hello")));
    stage.channel.deliver(&parsed(&json!({ "channel": "/v2/me/im-sessions", "data": 5 })));
    stage.channel.deliver(&JsValue::NULL);
    assert_eq!(stage.host.calls("notification")[0][2]["message"], "Hello");
    assert_eq!((stage.host.count("notification"), stage.host.count("unknown")), (1, 1));
}

#[wasm_bindgen_test]
fn a_session_that_was_asked_for_gets_its_normal_form_in_place() {
    let stage = Stage::new();
    let resource = parsed(&json!({ "id": "7", "state": " Talking", "participants": ["3002"] }));
    assert!(stage.channel.normalise_session(&resource));
    let expected = json!({
        "id": "7", "path": "/im-sessions/7", "state": "Talking", "capabilities": [], "participants": [{ "digits": "3002", "phoneNumber": "3002" }]
    });
    assert_eq!(value(&resource), expected);
    for ill in [json!(null), json!(5), json!([]), json!({}), json!({ "id": "7" }), json!("7")] {
        assert!(!stage.channel.normalise_session(&parsed(&ill)), "{ill}");
    }
}
