//! A short soak; `make soak` runs a long one.

use crate::shift::Shift;

#[test]
fn in_changing_weather_each_notification_comes_once_and_in_order() {
    for seed in 1..=3 {
        let mut shift = Shift::new(seed);
        shift.stage(2_000);
        assert!(!shift.tally.is_broken(), "seed {seed}: {:?}", shift.tally);
    }
}
