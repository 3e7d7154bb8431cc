//! The class against a real CometD server on another origin. `make test-browser` starts it and names it when it compiles this.

use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::stage::{LiveHost, Stage, after, control, login, names, new_message, until};

const TOPIC: &str = "/v2/me/im-sessions";

fn base() -> &'static str {
    option_env!("GWS_SIMULATOR").unwrap_or_else(|| panic!("GWS_SIMULATOR must be the address of a simulator; make test-browser starts one"))
}

async fn post(path: &str, body: &Value) -> Value {
    read(control(&[base(), "/simulator/", path].concat(), Some(&body.to_string())).await)
}

async fn get(path: &str) -> Value {
    read(control(&[base(), "/simulator/", path].concat(), None).await)
}

fn read(answer: Result<JsValue, JsValue>) -> Value {
    serde_json::from_str(&answer.expect("an answer of the simulator").as_string().expect("a text")).expect("JSON")
}

/// A channel of `user`, who logs in with the first request.
fn logged_in(user: &str, options: &[(&str, JsValue)]) -> Stage {
    Stage::at(base(), LiveHost::new(user).unchecked_into(), options)
}

async fn sessions_of(user: &str) -> Vec<Value> {
    let state = get("state").await;
    state["cometdSessions"].as_array().expect("a list").iter().filter(|session| session["user"] == user).cloned().collect()
}

#[wasm_bindgen_test]
async fn a_published_notification_reaches_the_host() {
    post("reset", &json!({})).await;
    let stage = logged_in("anna", &[]);
    stage.channel.open();
    stage.state("connected").await;
    let data = &new_message("hello")["data"];
    let published = post("publish", &json!({ "topic": TOPIC, "user": "anna", "data": data })).await;
    assert_eq!(published["sessions"], 1);
    stage.told("notification", 1).await;
    assert_eq!(stage.host.calls("notification")[0][2]["message"], "hello");
    assert_eq!(sessions_of("anna").await[0]["clientId"], stage.channel.status()["clientId"]);
    assert_eq!(stage.channel.status()["acknowledged"], true);
}

#[wasm_bindgen_test]
async fn the_login_of_another_agent_gets_that_agents_notifications_only() {
    post("reset", &json!({})).await;
    let stage = logged_in("ben", &[]);
    stage.channel.open();
    stage.state("connected").await;
    let data = &new_message("for anna")["data"];
    assert_eq!(post("publish", &json!({ "topic": TOPIC, "user": "anna", "data": data })).await["sessions"], 0);
    let data = &new_message("for ben")["data"];
    post("publish", &json!({ "topic": TOPIC, "user": "ben", "data": data })).await;
    stage.told("notification", 1).await;
    assert_eq!(stage.host.calls("notification")[0][2]["message"], "for ben");
}

#[wasm_bindgen_test]
async fn a_token_that_the_server_demands_is_found_across_origins() {
    post("reset", &json!({})).await;
    post("options", &json!({ "csrf": "enforce" })).await;
    let stage = logged_in("anna", &[("csrf", true.into())]);
    stage.channel.open();
    stage.state("connected").await;
    stage.channel.subscribe("/v2/other").expect("a command");
    stage.told("completed", 2).await;
    assert!(stage.host.calls("completed").iter().all(|call| call[1].is_null()));
    let failed = stage.host.calls("connection").iter().any(|call| !call[1].is_null());
    assert!(!failed, "{:?}", stage.host.calls("connection"));
    post("reset", &json!({})).await;
}

#[wasm_bindgen_test]
async fn a_channel_moves_to_a_socket_and_back_in_the_same_session() {
    post("reset", &json!({})).await;
    let stage = logged_in("anna", &[("transports", names(&["websocket", "long-polling"]))]);
    stage.channel.open();
    until("moved to a socket", || stage.channel.status()["transport"] == "websocket").await;
    let client_id = stage.channel.status()["clientId"].clone();
    let data = &new_message("on the socket")["data"];
    post("publish", &json!({ "topic": TOPIC, "user": "anna", "data": data })).await;
    stage.told("notification", 1).await;
    stage.host.drop_socket();
    until("back on the poll", || stage.channel.state() == "connected" && stage.channel.status()["transport"] == "long-polling").await;
    let data = &new_message("on the poll")["data"];
    post("publish", &json!({ "topic": TOPIC, "user": "anna", "data": data })).await;
    stage.told("notification", 2).await;
    let texts: Vec<_> = stage.host.calls("notification").iter().map(|call| call[2]["message"].clone()).collect();
    assert_eq!(texts, ["on the socket", "on the poll"]);
    assert_eq!((stage.channel.status()["clientId"].clone(), stage.host.count("gap")), (client_id, 0));
}

#[wasm_bindgen_test]
async fn a_channel_on_sockets_alone_leaves_no_session() {
    post("reset", &json!({})).await;
    let stage = logged_in("ben", &[("transports", names(&["websocket"]))]);
    // A browser gives a socket no headers: the login is in the cookie.
    read(login(base(), "ben").await);
    stage.channel.open();
    stage.state("connected").await;
    assert_eq!(sessions_of("ben").await.len(), 1);
    let data = &new_message("for ben")["data"];
    post("publish", &json!({ "topic": TOPIC, "user": "ben", "data": data })).await;
    stage.told("notification", 1).await;
    stage.channel.close();
    stage.state("disconnected").await;
    let mut left = sessions_of("ben").await;
    let began = js_sys::Date::now();
    while !left.is_empty() {
        assert!(js_sys::Date::now() - began < 10_000.0, "a session is left: {left:?}");
        after(20).await;
        left = sessions_of("ben").await;
    }
}

#[wasm_bindgen_test]
async fn a_closed_channel_leaves_no_session() {
    post("reset", &json!({})).await;
    let stage = logged_in("anna", &[]);
    stage.channel.open();
    stage.state("connected").await;
    assert_eq!(sessions_of("anna").await.len(), 1);
    stage.channel.close();
    stage.state("disconnected").await;
    assert_eq!(sessions_of("anna").await, Vec::<Value>::new());
}

#[wasm_bindgen_test]
async fn a_lost_session_is_replaced_and_the_gap_told() {
    post("reset", &json!({})).await;
    let stage = logged_in("anna", &[]);
    stage.channel.open();
    stage.state("connected").await;
    let first = stage.channel.status()["clientId"].clone();
    post("cometd/expire", &json!({ "user": "anna" })).await;
    until("a new session", || stage.channel.state() == "connected" && stage.channel.status()["clientId"] != first).await;
    stage.told("gap", 1).await;
    assert_eq!(stage.host.calls("gap")[0][0]["cause"], "new-session");
}
