//! The list behind the task of an import: who must be booked, and how she leaves it.

use aftercare::care::task::TaskKind;
use aftercare::journey::commands::roster::{ImportTerms, RosterBatch, RosterEntry, Terms, admit_all};
use aftercare::journey::plan::enrol::{Admission, Course};
use aftercare::journey::status_change::LetterPreferences;
use aftercare::store::db::transaction::Stamp;
use jiff::civil::date;

use crate::fixture::{Fixture, newcomer, now};

/// Takes in so many whose visit was due on 15 February, and gives the task with their list.
pub(crate) async fn import(fixture: &Fixture, count: u32) -> i64 {
    let (version, protocol) = fixture.engine.published["sgo2017-high"].clone();
    let someone =
        |n: u32| newcomer(&format!("M-{n:03}"), &format!("Maria <{n}>"), &format!("m{n}@mail.example"));
    let course = Course { version, protocol, anchor_on: date(2025, 11, 15) };
    let entry = |n: u32| {
        let courses = vec![course.clone()];
        (
            u64::from(n),
            RosterEntry::Newcomer {
                admission: Admission { newcomer: someone(n), courses, waiting: Vec::new(), next_visit: None },
                preferences: LetterPreferences::default(),
            },
        )
    };
    let rows = RosterBatch::Rows((1..=count).map(entry).collect());
    let clinic = fixture.engine.clinic.clone();
    let terms = ImportTerms { terms: Terms::Whole, bookings_a_day: 20 };
    let take = move || {
        admit_all(&clinic, Stamp::daemon(now()), [rows, RosterBatch::End].into_iter(), terms).unwrap().to_book
    };
    assert_eq!(tokio::task::spawn_blocking(take).await.unwrap(), u64::from(count));
    task(fixture).unwrap()
}

fn task(fixture: &Fixture) -> Option<i64> {
    let open = fixture.engine.clinic.store.read(|view| view.tasks_open()).unwrap();
    open.iter().find(|task| task.kind == TaskKind::ImportBookings).map(|task| task.id)
}

#[tokio::test]
async fn the_list_names_whom_to_book_a_page_at_a_time_and_a_booked_date_takes_her_off() {
    let fixture = Fixture::open().await;
    let id = import(&fixture, 51).await;
    let nurse = fixture.sign_in("nora").await;
    let worklist = fixture.get("/", &nurse).await.body;
    assert!(worklist.contains("Book a date with each on the list"), "{worklist}");
    let page = fixture.get(&format!("/tasks/{id}"), &nurse).await.body;
    for words in [
        "Whom to book (51)",
        "Maria &lt;1&gt;",
        "follow-up visit, due 15 Feb 2026",
        "9 days ago",
        "by 25 Feb 2026",
    ] {
        assert!(page.contains(words), "{words}\n{page}");
    }
    assert!(page.contains("first three years after treatment") && !page.contains("M-051"));
    let rest = fixture.get(&format!("/tasks/{id}?after=50"), &nurse).await.body;
    assert!(rest.contains("M-051") && !rest.contains("M-050"), "{rest}");

    let book = [("act", "book"), ("on", "2026-03-02"), ("at", "09:30"), ("series", "")];
    assert_eq!(fixture.act("/patients/M-001", &nurse, &book).await.status, 303);
    let page = fixture.get(&format!("/tasks/{id}"), &nurse).await.body;
    assert!(page.contains("Whom to book (50)") && !page.contains("M-001"), "{page}");
}

#[tokio::test]
async fn whoever_needs_no_date_is_taken_off_with_a_reason_and_the_last_ends_the_task() {
    let fixture = Fixture::open().await;
    let id = import(&fixture, 1).await;
    let nurse = fixture.sign_in("nora").await;
    let (page, settle) = (format!("/tasks/{id}"), format!("/tasks/{id}/settle"));
    let follow_up = fixture.get(&page, &nurse).await.hidden("follow_up").unwrap();
    let why = format!("note-{follow_up}");
    let refused = fixture.act(&settle, &nurse, &[("follow_up", &follow_up), (&why, " ")]).await;
    assert_eq!(refused.status, 422);
    let beside = format!("aria-describedby=\"note-{follow_up}-fault\"");
    assert!(refused.body.contains(&beside) && refused.body.contains("<details open>"), "{}", refused.body);
    let saved = fixture.act(&settle, &nurse, &[("follow_up", &follow_up), (&why, "seen elsewhere")]).await;
    assert_eq!((saved.status, task(&fixture)), (303, None));
    let told = fixture.get(saved.header("location").unwrap(), &nurse).await.body;
    assert!(
        told.contains("She is off the list") && told.contains("every date is booked or decided"),
        "{told}"
    );
    let late = fixture.act(&settle, &nurse, &[("follow_up", &follow_up), (&why, "again")]).await;
    assert_eq!(late.status, 404);
}
