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
                admission: Box::new(Admission {
                    newcomer: someone(n),
                    courses,
                    waiting: Vec::new(),
                    next_visit: None,
                }),
                preferences: LetterPreferences::default(),
                extra_visits: Vec::new(),
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
async fn the_list_says_before_anybody_rings_that_letters_wait_and_why() {
    let fixture = Fixture::open().await;
    let id = import(&fixture, 2).await;
    let nurse = fixture.sign_in("nora").await;
    let paused = [("act", "status"), ("to", "paused"), ("reason", "in hospital"), ("sure", "M-001")];
    assert_eq!(fixture.act("/patients/M-001", &nurse, &paused).await.status, 303);
    let page = fixture.get(&format!("/tasks/{id}"), &nurse).await.body;
    let list = page.split("id=\"list\"").nth(1).unwrap();
    let said = "<strong>Letters to her are paused: in hospital.</strong>";
    assert_eq!(list.matches(said).count(), 1, "{list}");
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

#[tokio::test]
async fn a_visit_beside_the_plan_is_checked_added_once_and_says_what_it_is_for() {
    let fixture = Fixture::open().await;
    import(&fixture, 1).await;
    let nurse = fixture.sign_in("nora").await;
    let add = |note: &'static str, more: &[(&'static str, &'static str)]| {
        let asked =
            [("act", "add"), ("on", "2026-03-03"), ("at", "10:00"), ("place", "Room 4"), ("note", note)];
        [&asked[..], more].concat()
    };
    let refused = fixture.act("/patients/M-001", &nurse, &add(" ", &[])).await;
    assert!(refused.status == 422 && refused.body.contains("what this visit is for"), "{}", refused.body);
    let look = fixture.act("/patients/M-001", &nurse, &add("MRI, after the call", &[("look", "yes")])).await;
    for words in ["add a visit beside the plan", "Tue 3 Mar 2026, 10:00, Room 4", "Nothing is recorded yet"] {
        assert!(look.body.contains(words), "{words}\n{}", look.body);
    }
    let saved = fixture.act("/patients/M-001", &nurse, &add("MRI, after the call", &[("tell", "yes")])).await;
    assert_eq!(saved.status, 303);
    let again = fixture.act("/patients/M-001", &nurse, &add("MRI, after the call", &[("tell", "yes")])).await;
    assert_eq!(again.status, 303, "the same form once more is no failure");
    let other = fixture.sign_in("lena").await;
    let again = fixture.act("/patients/M-001", &other, &add("MRI, after the call", &[("tell", "yes")])).await;
    assert!(
        again.status == 422
            && again.body.contains("Visit beside the plan 1 is booked for 3 Mar 2026 already"),
        "{}",
        again.body
    );
    let page = fixture.get("/patients/M-001", &nurse).await.body;
    for words in ["visit beside the plan 1", "For: MRI, after the call", "value=\"extra-visit-1\""] {
        assert!(page.contains(words), "{words}\n{page}");
    }
    let off = [("act", "cancel"), ("series", "extra-visit-1"), ("tell", "yes")];
    assert_eq!(fixture.act("/patients/M-001", &nurse, &off).await.status, 303);
    assert!(!fixture.get("/patients/M-001", &nurse).await.body.contains("value=\"extra-visit-1\""));
}

#[tokio::test]
async fn a_date_that_a_colleague_moved_since_the_check_is_not_moved_over_hers() {
    let fixture = Fixture::open().await;
    import(&fixture, 1).await;
    let (nurse, lead) = (fixture.sign_in("nora").await, fixture.sign_in("lena").await);
    let path = "/patients/M-001";
    let ask =
        |act: &'static str, on: &'static str| [("act", act), ("on", on), ("at", "10:00"), ("tell", "yes")];
    assert_eq!(fixture.act(path, &nurse, &ask("book", "2026-03-02")).await.status, 303);
    let look =
        fixture.act(path, &nurse, &[&ask("move", "2026-03-04")[..], &[("look", "yes")]].concat()).await;
    let seen = look.hidden("dates_seen").unwrap();
    // Meanwhile her colleague moves it, and she is told of that date.
    assert_eq!(fixture.act(path, &lead, &ask("move", "2026-03-03")).await.status, 303);
    let late = [&ask("move", "2026-03-04")[..], &[("dates_seen", seen.as_str())]].concat();
    let late = fixture.act(path, &nurse, &late).await;
    assert!(late.status == 422 && late.body.contains("Somebody else has changed her dates"), "{}", late.body);
    assert!(
        late.body.contains("booked: 3 Mar 2026") && late.body.contains("value=\"2026-03-04\""),
        "{}",
        late.body
    );
    let off = [("act", "cancel"), ("tell", "yes"), ("dates_seen", seen.as_str())];
    assert_eq!(fixture.act(path, &nurse, &off).await.status, 422, "nor is hers called off");
    // Checked anew it goes through.
    let look =
        fixture.act(path, &nurse, &[&ask("move", "2026-03-04")[..], &[("look", "yes")]].concat()).await;
    let seen = look.hidden("dates_seen").unwrap();
    let again = [&ask("move", "2026-03-04")[..], &[("dates_seen", seen.as_str())]].concat();
    assert_eq!(fixture.act(path, &nurse, &again).await.status, 303);
}
