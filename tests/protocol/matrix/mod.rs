//! The fault matrix: every fault of a shift × {long-polling, websocket} × {acknowledged, not} × {CometD 3, CometD 8}, once and for an hour.
//!
//! `faults.rs` is the table; this file runs a cell of it and says what must hold in every one: with acknowledgement nothing is lost, doubled or
//! out of order while the session lives; what may be missing is told as a gap, and nothing else is; "recovered" is never said over a gap;
//! the channel comes back in bounded time, or ends for the cause the table names; and whatever lasts causes no storm.

mod fault;
mod faults;

use gws_im_sdk::bayeux::{Config, ConnectionState, ConnectionType, Event, GapCause, Input};
use serde_json::json;

use crate::harness::{AckStyle, Flavour, Received, ServerOptions, Simulation, brief_cause, default_config, socket_config};
use fault::{Fault, Session, Then};
use faults::FAULTS;

/// How long a fault lasts when it lasts, ms.
const AN_HOUR: u64 = 3_600_000;
/// The most messages that leave in an hour. Of failures: waits grow by a second each to a minute, and jitter takes at most half of each; that is
/// 220. Of successes: each connect is held for 20 s, and each of the 60 messages published ends one sooner.
const MESSAGES_AN_HOUR: usize = 220 + 180 + 60;
/// What comes to it where a connect is answered after each wait of 2 to 4 s, and the next one fails.
const MESSAGES_BETWEEN_ANSWERS: usize = 2 * 1_800;
/// The most sockets: the distrust after each doubles from 30 s to half an hour.
const SOCKETS_AN_HOUR: usize = 10;
/// From the end of the fault to "connected", at most: the longest wait, a handshake that is spread, a dead request's deadline.
const RETURN: u64 = 110_000;

/// One cell of the matrix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) wire: ConnectionType,
    pub(super) ack: bool,
    line: Flavour,
    /// The fault goes on for an hour; otherwise it happens once.
    pub(super) lasts: bool,
}

impl Cell {
    /// How many messages or requests meet the fault.
    pub(super) const fn times(self) -> u64 {
        if self.lasts { u64::MAX } else { 1 }
    }

    pub(super) fn on_socket(self) -> bool {
        self.wire == ConnectionType::WebSocket
    }

    fn begin(self) -> Simulation {
        let ack = if self.ack { AckStyle::True } else { AckStyle::Absent };
        let options = ServerOptions { ack, ..ServerOptions::new(self.line) };
        let mut simulation = if self.on_socket() {
            Simulation::moved_with(Config { seed: 7, ..socket_config() }, options)
        } else {
            Simulation::connected_with(Config { seed: 7, ..default_config() }, options)
        };
        simulation.login = Some((100, true));
        simulation
    }
}

/// A cell under way.
struct Run {
    simulation: Simulation,
    published: u64,
}

impl Run {
    /// Publishes every `step` ms for `duration` ms.
    fn publish_for(&mut self, duration: u64, step: u64) {
        let until = self.simulation.now() + duration;
        while self.simulation.now() < until {
            self.simulation.publish(&json!(self.published));
            self.published += 1;
            self.simulation.run_for(step);
        }
    }

    fn fail(&self, cell: Cell, fault: &Fault, what: &str) -> ! {
        self.simulation.fail(&format!("{}, {cell:?}: {what}", fault.name))
    }
}

fn cells() -> impl Iterator<Item = Cell> {
    let wires = [ConnectionType::LongPolling, ConnectionType::WebSocket];
    let lines = [Flavour::CometD3, Flavour::CometD8];
    wires.into_iter().flat_map(move |wire| {
        [true, false]
            .into_iter()
            .flat_map(move |ack| lines.into_iter().flat_map(move |line| [false, true].map(|lasts| Cell { wire, ack, line, lasts })))
    })
}

fn run(fault: &Fault, cell: Cell) {
    let mut run = Run { simulation: cell.begin(), published: 0 };
    let session = run.simulation.client.status().client_id.clone();
    run.publish_for(1_000, 40);
    (fault.strike)(&mut run.simulation, cell);
    // Without acknowledgement a connect on a socket is held for its 20 s whatever comes, so the fault meets the second one from here.
    run.publish_for(15_000, 220);
    run.publish_for(30_000, 2_500);
    if cell.lasts {
        let since = run.simulation.now();
        run.publish_for(AN_HOUR, 60_000);
        check_load(&run, fault, cell, since);
    }
    run.simulation.heal();
    if let Then::Ends(cause) = fault.then(cell) {
        check_end(&mut run, fault, cell, cause);
        return;
    }
    come_back(&mut run, fault, cell);
    let kept = run.simulation.client.status().client_id == session;
    run.publish_for(2_000, 40);
    run.simulation.run_for(30_000);
    check_truth(&run, fault, cell, kept);
}

/// Nothing that lasts may be asked for more often than the waits allow.
fn check_load(run: &Run, fault: &Fault, cell: Cell, since: u64) {
    let load = run.simulation.load_since(since);
    let most = MESSAGES_AN_HOUR + if fault.answered_between { MESSAGES_BETWEEN_ANSWERS } else { 0 };
    if load.connects + load.handshakes > most || load.requests > 2 * most || load.sockets > SOCKETS_AN_HOUR {
        run.fail(cell, fault, &format!("a storm: {load:?}"));
    }
}

fn check_end(run: &mut Run, fault: &Fault, cell: Cell, expected: &str) {
    let ended = run.simulation.now() + 1;
    let cause = run.simulation.last_status().cause.as_ref().map(brief_cause);
    if run.simulation.state() != ConnectionState::Disconnected || cause.as_deref() != Some(expected) {
        run.fail(cell, fault, &format!("should have ended with {expected}, not {cause:?}"));
    }
    run.simulation.run_for(AN_HOUR);
    let load = run.simulation.load_since(ended);
    if (load.requests, load.sockets) != (0, 0) {
        run.fail(cell, fault, &format!("not silent at its end: {load:?}"));
    }
    if !run.simulation.received().doubled.is_empty() {
        run.fail(cell, fault, "doubled");
    }
    // The caller may open it again.
    run.simulation.handshake();
    run.simulation.run_until_connected(5_000);
}

fn come_back(run: &mut Run, fault: &Fault, cell: Cell) {
    let healed = run.simulation.now();
    while run.simulation.state() != ConnectionState::Connected || !run.simulation.has_live_session() {
        if run.simulation.now() > healed + RETURN {
            run.fail(cell, fault, "it does not come back");
        }
        run.publish_for(500, 250);
    }
}

/// What must hold after every fault, and what the table says of this one.
fn check_truth(run: &Run, fault: &Fault, cell: Cell, kept: bool) {
    let Received { lost, doubled, in_order } = run.simulation.received();
    let gaps = run.simulation.gaps();
    let complain = |what: &str| run.fail(cell, fault, &format!("{what}; kept {kept}, gaps {gaps:?}, lost {lost:?}"));
    if !doubled.is_empty() || !in_order {
        complain(&format!("doubled {doubled:?}, in order: {in_order}"));
    }
    if !lost.is_empty() && gaps.is_empty() {
        complain("lost without a gap");
    }
    if cell.ack && gaps.contains(&GapCause::LostReply) {
        complain("a lost reply is asked for again");
    }
    if kept && cell.ack && (!lost.is_empty() || !gaps.is_empty()) {
        complain("an acknowledged session that lives loses nothing");
    }
    if !kept && !gaps.contains(&GapCause::NewSession) {
        complain("a new session is a gap");
    }
    match fault.session {
        Session::Kept if !kept && (fault.harmless || !cell.lasts) => complain("the session should have lived"),
        Session::New if kept => complain("the session should have been another"),
        _ => {}
    }
    if fault.harmless && !gaps.is_empty() && fault.session == Session::Kept {
        complain("a gap where nothing can be missing");
    }
    check_recovered(run, fault, cell);
}

/// "Recovered" says that nothing can have been missed since the break; a gap is told right after a return that was none.
fn check_recovered(run: &Run, fault: &Fault, cell: Cell) {
    let mut events = run.simulation.events(|event| match event {
        Event::Status(status) if status.state == ConnectionState::Connected => Some((true, status.recovered)),
        Event::Status(_) => Some((false, false)),
        Event::Gap(_) => Some((false, true)),
        _ => None,
    });
    events.dedup();
    if events.windows(2).any(|pair| pair == [(true, true), (false, true)]) {
        run.fail(cell, fault, "recovered, and yet a gap");
    }
}

/// Runs every cell of the faults whose place in the table leaves `part` when divided by `parts`: each part is a test of its own thread. All are run,
/// and those that fail are named at the end.
fn run_part(part: usize, parts: usize) {
    let mut failed = Vec::new();
    for fault in FAULTS.iter().skip(part).step_by(parts) {
        for cell in cells().filter(|cell| fault.exists_in(*cell)) {
            if std::panic::catch_unwind(|| run(fault, cell)).is_err() {
                failed.push(format!("{}: {cell:?}", fault.name));
            }
        }
    }
    assert!(failed.is_empty(), "{} cells fail, each with its trace above:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn every_fault_on_either_wire_with_and_without_acknowledgement_part_1() {
    run_part(0, 2);
}

#[test]
fn every_fault_on_either_wire_with_and_without_acknowledgement_part_2() {
    run_part(1, 2);
}

#[test]
fn the_table_names_each_fault_once() {
    let mut names: Vec<&str> = FAULTS.iter().map(|fault| fault.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), FAULTS.len());
    assert!(FAULTS.iter().all(|fault| cells().any(|cell| fault.exists_in(cell))));
}

/// Impatience on top of any fault that lasts is no storm either.
#[test]
fn a_person_who_asks_again_and_again_during_any_fault_causes_one_attempt_a_second() {
    for fault in FAULTS.iter().filter(|fault| fault.lasts) {
        let cell = Cell { wire: ConnectionType::WebSocket, ack: true, line: Flavour::CometD3, lasts: true };
        if !fault.exists_in(cell) {
            continue;
        }
        let mut run = Run { simulation: cell.begin(), published: 0 };
        (fault.strike)(&mut run.simulation, cell);
        let struck = run.simulation.now();
        for _ in 0..600 {
            run.simulation.tell(Input::Hurry);
            run.simulation.run_for(100);
        }
        let load = run.simulation.load_since(struck);
        // Each question may cost a connect, a subscribe or handshake, and the socket that follows.
        if load.requests > 4 * 62 || load.sockets > 62 {
            run.fail(cell, fault, &format!("a storm of impatience: {load:?}"));
        }
    }
}
