//! A setting is changed: the version is written, and counts at once, or once somebody has tried what it says. Whether its
//! values can stand was judged before, by whoever reads configuration.

use crate::care::permission::Act;
use crate::care::settings::setting::{Setting, SettingProof};
use crate::journey::authorize::permit_or_operator;
use crate::journey::errors::setting::SettingError;
use crate::journey::errors::step::StepError;
use crate::store::db::transaction::Tx;
use crate::store::settings::{NewSetting, SettingVersion};

/// What shall be decided from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingChange {
    /// The version to write.
    pub new: NewSetting,
    /// The newest version that whoever decides has looked at; `None` where there was none.
    pub seen: Option<i64>,
}

/// Writes a version. A proposal that still waited is taken back; a version that needs no proof counts at once.
///
/// # Errors
/// `PermissionError`; [`SettingError::Overtaken`], [`SettingError::Same`], [`SettingError::BySignature`]; the store's own.
pub fn change(tx: &mut Tx<'_>, change: &SettingChange) -> Result<SettingVersion, StepError> {
    permit_or_operator(tx, Act::ChangeSettings)?;
    if change.new.setting == Setting::Judging {
        return Err(SettingError::BySignature.into());
    }
    write(tx, change)
}

/// Writes a version, whoever may.
///
/// # Errors
/// [`SettingError::Overtaken`], [`SettingError::Same`]; the store's own.
pub(in crate::journey::settings) fn write(
    tx: &mut Tx<'_>,
    change: &SettingChange,
) -> Result<SettingVersion, StepError> {
    let setting = change.new.setting;
    let newest = tx.setting_newest(setting)?;
    if newest.as_ref().map(|version| version.id) != change.seen {
        return Err(SettingError::Overtaken.into());
    }
    let proposed = newest.filter(SettingVersion::is_proposed);
    let counts = tx.setting_in_force(setting)?;
    if proposed.is_none() && counts.is_some_and(|version| version.new.value == change.new.value) {
        return Err(SettingError::Same.into());
    }
    if let Some(proposed) = proposed {
        tx.drop_setting(&proposed)?;
    }
    let id = tx.propose_setting(&change.new)?;
    let version = tx.setting_version(setting, id)?;
    if setting.proof() == SettingProof::None {
        tx.count_setting(&version)?;
    }
    Ok(tx.setting_version(setting, id)?)
}

/// Somebody tried what the proposal says, and it is right: it counts from now on.
///
/// # Errors
/// `PermissionError`; [`SettingError::Decided`]; the store's own.
pub fn confirm(tx: &mut Tx<'_>, setting: Setting, id: i64) -> Result<(), StepError> {
    permit_or_operator(tx, Act::ChangeSettings)?;
    Ok(tx.count_setting(&waiting(tx, setting, id)?)?)
}

/// What stands in the operator's file becomes the clinic's own version. It counts already, where it stands: nobody has to try it
/// anew.
///
/// # Errors
/// As [`change`].
pub fn hand_over(tx: &mut Tx<'_>, copied: &SettingChange) -> Result<SettingVersion, StepError> {
    let version = change(tx, copied)?;
    if copied.new.setting.proof() != SettingProof::None {
        confirm(tx, copied.new.setting, version.id)?;
    }
    Ok(version)
}

/// The proposal is taken back; what counted goes on.
///
/// # Errors
/// As [`confirm`].
pub fn withdraw(tx: &mut Tx<'_>, setting: Setting, id: i64) -> Result<(), StepError> {
    permit_or_operator(tx, Act::ChangeSettings)?;
    Ok(tx.drop_setting(&waiting(tx, setting, id)?)?)
}

fn waiting(tx: &Tx<'_>, setting: Setting, id: i64) -> Result<SettingVersion, StepError> {
    let version = tx.setting_version(setting, id)?;
    if version.is_proposed() { Ok(version) } else { Err(SettingError::Decided.into()) }
}
