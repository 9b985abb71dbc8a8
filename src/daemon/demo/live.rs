//! After the story: the demo's pages, alive on this machine until Ctrl-C, with one alert that rings and one form to fill in.

use std::sync::Arc;

use jiff::Timestamp;

use super::replies::{AnsweredForm, answer};
use crate::care::address::EmailAddress;
use crate::care::patient::{Patient, PatientStatus};
use crate::care::permission::StaffRole;
use crate::care::plan::protocol::FollowUpKind;
use crate::clock::{SystemClock, SystemEntropy};
use crate::config::sources::Sources;
use crate::daemon::assembly::engine::{Engine, World};
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
    let build = move || {
        let world = World { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) };
        Engine::open(&store, config.clone(), &Sources::shipped(), &world)
    };
    let first = build.clone();
    let engine =
        tokio::task::spawn_blocking(first).await.map_err(std::io::Error::other).map_err(DemoFault::from)?;
    let reload = move || build().map_err(|fault| ReloadFault::Faulty(fault.to_string()));
    Ok(serve_at(listeners, engine.map_err(DemoFault::from)?, Arc::new(reload), signals).await?)
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
