//! Accepted or reported, never a panic: bytes become a schedule of faults, commands, time and answers, the simulation checks its rules at
//! every step, and when the world behaves again the channel must work. The same steps and the same demands as in the property tests.
#![no_main]

#[allow(dead_code, unused_imports, unreachable_pub)] // what only the scenarios use
#[path = "../protocol/harness/mod.rs"]
mod harness;
#[allow(unreachable_pub)]
#[path = "../support/json.rs"]
mod json;
#[allow(dead_code)]
#[path = "../protocol/schedule.rs"]
mod schedule;

use gws_im_sdk::bayeux::{Body, Input, SocketId};
use libfuzzer_sys::arbitrary::{Error, Unstructured};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

use harness::{AckStyle, Faults, Flavour, On, ServerOptions, Side, SocketFaults};
use schedule::{CHANNELS, MEMBERS, Run, Step, WIRES, WORDS};

/// More would only repeat what fewer show.
const STEPS: usize = 60;

const ON: [On; 6] = [On::HANDSHAKE, On::CONNECT, On::SUBSCRIBE, On::UNSUBSCRIBE, On::DISCONNECT, On::Any];
const STATUSES: [u16; 15] = [200, 0, 204, 302, 400, 401, 402, 403, 404, 408, 429, 500, 502, 503, 999];

fuzz_target!(|bytes: &[u8]| {
    let mut source = Unstructured::new(bytes);
    // Bytes that end early make a shorter schedule.
    let _ = play(&mut source);
});

fn play(source: &mut Unstructured<'_>) -> Result<(), Error> {
    let mut run = Run::new(source.arbitrary()?, source.int_in_range(0..=WIRES.len() - 1)?, server(source)?);
    for _ in 0..STEPS {
        match step(source) {
            Ok(step) if !source.is_empty() => run.perform(step),
            _ => break,
        }
    }
    run.heal_and_settle();
    run.publish();
    run.simulation.run_for(5_000);
    run.close();
    Ok(())
}

fn server(source: &mut Unstructured<'_>) -> Result<ServerOptions, Error> {
    let mut options = ServerOptions::new(*source.choose(&[Flavour::CometD3, Flavour::CometD8, Flavour::CometD2])?);
    options.ack = *source.choose(&[AckStyle::True, AckStyle::EnabledWithBatch, AckStyle::Absent])?;
    options.tell_max_interval = source.arbitrary()?;
    options.interval = *source.choose(&[0, 0, 300])?;
    Ok(options)
}

fn step(source: &mut Unstructured<'_>) -> Result<Step, Error> {
    Ok(match source.int_in_range(0..=27u8)? {
        0..=2 => Step::Wait(source.int_in_range(0..=400)?),
        3 => Step::Wait(source.int_in_range(0..=70_000)?),
        4 | 5 => Step::Publish(source.int_in_range(1..=3)?),
        6 => Step::Subscribe(source.int_in_range(0..=CHANNELS.len() - 1)?),
        7 => Step::Unsubscribe(source.int_in_range(0..=CHANNELS.len() - 1)?),
        8 => Step::Open,
        9 => Step::Close,
        10 => Step::Cut,
        11 => Step::Down(source.arbitrary()?),
        12 => Step::Faults(faults(source)?),
        13 => Step::Expire,
        14 => Step::Restart,
        15 => Step::ServerDisconnects,
        16 => Step::MultipleClients(source.arbitrary()?),
        17 => Step::Refuse(source.int_in_range(0..=CHANNELS.len() - 1)?),
        18 => Step::Swallow(*source.choose(&ON)?),
        19 if source.arbitrary()? => Step::Outside(of_unknown_socket(source)?),
        19 => Step::Outside(outside(source)?),
        20 => Step::SocketFaults(socket_faults(source)?),
        21 => Step::CloseSockets(*source.choose(&[1000, 1001, 1006, 1009, 1011, 1013])?),
        22 => Step::StallSocket(*source.choose(&[Side::Both, Side::ToClient, Side::ToServer])?),
        23 => Step::Frame(*source.choose(&ON)?, source.arbitrary()?),
        24 => Step::HandshakePerConnection(source.arbitrary()?),
        _ => Step::Hostile(*source.choose(&ON)?, *source.choose(&STATUSES)?, body(source)?),
    })
}

fn faults(source: &mut Unstructured<'_>) -> Result<Faults, Error> {
    Ok(Faults {
        lose_request: source.int_in_range(0..=60)?,
        lose_reply: source.int_in_range(0..=60)?,
        silent: source.int_in_range(0..=100)?,
        duplicate: source.int_in_range(0..=50)?,
        after_abort: source.int_in_range(0..=100)?,
    })
}

fn socket_faults(source: &mut Unstructured<'_>) -> Result<SocketFaults, Error> {
    Ok(SocketFaults {
        refuse: source.int_in_range(0..=60)?,
        never_open: source.int_in_range(0..=60)?,
        stall: source.int_in_range(0..=70)?,
        end: source.int_in_range(0..=70)?,
        silent: source.int_in_range(0..=100)?,
        spoil: source.int_in_range(0..=10)?,
        duplicate: 0,
    })
}

fn outside(source: &mut Unstructured<'_>) -> Result<Input<json::Json>, Error> {
    source.choose(&[Input::Online, Input::Offline, Input::Resume, Input::Hurry, Input::LoginDone { renewed: true }]).cloned()
}

/// What is told of a socket that the client never asked for. What happens to one that it did ask for is the simulation's to tell, or it would
/// not know what is open; frames of every kind on such a socket are in the target `replies`.
fn of_unknown_socket(source: &mut Unstructured<'_>) -> Result<Input<json::Json>, Error> {
    let socket = SocketId::from_number(*source.choose(&[0, 1 << 40, u64::MAX])?);
    Ok(match source.int_in_range(0..=4u8)? {
        0 => Input::SocketOpened(socket),
        1 => Input::SocketClosed { socket, code: source.arbitrary()? },
        2 => Input::SocketStalled(socket),
        3 => Input::SocketMessage { socket, body: Body::NotJson { html: source.arbitrary()? } },
        _ => Input::SocketMessage { socket, body: Body::Json(json::Json(body(source)?)) },
    })
}

/// A list of things with the looks of messages, or anything.
fn body(source: &mut Unstructured<'_>) -> Result<Value, Error> {
    if source.ratio(1, 6)? {
        return value(source, 4);
    }
    let count = source.int_in_range(0..=4)?;
    (0..count).map(|_| if source.ratio(1, 6)? { value(source, 3) } else { message(source) }).collect()
}

fn message(source: &mut Unstructured<'_>) -> Result<Value, Error> {
    let channels = ["/meta/handshake", "/meta/connect", "/meta/subscribe", "/meta/unsubscribe", "/meta/disconnect", harness::TOPIC];
    let mut message = object(source, 3)?;
    message.insert("channel".to_owned(), (*source.choose(&channels)?).into());
    message.insert("successful".to_owned(), source.arbitrary::<bool>()?.into());
    if !source.ratio(1, 5)? {
        message.insert("id".to_owned(), schedule::ID.into());
    }
    Ok(Value::Object(message))
}

fn object(source: &mut Unstructured<'_>, depth: u8) -> Result<Map<String, Value>, Error> {
    let count = source.int_in_range(0..=4)?;
    (0..count).map(|_| Ok(((*source.choose(&MEMBERS)?).to_owned(), value(source, depth)?))).collect()
}

fn value(source: &mut Unstructured<'_>, depth: u8) -> Result<Value, Error> {
    Ok(match source.int_in_range(0..=if depth == 0 { 6 } else { 9u8 })? {
        0 => Value::Null,
        1 => source.arbitrary::<bool>()?.into(),
        2 => source.int_in_range(-3..=40i64)?.into(),
        3 => source.arbitrary::<i64>()?.into(),
        4 => source.arbitrary::<f64>()?.into(),
        5 => source.arbitrary::<String>()?.into(),
        6 => (*source.choose(&WORDS)?).into(),
        7 => (0..source.int_in_range(0..=4)?).map(|_| value(source, depth - 1)).collect::<Result<Value, Error>>()?,
        _ => Value::Object(object(source, depth - 1)?),
    })
}
