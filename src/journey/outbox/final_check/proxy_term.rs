//! The last agreed day of whoever acts for a patient has passed: from then on letters go to herself, and a person asks her. Looked
//! at once a minute, and again right before a letter is sealed (P2).

use crate::care::patient::Patient;
use crate::care::task::TaskKind;
use crate::journey::errors::step::StepError;
use crate::journey::sending_policy::{day, in_days, zone};
use crate::store::db::transaction::Tx;
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// Why it ended, in words for staff.
const OVER: &str = "the agreed time is over";

/// Ends what is over by her own calendar; gives her record as it stands then.
pub(in crate::journey) fn settle(tx: &mut Tx<'_>, mut patient: Patient) -> Result<Patient, StepError> {
    let today = day(tx.at(), &zone(&patient.zone)?);
    let Some(over) = patient.proxy.take_if(|proxy| proxy.is_over(today)) else { return Ok(patient) };
    tx.end_proxy(patient.id, over.id, OVER)?;
    let goes_to = match patient.email {
        Some(_) => "letters go to her own address now",
        None => "she has no address of her own",
    };
    tx.open_task(&NewTask {
        kind: TaskKind::ReviewPlan,
        cause: Subject::from(patient.id).part("proxy-over"),
        patient: Some(patient.id),
        follow_up: None,
        reason: format!("The time agreed with whoever acted for her is over, and {goes_to}: ask her."),
        due_at: in_days(tx.at(), 1),
    })?;
    Ok(patient)
}
