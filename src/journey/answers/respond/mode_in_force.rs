//! Who judges a page of a form that was begun before: whoever judges now. Rules judge only what was asked by the version that is in
//! force, for that is the one that was signed; nobody has signed another.

use crate::care::triage::judging::JudgingMode;
use crate::journey::deps::Deps;
use crate::store::answers::responses::Response;

/// Who judges a further page of a form.
pub(super) fn judges(form: &Response, clinic: &Deps) -> JudgingMode {
    let is_in_force = clinic.care.current.values().any(|version| *version == form.version);
    match (clinic.care.mode.judging(), form.mode) {
        // It began under rules that were in force, and goes on under them.
        (JudgingMode::Triage, JudgingMode::Education) if !is_in_force => JudgingMode::Education,
        (now, _) => now,
    }
}
