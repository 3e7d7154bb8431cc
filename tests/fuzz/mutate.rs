//! Changes to a scene that leave it a scene: other values, members, messages, answers and moments.

use serde_json::{Map, Value, json};

use crate::moment::Moment;

/// Members that Bayeux and GWS messages have, and some they should not.
const MEMBERS: [&str; 30] = [
    "channel",
    "id",
    "successful",
    "clientId",
    "advice",
    "reconnect",
    "interval",
    "timeout",
    "maxInterval",
    "multiple-clients",
    "ext",
    "ack",
    "enabled",
    "batch",
    "error",
    "data",
    "subscription",
    "supportedConnectionTypes",
    "statusCode",
    "x-messages",
    "messageType",
    "notificationType",
    "imSession",
    "imSessionPath",
    "participants",
    "userData",
    "message",
    "__proto__",
    "status",
    "to",
];

/// Texts that mean something, right or wrong.
const TEXTS: [&str; 34] = [
    "@id",
    "@id2",
    "1",
    "",
    "99999999999999999999999",
    "/meta/handshake",
    "/meta/connect",
    "/meta/subscribe",
    "/meta/unsubscribe",
    "/meta/disconnect",
    "/meta/",
    "/v2/me/im-sessions",
    "/v2/me/calls",
    "/a",
    "retry",
    "handshake",
    "none",
    "long-polling",
    "websocket",
    "callback-polling",
    "402::Unknown client",
    "402::session_unknown",
    "403::denied",
    "401::x",
    "client1",
    "\u{0}\u{202e}",
    "IMSessionStateChangeMessage",
    "IMLogUpdateMessage",
    "StatusChange",
    "AttachedDataChanged",
    "NewMessage",
    " Talking",
    "/im-sessions/1",
    "network",
];

const NUMBERS: [f64; 16] =
    [0.0, 1.0, -1.0, 2.0, 3.0, 20.0, 200.0, 401.0, 408.0, 503.0, 2000.0, 0.5, 1e308, -1e308, 9_007_199_254_740_991.0, 1e16];

/// Draws one change after the other from a seed.
pub(crate) struct Mutation(u64);

impl Mutation {
    pub(crate) fn new(seed: u32) -> Self {
        // A state of 0 would stay 0.
        Self(u64::from(seed) << 1 | 1)
    }

    /// The scene in `bytes`, changed; `None` when it is none, or when the bytes themselves shall be changed.
    pub(crate) fn of(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let scene: Value = serde_json::from_slice(bytes).ok()?;
        if self.one_in(16) {
            return None;
        }
        let mut moment = scene.get("moment")?.clone();
        let mut answers = scene.get("answers")?.as_array()?.clone();
        for _ in 0..=self.below(3) {
            match self.below(12) {
                0 => moment = self.choose(Moment::ALL).name().into(),
                1 => self.change_answers(&mut answers),
                _ => self.change_somewhere(&mut answers),
            }
        }
        serde_json::to_vec(&json!({"moment": moment, "answers": answers})).ok()
    }

    fn change_answers(&mut self, answers: &mut Vec<Value>) {
        let new = match self.below(5) {
            0 => json!({"opened": true}),
            1 => json!({"closes": *self.choose(&[1000, 1001, 1006, 1011])}),
            2 => json!({"fails": *self.choose(&["network", "timeout", "redirect", "refused"])}),
            3 if !answers.is_empty() => {
                let index = self.below(answers.len());
                answers.remove(index);
                return;
            }
            _ => answers.last().cloned().unwrap_or_else(|| json!({"body": []})),
        };
        let index = self.below(answers.len() + 1);
        answers.insert(index, new);
    }

    /// Changes one value in the bodies.
    fn change_somewhere(&mut self, answers: &mut [Value]) {
        let count: usize = answers.iter().map(nodes).sum();
        if count == 0 {
            return;
        }
        let donor = self.node(answers, count).clone();
        let mut index = self.below(count);
        for answer in answers {
            if let Some(node) = node_mut(answer, &mut index) {
                return self.change(node, &donor);
            }
        }
    }

    fn node<'a>(&mut self, answers: &'a [Value], count: usize) -> &'a Value {
        let mut index = self.below(count);
        answers.iter().find_map(|answer| node(answer, &mut index)).unwrap_or(&Value::Null)
    }

    fn change(&mut self, value: &mut Value, donor: &Value) {
        match (self.below(6), value) {
            (0, value) => *value = donor.clone(),
            (1, value) => *value = json!([value.take()]),
            (_, Value::Array(elements)) => self.change_array(elements, donor),
            (_, Value::Object(members)) => self.change_object(members, donor),
            (2, Value::Number(number)) => {
                let step = *self.choose(&[1.0, -1.0, 0.5, 1000.0]);
                let moved = number.as_f64().unwrap_or(0.0) + step;
                *number = serde_json::Number::from_f64(moved).filter(|_| moved.fract() != 0.0).unwrap_or_else(|| (moved as i64).into());
            }
            (_, value) => *value = self.scalar(),
        }
    }

    fn change_array(&mut self, elements: &mut Vec<Value>, donor: &Value) {
        let index = self.below(elements.len() + 1);
        match self.below(5) {
            0 | 1 if index < elements.len() => drop(elements.remove(index)),
            2 if index < elements.len() => {
                let other = self.below(elements.len());
                elements.swap(index, other);
            }
            3 if index < elements.len() => elements.insert(index, elements[index].clone()),
            4 => elements.insert(index, self.scalar()),
            _ => elements.insert(index, donor.clone()),
        }
    }

    fn change_object(&mut self, members: &mut Map<String, Value>, donor: &Value) {
        let known = members.keys().nth(self.below(members.len().max(1))).cloned();
        match (self.below(4), known) {
            (0, Some(name)) => drop(members.remove(&name)),
            (1, Some(name)) => drop(members.insert(name, self.scalar())),
            (2, _) => drop(members.insert((*self.choose(&MEMBERS)).to_owned(), donor.clone())),
            _ => drop(members.insert((*self.choose(&MEMBERS)).to_owned(), self.scalar())),
        }
    }

    fn scalar(&mut self) -> Value {
        match self.below(10) {
            0 => Value::Null,
            1 => true.into(),
            2 => false.into(),
            3 => json!([]),
            4 => json!({}),
            5 => json!({"@repeat": self.below(200), "of": null}),
            6 => whole(*self.choose(&NUMBERS)),
            _ => (*self.choose(&TEXTS)).into(),
        }
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn choose<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// A number below `bound`, which is not 0.
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % bound as u64) as usize
    }
}

/// A whole number as JSON writes it.
fn whole(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_991.0 { (number as i64).into() } else { number.into() }
}

fn children(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(elements) => Box::new(elements.iter()),
        Value::Object(members) => Box::new(members.values()),
        _ => Box::new(std::iter::empty()),
    }
}

/// How many values there are in `value`, itself included.
fn nodes(value: &Value) -> usize {
    1 + children(value).map(nodes).sum::<usize>()
}

/// The value number `index` in `value`, itself included; counts down where there are fewer.
fn node<'a>(value: &'a Value, index: &mut usize) -> Option<&'a Value> {
    if *index == 0 {
        return Some(value);
    }
    *index -= 1;
    children(value).find_map(|child| node(child, index))
}

fn node_mut<'a>(value: &'a mut Value, index: &mut usize) -> Option<&'a mut Value> {
    if *index == 0 {
        return Some(value);
    }
    *index -= 1;
    match value {
        Value::Array(elements) => elements.iter_mut().find_map(|child| node_mut(child, index)),
        Value::Object(members) => members.values_mut().find_map(|child| node_mut(child, index)),
        _ => None,
    }
}
