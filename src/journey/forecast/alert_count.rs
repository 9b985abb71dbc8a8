//! What rules would have raised on the answers on record, form by form, by the step that judges a form which comes back (P11),
//! and with what was known when each came: the baseline, the marks and the looks of that hour, and the reasons that these very
//! rules gave to the forms before. Beside it what a person is asked to read where nobody judges. Nothing is changed.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan};

use crate::care::checklist::definition::Checklist;
use crate::care::patient::PatientId;
use crate::care::time::calendar::instant;
use crate::care::triage::tier::{Code, Tier};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::forecast::asked_versions::AskedVersions;
use crate::journey::forecast::patient_recount::{PatientPast, RecountedAlert, RecountedForm, recount};
use crate::store::answers::past_answers::{AnswerScope, PastAnswers};
use crate::store::work::report::alert_months::{AlertMonth, ReportMonth};
use crate::store::work::report::{ReportScope, ReportSpan};

/// Which answers are judged once more, and by which rules.
#[derive(Debug, Clone)]
pub struct AlertCountRequest {
    /// First day of the span, on the clinic's calendar.
    pub first_on: Date,
    /// The last day of the span.
    pub last_on: Date,
    /// Only patients who are or were on this protocol.
    pub protocol: Option<String>,
    /// The rules that judge; only forms of the checklist of this name count.
    pub rules: Arc<Checklist>,
}

/// So many of each tier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TierCounts {
    /// How many are emergencies.
    pub emergency: u32,
    /// How many are urgent.
    pub urgent: u32,
    /// How many are soon.
    pub soon: u32,
}

impl TierCounts {
    /// How many all tiers make together.
    #[must_use]
    pub const fn total(self) -> u32 {
        self.emergency + self.urgent + self.soon
    }

    fn add(&mut self, tier: Tier) {
        match tier {
            Tier::Emergency => self.emergency += 1,
            Tier::Urgent => self.urgent += 1,
            Tier::Soon => self.soon += 1,
            Tier::Routine => {}
        }
    }
}

/// What one rule did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuleCount {
    /// The forms in which it spoke.
    pub forms: u32,
    /// The alerts that it is a reason of.
    pub alerts: u32,
    /// The alerts that no other rule would have raised.
    pub alone: u32,
}

/// The answers of one month of the clinic's calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertCountMonth {
    /// The first day of the month.
    pub month: Date,
    /// The forms that came.
    pub forms: u32,
    /// The alerts that the rules would have raised.
    pub would: TierCounts,
    /// The alerts that would have asked a person to read, had nobody judged.
    pub unsorted: u32,
    /// The alerts that really were raised.
    pub really: AlertMonth,
}

/// What the rules would have raised.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RulesCount {
    /// The patients who answered.
    pub patients: u64,
    /// The forms that were judged.
    pub forms: u32,
    /// The forms for which a rule spoke, by the tier they got.
    pub ringing: TierCounts,
    /// The forms that a person reads where nobody judges.
    pub read: u32,
    /// The forms that were asked without a question these rules look at.
    pub partly: u32,
    /// The forms under a version that cannot be read any more; they are in no count.
    pub unreadable: u32,
    /// Each rule that spoke.
    pub rules: BTreeMap<Code, RuleCount>,
    /// Month by month, without a gap.
    pub months: Vec<AlertCountMonth>,
    /// How many weeks the span is long.
    pub weeks: f64,
}

impl RulesCount {
    /// The alerts that the rules would have raised, of all months.
    #[must_use]
    pub fn would(&self) -> TierCounts {
        let mut all = TierCounts::default();
        for month in &self.months {
            all.emergency += month.would.emergency;
            all.urgent += month.would.urgent;
            all.soon += month.would.soon;
        }
        all
    }

    /// The alerts that would have asked a person to read, of all months.
    #[must_use]
    pub fn unsorted(&self) -> u32 {
        self.months.iter().map(|month| month.unsorted).sum()
    }

    /// So many a week.
    #[must_use]
    pub fn a_week(&self, count: u32) -> f64 {
        if self.weeks > 0.0 { f64::from(count) / self.weeks } else { 0.0 }
    }
}

/// Judges the answers once more, a batch of patients at a time; `note` is told how many are done, and may end it. `None` when it
/// was ended. No reader of the store is held for longer than a batch takes to be read.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn count_alerts(
    clinic: &Deps,
    request: &AlertCountRequest,
    note: &dyn Fn(u64) -> ControlFlow<()>,
) -> Result<Option<RulesCount>, StepError> {
    let scope = scope(clinic, request);
    let mut sum = CountedSpan::new(clinic, request, &scope)?;
    let (mut after, mut versions) = (PatientId(0), AskedVersions::judged_by(Arc::clone(&request.rules)));
    loop {
        let answers = AnswerScope {
            from: scope.span.from,
            until: scope.span.until,
            protocol: request.protocol.as_deref(),
        };
        let past = clinic.store.read(|view| -> Result<PastAnswers, StepError> {
            let past = view.past_answers(after, &answers)?;
            versions.read(view, &clinic.care.checklists, &past);
            Ok(past)
        })?;
        let Some(last) = past.patients.last().copied() else { return Ok(Some(sum.counted)) };
        after = last;
        for patient in PatientPast::each(&past) {
            let found = recount(&patient, &versions, &clinic.care);
            sum.add(&found.forms, &found.alerts);
            sum.counted.unreadable += found.unreadable;
        }
        sum.counted.patients += u64::try_from(past.patients.len()).unwrap_or_default();
        if note(sum.counted.patients).is_break() {
            return Ok(None);
        }
    }
}

/// How many patients there are to go through.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn patients_to_count(clinic: &Deps, request: &AlertCountRequest) -> Result<u64, StepError> {
    let span = scope(clinic, request).span;
    let answers = AnswerScope { from: span.from, until: span.until, protocol: request.protocol.as_deref() };
    Ok(u64::from(clinic.store.read(|view| view.answering_count(&answers))?))
}

fn scope<'a>(clinic: &Deps, request: &'a AlertCountRequest) -> ReportScope<'a> {
    let zone = &clinic.care.days.zone;
    let starts = |on: Date| instant(on, Time::midnight(), zone);
    let (first_on, end_on) = (request.first_on, request.last_on.saturating_add(1.day()));
    let span = ReportSpan { from: starts(first_on), until: starts(end_on), first_on, end_on };
    ReportScope { span, protocol: request.protocol.as_deref() }
}

/// What was counted so far, and in which month an instant lies.
struct CountedSpan {
    counted: RulesCount,
    span: ReportSpan,
    ends: Vec<Timestamp>,
}

impl CountedSpan {
    fn new(clinic: &Deps, request: &AlertCountRequest, scope: &ReportScope<'_>) -> Result<Self, StepError> {
        let zone = &clinic.care.days.zone;
        let next = |month: &Date| month.checked_add(1.month()).ok();
        let months = std::iter::successors(Some(request.first_on.first_of_month()), next);
        let months = months.take_while(|month| *month <= request.last_on);
        let bound = |first_on: Date| {
            let end = first_on.saturating_add(1.month()).min(scope.span.end_on);
            ReportMonth { first_on, until: instant(end, Time::midnight(), zone) }
        };
        let bounds: Vec<ReportMonth> = months.map(bound).collect();
        let really = clinic.store.read(|view| view.alert_months(scope, &bounds))?;
        let month = |really: AlertMonth| AlertCountMonth {
            month: really.month,
            forms: 0,
            would: TierCounts::default(),
            unsorted: 0,
            really,
        };
        let weeks = scope.span.until.duration_since(scope.span.from).as_secs_f64() / (7.0 * 86_400.0);
        let months = really.into_iter().map(month).collect();
        let counted = RulesCount { months, weeks, ..RulesCount::default() };
        Ok(Self { counted, span: scope.span, ends: bounds.iter().map(|month| month.until).collect() })
    }

    /// The month that an instant of the span lies in.
    fn month(&mut self, at: Timestamp) -> Option<&mut AlertCountMonth> {
        if at < self.span.from || at >= self.span.until {
            return None;
        }
        self.counted.months.get_mut(self.ends.partition_point(|end| *end <= at))
    }

    fn add(&mut self, forms: &[RecountedForm], alerts: &[RecountedAlert]) {
        for form in forms {
            let Some(month) = self.month(form.at) else { continue };
            month.forms += 1;
            self.counted.forms += 1;
            self.counted.ringing.add(form.tier);
            self.counted.read += u32::from(form.is_read);
            self.counted.partly += u32::from(form.is_partly);
            for code in &form.codes {
                self.counted.rules.entry(*code).or_default().forms += 1;
            }
        }
        for alert in alerts {
            let Some(month) = self.month(alert.at) else { continue };
            let Some(tier) = alert.tier else {
                month.unsorted += 1;
                continue;
            };
            month.would.add(tier);
            for code in &alert.codes {
                let rule = self.counted.rules.entry(*code).or_default();
                rule.alerts += 1;
                rule.alone += u32::from(alert.codes.len() == 1);
            }
        }
    }
}

#[cfg(test)]
mod tests;
