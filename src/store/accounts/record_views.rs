//! Who looked at which record: one row for an account, a patient, a kind of page and an hour. No part of the audit: a look
//! changes nothing that the audit tells.

use jiff::Timestamp;
use rusqlite::Row;

use crate::care::patient::PatientId;
use crate::store::db::columns::instant;
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::people::staff::StaffId;
use crate::store::row_page::{RowPage, RowPageReader};

/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;

/// The kind of page that shows something of a patient's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ViewedPage {
    /// The page of her record.
    Patient,
    /// The page of one answered form.
    Answers,
    /// The page of an alert about her.
    Alert,
    /// The page of a task about her.
    Task,
    /// The page of a letter to her.
    Letter,
}

impl ViewedPage {
    const ALL: [Self; 5] = [Self::Patient, Self::Answers, Self::Alert, Self::Task, Self::Letter];

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|page| page.word() == word)
    }

    /// The word as stored.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Answers => "answers",
            Self::Alert => "alert",
            Self::Task => "task",
            Self::Letter => "letter",
        }
    }
}

/// A look that is about to be noted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NewView {
    /// The account that looked.
    pub staff: StaffId,
    /// Case code of the patient looked at.
    pub reference: String,
    /// The kind of page that was looked at.
    pub page: ViewedPage,
}

/// A look on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordView {
    /// Row of the look.
    pub id: i64,
    /// Sign-in name of the account that looked.
    pub name: String,
    /// Case code of the patient looked at.
    pub reference: String,
    /// The kind of page that was looked at.
    pub page: ViewedPage,
    /// When, the first time in that hour.
    pub seen_at: Timestamp,
}

/// Whose looks, or looks at whom.
#[derive(Debug, Clone, Copy)]
pub enum ViewFilter {
    /// All looks, whoever looked at whomever.
    Any,
    /// Those of one account.
    By(StaffId),
    /// Those at one patient.
    Of(PatientId),
}

/// A page of the list.
#[derive(Debug, Clone, Copy)]
pub struct ViewPage {
    /// Whose looks, or at whom.
    pub filter: ViewFilter,
    /// Only those before this row.
    pub before: Option<i64>,
    /// So many at most.
    pub limit: u32,
}

impl Tx<'_> {
    /// Notes a look, once an hour.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn note_view(&mut self, view: &NewView) -> Result<(), StoreError> {
        let insert = "INSERT INTO record_view (staff_id, patient_id, page, hour, seen_at) \
                      SELECT ?1, id, ?2, ?3, ?4 FROM patient WHERE reference = ?5 \
                      ON CONFLICT (patient_id, staff_id, page, hour) DO NOTHING";
        let (at, word) = (self.at_ms(), view.page.word());
        let row = (view.staff.0, word, at.div_euclid(HOUR), at, &view.reference);
        self.sql.prepare_cached(insert)?.execute(row)?;
        Ok(())
    }
}

impl View<'_> {
    /// Looks on record, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn record_views(&self, page: ViewPage) -> Result<RowPage<RecordView>, StoreError> {
        let reader = RowPageReader::new(page.limit);
        let read = |row: &Row<'_>| reader.row(record_view(row));
        let (before, asked) = (page.before.unwrap_or(i64::MAX), reader.asked());
        let ask = ask(page.filter);
        let found = match page.filter {
            ViewFilter::Any => self.readable(&ask, (before, asked), read),
            ViewFilter::By(staff) => self.readable(&ask, (before, asked, staff.0), read),
            ViewFilter::Of(patient) => self.readable(&ask, (before, asked, patient.0), read),
        };
        Ok(reader.page(found?))
    }
}

fn ask(filter: ViewFilter) -> String {
    let which = match filter {
        ViewFilter::Any => "",
        ViewFilter::By(_) => "AND v.staff_id = ?3",
        ViewFilter::Of(_) => "AND v.patient_id = ?3",
    };
    format!(
        "SELECT v.id, f.name, p.reference, v.page, v.seen_at FROM record_view v \
         JOIN staff f ON f.id = v.staff_id JOIN patient p ON p.id = v.patient_id \
         WHERE v.id < ?1 {which} ORDER BY v.id DESC LIMIT ?2"
    )
}

fn record_view(row: &Row<'_>) -> Result<RecordView, StoreError> {
    of_row("record_view", row, 0, || {
        Ok(RecordView {
            id: row.get(0)?,
            name: row.get(1)?,
            reference: row.get(2)?,
            page: ViewedPage::parse(&row.get::<_, String>(3)?)
                .ok_or_else(|| StoreError::corrupt("kind of page"))?,
            seen_at: instant(row.get(4)?),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::fresh;

    #[test]
    fn each_list_is_read_by_its_index() {
        let (_dir, store) = fresh();
        let plan = |filter| {
            let explain = format!("EXPLAIN QUERY PLAN {}", ask(filter));
            store
                .read(|view| {
                    let mut statement = view.sql.prepare(&explain)?;
                    let mut rows = statement.raw_query();
                    let mut lines = String::new();
                    while let Some(row) = rows.next()? {
                        lines += &row.get::<_, String>(3)?;
                        lines.push('\n');
                    }
                    Ok::<_, StoreError>(lines)
                })
                .unwrap()
        };
        assert!(plan(ViewFilter::By(StaffId(1))).contains("record_view_staff"));
        assert!(plan(ViewFilter::Of(PatientId(1))).contains("record_view_patient"));
        for filter in [ViewFilter::Any, ViewFilter::By(StaffId(1)), ViewFilter::Of(PatientId(1))] {
            assert!(!plan(filter).contains("TEMP B-TREE"), "{}", plan(filter));
        }
    }
}
