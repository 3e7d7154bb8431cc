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
        Kind::Object if ack.bool(Field::Enabled) == Some(true) => {
            let batch = ack.get(Field::Batch).and_then(|batch| read_batch(&batch)).unwrap_or(0);
            Some(AckField::Enabled { batch })
        }
        Kind::Bool | Kind::Object => Some(AckField::Absent),
        _ => None,
    };
    read.unwrap_or_else(|| {
        violations.push(Violation::Ack);
        AckField::Absent
    })
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
    let mut member = Member { message: &advice, violations };
    let multiple_clients = member.read(Field::MultipleClients, P::as_bool).unwrap_or(false);
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
