//! Letters whose fate is in doubt, and those that were refused: which may go again, and what is noted when they do.

use jiff::Timestamp;

use crate::care::delivery::MOST_DOUBTS;
use crate::care::patient::PatientId;
use crate::store::db::columns::{millis, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::mail::delivery::{Delivery, DeliveryId};
use crate::store::people::patient_status;

impl Tx<'_> {
    /// Lets a letter that was in doubt go no more by itself.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn hold_letter(&mut self, id: DeliveryId) -> Result<(), StoreError> {
        self.sql.prepare_cached("UPDATE delivery SET on_unknown = 'hold' WHERE id = ?")?.execute([id.0])?;
        Ok(())
    }

    /// Forgets why a letter failed and when it was first tried, before it is tried anew: its date is that of the next try.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn date_anew(&mut self, id: DeliveryId) -> Result<(), StoreError> {
        let update = "UPDATE delivery SET reason = NULL, \
                      first_tried_at = CASE WHEN doubts = 0 THEN NULL ELSE first_tried_at END WHERE id = ? AND state = 'pending'";
        self.sql.prepare_cached(update)?.execute([id.0])?;
        Ok(())
    }
}

impl View<'_> {
    /// Letters of unknown fate since before `before` that say something still owed and were in doubt less than
    /// [`MOST_DOUBTS`] times, longest first; at most 1,000. Those that her status keeps wait for another status, so that they stand
    /// before nobody else's.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn unknown_since(&self, before: Timestamp) -> Result<Vec<Delivery>, StoreError> {
        let once = format!(
            "state = 'unknown' AND on_unknown = 'resend' AND doubts < {MOST_DOUBTS} AND ended_at <= ?1 AND expires_at > ?1 \
             AND (EXISTS (SELECT 1 FROM reminder r WHERE r.delivery_id = d.id AND r.state = 'due') \
             OR NOT EXISTS (SELECT 1 FROM reminder r WHERE r.delivery_id = d.id)) AND NOT {} ORDER BY ended_at, id LIMIT 1000",
            kept_by_status()
        );
        self.letters(&once, millis(before))
    }

    /// Letters of unknown fate whose use is over, with promises nobody can settle any more, longest first; at most 1,000.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn doubts_over(&self, now: Timestamp) -> Result<Vec<Delivery>, StoreError> {
        self.letters(
            "state = 'unknown' AND expires_at <= ?1 \
             AND EXISTS (SELECT 1 FROM reminder r WHERE r.delivery_id = d.id AND r.state = 'due') \
             ORDER BY ended_at, id LIMIT 1000",
            millis(now),
        )
    }

    /// Every letter that was refused for good, of one patient or of all patients; oldest first. Letters to staff are left out:
    /// what they tell is repeated by itself.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letters_failed(&self, patient: Option<PatientId>) -> Result<Vec<DeliveryId>, StoreError> {
        let ask = "SELECT id FROM delivery WHERE state = 'failed' AND patient_id IS NOT NULL AND (?1 IS NULL OR patient_id = ?1) ORDER BY id";
        rows(self.sql, ask, [patient.map(|p| p.0)], |r| Ok(DeliveryId(r.get(0)?)))
    }

    /// How many letters may have arrived although their state does not say so, or twice.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn doubtful(&self) -> Result<i64, StoreError> {
        let ask = "SELECT count(*) FROM delivery WHERE doubts > 0 OR state = 'unknown'";
        Ok(self.sql.prepare_cached(ask)?.query_row([], |r| r.get(0))?)
    }
}

/// Whether where she stands to whom letter `d` is lets it leave no more. A word that no version knows is for whoever reads the row to
/// find.
fn kept_by_status() -> String {
    format!(
        "EXISTS (SELECT 1 FROM patient p WHERE p.id = d.patient_id AND p.status IN ({}) AND NOT {})",
        patient_status::words(|_| true),
        patient_status::lets_leave(),
    )
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use crate::store::database::tests::{fresh, sabotage, stamp};

    #[test]
    fn letters_that_a_status_keeps_stand_before_nobody_elses() {
        let (_dir, store) = fresh();
        let patient = |id: i64, status: &str| {
            format!(
                "INSERT INTO patient (id, reference, preferred_name, birth_on, language, zone, status, status_at, created_at) \
                 VALUES ({id}, 'A-{id}', 'Ana', '1970-01-01', 'en', 'UTC', '{status}', 0, 0);"
            )
        };
        let letter = |id: i64, patient: i64, ended_at: i64| {
            format!(
                "INSERT INTO delivery (id, audience, purpose, patient_id, local_on, priority, state, reason, expires_at, message_id, \
                 created_at, ended_at) VALUES ({id}, 'patient', 'notice', {patient}, '2026-01-01', 1, 'unknown', 'x', 9000, 'm-{id}', 0, \
                 {ended_at}); INSERT INTO sealed (delivery_id, inputs) VALUES ({id}, '{{}}');"
            )
        };
        let mut rows = patient(1, "paused") + &patient(2, "active") + &patient(3, "deceased");
        rows.extend((1..=1001).map(|id| letter(id, 1, id)));
        // One she asked for is answered while she is paused; nothing is after a death.
        rows += &(letter(2000, 2, 5000) + &letter(2001, 1, 4000) + &letter(2002, 3, 4000));
        rows += "INSERT INTO inbound (digest, received_at, kind, patient_id, subject, text, answer_id) \
                 VALUES (x'01', 0, 'wrote', 1, '', '', 2001), (x'02', 0, 'wrote', 3, '', '', 2002);";
        store.write_blocking(stamp(), move |tx| sabotage(tx, &rows)).unwrap();
        let before = Timestamp::from_millisecond(6000).unwrap();
        let found = store.read(|view| view.unknown_since(before)).unwrap();
        assert_eq!(found.iter().map(|letter| letter.id.0).collect::<Vec<_>>(), [2001, 2000]);
    }
}
