//! How long to wait before the next attempt: linear with a cap and seeded jitter, so that many agents do not come back at once.

use super::config::Config;

/// The first retry of a break: soon, as most breaks are a single dead connection, but not at once.
const FIRST_RETRY: (u64, u64) = (100, 300);
/// How much longer a handshake after a transport failure may wait: a node that restarts must not get all its agents in one moment.
const SPREAD: u64 = 1_000;

/// How many failures count on while connects that are not held are answered and those that are fail.
const SETTLED: u32 = 4;

/// Counts failures and draws waits.
#[derive(Clone, Debug)]
pub(super) struct Backoff {
    increment: u64,
    cap: u64,
    jitter: f64,
    failures: u32,
    random: Random,
}

impl Backoff {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            increment: config.backoff_increment,
            cap: config.max_backoff,
            jitter: config.backoff_jitter.clamp(0.0, 1.0),
            failures: 0,
            random: Random::new(config.seed),
        }
    }

    /// Failures since the last [`Backoff::reset`].
    pub(super) const fn failures(&self) -> u32 {
        self.failures
    }

    /// The channel works.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// The channel answers again, but has not proved to last: the waits do not go on growing from where they were, nor do they begin anew. They stay
    /// below the time after which servers forget a session.
    pub(super) fn settle(&mut self) {
        self.failures = self.failures.min(SETTLED);
    }

    /// At least so many attempts have failed.
    pub(super) fn count_at_least(&mut self, failures: u32) {
        self.failures = self.failures.max(failures);
    }

    /// Counts a failure and gives the wait before the next attempt, advice not included.
    pub(super) fn next_delay(&mut self) -> u64 {
        self.failures = self.failures.saturating_add(1);
        self.delay_of(self.failures)
    }

    /// Counts a failure, and gives the wait after `failures` of the kind that matters.
    pub(super) fn next_delay_of(&mut self, failures: u32) -> u64 {
        self.failures = self.failures.saturating_add(1);
        self.delay_of(failures)
    }

    fn delay_of(&mut self, failures: u32) -> u64 {
        if failures <= 1 {
            return self.random.between(FIRST_RETRY.0, FIRST_RETRY.1).min(self.cap);
        }
        let full = self.increment.saturating_mul(u64::from(failures - 1)).min(self.cap);
        let random_part = (full as f64 * self.jitter) as u64;
        full - self.random.between(0, random_part)
    }

    /// The further wait that spreads handshakes of many clients.
    pub(super) fn spread(&mut self) -> u64 {
        self.random.between(0, SPREAD)
    }
}

/// The xorshift generator: jitter needs no better.
#[derive(Clone, Debug)]
struct Random(u64);

impl Random {
    const fn new(seed: u64) -> Self {
        // A state of 0 would stay 0.
        Self(seed ^ 0x9E37_79B9_7F4A_7C15 | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number from `low` to `high`, both included.
    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high.saturating_sub(low) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backoff(jitter: f64) -> Backoff {
        let mut config = Config::new(String::new());
        config.backoff_jitter = jitter;
        Backoff::new(&config)
    }

    #[test]
    fn the_first_retry_is_soon_and_the_rest_grow_linearly_to_the_cap() {
        let mut backoff = backoff(0.0);
        assert!((100..=300).contains(&backoff.next_delay()));
        let delays: Vec<u64> = (0..62).map(|_| backoff.next_delay()).collect();
        assert_eq!(delays[..3], [1_000, 2_000, 3_000]);
        assert_eq!(delays[58..], [59_000, 60_000, 60_000, 60_000]);
    }

    #[test]
    fn jitter_takes_at_most_its_fraction_off_and_differs_between_seeds() {
        let draw = |seed| {
            let mut config = Config::new(String::new());
            config.seed = seed;
            let mut backoff = Backoff::new(&config);
            (0..40).map(|_| backoff.next_delay()).collect::<Vec<u64>>()
        };
        for (index, delay) in draw(7).into_iter().enumerate().skip(1) {
            let full = 1_000 * index as u64;
            assert!((full / 2..=full).contains(&delay), "{index}: {delay}");
        }
        assert_ne!(draw(7), draw(8));
        assert_eq!(draw(7), draw(7));
    }

    #[test]
    fn success_starts_over() {
        let mut backoff = backoff(0.5);
        for _ in 0..9 {
            backoff.next_delay();
        }
        backoff.reset();
        assert!(backoff.next_delay() <= 300);
    }
}
