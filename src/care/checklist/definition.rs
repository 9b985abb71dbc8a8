//! What is asked: items, pages, skips and the thresholds of the rules. The words live beside it, by language, in
//! `config::checklists`.

use std::collections::BTreeMap;

use crate::care::checklist::item::{AnswerKind, Item, Part, PartRole};
use crate::care::triage::tier::{Code, Tier};

/// A published checklist. Immutable: its version is the hash of its content, and an answer is judged by the version
/// it was asked under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checklist {
    /// The name that protocols ask for it by, e.g. `spine`.
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

    /// The tier that a rule asks for, with what the clinic has raised; `None` for one that only changes others.
    #[must_use]
    pub fn tier_of(&self, code: Code) -> Option<Tier> {
        code.tier().max(self.raised.get(&code).copied())
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

    /// The items that ask for a sign: what can be known from before.
    pub fn signs(&self) -> impl Iterator<Item = &Item> {
        let is_sign = |part: &Part| matches!(part.kind, AnswerKind::Change | AnswerKind::Pain);
        self.items.iter().filter(move |item| item.parts.iter().any(is_sign))
    }
}
