//! Notifications by the thousand in changing weather, acknowledged, and the reckoning after each stage. The server keeps the session whatever
//! happens, so the promise has no exception: each notification comes once, in order. (Of HTML pages there are none: three in a row are a login
//! page, and a login begins another session.)

use gws_im_sdk::bayeux::{Config, ConnectionType, Input};
use serde_json::{Value, json};

use crate::harness::{
    AckStyle, Faults, Flavour, FrameReaction, FrameStyle, On, Random, Reaction, ServerOptions, Side, Simulation, SocketFaults,
    socket_config,
};

/// What has been seen.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) published: u64,
    pub(crate) received: u64,
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    pub(crate) out_of_order: u64,
    pub(crate) gaps: usize,
    pub(crate) breaks: usize,
    pub(crate) requests: usize,
    pub(crate) sockets: usize,
    pub(crate) handshakes: usize,
    /// Notifications that came last on a socket, or by a poll.
    pub(crate) on_sockets: u64,
    pub(crate) faults: u64,
    pub(crate) virtual_hours: u64,
}

impl Tally {
    /// Whether the promise has been broken.
    pub(crate) const fn is_broken(&self) -> bool {
        self.lost + self.doubled + self.out_of_order + self.gaps as u64 > 0 || self.received != self.published
    }
}

/// One client, its server and the weather between them.
pub(crate) struct Shift {
    simulation: Simulation,
    random: Random,
    pub(crate) tally: Tally,
    /// Notifications before the present stage.
    before: u64,
}

impl Shift {
    pub(crate) fn new(seed: u64) -> Self {
        let (line, ack) = [(Flavour::CometD3, AckStyle::True), (Flavour::CometD8, AckStyle::EnabledWithBatch)][(seed % 2) as usize];
        let frames = [FrameStyle::Apart, FrameStyle::Together, FrameStyle::Bare][(seed % 3) as usize];
        let server = ServerOptions { max_interval: u64::MAX / 4, ack, frames, ..ServerOptions::new(line) };
        let mut simulation = Simulation::with(Config { seed, ..socket_config() }, server);
        simulation.login = Some((100, true));
        simulation.network.random = Random::new(seed ^ 0x50A4);
        simulation.handshake();
        simulation.run_until_connected(60_000);
        Self { random: Random::new(seed), simulation, tally: Tally::default(), before: 0 }
    }

    fn within(&mut self, low: u64, high: u64) -> u64 {
        self.random.within(&(low..=high))
    }

    /// So many notifications in changing weather, a fair end, and the reckoning.
    pub(crate) fn stage(&mut self, notifications: u64) {
        let end = self.tally.published + notifications;
        while self.tally.published < end {
            self.strike();
            for _ in 0..self.within(1, 12) {
                let burst = self.within(1, 12).min(end - self.tally.published);
                self.publish(burst);
                let pause = if self.random.chance(10) { self.within(1_000, 25_000) } else { self.within(0, 400) };
                self.simulation.run_for(pause);
            }
            if self.random.chance(60) {
                self.simulation.heal();
                self.simulation.tell(Input::Online);
            }
        }
        self.simulation.heal();
        self.simulation.tell(Input::Online);
        // Whatever the weather has left in flight: the longest wait and the longest deadline.
        self.simulation.run_for(200_000);
        self.simulation.run_until_connected(120_000);
        self.simulation.run_for(30_000);
        self.reckon();
    }

    fn publish(&mut self, count: u64) {
        for _ in 0..count {
            self.simulation.publish(&json!(self.tally.published));
            self.tally.published += 1;
        }
        if self.simulation.last_status().transport == Some(ConnectionType::WebSocket) {
            self.tally.on_sockets += count;
        }
    }

    /// Something happens.
    fn strike(&mut self) {
        self.tally.faults += 1;
        let times = self.within(1, 4);
        let on = [On::CONNECT, On::Any][self.within(0, 1) as usize];
        let which = self.within(0, 11) as usize;
        match self.within(0, 16) {
            0 => self.simulation.network.latency = 1..=[5, 80, 600, 3_000][which % 4],
            1 => self.weather(),
            2 => self.socket_weather(),
            3 => self.simulation.cut(),
            4 => self.simulation.network.down = true,
            5 => self.simulation.close_sockets([1000, 1001, 1006, 1009, 1011, 1013][which % 6]),
            6 if self.simulation.has_socket() => self.simulation.stall_socket([Side::Both, Side::ToClient, Side::ToServer][which % 3]),
            7 => self.simulation.script(on, times, if times.is_multiple_of(2) { Reaction::LoseReply } else { Reaction::SwallowReply }),
            8 => {
                let delay = self.within(100, 60_000);
                self.simulation.script(on, times, Reaction::Delay(delay));
            }
            9 => self.simulation.script(on, times, Reaction::http([500, 502, 408, 403][which % 4])),
            10 => self.simulation.script(on, times, Reaction::http_retry_after(503, 2_000)),
            11 => self.simulation.script(On::CONNECT, times, Reaction::not_json()),
            12 => self.frame_fault(times),
            13 => self.simulation.tell(Input::Resume),
            14 => self.simulation.tell(Input::Hurry),
            15 => self.simulation.tell(Input::Offline),
            _ => self.simulation.tell(Input::Online),
        }
    }

    fn weather(&mut self) {
        let mut chance = |high| self.random.within(&(0..=high));
        self.simulation.network.faults = Faults {
            lose_request: chance(40),
            lose_reply: chance(40),
            silent: chance(100),
            duplicate: chance(30),
            after_abort: chance(100),
        };
    }

    fn socket_weather(&mut self) {
        let mut chance = |high| self.random.within(&(0..=high));
        let (refuse, never_open, stall, end, silent, spoil) = (chance(40), chance(30), chance(50), chance(70), chance(100), chance(3));
        self.simulation.network.socket_faults = SocketFaults { refuse, never_open, stall, end, silent, spoil, duplicate: 0 };
    }

    fn frame_fault(&mut self, times: u64) {
        let reaction = match self.within(0, 5) {
            0 => FrameReaction::SwallowReply,
            1 => FrameReaction::DoubleReply,
            2 => FrameReaction::SpoilReply,
            3 => FrameReaction::Close(1011),
            4 => FrameReaction::Stall,
            _ => FrameReaction::Delay(self.within(100, 50_000)),
        };
        self.simulation.script_frames(On::CONNECT, times, reaction);
    }

    /// Compares what came in this stage with what was published in it.
    fn reckon(&mut self) {
        let came: Vec<u64> = self.simulation.deliveries().iter().filter_map(Value::as_u64).collect();
        let mut seen = vec![0u64; (self.tally.published - self.before) as usize];
        for number in &came {
            match number.checked_sub(self.before).and_then(|place| seen.get_mut(place as usize)) {
                Some(count) => *count += 1,
                None => self.tally.doubled += 1,
            }
        }
        self.tally.received += came.len() as u64;
        self.tally.lost += seen.iter().filter(|count| **count == 0).count() as u64;
        self.tally.doubled += seen.iter().map(|count| count.saturating_sub(1)).sum::<u64>();
        self.tally.out_of_order += came.windows(2).filter(|pair| pair[0] > pair[1]).count() as u64;
        self.tally.gaps += self.simulation.gaps().len();
        self.tally.breaks += self.simulation.statuses().iter().filter(|status| status.starts_with("reconnecting")).count();
        let load = self.simulation.load_since(0);
        self.tally.requests += load.requests;
        self.tally.sockets += load.sockets;
        self.tally.handshakes += load.handshakes;
        self.before = self.tally.published;
        self.simulation.forget();
        self.simulation.forget_trace();
        self.tally.virtual_hours = self.simulation.now() / 3_600_000;
    }
}
