//! What leaves soon: the letters that wait in the outbox and the follow-ups that fall due, counted by kind and a page at a time;
//! and the letters that failed of late.

use jiff::Timestamp;
use rusqlite::Row;

use super::delivery::Purpose;
use crate::care::patient::PatientId;
use crate::care::plan::protocol::FollowUpKind;
use crate::store::db::columns::{instant, millis, rows};
use crate::store::db::transaction::View;
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::plan::follow_ups::FollowUpId;
use crate::store::row_page::{RowPage, RowPageReader};
use crate::store::work::worklist::{LedgerLine, ledger_ask, ledger_line};

/// The two ends that are asked about: of the day, and of the day after.
#[derive(Debug, Clone, Copy)]
pub struct OutlookDays {
    /// The first instant of tomorrow.
    pub today_until: Timestamp,
    /// The first instant of the day after.
    pub tomorrow_until: Timestamp,
}

/// How many of one kind there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutlookCount<K> {
    /// The kind that is counted.
    pub kind: K,
    /// Until the end of today.
    pub today: u32,
    /// How many on the day after.
    pub tomorrow: u32,
}

/// A follow-up that falls due: she may be owed a letter for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FallingDue {
    /// Row of the follow-up.
    pub id: FollowUpId,
    /// The patient whose follow-up it is.
    pub patient: PatientId,
    /// Its series in the protocol.
    pub series: String,
    /// When it is looked at next.
    pub at: Timestamp,
}

/// Where the next page begins: an instant, in milliseconds, and a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutlookPlace {
    /// The instant of the last line shown, in milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// The row of the last line shown.
    pub id: i64,
}

impl Default for OutlookPlace {
    fn default() -> Self {
        Self { at_ms: i64::MIN, id: i64::MIN }
    }
}

/// Which page is looked at.
#[derive(Debug, Clone, Copy)]
pub struct OutlookPage {
    /// What comes before then.
    pub until: Timestamp,
    /// Only what comes after this place.
    pub after: OutlookPlace,
    /// At most this many.
    pub limit: u32,
}

const WAITING: &str = "SELECT priority, coalesce(sum(next_at < ?1), 0), count(*) FROM delivery INDEXED BY delivery_due \
     WHERE state = 'pending' AND priority IN (0, 1, 2, 3, 4) AND next_at < ?2 GROUP BY priority";
const FALLING: &str = "SELECT kind, coalesce(sum(next_at < ?1), 0), count(*) FROM follow_up INDEXED BY follow_up_next \
     WHERE next_at IS NOT NULL AND next_at < ?2 GROUP BY kind";
const WAITING_PAGE: &str = "d.state = 'pending' AND d.priority = ?1 AND d.next_at < ?2 AND (d.next_at, d.id) > (?3, ?4) \
     ORDER BY d.next_at, d.id LIMIT ?5";
const FALLING_PAGE: &str = "SELECT f.id, f.patient_id, f.series, f.next_at FROM follow_up f \
     WHERE f.next_at IS NOT NULL AND f.next_at < ?1 AND (f.next_at, f.id) > (?2, ?3) ORDER BY f.next_at, f.id LIMIT ?4";
const FAILED: &str =
    "d.state = 'failed' AND d.ended_at > ?1 AND d.purpose <> 'canary' ORDER BY d.ended_at DESC LIMIT ?2";

impl View<'_> {
    /// How many letters wait for today and tomorrow, those that are late among today's, by why they exist.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letters_ahead(&self, days: OutlookDays) -> Result<Vec<OutlookCount<Purpose>>, StoreError> {
        let counted =
            rows(self.sql, WAITING, ends(days), |r| Ok((r.get::<_, u8>(0)?, r.get(1)?, r.get(2)?)))?;
        let of = |(priority, today, all): (u8, u32, u32)| {
            let kind = Purpose::ALL.into_iter().find(|purpose| purpose.priority() == priority)?;
            Some(OutlookCount { kind, today, tomorrow: all.saturating_sub(today) })
        };
        Ok(counted.into_iter().filter_map(of).collect())
    }

    /// How many follow-ups are looked at today and tomorrow, by kind.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn follow_ups_ahead(&self, days: OutlookDays) -> Result<Vec<OutlookCount<FollowUpKind>>, StoreError> {
        let counted =
            rows(self.sql, FALLING, ends(days), |r| Ok((r.get::<_, String>(0)?, r.get(1)?, r.get(2)?)))?;
        let of = |(kind, today, all): (String, u32, u32)| {
            let kind = FollowUpKind::parse(&kind)?;
            Some(OutlookCount { kind, today, tomorrow: all.saturating_sub(today) })
        };
        Ok(counted.into_iter().filter_map(of).collect())
    }

    /// A page of the letters of one purpose that wait and may leave before then, in the order in which they may.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letters_ahead_page(
        &self,
        purpose: Purpose,
        page: OutlookPage,
    ) -> Result<RowPage<LedgerLine>, StoreError> {
        let OutlookPage { until, after: OutlookPlace { at_ms, id }, limit } = page;
        let reader = RowPageReader::new(limit);
        let values = (purpose.priority(), millis(until), at_ms, id, reader.asked());
        let ask = ledger_ask(&format!("WHERE {WAITING_PAGE}"));
        Ok(reader.page(self.readable(&ask, values, |row| reader.row(ledger_line(row)))?))
    }

    /// A page of the follow-ups that fall due before then, in their order.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn follow_ups_ahead_page(&self, page: OutlookPage) -> Result<RowPage<FallingDue>, StoreError> {
        let OutlookPage { until, after: OutlookPlace { at_ms, id }, limit } = page;
        let reader = RowPageReader::new(limit);
        let values = (millis(until), at_ms, id, reader.asked());
        Ok(reader.page(self.readable(FALLING_PAGE, values, |row| reader.row(falling(row)))?))
    }

    /// Lines of the ledger for letters that failed since then, newest first; the canary's are left out.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letters_lost_since(
        &self,
        since: Timestamp,
        limit: u32,
    ) -> Result<RowPage<LedgerLine>, StoreError> {
        let reader = RowPageReader::new(limit);
        let ask = ledger_ask(&format!("WHERE {FAILED}"));
        let found =
            self.readable(&ask, (millis(since), reader.asked()), |row| reader.row(ledger_line(row)))?;
        Ok(reader.page(found))
    }
}

fn falling(r: &Row<'_>) -> Result<FallingDue, StoreError> {
    of_row("follow_up", r, 0, || {
        Ok(FallingDue {
            id: FollowUpId(r.get(0)?),
            patient: PatientId(r.get(1)?),
            series: r.get(2)?,
            at: instant(r.get(3)?),
        })
    })
}

fn ends(days: OutlookDays) -> [i64; 2] {
    [millis(days.today_until), millis(days.tomorrow_until)]
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;
    use crate::store::database::Store;
    use crate::store::database::tests::{fresh, plan, sabotage};
    use crate::store::db::transaction::Stamp;

    fn noon() -> Timestamp {
        "2026-11-26T12:00:00Z".parse().unwrap()
    }

    fn days() -> OutlookDays {
        OutlookDays { today_until: noon() + 12.hours(), tomorrow_until: noon() + 36.hours() }
    }

    /// A letter an hour, of two purposes, and some that failed.
    fn letters(store: &Store) {
        let (hour, from) = (3_600_000, millis(noon()));
        let many = format!(
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 59) \
             INSERT INTO delivery (audience, purpose, local_on, priority, state, frees_day, next_at, expires_at, created_at, ended_at, reason) \
             SELECT 'staff', CASE WHEN i % 2 THEN 'alert' ELSE 'digest' END, '2026-11-26', CASE WHEN i % 2 THEN 0 ELSE 4 END, \
             CASE WHEN i % 5 THEN 'pending' ELSE 'failed' END, i % 5 = 0, CASE WHEN i % 5 THEN {from} + i * {hour} END, 0, 0, \
             CASE WHEN i % 5 = 0 THEN {from} - i * {hour} END, CASE WHEN i % 5 = 0 THEN 'refused' END FROM n"
        );
        let stamp = Stamp::daemon(Timestamp::UNIX_EPOCH);
        store.write_blocking(stamp, move |tx| sabotage(tx, &many)).unwrap();
    }

    #[test]
    fn what_leaves_today_and_tomorrow_is_counted_and_listed_and_later_letters_are_not() {
        let (_dir, store) = fresh();
        letters(&store);
        let counts = store.read(|v| v.letters_ahead(days())).unwrap();
        let told: Vec<_> = counts.iter().map(|c| (c.kind, c.today, c.tomorrow)).collect();
        // Hours 0 to 11 are today, 12 to 35 tomorrow; each fifth failed.
        assert_eq!(told, [(Purpose::Alert, 5, 9), (Purpose::Digest, 4, 10)]);
        let page = |limit, after| OutlookPage { until: days().tomorrow_until, after, limit };
        let first = store
            .read(|v| v.letters_ahead_page(Purpose::Digest, page(10, OutlookPlace::default())))
            .unwrap()
            .rows;
        let last = &first[9].delivery;
        let after = OutlookPlace { at_ms: millis(last.next_at.unwrap()), id: last.id.0 };
        let second = store.read(|v| v.letters_ahead_page(Purpose::Digest, page(10, after))).unwrap().rows;
        assert_eq!((first.len(), second.len()), (10, 4));
        assert!(second[0].delivery.next_at > last.next_at);
    }

    #[test]
    fn letters_that_failed_of_late_come_newest_first() {
        let (_dir, store) = fresh();
        letters(&store);
        let failed = store.read(|v| v.letters_lost_since(noon() - 12.hours(), 50)).unwrap().rows;
        let ended: Vec<_> = failed.iter().map(|line| line.delivery.ended_at.unwrap()).collect();
        assert_eq!(ended, [noon(), noon() - 5.hours(), noon() - 10.hours()]);
    }

    #[test]
    fn nothing_that_is_not_asked_about_is_read() {
        let (_dir, store) = fresh();
        for (ask, index, values) in [
            (WAITING.to_owned(), "SEARCH delivery USING COVERING INDEX delivery_due", &["5", "9"][..]),
            (FALLING.to_owned(), "SEARCH follow_up USING COVERING INDEX follow_up_next", &["5", "9"]),
            (FALLING_PAGE.to_owned(), "SEARCH f USING INDEX follow_up_next", &["9", "5", "1", "50"]),
            (
                format!("SELECT d.id FROM delivery d WHERE {WAITING_PAGE}"),
                "SEARCH d USING COVERING INDEX delivery_due",
                &["3", "9", "5", "1", "50"],
            ),
            (
                format!("SELECT d.id FROM delivery d WHERE {FAILED}"),
                "SEARCH d USING INDEX delivery_failed",
                &["5", "50"],
            ),
        ] {
            let steps = plan(&store, &ask, values);
            assert!(steps.iter().any(|step| step.starts_with(index)), "{steps:?}");
            let sorts = steps.iter().any(|step| step.contains("ORDER BY"));
            assert!(!sorts && !steps.iter().any(|step| step.starts_with("SCAN")), "{steps:?}");
        }
    }
}
