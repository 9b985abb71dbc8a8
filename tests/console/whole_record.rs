//! Everything that is kept about one patient, printed or taken along: noted, and not for everybody.

use serde_json::Value;

use crate::fixture::{CODE, Fixture, NAME};

fn path() -> String {
    format!("/export/{CODE}")
}

#[tokio::test(flavor = "multi_thread")]
async fn her_whole_record_is_printed_and_it_is_noted_who_did_it_and_why() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    fixture.act("/alerts/1/acknowledge", &nurse, &[]).await;
    let note =
        [("kind", "spoke-with-her"), ("log_note", "Walks worse since Monday."), ("to", ""), ("again", "")];
    assert_eq!(fixture.act("/alerts/1/contact", &nurse, &note).await.status, 303);

    let before = fixture.rows();
    let first = fixture.get(&path(), &nurse).await.body;
    assert!(first.contains("Calls and notes") && first.contains("Forms she answered"), "{first}");
    assert_eq!(fixture.rows(), before, "looking at what there is gives nothing out");
    let unsaid = fixture.act(&path(), &nurse, &[("as", "json")]).await;
    assert_eq!(unsaid.status, 422);
    assert!(
        unsaid.body.contains("Choose why it is given out.") && unsaid.body.contains("value=\"json\" checked")
    );

    let page = fixture.act(&path(), &nurse, &[("why", "treatment"), ("as", "print")]).await;
    assert_eq!(page.status, 200);
    for words in
        [NAME, "What she answered", "Walks worse since Monday.", "Alert 1", "Follow-up visit", "Letters"]
    {
        assert!(page.body.to_lowercase().contains(&words.to_lowercase()), "{words}\n{}", page.body);
    }
    assert!(!page.body.contains("spine-check<") && !page.body.contains("{&quot;"), "{}", page.body);
    let lead = fixture.sign_in("lena").await;
    let audit = fixture.get(&format!("/audit?code={CODE}&what=patient.exported"), &lead).await.body;
    assert!(audit.contains("record printed or taken along") && audit.contains("nora"), "{audit}");
    assert!(audit.contains("treatment") && !audit.contains("Walks worse"), "{audit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_holds_everything_and_its_name_tells_nobody_whose_it_is() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    let file = fixture.act(&path(), &nurse, &[("why", "asked"), ("as", "json")]).await;
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"record.json\""));
    let record: Value = serde_json::from_str(&file.body).unwrap();
    assert_eq!(record["patient"]["preferred_name"], NAME);
    assert_eq!(record["answers"][0]["answers"]["SP08"], "new");
    assert_eq!(record["alerts"][0]["state"], "raised");
    assert!(!record["follow_ups"].as_array().unwrap().is_empty());
    let fhir = fixture.act(&path(), &nurse, &[("why", "asked"), ("as", "fhir")]).await;
    let bundle: Value = serde_json::from_str(&fhir.body).unwrap();
    assert_eq!(bundle["entry"][0]["resource"]["resourceType"], "Patient");
    let viewer = fixture.sign_in("vera").await;
    assert_eq!(fixture.get(&path(), &viewer).await.status, 403);
    assert!(!fixture.get(&format!("/patients/{CODE}"), &viewer).await.body.contains("/export/"));
    assert!(fixture.get(&format!("/patients/{CODE}"), &nurse).await.body.contains(&path()));
    assert_eq!(fixture.get("/export/NOBODY", &nurse).await.status, 404);
}
