//! The rules were signed, and then others came into force: nothing is judged by what nobody signed, and a task says so as long
//! as that is so.

use jiff::Timestamp;

use crate::care::settings::setting::Setting;
use crate::care::task::TaskKind;
use crate::care::triage::sign_off::LapsedSignOff;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// The fact that keeps which version was in force unsigned at the last look.
const FACT: &str = "rules-unsigned";

/// Opens the task, or closes it once the rules are signed or nobody wants them to judge any more.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn look(clinic: &Deps, now: Timestamp) -> Result<(), StepError> {
    let lapsed = clinic.care.lapsed.clone();
    let before = clinic.store.read(|view| view.fact(FACT))?;
    if lapsed.as_ref().map(|one| &one.in_force) == before.as_ref() {
        return Ok(());
    }
    let job = move |tx: &mut Tx<'_>| record(tx, before, lapsed);
    clinic.store.write(Stamp::daemon(now), job).await
}

fn record(tx: &mut Tx<'_>, before: Option<String>, lapsed: Option<LapsedSignOff>) -> Result<(), StepError> {
    if let Some(before) = before {
        tx.close_tasks_caused(TaskKind::RulesUnsigned, &cause(&before), "other rules, or another decision")?;
    }
    let Some(LapsedSignOff { signed, in_force }) = lapsed else { return Ok(tx.clear_fact(FACT)?) };
    tx.open_task(&NewTask {
        kind: TaskKind::RulesUnsigned,
        cause: cause(&in_force),
        patient: None,
        follow_up: None,
        reason: format!(
            "The rules were signed in version {} and are in force in version {in_force}: staff read every answer.",
            signed.version
        ),
        due_at: tx.at(),
    })?;
    Ok(tx.set_fact(FACT, &in_force)?)
}

fn cause(in_force: &str) -> String {
    Subject::Setting(Setting::Judging).part(in_force)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::journey::alert_policy::{AnswerPolicy, TriageMode};
    use crate::journey::fixture::{due, fixture, triage};

    #[tokio::test(flavor = "multi_thread")]
    async fn rules_that_nobody_signed_are_one_task_until_somebody_does() {
        let mut fixture = fixture(triage());
        let mut with = |in_force: Option<&str>| {
            let TriageMode::Triage(signed) = triage() else { panic!("triage") };
            let lapsed = in_force.and_then(|version| signed.stands(version).err());
            let zone = fixture.clinic.care.days.zone.clone();
            fixture.clinic.care = Arc::new(AnswerPolicy { lapsed, ..AnswerPolicy::closed(zone) });
            fixture.clinic.clone()
        };
        let open = |clinic: &Deps| {
            let tasks = clinic.store.read(|view| view.tasks_open()).unwrap().into_iter();
            let ours = tasks.filter(|task| task.kind == TaskKind::RulesUnsigned);
            ours.map(|task| task.reason).collect::<Vec<_>>()
        };
        let later = with(Some("later"));
        look(&later, due()).await.unwrap();
        look(&later, due()).await.unwrap();
        assert_eq!(open(&later).len(), 1);
        let latest = with(Some("latest"));
        look(&latest, due()).await.unwrap();
        assert!(open(&latest).len() == 1 && open(&latest)[0].contains("version latest"));
        let signed = with(Some("new"));
        look(&signed, due()).await.unwrap();
        assert!(open(&signed).is_empty());
    }
}
