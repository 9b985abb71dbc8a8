//! An import in mid-course: those whom no letter asks to book are one list behind one task, and nobody falls out of it.

use aftercare::care::actor::Actor;
use aftercare::care::patient::{PatientStatus, Reference};
use aftercare::care::task::TaskKind;
use aftercare::exchange::roster::rows::Roster;
use aftercare::exchange::roster::rules::{Origin, RosterRules, RosterSource, RosterTerms};
use aftercare::exchange::roster::survey::{RecordOnFile, SurveyListener, survey};
use aftercare::exchange::roster::write::{ExportTerms, write};
use aftercare::journey::commands::roster::{
    ImportOutcome, ImportTerms, RejectedRow, RosterBatch, RosterEntry, Terms, admit_all, is_overtaken,
};
use aftercare::journey::commands::tasks::{SettledBooking, settle_booking};
use aftercare::journey::plan::enrol::Admission;
use aftercare::journey::status_change::{LetterPreferences, StatusChange};
use aftercare::store::db::transaction::Stamp;
use aftercare::store::roster::booking_list::BookingLine;
use aftercare::store::roster::imports::ImportId;

use crate::clinic::{Clinic, Person, day};

fn import(clinic: &Clinic, people: &[Person]) -> u64 {
    taken(clinic, people, Terms::Whole).unwrap().to_book
}

fn taken(clinic: &Clinic, people: &[Person], terms: Terms) -> Result<ImportOutcome, RejectedRow> {
    let entry = |person: &Person| {
        let courses = person.courses.iter().map(|(p, on)| clinic.course(p, *on)).collect();
        let (newcomer, next_visit) = (person.newcomer.clone(), person.next_visit.clone());
        let admission = Admission { newcomer, courses, waiting: Vec::new(), next_visit };
        RosterEntry::Newcomer {
            admission: Box::new(admission),
            preferences: LetterPreferences::default(),
            extra_visits: Vec::new(),
        }
    };
    let rows = RosterBatch::Rows((2..).zip(people.iter().map(entry)).collect());
    let stamp = Stamp { at: clinic.now(), actor: Actor::parse("cli:root").unwrap() };
    let terms = ImportTerms { terms, bookings_a_day: 2 };
    admit_all(&clinic.app, stamp, [rows, RosterBatch::End].into_iter(), terms)
}

#[test]
fn a_record_that_cannot_be_read_keeps_nobody_else_on_a_list_out() {
    let clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    let file = rusqlite::Connection::open(clinic.app.store.path()).unwrap();
    file.execute("UPDATE patient SET birth_on = 'soon' WHERE reference = 'A-1'", []).unwrap();
    let (to, reason) = (PatientStatus::Deceased, "the roster says so".to_owned());
    let change = StatusChange { to, reason, until: None, confirmed_by: None };
    let newcomer = Person::new("A-2").on("high", "2026-01-07");
    let courses = newcomer.courses.iter().map(|(p, on)| clinic.course(p, *on)).collect();
    let admission =
        Admission { newcomer: newcomer.newcomer.clone(), courses, waiting: Vec::new(), next_visit: None };
    let whose = Reference::parse("A-1").unwrap();
    let newcomer = RosterEntry::Newcomer {
        admission: Box::new(admission),
        preferences: LetterPreferences::default(),
        extra_visits: Vec::new(),
    };
    let rows = vec![(2, RosterEntry::Standing { whose, change }), (3, newcomer)];
    let stamp = Stamp { at: clinic.now(), actor: Actor::parse("cli:root").unwrap() };
    let how = ImportTerms { terms: Terms::Partial, bookings_a_day: 2 };
    let batches = [RosterBatch::Rows(rows), RosterBatch::End];
    let done = admit_all(&clinic.app, stamp, batches.into_iter(), how).unwrap();
    let rejected: Vec<u64> = done.rejected.iter().map(|row| row.place).collect();
    assert_eq!((done.added, rejected), (1, vec![2]));
}

fn list(clinic: &Clinic) -> Vec<BookingLine> {
    clinic.app.store.read(|view| view.booking_page(ImportId(1), 0, 50)).unwrap().rows
}

fn codes(clinic: &Clinic) -> Vec<String> {
    list(clinic).into_iter().map(|line| line.reference).collect()
}

#[test]
fn who_came_in_after_the_look_sends_the_list_back_to_it_and_is_no_other_patient_with_her_address() {
    let clinic = Clinic::open("2026-05-11T10:00");
    let ana = || Person::new("A-1").on("high", "2026-04-01");
    assert_eq!(taken(&clinic, &[ana()], Terms::Whole).unwrap().added, 1);
    for terms in [Terms::Whole, Terms::Partial] {
        let people = [Person::new("A-2").on("high", "2026-04-01"), ana()];
        let refused = taken(&clinic, &people, terms).unwrap_err();
        assert!(is_overtaken(&refused.why) && refused.place == 3, "{terms:?}: {refused:?}");
        // Without an address it is the same.
        let mut people = people;
        people[1].newcomer.email = None;
        assert!(is_overtaken(&taken(&clinic, &people, terms).unwrap_err().why), "{terms:?}");
    }
    // Another woman at her address still is one.
    let mut other = Person::new("A-3").on("high", "2026-04-01");
    other.newcomer.email.clone_from(&ana().newcomer.email);
    let rejected = taken(&clinic, &[other], Terms::Partial).unwrap().rejected;
    assert!(rejected[0].why.to_string().contains("another patient uses the same address"), "{rejected:?}");
    assert_eq!(
        clinic.app.store.read(|view| view.patients("", 9)).unwrap().len(),
        1,
        "nobody came in by halves"
    );
}

/// On Monday 11 May: due on 31 March, 25 April (years after treatment), 30 April and 20 May.
fn mid_course() -> Clinic {
    let clinic = Clinic::open("2026-05-11T10:00");
    let people = [
        Person::new("A-SOON").on("high", "2026-02-20"),
        Person::new("A-LATE").on("high", "2026-01-31"),
        Person::new("A-YEARS").on("high", "2019-04-25"),
        Person::new("A-LONG").on("high", "2025-12-31"),
        Person::new("A-ASKED").on("high", "2026-04-01"),
    ];
    assert_eq!(import(&clinic, &people), 4);
    clinic
}

#[test]
fn whom_no_letter_asks_is_one_list_by_urgency_spread_over_working_days() {
    let mut clinic = mid_course();
    clinic.pass();
    assert_eq!((clinic.task_kinds(), clinic.ledger().len()), (vec![TaskKind::ImportBookings], 0));
    let lines: Vec<_> = list(&clinic).into_iter().map(|l| (l.reference, l.book_by)).collect();
    let by = |code: &str, on: &str| (code.to_owned(), day(on));
    assert_eq!(
        lines,
        [
            by("A-LONG", "2026-05-12"),
            by("A-LATE", "2026-05-12"),
            by("A-YEARS", "2026-05-13"),
            by("A-SOON", "2026-05-13")
        ]
    );
    let task = clinic.tasks().remove(0);
    assert_eq!(
        task.reason,
        "4 dates to book, 1 of them long overdue: 2 a working day, the last by 2026-05-13."
    );
    assert_eq!((task.due_at, task.patient), (crate::clinic::at("2026-05-13T00:00"), None));
    clinic.is_sound();
}

#[test]
fn a_date_booked_or_kept_strikes_her_off_and_the_last_ends_the_task() {
    let mut clinic = mid_course();
    clinic.book("A-LONG", "2026-05-14T10:00").unwrap();
    clinic.book("A-LATE", "2026-05-15T10:00").unwrap();
    assert_eq!(codes(&clinic), ["A-YEARS", "A-SOON"]);
    assert_eq!(clinic.tasks()[0].due_at, crate::clinic::at("2026-05-14T00:00"), "due when its next line is");
    clinic.done("A-YEARS", None, day("2026-05-04")).unwrap();
    clinic.book("A-SOON", "2026-05-20T10:00").unwrap();
    assert_eq!((codes(&clinic), clinic.task_kinds()), (vec![], vec![]));
    clinic.pass();
    assert_eq!(clinic.task_kinds(), []);
    // A date called off is asked about as ever.
    clinic.call_off("A-SOON").unwrap();
    assert_eq!(clinic.task_kinds(), [TaskKind::NotBooked]);
    clinic.is_sound();
}

#[test]
fn closed_by_hand_it_comes_back_until_its_list_is_empty() {
    let mut clinic = mid_course();
    clinic.close_task(TaskKind::ImportBookings);
    clinic.pass();
    assert_eq!((clinic.task_kinds(), codes(&clinic).len()), (vec![TaskKind::ImportBookings], 4));
    clinic.is_sound();
    let task = clinic.tasks()[0].id;
    let settle = |note: &str, line: &BookingLine| {
        let stamp = Stamp { at: clinic.now(), actor: Actor::parse("cli:root").unwrap() };
        let ask = SettledBooking { task, follow_up: line.follow_up, note: note.to_owned() };
        settle_booking(&clinic.app.store, stamp, ask)
    };
    let lines = list(&clinic);
    assert!(settle(" ", &lines[0]).is_err(), "it takes a reason");
    for line in &lines {
        settle("seen elsewhere", line).unwrap();
    }
    assert!(settle("again", &lines[0]).is_err());
    assert_eq!(clinic.task_kinds(), []);
    // What was decided is not asked anew when the day has come.
    clinic.live_until("2026-05-25T10:00");
    assert_eq!(clinic.task_kinds(), []);
    clinic.is_sound();
}

#[test]
fn whoever_is_not_booked_before_her_window_closes_stays_on_the_list() {
    let mut clinic = mid_course();
    clinic.live_until("2026-07-20T10:00");
    assert_eq!(codes(&clinic), ["A-LONG", "A-LATE", "A-YEARS", "A-SOON"]);
    // The next of her series is booked: it stands for the one that passed.
    clinic.book("A-LATE", "2026-07-30T10:00").unwrap();
    assert_eq!(codes(&clinic), ["A-LONG", "A-YEARS", "A-SOON"]);
    clinic.is_sound();
}

#[test]
fn whoever_dies_or_is_followed_elsewhere_leaves_it_and_is_asked_about_when_she_is_back() {
    let mut clinic = mid_course();
    clinic.status("A-LONG", PatientStatus::Deceased);
    clinic.status("A-LATE", PatientStatus::Transferred);
    clinic.status("A-YEARS", PatientStatus::OptedOutEmail);
    assert_eq!(codes(&clinic), ["A-YEARS", "A-SOON"], "a date is booked also with whom no letter reaches");
    clinic.status("A-LATE", PatientStatus::Active);
    clinic.pass();
    let kinds = clinic.task_kinds();
    assert!(kinds.contains(&TaskKind::NotBooked), "{kinds:?}");
    clinic.is_sound();
}

#[test]
fn another_plan_takes_off_the_list_what_it_owes_no_more() {
    let mut clinic = mid_course();
    clinic.replan("A-LATE", "review", day("2026-05-01")).unwrap();
    clinic.pass();
    assert_eq!(codes(&clinic), ["A-LONG", "A-YEARS", "A-SOON"]);
    clinic.is_sound();
}

#[test]
fn whoever_has_a_date_already_or_comes_in_before_her_letters_is_not_on_it() {
    let mut clinic = Clinic::open("2026-05-11T10:00");
    let mut booked = Person::new("A-1").on("high", "2026-01-31");
    booked.next_visit = Some(crate::people::slot("2026-05-15T10:00"));
    assert_eq!(import(&clinic, &[booked, Person::new("A-2").on("high", "2026-04-20")]), 0);
    clinic.pass();
    assert_eq!(clinic.task_kinds(), []);
    clinic.is_sound();
}

/// The export of a clinic, and how many of its rows an empty database would take in, have a fault.
fn moved(clinic: &Clinic) -> (String, u64, u64) {
    let (now, zone) = (clinic.now(), clinic.app.policy.zone.clone());
    let zone = aftercare::care::time::zone::find(&zone).unwrap();
    let terms = ExportTerms { now, zone: &zone, protocols: &clinic.app.protocol_cache };
    let mut file = Vec::new();
    write::<Box<dyn std::error::Error>>(&clinic.app.store, &terms, &mut file).unwrap();
    let written = String::from_utf8(file.clone()).unwrap();
    let terms = RosterTerms {
        languages: vec!["en".to_owned(), "es".to_owned()],
        protocols: crate::plans::all(),
        add_ons: Vec::new(),
        home: None,
        country: None,
        detail: clinic.app.policy.detail,
        clinics: clinic.app.policy.own_addresses.clone(),
        order: None,
    };
    let rules = RosterRules::new(terms, zone.to_datetime(now).date());
    let origin = Origin::of(RosterSource::Content(file.into()));
    let record = RecordOnFile { store: None, now, zone, open: clinic.app.policy.hours.days.clone() };
    let mut faults = Vec::new();
    let told = &mut SurveyListener {
        fault: &mut |fault| faults.push(fault),
        remark: &mut |_| {},
        bytes: &mut |_| {},
    };
    let found = survey(&Roster { origin, rules }, &record, told).unwrap();
    assert_eq!(faults.iter().map(|f| f.problem.as_str()).collect::<Vec<_>>(), [""; 0], "{written}");
    (written, found.new, found.faulty)
}

#[test]
fn what_is_exported_is_taken_in_whole_by_an_empty_database_whatever_became_of_people() {
    let clinic = Clinic::open("2026-01-07T10:00");
    let code = |status: PatientStatus| format!("A-{}", status.word().replace('_', "-"));
    for status in PatientStatus::ALL {
        for (kind, booked) in [("past", "2026-04-09T10:00"), ("ahead", "2026-04-20T10:00"), ("bare", "")] {
            let reference = format!("{}-{kind}", code(status));
            clinic.enrol(&Person::new(&reference).on("high", "2026-01-07"));
            if !booked.is_empty() {
                clinic.book(&reference, booked).unwrap();
            }
            if status != PatientStatus::Active {
                clinic.status(&reference, status);
            }
        }
    }
    // She came a week early, and has the visit after that booked already.
    clinic.enrol(&Person::new("A-EARLY").on("high", "2026-01-16"));
    clinic.sleep_until("2026-04-13T12:00");
    clinic.done("A-EARLY", None, day("2026-04-13")).unwrap();
    clinic.book("A-EARLY", "2026-07-16T10:00").unwrap();
    let (written, new, faulty) = moved(&clinic);
    let all = u64::try_from(PatientStatus::ALL.len() * 3 + 1).unwrap();
    assert_eq!((new, faulty), (all, 0));
    assert!(!written.contains("2026-04-09"), "a date that is over is no next visit");
    let ahead = PatientStatus::ALL.len() - 1;
    assert_eq!(
        written.matches("2026-04-20 10:00").count(),
        ahead,
        "all but the dead keep the date that lies ahead"
    );
    assert!(!written.contains("2026-07-16"), "a newcomer would be owed the visit of April first");
}
