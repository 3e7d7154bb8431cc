//! The topics of GWS: the Bayeux channels it publishes on.

/// Instant messaging between agents: the sessions of the agent who is logged in, and their texts.
pub const IM_SESSIONS: &str = "/v2/me/im-sessions";
