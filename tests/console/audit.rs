//! The audit on screen: found by who, what, about whom and when; checked along its whole chain beside the pages.

use std::time::Duration;

use aftercare::store::audit_action::AuditAction;
use aftercare::store::db::transaction::Stamp;

use crate::fixture::{CODE, Fixture, NAME, now};

/// The page once the walk along the chain is over.
pub(crate) async fn checked(fixture: &Fixture, cookie: &str) -> String {
    for _ in 0..500 {
        let page = fixture.get("/audit?watch=yes", cookie).await.body;
        if !page.contains("http-equiv=\"refresh\"") {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the walk did not end");
}

/// The lines of the list.
fn lines(page: &str) -> Vec<&str> {
    let list = page.split("<ol class=\"rows audit\">").nth(1).unwrap_or_default();
    list.split("</ol>").next().unwrap_or_default().split("<li><span").skip(1).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_finds_what_a_colleague_did_about_one_patient_in_human_words() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let (nurse, lead) = (fixture.sign_in("nora").await, fixture.sign_in("lena").await);
    assert_eq!(fixture.act("/alerts/1/acknowledge", &nurse, &[]).await.status, 303);

    let whole = fixture.get("/audit", &lead).await.body;
    assert!(lines(&whole).len() > 5, "{whole}");
    let hers = fixture.get(&format!("/audit?code={CODE}&what=alerts"), &lead).await.body;
    assert!(lines(&hers).iter().all(|line| line.contains("alert")), "{hers}");
    assert!(hers.contains("alert raised") && hers.contains("alert taken on"), "{hers}");
    assert!(hers.contains("<option value=\"alerts\" selected>Alerts: all"), "what was asked stays: {hers}");
    let by = fixture.get("/audit?by=staff:nora&what=alert.acknowledged", &lead).await.body;
    assert_eq!(lines(&by).len(), 1, "{by}");
    assert!(lines(&by)[0].contains("alert taken on") && lines(&by)[0].contains("nora"), "{by}");
    let account = fixture.get("/audit?account=nora", &lead).await.body;
    assert!(account.contains("account nora") && !account.contains("alert taken on</strong>"), "{account}");
    for day in ["from=2026-02-25", "until=2026-02-23"] {
        let none = fixture.get(&format!("/audit?{day}&what=alerts"), &lead).await.body;
        assert!(none.contains("No entry fits."), "{day}: {none}");
    }
    for page in [&whole, &hers, &by] {
        assert!(
            !page.contains("{&quot;") && !page.contains("alert.raised<") && !page.contains(NAME),
            "{page}"
        );
    }
    assert_eq!(fixture.get("/audit", &nurse).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_looked_for_is_told_beside_its_field() {
    let fixture = Fixture::open().await;
    let lead = fixture.sign_in("lena").await;
    for (ask, told) in [
        ("code=NOBODY", "No patient has that case code."),
        ("from=yesterday", "Write the day as year-month-day"),
        ("setting=ladder&account=nora", "Choose one: a patient, a setting or an account."),
    ] {
        let page = fixture.get(&format!("/audit?{ask}"), &lead).await.body;
        assert!(page.contains(told) && page.contains("aria-invalid"), "{ask}: {page}");
        assert!(lines(&page).is_empty(), "nothing else is shown instead: {page}");
    }
    assert_eq!(fixture.get("/audit?before=999999", &lead).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_audit_is_read_page_by_page() {
    let fixture = Fixture::open().await;
    let many = |tx: &mut aftercare::store::db::transaction::Tx<'_>| {
        (0..120).try_for_each(|_| {
            let subject = aftercare::store::subject::Singleton::Outbox;
            tx.audit(AuditAction::DeliveryClaimed, subject, &serde_json::json!({}))
        })
    };
    fixture.engine.clinic.store.write(Stamp::daemon(now()), many).await.unwrap();
    let lead = fixture.sign_in("lena").await;
    let (mut path, mut seen) = ("/audit?what=delivery.claimed".to_owned(), 0);
    loop {
        let page = fixture.get(&path, &lead).await.body;
        assert!(lines(&page).len() <= 50);
        seen += lines(&page).len();
        let Some(older) = page.split("\">Older</a>").next().filter(|_| page.contains(">Older</a>")) else {
            break;
        };
        path = older.rsplit("href=\"").next().unwrap().replace("&amp;", "&");
    }
    assert_eq!(seen, 120);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_chain_is_checked_on_screen_and_the_first_broken_entry_is_named() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let lead = fixture.sign_in("lena").await;
    let first = fixture.get("/audit", &lead).await.body;
    assert!(first.contains(">Check all ") && !first.contains("The chain holds"), "{first}");
    assert_eq!(fixture.act("/audit/check", &lead, &[]).await.status, 303);
    let page = checked(&fixture, &lead).await;
    assert!(page.contains("The chain holds: ") && page.contains("unbroken since 24 Feb 2026"), "{page}");
    assert!(page.contains("Checked for lena on 24 Feb 2026"), "{page}");

    let alter = "DROP TRIGGER audit_event_stays; UPDATE audit_event SET detail = '{}' || ' ' WHERE id = 3";
    let sql = rusqlite::Connection::open(fixture.engine.clinic.store.path()).unwrap();
    sql.execute_batch(alter).unwrap();
    assert_eq!(fixture.act("/audit/check", &lead, &[]).await.status, 303);
    let page = checked(&fixture, &lead).await;
    assert!(
        page.contains("The chain does not hold:") && page.contains("audit event 3 was altered"),
        "{page}"
    );
    assert!(page.contains("the first that does not is entry 3"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_is_being_typed_is_not_wiped_by_a_check_that_runs() {
    let fixture = Fixture::open().await;
    let lead = fixture.sign_in("lena").await;
    let begun = fixture.act("/audit/check", &lead, &[]).await;
    assert_eq!(begun.header("location"), Some("/audit?watch=yes#check"));
    let entries = fixture.get("/audit", &lead).await.body;
    assert!(entries.contains("Look for") && !entries.contains("http-equiv=\"refresh\""), "{entries}");
    let watched = fixture.get("/audit?watch=yes", &lead).await.body;
    assert_ne!(watched.contains("Look for"), watched.contains("http-equiv=\"refresh\""), "{watched}");
}
