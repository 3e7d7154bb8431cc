//! A timer that is cancelled when it is dropped.

use wasm_bindgen::prelude::*;

use super::sys;

/// The longest wait a browser's timer holds; a longer one would fire at once.
const LONGEST: u64 = i32::MAX as u64;

/// A running timer.
pub(super) struct Timeout {
    handle: JsValue,
    _callback: Closure<dyn Fn()>,
}

impl Timeout {
    /// Calls `callback` once, after `millis` or the longest wait there is: an early wake is harmless.
    pub(super) fn new(millis: u64, callback: impl Fn() + 'static) -> Option<Self> {
        let callback = Closure::<dyn Fn()>::new(callback);
        let millis = i32::try_from(millis.min(LONGEST)).unwrap_or(i32::MAX);
        let handle = sys::set_timeout(callback.as_ref().unchecked_ref(), millis).ok()?;
        Some(Self { handle, _callback: callback })
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        sys::report(sys::clear_timeout(&self.handle));
    }
}
