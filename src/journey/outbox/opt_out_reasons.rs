//! Why letters to a patient ended: the reasons that stand on record, and the task that asks about one.

use crate::care::patient::PatientId;
use crate::care::task::TaskKind as Task;
use crate::journey::errors::step::StepError;
use crate::journey::sending_policy::in_days;
use crate::store::db::transaction::Tx;
use crate::store::people::preferences::LetterKind;
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// Makes sure that a person is asked to agree another way.
pub(in crate::journey) fn ask(tx: &mut Tx<'_>, patient: PatientId) -> Result<(), StepError> {
    let words: Vec<&str> = tx.declined(patient)?.into_iter().map(LetterKind::word).collect();
    tx.open_task(&NewTask {
        kind: Task::OptedOut,
        cause: Subject::from(patient).part("kinds"),
        patient: Some(patient),
        follow_up: None,
        reason: format!("She does not want letters about: {}.", words.join(", ")),
        due_at: in_days(tx.at(), 1),
    })?;
    Ok(())
}

/// Why a reminder of that kind was withdrawn.
pub(in crate::journey) fn reason(kind: LetterKind) -> String {
    format!("opted out of {}", kind.word())
}

/// Why a promise was withdrawn that had nowhere to go.
pub(in crate::journey) const NO_ADDRESS: &str = "no address on record";
