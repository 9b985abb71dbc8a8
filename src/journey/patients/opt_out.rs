//! She does not want some letters, or none. It never ends her follow-up: a person is asked to agree another way (P8).

use jiff::Timestamp;

use super::{resume, status};
use crate::care::actor::Actor;
use crate::care::patient::{Patient, PatientId, PatientStatus};
use crate::care::task::TaskKind as Task;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::link_key::{LinkKey, find};
use crate::journey::outbox::opt_out_reasons::{ask, kinds, reason};
use crate::journey::patients::resume::StopReason;
use crate::journey::plan::withdraw_follow_up::withdraw;
use crate::journey::status_change::StatusChange;
use crate::store::answers::links::LinkPurpose;
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::people::patients::NewStatus;
use crate::store::people::preferences::LetterKind;

/// Why no letter leaves any more.
const NO_LETTERS: &str = "she wants no letters";

/// Where she stands once a message of hers says that she wants no letters.
pub(in crate::journey::patients) const fn by_message() -> NewStatus<'static> {
    NewStatus { to: PatientStatus::OptedOutEmail, reason: NO_LETTERS, suspected_death: None }
}

/// What she chose on the opt-out page, or told staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptOutChoice {
    /// No letters at all; also what one click in a mail program means (RFC 8058).
    Everything,
    /// None of these kinds; the others stay or come back.
    Kinds(Vec<LetterKind>),
}

/// What the opt-out page shows: no name, no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptOutView {
    /// The language of the page.
    pub language: String,
    /// Kinds she does not want now.
    pub declined: Vec<LetterKind>,
    /// Whether she gets no letters at all.
    pub everything: bool,
    /// Whether a person is to ask her for another way.
    pub asked: bool,
}

/// What the page of an opt-out link shows; `None` for a link that is not one, or whose owner has died. Changes nothing.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn look(clinic: &Deps, token: &str) -> Result<Option<OptOutView>, StepError> {
    clinic.store.read(|view| {
        let Some(patient) = owner(view, &clinic.key, token)? else { return Ok(None) };
        Ok(Some(OptOutView {
            declined: view.declined(patient.id)?,
            everything: patient.status == PatientStatus::OptedOutEmail,
            asked: view.has_task(patient.id, Task::OptedOut)?,
            language: patient.letter_language().to_owned(),
        }))
    })
}

/// An opt-out link works as long as its owner lives: someone who wants no letters is never sent away.
fn owner(view: &View<'_>, key: &LinkKey, token: &str) -> Result<Option<Patient>, StepError> {
    let link = find(view, key, token)?.filter(|l| l.purpose == LinkPurpose::OptOut);
    let owner = link.map(|l| view.patient(view.record_that_stays(l.patient)?)).transpose()?;
    Ok(owner.filter(|patient| patient.status != PatientStatus::Deceased))
}

/// Records what she chose. Returns whether the link was good.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn opt_out(
    clinic: &Deps,
    now: Timestamp,
    token: String,
    choice: OptOutChoice,
) -> Result<bool, StepError> {
    let steps = clinic.clone();
    let stamp = Stamp { at: now, actor: Actor::Patient };
    let job = move |tx: &mut Tx<'_>| -> Result<bool, StepError> {
        let Some(patient) = owner(tx, &steps.key, &token)? else { return Ok(false) };
        choose(tx, &patient, &choice)?;
        Ok(true)
    };
    clinic.store.write(stamp, job).await
}

/// [`opt_out`] by phone or letter: staff record it.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn choose(tx: &mut Tx<'_>, patient: &Patient, choice: &OptOutChoice) -> Result<(), StepError> {
    match choice {
        // That she may have died stands: whoever pressed the button in her mailbox does not end it.
        OptOutChoice::Everything if patient.may_have_died() => decline(tx, patient.id, &LetterKind::ALL),
        OptOutChoice::Everything if patient.status.is_asked_by_letter() => {
            let reason = NO_LETTERS.to_owned();
            let change =
                StatusChange { to: PatientStatus::OptedOutEmail, reason, until: None, confirmed_by: None };
            status::change(tx, patient, &change)
        }
        // The same wish again, from a mail program that asks twice: it stands, and its task was opened.
        OptOutChoice::Everything if patient.status == PatientStatus::OptedOutEmail => Ok(()),
        // Someone who gets no letters for another reason keeps that reason; when it ends, the wish still stands.
        OptOutChoice::Everything => decline(tx, patient.id, &LetterKind::ALL),
        OptOutChoice::Kinds(kinds) => {
            for kind in LetterKind::ALL.into_iter().filter(|k| !kinds.contains(k)) {
                tx.accept_again(patient.id, kind)?;
                resume::is_over(tx, patient.id, StopReason::Declined(kind))?;
            }
            decline(tx, patient.id, kinds)?;
            ask_no_more(tx, patient.id)
        }
    }
}

pub(in crate::journey) fn decline(
    tx: &mut Tx<'_>,
    patient: PatientId,
    kinds: &[LetterKind],
) -> Result<(), StepError> {
    let mut is_new = false;
    for kind in kinds {
        if tx.decline(patient, *kind)? {
            is_new = true;
            for follow_up in tx.follow_ups_of(patient)?.iter().filter(|f| LetterKind::of(f.kind) == *kind) {
                withdraw(tx, follow_up, &reason(*kind))?;
            }
        }
    }
    // A wish that stands already asks nobody again.
    if is_new { ask(tx, patient) } else { Ok(()) }
}

/// Staff take an opt-out by kind back, after she said so. What it ended is laid again while it is of use.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn undo(tx: &mut Tx<'_>, patient: PatientId, kinds: &[LetterKind]) -> Result<(), StepError> {
    for kind in kinds {
        tx.accept_again(patient, *kind)?;
        resume::is_over(tx, patient, StopReason::Declined(*kind))?;
    }
    ask_no_more(tx, patient)
}

/// Once she wants every kind again nobody needs to ask her for another way.
fn ask_no_more(tx: &mut Tx<'_>, patient: PatientId) -> Result<(), StepError> {
    if tx.declined(patient)?.is_empty() {
        tx.close_tasks_caused(Task::OptedOut, &kinds(patient), "she wants letters again")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::delivery::DeliveryState;
    use crate::journey::answers::link_access::{self, ClosedLink, LinkView};
    use crate::journey::fixture::{Fixture, due, fixture, minutes, page, sure, triage};
    use crate::journey::plan::fall_due::fall_due;

    fn open(fixture: &Fixture) -> bool {
        fixture.clinic.store.read(|v| v.has_task(fixture.patient, Task::OptedOut)).unwrap()
    }

    async fn says(fixture: &Fixture, choice: OptOutChoice) {
        let token = fixture.token(LinkPurpose::OptOut);
        assert!(opt_out(&fixture.clinic, due(), token, choice).await.unwrap());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn declining_a_kind_stops_its_letters_opens_a_task_and_keeps_her_plan() {
        let fixture = fixture(triage());
        fall_due(&fixture.clinic, sure(due())).await.unwrap();
        says(&fixture, OptOutChoice::Kinds(vec![LetterKind::Checklists])).await;
        assert!(open(&fixture));
        let waiting = fixture.clinic.store.read(|v| v.letters_waiting(fixture.patient)).unwrap();
        assert!(waiting.iter().all(|l| l.state != DeliveryState::Pending));
        assert_eq!(fixture.her().status, PatientStatus::Active);

        let task = fixture.clinic.store.read(|v| v.tasks_of(fixture.patient)).unwrap().remove(0).id;
        fixture.write(("staff:nora", due()), move |tx| Ok(tx.close_task(task, "by phone")?)).unwrap();
        // The next form she will not be written about opens it again: nobody falls out silently.
        let next = due() + minutes(31 * 1440);
        assert_eq!(fall_due(&fixture.clinic, sure(next)).await.unwrap().due, 0);
        assert!(open(&fixture));
        assert!(fixture.clinic.store.read(|v| v.findings()).unwrap().is_empty());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_kind_taken_back_is_written_about_again() {
        let fixture = fixture(triage());
        says(&fixture, OptOutChoice::Kinds(vec![LetterKind::Checklists, LetterKind::Leaflets])).await;
        says(&fixture, OptOutChoice::Kinds(vec![LetterKind::Leaflets])).await;
        assert_eq!(fall_due(&fixture.clinic, sure(due())).await.unwrap().due, 1);
        let id = fixture.patient;
        fixture.write(("staff:nora", due()), move |tx| undo(tx, id, &LetterKind::ALL)).unwrap();
        assert!(!open(&fixture));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_wants_every_kind_again_is_not_rung_about_it() {
        let fixture = fixture(triage());
        says(&fixture, OptOutChoice::Kinds(vec![LetterKind::Checklists, LetterKind::Leaflets])).await;
        says(&fixture, OptOutChoice::Kinds(vec![LetterKind::Leaflets])).await;
        assert!(open(&fixture), "one kind is still declined");
        says(&fixture, OptOutChoice::Kinds(Vec::new())).await;
        assert!(!open(&fixture));
        assert!(fixture.clinic.store.read(|v| v.findings()).unwrap().is_empty());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_wants_first_some_and_then_no_letters_is_rung_about_it_once() {
        let fixture = fixture(triage());
        says(&fixture, OptOutChoice::Kinds(vec![LetterKind::Checklists])).await;
        says(&fixture, OptOutChoice::Everything).await;
        let all = fixture.clinic.store.read(|v| v.tasks_open()).unwrap();
        let asks: Vec<_> = all.iter().filter(|task| task.kind == Task::OptedOut).collect();
        assert_eq!(asks.len(), 1);
        assert!(asks[0].reason.starts_with("Status is now \"no letters by e-mail\""), "{}", asks[0].reason);
        assert!(fixture.clinic.store.read(|v| v.findings()).unwrap().is_empty());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whatever_records_both_wishes_in_whatever_order_one_task_asks() {
        let none = || StatusChange {
            to: PatientStatus::OptedOutEmail,
            reason: "recorded before a backup was restored".to_owned(),
            until: None,
            confirmed_by: None,
        };
        for some_first in [true, false] {
            let fixture = fixture(triage());
            let her = fixture.her();
            let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
                let some = [LetterKind::Checklists];
                if some_first {
                    decline(tx, her.id, &some)?;
                }
                status::change(tx, &her, &none())?;
                if some_first { Ok(()) } else { decline(tx, her.id, &some) }
            };
            fixture.write(("staff:nora", due()), job).unwrap();
            let all = fixture.clinic.store.read(|v| v.tasks_open()).unwrap();
            let asks: Vec<_> = all.iter().filter(|task| task.kind == Task::OptedOut).collect();
            assert_eq!(asks.len(), 1, "some first: {some_first}");
            assert!(
                asks[0].reason.starts_with("Status is now \"no letters by e-mail\""),
                "{}",
                asks[0].reason
            );
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn everything_stops_every_letter_and_a_person_is_asked() {
        let fixture = fixture(triage());
        says(&fixture, OptOutChoice::Everything).await;
        assert_eq!((fixture.her().status, open(&fixture)), (PatientStatus::OptedOutEmail, true));
        let shown = look(&fixture.clinic, &fixture.token(LinkPurpose::OptOut)).unwrap().unwrap();
        assert!(shown.everything);
        assert_eq!(look(&fixture.clinic, "forged").unwrap(), None);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn after_a_death_is_undone_her_links_open_as_before() {
        let fixture = fixture(triage());
        let (form, wish) = (fixture.form(), fixture.token(LinkPurpose::OptOut));
        fixture.kept(due(), page(&form, "a", &[])).await;
        let stands = |by: &str, to: PatientStatus| {
            let her = fixture.her();
            let change = StatusChange { to, reason: "wrong record".into(), until: None, confirmed_by: None };
            let job = move |tx: &mut Tx<'_>| status::change(tx, &her, &change);
            fixture.write((by, due()), job).unwrap();
        };
        stands("staff:nora", PatientStatus::Deceased);
        assert_eq!(look(&fixture.clinic, &wish).unwrap(), None);
        assert!(matches!(
            link_access::open(
                &fixture.clinic,
                link_access::LinkRequest { token: &form, pass: None, at: due() }
            )
            .unwrap(),
            LinkView::Shut(ClosedLink::Dead, _)
        ));
        stands("staff:nora", PatientStatus::Active);
        stands("staff:dana", PatientStatus::Active);
        assert!(matches!(
            link_access::open(
                &fixture.clinic,
                link_access::LinkRequest { token: &form, pass: None, at: due() }
            )
            .unwrap(),
            LinkView::Shut(ClosedLink::Used, _)
        ));
        says(&fixture, OptOutChoice::Everything).await;
        assert_eq!(fixture.her().status, PatientStatus::OptedOutEmail);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn no_letters_at_all_never_hides_that_she_is_in_other_care() {
        let fixture = fixture(triage());
        let her = fixture.her();
        let change = StatusChange {
            to: PatientStatus::Palliative,
            reason: "x".into(),
            until: None,
            confirmed_by: None,
        };
        fixture.write(("staff:nora", due()), move |tx| status::change(tx, &her, &change)).unwrap();
        says(&fixture, OptOutChoice::Everything).await;
        assert_eq!(fixture.her().status, PatientStatus::Palliative);
        let declined = fixture.clinic.store.read(|v| v.declined(fixture.patient)).unwrap();
        assert_eq!(declined.len(), LetterKind::ALL.len());
    }
}
