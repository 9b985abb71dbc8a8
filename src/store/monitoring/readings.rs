//! Everything that whoever watches the daemon asks of the database at one look, as it stood at one moment.

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use crate::store::db::columns::instant;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::mail::mail_refusal::MailRefusal;
use crate::store::monitoring::alerts::OpenAlerts;
use crate::store::monitoring::letters::{LettersInState, WaitingLetters};
use crate::store::monitoring::tasks::OpenTasks;

/// The fact that stands while the canary's chain is broken; its words say which link.
pub const CANARY_BROKEN: &str = "canary-broken";

/// What the database says at one look.
#[derive(Debug, Clone)]
pub struct Readings {
    /// Letters in hand and letters that came to an end.
    pub letters: Vec<LettersInState>,
    /// Letters that wait, and since when.
    pub waiting: Vec<WaitingLetters>,
    /// Open alerts by tier and state.
    pub alerts: Vec<OpenAlerts>,
    /// Open tasks by kind.
    pub tasks: Vec<OpenTasks>,
    /// What holds letters back or is broken.
    pub standing: StandingReadings,
}

/// What stands against the work at this moment.
#[derive(Debug, Clone)]
pub struct StandingReadings {
    /// Whether letters to patients are held.
    pub is_held: bool,
    /// What is missing before an alert would reach somebody on the ladder.
    pub missing_cover: Option<String>,
    /// That the mail server refuses us, if it does.
    pub mail_refusal: Option<MailRefusal>,
    /// Which link of the canary's chain broke, if one did.
    pub canary_broken: Option<String>,
    /// When the canary's last walk began whose chain held; `None` before the first.
    pub canary_walked: Option<Timestamp>,
}

impl View<'_> {
    /// Everything that is asked at one look, as it stood at one moment: one short transaction that reads.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn readings(&self, now: Timestamp) -> Result<Readings, StoreError> {
        let moment = self.sql.unchecked_transaction()?;
        let found = Readings {
            letters: self.letter_counts()?,
            waiting: self.letters_pending(now)?,
            alerts: self.open_alerts(now)?,
            tasks: self.open_tasks(now)?,
            standing: self.standing_readings()?,
        };
        moment.commit()?;
        Ok(found)
    }

    fn standing_readings(&self) -> Result<StandingReadings, StoreError> {
        let walked = "SELECT began_at FROM canary_walk WHERE state = 'done' ORDER BY on_date DESC LIMIT 1";
        let walked: Option<i64> = self.sql.prepare_cached(walked)?.query_row([], |r| r.get(0)).optional()?;
        Ok(StandingReadings {
            is_held: self.is_held()?,
            missing_cover: self.missing_cover()?,
            mail_refusal: self.mail_refusal()?,
            canary_broken: self.fact(CANARY_BROKEN)?,
            canary_walked: walked.map(instant),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, stamp};

    #[test]
    fn one_look_tells_what_stands_and_the_connection_is_free_again() {
        let (_dir, store) = fresh();
        let quiet = store.read(|v| v.readings(instant(5))).unwrap();
        assert!(quiet.letters.is_empty() && quiet.standing.canary_broken.is_none());
        store.write_blocking(stamp(), |tx| tx.set_fact(CANARY_BROKEN, "her page stays shut")).unwrap();
        for _ in 0..8 {
            let broken = store.read(|v| v.readings(instant(5))).unwrap().standing;
            assert_eq!(broken.canary_broken.as_deref(), Some("her page stays shut"));
            assert!(!broken.is_held && broken.canary_walked.is_none() && broken.mail_refusal.is_none());
        }
    }
}
