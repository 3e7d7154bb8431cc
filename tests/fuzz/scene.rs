//! What a server says and when, as JSON that a person can read: the form of the corpus and of what the fuzzer makes of it.
//!
//! ```json
//! {
//!   "about": "who says this, and why it is here",
//!   "moment": "poll",
//!   "answers": [{ "body": [{ "channel": "/meta/connect", "id": "@id", "successful": true }] }],
//!   "then": [["sends connect"]]
//! }
//! ```
//!
//! `moment` is one of [`Moment::ALL`]; each answer goes to what is asked then (`to` names the id of another request or socket), and `then` is
//! what the client does after each. An answer has one of
//!
//! | member | is |
//! | --- | --- |
//! | `body` | parsed JSON, with the HTTP `status`, 200 unless said, and `retryAfter` in ms |
//! | `text` | the same, not parsed yet: what JSON can't hold |
//! | `fails` | a request that ends without an answer: `network`, `timeout`, `redirect` or `refused` |
//! | `opened`, `closes`, `stalls` | what happens to a socket; `closes` is the code |
//!
//! In a body `"@id"` stands for the id of what is asked, `"@id2"` for the next in the same request, `{"@repeat": n, "of": x}` for an array of
//! so many and `{"@nested": n}` for arrays so deep in each other.

use serde_json::{Map, Value};

use crate::moment::Moment;

/// No directive makes more than this of anything.
const MOST: u64 = 10_000;
/// How many characters all directives of a body may add.
const ROOM: u64 = 400_000;
/// An array of so many answers shows all that a longer one does.
const ANSWERS: usize = 8;

/// A moment, and what is said from then on.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) moment: Moment,
    pub(crate) answers: Vec<Answer>,
}

/// One thing that is said.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The number of the request or socket, when not that of what is asked.
    pub(crate) to: Option<u64>,
    pub(crate) says: Says,
}

/// What is said.
#[derive(Clone, Debug)]
pub(crate) enum Says {
    Json { status: u16, body: Value, retry_after: Option<u64> },
    Text { status: u16, text: String },
    Fails(Failure),
    Opened,
    Closes(u16),
    Stalls,
}

/// How a request ends without an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Failure {
    Network,
    Timeout,
    Redirect,
    Refused,
}

impl Scene {
    /// The scene in `bytes`; whatever is no scene is the text of an answer, in the moment that its first byte chooses.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).ok().as_ref().and_then(Self::from_json).unwrap_or_else(|| Self::of_text(bytes))
    }

    /// The scene that `value` describes; `None` when it describes none.
    pub(crate) fn from_json(value: &Value) -> Option<Self> {
        let moment = value.get("moment")?.as_str().and_then(Moment::from_name)?;
        let answers = value.get("answers")?.as_array()?.iter().take(ANSWERS).map(Answer::from_json).collect();
        Some(Self { moment, answers })
    }

    fn of_text(bytes: &[u8]) -> Self {
        let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
        let moment = Moment::ALL[usize::from(*first) % Moment::ALL.len()];
        let says = Says::Text { status: 200, text: String::from_utf8_lossy(rest).into_owned() };
        Self { moment, answers: vec![Answer { to: None, says }] }
    }
}

impl Answer {
    /// What is missing or of the wrong type is read as what it most often is, so that nothing the fuzzer makes is lost.
    fn from_json(value: &Value) -> Self {
        let number = |name: &str| value.get(name).and_then(Value::as_u64);
        let small = |name: &str| number(name).map(|number| u16::try_from(number).unwrap_or(u16::MAX));
        let status = small("status").unwrap_or(200);
        let says = if let Some(text) = value.get("text").and_then(Value::as_str) {
            Says::Text { status, text: text.to_owned() }
        } else if let Some(failure) = value.get("fails") {
            Says::Fails(Failure::from_json(failure))
        } else if value.get("opened").is_some() {
            Says::Opened
        } else if value.get("stalls").is_some() {
            Says::Stalls
        } else if let Some(code) = small("closes") {
            Says::Closes(code)
        } else {
            Says::Json { status, body: value.get("body").cloned().unwrap_or(Value::Null), retry_after: number("retryAfter") }
        };
        Self { to: number("to"), says }
    }
}

impl Failure {
    fn from_json(value: &Value) -> Self {
        match value.as_str() {
            Some("timeout") => Self::Timeout,
            Some("redirect") => Self::Redirect,
            Some("refused") => Self::Refused,
            _ => Self::Network,
        }
    }
}

/// The body with its directives carried out; `ids` are those of what is asked.
pub(crate) fn expand(body: &Value, ids: &[String]) -> Value {
    Expansion { ids, room: ROOM }.value(body)
}

/// A body on its way from what is written to what is sent.
struct Expansion<'a> {
    ids: &'a [String],
    /// How many characters the directives may still add.
    room: u64,
}

impl Expansion<'_> {
    fn value(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(elements) => elements.iter().map(|element| self.value(element)).collect(),
            Value::Object(members) => self.directive(members).unwrap_or_else(|| {
                let members = members.iter().map(|(name, value)| (name.clone(), self.value(value)));
                Value::Object(members.collect())
            }),
            other => other.clone(),
        }
    }

    fn text(&self, text: &str) -> Value {
        let index = match text {
            "@id" => 0,
            "@id2" => 1,
            _ => return text.into(),
        };
        self.ids.get(index).map_or(text, String::as_str).into()
    }

    fn directive(&mut self, members: &Map<String, Value>) -> Option<Value> {
        if let Some(depth) = members.get("@nested").and_then(Value::as_u64) {
            let depth = self.take(depth, 2);
            return Some((0..depth).fold(Value::Null, |inner, _| Value::Array(vec![inner])));
        }
        let times = members.get("@repeat")?.as_u64()?;
        let of = members.get("of").filter(|of| is_plain(of))?;
        let times = self.take(times, of.to_string().len() as u64);
        let element = self.value(of);
        Some((0..times).map(|_| element.clone()).collect())
    }

    /// So many of `count` things of `size` characters as there is room for.
    fn take(&mut self, count: u64, size: u64) -> u64 {
        let taken = count.min(MOST).min(self.room / size.max(1));
        self.room -= taken * size;
        taken
    }
}

/// Whether `value` holds no directive, which would multiply what is repeated already.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Array(elements) => elements.iter().all(is_plain),
        Value::Object(members) => members.iter().all(|(name, member)| !name.starts_with('@') && is_plain(member)),
        _ => true,
    }
}
