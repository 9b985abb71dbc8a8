//! Answers over a real database.

mod again;
mod record;

use super::*;
use crate::care::alert::lifecycle::AlertState;
use crate::care::patient::PatientStatus;
use crate::care::task::TaskKind;
use crate::journey::alert_policy::BirthCheck;
use crate::journey::answers::link_access::{LinkView, Proved, open, prove};
use crate::journey::delivery::deliver::deliver;
use crate::journey::fixture::world::post;
use crate::journey::fixture::{House, at, birth_on, due, house, house_where, minutes, page, sure, triage};
use crate::journey::patients::status;
use crate::journey::patients::status_change::StatusChange;
use crate::journey::plan::enrol::Course;
use crate::journey::plan::fall_due::fall_due;
use crate::store::alerts::alerts::Alert;
use crate::store::database::tests::sabotage;

const RED: &[(&str, &str)] = &[("walk", "new")];

fn alerts(house: &House) -> Vec<Alert> {
    house.clinic.store.read(|v| v.alerts_of(house.patient)).unwrap()
}

fn responses(house: &House) -> Vec<Response> {
    house.clinic.store.read(|v| v.responses_of(house.patient)).unwrap()
}

fn tasks(house: &House, kind: TaskKind) -> bool {
    house.clinic.store.read(|v| v.has_task(house.patient, kind)).unwrap()
}

fn saved(mut page: SentPage, number: u32, fields: &[&str]) -> SentPage {
    page.fields.retain(|(field, _)| fields.contains(&field.as_str()));
    SentPage { stage: FormStage::Saved, number, ..page }
}

async fn becomes(house: &House, to: PatientStatus) {
    let her = house.her();
    let change = StatusChange { to, reason: "test".into(), until: None, confirmed_by: None };
    let job = move |tx: &mut Tx<'_>| status::change(tx, &her, &change);
    house.clinic.store.write(Stamp::daemon(due()), job).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_whose_alert_cannot_be_stored_is_not_stored_either() {
    let house = house(triage());
    let token = house.form();
    let broken = "CREATE TRIGGER broken BEFORE INSERT ON alert BEGIN SELECT raise(ABORT, 'no'); END";
    let stamp = Stamp::daemon(due());
    house.clinic.store.write(stamp.clone(), |tx| sabotage(tx, broken)).await.unwrap();
    assert!(respond(&house.clinic, due(), page(&token, "a", RED)).await.is_err());
    assert!(responses(&house).is_empty() && alerts(&house).is_empty());

    house.clinic.store.write(stamp, |tx| sabotage(tx, "DROP TRIGGER broken")).await.unwrap();
    let kept = house.kept(due(), page(&token, "a", RED)).await;
    assert_eq!((kept.outcome, kept.rings), (RespondOutcome::Tier(Tier::Emergency), true));
    assert_eq!((responses(&house).len(), alerts(&house).len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_double_submit_is_one_response_and_a_second_form_is_another() {
    let house = house(triage());
    let token = house.form();
    let first = house.kept(due(), page(&token, "a", RED)).await;
    let twin = house.kept(due() + minutes(1), page(&token, "a", RED)).await;
    assert_eq!((twin.response, twin.outcome, twin.rings), (first.response, first.outcome, false));
    let second = house.kept(due() + minutes(2), page(&token, "b", &[])).await;
    assert_ne!(second.response, first.response);
    // She is told what she was told, as long as nobody has closed the alert.
    assert_eq!(second.outcome, RespondOutcome::Tier(Tier::Emergency));
    assert_eq!(responses(&house)[0].tier, Some(Tier::Routine));
    assert_eq!(responses(&house).len(), 2);
    // The better second answer lowers nothing.
    assert_eq!(alerts(&house)[0].tier, Some(Tier::Emergency));
    assert_eq!(alerts(&house)[0].state, AlertState::Raised);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worse_answer_lifts_the_alert_that_rings_and_a_better_one_joins_it() {
    let house = house(triage());
    let token = house.token(LinkPurpose::Changed);
    house.kept(due(), page(&token, "a", &[("weight", "yes")])).await;
    assert_eq!(alerts(&house)[0].tier, Some(Tier::Soon));
    let lifted = house.kept(due() + minutes(30), page(&token, "b", RED)).await;
    assert!(lifted.rings);
    let joined = house.kept(due() + minutes(40), page(&token, "c", &[("weight", "yes")])).await;
    assert!(!joined.rings);
    let found = alerts(&house);
    assert_eq!((found.len(), found[0].tier), (1, Some(Tier::Emergency)));
    assert_eq!(found[0].due_at, due() + minutes(90));
    assert!(responses(&house).iter().all(|r| r.alert == Some(found[0].id)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_left_after_a_red_page_still_rings_and_shows_its_page_on_return() {
    let house = house(triage());
    let token = house.form();
    let first = saved(page(&token, "a", RED), 0, &["walk"]);
    assert!(house.kept(due(), first).await.rings);
    assert_eq!(alerts(&house).len(), 1);
    assert_eq!(house.follow_up(1).state, "planned");

    let LinkView::Form(form) = open(&house.clinic, due() + minutes(60), (&token, None)).unwrap() else {
        panic!("the form is shut");
    };
    let begun = form.begun.unwrap();
    let days_later = open(&house.clinic, due() + minutes(4 * 1440), (&token, None)).unwrap();
    assert!(matches!(days_later, LinkView::Form(form) if form.begun.is_none()));
    assert_eq!((begun.outcome, begun.pages), (RespondOutcome::Tier(Tier::Emergency), 1));
    // Taking the red answer back on the same form lowers nothing, and what was said before still counts.
    let rest = house.kept(due() + minutes(61), page(&token, &begun.nonce, &[])).await;
    assert_eq!((rest.outcome, rest.rings), (RespondOutcome::Tier(Tier::Emergency), false));
    assert_eq!(house.follow_up(1).state, "done");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_judged_by_the_version_it_was_asked_under() {
    let house = house(triage());
    let token = house.token(LinkPurpose::Changed);
    let old = SentPage { version: "old".into(), ..page(&token, "a", &[("weight", "yes")]) };
    assert_eq!(house.kept(due(), old).await.outcome, RespondOutcome::Tier(Tier::Urgent));
    let new = page(&token, "b", &[("weight", "yes"), ("pain", "no")]);
    let fault = respond(&house.clinic, due(), SentPage { version: "never".into(), ..new }).await;
    assert!(matches!(fault, Err(StepError::Checklist(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_ends_the_nudges_and_the_series_goes_on() {
    let house = house(triage());
    let token = house.form();
    assert_eq!(fall_due(&house.clinic, sure(due())).await.unwrap().due, 1);
    house.kept(due() + minutes(5), page(&token, "a", &[])).await;
    for day in 1..6 {
        assert_eq!(fall_due(&house.clinic, sure(due() + minutes(day * 1440))).await.unwrap().due, 0);
    }
    assert_eq!((house.follow_up(1).state.as_str(), house.follow_up(2).state.as_str()), ("done", "planned"));
    assert_eq!(fall_due(&house.clinic, sure(at("2026-04-03T09:00:00Z"))).await.unwrap().due, 1);
    let findings = house.clinic.store.read(|v| v.findings()).unwrap();
    assert!(findings.is_empty(), "{findings:?}");
}

/// Puts her on a second protocol that asks the same checklist a week later in the month.
fn doubled(house: &House) {
    let (id, clinic) = (house.patient, house.clinic.clone());
    let job = move |tx: &mut Tx<'_>| {
        let first = tx.enrolments_of(id)?.remove(0);
        let protocol = clinic.shelf.get(tx, first.version)?;
        let protocol =
            Arc::new(crate::care::plan::protocol::Protocol { id: "second".into(), ..(*protocol).clone() });
        let version = tx.publish_protocol("second", "1", "")?;
        let course = Course { version, protocol, anchor_on: jiff::civil::date(2026, 2, 10) };
        let patient = tx.patient(id)?;
        crate::journey::plan::enrol::add_course(tx, &patient, &course, &clinic.policy)
    };
    house.write(("staff:nora", at("2026-02-10T10:00:00Z")), job).unwrap();
}

fn states(house: &House) -> Vec<(u32, String)> {
    let all = house.clinic.store.read(|v| v.follow_ups_of(house.patient)).unwrap();
    all.into_iter().map(|f| (f.owed.number, f.state)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_answer_closes_every_open_follow_up_that_asks_the_same_checklist() {
    let house = house(triage());
    doubled(&house);
    let planned = |n| (n, "planned".to_owned());
    let done = |n| (n, "done".to_owned());
    // Before the second is due the answer counts for the first alone.
    let token = house.form();
    house.kept(due() + minutes(5), page(&token, "a", &[])).await;
    assert_eq!(states(&house), [done(1), planned(1), planned(2)]);
    // On 4 April the second of the one and the first of the other are open.
    let later = at("2026-04-04T09:00:00Z");
    fall_due(&house.clinic, sure(later)).await.unwrap();
    let second = house.follow_up(2).id;
    house.kept(later, page(&house.token(LinkPurpose::Checklist(second)), "b", &[])).await;
    assert_eq!(states(&house), [done(1), done(1), done(2), planned(2), planned(3)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_told_that_something_changed_is_not_asked_the_same_once_more() {
    let house = house(triage());
    assert_eq!(fall_due(&house.clinic, sure(due())).await.unwrap().due, 1);
    house.kept(due() + minutes(5), page(&house.token(LinkPurpose::Changed), "a", &[])).await;
    assert_eq!((house.follow_up(1).state.as_str(), house.follow_up(2).state.as_str()), ("done", "planned"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_silent_months_open_a_task_and_an_answer_ends_it() {
    let house = house(triage());
    let mut now = due();
    while now < at("2026-05-10T09:00:00Z") {
        fall_due(&house.clinic, sure(now)).await.unwrap();
        deliver(&house.clinic, &post(now)).await.unwrap();
        now += minutes(1440);
    }
    assert!(tasks(&house, TaskKind::Silent));
    let silent = crate::journey::answers::nonresponse::silent(
        &house.clinic,
        now,
        crate::journey::answers::nonresponse::ListPage { limit: 100, skip: 0 },
    )
    .unwrap()
    .ranked;
    assert_eq!((silent.len(), silent[0].silence.unanswered), (1, 3));
    let token = house.token(LinkPurpose::Checklist(house.follow_up(2).id));
    house.kept(now, page(&token, "late", &[])).await;
    assert!(!tasks(&house, TaskKind::Silent));
    assert_eq!(house.follow_up(2).state, "done");
    assert!(
        crate::journey::answers::nonresponse::silent(
            &house.clinic,
            now,
            crate::journey::answers::nonresponse::ListPage { limit: 100, skip: 0 }
        )
        .unwrap()
        .ranked
        .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn someone_in_other_care_gets_advice_and_an_alert_and_her_schedule_stays_off() {
    let house = house(triage());
    let token = house.form();
    becomes(&house, PatientStatus::Palliative).await;
    assert_eq!(
        house.kept(due(), page(&token, "a", RED)).await.outcome,
        RespondOutcome::Tier(Tier::Emergency)
    );
    assert_eq!(alerts(&house).len(), 1);
    assert_eq!(house.follow_up(2).next_at, None);
    becomes(&house, PatientStatus::Active).await;
    assert!(house.follow_up(2).next_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_death_every_link_is_dead() {
    let house = house(triage());
    let token = house.form();
    becomes(&house, PatientStatus::Deceased).await;
    assert!(matches!(house.send(due(), page(&token, "a", RED)).await, Saved::Shut(Shut::Dead)));
    assert!(matches!(open(&house.clinic, due(), (&token, None)).unwrap(), LinkView::Shut(Shut::Dead, _)));
    assert!(responses(&house).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_used_after_a_death_asks_a_person_once_and_writes_to_nobody() {
    let house = house(triage());
    let token = house.form();
    let tasks = || house.clinic.store.read(|view| view.tasks_open()).unwrap();
    becomes(&house, PatientStatus::Deceased).await;
    open(&house.clinic, due(), (&token, None)).unwrap();
    assert!(tasks().is_empty(), "looking is no use");
    house.send(due(), page(&token, "a", RED)).await;
    crate::journey::answers::new_link::new_link(&house.clinic, due(), token.clone()).await.unwrap();
    let found: Vec<_> = tasks().into_iter().map(|task| (task.kind, task.patient.map(|(id, _)| id))).collect();
    assert_eq!(found, [(TaskKind::AfterDeath, Some(house.patient))]);
    let letters = house
        .clinic
        .store
        .read(|view| view.ledger(&crate::store::work::worklist::LedgerFilter::default()))
        .unwrap();
    assert!(letters.iter().all(|line| line.delivery.state != crate::care::delivery::DeliveryState::Pending));
    assert_eq!(house.clinic.store.read(|view| view.findings()).unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_expired_and_used_links_are_told_apart() {
    let house = house(triage());
    let token = house.form();
    let shut = |now, token: &str| match open(&house.clinic, now, (token, None)).unwrap() {
        LinkView::Shut(shut, _) => Some(shut),
        LinkView::Form(_) | LinkView::Birth(_) | LinkView::Told(..) => None,
    };
    assert_eq!(shut(due(), "forged"), Some(Shut::Forged));
    assert_eq!(shut(due(), &token), None);
    assert_eq!(shut(at("2027-04-01T00:00:00Z"), &token), Some(Shut::Expired));
    house.kept(due(), page(&token, "a", &[])).await;
    assert_eq!(shut(due(), &token), Some(Shut::Used));
    // A nonce of one link is no key to another.
    let changed = house.token(LinkPurpose::Changed);
    assert!(matches!(house.send(due(), page(&changed, "a", RED)).await, Saved::Shut(Shut::Forged)));
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_birth_dates_lock_her_forms_and_a_person_is_asked() {
    let house = house_where(triage(), |care| care.birth_check = BirthCheck::Everyone);
    let token = house.form();
    assert!(matches!(house.send(due(), page(&token, "a", RED)).await, Saved::Birth(_)));
    let Proved::Pass(pass) = prove(&house.clinic, due(), (token.clone(), birth_on())).await.unwrap() else {
        panic!("the right date was refused");
    };
    let with = SentPage { pass: Some(pass.clone()), ..saved(page(&token, "a", &[]), 0, &["walk"]) };
    assert!(matches!(house.send(due(), with).await, Saved::Kept(_)));
    let late = SentPage { pass: Some(pass), ..page(&token, "a", &[]) };
    assert!(matches!(house.send(due() + minutes(121), late).await, Saved::Birth(_)));

    let wrong = jiff::civil::date(1981, 5, 17);
    for _ in 0..4 {
        assert_eq!(prove(&house.clinic, due(), (token.clone(), wrong)).await.unwrap(), Proved::Wrong);
    }
    let fifth = prove(&house.clinic, due(), (token.clone(), wrong)).await.unwrap();
    assert_eq!(fifth, Proved::Shut(Shut::Locked));
    assert!(tasks(&house, TaskKind::LinkLocked));
    let right = prove(&house.clinic, due(), (token, birth_on())).await.unwrap();
    assert_eq!(right, Proved::Shut(Shut::Locked));
}

#[tokio::test(flavor = "multi_thread")]
async fn education_mode_rings_without_a_tier_and_asks_a_person_to_read() {
    let house = house(TriageMode::Education);
    let token = house.token(LinkPurpose::Changed);
    let calm = house.kept(due(), page(&token, "a", &[])).await;
    assert_eq!((calm.outcome, alerts(&house).len()), (RespondOutcome::Unsorted, 0));
    let said = house.kept(due(), page(&token, "b", &[("call", "yes")])).await;
    assert_eq!((said.outcome, said.rings), (RespondOutcome::Unsorted, true));
    assert_eq!(alerts(&house)[0].tier, None);
    assert!(tasks(&house, TaskKind::ReadAnswer) && tasks(&house, TaskKind::CallRequested));
}
