//! Letters stopped by kind wait and are not lost, what else a letter says leaves without them, and whatever was stopped before
//! its dialogue begins does not leave, wherever it was at that moment.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use aftercare::care::guards::stop_kind::StopKind;
use aftercare::care::task::TaskKind;
use aftercare::journey::errors::step::StepError;
use aftercare::journey::operations::guards::letter_stop::{start, stop};
use aftercare::store::db::transaction::{Stamp, Tx};
use jiff::ToSpan;

use super::post;
use crate::clinic::{Clinic, Person, address};
use crate::courier::Reply;

fn kind(word: &str) -> StopKind {
    StopKind::stored(word.to_owned())
}

fn stops(clinic: &Clinic, word: &'static str) -> u32 {
    clinic.change(move |tx| stop(tx, &kind(word), "the page is wrong")).unwrap()
}

fn starts(clinic: &Clinic, word: &'static str) -> u32 {
    clinic.change(move |tx| start(tx, &kind(word))).unwrap()
}

/// Somebody who is to book a visit, whose letter is due now.
fn due() -> Clinic {
    let clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.sleep_until("2026-03-10T09:00:01");
    clinic
}

#[test]
fn letters_of_a_stopped_kind_wait_and_leave_once_it_is_started_again() {
    let mut clinic = due();
    assert_eq!(stops(&clinic, "visits"), 0, "nothing has fallen due yet");
    for _ in 0..3 {
        clinic.pass();
    }
    assert_eq!(clinic.post_of("A-1"), []);
    assert_eq!(clinic.fates(), [("visit:book".to_owned(), "pending", String::new())]);
    assert_eq!(clinic.ledger()[0].why(), Some("letters of its kind are stopped"));
    assert_eq!(clinic.task_kinds(), [TaskKind::LettersStopped]);
    clinic.close_task(TaskKind::LettersStopped);
    clinic.pass();
    assert_eq!(clinic.task_kinds(), [TaskKind::LettersStopped], "it stands as long as the stop");
    clinic.is_sound();

    clinic.sleep_until("2026-03-12T11:00");
    clinic.crash();
    clinic.start();
    assert_eq!(clinic.post_of("A-1"), [], "a stop outlives the process");
    assert_eq!(starts(&clinic, "visits"), 1);
    assert_eq!(clinic.ledger()[0].why(), None, "nothing holds it back any more");
    clinic.pass();
    assert_eq!(clinic.post_of("A-1"), post(&[("2026-03-12 11:00", "visit:book")]));
    assert_eq!(clinic.task_kinds(), []);
    clinic.is_sound();
}

#[test]
fn what_is_too_late_by_then_lapses_with_a_task() {
    let mut clinic = due();
    stops(&clinic, "book");
    clinic.pass();
    let until = clinic.ledger()[0].delivery.expires_at;
    clinic.clock.advance_to(until + 1.minute());
    clinic.pass();
    let fates = clinic.fates();
    assert_eq!((fates[0].0.as_str(), fates[0].1), ("visit:book", "lapsed"), "{fates:?}");
    assert!(clinic.task_kinds().contains(&TaskKind::LetterLapsed), "{:?}", clinic.tasks());
    clinic.is_sound();
}

/// Somebody whose letter of one day says two things, lived up to an hour after it; the kind is stopped an hour before.
fn two_things(stopped: Option<&'static str>) -> Clinic {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07").on("spine", "2026-01-07"));
    clinic.live_until("2026-03-10T08:00");
    if let Some(word) = stopped {
        stops(&clinic, word);
    }
    clinic.live_until("2026-03-10T10:00");
    clinic
}

fn last_letter(clinic: &Clinic) -> (String, String) {
    clinic.post_of("A-1").pop().unwrap()
}

#[test]
fn what_else_a_letter_says_leaves_without_what_is_stopped() {
    let nine = |steps: &str| ("2026-03-10 09:00".to_owned(), steps.to_owned());
    assert_eq!(last_letter(&two_things(None)), nine("visit:book checklist:nudge"));

    let mut clinic = two_things(Some("visits"));
    assert_eq!(last_letter(&clinic), nine("checklist:nudge"));
    let waits = ("visit:book".to_owned(), "pending", String::new());
    assert!(clinic.fates().contains(&waits), "{:?}", clinic.fates());
    clinic.live_until("2026-03-11T10:00");
    assert!(clinic.fates().contains(&waits), "{:?}", clinic.fates());
    assert_eq!(starts(&clinic, "visits"), 1);
    // On the first day after it that the caps leave her.
    clinic.live_until("2026-03-18T11:00");
    assert_eq!(last_letter(&clinic).1, "visit:book");
    assert_eq!(clinic.fates().iter().filter(|fate| fate.0 == "visit:book").count(), 1);
    assert_eq!(clinic.task_kinds(), []);
    clinic.is_sound();
}

#[test]
fn what_would_be_of_no_use_on_a_later_day_becomes_a_task_when_the_rest_leaves() {
    let mut clinic = Clinic::with("2026-01-07T10:00", |p| p.weekly_cap = 7);
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07").on("spine", "2026-01-07"));
    clinic.live_until("2026-03-02T10:00");
    // Before the hour at which letters leave: what is said of it the day before cannot wait another day.
    clinic.book("A-1", "2026-03-11T08:30").unwrap();
    clinic.live_until("2026-03-10T08:00");
    stops(&clinic, "visits");
    clinic.live_until("2026-03-10T10:00");
    assert_eq!(last_letter(&clinic).1, "checklist:nudge");
    assert_eq!(clinic.task_kinds(), [TaskKind::LettersStopped, TaskKind::LetterLapsed]);
    clinic.is_sound();
}

/// Stops the kind at one point of the dialogue, once.
fn stop_there(clinic: &Clinic, point: &str) -> Arc<Mutex<u32>> {
    let (app, clock) = (clinic.app.clone(), Arc::clone(&clinic.clock));
    let left = Arc::new(Mutex::new(0));
    let done = Arc::new(AtomicBool::default());
    let hook = move || -> aftercare::ports::BoxFuture<'static, ()> {
        let (app, clock, done) = (app.clone(), Arc::clone(&clock), Arc::clone(&done));
        Box::pin(async move {
            use aftercare::ports::Clock;
            // Nothing is waited for without time going by.
            clock.advance(std::time::Duration::from_millis(600));
            if !done.swap(true, Ordering::SeqCst) {
                let job = |tx: &mut Tx<'_>| stop(tx, &kind("book"), "now").map(drop);
                app.store.write::<_, StepError>(Stamp::daemon(clock.now()), job).await.unwrap();
            }
        })
    };
    match point {
        "ready" => clinic.courier.before_ready(hook),
        "transfer" => clinic.courier.before_transfer(hook),
        _ => clinic.courier.before_body(hook),
    }
    let seen = Arc::clone(&left);
    clinic.courier.witness(move |_| *seen.lock().unwrap() += 1);
    left
}

#[test]
fn a_letter_that_is_claimed_when_its_kind_is_stopped_does_not_leave() {
    for point in ["ready", "transfer", "body"] {
        let mut clinic = due();
        let left = stop_there(&clinic, point);
        clinic.pass();
        clinic.pass();
        assert_eq!(*left.lock().unwrap(), 0, "stopped at {point}");
        assert_eq!(clinic.fates(), [("visit:book".to_owned(), "pending", String::new())], "{point}");
        starts(&clinic, "book");
        clinic.pass();
        assert_eq!(clinic.post_of("A-1").len(), 1, "{point}");
        clinic.is_sound();
    }
}

#[test]
fn a_stopped_letter_in_doubt_part_of_which_lost_its_use_is_looked_at_once() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07").on("spine", "2026-01-07"));
    clinic.live_until("2026-03-10T08:00");
    clinic.courier.next(&address("A-1"), &[Reply::LostAfter]);
    clinic.live_until("2026-03-10T09:05");
    stops(&clinic, "visits");
    stops(&clinic, "checklists");
    clinic.live_until("2026-03-10T10:00");
    let held = |clinic: &Clinic| {
        let file = rusqlite::Connection::open(clinic.app.store.path()).unwrap();
        let ask = "SELECT count(*) FROM audit_event WHERE action = ?";
        file.query_row(ask, ["delivery.held-back"], |r| r.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(held(&clinic), 1, "{:?}", clinic.fates());
    // Of the two promises it says one loses its use before the other.
    let file = rusqlite::Connection::open(clinic.app.store.path()).unwrap();
    let ask = "SELECT r.id, r.expires_at, d.expires_at FROM reminder r JOIN delivery d ON d.id = r.delivery_id \
               WHERE d.state = 'pending' ORDER BY r.expires_at LIMIT 1";
    let read = |r: &rusqlite::Row<'_>| Ok((r.get(0)?, r.get(1)?, r.get(2)?));
    let (first, over, last): (i64, i64, i64) = file.query_row(ask, [], read).unwrap();
    assert!(over < last, "the rest of the letter is of use still");
    clinic.clock.advance_to(jiff::Timestamp::from_millisecond(over).unwrap() + 1.minute());
    clinic.pass();
    clinic.pass();
    assert!(held(&clinic) <= 2, "{}", held(&clinic));
    // Nothing of it can leave while both kinds are stopped: both lapse with the letter.
    clinic.live_to(jiff::Timestamp::from_millisecond(last).unwrap() + 1.minute());
    let ask = "SELECT state FROM reminder WHERE id = ?";
    let state: String = file.query_row(ask, [first], |r| r.get(0)).unwrap();
    assert_eq!(state, "lapsed", "{:?}", clinic.fates());
    clinic.is_sound();
}
