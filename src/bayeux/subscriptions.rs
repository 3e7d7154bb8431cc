//! Which channels are wanted, what the server knows of them, and what to tell it.
//!
//! Wishes are counted per channel: one subscribe goes out however many listeners there are. What to send is derived from the difference
//! between wish and server, so that any sequence of commands within a tick leaves as the one message that matters, or none.

use super::channel::ChannelPattern;
use super::error::{CommandError, ServerError, UsageError};
use super::message::CommandId;

/// How many channels one request or frame carries at most, so that a re-subscription of hundreds stays below servers' message limits.
const CHANGES_PER_REQUEST: usize = 100;
/// How many characters it has at most: Jetty's sockets take 65,536.
const REQUEST_SIZE: usize = 32_768;
/// What stands around the channel in a message, at most: a client id, an id and the names.
const ENVELOPE_SIZE: usize = 256;

/// The wanted channels.
#[derive(Clone, Debug)]
pub(super) struct Subscriptions {
    entries: Vec<Entry>,
    max: usize,
}

#[derive(Clone, Debug)]
struct Entry {
    pattern: ChannelPattern,
    /// Wanted by the client itself.
    pinned: bool,
    /// Wishes that were confirmed once: someone relies on the channel.
    relied: usize,
    server: ServerSide,
    /// Wishes that wait to be confirmed.
    subscribing: Vec<CommandId>,
    unsubscribing: Vec<CommandId>,
}

/// What the server knows of a channel, in the present session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ServerSide {
    Absent,
    Asked,
    Present,
    Dropping,
    /// Told, without an answer.
    Unknown,
}

/// A message to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Subscribe(ChannelPattern),
    Unsubscribe(ChannelPattern),
}

/// A command and how it ended.
pub(super) type Completion = (CommandId, Result<(), CommandError>);

/// What a refused subscribe means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) completions: Vec<Completion>,
    /// Someone relied on it: it had been confirmed before.
    pub(super) lost: bool,
}

impl Entry {
    const fn new(pattern: ChannelPattern, pinned: bool) -> Self {
        Self { pattern, pinned, relied: 0, server: ServerSide::Absent, subscribing: Vec::new(), unsubscribing: Vec::new() }
    }

    const fn is_wanted(&self) -> bool {
        self.pinned || self.relied > 0 || !self.subscribing.is_empty()
    }

    /// What the server has to be told, and what it is then.
    fn change(&self) -> Option<(Change, ServerSide)> {
        match (self.is_wanted(), self.server) {
            (true, ServerSide::Absent | ServerSide::Unknown) => Some((Change::Subscribe(self.pattern.clone()), ServerSide::Asked)),
            (false, ServerSide::Present | ServerSide::Unknown) => Some((Change::Unsubscribe(self.pattern.clone()), ServerSide::Dropping)),
            _ => None,
        }
    }

    /// Takes back the wishes that are not confirmed.
    fn drop_unconfirmed(&mut self, error: &CommandError) -> Vec<Completion> {
        self.subscribing.drain(..).map(|command| (command, Err(error.clone()))).collect()
    }

    /// The server has it and it is wanted: whoever waits has what there is to have.
    fn complete_confirmed(&mut self) -> Vec<Completion> {
        self.relied += self.subscribing.len();
        self.unsubscribing.drain(..).chain(self.subscribing.drain(..)).map(|command| (command, Ok(()))).collect()
    }

    fn complete_unsubscribing(&mut self) -> Vec<Completion> {
        self.unsubscribing.drain(..).map(|command| (command, Ok(()))).collect()
    }
}

impl Subscriptions {
    pub(super) const fn new(max: usize) -> Self {
        Self { entries: Vec::new(), max }
    }

    /// Wants `pattern` for the client itself, for good.
    pub(super) fn pin(&mut self, pattern: ChannelPattern) {
        self.entries.push(Entry::new(pattern, true));
    }

    /// One wish more. What that completes: everything, when the channel is confirmed already.
    pub(super) fn subscribe(&mut self, pattern: ChannelPattern, command: CommandId) -> Result<Vec<Completion>, UsageError> {
        let index = match self.position(&pattern) {
            Some(index) => index,
            None if self.entries.len() >= self.max => return Err(UsageError::TooManySubscriptions),
            None => {
                self.entries.push(Entry::new(pattern, false));
                self.entries.len() - 1
            }
        };
        let entry = &mut self.entries[index];
        entry.subscribing.push(command);
        Ok(if entry.server == ServerSide::Present { entry.complete_confirmed() } else { Vec::new() })
    }

    /// One wish less, one that is relied on before one that waits. What that completes.
    pub(super) fn unsubscribe(&mut self, pattern: &ChannelPattern, command: CommandId) -> Result<Vec<Completion>, UsageError> {
        let has_wish = |entry: &Entry| entry.relied > 0 || !entry.subscribing.is_empty();
        let index = self.position(pattern).filter(|index| has_wish(&self.entries[*index])).ok_or(UsageError::NotSubscribed)?;
        let entry = &mut self.entries[index];
        let mut completions = Vec::new();
        if entry.relied > 0 {
            entry.relied -= 1;
        } else {
            completions.extend(entry.subscribing.pop().map(|waiting| (waiting, Err(CommandError::Aborted))));
        }
        if !entry.is_wanted() && entry.server != ServerSide::Absent {
            entry.unsubscribing.push(command);
            return Ok(completions);
        }
        completions.push((command, Ok(())));
        self.entries.retain(|entry| entry.is_wanted() || entry.server != ServerSide::Absent);
        Ok(completions)
    }

    /// Takes back the wish of `command`, if it waits to be confirmed.
    pub(super) fn withdraw(&mut self, command: CommandId) -> Option<Completion> {
        let entry = self.entries.iter_mut().find(|entry| entry.subscribing.contains(&command))?;
        entry.subscribing.retain(|waiting| *waiting != command);
        self.entries.retain(|entry| entry.is_wanted() || entry.server != ServerSide::Absent);
        Some((command, Err(CommandError::Aborted)))
    }

    /// What to tell the server now, as far as one request takes it.
    pub(super) fn take_changes(&mut self) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut size = 0;
        for entry in &mut self.entries {
            let Some((change, server)) = entry.change() else { continue };
            size += entry.pattern.as_str().len() + ENVELOPE_SIZE;
            if changes.len() == CHANGES_PER_REQUEST || size > REQUEST_SIZE {
                break;
            }
            entry.server = server;
            changes.push(change);
        }
        changes
    }

    /// The server has confirmed `pattern`.
    pub(super) fn confirmed(&mut self, pattern: &ChannelPattern) -> Vec<Completion> {
        let Some(index) = self.position(pattern) else { return Vec::new() };
        let entry = &mut self.entries[index];
        entry.server = ServerSide::Present;
        if entry.is_wanted() { entry.complete_confirmed() } else { Vec::new() }
    }

    /// The server has refused `pattern`: nobody gets it, and it is not asked for again.
    pub(super) fn refused(&mut self, pattern: &ChannelPattern, error: &ServerError) -> Refusal {
        let Some(index) = self.position(pattern) else { return Refusal { completions: Vec::new(), lost: false } };
        let mut entry = self.entries.remove(index);
        let mut completions = entry.drop_unconfirmed(&CommandError::Refused(error.clone()));
        completions.extend(entry.complete_unsubscribing());
        let lost = entry.relied > 0;
        if entry.pinned {
            self.entries.insert(index, Entry::new(entry.pattern, true));
        }
        Refusal { completions, lost }
    }

    /// The server has dropped `pattern`, or says that it never had it.
    pub(super) fn dropped(&mut self, pattern: &ChannelPattern) -> Vec<Completion> {
        let Some(index) = self.position(pattern) else { return Vec::new() };
        let entry = &mut self.entries[index];
        entry.server = ServerSide::Absent;
        let completions = entry.complete_unsubscribing();
        if !entry.is_wanted() {
            self.entries.remove(index);
        }
        completions
    }

    /// The request that told the server of `pattern` was not answered: it may have arrived or not, so the server is told again.
    pub(super) fn unanswered(&mut self, pattern: &ChannelPattern) {
        if let Some(index) = self.position(pattern) {
            self.entries[index].server = ServerSide::Unknown;
        }
    }

    /// The session is gone, and with it everything the server knew.
    pub(super) fn session_ended(&mut self) -> Vec<Completion> {
        let mut completions = Vec::new();
        for entry in &mut self.entries {
            entry.server = ServerSide::Absent;
            completions.extend(entry.complete_unsubscribing());
        }
        self.entries.retain(Entry::is_wanted);
        completions
    }

    /// Nobody will confirm what is not confirmed by now.
    pub(super) fn fail_unconfirmed(&mut self, error: &CommandError) -> Vec<Completion> {
        let completions = self.entries.iter_mut().flat_map(|entry| entry.drop_unconfirmed(error)).collect();
        self.entries.retain(|entry| entry.is_wanted() || entry.server != ServerSide::Absent);
        completions
    }

    fn position(&self, pattern: &ChannelPattern) -> Option<usize> {
        self.entries.iter().position(|entry| entry.pattern == *pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> ChannelPattern {
        ChannelPattern::new(text).expect("a valid pattern")
    }

    fn command(number: u64) -> CommandId {
        CommandId(number)
    }

    fn subscribed(text: &str, wishes: u64) -> Subscriptions {
        let mut subscriptions = Subscriptions::new(10);
        for number in 0..wishes {
            subscriptions.subscribe(pattern(text), command(number)).expect("room");
        }
        subscriptions.take_changes();
        subscriptions.confirmed(&pattern(text));
        subscriptions
    }

    #[test]
    fn many_wishes_for_one_channel_are_one_message() {
        let mut subscriptions = Subscriptions::new(10);
        for number in 1..=3 {
            assert_eq!(subscriptions.subscribe(pattern("/a"), command(number)), Ok(vec![]));
        }
        assert_eq!(subscriptions.take_changes(), [Change::Subscribe(pattern("/a"))]);
        assert_eq!(subscriptions.take_changes(), []);
        assert_eq!(subscriptions.confirmed(&pattern("/a")).len(), 3);
        assert_eq!(subscriptions.subscribe(pattern("/a"), command(4)), Ok(vec![(command(4), Ok(()))]));
    }

    #[test]
    fn only_the_last_wish_withdrawn_unsubscribes() {
        let mut subscriptions = subscribed("/a", 2);
        assert_eq!(subscriptions.unsubscribe(&pattern("/a"), command(5)), Ok(vec![(command(5), Ok(()))]));
        assert_eq!(subscriptions.take_changes(), []);
        assert_eq!(subscriptions.unsubscribe(&pattern("/a"), command(6)), Ok(vec![]));
        assert_eq!(subscriptions.take_changes(), [Change::Unsubscribe(pattern("/a"))]);
        assert_eq!(subscriptions.dropped(&pattern("/a")), [(command(6), Ok(()))]);
        assert_eq!(subscriptions.unsubscribe(&pattern("/a"), command(7)), Err(UsageError::NotSubscribed));
    }

    #[test]
    fn a_wish_withdrawn_in_the_same_tick_sends_nothing() {
        let mut subscriptions = Subscriptions::new(10);
        subscriptions.subscribe(pattern("/a"), command(1)).expect("room");
        let completions = subscriptions.unsubscribe(&pattern("/a"), command(2)).expect("subscribed");
        assert_eq!(completions, [(command(1), Err(CommandError::Aborted)), (command(2), Ok(()))]);
        assert_eq!(subscriptions.take_changes(), []);
    }

    #[test]
    fn a_wish_renewed_while_the_unsubscribe_travels_subscribes_again() {
        let mut subscriptions = subscribed("/a", 1);
        subscriptions.unsubscribe(&pattern("/a"), command(5)).expect("subscribed");
        subscriptions.take_changes();
        assert_eq!(subscriptions.subscribe(pattern("/a"), command(6)), Ok(vec![]));
        assert_eq!(subscriptions.dropped(&pattern("/a")), [(command(5), Ok(()))]);
        assert_eq!(subscriptions.take_changes(), [Change::Subscribe(pattern("/a"))]);
    }

    #[test]
    fn a_wish_withdrawn_before_it_is_confirmed_takes_no_other_with_it() {
        let mut subscriptions = subscribed("/a", 1);
        subscriptions.session_ended();
        subscriptions.subscribe(pattern("/a"), command(8)).expect("room");
        assert_eq!(subscriptions.withdraw(command(8)), Some((command(8), Err(CommandError::Aborted))));
        assert_eq!(subscriptions.withdraw(command(8)), None);
        assert_eq!(subscriptions.fail_unconfirmed(&CommandError::Aborted), []);
        assert_eq!(subscriptions.take_changes(), [Change::Subscribe(pattern("/a"))]);
    }

    #[test]
    fn a_wish_withdrawn_while_its_subscribe_travels_is_undone() {
        let mut subscriptions = Subscriptions::new(10);
        subscriptions.subscribe(pattern("/a"), command(1)).expect("room");
        subscriptions.take_changes();
        subscriptions.withdraw(command(1));
        assert_eq!(subscriptions.confirmed(&pattern("/a")), []);
        assert_eq!(subscriptions.take_changes(), [Change::Unsubscribe(pattern("/a"))]);
    }

    #[test]
    fn a_new_session_asks_for_everything_wanted_again() {
        let mut subscriptions = subscribed("/a", 1);
        subscriptions.session_ended();
        assert_eq!(subscriptions.take_changes(), [Change::Subscribe(pattern("/a"))]);
    }

    #[test]
    fn a_refusal_fails_who_waits_and_reports_who_relied_on_it() {
        let mut subscriptions = subscribed("/a", 1);
        subscriptions.session_ended();
        subscriptions.subscribe(pattern("/a"), command(9)).expect("room");
        subscriptions.take_changes();
        let error = ServerError::parse("403::denied".into());
        let refusal = subscriptions.refused(&pattern("/a"), &error);
        assert!(refusal.lost);
        assert_eq!(refusal.completions, [(command(9), Err(CommandError::Refused(error)))]);
        assert_eq!(subscriptions.take_changes(), []);
    }

    #[test]
    fn long_channels_go_in_parts_that_servers_take() {
        let mut subscriptions = Subscriptions::new(10);
        for number in 0..9 {
            let text = format!("/{number}{}", "x".repeat(7_800));
            subscriptions.subscribe(pattern(&text), command(number)).expect("room");
        }
        let parts: Vec<usize> = (0..4).map(|_| subscriptions.take_changes().len()).collect();
        assert_eq!(parts, [4, 4, 1, 0]);
    }

    #[test]
    fn what_was_not_answered_is_sent_again() {
        let mut subscriptions = Subscriptions::new(10);
        subscriptions.subscribe(pattern("/a"), command(1)).expect("room");
        let changes = subscriptions.take_changes();
        subscriptions.unanswered(&pattern("/a"));
        assert_eq!(subscriptions.take_changes(), changes);
    }

    #[test]
    fn a_subscribe_of_unknown_outcome_that_is_not_wanted_any_more_is_undone() {
        let mut subscriptions = Subscriptions::new(10);
        subscriptions.subscribe(pattern("/a"), command(1)).expect("room");
        subscriptions.take_changes();
        subscriptions.unanswered(&pattern("/a"));
        subscriptions.unsubscribe(&pattern("/a"), command(2)).expect("subscribed");
        assert_eq!(subscriptions.take_changes(), [Change::Unsubscribe(pattern("/a"))]);
    }

    #[test]
    fn the_number_of_channels_is_bounded() {
        let mut subscriptions = Subscriptions::new(1);
        subscriptions.subscribe(pattern("/a"), command(1)).expect("room");
        assert_eq!(subscriptions.subscribe(pattern("/b"), command(2)), Err(UsageError::TooManySubscriptions));
        assert_eq!(subscriptions.subscribe(pattern("/a"), command(3)), Ok(vec![]));
    }

    #[test]
    fn closing_fails_the_unconfirmed_and_keeps_the_confirmed() {
        let mut subscriptions = subscribed("/a", 1);
        subscriptions.subscribe(pattern("/b"), command(8)).expect("room");
        assert_eq!(subscriptions.fail_unconfirmed(&CommandError::Aborted), [(command(8), Err(CommandError::Aborted))]);
        subscriptions.session_ended();
        assert_eq!(subscriptions.take_changes(), [Change::Subscribe(pattern("/a"))]);
    }
}
