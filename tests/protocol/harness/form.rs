//! The form of what leaves: its address, and the members Bayeux asks for.

use gws_im_sdk::bayeux::MetaChannel;
use serde_json::Value;

/// Whether a rule holds, and which does not.
pub(crate) type Checked = Result<(), String>;

pub(crate) fn require(holds: bool, rule: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(rule()) }
}

/// Where requests have to go.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) base: String,
    /// Each kind of message has a path of its own.
    pub(crate) by_kind: bool,
}

impl Address {
    /// Of a socket: the same with its own scheme, and never a kind of message after it.
    pub(crate) fn check_socket(&self, url: &str) -> Checked {
        let rest = self.base.strip_prefix("http").unwrap_or(&self.base);
        require(url == format!("ws{rest}"), || format!("a socket to {url}"))
    }

    pub(crate) fn check(&self, url: &str, channel: MetaChannel) -> Checked {
        let suffix = match channel {
            _ if !self.by_kind => "",
            MetaChannel::Handshake => "/handshake",
            MetaChannel::Connect => "/connect",
            MetaChannel::Disconnect => "/disconnect",
            MetaChannel::Subscribe | MetaChannel::Unsubscribe => "/",
        };
        require(url == format!("{}{suffix}", self.base), || format!("{channel:?} goes to {url}"))
    }
}

/// Checks the wire form against the members Bayeux asks for.
pub(crate) fn check_form(message: &Value) -> Checked {
    let mandatory: &[&str] = match message["channel"].as_str().unwrap_or_default() {
        "/meta/handshake" => &["id", "version", "minimumVersion", "supportedConnectionTypes", "advice"],
        "/meta/connect" => &["id", "clientId", "connectionType"],
        "/meta/subscribe" | "/meta/unsubscribe" => &["id", "clientId", "subscription"],
        "/meta/disconnect" => &["id", "clientId"],
        other => return Err(format!("a message to {other:?}")),
    };
    for member in mandatory {
        require(message.get(member).is_some(), || format!("{message} lacks {member}"))?;
    }
    let id = message["id"].as_str().unwrap_or_default();
    require(!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric()), || format!("CometD refuses the id of {message}"))
}
