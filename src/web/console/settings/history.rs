//! The versions of a setting, newest first.

use minijinja::{Value, context};

use crate::care::settings::setting::Setting;
use crate::journey::errors::step::StepError;
use crate::store::settings::SettingVersion;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::settings::history_text::{self, HistoryText};
use crate::web::locale::reader::ReaderWords;

/// A page of them, and where the next one begins.
pub(in crate::web::console) fn words(
    signed_in: &SignedIn,
    setting: Setting,
    before: Option<i64>,
) -> Result<Value, StepError> {
    let (counts, versions) = signed_in.clinic().store.read(|view| {
        Ok::<_, StepError>((view.setting_in_force(setting)?, view.setting_versions(setting, before)?))
    })?;
    let counts = counts.map(|version| version.id);
    let next = versions.next().map(|version| version.id);
    let rows: Vec<Value> = versions.rows.iter().map(|version| row(signed_in, version, counts)).collect();
    Ok(context! { rows, next, is_later => before.is_some() })
}

fn row(signed_in: &SignedIn, version: &SettingVersion, counts: Option<i64>) -> Value {
    let times = TimeFormat::from(signed_in);
    let decided = |one: &Option<(jiff::Timestamp, String)>| {
        one.as_ref()
            .map(|(at, by)| context! { at => times.moment(*at), by => ReaderWords::of(&signed_in.language).person(by) })
    };
    context! {
        id => version.id,
        says => history_text::pieces(version.new.setting, &version.new.value).iter().map(HistoryText::value).collect::<Vec<_>>(),
        at => times.moment(version.set_at),
        by => ReaderWords::of(&signed_in.language).person(&version.set_by),
        again_of => version.new.again_of,
        reason => version.new.reason.clone(),
        now => counts == Some(version.id),
        counted => decided(&version.counts),
        dropped => decided(&version.dropped),
    }
}
