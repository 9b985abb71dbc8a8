//! Another anchor or protocol: history stays, what lies ahead is laid again, the past becomes a task.

use aftercare::care::task::Kind;

use crate::clinic::{Clinic, Person, day};

#[test]
fn a_corrected_anchor_writes_no_letter_for_the_past_and_opens_a_task() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.live_until("2026-03-30T00:00");
    clinic.replan("A-1", "high", day("2025-12-20")).unwrap();
    clinic.live_until("2026-05-20T00:00");
    assert_eq!(clinic.task_kinds(), [Kind::ReviewPlan]);
    assert_eq!(clinic.post_of("A-1").len(), 2, "only those of the old anchor");
    clinic.live_until("2026-05-24T00:00");
    let last = clinic.letters_to("A-1").pop().unwrap();
    assert_eq!(last.fact("due"), Some("2026-06-20"));
    clinic.is_sound();
}

#[test]
fn a_booked_date_moves_over_with_its_calendar_entry_and_without_a_letter() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.book("A-1", "2026-04-09T11:30").unwrap();
    clinic.live_until("2026-02-01T00:00");
    clinic.replan("A-1", "low", day("2026-01-07")).unwrap();
    clinic.live_until("2026-04-10T00:00");
    let letters = clinic.letters_to("A-1");
    let steps: Vec<_> = letters.iter().flat_map(|l| l.steps()).collect();
    assert_eq!(steps, ["visit:booked", "visit:week-before", "visit:day-before"]);
    assert!(letters.iter().all(|l| l.fact("uid") == letters[0].fact("uid")));
    clinic.is_sound();
}

#[test]
fn done_visits_stay_done() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.live_until("2026-04-07T12:00");
    clinic.done("A-1", None, day("2026-04-07")).unwrap();
    clinic.replan("A-1", "high", day("2026-01-02")).unwrap();
    assert_eq!(clinic.task_kinds(), []);
    clinic.live_until("2026-05-01T00:00");
    clinic.is_sound();
}
