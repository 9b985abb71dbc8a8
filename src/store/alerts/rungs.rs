//! The rungs of the ladder as the database knows them: who was told of an alert since its ladder last began, which letter is
//! for whom, and whose address does not take letters.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Row;

use crate::care::alert::rung::Identity;
use crate::care::time::span::earlier;
use crate::store::alerts::lifecycle::AlertId;
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{instant, millis, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::mail::delivery::DeliveryId;
use crate::store::subject::Subject;

/// A letter that was taken may still come back; after this long without a notice the address is believed again.
const BELIEVED_AFTER: Duration = Duration::from_secs(24 * 3600);

/// How we know that an address does not take letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RungNews {
    /// The server refused the letter.
    Reply,
    /// A notice came back later.
    Notice,
}

impl RungNews {
    const fn word(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Notice => "notice",
        }
    }
}

/// A rung whose address does not take letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RungFault {
    /// Its id, or its name where none is written.
    pub rung: String,
    /// The address that does not take letters; a new one of the rung ends the fault.
    pub address: String,
    /// What was said, no address in it.
    pub reply: String,
    /// When the first letter to it failed; later failures leave it.
    pub since: Timestamp,
}

impl Tx<'_> {
    /// Writes down who was told of an alert since its ladder last began.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn remember_told(&mut self, alert: AlertId, told: &[Identity]) -> Result<(), StoreError> {
        self.forget_told(alert)?;
        let insert =
            "INSERT INTO alert_rung (alert_id, place, rung_id, name, address) VALUES (?, ?, ?, ?, ?)";
        let mut insert = self.sql.prepare_cached(insert)?;
        for (place, who) in (0i64..).zip(told) {
            insert.execute((alert.0, place, &who.id, &who.name, &who.address))?;
        }
        Ok(())
    }

    /// The ladder of an alert begins anew: nobody was told.
    pub(in crate::store) fn forget_told(&mut self, alert: AlertId) -> Result<(), StoreError> {
        self.sql.prepare_cached("DELETE FROM alert_rung WHERE alert_id = ?")?.execute([alert.0])?;
        Ok(())
    }

    /// Notes for which rung a letter is.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn note_rung_letter(&mut self, letter: DeliveryId, rung: &str) -> Result<(), StoreError> {
        let insert = "INSERT INTO rung_letter (delivery_id, rung_id) VALUES (?, ?)";
        self.sql.prepare_cached(insert)?.execute((letter.0, rung))?;
        Ok(())
    }

    /// Notes that the address of a rung does not take letters, and lets every alert that rings look at once who else can be
    /// told. Returns whether that is news.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn note_rung_fault(&mut self, fault: &RungFault, learned: RungNews) -> Result<bool, StoreError> {
        let known = "SELECT 1 FROM rung_fault WHERE rung_id = ? AND address = ?";
        let is_new = !self.sql.prepare_cached(known)?.exists((&fault.rung, &fault.address))?;
        let upsert = "INSERT INTO rung_fault (rung_id, address, learned, reply, since) VALUES (?, ?, ?, ?, ?) \
                      ON CONFLICT (rung_id, address) DO UPDATE SET learned = excluded.learned, reply = excluded.reply, \
                      taken_at = NULL";
        let row = (&fault.rung, &fault.address, learned.word(), &fault.reply, millis(fault.since));
        self.sql.prepare_cached(upsert)?.execute(row)?;
        if is_new {
            self.look_now(RAISED, [])?;
            let detail = serde_json::json!({ "learned": learned.word() });
            self.audit(AuditAction::RungUnreachable, Subject::Rung(fault.rung.clone()), &detail)?;
        }
        Ok(is_new)
    }

    /// A letter to that address was taken. What the server itself had refused is over at once; what had come back later
    /// only once a day has passed without another notice.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn note_rung_taken(&mut self, rung: &str, address: &str) -> Result<(), StoreError> {
        let over = "DELETE FROM rung_fault WHERE rung_id = ? AND address = ? AND learned = 'reply'";
        self.sql.prepare_cached(over)?.execute((rung, address))?;
        let taken =
            "UPDATE rung_fault SET taken_at = coalesce(taken_at, ?) WHERE rung_id = ? AND address = ?";
        self.sql.prepare_cached(taken)?.execute((self.at_ms(), rung, address))?;
        Ok(())
    }

    /// Whoever was told at that address was not reached: once the address is another, every alert that rings tells them as if
    /// for the first time.
    fn forget_unreached(&mut self, address: &str) -> Result<(), StoreError> {
        let told = "SELECT id FROM alert WHERE state = 'raised' AND id IN (SELECT alert_id FROM alert_rung WHERE address = ?)";
        self.look_now(told, [address])?;
        self.sql.prepare_cached("DELETE FROM alert_rung WHERE address = ?")?.execute([address])?;
        Ok(())
    }

    /// Has these alerts looked at now, one by one: SQLite refuses every change of a row with a value of another type in it, and
    /// such an alert must not keep the others from ringing. It is mended, and rings, by a way of its own.
    fn look_now(&mut self, which: &str, given: impl rusqlite::Params) -> Result<(), StoreError> {
        let found: Vec<i64> = rows(self.sql, which, given, |r| r.get(0))?;
        for id in found {
            let look = "UPDATE alert SET next_notice_at = min(next_notice_at, ?) WHERE id = ?";
            match self.sql.prepare_cached(look)?.execute((self.at_ms(), id)).map_err(StoreError::from) {
                Err(fault) if fault.is_conflict() => self.note_unread("alert", id, fault.why()),
                done => drop(done?),
            }
        }
        Ok(())
    }

    /// Drops the faults that are over, and those of addresses that stand on no rung of `ladder` any more.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn drop_rung_faults(&mut self, ladder: &[(String, String)]) -> Result<(), StoreError> {
        let believed = earlier(self.at(), BELIEVED_AFTER);
        let over = "DELETE FROM rung_fault WHERE taken_at <= ?";
        self.sql.prepare_cached(over)?.execute([millis(believed)])?;
        let gone: Vec<RungFault> = self.rung_faults()?;
        let stands = |f: &RungFault| ladder.iter().any(|(rung, at)| *rung == f.rung && *at == f.address);
        for fault in gone.iter().filter(|fault| !stands(fault)) {
            let gone = "DELETE FROM rung_fault WHERE rung_id = ? AND address = ?";
            self.sql.prepare_cached(gone)?.execute((&fault.rung, &fault.address))?;
            self.forget_unreached(&fault.address)?;
        }
        Ok(())
    }
}

impl View<'_> {
    /// Who was told of an alert since its ladder last began.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn told_of(&self, alert: AlertId) -> Result<Vec<Identity>, StoreError> {
        let ask = "SELECT rung_id, name, address FROM alert_rung WHERE alert_id = ? ORDER BY place";
        let read = |r: &Row<'_>| Ok(Identity { id: r.get(0)?, name: r.get(1)?, address: r.get(2)? });
        rows(self.sql, ask, [alert.0], read)
    }

    /// The rungs whose address does not take letters: whoever stands there has not been reached, and proves nothing.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn rung_faults(&self) -> Result<Vec<RungFault>, StoreError> {
        let ask = "SELECT rung_id, address, reply, since FROM rung_fault ORDER BY since, rung_id";
        let read = |r: &Row<'_>| {
            let since = instant(r.get(3)?);
            Ok(RungFault { rung: r.get(0)?, address: r.get(1)?, reply: r.get(2)?, since })
        };
        rows(self.sql, ask, [], read)
    }

    /// Addresses of the ladder that refuse letters: all that ringing asks, so that a fault whose day or reply cannot be read keeps
    /// no alert back.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn unreachable_addresses(&self) -> Result<Vec<String>, StoreError> {
        let ask = "SELECT address FROM rung_fault WHERE typeof(address) = 'text' ORDER BY address";
        rows(self.sql, ask, [], |r| r.get(0))
    }

    /// The rungs that have a fault, whatever else of it can be read.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn faulty_rungs(&self) -> Result<Vec<String>, StoreError> {
        rows(self.sql, "SELECT rung_id FROM rung_fault WHERE typeof(rung_id) = 'text'", [], |r| r.get(0))
    }

    /// For which rung a letter is; `None` for any other.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn rung_of_letter(&self, letter: DeliveryId) -> Result<Option<String>, StoreError> {
        let ask = "SELECT rung_id FROM rung_letter WHERE delivery_id = ?";
        Ok(rows(self.sql, ask, [letter.0], |r| r.get(0))?.pop())
    }

    /// The case code of the alert that a letter to staff is about; `None` for any other, and for one about several.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn case_of_letter(&self, letter: DeliveryId) -> Result<Option<String>, StoreError> {
        let ask = "SELECT DISTINCT p.reference FROM alert_notice n JOIN alert a ON a.id = n.alert_id \
                   JOIN patient p ON p.id = a.patient_id WHERE n.delivery_id = ? LIMIT 2";
        let mut found = rows(self.sql, ask, [letter.0], |r| r.get(0))?;
        Ok(found.pop().filter(|_| found.is_empty()))
    }

    /// When the patient of an alert was written to for it ("go now").
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn patient_told_at(&self, alert: AlertId) -> Result<Option<Timestamp>, StoreError> {
        let ask = "SELECT min(n.told_at) FROM alert_notice n JOIN delivery d ON d.id = n.delivery_id \
                   WHERE n.alert_id = ? AND n.channel = 'patient' AND d.state <> 'skipped'";
        let found: Option<i64> = self.sql.prepare_cached(ask)?.query_row([alert.0], |r| r.get(0))?;
        Ok(found.map(instant))
    }
}

/// Said twice, so that the index of alerts that are not closed is looked through, and not every alert ever raised.
const RAISED: &str = "SELECT id FROM alert WHERE state = 'raised' AND state <> 'closed'";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan};

    #[test]
    fn alerts_that_ring_are_found_without_a_look_at_every_alert_ever_raised() {
        let (_dir, store) = fresh();
        let steps = plan(&store, RAISED, &[]);
        assert!(steps.len() == 1 && steps[0].contains("USING"), "{steps:?}");
    }
}
