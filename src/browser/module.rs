//! The module as a whole: its memory, and its end. A panic is a bug of ours; it must not leave a client that says it is connected.

use js_sys::Function;
use wasm_bindgen::prelude::*;

use crate::text::{decimal, joined};

/// Calls `listener` with where and why, should the module ever panic. Nothing of it can be used afterwards.
#[wasm_bindgen(js_name = onPanic)]
#[allow(unreachable_pub, reason = "what is exported to JavaScript must be public")]
pub fn on_panic(listener: Function) {
    thread_local! {
        static LISTENER: std::cell::OnceCell<Function> = const { std::cell::OnceCell::new() };
    }
    let first = LISTENER.with(|known| known.set(listener).is_ok());
    if !first {
        return;
    }
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |location| joined(&[location.file(), ":", &decimal(location.line().into())]));
        LISTENER.with(|known| {
            if let Some(listener) = known.get() {
                // The module ends here; there is nobody to tell of a listener that fails.
                let _ = listener.call1(&JsValue::UNDEFINED, &place.into());
            }
        });
    }));
}

/// The module's memory, in bytes.
#[wasm_bindgen(js_name = memoryBytes)]
#[allow(unreachable_pub, reason = "what is exported to JavaScript must be public")]
pub fn memory_bytes() -> f64 {
    const PAGE: usize = 65_536;
    (core::arch::wasm32::memory_size::<0>() * PAGE) as f64
}
