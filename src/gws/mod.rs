//! What Genesys Web Services (GWS) says over the channel, and what it wants to see on HTTP. Pure: it reads and writes messages and knows
//! nothing of connections.
//!
//! A delivery on the topic of IM sessions goes through [`classify`]. What comes out is a [`Notification`] that keeps what the
//! documents promise, or [`Classified::Unknown`], and then the message is as the server sent it.
//!
//! | file | knows |
//! | --- | --- |
//! | `topic` | the channels GWS publishes on |
//! | `selector` | strings that select a type, with blanks around them or not |
//! | `draft` | a view on the way to its normal form |
//! | `resource` | a session resource: identity, state, participants, capabilities, user data |
//! | `notification` | the message types of the topic, and which one a delivery is |
//! | `rest` | what an answer to a call of the API says |
//! | `csrf` | the token against cross-site request forgery that GWS wants on a POST |
//!
//! ```
//! # mod json { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/json.rs")); }
//! # use json::Json; // the doctest's payload: serde_json's value
//! use gws_im_sdk::bayeux::{Field, RawMessage};
//! use gws_im_sdk::gws::{Classified, NotificationType, classify};
//! use serde_json::json;
//!
//! let message = Json(json!({ "channel": "/v2/me/im-sessions", "data": {
//!     "messageType": "IMSessionStateChangeMessage",
//!     "notificationType": "StatusChange",
//!     "imSession": { "id": "12398", "state": " Talking", "participants": ["3002"] }
//! }}));
//! let Classified::Notification(notification) = classify(&message) else { panic!("a documented message") };
//! assert_eq!(notification.notification_type, NotificationType::StatusChange);
//! assert_eq!(notification.data.object(Field::ImSession).unwrap().0, json!({
//!     "id": "12398", "path": "/im-sessions/12398", "state": "Talking", "capabilities": [],
//!     "participants": [{ "digits": "3002", "phoneNumber": "3002" }]
//! }));
//! ```

mod csrf;
mod draft;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod hostile_values;
mod notification;
mod resource;
mod rest;
mod selector;
mod topic;

pub use csrf::{Csrf, CsrfToken, is_csrf_refusal};
pub use notification::{Classified, MessageType, Notification, NotificationType, classify, is_im_sessions_topic};
pub use resource::normalise_session;
pub use rest::{Verdict, judge};
pub use topic::IM_SESSIONS;
