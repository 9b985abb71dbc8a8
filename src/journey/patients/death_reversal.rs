//! A death that was recorded by mistake is undone by two people, each in a session of their own: one asks and says why,
//! another agrees. Until then she stays recorded as deceased and nothing is written to her (P2).

use crate::care::patient::{Patient, PatientId};
use crate::care::permission::Act;
use crate::journey::authorize::permit_or_operator;
use crate::journey::errors::people::status::StatusError;
use crate::journey::errors::step::StepError;
use crate::journey::patients::reversal_request::{decline, standing};
use crate::journey::status_change::StatusChange;
use crate::store::db::transaction::Tx;

/// The actor agrees with whoever asked for a patient's recorded death to be undone.
///
/// # Errors
/// As [`wish`](super::reversal_request::wish); [`StatusError::NothingAsked`] when nobody asks any more.
pub fn agree(tx: &mut Tx<'_>, patient: &Patient) -> Result<(), StepError> {
    let asked = standing(tx, patient.id)?.ok_or(StatusError::NothingAsked)?;
    let change = StatusChange { to: asked.to, reason: asked.reason, until: None, confirmed_by: None };
    super::status::change(tx, patient, &change)
}

/// The actor says that the record is right.
///
/// # Errors
/// `PermissionError::NotSignedIn` where there are accounts and the actor has none; the store's own.
pub fn refuse(tx: &mut Tx<'_>, patient: PatientId) -> Result<(), StepError> {
    permit_or_operator(tx, Act::UndoDeath)?;
    decline(tx, patient)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::patient::PatientStatus;
    use crate::care::task::TaskKind;
    use crate::journey::errors::permission::PermissionError;
    use crate::journey::fixture::{Fixture, due, fixture, minutes, triage};
    use crate::journey::operations::close_task;
    use crate::journey::patients::status;

    const ACTIVE: PatientStatus = PatientStatus::Active;

    fn asks(fixture: &Fixture, by: &str, (to, minute): (PatientStatus, i64)) -> Result<(), StepError> {
        let her = fixture.her();
        let second = Some("dana".to_owned());
        let change = StatusChange {
            to,
            reason: "another record was meant".to_owned(),
            until: None,
            confirmed_by: second,
        };
        fixture.write((by, due() + minutes(minute)), move |tx| status::change(tx, &her, &change))
    }

    fn dead() -> Fixture {
        let fixture = fixture(triage());
        asks(&fixture, "staff:nora", (PatientStatus::Deceased, 0)).unwrap();
        fixture
    }

    fn tasks(fixture: &Fixture) -> Vec<i64> {
        let open = fixture.clinic.store.read(|v| v.tasks_open()).unwrap().into_iter();
        open.filter(|task| task.kind == TaskKind::DeathInQuestion).map(|task| task.id).collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_death_is_undone_by_two_who_are_each_signed_in() {
        let fixture = dead();
        for by in ["cli:root", "cli:nora", "daemon", "staff:nobody"] {
            assert!(
                matches!(
                    asks(&fixture, by, (ACTIVE, 1)),
                    Err(StepError::Permission(PermissionError::NotSignedIn))
                ),
                "{by}"
            );
        }
        asks(&fixture, "staff:nora", (ACTIVE, 1)).unwrap();
        assert_eq!(
            (fixture.her().status, tasks(&fixture).len()),
            (PatientStatus::Deceased, 1),
            "a name is not enough"
        );
        for by in ["staff:nora", "cli:dana", "staff:maria"] {
            assert!(asks(&fixture, by, (ACTIVE, 2)).is_err(), "{by}");
        }
        assert_eq!(fixture.her().status, PatientStatus::Deceased);
        asks(&fixture, "staff:dana", (ACTIVE, 3)).unwrap();
        assert_eq!((fixture.her().status, tasks(&fixture).len()), (ACTIVE, 0));
        fixture.clinic.store.read(crate::store::audit::verify).unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_account_that_is_off_agrees_to_nothing() {
        let fixture = dead();
        asks(&fixture, "staff:nora", (ACTIVE, 1)).unwrap();
        let off = |tx: &mut Tx<'_>| {
            let dana = tx.staff_named("dana")?;
            Ok(dana.map(|dana| tx.disable_staff(&dana)).transpose()?)
        };
        fixture.write(("cli:root", due()), off).unwrap();
        assert!(matches!(
            asks(&fixture, "staff:dana", (ACTIVE, 2)),
            Err(StepError::Permission(PermissionError::NotSignedIn))
        ));
        assert_eq!(fixture.her().status, PatientStatus::Deceased);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_nobody_agreed_to_in_a_week_or_what_was_declined_is_asked_anew() {
        let fixture = dead();
        asks(&fixture, "staff:nora", (ACTIVE, 0)).unwrap();
        asks(&fixture, "staff:dana", (ACTIVE, 7 * 1440)).unwrap();
        assert_eq!(
            (fixture.her().status, tasks(&fixture).len()),
            (PatientStatus::Deceased, 1),
            "it was over: dana asks"
        );
        let task = tasks(&fixture)[0];
        fixture
            .write(("staff:nora", due() + minutes(7 * 1440)), move |tx| {
                close_task::close(tx, task, "she died")
            })
            .unwrap();
        asks(&fixture, "staff:nora", (ACTIVE, 7 * 1440 + 1)).unwrap();
        assert_eq!(fixture.her().status, PatientStatus::Deceased, "it was declined: nora asks");
        let her = fixture.her();
        let own = fixture.write(("staff:nora", due() + minutes(7 * 1440 + 2)), move |tx| agree(tx, &her));
        assert!(matches!(own, Err(StepError::Status(StatusError::SecondPerson))));
        let her = fixture.her();
        fixture.write(("staff:dana", due() + minutes(7 * 1440 + 2)), move |tx| agree(tx, &her)).unwrap();
        assert_eq!(fixture.her().status, ACTIVE);
        let her = fixture.her();
        let late = fixture.write(("staff:dana", due()), move |tx| agree(tx, &her));
        assert!(matches!(late, Err(StepError::Status(StatusError::NothingAsked))));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_second_who_asks_for_something_else_asks_anew() {
        let fixture = dead();
        asks(&fixture, "staff:nora", (ACTIVE, 1)).unwrap();
        asks(&fixture, "staff:dana", (PatientStatus::Transferred, 2)).unwrap();
        assert_eq!((fixture.her().status, tasks(&fixture).len()), (PatientStatus::Deceased, 1));
        asks(&fixture, "staff:nora", (PatientStatus::Transferred, 3)).unwrap();
        assert_eq!(fixture.her().status, PatientStatus::Transferred);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn where_nobody_has_an_account_two_users_of_the_machine_are_the_two_people() {
        let fixture = dead();
        let off = |tx: &mut Tx<'_>| {
            for staff in tx.staff()? {
                tx.disable_staff(&staff)?;
            }
            Ok(())
        };
        fixture.write(("cli:root", due()), off).unwrap();
        asks(&fixture, "cli:maria", (ACTIVE, 1)).unwrap();
        assert!(matches!(
            asks(&fixture, "cli:maria", (ACTIVE, 2)),
            Err(StepError::Status(StatusError::SecondPerson))
        ));
        assert_eq!(fixture.her().status, PatientStatus::Deceased);
        asks(&fixture, "cli:jose", (ACTIVE, 3)).unwrap();
        assert_eq!(fixture.her().status, ACTIVE);
    }
}
