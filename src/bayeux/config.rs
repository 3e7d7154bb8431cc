//! The core's options, with the reference client's defaults, and the address each kind of message goes to.

use super::channel::ChannelPattern;
use super::message::{ConnectionType, MetaChannel};
use super::trust::SocketTrust;
use crate::text::joined;

/// Options of one client. All times in milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Where Bayeux messages are posted, e.g. `https://gws.example.com/api/v2/notifications`.
    pub url: String,
    /// Append `/handshake`, `/connect` and `/disconnect` to the address, as the reference client does. Without effect where that client makes
    /// its exceptions: an address with a query or fragment, or whose last segment contains a dot.
    pub append_message_type_to_url: bool,
    /// The channel without which this client is of no use: "connected" waits for it, its refusal ends the channel.
    pub main_channel: Option<ChannelPattern>,
    /// The ways a message may travel. With both, the session begins on long-polling and moves to a socket that has proved to work.
    pub connection_types: Vec<ConnectionType>,
    /// What earlier clients of the page have learnt of sockets to this server.
    pub socket_trust: SocketTrust,
    /// Offer the acknowledge extension.
    pub ack: bool,
    /// How long an answer may take; a `/meta/connect` also has the time the server holds it.
    pub max_network_delay: u64,
    /// How long a socket may take to open.
    pub connect_timeout: u64,
    /// While no request touches the login because everything travels on a socket, one that does leaves this often; 0 is never.
    pub http_keep_alive: u64,
    /// How much longer each further failure makes the wait.
    pub backoff_increment: u64,
    /// The longest wait that back-off adds.
    pub max_backoff: u64,
    /// The fraction of each back-off that is random, 0 to 1.
    pub backoff_jitter: f64,
    /// How long a server is asked to hold a `/meta/connect` before it has given advice of its own.
    pub advice_timeout: u64,
    /// The wait between connects before the server has given advice of its own.
    pub advice_interval: u64,
    /// How many channels may be subscribed at once.
    pub max_subscriptions: usize,
    /// Seeds the jitter. Two clients with the same seed wait alike.
    pub seed: u64,
}

impl Config {
    /// The defaults, for the server at `url`.
    pub fn new(url: String) -> Self {
        Self {
            url,
            append_message_type_to_url: true,
            main_channel: None,
            connection_types: vec![ConnectionType::WebSocket, ConnectionType::LongPolling],
            socket_trust: SocketTrust::default(),
            ack: true,
            max_network_delay: 10_000,
            connect_timeout: 10_000,
            http_keep_alive: 600_000,
            backoff_increment: 1_000,
            max_backoff: 60_000,
            backoff_jitter: 0.5,
            advice_timeout: 60_000,
            advice_interval: 0,
            max_subscriptions: 1_000,
            seed: 1,
        }
    }

    /// Whether messages may travel by `connection_type`.
    pub fn allows(&self, connection_type: ConnectionType) -> bool {
        self.connection_types.contains(&connection_type)
    }

    /// The address of a socket: the configured one, with a leading `http` read as `ws`, and never a message type after it.
    pub fn socket_url(&self) -> String {
        self.url.strip_prefix("http").map_or_else(|| self.url.clone(), |rest| joined(&["ws", rest]))
    }

    /// The address for messages to `channel`.
    pub fn url_for(&self, channel: MetaChannel) -> String {
        if !self.append_message_type_to_url || !takes_suffix(&self.url) {
            return self.url.clone();
        }
        let suffix = match channel {
            MetaChannel::Handshake => "handshake",
            MetaChannel::Connect => "connect",
            MetaChannel::Disconnect => "disconnect",
            MetaChannel::Subscribe | MetaChannel::Unsubscribe => "",
        };
        let separator = if self.url.ends_with('/') { "" } else { "/" };
        joined(&[&self.url, separator, suffix])
    }
}

/// Whether a message type can be appended: no query or fragment, no dot in the last segment of the path.
fn takes_suffix(url: &str) -> bool {
    // Behind "https:", "" and the host.
    let last = url.split('/').skip(3).filter(|segment| !segment.is_empty()).last().unwrap_or("");
    !url.contains(['?', '#']) && !last.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url_for(url: &str, append: bool, channel: MetaChannel) -> String {
        let mut config = Config::new(url.into());
        config.append_message_type_to_url = append;
        config.url_for(channel)
    }

    #[test]
    fn message_type_is_appended_with_one_slash() {
        assert_eq!(url_for("https://h/n", true, MetaChannel::Handshake), "https://h/n/handshake");
        assert_eq!(url_for("https://h/n/", true, MetaChannel::Connect), "https://h/n/connect");
        assert_eq!(url_for("https://h/n", true, MetaChannel::Disconnect), "https://h/n/disconnect");
        assert_eq!(url_for("https://h/n", true, MetaChannel::Subscribe), "https://h/n/");
        assert_eq!(url_for("https://gws.example.com", true, MetaChannel::Connect), "https://gws.example.com/connect");
    }

    #[test]
    fn a_socket_has_the_same_address_with_its_own_scheme() {
        assert_eq!(Config::new("https://h/n".into()).socket_url(), "wss://h/n");
        assert_eq!(Config::new("http://h:1/n/?x=http".into()).socket_url(), "ws://h:1/n/?x=http");
    }

    #[test]
    fn the_address_is_left_alone_where_the_reference_client_leaves_it() {
        for url in ["https://h/n?x=1", "https://h/n#x", "https://h/cometd.php", "https://h/cometd.php/"] {
            assert_eq!(url_for(url, true, MetaChannel::Connect), url);
        }
        assert_eq!(url_for("https://h/n", false, MetaChannel::Connect), "https://h/n");
    }
}
