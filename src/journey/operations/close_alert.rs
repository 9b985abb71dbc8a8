//! An alert ends, and what follows from it happens in the same transaction: bone spread is noted, her letters pause or her plan
//! stops, tasks open for whoever must be told. Each step is chosen by the person who closes it. After spread or recurrence
//! something is: a survivor's letters do not go on as if nothing was found (clinical brief, section 5).

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::care::alert::closure_step::ClosureStep;
use crate::care::alert::lifecycle::{AlertOutcome, Disposition};
use crate::care::alert::mri_date::MriDate;
use crate::care::patient::{Patient, PatientStatus};
use crate::care::permission::Act;
use crate::care::task::TaskKind;
use crate::journey::alerts::acknowledge;
use crate::journey::answers::baseline;
use crate::journey::authorize::permit;
use crate::journey::deps::Deps;
use crate::journey::errors::alert::AlertError;
use crate::journey::errors::step::StepError;
use crate::journey::operations::contact_log;
use crate::journey::patients::status;
use crate::journey::sending_policy::{Policy, day, zone};
use crate::journey::status_change::StatusChange;
use crate::store::alerts::lifecycle::{Alert, AlertClosure, AlertId};
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::plan::follow_ups::FollowUp;
use crate::store::subject::Subject;
use crate::store::work::contact_log::{ContactReport, ContactSubject};
use crate::store::work::tasks::NewTask;

/// What a person is asked where spread or recurrence was found and nothing that was chosen stops her plan.
const GOES_ON: &str = "Her survivor plan goes on after spread or recurrence. Decide who follows her now, and change where she stands";

/// How an alert ends: what was done and what it was, and what follows from it.
#[derive(Debug, Clone)]
pub struct ClosureRequest {
    /// What was done, and what it turned out to be.
    pub closure: AlertClosure,
    /// What follows, as the person chose it.
    pub steps: Vec<ClosureStep>,
    /// Whether the person says that nothing follows; the note says why.
    pub says_none: bool,
}

/// What stops if her letters pause or her plan ends, as it stands now.
#[derive(Debug)]
pub struct PausePreview {
    /// Letters that wait to leave and would be withdrawn.
    pub waiting: usize,
    /// What falls due up to that day and would bring no letter, soonest first.
    pub silent: Vec<FollowUp>,
}

/// Whoever is stamped ends an alert with what was done, what it was and what follows; all of it happens or nothing.
///
/// # Errors
/// Those of closing an alert; [`AlertError::MriBefore`] and [`AlertError::MriTooFar`] for an MRI that cannot be the work-up;
/// [`AlertError::NothingChosen`] and its kin where spread or recurrence leads to nothing; [`AlertError::NothingFollows`] and
/// [`AlertError::EitherOr`] for steps that do not fit; those of the steps.
pub async fn end(
    clinic: &Deps,
    stamp: Stamp,
    id: AlertId,
    ending: ClosureRequest,
) -> Result<Alert, StepError> {
    let policy = Arc::clone(&clinic.policy);
    let job = move |tx: &mut Tx<'_>| conclude(tx, id, &ending, &policy);
    let alert = clinic.store.write(stamp, job).await?;
    clinic.bells.letters.notify_one();
    Ok(alert)
}

/// The same within a transaction, of one alert among several too.
pub(in crate::journey) fn conclude(
    tx: &mut Tx<'_>,
    id: AlertId,
    ending: &ClosureRequest,
    policy: &Policy,
) -> Result<Alert, StepError> {
    acknowledge::close(tx, id, &ending.closure)?;
    let alert = tx.alert(id)?;
    mri_fits(&alert, &ending.closure.dispositions, tx.at(), &zone(&policy.zone)?)?;
    let patient = tx.patient(alert.patient)?;
    is_chosen(&patient, ending)?;
    let alert = take(tx, id, &ending.steps)?;
    let stops =
        ending.steps.iter().any(|step| matches!(step, ClosureStep::Pause(_) | ClosureStep::Recurrence));
    if !ending.steps.is_empty() && !stops && patient.status.keeps_plan() {
        tx.open_task(&after(&alert, "plan-goes-on", GOES_ON))?;
    }
    Ok(alert)
}

/// Whether the day of an MRI can be that of the work-up of the answer that rang.
///
/// # Errors
/// [`AlertError::MriBefore`] and [`AlertError::MriTooFar`].
pub fn mri_fits(
    alert: &Alert,
    done: &[Disposition],
    now: Timestamp,
    zone: &TimeZone,
) -> Result<(), AlertError> {
    let answered_on = day(alert.raised_at, zone);
    for step in done {
        let Disposition::Mri(on) = *step else { continue };
        match MriDate::of(on, answered_on, day(now, zone), alert.tier) {
            MriDate::Before => return Err(AlertError::MriBefore(on, answered_on)),
            MriDate::TooFar => return Err(AlertError::MriTooFar(on)),
            MriDate::InTime | MriDate::AfterADay | MriDate::AfterAWeek => {}
        }
    }
    Ok(())
}

/// Whether something follows from spread or recurrence while her plan runs, or somebody says why nothing does.
fn is_chosen(patient: &Patient, ending: &ClosureRequest) -> Result<(), AlertError> {
    let proposed = ClosureStep::proposed(ending.closure.outcome);
    match (ending.says_none, ending.steps.is_empty()) {
        _ if proposed.is_empty() => Ok(()),
        (true, false) => Err(AlertError::NoneAndSteps),
        (true, true) if ending.closure.note.trim().is_empty() => Err(AlertError::NoneUnsaid),
        (false, true) if recurs_by(patient.status) => Err(AlertError::NothingChosen),
        _ => Ok(()),
    }
}

/// Whoever is stamped does not know yet what it was: the alert stays open with them under the clock of one that is kept, and
/// what was done so far is an entry of its call log. No outcome is on record before somebody knows it.
///
/// # Errors
/// Those of keeping an alert and of writing an entry.
pub async fn not_known(
    clinic: &Deps,
    stamp: Stamp,
    id: AlertId,
    report: ContactReport,
) -> Result<(), StepError> {
    let steps = clinic.clone();
    let job = move |tx: &mut Tx<'_>| {
        acknowledge::renew(tx, id, &steps)?;
        contact_log::log(tx, ContactSubject::Alert(id), &report).map(drop)
    };
    clinic.store.write(stamp, job).await
}

/// Whoever is stamped takes further steps that follow from an alert that is closed.
///
/// # Errors
/// As [`end`]; [`AlertError::AlertIs`] while the alert is open.
pub async fn follow(
    clinic: &Deps,
    stamp: Stamp,
    id: AlertId,
    steps: Vec<ClosureStep>,
) -> Result<Alert, StepError> {
    let alert = clinic.store.write(stamp, move |tx| take(tx, id, &steps)).await?;
    clinic.bells.letters.notify_one();
    Ok(alert)
}

fn take(tx: &mut Tx<'_>, id: AlertId, steps: &[ClosureStep]) -> Result<Alert, StepError> {
    let alert = tx.alert(id)?;
    let Some(outcome) = alert.outcome else {
        return Err(AlertError::AlertIs(id.0, alert.state.word()).into());
    };
    permit(tx, Act::closing(alert.tier))?;
    check(outcome, steps)?;
    for step in steps {
        if tx.note_closure_step(id, *step)? {
            let patient = tx.patient(alert.patient)?;
            happen(tx, &alert, &patient, *step)?;
        }
    }
    Ok(alert)
}

/// Whether the steps follow from that outcome, and fit each other.
fn check(outcome: AlertOutcome, steps: &[ClosureStep]) -> Result<(), AlertError> {
    let proposed = ClosureStep::proposed(outcome);
    if let Some(step) = steps.iter().find(|step| !proposed.contains(&step.word())) {
        return Err(AlertError::NothingFollows(step.word()));
    }
    let has = |word: &str| steps.iter().any(|step| step.word() == word);
    if has("pause") && has("recurrence") { Err(AlertError::EitherOr) } else { Ok(()) }
}

fn happen(tx: &mut Tx<'_>, alert: &Alert, patient: &Patient, step: ClosureStep) -> Result<(), StepError> {
    match step {
        ClosureStep::BoneSpread => baseline::bone_spread(tx, patient.id),
        ClosureStep::Pause(until) => stop(tx, patient, &because(alert, PatientStatus::Paused, Some(until))),
        ClosureStep::Recurrence => {
            recur(tx, patient, &because(alert, PatientStatus::RecurrenceConfirmed, None))
        }
        ClosureStep::TellTeam | ClosureStep::BookTreatment | ClosureStep::TellGp => {
            tx.open_task(&after(alert, step.word(), step.ask().unwrap_or_default()))?;
            Ok(())
        }
    }
}

/// The task for what is left to do after an alert.
fn after(alert: &Alert, what: &str, ask: &str) -> NewTask {
    NewTask {
        kind: TaskKind::AfterAlert,
        cause: Subject::from(alert.id).part(what),
        patient: Some(alert.patient),
        follow_up: None,
        reason: format!("{ask} (alert {}).", alert.id.0),
        due_at: alert.closed.as_ref().map_or(alert.raised_at, |(_, at)| *at),
    }
}

fn because(alert: &Alert, to: PatientStatus, until: Option<Date>) -> StatusChange {
    StatusChange { to, reason: format!("alert {} was closed", alert.id.0), until, confirmed_by: None }
}

/// Her letters stop. Where they are stopped already for a weightier reason, that stands.
fn stop(tx: &mut Tx<'_>, patient: &Patient, change: &StatusChange) -> Result<(), StepError> {
    let stops = match change.to {
        PatientStatus::Paused => patient.status.is_asked_by_letter(),
        _ => stops_by(patient.status),
    };
    if !stops {
        return Err(AlertError::StoppedAlready(patient.status.word()).into());
    }
    status::change(tx, patient, change)
}

/// Her plan ends. Whoever is followed by paper or telephone has one too.
fn recur(tx: &mut Tx<'_>, patient: &Patient, change: &StatusChange) -> Result<(), StepError> {
    if !recurs_by(patient.status) {
        return Err(AlertError::StoppedAlready(patient.status.word()).into());
    }
    status::change(tx, patient, change)
}

/// Whether closing an alert may end the plan of somebody who stands so: of all whose plan still runs.
#[must_use]
pub const fn recurs_by(status: PatientStatus) -> bool {
    stops_by(status) || matches!(status, PatientStatus::OptedOutEmail | PatientStatus::AddressBad)
}

/// Whether closing an alert may pause the letters of somebody who stands so.
#[must_use]
pub const fn stops_by(status: PatientStatus) -> bool {
    matches!(status, PatientStatus::Active | PatientStatus::Paused | PatientStatus::RecurrenceSuspected)
}

/// What stops if her letters pause up to and including that day; with `None` for good.
///
/// # Errors
/// [`StepError`] when her records cannot be read.
pub fn effect(view: &View<'_>, patient: &Patient, until: Option<Date>) -> Result<PausePreview, StepError> {
    let mut silent = view.follow_ups_of(patient.id)?;
    silent.retain(|one| one.is_open() && until.is_none_or(|until| one.owed.due_on <= until));
    silent.sort_by_key(|one| one.owed.due_on);
    Ok(PausePreview { waiting: view.letters_waiting(patient.id)?.len(), silent })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::alerts::escalate::escalate;
    use crate::journey::fixture::{Fixture, due, fixture, minutes, page, triage};
    use crate::store::answers::links::LinkPurpose;

    async fn taken(fixture: &Fixture) -> AlertId {
        let token = fixture.token(LinkPurpose::Changed);
        fixture.kept(due(), page(&token, "a", &[("walk", "new")])).await;
        escalate(&fixture.clinic, due()).await.unwrap();
        let id = fixture.clinic.store.read(|v| v.alerts_open()).unwrap().remove(0).id;
        fixture.write(("staff:nora", due()), move |tx| acknowledge::acknowledge(tx, id)).unwrap();
        id
    }

    fn ending(outcome: AlertOutcome, steps: Vec<ClosureStep>) -> ClosureRequest {
        let closure = AlertClosure { dispositions: vec![Disposition::Called], outcome, note: String::new() };
        ClosureRequest { closure, steps, says_none: false }
    }

    fn by(who: &str) -> Stamp {
        let actor = crate::care::actor::Actor::Staff(who.to_owned());
        Stamp { at: due() + minutes(30), actor }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_chosen_happens_with_the_closing_and_is_on_record() {
        let fixture = fixture(triage());
        let id = taken(&fixture).await;
        let until = jiff::civil::date(2026, 9, 1);
        let steps = vec![ClosureStep::BoneSpread, ClosureStep::Pause(until), ClosureStep::TellGp];
        let effect = fixture.clinic.store.read(|v| effect(v, &fixture.her(), Some(until))).unwrap();
        assert!(!effect.silent.is_empty() && effect.silent.iter().all(|one| one.owed.due_on <= until));
        let all = ending(AlertOutcome::SpinalSpread, steps.clone());
        end(&fixture.clinic, by("dana"), id, all).await.unwrap();
        let her = fixture.her();
        assert_eq!((her.status, her.paused_until), (PatientStatus::Paused, Some(until)));
        let view = &fixture.clinic.store;
        assert!(view.read(|v| v.has_bone_spread(her.id)).unwrap());
        let tasks = view.read(|v| v.tasks_open()).unwrap();
        assert_eq!(tasks.iter().filter(|task| task.kind == TaskKind::AfterAlert).count(), 1);
        let kept = view.read(|v| v.closure_steps(id)).unwrap();
        assert_eq!(kept.len(), steps.len());
        // Later, and once: what was done is not done again.
        let more = vec![ClosureStep::TellGp, ClosureStep::TellTeam];
        follow(&fixture.clinic, by("dana"), id, more).await.unwrap();
        let tasks = view.read(|v| v.tasks_open()).unwrap();
        assert_eq!(tasks.iter().filter(|task| task.kind == TaskKind::AfterAlert).count(), 2);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn spread_leads_to_something_or_somebody_says_why_to_nothing() {
        let fixture = fixture(triage());
        let id = taken(&fixture).await;
        let close = async |ending| end(&fixture.clinic, by("dana"), id, ending).await;
        let bare = ending(AlertOutcome::OtherRecurrence, Vec::new());
        let refused = close(bare.clone()).await;
        assert!(matches!(refused, Err(StepError::Alert(AlertError::NothingChosen))), "{refused:?}");
        let none = ClosureRequest { says_none: true, ..bare };
        let refused = close(none.clone()).await;
        assert!(matches!(refused, Err(StepError::Alert(AlertError::NoneUnsaid))), "{refused:?}");
        assert_eq!(fixture.clinic.store.read(|v| v.alert(id)).unwrap().outcome, None);
        let closure = AlertClosure { note: "the team has her since Monday".to_owned(), ..none.closure };
        close(ClosureRequest { closure, ..none }).await.unwrap();
        assert!(
            fixture
                .clinic
                .store
                .read(|v| v.tasks_open())
                .unwrap()
                .iter()
                .all(|t| t.kind != TaskKind::AfterAlert)
        );
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn where_no_chosen_step_stops_her_plan_a_person_is_asked_who_follows_her() {
        let fixture = fixture(triage());
        let id = taken(&fixture).await;
        let noted = ending(AlertOutcome::SpinalSpread, vec![ClosureStep::BoneSpread]);
        end(&fixture.clinic, by("dana"), id, noted).await.unwrap();
        let tasks = fixture.clinic.store.read(|v| v.tasks_open()).unwrap();
        let asked = tasks.iter().find(|task| task.kind == TaskKind::AfterAlert).unwrap();
        assert!(asked.reason.starts_with(GOES_ON), "{}", asked.reason);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn no_mri_of_before_the_answer_or_of_another_century_closes_an_alert() {
        let fixture = fixture(triage());
        let id = taken(&fixture).await;
        let on = async |year, month, day| {
            let dispositions = vec![Disposition::Mri(jiff::civil::date(year, month, day))];
            let closure =
                AlertClosure { dispositions, ..ending(AlertOutcome::OtherCause, Vec::new()).closure };
            end(
                &fixture.clinic,
                by("dana"),
                id,
                ClosureRequest { closure, steps: Vec::new(), says_none: false },
            )
            .await
        };
        let (before, far) = (on(2026, 2, 1).await, on(2206, 3, 4).await);
        assert!(matches!(before, Err(StepError::Alert(AlertError::MriBefore(..)))), "{before:?}");
        assert!(matches!(far, Err(StepError::Alert(AlertError::MriTooFar(_)))), "{far:?}");
        on(2026, 3, 4).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_step_that_does_not_fit_leaves_the_alert_open() {
        let fixture = fixture(triage());
        let id = taken(&fixture).await;
        let until = jiff::civil::date(2026, 4, 1);
        for (outcome, steps) in [
            (AlertOutcome::FalseAlarm, vec![ClosureStep::TellGp]),
            (AlertOutcome::OtherRecurrence, vec![ClosureStep::BoneSpread]),
            (AlertOutcome::SpinalSpread, vec![ClosureStep::Pause(until), ClosureStep::Recurrence]),
            (AlertOutcome::SpinalSpread, vec![ClosureStep::Pause(jiff::civil::date(2020, 1, 1))]),
        ] {
            end(&fixture.clinic, by("dana"), id, ending(outcome, steps)).await.unwrap_err();
        }
        let nurse = ending(AlertOutcome::SpinalSpread, vec![ClosureStep::BoneSpread]);
        end(&fixture.clinic, by("nora"), id, nurse).await.unwrap_err();
        let alert = fixture.clinic.store.read(|v| v.alert(id)).unwrap();
        assert_eq!((alert.outcome, fixture.her().status), (None, PatientStatus::Active));
        let open = follow(&fixture.clinic, by("dana"), id, vec![ClosureStep::TellGp]).await;
        assert!(matches!(open, Err(StepError::Alert(AlertError::AlertIs(..)))));
    }
}
