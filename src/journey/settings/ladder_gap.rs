//! Somebody on the ladder is away and nobody is told in the place: a task stands as long as that is so.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::care::task::TaskKind;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// The fact that keeps who was away at the last look, a name on each line.
const FACT: &str = "ladder-gaps";

/// Opens a task for each new gap, and closes those of gaps that are over.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn look(clinic: &Deps, now: Timestamp) -> Result<(), StepError> {
    let gaps: BTreeSet<String> = clinic.care.gaps.iter().cloned().collect();
    let before = clinic.store.read(|view| view.fact(FACT))?.unwrap_or_default();
    let before: BTreeSet<String> = before.lines().map(str::to_owned).collect();
    if gaps == before {
        return Ok(());
    }
    let job = move |tx: &mut Tx<'_>| record(tx, &before, &gaps);
    clinic.store.write(Stamp::daemon(now), job).await
}

fn record(tx: &mut Tx<'_>, before: &BTreeSet<String>, gaps: &BTreeSet<String>) -> Result<(), StepError> {
    for over in before.difference(gaps) {
        tx.close_tasks_caused(TaskKind::LadderGap, &cause(over), "the gap in the ladder is closed")?;
    }
    for name in gaps.difference(before) {
        tx.open_task(&NewTask {
            kind: TaskKind::LadderGap,
            cause: cause(name),
            patient: None,
            follow_up: None,
            reason: format!("{name} is away, and nobody is told in the place."),
            due_at: tx.at(),
        })?;
    }
    let names: Vec<&str> = gaps.iter().map(String::as_str).collect();
    if names.is_empty() { Ok(tx.clear_fact(FACT)?) } else { Ok(tx.set_fact(FACT, &names.join("\n"))?) }
}

fn cause(name: &str) -> String {
    Subject::Rung(name.to_owned()).part("away")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::journey::alert_policy::AnswerPolicy;
    use crate::journey::fixture::{due, fixture, triage};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_gap_is_one_task_until_somebody_stands_in() {
        let mut fixture = fixture(triage());
        let mut with = |gaps: &[&str]| {
            let zone = fixture.clinic.care.days.zone.clone();
            let gaps = gaps.iter().map(|name| (*name).to_owned()).collect();
            fixture.clinic.care = Arc::new(AnswerPolicy { gaps, ..AnswerPolicy::closed(zone) });
            fixture.clinic.clone()
        };
        let open = |clinic: &Deps| {
            let tasks = clinic.store.read(|view| view.tasks_open()).unwrap();
            tasks.into_iter().filter(|task| task.kind == TaskKind::LadderGap).count()
        };
        let away = with(&["Nurse desk"]);
        look(&away, due()).await.unwrap();
        look(&away, due()).await.unwrap();
        assert_eq!(open(&away), 1);
        let back = with(&[]);
        look(&back, due()).await.unwrap();
        assert_eq!(open(&back), 0);
    }
}
