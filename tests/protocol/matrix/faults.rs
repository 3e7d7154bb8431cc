//! The table of faults.

use gws_im_sdk::bayeux::{Body, Input, MetaChannel, Response, TransportFailure};
use serde_json::{Value, json};

use super::Cell;
use super::fault::{Ends, Fault, Session, Wire};
use crate::harness::{FrameReaction, On, Reaction, Server, Side, Simulation, SocketFate};

/// What happens to the next connects, or to all for an hour, on the wire of the cell.
fn on_connect(simulation: &mut Simulation, cell: Cell, request: Reaction, frame: FrameReaction) {
    if cell.on_socket() {
        simulation.script_frames(On::CONNECT, cell.times(), frame);
    }
    if cell.lasts || !cell.on_socket() {
        simulation.script(On::CONNECT, cell.times(), request);
    }
}

/// The replies to the next connects get other members.
fn edit_connect(simulation: &mut Simulation, cell: Cell, edit: fn(&mut Value)) {
    on_connect(simulation, cell, Reaction::edit(MetaChannel::Connect, edit), FrameReaction::edit(edit));
}

/// Requests meet this answer. A socket gives way to them first.
fn answer_requests(simulation: &mut Simulation, cell: Cell, answer: fn() -> Reaction) {
    simulation.script(On::Any, cell.times(), answer());
    if cell.on_socket() {
        simulation.network.sockets = SocketFate::refused();
        simulation.close_sockets(1006);
    }
}

/// The next sockets meet this, and the one there is closes.
fn next_sockets(simulation: &mut Simulation, cell: Cell, fate: SocketFate) {
    if cell.lasts {
        simulation.network.sockets = fate;
    } else {
        simulation.network.next_sockets.push_back(fate);
    }
    simulation.close_sockets(1006);
}

fn unknown_session(reply: &mut Value) {
    reply["successful"] = json!(false);
    reply["error"] = json!("402::Unknown client");
    reply.as_object_mut().expect("a reply").remove("ext");
}

fn with_message(mut messages: Vec<Value>, message: &Value) -> Value {
    messages.insert(0, message.clone());
    Value::Array(messages)
}

/// A message that nobody published: it is not counted.
fn extra() -> Value {
    json!({"channel": "/service/extra", "data": "extra"})
}

const REDIRECT: fn() -> Reaction = || Reaction::Answer(Response { status: 0, body: Body::NotJson { html: false }, retry_after: None });

pub(super) const FAULTS: &[Fault] = &[
    // ---- the session
    Fault::new("the session expires", Session::New, |simulation, _| simulation.at_server(Server::expire_all)),
    Fault::new("the session expires, and no 402 brings advice", Session::New, |simulation, _| {
        simulation.server.options.advice_with_402 = false;
        simulation.at_server(Server::expire_all);
    }),
    Fault::new("the session expires, and a subscribe finds it out", Session::New, |simulation, _| {
        simulation.at_server(Server::expire_all);
        simulation.subscribe("/a");
    }),
    Fault::new("the server restarts", Session::New, |simulation, _| simulation.at_server(Server::restart)),
    Fault::new("the cookie of the browser is lost after every handshake", Session::New, |simulation, cell| {
        simulation.server.options.cookies = false;
        simulation.at_server(Server::expire_all);
        if cell.on_socket() {
            simulation.close_sockets(1006);
        }
    })
    .lasting()
    .ending(Ends::OnPolling("cookies")),
    Fault::new("a connect is refused 402 though the session lives", Session::New, |simulation, cell| {
        edit_connect(simulation, cell, |reply| {
            unknown_session(reply);
            reply["advice"] = json!({"reconnect": "handshake", "interval": 0});
        });
    })
    .lasting()
    .ending(Ends::Lasting("cookies")),
    Fault::new("the server ends it", Session::New, |simulation, _| simulation.at_server(Server::disconnect_all))
        .ending(Ends::Always("ended")),
    // ---- advice
    Fault::new("an advice nobody knows", Session::Kept, |simulation, cell| {
        edit_connect(simulation, cell, |reply| reply["advice"] = json!({"reconnect": "banana", "interval": 0, "timeout": 20_000}));
    })
    .harmless()
    .lasting(),
    Fault::new("an advice of the wrong type", Session::Kept, |simulation, cell| {
        edit_connect(simulation, cell, |reply| reply["advice"] = json!([1, "retry", null]));
    })
    .harmless()
    .lasting(),
    Fault::new("no advice", Session::Kept, |simulation, cell| {
        edit_connect(simulation, cell, |reply| drop(reply.as_object_mut().expect("a reply").remove("advice")));
    })
    .harmless()
    .lasting(),
    Fault::new("a failure without advice", Session::Kept, |simulation, cell| {
        edit_connect(simulation, cell, |reply| {
            reply["successful"] = json!(false);
            drop(reply.as_object_mut().expect("a reply").remove("ext"));
        });
    })
    .lasting(),
    Fault::new("an advised handshake with success", Session::New, |simulation, cell| {
        edit_connect(simulation, cell, |reply| reply["advice"] = json!({"reconnect": "handshake", "interval": 0}));
    })
    .lasting(),
    Fault::new("a negative interval", Session::New, |simulation, cell| {
        edit_connect(simulation, cell, |reply| reply["advice"] = json!({"reconnect": "retry", "interval": -1}));
    })
    .ending(Ends::Always("ended")),
    Fault::new("none at a successful connect", Session::New, |simulation, cell| {
        edit_connect(simulation, cell, |reply| reply["advice"] = json!({"reconnect": "none"}));
    })
    .ending(Ends::Always("ended")),
    Fault::new("none at a failed connect", Session::New, |simulation, cell| {
        edit_connect(simulation, cell, |reply| {
            reply["successful"] = json!(false);
            reply["advice"] = json!({"reconnect": "none"});
        });
    })
    .ending(Ends::Always("ended")),
    Fault::new("none at a handshake", Session::New, |simulation, _| {
        let none = |reply: &mut Value| reply["advice"] = json!({"reconnect": "none"});
        simulation.script(On::HANDSHAKE, 1, Reaction::edit(MetaChannel::Handshake, none));
        simulation.at_server(Server::expire_all);
        simulation.close_sockets(1006);
    })
    .ending(Ends::Always("ended")),
    Fault::new("none at a subscribe is not for subscribes to say", Session::Kept, |simulation, cell| {
        let none = |reply: &mut Value| reply["advice"] = json!({"reconnect": "none"});
        if cell.on_socket() {
            simulation.script_frames(On::SUBSCRIBE, 1, FrameReaction::edit(none));
        } else {
            simulation.script(On::SUBSCRIBE, 1, Reaction::edit(MetaChannel::Subscribe, none));
        }
        simulation.subscribe("/a");
    })
    .harmless(),
    Fault::new("other sessions of the browser slow this one down", Session::Kept, |simulation, _| {
        simulation.server.multiple_clients = true;
    })
    .harmless(),
    // ---- replies
    Fault::new("a connect reply with a foreign id", Session::Either, |simulation, cell| {
        edit_connect(simulation, cell, |reply| reply["id"] = json!("99999"));
    })
    .lasting(),
    Fault::new("a reply nobody asked for", Session::Kept, |simulation, cell| {
        let foreign = json!({"channel": "/meta/subscribe", "id": "77777", "successful": false, "error": "402::x", "subscription": "/z",
            "advice": {"reconnect": "none"}});
        let again = foreign.clone();
        on_connect(
            simulation,
            cell,
            Reaction::rewrite(move |messages| with_message(messages, &foreign)),
            FrameReaction::rewrite(move |messages| with_message(messages, &again)),
        );
    })
    .harmless()
    .lasting(),
    Fault::new("a goodbye of the server with an id nobody used", Session::Kept, |simulation, cell| {
        let goodbye = json!({"channel": "/meta/disconnect", "id": "77777", "successful": true});
        let again = goodbye.clone();
        on_connect(
            simulation,
            cell,
            Reaction::rewrite(move |messages| with_message(messages, &goodbye)),
            FrameReaction::rewrite(move |messages| with_message(messages, &again)),
        );
    })
    .harmless(),
    Fault::new("a message comes with the reply to a subscribe", Session::Kept, |simulation, cell| {
        if cell.on_socket() {
            simulation.script_frames(On::SUBSCRIBE, 1, FrameReaction::rewrite(|messages| with_message(messages, &extra())));
        } else {
            simulation.script(On::SUBSCRIBE, 1, Reaction::rewrite(|messages| with_message(messages, &extra())));
        }
        simulation.subscribe("/a");
    })
    .harmless(),
    Fault::new("a message comes with the reply to a handshake", Session::New, |simulation, _| {
        simulation.script(On::HANDSHAKE, 1, Reaction::rewrite(|messages| with_message(messages, &extra())));
        simulation.at_server(Server::expire_all);
    }),
    Fault::new("a connect reply is lost", Session::Kept, |simulation, cell| {
        on_connect(simulation, cell, Reaction::LoseReply, FrameReaction::Close(1006));
    }),
    Fault::new("connect replies are lost for an hour", Session::Either, |simulation, cell| {
        on_connect(simulation, cell, Reaction::LoseReply, FrameReaction::Close(1006));
    })
    .lasting(),
    Fault::new("a connect reply is swallowed", Session::Either, |simulation, cell| {
        on_connect(simulation, cell, Reaction::SwallowReply, FrameReaction::SwallowReply);
    })
    .lasting(),
    Fault::new("a connect reply is later than its deadline", Session::Either, |simulation, cell| {
        on_connect(simulation, cell, Reaction::Delay(45_000), FrameReaction::Delay(45_000));
    })
    .lasting(),
    Fault::new("a subscribe reply is swallowed", Session::Kept, |simulation, cell| {
        if cell.on_socket() {
            simulation.script_frames(On::SUBSCRIBE, 1, FrameReaction::SwallowReply);
        } else {
            simulation.script(On::SUBSCRIBE, 1, Reaction::SwallowReply);
        }
        simulation.subscribe("/a");
    }),
    Fault::new("a connect reply comes twice", Session::Kept, |simulation, cell| {
        simulation.script_frames(On::CONNECT, cell.times(), FrameReaction::DoubleReply);
    })
    .harmless()
    .lasting()
    .of(Wire::Sockets),
    Fault::new("every answer comes twice, and late ones after an abort", Session::Kept, |simulation, _| {
        simulation.network.faults.duplicate = 100;
        simulation.network.faults.after_abort = 100;
        simulation.tell(Input::Resume);
    })
    .of(Wire::Polling),
    Fault::new("connects are answered, but those that are held fail", Session::Either, |simulation, cell| {
        simulation.script(On::Held, cell.times(), Reaction::http(502));
        if cell.on_socket() {
            simulation.script_frames(On::Held, cell.times(), FrameReaction::not_json());
        }
    })
    .answered_between()
    .lasting(),
    Fault::new("connects are answered, but those that are held are cut", Session::Either, |simulation, cell| {
        simulation.script(On::Held, cell.times(), Reaction::Fail(TransportFailure::Network));
        if cell.on_socket() {
            simulation.script_frames(On::Held, cell.times(), FrameReaction::Close(1006));
        }
    })
    .answered_between()
    .lasting(),
    Fault::new("none at a refused subscribe", Session::New, |simulation, cell| {
        let none = |reply: &mut Value| {
            unknown_session(reply);
            reply["advice"] = json!({"reconnect": "none"});
        };
        if cell.on_socket() {
            simulation.script_frames(On::SUBSCRIBE, 1, FrameReaction::edit(none));
        } else {
            simulation.script(On::SUBSCRIBE, 1, Reaction::edit(MetaChannel::Subscribe, none));
        }
        simulation.subscribe("/a");
    })
    .ending(Ends::Always("ended")),
    // ---- requests
    Fault::new("HTTP 401", Session::New, |simulation, cell| answer_requests(simulation, cell, || Reaction::http(401))),
    Fault::new("HTTP 403", Session::Either, |simulation, cell| answer_requests(simulation, cell, || Reaction::http(403))).lasting(),
    Fault::new("HTTP 429 with Retry-After", Session::Either, |simulation, cell| {
        answer_requests(simulation, cell, || Reaction::http_retry_after(429, 4_000));
    })
    .lasting(),
    Fault::new("HTTP 500", Session::Either, |simulation, cell| answer_requests(simulation, cell, || Reaction::http(500))).lasting(),
    Fault::new("HTTP 502", Session::Either, |simulation, cell| answer_requests(simulation, cell, || Reaction::http(502))).lasting(),
    Fault::new("HTTP 503 with Retry-After", Session::Either, |simulation, cell| {
        answer_requests(simulation, cell, || Reaction::http_retry_after(503, 2_000));
    })
    .lasting(),
    Fault::new("a redirect", Session::New, |simulation, cell| answer_requests(simulation, cell, REDIRECT)),
    Fault::new("an HTML page in place of an answer", Session::Kept, |simulation, cell| {
        answer_requests(simulation, cell, || Reaction::html(200));
    }),
    Fault::new("an answer that is not JSON", Session::Either, |simulation, cell| answer_requests(simulation, cell, Reaction::not_json))
        .lasting(),
    Fault::new("an empty answer", Session::Either, |simulation, cell| {
        answer_requests(simulation, cell, || Reaction::json(200, json!([])));
    })
    .lasting(),
    Fault::new("an answer of nulls", Session::Either, |simulation, cell| {
        answer_requests(simulation, cell, || Reaction::json(200, json!([null, null])));
    })
    .lasting(),
    Fault::new("requests fail", Session::Either, |simulation, cell| {
        answer_requests(simulation, cell, || Reaction::Fail(TransportFailure::Network));
    })
    .lasting(),
    // ---- the network
    Fault::new("the network is gone", Session::Either, |simulation, cell| {
        simulation.network.down = cell.lasts;
        simulation.cut();
    })
    .lasting(),
    Fault::new("half of everything is lost, much of it silently", Session::Either, |simulation, cell| {
        let faults = &mut simulation.network.faults;
        (faults.lose_request, faults.lose_reply, faults.silent) = (50, 50, 50);
        if cell.on_socket() {
            let faults = &mut simulation.network.socket_faults;
            (faults.refuse, faults.never_open, faults.stall, faults.end, faults.silent) = (30, 30, 50, 50, 50);
            simulation.close_sockets(1006);
        }
    })
    .lasting(),
    Fault::new("sleep, and the wire is dead", Session::Either, |simulation, cell| {
        if cell.on_socket() {
            simulation.stall_socket(Side::Both);
        } else {
            simulation.script(On::CONNECT, 1, Reaction::SwallowReply);
        }
        simulation.tell(Input::Resume);
    }),
    Fault::new("offline and online again", Session::Either, |simulation, _| {
        simulation.tell(Input::Offline);
        simulation.cut();
        simulation.run_for(3_000);
        simulation.tell(Input::Online);
    }),
    Fault::new("5,000 messages at once", Session::Kept, |simulation, _| {
        for number in 0..5_000 {
            simulation.publish(&json!(["burst", number]));
        }
    })
    .harmless(),
    // ---- sockets
    Fault::new("the socket closes 1000", Session::Kept, |simulation, _| simulation.close_sockets(1000)).of(Wire::Sockets),
    Fault::new("the socket closes 1001", Session::Kept, |simulation, _| simulation.close_sockets(1001)).of(Wire::Sockets),
    Fault::new("the socket breaks", Session::Kept, |simulation, _| simulation.close_sockets(1006)).of(Wire::Sockets),
    Fault::new("the socket closes 1009", Session::Kept, |simulation, _| simulation.close_sockets(1009)).of(Wire::Sockets),
    Fault::new("the socket closes 1011", Session::Kept, |simulation, _| simulation.close_sockets(1011)).of(Wire::Sockets),
    Fault::new("the socket closes 1013", Session::Kept, |simulation, _| simulation.close_sockets(1013)).of(Wire::Sockets),
    Fault::new("the socket carries nothing any more", Session::Either, |simulation, _| simulation.stall_socket(Side::Both))
        .of(Wire::Sockets),
    Fault::new("the socket carries nothing to the client any more", Session::Either, |simulation, _| {
        simulation.stall_socket(Side::ToClient);
    })
    .of(Wire::Sockets),
    Fault::new("the socket carries nothing to the server any more", Session::Either, |simulation, _| {
        simulation.stall_socket(Side::ToServer);
    })
    .of(Wire::Sockets),
    Fault::new("sockets are refused", Session::Kept, |simulation, cell| next_sockets(simulation, cell, SocketFate::refused()))
        .lasting()
        .of(Wire::Sockets),
    Fault::new("sockets never open", Session::Kept, |simulation, cell| next_sockets(simulation, cell, SocketFate::NEVER_OPENS))
        .lasting()
        .of(Wire::Sockets),
    Fault::new("sockets open and carry nothing", Session::Kept, |simulation, cell| {
        next_sockets(simulation, cell, SocketFate::stalls(Side::Both, 0));
    })
    .lasting()
    .of(Wire::Sockets),
    Fault::new("sockets carry a few frames", Session::Either, |simulation, cell| {
        next_sockets(simulation, cell, SocketFate::stalls(Side::ToClient, 3));
    })
    .lasting()
    .of(Wire::Sockets),
    Fault::new("sockets break after 90 s", Session::Kept, |simulation, cell| {
        next_sockets(simulation, cell, SocketFate::breaks(90_000, true));
    })
    .lasting()
    .of(Wire::Sockets),
    Fault::new("a socket brings what is not JSON", Session::Kept, |simulation, cell| {
        simulation.script_frames(On::CONNECT, cell.times(), FrameReaction::not_json());
    })
    .lasting()
    .of(Wire::Sockets),
    Fault::new("a socket brings a number", Session::Kept, |simulation, cell| {
        simulation.script_frames(On::CONNECT, cell.times(), FrameReaction::json(json!(7)));
    })
    .lasting()
    .of(Wire::Sockets),
    Fault::new("a socket does not get rid of what it is given", Session::Kept, |simulation, _| simulation.network.clogged = true)
        .lasting()
        .of(Wire::Sockets),
    Fault::new("each connection needs its own handshake", Session::Kept, |simulation, _| {
        simulation.server.options.require_handshake_per_connection = true;
        simulation.close_sockets(1006);
    })
    .lasting()
    .of(Wire::Sockets),
];
