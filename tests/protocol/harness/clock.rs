//! The virtual clock and what is due on it.

use std::collections::BTreeMap;

/// A clock that only moves when told, with things to happen in order of time and, within one millisecond, of entry.
#[derive(Debug)]
pub(crate) struct Agenda<T> {
    now: u64,
    entered: u64,
    entries: BTreeMap<(u64, u64), T>,
}

impl<T> Agenda<T> {
    pub(crate) const fn new(now: u64) -> Self {
        Self { now, entered: 0, entries: BTreeMap::new() }
    }

    pub(crate) const fn now(&self) -> u64 {
        self.now
    }

    /// Moves the clock; never back.
    pub(crate) fn advance_to(&mut self, time: u64) {
        self.now = self.now.max(time);
    }

    pub(crate) fn after(&mut self, delay: u64, item: T) {
        self.entered += 1;
        self.entries.insert((self.now + delay, self.entered), item);
    }

    /// Drops what `keep` does not want.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.entries.retain(|_, item| keep(item));
    }

    pub(crate) fn next_due(&self) -> Option<u64> {
        self.entries.first_key_value().map(|((due, _), _)| *due)
    }

    /// The next item whose time has come.
    pub(crate) fn take_due(&mut self) -> Option<T> {
        let entry = self.entries.first_entry()?;
        (entry.key().0 <= self.now).then(|| entry.remove())
    }
}
