//! Who takes an answer back before she sends the form off is read all the same: what she said first, what it is now, and when.

use aftercare::care::triage::case::FormStage;
use aftercare::journey::answers::respond::{SentPage, respond};
use aftercare::store::answers::links::LinkPurpose;

use crate::fixture::{Fixture, now, sent};

#[tokio::test]
async fn an_answer_that_was_taken_back_stands_first_with_its_time_on_alert_and_form() {
    let fixture = Fixture::open().await;
    let (patient, alert) = fixture.worried(&[("SP08", "new")]).await;
    let clinic = &fixture.engine.clinic;
    let token = clinic.key.token(patient, LinkPurpose::Changed, 0);
    let page = |answer| sent(&token, "another-nonce-of-sixteen", &[("SP13", answer), ("SP12", "no")]);
    respond(clinic, now(), SentPage { stage: FormStage::Saved, ..page("new") }).await.unwrap();
    let unchanged =
        fixture.get(&format!("/alerts/{alert}", alert = alert.0), &fixture.sign_in("nora").await).await;
    assert!(!unchanged.body.contains("Changed before the form was sent off"), "{}", unchanged.body);
    respond(clinic, now(), page("no")).await.unwrap();
    let all = clinic.store.read(|view| view.responses_of(patient)).unwrap();
    let form = all.iter().map(|response| response.id).max().unwrap();
    let cookie = fixture.sign_in("lena").await;
    for path in [format!("/alerts/{}", alert.0), format!("/answers/{}", form.0)] {
        let shown = fixture.get(&path, &cookie).await.body;
        let (_, changed) =
            shown.split_once("Changed before the form was sent off").unwrap_or_else(|| panic!("{shown}"));
        let (changed, _) = changed.split_once("</ul>").unwrap();
        for words in
            ["SP13", "Do you have trouble holding your poop", "new or worse", "10:00", "then changed to No"]
        {
            assert!(changed.contains(words), "{words}\n{changed}");
        }
        assert!(!changed.contains("SP12"), "{changed}");
    }
}
