//! What a test asks about what has happened.

use gws_im_sdk::bayeux::{CommandError, CommandId, ConnectionState, Event, Status};
use serde_json::Value;

use super::super::record::Sent;
use super::super::status_path;
use super::Simulation;
use crate::json::Json;

impl Simulation {
    /// Stops with the trace.
    pub(crate) fn fail(&self, what: &str) -> ! {
        panic!("{what}\n\n{}", self.record)
    }

    /// Forgets what has been recorded for assertions; the trace stays.
    pub(crate) fn forget(&mut self) {
        self.record.sent.retain(|sent| sent.end.is_none());
        self.record.sent.iter_mut().for_each(|sent| sent.messages.clear());
        self.record.events.clear();
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
