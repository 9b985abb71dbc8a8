//! A date moved or called off: never are two dates live, and one letter tells her.

use aftercare::care::patient::{PatientStatus, Reference};
use aftercare::care::task::TaskKind;
use aftercare::journey::commands::appointments::AppointmentCommand;
use aftercare::journey::commands::record_preview::preview_appointment;
use aftercare::journey::plan::book;
use aftercare::journey::plan::booking_request::{BookingRequest, Tell};
use aftercare::store::db::transaction::Stamp;

use super::{post, refused};
use crate::clinic::{Clinic, Person, address};
use crate::courier::Reply;
use crate::people::slot;

fn booked() -> Clinic {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-06"));
    clinic.book("A-1", "2026-04-09T11:30").unwrap();
    clinic.live_until("2026-04-02T08:59");
    clinic
}

#[test]
fn a_moved_visit_keeps_its_calendar_entry_and_counts_the_move() {
    let mut clinic = booked();
    clinic.move_to("A-1", "2026-04-22T09:15").unwrap();
    clinic.live_until("2026-04-22T20:00");
    let expected = [
        ("2026-01-07 10:00", "visit:booked"),
        ("2026-04-02 08:59", "visit:changed"),
        ("2026-04-15 09:00", "visit:week-before"),
        ("2026-04-21 09:00", "visit:day-before"),
    ];
    assert_eq!(clinic.post_of("A-1"), post(&expected));
    let letters = clinic.letters_to("A-1");
    assert_eq!(letters[0].fact("uid"), letters[1].fact("uid"));
    assert_eq!((letters[0].fact("sequence"), letters[1].fact("sequence")), (Some("0"), Some("1")));
    assert!(letters[1..].iter().all(|l| l.fact("on") == Some("2026-04-22")));
    clinic.is_sound();
}

#[test]
fn a_letter_waiting_for_the_old_date_is_withdrawn() {
    let mut clinic = booked();
    clinic.courier.away(true);
    clinic.live_until("2026-04-02T09:00:30");
    clinic.courier.away(false);
    clinic.move_to("A-1", "2026-04-22T09:15").unwrap();
    clinic.live_until("2026-04-03T09:00");
    let fates = clinic.fates();
    assert!(fates.iter().any(|f| f.1 == "skipped" && f.2 == "the date was moved"), "{fates:?}");
    assert_eq!(clinic.letters_to("A-1").last().unwrap().steps(), ["visit:changed"]);
    clinic.is_sound();
}

#[test]
fn a_date_called_off_is_told_cancels_the_entry_and_leaves_a_task() {
    let mut clinic = booked();
    clinic.call_off("A-1").unwrap();
    clinic.live_until("2026-04-30T00:00");
    let last = clinic.letters_to("A-1").last().unwrap().clone();
    assert_eq!(
        (last.steps(), last.fact("cancelled"), last.fact("sequence")),
        (vec!["visit:cancelled"], Some("true"), Some("1"))
    );
    assert!(clinic.task_kinds().contains(&TaskKind::NotBooked));
    assert_eq!(refused(clinic.call_off("A-1")), "nothing is booked there");
    clinic.is_sound();
}

#[test]
fn a_date_called_off_and_booked_anew_before_she_was_told_is_a_date_that_changed() {
    let mut clinic = booked();
    clinic.call_off("A-1").unwrap();
    clinic.book("A-1", "2026-04-22T09:15").unwrap();
    clinic.live_until("2026-04-03T09:00");
    let letters = clinic.letters_to("A-1");
    assert_eq!(letters.last().unwrap().steps(), ["visit:changed"], "she never hears of a date that is off");
    assert_eq!(letters[0].fact("uid"), letters.last().unwrap().fact("uid"), "one entry in her calendar");
    assert_eq!(letters.last().unwrap().fact("sequence"), Some("2"));
    clinic.is_sound();
}

#[test]
fn the_same_date_called_off_and_booked_again_within_a_moment_is_news_again() {
    let mut clinic = booked();
    clinic.call_off("A-1").unwrap();
    clinic.book("A-1", "2026-04-09T11:30").unwrap();
    clinic.live_until("2026-04-03T00:00");
    let news: Vec<_> = clinic.post_of("A-1").into_iter().filter(|p| p.1 == "visit:booked").collect();
    assert_eq!(news.len(), 2);
    clinic.is_sound();
}

/// Booked on the evening of a day on which no letter leaves any more.
fn booked_at_night() -> Clinic {
    let mut clinic = Clinic::open("2026-01-07T21:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-06"));
    clinic.book("A-1", "2026-04-09T11:30").unwrap();
    clinic.live_until("2026-01-07T21:30");
    assert_eq!(clinic.post_of("A-1"), post(&[]), "it waits for the morning");
    clinic
}

#[test]
fn a_date_moved_before_she_was_told_of_it_is_booked_and_nothing_speaks_of_the_old_one() {
    let mut clinic = booked_at_night();
    clinic.move_to("A-1", "2026-04-22T09:15").unwrap();
    clinic.live_until("2026-01-07T21:40");
    clinic.move_to("A-1", "2026-04-23T10:00").unwrap();
    clinic.live_until("2026-01-09T00:00");
    let letters = clinic.letters_to("A-1");
    let said: Vec<_> = letters.iter().map(|l| (l.steps(), l.fact("on"), l.fact("sequence"))).collect();
    assert_eq!(said, [(vec!["visit:booked"], Some("2026-04-23"), Some("2"))]);
    // From now on she knows a date, and a new one is a change.
    clinic.move_to("A-1", "2026-04-24T10:00").unwrap();
    clinic.live_until("2026-01-10T00:00");
    assert_eq!(clinic.letters_to("A-1").last().unwrap().steps(), ["visit:changed"]);
    clinic.is_sound();
}

#[test]
fn a_date_called_off_and_booked_anew_before_she_heard_of_any_is_booked() {
    let mut clinic = booked_at_night();
    clinic.call_off("A-1").unwrap();
    clinic.book("A-1", "2026-04-22T09:15").unwrap();
    clinic.live_until("2026-01-09T00:00");
    assert_eq!(clinic.post_of("A-1"), post(&[("2026-01-08 08:00", "visit:booked")]));
    assert_eq!(clinic.letters_to("A-1")[0].fact("on"), Some("2026-04-22"));
    clinic.is_sound();
}

#[test]
fn of_a_date_that_was_called_off_before_any_letter_told_of_it_no_letter_speaks() {
    let mut clinic = booked_at_night();
    clinic.call_off("A-1").unwrap();
    clinic.live_until("2026-01-09T00:00");
    assert_eq!(clinic.post_of("A-1"), post(&[]));
    clinic.is_sound();
}

#[test]
fn who_has_no_address_is_told_of_a_date_by_a_person_and_is_not_said_to_want_no_letters() {
    let clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-06").without_address());
    let whose = Reference::parse("A-1").unwrap();
    let wish =
        BookingRequest { series: None, slot: slot("2026-04-09T11:30"), tell: Tell::Patient, anyway: false };
    let stamp = Stamp::daemon(clinic.now());
    let look = preview_appointment(&clinic.app, stamp, whose, AppointmentCommand::Book(wish)).unwrap();
    assert!(look.change.is_unreached, "the check says that no letter reaches her");
    assert!(look.change.letters.added.iter().all(|step| step.asks_staff), "{:?}", look.change.letters);
    clinic.book("A-1", "2026-04-09T11:30").unwrap();
    let kinds = clinic.task_kinds();
    assert!(!kinds.contains(&TaskKind::OptedOut), "{:?}", clinic.tasks());
    assert!(clinic.tasks().iter().any(|task| task.reason.contains("no letter reaches her now")), "{kinds:?}");
    clinic.is_sound();
}

#[test]
fn whoever_stops_all_letters_is_rung_about_the_dates_that_are_booked() {
    for status in [PatientStatus::OptedOutEmail, PatientStatus::AddressBad] {
        let clinic = booked();
        clinic.status("A-1", status);
        let tasks = clinic.tasks();
        let named = "told by phone. No letter reminds her of what is booked: visit: 2026-04-09.";
        assert!(tasks.iter().any(|task| task.reason.ends_with(named)), "{status:?}: {tasks:?}");
    }
}

#[test]
fn a_date_she_knows_from_a_call_or_perhaps_from_a_letter_in_doubt_is_changed() {
    let mut clinic = Clinic::open("2026-01-07T21:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-06"));
    let slot = slot("2026-04-09T11:30");
    let by_phone = BookingRequest { series: None, slot, tell: Tell::Nobody, anyway: false };
    clinic.wish("A-1", by_phone, book::book).unwrap();
    clinic.move_to("A-1", "2026-04-22T09:15").unwrap();
    clinic.live_until("2026-01-09T00:00");
    assert_eq!(clinic.letters_to("A-1")[0].steps(), ["visit:changed"]);
    clinic.is_sound();

    let mut clinic = booked_at_night();
    clinic.courier.next(&address("A-1"), &[Reply::LostAfter]);
    clinic.live_until("2026-01-08T08:01");
    assert_eq!(clinic.fates()[0].1, "unknown");
    clinic.move_to("A-1", "2026-04-22T09:15").unwrap();
    clinic.live_until("2026-01-09T00:00");
    assert_eq!(clinic.letters_to("A-1").last().unwrap().steps(), ["visit:changed"]);
    clinic.is_sound();
}

#[test]
fn a_date_in_the_past_is_refused() {
    let clinic = booked();
    assert_eq!(refused(clinic.move_to("A-1", "2026-01-08T09:00")), "that date is in the past");
}

#[test]
fn a_date_called_off_asks_once_however_long_nobody_books_it_anew() {
    let mut clinic = booked();
    clinic.call_off("A-1").unwrap();
    clinic.live_until("2026-04-12T00:00");
    let asked = clinic.task_kinds().into_iter().filter(|kind| *kind == TaskKind::NotBooked).count();
    assert_eq!(asked, 1, "{:?}", clinic.tasks());
    clinic.is_sound();
}

#[test]
fn an_hour_that_the_clocks_jump_over_is_the_next_one_wherever_she_reads_it() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2025-12-29"));
    let slot = slot("2026-03-29T02:30");
    let wish = BookingRequest { series: None, slot, tell: Tell::Patient, anyway: true };
    clinic.wish("A-1", wish, book::book).unwrap();
    clinic.live_until("2026-01-08T10:00");
    let letters = clinic.letters_to("A-1");
    assert_eq!(letters.last().unwrap().fact("at"), Some("03:00:00"), "{:?}", letters.last());
    clinic.is_sound();
}

/// A person tells her what no letter can: of a date booked in a pause, and of one that falls into it.
#[test]
fn a_date_within_a_pause_is_told_by_phone() {
    let mut clinic = booked();
    clinic.status("A-1", PatientStatus::Paused);
    let to_ring = |clinic: &Clinic| {
        clinic.tasks().into_iter().filter(|task| task.reason.contains("Remind her by phone")).count()
    };
    assert_eq!(to_ring(&clinic), 1, "the date she has falls into the pause: {:?}", clinic.tasks());
    clinic.move_to("A-1", "2026-04-22T09:15").unwrap();
    clinic.live_until("2026-04-03T10:00");
    assert!(clinic.tasks().iter().any(|task| task.reason.contains("no letter reaches her now")));
    clinic.is_sound();
}
