//! The rules of the wire, checked at every request the client makes.

use std::collections::BTreeMap;

use gws_im_sdk::bayeux::{Epoch, MetaChannel, Outgoing, OutgoingBody, RequestId};
use serde_json::Value;

/// One request that has not ended.
#[derive(Debug)]
struct InFlight {
    request: RequestId,
    channels: Vec<MetaChannel>,
    epoch: Epoch,
}

/// What the rules need to remember.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    in_flight: Vec<InFlight>,
    last_message: u64,
    last_request: Option<RequestId>,
    /// The ids a successful reply to the last handshake gave.
    offered: Vec<String>,
    /// The client id of each epoch.
    epochs: BTreeMap<Epoch, String>,
    /// Acknowledgements this session's server has given.
    batches: Vec<u64>,
}

type Checked = Result<(), String>;

fn require(holds: bool, rule: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(rule()) }
}

impl Wire {
    /// A request leaves.
    pub(crate) fn on_request(
        &mut self,
        request: RequestId,
        address: &Address,
        url: &str,
        messages: &[Outgoing],
        keepalive: bool,
    ) -> Checked {
        require(self.last_request.is_none_or(|last| last < request), || format!("request id {request:?} does not increase"))?;
        self.last_request = Some(request);
        let channels: Vec<MetaChannel> = messages.iter().map(|message| message.body.channel()).collect();
        self.check_company(&channels)?;
        address.check(url, channels[0])?;
        require(!keepalive || channels == [MetaChannel::Disconnect], || "only a goodbye may outlive the page".to_owned())?;
        for message in messages {
            self.check_message(message)?;
        }
        if channels == [MetaChannel::Handshake] {
            self.offered.clear();
            self.batches.clear();
        }
        self.in_flight.push(InFlight { request, channels, epoch: messages[0].epoch });
        Ok(())
    }

    /// A request has ended for the client: answered, failed or aborted. `false` when it had ended before.
    pub(crate) fn on_end(&mut self, request: RequestId) -> bool {
        let before = self.in_flight.len();
        self.in_flight.retain(|known| known.request != request);
        before != self.in_flight.len()
    }

    pub(crate) fn is_in_flight(&self, request: RequestId) -> bool {
        self.in_flight.iter().any(|known| known.request == request)
    }

    pub(crate) const fn is_idle(&self) -> bool {
        self.in_flight.is_empty()
    }

    /// What the client is about to read in answer to `request`.
    pub(crate) fn on_body(&mut self, request: RequestId, body: &Value) {
        let answers = |channel| self.in_flight.iter().any(|known| known.request == request && known.channels == [channel]);
        let (to_handshake, to_connect) = (answers(MetaChannel::Handshake), answers(MetaChannel::Connect));
        let one = std::slice::from_ref(body);
        for message in body.as_array().map_or(one, Vec::as_slice) {
            if message["successful"] != true {
                continue;
            }
            if to_handshake && message["channel"] == "/meta/handshake" {
                self.offered.extend(message["clientId"].as_str().map(str::to_owned));
                self.batches.push(message.pointer("/ext/ack/batch").and_then(Value::as_u64).unwrap_or(0));
            }
            if to_connect && message["channel"] == "/meta/connect" {
                self.batches.extend(message.pointer("/ext/ack").and_then(Value::as_u64));
            }
        }
    }

    /// Who may travel with whom, and how many of a kind may be under way.
    fn check_company(&self, channels: &[MetaChannel]) -> Checked {
        require(!channels.is_empty(), || "an empty request".to_owned())?;
        let lonely = [MetaChannel::Handshake, MetaChannel::Connect];
        require(channels.len() == 1 || !channels.iter().any(|channel| lonely.contains(channel)), || {
            format!("a handshake or connect in company: {channels:?}")
        })?;
        for lonely in lonely {
            let another = channels == [lonely] && self.in_flight.iter().any(|known| known.channels == [lonely]);
            require(!another, || format!("a second {lonely:?} in flight"))?;
        }
        Ok(())
    }

    fn check_message(&mut self, message: &Outgoing) -> Checked {
        let id = message.id.number();
        require(id > self.last_message, || format!("message id {id} after {}", self.last_message))?;
        self.last_message = id;
        let client_id = match &message.body {
            OutgoingBody::Handshake { .. } => return Ok(()),
            OutgoingBody::Connect { client_id, ack, .. } => {
                require(ack.is_none_or(|batch| self.batches.contains(&batch)), || {
                    format!("acknowledges {ack:?}, which this session never gave: {:?}", self.batches)
                })?;
                client_id
            }
            OutgoingBody::Subscribe { client_id, .. }
            | OutgoingBody::Unsubscribe { client_id, .. }
            | OutgoingBody::Disconnect { client_id } => client_id,
        };
        let client_id = client_id.as_str();
        require(self.offered.iter().any(|offered| offered == client_id), || {
            format!("client id {client_id} is not the current one: {:?}", self.offered)
        })?;
        let known = self.epochs.entry(message.epoch).or_insert_with(|| client_id.to_owned());
        require(known == client_id, || format!("epoch {:?} belongs to {known}, not to {client_id}", message.epoch))?;
        self.check_slot(message)
    }

    /// One slot for the connect, one for everything else of the session.
    fn check_slot(&self, message: &Outgoing) -> Checked {
        let ordinary = |channel: MetaChannel| matches!(channel, MetaChannel::Subscribe | MetaChannel::Unsubscribe);
        let occupied = self.in_flight.iter().any(|known| known.epoch == message.epoch && known.channels.iter().any(|c| ordinary(*c)));
        require(!(ordinary(message.body.channel()) && occupied), || "a second request in the second slot".to_owned())
    }
}

/// Where requests have to go.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) base: String,
    /// Each kind of message has a path of its own.
    pub(crate) by_kind: bool,
}

impl Address {
    fn check(&self, url: &str, channel: MetaChannel) -> Checked {
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
