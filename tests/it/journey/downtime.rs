//! After a week of downtime, or a jump of the clock: late, never lost, never stale (P9).

use std::sync::Arc;
use std::time::Duration;

use aftercare::care::patient::PatientStatus;
use aftercare::care::task::TaskKind;
use aftercare::clock::KernelClock;
use aftercare::journey::operations::hold;

use super::post;
use crate::clinic::{Clinic, Person};
use crate::courier::Reply;

#[test]
fn after_a_week_what_is_useful_leaves_once_and_the_rest_is_listed() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.enrol(&Person::new("A-2").on("high", "2026-01-07"));
    clinic.enrol(&Person::new("A-3").on("spine", "2026-02-06"));
    clinic.live_until("2026-03-01T00:00");
    clinic.book("A-2", "2026-03-10T11:00").unwrap();
    clinic.live_until("2026-03-02T12:00");
    clinic.courier.collect();
    clinic.sleep_until("2026-03-12T11:00");
    clinic.start();
    clinic.live_until("2026-03-12T12:00");
    // She can still book; the date of the second is over; the third is nudged no more but still invited.
    assert_eq!(clinic.post_of("A-1"), post(&[("2026-03-12 11:00", "visit:book")]));
    let missed = post(&[("2026-03-12 11:00", "visit:sorry-we-missed-you")]);
    assert_eq!(clinic.post_of("A-2"), missed);
    assert_eq!(clinic.post_of("A-3"), post(&[("2026-03-12 11:00", "checklist:invite")]));
    assert!(clinic.task_kinds().contains(&TaskKind::LetterLapsed));
    clinic.is_sound();
}

#[test]
fn a_late_invitation_is_nudged_as_one_in_time_and_no_nudge_asks_a_person() {
    let mut clinic = Clinic::with("2026-02-06T10:00", |p| p.weekly_cap = 7);
    // Due on Friday the 6th, in the middle of the outage; the other was invited the day before it.
    clinic.enrol(&Person::new("A-1").on("spine", "2026-02-06"));
    clinic.enrol(&Person::new("A-2").on("spine", "2026-02-05"));
    clinic.live_until("2026-03-05T12:00");
    clinic.sleep_until("2026-03-12T11:00");
    clinic.start();
    clinic.live_until("2026-03-20T12:00");
    let expected = [
        ("2026-03-12 11:00", "checklist:invite"),
        ("2026-03-13 09:00", "checklist:nudge"),
        ("2026-03-16 09:00", "checklist:nudge-again"),
    ];
    assert_eq!(clinic.post_of("A-1"), post(&expected));
    assert_eq!(clinic.post_of("A-2"), post(&[("2026-03-05 09:00", "checklist:invite")]));
    assert_eq!(clinic.task_kinds(), []);
    clinic.is_sound();
}

#[test]
fn after_27_hours_of_downtime_an_invitation_and_its_nudge_do_not_leave_in_one_go() {
    let mut clinic = Clinic::with("2026-01-12T10:00", |p| p.weekly_cap = 7);
    // Due on Tuesday the 10th at 9; the machine is down from an hour before it until the next day.
    clinic.enrol(&Person::new("A-1").on("spine", "2026-01-10"));
    clinic.live_until("2026-02-10T08:00");
    clinic.sleep_until("2026-02-11T11:00");
    clinic.start();
    clinic.live_until("2026-02-17T12:00");
    let expected = [
        ("2026-02-11 11:00", "checklist:invite"),
        ("2026-02-12 09:00", "checklist:nudge"),
        ("2026-02-16 09:00", "checklist:nudge-again"),
    ];
    assert_eq!(clinic.post_of("A-1"), post(&expected));
    assert_eq!(clinic.task_kinds(), []);
    clinic.is_sound();
}

#[test]
fn of_two_further_letters_that_ask_to_book_one_visit_the_later_is_said() {
    let mut clinic = Clinic::with("2026-01-07T10:00", |p| p.weekly_cap = 7);
    clinic.enrol(&Person::new("A-1").on("thrice", "2026-01-07"));
    clinic.live_until("2026-03-10T12:00");
    let now = clinic.now();
    clinic.run(async |c| hold::hold(&c.app, now, "the clock jumped".to_owned()).await).unwrap();
    clinic.live_until("2026-03-31T12:00");
    clinic.close_task(TaskKind::Hold);
    clinic.live_until("2026-03-31T18:00");
    let expected = [("2026-03-10 09:00", "visit:book"), ("2026-03-31 12:00", "visit:book-last")];
    assert_eq!(clinic.post_of("A-1"), post(&expected));
    clinic.is_sound();
}

#[test]
fn two_letters_that_ask_to_book_one_visit_become_the_first_of_them() {
    let mut clinic = Clinic::with("2026-01-07T10:00", |p| p.weekly_cap = 7);
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.live_until("2026-03-10T08:00");
    let now = clinic.now();
    clinic.run(async |c| hold::hold(&c.app, now, "the clock jumped".to_owned()).await).unwrap();
    clinic.live_until("2026-03-24T12:00");
    assert_eq!(clinic.post_of("A-1"), []);
    clinic.close_task(TaskKind::Hold);
    clinic.live_until("2026-03-24T18:00");
    // She got nothing before: nobody says that we wrote to her, and of one appointment there is one.
    assert_eq!(clinic.post_of("A-1"), post(&[("2026-03-24 12:00", "visit:book")]));
    clinic.is_sound();
}

#[test]
fn a_letter_that_became_due_at_night_waits_for_the_morning() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.live_until("2026-03-10T08:59");
    clinic.app.store.read(|v| v.next_wake()).unwrap();
    clinic.post.stop.cancel();
    clinic.live_until("2026-03-10T22:00");
    clinic.post.stop = tokio_util::sync::CancellationToken::new();
    clinic.live_until("2026-03-11T12:00");
    assert_eq!(clinic.post_of("A-1"), post(&[("2026-03-11 08:00", "visit:book")]));
    clinic.is_sound();
}

#[test]
fn held_letters_leave_when_the_task_is_closed_and_one_a_day() {
    let mut clinic = Clinic::with("2026-01-12T10:00", |p| p.weekly_cap = 7);
    clinic.enrol(&Person::new("A-1").on("spine", "2026-01-12"));
    clinic.live_until("2026-02-12T08:00");
    let now = clinic.now();
    clinic.run(async |c| hold::hold(&c.app, now, "the clock jumped".to_owned()).await).unwrap();
    clinic.live_until("2026-02-16T12:00");
    assert_eq!(clinic.post_of("A-1"), []);
    clinic.close_task(TaskKind::Hold);
    clinic.live_until("2026-02-16T18:00");
    let letters = clinic.post_of("A-1");
    assert_eq!(letters.len(), 1, "{letters:?}");
    clinic.is_sound();
}

#[test]
fn a_clock_far_behind_the_last_instant_seen_holds_letters_at_start() {
    let mut clinic = Clinic::open("2026-03-10T08:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    let now = clinic.now();
    clinic.run(async |c| hold::seen(&c.app, now).await).unwrap();
    clinic.clock.set_wall(crate::clinic::at("2026-03-09T08:00"));
    clinic.crash();
    assert_eq!(clinic.task_kinds(), [TaskKind::Hold]);
    clinic.live_until("2026-03-09T12:00");
    assert_eq!((clinic.post_of("A-1"), clinic.ledger().len()), (vec![], 0));
    clinic.live_until("2026-03-10T12:00");
    assert_eq!(clinic.post_of("A-1"), [], "a clock that only goes on is as wrong as it was");
    clinic.clock.set_wall(crate::clinic::at("2026-03-11T14:00"));
    clinic.live_until("2026-03-11T15:00");
    assert_eq!(clinic.post_of("A-1").len(), 1, "it is right again, and nobody had to do anything");
    assert_eq!(clinic.task_kinds(), []);
    clinic.is_sound();
}

/// A look whose task the store refuses fails; the next one opens the task.
fn one_refused_look_loses_nothing(clinic: &mut Clinic) {
    let other = rusqlite::Connection::open(clinic.app.store.path()).unwrap();
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON task BEGIN SELECT RAISE(ABORT, 'no'); END";
    other.execute_batch(refuse).unwrap();
    clinic.run(async |c| c.post.watch.look(&c.app, &*c.clock).await).unwrap_err();
    other.execute_batch("DROP TRIGGER refuse").unwrap();
    clinic.run(async |c| c.post.watch.look(&c.app, &*c.clock).await).unwrap();
    assert_eq!(clinic.task_kinds(), [TaskKind::Hold]);
}

#[test]
fn a_jump_that_could_not_be_recorded_is_seen_again_at_the_next_look() {
    let mut clinic = Clinic::open("2026-03-10T08:00");
    clinic.pass();
    clinic.clock.set_wall(crate::clinic::at("2026-03-12T08:00"));
    one_refused_look_loses_nothing(&mut clinic);
}

#[test]
fn a_start_that_could_not_be_compared_is_compared_at_the_next_look() {
    let mut clinic = Clinic::open("2026-03-10T08:00");
    let now = clinic.now();
    clinic.run(async |c| hold::seen(&c.app, now).await).unwrap();
    clinic.clock.set_wall(crate::clinic::at("2026-03-09T08:00"));
    one_refused_look_loses_nothing(&mut clinic);
}

fn states(clinic: &Clinic) -> [Vec<(String, i64)>; 2] {
    let other = rusqlite::Connection::open(clinic.app.store.path()).unwrap();
    ["follow_up", "reminder"].map(|table| {
        let ask = format!("SELECT state, count(*) FROM {table} GROUP BY 1 ORDER BY 1");
        let mut asked = other.prepare(&ask).unwrap();
        let rows = asked.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    })
}

/// Forty survivors with letters due, one of them paused.
fn busy() -> Clinic {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    for number in 0..40 {
        clinic.enrol(&Person::new(&format!("A-{number}")).on("high", "2026-01-07"));
    }
    clinic.live_until("2026-03-01T00:00");
    clinic.pause_or("A-39", PatientStatus::Paused, Some(crate::clinic::day("2026-06-01"))).unwrap();
    clinic.live_until("2026-03-10T08:59");
    clinic
}

#[test]
fn a_clock_years_ahead_for_three_seconds_does_nothing_that_cannot_be_taken_back() {
    let mut clinic = busy();
    let (before, right) = (states(&clinic), clinic.now());
    clinic.clock.set_wall(crate::clinic::at("2027-04-14T09:00"));
    for _ in 0..3 {
        clinic.pass();
        clinic.clock.advance(Duration::from_secs(1));
    }
    assert_eq!((clinic.task_kinds(), states(&clinic)), (vec![TaskKind::Hold], before));
    assert_eq!(clinic.patient("A-39").status, PatientStatus::Paused);
    clinic.clock.set_wall(right);
    clinic.live_until("2026-03-10T10:00");
    assert_eq!(clinic.task_kinds(), [], "the doubt ends by itself");
    assert_eq!(clinic.post_of("A-1"), post(&[("2026-03-10 09:00", "visit:book")]));
    assert_eq!(clinic.post_of("A-39"), []);
    clinic.is_sound();
}

#[test]
fn what_people_do_under_a_clock_years_ahead_is_kept_and_waits_for_no_year() {
    let mut clinic = busy();
    let right = clinic.now();
    clinic.clock.set_wall(crate::clinic::at("2027-04-14T09:00"));
    clinic.pass();
    clinic.pause_or("A-39", PatientStatus::Active, None).unwrap();
    clinic.pause_or("A-1", PatientStatus::OptedOutEmail, None).unwrap();
    clinic.pass();
    clinic.clock.set_wall(right);
    clinic.live_until("2026-03-10T10:00");
    assert_eq!(clinic.post_of("A-39").len(), 1, "she is followed now, not in a year");
    assert_eq!(clinic.post_of("A-1"), []);
    clinic.is_sound();
}

#[test]
fn a_jump_while_letters_leave_is_noticed_in_the_same_pass() {
    let mut clinic = busy();
    let (ahead, clock) = (crate::clinic::at("2027-04-14T09:00"), Arc::clone(&clinic.clock));
    clinic.courier.always(Reply::Later);
    clinic.courier.before_ready(move || {
        clock.set_wall(ahead);
        Box::pin(async {})
    });
    clinic.clock.advance(Duration::from_secs(60));
    clinic.pass();
    clinic.pass();
    let lost = |(state, _): &&(String, i64)| ["lapsed", "sent"].contains(&state.as_str());
    assert_eq!(states(&clinic)[1].iter().find(lost), None, "nothing lapsed, nothing counts as sent");
    assert_eq!(clinic.task_kinds(), [TaskKind::Hold]);
}

#[test]
fn after_weeks_the_clock_is_in_doubt_until_the_kernel_or_a_person_vouches_for_it() {
    for person in [false, true] {
        let mut clinic = busy();
        clinic.halt();
        clinic.sleep_until("2026-03-25T07:00");
        clinic.restart();
        let before = states(&clinic);
        assert_eq!(clinic.task_kinds(), [TaskKind::Hold]);
        clinic.live_until("2026-03-25T07:30");
        assert_eq!((states(&clinic), clinic.post_of("A-1")), (before, vec![]));
        match person {
            true => clinic.close_task(TaskKind::Hold),
            false => clinic.clock.vouch(KernelClock::Yes),
        }
        clinic.live_until("2026-03-25T09:00");
        assert!(!clinic.task_kinds().contains(&TaskKind::Hold));
        assert_eq!(clinic.post_of("A-1"), post(&[("2026-03-25 08:00", "visit:book")]), "late, once (P9)");
        clinic.restart();
        assert!(!clinic.task_kinds().contains(&TaskKind::Hold), "what was settled stays settled");
        clinic.is_sound();
    }
}

#[test]
fn two_weeks_of_downtime_and_a_machine_asleep_are_no_doubt() {
    let mut clinic = busy();
    clinic.halt();
    clinic.sleep_until("2026-03-24T07:00");
    clinic.restart();
    assert!(!clinic.task_kinds().contains(&TaskKind::Hold));
    // The clock that never jumps counts a sleep too.
    clinic.sleep_until("2026-04-24T07:00");
    clinic.pass();
    assert!(!clinic.task_kinds().contains(&TaskKind::Hold));
}

#[test]
fn a_doubt_outlives_a_restart() {
    let mut clinic = busy();
    let right = clinic.now();
    clinic.clock.set_wall(crate::clinic::at("2026-03-10T12:00"));
    clinic.pass();
    clinic.crash();
    clinic.live_until("2026-03-10T14:00");
    assert_eq!(
        (clinic.task_kinds(), clinic.post_of("A-1")),
        (vec![TaskKind::Hold], vec![]),
        "it may still be ahead"
    );
    clinic.close_task(TaskKind::Hold);
    // Years ahead, restarted, and right again: that the record shows.
    clinic.clock.set_wall(right);
    clinic.pass();
    clinic.is_sound();
}
