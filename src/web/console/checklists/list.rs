//! Every checklist that this clinic asks.

use axum::response::Response;
use minijinja::{Value, context};

use crate::journey::errors::step::StepError;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::checklists::in_force;
use crate::web::console::layout::page;

/// The list, by name.
pub(in crate::web::console) async fn show(signed_in: SignedIn) -> Response {
    page::blocking(signed_in, |signed_in| match words(signed_in) {
        Ok(words) => page::render(signed_in, "checklists", words),
        Err(fault) => page::failed(signed_in, &fault),
    })
    .await
}

fn words(signed_in: &SignedIn) -> Result<Value, StepError> {
    let line = |name: &String| -> Result<Value, StepError> {
        let form = in_force::read(signed_in, name)?;
        let title = in_force::wording(signed_in, &form, &signed_in.language).map(|words| words.title.clone());
        Ok(context! { title, ..in_force::facts(signed_in, &form) })
    };
    let names = signed_in.clinic().care.current.keys();
    Ok(context! { checklists => names.map(line).collect::<Result<Vec<_>, _>>()? })
}
