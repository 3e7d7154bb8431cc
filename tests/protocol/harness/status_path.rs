//! Which status may follow which.

use std::fmt::Write;

use gws_im_sdk::bayeux::{Cause, ConnectionState, Status, TransportFailure};

/// What is wrong with `next` after `previous`, if anything is.
pub(crate) fn check(previous: &Status, next: &Status) -> Result<(), String> {
    use ConnectionState::{Connected, Connecting, Disconnected, Disconnecting, Reconnecting};
    let legal = match previous.state {
        // A goodbye to a channel that had ended for a cause takes the cause away.
        Disconnected => next.state == Connecting || (next.state == Disconnected && next.cause.is_none()),
        Connecting => matches!(next.state, Connecting | Connected | Disconnecting | Disconnected),
        // It moves from one wire to the other without a break.
        Connected => {
            matches!(next.state, Reconnecting | Disconnecting | Disconnected)
                || (next.state == Connected && next.transport != previous.transport && next.client_id == previous.client_id)
        }
        Reconnecting => matches!(next.state, Reconnecting | Connected | Disconnecting | Disconnected),
        // A handshake asked for meanwhile follows the goodbye at once.
        Disconnecting => matches!(next.state, Disconnecting | Disconnected | Connecting),
    };
    if !legal {
        return Err(format!("no way leads from {} to {}", brief(previous), brief(next)));
    }
    if previous == next {
        return Err(format!("the status {} is told twice", brief(next)));
    }
    if next.recovered && !(next.state == Connected && next.acknowledged) {
        return Err(format!("{} can't be recovered", brief(next)));
    }
    if next.state == Connected && (next.cause.is_some() || next.client_id.is_none() || next.attempt != 0) {
        return Err(format!("a connected status with a cause, an attempt or no session: {next:?}"));
    }
    Ok(())
}

/// A status in a few words: `reconnecting 2 network`.
pub(crate) fn brief(status: &Status) -> String {
    let mut text = format!("{:?}", status.state).to_lowercase();
    if status.attempt > 0 {
        let _ = write!(text, " {}", status.attempt);
    }
    if let Some(cause) = &status.cause {
        let _ = write!(text, " {}", brief_cause(cause));
    }
    if status.recovered {
        text.push_str(" recovered");
    }
    text
}

/// A status in a few words, with its wire: `connected websocket`.
pub(crate) fn brief_with_wire(status: &Status) -> String {
    let wire = status.transport.map_or("", |wire| wire.name());
    format!("{} {wire}", brief(status)).trim_end().to_owned()
}

/// A cause in a word: `http/500`.
pub(crate) fn brief_cause(cause: &Cause) -> String {
    match cause {
        Cause::Transport(TransportFailure::Http { status }) => format!("http/{status}"),
        Cause::Transport(TransportFailure::Socket { code }) => format!("socket/{code}"),
        Cause::Transport(failure) => format!("{failure:?}").to_lowercase(),
        Cause::Server(error) => format!("server/{}", error.text),
        Cause::ServerEnded(_) => "ended".to_owned(),
        Cause::TopicRefused(error) => format!("topic/{}", error.text),
        Cause::LoginRequired { status } => format!("login/{status}"),
        Cause::Cookies => "cookies".to_owned(),
        Cause::NoConnectionType => "no-connection-type".to_owned(),
    }
}
