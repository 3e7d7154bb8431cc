//! The user data each session had last: a change of state may come without it, and then it is what it was.

/// How many sessions are remembered. GWS allows an agent one live session at a time, so more than a few are those whose end was missed.
const MOST_SESSIONS: usize = 100;

/// User data by session id, the latest last.
pub(super) struct KnownUserData<P> {
    sessions: Vec<(String, P)>,
}

impl<P: Clone> KnownUserData<P> {
    pub(super) const fn new() -> Self {
        Self { sessions: Vec::new() }
    }

    /// What the session had last.
    pub(super) fn of(&self, id: &str) -> Option<P> {
        self.sessions.iter().find(|(known, _)| known == id).map(|(_, user_data)| user_data.clone())
    }

    /// Remembers `user_data`, in place of the session that changed longest ago if there are too many.
    pub(super) fn remember(&mut self, id: &str, user_data: P) {
        self.forget(id);
        if self.sessions.len() == MOST_SESSIONS {
            self.sessions.remove(0);
        }
        self.sessions.push((id.to_owned(), user_data));
    }

    pub(super) fn forget(&mut self, id: &str) {
        self.sessions.retain(|(known, _)| known != id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_session_has_its_own_and_the_latest_counts() {
        let mut known = KnownUserData::new();
        for (id, user_data) in [("__proto__", 1), ("constructor", 2), ("__proto__", 3)] {
            known.remember(id, user_data);
        }
        assert_eq!((known.of("__proto__"), known.of("constructor"), known.of("toString")), (Some(3), Some(2), None));
        known.forget("__proto__");
        assert_eq!((known.of("__proto__"), known.of("constructor")), (None, Some(2)));
    }

    #[test]
    fn the_session_that_changed_longest_ago_makes_room() {
        let mut known = KnownUserData::new();
        for number in 0..MOST_SESSIONS {
            known.remember(&number.to_string(), number);
        }
        known.remember("0", 1_000);
        known.remember("new", 1_001);
        assert_eq!(known.sessions.len(), MOST_SESSIONS);
        assert_eq!((known.of("0"), known.of("1"), known.of("2"), known.of("new")), (Some(1_000), None, Some(2), Some(1_001)));
    }
}
