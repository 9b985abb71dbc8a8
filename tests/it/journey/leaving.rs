//! Who may not receive a letter any more gets none, whenever that becomes known (P2), and nobody falls out (P8).

use aftercare::care::actor::Actor;
use aftercare::care::patient::PatientStatus;
use aftercare::care::task::TaskKind;
use aftercare::journey::patients::amend::AddressChange;
use aftercare::journey::patients::proxy::ProxyChange;
use aftercare::journey::patients::status::change;
use aftercare::journey::status_change::StatusChange;
use aftercare::store::db::transaction::Stamp;
use aftercare::store::work::tasks::Task;
use jiff::SignedDuration;

use super::{post, refused};
use crate::clinic::{Clinic, Person, day};
use crate::courier::Reply;

fn clinic() -> Clinic {
    let clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic
}

#[test]
fn a_letter_that_waits_is_skipped_whatever_ends_her_letters() {
    for status in PatientStatus::ALL.into_iter().filter(|s| !s.may_receive()) {
        let mut clinic = clinic();
        clinic.courier.always(Reply::Later);
        clinic.live_until("2026-03-10T09:30");
        clinic.courier.always(Reply::Accept);
        clinic.status("A-1", status);
        clinic.live_until("2026-04-30T00:00");
        assert_eq!(clinic.post_of("A-1"), [], "{status:?}");
        assert_eq!(clinic.fates()[0], ("visit:book".to_owned(), "skipped", status.word().to_owned()));
        clinic.is_sound();
    }
}

#[test]
fn a_leaflet_that_the_clinic_has_not_switched_on_is_withdrawn_with_the_reason() {
    let mut clinic = Clinic::with("2026-01-07T10:00", |policy| policy.leaflets.clear());
    clinic.enrol(&Person::new("A-1").on("letters", "2026-01-07"));
    clinic.live_until("2026-03-09T12:00");
    let sent: Vec<String> = clinic.post_of("A-1").into_iter().map(|letter| letter.1).collect();
    assert!(!sent.is_empty() && sent.iter().all(|steps| !steps.contains("leaflet:")), "{sent:?}");
    let patient = clinic.patient("A-1").id;
    let withdrawn = clinic.app.store.read(|view| -> Result<_, aftercare::store::error::StoreError> {
        let leaflets = view.follow_ups_of(patient)?.into_iter().filter(|f| f.series == "leaflet");
        let reminders = leaflets.map(|f| view.reminders_of_follow_up(f.id)).collect::<Result<Vec<_>, _>>()?;
        Ok(reminders.concat())
    });
    let [first, ..] = &withdrawn.unwrap()[..] else { panic!("no promise is on record") };
    assert_eq!(first.state.word(), "cancelled");
    assert_eq!(first.reason.as_deref(), Some("the clinic has switched this leaflet off"));
    clinic.is_sound();
}

#[test]
fn a_death_recorded_while_the_line_makes_itself_ready_stops_the_letter() {
    let mut clinic = clinic();
    dies_in_ready(&clinic);
    clinic.live_until("2026-03-12T00:00");
    assert_eq!(clinic.courier.in_flight(), 0);
    assert_eq!(clinic.fates()[0], ("visit:book".to_owned(), "skipped", "deceased".to_owned()));
    assert_eq!(clinic.task_kinds(), []);
    clinic.is_sound();
}

#[test]
fn a_death_recorded_while_no_line_can_be_had_leaves_nothing_waiting() {
    let mut clinic = clinic();
    dies_in_ready(&clinic);
    clinic.courier.away(true);
    clinic.live_until("2026-03-10T09:00:30");
    assert_eq!(clinic.fates()[0].1, "skipped");
    clinic.is_sound();
}

fn dies_in_ready(clinic: &Clinic) {
    let (store, clock) = (clinic.app.store.clone(), clinic.clock.clone());
    let patient = clinic.patient("A-1");
    clinic.courier.before_ready(move || {
        let (store, patient) = (store.clone(), patient.clone());
        let stamp =
            Stamp { at: aftercare::ports::Clock::now(&*clock), actor: Actor::Operator("nurse".to_owned()) };
        Box::pin(async move {
            let to = PatientStatus::Deceased;
            let news = StatusChange { to, reason: "told".to_owned(), until: None, confirmed_by: None };
            store.write(stamp, move |tx| change(tx, &patient, &news)).await.unwrap();
        })
    });
}

#[test]
fn a_pause_ends_by_itself_without_a_burst_of_old_letters() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("full", "2026-01-07"));
    clinic.pause_or("A-1", PatientStatus::Paused, Some(day("2026-05-20"))).unwrap();
    clinic.live_until("2026-05-21T00:00");
    assert_eq!(clinic.post_of("A-1"), []);
    assert!(!clinic.task_kinds().contains(&TaskKind::Silent));
    clinic.live_until("2026-06-09T00:00");
    assert_eq!(clinic.post_of("A-1")[0].0, "2026-06-08 09:00");
    assert_eq!(clinic.patient("A-1").status, PatientStatus::Active);
    clinic.is_sound();
}

#[test]
fn who_was_paused_over_the_letter_that_asks_her_to_book_is_asked_once_the_pause_is_over() {
    // The pause lies over both letters that ask, over the second alone, and over the first alone.
    let asked = ["visit:book"];
    let again = ["visit:book", "visit:book-again"];
    for (from, last, expected) in [
        ("2026-03-02T12:00", "2026-03-29", &asked[..]),
        ("2026-03-11T12:00", "2026-03-30", &again[..]),
        ("2026-03-02T12:00", "2026-03-17", &again[..]),
    ] {
        let mut clinic = clinic();
        clinic.live_until(from);
        clinic.pause_or("A-1", PatientStatus::Paused, Some(day(last))).unwrap();
        clinic.live_until(&format!("{last}T20:00"));
        let before = clinic.post_of("A-1").len();
        clinic.live_until(&format!("{}T20:00", day(last).tomorrow().unwrap()));
        assert_eq!(clinic.post_of("A-1").len(), before + 1, "{last}: one letter the day after it");
        clinic.live_until("2026-04-06T00:00");
        let steps: Vec<_> = clinic.post_of("A-1").into_iter().map(|(_, steps)| steps).collect();
        assert_eq!(steps, expected, "{last}");
        clinic.is_sound();
    }
}

#[test]
fn someone_who_comes_back_after_years_goes_on_from_today() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("full", "2026-01-07"));
    clinic.status("A-1", PatientStatus::Palliative);
    assert_eq!(clinic.task_kinds(), [TaskKind::HandOver]);
    clinic.live_until("2027-12-01T12:00");
    clinic.status("A-1", PatientStatus::Active);
    clinic.live_until("2027-12-01T18:00");
    assert_eq!(clinic.post_of("A-1"), []);
    assert_eq!(clinic.task_kinds(), [TaskKind::ReviewPlan; 2], "one for visits, one for tests");
    clinic.live_until("2028-03-01T00:00");
    assert!(!clinic.post_of("A-1").is_empty());
    clinic.is_sound();
}

/// Opting out of mail never silently ends follow-up (clinical brief, section 5; P7, P8).
#[test]
fn who_wants_no_letters_is_asked_by_people_for_all_that_her_plan_owes() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("full", "2026-01-07"));
    clinic.status("A-1", PatientStatus::OptedOutEmail);
    clinic.close_task(TaskKind::OptedOut);
    assert_eq!((clinic.task_kinds(), clinic.findings()), (vec![], vec![]));
    clinic.live_until("2026-02-10T12:00");
    let form = |task: &Task| task.reason == "spine-check 1 is due on 2026-02-07, and no letter asks her.";
    assert_eq!(clinic.tasks().iter().filter(|task| form(task)).count(), 1, "{:?}", clinic.task_kinds());
    clinic.close_task(TaskKind::OptedOut);
    clinic.live_until("2026-03-11T12:00");
    let visit = |task: &Task| task.reason == "visit 1 is due on 2026-04-07, and no letter asks her.";
    assert_eq!(clinic.tasks().iter().filter(|task| visit(task)).count(), 1, "{:?}", clinic.task_kinds());
    clinic.book("A-1", "2026-04-09T10:00").unwrap();
    assert!(!clinic.tasks().iter().any(visit), "a date ends the task that asks for one");
    clinic.live_until("2026-04-14T12:00");
    let passed = "The date for visit 1 was on 2026-04-09, and nobody noted what became of it.";
    assert!(clinic.tasks().iter().any(|task| task.reason == passed), "{:?}", clinic.task_kinds());
    clinic.live_until("2026-09-01T12:00");
    let kinds = clinic.task_kinds();
    assert!(kinds.contains(&TaskKind::NotBooked), "the visit of July: {kinds:?}");
    assert!(!kinds.contains(&TaskKind::Silent), "nobody asked her by letter");
    assert_eq!(clinic.post_of("A-1"), []);
    clinic.is_sound();
}

#[test]
fn visits_of_whose_address_is_dead_are_booked_by_phone() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.status("A-1", PatientStatus::AddressBad);
    clinic.live_until("2026-04-08T12:00");
    let mut kinds = clinic.task_kinds();
    kinds.sort_by_key(|kind| kind.word());
    assert_eq!(kinds, [TaskKind::AddressBad, TaskKind::NotBooked]);
    assert_eq!(clinic.post_of("A-1"), []);
    clinic.is_sound();
}

/// Whoever stands where her plan goes on has something ahead of her or somebody who is asked; in each other status the plan stands.
#[test]
fn in_every_status_the_plan_goes_on_or_stands_as_it_should() {
    for status in PatientStatus::ALL.into_iter().filter(|status| *status != PatientStatus::Active) {
        let mut clinic = Clinic::open("2026-01-07T10:00");
        clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
        clinic.status("A-1", status);
        for kind in clinic.task_kinds() {
            clinic.close_task(kind);
        }
        clinic.live_until("2026-07-20T12:00");
        let is_asked = clinic.task_kinds().contains(&TaskKind::NotBooked);
        assert_eq!(is_asked, status.keeps_plan(), "{status:?}: {:?}", clinic.task_kinds());
        assert_eq!(clinic.post_of("A-1"), [], "{status:?}");
        clinic.is_sound();
    }
}

#[test]
fn after_a_death_a_person_looks_at_the_record_that_may_be_hers_too() {
    let clinic = Clinic::open("2026-01-07T10:00");
    for reference in ["A-1", "A-2"] {
        clinic.enrol(&Person::new(reference).named("Ana").on("high", "2026-01-07"));
    }
    clinic.close_task(TaskKind::DuplicateSuspected);
    clinic.status("A-1", PatientStatus::Deceased);
    let tasks = clinic.tasks();
    assert_eq!(clinic.task_kinds(), [TaskKind::DuplicateSuspected]);
    assert_eq!(tasks[0].patient.as_ref().map(|p| p.1.as_str()), Some("A-2"));
    assert_eq!(tasks[0].reason, "A-1 has the same name and birth date and is recorded as deceased.");
    let due_in = tasks[0].due_at.duration_since(clinic.now());
    assert!(
        due_in.is_positive() && due_in <= SignedDuration::from_hours(24),
        "within a working day: {due_in}"
    );
    clinic.status("A-2", PatientStatus::Deceased);
    assert_eq!(clinic.task_kinds(), []);
    clinic.is_sound();
}

#[test]
fn undoing_a_death_takes_two_people() {
    let mut clinic = clinic();
    clinic.status("A-1", PatientStatus::Deceased);
    // Nobody has an account here: two users of the machine are the two people, whoever is named.
    clinic.back("A-1", "cli:maria").unwrap();
    for by in ["cli:maria", "cli:Maria"] {
        assert!(refused(clinic.back("A-1", by)).starts_with("a second person must confirm"), "{by}");
    }
    assert_eq!(refused(clinic.book("A-1", "2026-04-07T10:00")), DIED);
    clinic.back("A-1", "cli:jose").unwrap();
    clinic.live_until("2026-03-12T00:00");
    assert_eq!(clinic.post_of("A-1"), post(&[("2026-03-10 09:00", "visit:book")]));
    clinic.is_sound();
}

const DIED: &str = "this patient is recorded as deceased; undoing that takes two people";

#[test]
fn a_bad_address_stops_everyone_behind_it_and_asks_a_person_the_same_day() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    for reference in ["A-1", "A-2"] {
        clinic.enrol(&Person::new(reference).on("high", "2026-01-07").sharing("home@patients.example"));
    }
    clinic.courier.always(Reply::BadAddress);
    clinic.live_until("2026-03-11T00:00");
    assert_eq!(clinic.task_kinds(), [TaskKind::AddressBad; 2]);
    for reference in ["A-1", "A-2"] {
        assert_eq!(clinic.patient(reference).status, PatientStatus::AddressBad);
    }
    assert!(clinic.tasks().iter().all(|t| t.due_at <= crate::clinic::at("2026-03-10T23:59")));
    clinic.is_sound();
}

#[test]
fn a_letter_in_hand_stays_when_the_one_before_finds_the_address_bad() {
    let mut clinic = Clinic::seeded(crate::clinic::at("2026-01-07T10:00"), (2, 1), crate::plans::policy());
    for reference in ["A-1", "A-2", "A-3", "A-4"] {
        clinic.enrol(&Person::new(reference).on("high", "2026-01-07").sharing("home@patients.example"));
    }
    clinic.courier.next("home@patients.example", &[Reply::Accept, Reply::BadAddress]);
    clinic.live_until("2026-03-11T00:00");
    assert_eq!(clinic.courier.in_flight(), 2, "the third was in hand, the fourth in the outbox");
    assert_eq!(clinic.task_kinds(), [TaskKind::AddressBad; 4]);
    clinic.is_sound();
}

#[test]
fn letters_of_others_go_on_while_one_is_paused() {
    let mut clinic = clinic();
    clinic.enrol(&Person::new("A-2").on("high", "2026-01-07"));
    clinic.status("A-1", PatientStatus::Paused);
    clinic.live_until("2026-03-11T00:00");
    assert_eq!(clinic.post_of("A-2"), post(&[("2026-03-10 09:00", "visit:book")]));
    assert_eq!(clinic.post_of("A-1"), []);
    clinic.is_sound();
}

/// On a Tuesday at nine her letter is due; ten minutes before, something stops her letters.
fn about_to_be_written_to() -> Clinic {
    let mut clinic = clinic();
    clinic.live_until("2026-03-10T08:50");
    clinic
}

#[test]
fn a_status_set_in_error_and_taken_back_costs_no_letter() {
    for stop in PatientStatus::ALL.into_iter().filter(|s| !s.may_receive()) {
        // Before the letter fell due, after that, and while it was on its way to fall due.
        for (set, unset) in [("08:55", "08:56"), ("08:55", "09:05"), ("09:01", "09:02")] {
            let mut clinic = about_to_be_written_to();
            // The server is away when it falls due, so that the stop finds it waiting.
            clinic.courier.away(true);
            clinic.live_until(&format!("2026-03-10T{set}"));
            clinic.status("A-1", stop);
            clinic.live_until(&format!("2026-03-10T{unset}"));
            clinic.take_back("A-1").unwrap();
            clinic.courier.away(false);
            clinic.live_until("2026-03-10T18:00");
            let letters = clinic.post_of("A-1");
            assert_eq!(letters.len(), 1, "{stop:?} {set}-{unset}: {letters:?}");
            assert_eq!(letters[0].1, "visit:book", "{stop:?}");
            assert!(clinic.task_kinds().iter().all(|k| *k != TaskKind::LetterLapsed), "{stop:?}");
            clinic.live_until("2026-04-30T00:00");
            clinic.is_sound();
        }
    }
}

#[test]
fn a_new_address_after_a_bounce_brings_the_letter_that_came_back() {
    let mut clinic = about_to_be_written_to();
    clinic.courier.always(Reply::BadAddress);
    clinic.live_until("2026-03-10T10:00");
    assert_eq!(clinic.patient("A-1").status, PatientStatus::AddressBad);
    clinic.courier.always(Reply::Accept);
    clinic.live_until("2026-03-25T10:00");
    clinic.readdress("A-1", "new@patients.example");
    clinic.live_until("2026-03-25T18:00");
    let letters: Vec<_> = clinic.letters_to("A-1").iter().map(|l| l.steps().join(" ")).collect();
    assert_eq!(letters, ["visit:book"]);
    assert_eq!(clinic.task_kinds(), []);
    clinic.is_sound();
}

#[test]
fn an_address_that_was_missing_brings_what_is_still_of_use() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07").without_address());
    clinic.live_until("2026-03-11T10:00");
    clinic.readdress("A-1", "new@patients.example");
    clinic.live_until("2026-03-11T18:00");
    assert_eq!(clinic.post_of("A-1"), post(&[("2026-03-11 10:00", "visit:book")]));
    assert_eq!(clinic.task_kinds(), []);
    clinic.is_sound();
}

#[test]
fn an_address_that_is_taken_away_withdraws_what_waits_and_a_person_reaches_her() {
    let mut clinic = clinic();
    clinic.courier.always(Reply::Later);
    clinic.live_until("2026-03-10T09:30");
    clinic.courier.always(Reply::Accept);
    clinic.address("A-1", AddressChange::TakenAway);
    assert_eq!(clinic.task_kinds(), [TaskKind::Unreachable], "on the same day");
    clinic.live_until("2026-03-26T00:00");
    assert_eq!(clinic.post_of("A-1"), []);
    assert_eq!(clinic.fates()[0], ("visit:book".to_owned(), "skipped", "no address on record".to_owned()));
    assert_eq!((clinic.patient("A-1").status, clinic.patient("A-1").email), (PatientStatus::Active, None));
    assert_eq!(clinic.task_kinds(), [TaskKind::Unreachable]);
    clinic.readdress("A-1", "new@patients.example");
    clinic.live_until("2026-03-27T00:00");
    assert_eq!(clinic.post_of("A-1").into_iter().map(|(_, steps)| steps).collect::<Vec<_>>(), ["visit:book"]);
    assert_eq!(clinic.task_kinds(), []);
    clinic.is_sound();
}

#[test]
fn to_whoever_acts_for_her_letters_go_on_without_an_address_of_her_own() {
    let mut clinic = clinic();
    let proxy = crate::people::proxy("A-1", None);
    clinic.acts_for("A-1", ProxyChange::Record(Box::new(proxy))).unwrap();
    clinic.address("A-1", AddressChange::TakenAway);
    clinic.live_until("2026-03-11T00:00");
    assert_eq!((clinic.courier.accepted().len(), clinic.task_kinds()), (1, vec![]));
    clinic.is_sound();
}

#[test]
fn news_that_a_short_stop_ended_is_told_by_a_person() {
    let clinic = about_to_be_written_to();
    clinic.courier.away(true);
    clinic.book("A-1", "2026-04-07T10:00").unwrap();
    clinic.status("A-1", PatientStatus::Paused);
    clinic.status("A-1", PatientStatus::Active);
    assert_eq!(clinic.task_kinds(), [TaskKind::LetterLapsed]);
    clinic.is_sound();
}
