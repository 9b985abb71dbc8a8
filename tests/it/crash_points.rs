//! The process dies at each numbered point of a letter's trip. Whatever the point: nothing is lost, nothing leaves twice
//! without having been marked in doubt first, and a twin carries the same Message-ID (P3).
//!
//! 1 due, not claimed · 2 claimed, line not ready · 3 handed over, not taken · 4 taken, not recorded · 5 recorded ·
//! 6 in doubt, resting · 7 taken again, not recorded.

use std::sync::Arc;

use aftercare::daemon::rehearsal::{SimulatedClinic, live};
use aftercare::journey::errors::step::StepError;
use aftercare::ports::BoxFuture;
use tokio::sync::Notify;

use crate::clinic::{Clinic, Person, address, at};
use crate::courier::Reply;

const DUE: &str = "2026-03-10T09:00";

fn due() -> Clinic {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.live_until(DUE);
    clinic
}

/// A point at which the process dies as often as it gets there, until it is mended.
fn deadly() -> (Arc<Notify>, impl Fn() -> BoxFuture<'static, ()> + Send + Sync + 'static) {
    let death = Arc::new(Notify::new());
    let bell = Arc::clone(&death);
    let hook = move || -> BoxFuture<'static, ()> {
        let bell = Arc::clone(&bell);
        Box::pin(async move {
            bell.notify_one();
            std::future::pending::<()>().await;
        })
    };
    (death, hook)
}

fn dies(clinic: &mut Clinic, death: &Notify) {
    let died = clinic.run(async |c| {
        let stage = SimulatedClinic { clinic: &c.app, post: &c.post, clock: &c.clock };
        tokio::select! {
            biased;
            () = death.notified() => true,
            lived = live(&stage, at("2026-03-10T18:00"), |_, _| Ok::<_, StepError>(())) => { lived.unwrap(); false }
        }
    });
    assert!(died, "the point was never reached");
    clinic.halt();
}

fn mend(clinic: &mut Clinic) {
    clinic.courier.before_ready(|| Box::pin(async {}));
    clinic.courier.after_accept(|| Box::pin(async {}));
    clinic.restart();
}

/// One letter in the ledger, sent; so many copies at the server, all under one Message-ID, all but one in doubt.
fn ends_well(mut clinic: Clinic, copies: usize, doubts: u32) {
    clinic.live_until("2026-03-11T00:00");
    let (letters, ledger) = (clinic.letters_to("A-1"), clinic.ledger());
    let marked: Vec<_> = ledger.iter().map(|l| (l.delivery.state.word(), l.delivery.doubts)).collect();
    assert_eq!((letters.len(), marked), (copies, vec![("sent", doubts)]));
    assert!(letters.iter().all(|l| l.message_id == letters[0].message_id && l.text == letters[0].text));
    clinic.is_sound();
}

#[test]
fn at_1_due_and_not_claimed_it_leaves_once() {
    let mut clinic = due();
    clinic.post.stop.cancel();
    clinic.live_until("2026-03-10T09:01");
    assert_eq!(clinic.fates()[0].1, "pending");
    clinic.crash();
    ends_well(clinic, 1, 0);
}

#[test]
fn at_2_claimed_and_no_line_ready_it_is_in_doubt_and_leaves_once() {
    let mut clinic = due();
    let (death, hook) = deadly();
    clinic.courier.before_ready(hook);
    dies(&mut clinic, &death);
    assert_eq!(clinic.fates()[0].1, "claimed");
    mend(&mut clinic);
    assert_eq!(clinic.fates()[0].1, "unknown");
    ends_well(clinic, 1, 1);
}

#[test]
fn at_3_handed_over_and_not_taken_it_leaves_once() {
    let mut clinic = due();
    clinic.courier.next(&address("A-1"), &[Reply::HangBefore]);
    let death = Arc::new(Notify::new());
    let bell = Arc::clone(&death);
    clinic.courier.before_ready(move || {
        // The death is noticed only once the dialogue hangs: the hook itself goes on.
        bell.notify_one();
        Box::pin(async {})
    });
    let before = clinic.courier.in_flight();
    dies(&mut clinic, &death);
    assert_eq!(clinic.fates()[0].1, "claimed");
    assert_eq!(clinic.courier.in_flight(), before + 1, "the dialogue has begun");
    assert_eq!(clinic.letters_to("A-1").len(), 0, "and the server has nothing");
    mend(&mut clinic);
    ends_well(clinic, 1, 1);
}

#[test]
fn at_4_taken_and_not_recorded_a_twin_carries_the_same_message_id() {
    let mut clinic = due();
    let (death, hook) = deadly();
    clinic.courier.after_accept(hook);
    dies(&mut clinic, &death);
    assert_eq!(clinic.fates()[0].1, "claimed");
    mend(&mut clinic);
    ends_well(clinic, 2, 1);
}

#[test]
fn at_5_recorded_it_stays_recorded() {
    let mut clinic = due();
    clinic.live_until("2026-03-10T09:01");
    assert_eq!(clinic.fates()[0].1, "sent");
    clinic.crash();
    assert_eq!(clinic.fates()[0].1, "sent");
    ends_well(clinic, 1, 0);
}

#[test]
fn at_6_in_doubt_and_resting_it_rests_on() {
    let mut clinic = due();
    clinic.courier.next(&address("A-1"), &[Reply::LostAfter]);
    clinic.live_until("2026-03-10T09:05");
    clinic.crash();
    assert_eq!(clinic.fates()[0].1, "unknown");
    clinic.live_until("2026-03-10T09:14");
    assert_eq!(clinic.letters_to("A-1").len(), 1);
    ends_well(clinic, 2, 1);
}

#[test]
fn at_7_taken_again_and_not_recorded_there_is_an_end_to_it_and_a_person_is_asked() {
    let mut clinic = due();
    clinic.courier.next(&address("A-1"), &[Reply::LostAfter]);
    clinic.live_until("2026-03-10T09:05");
    let (death, hook) = deadly();
    clinic.courier.after_accept(hook);
    dies(&mut clinic, &death);
    mend(&mut clinic);
    // Whatever happens from here on: it was handed over twice.
    for _ in 0..3 {
        clinic.live_until("2026-03-11T00:00");
        clinic.crash();
    }
    assert_eq!(clinic.letters_to("A-1").len(), 2);
    let ledger = clinic.ledger();
    assert_eq!((ledger[0].delivery.state.word(), ledger[0].delivery.doubts), ("unknown", 2));
    assert_eq!(clinic.task_kinds(), [aftercare::care::task::TaskKind::LetterUnknown]);
    clinic.is_sound();
}

#[test]
fn with_many_letters_in_hand_no_more_twins_than_lines_come_of_it() {
    dies_among_many(Clinic::open("2026-01-07T10:00"), 4);
}

#[test]
fn where_lines_look_ahead_more_letters_are_in_doubt_and_no_more_twins_come_of_it() {
    let clinic = Clinic::open("2026-01-07T10:00");
    clinic.courier.look_ahead();
    dies_among_many(clinic, 12);
}

/// Four lines carry fifty letters; the process dies with at most `in_hand` of them in hand.
fn dies_among_many(mut clinic: Clinic, in_hand: usize) {
    for number in 0..50 {
        clinic.enrol(&Person::new(&format!("A-{number}")).on("high", "2026-01-07"));
    }
    clinic.live_until(DUE);
    let (death, hook) = deadly();
    clinic.courier.after_accept(hook);
    dies(&mut clinic, &death);
    let claimed = clinic.fates().iter().filter(|fate| fate.1 == "claimed").count();
    assert!(claimed <= in_hand, "{claimed} letters in doubt over 4 lines");
    mend(&mut clinic);
    clinic.live_until("2026-03-11T00:00");
    let letters = clinic.courier.accepted();
    let ids: std::collections::BTreeSet<_> = letters.iter().map(|l| &l.message_id).collect();
    assert_eq!(ids.len(), 50);
    assert!(letters.len() <= 54, "{} letters over 4 lines", letters.len());
    clinic.is_sound();
}
