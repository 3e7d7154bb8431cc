//! Random schedules of faults, commands and time. The rules of the wire, the path of states and the bookkeeping of commands are checked by
//! the harness at every step; here is what must hold at the end.

use gws_im_sdk::bayeux::{Config, Event, Input};
use proptest::prelude::*;
use proptest::test_runner::{Config as ProptestConfig, RngAlgorithm, RngSeed};
use serde_json::{Value, json};

use crate::harness::{AckStyle, Faults, Flavour, On, Reaction, ServerOptions, Side, Simulation, SocketFaults, default_config};
use crate::schedule::{CHANNELS, Run, Step, WIRES, is_distinct, is_increasing};

/// The same cases in every run. `PROPTEST_CASES` and `PROPTEST_RNG_SEED` ask for more, or others.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    let number = |name: &str| -> Option<u64> { std::env::var(name).ok()?.parse().ok() };
    ProptestConfig {
        cases: number("PROPTEST_CASES").and_then(|cases| u32::try_from(cases).ok()).unwrap_or(cases),
        failure_persistence: None,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(number("PROPTEST_RNG_SEED").unwrap_or(0x6773_2d69_6d2d_7364)),
        max_shrink_iters: 2_000,
        ..ProptestConfig::default()
    }
}

fn waits() -> impl Strategy<Value = Step> {
    prop_oneof![4 => 0u64..300, 3 => 300u64..5_000, 1 => 5_000u64..90_000].prop_map(Step::Wait)
}

fn faults() -> impl Strategy<Value = Step> {
    (0u64..60, 0u64..60, 0u64..100, 0u64..50, 0u64..100).prop_map(|(lose_request, lose_reply, silent, duplicate, after_abort)| {
        Step::Faults(Faults { lose_request, lose_reply, silent, duplicate, after_abort })
    })
}

fn socket_faults() -> impl Strategy<Value = Step> {
    (0u64..60, 0u64..60, 0u64..70, 0u64..70, 0u64..100, 0u64..8).prop_map(|(refuse, never_open, stall, end, silent, spoil)| {
        Step::SocketFaults(SocketFaults { refuse, never_open, stall, end, silent, spoil, duplicate: 0 })
    })
}

/// What happens to sockets. Where there are none nothing comes of it.
fn of_sockets() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => socket_faults(),
        2 => proptest::sample::select(vec![1000u16, 1001, 1006, 1009, 1011, 1013]).prop_map(Step::CloseSockets),
        2 => proptest::sample::select(vec![Side::Both, Side::ToClient, Side::ToServer]).prop_map(Step::StallSocket),
        3 => (on(), any::<u8>()).prop_map(|(on, number)| Step::Frame(on, number)),
    ]
}

fn outside() -> impl Strategy<Value = Step> {
    proptest::sample::select(vec![
        Input::Online,
        Input::Offline,
        Input::Resume,
        Input::Hurry,
        Input::PageHidden,
        Input::LoginDone { renewed: true },
    ])
    .prop_map(Step::Outside)
}

fn on() -> impl Strategy<Value = On> {
    proptest::sample::select(vec![On::HANDSHAKE, On::CONNECT, On::SUBSCRIBE, On::UNSUBSCRIBE, On::DISCONNECT, On::Any])
}

fn advice() -> impl Strategy<Value = Value> {
    let reconnect = proptest::sample::select(vec!["retry", "retry", "handshake", "none", "maybe"]);
    (reconnect, -1i64..3_000, 0u64..30_000).prop_map(|(reconnect, interval, timeout)| {
        json!({"reconnect": reconnect, "interval": interval, "timeout": timeout, "maxInterval": timeout / 2})
    })
}

/// What costs no session.
fn harmless() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => waits(),
        4 => (1u64..4).prop_map(Step::Publish),
        2 => (0..CHANNELS.len()).prop_map(Step::Subscribe),
        1 => (0..CHANNELS.len()).prop_map(Step::Unsubscribe),
        2 => Just(Step::Cut),
        1 => any::<bool>().prop_map(Step::Down),
        2 => faults(),
        2 => outside(),
        1 => (on(), proptest::sample::select(vec![400u16, 404, 408, 429, 500, 502, 503])).prop_map(|(on, status)| Step::Answer(on, status)),
        1 => on().prop_map(Step::Swallow),
        3 => of_sockets(),
    ]
}

fn anything() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => harmless(),
        1 => Just(Step::Open),
        1 => Just(Step::Close),
        1 => Just(Step::Expire),
        1 => Just(Step::Restart),
        1 => Just(Step::ServerDisconnects),
        1 => any::<bool>().prop_map(Step::MultipleClients),
        1 => (0..CHANNELS.len()).prop_map(Step::Refuse),
        1 => any::<bool>().prop_map(Step::RefuseHandshakes),
        1 => (on(), Just(401u16)).prop_map(|(on, status)| Step::Answer(on, status)),
        1 => Just(Step::Page),
        1 => any::<bool>().prop_map(Step::Cookies),
        1 => any::<bool>().prop_map(Step::HandshakePerConnection),
        1 => (on(), advice()).prop_map(|(on, advice)| Step::Advise(on, advice)),
    ]
}

fn acknowledged() -> impl Strategy<Value = ServerOptions> {
    proptest::sample::select(vec![(Flavour::CometD3, AckStyle::True), (Flavour::CometD8, AckStyle::EnabledWithBatch)])
        .prop_map(|(flavour, ack)| ServerOptions { ack, ..ServerOptions::new(flavour) })
}

fn any_server() -> impl Strategy<Value = ServerOptions> {
    // Faye stays away: its 401 to a subscribe says neither that the session is lost nor that the channel is forbidden.
    let flavours = vec![
        (Flavour::CometD2, AckStyle::True),
        (Flavour::CometD3, AckStyle::True),
        (Flavour::CometD8, AckStyle::EnabledWithBatch),
        (Flavour::CometD3, AckStyle::Absent),
    ];
    let parts = (proptest::sample::select(flavours), any::<bool>(), proptest::sample::select(vec![0, 300]));
    parts.prop_map(|((flavour, ack), tell_max_interval, interval)| ServerOptions {
        interval,
        tell_max_interval,
        ack,
        ..ServerOptions::new(flavour)
    })
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn with_acknowledgement_each_message_comes_once_and_in_order(
        seed in any::<u64>(), wires in 0..WIRES.len(), options in acknowledged(), steps in proptest::collection::vec(harmless(), 1..40)
    ) {
        let mut run = Run::new(seed, wires, ServerOptions { max_interval: 100_000_000, ..options });
        for step in steps {
            run.perform(step);
        }
        run.heal_and_settle();
        run.publish();
        run.simulation.run_for(5_000);
        let expected: Vec<Value> = (0..run.published).map(Value::from).collect();
        prop_assert_eq!(run.simulation.deliveries(), expected, "{}", run.simulation.record);
        prop_assert_eq!(run.simulation.server.client_ids.len(), 1);
        let gaps = run.simulation.events(|event| matches!(event, Event::Gap(_)).then_some(()));
        prop_assert_eq!(gaps, []);
        run.wishes_match();
        run.close();
    }

    #[test]
    fn whatever_happens_the_channel_comes_back_with_what_is_wanted(
        seed in any::<u64>(), wires in 0..WIRES.len(), options in any_server(), steps in proptest::collection::vec(anything(), 1..40)
    ) {
        let acknowledged = options.ack != AckStyle::Absent;
        let mut run = Run::new(seed, wires, options);
        for step in steps {
            run.perform(step);
        }
        run.heal_and_settle();
        let before = run.simulation.deliveries().len();
        run.publish();
        run.simulation.run_for(5_000);
        let deliveries = run.simulation.deliveries();
        prop_assert_eq!(deliveries.get(before..), Some(&[json!(run.published - 1)][..]), "{}", run.simulation.record);
        prop_assert!(is_distinct(&deliveries), "{:?}\n{}", deliveries, run.simulation.record);
        prop_assert!(!acknowledged || is_increasing(&deliveries), "{:?}\n{}", deliveries, run.simulation.record);
        run.wishes_match();
        run.close();
    }

    /// The wait between the end of a failed attempt and the next is at least the interval and at most interval, cap and spread.
    #[test]
    fn waits_between_attempts_are_bounded(
        seed in any::<u64>(), interval in 0u64..4_000, cap in 1_000u64..20_000,
        statuses in proptest::collection::vec(proptest::sample::select(vec![400u16, 404, 500, 502, 504]), 1..40)
    ) {
        let options = ServerOptions { interval: i64::try_from(interval).expect("small"), max_interval: 100_000_000, ..ServerOptions::new(Flavour::CometD3) };
        let config = Config { seed, max_backoff: cap, ..default_config() };
        let mut simulation = Simulation::with(config, options);
        simulation.handshake();
        simulation.run_until_connected(20_000);
        simulation.run_until("a connect is held", 20_000, |simulation| simulation.server.is_holding());
        simulation.forget();
        for status in statuses {
            simulation.script(On::CONNECT, 1, Reaction::http(status));
        }
        let mut ended = simulation.now();
        simulation.cut();
        simulation.run_until_connected(2_000_000);
        for sent in simulation.requests() {
            let wait = sent.at - ended;
            prop_assert!((interval..=interval + cap + 1_300).contains(&wait), "{} after {}\n{}", wait, ended, simulation.record);
            prop_assert!(wait >= 100.min(cap) || interval > 0 || sent.brief() == "connect", "{}", wait);
            ended = sent.end.map_or(ended, |(at, _)| at);
        }
    }
}
