//! A session resource: what must be there, and the normal form of what the documents leave open.

use super::draft::Draft;
use super::selector::Selector;
use crate::bayeux::{Field, Kind, RawMessage};
use crate::text::joined;

/// The collection of sessions, which is no session itself.
const COLLECTION: &str = "im-sessions";
/// What it means that a session comes without user data.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum AbsentUserData {
    /// It has none: GWS leaves the member out when the last pair is gone.
    Empty,
    /// It is what it was, which whoever keeps the sessions knows.
    Unchanged,
}

/// A session resource that can be brought into its normal form: it has an identity and says its state.
pub(super) struct SessionResource<P> {
    resource: Draft<P>,
    id: String,
    has_id: bool,
    has_path: bool,
    state: Selector,
}

impl<P: RawMessage> SessionResource<P> {
    /// Checks `resource`; alters nothing.
    ///
    /// The id is the resource's own or the last segment of its path. That of `uri` is another one in the documents' samples.
    pub(super) fn check(resource: P) -> Option<Self> {
        let id = name(&resource, Field::Id);
        let path = name(&resource, Field::Path);
        let state = Selector::read(&resource, Field::State)?;
        let (has_id, has_path) = (id.is_some(), path.is_some());
        let id = id.or_else(|| id_of_path(&path?))?;
        Some(Self { resource: Draft::unaltered(resource), id, has_id, has_path, state })
    }

    /// The normal form: every documented member is there with its documented type, but for user data that is unchanged. `uri`, which nothing
    /// is derived from, and members that are not documented stay as they are.
    pub(super) fn normalise(mut self, absent: AbsentUserData) -> Draft<P> {
        self.identify();
        self.state.write(&mut self.resource, Field::State);
        keep(&mut self.resource, Field::Participants, normal_participant);
        keep(&mut self.resource, Field::Capabilities, normal_capability);
        // User data is handed on as it came: any keys, any values.
        if absent == AbsentUserData::Empty && self.resource.object(Field::UserData).is_none() {
            self.resource.set(Field::UserData, P::empty_object());
        }
        self.resource
    }

    /// An id and a path that are both there stay, even if they disagree.
    fn identify(&mut self) {
        if !self.has_id {
            self.resource.set(Field::Id, P::from_text(&self.id));
        }
        if !self.has_path {
            self.resource.set(Field::Path, P::from_text(&joined(&["/", COLLECTION, "/", &self.id])));
        }
    }
}

/// Brings a session resource that was asked for into its normal form, in place where the view shows the server's own object; `None` when it is
/// none. User data it lacks is what it was: the documents' sample of an answer has none at all.
pub fn normalise_session<P: RawMessage>(resource: P) -> Option<P> {
    Some(SessionResource::check(resource)?.normalise(AbsentUserData::Unchanged).into_view())
}

/// The id in a session's path: its last segment. A slash at the end and what stands before the collection do not matter.
pub(super) fn id_of_path(path: &str) -> Option<String> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let id = path.rsplit('/').next()?;
    (!is_blank(id) && id != COLLECTION).then(|| id.to_owned())
}

/// The member `field` when it is a string that can name something.
fn name<P: RawMessage>(object: &P, field: Field) -> Option<String> {
    object.text(field).filter(|text| !is_blank(text))
}

fn is_blank(text: &str) -> bool {
    text.trim_ascii().is_empty()
}

/// Keeps the elements of an array that have a normal form, in it. What is no array becomes an empty one.
fn keep<P: RawMessage>(resource: &mut Draft<P>, field: Field, normal: impl Fn(P) -> Option<Draft<P>>) {
    let elements = resource.array(field);
    let count = elements.as_ref().map(Vec::len);
    let kept: Vec<_> = elements.unwrap_or_default().into_iter().filter_map(normal).collect();
    if count != Some(kept.len()) || kept.iter().any(Draft::is_altered) {
        resource.set(field, P::from_elements(kept.into_iter().map(Draft::into_view).collect()));
    }
}

/// A capability nobody has documented is handed on; one that is no string is none.
fn normal_capability<P: RawMessage>(capability: P) -> Option<Draft<P>> {
    (capability.kind() == Kind::Text).then(|| Draft::unaltered(capability))
}

/// A participant is an object of strings; older servers send the number alone. Anything else names nobody.
fn normal_participant<P: RawMessage>(participant: P) -> Option<Draft<P>> {
    match participant.kind() {
        Kind::Object => Some(normal_numbers(participant)),
        Kind::Text if !is_blank(&participant.as_text()?) => {
            let mut object = P::empty_object();
            object.set(Field::Digits, participant.clone());
            object.set(Field::PhoneNumber, participant);
            Some(Draft::altered(object))
        }
        _ => None,
    }
}

/// A number of a form that GWS does not know is `""`; so becomes one that is no string.
fn normal_numbers<P: RawMessage>(participant: P) -> Draft<P> {
    let mut participant = Draft::unaltered(participant);
    for field in [Field::Digits, Field::E164Number, Field::FormattedPhoneNumber, Field::PhoneNumber] {
        if participant.get(field).is_some_and(|number| number.kind() != Kind::Text) {
            participant.set(field, P::from_text(""));
        }
    }
    participant
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::json::Json;

    fn normalise(resource: Value) -> Option<Value> {
        let checked = SessionResource::check(Json(resource))?;
        Some(checked.normalise(AbsentUserData::Empty).into_view().0)
    }

    #[test]
    fn id_and_path_are_derived_from_each_other_and_never_from_the_uri() {
        for (id, path, expected) in [
            (json!("7"), json!("/im-sessions/7"), Some(("7", "/im-sessions/7"))),
            (json!("7"), json!(null), Some(("7", "/im-sessions/7"))),
            (json!("7"), json!(["/im-sessions/8"]), Some(("7", "/im-sessions/7"))),
            (json!(null), json!("/im-sessions/7"), Some(("7", "/im-sessions/7"))),
            (json!(12_398), json!("/im-sessions/7/"), Some(("7", "/im-sessions/7/"))),
            (json!(""), json!("/me/im-sessions/7"), Some(("7", "/me/im-sessions/7"))),
            (json!("7"), json!("/im-sessions/8"), Some(("7", "/im-sessions/8"))),
            (json!("__proto__"), json!(null), Some(("__proto__", "/im-sessions/__proto__"))),
            (json!(null), json!("/im-sessions/constructor"), Some(("constructor", "/im-sessions/constructor"))),
            (json!(null), json!(null), None),
            (json!(" "), json!("/im-sessions/"), None),
            (json!(null), json!("/im-sessions"), None),
            (json!(null), json!("/"), None),
            (json!({}), json!("//"), None),
        ] {
            let resource = json!({ "id": id, "path": path, "state": "Talking", "uri": "http://127.0.0.1/api/v2/im-sessions/9" });
            let normal = normalise(resource.clone());
            let identity =
                normal.as_ref().map(|normal| (normal["id"].as_str().expect("a string"), normal["path"].as_str().expect("a string")));
            assert_eq!(identity, expected, "{resource}");
        }
    }

    #[test]
    fn undocumented_states_and_capabilities_are_handed_on() {
        let normal = normalise(json!({ "id": "7", "state": "\tHeld ", "capabilities": ["Hold", null, " SendMessage", 5, ["x"]] }))
            .expect("a session");
        assert_eq!((&normal["state"], &normal["capabilities"]), (&json!("Held"), &json!(["Hold", " SendMessage"])));
    }

    #[test]
    fn lists_that_are_absent_or_no_lists_are_empty() {
        for ill in [json!(null), json!(5), json!("SendMessage"), json!({ "0": "SendMessage", "length": 1 })] {
            let normal = normalise(json!({ "id": "7", "state": "Talking", "participants": ill, "capabilities": ill, "userData": ill }));
            let normal = normal.expect("a session");
            assert_eq!((&normal["participants"], &normal["capabilities"]), (&json!([]), &json!([])), "{ill}");
        }
        let normal = normalise(json!({ "id": "7", "state": "Talking" })).expect("a session");
        let expected = json!({
            "id": "7", "path": "/im-sessions/7", "state": "Talking", "participants": [], "capabilities": [], "userData": {}
        });
        assert_eq!(normal, expected);
    }

    #[test]
    fn user_data_is_an_object_of_anything() {
        let odd = json!({ "User Data 1": 5, "nested": { "path": "/x" }, "__proto__": null, "constructor": [], "": "" });
        for (given, expected) in [
            (odd.clone(), odd),
            (json!({}), json!({})),
            (json!(null), json!({})),
            (json!([]), json!({})),
            (json!("favColor=blue"), json!({})),
            (json!(1), json!({})),
        ] {
            assert_eq!(normalise(json!({ "id": "7", "state": "Talking", "userData": given })).expect("a session")["userData"], expected);
        }
    }

    #[test]
    fn participants_become_objects_of_strings() {
        for (given, expected) in [
            (json!(["5000"]), json!([{ "digits": "5000", "phoneNumber": "5000" }])),
            (json!([{ "digits": "3002", "e164Number": "" }]), json!([{ "digits": "3002", "e164Number": "" }])),
            (json!([{ "digits": 3002, "phoneNumber": null, "nick": 5 }]), json!([{ "digits": "", "phoneNumber": "", "nick": 5 }])),
            (json!([{}]), json!([{}])),
            (json!([{ "digits": "1" }, "2"]), json!([{ "digits": "1" }, { "digits": "2", "phoneNumber": "2" }])),
            (json!([5000, null, "", " ", ["3"], true, "4"]), json!([{ "digits": "4", "phoneNumber": "4" }])),
        ] {
            let normal = normalise(json!({ "id": "7", "state": "Talking", "participants": given })).expect("a session");
            assert_eq!(normal["participants"], expected);
        }
    }
}
