//! Who filled a form in: the patient, somebody beside her, or whoever acts for her and gets her letters.

use minijinja::{Value, context};

use crate::journey::errors::step::StepError;
use crate::store::answers::responses::{Respondent, Response as Answered};
use crate::store::db::transaction::View;

/// Who filled it in, in words for staff; a proxy is named beside them.
pub(super) const fn who(response: &Answered) -> &'static str {
    match (response.who, response.proxy) {
        (Respondent::Myself, _) => "the patient",
        (Respondent::Carer, None) => "someone who cares for her",
        (Respondent::Carer, Some(_)) => "whoever acts for her",
        (Respondent::Canary, _) => "the daily test",
    }
}

/// The proxy who filled it in.
pub(super) fn proxy(view: &View<'_>, response: &Answered) -> Result<Option<Value>, StepError> {
    let Some(id) = response.proxy else { return Ok(None) };
    let told = view.proxy(id)?.told;
    Ok(Some(context! { name => told.name.expose(), relation => told.relation }))
}
