//! Answers over a real database.

mod again;
mod deadline;
mod left_form;
mod record;
mod trial;

use super::*;
use crate::care::alert::lifecycle::AlertState;
use crate::care::delivery::DeliveryState;
use crate::care::patient::PatientStatus;
use crate::care::plan::protocol::Protocol;
use crate::care::task::TaskKind;
use crate::journey::alert_policy::BirthCheck;
use crate::journey::answers::link_access::birth_date::{Proved, prove};
use crate::journey::answers::link_access::{LinkView, open};
use crate::journey::answers::new_link;
use crate::journey::answers::nonresponse::{self, ListPage};
use crate::journey::delivery::deliver::deliver;
use crate::journey::errors::content::ContentError;
use crate::journey::fixture::world::post;
use crate::journey::fixture::{
    Fixture, at, birth_on, due, fixture, fixture_where, minutes, page, sure, triage,
};
use crate::journey::patients::status;
use crate::journey::plan::enrol::{self, Course};
use crate::journey::plan::fall_due::fall_due;
use crate::journey::status_change::StatusChange;
use crate::store::alerts::lifecycle::Alert;
use crate::store::database::tests::sabotage;
use crate::store::work::worklist::LedgerFilter;

const RED: &[(&str, &str)] = &[("walk", "new")];

fn alerts(fixture: &Fixture) -> Vec<Alert> {
    fixture.clinic.store.read(|v| v.alerts_of(fixture.patient)).unwrap()
}

fn responses(fixture: &Fixture) -> Vec<Response> {
    fixture.clinic.store.read(|v| v.responses_of(fixture.patient)).unwrap()
}

fn tasks(fixture: &Fixture, kind: TaskKind) -> bool {
    fixture.clinic.store.read(|v| v.has_task(fixture.patient, kind)).unwrap()
}

fn saved(mut page: SentPage, number: u32, fields: &[&str]) -> SentPage {
    page.fields.retain(|(field, _)| fields.contains(&field.as_str()));
    SentPage { stage: FormStage::Saved, number, ..page }
}

async fn becomes(fixture: &Fixture, to: PatientStatus) {
    let her = fixture.her();
    let change = StatusChange { to, reason: "test".into(), until: None, confirmed_by: None };
    let job = move |tx: &mut Tx<'_>| status::change(tx, &her, &change);
    fixture.clinic.store.write(Stamp::daemon(due()), job).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_whose_alert_cannot_be_stored_is_not_stored_either() {
    let fixture = fixture(triage());
    let token = fixture.form();
    let broken = "CREATE TRIGGER broken BEFORE INSERT ON alert BEGIN SELECT raise(ABORT, 'no'); END";
    let stamp = Stamp::daemon(due());
    fixture.clinic.store.write(stamp.clone(), |tx| sabotage(tx, broken)).await.unwrap();
    assert!(respond(&fixture.clinic, due(), page(&token, "a", RED)).await.is_err());
    assert!(responses(&fixture).is_empty() && alerts(&fixture).is_empty());

    fixture.clinic.store.write(stamp, |tx| sabotage(tx, "DROP TRIGGER broken")).await.unwrap();
    let kept = fixture.kept(due(), page(&token, "a", RED)).await;
    assert_eq!((kept.outcome, kept.rings), (RespondOutcome::Tier(Tier::Emergency), true));
    assert_eq!((responses(&fixture).len(), alerts(&fixture).len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_double_submit_is_one_response_and_a_second_form_is_another() {
    let fixture = fixture(triage());
    let token = fixture.form();
    let first = fixture.kept(due(), page(&token, "a", RED)).await;
    let twin = fixture.kept(due() + minutes(1), page(&token, "a", RED)).await;
    assert_eq!((twin.response, twin.outcome, twin.rings), (first.response, first.outcome, false));
    let second = fixture.kept(due() + minutes(2), page(&token, "b", &[])).await;
    assert_ne!(second.response, first.response);
    // She is told what she was told, as long as nobody has closed the alert.
    assert_eq!(second.outcome, RespondOutcome::Tier(Tier::Emergency));
    assert_eq!(responses(&fixture)[0].tier, Some(Tier::Routine));
    assert_eq!(responses(&fixture).len(), 2);
    // The better second answer lowers nothing.
    assert_eq!(alerts(&fixture)[0].tier, Some(Tier::Emergency));
    assert_eq!(alerts(&fixture)[0].state, AlertState::Raised);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worse_answer_lifts_the_alert_that_rings_and_a_better_one_joins_it() {
    let fixture = fixture(triage());
    let token = fixture.token(LinkPurpose::Changed);
    fixture.kept(due(), page(&token, "a", &[("weight", "yes")])).await;
    assert_eq!(alerts(&fixture)[0].tier, Some(Tier::Soon));
    let lifted = fixture.kept(due() + minutes(30), page(&token, "b", RED)).await;
    assert!(lifted.rings);
    let joined = fixture.kept(due() + minutes(40), page(&token, "c", &[("weight", "yes")])).await;
    assert!(!joined.rings);
    let found = alerts(&fixture);
    assert_eq!((found.len(), found[0].tier), (1, Some(Tier::Emergency)));
    assert_eq!(found[0].due_at, due() + minutes(90));
    assert!(responses(&fixture).iter().all(|r| r.alert == Some(found[0].id)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_left_after_a_red_page_still_rings_and_shows_its_page_on_return() {
    let fixture = fixture(triage());
    let token = fixture.form();
    let first = saved(page(&token, "a", RED), 0, &["walk"]);
    assert!(fixture.kept(due(), first).await.rings);
    assert_eq!(alerts(&fixture).len(), 1);
    assert_eq!(fixture.follow_up(1).state.word(), "planned");

    let LinkView::Form(form) =
        open(&fixture.clinic, LinkRequest { token: &token, pass: None, at: due() + minutes(60) }).unwrap()
    else {
        panic!("the form is shut");
    };
    let begun = form.begun.unwrap();
    let days_later =
        open(&fixture.clinic, LinkRequest { token: &token, pass: None, at: due() + minutes(4 * 1440) })
            .unwrap();
    assert!(matches!(days_later, LinkView::Form(form) if form.begun.is_none()));
    assert_eq!((begun.outcome, begun.pages), (RespondOutcome::Tier(Tier::Emergency), 1));
    // Taking the red answer back on the same form lowers nothing, and what was said before still counts.
    let rest = fixture.kept(due() + minutes(61), page(&token, &begun.nonce, &[])).await;
    assert_eq!((rest.outcome, rest.rings), (RespondOutcome::Tier(Tier::Emergency), false));
    assert_eq!(fixture.follow_up(1).state.word(), "done");
    // Whoever reads the emergency sees what made it one, and when.
    let kept = responses(&fixture).pop().unwrap().replaced;
    let kept: Vec<_> = kept.iter().map(|one| (one.field.as_str(), one.word.as_str(), one.at)).collect();
    assert_eq!(kept, RED.iter().map(|(field, word)| (*field, *word, due())).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_judged_by_the_version_it_was_asked_under() {
    let fixture = fixture(triage());
    let token = fixture.token(LinkPurpose::Changed);
    let old = SentPage { version: "old".into(), ..page(&token, "a", &[("weight", "yes")]) };
    assert_eq!(fixture.kept(due(), old).await.outcome, RespondOutcome::Tier(Tier::Urgent));
    let new = page(&token, "b", &[("weight", "yes"), ("pain", "no")]);
    let fault = respond(&fixture.clinic, due(), SentPage { version: "never".into(), ..new }).await;
    assert!(matches!(fault, Err(StepError::Content(ContentError::Checklist(_)))));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_ends_the_nudges_and_the_series_goes_on() {
    let fixture = fixture(triage());
    let token = fixture.form();
    assert_eq!(fall_due(&fixture.clinic, sure(due())).await.unwrap().due, 1);
    fixture.kept(due() + minutes(5), page(&token, "a", &[])).await;
    for day in 1..6 {
        assert_eq!(fall_due(&fixture.clinic, sure(due() + minutes(day * 1440))).await.unwrap().due, 0);
    }
    assert_eq!((fixture.follow_up(1).state.word(), fixture.follow_up(2).state.word()), ("done", "planned"));
    assert_eq!(fall_due(&fixture.clinic, sure(at("2026-04-03T09:00:00Z"))).await.unwrap().due, 1);
    let findings = fixture.clinic.store.read(|v| v.findings()).unwrap();
    assert!(findings.is_empty(), "{findings:?}");
}

/// Puts her on a second protocol that asks the same checklist a week later in the month.
fn doubled(fixture: &Fixture) {
    let (id, clinic) = (fixture.patient, fixture.clinic.clone());
    let job = move |tx: &mut Tx<'_>| {
        let first = tx.enrolments_of(id)?.remove(0);
        let protocol = clinic.protocol_cache.get(tx, first.version)?;
        let protocol = Arc::new(Protocol { id: "second".into(), ..(*protocol).clone() });
        let version = tx.publish_protocol("second", "1", "")?;
        let course = Course { version, protocol, anchor_on: jiff::civil::date(2026, 2, 10) };
        let patient = tx.patient(id)?;
        enrol::add_course(tx, &patient, &course, &clinic.policy)
    };
    fixture.write(("staff:nora", at("2026-02-10T10:00:00Z")), job).unwrap();
}

fn states(fixture: &Fixture) -> Vec<(u32, String)> {
    let all = fixture.clinic.store.read(|v| v.follow_ups_of(fixture.patient)).unwrap();
    all.into_iter().map(|f| (f.owed.number, f.state.word().to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_answer_closes_every_open_follow_up_that_asks_the_same_checklist() {
    let fixture = fixture(triage());
    doubled(&fixture);
    let planned = |n| (n, "planned".to_owned());
    let done = |n| (n, "done".to_owned());
    // Before the second is due the answer counts for the first alone.
    let token = fixture.form();
    fixture.kept(due() + minutes(5), page(&token, "a", &[])).await;
    assert_eq!(states(&fixture), [done(1), planned(1), planned(2)]);
    // On 4 April the second of the one and the first of the other are open.
    let later = at("2026-04-04T09:00:00Z");
    fall_due(&fixture.clinic, sure(later)).await.unwrap();
    let second = fixture.follow_up(2).id;
    fixture.kept(later, page(&fixture.token(LinkPurpose::Checklist(second)), "b", &[])).await;
    assert_eq!(states(&fixture), [done(1), done(1), done(2), planned(2), planned(3)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_told_that_something_changed_is_not_asked_the_same_once_more() {
    let fixture = fixture(triage());
    assert_eq!(fall_due(&fixture.clinic, sure(due())).await.unwrap().due, 1);
    fixture.kept(due() + minutes(5), page(&fixture.token(LinkPurpose::Changed), "a", &[])).await;
    assert_eq!((fixture.follow_up(1).state.word(), fixture.follow_up(2).state.word()), ("done", "planned"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_silent_months_open_a_task_and_an_answer_ends_it() {
    let fixture = fixture(triage());
    let mut now = due();
    while now < at("2026-05-10T09:00:00Z") {
        fall_due(&fixture.clinic, sure(now)).await.unwrap();
        deliver(&fixture.clinic, &post(now)).await.unwrap();
        now += minutes(1440);
    }
    assert!(tasks(&fixture, TaskKind::Silent));
    let silent = nonresponse::silent(&fixture.clinic, now, ListPage { limit: 100, skip: 0 }).unwrap().ranked;
    assert_eq!((silent.len(), silent[0].silence.unanswered), (1, 3));
    let token = fixture.token(LinkPurpose::Checklist(fixture.follow_up(2).id));
    fixture.kept(now, page(&token, "late", &[])).await;
    assert!(!tasks(&fixture, TaskKind::Silent));
    assert_eq!(fixture.follow_up(2).state.word(), "done");
    assert!(
        nonresponse::silent(&fixture.clinic, now, ListPage { limit: 100, skip: 0 })
            .unwrap()
            .ranked
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn someone_in_other_care_gets_advice_and_an_alert_and_her_schedule_stays_off() {
    let fixture = fixture(triage());
    let token = fixture.form();
    becomes(&fixture, PatientStatus::Palliative).await;
    assert_eq!(
        fixture.kept(due(), page(&token, "a", RED)).await.outcome,
        RespondOutcome::Tier(Tier::Emergency)
    );
    assert_eq!(alerts(&fixture).len(), 1);
    assert_eq!(fixture.follow_up(2).next_at, None);
    becomes(&fixture, PatientStatus::Active).await;
    assert!(fixture.follow_up(2).next_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_death_every_link_is_dead() {
    let fixture = fixture(triage());
    let token = fixture.form();
    becomes(&fixture, PatientStatus::Deceased).await;
    assert!(matches!(fixture.send(due(), page(&token, "a", RED)).await, Saved::Shut(ClosedLink::Dead)));
    assert!(matches!(
        open(&fixture.clinic, LinkRequest { token: &token, pass: None, at: due() }).unwrap(),
        LinkView::Shut(ClosedLink::Dead, _)
    ));
    assert!(responses(&fixture).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_used_after_a_death_asks_a_person_once_and_writes_to_nobody() {
    let fixture = fixture(triage());
    let token = fixture.form();
    let tasks = || fixture.clinic.store.read(|view| view.tasks_open()).unwrap();
    becomes(&fixture, PatientStatus::Deceased).await;
    open(&fixture.clinic, LinkRequest { token: &token, pass: None, at: due() }).unwrap();
    assert!(tasks().is_empty(), "looking is no use");
    fixture.send(due(), page(&token, "a", RED)).await;
    new_link::new_link(&fixture.clinic, due(), token.clone()).await.unwrap();
    let found: Vec<_> = tasks().into_iter().map(|task| (task.kind, task.patient.map(|(id, _)| id))).collect();
    assert_eq!(found, [(TaskKind::AfterDeath, Some(fixture.patient))]);
    let letters = fixture.clinic.store.read(|view| view.ledger(&LedgerFilter::default())).unwrap();
    assert!(letters.iter().all(|line| line.delivery.state != DeliveryState::Pending));
    assert_eq!(fixture.clinic.store.read(|view| view.findings()).unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_expired_and_used_links_are_told_apart() {
    let fixture = fixture(triage());
    let token = fixture.form();
    let shut =
        |now, token: &str| match open(&fixture.clinic, LinkRequest { token, pass: None, at: now }).unwrap() {
            LinkView::Shut(shut, _) => Some(shut),
            LinkView::Form(_) | LinkView::Birth(_) | LinkView::Told(..) => None,
        };
    assert_eq!(shut(due(), "forged"), Some(ClosedLink::Forged));
    assert_eq!(shut(due(), &token), None);
    assert_eq!(shut(at("2027-04-01T00:00:00Z"), &token), Some(ClosedLink::Expired));
    fixture.kept(due(), page(&token, "a", &[])).await;
    assert_eq!(shut(due(), &token), Some(ClosedLink::Used));
    // A nonce of one link is no key to another.
    let changed = fixture.token(LinkPurpose::Changed);
    assert!(matches!(fixture.send(due(), page(&changed, "a", RED)).await, Saved::Shut(ClosedLink::Forged)));
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_birth_dates_lock_her_forms_and_a_person_is_asked() {
    let fixture = fixture_where(triage(), |care| care.birth_check = BirthCheck::Everyone);
    let token = fixture.form();
    assert!(matches!(fixture.send(due(), page(&token, "a", RED)).await, Saved::Birth(_)));
    let Proved::Pass(pass) = prove(&fixture.clinic, due(), token.clone(), birth_on()).await.unwrap() else {
        panic!("the right date was refused");
    };
    let with = SentPage { pass: Some(pass.clone()), ..saved(page(&token, "a", &[]), 0, &["walk"]) };
    assert!(matches!(fixture.send(due(), with).await, Saved::Kept(_)));
    let late = SentPage { pass: Some(pass), ..page(&token, "a", &[]) };
    assert!(matches!(fixture.send(due() + minutes(121), late).await, Saved::Birth(_)));

    let wrong = jiff::civil::date(1981, 5, 17);
    for left in (1..5).rev() {
        assert_eq!(
            prove(&fixture.clinic, due(), token.clone(), wrong).await.unwrap(),
            Proved::Wrong { left }
        );
    }
    let fifth = prove(&fixture.clinic, due(), token.clone(), wrong).await.unwrap();
    assert_eq!(fifth, Proved::Shut(ClosedLink::Locked));
    assert!(tasks(&fixture, TaskKind::LinkLocked));
    let right = prove(&fixture.clinic, due(), token, birth_on()).await.unwrap();
    assert_eq!(right, Proved::Shut(ClosedLink::Locked));
}

#[tokio::test(flavor = "multi_thread")]
async fn education_mode_rings_without_a_tier_and_asks_a_person_to_read() {
    let fixture = fixture(TriageMode::Education);
    let token = fixture.token(LinkPurpose::Changed);
    let calm = fixture.kept(due(), page(&token, "a", &[])).await;
    assert_eq!((calm.outcome, alerts(&fixture).len()), (RespondOutcome::Unsorted, 0));
    let said = fixture.kept(due(), page(&token, "b", &[("call", "yes")])).await;
    assert_eq!((said.outcome, said.rings), (RespondOutcome::Unsorted, true));
    assert_eq!(alerts(&fixture)[0].tier, None);
    assert!(tasks(&fixture, TaskKind::ReadAnswer) && tasks(&fixture, TaskKind::CallRequested));
}
