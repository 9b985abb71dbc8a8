//! Once a day a patient who does not exist lives the whole chain through the same functions: a letter leaves, its page
//! opens, a red answer is stored, its alert rings and is taken on. Her alerts tell nobody on the ladder. A link of the
//! chain that breaks opens a task, is logged, and stops the heartbeat.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::date;

use crate::care::address::EmailAddress;
use crate::care::alert::lifecycle::{AlertOutcome, Disposition};
use crate::care::canary::CanaryState;
use crate::care::checklist::definition::Checklist;
use crate::care::checklist::item::{AnswerKind as Answer, PartRole};
use crate::care::contact::PatientContact;
use crate::care::delivery;
use crate::care::patient::{Detail, Patient, PatientStatus, PreferredName, Reference};
use crate::care::plan::protocol::OnUnknown;
use crate::care::task::TaskKind;
use crate::care::time::clock_trust::Trusted;
use crate::care::time::span::later;
use crate::care::triage::case::FormStage;
use crate::journey::alerts::{acknowledge, escalate, notify};
use crate::journey::answers::link_access::{self, LinkRequest, LinkView};
use crate::journey::answers::respond::{self, Saved, SentPage};
use crate::journey::deps::Deps;
use crate::journey::errors::content::ContentError;
use crate::journey::errors::step::StepError;
use crate::journey::link_key;
use crate::journey::outbox::contents::frame;
use crate::journey::patients::status;
use crate::journey::sending_policy::{day, zone};
use crate::journey::status_change::StatusChange;
use crate::letter::template_names::LetterName;
use crate::store::alerts::lifecycle::AlertClosure;
use crate::store::answers::links::LinkPurpose;
use crate::store::answers::responses::Respondent;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::mail::delivery::{NewDelivery, Purpose};
use crate::store::monitoring::readings;
use crate::store::people::patients::Newcomer;
use crate::store::subject::Singleton;
use crate::store::work::canary::CanaryWalk;
use crate::store::work::tasks::NewTask;

/// So long may her letter take.
const PATIENCE: Duration = Duration::from_secs(2 * 3600);
const CAUSE: &str = Singleton::Canary.word();
/// The fact that stops the heartbeat.
pub const BROKEN: &str = readings::CANARY_BROKEN;

/// Takes the next step of today's walk: send her letter, or, once it has left, answer it.
///
/// # Errors
/// [`StepError`] when the store fails. A broken link of the chain is no error here: it is recorded.
pub async fn walk(clinic: &Deps, now: Trusted) -> Result<(), StepError> {
    let now = now.at();
    let Some(address) = clinic.care.canary.clone().filter(|_| clinic.policy.public_url.is_some()) else {
        return at_rest(clinic, now).await;
    };
    let today = day(now, &zone(&clinic.policy.zone)?);
    match clinic.store.read(|view| view.last_walk(today))? {
        Some(walk) if walk.state == CanaryState::Letter => go_on(clinic, now, &walk).await,
        Some(walk) if walk.on >= today => Ok(()),
        _ => {
            let steps = clinic.clone();
            clinic.store.write(Stamp::daemon(now), move |tx| begin(tx, address, &steps)).await
        }
    }
}

/// Nobody asks for her any more: a walk that broke is over, and the heartbeat goes on.
async fn at_rest(clinic: &Deps, now: Timestamp) -> Result<(), StepError> {
    if clinic.store.read(|view| view.fact(BROKEN))?.is_none() {
        return Ok(());
    }
    let job = |tx: &mut Tx<'_>| -> Result<(), StepError> {
        tx.clear_fact(BROKEN)?;
        tx.audit(AuditAction::CanaryOff, Singleton::Canary, &serde_json::json!({}))?;
        Ok(tx.close_tasks_caused(TaskKind::CanaryBroken, CAUSE, "the daily test is switched off")?)
    };
    clinic.store.write(Stamp::daemon(now), job).await
}

fn begin(tx: &mut Tx<'_>, address: EmailAddress, clinic: &Deps) -> Result<(), StepError> {
    let patient = make_ready(tx, address, clinic)?;
    let here = zone(&patient.zone)?;
    let item = notify::item(LetterName::Invite, std::collections::BTreeMap::new());
    let inputs = frame(&patient, vec![item], tx.at(), &here);
    let on = day(tx.at(), &here);
    let letter = tx.enqueue(&NewDelivery {
        patient: Some(patient.id),
        recipient: None,
        purpose: Purpose::Canary,
        local_on: on,
        next_at: tx.at(),
        expires_at: later(tx.at(), PATIENCE),
        on_unknown: OnUnknown::Resend,
        inputs: serde_json::to_string(&inputs).ok(),
    })?;
    Ok(tx.begin_walk(on, letter)?)
}

/// Finds her or makes her; she is on no protocol, so no plan ever writes to her. What stopped yesterday's letter, a refused
/// address or a scanner that unsubscribed her, does not stop the next walk.
fn make_ready(tx: &mut Tx<'_>, address: EmailAddress, clinic: &Deps) -> Result<Patient, StepError> {
    let broken = || StepError::Content(ContentError::Checklist(Reference::CANARY.to_owned()));
    let reference = Reference::parse(Reference::CANARY).map_err(|_| broken())?;
    if tx.is_known(&reference)? {
        let mut patient = tx.patient_by_reference(&reference)?;
        patient.email = Some(address);
        tx.update_patient(&patient)?;
        if patient.status != PatientStatus::Active {
            let reason = "a new day's walk".to_owned();
            let awake = StatusChange { to: PatientStatus::Active, reason, until: None, confirmed_by: None };
            status::change(tx, &patient, &awake)?;
        }
        return Ok(tx.patient(patient.id)?);
    }
    let id = tx.insert_patient(&Newcomer {
        reference,
        name: PreferredName::parse("Canary").map_err(|_| broken())?,
        birth_on: date(2000, 1, 1),
        email: Some(address),
        language: clinic.care.language.clone(),
        zone: clinic.policy.zone.clone(),
        detail: Detail::Minimal,
        detail_follows: false,
        proxy: None,
        shared_inbox: false,
        status: PatientStatus::Active,
        contact: PatientContact::default(),
    })?;
    Ok(tx.patient(id)?)
}

async fn go_on(clinic: &Deps, now: Timestamp, walk: &CanaryWalk) -> Result<(), StepError> {
    let Some(letter) = walk.delivery else { return Ok(()) };
    let letter = clinic.store.read(|view| view.delivery(letter))?;
    let patient = letter.patient.map(|id| clinic.store.read(|view| view.patient(id))).transpose()?;
    let waits = !letter.state.is_final() && later(walk.began_at, PATIENCE) > now;
    let broken = match (letter.state, patient) {
        (delivery::DeliveryState::Sent, Some(patient)) => answer(clinic, now, &patient).await.err(),
        _ if waits => return Ok(()),
        (state, _) => Some(format!("her letter is {}", state.word())),
    };
    let walk = walk.clone();
    let job = move |tx: &mut Tx<'_>| end(tx, &walk, broken.as_deref());
    clinic.store.write(Stamp::daemon(now), job).await
}

/// From the link to the acknowledgement. The error says which link of the chain broke.
async fn answer(clinic: &Deps, now: Timestamp, patient: &Patient) -> Result<(), String> {
    let said = |fault: StepError| fault.to_string();
    let token = clinic.key.token(patient.id, LinkPurpose::Changed, 0);
    let pass = pass(clinic, now, &token);
    let request = LinkRequest { token: &token, pass: pass.as_deref(), at: now };
    let LinkView::Form(form) = link_access::open(clinic, request).map_err(said)? else {
        return Err("her page stays shut".to_owned());
    };
    let page = SentPage {
        pass,
        token,
        nonce: format!("canary-{:0>12}", now.as_millisecond()),
        version: form.checklist.version.clone(),
        who: Respondent::Canary,
        fields: red(&form.checklist),
        number: 0,
        stage: FormStage::Submitted,
    };
    let Saved::Kept(kept) = respond::respond(clinic, now, page).await.map_err(said)? else {
        return Err("her answer was not taken".to_owned());
    };
    escalate::escalate(clinic, now).await.map_err(said)?;
    let response = clinic.store.read(|view| view.response(kept.response)).map_err(|f| f.to_string())?;
    let id = response.alert.ok_or("her red answer raised no alert")?;
    if clinic.store.read(|view| view.notices_of(id)).map_err(|f| f.to_string())?.is_empty() {
        return Err("her alert did not ring".to_owned());
    }
    let ending = AlertClosure {
        dispositions: vec![Disposition::Called],
        outcome: AlertOutcome::FalseAlarm,
        note: String::new(),
    };
    let job = move |tx: &mut Tx<'_>| acknowledge::play(tx, id, &ending);
    clinic.store.write(Stamp::daemon(now), job).await.map_err(said)
}

/// What proves her birth date, where the clinic asks everyone for it.
fn pass(clinic: &Deps, now: Timestamp, token: &str) -> Option<String> {
    let link = clinic.store.read(|view| link_key::find(view, &clinic.key, token)).ok()??;
    Some(clinic.key.pass(link.id, later(now, PATIENCE)))
}

/// The worst answer to every nerve question.
fn red(checklist: &Checklist) -> Vec<(String, String)> {
    let nerve = checklist.parts().filter(|part| part.role == PartRole::Nerve && part.kind == Answer::Change);
    nerve.map(|part| (part.field.clone(), "new".to_owned())).collect()
}

fn end(tx: &mut Tx<'_>, walk: &CanaryWalk, broken: Option<&str>) -> Result<(), StepError> {
    tx.end_walk(walk, broken)?;
    let Some(reason) = broken else {
        tx.clear_fact(BROKEN)?;
        return Ok(tx.close_tasks_caused(TaskKind::CanaryBroken, CAUSE, "the chain holds again")?);
    };
    tracing::error!(%reason, "the canary's walk broke");
    tx.set_fact(BROKEN, reason)?;
    tx.open_task(&NewTask {
        kind: TaskKind::CanaryBroken,
        cause: CAUSE.to_owned(),
        patient: None,
        follow_up: None,
        reason: format!("The daily test of the chain broke: {reason}."),
        due_at: tx.at(),
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::alert_policy::BirthCheck;
    use crate::journey::delivery::deliver::deliver;
    use crate::journey::fixture::world::{odd_post, post};
    use crate::journey::fixture::{Fixture, due, fixture_where, minutes, sure, triage};

    fn fixture() -> Fixture {
        fixture_where(triage(), |care| {
            care.canary = EmailAddress::parse("ops@clinic.example").ok();
            care.birth_check = BirthCheck::Everyone;
        })
    }

    fn day_of(now: Timestamp) -> jiff::civil::Date {
        day(now, &jiff::tz::TimeZone::UTC)
    }

    fn state(fixture: &Fixture) -> (String, bool) {
        let walk = fixture.clinic.store.read(|v| v.last_walk(date(9999, 12, 31))).unwrap().unwrap();
        let tasks = fixture.clinic.store.read(|v| v.tasks_open()).unwrap();
        let broken = tasks.iter().any(|t| t.kind == TaskKind::CanaryBroken);
        assert_eq!(broken, fixture.clinic.store.read(|v| v.fact(BROKEN)).unwrap().is_some());
        (walk.state.word().to_owned(), broken)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_canary_walks_the_whole_chain_once_a_day_and_tells_nobody_on_the_ladder() {
        let fixture = fixture();
        for day in 0..2 {
            let now = due() + minutes(day * 1440);
            walk(&fixture.clinic, sure(now)).await.unwrap();
            assert_eq!(state(&fixture), ("letter".to_owned(), false));
            assert_eq!(deliver(&fixture.clinic, &post(now)).await.unwrap().sent, 1);
            for minute in 1..4 {
                walk(&fixture.clinic, sure(now + minutes(minute))).await.unwrap();
            }
            assert_eq!(state(&fixture), ("done".to_owned(), false));
        }
        let balance = fixture.clinic.store.read(|v| v.balance()).unwrap();
        assert_eq!(balance, [("sent".to_owned(), 2)]);
        assert!(fixture.clinic.store.read(|v| v.alerts_open()).unwrap().is_empty());
        assert!(fixture.clinic.store.read(|v| v.findings()).unwrap().is_empty());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_letter_that_does_not_leave_breaks_the_walk_and_the_next_good_one_mends_it() {
        let fixture = fixture();
        walk(&fixture.clinic, sure(due())).await.unwrap();
        walk(&fixture.clinic, sure(due() + minutes(60))).await.unwrap();
        assert_eq!(state(&fixture), ("letter".to_owned(), false));
        walk(&fixture.clinic, sure(due() + minutes(121))).await.unwrap();
        assert_eq!(state(&fixture), ("broken".to_owned(), true));
        let tomorrow = due() + minutes(1440);
        walk(&fixture.clinic, sure(tomorrow)).await.unwrap();
        deliver(&fixture.clinic, &post(tomorrow)).await.unwrap();
        walk(&fixture.clinic, sure(tomorrow + minutes(1))).await.unwrap();
        assert_eq!(state(&fixture), ("done".to_owned(), false));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_address_of_hers_that_is_refused_asks_nobody_about_a_woman_who_does_not_live() {
        let fixture = fixture();
        let now = due();
        walk(&fixture.clinic, sure(now)).await.unwrap();
        let refuses = odd_post(now, "ops@clinic.example", std::sync::Arc::new(|| ()));
        assert_eq!(deliver(&fixture.clinic, &refuses).await.unwrap().failed, 1);
        walk(&fixture.clinic, sure(now + minutes(1))).await.unwrap();
        // The next day's letter is of no use before it can leave.
        let tomorrow = now + minutes(1440);
        walk(&fixture.clinic, sure(tomorrow)).await.unwrap();
        let late = post(tomorrow + minutes(180));
        assert_eq!(deliver(&fixture.clinic, &late).await.unwrap().lapsed, 1);
        walk(&fixture.clinic, sure(tomorrow + minutes(181))).await.unwrap();
        let open = fixture.clinic.store.read(|v| v.tasks_open()).unwrap();
        let kinds: Vec<_> = open.iter().map(|task| task.kind).collect();
        assert_eq!(kinds, [TaskKind::CanaryBroken]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whatever_stopped_her_letters_the_next_day_she_walks_again() {
        let fixture = fixture();
        let canary = || {
            let reference = Reference::parse(Reference::CANARY).unwrap();
            fixture.clinic.store.read(|v| v.patient_by_reference(&reference)).unwrap()
        };
        for (day, to) in [PatientStatus::AddressBad, PatientStatus::OptedOutEmail, PatientStatus::Deceased]
            .into_iter()
            .enumerate()
        {
            let now = due() + minutes(i64::try_from(day).unwrap() * 1440);
            walk(&fixture.clinic, sure(now)).await.unwrap();
            assert_eq!(
                (canary().status, deliver(&fixture.clinic, &post(now)).await.unwrap().sent),
                (PatientStatus::Active, 1)
            );
            walk(&fixture.clinic, sure(now + minutes(1))).await.unwrap();
            assert_eq!(state(&fixture), ("done".to_owned(), false));
            let her = canary();
            let stop = StatusChange { to, reason: "refused".to_owned(), until: None, confirmed_by: None };
            fixture.write(("daemon", now), move |tx| status::change(tx, &her, &stop)).unwrap();
        }
        walk(&fixture.clinic, sure(due() + minutes(3 * 1440))).await.unwrap();
        assert_eq!(canary().status, PatientStatus::Active);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_broken_walk_ends_when_the_canary_is_switched_off() {
        let mut fixture = fixture();
        walk(&fixture.clinic, sure(due())).await.unwrap();
        walk(&fixture.clinic, sure(due() + minutes(121))).await.unwrap();
        assert_eq!(state(&fixture), ("broken".to_owned(), true));
        std::sync::Arc::get_mut(&mut fixture.clinic.care).unwrap().canary = None;
        walk(&fixture.clinic, sure(due() + minutes(122))).await.unwrap();
        assert_eq!(state(&fixture), ("broken".to_owned(), false), "the heartbeat goes on");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_walk_dated_by_a_clock_that_ran_ahead_is_none() {
        let fixture = fixture();
        walk(&fixture.clinic, sure(due() + minutes(1440))).await.unwrap();
        for day in 0..2 {
            let now = due() + minutes(day * 1440);
            walk(&fixture.clinic, sure(now)).await.unwrap();
            let today = day_of(now);
            let walked = fixture.clinic.store.read(|v| v.last_walk(today)).unwrap().unwrap();
            assert_eq!((walked.on, walked.state.word()), (today, "letter"), "day {day}");
            deliver(&fixture.clinic, &post(now)).await.unwrap();
            walk(&fixture.clinic, sure(now + minutes(1))).await.unwrap();
            let walked = fixture.clinic.store.read(|v| v.last_walk(today)).unwrap().unwrap();
            assert_eq!(walked.state.word(), "done", "day {day}");
        }
    }
}
