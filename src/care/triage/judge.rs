//! How an answer is judged: pure, deterministic, every reason kept, the most urgent one decides (P5).
//!
//! [`crate::care::triage::facts`] reads the answers into what the rules speak of, [`crate::care::triage::rules`] is the table of the clinical brief. Four readings of
//! that table are stricter than its letter: a sign counts as known only if *that item* is marked in a confirmed baseline
//! (U4, U9); a blank required part that has no "not sure" counts as its most worrying answer (K2); a rise is measured
//! against the last form *and* the baseline, and stays one until a clinician has looked (U5, S5); and what was new stays
//! so until then, however she calls it next (U9, S7). `tests/triage` proves the promises over every reachable answer set
//! of the shipped checklist, and over sequences of forms.

use std::collections::BTreeSet;

use crate::care::checklist::answer::{Answers, Baseline};
use crate::care::checklist::definition::{Checklist, Thresholds};
use crate::care::checklist::item::{AnswerKind, AnswerValue, ChangeSign, Item, Pain, Part, PartRole};
use crate::care::triage::case::{BoneSpread, Case, FilledForm, FormStage, TriageReason};
use crate::care::triage::tier::{Code, Tier};
use crate::care::triage::{facts, rules};

/// What a form means. For staff; the patient sees the page of the tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriageVerdict {
    /// How soon a person must act.
    pub tier: Tier,
    /// Every reason, most urgent first.
    pub reasons: Vec<TriageReason>,
    /// The version of the checklist that judged.
    pub version: String,
}

impl TriageVerdict {
    /// The reason codes, for storing and for the next form's [`Last`](crate::care::checklist::answer::Last).
    #[must_use]
    pub fn codes(&self) -> BTreeSet<Code> {
        self.reasons.iter().map(|reason| reason.code).collect()
    }
}

/// Judges a form by the rules of its own checklist version.
#[must_use]
pub fn judge(checklist: &Checklist, case: &Case<'_>) -> TriageVerdict {
    let facts = facts::gather(checklist, case);
    let mut found = rules::apply(&facts);
    found.sort_by_key(|reason| reason.code);
    for reason in &mut found {
        reason.tier = checklist.tier_of(reason.code);
    }
    silence_known(&mut found, case, facts.pain_score(), &checklist.thresholds);
    let mut tier = found.iter().filter_map(|reason| reason.tier).max().unwrap_or(Tier::Routine);
    if case.history.bone == BoneSpread::Known && tier.lifted() != tier {
        tier = tier.lifted();
        found.push(TriageReason { code: Code::K1, tier: Some(tier), fields: Vec::new() });
        found.sort_by_key(|reason| reason.code);
    }
    TriageVerdict { tier, reasons: found, version: checklist.version.clone() }
}

/// M1: a soon reason that a clinician knows stays in the list and opens nothing; with bone spread none is known
/// ([`Case::knows`]), for K1 comes after this and lifts only what is left.
fn silence_known(found: &mut Vec<TriageReason>, case: &Case<'_>, pain_score: u8, limits: &Thresholds) {
    let known = |reason: &TriageReason| {
        reason.tier == Some(Tier::Soon) && case.knows(reason.code, pain_score, limits)
    };
    let mut fields: Vec<String> = Vec::new();
    for reason in found.iter_mut().filter(|reason| known(reason)) {
        reason.tier = None;
        for field in &reason.fields {
            if !fields.contains(field) {
                fields.push(field.clone());
            }
        }
    }
    if !fields.is_empty() {
        found.push(TriageReason { code: Code::M1, tier: None, fields });
    }
}

/// The fields of signs and pain that a form called new or not sure, a blank that counted as either included. Reasons tell
/// of what was taken back on the same form; it was said all the same.
#[must_use]
pub fn told_new(checklist: &Checklist, answers: &Answers, reasons: &BTreeSet<Code>) -> BTreeSet<String> {
    let blanks = match reasons.contains(&Code::K2) {
        true => checklist.blanks(answers, None),
        false => Vec::new(),
    };
    let roles: BTreeSet<PartRole> = reasons.iter().filter_map(|code| told_by(*code)).collect();
    let signs = checklist.parts().filter(|part| matches!(part.kind, AnswerKind::Change | AnswerKind::Pain));
    let told = signs.filter(|part| match answers.get(&part.field) {
        Some(AnswerValue::Change(ChangeSign::New | ChangeSign::Unsure) | AnswerValue::Pain(Pain::New)) => {
            true
        }
        None if blanks.contains(&part.field.as_str()) => true,
        _ => roles.contains(&part.role),
    });
    told.map(|part| part.field.clone()).collect()
}

/// What was new when that reason was given.
const fn told_by(code: Code) -> Option<PartRole> {
    match code {
        Code::E1 => Some(PartRole::Nerve),
        Code::E2 | Code::U2 => Some(PartRole::Sensation),
        Code::E3 | Code::U3 => Some(PartRole::Band),
        Code::S1 => Some(PartRole::Pain),
        _ => None,
    }
}

/// Which answers a person reads in education mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reads {
    /// All that are not a plain no.
    #[default]
    Everything,
    /// Those that say new, worse, not sure or marked; and what is called known although nobody has confirmed it.
    NewOrWorse,
}

/// "A little tired" is how most people feel; by itself it is nothing to read.
const A_LITTLE: u8 = 1;

/// Whether a person reads a form in education mode. No tier and no order: the same for everyone but for what the baseline
/// says of her, which is also why some questions were not put to her. A required blank on a submitted form is read too.
#[must_use]
pub fn review(
    checklist: &Checklist,
    form: FilledForm<'_>,
    reads: Reads,
    baseline: Option<&Baseline>,
) -> bool {
    let FilledForm { answers, stage } = form;
    let blank = stage == FormStage::Submitted && !checklist.blanks(answers, baseline).is_empty();
    let mut parts = checklist.items.iter().flat_map(|item| item.parts.iter().map(move |part| (item, part)));
    let worth = |(item, part): (&Item, &Part)| {
        let Some(value) = answers.get(&part.field) else { return false };
        match reads {
            Reads::Everything => is_more_than_no(part, value),
            Reads::NewOrWorse => {
                // Pain on moving is known with the pain it belongs to.
                let sign = match part.role {
                    PartRole::PainMove => pain_item(checklist),
                    _ => Some(item),
                };
                let before = SignBefore {
                    known: sign.zip(baseline).is_some_and(|(sign, b)| b.is_known(&sign.id)),
                    score: baseline.and_then(|b| b.answers.score(&part.field)),
                };
                is_new_or_worse(part, value, before, &checklist.thresholds)
            }
        }
    };
    blank || parts.any(worth)
}

/// The item that asks about pain, if the checklist has one.
fn pain_item(checklist: &Checklist) -> Option<&Item> {
    checklist.items.iter().find(|item| item.parts.iter().any(|part| part.role == PartRole::Pain))
}

fn is_more_than_no(part: &Part, value: &AnswerValue) -> bool {
    match value {
        AnswerValue::Change(change) => *change != ChangeSign::No,
        AnswerValue::Pain(pain) => *pain != Pain::No,
        AnswerValue::Score(score) if part.role == PartRole::Tired => *score > A_LITTLE,
        AnswerValue::Score(score) => *score > 0,
        AnswerValue::YesNo(yes) => *yes,
        AnswerValue::Choice(_) => false,
    }
}

/// What the baseline says of a sign.
#[derive(Clone, Copy)]
struct SignBefore {
    known: bool,
    score: Option<u8>,
}

fn is_new_or_worse(part: &Part, value: &AnswerValue, before: SignBefore, limits: &Thresholds) -> bool {
    let SignBefore { known, score: before } = before;
    let risen = |score: u8, by: u8| before.is_some_and(|before| score >= before.saturating_add(by));
    match (value, part.role) {
        (AnswerValue::Change(ChangeSign::Same), _) | (AnswerValue::Pain(Pain::Same), _) => !known,
        (AnswerValue::Change(change), _) => *change != ChangeSign::No,
        (AnswerValue::Pain(pain), _) => *pain != Pain::No,
        (AnswerValue::Score(score), PartRole::Tired) => {
            *score >= limits.tired || risen(*score, limits.tired_rise)
        }
        (AnswerValue::Score(score), _) => *score >= limits.severe || risen(*score, limits.rise),
        // Known pain may hurt on moving; worse, at night or on straining is never left unread.
        (AnswerValue::YesNo(yes), PartRole::PainMove) => *yes && !known,
        (AnswerValue::YesNo(yes), _) => *yes,
        (AnswerValue::Choice(_), _) => false,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::care::checklist::answer::Known;
    use crate::care::triage::case::{FormStage, History};

    #[test]
    fn a_field_behind_two_known_reasons_is_named_once_however_far_apart_they_name_it() {
        let on = date(2026, 3, 3);
        let known = [Code::S2, Code::S3].map(|code| Known::new(code, on, on).unwrap());
        let history = History { known: known.to_vec(), ..History::default() };
        let answers = Answers::default();
        let case =
            Case { answers: &answers, stage: FormStage::Submitted, answered_on: on, history: &history };
        let reason = |code, fields: &[&str]| TriageReason {
            code,
            tier: Some(Tier::Soon),
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        };
        let mut found = vec![reason(Code::S2, &["score", "night"]), reason(Code::S3, &["weeks", "score"])];
        let limits = Thresholds::default();
        silence_known(&mut found, &case, 4, &limits);
        assert_eq!((found[2].code, found[2].fields.join(" ")), (Code::M1, "score night weeks".to_owned()));
        assert!(found.iter().all(|reason| reason.tier.is_none()));
    }
}
