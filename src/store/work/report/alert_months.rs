//! Alerts against hands: how many were raised in a month, and what became of them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::care::triage::tier::Tier;
use crate::store::db::columns::millis;
use crate::store::db::transaction::View;
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::work::report::ReportScope;

/// What a report asks of one alert; instants in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store::work::report) struct AlertFact {
    /// `None` for an answer read unsorted.
    pub(in crate::store::work::report) tier: Option<Tier>,
    pub(in crate::store::work::report) raised_at: i64,
    /// Since when it has had this tier: when it was raised, or lifted last.
    pub(in crate::store::work::report) since: i64,
    /// When a person first took it on under this tier, also if it was left and raised again since.
    pub(in crate::store::work::report) acted_at: Option<i64>,
    pub(in crate::store::work::report) due_at: i64,
    /// Who has it, or had it last.
    pub(in crate::store::work::report) by: Option<String>,
}

impl AlertFact {
    pub(in crate::store::work::report) fn is_in_time(&self) -> bool {
        self.acted_at.is_some_and(|at| at <= self.due_at)
    }
}

/// A month of the clinic's calendar, as far as the report reaches into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportMonth {
    /// The first day of the month.
    pub first_on: Date,
    /// When it ends (exclusive).
    pub until: Timestamp,
}

/// The alerts raised in one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertMonth {
    /// The first day of the month.
    pub month: Date,
    /// How many of each tier.
    pub emergency: u32,
    /// How many were urgent.
    pub urgent: u32,
    /// How many were soon.
    pub soon: u32,
    /// How many answers nobody sorted.
    pub unsorted: u32,
    /// How many were taken on by their hour.
    pub in_time: u32,
    /// How many were taken on after it.
    pub late: u32,
    /// How many nobody has taken on yet.
    pub waiting: u32,
    /// How many people took them on.
    pub people: u32,
}

impl AlertMonth {
    /// How many of all tiers together.
    #[must_use]
    pub const fn raised(&self) -> u32 {
        self.emergency + self.urgent + self.soon + self.unsorted
    }

    fn of<'a>(month: Date, facts: impl Iterator<Item = &'a AlertFact>) -> Self {
        let mut counted = Self {
            month,
            emergency: 0,
            urgent: 0,
            soon: 0,
            unsorted: 0,
            in_time: 0,
            late: 0,
            waiting: 0,
            people: 0,
        };
        let mut people = BTreeSet::new();
        for fact in facts {
            *match fact.tier {
                Some(Tier::Emergency) => &mut counted.emergency,
                Some(Tier::Urgent) => &mut counted.urgent,
                Some(Tier::Soon) => &mut counted.soon,
                Some(Tier::Routine) | None => &mut counted.unsorted,
            } += 1;
            *match fact.acted_at {
                None => &mut counted.waiting,
                Some(_) if fact.is_in_time() => &mut counted.in_time,
                Some(_) => &mut counted.late,
            } += 1;
            people.extend(fact.by.as_deref());
        }
        counted.people = u32::try_from(people.len()).unwrap_or(u32::MAX);
        counted
    }
}

impl View<'_> {
    /// Alerts raised, month by month; a month without any stands there with none.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn alert_months(
        &self,
        scope: &ReportScope<'_>,
        months: &[ReportMonth],
    ) -> Result<Vec<AlertMonth>, StoreError> {
        let mut facts = self.alert_facts(scope)?;
        facts.sort_unstable_by_key(|fact| fact.raised_at);
        let mut rest = facts.as_slice();
        let each = months.iter().map(|month| {
            let (now, later) = rest.split_at(rest.partition_point(|f| f.raised_at < millis(month.until)));
            rest = later;
            AlertMonth::of(month.first_on, now.iter())
        });
        Ok(each.collect())
    }

    pub(in crate::store::work::report) fn alert_facts(
        &self,
        scope: &ReportScope<'_>,
    ) -> Result<Vec<AlertFact>, StoreError> {
        let ask = "SELECT a.tier, a.raised_at, a.first_acted_at, a.due_at, coalesce(a.acknowledged_by, a.left_by), a.id, \
                   coalesce(a.lifted_at, a.raised_at) FROM alert a \
                   WHERE a.audience = 'ladder' AND a.raised_at >= ?1 AND a.raised_at < ?2 \
                   AND (?3 IS NULL OR EXISTS (SELECT 1 FROM enrolment e WHERE e.patient_id = a.patient_id AND e.protocol = ?3))";
        let values = (millis(scope.span.from), millis(scope.span.until), scope.protocol);
        self.readable(ask, values, |r| {
            of_row("alert", r, 5, || {
                let tier: Option<String> = r.get(0)?;
                let known =
                    |word: String| Tier::parse(&word).ok_or_else(|| StoreError::corrupt("alert tier"));
                Ok(AlertFact {
                    tier: tier.map(known).transpose()?,
                    raised_at: r.get(1)?,
                    since: r.get(6)?,
                    acted_at: r.get(2)?,
                    due_at: r.get(3)?,
                    by: r.get(4)?,
                })
            })
        })
    }
}
