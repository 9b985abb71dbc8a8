//! How far a folder is read while some of its messages are to be given again: a notice that came before its letter was out of hand
//! must not keep patients' words behind it unread, nor be forgotten by a crash.

use std::collections::BTreeSet;

use crate::daemon::inbound::InboundEnd;

/// What of a folder is taken in beyond the number that is written down.
#[derive(Debug, Default)]
pub(super) struct ReadProgress {
    taken: BTreeSet<u32>,
    waiting: BTreeSet<u32>,
}

impl ReadProgress {
    /// Of what lies there now, in order, what has still to be read. What lies there no more waits for nothing.
    pub(super) fn still_to_read(&mut self, found: &[u32]) -> Vec<u32> {
        self.waiting.retain(|uid| found.contains(uid));
        self.taken.retain(|uid| found.contains(uid));
        found.iter().copied().filter(|uid| !self.taken.contains(uid)).collect()
    }

    /// Notes what became of a message.
    pub(super) fn note(&mut self, uid: u32, end: InboundEnd) {
        match end {
            InboundEnd::Early => drop(self.waiting.insert(uid)),
            InboundEnd::All => {
                self.waiting.remove(&uid);
                self.taken.insert(uid);
            }
        }
    }

    /// The number up to which all is taken in, if `last` is the last one that was looked at.
    pub(super) fn up_to(&self, last: u32) -> u32 {
        self.waiting.first().map_or(last, |first| last.min(first.saturating_sub(1)))
    }

    /// Whether a message is to be given again.
    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_behind_an_early_notice_is_read_once_and_the_notice_again_after_a_crash() {
        let mut progress = ReadProgress::default();
        let look = |progress: &mut ReadProgress, found: &[u32], early: &[u32]| {
            let read = progress.still_to_read(found);
            for uid in &read {
                let end = if early.contains(uid) { InboundEnd::Early } else { InboundEnd::All };
                progress.note(*uid, end);
            }
            (read, progress.up_to(found.last().copied().unwrap_or(4)), progress.is_waiting())
        };
        assert_eq!(look(&mut progress, &[5, 6, 7], &[6]), (vec![5, 6, 7], 5, true));
        // The position stays at 5: the next look finds 7 again, and does not read it again.
        assert_eq!(look(&mut progress, &[6, 7, 9], &[6]), (vec![6, 9], 5, true));
        assert_eq!(look(&mut progress, &[6, 7, 9], &[]), (vec![6], 9, false));
        assert_eq!(look(&mut progress, &[], &[]), (vec![], 4, false));
        // A new process knows nothing of what it took in, and reads from the notice on.
        assert_eq!(look(&mut ReadProgress::default(), &[6, 7, 9], &[]), (vec![6, 7, 9], 9, false));
    }

    #[test]
    fn an_early_notice_that_was_deleted_holds_nothing_back() {
        let mut progress = ReadProgress::default();
        progress.note(6, InboundEnd::Early);
        assert_eq!(progress.still_to_read(&[7]), [7]);
        assert!(!progress.is_waiting());
    }
}
