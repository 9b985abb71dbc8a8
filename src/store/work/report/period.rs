//! The sums of a period: how fast people acted, how many answered, whether there are hands enough.

use crate::care::patient::Reference;
use crate::care::triage::tier::Tier;
use crate::store::db::columns::{millis, rows};
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::work::report::alert_months::AlertFact;
use crate::store::work::report::checklist_months::ChecklistCounts;
use crate::store::work::report::{ReportScope, ReportSpan};

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
    /// How fast people acted, most urgent tier first, unsorted last.
    pub speeds: Vec<Speed>,
    /// How many of the checklists due in it were answered.
    pub answered: ResponseRate,
    /// Whether there are hands enough.
    pub capacity: Capacity,
}

impl View<'_> {
    /// The numbers of a span of days.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn report(&self, span: &ReportSpan) -> Result<PeriodReport, StoreError> {
        let scope = ReportScope { span: *span, protocol: None };
        let mut counts = ChecklistCounts::default();
        self.checklist_months(&scope)?.iter().for_each(|month| counts.add(&month.counts));
        self.period_report(&scope, &counts)
    }

    /// The same of those on one protocol, with its checklists counted already.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn period_report(
        &self,
        scope: &ReportScope<'_>,
        counts: &ChecklistCounts,
    ) -> Result<PeriodReport, StoreError> {
        let ReportSpan { from, until, .. } = scope.span;
        let alerts = self.alert_facts(scope)?;
        let tiers = Tier::ALL.into_iter().filter(|t| *t != Tier::Routine).map(Some).chain([None]);
        let speeds = tiers.map(|tier| speed(tier, &alerts)).collect();
        let unasked = "SELECT count(*) FROM response r WHERE r.follow_up_id IS NULL AND r.who <> 'canary' \
                       AND r.state = 'submitted' AND r.answered_at >= ?1 AND r.answered_at < ?2 \
                       AND (?3 IS NULL OR EXISTS (SELECT 1 FROM enrolment e WHERE e.patient_id = r.patient_id AND e.protocol = ?3))";
        let unasked = rows(self.sql, unasked, (millis(from), millis(until), scope.protocol), |r| r.get(0))?;
        let answered = ResponseRate {
            asked: counts.asked,
            answered: counts.answered,
            half_done: counts.half_done,
            missed: counts.closed,
            unasked: unasked.first().copied().unwrap_or(0),
        };
        let capacity = self.capacity(scope)?;
        Ok(PeriodReport { speeds, answered, capacity })
    }

    fn capacity(&self, scope: &ReportScope<'_>) -> Result<Capacity, StoreError> {
        let ReportSpan { from, until, .. } = scope.span;
        let ask = "SELECT (SELECT count(*) FROM patient p WHERE p.status = 'active' AND p.reference <> ?1 AND (?4 IS NULL \
                   OR EXISTS (SELECT 1 FROM enrolment e WHERE e.patient_id = p.id AND e.protocol = ?4 AND e.state = 'active'))), \
                   count(*), count(r.alert_id) FROM response r WHERE r.who <> 'canary' AND r.answered_at >= ?2 AND r.answered_at < ?3 \
                   AND (?4 IS NULL OR EXISTS (SELECT 1 FROM enrolment e WHERE e.patient_id = r.patient_id AND e.protocol = ?4))";
        let read = |r: &rusqlite::Row<'_>| Ok((r.get(0)?, r.get(1)?, r.get(2)?));
        let values = (Reference::CANARY, millis(from), millis(until), scope.protocol);
        let found: Vec<(u32, u32, u32)> = rows(self.sql, ask, values, read)?;
        let (patients, forms, rang) = found.first().copied().unwrap_or_default();
        let weeks = until.duration_since(from).as_secs_f64() / (7.0 * 86_400.0);
        let share = |part: u32, whole: f64| if whole > 0.0 { f64::from(part) / whole } else { 0.0 };
        let forms_a_week = share(forms, f64::from(patients) * weeks);
        let alert_rate = share(rang, f64::from(forms));
        let alerts_a_week = f64::from(patients) * forms_a_week * alert_rate;
        Ok(Capacity { patients, forms_a_week, alert_rate, alerts_a_week })
    }
}

fn speed(tier: Option<Tier>, alerts: &[AlertFact]) -> Speed {
    let of_tier: Vec<&AlertFact> = alerts.iter().filter(|a| a.tier == tier).collect();
    let mut waits: Vec<i64> =
        of_tier.iter().filter_map(|a| Some((a.acted_at? - a.since).max(0) / 1000)).collect();
    waits.sort_unstable();
    Speed {
        tier,
        raised: of_tier.len(),
        acted: waits.len(),
        in_time: of_tier.iter().filter(|a| a.is_in_time()).count(),
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
        let row = |tier: Option<Tier>, acted_at: Option<i64>| AlertFact {
            tier,
            raised_at: 0,
            since: 0,
            acted_at,
            due_at: 3_600_000,
            by: acted_at.map(|_| "nora".to_owned()),
        };
        let alerts = [
            row(Some(Tier::Emergency), Some(60_000)),
            row(Some(Tier::Emergency), Some(7_200_000)),
            row(Some(Tier::Emergency), None),
            row(Some(Tier::Soon), Some(1_000)),
            row(None, Some(2_000)),
        ];
        let found = speed(Some(Tier::Emergency), &alerts);
        assert_eq!((found.raised, found.acted, found.in_time), (3, 2, 1));
        assert_eq!((found.median, found.max), (Some(60), Some(7_200)));
        assert_eq!(speed(None, &alerts).median, Some(2));
    }
}
