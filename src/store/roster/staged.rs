//! Files that came by the console and wait to be taken in: the file until its columns are matched, then its rows, what each would
//! do and what is wrong with it. They are private, and gone once they are taken in or a day old.

use jiff::Timestamp;
use rusqlite::Row;

use crate::care::roster::row_verdict::StagedVerdict;
use crate::store::db::columns::{instant, millis, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::{of_row, shown};
use crate::store::error::StoreError;
use crate::store::row_page::{RowPage, RowPageReader};
use crate::store::subject::Subject;

/// Row identity of a staged import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StagedId(pub i64);

impl From<StagedId> for Subject {
    fn from(id: StagedId) -> Self {
        Self::StagedImport(id.0)
    }
}

/// A file about to be staged.
#[derive(Debug, Clone)]
pub struct NewStaged {
    /// The sheet of a workbook, if it is said.
    pub sheet: Option<String>,
    /// The order of day and month, if it is said.
    pub dates: Option<String>,
    /// How many dates are booked a working day.
    pub bookings_a_day: u32,
    /// The names of its columns, as a list in JSON.
    pub columns: String,
    /// The file, byte for byte.
    pub content: Vec<u8>,
}

/// A staged import without its content.
#[derive(Debug, Clone)]
pub struct StagedImport {
    /// Row of the staged import.
    pub id: StagedId,
    /// When the file was sent in.
    pub at: Timestamp,
    /// Who sent it in: an actor's word.
    pub by: String,
    /// The sheet of a workbook, if it is said.
    pub sheet: Option<String>,
    /// The order of day and month, if it is said.
    pub dates: Option<String>,
    /// How many dates are booked a working day.
    pub bookings_a_day: u32,
    /// The names of its columns, as a list in JSON.
    pub columns: String,
    /// Whether it is known what each column stands for, so that its rows are staged.
    pub is_matched: bool,
    /// When every row was last looked through.
    pub checked_at: Option<Timestamp>,
}

impl StagedImport {
    /// The names of its columns, in their order.
    ///
    /// # Errors
    /// [`StoreError`]; `is_unreadable` where what is kept is no list of texts.
    pub fn names(&self) -> Result<Vec<String>, StoreError> {
        texts(&self.columns, "staged_import.columns")
    }
}

/// Texts that are kept as a list in JSON.
fn texts(kept: &str, column: &str) -> Result<Vec<String>, StoreError> {
    serde_json::from_str(kept).map_err(|_| StoreError::corrupt(column))
}

/// A row: its cells and what is wrong with them, each a list in JSON.
#[derive(Debug, Clone)]
pub struct StagedRow {
    /// Its line in the file.
    pub line: i64,
    /// A text for each column.
    pub cells: String,
    /// What it would do; `None` until it was looked at.
    pub verdict: Option<StagedVerdict>,
    /// What is wrong with it.
    pub faults: Option<String>,
}

/// What a look found of a row.
#[derive(Debug, Clone)]
pub struct RowFinding {
    /// Its line in the file.
    pub line: i64,
    /// What it would do.
    pub verdict: StagedVerdict,
    /// What is wrong with it, as a list in JSON.
    pub faults: Option<String>,
}

/// Which rows of a staged import are shown.
#[derive(Debug, Clone, Copy)]
pub struct StagedPage {
    /// Only rows with this verdict.
    pub verdict: StagedVerdict,
    /// Only rows after this line of the file.
    pub after: i64,
    /// At most this many.
    pub limit: u32,
}

const COLUMNS: &str =
    "id, staged_at, staged_by, sheet, dates, bookings_a_day, columns, matched IS NOT NULL, checked_at";
const PAGE: &str = "SELECT line, cells, verdict, faults FROM staged_row INDEXED BY staged_row_verdict WHERE staged_id = ?1 AND verdict = ?2 AND line > ?3 \
                    ORDER BY line LIMIT ?4";

impl Tx<'_> {
    /// Writes a file down that was sent in.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn stage(&mut self, new: &NewStaged) -> Result<StagedId, StoreError> {
        let insert = "INSERT INTO staged_import (staged_at, staged_by, sheet, dates, bookings_a_day, columns, content) \
                      VALUES (?, ?, ?, ?, ?, ?, ?)";
        let by = self.actor().word();
        let (sheet, dates) = (&new.sheet, &new.dates);
        let row = (self.at_ms(), by, sheet, dates, new.bookings_a_day, &new.columns, &new.content);
        self.sql.prepare_cached(insert)?.execute(row)?;
        Ok(StagedId(self.sql.last_insert_rowid()))
    }

    /// Its columns are matched: the rows take the place of the file. Each row is a line and its cells as a list in JSON.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn stage_rows(&mut self, id: StagedId, matched: &str, all: &[StagedRow]) -> Result<(), StoreError> {
        let mut insert =
            self.sql.prepare_cached("INSERT INTO staged_row (staged_id, line, cells) VALUES (?, ?, ?)")?;
        for row in all {
            insert.execute((id.0, row.line, &row.cells))?;
        }
        let update =
            "UPDATE staged_import SET matched = ?, content = NULL WHERE id = ? AND content IS NOT NULL";
        match self.sql.prepare_cached(update)?.execute((matched, id.0))? {
            0 => Err(StoreError::conflict("its columns are matched already")),
            _ => Ok(()),
        }
    }

    /// Keeps what a look found of every row.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn keep_findings(&mut self, id: StagedId, all: &[RowFinding]) -> Result<(), StoreError> {
        let update = "UPDATE staged_row SET verdict = ?, faults = ? WHERE staged_id = ? AND line = ?";
        let mut update = self.sql.prepare_cached(update)?;
        for found in all {
            update.execute((found.verdict.word(), &found.faults, id.0, found.line))?;
        }
        let checked = "UPDATE staged_import SET checked_at = ? WHERE id = ?";
        self.sql.prepare_cached(checked)?.execute((self.at_ms(), id.0))?;
        Ok(())
    }

    /// Mends the cells of a row; what they do is not known until the next look.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn mend_staged_row(&mut self, id: StagedId, line: i64, cells: &str) -> Result<(), StoreError> {
        let update = "UPDATE staged_row SET cells = ? WHERE staged_id = ? AND line = ?";
        self.sql.prepare_cached(update)?.execute((cells, id.0, line))?;
        let unchecked = "UPDATE staged_import SET checked_at = NULL WHERE id = ?";
        self.sql.prepare_cached(unchecked)?.execute([id.0])?;
        Ok(())
    }

    /// Deletes a staged import with all that it holds.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn drop_staged(&mut self, id: StagedId) -> Result<(), StoreError> {
        self.sql.prepare_cached("DELETE FROM staged_row WHERE staged_id = ?")?.execute([id.0])?;
        self.sql.prepare_cached("DELETE FROM staged_import WHERE id = ?")?.execute([id.0])?;
        Ok(())
    }
}

impl View<'_> {
    /// The staged import of that row.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is none, or none any more.
    pub fn staged(&self, id: StagedId) -> Result<StagedImport, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM staged_import WHERE id = ?");
        self.one(&ask, [id.0], staged)?.ok_or_else(|| StoreError::not_found("that staged file"))
    }

    /// Every staged import, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn staged_imports(&self) -> Result<Vec<StagedImport>, StoreError> {
        self.readable(&format!("SELECT {COLUMNS} FROM staged_import ORDER BY id DESC LIMIT 50"), [], staged)
    }

    /// Those that were staged before that instant.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn staged_before(&self, at: Timestamp) -> Result<Vec<StagedId>, StoreError> {
        let ask = "SELECT id FROM staged_import WHERE staged_at < ?";
        rows(self.sql, ask, [millis(at)], |r| Ok(StagedId(r.get(0)?)))
    }

    /// The file, as long as its columns are not matched.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is none, or its columns are matched.
    pub fn staged_content(&self, id: StagedId) -> Result<Vec<u8>, StoreError> {
        let ask = "SELECT content FROM staged_import WHERE id = ? AND content IS NOT NULL";
        let found = rows(self.sql, ask, [id.0], |r| r.get(0))?.pop();
        found.ok_or_else(|| StoreError::not_found("that staged file"))
    }

    /// Every row, in the order of the file.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn staged_rows(&self, id: StagedId) -> Result<Vec<StagedRow>, StoreError> {
        let ask = "SELECT line, cells, verdict, faults FROM staged_row WHERE staged_id = ? ORDER BY line";
        rows(self.sql, ask, [id.0], row)
    }

    /// A page of the rows with one verdict, in the order of the file.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn staged_page(&self, id: StagedId, page: &StagedPage) -> Result<RowPage<StagedRow>, StoreError> {
        let read = RowPageReader::new(page.limit);
        let values = (id.0, page.verdict.word(), page.after, read.asked());
        Ok(read.page(rows(self.sql, PAGE, values, |found| read.row(row(found)))?))
    }

    /// The cells of one row.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is no such row.
    pub fn staged_cells(&self, id: StagedId, line: i64) -> Result<Vec<String>, StoreError> {
        let ask = "SELECT cells FROM staged_row WHERE staged_id = ? AND line = ?";
        let found: Option<String> = rows(self.sql, ask, (id.0, line), |r| r.get(0))?.pop();
        texts(&found.ok_or_else(|| StoreError::not_found("that row"))?, "staged_row.cells")
    }

    /// How many rows there are.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn staged_size(&self, id: StagedId) -> Result<u32, StoreError> {
        let ask = "SELECT count(*) FROM staged_row WHERE staged_id = ?";
        Ok(self.sql.prepare_cached(ask)?.query_row([id.0], |r| r.get(0))?)
    }

    /// How many rows have that verdict.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn staged_count(&self, id: StagedId, verdict: StagedVerdict) -> Result<u32, StoreError> {
        let ask = "SELECT count(*) FROM staged_row WHERE staged_id = ? AND verdict = ?";
        Ok(self.sql.prepare_cached(ask)?.query_row((id.0, verdict.word()), |r| r.get(0))?)
    }
}

fn row(row: &Row<'_>) -> rusqlite::Result<StagedRow> {
    let verdict: Option<String> = row.get(2)?;
    let verdict = verdict.and_then(|word| StagedVerdict::parse(&word));
    Ok(StagedRow { line: row.get(0)?, cells: row.get(1)?, verdict, faults: row.get(3)? })
}

fn staged(row: &Row<'_>) -> Result<StagedImport, StoreError> {
    of_row("staged_import", row, 0, || {
        Ok(StagedImport {
            id: StagedId(row.get(0)?),
            at: instant(row.get(1)?),
            by: shown(row, 2)?,
            sheet: row.get(3)?,
            dates: row.get(4)?,
            bookings_a_day: row.get(5)?,
            columns: shown(row, 6)?,
            is_matched: row.get(7)?,
            checked_at: row.get::<_, Option<i64>>(8)?.map(instant),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan, stamp};

    #[test]
    fn what_is_no_list_of_texts_is_not_taken_for_an_empty_one() {
        let (_dir, store) = fresh();
        let new = NewStaged {
            sheet: None,
            dates: None,
            bookings_a_day: 1,
            columns: "{".to_owned(),
            content: Vec::new(),
        };
        let id = store.write_blocking(stamp(), move |tx| tx.stage(&new)).unwrap();
        assert!(store.read(|view| view.staged(id)).unwrap().names().unwrap_err().is_unreadable());
    }

    #[test]
    fn a_page_of_rows_reads_no_row_that_is_not_on_it() {
        let (_dir, store) = fresh();
        let steps = plan(&store, PAGE, &["1", "faulty", "0", "50"]);
        assert_eq!(steps.len(), 1, "{steps:?}");
        assert!(steps[0].contains("staged_row_verdict"), "{steps:?}");
    }
}
