//! What somebody looked at is on record, for leads and administrators to read.

use std::time::Duration;

use crate::fixture::{CODE, Fixture};

/// The list as a lead reads it, once so many looks are on record: they are written beside the page, not before it.
async fn looks(fixture: &Fixture, lead: &str, wanted: usize) -> String {
    for _ in 0..500 {
        let page = fixture.get("/views", lead).await.body;
        if page.matches("<li><span").count() >= wanted {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{wanted} looks are not on record");
}

#[tokio::test]
async fn a_look_at_a_record_is_noted_once_an_hour_with_who_and_what() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let (nurse, lead) = (fixture.sign_in("nora").await, fixture.sign_in("lena").await);
    let before = fixture.rows();
    for path in ["/patients/C-100", "/patients/C-100", "/alerts/1", "/answers/1"] {
        assert_eq!(fixture.get(path, &nurse).await.status, 200, "{path}");
    }
    let page = looks(&fixture, &lead, 3).await;
    assert_eq!(page.matches("<li><span").count(), 3, "{page}");
    for what in ["her page", "an alert about her", "answers of hers", "nora", CODE] {
        assert!(page.contains(what), "{what}: {page}");
    }
    assert_eq!(fixture.rows(), before, "nothing else is written, and no event of the audit");
    fixture.pass_time(60);
    let (nurse, lead) = (fixture.sign_in("nora").await, fixture.sign_in("lena").await);
    fixture.get("/patients/C-100", &nurse).await;
    looks(&fixture, &lead, 4).await;

    let hers = fixture.get("/patients/C-100", &lead).await.body;
    assert!(hers.contains("Who looked at this record") && hers.contains("/views?code=C-100"), "{hers}");
    assert!(!fixture.get("/patients/C-100", &nurse).await.body.contains("Who looked at this record"));
    assert!(fixture.get("/views?by=dora", &lead).await.body.contains("No look is on record for that."));
    assert_eq!(fixture.get("/views", &nurse).await.status, 403);
}
