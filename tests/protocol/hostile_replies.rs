//! The wrong type in every field of every meta reply.

use gws_im_sdk::bayeux::{ConnectionState, Event, MetaChannel, Violation};
use serde_json::{Value, json};

use crate::harness::{AckStyle, Flavour, On, Reaction, ServerOptions, Simulation, TOPIC, default_config};

/// One value of every kind, and some that look right at first sight; `None` takes the member away.
fn values() -> Vec<Option<Value>> {
    let deep = (0..100).fold(json!({}), |inner, _| json!({"a": inner}));
    let present = [
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(-1),
        json!(1.5),
        json!(1e308),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(""),
        json!("text"),
        json!("1"),
        json!("\u{0}\u{202e}"),
        json!([]),
        json!([null]),
        json!([7, "long-polling"]),
        json!({}),
        json!({"a": 1}),
        json!({"ack": {}}),
        json!({"enabled": true, "batch": "x"}),
        deep,
    ];
    std::iter::once(None).chain(present.into_iter().map(Some)).collect()
}

/// Puts `value` at the path in `reply`, e.g. `advice.interval`.
fn put(reply: &mut Value, path: &str, value: Option<&Value>) {
    let (parents, member) = path.rsplit_once('.').map_or((None, path), |(parents, member)| (Some(parents), member));
    let mut target = reply;
    for parent in parents.into_iter().flat_map(|parents| parents.split('.')) {
        if !target[parent].is_object() {
            target[parent] = json!({});
        }
        target = &mut target[parent];
    }
    match value {
        Some(value) => target[member] = value.clone(),
        None => drop(target.as_object_mut().and_then(|members| members.remove(member))),
    }
}

const COMMON: [&str; 11] = [
    "channel",
    "id",
    "successful",
    "error",
    "advice",
    "advice.reconnect",
    "advice.interval",
    "advice.timeout",
    "advice.maxInterval",
    "advice.multiple-clients",
    "ext",
];

/// Whether the altered reply gives the server's right to end the channel.
fn may_end(channel: MetaChannel, path: &str, value: Option<&Value>) -> bool {
    let negative = value.and_then(Value::as_f64).is_some_and(|number| number < 0.0);
    match path {
        "advice.interval" => negative,
        // A list in which none is ours.
        "supportedConnectionTypes" => value.is_some_and(Value::is_array),
        // An unsuccessful reply for the topic.
        "successful" => channel == MetaChannel::Subscribe,
        _ => false,
    }
}

/// Alters the first reply on `channel` that comes when everything is used, and wants the channel to work afterwards.
fn survive(channel: MetaChannel, path: &'static str, value: Option<&Value>) {
    // A server that gave its word on acknowledgement and a reply that hides it would repeat everything for ever, by right.
    let ack = if channel == MetaChannel::Handshake && path.starts_with("ext") { AckStyle::Absent } else { AckStyle::True };
    let mut simulation = Simulation::with(default_config(), ServerOptions { ack, ..ServerOptions::new(Flavour::CometD3) });
    let name = format!("{} {path} {value:?}", channel.name());
    let altered = value.cloned();
    simulation.script(On::Meta(channel), 1, Reaction::edit(channel, move |reply| put(reply, path, altered.as_ref())));
    simulation.handshake();
    let wish = simulation.subscribe("/v2/me/calls");
    simulation.run_for(40_000);
    simulation.tell(gws_im_sdk::bayeux::Input::Hurry);
    simulation.run_for(2_000);
    if simulation.state() == ConnectionState::Disconnected {
        assert!(may_end(channel, path, value), "{name} ended the channel: {:?}", simulation.last_status().cause);
        simulation.handshake();
    }
    simulation.run_until_connected(5_000);
    if matches!(simulation.result(wish), Some(Ok(()))) {
        simulation.unsubscribe("/v2/me/calls");
        simulation.run_for(12_000);
    }
    let before = simulation.deliveries().len();
    (0..3).for_each(|number| simulation.publish(&json!(number)));
    simulation.run_for(5_000);
    assert_eq!(simulation.deliveries()[before..], [0, 1, 2].map(Value::from), "{name}");
    assert_eq!(simulation.subscribed(), [TOPIC], "{name}");
    simulation.disconnect();
    simulation.run_until_disconnected(11_000);
    assert_eq!(simulation.outstanding(), [], "{name}");
}

#[test]
fn any_handshake_reply_is_survived() {
    for path in COMMON.into_iter().chain([
        "clientId",
        "supportedConnectionTypes",
        "version",
        "minimumVersion",
        "ext.ack",
        "ext.ack.batch",
        "x-messages",
    ]) {
        for value in values() {
            survive(MetaChannel::Handshake, path, value.as_ref());
        }
    }
}

#[test]
fn any_connect_reply_is_survived() {
    for path in COMMON.into_iter().chain(["clientId", "data", "ext.ack"]) {
        for value in values() {
            survive(MetaChannel::Connect, path, value.as_ref());
        }
    }
}

#[test]
fn any_subscribe_reply_is_survived() {
    for path in COMMON.into_iter().chain(["subscription", "clientId"]) {
        for value in values() {
            survive(MetaChannel::Subscribe, path, value.as_ref());
        }
    }
}

#[test]
fn any_unsubscribe_reply_is_survived() {
    for path in COMMON.into_iter().chain(["subscription"]) {
        for value in values() {
            survive(MetaChannel::Unsubscribe, path, value.as_ref());
        }
    }
}

#[test]
fn any_disconnect_reply_is_survived() {
    for path in COMMON {
        for value in values() {
            survive(MetaChannel::Disconnect, path, value.as_ref());
        }
    }
}

#[test]
fn ill_typed_members_are_named() {
    for (channel, path, value, violation) in [
        (MetaChannel::Handshake, "clientId", json!(7), Violation::Member),
        (MetaChannel::Handshake, "supportedConnectionTypes", json!("long-polling"), Violation::Member),
        (MetaChannel::Handshake, "ext.ack", json!("yes"), Violation::Ack),
        (MetaChannel::Handshake, "ext.ack", json!({"enabled": 1}), Violation::Ack),
        (MetaChannel::Connect, "successful", json!("true"), Violation::Member),
        (MetaChannel::Connect, "ext.ack", json!(-1), Violation::Ack),
        (MetaChannel::Connect, "ext.ack", json!(1.5), Violation::Ack),
        (MetaChannel::Connect, "ext.ack", json!(1e308), Violation::Ack),
        (MetaChannel::Connect, "ext.ack", json!("3"), Violation::Ack),
        (MetaChannel::Connect, "advice", json!(3), Violation::Advice),
        (MetaChannel::Connect, "advice.reconnect", json!("perhaps"), Violation::UnknownReconnect),
        (MetaChannel::Subscribe, "error", json!(403), Violation::Member),
    ] {
        let mut simulation = Simulation::new();
        let altered = value.clone();
        simulation.script(On::Meta(channel), 1, Reaction::edit(channel, move |reply| put(reply, path, Some(&altered))));
        simulation.handshake();
        simulation.run_until_connected(10_000);
        let named = simulation.events(|event| match event {
            Event::Violation(violation) => Some(*violation),
            _ => None,
        });
        assert!(named.contains(&violation), "{} {path} {value}: {named:?}", channel.name());
    }
}

#[test]
fn a_handshake_without_a_client_id_is_a_failed_attempt() {
    for value in [None, Some(json!(null)), Some(json!("")), Some(json!(7))] {
        let mut simulation = Simulation::new();
        let altered = value.clone();
        simulation.script(On::HANDSHAKE, 1, Reaction::edit(MetaChannel::Handshake, move |reply| put(reply, "clientId", altered.as_ref())));
        simulation.handshake();
        simulation.run_until_connected(3_000);
        assert_eq!(simulation.times_of("handshake").len(), 2, "{value:?}");
        assert!(simulation.statuses().iter().any(|status| status.starts_with("connecting 1")), "{value:?} {:?}", simulation.statuses());
    }
}
