//! She rang. What she said is kept in a call log of its own, whether something is left to do or not; and whoever speaks with her
//! may fill in her form with her, as if she had opened it herself.

use std::time::Duration;

use crate::care::contact_kind::ContactKind;
use crate::care::patient::Reference;
use crate::care::permission::Act;
use crate::care::task::TaskKind;
use crate::care::time::span::later;
use crate::journey::authorize::permit;
use crate::journey::deps::Deps;
use crate::journey::errors::people::contact::ContactError;
use crate::journey::errors::step::StepError;
use crate::journey::link_key::digest;
use crate::journey::operations::contact_log;
use crate::store::answers::links::LinkPurpose;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::Tx;
use crate::store::error::StoreError;
use crate::store::subject::Subject;
use crate::store::work::contact_log::{ContactReport, ContactSubject};
use crate::store::work::tasks::NewTask;

/// As long as the links of a letter: a shorter end would not open one that is over.
const LINK_LASTS: Duration = Duration::from_secs(400 * 86_400);

/// What is noted of a call of hers. No Debug: it holds what a person wrote.
#[derive(Clone)]
pub struct CallNote {
    /// In the words of whoever spoke with her.
    pub note: String,
    /// Whether somebody must ring her back.
    pub asks_back: bool,
}

/// The signed-in actor notes that she rang: as an entry of the call log of a task, which stays open if she must be rung back.
///
/// # Errors
/// `PermissionError`; [`ContactError`] for a note without words or too long; the store's own.
pub fn note_call(tx: &mut Tx<'_>, whose: &Reference, call: &CallNote) -> Result<(), StepError> {
    permit(tx, Act::LogContact)?;
    if call.note.trim().is_empty() {
        return Err(ContactError::WordsMissing(ContactKind::Note).into());
    }
    let patient = tx.patient_by_reference(whose)?;
    let cause = Subject::from(patient.id).part(format_args!("rang-{}", tx.at_ms()));
    tx.open_task(&NewTask {
        kind: TaskKind::CallRequested,
        cause: cause.clone(),
        patient: Some(patient.id),
        follow_up: None,
        reason: RANG.to_owned(),
        due_at: tx.at(),
    })?;
    let lost = || StoreError::conflict("the call could not be noted: send it once more");
    let task = tx.task_caused(TaskKind::CallRequested, &cause)?.ok_or_else(lost)?;
    let report = ContactReport {
        kind: ContactKind::SpokeWithHer,
        handed_to: None,
        note: call.note.clone(),
        again_at: None,
    };
    contact_log::log(tx, ContactSubject::Task(task), &report)?;
    if !call.asks_back {
        tx.close_task(task, "she was spoken with as she rang")?;
    }
    Ok(())
}

/// Why the task opened.
const RANG: &str = "She rang the clinic. What was said stands in the call log.";

/// The address of her form, for whoever fills it in with her on the telephone; `None` where no patient can open a page.
///
/// # Errors
/// `PermissionError`; the store's own.
pub fn open_form(tx: &mut Tx<'_>, whose: &Reference, clinic: &Deps) -> Result<Option<String>, StepError> {
    permit(tx, Act::LogContact)?;
    let patient = tx.patient_by_reference(whose)?;
    let Some(base) = &clinic.policy.public_url else { return Ok(None) };
    let token = clinic.key.token(patient.id, LinkPurpose::Changed, 0);
    let link = (LinkPurpose::Changed, 0, digest(&token));
    tx.keep_links(patient.id, &[link], later(tx.at(), LINK_LASTS))?;
    tx.audit(AuditAction::LinkRequested, patient.id, &serde_json::json!({}))?;
    Ok(Some(format!("{base}/c/{token}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::task_state::TaskState;
    use crate::journey::fixture::{due, fixture, triage};
    use crate::store::database::tests::sabotage;

    fn noted(by: &str, note: &str, asks_back: bool) -> Result<Vec<TaskState>, StepError> {
        let fixture = fixture(triage());
        let (whose, call) = (fixture.her().reference, CallNote { note: note.to_owned(), asks_back });
        fixture.write((by, due()), move |tx| note_call(tx, &whose, &call))?;
        let tasks = fixture.clinic.store.read(|view| view.tasks_of(fixture.patient)).unwrap();
        let rang: Vec<_> = tasks.into_iter().filter(|task| task.kind == TaskKind::CallRequested).collect();
        let log = |id| fixture.clinic.store.read(|view| view.contacts(ContactSubject::Task(id))).unwrap();
        assert!(rang.iter().all(|task| log(task.id)[0].report.note == note && !task.reason.contains(note)));
        Ok(rang.iter().map(|task| task.state).collect())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_call_of_hers_is_kept_and_asks_somebody_to_ring_back_only_if_she_must_be() {
        assert_eq!(noted("staff:nora", "a back that aches", true).unwrap(), [TaskState::Open]);
        assert_eq!(noted("staff:nora", "asked for the hours", false).unwrap(), [TaskState::Done]);
        assert!(noted("staff:nora", " ", true).is_err());
        assert!(noted("cli:root", "who is this", true).is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_call_is_never_said_to_be_noted_where_its_words_were_lost() {
        let fixture = fixture(triage());
        let spoil = "CREATE TRIGGER spoilt AFTER INSERT ON task BEGIN \
                     UPDATE task SET kind = 'rubbish' WHERE id = new.id; END";
        fixture.write(("daemon", due()), move |tx| Ok(sabotage(tx, spoil)?)).unwrap();
        let (whose, call) =
            (fixture.her().reference, CallNote { note: "a back".to_owned(), asks_back: true });
        let noted = fixture.write(("staff:nora", due()), move |tx| note_call(tx, &whose, &call));
        assert!(matches!(noted, Err(StepError::Store(fault)) if fault.is_conflict()));
    }
}
