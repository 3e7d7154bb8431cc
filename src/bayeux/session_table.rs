//! Walks the whole product of states and stimuli and compares it with `docs/session-states.md`.
//!
//! After an intended change run the test with `UPDATE_DOCS=1`, and read the difference.

use std::fmt::Write as _;

use super::advice::Reconnect;
use super::error::{ServerError, TransportFailure};
use super::io::Cause;
use super::message::ClientId;
use super::session::{Connect, Established, Handshaking, Link, Pending, State, Then, step};
use super::stimulus::Stimulus;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/session-states.md");

const PREFACE: &str = "# States of a session

What `src/bayeux/session.rs` does for every pair of state and stimulus. Written by its test, which fails when the two differ.

`cause` and `returning` (connected since the caller opened the channel) are shown only where they differ from the state before.
";

fn id() -> ClientId {
    ClientId::new("c".into()).expect("not empty")
}

fn network() -> Cause {
    Cause::Transport(TransportFailure::Network)
}

fn handshaking(pending: Pending, then: Then) -> State {
    Handshaking { pending, then, returning: false, cause: None }.into()
}

fn established(link: Link, connect: Connect, subscribed: bool, returning: bool) -> State {
    Established { client_id: id(), connect, link, subscribed, returning, cause: None }.into()
}

fn states() -> Vec<(&'static str, State)> {
    let goodbye = |reopen| handshaking(Pending::Reply, Then::Disconnect { reopen });
    let leaving = |reopen| State::Disconnecting { client_id: id(), cause: None, reopen };
    vec![
        ("Disconnected", State::Disconnected { cause: None }),
        ("Handshaking, waiting to retry", handshaking(Pending::Retry, Then::Stay)),
        ("Handshaking, waiting for the reply", handshaking(Pending::Reply, Then::Stay)),
        ("Handshaking, waiting for a login", handshaking(Pending::Login { status: 401 }, Then::Stay)),
        ("Handshaking, to say goodbye", goodbye(false)),
        ("Handshaking, to say goodbye and open again", goodbye(true)),
        ("Established, before the first connect", established(Link::New, Connect::Waiting, false, false)),
        ("Established, first connect in flight", established(Link::New, Connect::InFlight, false, false)),
        ("Established, first connect in flight, subscribed", established(Link::New, Connect::InFlight, true, false)),
        ("Connected, connect in flight", established(Link::Up, Connect::InFlight, true, true)),
        ("Connected, between connects", established(Link::Up, Connect::Waiting, true, true)),
        ("Established, waiting to retry", established(Link::Down, Connect::Waiting, true, true)),
        ("Disconnecting", leaving(false)),
        ("Disconnecting, to open again", leaving(true)),
    ]
}

fn stimuli() -> Vec<Stimulus> {
    let error = |text: &str| ServerError::parse(text.into());
    let reconnects = [Reconnect::Retry, Reconnect::Handshake, Reconnect::None];
    let mut stimuli = vec![Stimulus::Open, Stimulus::Close, Stimulus::RetryDue, Stimulus::Hurry, Stimulus::HandshakeStale];
    stimuli.extend(reconnects.map(|reconnect| Stimulus::HandshakeOk { client_id: id(), reconnect }));
    stimuli.extend(reconnects.map(|reconnect| Stimulus::HandshakeUnsuccessful { reconnect, error: error("400::no") }));
    stimuli.push(Stimulus::HandshakeFailed(network()));
    stimuli.extend(reconnects.map(|reconnect| Stimulus::ConnectOk { reconnect }));
    stimuli.extend(reconnects.map(|reconnect| Stimulus::ConnectUnsuccessful { reconnect, error: error("400::no") }));
    stimuli.extend([
        Stimulus::ConnectFailed(network()),
        Stimulus::SocketReady,
        Stimulus::ProofFailed,
        Stimulus::SocketLost(network()),
        Stimulus::Expired(network()),
        Stimulus::SessionUnknown(error("402::Unknown client")),
        Stimulus::MainConfirmed,
        Stimulus::MainRefused(error("403::denied")),
        Stimulus::CommandsFailed(network()),
        Stimulus::LoginRefused { status: 401 },
        Stimulus::LoginDone { renewed: true },
        Stimulus::LoginDone { renewed: false },
        Stimulus::ServerEnded(error("")),
        Stimulus::GaveUp(Cause::Cookies),
        Stimulus::GoodbyeDone,
    ]);
    stimuli
}

/// A short name of the state, with what differs from `before`.
fn name(state: &State, before: &State) -> String {
    let mut name = match state {
        State::Disconnected { .. } => "Disconnected".to_owned(),
        State::Disconnecting { reopen, .. } => format!("Disconnecting{}", if *reopen { ", to open again" } else { "" }),
        State::Handshaking(handshaking) => format!("Handshaking, {:?}, {:?}", handshaking.pending, handshaking.then),
        State::Established(session) => format!(
            "Established, link {:?}, connect {:?}{}",
            session.link,
            session.connect,
            if session.subscribed { ", subscribed" } else { "" },
        ),
    };
    if state.visible() != before.visible() {
        write!(name, " → **{:?}**", state.visible()).expect("a String");
    }
    if let Some(cause) = state.cause() {
        write!(name, " ({})", short(&format!("{cause:?}"))).expect("a String");
    }
    name
}

/// A value's debug form without what every sample shares.
fn short(text: &str) -> String {
    text.replace("ServerError { code: None, text: \"\" }", "")
        .replace("ServerError { code: Some(", "")
        .replace("client_id: ClientId(\"c\"), ", "")
        .replace("), text: ", " ")
        .replace("\" }", "\"")
}

fn table() -> String {
    let mut page = PREFACE.to_owned();
    for (title, state) in states() {
        write!(page, "\n## {title}\n\nVisible: {:?}\n\n| stimulus | next | actions |\n| --- | --- | --- |\n", state.visible())
            .expect("a String");
        let mut ignored = Vec::new();
        for stimulus in stimuli() {
            let told = short(&format!("{stimulus:?}"));
            let (next, actions) = step(state.clone(), stimulus);
            if next == state && actions.is_empty() {
                ignored.push(told);
            } else {
                let actions = actions.iter().map(|action| format!("{action:?}")).collect::<Vec<_>>().join(", ");
                writeln!(page, "| {told} | {} | {actions} |", name(&next, &state)).expect("a String");
            }
        }
        writeln!(page, "\nIgnored: {}.", ignored.join("; ")).expect("a String");
    }
    page
}

#[test]
fn the_documented_table_is_what_the_code_does() {
    let table = table();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(PATH, &table).expect("docs can be written");
    }
    let documented = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(
        documented == table,
        "docs/session-states.md differs from src/bayeux/session.rs; run this test with UPDATE_DOCS=1 and read the difference"
    );
}

#[test]
fn no_stimulus_but_open_leaves_disconnected() {
    for stimulus in stimuli().into_iter().filter(|stimulus| !matches!(stimulus, Stimulus::Open)) {
        let (next, _) = step(State::Disconnected { cause: Some(Cause::Cookies) }, stimulus);
        assert!(matches!(next, State::Disconnected { .. }));
    }
}
