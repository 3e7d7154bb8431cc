//! What a client does, in the few words that the corpus uses.

use gws_im_sdk::bayeux::{Cause, CommandError, Event, Outgoing, OutgoingBody, Output, Timer, TransportFailure};

use crate::json::Json;

/// What came out; the same again and again is said once.
pub(crate) fn outputs(outputs: &[Output<Json>]) -> Vec<String> {
    let words: Vec<String> = outputs.iter().map(output).collect();
    let times = |same: &[String]| if same.len() == 1 { same[0].clone() } else { format!("{} times: {}", same.len(), same[0]) };
    words.chunk_by(|one, next| one == next).map(times).collect()
}

fn output(output: &Output<Json>) -> String {
    match output {
        Output::Request { messages, .. } => format!("sends {}", list(messages)),
        Output::SendFrame { messages, .. } => format!("sends on the socket {}", list(messages)),
        Output::Abort(_) => "aborts".to_owned(),
        Output::KeepAlive(_) => "keeps the login alive".to_owned(),
        Output::OpenSocket { .. } => "opens a socket".to_owned(),
        Output::CloseSocket(_) => "closes the socket".to_owned(),
        Output::Event(told) => event(told),
    }
}

/// How long the next attempt is waited for, or what else; part of it is random.
pub(crate) fn wait(millis: u64, timer: Timer) -> String {
    let time = match millis / 1_000 {
        0 => "less than a second".to_owned(),
        seconds => format!("{seconds} s"),
    };
    if timer == Timer::Retry { format!("waits {time}") } else { format!("waits {time} for the {timer:?}") }
}

fn list(messages: &[Outgoing]) -> String {
    messages.iter().map(message).collect::<Vec<_>>().join(", ")
}

fn message(message: &Outgoing) -> String {
    match &message.body {
        OutgoingBody::Handshake { .. } => "handshake".to_owned(),
        OutgoingBody::Connect { hold, ack, .. } => {
            let ack = ack.map_or(String::new(), |batch| format!(" ack {batch}"));
            format!(
                "{}connect{ack}",
                match hold {
                    Some(0) => "immediate ",
                    Some(_) => "short ",
                    None => "",
                }
            )
        }
        OutgoingBody::Subscribe { subscription, .. } => format!("subscribe {}", subscription.as_str()),
        OutgoingBody::Unsubscribe { subscription, .. } => format!("unsubscribe {}", subscription.as_str()),
        OutgoingBody::Disconnect { .. } => "disconnect".to_owned(),
    }
}

fn event(event: &Event<Json>) -> String {
    match event {
        Event::Status(status) => {
            let state = format!("{:?}", status.state).to_lowercase();
            let recovered = if status.recovered { ", recovered" } else { "" };
            status.cause.as_ref().map_or(format!("{state}{recovered}"), |why| format!("{state}: {}", cause(why)))
        }
        Event::Delivery(message) => delivery(message),
        Event::Gap(gap) => format!("gap: {}", format!("{:?}", gap.cause).to_lowercase()),
        Event::Completed { result: Ok(()), .. } => "completes".to_owned(),
        Event::Completed { result: Err(CommandError::Refused(error)), .. } => format!("fails: {}", error.text),
        Event::Completed { result: Err(CommandError::Ended(why)), .. } => format!("fails: {}", cause(why)),
        Event::Completed { result: Err(CommandError::Aborted), .. } => "fails: aborted".to_owned(),
        Event::SubscriptionLost { subscription, error } => format!("loses {subscription}: {}", error.text),
        Event::LoginNeeded { attempt, status } => format!("needs login {attempt} after {status}"),
        Event::Violation(violation) => format!("violation {}", violation.name()),
        Event::MultipleClients => "multiple clients".to_owned(),
    }
}

/// How much of a delivery is shown.
const SHOWN: usize = 40;

fn delivery(message: &Json) -> String {
    let data = message.get("data").map_or_else(|| "no data".to_owned(), ToString::to_string);
    let end = data.char_indices().nth(SHOWN).map_or(data.len(), |(end, _)| end);
    format!("delivers {}: {}", message.0["channel"].as_str().unwrap_or_default(), &data[..end])
}

fn cause(cause: &Cause) -> String {
    match cause {
        Cause::Transport(TransportFailure::Http { status }) => format!("http {status}"),
        Cause::Transport(TransportFailure::Socket { code }) => format!("socket {code}"),
        Cause::Transport(TransportFailure::NotJson { html }) => (if *html { "page" } else { "not JSON" }).to_owned(),
        Cause::Transport(failure) => format!("{failure:?}").to_lowercase(),
        Cause::Server(error) => format!("server {}", error.text),
        Cause::ServerEnded(error) => format!("ended {}", error.text),
        Cause::TopicRefused(error) => format!("topic refused {}", error.text),
        Cause::LoginRequired { status } => format!("login {status}"),
        Cause::Cookies => "cookies".to_owned(),
        Cause::NoConnectionType => "no connection type".to_owned(),
    }
}
