//! What the configuration says of answers and alerts, as the journey needs it: checklists published with their words, the
//! ladder, the signature under the rules.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use secrecy::ExposeSecret;

use crate::care::alert::lifecycle::WorkingDays;
use crate::care::triage::judging::JudgingMode;
use crate::care::triage::sign_off::LapsedSignOff;
use crate::config::Config;
use crate::config::checklists::checklist::{self, WordedChecklist};
use crate::config::credential::{CredentialFault, secret};
use crate::config::file::fault::Fault;
use crate::config::sections::alerts::LadderEntry;
use crate::config::sources::Sources;
use crate::exchange::webhook::client::WebhookClient;
use crate::journey::alert_policy::{
    AnswerPolicy, BirthCheck, ChecklistCache, Contact, DigestPlan, Proof, TriageMode,
};
use crate::store::answers::checklists::ChecklistVersionId;
use crate::store::db::transaction::Tx;
use crate::store::error::StoreError;

/// The checklist behind "something changed".
pub(in crate::daemon) const STANDARD: &str = "spine";

/// A checklist in force and the text it is published with.
pub struct PublishedChecklist {
    /// What it asks, and its words.
    pub form: WordedChecklist,
    /// Structure and words in one text.
    pub bundle: String,
}

/// Every checklist in force.
///
/// # Errors
/// All faults of all files.
pub fn read(sources: &Sources) -> Result<Vec<PublishedChecklist>, Vec<Fault>> {
    let (mut read, mut faults) = (Vec::new(), Vec::new());
    for name in checklist::names(sources) {
        let form = checklist::load(&name, sources);
        match form
            .and_then(|form| Ok(PublishedChecklist { form, bundle: checklist::bundle(&name, sources)? }))
        {
            Ok(published) => read.push(published),
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() { Ok(read) } else { Err(faults) }
}

/// The checklists in force as they are published.
#[derive(Debug, Default)]
pub struct ChecklistsInForce {
    /// The row of each, by name.
    pub ids: BTreeMap<String, ChecklistVersionId>,
    /// The version of the rules that a clinician signs; `None` where no file was read.
    pub rules: Option<String>,
}

/// Publishes them; a version that is known already stays as it is.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub fn publish(tx: &mut Tx<'_>, forms: Vec<PublishedChecklist>) -> Result<ChecklistsInForce, StoreError> {
    let mut current = ChecklistsInForce::default();
    for PublishedChecklist { form, bundle } in forms {
        let checklist = form.checklist;
        let id = tx.publish_checklist(&checklist.id, &checklist.version, &bundle)?;
        if checklist.id == STANDARD {
            current.rules = Some(checklist.version);
        }
        current.ids.insert(checklist.id, id);
    }
    Ok(current)
}

/// The clinic's decisions about answers and alerts, as they are on that day.
#[must_use]
pub fn policy(config: &Config, current: ChecklistsInForce, day: Date) -> AnswerPolicy {
    let alerts = &config.alerts;
    let told = alerts.on(day);
    let test_every = Duration::from_secs(u64::from(alerts.test_every_days) * 86_400);
    let read = |name: &str, bundle: &str| checklist::unbundle(name, bundle).map(|form| form.checklist);
    let (mode, lapsed) = mode(config, current.rules.as_deref());
    AnswerPolicy {
        mode,
        lapsed,
        reads: config.checklists.read,
        checklists: ChecklistCache::new(Box::new(read)),
        current: current.ids,
        standard: STANDARD.to_owned(),
        birth_check: BirthCheck::SharedInboxes,
        ladder: told.ladder(alerts, &config.clinic),
        contacts: told.rungs.iter().map(contact).collect(),
        gaps: told.gaps,
        webhook: alerts.webhook.as_ref().map(|webhook| webhook.url.clone()),
        days: WorkingDays {
            zone: config.clinic.zone.clone(),
            weekdays: config.sending.hours.days.weekdays.clone(),
            holidays: config.clinic.holidays.clone(),
        },
        console_url: config.web.console(),
        language: config.sending.languages.first().cloned().unwrap_or_else(|| "en".to_owned()),
        // An acknowledged test proves reachability until the next one could have been missed.
        proof: Some(Proof { test_every, lasts: test_every * 2 }),
        cover_stands: false,
        canary: config.heartbeat.mail_to.clone(),
        digest: DigestPlan { to: config.heartbeat.digest_to.clone(), at: config.heartbeat.digest_at },
    }
}

/// Who judges answers, and the signature that counts no more because other rules are in force.
fn mode(config: &Config, rules: Option<&str>) -> (TriageMode, Option<LapsedSignOff>) {
    let signed = match (config.checklists.mode, &config.checklists.sign_off) {
        (JudgingMode::Triage, Some(signed)) => signed.clone(),
        _ => return (TriageMode::Education, None),
    };
    match rules.map_or_else(|| Ok(signed.clone()), |rules| signed.clone().stands(rules)) {
        Ok(signed) => (TriageMode::Triage(signed), None),
        Err(lapsed) => (TriageMode::Education, Some(lapsed)),
    }
}

/// Says in the log that nothing is judged because other rules are in force than the signed ones.
pub(in crate::daemon) fn tell(lapsed: Option<&LapsedSignOff>) {
    if let Some(LapsedSignOff { signed, in_force }) = lapsed {
        let signed = &signed.version;
        tracing::error!(signed, in_force, "the rules in force are not signed; staff read every answer");
    }
}

fn contact(rung: &LadderEntry) -> Contact {
    Contact {
        id: rung.id.clone(),
        name: rung.name.clone(),
        email: rung.email.clone(),
        webhook: rung.webhook.clone(),
    }
}

/// Who makes signed calls: needed when a webhook or a rung's own address is configured.
///
/// # Errors
/// [`CredentialFault`] when the key cannot be read.
pub fn caller(config: &Config) -> Result<Option<Arc<WebhookClient>>, CredentialFault> {
    let Some(webhook) = &config.alerts.webhook else { return Ok(None) };
    let key = secret(&webhook.secret_credential)?;
    Ok(Some(Arc::new(WebhookClient::new(key.expose_secret().as_bytes().to_vec()))))
}
