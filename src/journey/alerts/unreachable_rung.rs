//! Rungs whose address does not take letters: such a rung counts as not reached, and is one task however many letters fail.
//! The task stands as long as the fault.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::care::task::TaskKind;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::alerts::rungs::{RungFault, RungNews};
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::mail::delivery::Delivery;
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// A letter to a rung did not arrive. Returns whether it was one to a rung.
pub(in crate::journey) fn rung_refused(
    tx: &mut Tx<'_>,
    letter: &Delivery,
    reply: &str,
    learned: RungNews,
) -> Result<bool, StepError> {
    let (Some(rung), Some(address)) = (tx.rung_of_letter(letter.id)?, &letter.recipient) else {
        return Ok(false);
    };
    let fault = RungFault { rung, address: address.clone(), reply: reply.to_owned(), since: tx.at() };
    if tx.note_rung_fault(&fault, learned)? {
        tracing::error!(rung = %fault.rung, reply = %fault.reply, "a rung of the ladder cannot be written to");
    }
    ask(tx, &fault)?;
    Ok(true)
}

/// A letter to a rung was taken by its server.
pub(in crate::journey) fn rung_taken(tx: &mut Tx<'_>, letter: &Delivery) -> Result<(), StepError> {
    let (Some(rung), Some(address)) = (tx.rung_of_letter(letter.id)?, &letter.recipient) else {
        return Ok(());
    };
    tx.note_rung_taken(&rung, address)?;
    close_over(tx, &BTreeSet::from([rung]))
}

/// Looks at the faults again: one that is over, or whose rung has another address or is gone, ends with its task; one that
/// stands has its task, whoever ticked it off.
pub(in crate::journey::alerts) async fn look(clinic: &Deps, now: Timestamp) -> Result<(), StepError> {
    if clinic.store.read(|view| view.faulty_rungs())?.is_empty() {
        return Ok(());
    }
    let rungs = &clinic.care.ladder.rungs;
    let ladder: Vec<(String, String)> =
        rungs.iter().map(|rung| (rung.who.key().to_owned(), rung.who.address.clone())).collect();
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let before: BTreeSet<String> = tx.faulty_rungs()?.into_iter().collect();
        tx.drop_rung_faults(&ladder)?;
        for fault in tx.rung_faults()? {
            ask(tx, &fault)?;
        }
        close_over(tx, &before)
    };
    clinic.store.write(Stamp::daemon(now), job).await
}

fn ask(tx: &mut Tx<'_>, fault: &RungFault) -> Result<(), StepError> {
    tx.open_task(&NewTask {
        kind: TaskKind::RungUnreachable,
        cause: cause(&fault.rung),
        patient: None,
        follow_up: None,
        reason: format!("Letters to `{}` do not arrive: {}", fault.rung, fault.reply),
        due_at: tx.at(),
    })?;
    Ok(())
}

/// Closes the tasks of those rungs that have no fault any more.
fn close_over(tx: &mut Tx<'_>, rungs: &BTreeSet<String>) -> Result<(), StepError> {
    let standing: BTreeSet<String> = tx.faulty_rungs()?.into_iter().collect();
    for rung in rungs.difference(&standing) {
        let note = "letters arrive again, or the address was changed";
        tx.close_tasks_caused(TaskKind::RungUnreachable, &cause(rung), note)?;
    }
    Ok(())
}

fn cause(rung: &str) -> String {
    Subject::Rung(rung.to_owned()).to_string()
}
