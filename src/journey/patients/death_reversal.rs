//! A death that was recorded by mistake is undone by two people, each in a session of their own: one asks and says why,
//! another agrees. Until then she stays recorded as deceased and nothing is written to her (P2).

use std::time::Duration;

use jiff::Timestamp;

use crate::care::patient::{Patient, PatientId};
use crate::care::permission::Act;
use crate::care::task::TaskKind;
use crate::journey::StepError;
use crate::journey::authorize::{has_somebody_for, permit, permit_or_operator};
use crate::journey::patients::status::StatusChange;
use crate::journey::sending_policy::later;
use crate::store::Tx;
use crate::store::people::death_reversals::{Reversal, ReversalOutcome};
use crate::store::work::tasks::NewTask;

/// Whoever has not been agreed with by then asks again.
const HOLDS: Duration = Duration::from_secs(7 * 24 * 3600);

/// What became of a wish to undo a recorded death.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::journey) enum ReversalRequest {
    /// It is on record and waits for a second person.
    Asked,
    /// The actor is the second person.
    Agreed,
}

/// The actor asks for a recorded death to be undone, or agrees with whoever asked.
///
/// # Errors
/// [`StepError::NotSignedIn`] where there are accounts and the actor has none; [`StepError::SecondPerson`] when the one who
/// asked asks again; the store's own.
pub(in crate::journey) fn wish(
    tx: &mut Tx<'_>,
    patient: &Patient,
    change: &StatusChange,
) -> Result<ReversalRequest, StepError> {
    // Where nobody has an account, two different users of the machine are the two people.
    if has_somebody_for(tx, Act::UndoDeath)? {
        permit(tx, Act::UndoDeath)?;
    }
    let open = standing(tx, patient.id)?.filter(|asked| asked.to == change.to);
    match open {
        Some(asked) if asked.asked_by.eq_ignore_ascii_case(tx.actor()) => Err(StepError::SecondPerson),
        Some(asked) => {
            tx.answer_reversal(&asked, ReversalOutcome::Agreed)?;
            tx.close_tasks_of(patient.id, &[TaskKind::DeathInQuestion], "a second person agreed")?;
            Ok(ReversalRequest::Agreed)
        }
        None => ask(tx, patient, change).map(|()| ReversalRequest::Asked),
    }
}

/// The actor agrees with whoever asked for a patient's recorded death to be undone.
///
/// # Errors
/// As [`wish`]; [`StepError::NothingAsked`] when nobody asks any more.
pub fn agree(tx: &mut Tx<'_>, patient: &Patient) -> Result<(), StepError> {
    let asked = standing(tx, patient.id)?.ok_or(StepError::NothingAsked)?;
    let change = StatusChange { to: asked.to, reason: asked.reason, until: None, confirmed_by: None };
    super::status::change(tx, patient, &change)
}

/// The actor says that the record is right.
///
/// # Errors
/// [`StepError::NotSignedIn`] where there are accounts and the actor has none; the store's own.
pub fn refuse(tx: &mut Tx<'_>, patient: PatientId) -> Result<(), StepError> {
    permit_or_operator(tx, Act::UndoDeath)?;
    decline(tx, patient)
}

/// What stands asked; what nobody agreed to in time, or before the clock was set back, is over.
fn standing(tx: &mut Tx<'_>, patient: PatientId) -> Result<Option<Reversal>, StepError> {
    let Some(asked) = tx.reversal_of(patient)? else { return Ok(None) };
    if is_open(&asked, tx.at()) {
        return Ok(Some(asked));
    }
    tx.answer_reversal(&asked, ReversalOutcome::Expired)?;
    tx.close_tasks_of(patient, &[TaskKind::DeathInQuestion], "nobody agreed in time")?;
    Ok(None)
}

/// Whether somebody else can still agree.
#[must_use]
pub fn is_open(asked: &Reversal, now: Timestamp) -> bool {
    asked.asked_at <= now && now < asked.expires_at
}

fn ask(tx: &mut Tx<'_>, patient: &Patient, change: &StatusChange) -> Result<(), StepError> {
    decline(tx, patient.id)?;
    let until = later(tx.at(), HOLDS);
    tx.ask_reversal(patient.id, (change.to, change.reason.trim()), until)?;
    let by = tx.actor().split_once(':').map_or(tx.actor(), |(_, name)| name).to_owned();
    tx.open_task(&NewTask {
        kind: TaskKind::DeathInQuestion,
        cause: format!("patient/{}", patient.id.0),
        patient: Some(patient.id),
        follow_up: None,
        reason: format!("{by} says that her death was recorded by mistake: {}", change.reason.trim()),
        due_at: tx.at(),
    })?;
    Ok(())
}

/// The record is right, or something else is asked: what stands asked is declined.
pub(in crate::journey) fn decline(tx: &mut Tx<'_>, patient: PatientId) -> Result<(), StepError> {
    if let Some(asked) = tx.reversal_of(patient)? {
        tx.answer_reversal(&asked, ReversalOutcome::Declined)?;
        tx.close_tasks_of(patient, &[TaskKind::DeathInQuestion], "it was declined, or asked anew")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::patient::PatientStatus;
    use crate::journey::fixture::{House, due, house, minutes, triage};
    use crate::journey::operations::close_task;
    use crate::journey::patients::status;

    const ACTIVE: PatientStatus = PatientStatus::Active;

    fn asks(house: &House, by: &str, (to, minute): (PatientStatus, i64)) -> Result<(), StepError> {
        let her = house.her();
        let second = Some("dana".to_owned());
        let change = StatusChange {
            to,
            reason: "another record was meant".to_owned(),
            until: None,
            confirmed_by: second,
        };
        house.write((by, due() + minutes(minute)), move |tx| status::change(tx, &her, &change))
    }

    fn dead() -> House {
        let house = house(triage());
        asks(&house, "staff:nora", (PatientStatus::Deceased, 0)).unwrap();
        house
    }

    fn tasks(house: &House) -> Vec<i64> {
        let open = house.clinic.store.read(|v| v.tasks_open()).unwrap().into_iter();
        open.filter(|task| task.kind == TaskKind::DeathInQuestion).map(|task| task.id).collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_death_is_undone_by_two_who_are_each_signed_in() {
        let house = dead();
        for by in ["cli:root", "cli:nora", "daemon", "staff:nobody"] {
            assert!(matches!(asks(&house, by, (ACTIVE, 1)), Err(StepError::NotSignedIn)), "{by}");
        }
        asks(&house, "staff:nora", (ACTIVE, 1)).unwrap();
        assert_eq!(
            (house.her().status, tasks(&house).len()),
            (PatientStatus::Deceased, 1),
            "a name is not enough"
        );
        for by in ["staff:nora", "cli:dana", "staff:maria"] {
            assert!(asks(&house, by, (ACTIVE, 2)).is_err(), "{by}");
        }
        assert_eq!(house.her().status, PatientStatus::Deceased);
        asks(&house, "staff:dana", (ACTIVE, 3)).unwrap();
        assert_eq!((house.her().status, tasks(&house).len()), (ACTIVE, 0));
        house.clinic.store.read(crate::store::audit::verify).unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_account_that_is_off_agrees_to_nothing() {
        let house = dead();
        asks(&house, "staff:nora", (ACTIVE, 1)).unwrap();
        let off = |tx: &mut Tx<'_>| {
            let dana = tx.staff_named("dana")?;
            Ok(dana.map(|dana| tx.disable_staff(&dana)).transpose()?)
        };
        house.write(("cli:root", due()), off).unwrap();
        assert!(matches!(asks(&house, "staff:dana", (ACTIVE, 2)), Err(StepError::NotSignedIn)));
        assert_eq!(house.her().status, PatientStatus::Deceased);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_nobody_agreed_to_in_a_week_or_what_was_declined_is_asked_anew() {
        let house = dead();
        asks(&house, "staff:nora", (ACTIVE, 0)).unwrap();
        asks(&house, "staff:dana", (ACTIVE, 7 * 1440)).unwrap();
        assert_eq!(
            (house.her().status, tasks(&house).len()),
            (PatientStatus::Deceased, 1),
            "it was over: dana asks"
        );
        let task = tasks(&house)[0];
        house
            .write(("staff:nora", due() + minutes(7 * 1440)), move |tx| {
                close_task::close(tx, task, "she died")
            })
            .unwrap();
        asks(&house, "staff:nora", (ACTIVE, 7 * 1440 + 1)).unwrap();
        assert_eq!(house.her().status, PatientStatus::Deceased, "it was declined: nora asks");
        let her = house.her();
        let own = house.write(("staff:nora", due() + minutes(7 * 1440 + 2)), move |tx| agree(tx, &her));
        assert!(matches!(own, Err(StepError::SecondPerson)));
        let her = house.her();
        house.write(("staff:dana", due() + minutes(7 * 1440 + 2)), move |tx| agree(tx, &her)).unwrap();
        assert_eq!(house.her().status, ACTIVE);
        let her = house.her();
        let late = house.write(("staff:dana", due()), move |tx| agree(tx, &her));
        assert!(matches!(late, Err(StepError::NothingAsked)));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_second_who_asks_for_something_else_asks_anew() {
        let house = dead();
        asks(&house, "staff:nora", (ACTIVE, 1)).unwrap();
        asks(&house, "staff:dana", (PatientStatus::Transferred, 2)).unwrap();
        assert_eq!((house.her().status, tasks(&house).len()), (PatientStatus::Deceased, 1));
        asks(&house, "staff:nora", (PatientStatus::Transferred, 3)).unwrap();
        assert_eq!(house.her().status, PatientStatus::Transferred);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn where_nobody_has_an_account_two_users_of_the_machine_are_the_two_people() {
        let house = dead();
        let off = |tx: &mut Tx<'_>| {
            for staff in tx.staff()? {
                tx.disable_staff(&staff)?;
            }
            Ok(())
        };
        house.write(("cli:root", due()), off).unwrap();
        asks(&house, "cli:maria", (ACTIVE, 1)).unwrap();
        assert!(matches!(asks(&house, "cli:maria", (ACTIVE, 2)), Err(StepError::SecondPerson)));
        assert_eq!(house.her().status, PatientStatus::Deceased);
        asks(&house, "cli:jose", (ACTIVE, 3)).unwrap();
        assert_eq!(house.her().status, ACTIVE);
    }
}
