//! Before checklists go out, somebody on the ladder must have proved reachable: a test alert goes down it every so often, and
//! the code it brings to a rung counts for that rung for a while (`care/alert/cover`). Without proof, letters say so and staff
//! get a task.

use jiff::Timestamp;

use crate::care::alert::cover::{CoverFacts, MissingCover, missing, test_at};
use crate::care::task::TaskKind;
use crate::care::time::clock_trust::Trusted;
use crate::journey::alert_policy::Proof;
use crate::journey::alerts::test_alert::{self, TestReply};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::error::StoreError;
use crate::store::subject::Singleton;
use crate::store::work::tasks::NewTask;

const CAUSE: &str = Singleton::Ladder.word();

/// Sends a test alert when one is due, and records whether somebody is reachable.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn check(clinic: &Deps, now: Trusted) -> Result<(), StepError> {
    let now = now.at();
    if clinic.care.cover_stands {
        return Ok(());
    }
    let Some(proof) = clinic.care.proof else { return unasked(clinic, now).await };
    let due = clinic.store.read(|view| next_test_at(view, clinic, now))?;
    if due.is_some_and(|at| at <= now) {
        test(clinic, Stamp::daemon(now)).await?;
    }
    reconsider(clinic, now, proof).await
}

/// When the next test alert leaves by itself: the first at once, each after it in the hours in which people work; `None` where
/// nobody asks for one, or nobody stands on the ladder.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub fn next_test_at(view: &View<'_>, clinic: &Deps, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let Some(proof) = clinic.care.proof.filter(|_| !clinic.care.contacts.is_empty()) else { return Ok(None) };
    let hours = clinic.store.office_hours();
    let next = view.last_test_at(now)?.map(|last| test_at(last, proof.test_every, &hours));
    Ok(Some(next.unwrap_or(now)))
}

/// Records whether somebody is reachable, where that has changed.
async fn reconsider(clinic: &Deps, now: Timestamp, proof: Proof) -> Result<(), StepError> {
    let Some(found) = clinic.store.read(|view| changed(view, clinic, proof, now))? else { return Ok(()) };
    clinic.store.write(Stamp::daemon(now), move |tx: &mut Tx<'_>| record(tx, found)).await
}

/// Records for a copy of the clinic what the daemon finds at its next look: from then on cover stands there.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn settle(clinic: &Deps, now: Timestamp) -> Result<(), StepError> {
    let Some(proof) = clinic.care.proof else { return Ok(()) };
    let Some(found) = clinic.store.read(|view| changed(view, clinic, proof, now))? else { return Ok(()) };
    clinic.store.write_blocking(Stamp::daemon(now), move |tx: &mut Tx<'_>| record(tx, found))
}

/// Whether a look at that instant finds that nobody is reachable, whatever is on record.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub fn is_missing_at(view: &View<'_>, clinic: &Deps, now: Timestamp) -> Result<bool, StoreError> {
    match clinic.care.proof {
        Some(proof) => Ok(missing(&clinic.care.ladder, &facts(view, proof, now)?, now).is_some()),
        None => Ok(view.missing_cover()?.is_some()),
    }
}

/// What a look finds.
#[derive(Debug, Clone, Copy)]
enum CoverFound {
    Covered,
    Missing(&'static str),
}

/// What a look finds, where that is not on record already.
fn changed(
    view: &View<'_>,
    clinic: &Deps,
    proof: Proof,
    now: Timestamp,
) -> Result<Option<CoverFound>, StoreError> {
    let missing = missing(&clinic.care.ladder, &facts(view, proof, now)?, now).map(MissingCover::sentence);
    let is_known = view.missing_cover()?.as_deref() == missing;
    Ok((!is_known).then_some(missing.map_or(CoverFound::Covered, CoverFound::Missing)))
}

fn record(tx: &mut Tx<'_>, found: CoverFound) -> Result<(), StepError> {
    match found {
        CoverFound::Missing(reason) => uncovered(tx, reason),
        CoverFound::Covered => covered(tx),
    }
}

/// Sends a test alert down the whole ladder (`aftercare alerts test`).
///
/// # Errors
/// `AlertError::TestTooSoon` when one left a moment ago; [`StepError`] when the store fails.
pub async fn test(clinic: &Deps, stamp: Stamp) -> Result<i64, StepError> {
    let steps = clinic.clone();
    let id = clinic.store.write(stamp, move |tx| test_alert::send(tx, &steps)).await?;
    clinic.bells.alerts.notify_one();
    Ok(id)
}

/// Whoever is stamped answers a test alert, and the cover is looked at anew. Returns the rung that is proved, by name; `None`
/// for a note.
///
/// # Errors
/// `PermissionError::NotSignedIn` for anyone but staff; `AlertError` when the code fits nothing that was sent lately, or when
/// there is nothing to note or no test to note it on; the store's own.
pub async fn answer(clinic: &Deps, stamp: Stamp, reply: TestReply) -> Result<Option<String>, StepError> {
    let (now, steps) = (stamp.at, clinic.clone());
    let proved = clinic.store.write(stamp, move |tx| test_alert::answer(tx, &reply, &steps)).await?;
    if let Some(proof) = clinic.care.proof.filter(|_| proved.is_some()) {
        reconsider(clinic, now, proof).await?;
    }
    Ok(proved)
}

/// What is known of the ladder besides its rungs.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub fn facts(view: &View<'_>, proof: Proof, now: Timestamp) -> Result<CoverFacts, StoreError> {
    Ok(CoverFacts {
        unreachable: view.unreachable_addresses()?.into_iter().collect(),
        proofs: view.rung_proofs(now)?,
        lasts: proof.lasts,
    })
}

/// What stands where nobody has looked yet whether somebody is reachable.
pub const UNLOOKED: &str = "Not looked at yet, and nobody has given the code of a test alert: the daemon looks, or `aftercare drain`.";

/// Whether nobody has looked yet: nothing on record says that cover is missing, and nobody has proved that it is not.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub fn is_unlooked(view: &View<'_>, now: Timestamp) -> Result<bool, StoreError> {
    Ok(view.missing_cover()?.is_none() && view.rung_proofs(now)?.is_empty())
}

/// The clinic asks for no proof any more: what was found without cover is over.
async fn unasked(clinic: &Deps, now: Timestamp) -> Result<(), StepError> {
    if clinic.store.read(|view| view.missing_cover())?.is_none() {
        return Ok(());
    }
    clinic.store.write(Stamp::daemon(now), covered).await
}

/// Whether the pages must say that nobody can read answers now. A database that cannot be asked cannot be read either.
#[must_use]
pub fn is_missing(clinic: &Deps) -> bool {
    !matches!(clinic.store.read(|view| view.missing_cover()), Ok(None))
}

fn uncovered(tx: &mut Tx<'_>, reason: &str) -> Result<(), StepError> {
    tx.set_missing_cover(reason)?;
    tx.audit(AuditAction::CoverLost, Singleton::Ladder, &serde_json::json!({ "reason": reason }))?;
    tx.open_task(&NewTask {
        kind: TaskKind::NoCover,
        cause: CAUSE.to_owned(),
        patient: None,
        follow_up: None,
        reason: reason.to_owned(),
        due_at: tx.at(),
    })?;
    Ok(())
}

fn covered(tx: &mut Tx<'_>) -> Result<(), StepError> {
    tx.clear_missing_cover()?;
    tx.audit(AuditAction::CoverProved, Singleton::Ladder, &serde_json::json!({}))?;
    Ok(tx.close_tasks_caused(TaskKind::NoCover, CAUSE, "somebody on the ladder is reachable")?)
}

#[cfg(test)]
mod tests;
