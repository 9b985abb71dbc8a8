//! A form that comes when its session is over, or from another session, says that nothing was saved and gives back what was typed.

use crate::fixture::Fixture;
use crate::http::{Answer, form, send};

/// A page in somebody's browser, and the session it was opened in.
struct OpenPage<'p> {
    fixture: &'p Fixture,
    page: &'p str,
    cookie: &'p str,
    mark: &'p str,
}

impl OpenPage<'_> {
    /// Sends a form of it as the browser does.
    async fn sent(&self, line: &str, typed: &[(&str, &str)]) -> Answer {
        let fields: Vec<(&str, &str)> = typed.iter().copied().chain([("mark", self.mark)]).collect();
        let (host, page) = (self.fixture.host(), format!("http://{}{}", self.fixture.host(), self.page));
        let headers = [
            ("Host", host.as_str()),
            ("Cookie", self.cookie),
            ("Sec-Fetch-Site", "same-origin"),
            ("Referer", page.as_str()),
        ];
        send(self.fixture.at, &format!("POST {line}"), &headers, &form(&fields)).await
    }
}

const NOTE: &str = "Rang 40 min: <numb> since Monday,\nMRI agreed";

const SHOWN: &str = "Rang 40 min: &lt;numb&gt; since Monday,\nMRI agreed</textarea>";

#[tokio::test]
async fn a_note_sent_after_half_an_hour_on_the_telephone_is_not_saved_and_not_lost() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let cookie = fixture.sign_in("nora").await;
    let mark = fixture.get("/alerts/1", &cookie).await.csrf_token();
    fixture.pass_time(31);
    let before = fixture.rows();
    let typed =
        [("kind", "spoke-with-her"), ("then", "call"), ("log_note", NOTE), ("password", "not to be seen")];
    let answer = OpenPage { page: "/alerts/1", fixture: &fixture, cookie: &cookie, mark: &mark }
        .sent("/alerts/1/contact", &typed)
        .await;
    assert_eq!((answer.status, answer.header("location")), (401, None), "{}", answer.body);
    assert!(answer.body.contains("<h1>Nothing was saved</h1>"), "{}", answer.body);
    assert!(
        answer.body.contains(SHOWN) && answer.body.contains("/sign-in?to=/alerts/1\""),
        "{}",
        answer.body
    );
    assert!(!answer.body.contains("not to be seen") && !answer.body.contains(&mark), "{}", answer.body);
    // What was chosen stands in the words of the list; a button was not typed.
    let is_said =
        answer.body.contains(">Spoke with her</textarea>") && !answer.body.contains("spoke-with-her");
    assert!(is_said && !answer.body.contains(">call</textarea>"), "{}", answer.body);
    assert_eq!(fixture.rows(), before);

    // From a page that was itself the answer to a form, and cannot be opened.
    let again = OpenPage { page: "/alerts/1/contact", fixture: &fixture, cookie: &cookie, mark: &mark }
        .sent("/alerts/1/contact", &typed)
        .await;
    assert!(again.body.contains("/sign-in?to=/alerts/1\""), "{}", again.body);
    // A button with nothing typed says so too.
    let take = OpenPage { page: "/", fixture: &fixture, cookie: &cookie, mark: &mark }
        .sent("/alerts/1/acknowledge", &[])
        .await;
    assert!(take.status == 401 && take.body.contains("Nothing was saved"), "{}", take.body);
}

#[tokio::test]
async fn a_form_from_before_a_new_sign_in_gives_back_what_was_typed() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let old = fixture.sign_in("nora").await;
    let mark = fixture.get("/alerts/1", &old).await.csrf_token();
    fixture.pass_time(1);
    let cookie = fixture.sign_in("nora").await;
    let answer = OpenPage { page: "/alerts/1", fixture: &fixture, cookie: &cookie, mark: &mark }
        .sent("/alerts/1/contact", &[("log_note", NOTE)])
        .await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("Nothing was saved") && answer.body.contains(SHOWN), "{}", answer.body);
    assert!(answer.body.contains("href=\"/alerts/1\""), "{}", answer.body);
}

#[tokio::test]
async fn nothing_that_another_site_sends_is_shown_and_nobody_is_led_away() {
    let fixture = Fixture::open().await;
    let host = fixture.host();
    let fields = form(&[("note", "ring 555 at once")]);
    let foreign =
        [("Host", host.as_str()), ("Sec-Fetch-Site", "cross-site"), ("Referer", "https://evil.example/x")];
    let answer = send(fixture.at, "POST /alerts/1/contact", &foreign, &fields).await;
    assert_eq!(answer.status, 401);
    assert!(!answer.body.contains("ring 555") && !answer.body.contains("evil"), "{}", answer.body);
    let secrets = [("password", "an old password"), ("new", "a new password"), ("again", "a new password")];
    let own = OpenPage { page: "/account", fixture: &fixture, cookie: "", mark: "" }
        .sent("/account", &secrets)
        .await;
    assert!(own.status == 401 && !own.body.contains("a new password"), "{}", own.body);
}
