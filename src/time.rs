//! A clock reading that the caller supplies: milliseconds since an origin only the caller knows.
//!
//! The protocol compares and adds readings and never asks for one, which makes it testable on a virtual clock. Arithmetic saturates:
//! no hostile interval can wrap a deadline into the past.

/// A point in time, in milliseconds since an arbitrary origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(u64);

impl Instant {
    /// The reading `millis` milliseconds after the origin.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the origin.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The point `millis` milliseconds later.
    #[must_use]
    pub const fn after(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to here; 0 when `earlier` is later.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_at_both_ends() {
        let late = Instant::from_millis(u64::MAX - 1);
        assert_eq!(late.after(10), Instant::from_millis(u64::MAX));
        assert_eq!(Instant::from_millis(3).since(late), 0);
        assert_eq!(Instant::from_millis(30).since(Instant::from_millis(10)), 20);
    }
}
