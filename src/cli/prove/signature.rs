//! Proves that whoever signed the triage rules signed the very version in force.

use super::{Finding, Ground, words};
use crate::config::Mode;
use crate::config::checklists::Form;

/// Who signed one version has not signed another. A checklist with faults of its own has no version to compare.
pub(super) fn signature(ground: &Ground) -> Vec<Finding> {
    let forms = words::names(ground).into_iter().filter_map(|name| words::form(ground, &name).ok());
    forms.filter_map(|form| unsigned(ground, &form)).collect()
}

fn unsigned(ground: &Ground, form: &Form) -> Option<Finding> {
    let lists = &ground.config.as_ref()?.checklists;
    let signed = lists.sign_off.as_ref().filter(|_| lists.mode == Mode::Triage)?;
    let version = &form.checklist.version;
    let problem = format!("`{}` was signed, but version `{version}` is in force", signed.version);
    let hint = "let a clinician read this version, sign it, and write it here; until then use `education`";
    (signed.version != *version).then(|| ground.fault_at("checklists.sign_off.version", &problem, hint))
}
