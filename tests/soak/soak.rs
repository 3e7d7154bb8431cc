//! One client through the bad days of an agent: notifications by the hundred thousand under seeded random faults on both wires, acknowledged.
//!
//! ```text
//! cargo run --release --example soak -- [--notifications N] [--seed S]
//! ```
//!
//! It ends with 1 at the first notification that is lost, doubled or out of order, and when memory grows; the seed it prints repeats the run.

#![allow(dead_code, unused_imports, unreachable_pub, missing_docs)] // of what the soak shares with the scenarios, it uses a part

#[path = "../protocol/harness/mod.rs"]
mod harness;
#[path = "../support/json.rs"]
mod json;
mod shift;

use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use shift::{Shift, Tally};

/// Notifications between two reckonings.
const STAGE: u64 = 10_000;
/// How much more memory than after the first tenth may be held at the end, KB: what the allocator keeps back after a bad stage varies by less.
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
    let began = Instant::now();
    let (mut shift, mut memory) = (Shift::new(options.seed), Vec::new());
    while shift.tally.published < options.notifications && !shift.tally.is_broken() {
        shift.stage(STAGE.min(options.notifications - shift.tally.published));
        memory.extend(resident_kb());
    }
    report(&shift.tally);
    let both_wires = shift.tally.on_sockets > 0 && shift.tally.on_sockets < shift.tally.published;
    let held = report_memory(&memory) && !shift.tally.is_broken() && both_wires;
    println!("soak: {} after {} s", if held { "held" } else { "BROKEN" }, began.elapsed().as_secs());
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

fn report(tally: &Tally) {
    println!(
        "published {}, received {}: {} lost, {} doubled, {} out of order",
        tally.published, tally.received, tally.lost, tally.doubled, tally.out_of_order
    );
    println!("{} of them while a socket carried the session, the others on long-polling", tally.on_sockets);
    println!(
        "{} faults, {} breaks told, {} gaps; {} requests, {} sockets, {} handshakes in {} virtual hours",
        tally.faults, tally.breaks, tally.gaps, tally.requests, tally.sockets, tally.handshakes, tally.virtual_hours
    );
}

/// Whether memory is flat, as far as the system tells.
fn report_memory(memory: &[u64]) -> bool {
    let (Some(early), Some(last)) = (memory.get(memory.len() / 10), memory.last()) else {
        println!("memory: not told by this system");
        return true;
    };
    let growth = last.saturating_sub(*early);
    println!("memory: {early} KB after a tenth, {} KB at most, {growth} KB more at the end", memory.iter().max().unwrap_or(last));
    growth <= GROWTH_KB
}

/// The memory the process holds, where the system tells it as Linux does.
fn resident_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.trim().parse().ok())
}
