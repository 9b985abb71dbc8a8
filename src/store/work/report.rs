//! What the clinic learns: how fast people act, how many answer, whether there are hands enough for the alerts. Plain
//! numbers; the canary is never counted.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::care::patient::Reference;
use crate::care::triage::tier::Tier;
use crate::store::db::columns::{millis, rows};
use crate::store::db::transaction::View;
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;

/// Time from the answer to the first human action, for one tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speed {
    /// The tier; `None` for answers read unsorted.
    pub tier: Option<Tier>,
    /// How many alerts of that tier were raised in the span.
    pub raised: usize,
    /// How many of them a person has taken on; not those that were left and ring again.
    pub acted: usize,
    /// How many of them were taken on by their deadline.
    pub in_time: usize,
    /// Half were faster, in seconds.
    pub median: Option<i64>,
    /// Nine in ten were faster, in seconds.
    pub p90: Option<i64>,
    /// The slowest, in seconds.
    pub max: Option<i64>,
}

/// How many checklists that came due were answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ResponseRate {
    /// Checklists whose day came.
    pub asked: u32,
    /// Those for which a form was submitted.
    pub answered: u32,
    /// Those for which pages were saved and no form was submitted.
    pub half_done: u32,
    /// Closed without an answer.
    pub missed: u32,
    /// Answers without being asked ("something changed").
    pub unasked: u32,
}

/// Whether there are hands enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Capacity {
    /// Patients who are active when the report is made, not in its span.
    pub patients: u32,
    /// Forms a patient and week, as they came.
    pub forms_a_week: f64,
    /// Share of forms that raised or joined an alert, from 0 to 1.
    pub alert_rate: f64,
    /// Alerts to expect a week: the product.
    pub alerts_a_week: f64,
}

/// The numbers of a stretch of time.
#[derive(Debug, Clone, PartialEq)]
pub struct PeriodReport {
    /// The instant that begins it, included.
    pub from: Timestamp,
    /// The instant that ends it, excluded.
    pub until: Timestamp,
    /// How fast people acted, most urgent tier first, unsorted last.
    pub speeds: Vec<Speed>,
    /// How many of the checklists due in it were answered.
    pub answered: ResponseRate,
    /// Whether there are hands enough.
    pub capacity: Capacity,
}

/// The days that a report counts, in both of their faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportSpan {
    /// First instant, included; alerts and forms are counted by instants.
    pub from: Timestamp,
    /// Until this one, excluded.
    pub until: Timestamp,
    /// First civil day of the clinic; checklists asked for are counted by days.
    pub first_on: Date,
    /// The day after the last.
    pub end_on: Date,
}

/// One alert: its tier, when the answer came, when a person acted, its deadline.
type AlertTimes = (Option<String>, i64, Option<i64>, i64);

impl View<'_> {
    /// The numbers of a span of days.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn report(&self, span: &ReportSpan) -> Result<PeriodReport, StoreError> {
        let ReportSpan { from, until, .. } = *span;
        let ask = "SELECT tier, raised_at, acknowledged_at, due_at, id FROM alert \
                   WHERE audience = 'ladder' AND raised_at >= ? AND raised_at < ?";
        let read = |r: &rusqlite::Row<'_>| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?));
        let alerts: Vec<AlertTimes> =
            self.readable(ask, (millis(from), millis(until)), |r| of_row("alert", r, 4, || read(r)))?;
        let tiers = Tier::ALL.into_iter().filter(|t| *t != Tier::Routine).map(Some).chain([None]);
        let speeds = tiers.map(|tier| speed(tier, &alerts)).collect();
        let answered = self.answered(span)?;
        let capacity = self.capacity(from, until)?;
        Ok(PeriodReport { from, until, speeds, answered, capacity })
    }

    fn answered(&self, span: &ReportSpan) -> Result<ResponseRate, StoreError> {
        let due = "FROM follow_up f WHERE f.kind = 'checklist' AND f.state <> 'cancelled' AND f.due_on >= ?1 AND f.due_on < ?2";
        let days = (span.first_on.to_string(), span.end_on.to_string());
        let count = |more: &str| -> Result<u32, StoreError> {
            let ask = format!("SELECT count(*) {due} {more}");
            Ok(rows(self.sql, &ask, (&days.0, &days.1), |r| r.get(0))?.pop().unwrap_or(0))
        };
        let form = |state: &str| {
            format!(
                "AND EXISTS (SELECT 1 FROM response r WHERE r.follow_up_id = f.id AND r.state = '{state}')"
            )
        };
        let begun = format!("{} AND NOT {}", form("partial"), &form("submitted")[4..]);
        let unasked = "SELECT count(*) FROM response WHERE follow_up_id IS NULL AND who <> 'canary' \
                       AND state = 'submitted' AND answered_at >= ? AND answered_at < ?";
        let unasked = rows(self.sql, unasked, (millis(span.from), millis(span.until)), |r| r.get(0))?;
        Ok(ResponseRate {
            asked: count("")?,
            answered: count(&form("submitted"))?,
            half_done: count(&begun)?,
            missed: count("AND f.state = 'missed'")?,
            unasked: unasked.first().copied().unwrap_or(0),
        })
    }

    fn capacity(&self, from: Timestamp, until: Timestamp) -> Result<Capacity, StoreError> {
        let ask = "SELECT (SELECT count(*) FROM patient WHERE status = 'active' AND reference <> ?), \
                   count(*), count(alert_id) FROM response WHERE who <> 'canary' AND answered_at >= ? AND answered_at < ?";
        let read = |r: &rusqlite::Row<'_>| Ok((r.get(0)?, r.get(1)?, r.get(2)?));
        let found: Vec<(u32, u32, u32)> =
            rows(self.sql, ask, (Reference::CANARY, millis(from), millis(until)), read)?;
        let (patients, forms, rang) = found.first().copied().unwrap_or_default();
        let weeks = until.duration_since(from).as_secs_f64() / (7.0 * 86_400.0);
        let share = |part: u32, whole: f64| if whole > 0.0 { f64::from(part) / whole } else { 0.0 };
        let forms_a_week = share(forms, f64::from(patients) * weeks);
        let alert_rate = share(rang, f64::from(forms));
        let alerts_a_week = f64::from(patients) * forms_a_week * alert_rate;
        Ok(Capacity { patients, forms_a_week, alert_rate, alerts_a_week })
    }
}

fn speed(tier: Option<Tier>, alerts: &[AlertTimes]) -> Speed {
    let of_tier: Vec<&AlertTimes> =
        alerts.iter().filter(|a| a.0.as_deref() == tier.map(Tier::word)).collect();
    let mut waits: Vec<i64> = of_tier.iter().filter_map(|a| Some((a.2? - a.1).max(0) / 1000)).collect();
    waits.sort_unstable();
    Speed {
        tier,
        raised: of_tier.len(),
        acted: waits.len(),
        in_time: of_tier.iter().filter(|a| a.2.is_some_and(|at| at <= a.3)).count(),
        median: quantile(&waits, 50),
        p90: quantile(&waits, 90),
        max: waits.last().copied(),
    }
}

/// The smallest value that at least `percent` of all are not above (nearest rank).
fn quantile(sorted: &[i64], percent: usize) -> Option<i64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_a_value_that_was_measured() {
        let ten: Vec<i64> = (1..=10).collect();
        assert_eq!(quantile(&ten, 50), Some(5));
        assert_eq!(quantile(&ten, 90), Some(9));
        assert_eq!(quantile(&[7], 90), Some(7));
        assert_eq!(quantile(&[], 50), None);
    }

    #[test]
    fn the_speed_of_a_tier_counts_only_its_own_alerts() {
        let row = |tier: Option<&str>, acted: Option<i64>| (tier.map(str::to_owned), 0, acted, 3_600_000);
        let alerts = [
            row(Some("emergency"), Some(60_000)),
            row(Some("emergency"), Some(7_200_000)),
            row(Some("emergency"), None),
            row(Some("soon"), Some(1_000)),
            row(None, Some(2_000)),
        ];
        let found = speed(Some(Tier::Emergency), &alerts);
        assert_eq!((found.raised, found.acted, found.in_time), (3, 2, 1));
        assert_eq!((found.median, found.max), (Some(60), Some(7_200)));
        assert_eq!(speed(None, &alerts).median, Some(2));
    }
}
