//! Channel names: what may be subscribed to, and which channels a pattern covers.
//!
//! The characters are those of the table that CometD's client and server share.

/// The longest channel, in characters: with what stands around it, a message stays below the 8,192 characters that the reference client
/// sends at most (`maxSendBayeuxMessageSize`), and far below what servers take.
pub(super) const LONGEST_CHANNEL: usize = 8_000;

/// A channel or pattern to subscribe to: `/a/b`, `/a/*` (one more segment) or `/a/**` (one or more).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelPattern(String);

/// Why a text is no [`ChannelPattern`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelError {
    /// It does not begin with a slash, or has nothing behind it.
    NotAbsolute,
    /// A segment is empty: `//`, or a slash at the end.
    EmptySegment,
    /// A character outside the table.
    Character(char),
    /// `*` or `**` anywhere but as the last segment.
    Wildcard,
    /// A channel of the protocol itself.
    Meta,
    /// Longer than [`LONGEST_CHANNEL`].
    TooLong,
}

impl ChannelPattern {
    /// Checks `text`.
    pub fn new(text: &str) -> Result<Self, ChannelError> {
        let Some(path) = text.strip_prefix('/').filter(|path| !path.is_empty()) else {
            return Err(ChannelError::NotAbsolute);
        };
        if let Some(character) = path.chars().find(|character| !is_allowed(*character)) {
            return Err(ChannelError::Character(character));
        }
        if text.len() > LONGEST_CHANNEL {
            return Err(ChannelError::TooLong);
        }
        let mut segments = path.split('/').peekable();
        while let Some(segment) = segments.next() {
            match segment {
                "" => return Err(ChannelError::EmptySegment),
                "*" | "**" if segments.peek().is_none() => {}
                segment if segment.contains('*') => return Err(ChannelError::Wildcard),
                _ => {}
            }
        }
        if text == "/meta" || text.starts_with("/meta/") {
            return Err(ChannelError::Meta);
        }
        Ok(Self(text.to_owned()))
    }

    /// The pattern as it goes on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a message on `channel` is covered.
    pub fn matches(&self, channel: &str) -> bool {
        let pattern = self.0.as_str();
        if let Some(parent) = pattern.strip_suffix("/**") {
            return below(channel, parent).is_some();
        }
        if let Some(parent) = pattern.strip_suffix("/*") {
            return below(channel, parent).is_some_and(|rest| !rest.contains('/'));
        }
        pattern == channel
    }

    /// Whether the pattern covers more than one channel.
    pub fn is_wildcard(&self) -> bool {
        self.0.ends_with('*')
    }
}

/// What stands behind `parent/` in `channel`, if anything does.
fn below<'a>(channel: &'a str, parent: &str) -> Option<&'a str> {
    channel.strip_prefix(parent)?.strip_prefix('/').filter(|rest| !rest.is_empty())
}

fn is_allowed(character: char) -> bool {
    character.is_ascii_alphanumeric() || " !#$()*+-./@_{}~".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_patterns_are_taken() {
        for text in ["/v2/me/im-sessions", "/v2/me/*", "/v2/**", "/**", "/*", "/a b/{c}", "/notifications/services", "/metadata"] {
            assert_eq!(ChannelPattern::new(text).map(|pattern| pattern.0), Ok(text.to_owned()));
        }
    }

    #[test]
    fn invalid_patterns_name_the_fault() {
        for (text, error) in [
            ("", ChannelError::NotAbsolute),
            ("/", ChannelError::NotAbsolute),
            ("v2/me", ChannelError::NotAbsolute),
            ("//me", ChannelError::EmptySegment),
            ("/v2/", ChannelError::EmptySegment),
            ("/v2/\u{e4}", ChannelError::Character('\u{e4}')),
            ("/v2/me?x", ChannelError::Character('?')),
            ("/v2/*/calls", ChannelError::Wildcard),
            ("/v2/me*", ChannelError::Wildcard),
            ("/v2/***", ChannelError::Wildcard),
            ("/meta/connect", ChannelError::Meta),
            ("/meta/*", ChannelError::Meta),
        ] {
            assert_eq!(ChannelPattern::new(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_channel_that_makes_too_large_a_message_is_refused() {
        let channel = |length: usize| format!("/{}", "x".repeat(length - 1));
        assert!(ChannelPattern::new(&channel(LONGEST_CHANNEL)).is_ok());
        assert_eq!(ChannelPattern::new(&channel(LONGEST_CHANNEL + 1)), Err(ChannelError::TooLong));
    }

    #[test]
    fn patterns_match_by_segments() {
        for (pattern, channel, expected) in [
            ("/v2/me/calls", "/v2/me/calls", true),
            ("/v2/me/calls", "/v2/me/calls/1", false),
            ("/v2/me/*", "/v2/me/calls", true),
            ("/v2/me/*", "/v2/me/calls/1", false),
            ("/v2/me/*", "/v2/me", false),
            ("/v2/me/*", "/v2/meet/x", false),
            ("/v2/**", "/v2/me/calls/1", true),
            ("/v2/**", "/v2", false),
            ("/**", "/v2", true),
            ("/*", "/v2/me", false),
        ] {
            let pattern = ChannelPattern::new(pattern).expect("valid");
            assert_eq!(pattern.matches(channel), expected, "{} {channel}", pattern.as_str());
        }
    }
}
