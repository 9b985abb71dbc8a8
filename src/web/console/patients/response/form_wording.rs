//! In which words a form is shown to whoever reads it.

use crate::config::checklists::checklist::WordedChecklist;
use crate::config::checklists::wording::ChecklistWording;
use crate::config::pages::wording::FALLBACK;

/// The questions in the reader's language, else in English, else in whatever there is.
pub(super) fn wording<'f>(form: &'f WordedChecklist, language: &str) -> Option<&'f ChecklistWording> {
    form.words(language).or_else(|| form.words(FALLBACK)).or_else(|| form.wording.values().next())
}
