//! What is recorded of a patient changes at a person's request: name, address, language, zone, status, plan. All of one request
//! stands or falls together.

use jiff::civil::Date;

use super::{contact, duplicates, opt_out, proxy, resume, status};
use crate::care::address::EmailAddress;
use crate::care::patient::{Detail, Patient, PatientId, PatientStatus, PreferredName};
use crate::care::task::TaskKind as Task;
use crate::journey::answers::link_access;
use crate::journey::deps::Deps;
use crate::journey::errors::people::record::RecordError;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::opt_out_reasons::NO_ADDRESS;
use crate::journey::patients::contact::ContactChange;
use crate::journey::patients::proxy::ProxyChange;
use crate::journey::patients::resume::StopReason;
use crate::journey::patients::status::{death_pause, waiting_letters};
use crate::journey::plan::enrol::{self, Course};
use crate::journey::plan::replan;
use crate::journey::sending_policy::{Policy, zone};
use crate::journey::status_change::StatusChange;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::Tx;
use crate::store::people::preferences::LetterKind;
use crate::store::plan::follow_ups::Enrolment;

/// What is to be written differently; `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Correction {
    /// What she wants to be called.
    pub name: Option<PreferredName>,
    /// Birth date, the second factor of her pages.
    pub birth_on: Option<Date>,
    /// The address that letters go to.
    pub email: Option<AddressChange>,
    /// BCP 47 primary language of letters and pages.
    pub language: Option<String>,
    /// IANA name of her zone; open follow-ups work out their hours anew.
    pub zone: Option<String>,
    /// How much letters may say.
    pub detail: Option<DetailChoice>,
    /// Whether others read the same mailbox.
    pub shared_inbox: Option<bool>,
    /// How she is reached by telephone.
    pub contact: Option<ContactChange>,
    /// Who acts for her and gets her letters in her place.
    pub proxy: Option<ProxyChange>,
}

/// What becomes of the address that letters to her go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressChange {
    /// This one stands in its place.
    Replaced(EmailAddress),
    /// She has none any more: people reach her in the letters' place.
    TakenAway,
}

impl AddressChange {
    fn after(&self) -> Option<EmailAddress> {
        match self {
            Self::Replaced(email) => Some(email.clone()),
            Self::TakenAway => None,
        }
    }
}

/// How much letters to her say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DetailChoice {
    /// This level, whatever the clinic's is.
    Own(Detail),
    /// The clinic's level, and it goes with it.
    Clinics,
}

/// A change of her plan.
#[derive(Debug, Clone)]
pub enum PlanAmendment {
    /// One more protocol beside what she is on.
    Add(Course),
    /// In place of this enrolment.
    Instead(Enrolment, Course),
    /// This enrolment ends with nothing in its place, for this reason.
    End(Enrolment, String),
}

/// Everything one request changes.
#[derive(Debug, Clone, Default)]
pub struct Amendment {
    /// Fields of her record to write over.
    pub correction: Correction,
    /// Where she stands from now on; `None` leaves her status as it is.
    pub status: Option<StatusChange>,
    /// Kinds of letters she wants again.
    pub wants_again: Vec<LetterKind>,
    /// Whether her locked forms open again, after somebody has spoken with her.
    pub opens_forms: bool,
    /// Changes of her plan, made in this order.
    pub turns: Vec<PlanAmendment>,
}

/// Writes an amendment down.
///
/// # Errors
/// [`StepError`]; then nothing of it was recorded.
pub fn amend(tx: &mut Tx<'_>, id: PatientId, ask: &Amendment, clinic: &Deps) -> Result<(), StepError> {
    let policy = &clinic.policy;
    correct(tx, id, &ask.correction, policy)?;
    if let Some(change) = &ask.status {
        status::change(tx, &tx.patient(id)?, change)?;
    }
    if ask.correction.email == Some(AddressChange::TakenAway) {
        // Her status may have changed with it, and its tasks.
        out_of_reach(tx, id)?;
    }
    if !ask.wants_again.is_empty() {
        opt_out::undo(tx, id, &ask.wants_again)?;
    }
    if ask.opens_forms {
        link_access::unlock(tx, id)?;
    }
    for turn in &ask.turns {
        match turn {
            PlanAmendment::Add(course) => enrol::add_course(tx, &tx.patient(id)?, course, policy)?,
            PlanAmendment::Instead(old, course) => drop(replan::apply(tx, old, course, clinic)?),
            PlanAmendment::End(old, reason) => replan::stop(tx, old, reason, clinic)?,
        }
    }
    Ok(())
}

fn correct(tx: &mut Tx<'_>, id: PatientId, ask: &Correction, policy: &Policy) -> Result<(), StepError> {
    let before = tx.patient(id)?;
    let mut after = before.clone();
    let mut fields = overwrite(&mut after, ask, policy);
    if let Some(change) = &ask.contact {
        fields.extend(contact::change(tx, id, change)?);
    }
    if let Some(change) = &ask.proxy {
        proxy::change(tx, &after, change, policy)?;
        fields.push("proxy");
    }
    if fields.is_empty() {
        return Ok(());
    }
    if before.email != after.email {
        policy.refuse_own(after.email.as_ref())?;
    }
    may_share(tx, &after)?;
    zone(&after.zone)?;
    tx.update_patient(&after)?;
    tx.audit(AuditAction::PatientCorrected, id, &serde_json::json!({ "fields": fields }))?;
    if (&before.name, before.birth_on) != (&after.name, after.birth_on) && !death_pause::of_alike(tx, id)? {
        duplicates::suspect(tx, id, &after.name, after.birth_on)?;
    }
    if before.zone != after.zone {
        look_again(tx, &after)?;
    }
    if before.email != after.email && after.email.is_some() {
        reachable_again(tx, &after)?;
    }
    Ok(())
}

/// Writes what differs and names the fields, never their content.
fn overwrite(patient: &mut Patient, ask: &Correction, policy: &Policy) -> Vec<&'static str> {
    let mut fields = Vec::new();
    put(&mut patient.name, ask.name.as_ref(), "preferred_name", &mut fields);
    put(&mut patient.birth_on, ask.birth_on.as_ref(), "birth_date", &mut fields);
    put(&mut patient.email, ask.email.as_ref().map(AddressChange::after).as_ref(), "email", &mut fields);
    put(&mut patient.language, ask.language.as_ref(), "language", &mut fields);
    put(&mut patient.zone, ask.zone.as_ref(), "zone", &mut fields);
    let before = (patient.detail, patient.detail_follows);
    match ask.detail {
        Some(DetailChoice::Own(level)) => (patient.detail, patient.detail_follows) = (level, false),
        Some(DetailChoice::Clinics) => (patient.detail, patient.detail_follows) = (policy.detail, true),
        None => {}
    }
    fields.extend((before != (patient.detail, patient.detail_follows)).then_some("detail"));
    put(&mut patient.shared_inbox, ask.shared_inbox.as_ref(), "shared_inbox", &mut fields);
    fields
}

fn put<T: Clone + PartialEq>(
    field: &mut T,
    wanted: Option<&T>,
    name: &'static str,
    fields: &mut Vec<&'static str>,
) {
    if let Some(wanted) = wanted.filter(|wanted| *wanted != field) {
        field.clone_from(wanted);
        fields.push(name);
    }
}

fn may_share(tx: &Tx<'_>, patient: &Patient) -> Result<(), StepError> {
    let Some(email) = &patient.email else { return Ok(()) };
    let others: Vec<_> = tx.sharing(email)?.into_iter().filter(|(id, _)| *id != patient.id).collect();
    let agreed = patient.shared_inbox && others.iter().all(|(_, shared)| *shared);
    if others.is_empty() || agreed { Ok(()) } else { Err(RecordError::SharedInbox.into()) }
}

/// Local hours moved: every open follow-up works out again when it asks for something.
fn look_again(tx: &mut Tx<'_>, patient: &Patient) -> Result<(), StepError> {
    if !patient.status.keeps_plan() {
        return Ok(());
    }
    for follow_up in tx.follow_ups_of(patient.id)? {
        if follow_up.is_open() {
            tx.set_next(follow_up.id, Some(tx.at()))?;
        }
    }
    Ok(())
}

/// A new address ends the tasks about the old one, and brings her back where only the address stood in the way.
fn reachable_again(tx: &mut Tx<'_>, patient: &Patient) -> Result<(), StepError> {
    tx.close_tasks_of(patient.id, &[Task::Unreachable], "a new address is on record")?;
    // Letters wait for the end of her pause, and not for an address any more.
    if patient.status == PatientStatus::Paused {
        tx.close_tasks_of(patient.id, &[Task::AddressBad], "a new address is on record")?;
    }
    resume::is_over(tx, patient.id, StopReason::NoAddress)?;
    if patient.status == PatientStatus::AddressBad {
        let reason = "a new address is on record".to_owned();
        let back = StatusChange { to: PatientStatus::Active, reason, until: None, confirmed_by: None };
        status::change(tx, patient, &back)?;
    }
    Ok(())
}

/// She has no address any more: what waited for her is withdrawn, to be laid again once there is one, and a person is asked to
/// reach her another way (P7). To whoever acts for her letters go on.
fn out_of_reach(tx: &mut Tx<'_>, id: PatientId) -> Result<(), StepError> {
    let patient = tx.patient(id)?;
    if patient.letters_to().is_some() {
        return Ok(());
    }
    waiting_letters::stop(tx, id, NO_ADDRESS)?;
    // What the mail server said during a pause was about the address that is gone.
    if patient.status == PatientStatus::Paused {
        tx.close_tasks_of(id, &[Task::AddressBad], "the address was taken away")?;
    }
    if patient.status.is_asked_by_letter() {
        tx.open_task(&enrol::unreachable(id, tx.at()))?;
    }
    Ok(())
}
