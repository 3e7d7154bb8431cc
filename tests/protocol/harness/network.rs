//! What becomes of a message between client and server: latency, loss, duplication, by a seed.

use std::collections::VecDeque;
use std::ops::RangeInclusive;

use super::socket::{Opening, Side, SocketEnd, SocketFate, Stall};

/// A small generator for simulations: the same seed gives the same network.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn within(&mut self, range: &RangeInclusive<u64>) -> u64 {
        range.start() + self.next() % (range.end() - range.start() + 1)
    }

    /// True in `percent` of 100 draws.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }
}

/// Faults by chance, in percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// A request does not reach the server.
    pub(crate) lose_request: u64,
    /// A reply does not reach the client; the server has acted.
    pub(crate) lose_reply: u64,
    /// A loss is not reported to the client: only its deadline can tell.
    pub(crate) silent: u64,
    /// What reaches the client reaches it twice.
    pub(crate) duplicate: u64,
    /// What was aborted reaches the client all the same.
    pub(crate) after_abort: u64,
}

/// Faults of sockets by chance, in percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SocketFaults {
    /// A socket is refused: the client is told that it closed before it was open.
    pub(crate) refuse: u64,
    /// Nobody ever answers its opening.
    pub(crate) never_open: u64,
    /// After some frames nothing passes any more, one way or both, and nobody is told.
    pub(crate) stall: u64,
    /// It breaks after some time.
    pub(crate) end: u64,
    /// It breaks without the client being told.
    pub(crate) silent: u64,
    /// A frame for the client comes spoilt, as nothing that parses.
    pub(crate) spoil: u64,
    /// A frame reaches the client twice. No network does that, and what is acknowledged by counting is miscounted by it.
    pub(crate) duplicate: u64,
}

/// What happens to something on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Arrives,
    /// The client is told that it failed.
    Fails,
    /// Nobody is told anything.
    Vanishes,
}

#[derive(Debug)]
pub(crate) struct Network {
    /// One way, ms.
    pub(crate) latency: RangeInclusive<u64>,
    pub(crate) faults: Faults,
    pub(crate) socket_faults: SocketFaults,
    /// Nothing passes; every attempt fails after the latency, and a socket breaks when it is used.
    pub(crate) down: bool,
    /// Sockets do not get rid of what they are given.
    pub(crate) clogged: bool,
    /// What becomes of the next sockets; of those after them, `sockets`.
    pub(crate) next_sockets: VecDeque<SocketFate>,
    pub(crate) sockets: SocketFate,
    pub(crate) random: Random,
}

impl Network {
    pub(crate) const fn new(seed: u64) -> Self {
        Self {
            latency: 20..=20,
            faults: Faults { lose_request: 0, lose_reply: 0, silent: 0, duplicate: 0, after_abort: 0 },
            socket_faults: SocketFaults { refuse: 0, never_open: 0, stall: 0, end: 0, silent: 0, spoil: 0, duplicate: 0 },
            down: false,
            clogged: false,
            next_sockets: VecDeque::new(),
            sockets: SocketFate::WELL,
            random: Random::new(seed),
        }
    }

    pub(crate) fn delay(&mut self) -> u64 {
        let latency = self.latency.clone();
        self.random.within(&latency)
    }

    pub(crate) fn fate_of_request(&mut self) -> Fate {
        let chance = self.faults.lose_request;
        self.fate(chance)
    }

    pub(crate) fn fate_of_reply(&mut self) -> Fate {
        let chance = self.faults.lose_reply;
        self.fate(chance)
    }

    /// What becomes of a socket that the client wants to open now.
    pub(crate) fn fate_of_socket(&mut self) -> SocketFate {
        if self.down {
            return SocketFate::refused();
        }
        let fate = self.next_sockets.pop_front().unwrap_or(self.sockets);
        let SocketFaults { refuse, never_open, stall, end, silent, .. } = self.socket_faults;
        if self.random.chance(refuse) {
            return SocketFate::refused();
        }
        if self.random.chance(never_open) {
            return SocketFate { opening: Opening::Never, ..fate };
        }
        let stall = self.random.chance(stall).then(|| Stall {
            side: if self.random.chance(50) { Side::Both } else { Side::ToClient },
            after_frames: self.random.within(&(0..=12)),
        });
        let end =
            self.random.chance(end).then(|| SocketEnd { after: self.random.within(&(0..=60_000)), told: !self.random.chance(silent) });
        SocketFate { stall: stall.or(fate.stall), end: end.or(fate.end), ..fate }
    }

    fn fate(&mut self, loss: u64) -> Fate {
        if self.down {
            return Fate::Fails;
        }
        if !self.random.chance(loss) {
            return Fate::Arrives;
        }
        if self.random.chance(self.faults.silent) { Fate::Vanishes } else { Fate::Fails }
    }
}
