//! How an answer is judged: pure, deterministic, every reason kept, the most urgent one decides (P5).
//!
//! [`facts`] reads the answers into what the rules speak of, [`rules`] is the table of the clinical brief. Two readings of
//! that table are stricter than its letter: a sign counts as known only if *that item* is marked in a confirmed baseline
//! (U4, U9), and a blank required part that has no "not sure" counts as its most worrying answer (K2). `tests/triage.rs`
//! proves the promises over every reachable answer set of the shipped checklist.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::answer::{Answers, Baseline, Known, Last};
use super::checklist::{Change, Checklist, Pain, Value};
pub use super::tier::{Code, Tier, standing};

mod facts;
mod rules;

/// Whether the form is finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// A page was saved; what is blank may still come.
    Saved,
    /// The form was submitted; a required blank counts as not sure.
    Submitted,
}

/// Whether bone spread was known before this answer (K1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BoneSpread {
    /// No.
    #[default]
    NotKnown,
    /// Yes: every reason weighs one step more.
    Known,
}

/// What is known about the one who answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// How things stood, confirmed by a clinician.
    pub baseline: Option<Baseline>,
    /// The form before this one.
    pub last: Option<Last>,
    /// Reasons a clinician marked as known for now.
    pub known: Vec<Known>,
    /// Known bone spread.
    pub bone: BoneSpread,
}

/// One form to judge.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The answers.
    pub answers: &'a Answers,
    /// Whether the form is finished.
    pub stage: Stage,
    /// The day it was answered, in the patient's zone.
    pub answered_on: Date,
    /// What is known.
    pub history: &'a History,
}

/// One reason, with the fields that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Why.
    pub code: Code,
    /// The tier it asks for here; `None` for marks and for reasons known for now.
    pub tier: Option<Tier>,
    /// The fields that gave it, in the checklist's order.
    pub fields: Vec<String>,
}

/// What a form means. For staff; the patient sees the page of the tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How soon a person must act.
    pub tier: Tier,
    /// Every reason, most urgent first.
    pub reasons: Vec<Reason>,
    /// The version of the checklist that judged.
    pub version: String,
}

impl Verdict {
    /// The reason codes, for storing and for the next form's [`Last`].
    #[must_use]
    pub fn codes(&self) -> BTreeSet<Code> {
        self.reasons.iter().map(|reason| reason.code).collect()
    }
}

/// Judges a form by the rules of its own checklist version.
#[must_use]
pub fn judge(checklist: &Checklist, case: &Case<'_>) -> Verdict {
    let facts = facts::gather(checklist, case);
    let mut found = rules::apply(&facts);
    found.sort_by_key(|reason| reason.code);
    for reason in &mut found {
        reason.tier = reason.code.tier().max(checklist.raised.get(&reason.code).copied());
    }
    silence_known(&mut found, case);
    let mut tier = found.iter().filter_map(|reason| reason.tier).max().unwrap_or(Tier::Routine);
    if case.history.bone == BoneSpread::Known && tier.lifted() != tier {
        tier = tier.lifted();
        found.push(Reason { code: Code::K1, tier: Some(tier), fields: Vec::new() });
        found.sort_by_key(|reason| reason.code);
    }
    Verdict { tier, reasons: found, version: checklist.version.clone() }
}

/// M1: a soon reason that a clinician knows stays in the list and opens nothing.
fn silence_known(found: &mut Vec<Reason>, case: &Case<'_>) {
    let known = |reason: &Reason| reason.tier == Some(Tier::Soon) && case.knows(reason.code);
    let mut fields = Vec::new();
    for reason in found.iter_mut().filter(|reason| known(reason)) {
        reason.tier = None;
        fields.append(&mut reason.fields.clone());
    }
    if !fields.is_empty() {
        fields.dedup();
        found.push(Reason { code: Code::M1, tier: None, fields });
    }
}

impl Case<'_> {
    fn knows(&self, code: Code) -> bool {
        self.history.known.iter().any(|known| known.code() == code && known.until() >= self.answered_on)
    }

    fn days_since(&self, earlier: Date) -> Option<u16> {
        u16::try_from((self.answered_on - earlier).get_days()).ok()
    }
}

/// Whether a person should read an answer in education mode: anything but no, and a required blank on a submitted form.
/// The same for everyone: no tier, no history, no threshold.
#[must_use]
pub fn review(checklist: &Checklist, answers: &Answers, stage: Stage) -> bool {
    let blank = stage == Stage::Submitted && !checklist.blanks(answers, None).is_empty();
    let said = checklist.parts().filter_map(|part| answers.get(&part.field)).any(|value| match value {
        Value::Change(change) => *change != Change::No,
        Value::Pain(pain) => *pain != Pain::No,
        Value::Score(score) => *score > 0,
        Value::YesNo(yes) => *yes,
        Value::Choice(_) => false,
    });
    blank || said
}
