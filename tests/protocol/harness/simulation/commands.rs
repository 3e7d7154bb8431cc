//! What a test makes the caller and the surroundings do.

use gws_im_sdk::bayeux::{CommandId, Input, UsageError};

use super::super::record::Entry;
use super::{Simulation, pattern};
use crate::json::Json;

impl Simulation {
    fn commanded(&mut self, what: &str, result: Result<CommandId, UsageError>) -> Result<CommandId, UsageError> {
        let now = self.now();
        self.record.note(now, Entry::Command(format!("{what}: {result:?}")));
        if let Ok(command) = result {
            if self.outstanding.contains(&command) {
                self.fail(&format!("{command:?} was given twice"));
            }
            self.outstanding.push(command);
        }
        result
    }

    pub(crate) fn handshake(&mut self) -> CommandId {
        self.wanted = true;
        self.wanted_now = true;
        let result = self.client.handshake(self.instant());
        self.commanded("handshake", result).expect("handshake is always allowed")
    }

    pub(crate) fn try_subscribe(&mut self, channel: &str) -> Result<CommandId, UsageError> {
        let result = self.client.subscribe(self.instant(), pattern(channel));
        self.commanded(&format!("subscribe {channel}"), result)
    }

    pub(crate) fn subscribe(&mut self, channel: &str) -> CommandId {
        self.try_subscribe(channel).expect("within the limit")
    }

    pub(crate) fn try_unsubscribe(&mut self, channel: &str) -> Result<CommandId, UsageError> {
        let result = self.client.unsubscribe(self.instant(), &pattern(channel));
        self.commanded(&format!("unsubscribe {channel}"), result)
    }

    pub(crate) fn unsubscribe(&mut self, channel: &str) -> CommandId {
        self.try_unsubscribe(channel).expect("subscribed before")
    }

    pub(crate) fn disconnect(&mut self) -> CommandId {
        let result = self.client.disconnect(self.instant());
        self.commanded("disconnect", result).expect("disconnect is always allowed")
    }

    /// Tells the client something about its surroundings.
    pub(crate) fn tell(&mut self, input: Input<Json>) {
        let now = self.now();
        self.record.note(now, Entry::Input(format!("{input:?}")));
        if matches!(input, Input::LoginDone { .. }) {
            self.awaiting_login = false;
        }
        self.client.handle_input(self.instant(), input);
    }
}
