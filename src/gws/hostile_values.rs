//! Any JSON value in any place: a delivery is classified without panic, and either untouched or what its type promises.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestRunner};
use serde_json::{Map, Value, json};

use super::notification::{Classified, MessageType, NotificationType, classify};
use super::topic::IM_SESSIONS;
use crate::bayeux::{Field, Kind, RawMessage};
use crate::json::Json;

thread_local! {
    /// How often a member was set through [`Shared`].
    static SETS: Cell<usize> = const { Cell::new(0) };
}

/// A view that shows the same value wherever it was got from, as the browser's does. That nothing was altered can be told only with it.
#[derive(Clone)]
struct Shared(Rc<RefCell<Node>>);

enum Node {
    Leaf(Value),
    Array(Vec<Shared>),
    Object(Vec<(String, Shared)>),
}

impl Shared {
    fn new(node: Node) -> Self {
        Self(Rc::new(RefCell::new(node)))
    }

    fn share(value: &Value) -> Self {
        Self::new(match value {
            Value::Array(elements) => Node::Array(elements.iter().map(Self::share).collect()),
            Value::Object(members) => Node::Object(members.iter().map(|(name, value)| (name.clone(), Self::share(value))).collect()),
            leaf => Node::Leaf(leaf.clone()),
        })
    }

    fn value(&self) -> Value {
        match &*self.0.borrow() {
            Node::Leaf(value) => value.clone(),
            Node::Array(elements) => elements.iter().map(Self::value).collect(),
            Node::Object(members) => members.iter().map(|(name, value)| (name.clone(), value.value())).collect(),
        }
    }

    /// Reads a leaf as the other view does.
    fn leaf<T>(&self, read: impl Fn(&Json) -> Option<T>) -> Option<T> {
        match &*self.0.borrow() {
            Node::Leaf(value) => read(&Json(value.clone())),
            _ => None,
        }
    }
}

impl RawMessage for Shared {
    fn kind(&self) -> Kind {
        match &*self.0.borrow() {
            Node::Leaf(value) => Json(value.clone()).kind(),
            Node::Array(_) => Kind::Array,
            Node::Object(_) => Kind::Object,
        }
    }

    fn get(&self, field: Field) -> Option<Self> {
        let Node::Object(members) = &*self.0.borrow() else { return None };
        members.iter().find(|(name, _)| name == field.name()).map(|(_, value)| value.clone())
    }

    fn as_text(&self) -> Option<String> {
        self.leaf(RawMessage::as_text)
    }

    fn as_number(&self) -> Option<f64> {
        self.leaf(RawMessage::as_number)
    }

    fn as_bool(&self) -> Option<bool> {
        self.leaf(RawMessage::as_bool)
    }

    fn elements(&self) -> Option<Vec<Self>> {
        let Node::Array(elements) = &*self.0.borrow() else { return None };
        Some(elements.clone())
    }

    fn set(&mut self, field: Field, value: Self) {
        SETS.set(SETS.get() + 1);
        if let Node::Object(members) = &mut *self.0.borrow_mut() {
            members.retain(|(name, _)| name != field.name());
            members.push((field.name().to_owned(), value));
        }
    }

    fn from_text(text: &str) -> Self {
        Self::new(Node::Leaf(text.into()))
    }

    fn from_elements(elements: Vec<Self>) -> Self {
        Self::new(Node::Array(elements))
    }

    fn empty_object() -> Self {
        Self::new(Node::Object(Vec::new()))
    }
}

const DOCUMENTED: [&str; 12] = [
    "messageType",
    "notificationType",
    "otherNotificationType",
    "imSession",
    "imSessionPath",
    "message",
    "id",
    "path",
    "state",
    "participants",
    "capabilities",
    "userData",
];

/// What `data` breaks of what its type promises.
fn breach(message_type: MessageType, notification_type: NotificationType, data: &Value) -> Option<&'static str> {
    let other = notification_type == NotificationType::Other;
    let promises = [
        (data["messageType"] == message_type.name(), "messageType"),
        (data["notificationType"] == notification_type.name().unwrap_or("other"), "notificationType"),
        (!other || is_selector(&data["otherNotificationType"]), "otherNotificationType"),
    ];
    let broken = promises.into_iter().find(|(kept, _)| !kept).map(|(_, promise)| promise);
    broken.or_else(|| match (message_type, notification_type) {
        (MessageType::ImLogUpdate, NotificationType::NewMessage | NotificationType::Other) => text_breach(data),
        (MessageType::ImSessionStateChange, NotificationType::NewMessage) | (MessageType::ImLogUpdate, _) => Some("the pair of types"),
        (MessageType::ImSessionStateChange, NotificationType::AttachedDataChanged) if !data["imSession"]["userData"].is_object() => {
            Some("userData")
        }
        (MessageType::ImSessionStateChange, _) => session_breach(&data["imSession"]),
    })
}

fn text_breach(data: &Value) -> Option<&'static str> {
    match (data["imSessionPath"].as_str(), data["message"].as_str()) {
        (None | Some(""), _) => Some("imSessionPath"),
        (_, None) => Some("message"),
        _ => None,
    }
}

fn session_breach(session: &Value) -> Option<&'static str> {
    let all = |list: &Value, holds: fn(&Value) -> bool| list.as_array().is_some_and(|elements| elements.iter().all(holds));
    let promises = [
        (session["id"].as_str().is_some_and(|id| !id.is_empty()), "id"),
        (session["path"].as_str().is_some_and(|path| !path.is_empty()), "path"),
        (is_selector(&session["state"]), "state"),
        (all(&session["capabilities"], Value::is_string), "capabilities"),
        (all(&session["participants"], is_participant), "participants"),
    ];
    promises.into_iter().find(|(kept, _)| !kept).map(|(_, promise)| promise)
}

fn is_selector(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty() && text.trim_ascii() == text)
}

fn is_participant(value: &Value) -> bool {
    let numbers = ["digits", "e164Number", "formattedPhoneNumber", "phoneNumber"];
    value.is_object() && numbers.iter().all(|number| value.get(number).is_none_or(Value::is_string))
}

fn undocumented(value: &Value) -> Map<String, Value> {
    let members = value.as_object().into_iter().flatten();
    members.filter(|(name, _)| !DOCUMENTED.contains(&name.as_str())).map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn content(message: &Value) -> &Value {
    message.get("data").unwrap_or(message)
}

fn any_text() -> impl Strategy<Value = String> {
    let known =
        ["IMLogUpdateMessage", " IMSessionStateChangeMessage", "StatusChange ", "NewMessage", "other", "Completed", "", " ", "__proto__"];
    let paths = ["/im-sessions/1", "/im-sessions/", "1", "/", "constructor"];
    prop_oneof![select([&known[..], &paths].concat()).prop_map(str::to_owned), ".{0,8}"]
}

fn any_member() -> impl Strategy<Value = String> {
    let names: Vec<&str> = Field::ALL.iter().map(|field| field.name()).chain(["__proto__", "constructor", "uri", "metrics"]).collect();
    prop_oneof![9 => select(names).prop_map(str::to_owned), 1 => ".{0,4}"]
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 8, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((any_member(), inner), 0..8).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// Messages that are notifications, each with something to straighten out in every place.
fn documented() -> impl Strategy<Value = Value> {
    let text = json!({
        "messageType": " IMLogUpdateMessage", "notificationType": "NewMessage ", "imSessionPath": "/im-sessions/1", "message": { "text": "Hello" }
    });
    let beside = json!({
        "channel": IM_SESSIONS, "imSessionPath": "/im-sessions/1", "message": { "message": "Hello" },
        "data": { "messageType": "IMLogUpdateMessage", "notificationType": "Later" }
    });
    let state_change = |notification_type: &str| {
        json!({
            "messageType": " IMSessionStateChangeMessage", "notificationType": notification_type, "metrics": { "x": 1 },
            "imSession": {
                "id": "1", "path": "/im-sessions/1", "state": " Talking", "uri": "http://127.0.0.1/9", "userData": { "favColor": "blue" },
                "participants": [{ "digits": "3002", "phoneNumber": "3002" }, "5000"], "capabilities": ["SendMessage", "Complete"]
            }
        })
    };
    let state_changes = ["StatusChange", " AttachedDataChanged", "ParticipantsUpdated"].map(state_change);
    let nested = [&[text][..], &state_changes].concat().into_iter().map(|data| json!({ "channel": IM_SESSIONS, "data": data }));
    select(nested.chain([beside]).collect::<Vec<_>>())
}

/// Puts `value` into a documented place or, if it is `None`, takes what is there away. A place that is gone stays so.
fn damage(message: &mut Value, place: &str, value: Option<Value>) {
    let (parent, member) = place.rsplit_once('/').expect("a JSON pointer");
    let Some(parent) = message.pointer_mut(parent).and_then(Value::as_object_mut) else { return };
    match value {
        Some(value) => parent.insert(member.to_owned(), value),
        None => parent.remove(member),
    };
}

fn any_place() -> impl Strategy<Value = String> {
    let inside = DOCUMENTED.map(|member| ["/data/", member].concat());
    let of_session = DOCUMENTED.map(|member| ["/data/imSession/", member].concat());
    let of_participant = ["digits", "e164Number", "nick"].map(|member| ["/data/imSession/participants/0/", member].concat());
    let beside = ["/data", "/imSessionPath", "/message", "/data/message/text"].map(str::to_owned);
    select([&inside[..], &of_session, &of_participant, &beside].concat())
}

fn damaged() -> impl Strategy<Value = Value> {
    let damages = proptest::collection::vec((any_place(), proptest::option::weighted(0.8, any_value())), 0..4);
    (documented(), any::<bool>(), damages).prop_map(|(mut message, flat, damages)| {
        for (place, value) in damages {
            damage(&mut message, &place, value);
        }
        if flat { message["data"].take() } else { message }
    })
}

/// Runs are the same everywhere, unless the variables of proptest ask for more or others; nothing is written beside the sources.
fn config() -> Config {
    let number = |name: &str| -> Option<u64> { std::env::var(name).ok()?.parse().ok() };
    Config {
        cases: number("PROPTEST_CASES").and_then(|cases| u32::try_from(cases).ok()).unwrap_or(2_000),
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(number("PROPTEST_RNG_SEED").unwrap_or(7)),
        failure_persistence: None,
        ..Config::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_delivery_is_untouched_or_what_its_type_promises(messages in proptest::collection::vec(prop_oneof![1 => any_value(), 4 => damaged()], 1..4)) {
        for message in messages {
            let shared = Shared::share(&message);
            let copied = classify(&Json(message.clone()));
            match classify(&shared) {
                Classified::Unknown => {
                    prop_assert_eq!(shared.value(), message, "an unknown message is untouched");
                    prop_assert_eq!(copied, Classified::Unknown);
                }
                Classified::Notification(notification) => {
                    let data = notification.data.value();
                    prop_assert_eq!(breach(notification.message_type, notification.notification_type, &data), None, "{}", data);
                    let after = shared.value();
                    prop_assert_eq!(content(&after), &data, "the listener gets the server's own object");
                    prop_assert_eq!(undocumented(&data), undocumented(content(&message)));
                    prop_assert_eq!(undocumented(&data["imSession"]), undocumented(&content(&message)["imSession"]));
                    let Classified::Notification(copied) = copied else { panic!("both views are read alike") };
                    prop_assert_eq!(&copied.data.0, &data, "both views are read alike");
                    let sets = SETS.get();
                    let again = classify(&shared);
                    let is_same = matches!(again, Classified::Notification(again) if again.notification_type == notification.notification_type);
                    prop_assert!(is_same && SETS.get() == sets, "a second time changes nothing");
                }
            }
        }
    }
}

/// The property says nothing if no damage leaves a notification, or each does.
#[test]
fn the_values_tried_reach_both_outcomes() {
    let mut runner = TestRunner::new(config());
    let mut notifications = 0;
    for _ in 0..500 {
        let message = damaged().new_tree(&mut runner).expect("a value").current();
        notifications += usize::from(classify(&Json(message)) != Classified::Unknown);
    }
    assert!((100..400).contains(&notifications), "{notifications} of 500");
}
