//! What is asked: items, pages, skips and the thresholds of the rules. The words live beside it, by language, in
//! `config::checklists`.

use std::collections::BTreeMap;

use super::answer::{Answers, Baseline};
pub use super::item::{Item, Need, Pain, Part, Skip};
pub use crate::care::checklist::item::{AnswerKind, AnswerValue, ChangeSign, PartRole};
use crate::care::triage::tier::{Code, Tier};

/// A published checklist. Immutable: its version is the hash of its content, and an answer is judged by the version
/// it was asked under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checklist {
    /// Name, e.g. `spine`.
    pub id: String,
    /// Content hash over structure and words: first 12 hex digits of SHA-256.
    pub version: String,
    /// What patients see above it, by language.
    pub title: BTreeMap<String, String>,
    /// The items in the order of the pages.
    pub items: Vec<Item>,
    /// Item ids page by page; the nerve items are on the first page.
    pub pages: Vec<Vec<String>>,
    /// What the rules measure against.
    pub thresholds: Thresholds,
    /// Reasons to which the clinic gives a more urgent tier than the default.
    pub raised: BTreeMap<Code, Tier>,
}

/// The numbers of the rules; defaults from the clinical brief, signed by the clinic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// Pain score that is severe (U4).
    pub severe: u8,
    /// Pain score that is moderate (S2).
    pub moderate: u8,
    /// Rise in pain score that counts (U5).
    pub rise: u8,
    /// Pain score below which a rise does not count (U5).
    pub rise_floor: u8,
    /// Tiredness that counts (S5).
    pub tired: u8,
    /// Rise in tiredness that counts (S5).
    pub tired_rise: u8,
    /// Age in days up to which the last form is compared with; else the baseline.
    pub compare_days: u16,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { severe: 7, moderate: 4, rise: 2, rise_floor: 4, tired: 3, tired_rise: 2, compare_days: 120 }
    }
}

impl Checklist {
    /// Every part of every item, in order.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.items.iter().flat_map(|item| &item.parts)
    }

    /// The item of that id.
    #[must_use]
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// The item that a field belongs to, and its part.
    #[must_use]
    pub fn field(&self, field: &str) -> Option<(&Item, &Part)> {
        self.items
            .iter()
            .find_map(|item| item.parts.iter().find(|p| p.field == field).map(|part| (item, part)))
    }

    /// Every part in that role.
    pub fn in_role(&self, role: PartRole) -> impl Iterator<Item = &Part> {
        self.parts().filter(move |part| part.role == role)
    }

    /// Whether the answers so far leave the item to be asked.
    #[must_use]
    pub fn is_asked(&self, item: &Item, answers: &Answers) -> bool {
        item.skip
            .as_ref()
            .is_none_or(|skip| answers.get(&skip.field).is_none_or(|value| value.word() != skip.word))
    }

    /// The items that ask for a sign: what can be known from before.
    pub fn signs(&self) -> impl Iterator<Item = &Item> {
        let is_sign = |part: &Part| matches!(part.kind, AnswerKind::Change | AnswerKind::Pain);
        self.items.iter().filter(move |item| item.parts.iter().any(is_sign))
    }

    /// The ids of the signs that were answered with anything but no, or left open.
    pub fn present<'a>(&'a self, answers: &'a Answers) -> impl Iterator<Item = &'a str> {
        let is_no = |value: Option<&AnswerValue>| {
            matches!(value, Some(AnswerValue::Change(ChangeSign::No) | AnswerValue::Pain(Pain::No)))
        };
        let is_sign = |part: &&Part| matches!(part.kind, AnswerKind::Change | AnswerKind::Pain);
        let is_present = move |item: &&Item| {
            !item.parts.iter().filter(is_sign).all(|part| is_no(answers.get(&part.field)))
        };
        self.signs().filter(is_present).map(|item| item.id.as_str())
    }

    /// Required fields that are asked and blank; what the baseline calls not applicable is not required.
    #[must_use]
    pub fn blanks(&self, answers: &Answers, baseline: Option<&Baseline>) -> Vec<&str> {
        let off = |item: &Item| baseline.is_some_and(|b| b.is_not_applicable(&item.id));
        self.items
            .iter()
            .filter(|item| self.is_asked(item, answers) && !off(item))
            .flat_map(|item| item.parts.iter().map(move |part| (item, part)))
            .filter(|(item, part)| answers.get(&part.field).is_none() && is_needed(item, part, answers))
            .map(|(_, part)| part.field.as_str())
            .collect()
    }

    /// The items to show on a page (from 0), given the answers so far and the baseline.
    #[must_use]
    pub fn page(&self, number: usize, answers: &Answers, baseline: Option<&Baseline>) -> Vec<&Item> {
        let ids = self.pages.get(number).map(Vec::as_slice).unwrap_or_default();
        ids.iter()
            .filter_map(|id| self.item(id))
            .filter(|item| self.is_asked(item, answers))
            .filter(|item| !baseline.is_some_and(|b| b.is_not_applicable(&item.id)))
            .collect()
    }
}

fn is_needed(item: &Item, part: &Part, answers: &Answers) -> bool {
    match part.need {
        Need::Always => true,
        Need::WhenNew => {
            item.parts.iter().any(|p| answers.get(&p.field) == Some(&AnswerValue::Change(ChangeSign::New)))
        }
        Need::Never => false,
    }
}
