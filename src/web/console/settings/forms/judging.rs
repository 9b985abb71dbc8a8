//! Who judges answers: shown here, changed by a signature on the page of the checklist.

use minijinja::{Value, context};

use crate::care::triage::judging::JudgingMode;
use crate::config::Config;
use crate::web::console::layout::refused_form::FieldFault;
use crate::web::console::layout::time_format::day;

/// The name of the field that the page does not have.
pub(in crate::web::console::settings) const FIELD: &str = "mode";

/// Nothing is typed here.
pub(in crate::web::console::settings) fn read() -> Result<String, Vec<FieldFault>> {
    Err(vec![FieldFault::new(FIELD, "A doctor signs the rules on the page of the checklist.")])
}

pub(in crate::web::console::settings) fn fields() -> Value {
    context! { kind => "judging" }
}

pub(in crate::web::console::settings) fn says(config: &Config) -> String {
    let lists = &config.checklists;
    match (lists.mode, &lists.sign_off) {
        (JudgingMode::Triage, Some(by)) => {
            let (name, role, on, version) = (&by.name, &by.role, day(by.date), &by.version);
            format!("the rules, signed by {name} ({role}) on {on} in version {version}")
        }
        _ => "staff read every answer".to_owned(),
    }
}
