//! Whatever JSON comes, whatever the client is doing: accepted or reported, never a panic, and the channel works again when the server does.

use gws_im_sdk::bayeux::{ConnectionState, Input};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::harness::{On, Simulation, TOPIC};
use crate::properties::config;
use crate::schedule::{ID, MEMBERS, Run, Step, WORDS};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![8 => proptest::sample::select(&WORDS[..]).prop_map(str::to_owned), 1 => any::<String>()]
}

fn member() -> impl Strategy<Value = String> {
    prop_oneof![12 => proptest::sample::select(&MEMBERS[..]).prop_map(str::to_owned), 1 => any::<String>()]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3i64..40).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((member(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Something with the looks of a message: right here, wrong there.
fn message() -> impl Strategy<Value = Value> {
    let channel = proptest::sample::select(&["/meta/handshake", "/meta/connect", "/meta/subscribe", "/meta/disconnect", TOPIC][..]);
    let successful = prop_oneof![4 => Just(json!(true)), 2 => Just(json!(false)), 1 => scalar()];
    let extras = proptest::collection::vec((member(), value()), 0..4);
    (channel, successful, prop_oneof![3 => Just(ID.to_owned()), 1 => text()], extras).prop_map(|(channel, successful, id, extras)| {
        let mut message = json!({"channel": channel, "successful": successful, "id": id});
        for (name, value) in extras {
            message[name.as_str()] = value;
        }
        message
    })
}

fn body() -> impl Strategy<Value = Value> {
    let messages = proptest::collection::vec(prop_oneof![4 => message(), 1 => value()], 0..5).prop_map(Value::from);
    prop_oneof![4 => messages, 1 => message(), 1 => value()]
}

fn answer() -> impl Strategy<Value = (u16, Value)> {
    let status = prop_oneof![6 => Just(200u16), 1 => proptest::sample::select(&[0, 204, 302, 400, 401, 403, 404, 429, 500, 503][..]), 1 => any::<u16>()];
    (status, body())
}

/// What the client is doing when the answers come.
#[derive(Clone, Copy, Debug)]
enum Moment {
    Opening,
    Quiet,
    Subscribing,
    Broken,
    Closing,
}

fn bring_to(moment: Moment) -> Simulation {
    let mut simulation = if matches!(moment, Moment::Opening) { Simulation::new() } else { Simulation::connected() };
    match moment {
        Moment::Opening => drop(simulation.handshake()),
        Moment::Quiet => simulation.publish(&json!("ends the poll")),
        Moment::Subscribing => drop(simulation.subscribe("/a")),
        Moment::Broken => simulation.cut(),
        Moment::Closing => drop(simulation.disconnect()),
    }
    simulation.login = Some((50, true));
    simulation
}

fn moments() -> impl Strategy<Value = Moment> {
    proptest::sample::select(&[Moment::Opening, Moment::Quiet, Moment::Subscribing, Moment::Broken, Moment::Closing][..])
}

proptest! {
    #![proptest_config(config(700))]

    #[test]
    fn any_answer_at_any_moment_is_survived(moment in moments(), answers in proptest::collection::vec(answer(), 1..6)) {
        let mut run = Run { simulation: bring_to(moment), published: 0, misled: false };
        for (status, body) in answers {
            run.perform(Step::Hostile(On::Any, status, body));
        }
        let mut simulation = run.simulation;
        simulation.run_for(40_000);
        simulation.heal();
        simulation.run_for(1_000);
        if simulation.state() == ConnectionState::Disconnected {
            simulation.handshake();
        }
        simulation.tell(Input::Hurry);
        simulation.run_until_connected(150_000);
        simulation.run_until("the client's session lives and has its topic", 150_000, |simulation| {
            simulation.state() == ConnectionState::Connected && simulation.subscribed().contains(&TOPIC)
        });
        simulation.disconnect();
        simulation.run_until_disconnected(11_000);
        prop_assert_eq!(simulation.outstanding(), []);
    }
}
