//! A run of letters refused alike turned out to be about us: they go again, and whoever lost her letters by it gets them again.

use crate::care::patient::PatientStatus;
use crate::care::task::TaskKind;
use crate::journey::delivery::failure::send_again::send_again;
use crate::journey::errors::people::status::StatusError;
use crate::journey::errors::step::StepError;
use crate::journey::patients::{proxy, status};
use crate::journey::status_change::StatusChange;
use crate::store::db::transaction::Tx;
use crate::store::mail::refusals::RepeatedRefusal;

/// What those are told who were put right.
const RIGHT: &str = "the mail server refused everybody alike, so it was not about her";

/// One letter of a run goes back to the outbox; who lost her letters by it gets them again.
pub(in crate::journey::delivery::failure) fn put_right(
    tx: &mut Tx<'_>,
    RepeatedRefusal { delivery, mailbox }: &RepeatedRefusal,
) -> Result<(), StepError> {
    proxy::address_stands(tx, mailbox, RIGHT)?;
    for stood in tx.stood_before(*delivery)? {
        let patient = tx.patient(stood.patient)?;
        if patient.status == PatientStatus::Paused {
            tx.close_tasks_of(patient.id, &[TaskKind::AddressBad], RIGHT)?;
            continue;
        }
        if patient.status != PatientStatus::AddressBad || stood.status == PatientStatus::AddressBad {
            continue;
        }
        let back = StatusChange {
            to: stood.status,
            reason: RIGHT.to_owned(),
            until: stood.until,
            confirmed_by: None,
        };
        match status::change(tx, &patient, &back) {
            // It would have ended meanwhile.
            Err(StepError::Status(StatusError::PauseOver)) => {
                status::change(
                    tx,
                    &patient,
                    &StatusChange { to: PatientStatus::Active, until: None, ..back },
                )?;
            }
            done => done?,
        }
        tx.close_tasks_of(patient.id, &[TaskKind::AddressBad], RIGHT)?;
    }
    send_again(tx, *delivery, RIGHT).map(drop)
}
