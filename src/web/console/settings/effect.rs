//! What a change would do, in words, before it is saved.

use minijinja::{Value, context};

use crate::care::settings::setting::Setting;
use crate::journey::errors::step::StepError;
use crate::journey::settings::effect;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::machine_words;
use crate::web::console::settings::current::CurrentSettings;
use crate::web::console::settings::form;

/// The effect of a text that was judged, for the page.
pub(super) fn words(
    signed_in: &SignedIn,
    setting: Setting,
    stored: &CurrentSettings,
) -> Result<Value, StepError> {
    match setting {
        Setting::OfficePhone | Setting::DayAndNightPhone | Setting::EmergencyNumber => {
            numbers(signed_in, &form::says(setting, &stored.config))
        }
    }
}

/// In which letters the number that counts now stands: the new one will stand in the same.
fn numbers(signed_in: &SignedIn, number: &str) -> Result<Value, StepError> {
    let waiting = signed_in.clinic().store.read(|view| view.waiting_by_language())?;
    let found = effect::letters_with(&signed_in.app.deps.composer, number, &waiting);
    let language = |one: effect::NumberEffect| {
        let name = signed_in.app.words(&one.language).text("language.name").to_owned();
        let letters: Vec<String> = one.letters.iter().map(|step| machine_words::letter(step)).collect();
        context! { name, count => letters.len(), letters, waiting => one.waiting }
    };
    let languages: Vec<Value> = found.into_iter().map(language).collect();
    Ok(context! { kind => "number", languages })
}
