//! Whatever a server sends, nothing traps and what is good of it is delivered. A trap ends the module, and with it the test.

use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use super::stage::{Stage, after, new_message, until};

/// Members the core reads of messages, on every level.
const MEMBERS: [&str; 17] = [
    "channel",
    "id",
    "clientId",
    "successful",
    "error",
    "advice",
    "data",
    "ext",
    "subscription",
    "supportedConnectionTypes",
    "version",
    "minimumVersion",
    "timestamp",
    "connectionType",
    "reestablish",
    "authSuccessful",
    "__proto__",
];
/// Members of an advice, an extension, and the data of a notification.
const NESTED: [(&str, &[&str]); 3] = [
    ("advice", &["reconnect", "interval", "timeout", "maxInterval", "multiple-clients", "hosts"]),
    ("ext", &["ack"]),
    ("data", &["messageType", "notificationType", "imSession", "message", "imSessionPath"]),
];
const CHANNELS: [&str; 7] =
    ["/meta/handshake", "/meta/connect", "/meta/subscribe", "/meta/unsubscribe", "/meta/nonsense", "/v2/me/im-sessions", "/other"];
const DEPTH: usize = 10_000;

/// JSON texts of values of every kind, among them those that break a careless reader.
fn values() -> Vec<String> {
    let plain = [
        "null",
        "true",
        "false",
        "0",
        "-1",
        "1.5",
        "1e308",
        "-1e400",
        "9007199254740993",
        "\"\"",
        "\"text\"",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"\\u0000\"",
        "[]",
        "[null]",
        "[[]]",
        "{}",
        "{\"length\":3}",
        "{\"toString\":1,\"valueOf\":null}",
        "{\"__proto__\":null}",
        "{\"__proto__\":{\"channel\":\"/meta/connect\"}}",
        "{\"constructor\":{\"prototype\":{}}}",
    ];
    let deep = [nested("[", "]"), nested("{\"data\":", "}").replace(":}", ":0}")];
    plain.iter().map(|&text| text.to_owned()).chain(deep).collect()
}

fn nested(open: &str, close: &str) -> String {
    [open.repeat(DEPTH), close.repeat(DEPTH)].concat()
}

/// Answers the held connect with `texts` before its reply, and shows that the channel works on.
async fn survives(stage: &Stage, texts: &[String]) {
    stage.host.push_text(&texts.join(","));
    stage.settled().await;
    let before = stage.host.count("notification");
    stage.host.push(&json!([new_message("still works")]));
    until("delivered after all that", || stage.host.count("notification") > before).await;
    stage.settled().await;
}

#[wasm_bindgen_test]
async fn messages_that_are_no_objects() {
    let stage = Stage::connected().await;
    for value in values() {
        survives(&stage, &[value]).await;
    }
}

#[wasm_bindgen_test]
async fn members_of_every_wrong_type() {
    let stage = Stage::connected().await;
    for channel in CHANNELS {
        let texts: Vec<String> = MEMBERS
            .iter()
            .flat_map(|member| values().into_iter().map(move |value| (member, value)))
            .map(|(member, value)| ["{\"id\":\"nobody\",\"channel\":\"", channel, "\",\"", member, "\":", &value, "}"].concat())
            .collect();
        survives(&stage, &texts).await;
    }
}

#[wasm_bindgen_test]
async fn nested_members_of_every_wrong_type() {
    let stage = Stage::connected().await;
    for channel in CHANNELS {
        let mut texts = Vec::new();
        for (outer, members) in NESTED {
            for member in members {
                for value in values() {
                    texts.push(
                        ["{\"id\":\"nobody\",\"channel\":\"", channel, "\",\"", outer, "\":{\"", member, "\":", &value, "}}"].concat(),
                    );
                }
            }
        }
        survives(&stage, &texts).await;
    }
}

#[wasm_bindgen_test]
async fn notifications_with_ill_typed_members_are_told_as_one_thing_or_the_other() {
    let stage = Stage::connected().await;
    let good = new_message("x");
    let members: Vec<String> = good["data"].as_object().expect("data").keys().cloned().collect();
    let mut texts = Vec::new();
    for member in members {
        let mut rest = good.clone();
        rest["data"].as_object_mut().expect("data").remove(&member);
        for value in values() {
            // The ill-typed member comes last of the data.
            let data = rest["data"].to_string();
            let data = [&data[..data.len() - 1], ",\"", &member, "\":", &value, "}"].concat();
            texts.push(["{\"channel\":\"/v2/me/im-sessions\",\"data\":", &data, "}"].concat());
        }
    }
    let sent = u32::try_from(texts.len()).expect("not that many");
    stage.host.push_text(&texts.join(","));
    until("all are told", || stage.host.count("notification") + stage.host.count("unknown") >= sent).await;
    stage.settled().await;
    assert_eq!(stage.host.count("notification") + stage.host.count("unknown"), sent);
}

#[wasm_bindgen_test]
async fn whole_answers_that_are_none() {
    for body in values() {
        for channel in ["/meta/handshake", "/meta/connect"] {
            for status in [200, 403, 500] {
                let stage = Stage::new();
                stage.host.set_automatic(false);
                stage.host.set_login_answer(true);
                stage.channel.open();
                if channel == "/meta/connect" {
                    let handshake = stage.asked("/meta/handshake").await;
                    handshake.answer_text(&stage.answer_for("/meta/handshake"), 200, &[]);
                }
                stage.asked(channel).await.answer_text(&body, status, &[]);
                stage.host.serve_again();
                recovered(&stage).await;
            }
        }
    }
}

/// Waits until the channel is connected, without the waits between its attempts.
async fn recovered(stage: &Stage) {
    let began = js_sys::Date::now();
    while stage.channel.state() != "connected" {
        assert!(js_sys::Date::now() - began < 10_000.0, "never connected again: {}", stage.channel.status());
        if stage.channel.status()["retryInMs"].is_number() {
            stage.channel.hurry();
        }
        after(1).await;
    }
}
