//! The call log: what somebody tried for an alert or a task before it ends. An entry ends, silences and takes on nothing; only
//! what is handed over has another owner from then on.

use crate::care::contact_kind::{ContactKind, may_try_again};
use crate::care::permission::Act;
use crate::care::task_state::TaskState;
use crate::journey::alerts::acknowledge;
use crate::journey::authorize::permit;
use crate::journey::errors::people::contact::ContactError;
use crate::journey::errors::step::StepError;
use crate::store::db::transaction::Tx;
use crate::store::work::contact_log::{ContactReport, ContactSubject};

/// The longest note, in characters.
const LONGEST: usize = 2000;

/// The signed-in actor writes an entry; an alert or a task that is handed over is the colleague's. Returns its number.
///
/// # Errors
/// [`ContactError`]; `PermissionError`; `AlertError::AlertIs` for an alert that is handed over and that nobody has taken on;
/// the store's `is_not_found` when there is no such alert or task.
pub fn log(tx: &mut Tx<'_>, subject: ContactSubject, report: &ContactReport) -> Result<i64, StepError> {
    let me = permit(tx, Act::LogContact)?;
    check(tx, report)?;
    let patient = match subject {
        ContactSubject::Alert(id) => Some(tx.alert(id)?.patient),
        ContactSubject::Task(id) => tx.task(id)?.patient.map(|(patient, _)| patient),
    };
    if let Some(to) = &report.handed_to {
        hand_over(tx, subject, to, &me)?;
    }
    Ok(tx.log_contact(subject, patient, report)?)
}

fn check(tx: &Tx<'_>, report: &ContactReport) -> Result<(), ContactError> {
    let needs_words = matches!(report.kind, ContactKind::Note | ContactKind::Snoozed);
    if needs_words && report.note.trim().is_empty() {
        return Err(ContactError::WordsMissing(report.kind));
    }
    if report.note.chars().count() > LONGEST {
        return Err(ContactError::TooLong);
    }
    match (report.kind, &report.handed_to) {
        (ContactKind::HandedOver, None) => return Err(ContactError::NoColleague),
        (ContactKind::HandedOver, Some(_)) | (_, None) => {}
        (_, Some(_)) => return Err(ContactError::NotHandedOver),
    }
    if report.again_at.is_some_and(|at| !may_try_again(tx.at(), at)) {
        return Err(ContactError::AgainAt);
    }
    Ok(())
}

/// An alert that was taken on keeps its clock: whoever has it now has what is left of it.
fn hand_over(tx: &mut Tx<'_>, subject: ContactSubject, to: &str, me: &str) -> Result<(), StepError> {
    let act = match subject {
        ContactSubject::Alert(_) => Act::TakeAlert,
        ContactSubject::Task(_) => Act::AssignTask,
    };
    permit(tx, act)?;
    let colleague = tx.staff_named(to)?.filter(|staff| staff.disabled_at.is_none() && staff.role.may(act));
    let colleague = colleague.filter(|staff| staff.name != me).ok_or(ContactError::NoColleague)?;
    match subject {
        ContactSubject::Alert(id) => acknowledge::hand_over(tx, id, &colleague.name),
        ContactSubject::Task(id) if tx.task(id)?.state == TaskState::Done => {
            Err(ContactError::TaskIsDone(id).into())
        }
        ContactSubject::Task(id) => Ok(tx.assign_task(id, &colleague.name)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::alert::lifecycle::AlertState;
    use crate::journey::alert_policy::TriageMode;
    use crate::journey::errors::alert::AlertError;
    use crate::journey::errors::permission::PermissionError;
    use crate::journey::fixture::{Fixture, due, fixture, page, triage};
    use crate::store::alerts::lifecycle::Alert;
    use crate::store::answers::links::LinkPurpose;

    const WORDS: &str = "her sister says she lies in bed";

    fn report(kind: ContactKind, to: Option<&str>) -> ContactReport {
        ContactReport { kind, handed_to: to.map(str::to_owned), note: WORDS.to_owned(), again_at: None }
    }

    fn said(fixture: &Fixture, by: &str, report: ContactReport) -> Result<i64, StepError> {
        let subject = ContactSubject::Alert(alert(fixture).id);
        fixture.write((by, due()), move |tx| log(tx, subject, &report))
    }

    fn alert(fixture: &Fixture) -> Alert {
        fixture.clinic.store.read(|v| v.alerts_of(fixture.patient)).unwrap()[0].clone()
    }

    async fn ringing(mode: TriageMode) -> Fixture {
        let fixture = fixture(mode);
        fixture.kept(due(), page(&fixture.token(LinkPurpose::Changed), "a", &[("pain", "new")])).await;
        fixture
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_entry_takes_nothing_on_and_silences_nothing() {
        let fixture = ringing(triage()).await;
        let before = alert(&fixture);
        for by in ["cli:root", "daemon", "staff:nobody"] {
            let refused = said(&fixture, by, report(ContactKind::NoAnswer, None));
            assert!(matches!(refused, Err(StepError::Permission(PermissionError::NotSignedIn))), "{by}");
        }
        said(&fixture, "staff:nora", report(ContactKind::SpokeWithHer, None)).unwrap();
        let after = alert(&fixture);
        assert_eq!((after.state, after.next_notice_at), (AlertState::Raised, before.next_notice_at));
        let read = |v: &crate::store::db::transaction::View<'_>| v.contacts(ContactSubject::Alert(after.id));
        let entries = fixture.clinic.store.read(read).unwrap();
        assert_eq!((entries.len(), entries[0].by.as_str()), (1, "staff:nora"));
        assert_eq!(entries[0].report.note, WORDS);
        let events = fixture.clinic.store.read(|v| v.last_events(50)).unwrap();
        assert!(events.iter().any(|event| event.action == "contact.logged"));
        assert!(events.iter().all(|event| !format!("{event:?}").contains("sister")));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_alert_that_is_handed_over_is_the_colleagues_under_the_same_clock() {
        let fixture = ringing(triage()).await;
        let early = said(&fixture, "staff:nora", report(ContactKind::HandedOver, Some("dana")));
        assert!(matches!(early, Err(StepError::Alert(AlertError::AlertIs(..)))));
        let id = alert(&fixture).id;
        fixture.write(("staff:nora", due()), move |tx| acknowledge::acknowledge(tx, id)).unwrap();
        let clock = alert(&fixture).next_notice_at;
        for to in [None, Some("nora"), Some("nobody")] {
            let refused = said(&fixture, "staff:nora", report(ContactKind::HandedOver, to));
            assert!(matches!(refused, Err(StepError::Contact(ContactError::NoColleague))), "{to:?}");
        }
        said(&fixture, "staff:nora", report(ContactKind::HandedOver, Some("dana"))).unwrap();
        let after = alert(&fixture);
        assert_eq!(after.acknowledged.map(|(by, _)| by).as_deref(), Some("staff:dana"));
        assert_eq!((after.state, after.next_notice_at), (AlertState::Acknowledged, clock));
    }
}
