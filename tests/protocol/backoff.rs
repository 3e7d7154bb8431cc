//! How soon, and how often, a failed attempt is repeated.

use gws_im_sdk::bayeux::{Cause, Config, Input, MetaChannel, TransportFailure};
use serde_json::json;

use crate::harness::{End, Flavour, On, Reaction, Server, ServerOptions, Simulation, TOPIC, brief_cause, default_config};

fn seeded(seed: u64, jitter: f64) -> Config {
    Config { seed, backoff_jitter: jitter, ..default_config() }
}

fn connected(config: Config) -> Simulation {
    Simulation::connected_with(config, ServerOptions::new(Flavour::CometD3))
}

/// Cuts the line for `duration` and gives the waits between the end of one attempt and the next.
fn waits_of_an_outage(simulation: &mut Simulation, duration: u64) -> Vec<u64> {
    let mut ended = simulation.now();
    simulation.network.down = true;
    simulation.cut();
    simulation.run_for(duration);
    let mut waits = Vec::new();
    for sent in simulation.requests() {
        waits.push(sent.at - ended);
        ended = sent.end.map_or(u64::MAX, |(at, _)| at);
    }
    waits
}

#[test]
fn the_first_retry_comes_soon_and_the_rest_grow_linearly_to_the_cap() {
    let config = Config { max_backoff: 5_000, ..seeded(1, 0.0) };
    let waits = waits_of_an_outage(&mut connected(config), 60_000);
    assert!((100..=300).contains(&waits[0]), "{waits:?}");
    assert_eq!(waits[1..6], [1_000, 2_000, 3_000, 4_000, 5_000]);
    assert!(waits[6..].iter().all(|wait| *wait == 5_000) && waits.len() > 10, "{waits:?}");
}

#[test]
fn the_default_cap_is_a_minute() {
    let waits = waits_of_an_outage(&mut connected(seeded(1, 0.0)), 4_000_000);
    assert_eq!(waits.iter().max(), Some(&60_000));
}

#[test]
fn jitter_shortens_waits_by_at_most_its_fraction_and_differs_between_clients() {
    let draw = |seed| waits_of_an_outage(&mut connected(seeded(seed, 0.5)), 60_000);
    let waits = draw(7);
    for (full, wait) in (1_000..).step_by(1_000).zip(&waits[1..]) {
        assert!((full / 2..=full).contains(wait), "{wait} of {full}");
    }
    let shortened = (1_000..).step_by(1_000).zip(&waits[1..]).filter(|(full, wait)| **wait < full * 9 / 10).count();
    assert!(shortened > waits.len() / 3, "{waits:?}");
    assert_eq!(draw(7), draw(7));
    assert_ne!(draw(7), draw(8));
}

#[test]
fn first_retries_of_many_clients_are_spread() {
    let first: Vec<u64> = (1..=30).map(|seed| waits_of_an_outage(&mut connected(seeded(seed, 0.5)), 1_000)[0]).collect();
    assert!(first.iter().all(|wait| (100..=300).contains(wait)), "{first:?}");
    let mut distinct = first.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert!(distinct.len() > 10, "{first:?}");
}

#[test]
fn success_starts_over() {
    let mut simulation = connected(seeded(1, 0.0));
    for _ in 0..3 {
        let waits = waits_of_an_outage(&mut simulation, 4_000);
        assert!(waits[0] <= 300 && waits[1] == 1_000, "{waits:?}");
        simulation.network.down = false;
        simulation.run_until_connected(5_000);
        simulation.run_until("a connect is held", 1_000, |simulation| simulation.server.is_holding());
        // As long as a connect must be held to show that the channel works again.
        simulation.run_for(5_000);
        simulation.forget();
    }
}

#[test]
fn a_break_right_after_a_return_goes_on_with_short_waits_not_with_none() {
    let mut simulation = connected(seeded(1, 0.0));
    waits_of_an_outage(&mut simulation, 60_000);
    simulation.network.down = false;
    simulation.run_until_connected(15_000);
    simulation.forget();
    let waits = waits_of_an_outage(&mut simulation, 4_000);
    assert_eq!(waits[0], 4_000, "{waits:?}");
}

#[test]
fn the_advised_interval_is_waited_on_top() {
    let options = ServerOptions { interval: 3_000, ..ServerOptions::new(Flavour::CometD3) };
    let mut simulation = Simulation::with(seeded(1, 0.0), options);
    simulation.handshake();
    simulation.run_until_connected(10_000);
    simulation.run_until("a connect is held", 5_000, |simulation| simulation.server.is_holding());
    simulation.forget();
    let waits = waits_of_an_outage(&mut simulation, 30_000);
    assert!((3_100..=3_300).contains(&waits[0]), "{waits:?}");
    assert_eq!(waits[1..4], [4_000, 5_000, 6_000]);
}

#[test]
fn the_status_counts_attempts_and_tells_when_the_next_one_leaves() {
    let mut simulation = connected(seeded(1, 0.0));
    simulation.network.down = true;
    simulation.cut();
    for attempt in 1..=4 {
        simulation.run_until("the attempt failed", 10_000, |simulation| {
            simulation.last_status().attempt == attempt && simulation.last_status().retry_at.is_some()
        });
        let retry_at = simulation.last_status().retry_at.expect("a time").as_millis();
        let before = simulation.requests().count();
        simulation.run_until("the next attempt", 10_000, |simulation| simulation.requests().count() > before);
        assert_eq!(simulation.now(), retry_at, "attempt {attempt}");
        assert_eq!(simulation.last_status().cause, Some(Cause::Transport(TransportFailure::Network)));
    }
}

#[test]
fn retry_after_of_429_and_503_is_obeyed() {
    for status in [429, 503] {
        for on in [On::HANDSHAKE, On::CONNECT] {
            let mut simulation = Simulation::with(seeded(1, 0.0), ServerOptions::new(Flavour::CometD3));
            simulation.script(on, 1, Reaction::http_retry_after(status, 17_000));
            simulation.handshake();
            simulation.run_until_connected(25_000);
            let attempts: Vec<_> = simulation.requests().filter(|sent| sent.is("connect") || sent.is("handshake")).collect();
            let refused = attempts.iter().position(|sent| on == On::HANDSHAKE || sent.is("connect")).expect("an attempt");
            let wait = attempts[refused + 1].at - attempts[refused].end.expect("answered").0;
            assert!((17_000..=18_300).contains(&wait), "{status} {on:?}: {wait}");
        }
    }
}

#[test]
fn retry_after_is_obeyed_for_subscriptions_too() {
    let mut simulation = Simulation::connected();
    simulation.script(On::SUBSCRIBE, 1, Reaction::http_retry_after(503, 17_000));
    let command = simulation.subscribe("/v2/me/calls");
    simulation.run_for(16_500);
    assert_eq!(simulation.result(command), None);
    simulation.run_for(2_000);
    assert_eq!(simulation.result(command), Some(Ok(())));
    assert_eq!(simulation.statuses(), [""; 0]);
}

#[test]
fn retry_after_of_another_status_is_not_obeyed() {
    let mut simulation = Simulation::with(seeded(1, 0.0), ServerOptions::new(Flavour::CometD3));
    simulation.script(On::HANDSHAKE, 1, Reaction::http_retry_after(500, 17_000));
    simulation.handshake();
    simulation.run_until_connected(3_000);
}

#[test]
fn an_absurd_retry_after_neither_panics_nor_outlasts_a_person_s_wish() {
    for retry_after in [0, u64::MAX] {
        let mut simulation = Simulation::new();
        simulation.script(On::HANDSHAKE, 1, Reaction::http_retry_after(503, retry_after));
        simulation.handshake();
        simulation.run_for(1_000);
        simulation.tell(Input::Hurry);
        simulation.run_until_connected(3_000);
    }
}

/// The wait between the failure of a handshake and the next, for many clients.
#[test]
fn a_failed_handshake_is_repeated_after_a_further_random_second() {
    let wait = |seed| {
        let mut simulation = Simulation::with(seeded(seed, 0.0), ServerOptions::new(Flavour::CometD3));
        simulation.script(On::HANDSHAKE, 1, Reaction::Fail(TransportFailure::Network));
        simulation.handshake();
        simulation.run_until_connected(3_000);
        let handshakes: Vec<_> = simulation.requests().filter(|sent| sent.is("handshake")).collect();
        handshakes[1].at - handshakes[0].end.expect("ended").0
    };
    let waits: Vec<u64> = (1..=30).map(wait).collect();
    assert!(waits.iter().all(|wait| (100..=1_300).contains(wait)), "{waits:?}");
    assert!(waits.iter().max() > Some(&900) && waits.iter().min() < Some(&500), "{waits:?}");
}

#[test]
fn a_node_that_restarts_does_not_get_all_handshakes_at_once() {
    let wait = |seed| {
        let mut simulation = connected(seeded(seed, 0.0));
        simulation.at_server(Server::restart);
        simulation.cut();
        simulation.run_until("a handshake", 5_000, |simulation| !simulation.times_of("handshake").is_empty());
        let refused = simulation.requests().find(|sent| sent.is("connect") && sent.end.is_some_and(|(_, end)| end == End::Answered));
        simulation.times_of("handshake")[0] - refused.and_then(|sent| sent.end).expect("a connect that was answered").0
    };
    let waits: Vec<u64> = (1..=30).map(wait).collect();
    assert!(waits.iter().all(|wait| *wait <= 1_300), "{waits:?}");
    assert!(waits.iter().max() > Some(&500), "handshakes after a transport failure wait a random second: {waits:?}");
}

#[test]
fn handshakes_that_succeed_and_connects_that_fail_are_not_a_storm() {
    let mut simulation = Simulation::new();
    simulation.always(
        On::CONNECT,
        Reaction::edit(MetaChannel::Connect, |reply| {
            reply["successful"] = json!(false);
            reply["error"] = json!("400::no");
            reply["advice"] = json!({"reconnect": "handshake", "interval": 0});
        }),
    );
    simulation.handshake();
    simulation.run_for(60_000);
    let handshakes = simulation.times_of("handshake");
    assert!((4..=16).contains(&handshakes.len()), "{handshakes:?}");
    let waits: Vec<u64> = handshakes.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(waits.last() >= waits.first(), "{waits:?}");
}

#[test]
fn sessions_that_die_as_soon_as_they_are_connected_are_not_a_storm() {
    let mut simulation = Simulation::new();
    simulation.handshake();
    let start = simulation.now();
    while simulation.now() < start + 60_000 {
        simulation.run_until_connected(60_000);
        // The connect that follows the first is refused.
        simulation.at_server(Server::restart);
        simulation.cut();
        simulation.run_for(1);
    }
    let handshakes = simulation.times_of("handshake");
    assert!((4..=25).contains(&handshakes.len()), "{handshakes:?}");
}

#[test]
fn a_line_that_is_cut_twenty_times_in_ten_seconds_is_no_storm() {
    let mut simulation = Simulation::connected();
    for _ in 0..20 {
        simulation.run_for(500);
        simulation.cut();
    }
    simulation.run_until_connected(20_000);
    let requests = simulation.requests().count();
    assert!(requests <= 60, "{requests}: {:?}", simulation.sent());
    assert_eq!(simulation.server.client_ids.len(), 1, "one session through it all");
}

#[test]
fn a_connect_without_an_answer_ends_at_its_deadline() {
    let mut simulation = Simulation::connected();
    simulation.publish(&json!(0));
    simulation.script(On::CONNECT, 1, Reaction::SwallowReply);
    simulation.run_for(40_000);
    let connect = simulation.requests().next().expect("a connect");
    assert_eq!(connect.end, Some((connect.at + 20_000 + 10_000, End::Aborted)));
    let causes: Vec<String> = simulation.statuses();
    assert_eq!(causes.first().map(String::as_str), Some("reconnecting 1 timeout"));
}

#[test]
fn a_handshake_without_an_answer_ends_at_its_deadline() {
    let mut simulation = Simulation::new();
    simulation.script(On::HANDSHAKE, 1, Reaction::SwallowReply);
    simulation.handshake();
    simulation.run_until_connected(15_000);
    let handshake = simulation.requests().next().expect("a handshake");
    assert_eq!(handshake.end, Some((handshake.at + 10_000, End::Aborted)));
}

#[test]
fn a_subscribe_that_fails_is_repeated_and_disturbs_nothing() {
    let mut simulation = connected(seeded(1, 0.0));
    simulation.script(On::SUBSCRIBE, 4, Reaction::Fail(TransportFailure::Network));
    let command = simulation.subscribe("/v2/me/calls");
    simulation.run_for(30_000);
    assert_eq!(simulation.result(command), Some(Ok(())));
    assert_eq!(simulation.statuses(), [""; 0]);
    let times = simulation.times_of("subscribe");
    assert_eq!(times.len(), 5);
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 100), "{times:?}");
}

#[test]
fn a_subscribe_that_succeeds_starts_the_back_off_of_commands_over() {
    let mut simulation = connected(seeded(1, 0.0));
    for (channel, failures) in [("/a", 5), ("/b", 1)] {
        simulation.script(On::SUBSCRIBE, failures, Reaction::Fail(TransportFailure::Network));
        simulation.forget();
        let command = simulation.subscribe(channel);
        simulation.run_until("subscribed", 60_000, |simulation| simulation.result(command) == Some(Ok(())));
        let times = simulation.times_of("subscribe");
        assert!(times[1] - times[0] <= 300 + 40, "{channel} {times:?}");
    }
}

#[test]
fn a_topic_that_can_t_be_subscribed_for_long_is_asked_for_with_back_off() {
    let mut simulation = Simulation::new();
    simulation.always(On::SUBSCRIBE, Reaction::http(500));
    simulation.handshake();
    simulation.run_for(60_000);
    let times = simulation.times_of("subscribe");
    assert!((4..=16).contains(&times.len()), "{times:?}");
    assert_eq!(simulation.last_status().cause.as_ref().map(brief_cause).as_deref(), Some("http/500"));
    simulation.heal();
    simulation.run_until_connected(65_000);
    assert_eq!(simulation.subscribed(), [TOPIC]);
}

#[test]
fn a_server_that_holds_no_connect_is_not_asked_without_a_pause() {
    for (timeout, most) in [(0, 20), (20_000, 3)] {
        let options = ServerOptions { timeout, ..ServerOptions::new(Flavour::CometD3) };
        let mut simulation = Simulation::with(default_config(), options);
        simulation.handshake();
        simulation.run_until_connected(1_000);
        let before = simulation.times_of("connect").len();
        simulation.run_for(10_000);
        let asked = simulation.times_of("connect").len() - before;
        assert!(asked <= most, "held for {timeout} ms: {asked} connects in 10 s");
        simulation.publish(&json!("still delivered"));
        simulation.run_until("delivered", 2_000, |simulation| !simulation.deliveries().is_empty());
    }
}
