//! Alerts that were taken on and left: whoever has one is reminded, then the ladder rings again.

use super::*;
use crate::care::actor::Actor;
use crate::journey::errors::alert::AlertError;
use crate::journey::errors::permission::PermissionError;
use crate::journey::fixture::world::odd_post;
use crate::store::audit;
use crate::store::audit_action::AuditAction;

fn now_is(fixture: &Fixture, minute: i64) -> impl Future<Output = usize> {
    let clinic = fixture.clinic.clone();
    async move { escalate(&clinic, due() + minutes(minute)).await.unwrap() }
}

fn takes_on(fixture: &Fixture, by: &str, (id, minute): (AlertId, i64)) {
    fixture.write((by, due() + minutes(minute)), move |tx| acknowledge(tx, id)).unwrap();
}

fn keeps(fixture: &Fixture, by: &str, (id, minute): (AlertId, i64)) -> Result<Alert, StepError> {
    let clinic = fixture.clinic.clone();
    fixture.write((by, due() + minutes(minute)), move |tx| renew(tx, id, &clinic))
}

fn recipients(fixture: &Fixture) -> Vec<String> {
    letters(fixture).into_iter().filter_map(|letter| letter.recipient).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_left_open_tells_its_owner_and_then_the_ladder_as_if_just_raised() {
    let fixture = fixture(triage());
    let id = red(&fixture, "a").await;
    now_is(&fixture, 0).await;
    takes_on(&fixture, NORA, (id, 5));
    assert_eq!(now_is(&fixture, 59).await, 0, "an emergency has an hour");
    assert_eq!(now_is(&fixture, 60).await, 1);
    assert_eq!(told(&fixture, id), ["email nurse", "email nora"]);
    assert_eq!(alerts(&fixture)[0].state, AlertState::Acknowledged);
    let letter = letters(&fixture)
        .into_iter()
        .find(|letter| letter.state == delivery::DeliveryState::Pending)
        .unwrap();
    assert_eq!(letter.recipient.as_deref(), Some("nora@clinic.example"));
    assert!(letter.inputs.unwrap().contains("staff-overdue"));
    assert_eq!(now_is(&fixture, 74).await, 0);
    assert!(now_is(&fixture, 75).await > 0);
    let alert = alerts(&fixture).remove(0);
    assert_eq!(
        (alert.state, alert.left_by.as_deref(), alert.acknowledged),
        (AlertState::Raised, Some(NORA), None)
    );
    let waiting: Vec<_> =
        letters(&fixture).into_iter().filter(|l| l.state == delivery::DeliveryState::Pending).collect();
    assert_eq!(waiting.len(), 1, "the owner's own is withdrawn");
    assert!(waiting[0].inputs.as_deref().unwrap().contains("staff-overdue"));
    now_is(&fixture, 75 + 30).await;
    assert!(told(&fixture, id).contains(&"email doctor".to_owned()));
    takes_on(&fixture, DANA, (id, 110));
    fixture.write((DANA, due() + minutes(111)), move |tx| close(tx, id, &ending())).unwrap();
    assert_eq!(now_is(&fixture, 100_000).await, 0);
    fixture.clinic.store.read(audit::verify).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_could_not_be_told_counts_as_told_of_nothing_and_is_told_a_minute_later() {
    let fixture = fixture(triage());
    let id = red(&fixture, "a").await;
    now_is(&fixture, 0).await;
    takes_on(&fixture, NORA, (id, 5));
    let before = alerts(&fixture).remove(0);
    let broken = "CREATE TRIGGER broken BEFORE INSERT ON alert_notice BEGIN SELECT raise(ABORT, 'x'); END";
    fixture.write(("daemon", due()), move |tx| Ok(sabotage(tx, broken)?)).unwrap();
    assert_eq!(now_is(&fixture, 60).await, 0);
    let alert = alerts(&fixture).remove(0);
    assert_eq!((alert.state, alert.owner_told_at), (AlertState::Acknowledged, None));
    assert_eq!((alert.notices, alert.next_notice_at), (before.notices, Some(due() + minutes(61))));
    let claims = || {
        let events = fixture.clinic.store.read(|view| view.last_events(1_000)).unwrap();
        events.iter().filter(|event| event.known_action() == Some(AuditAction::AlertOwnerTold)).count()
    };
    assert_eq!(claims(), 0, "the audit claims nothing that did not happen");
    fixture.write(("daemon", due()), |tx| Ok(sabotage(tx, "DROP TRIGGER broken")?)).unwrap();
    assert_eq!(now_is(&fixture, 61).await, 1);
    assert_eq!((told(&fixture, id).last().map(String::as_str), claims()), (Some("email nora"), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_spoken_with_her_keeps_it_and_has_a_day_more() {
    let fixture = fixture(triage());
    let id = red(&fixture, "a").await;
    assert!(matches!(
        keeps(&fixture, NORA, (id, 1)),
        Err(StepError::Alert(AlertError::AlertIs(_, "raised")))
    ));
    takes_on(&fixture, NORA, (id, 5));
    assert!(matches!(
        keeps(&fixture, "cli:root", (id, 6)),
        Err(StepError::Permission(PermissionError::NotSignedIn))
    ));
    now_is(&fixture, 60).await;
    let kept = keeps(&fixture, DANA, (id, 61)).unwrap();
    assert_eq!(kept.acknowledged.unwrap().0, DANA, "it is hers now");
    assert!(recipients(&fixture).contains(&"nora@clinic.example".to_owned()));
    assert!(letters(&fixture).iter().all(|letter| letter.state == delivery::DeliveryState::Skipped));
    assert_eq!(now_is(&fixture, 61 + 1439).await, 0);
    assert_eq!(now_is(&fixture, 61 + 1440).await, 1);
    assert_eq!(told(&fixture, id).last().map(String::as_str), Some("email dana"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_cannot_be_written_to_is_not_waited_for() {
    let fixture = fixture(triage());
    let id = red(&fixture, "a").await;
    takes_on(&fixture, NORA, (id, 5));
    let off = |tx: &mut Tx<'_>| {
        let nora = tx.staff_named("nora")?;
        Ok(nora.map(|nora| tx.disable_staff(&nora)).transpose()?)
    };
    fixture.write(("cli:root", due()), off).unwrap();
    now_is(&fixture, 60).await;
    assert_eq!(alerts(&fixture)[0].state, AlertState::Raised);
    assert_eq!(told(&fixture, id).last().map(String::as_str), Some("email nurse"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_taken_on_under_a_clock_that_was_wrong_rings_again_and_one_restart_changes_nothing() {
    let mut fixture = fixture(triage());
    let id = red(&fixture, "a").await;
    takes_on(&fixture, NORA, (id, 600_000));
    fixture = fixture.restarted();
    assert_eq!(now_is(&fixture, 10).await, 1);
    assert_eq!(alerts(&fixture)[0].state, AlertState::Raised);
    takes_on(&fixture, NORA, (id, 11));
    fixture = fixture.restarted();
    assert_eq!((now_is(&fixture, 60).await, now_is(&fixture, 60).await), (1, 0));
    fixture = fixture.restarted();
    assert_eq!((now_is(&fixture, 74).await, now_is(&fixture, 75).await), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_letter_of_an_alert_leaves_after_somebody_took_it_on_though_a_line_holds_it() {
    let fixture = fixture(triage());
    let id = red(&fixture, "a").await;
    now_is(&fixture, 0).await;
    let (clinic, at) = (fixture.clinic.clone(), due() + minutes(1));
    let stamp = Stamp { at, actor: Actor::parse(NORA).unwrap() };
    let takes = move || {
        // The first greeting is enough; the second finds it taken on.
        let job = move |tx: &mut Tx<'_>| acknowledge(tx, id).map(drop);
        drop(tokio::task::block_in_place(|| clinic.store.write_blocking(stamp.clone(), job)));
    };
    deliver(&fixture.clinic, &odd_post(at, "", std::sync::Arc::new(takes))).await.unwrap();
    let states: Vec<_> = letters(&fixture).into_iter().map(|l| (l.state, l.reason)).collect();
    assert_eq!(states, [(delivery::DeliveryState::Skipped, Some("a person took the alert on".to_owned()))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_to_her_that_waits_is_withdrawn_when_somebody_takes_the_alert_on() {
    let fixture = fixture(triage());
    let id = red(&fixture, "a").await;
    for minute in [0, 30, 45] {
        now_is(&fixture, minute).await;
    }
    assert!(told(&fixture, id).contains(&"patient ".to_owned()));
    takes_on(&fixture, NORA, (id, 46));
    deliver(&fixture.clinic, &post(due() + minutes(47))).await.unwrap();
    assert!(letters(&fixture).iter().all(|letter| letter.state == delivery::DeliveryState::Skipped));
}
