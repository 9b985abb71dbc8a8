//! Every setting at a glance: what it says, who decided it, and what waits to be tried.

use axum::response::Response;
use minijinja::{Value, context};

use crate::care::permission::Act;
use crate::care::settings::setting::Setting;
use crate::journey::errors::step::StepError;
use crate::store::settings::SettingVersion;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::page;
use crate::web::console::settings::current::{CurrentSettings, proposal};
use crate::web::console::settings::form;

/// Shows the list of settings.
pub(in crate::web::console) async fn show(signed_in: SignedIn) -> Response {
    page::blocking(signed_in, |signed_in| match words(signed_in) {
        Ok(words) => page::render(signed_in, "settings", words),
        Err(fault) => page::failed(signed_in, &fault),
    })
    .await
}

fn words(signed_in: &SignedIn) -> Result<Value, StepError> {
    let stored = CurrentSettings::read(signed_in)?;
    let mut groups: Vec<(&str, Vec<Value>)> = Vec::new();
    for setting in Setting::ALL {
        let row = row(signed_in, &stored, setting)?;
        // A setting that came later stands under the heading that is there.
        match groups.iter_mut().find(|(name, _)| *name == setting.group()) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((setting.group(), vec![row])),
        }
    }
    let groups = groups.into_iter().map(|(name, rows)| context! { name, rows });
    Ok(context! {
        groups => groups.collect::<Vec<_>>(),
        waits => stored.is_waiting,
        whose => Act::ChangeSettings.whose(),
    })
}

fn row(signed_in: &SignedIn, stored: &CurrentSettings, setting: Setting) -> Result<Value, StepError> {
    let newest = signed_in.clinic().store.read(|view| view.setting_newest(setting))?;
    let proposed = newest.filter(SettingVersion::is_proposed);
    let says = form::says(signed_in, setting, &stored.config);
    Ok(context! {
        name => setting.word(),
        title => setting.title(),
        is_typed => form::is_typed(setting, &says),
        says,
        source => stored.source(signed_in, setting)?,
        proposed => proposed.map(|version| proposal(signed_in, &version)),
    })
}
