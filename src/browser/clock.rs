//! The page's clock, and what it reads in the calendar's terms.

use super::sys;
use crate::time::Instant;

/// The page's clock. It may stop while the machine sleeps.
pub(super) fn now() -> Instant {
    Instant::from_millis(sys::now() as u64)
}

/// Milliseconds since 1970 of a reading of the page's clock.
pub(super) fn epoch(instant: Instant) -> f64 {
    (js_sys::Date::now() - now().since(instant) as f64).round()
}
