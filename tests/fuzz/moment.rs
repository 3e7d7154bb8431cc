//! The moments of a client's life in which an answer can come, each reached by a server that behaves.

use gws_im_sdk::bayeux::{ConnectionState, ConnectionType, Input, MetaChannel, TransportFailure};
use serde_json::{Value, json};

use crate::stage::{Question, Stage, Via};

macro_rules! moments {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal,)+) => {
        /// What the client is doing.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Moment {
            $($(#[doc = $doc])* $variant,)+
        }

        impl Moment {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name in a scene.
            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

moments! {
    /// The first handshake is asked.
    Handshake = "handshake",
    /// The main channel of a new session is asked for, beside the first connect.
    TopicSubscribe = "topic-subscribe",
    /// The first connect of a new session is asked, beside the subscription.
    FirstConnect = "first-connect",
    /// Connected with acknowledgement; the poll is held.
    Poll = "poll",
    /// Connected without acknowledgement; the poll is held.
    PollWithoutAck = "poll-without-ack",
    /// Connected, and two more channels are asked for in one request.
    Subscribe = "subscribe",
    /// Connected, and a channel is given up.
    Unsubscribe = "unsubscribe",
    /// Saying goodbye.
    Disconnect = "disconnect",
    /// The handshake is asked and the caller has given up since.
    GivenUp = "given-up",
    /// The poll broke, and the question whether the session is still there is asked.
    Retry = "retry",
    /// The session was lost, and the next one is asked for.
    Rehandshake = "rehandshake",
    /// A login is waited for; nothing is asked.
    Login = "login",
    /// A socket is being opened beside the poll.
    SocketOpening = "socket-opening",
    /// The first connect on a socket beside which long-polling would do.
    SocketProof = "socket-proof",
    /// The same without acknowledgement.
    SocketProofWithoutAck = "socket-proof-without-ack",
    /// A socket carries the session; its connect is held.
    Socket = "socket",
    /// A socket carries the session, and two more channels are asked for in one frame.
    SocketSubscribe = "socket-subscribe",
    /// A socket carries the session, and a request keeps the login alive.
    KeepAlive = "keep-alive",
    /// Sockets alone are allowed, and the handshake is asked on one.
    SocketHandshake = "socket-handshake",
    /// Sockets alone are allowed, and the goodbye is asked on one.
    SocketDisconnect = "socket-disconnect",
    /// A new session's first connect was unknown over HTTP, and a socket is tried in place of the cookie.
    Rescue = "rescue",
}

/// Channels that the caller subscribes besides the main one.
const CHANNELS: [&str; 2] = ["/v2/me/calls", "/v2/me/devices/*"];

impl Moment {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|moment| moment.name() == name)
    }

    /// Where answers go.
    pub(crate) const fn channel(self) -> Option<MetaChannel> {
        match self {
            Self::Handshake | Self::GivenUp | Self::Rehandshake | Self::SocketHandshake => Some(MetaChannel::Handshake),
            Self::TopicSubscribe | Self::Subscribe | Self::SocketSubscribe => Some(MetaChannel::Subscribe),
            Self::Unsubscribe => Some(MetaChannel::Unsubscribe),
            Self::Disconnect | Self::SocketDisconnect => Some(MetaChannel::Disconnect),
            Self::KeepAlive => None,
            _ => Some(MetaChannel::Connect),
        }
    }

    /// A client that is doing this; what led there is taken from its outputs.
    pub(crate) fn stage(self) -> Stage {
        let mut stage = Stage::new(self.connection_types());
        stage.handshake();
        self.lead(&mut stage);
        stage.take_outputs();
        let asked = stage.newest(self.channel()).is_some_and(|question| question.channel() == self.channel());
        assert!(asked || self == Self::Login, "{self:?} asks nothing: {:?}", stage.questions);
        stage
    }

    fn connection_types(self) -> Vec<ConnectionType> {
        match self {
            Self::SocketHandshake | Self::SocketDisconnect => vec![ConnectionType::WebSocket],
            _ => vec![ConnectionType::WebSocket, ConnectionType::LongPolling],
        }
    }

    fn lead(self, stage: &mut Stage) {
        match self {
            Self::Handshake => {}
            Self::GivenUp => stage.disconnect(),
            Self::TopicSubscribe | Self::FirstConnect => answer_newest(stage, MetaChannel::Handshake),
            Self::Login => stage.refuse_login(),
            Self::SocketHandshake => stage.open_socket(),
            Self::SocketDisconnect => {
                stage.open_socket();
                stage.recover();
                stage.disconnect();
            }
            Self::Rescue => {
                answer_newest(stage, MetaChannel::Handshake);
                stage.forget_session();
                stage.open_socket();
            }
            Self::PollWithoutAck | Self::SocketProofWithoutAck => {
                stage.decline_ack();
                stage.recover();
                self.lead_on(stage);
            }
            _ => {
                stage.recover();
                self.lead_on(stage);
            }
        }
    }

    /// From a channel that is connected.
    fn lead_on(self, stage: &mut Stage) {
        match self {
            Self::Subscribe => stage.subscribe(&CHANNELS),
            Self::Unsubscribe => {
                stage.subscribe(&CHANNELS);
                stage.recover();
                stage.unsubscribe(CHANNELS[0]);
            }
            Self::Disconnect => stage.disconnect(),
            Self::Retry => {
                stage.fail_newest(MetaChannel::Connect);
                stage.wake_until(MetaChannel::Connect);
            }
            Self::Rehandshake => {
                stage.forget_session();
                stage.wake_until(MetaChannel::Handshake);
            }
            Self::SocketProof | Self::SocketProofWithoutAck => stage.prove_socket(),
            Self::Socket => stage.carry(),
            Self::SocketSubscribe => {
                stage.carry();
                stage.subscribe(&CHANNELS);
            }
            Self::KeepAlive => {
                stage.carry();
                stage.wait_for_keep_alive();
            }
            _ => {}
        }
    }
}

fn answer_newest(stage: &mut Stage, channel: MetaChannel) {
    let question = stage.asked(channel);
    stage.answer_well(&question, &[]);
}

impl Stage {
    fn asked(&self, channel: MetaChannel) -> Question {
        let question = self.newest(Some(channel)).filter(|question| question.channel() == Some(channel));
        question.unwrap_or_else(|| panic!("{channel:?} is not asked: {:?}", self.questions)).clone()
    }

    fn open_socket(&mut self) {
        let (socket, _) = self.socket.expect("the client wants a socket");
        self.tell(Input::SocketOpened(socket));
    }

    /// The poll is waited for; the connect after it shows whether the socket works.
    fn prove_socket(&mut self) {
        self.open_socket();
        answer_newest(self, MetaChannel::Connect);
    }

    /// Moves to the socket that the client wants.
    fn carry(&mut self) {
        self.prove_socket();
        answer_newest(self, MetaChannel::Connect);
        assert_eq!(self.client.status().transport, Some(ConnectionType::WebSocket));
    }

    fn decline_ack(&mut self) {
        let question = self.asked(MetaChannel::Handshake);
        let mut reply = crate::stage::good_reply(&question.messages[0]);
        reply["ext"] = json!({"ack": false});
        self.answer(question.via, json!([reply]));
    }

    fn fail_newest(&mut self, channel: MetaChannel) {
        let Via::Request(request) = self.asked(channel).via else { panic!("{channel:?} is asked on a socket") };
        self.tell(Input::RequestFailed { request, failure: TransportFailure::Network });
    }

    /// The newest connect is answered as a server does that does not know its session.
    fn forget_session(&mut self) {
        let question = self.asked(MetaChannel::Connect);
        let id: Value = question.ids()[0].clone().into();
        let advice = json!({"reconnect": "handshake", "interval": 0});
        self.answer(
            question.via,
            json!([{"channel": "/meta/connect", "id": id, "successful": false, "error": "402::Unknown client", "advice": advice}]),
        );
    }

    fn refuse_login(&mut self) {
        let Via::Request(request) = self.asked(MetaChannel::Handshake).via else { panic!("the handshake is asked on a socket") };
        self.tell(Input::RequestFailed { request, failure: TransportFailure::Redirect });
    }

    fn wake_until(&mut self, channel: MetaChannel) {
        while self.newest(Some(channel)).is_none_or(|question| question.channel() != Some(channel)) {
            assert!(self.wake(), "no timer is set");
        }
    }

    /// Answers the held connects until the login is to be kept alive.
    fn wait_for_keep_alive(&mut self) {
        while !self.questions.iter().any(|question| matches!(question.via, Via::KeepAlive(_))) {
            assert_eq!(self.state(), ConnectionState::Connected);
            self.pass(30_000);
            if self.questions.iter().any(|question| matches!(question.via, Via::KeepAlive(_))) {
                return;
            }
            answer_newest(self, MetaChannel::Connect);
        }
    }
}
