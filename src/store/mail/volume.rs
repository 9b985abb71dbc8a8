//! How many letters of the plan leave on a day, and whether the rest of a day waits until a person agrees.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::store::db::columns::{date, instant, millis, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::mail::delivery::Purpose;

/// What is usual on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsualVolume {
    /// The median of that weekday.
    pub normal: u32,
    /// The most letters that are not unusual.
    pub most: u32,
}

/// A day's letters so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterVolume {
    /// The clinic's civil day.
    pub on: Date,
    /// What is usual; `None` where nothing is normal yet.
    pub usual: Option<UsualVolume>,
    /// Letters taken in hand for the first time.
    pub taken: u32,
    /// Since when the rest waits for a person.
    pub held_at: Option<Timestamp>,
    /// How many letters of that day a person has agreed to.
    pub agreed: Option<u32>,
    /// So many letters of the day were found usual when they were counted last, and when that was.
    pub cleared: Option<(u32, Timestamp)>,
}

const COLUMNS: &str = "local_on, normal, most, taken, held_at, agreed, cleared, cleared_at";

impl Tx<'_> {
    /// Writes down what is usual on a day, as it begins or as good reasons raise it.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn set_usual_volume(&mut self, on: Date, usual: Option<UsualVolume>) -> Result<(), StoreError> {
        let upsert = "INSERT INTO letter_volume (local_on, normal, most) VALUES (?, ?, ?) ON CONFLICT (local_on) \
                      DO UPDATE SET normal = excluded.normal, most = excluded.most";
        let row = (on.to_string(), usual.map(|usual| usual.normal), usual.map(|usual| usual.most));
        self.sql.prepare_cached(upsert)?.execute(row)?;
        Ok(())
    }

    /// Counts letters that were taken in hand for the first time.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn count_taken(&mut self, on: Date, letters: u32) -> Result<(), StoreError> {
        let update = "UPDATE letter_volume SET taken = taken + ? WHERE local_on = ?";
        self.sql.prepare_cached(update)?.execute((letters, on.to_string()))?;
        Ok(())
    }

    /// So many letters of a day are usual, by what waits now.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn clear_volume(&mut self, on: Date, letters: u32) -> Result<(), StoreError> {
        let update = "UPDATE letter_volume SET cleared = ?, cleared_at = ? WHERE local_on = ?";
        self.sql.prepare_cached(update)?.execute((letters, self.at_ms(), on.to_string()))?;
        Ok(())
    }

    /// The rest of a day waits for a person.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn hold_volume(&mut self, on: Date) -> Result<(), StoreError> {
        let update = "UPDATE letter_volume SET held_at = ? WHERE local_on = ?";
        self.sql.prepare_cached(update)?.execute((self.at_ms(), on.to_string()))?;
        Ok(())
    }

    /// The rest of a day waits no longer; `agreed` is how many letters of that day a person has agreed to, if one has.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn release_volume(&mut self, on: Date, agreed: Option<u32>) -> Result<(), StoreError> {
        let update =
            "UPDATE letter_volume SET held_at = NULL, agreed = coalesce(?, agreed) WHERE local_on = ?";
        self.sql.prepare_cached(update)?.execute((agreed, on.to_string()))?;
        Ok(())
    }
}

impl View<'_> {
    /// The newest day from `first` to `last` that has been looked at.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letter_volume(&self, first: Date, last: Date) -> Result<Option<LetterVolume>, StoreError> {
        let ask = format!(
            "SELECT {COLUMNS} FROM letter_volume WHERE local_on BETWEEN ? AND ? ORDER BY local_on DESC LIMIT 1"
        );
        self.one(&ask, (first.to_string(), last.to_string()), |r| {
            of_row("letter_volume", r, 0, || {
                let (normal, most): (Option<u32>, Option<u32>) = (r.get(1)?, r.get(2)?);
                Ok(LetterVolume {
                    on: date(&r.get::<_, String>(0)?)?,
                    usual: normal.zip(most).map(|(normal, most)| UsualVolume { normal, most }),
                    taken: r.get(3)?,
                    held_at: r.get::<_, Option<i64>>(4)?.map(instant),
                    agreed: r.get(5)?,
                    cleared: r
                        .get::<_, Option<i64>>(7)?
                        .map(|at| Ok::<_, StoreError>((r.get(6)?, instant(at))))
                        .transpose()?,
                })
            })
        })
    }

    /// How many letters of the plan were taken by the server on each day of their readers, from `first` to before `end`; days
    /// without any are left out.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letters_by_day(&self, first: Date, end: Date) -> Result<BTreeMap<Date, u32>, StoreError> {
        let read = |r: &rusqlite::Row<'_>| Ok((r.get::<_, String>(0)?, r.get::<_, u32>(1)?));
        let found = rows(self.sql, BY_DAY, (first.to_string(), end.to_string()), read)?;
        found.into_iter().map(|(on, count)| Ok((date(&on)?, count))).collect()
    }

    /// How many letters of the plan may leave by then; counted up to `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn reminders_waiting(&self, now: Timestamp, limit: u32) -> Result<u32, StoreError> {
        // The index alone answers it.
        let ask = "SELECT count(*) FROM (SELECT 1 FROM delivery WHERE state = 'pending' AND priority = ? AND next_at <= ? LIMIT ?)";
        let row = (Purpose::Reminders.priority(), millis(now), limit);
        Ok(self.sql.prepare_cached(ask)?.query_row(row, |r| r.get(0))?)
    }

    /// Patients put on a protocol since then, and enrolments that a published schedule moved.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn newcomers_since(&self, since: Timestamp) -> Result<u32, StoreError> {
        Ok(self.sql.prepare_cached(NEWCOMERS)?.query_row([millis(since)], |r| r.get(0))?)
    }
}

/// Asked within the writer's turn as a day begins.
const BY_DAY: &str = "SELECT local_on, count(*) FROM delivery WHERE audience = 'patient' AND purpose = 'reminders' \
                      AND state = 'sent' AND local_on >= ? AND local_on < ? GROUP BY local_on";

/// Asked within the same turn.
const NEWCOMERS: &str = "SELECT (SELECT count(*) FROM enrolment WHERE opened_at >= ?1) \
                         + (SELECT count(*) FROM publication_move WHERE moved_at >= ?1)";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan};

    #[test]
    fn what_is_usual_is_counted_without_a_look_at_every_letter_ever_written() {
        let (_dir, store) = fresh();
        let steps = plan(&store, BY_DAY, &["2026-01-01", "2026-03-01"]);
        assert!(
            steps.len() == 1 && steps[0].starts_with("SEARCH delivery USING INDEX delivery_sent_day"),
            "{steps:?}"
        );
    }

    #[test]
    fn newcomers_are_counted_without_a_look_at_everybody_ever_enrolled_or_moved() {
        let (_dir, store) = fresh();
        let steps = plan(&store, NEWCOMERS, &["0"]);
        for index in ["enrolment_opened", "publication_moved"] {
            assert!(
                steps.iter().any(|step| step.starts_with("SEARCH") && step.contains(index)),
                "{index} {steps:?}"
            );
        }
    }
}
