// `serde_json::Value` as the core's payload: the view that native tests and fuzzing read through. Shared by unit and integration tests.

use std::ops::Deref;

use gws_im_sdk::bayeux::{Field, Kind, RawMessage};
use serde_json::Value;

/// A JSON value the core can read. A type of its own, as neither the trait nor `Value` belongs to a test.
#[derive(Clone, Debug, PartialEq)]
pub struct Json(pub Value);

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

impl Deref for Json {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

impl RawMessage for Json {
    fn kind(&self) -> Kind {
        match self.0 {
            Value::Null => Kind::Null,
            Value::Bool(_) => Kind::Bool,
            Value::Number(_) => Kind::Number,
            Value::String(_) => Kind::Text,
            Value::Array(_) => Kind::Array,
            Value::Object(_) => Kind::Object,
        }
    }

    fn get(&self, field: Field) -> Option<Self> {
        self.0.as_object()?.get(field.name()).cloned().map(Self)
    }

    fn as_text(&self) -> Option<String> {
        self.0.as_str().map(str::to_owned)
    }

    fn as_number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn as_bool(&self) -> Option<bool> {
        self.0.as_bool()
    }

    fn elements(&self) -> Option<Vec<Self>> {
        Some(self.0.as_array()?.iter().cloned().map(Self).collect())
    }

    fn set(&mut self, field: Field, value: Self) {
        if let Some(members) = self.0.as_object_mut() {
            members.insert(field.name().to_owned(), value.0);
        }
    }

    fn from_text(text: &str) -> Self {
        Self(text.into())
    }

    fn from_elements(elements: Vec<Self>) -> Self {
        Self(elements.into_iter().map(|element| element.0).collect())
    }

    fn empty_object() -> Self {
        Self(Value::Object(serde_json::Map::new()))
    }
}
