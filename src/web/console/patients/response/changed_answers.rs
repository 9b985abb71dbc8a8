//! What a form said before somebody changed it, in the words of the form: whoever wanted help and then took it back is asked.

use std::collections::BTreeMap;

use minijinja::{Value, context};

use super::form_wording::wording;
use crate::config::checklists::checklist::WordedChecklist;
use crate::config::checklists::wording::ChecklistWording;
use crate::store::answers::replaced_answer::ReplacedAnswer;
use crate::store::answers::responses::Response as Answered;
use crate::web::console::layout::time_format::TimeFormat;

/// One line for each answer that stands no more: question, what it was and when, what it is now. Fields and words as stored where
/// the checklist cannot be read any more.
pub(super) fn lines(
    response: &Answered,
    form: Option<&WordedChecklist>,
    language: &str,
    times: &TimeFormat,
) -> Vec<Value> {
    let now: BTreeMap<String, String> = serde_json::from_str(&response.answers).unwrap_or_default();
    let changed = response.replaced.iter().filter(|one| now.get(&one.field) != Some(&one.word));
    let line = |one: &ReplacedAnswer| {
        let (at, now) = (times.moment(one.at), now.get(&one.field).cloned());
        match form.and_then(|form| named(form, language, &one.field)) {
            Some((id, wording)) => {
                let words = wording.items.get(id);
                let shown = |word: &str| wording.choice(id, &one.field, word).unwrap_or(word).to_owned();
                let part = words.and_then(|words| words.parts.get(&one.field));
                context! {
                    id, at,
                    ask => words.map(|words| words.ask.clone()),
                    part => part.and_then(|part| part.ask.clone()),
                    was => shown(&one.word),
                    now => now.as_deref().map(shown),
                }
            }
            None => context! { id => one.field.clone(), was => one.word.clone(), at, now },
        }
    };
    changed.map(line).collect()
}

/// The question that a field belongs to, and the words of its form.
fn named<'f>(
    form: &'f WordedChecklist,
    language: &str,
    field: &str,
) -> Option<(&'f str, &'f ChecklistWording)> {
    let holds = |id: &&String| {
        form.checklist.item(id).is_some_and(|item| item.parts.iter().any(|part| part.field == field))
    };
    let id = form.checklist.pages.iter().flatten().find(holds)?;
    Some((id, wording(form, language)?))
}
