//! What the events after a backup tell of letters: which left, and of which nobody knows.

use std::collections::{BTreeMap, BTreeSet};

use crate::store::audit_action::AuditAction;
use crate::store::db::columns::instant;
use crate::store::journal::prior_letters::{PriorLetter, PriorState};
use crate::store::mail::delivery::DeliveryId;
use crate::store::restore_diff::{LostEvent, RestoreDiff};

/// Letters on their way, as far as the events were read.
#[derive(Default)]
struct PriorLetters {
    out: BTreeMap<i64, PriorLetter>,
    /// Those of which nobody knew once whether they arrived: they may have, whatever became of them since.
    doubted: BTreeSet<i64>,
    done: Vec<PriorLetter>,
}

/// Letters that left, or may have left, after the backup was made.
pub(in crate::journey::operations::restore) fn letters(since: &RestoreDiff) -> Vec<PriorLetter> {
    let mut letters = PriorLetters::default();
    for lost in &since.events {
        letters.read(lost);
    }
    letters.begin_anew();
    letters.done
}

impl PriorLetters {
    fn read(&mut self, lost: &LostEvent) {
        let at = instant(lost.event.at);
        let id = lost.event.subject.strip_prefix("delivery/").and_then(|id| id.parse::<i64>().ok());
        match (lost.event.known_action(), id) {
            (Some(AuditAction::DeliveryClaimed), _) => {
                for letter in &lost.letters {
                    let (delivery, promises) = (DeliveryId(letter.delivery), letter.promises.clone());
                    let new = PriorLetter { delivery, left: PriorState::InDoubt, at, promises };
                    self.out.insert(letter.delivery, new);
                }
            }
            (Some(AuditAction::DeliverySent), Some(id)) => self.note(id, PriorState::Sent, lost),
            (Some(AuditAction::DeliveryUnknown), Some(id)) => {
                self.doubted.insert(id);
                self.note(id, PriorState::InDoubt, lost);
            }
            (
                Some(
                    AuditAction::DeliveryDeferred
                    | AuditAction::DeliveryReturned
                    | AuditAction::DeliverySkipped
                    | AuditAction::DeliveryLapsed
                    | AuditAction::DeliveryFailed,
                ),
                Some(id),
            ) if !self.doubted.contains(&id) => drop(self.out.remove(&id)),
            // Another backup was restored then: numbers above it are given out again.
            (Some(AuditAction::DatabaseRestored), _) => self.begin_anew(),
            _ => {}
        }
    }

    /// A letter that was in hand already when the backup was made is known by its number alone.
    fn note(&mut self, id: i64, left: PriorState, lost: &LostEvent) {
        let at = instant(lost.event.at);
        let new = || PriorLetter { delivery: DeliveryId(id), left, at, promises: Vec::new() };
        let letter = self.out.entry(id).or_insert_with(new);
        (letter.left, letter.at) = (left, at);
    }

    fn begin_anew(&mut self) {
        self.done.extend(std::mem::take(&mut self.out).into_values());
        self.doubted.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::audit::AuditEvent;
    use crate::store::journal::line::JournalLetter;

    fn lost(action: AuditAction, subject: &str, letters: &[i64]) -> LostEvent {
        let event = AuditEvent {
            id: 1,
            at: 0,
            actor: "daemon".to_owned(),
            action: action.name().to_owned(),
            subject: subject.to_owned(),
            detail: "{}".to_owned(),
            hash: Vec::new(),
        };
        let letter = |id: &i64| JournalLetter { delivery: *id, promises: vec![format!("p{id}")] };
        let letters = letters.iter().map(letter).collect();
        LostEvent { event, about: Vec::new(), at_time: None, who: None, letters }
    }

    fn told(events: Vec<LostEvent>) -> Vec<(i64, PriorState)> {
        let since = RestoreDiff { events, ..RestoreDiff::default() };
        letters(&since).into_iter().map(|letter| (letter.delivery.0, letter.left)).collect()
    }

    #[test]
    fn a_letter_that_was_in_hand_is_in_doubt_until_its_end_is_told() {
        let claim = || lost(AuditAction::DeliveryClaimed, "outbox", &[1, 2, 3, 4]);
        assert_eq!(told(vec![claim()]).len(), 4);
        let all = told(vec![
            claim(),
            lost(AuditAction::DeliverySent, "delivery/1", &[]),
            lost(AuditAction::DeliveryDeferred, "delivery/2", &[]),
            lost(AuditAction::DeliveryUnknown, "delivery/3", &[]),
            lost(AuditAction::DeliverySent, "delivery/9", &[]),
        ]);
        let (sent, doubt) = (PriorState::Sent, PriorState::InDoubt);
        assert_eq!(all, [(1, sent), (3, doubt), (4, doubt), (9, sent)]);
    }

    #[test]
    fn a_letter_that_was_ever_in_doubt_stays_so_however_it_was_put_off_later() {
        let all = told(vec![
            lost(AuditAction::DeliveryClaimed, "outbox", &[1]),
            lost(AuditAction::DeliveryUnknown, "delivery/1", &[]),
            lost(AuditAction::DeliveryClaimed, "outbox", &[1]),
            lost(AuditAction::DeliveryDeferred, "delivery/1", &[]),
        ]);
        assert_eq!(all, [(1, PriorState::InDoubt)]);
    }

    #[test]
    fn numbers_given_out_again_after_a_restore_are_letters_of_their_own() {
        let all = told(vec![
            lost(AuditAction::DeliveryClaimed, "outbox", &[5]),
            lost(AuditAction::DeliverySent, "delivery/5", &[]),
            lost(AuditAction::DatabaseRestored, "database", &[]),
            lost(AuditAction::DeliveryClaimed, "outbox", &[5]),
        ]);
        assert_eq!(all, [(5, PriorState::Sent), (5, PriorState::InDoubt)]);
    }
}
