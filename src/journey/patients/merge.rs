//! Two records of one woman become one. The record that ends gives its plan up, its letters are withdrawn, and what was answered,
//! noted, rung and done goes over to the one that stays. Its case code, and the links in letters that left, lead there. Nothing
//! is merged that would write to somebody who gets no letters ([`crate::care::record::merge_clash`]).

use crate::care::contact::ContactField;
use crate::care::patient::{Detail, Patient, PatientStatus};
use crate::care::permission::Act;
use crate::care::record::merge_clash::{MergeClash, MergeSide, PendingFact, clashes};
use crate::care::task::TaskKind;
use crate::journey::authorize::permit_account;
use crate::journey::deps::Deps;
use crate::journey::errors::people::record::RecordError;
use crate::journey::errors::step::StepError;
use crate::journey::patients::amend::{AddressChange, Amendment, Correction, DetailChoice, amend};
use crate::journey::patients::{contact, duplicates, opt_out, proxy, status};
use crate::journey::plan::book::kept_date;
use crate::journey::plan::replan;
use crate::journey::status_change::StatusChange;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Tx, View};

/// Tasks that are about more than a plan or a record of its own; the others end with the record.
const KEPT: [TaskKind; 12] = [
    TaskKind::SheWrote,
    TaskKind::DeathSuspected,
    TaskKind::CallRequested,
    TaskKind::ReadAnswer,
    TaskKind::AfterAlert,
    TaskKind::LetterUnknown,
    TaskKind::LetterFailed,
    TaskKind::LetterLapsed,
    TaskKind::LinkLocked,
    TaskKind::Missed,
    TaskKind::NotAsked,
    TaskKind::ReviewPlan,
];

/// What of the record that ends fills a gap in the one that stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledFields {
    /// Her address, where none stands and this one is not known as bad.
    pub has_address: bool,
    /// Telephone numbers and who else may be rung, by field.
    pub contact: Vec<ContactField>,
    /// How much letters say afterwards: never more than either record allowed.
    pub detail: Detail,
    /// Whether others read the mailbox that letters go to afterwards.
    pub shared_inbox: bool,
}

/// What stands in the way of a merge; empty when nothing does.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn in_the_way(view: &View<'_>, kept: &Patient, other: &Patient) -> Result<Vec<MergeClash>, StepError> {
    Ok(clashes(&side(view, kept)?, &side(view, other)?))
}

fn side(view: &View<'_>, of: &Patient) -> Result<MergeSide, StepError> {
    let mut pending = Vec::new();
    if of.reference.is_canary() {
        pending.push(PendingFact::Canary);
    }
    if view.has_letter_leaving(of.id)? {
        pending.push(PendingFact::LetterLeaving);
    }
    Ok(MergeSide {
        code: of.reference.as_str().to_owned(),
        birth_on: of.birth_on,
        status: of.status,
        has_plan: view.enrolments_of(of.id)?.iter().any(|one| one.is_active),
        open_alerts: view.alerts_open_of(of.id)?.iter().map(|alert| alert.id.0).collect(),
        pending,
    })
}

/// What of the other record the one that stays would take because nothing stands there.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn filled(view: &View<'_>, kept: &Patient, other: &Patient) -> Result<FilledFields, StepError> {
    let (ours, theirs) = (view.contact(kept.id)?.details, view.contact(other.id)?.details);
    let after = ours.filled_from(&theirs);
    let has_address = takes_address(kept, other);
    Ok(FilledFields {
        has_address,
        contact: ours.differing(&after).collect(),
        detail: kept.detail.min(other.detail),
        shared_inbox: kept.shared_inbox || (has_address && other.shared_inbox),
    })
}

fn takes_address(kept: &Patient, other: &Patient) -> bool {
    (kept.email.is_none() || kept.status == PatientStatus::AddressBad)
        && other.email.is_some()
        && other.status != PatientStatus::AddressBad
}

/// Ends `other` in `kept`.
///
/// # Errors
/// [`RecordError::CannotMerge`] with the first thing in the way; the actor may not; the store's own.
pub(in crate::journey) fn merge(
    tx: &mut Tx<'_>,
    kept: &Patient,
    other: &Patient,
    clinic: &Deps,
) -> Result<(), StepError> {
    permit_account(tx, Act::MergeRecords)?;
    if let Some(clash) = in_the_way(tx, kept, other)?.into_iter().next() {
        return Err(RecordError::CannotMerge(clash).into());
    }
    let (size, details) = (tx.record_size(other.id)?, tx.contact(other.id)?.details);
    let note = format!("this record was merged into {}", kept.reference.as_str());
    end_plan(tx, other, &note, clinic)?;
    tx.take_address_off(other.id)?;
    tx.close_tasks_of(kept.id, &[TaskKind::DuplicateSuspected], "the two records are one now")?;
    let declined = tx.declined(other.id)?;
    opt_out::decline(tx, kept.id, &declined)?;
    tx.move_record(other.id, kept.id)?;
    contact::fill_in(tx, kept.id, &details)?;
    proxy::go_over(tx, kept, other)?;
    take_over(tx, kept, other, clinic)?;
    // What was suspected of a third record goes on being asked.
    duplicates::suspect(tx, kept.id, &kept.name, kept.birth_on)?;
    duplicates::ask_of_the_dead(tx, kept)?;
    let moved = serde_json::json!({ "answers": size.answers, "alerts": size.alerts, "tasks": size.tasks,
        "messages": size.messages, "dates": size.dates, "letters": size.letters });
    let into = serde_json::json!({ "into": kept.reference.as_str() });
    tx.audit(AuditAction::PatientMerged, other.id, &into)?;
    let from = serde_json::json!({ "from": other.reference.as_str(), "moved": moved });
    Ok(tx.audit(AuditAction::PatientMerged, kept.id, &from)?)
}

/// The address, where the record that stays has none of use; and whoever reads the mailbox reads no more than before, whichever
/// of the two records said so.
fn take_over(tx: &mut Tx<'_>, kept: &Patient, other: &Patient, clinic: &Deps) -> Result<(), StepError> {
    let is_taken = takes_address(kept, other);
    let is_narrower = other.detail < kept.detail;
    if !is_taken && !is_narrower {
        return Ok(());
    }
    let correction = Correction {
        email: other.email.clone().filter(|_| is_taken).map(AddressChange::Replaced),
        shared_inbox: (is_taken && other.shared_inbox).then_some(true),
        detail: is_narrower.then_some(DetailChoice::Own(other.detail)),
        ..Correction::default()
    };
    amend(tx, kept.id, &Amendment { correction, ..Amendment::default() }, clinic)
}

/// Her letters under this record are withdrawn, its plan ends, and what it asked of people ends with it. A date that is booked
/// stays a task: only a person may call it off.
fn end_plan(tx: &mut Tx<'_>, other: &Patient, note: &str, clinic: &Deps) -> Result<(), StepError> {
    let ends: Vec<TaskKind> = TaskKind::ALL.into_iter().filter(|kind| !KEPT.contains(kind)).collect();
    tx.close_tasks_of(other.id, &ends, note)?;
    let change = StatusChange {
        to: PatientStatus::Transferred,
        reason: note.to_owned(),
        until: None,
        confirmed_by: None,
    };
    status::record(tx, other, &change)?;
    for enrolment in tx.enrolments_of(other.id)?.iter().filter(|one| one.is_active) {
        replan::stop(tx, enrolment, note, clinic)?;
    }
    kept_date::end_all(tx, other.id, note)?;
    // Nobody is handed over: she goes on under the record that stays.
    Ok(tx.close_tasks_of(other.id, &[TaskKind::HandOver, TaskKind::ProtocolEnded], note)?)
}
