//! After the story: the demo's pages, alive on this machine until Ctrl-C, with one alert that rings and one form to fill in.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::replies::{AnsweredForm, answer};
use crate::care::address::EmailAddress;
use crate::care::patient::{Patient, PatientStatus};
use crate::care::permission::StaffRole;
use crate::care::plan::protocol::FollowUpKind;
use crate::clock::{SystemClock, SystemEntropy};
use crate::config::sources::Sources;
use crate::config::{Config, load};
use crate::daemon::assembly::engine::{Engine, EngineFault, World};
use crate::daemon::demo::folder::{DemoFault, DemoFolder, PASSWORD, STAFF, config};
use crate::daemon::listeners::Listeners;
use crate::daemon::reload::ReloadFault;
use crate::daemon::serve::{ServeFault, Signals, serve_at};
use crate::journey::answers::link_access::{LinkRequest, LinkView, open};
use crate::journey::errors::step::StepError;
use crate::journey::operations::accounts::{self, NewAccount};
use crate::store::answers::links::LinkPurpose;
use crate::store::database::Store;
use crate::store::db::transaction::Stamp;
use crate::store::error::StoreError;

/// What a visitor is shown first.
#[derive(Debug, Clone)]
pub struct DemoPages {
    /// The alert that rings.
    pub alert: Option<String>,
    /// A form that waits for its patient.
    pub form: Option<String>,
}

/// Makes the staff account and gives its secret.
///
/// # Errors
/// [`DemoFault`] when it cannot be made.
pub async fn account(engine: &Engine, now: Timestamp) -> Result<String, DemoFault> {
    let clinic = engine.clinic.clone();
    let add = move || -> Result<String, StepError> {
        let email = EmailAddress::parse("staff@clinic.example")
            .map_err(|_| StoreError::corrupt("the demo's cast"))?;
        let account = NewAccount { name: STAFF, email, role: StaffRole::Lead, password: PASSWORD };
        let issued = accounts::add(&clinic, Stamp::daemon(now), account)?;
        Ok(issued.totp_secret)
    };
    Ok(tokio::task::spawn_blocking(add).await.map_err(std::io::Error::other)??)
}

/// Lets one patient answer with a worry, and finds a form that nobody has filled in yet.
///
/// # Errors
/// [`DemoFault`] when the store fails.
pub async fn sights(engine: &Engine, now: Timestamp) -> Result<DemoPages, DemoFault> {
    let clinic = &engine.clinic;
    let patients = clinic.store.read(|view| view.patients("", 100)).map_err(StepError::from)?;
    let active = |p: &&Patient| p.status == PatientStatus::Active && p.email.is_some() && !p.shared_inbox;
    let mut alert = None;
    for patient in patients.iter().filter(active) {
        let worry = &[("SP08", "new"), ("SP11", "unsure")];
        answer(clinic, AnsweredForm { patient, purpose: LinkPurpose::Changed, worry }, now).await?;
        let open = clinic.store.read(|view| view.alerts_open_of(patient.id)).map_err(StepError::from)?;
        if let Some(ringing) = open.first() {
            alert = Some(format!("{}/alerts/{}", clinic.care.console_url, ringing.id.0));
            break;
        }
    }
    let mut form = None;
    for patient in patients.iter().rev().filter(active) {
        form = waiting(engine, patient, now)?;
        if form.is_some() {
            break;
        }
    }
    Ok(DemoPages { alert, form })
}

fn waiting(engine: &Engine, patient: &Patient, now: Timestamp) -> Result<Option<String>, StepError> {
    let clinic = &engine.clinic;
    let owed = clinic.store.read(|view| view.follow_ups_of(patient.id))?;
    let base = clinic.policy.public_url.clone().unwrap_or_default();
    for one in owed.iter().rev().filter(|one| one.kind == FollowUpKind::Checklist) {
        let token = clinic.key.token(patient.id, LinkPurpose::Checklist(one.id), 0);
        if let LinkView::Form(_) = open(clinic, LinkRequest { token: &token, pass: None, at: now })? {
            return Ok(Some(format!("{base}/c/{token}")));
        }
    }
    Ok(None)
}

/// Serves the demo's clinic by the real clock, letters still into the spool.
///
/// # Errors
/// [`DemoFault`] when it cannot be put together, [`ServeFault`] when it cannot be served.
pub async fn serve(place: &DemoFolder, told: &Engine, listeners: Listeners) -> Result<(), VisitFault> {
    let signals = Signals::hear().map_err(DemoFault::from)?;
    let config = config(place)?;
    let store: Store = told.clinic.store.clone();
    // As any daemon: its copies are rehearsed with it.
    store.keep_journal(&config.database.journal);
    let build = move |config: Config| {
        let world = World { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) };
        let sources = Sources::of(&config.paths);
        Engine::open(&store, config, &sources, &world)
    };
    let first = build.clone();
    let engine = tokio::task::spawn_blocking(move || first(config));
    let engine = engine.await.map_err(std::io::Error::other).map_err(DemoFault::from)?;
    let file = place.config();
    let reload = move || Ok(build(as_written(&file)?)?);
    Ok(serve_at(listeners, engine.map_err(DemoFault::from)?, Arc::new(reload), signals).await?)
}

/// What the demo's file says now: whoever tries a reload out has changed it. Its letters leave as fast as they can all the same.
fn as_written(file: &Path) -> Result<Config, ReloadFault> {
    let mut config = load::file(file).map_err(EngineFault::Faults)?;
    config.sending.max_per_minute = 0;
    Ok(config)
}

/// Why a demo could not be visited.
#[derive(Debug, thiserror::Error)]
pub enum VisitFault {
    /// It could not be put together.
    #[error(transparent)]
    Demo(#[from] DemoFault),
    /// It could not be served.
    #[error(transparent)]
    Serve(#[from] ServeFault),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::triage::judging::JudgingMode;
    use crate::daemon::demo::folder::text;

    #[test]
    fn a_reload_takes_what_the_file_says_by_then_or_says_what_is_wrong_with_it() {
        let dir = tempfile::tempdir().unwrap();
        let until = "2026-11-26T12:00:00Z".parse().unwrap();
        let place = DemoFolder { directory: dir.path().to_owned(), seed: 1, until, listeners: None };
        let told = text(&place).unwrap();
        let read = |text: &str| {
            std::fs::write(place.config(), text).unwrap();
            as_written(&place.config())
        };
        assert_eq!(read(&told).unwrap().checklists.mode, JudgingMode::Triage);
        let changed = told.replace("mode = \"triage\"", "mode = \"education\"");
        assert_ne!(changed, told);
        let config = read(&changed).unwrap();
        assert_eq!((config.checklists.mode, config.sending.max_per_minute), (JudgingMode::Education, 0));
        let fault = read(&told.replace("mode = \"triage\"", "mode = \"guess\"")).unwrap_err().to_string();
        assert!(fault.contains("aftercare.toml:") && fault.contains("mode"), "{fault}");
    }
}
