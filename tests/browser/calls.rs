//! Calls of the GWS API on the channel's headers and token, and what another channel hands on.

use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::AbortController;

use super::stage::{Exchange, Stage, new_message, parsed, quiet, until, value};

const URL: &str = "https://gws.invalid/api/v2/me/im-sessions";
/// A request without Bayeux messages.
const NO_CHANNEL: &str = "";
const TOKEN: &[(&str, &str)] = &[("X-CSRF-HEADER", "X-My-Token"), ("X-CSRF-TOKEN", "first")];
const TOKEN_REFUSED: &str = "Missing or invalid Csrf token";
const DONE: &str = r#"{"statusCode":0}"#;

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

/// Where the caller gives the token, which the face puts into the headers.
fn given(token: &str) -> Stage {
    let stage = manual(&[("csrf", js_sys::Object::new().into())]);
    give(&stage, token);
    stage
}

fn give(stage: &Stage, token: &str) {
    js_sys::Reflect::set(&stage.host, &"givenHeaders".into(), &parsed(&json!({ "X-My-Token": token }))).expect("a member");
}

/// The token that each request has carried so far, with its method.
fn sent(stage: &Stage) -> Vec<(String, Option<String>)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let requests = stage.host.requests();
    requests.iter().map(|request| (text(&request["method"]).expect("a method"), text(&request["headers"]["x-my-token"]))).collect()
}

fn line(method: &str, token: &str) -> (String, Option<String>) {
    (method.to_owned(), Some(token.to_owned()).filter(|token| !token.is_empty()))
}

/// A POST whose token is refused, and the GET that follows.
async fn refused(stage: &Stage) -> (Pending, Exchange) {
    let pending = Pending::begin(stage, "POST", Some("{}"));
    stage.asked(NO_CHANNEL).await.answer_text(TOKEN_REFUSED, 403, &[]);
    let asks = || stage.host.requests().last().is_some_and(|request| request["method"] == "GET");
    until("the user is asked for", asks).await;
    (pending, stage.asked(NO_CHANNEL).await)
}

/// The POST that is made again.
async fn repeated(stage: &Stage) -> Exchange {
    until("the call is repeated", || stage.host.requests().last().is_some_and(|request| request["method"] == "POST")).await;
    stage.asked(NO_CHANNEL).await
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
async fn a_token_of_the_caller_is_sent_whatever_answers_tell() {
    let stage = given("own");
    for _ in 0..2 {
        let pending = Pending::begin(&stage, "POST", Some("{}"));
        stage.asked(NO_CHANNEL).await.answer_text(DONE, 200, TOKEN);
        assert_eq!(pending.result().await["verdict"], "accepted");
    }
    assert_eq!(sent(&stage), [line("POST", "own"), line("POST", "own")]);
}

#[wasm_bindgen_test]
async fn a_refused_token_of_the_caller_is_replaced_by_the_one_that_is_told_for_this_call_only() {
    let stage = given("own");
    for _ in 0..2 {
        let (pending, me) = refused(&stage).await;
        me.answer_text(DONE, 200, TOKEN);
        repeated(&stage).await.answer_text(DONE, 200, TOKEN);
        assert_eq!(pending.result().await["verdict"], "accepted");
    }
    let once = [line("POST", "own"), line("GET", "own"), line("POST", "first")];
    assert_eq!(sent(&stage), [once.clone(), once].concat());
}

#[wasm_bindgen_test]
async fn a_refused_token_of_the_caller_is_asked_for_anew_where_none_is_told() {
    for (answer, status, outcome) in [(DONE, 200, ("accepted", "")), (TOKEN_REFUSED, 403, ("refused", "auth/csrf"))] {
        let stage = given("own");
        let (pending, me) = refused(&stage).await;
        give(&stage, "new");
        me.answer_text(DONE, 200, &[]);
        repeated(&stage).await.answer_text(answer, status, &[]);
        let told = pending.result().await;
        assert_eq!((told["verdict"].as_str(), told["code"].as_str()), (Some(outcome.0), Some(outcome.1)));
        quiet().await;
        assert_eq!(sent(&stage), [line("POST", "own"), line("GET", "own"), line("POST", "new")]);
    }
}

#[wasm_bindgen_test]
async fn a_token_that_no_answer_tells_is_not_looked_for_twice() {
    let stage = manual(&[("csrf", true.into())]);
    let (pending, me) = refused(&stage).await;
    me.answer_text(DONE, 200, &[]);
    assert_eq!(pending.result().await["code"], "auth/csrf");
    quiet().await;
    assert_eq!(sent(&stage), [line("POST", ""), line("GET", "")]);
}

#[wasm_bindgen_test]
async fn without_a_token_a_refusal_is_told_at_once() {
    let stage = manual(&[("csrf", false.into())]);
    let pending = Pending::begin(&stage, "POST", Some("{}"));
    stage.asked(NO_CHANNEL).await.answer_text(TOKEN_REFUSED, 403, TOKEN);
    assert_eq!(pending.result().await["code"], "auth/csrf");
    quiet().await;
    assert_eq!(sent(&stage), [line("POST", "")]);
}

#[wasm_bindgen_test]
async fn a_login_that_is_gone_is_told_from_a_refused_token_whoever_has_that() {
    for of_caller in [true, false] {
        for (status, body) in [(403, r#"{"statusCode":20}"#), (401, ""), (302, "")] {
            let stage = if of_caller { given("own") } else { manual(&[("csrf", true.into())]) };
            let (pending, me) = refused(&stage).await;
            if status == 302 {
                me.redirect();
            } else {
                me.answer_text(body, status, &[]);
            }
            assert_eq!(pending.result().await["verdict"], "login", "{status}");
            quiet().await;
            assert_eq!(stage.host.requests().len(), 2, "{status}");
        }
    }
}

#[wasm_bindgen_test]
async fn a_refused_call_stays_refused_when_the_token_can_not_be_read() {
    for of_caller in [true, false] {
        for aborts in [true, false] {
            let stage = if of_caller { given("own") } else { manual(&[("csrf", true.into())]) };
            let (pending, me) = refused(&stage).await;
            if aborts {
                pending.controller.abort();
            } else {
                me.fail();
            }
            let told = pending.result().await;
            assert_eq!((&told["verdict"], &told["code"], &told["status"]), (&json!("refused"), &json!("auth/csrf"), &json!(403)));
            quiet().await;
            assert_eq!(stage.host.requests().len(), 2);
        }
    }
}

#[wasm_bindgen_test]
async fn a_call_that_breaks_when_it_is_repeated_may_have_acted() {
    let stage = manual(&[("csrf", true.into())]);
    let (pending, me) = refused(&stage).await;
    me.answer_text(DONE, 200, TOKEN);
    repeated(&stage).await.fail();
    assert_eq!(pending.result().await, json!({ "verdict": "failed", "code": "network/failed" }));
}

#[wasm_bindgen_test]
async fn a_long_answer_takes_no_memory_of_web_assembly() {
    const LENGTH: i32 = 32 << 20;
    const MOST_GROWTH: usize = 8 << 20;
    let stage = manual(&[]);
    let pending = Pending::begin(&stage, "GET", None);
    let exchange = stage.asked(NO_CHANNEL).await;
    let text = js_sys::JsString::from("x").repeat(LENGTH);
    let before = core::arch::wasm32::memory_size(0);
    let answer: js_sys::Function = js_sys::Reflect::get(&exchange, &"answer".into()).expect("a method").unchecked_into();
    answer.call1(&exchange, &text).expect("an answer");
    assert_eq!(pending.result().await["code"], "protocol/not-json");
    let grown = (core::arch::wasm32::memory_size(0) - before) << 16;
    assert!(grown < MOST_GROWTH, "{grown} bytes");
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
