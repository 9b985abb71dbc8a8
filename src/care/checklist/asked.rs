//! What a checklist still asks, given the answers so far and what is known about the one who answers.

use super::answer::{Answers, Baseline};
use super::definition::Checklist;
use crate::care::checklist::item::{AnswerKind, AnswerValue, ChangeSign, Item, Need, Pain, Part};

impl Checklist {
    /// Whether the answers so far leave the item to be asked.
    #[must_use]
    pub fn is_asked(&self, item: &Item, answers: &Answers) -> bool {
        item.skip
            .as_ref()
            .is_none_or(|skip| answers.get(&skip.field).is_none_or(|value| value.word() != skip.word))
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

    /// Whether an item is answered with "no" and yet holds something that only goes with a "yes": one of the two is a slip.
    #[must_use]
    pub fn contradicts(&self, item: &Item, answers: &Answers) -> bool {
        let said = |part: &Part| answers.get(&part.field);
        let is_denied = item.parts.first().and_then(said).is_some_and(|value| {
            matches!(value, AnswerValue::Change(ChangeSign::No) | AnswerValue::Pain(Pain::No))
        });
        is_denied && item.parts.iter().skip(1).any(|part| said(part).is_some())
    }

    /// The same rules for a form that was asked under another version: a question which that version did not have is not asked,
    /// so that it is no blank.
    #[must_use]
    pub fn asked_under(&self, asked: &Self) -> Self {
        let was_asked = |field: &str| asked.field(field).is_some();
        let kept = |item: &Item| {
            let parts: Vec<Part> = item.parts.iter().filter(|part| was_asked(&part.field)).cloned().collect();
            let skip = item.skip.clone().filter(|skip| was_asked(&skip.field));
            (!parts.is_empty()).then(|| Item { id: item.id.clone(), parts, skip })
        };
        Self { items: self.items.iter().filter_map(kept).collect(), ..self.clone() }
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
