//! Before checklists go out, somebody on the ladder must have proved reachable: a test alert goes down it every so often,
//! and its acknowledgement, or that of a real alert, counts for a while. Without proof, letters say so and staff get a task.

use jiff::{SignedDuration, Timestamp};

use super::alert::{enqueue, staff_item};
use super::answers::Proof;
use super::policy::later;
use super::{Clinic, StepError};
use crate::care::task::Kind;
use crate::store::tasks::NewTask;
use crate::store::{Stamp, Tx};

/// The fact that changes the wording of checklist letters.
const FACT: &str = "no-cover";
const CAUSE: &str = "ladder";

/// Sends a test alert when one is due, and records whether somebody is reachable.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn check(clinic: &Clinic, now: Timestamp) -> Result<(), StepError> {
    let Some(proof) = clinic.care.proof else { return Ok(()) };
    let (sent, seen) = clinic.store.read(|view| view.cover())?;
    let due = sent.is_none_or(|at| later(at, proof.test_every) <= now);
    if due && !clinic.care.contacts.is_empty() {
        test(clinic, Stamp::daemon(now)).await?;
    }
    let missing = missing(clinic, (now, seen), proof);
    let recorded = clinic.store.read(|view| view.fact(FACT))?;
    if recorded.as_deref() == missing {
        return Ok(());
    }
    let job = move |tx: &mut Tx<'_>| match missing {
        Some(reason) => uncovered(tx, reason),
        None => covered(tx),
    };
    clinic.store.write(Stamp::daemon(now), job).await
}

/// What is missing before an alert would reach somebody; `None` when nothing is.
fn missing(clinic: &Clinic, wall: (Timestamp, Option<Timestamp>), proof: Proof) -> Option<&'static str> {
    let (now, seen) = wall;
    let hours = (0..7 * 24).filter_map(|h| now.checked_add(SignedDuration::from_hours(h)).ok());
    if !hours.into_iter().any(|at| clinic.care.ladder.is_covered(at)) {
        return Some("Nobody on the ladder has hours in the coming week.");
    }
    let proved = seen.is_some_and(|at| later(at, proof.lasts) > now);
    (!proved).then_some("No alert or test alert was acknowledged for too long.")
}

fn uncovered(tx: &mut Tx<'_>, reason: &str) -> Result<(), StepError> {
    tx.set_fact(FACT, reason)?;
    tx.audit("cover.lost", "ladder", &serde_json::json!({ "reason": reason }))?;
    tx.open_task(&NewTask {
        kind: Kind::NoCover,
        cause: CAUSE.to_owned(),
        patient: None,
        follow_up: None,
        reason: reason.to_owned(),
        due_at: tx.at(),
    })?;
    Ok(())
}

fn covered(tx: &mut Tx<'_>) -> Result<(), StepError> {
    tx.clear_fact(FACT)?;
    tx.audit("cover.proved", "ladder", &serde_json::json!({}))?;
    Ok(tx.close_tasks_caused(Kind::NoCover, CAUSE, "somebody on the ladder is reachable")?)
}

/// Sends a test alert down the whole ladder (`aftercare alerts test`).
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn test(clinic: &Clinic, stamp: Stamp) -> Result<i64, StepError> {
    let steps = clinic.clone();
    let job = move |tx: &mut Tx<'_>| -> Result<i64, StepError> {
        let id = tx.insert_test_alert()?;
        for contact in &steps.care.contacts {
            let link = format!("{}/alerts", steps.care.console_url);
            let facts = std::collections::BTreeMap::from([("link".to_owned(), link)]);
            enqueue(tx, contact, staff_item("staff-test-alert", facts), &steps)?;
        }
        Ok(id)
    };
    let id = clinic.store.write(stamp, job).await?;
    clinic.bells.alerts.notify_one();
    Ok(id)
}

/// The signed-in actor confirms the test alerts that are open.
///
/// # Errors
/// [`StepError::NotSignedIn`] for anyone but staff; the store's own.
pub fn confirm(tx: &mut Tx<'_>) -> Result<usize, StepError> {
    if !tx.actor().starts_with("staff:") {
        return Err(StepError::NotSignedIn);
    }
    Ok(tx.acknowledge_tests()?)
}
