//! `aftercare settings hand-over`: what stands in the operator's file becomes the clinic's own, before it is taken out there. Taken
//! out first, what must stand somewhere would stop the daemon, and a list would silently be empty.

use serde_json::json;

use crate::care::settings::setting::Setting;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::sign_in::stamp;
use crate::config::setting_text;
use crate::journey::settings::change::{self, SettingChange};
use crate::store::database::OpenMode;
use crate::store::settings::NewSetting;

/// Copies the value, and says which lines to take out.
///
/// # Errors
/// 65 when the file has nothing of it; those of changing a setting.
pub(super) fn run(setting: Setting, by: Option<&str>, ctx: &Context) -> Result<(), Failure> {
    let (origin, store) = ctx.settings(OpenMode::Create)?;
    let Some(value) = setting_text::of_operator(&origin, setting) else {
        return Err(Failure::bad_input(format!("{} has nothing of it to hand over", origin.file))
            .hint("`aftercare settings list` shows who decides each; a whole file is handed over with `settings set`"));
    };
    let seen = store.read(|view| view.setting_newest(setting))?.map(|version| version.id);
    let ask = SettingChange { new: NewSetting { setting, value, again_of: None, reason: None }, seen };
    let stamp = stamp(ctx, &store, by)?;
    let version = store.write_blocking(stamp, move |tx| change::hand_over(tx, &ask))?;
    let lines = setting.keys().iter().filter_map(|key| Some((*key, origin.fixed(key)?)));
    let lines: Vec<String> = lines.map(|(key, line)| format!("`{key}`, line {line}")).collect();
    ctx.show(&json!({ "name": setting.word(), "version": version.id, "take_out": lines }), |out| {
        writeln!(out, "saved as version {}: it counts once it is taken out of {}", version.id, origin.file)?;
        writeln!(out, "take out {}, then: aftercare reload", lines.join("; "))
    })
}
