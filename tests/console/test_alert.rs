//! A test alert: each step of the ladder proves itself, by the code that its own letter brought.

use aftercare::journey::delivery::deliver::deliver;

use crate::fixture::Fixture;

/// The code that stands in the letter to somebody.
pub(crate) fn code_in(letters: &[String], to: &str) -> String {
    let line = format!("To: {to}");
    let letter = letters.iter().find(|letter| letter.lines().any(|own| own == line));
    let letter = letter.unwrap_or_else(|| panic!("no letter to {to}: {letters:?}"));
    let (_, rest) = letter.split_once("/test-alert/").unwrap();
    rest[..14].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_alert_is_sent_and_each_rung_proves_itself_by_its_code() {
    let fixture = Fixture::open().await;
    let cookie = fixture.sign_in("nora").await;
    assert_eq!(fixture.act("/test-alert", &cookie, &[("act", "send")]).await.status, 303);
    let again = fixture.act("/test-alert", &cookie, &[("act", "send")]).await;
    assert_eq!(again.status, 303, "the same form once more is no failure");
    fixture.pass_time(1);
    let other = fixture.sign_in("nora").await;
    assert_eq!(fixture.act("/test-alert", &other, &[("act", "send")]).await.status, 422, "one has just left");
    assert!(fixture.get("/test-alert", &cookie).await.body.contains("The next test alert can leave at"));
    assert!(fixture.get("/", &cookie).await.body.contains("A test alert waits"));

    // From any account, with nothing in hand, nothing is proved.
    let bare = fixture.act("/test-alert", &cookie, &[("act", "confirm"), ("code", "")]).await;
    assert_eq!(bare.status, 422, "{}", bare.body);
    assert!(bare.body.contains("No test alert of the last seven days has that code"), "{}", bare.body);
    let noted = fixture.act("/test-alert", &cookie, &[("act", "note"), ("note", "nothing came")]).await;
    assert_eq!(noted.status, 303);
    let page = fixture.get("/test-alert", &cookie).await.body;
    assert!(page.contains("nothing came") && page.contains("not proved") && !page.contains("proved until"));

    deliver(&fixture.engine.clinic, &fixture.engine.post).await.unwrap();
    let first = fixture.engine.clinic.care.contacts[0].clone();
    let code = code_in(&fixture.spooled(), first.email.expose());
    let opened = fixture.get(&format!("/test-alert/{code}"), &cookie).await.body;
    assert!(opened.contains(&format!("value=\"{code}\"")) && !opened.contains("proved until"), "{opened}");
    assert_eq!(fixture.act("/test-alert", &cookie, &[("act", "confirm"), ("code", &code)]).await.status, 303);
    let page = fixture.get("/test-alert", &cookie).await.body;
    assert_eq!(page.matches("proved until").count(), 1, "{page}");
    assert!(page.contains("code given by nora"), "{page}");
    let left = fixture.engine.clinic.care.contacts.len() - 1;
    assert_eq!(page.matches("not proved").count(), left, "{page}");
    assert!(!fixture.get("/", &cookie).await.body.contains("A test alert waits"));

    // Whoever looks at the letter of another rung finds no code in it.
    let letter = fixture.engine.clinic.store.read(|v| v.asked_rungs(jiff::Timestamp::MIN)).unwrap()[0].letter;
    let shown = fixture.get(&format!("/letters/{}", letter.0), &cookie).await.body;
    assert!(shown.contains("This is a test") && !shown.contains(&code), "{shown}");
}
