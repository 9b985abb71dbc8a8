//! Reads answers into the few things the rules speak of, so that the rules never see a field name or a blank.

use std::collections::BTreeSet;

use crate::care::checklist::answer::{Answers, Mark};
use crate::care::checklist::definition::{Checklist, Thresholds};
use crate::care::checklist::item::{AnswerKind, AnswerValue, ChangeSign, Pain, Part, PartRole};
use crate::care::triage::case::{Case, FormStage};
use crate::care::triage::tier::Code;

/// Everything the rules look at.
#[derive(Debug)]
pub(in crate::care::triage) struct Facts<'a> {
    /// Nerve signs, odd feelings, band-like pain.
    pub(in crate::care::triage) signs: Signs<'a>,
    /// Back or neck pain; `None` if there is none.
    pub(in crate::care::triage) ache: Option<PainFact<'a>>,
    /// Weight, tiredness, the wish for a call.
    pub(in crate::care::triage) rest: OtherFacts<'a>,
    /// Required fields left blank on a submitted form.
    pub(in crate::care::triage) blanks: Vec<&'a str>,
    /// Soon reasons of the last form that no clinician has looked at.
    pub(in crate::care::triage) unread: BTreeSet<Code>,
    /// The limits of this checklist.
    pub(in crate::care::triage) thresholds: Thresholds,
}

/// The answers of kind [`AnswerKind::Change`], and what the rules weigh beside them.
#[derive(Debug)]
pub(in crate::care::triage) struct Signs<'a> {
    /// One fact for each change item.
    pub(in crate::care::triage) all: Vec<ChangeFact<'a>>,
    /// Odd feelings in both legs or the body, or nobody knows where.
    pub(in crate::care::triage) wide: bool,
    /// The field of back or neck pain, if there is any.
    pub(in crate::care::triage) pained: Option<&'a str>,
}

/// One answer of kind [`AnswerKind::Change`], with what is known of that sign.
#[derive(Debug, Clone, Copy)]
pub(in crate::care::triage) struct ChangeFact<'a> {
    /// The field that gave it.
    pub(in crate::care::triage) field: &'a str,
    /// What the rules take it for.
    pub(in crate::care::triage) role: PartRole,
    /// The answer; a blank on a submitted form is not sure.
    pub(in crate::care::triage) change: ChangeSign,
    /// What a clinician said about it.
    pub(in crate::care::triage) mark: Option<Mark>,
    /// Whether it was new or not sure on a form that no clinician has looked at since.
    pub(in crate::care::triage) unlooked: bool,
}

/// Back or neck pain, from all the parts that ask about it.
#[derive(Debug)]
pub(in crate::care::triage) struct PainFact<'a> {
    /// New (or blank) or as before, and its field.
    pub(in crate::care::triage) new: Option<&'a str>,
    /// Field of pain as before.
    pub(in crate::care::triage) same: Option<&'a str>,
    /// Whether a clinician knows this pain, and it was not new since.
    pub(in crate::care::triage) known: bool,
    /// Pain as before that was new on a form no clinician has looked at since.
    pub(in crate::care::triage) unlooked: Option<&'a str>,
    /// The score and its field.
    pub(in crate::care::triage) score: Scored<'a>,
    /// In the neck or the middle of the back.
    pub(in crate::care::triage) high: Option<&'a str>,
    /// Worse, at night, on straining: each by its field.
    pub(in crate::care::triage) restless: Vec<&'a str>,
    /// The field that says it comes on moving.
    pub(in crate::care::triage) moving: Option<&'a str>,
}

/// A number and what it is compared with.
#[derive(Debug, Clone, Copy)]
pub(in crate::care::triage) struct Scored<'a> {
    /// The field that gave it.
    pub(in crate::care::triage) field: &'a str,
    /// The score on this form.
    pub(in crate::care::triage) now: u8,
    /// The lower one of the numbers on the last form and at the baseline.
    pub(in crate::care::triage) before: Option<u8>,
    /// Whether it had risen on the last form, no clinician has looked, and it is no lower now.
    pub(in crate::care::triage) held: bool,
}

/// What is asked beside signs and pain. A required blank counts as yes, or as the worst score.
#[derive(Debug)]
pub(in crate::care::triage) struct OtherFacts<'a> {
    /// The field that says she has lost weight.
    pub(in crate::care::triage) weight: Option<&'a str>,
    /// One score for each part that asks about tiredness.
    pub(in crate::care::triage) tired: Vec<Scored<'a>>,
    /// The field that says she wants to be rung; `None` when she does not.
    pub(in crate::care::triage) call: Option<&'a str>,
}

struct FactReader<'a, 'c> {
    checklist: &'a Checklist,
    case: &'c Case<'c>,
}

impl Facts<'_> {
    /// How bad the pain is; 0 without any.
    pub(in crate::care::triage) fn pain_score(&self) -> u8 {
        self.ache.as_ref().map_or(0, |ache| ache.score.now)
    }
}

pub(in crate::care::triage) fn gather<'a>(checklist: &'a Checklist, case: &Case<'_>) -> Facts<'a> {
    let reader = FactReader { checklist, case };
    let ache = reader.ache();
    let pained = ache.as_ref().and_then(|ache| ache.new.or(ache.same));
    let score = ache.as_ref().map_or(0, |ache| ache.score.now);
    Facts {
        signs: Signs { all: reader.signs(), wide: reader.is_wide(), pained },
        ache,
        rest: OtherFacts {
            weight: reader.yes(PartRole::Weight),
            tired: checklist.in_role(PartRole::Tired).map(|part| reader.scored(part, Code::S5)).collect(),
            call: reader.yes(PartRole::Call),
        },
        blanks: reader.blanks(),
        unread: reader.unread(score),
        thresholds: checklist.thresholds,
    }
}

impl<'a> FactReader<'a, '_> {
    fn signs(&self) -> Vec<ChangeFact<'a>> {
        let parts = self
            .checklist
            .items
            .iter()
            .flat_map(|item| item.parts.iter().map(move |part| (item, part)))
            .filter(|(_, part)| matches!(part.kind, AnswerKind::Change));
        let blank = if self.is_submitted() { ChangeSign::Unsure } else { ChangeSign::No };
        parts
            .map(|(item, part)| {
                let mark = self.case.history.baseline.as_ref().and_then(|b| b.marks.get(&item.id).copied());
                let change = match self.case.answers.get(&part.field) {
                    Some(AnswerValue::Change(change)) => *change,
                    _ if mark == Some(Mark::NotApplicable) => ChangeSign::No,
                    _ => blank,
                };
                let unlooked = self.is_unlooked(&part.field);
                ChangeFact { field: &part.field, role: part.role, change, mark, unlooked }
            })
            .collect()
    }

    fn ache(&self) -> Option<PainFact<'a>> {
        let (item, part) =
            self.checklist.items.iter().find_map(|item| {
                item.parts.iter().find(|p| p.role == PartRole::Pain).map(|part| (item, part))
            })?;
        let field = part.field.as_str();
        let (new, same) = match self.case.answers.get(field) {
            Some(AnswerValue::Pain(Pain::New)) => (Some(field), None),
            Some(AnswerValue::Pain(Pain::Same)) => (None, Some(field)),
            None if self.is_submitted() => (Some(field), None),
            _ => return None,
        };
        let scored =
            self.checklist.in_role(PartRole::PainScore).next().map(|part| self.scored(part, Code::U5));
        // Pain counts even where nobody asks how bad it is.
        let score = scored.unwrap_or(Scored { field, now: 0, before: None, held: false });
        let unlooked = self.is_unlooked(field);
        let known = self.case.history.baseline.as_ref().is_some_and(|b| b.is_known(&item.id));
        Some(PainFact {
            new,
            same,
            known: known && !unlooked,
            unlooked: same.filter(|_| unlooked),
            score,
            high: self.chosen(PartRole::PainSite),
            restless: [PartRole::PainWorse, PartRole::PainNight, PartRole::PainStrain]
                .into_iter()
                .filter_map(|role| self.yes(role))
                .collect(),
            moving: self.yes(PartRole::PainMove),
        })
    }

    /// The site is asked together with the sign, so a missing site is a skipped one at any stage: it counts as wide.
    fn is_wide(&self) -> bool {
        let mut sites = self.checklist.in_role(PartRole::SensationSite);
        sites.any(|part| match self.case.answers.get(&part.field) {
            Some(value) => part.kind.is_red(&value.word()),
            None => true,
        })
    }

    fn is_unlooked(&self, field: &str) -> bool {
        self.case.history.unlooked.contains(field)
    }

    fn is_submitted(&self) -> bool {
        self.case.stage == FormStage::Submitted
    }

    /// The field, if yes, or if blank on a submitted form and required.
    fn yes(&self, role: PartRole) -> Option<&'a str> {
        let part = self.checklist.in_role(role).next()?;
        let yes = match self.case.answers.get(&part.field) {
            Some(value) => *value == AnswerValue::YesNo(true),
            None => self.is_doubt(part),
        };
        yes.then_some(part.field.as_str())
    }

    /// The field, if a choice that weighs more was made, or none although one was required.
    fn chosen(&self, role: PartRole) -> Option<&'a str> {
        let part = self.checklist.in_role(role).next()?;
        let red = match self.case.answers.get(&part.field) {
            Some(value) => part.kind.is_red(&value.word()),
            None => self.is_doubt(part),
        };
        red.then_some(part.field.as_str())
    }

    /// The number of a part; `code` is the reason that a rise of it gives.
    fn scored(&self, part: &'a Part, code: Code) -> Scored<'a> {
        let worst = match part.kind {
            AnswerKind::Score { max } if self.is_doubt(part) => max,
            _ => 0,
        };
        let now = self.case.answers.score(&part.field).unwrap_or(worst);
        let last = self.case.history.last.as_ref().filter(|l| !l.reviewed && l.reasons.contains(&code));
        let held = last.and_then(|last| last.answers.score(&part.field)).is_some_and(|then| now >= then);
        Scored { field: &part.field, now, before: self.before(&part.field), held }
    }

    /// Whether a blank in this part counts as its worst answer.
    fn is_doubt(&self, part: &Part) -> bool {
        self.is_submitted() && self.blanks().contains(&part.field.as_str())
    }

    fn before(&self, field: &str) -> Option<u8> {
        let history = self.case.history;
        let recent =
            |on| self.case.days_since(on).is_some_and(|d| d <= self.checklist.thresholds.compare_days);
        let last = history.last.as_ref().filter(|last| recent(last.answered_on)).map(|last| &last.answers);
        let baseline = history.baseline.as_ref().map(|baseline| &baseline.answers);
        [last, baseline].into_iter().flatten().filter_map(|answers| self.score_then(field, answers)).min()
    }

    /// What an earlier form said. Whoever had no pain then was not asked how bad it was: that is none (U5; clinical brief,
    /// section 4, where SP02 to SP06 are shown only if SP01 is not no).
    fn score_then(&self, field: &str, answers: &Answers) -> Option<u8> {
        let had_none = || {
            let is_of_pain = self.checklist.in_role(PartRole::PainScore).any(|part| part.field == field);
            let no = AnswerValue::Pain(Pain::No);
            is_of_pain
                && self.checklist.in_role(PartRole::Pain).any(|part| answers.get(&part.field) == Some(&no))
        };
        answers.score(field).or_else(|| had_none().then_some(0))
    }

    fn blanks(&self) -> Vec<&'a str> {
        if !self.is_submitted() {
            return Vec::new();
        }
        self.checklist.blanks(self.case.answers, self.case.history.baseline.as_ref())
    }

    fn unread(&self, score: u8) -> BTreeSet<Code> {
        let last = self.case.history.last.as_ref().filter(|last| !last.reviewed);
        let known = |code: &Code| self.case.knows(*code, score, &self.checklist.thresholds);
        last.map(|last| last.reasons.iter().copied().filter(|code| !known(code)).collect())
            .unwrap_or_default()
    }
}
