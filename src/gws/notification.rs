//! Which notification a delivery on the topic of IM sessions is, and its normal form.
//!
//! Everything is checked first and only then set, so that a message that is none stays as the server sent it.

use super::draft::Draft;
use super::resource::{AbsentUserData, SessionResource, id_of_path};
use super::selector::Selector;
use super::topic::IM_SESSIONS;
use crate::bayeux::{Field, Kind, RawMessage};

/// The `notificationType` of a notification whose own is not documented.
const OTHER: &str = "other";

/// What a delivery on the topic is.
#[derive(Clone, Debug, PartialEq)]
pub enum Classified<P> {
    /// One of the documented messages, in its normal form.
    Notification(Notification<P>),
    /// Anything else: an undocumented message type, or data that lacks what its type needs. The message is untouched.
    Unknown,
}

/// A documented message. The members its type documents are there with their documented types; all others stay.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification<P> {
    /// The content: the message's `data`, or the message itself where its members are not nested.
    pub data: P,
    /// `data.messageType`
    pub message_type: MessageType,
    /// `data.notificationType`
    pub notification_type: NotificationType,
}

/// The documented values of `messageType` on this topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageType {
    /// A session's state, participants, capabilities or user data changed. It carries the whole session.
    ImSessionStateChange,
    /// A session has a new text.
    ImLogUpdate,
}

impl MessageType {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ImSessionStateChange => "IMSessionStateChangeMessage",
            Self::ImLogUpdate => "IMLogUpdateMessage",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::ImSessionStateChange, Self::ImLogUpdate].into_iter().find(|known| known.name() == name)
    }
}

/// The documented values of `notificationType` on this topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotificationType {
    /// The session's state changed. Of [`MessageType::ImSessionStateChange`].
    StatusChange,
    /// The session's user data changed. Of [`MessageType::ImSessionStateChange`].
    AttachedDataChanged,
    /// Of [`MessageType::ImLogUpdate`].
    NewMessage,
    /// One that is not documented for its message type: the member is `other`, and `otherNotificationType` has the server's own.
    Other,
}

impl NotificationType {
    /// The name on the wire, which is that of the event too; `None` for [`NotificationType::Other`].
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::StatusChange => Some("StatusChange"),
            Self::AttachedDataChanged => Some("AttachedDataChanged"),
            Self::NewMessage => Some("NewMessage"),
            Self::Other => None,
        }
    }

    fn from_name(message_type: MessageType, name: &str) -> Self {
        let documented: &[Self] = match message_type {
            MessageType::ImSessionStateChange => &[Self::StatusChange, Self::AttachedDataChanged],
            MessageType::ImLogUpdate => &[Self::NewMessage],
        };
        documented.iter().copied().find(|known| known.name() == Some(name)).unwrap_or(Self::Other)
    }
}

/// Whether the message was published on the topic of IM sessions, whichever subscription it came through.
pub fn is_im_sessions_topic<P: RawMessage>(message: &P) -> bool {
    message.text_is(Field::Channel, IM_SESSIONS)
}

/// Classifies a message of the topic and brings a documented one into its normal form, in place where the view shows the server's own
/// object. A second time changes nothing.
pub fn classify<P: RawMessage>(message: &P) -> Classified<P> {
    documented(message).map_or(Classified::Unknown, Classified::Notification)
}

fn documented<P: RawMessage>(message: &P) -> Option<Notification<P>> {
    let mut data = Draft::unaltered(data_of(message)?);
    let message_selector = Selector::read(&*data, Field::MessageType)?;
    let notification_selector = Selector::read(&*data, Field::NotificationType)?;
    let message_type = MessageType::from_name(message_selector.text())?;
    let notification_type = NotificationType::from_name(message_type, notification_selector.text());
    match message_type {
        MessageType::ImSessionStateChange => state_change(&mut data, notification_type)?,
        MessageType::ImLogUpdate => log_update(message, &mut data)?,
    }
    message_selector.write(&mut data, Field::MessageType);
    write_notification_type(&mut data, notification_type, &notification_selector);
    Some(Notification { data: data.into_view(), message_type, notification_type })
}

/// `None` leaves `data` as it is.
fn state_change<P: RawMessage>(data: &mut Draft<P>, notification_type: NotificationType) -> Option<()> {
    let session = SessionResource::check(data.get(Field::ImSession)?)?;
    let absent = match notification_type {
        NotificationType::AttachedDataChanged => AbsentUserData::Empty,
        _ => AbsentUserData::Unchanged,
    };
    data.put(Field::ImSession, session.normalise(absent));
    Some(())
}

/// The content: nested in `data`, or flat as some pages show it.
fn data_of<P: RawMessage>(message: &P) -> Option<P> {
    message.get(Field::Data).or_else(|| Some(message.clone())).filter(|data| data.kind() == Kind::Object)
}

/// `None` leaves `data` as it is.
fn log_update<P: RawMessage>(message: &P, data: &mut Draft<P>) -> Option<()> {
    let path = inside_or_beside(message, data, Field::ImSessionPath, session_path)?;
    let text = inside_or_beside(message, data, Field::Message, message_text)?;
    data.put(Field::ImSessionPath, path);
    data.put(Field::Message, text);
    Some(())
}

/// The table of the members names these beside `data`, the example has them inside.
fn inside_or_beside<P: RawMessage>(message: &P, data: &P, field: Field, accept: impl Fn(P) -> Option<Draft<P>>) -> Option<Draft<P>> {
    let inside = data.get(field).and_then(&accept);
    inside.or_else(|| Some(Draft::altered(accept(message.get(field)?)?.into_view())))
}

fn session_path<P: RawMessage>(path: P) -> Option<Draft<P>> {
    id_of_path(&path.as_text()?)?;
    Some(Draft::unaltered(path))
}

/// The text: the string, or that in a message that is an object. It may be long, and is neither copied nor trimmed.
fn message_text<P: RawMessage>(message: P) -> Option<Draft<P>> {
    if message.kind() == Kind::Text {
        return Some(Draft::unaltered(message));
    }
    let text = |field| message.get(field).filter(|text| text.kind() == Kind::Text);
    text(Field::Text).or_else(|| text(Field::Message)).map(Draft::altered)
}

/// Two clients that share a channel of the desktop's get the same object: the second finds what the first has written.
fn write_notification_type<P: RawMessage>(data: &mut Draft<P>, notification_type: NotificationType, own: &Selector) {
    let written = own.text() == OTHER && data.text(Field::OtherNotificationType).is_some();
    if notification_type == NotificationType::Other && !written {
        data.set(Field::OtherNotificationType, P::from_text(own.text()));
        data.set(Field::NotificationType, P::from_text(OTHER));
    } else {
        own.write(data, Field::NotificationType);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::json::Json;

    const SESSION: &str = "/im-sessions/12398123091823091283012";

    fn classify(message: Value) -> Option<(MessageType, NotificationType, Value)> {
        match super::classify(&Json(message)) {
            Classified::Notification(Notification { data, message_type, notification_type }) => {
                Some((message_type, notification_type, data.0))
            }
            Classified::Unknown => None,
        }
    }

    fn with(mut object: Value, changes: Value) -> Value {
        let Value::Object(changes) = changes else { panic!("members") };
        for (member, value) in changes {
            object[member] = value;
        }
        object
    }

    fn without(mut object: Value, member: &str) -> Value {
        object.as_object_mut().expect("an object").remove(member).expect("the member");
        object
    }

    fn on_topic(data: Value) -> Value {
        with(json!({ "channel": IM_SESSIONS }), Value::Object(Map::from_iter([("data".to_owned(), data)])))
    }

    /// The documents' example of a text.
    fn log_update_data() -> Value {
        json!({
            "messageType": "IMLogUpdateMessage",
            "notificationType": "NewMessage",
            "imSessionPath": SESSION,
            "message": "Hello! This is my first message."
        })
    }

    /// The documents' example of a session, with its blank, its other id in `uri` and its order.
    fn state_change_data(notification_type: &str, state: &str) -> Value {
        json!({
            "messageType": "IMSessionStateChangeMessage",
            "notificationType": notification_type,
            "imSession": {
                "state": state,
                "userData": { "favColor": "blue" },
                "id": "12398123091823091283012",
                "uri": "http://127.0.0.1:8090/api/v2/im-sessions/00S4UMMDT8AHN1VL807GK2LAES000002",
                "path": SESSION,
                "participants": [{ "digits": "3002", "e164Number": "3002", "formattedPhoneNumber": "3002", "phoneNumber": "3002" }],
                "capabilities": ["Complete", "AttachUserData", "DeleteUserData", "UpdateUserData", "SendMessage"]
            }
        })
    }

    #[test]
    fn the_topic_is_told_by_the_channel_alone() {
        let is_topic = |message| is_im_sessions_topic(&Json(message));
        assert!(is_topic(json!({ "channel": "/v2/me/im-sessions" })));
        for other in
            [json!({ "channel": "/v2/me/calls" }), json!({ "channel": "/v2/me/im-sessions/1" }), json!({ "channel": 5 }), json!([])]
        {
            assert!(!is_topic(other));
        }
    }

    #[test]
    fn documented_messages_are_handed_on_trimmed_and_else_as_they_are() {
        let data = log_update_data();
        assert_eq!(classify(on_topic(data.clone())), Some((MessageType::ImLogUpdate, NotificationType::NewMessage, data)));
        for (name, notification_type) in
            [("StatusChange", NotificationType::StatusChange), ("AttachedDataChanged", NotificationType::AttachedDataChanged)]
        {
            let expected = state_change_data(name, "Talking");
            for state in ["Talking", " Talking"] {
                let classified = classify(on_topic(state_change_data(name, state)));
                assert_eq!(classified, Some((MessageType::ImSessionStateChange, notification_type, expected.clone())));
            }
        }
    }

    #[test]
    fn names_are_those_of_the_wire() {
        for message_type in [MessageType::ImSessionStateChange, MessageType::ImLogUpdate] {
            assert_eq!(MessageType::from_name(message_type.name()), Some(message_type));
        }
        assert_eq!(NotificationType::Other.name(), None);
    }

    #[test]
    fn flat_messages_are_read_like_nested_ones() {
        for nested in [log_update_data(), state_change_data("StatusChange", "Completed")] {
            let message_type = classify(on_topic(nested.clone())).expect("documented").0;
            let flat = with(nested, json!({ "channel": IM_SESSIONS }));
            let (flat_type, _, data) = classify(flat.clone()).expect("documented");
            assert_eq!((flat_type, data), (message_type, flat));
        }
    }

    #[test]
    fn members_documented_in_two_places_are_found_in_both() {
        for member in ["imSessionPath", "message"] {
            let value = log_update_data()[member].clone();
            for inside in [without(log_update_data(), member), with(log_update_data(), json!({ member: null }))] {
                let message = with(on_topic(inside), json!({ member: value }));
                assert_eq!(classify(message).expect("complete").2, log_update_data());
            }
            let both = with(on_topic(log_update_data()), json!({ member: "/im-sessions/other" }));
            assert_eq!(classify(both).expect("complete").2, log_update_data());
        }
    }

    #[test]
    fn strings_that_select_a_type_are_trimmed_and_texts_are_not() {
        let blanks = json!({ "messageType": " IMLogUpdateMessage", "notificationType": "NewMessage\n", "message": " Hello " });
        let (_, notification_type, data) = classify(on_topic(with(log_update_data(), blanks))).expect("documented");
        assert_eq!(notification_type, NotificationType::NewMessage);
        assert_eq!(data, with(log_update_data(), json!({ "message": " Hello " })));
    }

    #[test]
    fn a_message_that_is_an_object_gives_its_text() {
        for (message, text) in [
            (json!({ "text": "Hello", "index": 1 }), "Hello"),
            (json!({ "message": "Hello" }), "Hello"),
            (json!({ "text": "Hello", "message": "other" }), "Hello"),
            (json!({ "text": 5, "message": "Hello" }), "Hello"),
            (json!({ "text": "" }), ""),
            (json!(""), ""),
        ] {
            let inside = on_topic(with(log_update_data(), json!({ "message": message })));
            let beside = with(on_topic(without(log_update_data(), "message")), json!({ "message": message }));
            for sent in [inside, beside] {
                assert_eq!(classify(sent).expect("a text").2, with(log_update_data(), json!({ "message": text })));
            }
        }
    }

    #[test]
    fn an_undocumented_notification_type_is_other_with_its_own_text_beside_it() {
        for (data, own) in [
            (state_change_data(" ParticipantsUpdated ", "Talking"), "ParticipantsUpdated"),
            (state_change_data("NewMessage", "Talking"), "NewMessage"),
            (state_change_data("statusChange", "Talking"), "statusChange"),
            (state_change_data("__proto__", "Talking"), "__proto__"),
            (with(log_update_data(), json!({ "notificationType": "StatusChange" })), "StatusChange"),
            (with(log_update_data(), json!({ "notificationType": "other", "otherNotificationType": 5 })), "other"),
        ] {
            let other = json!({ "notificationType": "other", "otherNotificationType": own });
            let (_, notification_type, normalised) = classify(on_topic(data.clone())).expect("a known message type");
            assert_eq!((notification_type, normalised), (NotificationType::Other, with(data, other)));
        }
    }

    #[test]
    fn a_second_client_on_the_same_object_finds_the_servers_own_text() {
        let first = classify(on_topic(state_change_data("ParticipantsUpdated", "Talking"))).expect("a known message type");
        assert_eq!(classify(on_topic(first.2.clone())), Some(first));
    }

    #[test]
    fn members_nobody_documented_stay() {
        let extra =
            json!({ "metrics": { "eventProcessing": { "serverProcessingTimeTotalMs": -1 } }, "__proto__": { "x": 1 }, "constructor": "y" });
        let mut data = with(state_change_data("StatusChange", "Talking"), extra.clone());
        data["imSession"] = with(data["imSession"].take(), extra);
        assert_eq!(classify(on_topic(data.clone())).expect("documented").2, data);
    }

    #[test]
    fn a_notification_needs_what_tells_it_and_its_session_apart() {
        let state_change = || state_change_data("StatusChange", "Talking");
        let session = |changes| with(state_change(), json!({ "imSession": with(state_change()["imSession"].take(), changes) }));
        let mut unknown = vec![json!(null), json!(7), json!("x"), json!(true), json!([log_update_data()]), json!({})];
        unknown.push(json!({ "messageType": "ErrorMessage", "metrics": {} }));
        for bad in [json!(null), json!(5), json!({}), json!(""), json!(" ")] {
            unknown.push(with(log_update_data(), json!({ "messageType": bad })));
            unknown.push(with(log_update_data(), json!({ "notificationType": bad })));
            unknown.push(with(log_update_data(), json!({ "imSessionPath": bad })));
            unknown.push(with(state_change(), json!({ "imSession": bad })));
            unknown.push(session(json!({ "state": bad })));
            unknown.push(session(json!({ "id": bad, "path": bad })));
        }
        for bad in [json!(null), json!(5), json!([]), json!({}), json!({ "text": 5 }), json!({ "text": { "text": "x" } })] {
            unknown.push(with(log_update_data(), json!({ "message": bad })));
        }
        unknown.extend([
            with(log_update_data(), json!({ "imSessionPath": "/im-sessions/" })),
            with(state_change(), json!({ "imSession": [] })),
        ]);
        unknown.push(with(log_update_data(), json!({ "messageType": "imLogUpdateMessage" })));
        for data in unknown {
            assert_eq!(classify(on_topic(data.clone())), None, "{data}");
        }
        for message in [json!(null), json!("x"), json!([]), json!({ "channel": IM_SESSIONS })] {
            assert_eq!(classify(message.clone()), None, "{message}");
        }
    }

    #[test]
    fn user_data_left_out_is_none_after_a_change_of_it_and_left_out_else() {
        let user_data = |notification_type: &str, given: Value| {
            let session = json!({ "id": "1", "state": "Talking", "userData": given });
            let message =
                json!({ "messageType": "IMSessionStateChangeMessage", "notificationType": notification_type, "imSession": session });
            classify(on_topic(message)).expect("a session").2["imSession"]["userData"].clone()
        };
        let blue = json!({ "favColor": "blue", "__proto__": 1 });
        for notification_type in ["AttachedDataChanged", "StatusChange", "ParticipantsUpdated"] {
            assert_eq!(user_data(notification_type, blue.clone()), blue);
        }
        for none in [json!(null), json!("ill"), json!([]), json!(5)] {
            assert_eq!(user_data("AttachedDataChanged", none.clone()), json!({}), "the last pair is gone");
            assert_eq!(user_data("StatusChange", none.clone()), none, "what was known is not known here");
            assert_eq!(user_data("ParticipantsUpdated", none.clone()), none);
        }
    }
}
