//! Before checklists go out, somebody on the ladder must have proved reachable: a test alert goes down it every so often,
//! and its acknowledgement, or that of a real alert, counts for a while. Without proof, letters say so and staff get a task.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::care::alert::escalation::Ladder;
use crate::care::permission::Act;
use crate::care::task::TaskKind;
use crate::care::time::clock_trust::Trusted;
use crate::journey::alert_policy::Proof;
use crate::journey::alerts::notify::{enqueue, item};
use crate::journey::authorize::{permit, permit_account};
use crate::journey::deps::Deps;
use crate::journey::errors::alert::AlertError;
use crate::journey::errors::step::StepError;
use crate::journey::sending_policy::later;
use crate::letter::template_names::LetterName;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::subject::Singleton;
use crate::store::work::tasks::NewTask;

/// The fact that changes the wording of checklist letters.
const FACT: &str = "no-cover";
const CAUSE: &str = Singleton::Ladder.word();
/// Test alerts are at least so far apart.
const TESTS_APART: Duration = Duration::from_secs(15 * 60);

/// Sends a test alert when one is due, and records whether somebody is reachable.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn check(clinic: &Deps, now: Trusted) -> Result<(), StepError> {
    let now = now.at();
    let Some(proof) = clinic.care.proof else { return unasked(clinic, now).await };
    let (sent, _) = clinic.store.read(|view| view.cover(now))?;
    let due = sent.is_none_or(|at| later(at, proof.test_every) <= now);
    if due && !clinic.care.contacts.is_empty() {
        test(clinic, Stamp::daemon(now)).await?;
    }
    reconsider(clinic, now, proof).await
}

/// Records whether somebody is reachable, where that has changed.
async fn reconsider(clinic: &Deps, now: Timestamp, proof: Proof) -> Result<(), StepError> {
    let missing = missing(clinic, now, proof)?;
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

/// The clinic asks for no proof any more: what was found without cover is over.
async fn unasked(clinic: &Deps, now: Timestamp) -> Result<(), StepError> {
    if clinic.store.read(|view| view.fact(FACT))?.is_none() {
        return Ok(());
    }
    clinic.store.write(Stamp::daemon(now), covered).await
}

/// What is missing before an alert would reach somebody; `None` when nothing is.
fn missing(clinic: &Deps, now: Timestamp, proof: Proof) -> Result<Option<&'static str>, StepError> {
    let ladder = &clinic.care.ladder;
    if !has_hours(ladder, now) {
        return Ok(Some("Nobody on the ladder has hours in the coming week."));
    }
    if !has_hours(&within_reach(clinic)?, now) {
        return Ok(Some("Letters to everyone on the ladder with hours in the coming week are refused."));
    }
    let seen = clinic.store.read(|view| view.cover(now))?.1;
    let proved = seen.is_some_and(|at| later(at, proof.lasts) > now);
    Ok((!proved).then_some("No alert or test alert was acknowledged for too long."))
}

fn has_hours(ladder: &Ladder, now: Timestamp) -> bool {
    let mut hours = (0..7 * 24).filter_map(|h| now.checked_add(SignedDuration::from_hours(h)).ok());
    hours.any(|at| ladder.is_covered(at))
}

/// The ladder without the rungs that letters do not reach: whoever proved reachable, it was not by those.
fn within_reach(clinic: &Deps) -> Result<Ladder, StepError> {
    let faults = clinic.store.read(|view| view.rung_faults())?;
    let mut ladder = clinic.care.ladder.clone();
    ladder.rungs.retain(|rung| faults.iter().all(|fault| fault.address != rung.who.address));
    Ok(ladder)
}

/// Whether the pages must say that nobody can read answers now. A database that cannot be asked cannot be read either.
#[must_use]
pub fn is_missing(clinic: &Deps) -> bool {
    !matches!(clinic.store.read(|view| view.fact(FACT)), Ok(None))
}

fn uncovered(tx: &mut Tx<'_>, reason: &str) -> Result<(), StepError> {
    tx.set_fact(FACT, reason)?;
    tx.audit("cover.lost", Singleton::Ladder, &serde_json::json!({ "reason": reason }))?;
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
    tx.clear_fact(FACT)?;
    tx.audit("cover.proved", Singleton::Ladder, &serde_json::json!({}))?;
    Ok(tx.close_tasks_caused(TaskKind::NoCover, CAUSE, "somebody on the ladder is reachable")?)
}

/// When the next test alert can leave: so long after the last one, so that nobody wears the ladder out. A test that a wrong
/// clock dated into the future does not count.
#[must_use]
pub fn next_test_at(sent: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    sent.filter(|sent| *sent <= now).map(|sent| later(sent, TESTS_APART)).filter(|next| *next > now)
}

/// Sends a test alert down the whole ladder (`aftercare alerts test`).
///
/// # Errors
/// [`AlertError::TestTooSoon`] when one left a moment ago; [`StepError`] when the store fails.
pub async fn test(clinic: &Deps, stamp: Stamp) -> Result<i64, StepError> {
    let steps = clinic.clone();
    let job = move |tx: &mut Tx<'_>| -> Result<i64, StepError> {
        permit_account(tx, Act::TestLadder)?;
        if let Some(next) = next_test_at(tx.cover(tx.at())?.0, tx.at()) {
            return Err(AlertError::TestTooSoon(next).into());
        }
        let id = tx.insert_test_alert()?;
        for contact in &steps.care.contacts {
            let link = format!("{}/alerts", steps.care.console_url);
            let facts = std::collections::BTreeMap::from([("link".to_owned(), link)]);
            enqueue(tx, contact, item(LetterName::StaffTestAlert, facts), &steps)?;
        }
        Ok(id)
    };
    let id = clinic.store.write(stamp, job).await?;
    clinic.bells.alerts.notify_one();
    Ok(id)
}

/// [`confirm`] for the edge: whoever is stamped confirms, and the cover is looked at anew.
///
/// # Errors
/// As [`confirm`].
pub async fn confirmed(clinic: &Deps, stamp: Stamp) -> Result<usize, StepError> {
    let now = stamp.at;
    let count = clinic.store.write(stamp, confirm).await?;
    if let Some(proof) = clinic.care.proof {
        reconsider(clinic, now, proof).await?;
    }
    Ok(count)
}

/// The signed-in actor confirms the test alerts that are open.
///
/// # Errors
/// `PermissionError::NotSignedIn` for anyone but staff; the store's own.
pub fn confirm(tx: &mut Tx<'_>) -> Result<usize, StepError> {
    permit(tx, Act::TakeAlert)?;
    Ok(tx.acknowledge_tests()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::actor::Actor;
    use crate::care::delivery::AttemptVerdict;
    use crate::journey::delivery::outcome;
    use crate::journey::fixture::{Fixture, due, fixture_where, minutes, sure, triage};
    use crate::store::mail::delivery::{AttemptReport, Delivery};

    fn fixture() -> Fixture {
        let day = Duration::from_secs(86_400);
        let proof = Proof { test_every: 30 * day, lasts: 33 * day };
        fixture_where(triage(), |care| care.proof = Some(proof))
    }

    fn no_cover(fixture: &Fixture) -> bool {
        let tasks = fixture.clinic.store.read(|v| v.tasks_open()).unwrap();
        let task = tasks.iter().any(|t| t.kind == TaskKind::NoCover);
        assert_eq!(task, fixture.clinic.store.read(|v| v.fact(FACT)).unwrap().is_some());
        task
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_test_alert_must_be_confirmed_by_a_person_and_again_after_a_while() {
        let fixture = fixture();
        check(&fixture.clinic, sure(due())).await.unwrap();
        assert!(no_cover(&fixture) && fixture.clinic.store.read(|v| v.has_open_test()).unwrap());
        assert!(fixture.write(("daemon", due()), confirm).is_err());
        assert_eq!(fixture.write(("staff:nora", due() + minutes(5)), confirm).unwrap(), 1);
        check(&fixture.clinic, sure(due() + minutes(6))).await.unwrap();
        assert!(!no_cover(&fixture));
        // Thirty days later the next test leaves; three more without an answer, and nobody is known to be there.
        for (days, lost) in [(30, false), (32, false), (34, true)] {
            check(&fixture.clinic, sure(due() + minutes(days * 1440))).await.unwrap();
            assert_eq!(no_cover(&fixture), lost, "{days}");
        }
        let letters = fixture.clinic.store.read(|v| v.balance()).unwrap();
        assert_eq!(letters, [("pending".to_owned(), 4)]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn test_alerts_are_a_quarter_of_an_hour_apart_whoever_asks() {
        let fixture = fixture();
        let stamp =
            |minute, by: &str| Stamp { at: due() + minutes(minute), actor: Actor::parse(by).unwrap() };
        test(&fixture.clinic, stamp(0, "staff:nora")).await.unwrap();
        for (minute, by) in [(0, "staff:nora"), (1, "cli:root"), (14, "daemon")] {
            let again = test(&fixture.clinic, stamp(minute, by)).await;
            let next = due() + minutes(15);
            assert!(
                matches!(again, Err(StepError::Alert(AlertError::TestTooSoon(at))) if at == next),
                "{minute}"
            );
        }
        let letters = fixture.clinic.store.read(|v| v.balance()).unwrap();
        assert_eq!(letters, [("pending".to_owned(), 2)]);
        test(&fixture.clinic, stamp(15, "staff:nora")).await.unwrap();
        // Dated by a clock that was wrong, it silences no test.
        test(&fixture.clinic, stamp(-9_000, "staff:nora")).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_proof_dated_by_a_clock_that_ran_ahead_is_none() {
        let fixture = fixture();
        let ahead = due() + minutes(400 * 1440);
        fixture.write(("daemon", ahead), |tx| Ok(tx.insert_test_alert()?)).unwrap();
        fixture.write(("staff:nora", ahead), confirm).unwrap();
        check(&fixture.clinic, sure(due())).await.unwrap();
        assert!(no_cover(&fixture), "nobody has proved anything");
        assert!(fixture.clinic.store.read(|v| v.has_open_test()).unwrap(), "a test alert leaves now");
        fixture.write(("staff:nora", due()), confirm).unwrap();
        check(&fixture.clinic, sure(due())).await.unwrap();
        assert!(!no_cover(&fixture));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_ladder_whose_letters_are_refused_is_no_cover_whoever_confirmed() {
        let fixture = fixture();
        check(&fixture.clinic, sure(due())).await.unwrap();
        fixture.write(("staff:nora", due()), confirm).unwrap();
        let fate = |at: usize, verdict: AttemptVerdict| {
            let steps = fixture.clinic.clone();
            let fare = move |tx: &mut Tx<'_>| -> Result<_, StepError> {
                let item = item(LetterName::StaffTestAlert, std::collections::BTreeMap::new());
                let id = enqueue(tx, &steps.care.contacts[at], item, &steps)?;
                let letter = tx.delivery(id)?.in_hand(tx.at());
                let letter = Delivery { message_id: Some(format!("m-{}", id.0)), ..letter };
                tx.claim(&letter, later(tx.at(), Duration::from_secs(60)))?;
                let reply = "550 5.1.1 no such user".to_owned();
                let report = AttemptReport { verdict, code: None, enhanced: None, reply, digest: None };
                outcome::record(tx, &letter, &report, outcome::Backoff::exact(&steps.policy))
            };
            fixture.write(("daemon", due()), fare).unwrap();
        };
        fate(0, AttemptVerdict::Refused);
        check(&fixture.clinic, sure(due())).await.unwrap();
        assert!(!no_cover(&fixture), "the second is there");
        fate(1, AttemptVerdict::BadAddress);
        check(&fixture.clinic, sure(due())).await.unwrap();
        assert!(no_cover(&fixture));
        fate(0, AttemptVerdict::Accepted);
        check(&fixture.clinic, sure(due())).await.unwrap();
        assert!(!no_cover(&fixture));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_ladder_without_hours_is_no_cover() {
        let fixture = fixture_where(triage(), |care| {
            care.proof = Some(Proof { test_every: Duration::MAX, lasts: Duration::MAX });
            for rung in &mut care.ladder.rungs {
                rung.hours.weekdays = Some(Vec::new());
            }
        });
        fixture.write(("daemon", due()), |tx| Ok(tx.insert_test_alert()?)).unwrap();
        fixture.write(("staff:nora", due()), confirm).unwrap();
        check(&fixture.clinic, sure(due())).await.unwrap();
        assert!(no_cover(&fixture));
    }
}
