//! One letter a patient and day, a few a week, never on closed days.

use super::post;
use crate::clinic::{Clinic, Person};

#[test]
fn promises_of_one_day_travel_in_one_letter() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    // Due 12 May: book on 14 April; a checklist invitation on the same 14 April.
    clinic.enrol(&Person::new("A-1").on("high", "2026-02-12").on("spine", "2026-01-14"));
    clinic.live_until("2026-04-15T00:00");
    let last = clinic.post_of("A-1").pop().unwrap();
    assert_eq!(last.0, "2026-04-14 09:00");
    let mut steps: Vec<_> = last.1.split(' ').collect();
    steps.sort_unstable();
    assert_eq!(steps, ["checklist:invite", "visit:book"]);
    clinic.is_sound();
}

#[test]
fn what_two_protocols_ask_of_her_alike_is_said_once() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    let both =
        Person::new("A-1").on("spine", "2026-01-12").on("ending", "2026-01-12").on("high", "2026-01-12");
    clinic.enrol(&both);
    clinic.live_until("2026-02-12T20:00");
    assert_eq!(clinic.post_of("A-1"), post(&[("2026-02-12 09:00", "checklist:invite")]));
    clinic.live_until("2026-03-15T20:00");
    // The visits of both are due on 12 April.
    assert_eq!(clinic.post_of("A-1").last().unwrap().1, "visit:book checklist:nudge");
    clinic.is_sound();
}

#[test]
fn an_invitation_on_a_holiday_moves_on_and_a_reminder_before_its_date_moves_back() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    // Due on 25 December, closed; and due on 22 January 2027, 28 days before is 25 December.
    clinic.enrol(&Person::new("A-1").on("spine", "2026-11-25"));
    clinic.enrol(&Person::new("A-2").on("high", "2026-10-22"));
    clinic.live_until("2026-12-28T09:30");
    assert_eq!(clinic.post_of("A-1"), post(&[("2026-12-28 09:00", "checklist:invite")]));
    assert_eq!(clinic.post_of("A-2"), post(&[("2026-12-24 09:00", "visit:book")]));
    clinic.is_sound();
}

#[test]
fn a_letter_deferred_to_the_next_day_is_her_only_one_that_day() {
    let mut clinic = Clinic::with("2026-01-12T10:00", |p| p.weekly_cap = 7);
    clinic.enrol(&Person::new("A-1").on("spine", "2026-01-12"));
    clinic.live_until("2026-02-12T08:59");
    clinic.courier.away(true);
    clinic.live_until("2026-02-12T22:00");
    clinic.courier.away(false);
    clinic.live_until("2026-02-14T00:00");
    let days: Vec<String> = clinic.post_of("A-1").into_iter().map(|p| p.0[..10].to_owned()).collect();
    assert_eq!(days, ["2026-02-13"]);
    clinic.is_sound();
}

#[test]
fn two_people_behind_one_mailbox_get_a_letter_each() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    for reference in ["A-1", "A-2"] {
        clinic.enrol(&Person::new(reference).on("high", "2026-01-07").sharing("home@patients.example"));
    }
    clinic.live_until("2026-03-11T00:00");
    assert_eq!(clinic.courier.accepted().len(), 2);
    clinic.is_sound();
}
