//! The birth date, where a form's link asks for one: a POST compares it, counts the wrong ones and locks her forms at the fifth.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use super::{ClosedLink, LinkRequest, LinkState, LinkUse, OwnedLink, form_link, note_dead};
use crate::care::actor::Actor;
use crate::care::task::TaskKind;
use crate::care::time::span::later;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::sending_policy::in_days;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// So many wrong birth dates lock a patient's forms.
const TRIES: u32 = 5;
/// How long a passed check holds.
const PASS_HOLDS: Duration = Duration::from_secs(2 * 3600);

/// What a birth date led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proved {
    /// It is right: this pass opens the form for two hours.
    Pass(String),
    /// Nobody is asked for a date through this link: nothing was compared, and no try counted.
    NotAsked,
    /// It is wrong; after so many more wrong ones her forms lock.
    Wrong {
        /// How many tries are left; never 0.
        left: u32,
    },
    /// The link stays shut.
    Shut(ClosedLink),
}

/// Checks a birth date, where the link asks for one. The fifth wrong one locks her forms and asks a person to ring her.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn prove(clinic: &Deps, now: Timestamp, token: String, born_on: Date) -> Result<Proved, StepError> {
    let steps = clinic.clone();
    let stamp = Stamp { at: now, actor: Actor::Patient };
    clinic.store.write(stamp, move |tx| check(tx, &token, born_on, &steps)).await
}

fn check(tx: &mut Tx<'_>, token: &str, born_on: Date, clinic: &Deps) -> Result<Proved, StepError> {
    let request = LinkRequest { token, pass: None, at: tx.at() };
    let OwnedLink { link, patient } = match form_link(tx, request, LinkUse::Send, clinic)? {
        LinkState::Birth(owned) => owned,
        LinkState::Open(_) => return Ok(Proved::NotAsked),
        LinkState::Shut(shut, owner) => {
            note_dead(tx, shut, owner)?;
            return Ok(Proved::Shut(shut));
        }
    };
    if patient.birth_on == born_on {
        tx.forgive_tries(patient.id)?;
        if link.patient != patient.id {
            tx.forgive_tries(link.patient)?;
        }
        tx.note_opened(link.id)?;
        return Ok(Proved::Pass(clinic.key.pass(link.id, later(tx.at(), PASS_HOLDS))));
    }
    let tries = tx.count_try(&link)?;
    let subject = Subject::Link(link.id);
    tx.audit(AuditAction::LinkWrongBirthDate, subject, &serde_json::json!({ "tries": tries }))?;
    let left = TRIES.saturating_sub(tries);
    if left > 0 {
        return Ok(Proved::Wrong { left });
    }
    tx.lock_forms(patient.id)?;
    tx.open_task(&NewTask {
        kind: TaskKind::LinkLocked,
        cause: Subject::from(patient.id).to_string(),
        patient: Some(patient.id),
        follow_up: None,
        reason: "The birth-date check on her page failed too often; her forms are locked.".to_owned(),
        due_at: in_days(tx.at(), 1),
    })?;
    Ok(Proved::Shut(ClosedLink::Locked))
}
