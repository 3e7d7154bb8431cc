//! What the server advises, and how one advice replaces another.
//!
//! Each advice replaces the one before completely, over the configured defaults. One that says `multiple-clients` is transient: the next
//! successful connect reply without the flag brings back the one before, as `CometD` 8 sends no new advice then.

/// What to do next, in the server's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reconnect {
    /// Send the next `/meta/connect` in the same session.
    Retry,
    /// Begin a new session.
    Handshake,
    /// Stop.
    None,
}

/// The members of one `advice` object, as far as they could be read. Times in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AdviceFields {
    /// `reconnect`
    pub reconnect: Option<Reconnect>,
    /// `interval`; negative means that the server does not want this client back.
    pub interval: Option<i64>,
    /// `timeout`
    pub timeout: Option<u64>,
    /// `maxInterval`
    pub max_interval: Option<u64>,
    /// `multiple-clients`
    pub multiple_clients: bool,
}

/// The advice in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What to do next, when the server said.
    pub reconnect: Option<Reconnect>,
    /// The wait before the next `/meta/connect`.
    pub interval: u64,
    /// How long the server holds a `/meta/connect`.
    pub timeout: u64,
    /// How long after its last answer the server keeps the session; 0 when it did not say.
    pub max_interval: u64,
    /// Another session of the same browser slows this one down.
    pub multiple_clients: bool,
}

/// The advice in force and what it falls back to.
#[derive(Clone, Debug)]
pub(super) struct AdviceBook {
    defaults: Advice,
    current: Advice,
    before_multiple_clients: Option<Advice>,
}

impl AdviceBook {
    pub(super) const fn new(timeout: u64, interval: u64) -> Self {
        let defaults = Advice { reconnect: None, interval, timeout, max_interval: 0, multiple_clients: false };
        Self { defaults, current: defaults, before_multiple_clients: None }
    }

    pub(super) const fn current(&self) -> &Advice {
        &self.current
    }

    /// Forgets what an earlier session was told.
    pub(super) fn reset(&mut self) {
        self.current = self.defaults;
        self.before_multiple_clients = None;
    }

    /// Takes the advice of a reply.
    pub(super) fn apply(&mut self, fields: &AdviceFields) {
        if fields.multiple_clients && !self.current.multiple_clients {
            self.before_multiple_clients = Some(self.current);
        }
        if !fields.multiple_clients {
            self.before_multiple_clients = None;
        }
        self.current = Advice {
            reconnect: fields.reconnect,
            interval: fields.interval.map_or(self.defaults.interval, |interval| interval.max(0).unsigned_abs()),
            timeout: fields.timeout.unwrap_or(self.defaults.timeout),
            max_interval: fields.max_interval.unwrap_or(self.defaults.max_interval),
            multiple_clients: fields.multiple_clients,
        };
    }

    /// Notes a successful connect reply that brought no advice: other clients of the browser are gone.
    pub(super) fn connect_without_advice(&mut self) {
        if let Some(before) = self.before_multiple_clients.take() {
            self.current = before;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(interval: i64) -> AdviceFields {
        AdviceFields { interval: Some(interval), ..AdviceFields::default() }
    }

    #[test]
    fn each_advice_replaces_the_last_over_the_defaults() {
        let mut book = AdviceBook::new(60_000, 0);
        book.apply(&AdviceFields { timeout: Some(5), max_interval: Some(7), ..fields(3) });
        book.apply(&AdviceFields { reconnect: Some(Reconnect::Retry), ..AdviceFields::default() });
        let expected = Advice { reconnect: Some(Reconnect::Retry), interval: 0, timeout: 60_000, max_interval: 0, multiple_clients: false };
        assert_eq!(*book.current(), expected);
    }

    #[test]
    fn multiple_clients_is_transient_and_the_advice_before_it_returns() {
        let mut book = AdviceBook::new(60_000, 0);
        book.apply(&AdviceFields { timeout: Some(20_000), ..fields(10) });
        let before = *book.current();
        let multiple = AdviceFields { multiple_clients: true, ..fields(2_000) };
        book.apply(&multiple);
        book.apply(&multiple);
        assert_eq!(book.current().interval, 2_000);
        book.connect_without_advice();
        assert_eq!(*book.current(), before);
    }

    #[test]
    fn an_advice_without_the_flag_ends_multiple_clients_for_good() {
        let mut book = AdviceBook::new(60_000, 0);
        book.apply(&AdviceFields { multiple_clients: true, ..fields(2_000) });
        book.apply(&fields(5));
        book.connect_without_advice();
        assert_eq!(book.current().interval, 5);
    }

    #[test]
    fn a_reset_returns_to_the_defaults() {
        let mut book = AdviceBook::new(60_000, 1);
        book.apply(&fields(9));
        book.reset();
        assert_eq!(book.current().interval, 1);
    }
}
