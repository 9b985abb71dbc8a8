//! Alerts over a real database.

use super::*;
use crate::care::alert::lifecycle::{AlertOutcome, Disposition};
use crate::care::delivery;
use crate::care::permission::Act;
use crate::care::task::TaskKind;
use crate::care::triage::case::FormStage;
use crate::care::triage::tier::Tier;
use crate::journey::alert_policy::TriageMode;
use crate::journey::alerts::acknowledge::{acknowledge, close, renew};
use crate::journey::alerts::unreachable_rung::rung_refused;
use crate::journey::answers::respond::SentPage;
use crate::journey::delivery::deliver::deliver;
use crate::journey::errors::alert::AlertError;
use crate::journey::errors::permission::PermissionError;
use crate::journey::fixture::world::post;
use crate::journey::fixture::{Fixture, due, fixture, fixture_where, minutes, page, triage};
use crate::journey::operations::close_task;
use crate::store::alerts::lifecycle::AlertClosure;
use crate::store::answers::links::LinkPurpose;
use crate::store::audit;
use crate::store::database::tests::sabotage;
use crate::store::mail::delivery::{Delivery, Purpose};
use crate::store::work::worklist::LedgerFilter;

const NORA: &str = "staff:nora";
const DANA: &str = "staff:dana";

mod died;
mod left;
mod rungs;

async fn red(fixture: &Fixture, nonce: &str) -> AlertId {
    let token = fixture.token(LinkPurpose::Changed);
    fixture.kept(due(), page(&token, nonce, &[("walk", "new")])).await;
    alerts(fixture)[0].id
}

fn alerts(fixture: &Fixture) -> Vec<Alert> {
    fixture.clinic.store.read(|v| v.alerts_of(fixture.patient)).unwrap()
}

/// Channel and rung of every notice so far.
fn told(fixture: &Fixture, id: AlertId) -> Vec<String> {
    let notices = fixture.clinic.store.read(|v| v.notices_of(id)).unwrap();
    notices
        .into_iter()
        .map(|n| format!("{} {}", n.channel.word(), n.rung.map(|who| who.name).unwrap_or_default()))
        .collect()
}

fn letters(fixture: &Fixture) -> Vec<Delivery> {
    let filter = LedgerFilter::default();
    let lines = fixture.clinic.store.read(|v| v.ledger(&filter)).unwrap();
    lines.into_iter().map(|line| line.delivery).collect()
}

fn ending() -> AlertClosure {
    AlertClosure {
        dispositions: vec![Disposition::Called, Disposition::Mri(jiff::civil::date(2026, 3, 4))],
        outcome: AlertOutcome::OtherCause,
        note: "spoke with her".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_climbs_repeats_and_ends_with_everyone_and_her_own_letter() {
    let fixture = fixture(triage());
    let id = red(&fixture, "a").await;
    let mut story = Vec::new();
    for minute in 0..=60 {
        let before = told(&fixture, id).len();
        let now = due() + minutes(minute);
        escalate(&fixture.clinic, now).await.unwrap();
        deliver(&fixture.clinic, &post(now)).await.unwrap();
        story.extend(told(&fixture, id).split_off(before).into_iter().map(|n| format!("{minute} {n}")));
    }
    assert_eq!(
        story,
        [
            "0 email nurse",
            "15 email nurse",
            "30 email doctor",
            "30 webhook doctor",
            "45 email nurse",
            "45 email doctor",
            "45 webhook doctor",
            "45 patient ",
            "60 email nurse",
            "60 email doctor",
            "60 webhook doctor"
        ]
    );
    let go_now: Vec<_> = letters(&fixture).into_iter().filter(|l| l.purpose == Purpose::Notice).collect();
    assert_eq!((go_now.len(), go_now[0].state), (1, delivery::DeliveryState::Sent));
    assert!(go_now[0].inputs.as_deref().unwrap().contains("go-now"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_staff_are_sent_is_case_code_tier_and_link_and_nothing_of_hers() {
    let fixture = fixture(triage());
    red(&fixture, "a").await;
    for minute in [0, 30] {
        escalate(&fixture.clinic, due() + minutes(minute)).await.unwrap();
    }
    let inputs = letters(&fixture)[0].inputs.clone().unwrap();
    let call = fixture
        .clinic
        .store
        .read(|v| v.call_due("https://pager.example", due() + minutes(30)))
        .unwrap()
        .unwrap()
        .body;
    for sent in [inputs, call] {
        for part in ["C-1", "emergency", "https://console.clinic.example/alerts/1"] {
            assert!(sent.contains(part), "{sent}");
        }
        for hers in ["Ana", "ana@", "walk", "E1", "1980"] {
            assert!(!sent.contains(hers), "{sent}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_was_taken_on_is_quiet_and_what_waits_is_withdrawn() {
    let fixture = fixture(triage());
    let id = red(&fixture, "a").await;
    for minute in [0, 30] {
        escalate(&fixture.clinic, due() + minutes(minute)).await.unwrap();
    }
    let acknowledged = fixture.write((NORA, due() + minutes(31)), move |tx| acknowledge(tx, id)).unwrap();
    assert_eq!(acknowledged.acknowledged.unwrap().0, NORA);
    let before = told(&fixture, id).len();
    assert_eq!(escalate(&fixture.clinic, due() + minutes(59)).await.unwrap(), 0);
    assert_eq!(told(&fixture, id).len(), before);
    assert!(letters(&fixture).iter().all(|l| l.state == delivery::DeliveryState::Skipped));
    assert!(fixture.clinic.store.read(|v| v.calls_due(due() + minutes(99))).unwrap().is_empty());

    let closed = fixture.write((DANA, due() + minutes(90)), move |tx| close(tx, id, &ending())).unwrap();
    assert_eq!((closed.state, closed.outcome), (AlertState::Closed, Some(AlertOutcome::OtherCause)));
    let again = fixture.write((NORA, due()), move |tx| acknowledge(tx, id));
    assert!(matches!(again, Err(StepError::Alert(AlertError::AlertIs(_, "closed")))));
    fixture.clinic.store.read(audit::verify).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_signed_in_person_ends_an_alert_and_only_after_taking_it_on() {
    let fixture = fixture(triage());
    let id = red(&fixture, "a").await;
    for actor in ["daemon", "cli:root", "patient", "staff:", "staff:nobody"] {
        let tried = fixture.write((actor, due()), move |tx| acknowledge(tx, id));
        assert!(matches!(tried, Err(StepError::Permission(PermissionError::NotSignedIn))), "{actor}");
    }
    let early = fixture.write((DANA, due()), move |tx| close(tx, id, &ending()));
    assert!(matches!(early, Err(StepError::Alert(AlertError::AlertIs(_, "raised")))));
    fixture.write((NORA, due()), move |tx| acknowledge(tx, id)).unwrap();
    let nothing = AlertClosure { dispositions: Vec::new(), ..ending() };
    let idle = fixture.write((DANA, due()), move |tx| close(tx, id, &nothing));
    assert!(matches!(idle, Err(StepError::Alert(AlertError::NothingDone))));
    let nurse = fixture.write((NORA, due()), move |tx| close(tx, id, &ending()));
    assert!(
        matches!(nurse, Err(StepError::Permission(PermissionError::NotYours(Act::CloseUrgentAlert)))),
        "an emergency is closed by a doctor"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_answer_after_the_acknowledgement_rings_anew() {
    let fixture = fixture(triage());
    let first = red(&fixture, "a").await;
    fixture.write((NORA, due()), move |tx| acknowledge(tx, first)).unwrap();
    let second = red(&fixture, "b").await;
    assert_ne!(second, first);
    assert_eq!(escalate(&fixture.clinic, due()).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_form_does_not_ring_again_for_what_was_taken_on_but_for_more_it_does() {
    let fixture = fixture(triage());
    let token = fixture.token(LinkPurpose::Changed);
    let half = |fields: &[(&str, &str)]| SentPage { stage: FormStage::Saved, ..page(&token, "a", fields) };
    fixture.kept(due(), half(&[("walk", "new")])).await;
    let first = alerts(&fixture)[0].id;
    fixture.write((NORA, due()), move |tx| acknowledge(tx, first)).unwrap();
    assert!(!fixture.kept(due(), half(&[("walk", "new"), ("pain", "no")])).await.rings);
    assert!(fixture.kept(due(), half(&[("walk", "new"), ("grip", "new")])).await.rings);
    assert_eq!(alerts(&fixture).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_goes_on_ringing_after_a_restart() {
    let mut fixture = fixture(triage());
    let id = red(&fixture, "a").await;
    escalate(&fixture.clinic, due()).await.unwrap();
    fixture = fixture.restarted();
    assert_eq!(escalate(&fixture.clinic, due() + minutes(14)).await.unwrap(), 0);
    // Two hours of downtime: no rung was skipped.
    escalate(&fixture.clinic, due() + minutes(120)).await.unwrap();
    let told = told(&fixture, id);
    assert!(told.contains(&"email doctor".to_owned()), "{told:?}");
    assert_eq!(alerts(&fixture)[0].state, AlertState::Raised);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_back_rings_rather_than_waits() {
    let fixture = fixture(triage());
    let id = red(&fixture, "a").await;
    escalate(&fixture.clinic, due()).await.unwrap();
    let day_before = due() - minutes(1440);
    assert!(escalate(&fixture.clinic, day_before).await.unwrap() > 0);
    let before = told(&fixture, id).len();
    assert_eq!(escalate(&fixture.clinic, day_before + minutes(1)).await.unwrap(), 0);
    assert!(escalate(&fixture.clinic, day_before + minutes(16)).await.unwrap() > 0);
    assert!(told(&fixture, id).len() > before);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_mail_server_is_away_one_letter_a_rung_waits_and_is_hurried() {
    let fixture = fixture(triage());
    red(&fixture, "a").await;
    for minute in (0..600).step_by(5) {
        escalate(&fixture.clinic, due() + minutes(minute)).await.unwrap();
    }
    let staff: Vec<_> = letters(&fixture).into_iter().filter(|l| l.patient.is_none()).collect();
    assert_eq!(staff.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_alert_that_cannot_ring_does_not_silence_the_others() {
    let fixture = fixture(triage());
    red(&fixture, "a").await;
    let second = "INSERT INTO alert (patient_id, audience, tier, state, raised_at, due_at, ringing_since, next_notice_at) \
                  SELECT patient_id, audience, tier, state, raised_at, due_at, ringing_since, next_notice_at FROM alert; \
                  CREATE TRIGGER poison BEFORE INSERT ON alert_notice WHEN NEW.alert_id = 1 BEGIN SELECT raise(ABORT, 'x'); END";
    fixture.write(("daemon", due()), move |tx| Ok(sabotage(tx, second)?)).unwrap();
    assert_eq!(escalate(&fixture.clinic, due()).await.unwrap(), 1);
    assert_eq!((told(&fixture, AlertId(1)).len(), told(&fixture, AlertId(2)).len()), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsorted_answer_rings_without_a_tier_until_it_is_read() {
    let fixture = fixture(TriageMode::Education);
    let token = fixture.token(LinkPurpose::Changed);
    fixture.kept(due(), page(&token, "a", &[("pain", "new")])).await;
    let id = alerts(&fixture)[0].id;
    escalate(&fixture.clinic, due()).await.unwrap();
    let inputs = letters(&fixture)[0].inputs.clone().unwrap();
    assert!(Tier::ALL.iter().all(|t| !inputs.contains(t.word())), "{inputs}");
    assert!(inputs.contains("staff-answer"));
    for part in ["C-1", "due_at", "https://console.clinic.example/alerts/1"] {
        assert!(inputs.contains(part), "{part}: {inputs}");
    }

    let task = fixture.clinic.store.read(|v| v.tasks_of(fixture.patient)).unwrap().remove(0).id;
    fixture.write((NORA, due()), move |tx| close_task::close(tx, task, "read, all well")).unwrap();
    let alert = fixture.clinic.store.read(|v| v.alert(id)).unwrap();
    assert_eq!((alert.state, alert.acknowledged.unwrap().0.as_str()), (AlertState::Acknowledged, NORA));
    assert_eq!(escalate(&fixture.clinic, due() + minutes(10_000)).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_follows_one_that_was_read_rings_and_asks_to_be_read_again() {
    let fixture = fixture(TriageMode::Education);
    let token = fixture.token(LinkPurpose::Changed);
    let to_read = || {
        let open = fixture.clinic.store.read(|v| v.tasks_open()).unwrap();
        open.iter().filter(|t| t.kind == TaskKind::ReadAnswer).map(|t| t.id).collect::<Vec<_>>()
    };
    for nonce in ["a", "b"] {
        let kept = fixture.kept(due(), page(&token, nonce, &[("pain", "new")])).await;
        assert!(kept.rings, "{nonce}");
        // Another worry joins it while nobody has read it yet.
        fixture.kept(due(), page(&token, &format!("{nonce}2"), &[("walk", "new")])).await;
        assert_eq!((to_read().len(), escalate(&fixture.clinic, due()).await.unwrap()), (1, 1), "{nonce}");
        let task = to_read()[0];
        fixture.write((NORA, due()), move |tx| close_task::close(tx, task, "read, all well")).unwrap();
    }
    assert_eq!((alerts(&fixture).len(), to_read().len()), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_nobody_on_the_ladder_the_row_stays_and_the_loop_ends() {
    let fixture = fixture_where(triage(), |care| {
        care.ladder.rungs.clear();
        care.contacts.clear();
    });
    let id = red(&fixture, "a").await;
    escalate(&fixture.clinic, due()).await.unwrap();
    assert_eq!(told(&fixture, id), ["patient "]);
    assert_eq!(alerts(&fixture)[0].state, AlertState::Raised);
}

#[tokio::test(flavor = "multi_thread")]
async fn go_now_leaves_at_night() {
    let fixture = fixture(triage());
    let token = fixture.token(LinkPurpose::Changed);
    let night = due() + minutes(14 * 60);
    fixture.kept(night, page(&token, "a", &[("walk", "new")])).await;
    for minute in [0, 15, 30, 45] {
        escalate(&fixture.clinic, night + minutes(minute)).await.unwrap();
        deliver(&fixture.clinic, &post(night + minutes(minute))).await.unwrap();
    }
    let hers: Vec<_> = letters(&fixture).into_iter().filter(|l| l.patient.is_some()).collect();
    assert_eq!((hers.len(), hers[0].state), (1, delivery::DeliveryState::Sent));
}
