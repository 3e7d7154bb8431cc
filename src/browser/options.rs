//! The options the face has checked, as the core and the shell take them.

use js_sys::{Array, JsString};
use wasm_bindgen::prelude::*;
use web_sys::RequestCredentials;

use super::members::member;
use super::trust;
use crate::bayeux::{ChannelPattern, Config, ConnectionType};
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
        let unset = Config::new(text("cometdUrl"));
        let config = Config {
            append_message_type_to_url: flag("appendMessageTypeToURL"),
            main_channel: ChannelPattern::new(IM_SESSIONS).ok(),
            connection_types: connection_types(&value(options, "transports")),
            socket_trust: trust::recall(&unset.socket_url()),
            ack: flag("ack"),
            max_network_delay: millis("maxNetworkDelay"),
            connect_timeout: millis("connectTimeout"),
            http_keep_alive: millis("httpKeepAlive"),
            backoff_increment: millis("backoffIncrement"),
            max_backoff: millis("maxBackoff"),
            backoff_jitter: value(options, "backoffJitter").as_f64().unwrap_or_default(),
            seed: seed(),
            ..unset
        };
        Self { config, credentials: credentials(&text("credentials")), csrf: csrf(&value(options, "csrf")), me_url: text("meUrl") }
    }
}

fn value(options: &JsValue, name: &str) -> JsValue {
    member(options, &JsString::from(name))
}

/// `true`, `false`, or what gives the face the token that it puts into the headers.
fn csrf(option: &JsValue) -> Csrf {
    match option.as_bool() {
        Some(true) => Csrf::FromResponses(None),
        None if option.is_truthy() => Csrf::Given,
        _ => Csrf::Off,
    }
}

fn connection_types(names: &JsValue) -> Vec<ConnectionType> {
    let known = [ConnectionType::WebSocket, ConnectionType::LongPolling];
    let wanted = |name: JsValue| known.into_iter().find(|known| name == known.name());
    Array::from(names).iter().filter_map(wanted).collect()
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
