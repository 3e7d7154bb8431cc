//! Sockets of the simulated network: each carries frames both ways, in order, until it ends or nothing passes any more.

use gws_im_sdk::bayeux::SocketId;

/// Which way nothing passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    ToServer,
    ToClient,
    Both,
}

/// How the opening of a socket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    Opens,
    /// It closes with this code instead.
    Refused(u16),
    /// Nobody answers.
    Never,
}

/// Nothing passes any more, and nobody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stall {
    pub(crate) side: Side,
    /// Frames that still pass, each way.
    pub(crate) after_frames: u64,
}

/// A socket that breaks by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SocketEnd {
    /// Counted from when the client asked for it, ms.
    pub(crate) after: u64,
    /// The client is told, with code 1006.
    pub(crate) told: bool,
}

/// What becomes of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SocketFate {
    pub(crate) opening: Opening,
    pub(crate) stall: Option<Stall>,
    pub(crate) end: Option<SocketEnd>,
}

impl SocketFate {
    /// It opens and works.
    pub(crate) const WELL: Self = Self { opening: Opening::Opens, stall: None, end: None };
    /// Nobody answers its opening.
    pub(crate) const NEVER_OPENS: Self = Self { opening: Opening::Never, ..Self::WELL };

    pub(crate) const fn refused() -> Self {
        Self { opening: Opening::Refused(1006), ..Self::WELL }
    }

    /// It opens, and then nothing passes after so many frames each way.
    pub(crate) const fn stalls(side: Side, after_frames: u64) -> Self {
        Self { stall: Some(Stall { side, after_frames }), ..Self::WELL }
    }

    /// It breaks so many ms after it was asked for, and the client is told or not.
    pub(crate) const fn breaks(after: u64, told: bool) -> Self {
        Self { end: Some(SocketEnd { after, told }), ..Self::WELL }
    }
}

/// One way through a socket.
#[derive(Debug, Default)]
struct Lane {
    frames: u64,
    stalled: bool,
    /// When what left last arrives; nothing that leaves later arrives before.
    last_arrival: u64,
}

impl Lane {
    /// When what leaves now arrives; never, when nothing passes. Only frames count.
    fn carry(&mut self, now: u64, delay: u64, frame: bool, limit: Option<u64>) -> Option<u64> {
        self.stalled |= frame && limit.is_some_and(|limit| self.frames >= limit);
        if self.stalled {
            return None;
        }
        self.frames += u64::from(frame);
        self.last_arrival = self.last_arrival.max(now + delay);
        Some(self.last_arrival)
    }
}

/// A socket under way.
#[derive(Debug)]
struct Simulated {
    id: SocketId,
    stall: Option<Stall>,
    to_server: Lane,
    to_client: Lane,
}

/// Every socket the client has asked for.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    all: Vec<Simulated>,
}

impl Sockets {
    pub(crate) fn add(&mut self, id: SocketId, fate: &SocketFate) {
        self.all.push(Simulated { id, stall: fate.stall, to_server: Lane::default(), to_client: Lane::default() });
    }

    /// When something that leaves the client now reaches the server.
    pub(crate) fn reaches_server(&mut self, id: SocketId, now: u64, delay: u64, frame: bool) -> Option<u64> {
        let socket = self.find(id)?;
        let limit = socket.stall.filter(|stall| stall.side != Side::ToClient).map(|stall| stall.after_frames);
        socket.to_server.carry(now, delay, frame, limit)
    }

    /// When something that leaves the server now reaches the client.
    pub(crate) fn reaches_client(&mut self, id: SocketId, now: u64, delay: u64, frame: bool) -> Option<u64> {
        let socket = self.find(id)?;
        let limit = socket.stall.filter(|stall| stall.side != Side::ToServer).map(|stall| stall.after_frames);
        socket.to_client.carry(now, delay, frame, limit)
    }

    /// Nothing passes through the socket from now on.
    pub(crate) fn stall(&mut self, id: SocketId, side: Side) {
        let Some(socket) = self.find(id) else { return };
        socket.to_server.stalled |= side != Side::ToClient;
        socket.to_client.stalled |= side != Side::ToServer;
    }

    /// What has not stalled yet does not stall.
    pub(crate) fn spare(&mut self) {
        self.all.iter_mut().for_each(|socket| socket.stall = None);
    }

    /// Forgets all but the one that the client still has.
    pub(crate) fn forget_ended(&mut self, kept: Option<SocketId>) {
        self.all.retain(|socket| Some(socket.id) == kept);
    }

    fn find(&mut self, id: SocketId) -> Option<&mut Simulated> {
        self.all.iter_mut().find(|socket| socket.id == id)
    }
}
