//! "What if" on a page: asked for by a form, counted in the background, shown as chart, table and file; nothing is changed.

use crate::bookings::import;
use crate::fixture::Fixture;

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_sees_what_a_change_would_ask_for_before_anybody_is_moved() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "same")]).await;
    let cookie = fixture.sign_in("lena").await;
    let before = fixture.rows();
    let first = fixture.get("/what-if", &cookie).await.body;
    assert!(first.contains("nobody is moved") && !first.contains("<svg"), "{first}");

    let half =
        fixture.act("/what-if", &cookie, &[("years", "2"), ("from", "sgo2017-high"), ("to", "")]).await;
    assert_eq!(half.status, 422);
    assert!(half.body.contains("Choose the schedule that would take its place."), "{}", half.body);
    assert!(half.body.contains("<option value=\"2\" selected>"), "what was chosen stays: {}", half.body);

    let fields = [("years", "2"), ("from", "sgo2017-high"), ("to", "bgcs-pifu")];
    assert_eq!(fixture.act("/what-if", &cookie, &fields).await.status, 303);
    let page = fixture.settled("/what-if", &cookie).await.1.body;
    assert!(page.contains("the change would move 1 of them") && page.contains("After the change"), "{page}");
    assert_eq!(page.matches("<svg").count(), 3, "letters, calls, visits: {page}");
    assert!(!page.contains("style="), "the policy allows no inline style: {page}");
    let file = fixture.get("/what-if.csv", &cookie).await;
    assert!(file.header("content-type").unwrap().starts_with("text/csv"));
    assert!(file.body.starts_with("month,letters,calls,visits,letters_then,calls_then,visits_then\n"));
    assert!(file.body.lines().count() > 12, "{}", file.body);
    assert_eq!(fixture.rows(), before, "counting writes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_can_be_ended() {
    let fixture = Fixture::open().await;
    // So many that the count goes on while she looks at the page and ends it.
    import(&fixture, 400).await;
    let cookie = fixture.sign_in("lena").await;
    let ask = [("years", "10"), ("from", ""), ("to", "")];
    assert_eq!(fixture.act("/what-if", &cookie, &ask).await.status, 303);
    assert_eq!(fixture.act("/what-if/end", &cookie, &[]).await.status, 303);
    let page = fixture.settled("/what-if", &cookie).await.1.body;
    assert!(page.contains("The count was ended") && !page.contains("<svg"), "{page}");
    assert_eq!(fixture.get("/what-if.csv", &cookie).await.status, 404, "half a count is no file");
}
