//! What staff decide for themselves, changed at a page or by a command. The daemon takes on at once what counts.

use crate::care::settings::setting::Setting;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::settings::change::{self, SettingChange};
use crate::journey::settings::rules_signature::{self, RulesSignature, RulesStop};
use crate::journey::settings::wording_change::{self, WordingChange};
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::own_wordings::OwnWordingVersion;
use crate::store::settings::SettingVersion;

/// Writes a version of a setting.
///
/// # Errors
/// As [`change::change`].
pub async fn change(clinic: &Deps, stamp: Stamp, ask: SettingChange) -> Result<SettingVersion, StepError> {
    let written = clinic.store.write(stamp, move |tx: &mut Tx<'_>| change::change(tx, &ask)).await?;
    clinic.bells.settings.notify_one();
    Ok(written)
}

/// A proposal counts from now on.
///
/// # Errors
/// As [`change::confirm`].
pub async fn confirm(clinic: &Deps, stamp: Stamp, setting: Setting, id: i64) -> Result<(), StepError> {
    clinic.store.write(stamp, move |tx: &mut Tx<'_>| change::confirm(tx, setting, id)).await?;
    clinic.bells.settings.notify_one();
    Ok(())
}

/// A proposal is taken back.
///
/// # Errors
/// As [`change::withdraw`].
pub async fn withdraw(clinic: &Deps, stamp: Stamp, setting: Setting, id: i64) -> Result<(), StepError> {
    clinic.store.write(stamp, move |tx: &mut Tx<'_>| change::withdraw(tx, setting, id)).await
}

/// Words a letter anew.
///
/// # Errors
/// As [`wording_change::change`].
pub async fn word(clinic: &Deps, stamp: Stamp, ask: WordingChange) -> Result<OwnWordingVersion, StepError> {
    let written = clinic.store.write(stamp, move |tx: &mut Tx<'_>| wording_change::change(tx, &ask)).await?;
    clinic.bells.settings.notify_one();
    Ok(written)
}

/// A doctor signs the rules in force: from now on they judge answers.
///
/// # Errors
/// As [`rules_signature::sign`].
pub async fn sign_rules(
    clinic: &Deps,
    stamp: Stamp,
    ask: RulesSignature,
) -> Result<SettingVersion, StepError> {
    let steps = clinic.clone();
    let job = move |tx: &mut Tx<'_>| rules_signature::sign(tx, &ask, &steps);
    let written = clinic.store.write(stamp, job).await?;
    clinic.bells.settings.notify_one();
    Ok(written)
}

/// The rules judge no more.
///
/// # Errors
/// As [`rules_signature::stop`].
pub async fn stop_rules(clinic: &Deps, stamp: Stamp, ask: RulesStop) -> Result<SettingVersion, StepError> {
    let written = clinic.store.write(stamp, move |tx: &mut Tx<'_>| rules_signature::stop(tx, &ask)).await?;
    clinic.bells.settings.notify_one();
    Ok(written)
}
