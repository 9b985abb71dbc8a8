//! The ladder is changed while an alert is open, and a rung of it cannot be written to.

use std::sync::Arc;

use super::*;
use crate::care::patient::PatientStatus;
use crate::journey::fixture::world::odd_post;
use crate::journey::operations::hold;
use crate::journey::patients::status;
use crate::journey::status_change::StatusChange;
use crate::store::alerts::notices::NoticeReason;
use crate::store::alerts::rungs::RungNews;
use crate::store::database;

const NURSE: (Option<&str>, &str, &str) = (None, "nurse", "nurse@clinic.example");
const DOCTOR: (Option<&str>, &str, &str) = (None, "doctor", "doctor@clinic.example");

async fn now_is(fixture: &Fixture, minute: i64) {
    escalate(&fixture.clinic, due() + minutes(minute)).await.unwrap();
}

/// Letters leave; nobody is known at `refused`.
async fn carry(fixture: &Fixture, (minute, refused): (i64, &'static str)) {
    deliver(&fixture.clinic, &odd_post(due() + minutes(minute), refused, Arc::new(|| {}))).await.unwrap();
}

/// Recipient and state of every letter to staff, oldest first.
fn posted(fixture: &Fixture) -> Vec<(String, &'static str)> {
    let staff = letters(fixture).into_iter().filter(|letter| letter.patient.is_none());
    let mut posted: Vec<_> = staff.map(|l| (l.id, l.recipient.unwrap_or_default(), l.state.word())).collect();
    posted.sort();
    posted
        .into_iter()
        .map(|(_, to, state)| (to.split('@').next().unwrap_or_default().to_owned(), state))
        .collect()
}

fn rung_tasks(fixture: &Fixture) -> usize {
    let tasks = fixture.clinic.store.read(|v| v.tasks_open()).unwrap();
    assert!(
        tasks.iter().all(|task| !matches!(task.kind, TaskKind::LetterFailed | TaskKind::LetterLapsed)),
        "{tasks:?}"
    );
    tasks.iter().filter(|task| task.kind == TaskKind::RungUnreachable).count()
}

fn line(to: &str, state: &'static str) -> (String, &'static str) {
    (to.to_owned(), state)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mended_address_is_used_at_the_next_ring_and_the_letter_to_the_old_one_is_replaced() {
    let mut fixture = fixture(triage()).with_ladder(&[NURSE, DOCTOR]);
    red(&fixture, "a").await;
    now_is(&fixture, 0).await;
    fixture = fixture.with_ladder(&[(None, "nurse", "new@clinic.example"), DOCTOR]);
    now_is(&fixture, 15).await;
    assert_eq!(posted(&fixture), [line("nurse", "skipped"), line("new", "pending")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rungs_that_come_go_and_change_while_an_alert_is_open_are_neither_skipped_nor_doubled() {
    let mut fixture = fixture(triage()).with_ladder(&[NURSE, DOCTOR]);
    let id = red(&fixture, "a").await;
    now_is(&fixture, 0).await;
    // A rung comes before her: the reload must not take the nurse for it.
    fixture = fixture.with_ladder(&[(None, "ward", "ward@clinic.example"), NURSE, DOCTOR]);
    now_is(&fixture, 1).await;
    assert_eq!(
        told(&fixture, id),
        ["email nurse"],
        "half an hour has not passed for anybody else: the newcomer is first"
    );
    // The first rung goes, and the nurse is called something else: she is still who was told.
    fixture = fixture.with_ladder(&[(None, "nurse desk", "nurse@clinic.example"), DOCTOR]);
    now_is(&fixture, 30).await;
    fixture = fixture.with_ladder(&[(Some("on-call"), "doctor", "doctor@clinic.example"), NURSE]);
    now_is(&fixture, 31).await;
    let story = told(&fixture, id);
    for who in ["nurse", "doctor"] {
        let first = fixture.clinic.store.read(|v| v.notices_of(id)).unwrap();
        let rings = first.iter().filter(|n| n.why == Some(NoticeReason::Rung) && n.channel.word() == "email");
        assert_eq!(
            rings.filter(|n| n.rung.as_ref().is_some_and(|rung| rung.name == who)).count(),
            1,
            "{who}: {story:?}"
        );
    }
}

/// Her mailbox is mended, and what stands for its fault takes no change: first the task, then the condition behind it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_in_order_about_rungs_keeps_no_alert_from_ringing() {
    for refuse in ["BEFORE UPDATE ON task", "BEFORE DELETE ON standing"] {
        let mut fixture = fixture(triage()).with_ladder(&[NURSE, DOCTOR]);
        let id = red(&fixture, "a").await;
        now_is(&fixture, 0).await;
        carry(&fixture, (0, "nurse@clinic.example")).await;
        now_is(&fixture, 0).await;
        let before = told(&fixture, id).len();
        let trigger = format!(
            "CREATE TRIGGER refuse {refuse} WHEN old.kind = 'rung-unreachable' BEGIN SELECT RAISE(ABORT, 'no'); END"
        );
        fixture.write(("daemon", due()), move |tx| Ok(sabotage(tx, &trigger)?)).unwrap();
        fixture = fixture.with_ladder(&[(None, "nurse", "new@clinic.example"), DOCTOR]);
        drop(escalate(&fixture.clinic, due() + minutes(20)).await);
        assert!(told(&fixture, id).len() > before, "{refuse}: {:?}", told(&fixture, id));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_mailbox_is_one_task_however_long_it_rings_and_the_next_rung_is_told_at_once() {
    let fixture = fixture(triage()).with_ladder(&[NURSE, DOCTOR]);
    let id = red(&fixture, "a").await;
    now_is(&fixture, 0).await;
    carry(&fixture, (0, "nurse@clinic.example")).await;
    now_is(&fixture, 0).await;
    assert_eq!(
        told(&fixture, id),
        ["email nurse", "email doctor"],
        "nobody waits for a mailbox that is dead"
    );
    for minute in 1..=80 {
        now_is(&fixture, minute).await;
        carry(&fixture, (minute, "nurse@clinic.example")).await;
    }
    assert_eq!(rung_tasks(&fixture), 1);
    let faults = fixture.clinic.store.read(|v| v.rung_faults()).unwrap();
    assert_eq!((faults.len(), faults[0].rung.as_str(), faults[0].address.as_str()), (1, "nurse", NURSE.2));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_task_of_a_dead_mailbox_comes_back_when_ticked_off_and_ends_with_its_cause() {
    let mut fixture = fixture(triage()).with_ladder(&[NURSE, DOCTOR]);
    red(&fixture, "a").await;
    now_is(&fixture, 0).await;
    carry(&fixture, (0, "nurse@clinic.example")).await;
    let tick = |fixture: &Fixture| {
        let tasks = fixture.clinic.store.read(|v| v.tasks_open()).unwrap();
        let id = tasks.iter().find(|task| task.kind == TaskKind::RungUnreachable).unwrap().id;
        fixture.write((NORA, due()), move |tx| close_task::close(tx, id, "mended")).unwrap();
    };
    tick(&fixture);
    now_is(&fixture, 1).await;
    assert_eq!(rung_tasks(&fixture), 1, "it stands as long as the fault");
    // A letter to it is taken.
    now_is(&fixture, 20).await;
    carry(&fixture, (20, "")).await;
    assert_eq!(rung_tasks(&fixture), 0);
    now_is(&fixture, 40).await;
    carry(&fixture, (40, "nurse@clinic.example")).await;
    assert_eq!(rung_tasks(&fixture), 1);
    // Its address is changed.
    fixture = fixture.with_ladder(&[(None, "nurse", "new@clinic.example"), DOCTOR]);
    now_is(&fixture, 41).await;
    assert_eq!(rung_tasks(&fixture), 0);
    assert_eq!(
        posted(&fixture).last(),
        Some(&line("new", "pending")),
        "it was not reached, so it is told at once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_edited_killed_or_dead_between_two_rings_everyone_is_told_once_and_nobody_falls_silent() {
    for seed in 0..12_u64 {
        let mut dice = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut roll = move |sides: u64| {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            dice % sides
        };
        // A person keeps her number; her name and address change, never both between two rings.
        let mut people: Vec<(u64, u64, u64)> = (0..3).map(|n| (n, n, n)).collect();
        let mut next = 10;
        let mut fixture = fixture(triage());
        let id = red(&fixture, "a").await;
        let mut minute = 0;
        for _ in 0..16 {
            next += 1;
            let count = people.len();
            let place = usize::try_from(roll(8)).unwrap() % count;
            match roll(5) {
                0 => people.insert(place, (next, next, next)),
                1 if count > 1 => drop(people.remove(place)),
                2 => people[place].1 = next,
                3 => people[place].2 = next,
                _ => {}
            }
            let words: Vec<(String, String)> = people
                .iter()
                .map(|(_, name, address)| (format!("n{name}"), format!("a{address}@clinic.example")))
                .collect();
            let rungs: Vec<_> = words.iter().map(|(name, at)| (None, name.as_str(), at.as_str())).collect();
            if roll(3) == 0 {
                fixture = fixture.restarted();
            }
            fixture = fixture.with_ladder(&rungs);
            minute += 1 + i64::try_from(roll(20)).unwrap();
            now_is(&fixture, minute).await;
            carry(&fixture, (minute, if roll(3) == 0 { "a1@clinic.example" } else { "" })).await;
            let alert = fixture.clinic.store.read(|v| v.alert(id)).unwrap();
            let longest = due() + minutes(minute + 15);
            assert!(alert.next_notice_at.is_some_and(|at| at <= longest), "seed {seed}: it falls silent");
            if alert.everyone_at == Some(due() + minutes(minute)) {
                let told = fixture.clinic.store.read(|v| v.told_of(id)).unwrap();
                let is_told =
                    |(_, name, _): &(u64, u64, u64)| told.iter().any(|who| who.name == format!("n{name}"));
                assert!(people.iter().all(is_told), "seed {seed}: somebody was skipped");
            }
        }
        let notices = fixture.clinic.store.read(|v| v.notices_of(id)).unwrap();
        assert!(
            notices.iter().filter(|n| n.channel.word() == "patient").count() <= 1,
            "seed {seed}: go now, twice"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_back_later_is_believed_only_when_nothing_came_back_for_a_day() {
    let fixture = fixture(triage()).with_ladder(&[NURSE]);
    red(&fixture, "a").await;
    now_is(&fixture, 0).await;
    carry(&fixture, (0, "")).await;
    let letter = letters(&fixture).into_iter().find(|l| l.state == delivery::DeliveryState::Sent).unwrap();
    let came_back = move |tx: &mut Tx<'_>| {
        rung_refused(tx, &letter, "550 5.1.1 no such user", RungNews::Notice).map(drop)
    };
    fixture.write(("daemon", due() + minutes(5)), came_back).unwrap();
    now_is(&fixture, 15).await;
    carry(&fixture, (15, "")).await;
    assert_eq!(rung_tasks(&fixture), 1, "the relay takes it every time");
    now_is(&fixture, 15 + 1440).await;
    assert_eq!(rung_tasks(&fixture), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lifted_alert_rings_at_once_at_its_new_tier_and_the_old_letter_says_nothing_more() {
    let fixture = fixture(triage()).with_ladder(&[NURSE, DOCTOR]);
    let token = fixture.token(LinkPurpose::Changed);
    fixture.kept(due(), page(&token, "a", &[("weight", "yes")])).await;
    now_is(&fixture, 0).await;
    fixture.kept(due() + minutes(1), page(&token, "b", &[("walk", "new")])).await;
    now_is(&fixture, 1).await;
    assert_eq!(posted(&fixture), [line("nurse", "skipped"), line("nurse", "pending")]);
    let waiting =
        letters(&fixture).into_iter().find(|l| l.state == delivery::DeliveryState::Pending).unwrap();
    assert!(waiting.inputs.unwrap().contains("emergency"));
}

#[tokio::test(flavor = "multi_thread")]
async fn go_now_does_not_wait_behind_a_hold_but_never_goes_to_someone_who_has_died() {
    for status in [None, Some(PatientStatus::Deceased)] {
        let fixture = fixture(triage()).with_ladder(&[NURSE]);
        red(&fixture, "a").await;
        hold::hold(&fixture.clinic, due(), "the clock jumped".to_owned()).await.unwrap();
        for minute in [0, 15] {
            now_is(&fixture, minute).await;
        }
        if let Some(to) = status {
            let (her, reason) = (fixture.her(), "told".to_owned());
            let change = StatusChange { to, reason, until: None, confirmed_by: None };
            fixture.write((NORA, due()), move |tx| status::change(tx, &her, &change)).unwrap();
        }
        carry(&fixture, (15, "")).await;
        let hers: Vec<_> = letters(&fixture).into_iter().filter(|letter| letter.patient.is_some()).collect();
        let expected =
            if status.is_none() { delivery::DeliveryState::Sent } else { delivery::DeliveryState::Skipped };
        assert_eq!((hers.len(), hers[0].state), (1, expected), "{status:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_call_an_alert_and_address_waits_and_none_after_somebody_took_it_on() {
    let fixture = fixture(triage());
    let id = red(&fixture, "a").await;
    for minute in (0..120).step_by(15) {
        now_is(&fixture, minute).await;
    }
    let states = |fixture: &Fixture| {
        let ask = "SELECT state FROM webhook_call ORDER BY id";
        fixture.clinic.store.read(|v| database::tests::words(v, ask)).unwrap()
    };
    let before = states(&fixture);
    assert!(before.len() > 4, "{before:?}");
    assert_eq!(before.iter().filter(|state| *state == "pending").count(), 1);
    assert!(before[..before.len() - 1].iter().all(|state| state == "superseded"), "{before:?}");
    fixture.write((NORA, due() + minutes(120)), move |tx| acknowledge(tx, id)).unwrap();
    assert_eq!(states(&fixture).last().map(String::as_str), Some("withdrawn"));
}
