//! What the core tells, as the face takes it.

use wasm_bindgen::prelude::*;

use super::clock::{epoch, now};
use super::error::Fault;
use super::fetch::Answer;
use super::members::Record;
use crate::bayeux::{
    Body, ClientId, ConnectionState, ConnectionType, Counters, Field, Gap, GapCause, RawMessage, Status, TransportFailure,
};
use crate::gws::{Verdict, judge};

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

/// What came of a call of the GWS API: `verdict` says which of the other members count.
pub(super) fn rest(result: &Result<Answer, TransportFailure>, reads_only: bool) -> JsValue {
    match result {
        Ok(answer) => answered(answer, reads_only),
        Err(TransportFailure::Redirect) => Record::new().text("verdict", Some("login")).number("status", Some(0.0)).finish(),
        Err(failure) => Record::new().text("verdict", Some("failed")).text("code", Some(Fault::from(failure).code())).finish(),
    }
}

fn answered(answer: &Answer, reads_only: bool) -> JsValue {
    let response = &answer.response;
    let verdict = judge(response, answer.is_token_refused());
    let name = match verdict {
        Verdict::Accepted => "accepted",
        Verdict::Partial => "partial",
        Verdict::LoginWanted => "login",
        Verdict::Page => "page",
        _ => "refused",
    };
    let record = Record::new()
        .text("verdict", Some(name))
        .text("code", Some(&verdict.code()))
        .number("status", Some(response.status.into()))
        .flag("retryable", verdict.is_retryable(reads_only))
        .number("retryAfterMs", response.retry_after.map(|millis| millis as f64));
    let Body::Json(body) = &response.body else { return record.finish() };
    record
        .number("statusCode", body.number(Field::StatusCode))
        .text("statusMessage", body.text(Field::StatusMessage).as_deref())
        .value("body", &body.0)
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
