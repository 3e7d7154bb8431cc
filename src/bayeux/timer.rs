//! Every wait has a name, so that each deadline can say why.

use crate::time::Instant;

/// Why the core wants to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The next handshake or `/meta/connect` leaves.
    Retry,
    /// The next attempt to send what waits in the second slot leaves.
    ResendCommands,
    /// The question whether the channel works, which came too soon after another, is asked.
    Hurry,
    /// The `/meta/connect` has no answer yet.
    ConnectDeadline,
    /// Anything else but a goodbye has no answer yet.
    SendDeadline,
    /// The goodbye, or the handshake a goodbye waits for, has no answer yet.
    GoodbyeDeadline,
    /// The socket is not open yet.
    SocketDeadline,
    /// No request has touched the login for as long as it may be left alone.
    KeepAlive,
    /// The request that keeps the login alive has no answer yet.
    KeepAliveDeadline,
}

const TIMERS: [Timer; 9] = [
    Timer::Retry,
    Timer::ResendCommands,
    Timer::Hurry,
    Timer::ConnectDeadline,
    Timer::SendDeadline,
    Timer::GoodbyeDeadline,
    Timer::SocketDeadline,
    Timer::KeepAlive,
    Timer::KeepAliveDeadline,
];

/// The timers that are set.
#[derive(Clone, Debug, Default)]
pub(super) struct TimerTable {
    due: [Option<Instant>; TIMERS.len()],
}

impl TimerTable {
    pub(super) fn set(&mut self, timer: Timer, due: Instant) {
        self.due[timer as usize] = Some(due);
    }

    pub(super) fn stop(&mut self, timer: Timer) {
        self.due[timer as usize] = None;
    }

    pub(super) const fn due(&self, timer: Timer) -> Option<Instant> {
        self.due[timer as usize]
    }

    /// The earliest timer and its reason.
    pub(super) fn next(&self) -> Option<(Instant, Timer)> {
        TIMERS.into_iter().filter_map(|timer| Some((self.due(timer)?, timer))).min_by_key(|(due, _)| *due)
    }

    /// Takes one timer that is due at `now`.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<Timer> {
        let (due, timer) = self.next()?;
        (due <= now).then(|| {
            self.stop(timer);
            timer
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_timer_comes_first_and_only_when_due() {
        let mut table = TimerTable::default();
        table.set(Timer::SendDeadline, Instant::from_millis(20));
        table.set(Timer::Retry, Instant::from_millis(10));
        assert_eq!(table.next(), Some((Instant::from_millis(10), Timer::Retry)));
        assert_eq!(table.take_due(Instant::from_millis(9)), None);
        assert_eq!(table.take_due(Instant::from_millis(30)), Some(Timer::Retry));
        assert_eq!(table.take_due(Instant::from_millis(30)), Some(Timer::SendDeadline));
        assert_eq!(table.take_due(Instant::from_millis(30)), None);
    }

    #[test]
    fn a_stopped_timer_never_comes() {
        let mut table = TimerTable::default();
        table.set(Timer::GoodbyeDeadline, Instant::from_millis(1));
        table.stop(Timer::GoodbyeDeadline);
        assert_eq!(table.next(), None);
    }
}
