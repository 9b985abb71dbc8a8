//! A form that is left half-way: what rang is an answer.

use super::*;

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
