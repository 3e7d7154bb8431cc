//! A row of the table of faults, and what can be said in it.

use super::Cell;
use crate::harness::Simulation;

/// What becomes of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Session {
    Kept,
    New,
    /// It depends on when the server forgets it.
    Either,
}

/// How it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    Returns,
    /// The channel ends for this cause.
    Ends(&'static str),
}

/// One row.
pub(super) struct Fault {
    pub(super) name: &'static str,
    pub(super) strike: fn(&mut Simulation, Cell),
    pub(super) session: Session,
    /// Nothing can be missed by it, acknowledged or not: no gap is told.
    pub(super) harmless: bool,
    /// It can go on for an hour.
    pub(super) lasts: bool,
    /// Connects are answered between the failures, so that the waits stay below the time after which servers forget a session.
    pub(super) answered_between: bool,
    /// It is one of sockets, or of requests, alone.
    wire: Wire,
    /// What ends the channel.
    ends: Ends,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wire {
    Either,
    Sockets,
    Polling,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    Never,
    Always(&'static str),
    OnPolling(&'static str),
    /// Where it lasts.
    Lasting(&'static str),
}

impl Fault {
    pub(super) fn exists_in(&self, cell: Cell) -> bool {
        let wire = match self.wire {
            Wire::Either => true,
            Wire::Sockets => cell.on_socket(),
            Wire::Polling => !cell.on_socket(),
        };
        wire && (self.lasts || !cell.lasts)
    }

    pub(super) fn then(&self, cell: Cell) -> Then {
        match self.ends {
            Ends::Always(cause) => Then::Ends(cause),
            Ends::OnPolling(cause) if !cell.on_socket() => Then::Ends(cause),
            Ends::Lasting(cause) if cell.lasts => Then::Ends(cause),
            _ => Then::Returns,
        }
    }

    pub(super) const fn new(name: &'static str, session: Session, strike: fn(&mut Simulation, Cell)) -> Self {
        Self { name, strike, session, harmless: false, lasts: false, answered_between: false, wire: Wire::Either, ends: Ends::Never }
    }

    pub(super) const fn harmless(self) -> Self {
        Self { harmless: true, ..self }
    }

    pub(super) const fn lasting(self) -> Self {
        Self { lasts: true, ..self }
    }

    pub(super) const fn answered_between(self) -> Self {
        Self { answered_between: true, ..self }
    }

    pub(super) const fn of(self, wire: Wire) -> Self {
        Self { wire, ..self }
    }

    pub(super) const fn ending(self, ends: Ends) -> Self {
        Self { ends, ..self }
    }
}
