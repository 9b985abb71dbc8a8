//! What strangers wrote is not kept for ever: it goes when the clinic's period after a last contact is over, and nobody has anything to
//! do with it any more. What a patient wrote goes with her record, by two people's decision.

use jiff::civil::Time;

use crate::care::record::retention::RetentionBasis;
use crate::care::time::calendar::instant;
use crate::care::time::clock_trust::Trusted;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::sending_policy::{day, zone};
use crate::store::db::transaction::{Stamp, Tx, View};

/// Deletes what is old enough, some at a time. Without a period, and while letters are held, nothing goes. Returns how many.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn prune(clinic: &Deps, now: Trusted) -> Result<usize, StepError> {
    let here = zone(&clinic.policy.zone)?;
    let over = clinic.policy.retention.over_since(RetentionBasis::LastContact, day(now.at(), &here));
    let Some(before) = over.map(|on| instant(on, Time::midnight(), &here)) else { return Ok(0) };
    let old = |view: &View<'_>| -> Result<_, StepError> {
        Ok(if view.is_held()? { Vec::new() } else { view.inbound_of_nobody(before)? })
    };
    let old = clinic.store.read(old)?;
    if old.is_empty() {
        return Ok(0);
    }
    let count = old.len();
    tracing::info!(count, "messages of people who are not on record are old enough, and were deleted");
    let drop = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        old.into_iter().try_for_each(|id| Ok(tx.drop_inbound(id)?))
    };
    clinic.store.write(Stamp::daemon(now.at()), drop).await?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::care::address::EmailAddress;
    use crate::care::inbound::{Content, Inbound, MessageNote, Names};
    use crate::care::task::TaskKind;
    use crate::journey::fixture::{Fixture, due, fixture, sure, triage};
    use crate::journey::operations::close_task;
    use crate::journey::patients::inbound::take_in;
    use crate::store::database::tests::words;

    const YEARS_3: SignedDuration = SignedDuration::from_hours(3 * 366 * 24);

    fn wrote(fixture: &Fixture, text: &str, at: Timestamp) {
        let from = EmailAddress::parse("somebody@elsewhere.example").unwrap();
        let note = MessageNote { text: text.to_owned(), ..MessageNote::default() };
        let names = Names { from: vec![from], ..Names::default() };
        let message = Inbound { content: Content::Person, names, note, tells: None };
        tokio::task::block_in_place(|| take_in(&fixture.clinic, Stamp::daemon(at), message)).unwrap();
    }

    fn kept(fixture: &Fixture) -> Vec<String> {
        fixture.clinic.store.read(|view| words(view, "SELECT text FROM inbound ORDER BY id")).unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_a_stranger_wrote_goes_once_it_is_done_and_the_period_is_over() {
        let mut fixture = fixture(triage());
        wrote(&fixture, "cheap watches", due());
        wrote(&fixture, "who are you", due());
        wrote(&fixture, "of today", due() + YEARS_3);
        let tasks = fixture.clinic.store.read(|view| view.tasks_open()).unwrap();
        let first = tasks.iter().find(|task| task.kind == TaskKind::SheWrote).unwrap().id;
        let done = move |tx: &mut Tx<'_>| close_task::close(tx, first, "spam").map(|_| ());
        fixture.write(("staff:nora", due()), done).unwrap();
        let now = sure(due() + YEARS_3);
        assert_eq!(prune(&fixture.clinic, now).await.unwrap(), 0, "no period, nothing goes");

        let policy = Arc::get_mut(&mut fixture.clinic.policy).unwrap();
        policy.retention.after_last_contact = Some(2);
        assert_eq!(prune(&fixture.clinic, sure(due() + YEARS_3 / 3)).await.unwrap(), 0, "too early");
        assert_eq!(prune(&fixture.clinic, now).await.unwrap(), 1);
        assert_eq!(kept(&fixture), ["who are you", "of today"], "one waits for a person still");
        assert_eq!(prune(&fixture.clinic, now).await.unwrap(), 0);
        fixture.clinic.store.read(crate::store::audit::verify).unwrap();
    }
}
