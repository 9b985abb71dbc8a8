//! The first screen: whom must I call now, with her name and her number, and what else waits.

use aftercare::care::delivery::DeliveryState;
use aftercare::store::db::transaction::Stamp;
use aftercare::store::mail::delivery::DeliveryId;
use jiff::ToSpan;

use crate::fixture::{Fixture, NAME, now};

/// What the screen holds between two of its headings.
fn part<'p>(page: &'p str, from: &str, to: &str) -> &'p str {
    let start = page.find(from).unwrap_or_else(|| panic!("{from}\n{page}"));
    let end = page[start..].find(to).unwrap_or_else(|| panic!("{to}\n{page}"));
    &page[start..start + end]
}

#[tokio::test]
async fn whoever_must_be_called_stands_first_with_name_number_and_clock() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nora = fixture.sign_in("nora").await;
    let number = [
        ("act", "contact"),
        ("seen", "0"),
        ("phone", "(212) 736-5000"),
        ("phone_2", ""),
        ("best_time", "after 5"),
        ("other_contact", "Marta, her sister"),
        ("other_phone", "+34 910 555 100"),
    ];
    let before = fixture.get("/", &nora).await.body;
    assert!(before.contains("href=\"/patients/C-100#telephone\">no number yet</a>"), "{before}");
    assert_eq!(fixture.act("/patients/C-100", &nora, &number).await.status, 303);
    let page = fixture.get("/", &nora).await.body;
    let ringing = part(&page, "Alerts that ring (1)", "</section>");
    for words in [
        NAME,
        "C-100",
        "emergency",
        "1 h left",
        "<a href=\"tel:+12127365000\">",
        "<strong>now</strong>",
        "Marta, her sister",
        "aria-label=\"Take it on: C-100\"",
    ] {
        assert!(ringing.contains(words), "{words}\n{ringing}");
    }
    assert!(!ringing.contains("after 5"), "an emergency waits for no best time: {ringing}");
    // Taking it on from the list leads to her page, where the number stands again.
    let taken = fixture.act("/alerts/1/acknowledge", &nora, &[]).await;
    assert!(taken.header("location").is_some_and(|to| to.starts_with("/alerts/1?")), "{}", taken.head);
    let page = fixture.get("/", &nora).await.body;
    assert!(part(&page, "Alerts taken on (1)", "</section>").contains("taken on by nora"), "{page}");
    assert!(page.contains("Alerts that ring (0)"));
    for (path, there) in [
        ("/alerts", true),
        ("/alerts?only=mine", true),
        ("/alerts?only=taken", true),
        ("/alerts?only=ringing", false),
    ] {
        assert_eq!(fixture.get(path, &nora).await.body.contains(NAME), there, "{path}");
    }
    let dora = fixture.sign_in("dora").await;
    assert!(!fixture.get("/alerts?only=mine", &dora).await.body.contains(NAME));
}

#[tokio::test]
async fn a_task_is_claimed_in_the_list_and_then_found_among_mine() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nora = fixture.sign_in("nora").await;
    let moved = [("act", "status"), ("to", "transferred"), ("reason", "moved"), ("sure", "C-100")];
    fixture.act("/patients/C-100", &nora, &moved).await;
    let task = fixture.engine.clinic.store.read(|view| view.tasks_open()).unwrap()[0].clone();
    let page = fixture.get("/", &nora).await.body;
    let tasks = part(&page, "<h2 id=\"tasks\">", "Letters that failed</h2>");
    for words in ["Left letter follow-up", task.kind.ask(), NAME, "Mine: 0", "left", "I work on it"] {
        assert!(tasks.contains(words), "{words}\n{tasks}");
    }
    let path = format!("/tasks/{}/claim", task.id);
    let from = [("from", "today"), ("kind", task.kind.word())];
    let claimed = fixture.act(&path, &nora, &from).await;
    let to = claimed.header("location").unwrap();
    assert!(claimed.status == 303 && to.starts_with("/?saved=task-claimed."), "{to}");
    let page = fixture.get(to, &nora).await.body;
    assert!(page.contains("The task is yours.") && page.contains("nora works on it"), "{page}");
    assert!(page.contains("Mine: 1"));
    let list = fixture.act(&path, &nora, &[("from", "list"), ("kind", task.kind.word())]).await;
    assert!(list.header("location").is_some_and(|to| to.starts_with("/tasks?kind=hand-over&saved=")));
    for (whose, there) in [("mine", true), ("nobody", false)] {
        let list = fixture.get(&format!("/tasks?whose={whose}"), &nora).await.body;
        assert_eq!(list.contains("nora works on it"), there, "{whose}");
    }
    assert!(!fixture.get("/tasks?due=overdue", &nora).await.body.contains("nora works on it"));
    fixture.pass_time(30 * 24 * 60);
    let later = fixture.sign_in("nora").await;
    assert!(fixture.get("/tasks?due=overdue", &later).await.body.contains("nora works on it"));
}

#[tokio::test]
async fn the_screen_tells_how_mail_daily_test_and_ladder_are_who_is_on_duty_and_what_leaves() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nora = fixture.sign_in("nora").await;
    let page = fixture.get("/", &nora).await.body;
    let health = part(&page, "Whether it all works", "</section>");
    for words in ["Mail server", "nothing refused", "Daily test", "Ladder", "href=\"/test-alert\""] {
        assert!(health.contains(words), "{words}\n{health}");
    }
    let cover = part(&page, "Cover for the coming week", "</section>");
    for words in ["Tue 24 Feb 2026", "Mon 2 Mar 2026", "to 24:00", "An emergency is told"] {
        assert!(cover.contains(words), "{words}\n{cover}");
    }
    assert!(page.contains("None in the last 14 days."));
    assert!(page.contains("Nothing waits to leave today or tomorrow."), "{page}");
}

#[tokio::test]
async fn what_leaves_today_and_tomorrow_is_counted_and_listed_with_whose_it_is() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nora = fixture.sign_in("nora").await;
    let before = fixture.get("/leaving", &nora).await.body;
    assert!(before.contains("Nothing waits to leave.") && before.contains("<p>None.</p>"), "{before}");
    let id = fixture.refused_letter(now(), "mailbox full");
    assert_eq!(fixture.act(&format!("/letters/{id}"), &nora, &[]).await.status, 303);
    let letters = fixture.get("/leaving?kind=notice", &nora).await.body;
    for words in ["Letters about a date or a link, ready to leave", NAME, &format!("href=\"/letters/{id}\"")]
    {
        assert!(letters.contains(words), "{words}\n{letters}");
    }
    assert!(!fixture.get("/leaving", &nora).await.body.contains(NAME), "nothing of her plan falls due");
    // Four weeks before her visit of 15 April the letter that asks her to book falls due.
    fixture.pass_time(21 * 24 * 60);
    let later = fixture.sign_in("nora").await;
    let due = fixture.get("/leaving", &later).await.body;
    for words in ["What falls due", "Visits with something due", NAME, "follow-up visit"] {
        assert!(due.contains(words), "{words}\n{due}");
    }
}

#[tokio::test]
async fn a_letter_that_failed_is_sent_again_from_the_first_screen() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let id = fixture.refused_letter(now() - 24.hours(), "mailbox full");
    fixture.refused_letter(now() - (20 * 24).hours(), "long ago");
    let nora = fixture.sign_in("nora").await;
    let page = fixture.get("/", &nora).await.body;
    let failed = part(&page, "<h2 id=\"failed\">", "</section>");
    assert!(failed.contains("mailbox full") && !failed.contains("long ago"), "{failed}");
    let form =
        part(failed, &format!("<form class=\"line\" method=\"post\" action=\"/letters/{id}\">"), "</form>");
    assert!(form.contains("<button>Send again</button>"), "{form}");
    assert_eq!(fixture.act(&format!("/letters/{id}"), &nora, &[]).await.status, 303);
    let letter = fixture.engine.clinic.store.read(|view| view.delivery(DeliveryId(id))).unwrap();
    assert_eq!(letter.state, DeliveryState::Pending);
    assert!(fixture.get("/", &nora).await.body.contains("None in the last 14 days."));
}

#[tokio::test]
async fn what_renews_itself_is_what_the_page_shows_and_no_sign_of_life() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nora = fixture.sign_in("nora").await;
    let (page, live) = (fixture.get("/", &nora).await.body, fixture.get("/live", &nora).await.body);
    assert!(page.contains(live.trim()), "{live}");
    assert!(!live.contains("<html") && live.contains("data-live"));
    assert!(page.contains("role=\"status\""), "changes are told politely");
    let script = page.split("<script src=\"").nth(1).unwrap().split('"').next().unwrap();
    let script = fixture.get(script, "").await;
    assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert!(!script.body.contains("http:") && !script.body.contains("https:"), "nothing of others");
    // A screen that nobody touches signs itself out, however often it asks.
    for _ in 0..4 {
        fixture.pass_time(10);
        fixture.get("/live", &nora).await;
    }
    assert_eq!(fixture.get("/", &nora).await.status, 303);
}

#[tokio::test]
async fn many_alerts_are_read_a_page_at_a_time() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120) \
                INSERT INTO alert (patient_id, audience, tier, state, raised_at, due_at, ringing_since, next_notice_at) \
                SELECT 1, 'ladder', 'soon', 'raised', 0, 1900000000000 + i, 0, 1900000000000 FROM n";
    let other = rusqlite::Connection::open(fixture.engine.clinic.store.path()).unwrap();
    other.execute(many, []).unwrap();
    let nora = fixture.sign_in("nora").await;
    let today = fixture.get("/", &nora).await.body;
    assert!(today.contains("All 121 that ring") && today.len() < 150_000, "{} bytes", today.len());
    let (mut path, mut seen) = ("/alerts".to_owned(), Vec::new());
    loop {
        let page = fixture.get(&path, &nora).await;
        let links =
            page.body.split("href=\"/alerts/").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        let before = seen.len();
        seen.extend(links);
        assert!(seen.len() - before <= 50, "{path}");
        let Some(next) = page.next_page() else { break };
        path = next;
    }
    assert_eq!((seen.len(), seen.first().map(String::as_str)), (121, Some("1")), "the emergency first");
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 121);
}

#[tokio::test]
async fn one_record_that_cannot_be_read_keeps_nobody_from_the_screen() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let other = rusqlite::Connection::open(fixture.engine.clinic.store.path()).unwrap();
    other.execute("UPDATE patient SET birth_on = 'someday'", []).unwrap();
    let nora = fixture.sign_in("nora").await;
    let page = fixture.get("/", &nora).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("record cannot be read") && page.body.contains("Alerts that ring (1)"));
}

#[tokio::test]
async fn the_start_list_says_what_is_missing_until_it_is_done() {
    let fixture = Fixture::open().await;
    let nora = fixture.sign_in("nora").await;
    let today = fixture.get("/", &nora).await.body;
    assert!(today.contains("of 8 steps are open") && today.contains("href=\"/start\""), "{today}");
    let before = fixture.get("/start", &nora).await.body;
    for words in [
        "Before the first letter",
        "nobody answers +1 555 0100 and +1 555 0199",
        "phone_office and phone_24h under [clinic]",
        "letters are written into files",
        "no letter has left yet",
        "href=\"/test-alert\"",
        "dora, lena",
        "no schedule in force is signed",
        "none has been made yet",
        "nobody is enrolled yet",
    ] {
        assert!(before.contains(words), "{words}\n{before}");
    }
    // Each leads to where it is done today; what her role may not do is said instead.
    for words in [
        "href=\"/settings\"",
        "href=\"/settings/ladder\"",
        "href=\"/protocols\"",
        "href=\"/enrol\"",
        "Invite a colleague: only",
        "Take in a list of patients: only",
    ] {
        assert!(before.contains(words), "{words}\n{before}");
    }
    let lena = fixture.sign_in("lena").await;
    assert!(fixture.get("/start", &lena).await.body.contains("href=\"/import\""));
    fixture.worried(&[("SP08", "new")]).await;
    let store = &fixture.engine.clinic.store;
    store.write(Stamp::daemon(now()), |tx| tx.set_fact("backup-on", "2026-02-24")).await.unwrap();
    let after = fixture.get("/start", &nora).await.body;
    assert!(
        after.contains("somebody is enrolled") && after.contains("the newest is of 24 Feb 2026"),
        "{after}"
    );
    fixture.pass_time(5 * 24 * 60);
    let later = fixture.sign_in("nora").await;
    let stale = fixture.get("/start", &later).await.body;
    assert!(stale.contains("<strong>Open:</strong> the newest is of 24 Feb 2026"), "{stale}");
}
