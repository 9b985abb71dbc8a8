//! The last agreed day of whoever acts for a patient has passed: from then on letters go to herself, and a person asks her. Looked
//! at once a minute, and again right before a letter is sealed (P2).

use jiff::Timestamp;

use crate::care::patient::{Patient, Proxy};
use crate::care::task::TaskKind;
use crate::journey::errors::step::StepError;
use crate::journey::sending_policy::{day, in_days, zone};
use crate::store::db::transaction::Tx;
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// Why it ended, in words for staff.
const OVER: &str = "the agreed time is over";

/// Takes off her record whoever acts for her no more at that instant, by her own calendar.
pub(in crate::journey) fn ended(patient: &mut Patient, at: Timestamp) -> Result<Option<Proxy>, StepError> {
    let today = day(at, &zone(&patient.zone)?);
    Ok(patient.proxy.take_if(|proxy| proxy.is_over(today)))
}

/// Ends what is over by her own calendar; gives her record as it stands then.
pub(in crate::journey) fn settle(tx: &mut Tx<'_>, mut patient: Patient) -> Result<Patient, StepError> {
    let Some(over) = ended(&mut patient, tx.at())? else { return Ok(patient) };
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
