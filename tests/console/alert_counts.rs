//! What the rules would have raised, as a page: asked for by a form, counted beside it, shown as charts, tables and a file.

use crate::fixture::Fixture;

const PAGE: &str = "/checklists/spine/count";

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_sees_what_the_rules_would_have_raised_and_nothing_is_changed() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let (dora, nora) = (fixture.sign_in("dora").await, fixture.sign_in("nora").await);
    let before = fixture.rows();
    let first = fixture.get(PAGE, &dora).await.body;
    assert!(first.contains("Nobody has counted since") && !first.contains("<svg"), "{first}");
    assert!(!fixture.get(PAGE, &nora).await.body.contains("<button>Count</button>"));
    assert_eq!(fixture.act(PAGE, &nora, &[]).await.status, 403);
    let wrong = [("since", "2026-02-01"), ("until", "2026-01-01"), ("schedule", "")];
    let refused = fixture.act(PAGE, &dora, &wrong).await;
    assert!(refused.status == 422 && refused.body.contains("lies before the first"), "{}", refused.body);
    assert!(refused.body.contains("value=\"2026-01-01\""), "what was typed stays: {}", refused.body);

    assert_eq!(
        fixture.act(PAGE, &dora, &[("since", "2026-01-01"), ("until", "2026-02-24")]).await.status,
        303
    );
    let page = fixture.settled(PAGE, &dora).await.1.body;
    assert!(page.contains("1 forms of 1 patients") && page.contains("A rule speaks for 1 of them"), "{page}");
    assert_eq!(page.matches("<svg").count(), 2, "{page}");
    assert!(page.contains("<summary>E1</summary>") && !page.contains("style="), "{page}");
    let file = fixture.get("/checklists/spine/count.csv", &nora).await;
    assert!(file.body.starts_with("month,forms,would_emergency,"), "{}", file.body);
    assert!(file.body.contains("\n2026-02,1,1,0,0,1,1,0,0,0"), "{}", file.body);
    assert_eq!(fixture.rows(), before, "counting writes nothing");
    assert_eq!(fixture.get("/checklists/heart/count", &dora).await.status, 404);
}
