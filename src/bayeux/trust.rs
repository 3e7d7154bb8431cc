//! How far sockets to a server are trusted: after a failure not at once again, and ever less so.

use crate::time::Instant;

/// How long sockets are left alone after the first failure, ms; each further one doubles it.
const FIRST_DISTRUST: u64 = 30_000;
/// The longest time they are left alone.
const LONGEST_DISTRUST: u64 = 1_800_000;
/// A socket that carried a session for so long was a good one: its end says nothing about the next.
const GOOD_LIFE: u64 = 300_000;

/// What has been learnt of sockets to one server. It is worth keeping for the life of a page: what stands in the way of one client's socket
/// stands in the way of the next client's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SocketTrust {
    failures: u32,
    /// Not to be tried before then.
    suspect_until: Instant,
}

impl SocketTrust {
    /// Whether a socket is worth trying at `now`.
    pub(super) fn is_trusted(&self, now: Instant) -> bool {
        self.suspect_until <= now
    }

    /// A socket failed at `now`, after it had carried a session for `carried` ms.
    pub(super) fn failed(&mut self, now: Instant, carried: u64) {
        self.failures = if carried >= GOOD_LIFE { 1 } else { self.failures.saturating_add(1) };
        let doublings = self.failures.saturating_sub(1).min(16);
        self.suspect_until = now.after((FIRST_DISTRUST << doublings).min(LONGEST_DISTRUST));
    }

    /// The network is another one now: the next try is due.
    pub(super) fn renewed(&mut self) {
        self.suspect_until = Instant::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distrust(failures: u32) -> u64 {
        let mut trust = SocketTrust::default();
        let now = Instant::from_millis(5);
        (0..failures).for_each(|_| trust.failed(now, 0));
        trust.suspect_until.since(now)
    }

    #[test]
    fn each_failure_doubles_the_time_without_sockets_to_half_an_hour() {
        assert_eq!([1, 2, 3, 6, 7, 40].map(distrust), [30_000, 60_000, 120_000, 960_000, 1_800_000, 1_800_000]);
    }

    #[test]
    fn a_socket_is_trusted_from_the_moment_the_distrust_ends() {
        let mut trust = SocketTrust::default();
        let now = Instant::from_millis(1);
        assert!(trust.is_trusted(now));
        trust.failed(now, 0);
        assert!(!trust.is_trusted(now.after(29_999)));
        assert!(trust.is_trusted(now.after(30_000)));
    }

    #[test]
    fn the_end_of_a_socket_that_lived_long_counts_as_a_first_failure() {
        let mut trust = SocketTrust::default();
        let now = Instant::from_millis(0);
        (0..5).for_each(|_| trust.failed(now, 299_999));
        assert!(!trust.is_trusted(now.after(30_000)));
        trust.failed(now, 300_000);
        assert!(trust.is_trusted(now.after(30_000)));
    }

    #[test]
    fn another_network_ends_the_distrust_but_not_the_memory() {
        let mut trust = SocketTrust::default();
        let now = Instant::from_millis(0);
        (0..3).for_each(|_| trust.failed(now, 0));
        trust.renewed();
        assert!(trust.is_trusted(now));
        trust.failed(now, 0);
        assert!(!trust.is_trusted(now.after(239_999)));
    }
}
