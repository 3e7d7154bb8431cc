//! How messages get to the host.

use std::cell::Cell;
use std::rc::Rc;

use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::stage::{Page, Stage, is_untouched, new_message, post_task};

const MANY: u32 = 10_000;

#[wasm_bindgen_test]
async fn the_host_gets_the_objects_that_the_parser_made() {
    let stage = Stage::connected().await;
    let page = Page::new();
    stage.host.push(&json!([new_message("one"), new_message("two")]));
    stage.told("notification", 2).await;
    assert!(is_untouched(&stage.host, &page, 0));
    assert!(is_untouched(&stage.host, &page, 1));
    assert_eq!(stage.host.calls("notification")[1][3]["data"]["message"], "two");
}

#[wasm_bindgen_test]
async fn what_is_no_notification_comes_as_the_server_sent_it() {
    let stage = Stage::connected().await;
    let strange = json!({ "channel": "/v2/me/im-sessions", "data": { "messageType": "Later", "more": [1, null, { "__proto__": 5 }] } });
    stage.host.push(&json!([strange]));
    stage.told("unknown", 1).await;
    assert_eq!(stage.host.calls("unknown")[0][0], strange);
    assert_eq!(stage.host.count("notification"), 0);
}

#[wasm_bindgen_test]
async fn a_delivery_goes_to_each_topic_that_covers_it_and_is_listened_to() {
    let stage = Stage::connected().await;
    for topic in ["/a/b", "/a/*", "/a/**", "/c"] {
        stage.channel.listen(topic, true).expect("a topic");
    }
    stage.channel.listen("/a/*", false).expect("a topic");
    stage.host.push(&json!([{ "channel": "/a/b", "data": 1 }, { "channel": "/a/b/c", "data": 2 }, { "channel": "/d", "data": 3 }]));
    stage.told("delivery", 3).await;
    stage.settled().await;
    let told: Vec<_> =
        stage.host.calls("delivery").iter().map(|call| (call[0].as_str().unwrap().to_owned(), call[1]["data"].as_i64())).collect();
    assert_eq!(told, [("/a/b".to_owned(), Some(1)), ("/a/**".to_owned(), Some(1)), ("/a/**".to_owned(), Some(2))]);
}

#[wasm_bindgen_test]
async fn ten_thousand_messages_come_in_order_and_let_other_tasks_run() {
    let stage = Stage::connected().await;
    let delivered = Rc::new(Cell::new(0));
    let when_it_ran = Rc::new(Cell::new(None));
    let task = {
        let (delivered, when_it_ran) = (Rc::clone(&delivered), Rc::clone(&when_it_ran));
        Closure::<dyn Fn()>::new(move || when_it_ran.set(Some(delivered.get())))
    };
    let during = {
        let (delivered, task) = (Rc::clone(&delivered), task.as_ref().clone());
        Closure::<dyn Fn(String)>::new(move |callback: String| {
            if callback == "notification" {
                delivered.set(delivered.get() + 1);
                if delivered.get() == 1 {
                    post_task(task.unchecked_ref());
                }
            }
        })
    };
    stage.host.set_during(Some(during.as_ref().unchecked_ref()));
    stage.host.push(&(0..MANY).map(|n| new_message(&n.to_string())).collect::<Vec<Value>>().into());
    stage.told("notification", MANY).await;
    stage.host.set_during(None);
    let texts: Vec<_> = stage.host.calls("notification").iter().map(|call| text_of(&call[2])).collect();
    assert!(texts.iter().enumerate().all(|(n, text)| *text == n.to_string()), "out of order");
    assert_eq!(texts.len(), MANY as usize);
    assert!(stage.host.count("pause") > 0);
    let seen: u32 = when_it_ran.get().expect("the task ran");
    assert!(seen < MANY, "the task ran only after everything was delivered");
}

#[wasm_bindgen_test]
async fn commands_given_while_a_delivery_pauses_wait_for_their_turn() {
    let stage = Rc::new(Stage::connected().await);
    let commander = Rc::clone(&stage);
    let subscribe = Closure::<dyn Fn()>::new(move || {
        commander.channel.subscribe("/meanwhile").expect("a command");
    });
    stage.host.push(&(0..MANY).map(|n| new_message(&n.to_string())).collect::<Vec<Value>>().into());
    stage.told("pause", 1).await;
    post_task(subscribe.as_ref().unchecked_ref());
    stage.told("completed", 2).await;
    assert_eq!(stage.host.count("notification"), MANY);
}

#[wasm_bindgen_test]
async fn a_pause_that_fails_loses_nothing() {
    let many = || (0..MANY).map(|n| new_message(&n.to_string())).collect::<Vec<Value>>().into();
    let stage = Stage::connected().await;
    stage.host.set_throwing(Some("pause"));
    stage.host.push(&many());
    stage.told("notification", MANY).await;
    stage.settled().await;
    stage.host.set_throwing(None);
    stage.host.set_pause_fails(true);
    stage.host.push(&many());
    stage.told("notification", 2 * MANY).await;
    stage.settled().await;
    assert!(stage.host.count("pause") > 0);
}

fn text_of(data: &Value) -> String {
    data["message"].as_str().unwrap_or_default().to_owned()
}
