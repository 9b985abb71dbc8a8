//! The version of a checklist that is asked now, and where it comes from.

use std::sync::Arc;

use minijinja::{Value, context};

use crate::config::checklists::checklist::{self, WordedChecklist};
use crate::config::checklists::wording::ChecklistWording;
use crate::journey::alert_policy::TriageMode;
use crate::journey::errors::step::StepError;
use crate::store::error::StoreError;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::time_format::day;

/// The checklist of that name as it is asked now, with its words.
///
/// # Errors
/// `is_not_found` when the clinic asks none of that name.
pub(super) fn read(signed_in: &SignedIn, name: &str) -> Result<Arc<WordedChecklist>, StepError> {
    let clinic = signed_in.clinic();
    if !clinic.care.current.contains_key(name) {
        return Err(StoreError::not_found("checklist").into());
    }
    let (_, checklist) = clinic.store.read(|view| clinic.care.in_force(view, name))?;
    let found = signed_in.app.checklists.of(&checklist, clinic);
    found.ok_or_else(|| StoreError::not_found("checklist").into())
}

/// What stands above every page of a checklist: its name and version, whose text it is, and who signed its rules.
pub(super) fn facts(signed_in: &SignedIn, form: &WordedChecklist) -> Value {
    let checklist = &form.checklist;
    let as_shipped = checklist::shipped_version(&checklist.id) == Some(checklist.version.as_str());
    let care = &signed_in.clinic().care;
    let signed = match &care.mode {
        TriageMode::Triage(by) => Some(
            context! { name => by.name.clone(), role => by.role.clone(), on => day(by.date), version => by.version.clone() },
        ),
        TriageMode::Education => None,
    };
    context! {
        name => checklist.id.clone(),
        version => checklist.version.clone(),
        as_shipped,
        signed,
        unsigned_since => care.lapsed.as_ref().map(|one| one.signed.version.clone()),
        is_signed_here => checklist.id == care.standard,
        questions => checklist.items.len(),
        pages => checklist.pages.len(),
    }
}

/// The words in the language that was asked for, else in the reader's, else in the clinic's first one.
pub(super) fn wording<'a>(
    signed_in: &SignedIn,
    form: &'a WordedChecklist,
    asked: &str,
) -> Option<&'a ChecklistWording> {
    let own = signed_in.clinic().care.language.as_str();
    form.words(asked)
        .or_else(|| form.words(&signed_in.language))
        .or_else(|| form.words(own))
        .or_else(|| form.wording.values().next())
}

/// What the choices of a field are called in these words.
pub(super) fn choice_names(wording: Option<&ChecklistWording>) -> impl Fn(&str, &str) -> String {
    move |field, word| wording.map_or_else(|| word.to_owned(), |wording| wording.choice_name(field, word))
}

/// Every language that the checklist is written in, the one shown marked.
pub(super) fn languages(signed_in: &SignedIn, form: &WordedChecklist, shown: &str) -> Vec<Value> {
    let language = |code: &String| {
        let words = signed_in.app.words(code);
        let name = if words.language == *code { words.text("language.name") } else { code.as_str() };
        context! { code, name, now => code == shown }
    };
    form.wording.keys().map(language).collect()
}
