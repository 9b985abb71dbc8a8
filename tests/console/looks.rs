//! A page says what is, in words: no letters that will not leave, the red answer first, no machine words.

use aftercare::care::task::TaskKind;
use aftercare::journey::errors::step::StepError;
use aftercare::store::db::transaction::{Stamp, Tx};
use aftercare::store::work::tasks::NewTask;

use crate::fixture::{Fixture, now};

#[tokio::test]
async fn a_paused_or_dead_patient_shows_why_nothing_leaves() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let cookie = fixture.sign_in("nora").await;
    assert!(!fixture.get("/patients/C-100", &cookie).await.body.contains("No letter leaves"));
    let pause =
        [("act", "status"), ("to", "paused"), ("reason", "away"), ("until", "2026-04-01"), ("sure", "C-100")];
    assert_eq!(fixture.act("/patients/C-100", &cookie, &pause).await.status, 303);
    let page = fixture.get("/patients/C-100", &cookie).await.body;
    assert!(page.contains("No letter leaves: she is paused until 1 Apr 2026."), "{page}");
    assert!(page.contains("<details><summary>What was planned"), "{page}");
    let died = [("act", "status"), ("to", "deceased"), ("reason", "the family rang"), ("sure", "C-100")];
    assert_eq!(fixture.act("/patients/C-100", &cookie, &died).await.status, 303);
    assert!(fixture.get("/patients/C-100", &cookie).await.body.contains("No letter leaves: she has died."));
}

#[tokio::test]
async fn a_pause_that_ends_on_a_refused_address_says_so_and_asks_no_second_person() {
    let fixture = Fixture::open().await;
    let (patient, _) = fixture.worried(&[("SP08", "new")]).await;
    let cookie = fixture.sign_in("nora").await;
    let status =
        |to: &'static str| [("act", "status"), ("to", to), ("reason", "she rang"), ("sure", "C-100")];
    assert_eq!(fixture.act("/patients/C-100", &cookie, &status("paused")).await.status, 303);
    // As a refusal in the middle of a pause leaves it.
    let refused = move |tx: &mut Tx<'_>| -> Result<bool, StepError> {
        Ok(tx.open_task(&NewTask {
            kind: TaskKind::AddressBad,
            cause: format!("patient/{}/address_bad", patient.0),
            patient: Some(patient),
            follow_up: None,
            reason: "The mail server refused the address for good.".to_owned(),
            due_at: tx.at(),
        })?)
    };
    fixture.engine.clinic.store.write(Stamp::daemon(now()), refused).await.unwrap();
    let saved = fixture.act("/patients/C-100", &cookie, &status("active")).await;
    let page = fixture.get(saved.header("location").unwrap_or_default(), &cookie).await.body;
    assert!(page.contains("the mail server refused her address meanwhile"), "{page}");
    assert!(!page.contains("second person"), "{page}");
}

#[tokio::test]
async fn the_red_answer_comes_first_blanks_are_folded_and_a_contradiction_is_pointed_out() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP11", "new"), ("SP09", "no"), ("SP10", "no"), ("SP10.site", "both-legs")]).await;
    let cookie = fixture.sign_in("nora").await;
    let page = fixture.get("/alerts/1", &cookie).await.body;
    let at = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words}\n{page}"));
    assert!(at("Look at these first") < at(">SP11<") && at(">SP11<") < at(">SP09<"), "{page}");
    assert!(at("Contradiction:") < at(">SP09<"));
    assert!(at("Left blank (") > at(">SP09<") && !page.contains("blank</span> <em>changed"), "{page}");
}

#[tokio::test]
async fn the_audit_speaks_words_and_links() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let cookie = fixture.sign_in("lena").await;
    let page = fixture.get("/audit", &cookie).await.body;
    for words in ["alert raised", "<a href=\"/alerts/1\">alert 1</a>", "<summary>Details"] {
        assert!(page.contains(words), "{words}\n{page}");
    }
    assert!(!page.contains("{&quot;"), "{page}");
    let patient = fixture.get("/patients/C-100", &cookie).await.body;
    assert!(
        patient.contains("<strong>spine checklist</strong>") && !patient.contains(">spine-check<"),
        "{patient}"
    );
}
