//! One client through the bad days of an agent: notifications by the hundred thousand under seeded random faults on both wires, acknowledged.
//!
//! ```text
//! cargo run --release --example soak -- [--notifications N] [--seed S]
//! ```
//!
//! The server keeps the session whatever happens, so the promise has no exception: each notification comes once, in order. It ends with 1 at the
//! first that does not, and when memory grows; the seed it prints repeats the run.

#![allow(dead_code, unused_imports, unreachable_pub, missing_docs)] // of what the soak shares with the scenarios, it uses a part

#[path = "../protocol/harness/mod.rs"]
mod harness;
#[path = "../support/json.rs"]
mod json;

use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gws_im_sdk::bayeux::{Config, ConnectionType, Input};
use serde_json::{Value, json};

use harness::{Faults, Flavour, FrameReaction, On, Random, Reaction, ServerOptions, Side, Simulation, SocketFaults, socket_config};

/// Notifications between two reckonings.
const STAGE: u64 = 10_000;
/// How much more memory than after the first tenth may be held at the end, KB: what the allocator keeps back varies by less.
const GROWTH_KB: u64 = 8_192;

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(complaint) => {
            eprintln!("{complaint}");
            return ExitCode::from(2);
        }
    };
    println!("soak: {} notifications, seed {}", options.notifications, options.seed);
    let mut soak = Soak::new(options);
    let began = Instant::now();
    while soak.tally.published < soak.options.notifications {
        soak.stage();
        soak.reckon();
        if soak.tally.is_broken() {
            break;
        }
    }
    let held = soak.report(began.elapsed());
    ExitCode::from(u8::from(!held))
}

struct Options {
    notifications: u64,
    seed: u64,
}

impl Options {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |time| time.as_secs());
        let mut options = Self { notifications: 1_000_000, seed: clock };
        while let Some(name) = arguments.next() {
            let value = arguments.next().and_then(|value| value.parse().ok());
            match (name.as_str(), value) {
                ("--notifications", Some(value)) => options.notifications = value,
                ("--seed", Some(value)) => options.seed = value,
                _ => return Err(format!("{name}: expected --notifications N or --seed S, each a whole number")),
            }
        }
        Ok(options)
    }
}

/// What has been seen.
#[derive(Debug, Default)]
struct Tally {
    published: u64,
    received: u64,
    lost: u64,
    doubled: u64,
    out_of_order: u64,
    gaps: usize,
    breaks: usize,
    requests: usize,
    sockets: usize,
    handshakes: usize,
    /// Notifications that came last on a socket, or by a poll.
    on_sockets: u64,
    faults: u64,
    virtual_ms: u64,
}

impl Tally {
    const fn is_broken(&self) -> bool {
        self.lost + self.doubled + self.out_of_order + self.gaps as u64 > 0
    }
}

struct Soak {
    options: Options,
    simulation: Simulation,
    random: Random,
    tally: Tally,
    /// Notifications before the present stage.
    before: u64,
    /// Memory after each stage, KB.
    memory: Vec<u64>,
}

impl Soak {
    fn new(options: Options) -> Self {
        let server = ServerOptions { max_interval: u64::MAX / 4, ..ServerOptions::new(Flavour::CometD3) };
        let mut simulation = Simulation::with(Config { seed: options.seed, ..socket_config() }, server);
        simulation.login = Some((100, true));
        simulation.network.random = Random::new(options.seed ^ 0x50A4);
        simulation.handshake();
        simulation.run_until_connected(60_000);
        Self { random: Random::new(options.seed), options, simulation, tally: Tally::default(), before: 0, memory: Vec::new() }
    }

    fn within(&mut self, low: u64, high: u64) -> u64 {
        self.random.within(&(low..=high))
    }

    /// Some thousand notifications in changing weather, and a fair end.
    fn stage(&mut self) {
        let end = (self.tally.published + STAGE).min(self.options.notifications);
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
        match self.within(0, 17) {
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
            11 => self.simulation.script(on, 1, Reaction::html(200)),
            12 => self.simulation.script(On::CONNECT, times, Reaction::not_json()),
            13 => self.frame_fault(times),
            14 => self.simulation.tell(Input::Resume),
            15 => self.simulation.tell(Input::Hurry),
            16 => self.simulation.tell(Input::Offline),
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
        self.memory.extend(resident_kb());
    }

    /// Says what was done, and whether the promise held.
    fn report(&mut self, took: Duration) -> bool {
        self.tally.virtual_ms = self.simulation.now();
        let tally = &self.tally;
        let flat = self.memory_growth().is_none_or(|growth| growth <= GROWTH_KB);
        println!(
            "published {}, received {}: {} lost, {} doubled, {} out of order",
            tally.published, tally.received, tally.lost, tally.doubled, tally.out_of_order
        );
        println!("{} published while a socket carried the session, the rest on long-polling", tally.on_sockets);
        println!(
            "{} faults, {} breaks told, {} gaps; {} requests, {} sockets, {} handshakes in {} virtual hours",
            tally.faults,
            tally.breaks,
            tally.gaps,
            tally.requests,
            tally.sockets,
            tally.handshakes,
            tally.virtual_ms / 3_600_000
        );
        match self.memory_growth() {
            Some(growth) => println!(
                "memory: {} KB after a tenth, {growth} KB more at the end{}",
                self.memory[self.memory.len() / 10],
                if flat { "" } else { ": it grows" }
            ),
            None => println!("memory: not measured on this system"),
        }
        println!("{} s", took.as_secs());
        let held = !tally.is_broken() && tally.received == tally.published && flat;
        println!("soak: {}", if held { "held" } else { "BROKEN" });
        held
    }

    fn memory_growth(&self) -> Option<u64> {
        let early = self.memory.get(self.memory.len() / 10)?;
        Some(self.memory.last()?.saturating_sub(*early))
    }
}

/// The memory the process holds, where the system tells it as Linux does.
fn resident_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.trim().parse().ok())
}
