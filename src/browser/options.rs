//! The options the face has checked, as the core and the shell take them.

use js_sys::JsString;
use wasm_bindgen::prelude::*;
use web_sys::RequestCredentials;

use super::members::member;
use crate::bayeux::{ChannelPattern, Config};
use crate::gws::{Csrf, IM_SESSIONS};

/// Everything one client is configured with.
pub(super) struct Options {
    pub(super) config: Config,
    pub(super) credentials: RequestCredentials,
    pub(super) csrf: Csrf,
    /// `GET` of the logged-in user, which tells the token against cross-site request forgery.
    pub(super) me_url: String,
}

impl Options {
    /// Reads the members the face's `options.js` gives, all present and of the right type.
    pub(super) fn read(options: &JsValue) -> Self {
        let text = |name| value(options, name).as_string().unwrap_or_default();
        let millis = |name| value(options, name).as_f64().unwrap_or_default() as u64;
        let flag = |name| value(options, name).is_truthy();
        let config = Config {
            append_message_type_to_url: flag("appendMessageTypeToURL"),
            main_channel: ChannelPattern::new(IM_SESSIONS).ok(),
            ack: flag("ack"),
            max_network_delay: millis("maxNetworkDelay"),
            backoff_increment: millis("backoffIncrement"),
            max_backoff: millis("maxBackoff"),
            backoff_jitter: value(options, "backoffJitter").as_f64().unwrap_or_default(),
            seed: seed(),
            ..Config::new(text("cometdUrl"))
        };
        Self {
            config,
            credentials: credentials(&text("credentials")),
            csrf: if flag("csrf") { Csrf::FromResponses(None) } else { Csrf::Off },
            me_url: text("meUrl"),
        }
    }
}

fn value(options: &JsValue, name: &str) -> JsValue {
    member(options, &JsString::from(name))
}

fn credentials(name: &str) -> RequestCredentials {
    match name {
        "omit" => RequestCredentials::Omit,
        "same-origin" => RequestCredentials::SameOrigin,
        _ => RequestCredentials::Include,
    }
}

/// Different for each client, so that many do not retry in step.
fn seed() -> u64 {
    (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64
}
