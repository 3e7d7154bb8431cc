//! The browser shell, in a real browser: the exported class with a host under the tests' control, and with a real server.
//!
//! `make test-browser` runs it. What is JavaScript by nature (listeners, promises, options, sentences) is tested with the npm package.
#![cfg(target_arch = "wasm32")]

use wasm_bindgen_test::wasm_bindgen_test_configure;

wasm_bindgen_test_configure!(run_in_browser);

mod browser {
    mod calls;
    mod commands;
    mod hostile;
    mod http;
    mod life;
    mod line;
    mod messages;
    mod reentry;
    mod simulator;
    mod sockets;
    mod stage;
    mod timers;
}
