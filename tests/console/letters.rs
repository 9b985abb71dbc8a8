//! The letter shown is the letter that left, and before it leaves, the one that will leave.

use std::sync::Arc;

use aftercare::care::patient::PatientId;
use aftercare::journey::delivery::deliver::deliver;
use aftercare::journey::delivery::post::Post;
use aftercare::journey::plan::fall_due::fall_due;
use aftercare::mail::spool::{Durability, Spool};
use aftercare::store::answers::links::LinkPurpose;
use aftercare::store::mail::delivery::Delivery;

use crate::fixture::{Fixture, now};

/// Her letters that wait two months on.
async fn waiting(fixture: &Fixture, patient: PatientId) -> Vec<Delivery> {
    let clinic = &fixture.engine.clinic;
    let post = &fixture.engine.post;
    post.watch.look(clinic, &*post.clock).await.unwrap();
    fixture.pass_time(60 * 24 * 60);
    fall_due(clinic, post.watch.glance(&*post.clock).sure().unwrap()).await.unwrap();
    clinic.store.read(|view| view.letters_waiting(patient)).unwrap()
}

/// What stands in the page as the text of the letter.
fn text(page: &str) -> &str {
    let from = page.find("<pre").and_then(|at| page[at..].find('>').map(|end| at + end + 1)).unwrap();
    &page[from..from + page[from..].find("</pre>").unwrap()]
}

/// What is previewed is what is sent (P11).
#[tokio::test(flavor = "multi_thread")]
async fn the_letter_shown_is_the_one_that_will_leave_and_then_the_one_that_left() {
    let fixture = Fixture::open().await;
    let (patient, _) = fixture.worried(&[("SP08", "same")]).await;
    let letter = waiting(&fixture, patient).await.remove(0);
    let cookie = fixture.sign_in("nora").await;
    let at = format!("/letters/{}", letter.id.0);

    let ahead = fixture.get(&at, &cookie).await.body;
    assert!(ahead.contains("It will leave on") && ahead.contains("if nothing changes"), "{ahead}");
    assert!(ahead.contains("Zoraida") && ahead.contains("zoraida@mail.example"), "{ahead}");
    assert!(text(&ahead).contains("/c/…"), "she is asked to open a page, and so it stands here: {ahead}");

    // It waits for Monday.
    fixture.pass_time(2 * 24 * 60);
    let cookie = fixture.sign_in("nora").await;
    let dir = tempfile::tempdir().unwrap();
    let courier = Arc::new(Spool::new(dir.path(), Durability::Relaxed));
    deliver(&fixture.engine.clinic, &Post { courier, ..fixture.engine.post.clone() }).await.unwrap();
    let sent = fixture.get(&at, &cookie).await.body;
    assert!(
        sent.contains("This is the letter that left") && sent.contains("The mail server took it"),
        "{sent}"
    );
    assert_eq!(text(&sent), text(&ahead), "nothing changed between");

    let part = fixture.get(&format!("{at}/html"), &cookie).await;
    let policy = part.header("content-security-policy").unwrap();
    assert!(policy.contains("sandbox") && policy.contains("default-src 'none'"), "{policy}");
    assert_eq!(part.header("x-frame-options"), Some("SAMEORIGIN"));
    assert!(part.body.contains("/c/…") && !part.body.contains("<script"), "{}", part.body);
    let key = &fixture.engine.clinic.key;
    for purpose in [LinkPurpose::Changed, LinkPurpose::OptOut] {
        let secret = key.token(patient, purpose, 0);
        assert!([&ahead, &sent, &part.body].iter().all(|page| !page.contains(&secret)), "{purpose:?}");
    }

    // Other bytes than left are not shown as hers.
    let other = rusqlite::Connection::open(fixture.engine.clinic.store.path()).unwrap();
    other.execute("UPDATE delivery SET digest = x'00' WHERE id = ?1", [letter.id.0]).unwrap();
    let page = fixture.get(&at, &cookie).await.body;
    assert!(page.contains("differs from what was sent") && !page.contains("<pre"), "{page}");
    assert_eq!(fixture.get(&format!("{at}/html"), &cookie).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_whose_kind_is_stopped_says_so_and_not_when_it_leaves() {
    let fixture = Fixture::open().await;
    let (patient, _) = fixture.worried(&[("SP08", "same")]).await;
    let letter = waiting(&fixture, patient).await.remove(0);
    let at = format!("/letters/{}", letter.id.0);
    let (nora, clinic) = (fixture.sign_in("nora").await, &fixture.engine.clinic);
    for kind in ["checklists", "visits"] {
        let fields = [("act", "stop"), ("kind", kind), ("reason", "the pages are down")];
        assert_eq!(fixture.act("/letters/stops", &nora, &fields).await.status, 303);
    }
    // It has not been looked at yet: it waits for its time, and will not leave then.
    let page = fixture.get(&at, &nora).await.body;
    assert!(page.contains("It will not leave as things stand: letters of its kind are stopped."), "{page}");
    assert!(!page.contains("It will leave on"), "{page}");

    // It waits for Monday.
    fixture.pass_time(2 * 24 * 60);
    let nora = fixture.sign_in("nora").await;
    deliver(clinic, &fixture.engine.post).await.unwrap();
    let page = fixture.get(&at, &nora).await.body;
    assert!(page.contains("It waits until letters of its kind are started again, under Letters."), "{page}");
    assert!(!page.contains("It waits for its time") && !page.contains("It will leave on"), "{page}");
    let ledger = fixture.get("/ledger", &nora).await.body;
    assert!(ledger.contains("letters of its kind are stopped"), "{ledger}");
    assert!(ledger.contains("Day and hour") && ledger.contains("How it stands"), "{ledger}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_goes_back_as_far_as_it_is_asked_to_and_says_from_when_on_it_looked() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "same")]).await;
    fixture.refused_letter(now(), "550 no such user");
    fixture.pass_time(40 * 24 * 60);
    let nora = fixture.sign_in("nora").await;
    let month = fixture.get("/ledger?state=failed", &nora).await.body;
    assert!(month.contains("No letters fit since") && month.contains("state=failed&amp;since=\""), "{month}");
    for all in ["?state=failed&since=", "?code=C-100&state=failed", "?state=failed&since=2024-01-01"] {
        let found = fixture.get(&format!("/ledger{all}"), &nora).await.body;
        assert!(found.contains("/patients/C-100") && !found.contains("No letters fit"), "{all}: {found}");
    }
    let wrong = fixture.get("/ledger?since=yesterday", &nora).await.body;
    assert!(wrong.contains("Write the day as year-month-day") && wrong.contains("aria-invalid"), "{wrong}");
}
