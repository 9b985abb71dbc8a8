//! A doctor signs the rules that judge answers, and they judge from then on; or somebody ends that, with a reason, at once.
//! Whether the words of the signature can stand was judged before, by whoever reads configuration.

use crate::care::permission::Act;
use crate::care::settings::setting::Setting;
use crate::journey::authorize::{permit, permit_or_operator};
use crate::journey::deps::Deps;
use crate::journey::errors::setting::SettingError;
use crate::journey::errors::step::StepError;
use crate::journey::settings::change::{self, SettingChange};
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::Tx;
use crate::store::settings::{NewSetting, SettingVersion};
use crate::store::subject::Subject;

/// A signature under rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesSignature {
    /// The mode and who signs, as they would stand in `aftercare.toml`.
    pub text: String,
    /// The version of the rules that was read.
    pub version: String,
    /// The newest version of the setting that whoever signs has looked at; `None` where there was none.
    pub seen: Option<i64>,
}

/// That the rules judge no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesStop {
    /// The mode, as it would stand in `aftercare.toml`.
    pub text: String,
    /// Why that shall be so.
    pub reason: String,
    /// The newest version of the setting that whoever stops has looked at.
    pub seen: Option<i64>,
}

/// A doctor signs the rules in force.
///
/// # Errors
/// `PermissionError` for anyone but a doctor or lead; [`SettingError::OtherRules`] when other rules are in force than those
/// that were read; [`SettingError::Overtaken`], [`SettingError::Same`]; the store's own.
pub fn sign(tx: &mut Tx<'_>, ask: &RulesSignature, clinic: &Deps) -> Result<SettingVersion, StepError> {
    permit(tx, Act::SignRules)?;
    let (_, rules) = clinic.care.in_force(tx, &clinic.care.standard)?;
    if rules.version != ask.version {
        return Err(SettingError::OtherRules.into());
    }
    let new = judging(&ask.text, None);
    let written = change::write(tx, &SettingChange { new, seen: ask.seen })?;
    let subject = Subject::Checklist(rules.id.clone(), rules.version.clone());
    tx.audit(AuditAction::RulesSigned, subject, &serde_json::json!({ "setting": written.id }))?;
    Ok(written)
}

/// The rules judge no more: staff read every answer. The doctor who signed is not needed for it.
///
/// # Errors
/// `PermissionError`; [`SettingError::NoReason`]; [`SettingError::NotSigned`] where the clinic has signed nothing;
/// [`SettingError::Overtaken`], [`SettingError::Same`]; the store's own.
pub fn stop(tx: &mut Tx<'_>, ask: &RulesStop) -> Result<SettingVersion, StepError> {
    permit_or_operator(tx, Act::StopRules)?;
    let reason = ask.reason.trim();
    if reason.is_empty() {
        return Err(SettingError::NoReason.into());
    }
    if tx.setting_in_force(Setting::Judging)?.is_none() {
        return Err(SettingError::NotSigned.into());
    }
    let new = judging(&ask.text, Some(reason.to_owned()));
    let written = change::write(tx, &SettingChange { new, seen: ask.seen })?;
    let detail = serde_json::json!({ "setting": written.id });
    tx.audit(AuditAction::RulesStopped, Subject::Setting(Setting::Judging), &detail)?;
    Ok(written)
}

fn judging(text: &str, reason: Option<String>) -> NewSetting {
    NewSetting { setting: Setting::Judging, value: text.to_owned(), again_of: None, reason }
}
