//! Visits beside the plan: added with their date, reminded of as any other, and touched by no change of plan.

use aftercare::care::patient::Reference;
use aftercare::care::plan::extra_visit::EXTRA_VISIT;
use aftercare::care::plan::follow_up::FollowUpState;
use aftercare::care::task::TaskKind;
use aftercare::journey::commands::appointments::{AppointmentCommand, change_appointment};
use aftercare::journey::errors::booking::BookingError;
use aftercare::journey::errors::step::StepError;
use aftercare::journey::plan::booking_request::{
    BookingRequest, CancellationRequest, CompletedVisit, ExtraVisitRequest, Tell,
};
use aftercare::store::db::transaction::Stamp;
use aftercare::store::plan::follow_ups::FollowUp;

use super::post;
use crate::clinic::{Clinic, Person, day};
use crate::people::slot;

/// Someone whose first visit is due on Monday 6 April 2026.
fn clinic() -> Clinic {
    let clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-06"));
    clinic
}

fn does(clinic: &Clinic, command: AppointmentCommand) -> Result<Vec<FollowUp>, StepError> {
    let whose = Reference::parse("A-1").unwrap();
    change_appointment(&clinic.app, Stamp::daemon(clinic.now()), whose, command)
}

fn add(clinic: &Clinic, when: &str) -> Result<Vec<FollowUp>, StepError> {
    let note = "MRI, after the call".to_owned();
    does(clinic, AppointmentCommand::Add(ExtraVisitRequest { slot: slot(when), note, tell: Tell::Patient }))
}

fn call_off(clinic: &Clinic, which: &str) -> Result<Vec<FollowUp>, StepError> {
    let series = Some(which.to_owned());
    does(
        clinic,
        AppointmentCommand::Cancel(CancellationRequest { series, tell: Tell::Patient, reason: None }),
    )
}

fn extras(clinic: &Clinic) -> Vec<FollowUp> {
    let id = clinic.patient("A-1").id;
    let all = clinic.app.store.read(|view| view.follow_ups_of(id)).unwrap();
    all.into_iter().filter(FollowUp::is_extra).collect()
}

fn states(clinic: &Clinic) -> Vec<FollowUpState> {
    extras(clinic).iter().map(|one| one.state).collect()
}

#[test]
fn it_is_told_and_announced_as_a_booked_visit_is_and_its_purpose_stands_for_staff_alone() {
    let mut clinic = clinic();
    add(&clinic, "2026-03-03T10:00").unwrap();
    let booked = clinic.app.store.read(|view| view.appointment_of(extras(&clinic)[0].id)).unwrap().unwrap();
    assert_eq!((booked.note.as_str(), booked.on), ("MRI, after the call", day("2026-03-03")));
    clinic.live_until("2026-03-03T20:00");
    let expected = [
        ("2026-01-07 10:00", "visit:booked"),
        ("2026-02-24 09:00", "visit:week-before"),
        ("2026-03-02 09:00", "visit:day-before"),
    ];
    assert_eq!(clinic.post_of("A-1"), post(&expected));
    clinic.is_sound();
}

#[test]
fn the_plan_goes_on_beside_it() {
    let mut clinic = clinic();
    add(&clinic, "2026-03-03T10:00").unwrap();
    clinic.live_until("2026-03-03T20:00");
    let done =
        CompletedVisit { series: None, on: day("2026-03-03"), source: "clinic".to_owned(), anyway: false };
    let closed = does(&clinic, AppointmentCommand::Done(done)).unwrap();
    assert_eq!(closed.iter().map(|one| one.series.as_str()).collect::<Vec<_>>(), [EXTRA_VISIT]);
    // The visit of 6 April is owed and asked for as ever: nothing was taken for it.
    clinic.live_until("2026-03-10T00:00");
    assert_eq!(clinic.post_of("A-1")[3..], post(&[("2026-03-09 09:00", "visit:book")]));
    assert!(clinic.tasks().is_empty(), "{:?}", clinic.tasks());
    clinic.is_sound();
}

#[test]
fn another_anchor_and_another_protocol_leave_it_as_it_is() {
    let mut clinic = clinic();
    add(&clinic, "2026-03-03T10:00").unwrap();
    clinic.replan("A-1", "high", day("2025-12-20")).unwrap();
    clinic.replan("A-1", "rebase", day("2026-01-02")).unwrap();
    assert_eq!(states(&clinic), [FollowUpState::Booked]);
    assert_eq!(clinic.task_kinds(), [], "nobody is asked about it");
    clinic.live_until("2026-03-03T20:00");
    let told: Vec<String> = clinic.post_of("A-1").into_iter().map(|(_, what)| what).collect();
    assert!(
        told.contains(&"visit:week-before".to_owned()) && told.contains(&"visit:day-before".to_owned()),
        "{told:?}"
    );
    clinic.is_sound();
}

#[test]
fn called_off_it_is_over_and_she_is_told() {
    let mut clinic = clinic();
    add(&clinic, "2026-03-03T10:00").unwrap();
    clinic.live_until("2026-01-20T00:00");
    call_off(&clinic, EXTRA_VISIT).unwrap();
    clinic.live_until("2026-03-20T00:00");
    assert_eq!(states(&clinic), [FollowUpState::Cancelled]);
    let expected = [
        ("2026-01-07 10:00", "visit:booked"),
        ("2026-01-20 08:00", "visit:cancelled"),
        ("2026-03-09 09:00", "visit:book"),
    ];
    assert_eq!(clinic.post_of("A-1"), post(&expected));
    assert_eq!(clinic.task_kinds(), [], "nothing is owed in its place");
    clinic.is_sound();
}

#[test]
fn moved_it_goes_wherever_it_is_put() {
    let mut clinic = clinic();
    add(&clinic, "2026-03-03T10:00").unwrap();
    clinic.live_until("2026-01-20T00:00");
    let series = Some(EXTRA_VISIT.to_owned());
    let wish = BookingRequest { series, slot: slot("2026-06-30T09:00"), tell: Tell::Patient, anyway: false };
    does(&clinic, AppointmentCommand::Move(wish)).unwrap();
    assert_eq!(extras(&clinic)[0].owed.due_on, day("2026-06-30"));
    clinic.live_until("2026-03-05T00:00");
    let expected = [("2026-01-07 10:00", "visit:booked"), ("2026-01-20 08:00", "visit:changed")];
    assert_eq!(clinic.post_of("A-1"), post(&expected), "nothing of the old date");
    clinic.is_sound();
}

#[test]
fn nobody_came_and_a_person_hears_of_it() {
    let mut clinic = clinic();
    add(&clinic, "2026-03-03T10:00").unwrap();
    clinic.live_until("2026-03-17T12:00");
    assert!(clinic.task_kinds().contains(&TaskKind::Missed), "{:?}", clinic.tasks());
    clinic.is_sound();
}

#[test]
fn of_several_each_is_named_by_its_number_and_a_form_sent_twice_adds_one() {
    let clinic = clinic();
    add(&clinic, "2026-03-03T10:00").unwrap();
    let twice = add(&clinic, "2026-03-03T10:00").unwrap_err();
    assert!(matches!(twice, StepError::Booking(BookingError::Booked(_))), "{twice}");
    add(&clinic, "2026-03-12T10:00").unwrap();
    let which = call_off(&clinic, EXTRA_VISIT).unwrap_err().to_string();
    assert!(which.contains("extra-visit-1") && which.contains("extra-visit-2"), "{which}");
    call_off(&clinic, "extra-visit-2").unwrap();
    assert_eq!(states(&clinic), [FollowUpState::Booked, FollowUpState::Cancelled]);
    // A date asked for in the plan is not taken for it.
    clinic.book("A-1", "2026-03-05T10:00").unwrap();
    assert_eq!(states(&clinic), [FollowUpState::Booked, FollowUpState::Cancelled]);
}

#[test]
fn the_last_one_after_the_end_of_the_plan_ends_the_enrolment_with_a_person() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("short", "2026-01-06"));
    add(&clinic, "2027-03-03T10:00").unwrap();
    clinic.live_until("2028-06-01T00:00");
    assert!(clinic.task_kinds().contains(&TaskKind::ProtocolEnded), "{:?}", clinic.tasks());
    clinic.is_sound();
}

#[test]
fn who_was_let_go_by_letter_is_not_let_go_again_after_a_visit_beside_the_plan() {
    let mut clinic = Clinic::with("2026-01-07T10:00", |p| p.weekly_cap = 7);
    clinic.enrol(&Person::new("A-1").on("ending", "2026-01-06"));
    for visit in ["2026-04-06", "2026-07-06"] {
        clinic.live_until(&format!("{visit}T18:00"));
        clinic.done("A-1", Some("visit"), day(visit)).unwrap();
    }
    clinic.live_until("2026-08-01T10:00");
    add(&clinic, "2026-08-20T10:00").unwrap();
    clinic.live_until("2026-08-20T18:00");
    clinic.done("A-1", Some(EXTRA_VISIT), day("2026-08-20")).unwrap();
    clinic.live_until("2026-09-20T10:00");
    let closing = clinic.post_of("A-1").into_iter().filter(|(_, what)| what.contains("closing")).count();
    assert_eq!(closing, 1, "{:?}", clinic.post_of("A-1"));
    clinic.is_sound();
}

#[test]
fn nobody_falls_out_when_the_last_open_date_is_called_off() {
    let mut clinic = Clinic::with("2026-01-07T10:00", |p| p.weekly_cap = 7);
    clinic.enrol(&Person::new("A-1").on("short", "2026-01-06"));
    clinic.live_until("2026-01-08T10:00");
    add(&clinic, "2026-12-01T10:00").unwrap();
    for visit in ["2026-04-06", "2026-07-06"] {
        clinic.live_until(&format!("{visit}T18:00"));
        clinic.done("A-1", Some("visit"), day(visit)).unwrap();
    }
    clinic.live_until("2026-08-01T10:00");
    call_off(&clinic, EXTRA_VISIT).unwrap();
    assert_eq!(clinic.task_kinds(), [TaskKind::ProtocolEnded]);
    clinic.is_sound();
}
