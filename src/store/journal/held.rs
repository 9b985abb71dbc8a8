//! Letters to patients that wait in the outbox, page by page, for whoever decides about them after a restore.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::store::db::columns::{date, instant};
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::mail::delivery::{DeliveryId, Purpose};

/// A letter that waits.
#[derive(Debug, Clone)]
pub struct HeldDelivery {
    /// Its number in the ledger.
    pub id: DeliveryId,
    /// The case code of its reader.
    pub reference: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Her civil day it counts for.
    pub local_on: Date,
    /// Not before this instant.
    pub next_at: Timestamp,
    /// The steps it says, such as `visit book`; empty for one that holds no promise.
    pub steps: Vec<String>,
}

impl View<'_> {
    /// Letters to patients that wait, behind this number; those of the daily test are none.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn held_letters(&self, after: DeliveryId, limit: u32) -> Result<Vec<HeldDelivery>, StoreError> {
        let ask = "SELECT d.id, p.reference, d.purpose, d.local_on, d.next_at, \
                   (SELECT group_concat(f.series || ' ' || r.step, char(10)) FROM reminder r \
                    JOIN follow_up f ON f.id = r.follow_up_id WHERE r.delivery_id = d.id AND r.state = 'due') \
                   FROM delivery d JOIN patient p ON p.id = d.patient_id \
                   WHERE d.state = 'pending' AND d.purpose <> 'canary' AND d.id > ? ORDER BY d.id LIMIT ?";
        self.all(ask, (after.0, limit), |r| {
            let (purpose, day, steps): (String, String, Option<String>) = (r.get(2)?, r.get(3)?, r.get(5)?);
            Ok(HeldDelivery {
                id: DeliveryId(r.get(0)?),
                reference: r.get(1)?,
                purpose: Purpose::parse(&purpose).ok_or_else(|| StoreError::corrupt("purpose"))?,
                local_on: date(&day)?,
                next_at: instant(r.get(4)?),
                steps: steps.unwrap_or_default().lines().map(str::to_owned).collect(),
            })
        })
    }
}
