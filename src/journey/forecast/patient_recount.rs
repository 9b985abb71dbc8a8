//! The forms of one patient judged once more, oldest first: each with the reasons that the same rules gave to those before it,
//! and with what was known of her when it came.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::care::alert::lifecycle::{AlertState, due_at};
use crate::care::checklist::answer::{Baseline, Known, Last};
use crate::care::patient::PatientId;
use crate::care::triage::case::{BoneSpread, Case, FilledForm, History};
use crate::care::triage::judge::{TriageVerdict, judge, review, told_new};
use crate::care::triage::tier::{Code, Tier};
use crate::journey::alert_policy::{self, AnswerPolicy};
use crate::journey::alerts::cause::UNSORTED;
use crate::journey::answers::clinical_history::{as_baseline, as_last};
use crate::journey::forecast::asked_versions::AskedVersions;
use crate::store::alerts::lifecycle::AlertId;
use crate::store::answers::past_answers::{BoneSpreadSpan, DatedBaseline, DatedMark, PastAlert, PastAnswers};
use crate::store::answers::responses::Response;

/// All that is on record of one patient.
pub(in crate::journey::forecast) struct PatientPast<'a> {
    forms: &'a [Response],
    baselines: &'a [DatedBaseline],
    marks: &'a [DatedMark],
    bone: &'a [BoneSpreadSpan],
    alerts: &'a [PastAlert],
}

impl<'a> PatientPast<'a> {
    /// The patients of a batch, one by one.
    pub(in crate::journey::forecast) fn each(past: &'a PastAnswers) -> impl Iterator<Item = Self> {
        past.patients.iter().map(|patient| Self {
            forms: part(&past.forms, *patient, |form| form.patient),
            baselines: part(&past.baselines, *patient, |one| one.patient),
            marks: part(&past.marks, *patient, |one| one.patient),
            bone: part(&past.bone, *patient, |one| one.patient),
            alerts: part(&past.alerts, *patient, |one| one.patient),
        })
    }

    /// What was known when that form came; `before` are the forms before it, as the rules left them.
    fn history(&self, form: &Response, before: &[Response], versions: &AskedVersions) -> History {
        let at = form.answered_at;
        let bone = self.bone.iter().any(|one| one.from <= at && one.until.is_none_or(|until| at < until));
        let before = before.iter().filter(|earlier| earlier.answered_at <= at).map(|earlier| {
            let reviewed_at = earlier.reviewed_at.filter(|looked| *looked <= at);
            Response { reviewed_at, ..earlier.clone() }
        });
        let (mut last, mut unlooked): (Option<Last>, BTreeSet<String>) = (None, BTreeSet::new());
        for earlier in before {
            let Some(version) = versions.of(earlier.version) else { continue };
            let Ok(answers) = alert_policy::read(&version.rules, &earlier.answers) else { continue };
            if earlier.alert.is_some() && earlier.reviewed_at.is_none() {
                unlooked.extend(told_new(&version.rules, &answers, &earlier.reasons));
            }
            if earlier.is_sent() && earlier.nonce != form.nonce {
                last = Some(as_last(&earlier, answers));
            }
        }
        History {
            baseline: self.baseline(form, versions),
            last,
            unlooked,
            known: self.known(form),
            bone: if bone { BoneSpread::Known } else { BoneSpread::NotKnown },
        }
    }

    fn baseline(&self, form: &Response, versions: &AskedVersions) -> Option<Baseline> {
        let stood = |one: &&DatedBaseline| match one.at {
            Some(at) => at <= form.answered_at,
            None => one.row.confirmed_on < form.answered_on,
        };
        let newest = self.baselines.iter().rev().find(stood)?;
        as_baseline(&newest.row, versions.asked(newest.row.version)?).ok()
    }

    fn known(&self, form: &Response) -> Vec<Known> {
        let stood = |one: &&DatedMark| match one.at {
            Some(at) => at <= form.answered_at,
            None => one.from < form.answered_on,
        };
        self.marks.iter().filter(stood).map(|one| one.known).collect()
    }

    /// When somebody took the alert for this form on; where none was raised for it, when its clock would have run out.
    fn taken_on(&self, form: &Response, tier: Tier, care: &AnswerPolicy) -> Timestamp {
        let own = form.alert.and_then(|id| self.alerts.iter().find(|alert| alert.id == id));
        match own {
            Some(PastAlert { acted_at, .. }) => acted_at.unwrap_or(Timestamp::MAX).max(form.answered_at),
            None => due_at(tier, form.answered_at, &care.days).unwrap_or(form.answered_at),
        }
    }
}

/// The rows of one patient among those of many, which are sorted by patient.
fn part<T>(rows: &[T], patient: PatientId, of: impl Fn(&T) -> PatientId) -> &[T] {
    let from = rows.partition_point(|row| of(row) < patient);
    let until = rows.partition_point(|row| of(row) <= patient);
    rows.get(from..until).unwrap_or_default()
}

/// A form that was judged once more.
pub(in crate::journey::forecast) struct RecountedForm {
    pub(in crate::journey::forecast) at: Timestamp,
    pub(in crate::journey::forecast) tier: Tier,
    /// The rules that spoke.
    pub(in crate::journey::forecast) codes: BTreeSet<Code>,
    /// Whether a person reads it where nobody judges.
    pub(in crate::journey::forecast) is_read: bool,
    /// Whether a question that the rules look at was not asked.
    pub(in crate::journey::forecast) is_partly: bool,
}

/// An alert that would have been raised.
pub(in crate::journey::forecast) struct RecountedAlert {
    pub(in crate::journey::forecast) at: Timestamp,
    /// The highest it got; `None` for one that asks to read.
    pub(in crate::journey::forecast) tier: Option<Tier>,
    /// The rules that asked for a tier.
    pub(in crate::journey::forecast) codes: BTreeSet<Code>,
    /// Until when it rings, and takes further answers in.
    until: Timestamp,
}

/// What became of the forms of one patient.
#[derive(Default)]
pub(in crate::journey::forecast) struct PatientRecount {
    pub(in crate::journey::forecast) forms: Vec<RecountedForm>,
    pub(in crate::journey::forecast) alerts: Vec<RecountedAlert>,
    /// Forms that cannot be read, or under a version that cannot.
    pub(in crate::journey::forecast) unreadable: u32,
}

/// Judges every form of a patient once more.
pub(in crate::journey::forecast) fn recount(
    past: &PatientPast<'_>,
    versions: &AskedVersions,
    care: &AnswerPolicy,
) -> PatientRecount {
    let (mut found, mut before) = (PatientRecount::default(), Vec::new());
    for form in past.forms {
        let version = versions.of(form.version);
        let answers = version.and_then(|one| alert_policy::read(&one.rules, &form.answers).ok());
        let Some((version, answers)) = version.zip(answers) else {
            found.unreadable += 1;
            continue;
        };
        let history = past.history(form, &before, versions);
        let stage = form.stage;
        let case = Case { answers: &answers, stage, answered_on: form.answered_on, history: &history };
        let verdict = judge(&version.rules, &case);
        let filled = FilledForm { answers: &answers, stage };
        let is_read = review(&version.rules, filled, care.reads, history.baseline.as_ref());
        let rings = verdict.tier != Tier::Routine;
        before.push(Response {
            reasons: verdict.codes(),
            alert: rings.then(|| form.alert.unwrap_or(AlertId(0))),
            ..form.clone()
        });
        if !version.counts {
            continue;
        }
        if rings {
            let until = past.taken_on(form, verdict.tier, care);
            ring(&mut found.alerts, raised(form, &verdict, until));
        }
        if is_read {
            let until = past.taken_on(form, UNSORTED, care);
            let (at, codes) = (form.answered_at, BTreeSet::new());
            ring(&mut found.alerts, RecountedAlert { at, tier: None, codes, until });
        }
        let (at, tier, codes) = (form.answered_at, verdict.tier, verdict.codes());
        found.forms.push(RecountedForm { at, tier, codes, is_read, is_partly: version.is_partly });
    }
    found
}

fn raised(form: &Response, verdict: &TriageVerdict, until: Timestamp) -> RecountedAlert {
    // K1 lifts what others raised, and raises nothing.
    let asks = verdict.reasons.iter().filter(|reason| reason.tier.is_some() && reason.code != Code::K1);
    let codes = asks.map(|reason| reason.code).collect();
    RecountedAlert { at: form.answered_at, tier: Some(verdict.tier), codes, until }
}

/// A further answer joins the alert that rings already, or lifts it, as [`crate::journey::answers::raise_alert`] does.
fn ring(alerts: &mut Vec<RecountedAlert>, new: RecountedAlert) {
    let alike = |open: &&mut RecountedAlert| open.tier.is_some() == new.tier.is_some();
    match alerts.iter_mut().rev().find(alike).filter(|open| new.at < open.until) {
        Some(open) => {
            if !open.tier.zip(new.tier).is_none_or(|(open, new)| AlertState::Raised.takes_in(open, new)) {
                open.tier = new.tier;
            }
            open.codes.extend(new.codes);
            open.until = open.until.max(new.until);
        }
        None => alerts.push(new),
    }
}
