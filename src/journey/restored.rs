//! A backup was put in place of the database: letters to patients are held, marks of lost rows are fenced off, and what the
//! database that was there still knows is carried over where it stops letters, and told a person where it does not.

use super::status::{self, Change};
use super::{StepError, opt_out};
use crate::care::patient::Status;
use crate::care::task::Kind;
use crate::store::since::{Moved, Since};
use crate::store::tasks::NewTask;
use crate::store::{Stamp, Store, Tx};

/// Case codes named in the task; all of them stand in what `restore --json` says.
const NAMED: usize = 20;

/// Puts a restored database into service, on hold until a person has compared it with what happened since.
///
/// # Errors
/// [`StepError`] when the store fails; one record that cannot be carried over stops no other.
pub fn restored(store: &Store, stamp: Stamp, since: Option<Since>) -> Result<(), StepError> {
    let now = stamp.at;
    store.write_blocking(stamp, move |tx: &mut Tx<'_>| {
        tx.put_up_fence()?;
        tx.audit("database.restored", "database", &serde_json::json!({ "compared": since.is_some() }))?;
        if let Some(since) = &since {
            carry_over(tx, since);
        }
        tx.open_task(&NewTask {
            kind: Kind::Hold,
            cause: "restore".to_owned(),
            patient: None,
            follow_up: None,
            reason: reason(since.as_ref()),
            due_at: now,
        })?;
        Ok(())
    })
}

/// Only what stops letters is carried over: it was right when it was recorded, and a person can undo it.
fn carry_over(tx: &mut Tx<'_>, since: &Since) {
    for moved in since.moved.iter().filter(|moved| stops(moved)) {
        let stopped = tx.shielded(|tx| {
            let patient = tx.patient(moved.patient)?;
            let reason = format!("recorded before a backup was restored: {}", moved.reason);
            let change = Change { to: moved.to, reason, until: moved.until, confirmed_by: None };
            if patient.status == Status::Deceased { Ok(()) } else { status::change(tx, &patient, &change) }
        });
        told(stopped, moved.patient.0);
    }
    for (patient, kind) in &since.declined {
        told(tx.shielded(|tx| opt_out::decline(tx, *patient, &[*kind])), patient.0);
    }
}

/// Whether it was carried over.
pub fn stops(moved: &Moved) -> bool {
    !moved.to.may_receive()
}

fn told(carried: Result<(), StepError>, patient: i64) {
    if let Err(fault) = carried {
        tracing::error!(patient, %fault, "what was recorded before the restore could not be carried over");
    }
}

/// What the person who closes the hold must look at.
fn reason(since: Option<&Since>) -> String {
    let Some(since) = since else {
        return "A backup was restored, and what was there before cannot be compared. Record deaths, opt-outs and new \
                addresses since then, then close this task."
            .to_owned();
    };
    let moved: Vec<String> = since.moved.iter().filter(|m| !stops(m)).map(|m| m.reference.clone()).collect();
    let parts = [
        ("take in again", &since.strangers),
        ("record again that letters go on", &moved),
        ("correct the record", &since.corrected),
        ("read answers and alerts in what was there before", &since.answered),
        ("letters left and may leave again", &since.written_to),
    ];
    let parts = parts.into_iter().filter(|(_, codes)| !codes.is_empty());
    let told: Vec<String> = parts.map(|(what, codes)| format!("{what}: {}", some(codes))).collect();
    let told = if told.is_empty() { "nothing else differs".to_owned() } else { told.join("; ") };
    format!("A backup was restored. Deaths, opt-outs and other stops were carried over; {told}.")
}

fn some(codes: &[String]) -> String {
    let named = codes.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match codes.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}
