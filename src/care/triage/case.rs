//! What is judged: the form, how far it got, and what is known about the one who answered.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::care::checklist::answer::{Answers, Baseline, Known, Last};
use crate::care::checklist::definition::Thresholds;
use crate::care::triage::tier::{Code, Tier};

/// One form to judge.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// What was said, by field.
    pub answers: &'a Answers,
    /// Whether the form is finished.
    pub stage: FormStage,
    /// The day it was answered, in the patient's zone.
    pub answered_on: Date,
    /// What is known about the one who answered.
    pub history: &'a History,
}

impl Case<'_> {
    /// Whether a clinician's mark silences that reason. None does where bone spread is known: there what is soon weighs as
    /// urgent (K1), and nothing urgent is ever marked as known (clinical brief, section 4, M1).
    pub(in crate::care::triage) fn knows(&self, code: Code, score: u8, limits: &Thresholds) -> bool {
        if self.history.bone == BoneSpread::Known {
            return false;
        }
        let stands = |known: &&Known| known.code() == code && known.until() >= self.answered_on;
        self.history.known.iter().filter(stands).any(|known| known.holds(score, limits))
    }

    pub(in crate::care::triage) fn days_since(&self, earlier: Date) -> Option<u16> {
        u16::try_from((self.answered_on - earlier).get_days()).ok()
    }
}

/// A form as far as it is filled in.
#[derive(Debug, Clone, Copy)]
pub struct FilledForm<'a> {
    /// What was said, by field.
    pub answers: &'a Answers,
    /// Whether the form is finished.
    pub stage: FormStage,
}

/// Whether the form is finished. What was submitted once stays so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FormStage {
    /// A page was saved; what is blank may still come.
    Saved,
    /// The form was submitted; a required blank counts as not sure.
    Submitted,
}

impl FormStage {
    const ALL: [Self; 2] = [Self::Saved, Self::Submitted];

    /// The word in SQL.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Saved => "partial",
            Self::Submitted => "submitted",
        }
    }

    /// The stage of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.word() == word)
    }
}

/// One reason, with the fields that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriageReason {
    /// The rule of the clinical brief that gave it.
    pub code: Code,
    /// The tier it asks for here; `None` for marks and for reasons known for now.
    pub tier: Option<Tier>,
    /// The fields that gave it, in the checklist's order.
    pub fields: Vec<String>,
}

/// What is known about the one who answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// How things stood, confirmed by a clinician.
    pub baseline: Option<Baseline>,
    /// The form before this one.
    pub last: Option<Last>,
    /// Fields that some form called new or not sure, and no clinician has looked since ([`told_new`](crate::care::triage::judge::told_new)).
    pub unlooked: BTreeSet<String>,
    /// Reasons a clinician marked as known for now.
    pub known: Vec<Known>,
    /// Whether spread to bone is known.
    pub bone: BoneSpread,
}

/// Whether bone spread was known before this answer (K1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BoneSpread {
    /// No spread to bone is known.
    #[default]
    NotKnown,
    /// Yes: every reason weighs one step more.
    Known,
}
