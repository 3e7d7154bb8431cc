//! The one reader of everything a server sends: checked views first, typed values after.
//!
//! [`RawMessage`] is a view of parsed JSON. The browser implements it over object handles, native tests and fuzzing over
//! `serde_json::Value`; the readers below are generic over it, so what is fuzzed is what ships. Every accessor checks the type it
//! promises: a member of another type is absent, never a trap.

use super::advice::{AdviceFields, Reconnect};
use super::error::{ServerError, Violation};
use super::message::{AckField, ClientId, ConnectionType, Incoming, MessageId, MetaChannel, MetaReply};

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// The members the SDK reads. A closed set, so that a view can look each up by a handle made once.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(usize)]
        pub enum Field {
            $($(#[$doc])* #[doc = concat!("`", $name, "`")] $variant,)+
        }

        impl Field {
            /// Every field, in the order of their numbers.
            pub const ALL: &'static [Field] = &[$(Field::$variant),+];

            /// The member's name in JSON.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Field::$variant => $name,)+
                }
            }
        }
    };
}

fields! {
    Advice = "advice",
    Ack = "ack",
    Batch = "batch",
    Capabilities = "capabilities",
    Channel = "channel",
    ClientId = "clientId",
    Data = "data",
    Digits = "digits",
    E164Number = "e164Number",
    Enabled = "enabled",
    Error = "error",
    Ext = "ext",
    FormattedPhoneNumber = "formattedPhoneNumber",
    Id = "id",
    ImSession = "imSession",
    ImSessionPath = "imSessionPath",
    Interval = "interval",
    MaxInterval = "maxInterval",
    Message = "message",
    MessageType = "messageType",
    MultipleClients = "multiple-clients",
    NotificationType = "notificationType",
    OtherNotificationType = "otherNotificationType",
    Participants = "participants",
    Path = "path",
    PhoneNumber = "phoneNumber",
    Reconnect = "reconnect",
    State = "state",
    StatusCode = "statusCode",
    StatusMessage = "statusMessage",
    Subscription = "subscription",
    Successful = "successful",
    SupportedConnectionTypes = "supportedConnectionTypes",
    Text = "text",
    Timeout = "timeout",
    UserData = "userData",
    XMessages = "x-messages",
}

/// What kind of JSON value a view shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// Any number.
    Number,
    /// A string.
    Text,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// A view of one parsed JSON value. Views are cheap to clone and never alter the value, except through [`RawMessage::set`].
pub trait RawMessage: Clone {
    /// The value's kind.
    fn kind(&self) -> Kind;

    /// The own member `field` of an object; `None` when absent or when this is no object.
    fn get(&self, field: Field) -> Option<Self>;

    /// The text, when this is a string. Lone surrogates become U+FFFD.
    fn as_text(&self) -> Option<String>;

    /// The number, when this is one.
    fn as_number(&self) -> Option<f64>;

    /// The truth value, when this is one.
    fn as_bool(&self) -> Option<bool>;

    /// The elements, when this is an array.
    fn elements(&self) -> Option<Vec<Self>>;

    /// Whether the member `field` is a string equal to `expected`. A view that can compare without copying the string does.
    fn text_is(&self, field: Field, expected: &str) -> bool {
        self.text(field).is_some_and(|text| text == expected)
    }

    /// Whether the message's channel begins with `/meta/`; `None` when it has no channel that is a string. A view that can tell without
    /// copying the string does.
    fn is_meta(&self) -> Option<bool> {
        Some(self.text(Field::Channel)?.starts_with("/meta/"))
    }

    /// Sets the own member `field`; does nothing when this is no object.
    fn set(&mut self, field: Field, value: Self);

    /// A string value.
    fn from_text(text: &str) -> Self;

    /// An array value.
    fn from_elements(elements: Vec<Self>) -> Self;

    /// An object without members.
    fn empty_object() -> Self;

    /// The member `field` when it is a string.
    fn text(&self, field: Field) -> Option<String> {
        self.get(field)?.as_text()
    }

    /// The member `field` when it is a finite number.
    fn number(&self, field: Field) -> Option<f64> {
        self.get(field)?.as_number().filter(|number| number.is_finite())
    }

    /// The member `field` when it is `true` or `false`.
    fn bool(&self, field: Field) -> Option<bool> {
        self.get(field)?.as_bool()
    }

    /// The member `field` when it is an object.
    fn object(&self, field: Field) -> Option<Self> {
        self.get(field).filter(|value| value.kind() == Kind::Object)
    }

    /// The elements of the member `field` when it is an array.
    fn array(&self, field: Field) -> Option<Vec<Self>> {
        self.get(field)?.elements()
    }
}

/// No interval or time-out the SDK obeys is longer: a day.
const LONGEST: f64 = 86_400_000.0;
/// How much of a server's error text is kept, in characters.
const ERROR_TEXT: usize = 500;

/// Reads a body or frame. What breaks the protocol goes to `violations`; the rest is still read.
pub(super) fn read_messages<P: RawMessage>(body: &P, violations: &mut Vec<Violation>) -> Vec<Incoming<P>> {
    let elements = match body.kind() {
        Kind::Array => body.elements().unwrap_or_default(),
        Kind::Object => vec![body.clone()],
        _ => {
            violations.push(Violation::NotMessages);
            Vec::new()
        }
    };
    elements.into_iter().filter_map(|element| read_message(element, violations)).collect()
}

fn read_message<P: RawMessage>(message: P, violations: &mut Vec<Violation>) -> Option<Incoming<P>> {
    if message.kind() != Kind::Object {
        violations.push(Violation::NotAMessage);
        return None;
    }
    match message.is_meta() {
        None => {
            violations.push(Violation::NoChannel);
            None
        }
        Some(true) => read_meta(&message, violations).map(Incoming::Meta),
        Some(false) if is_publish_reply(&message) => {
            violations.push(Violation::NoData);
            None
        }
        Some(false) => Some(Incoming::Delivery(message)),
    }
}

/// A message without `data` answers a publish when it says how that went. Without either it is taken for a delivery, as some pages show
/// GWS notifications without the `data` around them.
fn is_publish_reply<P: RawMessage>(message: &P) -> bool {
    message.get(Field::Data).is_none() && message.get(Field::Successful).is_some()
}

fn read_meta<P: RawMessage>(message: &P, violations: &mut Vec<Violation>) -> Option<MetaReply> {
    let Some(channel) = message.text(Field::Channel).and_then(|name| MetaChannel::from_name(&name)) else {
        violations.push(Violation::UnknownMetaChannel);
        return None;
    };
    let mut member = Member { message, violations };
    Some(MetaReply {
        channel,
        id: member.read(Field::Id, read_id),
        successful: member.read(Field::Successful, P::as_bool).unwrap_or(false),
        client_id: member.read(Field::ClientId, |value| value.as_text().and_then(ClientId::new)),
        connection_types: member.read(Field::SupportedConnectionTypes, read_connection_types),
        error: member.read(Field::Error, read_error),
        announced: member.read(Field::XMessages, |value| value.as_number().map(|count| count as u64)).unwrap_or(0),
        ack: read_ack(message, member.violations),
        advice: read_advice(message, member.violations),
    })
}

/// Reads members of one message and notes those of the wrong type.
struct Member<'a, P> {
    message: &'a P,
    violations: &'a mut Vec<Violation>,
}

impl<P: RawMessage> Member<'_, P> {
    /// The member `field` as `read` understands it. `null` counts as absent.
    fn read<T>(&mut self, field: Field, read: impl Fn(&P) -> Option<T>) -> Option<T> {
        let value = present(self.message, field)?;
        let read = read(&value);
        if read.is_none() {
            self.violations.push(Violation::Member);
        }
        read
    }
}

fn present<P: RawMessage>(message: &P, field: Field) -> Option<P> {
    message.get(field).filter(|value| value.kind() != Kind::Null)
}

/// An id of ours is a decimal string; a server that turns it into a number is understood.
fn read_id<P: RawMessage>(value: &P) -> Option<MessageId> {
    let number = match value.kind() {
        Kind::Text => value.as_text()?.parse().ok()?,
        _ => value.as_number().filter(|number| number.fract() == 0.0 && *number >= 0.0)? as u64,
    };
    Some(MessageId(number))
}

fn read_connection_types<P: RawMessage>(value: &P) -> Option<Vec<ConnectionType>> {
    let known = [ConnectionType::WebSocket, ConnectionType::LongPolling];
    let names: Vec<String> = value.elements()?.iter().filter_map(P::as_text).collect();
    Some(known.into_iter().filter(|known| names.iter().any(|name| name == known.name())).collect())
}

fn read_error<P: RawMessage>(value: &P) -> Option<ServerError> {
    Some(ServerError::parse(value.as_text()?.chars().take(ERROR_TEXT).collect()))
}

fn read_ack<P: RawMessage>(message: &P, violations: &mut Vec<Violation>) -> AckField {
    let Some(ack) = present(message, Field::Ext).and_then(|ext| present(&ext, Field::Ack)) else {
        return AckField::Absent;
    };
    let read = match ack.kind() {
        Kind::Bool if ack.as_bool() == Some(true) => Some(AckField::Enabled { batch: 0 }),
        Kind::Number => read_batch(&ack).map(AckField::Batch),
        Kind::Bool => Some(AckField::Absent),
        Kind::Object => read_ack_object(&ack),
        _ => None,
    };
    read.unwrap_or_else(|| {
        violations.push(Violation::Ack);
        AckField::Absent
    })
}

/// `{enabled, batch}`, the answer to a handshake of a server that delivers with it.
fn read_ack_object<P: RawMessage>(ack: &P) -> Option<AckField> {
    if !ack.bool(Field::Enabled)? {
        return Some(AckField::Absent);
    }
    let batch = present(ack, Field::Batch).map_or(Some(0), |batch| read_batch(&batch))?;
    Some(AckField::Enabled { batch })
}

/// A batch is a whole number that survives the way through JSON.
fn read_batch<P: RawMessage>(value: &P) -> Option<u64> {
    const LARGEST: f64 = 9_007_199_254_740_991.0;
    let number = value.as_number()?;
    (number.fract() == 0.0 && (0.0..=LARGEST).contains(&number)).then_some(number as u64)
}

fn read_advice<P: RawMessage>(message: &P, violations: &mut Vec<Violation>) -> Option<AdviceFields> {
    let advice = present(message, Field::Advice)?;
    if advice.kind() != Kind::Object {
        violations.push(Violation::Advice);
        return None;
    }
    let mut read = |field, accept: fn(f64) -> bool| {
        let value = present(&advice, field)?;
        let number = value.as_number().filter(|number| number.is_finite() && accept(*number));
        if number.is_none() {
            violations.push(Violation::Advice);
        }
        number.map(|number| number.clamp(-LONGEST, LONGEST))
    };
    let interval = read(Field::Interval, |_| true).map(|interval| interval.floor() as i64);
    let timeout = read(Field::Timeout, |timeout| timeout >= 0.0).map(|timeout| timeout as u64);
    let max_interval = read(Field::MaxInterval, |interval| interval >= 0.0).map(|interval| interval as u64);
    let multiple_clients = present(&advice, Field::MultipleClients).map(|flag| flag.as_bool());
    if multiple_clients == Some(None) {
        violations.push(Violation::Advice);
    }
    let multiple_clients = multiple_clients.flatten().unwrap_or(false);
    let reconnect = read_reconnect(&advice, violations);
    Some(AdviceFields { reconnect, interval, timeout, max_interval, multiple_clients })
}

fn read_reconnect<P: RawMessage>(advice: &P, violations: &mut Vec<Violation>) -> Option<Reconnect> {
    let reconnect = present(advice, Field::Reconnect)?;
    let known = match reconnect.as_text().as_deref() {
        Some("retry") => Some(Reconnect::Retry),
        Some("handshake") => Some(Reconnect::Handshake),
        Some("none") => Some(Reconnect::None),
        _ => None,
    };
    if known.is_none() {
        violations.push(Violation::UnknownReconnect);
    }
    known
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::json::Json;

    fn read(body: Value) -> (Vec<Incoming<Json>>, Vec<Violation>) {
        let mut violations = Vec::new();
        (read_messages(&Json(body), &mut violations), violations)
    }

    fn read_one(body: &Value) -> (MetaReply, Vec<Violation>) {
        let (incoming, violations) = read(json!([body]));
        match incoming.into_iter().next() {
            Some(Incoming::Meta(reply)) => (reply, violations),
            other => panic!("a meta reply, not {other:?}"),
        }
    }

    #[test]
    fn one_bad_element_does_not_lose_the_others() {
        let (incoming, violations) = read(json!([null, 7, "x", [], {}, { "channel": 5 }, { "channel": "/a", "data": 0 }]));
        assert_eq!(incoming, [Incoming::Delivery(Json(json!({ "channel": "/a", "data": 0 })))]);
        let not_a_message = Violation::NotAMessage;
        assert_eq!(violations, [not_a_message, not_a_message, not_a_message, not_a_message, Violation::NoChannel, Violation::NoChannel]);
    }

    #[test]
    fn a_single_object_is_a_message_and_other_bodies_are_none() {
        assert_eq!(read(json!({ "channel": "/a", "data": "" })).0.len(), 1);
        for body in [json!(null), json!(1), json!("[]"), json!(true)] {
            assert_eq!(read(body), (vec![], vec![Violation::NotMessages]));
        }
    }

    #[test]
    fn a_reply_to_a_publish_is_told_from_a_message_without_data() {
        assert_eq!(read(json!([{ "channel": "/a", "successful": true, "id": "1" }])).1, [Violation::NoData]);
        assert_eq!(read(json!([{ "channel": "/a", "messageType": "X" }])).0.len(), 1);
        assert_eq!(read(json!([{ "channel": "/a", "data": null }])).0.len(), 1);
    }

    #[test]
    fn a_full_handshake_reply_is_read() {
        let (reply, violations) = read_one(&json!({
            "channel": "/meta/handshake", "id": "12", "successful": true, "clientId": "abc", "version": "1.0",
            "supportedConnectionTypes": ["callback-polling", "long-polling", "websocket"],
            "advice": { "reconnect": "retry", "interval": 0, "timeout": 30000, "maxInterval": 5, "multiple-clients": true },
            "ext": { "ack": { "enabled": true, "batch": 3 } }
        }));
        let advice = AdviceFields {
            reconnect: Some(Reconnect::Retry),
            interval: Some(0),
            timeout: Some(30_000),
            max_interval: Some(5),
            multiple_clients: true,
        };
        assert_eq!(violations, []);
        assert_eq!(reply.id, Some(MessageId(12)));
        assert_eq!(reply.client_id, ClientId::new("abc".into()));
        assert_eq!(reply.connection_types, Some(vec![ConnectionType::WebSocket, ConnectionType::LongPolling]));
        assert_eq!((reply.successful, reply.advice, reply.ack), (true, Some(advice), AckField::Enabled { batch: 3 }));
    }

    #[test]
    fn a_member_of_the_wrong_type_is_reported_and_read_as_absent() {
        for (field, bad) in [
            ("id", json!({})),
            ("id", json!("12a")),
            ("id", json!(1.5)),
            ("successful", json!("true")),
            ("clientId", json!(5)),
            ("clientId", json!("")),
            ("supportedConnectionTypes", json!("long-polling")),
            ("error", json!([])),
            ("advice", json!("retry")),
            ("advice", json!({ "interval": "0" })),
            ("advice", json!({ "timeout": -1 })),
            ("advice", json!({ "maxInterval": [] })),
            ("advice", json!({ "multiple-clients": 1 })),
            ("advice", json!({ "reconnect": "later" })),
            ("advice", json!({ "reconnect": 1 })),
            ("ext", json!({ "ack": "yes" })),
            ("ext", json!({ "ack": -1 })),
            ("ext", json!({ "ack": 1.5 })),
            ("ext", json!({ "ack": { "enabled": 1 } })),
            ("ext", json!({ "ack": { "enabled": true, "batch": "1" } })),
        ] {
            let mut message = json!({ "channel": "/meta/connect" });
            message[field] = bad.clone();
            let (reply, violations) = read_one(&message);
            assert_eq!(violations.len(), 1, "{field}: {bad}");
            assert!(!reply.successful && reply.id.is_none() && reply.client_id.is_none() && reply.ack == AckField::Absent);
            assert!(reply.error.is_none() && reply.connection_types.is_none());
        }
    }

    #[test]
    fn times_no_timer_can_hold_are_cut_to_a_day() {
        let (reply, _) = read_one(&json!({ "channel": "/meta/connect", "advice": { "interval": 1e300, "timeout": 1e300 } }));
        let advice = reply.advice.expect("an object");
        assert_eq!((advice.interval, advice.timeout), (Some(86_400_000), Some(86_400_000)));
    }

    #[test]
    fn an_endless_error_text_is_cut() {
        let (reply, _) = read_one(&json!({ "channel": "/meta/connect", "error": format!("402::{}", "x".repeat(100_000)) }));
        let error = reply.error.expect("a string");
        assert!(error.is_unknown_session() && error.text.len() == ERROR_TEXT);
    }
}
