//! Sessions as lines of a page, and faults of accounts beside their fields.

use minijinja::{Value, context};

use crate::journey::errors::account::AccountError;
use crate::journey::errors::step::StepError;
use crate::store::accounts::session::OpenSession;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::step_words;
use crate::web::console::layout::time_format::TimeFormat;

/// One session for the template.
pub(super) fn line(one: &OpenSession, times: &TimeFormat) -> Value {
    context! {
        handle => one.handle.clone(),
        opened => times.moment(one.opened_at),
        seen => times.ago(one.seen_at),
        from => one.opened_from.clone(),
        browser => one.browser.clone(),
    }
}

/// The form that was not taken, without the secrets that were typed; a fault that is none of the form's comes back.
pub(super) fn refused(fields: &FormFields, fault: StepError) -> Result<RefusedForm, StepError> {
    let StepError::Account(account) = &fault else { return Err(fault) };
    let field = match account {
        AccountError::InvalidName | AccountError::NameTaken => "name",
        AccountError::ShortPassword
        | AccountError::LongPassword
        | AccountError::RepeatedPassword
        | AccountError::CommonPassword
        | AccountError::NamedPassword => "new",
        AccountError::WrongPassword => "password",
        AccountError::WrongCode => "code",
        _ => return Err(fault),
    };
    let text = step_words::fault(&fault);
    Ok(RefusedForm::new(&without_secrets(fields), vec![FieldFault::new(field, text)]))
}

/// What was typed, but no password and no code.
pub(super) fn without_secrets(fields: &FormFields) -> FormFields {
    let kept = ["act", "name", "email", "role"].into_iter();
    FormFields::new(kept.map(|name| (name.to_owned(), fields.get(name).to_owned())).collect())
}
