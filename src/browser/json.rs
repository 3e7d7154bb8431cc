//! JSON as the browser parses and writes it, read through handles: no payload is ever copied into WebAssembly.

use js_sys::{Array, JsString, Object};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::members::{member, set_member};
use super::sys;
use crate::bayeux::{Body, Field, Kind, Outgoing, RawMessage};
use crate::gws::IM_SESSIONS;

thread_local! {
    /// The names of the fields, made once, by number.
    static NAMES: Vec<JsString> = Field::ALL.iter().map(|field| field.name().into()).collect();
    /// The one text that every delivery is compared with.
    static TOPIC: JsValue = IM_SESSIONS.into();
}

/// What the browser's parser makes of `text`.
pub(super) fn parse(text: &JsString) -> Body<Json> {
    match sys::parse_json(text) {
        Ok(value) => Body::Json(Json(value)),
        Err(_) => Body::NotJson { html: text.trim_start().char_code_at(0) as u32 == u32::from(b'<') },
    }
}

/// The messages as the array that is shown and as the text that leaves; `None` when a page has broken its own `JSON`.
pub(super) fn compose(messages: &[Outgoing]) -> Option<(JsValue, JsString)> {
    let array = messages.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).ok()?;
    let text = sys::to_json(&array).ok()?;
    Some((array, text))
}

/// A handle of a JSON value.
#[derive(Clone)]
pub(super) struct Json(pub(super) JsValue);

impl Json {
    /// The member, `undefined` when absent. Values that are no objects have none of the names in [`Field`] by nature either.
    fn member(&self, field: Field) -> JsValue {
        NAMES.with(|names| member(&self.0, &names[field as usize]))
    }

    fn channel(&self) -> Option<JsString> {
        self.member(Field::Channel).dyn_into().ok()
    }
}

impl RawMessage for Json {
    fn kind(&self) -> Kind {
        match &self.0 {
            value if value.is_object() => {
                if Array::is_array(value) {
                    Kind::Array
                } else {
                    Kind::Object
                }
            }
            value if value.is_string() => Kind::Text,
            value if value.is_null() => Kind::Null,
            value if value.as_bool().is_some() => Kind::Bool,
            _ => Kind::Number,
        }
    }

    fn get(&self, field: Field) -> Option<Self> {
        Some(self.member(field)).filter(|value| !value.is_undefined()).map(Self)
    }

    fn as_text(&self) -> Option<String> {
        self.0.as_string()
    }

    fn as_number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn as_bool(&self) -> Option<bool> {
        self.0.as_bool()
    }

    fn elements(&self) -> Option<Vec<Self>> {
        let array: &Array = self.0.dyn_ref()?;
        Some(array.iter().map(Self).collect())
    }

    /// The topic is compared by its handle.
    fn text_is(&self, field: Field, expected: &str) -> bool {
        let value = self.member(field);
        if expected == IM_SESSIONS { TOPIC.with(|topic| value == *topic) } else { value.as_string().is_some_and(|text| text == expected) }
    }

    /// Looks at one character; only a channel that may be a meta channel is copied.
    fn is_meta(&self) -> Option<bool> {
        let channel = self.channel()?;
        let may_be = channel.char_code_at(1) as u32 == u32::from(b'm');
        Some(may_be && String::from(channel).starts_with("/meta/"))
    }

    fn set(&mut self, field: Field, value: Self) {
        NAMES.with(|names| set_member(&self.0, &names[field as usize], &value.0));
    }

    fn from_text(text: &str) -> Self {
        Self(text.into())
    }

    fn from_elements(elements: Vec<Self>) -> Self {
        Self(elements.into_iter().map(|element| element.0).collect::<Array>().into())
    }

    fn empty_object() -> Self {
        Self(Object::new().into())
    }
}
