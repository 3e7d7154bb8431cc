//! The acknowledge extension: what the server sends again is told from what is new.
//!
//! The server numbers its replies in batches and sends everything after the batch named in a connect. Numbers jump, as lost replies
//! are numbered too, so they can't be compared to find repeats; positions can. `delivered` counts distinct messages of the session,
//! and `position[B]` is `delivered` after batch B's reply. A connect that acknowledges A opens a run at `position[A]`: the i-th data
//! message of the run stands at `position[A] + i`, and is new only from `delivered` on.

/// The acknowledgement of one session.
#[derive(Clone, Debug)]
pub(super) struct AckTable {
    delivered: u64,
    acked: u64,
    /// Batch and position, by batch, none older than `acked`.
    positions: Vec<(u64, u64)>,
    /// Where the next data message of the open run stands.
    cursor: Option<u64>,
    /// A connect reply of this session has carried a number.
    numbered: bool,
    /// One has carried none.
    unnumbered: bool,
}

impl AckTable {
    /// The table of a session whose handshake reply came with `batch` and was followed by `handshake_messages` data messages.
    pub(super) fn new(batch: u64, handshake_messages: u64) -> Self {
        Self {
            delivered: handshake_messages,
            acked: batch,
            positions: vec![(batch, handshake_messages)],
            cursor: None,
            numbered: false,
            unnumbered: false,
        }
    }

    /// Whether what is lost comes again. A server that agreed to number its replies, and has answered without a number and never with one, repeats
    /// nothing: something between may have taken the extension away.
    pub(super) const fn is_effective(&self) -> bool {
        self.numbered || !self.unnumbered
    }

    /// The batch to acknowledge: the greatest received in this session.
    pub(super) const fn acked(&self) -> u64 {
        self.acked
    }

    /// A connect that acknowledges [`AckTable::acked`] leaves.
    pub(super) fn open_run(&mut self) {
        self.cursor = self.positions.iter().find(|(batch, _)| *batch == self.acked).map(|(_, position)| *position);
    }

    /// A data message of the open run: is it new?
    pub(super) fn accept(&mut self) -> bool {
        let Some(cursor) = self.cursor.as_mut() else { return true };
        let position = *cursor;
        *cursor += 1;
        if position < self.delivered {
            return false;
        }
        self.delivered = position + 1;
        true
    }

    /// The connect of the open run was answered successfully with `batch`; without one, what came stays unacknowledged. A server that
    /// agreed to number its replies and never does sends nothing twice.
    pub(super) fn end_run(&mut self, batch: Option<u64>) {
        let Some(end) = self.cursor.take() else { return };
        self.unnumbered |= batch.is_none();
        if batch.is_none() && self.numbered {
            return;
        }
        self.numbered |= batch.is_some();
        let batch = batch.unwrap_or(self.acked);
        self.positions.retain(|(known, _)| *known != batch);
        self.positions.push((batch, end));
        self.acked = self.acked.max(batch);
        let acked = self.acked;
        self.positions.retain(|(known, _)| *known >= acked);
    }

    /// The connect of the open run ended without a successful answer.
    pub(super) fn abandon_run(&mut self) {
        self.cursor = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Opens a run, receives `count` messages and tells which were new.
    fn run(table: &mut AckTable, count: usize) -> Vec<bool> {
        table.open_run();
        (0..count).map(|_| table.accept()).collect()
    }

    #[test]
    fn batches_received_in_order_are_all_new() {
        let mut table = AckTable::new(0, 0);
        assert_eq!(run(&mut table, 2), [true, true]);
        table.end_run(Some(1));
        assert_eq!(run(&mut table, 1), [true]);
        table.end_run(Some(5));
        assert_eq!(table.acked(), 5);
    }

    #[test]
    fn a_replay_after_a_reply_without_its_batch_delivers_only_what_is_new() {
        let mut table = AckTable::new(0, 0);
        run(&mut table, 3);
        table.abandon_run();
        assert_eq!(run(&mut table, 5), [false, false, false, true, true]);
        table.end_run(Some(4));
        assert_eq!(run(&mut table, 1), [true]);
    }

    #[test]
    fn a_successful_reply_without_a_batch_acknowledges_nothing() {
        let mut table = AckTable::new(0, 0);
        table.open_run();
        table.end_run(Some(1));
        run(&mut table, 1);
        table.end_run(None);
        assert_eq!(table.acked(), 1);
        assert_eq!(run(&mut table, 2), [false, true]);
    }

    #[test]
    fn a_server_that_never_numbers_loses_nothing() {
        let mut table = AckTable::new(0, 0);
        for _ in 0..3 {
            assert_eq!(run(&mut table, 2), [true, true]);
            table.end_run(None);
        }
        assert_eq!(table.acked(), 0);
    }

    #[test]
    fn messages_of_the_handshake_reply_stand_before_its_batch() {
        let mut table = AckTable::new(7, 2);
        assert_eq!(table.acked(), 7);
        assert_eq!(run(&mut table, 1), [true]);
    }

    #[test]
    fn a_smaller_number_than_acknowledged_is_never_sent() {
        let mut table = AckTable::new(0, 0);
        run(&mut table, 1);
        table.end_run(Some(9));
        run(&mut table, 1);
        table.end_run(Some(3));
        assert_eq!(table.acked(), 9);
        assert_eq!(run(&mut table, 2), [false, true]);
    }

    #[test]
    fn positions_do_not_pile_up() {
        let mut table = AckTable::new(0, 0);
        for batch in 1..1_000 {
            run(&mut table, 3);
            table.end_run(Some(batch));
        }
        assert_eq!(table.positions.len(), 1);
    }
}
