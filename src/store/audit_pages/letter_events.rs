//! Events that the audit has for each letter and each batch of letters: most of it, so only the index of the hours holds them.

use crate::store::audit_action::AuditAction;

/// The condition of the indexes that leave them out, as SQLite must read it to use one.
pub(in crate::store) const OTHERS: &str = "action <> 'delivery.sent' AND action <> 'delivery.claimed'";

/// Each such event that is on record, where the attempts tell that one is.
pub(super) const KINDS: &str = "SELECT 'delivery.claimed' AS word WHERE EXISTS (SELECT 1 FROM attempt) \
     UNION ALL SELECT 'delivery.sent' WHERE EXISTS (SELECT 1 FROM letter_count WHERE fate = 'sent')";

/// Where the events of the letters that left to a patient are, `?1`, at the instants of their attempts.
pub(super) const SENT_TO_HER: &str = "attempt a CROSS JOIN audit_event INDEXED BY audit_at ON at = a.ended_at \
     AND action = 'delivery.sent' AND subject = 'delivery/' || a.delivery_id";

/// Whether an event is one of them.
pub(in crate::store) fn is_of_letters(action: &str) -> bool {
    [AuditAction::DeliverySent, AuditAction::DeliveryClaimed].iter().any(|one| one.name() == action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_indexes_leave_out_just_the_events_that_are_told_here() {
        for action in [AuditAction::DeliverySent, AuditAction::DeliveryClaimed, AuditAction::DeliveryFailed] {
            assert_eq!(OTHERS.contains(&format!("'{}'", action.name())), is_of_letters(action.name()));
        }
    }
}
