//! A form that is left half-way: what rang is an answer; and who judges the rest, if others judge by then.

use super::*;
use crate::care::triage::judging::JudgingMode;

/// Letters to her that the mail server took.
fn sent(fixture: &Fixture) -> usize {
    let ledger = fixture.clinic.store.read(|view| view.ledger(&LedgerFilter::default())).unwrap();
    let hers = ledger.iter().filter(|line| line.reference.is_some());
    hers.filter(|line| line.delivery.state == DeliveryState::Sent).count()
}

async fn live(fixture: &Fixture, (from, until): (Timestamp, Timestamp)) {
    let mut now = from;
    while now < until {
        fall_due(&fixture.clinic, sure(now)).await.unwrap();
        deliver(&fixture.clinic, &post(now)).await.unwrap();
        now += minutes(1440);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_that_her_answers_are_missing_who_left_a_form_that_rang() {
    for (mode, said) in [(triage(), RED), (TriageMode::Education, &[("walk", "unsure")][..])] {
        let fixture = fixture(mode);
        live(&fixture, (due(), due() + minutes(1))).await;
        let token = fixture.form();
        let first = saved(page(&token, "a", said), 0, &["walk"]);
        assert!(fixture.kept(due() + minutes(60), first).await.rings);
        live(&fixture, (due() + minutes(1440), at("2026-04-25T09:00:00Z"))).await;
        let asked = fixture.follow_up(1).id;
        let reminders = fixture.clinic.store.read(|v| v.reminders_of_follow_up(asked)).unwrap();
        let fates: Vec<_> = reminders.iter().map(|one| (one.key.1.as_str(), one.state.word())).collect();
        assert_eq!(fates, [("invite", "sent"), ("nudge", "cancelled"), ("nudge-again", "cancelled")]);
        // It counts as answered when its time is over: two of them are not silence.
        assert_eq!(fixture.follow_up(1).state.word(), "done");
        assert!(!tasks(&fixture, TaskKind::Silent));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_left_after_a_calm_page_is_nudged() {
    let fixture = fixture(triage());
    live(&fixture, (due(), due() + minutes(1))).await;
    fixture.kept(due() + minutes(60), saved(page(&fixture.form(), "a", &[]), 0, &["walk", "grip"])).await;
    live(&fixture, (due() + minutes(1440), due() + minutes(5 * 1440))).await;
    assert_eq!(sent(&fixture), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_silent_and_left_a_form_that_rang_is_silent_no_more_unless_somebody_works_on_it() {
    for claimed in [false, true] {
        let fixture = fixture(triage());
        live(&fixture, (due(), at("2026-05-10T09:00:00Z"))).await;
        let open = fixture.clinic.store.read(|view| view.tasks_open()).unwrap();
        let id = open.iter().find(|task| task.kind == TaskKind::Silent).unwrap().id;
        if claimed {
            let claim = move |tx: &mut crate::store::db::transaction::Tx<'_>| Ok(tx.assign_task(id, "nora")?);
            fixture.write(("staff:nora", at("2026-05-10T09:00:00Z")), claim).unwrap();
        }
        let half = saved(page(&fixture.token(LinkPurpose::Changed), "half", RED), 0, &["walk"]);
        assert!(fixture.kept(at("2026-05-10T10:00:00Z"), half).await.rings);
        assert_eq!(tasks(&fixture, TaskKind::Silent), claimed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_began_before_the_rules_were_signed_is_judged_by_them_when_it_is_sent() {
    let fixture = fixture(TriageMode::Education);
    let token = fixture.form();
    let first = saved(page(&token, "a", &[("walk", "unsure")]), 0, &["walk"]);
    assert_eq!(fixture.kept(due(), first).await.outcome, RespondOutcome::Unsorted);
    let fixture = fixture.judged_by(triage());
    let done = fixture.kept(due() + minutes(60), page(&token, "a", RED)).await;
    assert_eq!((done.outcome, done.rings), (RespondOutcome::Tier(Tier::Emergency), true));
    let stored = responses(&fixture).remove(0);
    assert_eq!((stored.mode, stored.tier), (JudgingMode::Triage, Some(Tier::Emergency)));
    // What nobody had sorted is sorted now: one alert, with the hour of an emergency.
    let alerts = alerts(&fixture);
    assert_eq!(alerts.iter().map(|one| one.tier).collect::<Vec<_>>(), [Some(Tier::Emergency)]);
    assert_eq!(alerts[0].due_at, due() + minutes(120));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_began_under_rules_is_read_by_people_once_the_rules_judge_no_more() {
    let fixture = fixture(triage());
    let token = fixture.form();
    let first = saved(page(&token, "a", &[]), 0, &["walk"]);
    assert_eq!(fixture.kept(due(), first).await.outcome, RespondOutcome::Tier(Tier::Routine));
    let fixture = fixture.judged_by(TriageMode::Education);
    let done = fixture.kept(due() + minutes(60), page(&token, "a", &[("weight", "yes")])).await;
    assert_eq!((done.outcome, done.rings), (RespondOutcome::Unsorted, true));
    let stored = responses(&fixture).remove(0);
    assert_eq!((stored.mode, stored.tier), (JudgingMode::Education, None));
    assert!(tasks(&fixture, TaskKind::ReadAnswer));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_nobody_signed_is_never_judged() {
    let fixture = fixture(TriageMode::Education);
    let token = fixture.token(LinkPurpose::Changed);
    let old = |stage| SentPage { version: "old".into(), stage, ..page(&token, "a", &[("weight", "yes")]) };
    fixture.kept(due(), old(FormStage::Saved)).await;
    let fixture = fixture.judged_by(triage());
    let done = fixture.kept(due() + minutes(60), old(FormStage::Submitted)).await;
    assert_eq!(done.outcome, RespondOutcome::Unsorted);
    assert_eq!(responses(&fixture)[0].mode, JudgingMode::Education);
}
