//! The last look before a letter leaves.

use super::letter_stops::NOT_STOPPED;
use crate::store::alerts::notices;
use crate::store::db::columns::rows;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::mail::delivery::DeliveryId;
use crate::store::people::{patient_status, proxies};

/// What the last look before the SMTP dialogue asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinalCheck {
    /// The claimed letter that is about to leave.
    pub id: DeliveryId,
    /// The attempt it was claimed under; if that is over, the letter must not leave.
    pub attempt: u32,
    /// How many promises it says.
    pub owed: u32,
    /// The address it is sealed for; not compared where a letter goes to staff.
    pub recipient: Option<String>,
}

impl View<'_> {
    /// The last look before the SMTP dialogue: whether this attempt still holds the letter, its reader may still
    /// receive it (P2) at the address it is sealed for, nothing in it is of a kind that is stopped, and each of the `owed`
    /// promises in it is still owed. What her status lets through says [`crate::care::record::letter_role::may_leave`].
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn may_leave(&self, asked: &FinalCheck) -> Result<bool, StoreError> {
        let FinalCheck { id, attempt, owed, recipient } = asked;
        let (wanted, to, lets_leave) = (notices::wanted(), proxies::LETTERS_TO, patient_status::lets_leave());
        let ask = format!(
            "SELECT {wanted} AND (d.audience = 'staff' OR ({lets_leave} \
                   AND trim({to}) = ?3 COLLATE NOCASE \
                   AND (SELECT count(*) FROM reminder r WHERE r.delivery_id = d.id AND r.state = 'due') = ?4 AND {NOT_STOPPED})) \
                   FROM delivery d LEFT JOIN patient p ON p.id = d.patient_id \
                   WHERE d.id = ?1 AND d.attempt = ?2 AND d.state = 'claimed'"
        );
        Ok(rows(self.sql, &ask, (id.0, attempt, recipient, owed), |r| r.get(0))?.pop().unwrap_or(false))
    }
}
