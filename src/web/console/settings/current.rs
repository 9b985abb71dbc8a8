//! A setting as it stands: what counts, who decided it, and what is proposed.

use minijinja::{Value, context};

use crate::care::settings::setting::{Setting, SettingProof};
use crate::config::origin::ConfigOrigin;
use crate::config::setting_text::{self, ValueSource};
use crate::config::{Config, load};
use crate::journey::errors::step::StepError;
use crate::store::settings::SettingVersion;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::settings::history_text;
use crate::web::locale::reader::ReaderWords;

/// All settings as they stand now.
pub(in crate::web::console) struct CurrentSettings {
    /// The operator's file above what staff set.
    pub(in crate::web::console) origin: ConfigOrigin,
    /// What both say together; what the pages go by where they do not fit together.
    pub(in crate::web::console) config: Config,
    /// Whether the daemon has not taken on yet what counts.
    pub(in crate::web::console) is_waiting: bool,
}

impl CurrentSettings {
    pub(in crate::web::console) fn read(signed_in: &SignedIn) -> Result<Self, StepError> {
        let stored = signed_in.clinic().store.read(|view| view.settings_in_force())?;
        let taken = &signed_in.app.deps.config;
        let is_waiting = stored != taken.origin.settings;
        let origin = taken.origin.with(stored);
        let config = load::config(origin.clone()).unwrap_or_else(|_| Config::clone(taken));
        Ok(Self { origin, config, is_waiting })
    }

    /// The lines of the operator's file that decide this setting; none where it is left to staff.
    pub(in crate::web::console) fn fixed(&self, setting: Setting) -> Vec<(&'static str, usize)> {
        let line = |key: &&'static str| Some((*key, self.origin.fixed(key)?));
        setting.keys().iter().filter_map(line).collect()
    }

    /// Whether the operator decides all of it.
    pub(super) fn is_fixed(&self, setting: Setting) -> bool {
        self.fixed(setting).len() == setting.keys().len()
    }

    /// Who decided what it says.
    pub(super) fn source(&self, signed_in: &SignedIn, setting: Setting) -> Result<Value, StepError> {
        let times = TimeFormat::from(signed_in);
        let fixed = self.fixed(setting);
        let sources = setting.keys().iter().map(|key| setting_text::source(&self.origin, key));
        let staff = sources.into_iter().find_map(|source| match source {
            ValueSource::Staff(version) => Some(version),
            ValueSource::Operator(_) | ValueSource::Shipped => None,
        });
        let version = match staff {
            Some(id) => Some(signed_in.clinic().store.read(|view| view.setting_version(setting, id))?),
            None => None,
        };
        let (by, at) = version.and_then(|version| version.counts.map(|(at, by)| (by, at))).unzip();
        Ok(context! {
            file => self.origin.file.clone(),
            lines => fixed.iter().map(|(_, line)| *line).collect::<Vec<_>>(),
            all => self.is_fixed(setting),
            by => by.as_deref().map(|by| ReaderWords::of(&signed_in.language).person(by)),
            at => at.map(|at| times.moment(at)),
        })
    }
}

/// A proposal that waits for somebody to try it.
pub(super) fn proposal(signed_in: &SignedIn, version: &SettingVersion) -> Value {
    let setting = version.new.setting;
    let proof = match setting.proof() {
        SettingProof::Rung => "rung",
        SettingProof::Compared => "compared",
        SettingProof::None => "none",
    };
    context! {
        id => version.id,
        says => history_text::told(setting, &version.new.value),
        by => ReaderWords::of(&signed_in.language).person(&version.set_by),
        at => TimeFormat::from(signed_in).moment(version.set_at),
        proof,
    }
}
