//! A page says what is, in words: no letters that will not leave, the red answer first, no machine words.

use crate::fixture::Fixture;

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
