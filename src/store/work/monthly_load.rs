//! What a stretch of time asks of the clinic, month by month: letters to patients, calls and visits.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::care::task::TaskKind;
use crate::store::db::columns::{date, millis};
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::people::patient_status;

/// What one month asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MonthCounts {
    /// Letters that leave to patients.
    pub letters: u64,
    /// Tasks in which somebody must speak with a patient.
    pub calls: u64,
    /// Visits and tests that are due.
    pub visits: u64,
}

/// What each month asks for, by its first day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MonthlyLoad(pub BTreeMap<Date, MonthCounts>);

impl MonthlyLoad {
    /// The counts of the month that holds a day.
    pub fn month_of(&mut self, day: Date) -> &mut MonthCounts {
        self.0.entry(day.first_of_month()).or_default()
    }

    /// Adds what another stretch, or other patients, ask for.
    pub fn add(&mut self, other: &Self) {
        for (month, counts) in &other.0 {
            let sum = self.0.entry(*month).or_default();
            sum.letters += counts.letters;
            sum.calls += counts.calls;
            sum.visits += counts.visits;
        }
    }

    /// The counts of all months together.
    #[must_use]
    pub fn total(&self) -> MonthCounts {
        let mut all = MonthCounts::default();
        for counts in self.0.values() {
            all.letters += counts.letters;
            all.calls += counts.calls;
            all.visits += counts.visits;
        }
        all
    }
}

/// A stretch that was lived through: instants for what happened, days for what was due.
#[derive(Debug, Clone, Copy)]
pub struct LivedSpan {
    /// The instant with which it begins.
    pub since: Timestamp,
    /// Its first day at the clinic.
    pub from: Date,
    /// Its last day at the clinic.
    pub until: Date,
}

impl View<'_> {
    /// What a stretch asked for, as it is on record.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn monthly_load(&self, span: LivedSpan) -> Result<MonthlyLoad, StoreError> {
        let mut load = MonthlyLoad::default();
        let letters = "SELECT substr(local_on, 1, 7), count(*) FROM delivery WHERE state = 'sent' AND patient_id IS NOT NULL \
                       AND purpose <> 'canary' AND ended_at >= ?1 GROUP BY 1";
        for (month, count) in self.by_month(letters, [millis(span.since)])? {
            load.month_of(month).letters += count;
        }
        let kinds: Vec<String> =
            TaskKind::ALL.iter().filter(|k| k.is_call()).map(|k| format!("'{}'", k.word())).collect();
        let calls = format!(
            "SELECT strftime('%Y-%m', opened_at / 1000, 'unixepoch'), count(*) FROM task WHERE opened_at >= ?1 \
             AND patient_id IS NOT NULL AND kind IN ({}) GROUP BY 1",
            kinds.join(", ")
        );
        for (month, count) in self.by_month(&calls, [millis(span.since)])? {
            load.month_of(month).calls += count;
        }
        // Whoever has left keeps what was planned for her on record.
        let visits = patient_status::with_lists(
            "SELECT substr(f.due_on, 1, 7), count(*) FROM follow_up f JOIN patient p ON p.id = f.patient_id \
             WHERE f.kind IN ('visit', 'test') AND f.state <> 'cancelled' AND p.status IN (KEEPS_PLAN) \
             AND f.due_on BETWEEN ?1 AND ?2 GROUP BY 1",
        );
        for (month, count) in self.by_month(&visits, [span.from.to_string(), span.until.to_string()])? {
            load.month_of(month).visits += count;
        }
        Ok(load)
    }

    /// How many patients are on record.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn patient_count(&self) -> Result<u64, StoreError> {
        let count: u32 =
            self.sql.prepare_cached("SELECT count(*) FROM patient")?.query_row([], |r| r.get(0))?;
        Ok(count.into())
    }

    fn by_month(&self, ask: &str, parameters: impl rusqlite::Params) -> Result<Vec<(Date, u64)>, StoreError> {
        self.all(ask, parameters, |r| {
            let month: String = r.get(0)?;
            Ok((date(&format!("{month}-01"))?, r.get::<_, u32>(1)?.into()))
        })
    }
}
