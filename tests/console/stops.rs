//! Letters stopped by kind, from a page: the effect first, then the stop with its reason, and the way back.

use crate::bookings;
use crate::fixture::Fixture;

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_is_stopped_with_a_reason_shown_on_the_first_screen_and_started_again() {
    let fixture = Fixture::open().await;
    let (nora, lena) = (fixture.sign_in("nora").await, fixture.sign_in("lena").await);
    let dora = fixture.sign_in("dora").await;
    assert!(fixture.get("/letters", &nora).await.body.contains("href=\"/letters/stops\""));
    let page = fixture.get("/letters/stops", &nora).await.body;
    assert!(page.contains("Nothing is stopped.") && page.contains("value=\"checklists\""), "{page}");
    let place = |word: &str| page.find(&format!("value=\"{word}\"")).unwrap();
    assert!(page.contains("<option value=\"\">Choose</option>") && place("book") < place("again"), "{page}");
    assert!(!page.contains("value=\"go-now\"") && !page.contains("value=\"staff-alert\""), "{page}");
    let effect = fixture.get("/letters/stops?kind=checklists", &nora).await.body;
    assert!(effect.contains("Letters in the outbox that will wait: "), "{effect}");

    let bare = [("act", "stop"), ("kind", "checklists"), ("reason", "")];
    let refused = fixture.act("/letters/stops", &nora, &bare).await;
    assert!(refused.status == 422 && refused.body.contains("Say why in a few words."), "{}", refused.body);
    let why = [("act", "stop"), ("kind", "checklists"), ("reason", "the pages are down")];
    assert_eq!(fixture.act("/letters/stops", &nora, &why).await.status, 303);
    let twice = fixture.act("/letters/stops", &nora, &why).await;
    assert_eq!(twice.status, 303, "{}", twice.body);
    let led = fixture.get(twice.header("location").unwrap(), &nora).await.body;
    assert!(led.contains("You have done this already"), "{led}");
    assert!(!led.contains("value=\"nudge\"") && led.contains("value=\"book\""), "its group holds it: {led}");
    let late = fixture.act("/letters/stops", &dora, &why).await;
    let told = "These letters are stopped already: every form and its reminders.";
    assert!(late.status == 422 && late.body.contains(told), "{}", late.body);
    let today = fixture.get("/", &dora).await.body;
    assert!(today.contains("Letters are stopped since") && today.contains("every form and its reminders"));
    assert!(fixture.get("/tasks?kind=letters-stopped", &dora).await.body.contains("Letters of a kind"));
    let page = fixture.get("/letters/stops", &dora).await.body;
    assert!(page.contains("the pages are down") && page.contains("nora"), "{page}");
    assert!(!page.contains("Start again:"), "a doctor who did not stop it cannot start it: {page}");

    let back = [("act", "start"), ("kind", "checklists")];
    assert_eq!(fixture.act("/letters/stops", &dora, &back).await.status, 422);
    assert_eq!(fixture.act("/letters/stops", &lena, &back).await.status, 303);
    let page = fixture.get("/letters/stops", &lena).await.body;
    assert!(page.contains("Nothing is stopped.") && page.contains("the pages are down"), "{page}");
    assert!(!fixture.get("/", &dora).await.body.contains("Letters are stopped since"));

    // Whoever stopped a kind may start it again herself.
    let why = [("act", "stop"), ("kind", "nudge"), ("reason", "a slip")];
    assert_eq!(fixture.act("/letters/stops", &nora, &why).await.status, 303);
    let back = [("act", "start"), ("kind", "nudge")];
    assert_eq!(fixture.act("/letters/stops", &nora, &back).await.status, 303);
    for word in ["staff-alert", "go-now", "no-such-letter"] {
        let why = [("act", "stop"), ("kind", word), ("reason", "x")];
        assert_eq!(fixture.act("/letters/stops", &lena, &why).await.status, 422, "{word}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_letters_about_visits_are_stopped_no_page_promises_one() {
    let fixture = Fixture::open().await;
    bookings::import(&fixture, 1).await;
    let nora = fixture.sign_in("nora").await;
    let book = [("act", "book"), ("on", "2026-03-02"), ("at", "09:30"), ("series", ""), ("tell", "yes")];
    let look = [&book[..], &[("look", "yes")]].concat();
    let check = fixture.act("/patients/M-001", &nora, &look).await.body;
    assert!(check.contains("at the next open hour"), "{check}");
    let why = [("act", "stop"), ("kind", "visits"), ("reason", "the pages are down")];
    assert_eq!(fixture.act("/letters/stops", &nora, &why).await.status, 303);
    let check = fixture.act("/patients/M-001", &nora, &look).await.body;
    assert!(!check.contains("at the next open hour"), "{check}");
    assert!(check.contains("Letters are stopped since") && check.contains("Ring her."), "{check}");
    assert!(check.contains("letters of this kind are stopped: it waits"), "{check}");
    let saved = fixture.act("/patients/M-001", &nora, &book).await;
    let there = saved.header("location").unwrap_or_default();
    assert!(there.starts_with("/patients/M-001?saved=date-untold."), "{there}");
    assert!(fixture.get(there, &nora).await.body.contains("the letter about it waits"));
}
