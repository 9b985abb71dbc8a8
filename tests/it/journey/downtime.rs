//! After a week of downtime, or a jump of the clock: late, never lost, never stale (P9).

use aftercare::care::task::Kind;
use aftercare::daemon::watch::Watch;
use aftercare::journey::hold;

use super::post;
use crate::clinic::{Clinic, Person};

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
    assert!(clinic.task_kinds().contains(&Kind::LetterLapsed));
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
    clinic.close_task(Kind::Hold);
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
    let back = clinic.now();
    clinic.run(async |c| hold::start(&c.app, back).await).unwrap();
    assert_eq!(clinic.task_kinds(), [Kind::Hold]);
    clinic.live_until("2026-03-10T12:00");
    assert_eq!(clinic.post_of("A-1"), []);
    clinic.is_sound();
}

/// A look whose task the store refuses fails; the next one opens the task.
fn one_refused_look_loses_nothing(clinic: &mut Clinic, watch: &Watch) {
    let other = rusqlite::Connection::open(clinic.app.store.path()).unwrap();
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON task BEGIN SELECT RAISE(ABORT, 'no'); END";
    other.execute_batch(refuse).unwrap();
    clinic.run(async |c| watch.look(&c.app, &*c.clock).await).unwrap_err();
    other.execute_batch("DROP TRIGGER refuse").unwrap();
    clinic.run(async |c| watch.look(&c.app, &*c.clock).await).unwrap();
    assert_eq!(clinic.task_kinds(), [Kind::Hold]);
}

#[test]
fn a_jump_that_could_not_be_recorded_is_seen_again_at_the_next_look() {
    let mut clinic = Clinic::open("2026-03-10T08:00");
    let watch = Watch::default();
    clinic.run(async |c| watch.look(&c.app, &*c.clock).await).unwrap();
    clinic.clock.set_wall(crate::clinic::at("2026-03-12T08:00"));
    one_refused_look_loses_nothing(&mut clinic, &watch);
}

#[test]
fn a_start_that_could_not_be_compared_is_compared_at_the_next_look() {
    let mut clinic = Clinic::open("2026-03-10T08:00");
    let now = clinic.now();
    clinic.run(async |c| hold::seen(&c.app, now).await).unwrap();
    clinic.clock.set_wall(crate::clinic::at("2026-03-09T08:00"));
    one_refused_look_loses_nothing(&mut clinic, &Watch::default());
}
