//! What waits for a session, with the acknowledge extension's batches.

use serde_json::Value;

/// Messages in order. Each remembers the batch that was open when it came.
#[derive(Debug)]
pub(crate) struct Queue {
    /// The open batch: the number of the next reply.
    batch: u64,
    entries: Vec<(u64, Value)>,
}

impl Queue {
    pub(crate) const fn new() -> Self {
        Self { batch: 1, entries: Vec::new() }
    }

    pub(crate) fn push(&mut self, message: Value) {
        self.entries.push((self.batch, message));
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The client has every batch up to `batch`. A number from the future empties the queue.
    pub(crate) fn acknowledge(&mut self, batch: u64) {
        self.entries.retain(|(came_in, _)| *came_in > batch);
    }

    /// A reply closes the open batch: its number and everything not acknowledged.
    pub(crate) fn close_batch(&mut self) -> (u64, Vec<Value>) {
        let closed = self.batch;
        self.batch += 1;
        (closed, self.entries.iter().map(|(_, message)| message.clone()).collect())
    }

    /// Everything, once: a session without acknowledgement.
    pub(crate) fn take(&mut self) -> Vec<Value> {
        self.entries.drain(..).map(|(_, message)| message).collect()
    }
}
