//! Reading and writing members of JavaScript objects by a handle of their name.

use js_sys::{JsString, Object};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = Object)]
    type Indexed;

    #[wasm_bindgen(method, structural, indexing_getter, catch)]
    fn get(this: &Indexed, name: &JsString) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, structural, indexing_setter, catch)]
    fn set(this: &Indexed, name: &JsString, value: &JsValue) -> Result<(), JsValue>;
}

/// `object[name]`; `undefined` where that can't be read.
pub(super) fn member(object: &JsValue, name: &JsString) -> JsValue {
    object.unchecked_ref::<Indexed>().get(name).unwrap_or(JsValue::UNDEFINED)
}

/// `object[name] = value`, where that can be done.
pub(super) fn set_member(object: &JsValue, name: &JsString, value: &JsValue) {
    // Parsed JSON and objects made here take any member.
    let _ = object.unchecked_ref::<Indexed>().set(name, value);
}

/// An object being put together for the face.
pub(super) struct Record(JsValue);

impl Record {
    pub(super) fn new() -> Self {
        Self(Object::new().into())
    }

    /// Adds a string, if there is one.
    pub(super) fn text(self, name: &str, value: Option<&str>) -> Self {
        self.with(name, value.map(JsValue::from_str))
    }

    /// Adds a number, if there is one.
    pub(super) fn number(self, name: &str, value: Option<f64>) -> Self {
        self.with(name, value.map(JsValue::from_f64))
    }

    /// Adds a truth value.
    pub(super) fn flag(self, name: &str, value: bool) -> Self {
        self.with(name, Some(JsValue::from_bool(value)))
    }

    /// Adds a value of JavaScript.
    pub(super) fn value(self, name: &str, value: &JsValue) -> Self {
        self.with(name, Some(value.clone()))
    }

    fn with(self, name: &str, value: Option<JsValue>) -> Self {
        if let Some(value) = value {
            set_member(&self.0, &JsString::from(name), &value);
        }
        self
    }

    pub(super) fn finish(self) -> JsValue {
        self.0
    }
}
