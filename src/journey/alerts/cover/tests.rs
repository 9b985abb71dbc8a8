//! The cover over a real database: what proves it, for how long, and what ends it.

use std::time::Duration;

use super::*;
use crate::care::delivery::AttemptVerdict;
use crate::care::refusal::receipt::Receipt;
use crate::care::time::span::later;
use crate::journey::alerts::notify::{enqueue, item};
use crate::journey::alerts::test_alert::code;
use crate::journey::delivery::deliver::deliver;
use crate::journey::delivery::outcome;
use crate::journey::fixture::world::post;
use crate::journey::fixture::{Fixture, due, fixture_where, minutes, sure, triage};
use crate::letter::template_names::LetterName;
use crate::store::mail::delivery::Delivery;

fn fixture() -> Fixture {
    let day = Duration::from_secs(86_400);
    let proof = Proof { test_every: 30 * day, lasts: 33 * day };
    fixture_where(triage(), |care| care.proof = Some(proof))
}

fn no_cover(fixture: &Fixture) -> bool {
    let tasks = fixture.clinic.store.read(|v| v.tasks_open()).unwrap();
    let task = tasks.iter().any(|t| t.kind == TaskKind::NoCover);
    assert_eq!(task, fixture.clinic.store.read(|v| v.missing_cover()).unwrap().is_some());
    task
}

/// The rung at `place` of the newest test gives its code.
async fn confirms(fixture: &Fixture, place: usize, now: Timestamp) {
    let asked = fixture.clinic.store.read(|v| v.asked_rungs(Timestamp::MIN)).unwrap().remove(place);
    let stamp = Stamp { at: now, actor: crate::care::actor::Actor::Staff("nora".to_owned()) };
    let reply = TestReply::Code(code(&asked, &fixture.clinic.key));
    answer(&fixture.clinic, stamp, reply).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rung_must_give_its_code_and_again_after_a_while() {
    let fixture = fixture();
    check(&fixture.clinic, sure(due())).await.unwrap();
    assert!(no_cover(&fixture) && fixture.clinic.store.read(|v| v.has_open_test()).unwrap());
    deliver(&fixture.clinic, &post(due() + minutes(1))).await.unwrap();
    check(&fixture.clinic, sure(due() + minutes(2))).await.unwrap();
    assert!(no_cover(&fixture), "that a letter was taken shows no person");
    confirms(&fixture, 1, due() + minutes(5)).await;
    assert!(!no_cover(&fixture) && !fixture.clinic.store.read(|v| v.has_open_test()).unwrap());
    // Thirty days later the next test leaves; three more without an answer, and nobody is known to be there.
    for (days, lost) in [(30, false), (32, false), (34, true)] {
        check(&fixture.clinic, sure(due() + minutes(days * 1440))).await.unwrap();
        assert_eq!(no_cover(&fixture), lost, "{days}");
    }
    let letters = fixture.clinic.store.read(|v| v.balance()).unwrap();
    assert_eq!(letters, [("pending".to_owned(), 2), ("sent".to_owned(), 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_dated_by_a_clock_that_ran_ahead_is_none() {
    let fixture = fixture();
    let ahead = due() + minutes(400 * 1440);
    check(&fixture.clinic, sure(ahead)).await.unwrap();
    deliver(&fixture.clinic, &post(ahead)).await.unwrap();
    confirms(&fixture, 0, ahead).await;
    check(&fixture.clinic, sure(due())).await.unwrap();
    assert!(no_cover(&fixture), "nobody has proved anything");
    assert!(fixture.clinic.store.read(|v| v.has_open_test()).unwrap(), "a test alert leaves now");
    deliver(&fixture.clinic, &post(due())).await.unwrap();
    confirms(&fixture, 0, due()).await;
    assert!(!no_cover(&fixture));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_rung_whose_letters_arrive_is_cover() {
    let fixture = fixture();
    check(&fixture.clinic, sure(due())).await.unwrap();
    deliver(&fixture.clinic, &post(due())).await.unwrap();
    confirms(&fixture, 0, due()).await;
    confirms(&fixture, 1, due()).await;
    let fate = |at: usize, verdict: AttemptVerdict| {
        let steps = fixture.clinic.clone();
        let fare = move |tx: &mut Tx<'_>| -> Result<_, StepError> {
            let item = item(LetterName::StaffTestAlert, std::collections::BTreeMap::new());
            let id = enqueue(tx, &steps.care.contacts[at], item, &steps)?;
            let letter = tx.delivery(id)?.in_hand(tx.at());
            let letter = Delivery { message_id: Some(format!("m-{}", id.0)), ..letter };
            tx.claim(&letter, later(tx.at(), Duration::from_secs(60)))?;
            let reply = "550 5.1.1 no such user".to_owned();
            let report = Receipt::unsaid(verdict, reply);
            outcome::record(tx, &letter, &report, outcome::Backoff::exact(&steps.policy))
        };
        fixture.write(("daemon", due()), fare).unwrap();
    };
    fate(0, AttemptVerdict::Refused);
    check(&fixture.clinic, sure(due())).await.unwrap();
    assert!(!no_cover(&fixture), "the second is there");
    fate(1, AttemptVerdict::BadAddress);
    check(&fixture.clinic, sure(due())).await.unwrap();
    assert!(no_cover(&fixture));
    fate(0, AttemptVerdict::Accepted);
    check(&fixture.clinic, sure(due())).await.unwrap();
    assert!(!no_cover(&fixture));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ladder_without_hours_is_no_cover() {
    let fixture = fixture_where(triage(), |care| {
        care.proof = Some(Proof { test_every: Duration::MAX, lasts: Duration::MAX });
        for rung in &mut care.ladder.rungs {
            rung.hours.weekdays = Some(Vec::new());
        }
    });
    check(&fixture.clinic, sure(due())).await.unwrap();
    deliver(&fixture.clinic, &post(due())).await.unwrap();
    confirms(&fixture, 0, due()).await;
    check(&fixture.clinic, sure(due())).await.unwrap();
    assert!(no_cover(&fixture));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_test_of_the_ladder_waits_for_the_hours_in_which_people_work() {
    let fixture = fixture();
    let midnight: Timestamp = "2026-03-03T00:00:00Z".parse().unwrap();
    let tests = || fixture.clinic.store.read(|v| v.asked_rungs(Timestamp::MIN)).unwrap().len();
    check(&fixture.clinic, sure(midnight)).await.unwrap();
    let first = tests();
    assert!(first > 0, "a ladder that nobody has tried yet is asked at once");
    // Thirty days later, a Thursday: at midnight, before and after the clinic opens at nine.
    for (minute, asked) in [(0, first), (8 * 60 + 59, first), (9 * 60, 2 * first)] {
        check(&fixture.clinic, sure(midnight + minutes(30 * 1440 + minute))).await.unwrap();
        assert_eq!(tests(), asked, "{minute}");
    }
}
