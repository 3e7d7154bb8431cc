//! What the core tells, as the face takes it.

use wasm_bindgen::prelude::*;

use super::clock::{epoch, now};
use super::members::Record;
use crate::bayeux::{ClientId, ConnectionState, ConnectionType, Counters, Gap, GapCause, Status};

/// The state of the channel.
pub(super) fn status(status: &Status) -> JsValue {
    Record::new()
        .text("state", Some(state_name(status.state)))
        .number("attempt", Some(status.attempt.into()))
        .number("retryInMs", status.retry_at.map(|due| due.since(now()) as f64))
        .flag("hasReason", status.cause.is_some())
        .flag("recovered", status.recovered)
        .flag("acknowledged", status.acknowledged)
        .text("clientId", status.client_id.as_ref().map(ClientId::as_str))
        .text("transport", status.transport.map(ConnectionType::name))
        .finish()
}

/// A stretch of time in which messages may have been missed.
pub(super) fn gap(gap: &Gap) -> JsValue {
    let cause = match gap.cause {
        GapCause::NewSession => "new-session",
        GapCause::LostReply => "lost-reply",
    };
    Record::new().number("since", Some(epoch(gap.since))).number("until", Some(epoch(gap.until))).text("cause", Some(cause)).finish()
}

/// What has been seen so far.
pub(super) fn counters(counters: &Counters) -> JsValue {
    let count = |number: u64| Some(number as f64);
    Record::new()
        .number("received", count(counters.received))
        .number("duplicates", count(counters.duplicates))
        .number("violations", count(counters.violations))
        .number("handshakes", count(counters.handshakes))
        .number("reconnects", count(counters.reconnects))
        .number("gaps", count(counters.gaps))
        .number("lastContact", counters.last_contact.map(epoch))
        .number("roundTripMs", counters.round_trip.map(|millis| millis as f64))
        .finish()
}

fn state_name(state: ConnectionState) -> &'static str {
    match state {
        ConnectionState::Disconnected => "disconnected",
        ConnectionState::Connecting => "connecting",
        ConnectionState::Connected => "connected",
        ConnectionState::Reconnecting => "reconnecting",
        ConnectionState::Disconnecting => "disconnecting",
    }
}
