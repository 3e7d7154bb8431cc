//! What a test asks about what has happened.

use std::collections::BTreeMap;

use gws_im_sdk::bayeux::{CommandError, CommandId, ConnectionState, ConnectionType, Event, GapCause, Status};
use serde_json::Value;

use super::super::record::Sent;
use super::super::status_path;
use super::Simulation;
use crate::json::Json;

/// How much the client has sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Load {
    pub(crate) requests: usize,
    pub(crate) sockets: usize,
    /// On either wire.
    pub(crate) handshakes: usize,
    /// On either wire.
    pub(crate) connects: usize,
}

/// What became of what was published.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Received {
    pub(crate) lost: Vec<Value>,
    pub(crate) doubled: Vec<Value>,
    pub(crate) in_order: bool,
}

impl Received {
    pub(crate) const ALL: Self = Self { lost: Vec::new(), doubled: Vec::new(), in_order: true };
}

impl Simulation {
    /// Stops with the trace.
    pub(crate) fn fail(&self, what: &str) -> ! {
        panic!("{what}\n\n{}", self.record)
    }

    /// Forgets what has been recorded for assertions; the trace stays.
    pub(crate) fn forget(&mut self) {
        self.record.forget();
        self.published.clear();
    }

    /// Forgets the trace, too, as one that runs for hours must.
    pub(crate) fn forget_trace(&mut self) {
        self.record.forget_trace();
        self.sockets.forget_ended(self.wire.socket());
    }

    /// The state last told.
    pub(crate) fn state(&self) -> ConnectionState {
        self.last_status.state
    }

    pub(crate) fn last_status(&self) -> &Status {
        &self.last_status
    }

    /// How `command` ended, when it has.
    pub(crate) fn result(&self, wanted: CommandId) -> Option<Result<(), CommandError>> {
        self.record.events.iter().find_map(|(_, event)| match event {
            Event::Completed { command, result } if *command == wanted => Some(result.clone()),
            _ => None,
        })
    }

    /// Commands without an end.
    pub(crate) fn outstanding(&self) -> &[CommandId] {
        &self.outstanding
    }

    /// Every request in a few words each.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.requests().map(Sent::brief).collect()
    }

    pub(crate) fn requests(&self) -> impl Iterator<Item = &Sent> {
        self.record.sent.iter().filter(|sent| !sent.messages.is_empty())
    }

    /// When requests with a message to `/meta/<channel>` left.
    pub(crate) fn times_of(&self, channel: &str) -> Vec<u64> {
        self.requests().filter(|sent| sent.is(channel)).map(|sent| sent.at).collect()
    }

    /// The `data` of everything delivered.
    pub(crate) fn deliveries(&self) -> Vec<Value> {
        self.events(|event| match event {
            Event::Delivery(message) => Some(message["data"].clone()),
            _ => None,
        })
    }

    /// Every status in a few words each.
    pub(crate) fn statuses(&self) -> Vec<String> {
        self.events(|event| match event {
            Event::Status(status) => Some(status_path::brief(status)),
            _ => None,
        })
    }

    /// Every status in a few words each, with its wire.
    pub(crate) fn path(&self) -> Vec<String> {
        self.events(|event| match event {
            Event::Status(status) => Some(status_path::brief_with_wire(status)),
            _ => None,
        })
    }

    /// Why each gap that was told came about.
    pub(crate) fn gaps(&self) -> Vec<GapCause> {
        self.events(|event| match event {
            Event::Gap(gap) => Some(gap.cause),
            _ => None,
        })
    }

    /// What the client did with its wires, in a few words each.
    pub(crate) fn traffic(&self) -> Vec<&str> {
        self.record.traffic.iter().map(|(_, what)| what.as_str()).collect()
    }

    /// Whether the client has a socket that is opening or open.
    pub(crate) fn has_socket(&self) -> bool {
        self.wire.socket().is_some()
    }

    /// When messages to `/meta/<channel>` left by `wire`.
    pub(crate) fn times_on(&self, wire: ConnectionType, channel: &str) -> Vec<u64> {
        self.record.left.iter().filter(|left| left.wire == wire && left.is(channel)).map(|left| left.at).collect()
    }

    /// What left from `since` on.
    pub(crate) fn load_since(&self, since: u64) -> Load {
        let after = |at: &u64| *at >= since;
        Load {
            requests: self.requests().filter(|sent| after(&sent.at)).count()
                + self.record.keep_alives.iter().filter(|at| after(at)).count(),
            sockets: self.record.sockets.iter().filter(|at| after(at)).count(),
            handshakes: self.record.left.iter().filter(|left| after(&left.at) && left.is("handshake")).count(),
            connects: self.record.left.iter().filter(|left| after(&left.at) && left.is("connect")).count(),
        }
    }

    /// What was delivered of what was published on the main channel since the record was last forgotten.
    pub(crate) fn received(&self) -> Received {
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        let deliveries: Vec<String> = self.deliveries().iter().map(Value::to_string).collect();
        for data in &deliveries {
            *times.entry(data.clone()).or_default() += 1;
        }
        let came = |data: &Value| times.get(&data.to_string()).copied().unwrap_or_default();
        let positions: BTreeMap<String, usize> = self.published.iter().enumerate().map(|(index, data)| (data.to_string(), index)).collect();
        Received {
            lost: self.published.iter().filter(|data| came(data) == 0).cloned().collect(),
            doubled: self.published.iter().filter(|data| came(data) > 1).cloned().collect(),
            // What nobody published has no place in the order.
            in_order: deliveries.iter().filter_map(|data| positions.get(data)).is_sorted(),
        }
    }

    /// Stops unless all that was published has been delivered, once and in order.
    pub(crate) fn check_all_received(&self) {
        let received = self.received();
        if received != Received::ALL {
            self.fail(&format!("{received:?}, of {} published", self.published.len()));
        }
    }

    /// What `pick` takes from the events.
    pub(crate) fn events<T>(&self, pick: impl Fn(&Event<Json>) -> Option<T>) -> Vec<T> {
        self.record.events.iter().filter_map(|(_, event)| pick(event)).collect()
    }

    /// The channels the server has for the client's session.
    pub(crate) fn subscribed(&self) -> Vec<&str> {
        let client_id = self.client.status().client_id.as_ref();
        client_id.map(|client_id| self.server.subscriptions(client_id.as_str())).unwrap_or_default()
    }

    /// Whether the client's current session lives at the server.
    pub(crate) fn has_live_session(&self) -> bool {
        self.client.status().client_id.as_ref().is_some_and(|client_id| self.server.live().contains(&client_id.as_str()))
    }
}
