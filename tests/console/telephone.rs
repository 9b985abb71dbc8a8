//! Whoever must ring her has the number before her eyes, and a refused form loses nothing.

use aftercare::care::patient::PatientId;

use crate::fixture::Fixture;

const PAGE: &str = "/patients/C-100";
const GIVEN: [(&str, &str); 6] = [
    ("act", "contact"),
    ("phone", "(212) 736-5000"),
    ("phone_2", ""),
    ("best_time", "after 5, not <Fridays>"),
    ("other_contact", "Marta, her sister"),
    ("other_phone", "+34 910 555 100"),
];

fn given<'f>(other: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let kept = GIVEN.iter().filter(|(name, _)| !other.iter().any(|(changed, _)| changed == name));
    kept.chain(other).copied().collect()
}

fn dialled(fixture: &Fixture, patient: PatientId) -> Option<String> {
    use aftercare::care::contact::ContactField;
    let found = fixture.engine.clinic.store.read(|view| view.contact(patient)).unwrap();
    found.details.text(ContactField::Phone).map(str::to_owned)
}

#[tokio::test]
async fn her_number_is_saved_on_her_page_and_stands_wherever_somebody_must_ring_her() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    let before = fixture.get("/alerts/1", &nurse).await.body;
    assert!(before.contains("No telephone number on record") && before.contains("/patients/C-100#telephone"));

    let saved = fixture.act(PAGE, &nurse, &given(&[("seen", "0")])).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let to = saved.header("location").unwrap().replace("#main", "");
    assert!(fixture.get(&to, &nurse).await.body.contains("How she is reached is saved."));

    let transferred = [("act", "status"), ("to", "transferred"), ("reason", "moved"), ("sure", "C-100")];
    fixture.act(PAGE, &nurse, &transferred).await;
    let task = fixture.engine.clinic.store.read(|view| view.tasks_open()).unwrap()[0].id;
    for path in [PAGE.to_owned(), "/alerts/1".to_owned(), format!("/tasks/{task}")] {
        let page = fixture.get(&path, &nurse).await.body;
        for words in [
            "<a href=\"tel:+12127365000\">+1 212-736-5000</a>",
            "Marta, her sister",
            "href=\"tel:+34910555100\"",
        ] {
            assert!(page.contains(words), "{path}: {words}\n{page}");
        }
        // Only where it can be changed: while an emergency is open she is rung now.
        assert_eq!(page.contains("after 5, not &lt;Fridays&gt;"), path == PAGE, "{path}: {page}");
    }
}

#[tokio::test]
async fn a_refused_form_keeps_what_was_typed_and_names_the_fault_beside_its_field() {
    let fixture = Fixture::open().await;
    let (patient, _) = fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    let refused = fixture.act(PAGE, &nurse, &given(&[("seen", "0"), ("phone", "212 736 500")])).await;
    assert_eq!((refused.status, dialled(&fixture, patient)), (422, None));
    for words in [
        "<details open><summary>Telephone numbers",
        "value=\"212 736 500\"",
        "aria-describedby=\"fault-phone\"",
        "there is no such number in the numbering plan. Please count its digits",
        "value=\"Marta, her sister\"",
    ] {
        assert!(refused.body.contains(words), "{words}\n{}", refused.body);
    }
    let nobody = fixture.act(PAGE, &nurse, &given(&[("seen", "0"), ("other_contact", "")])).await;
    assert!(nobody.body.contains("This does not say whose it is"), "{}", nobody.body);
}

#[tokio::test]
async fn a_colleague_who_saves_second_is_told_and_loses_nothing() {
    let fixture = Fixture::open().await;
    let (patient, _) = fixture.worried(&[("SP08", "new")]).await;
    let (nurse, doctor) = (fixture.sign_in("nora").await, fixture.sign_in("dora").await);
    assert_eq!(fixture.act(PAGE, &nurse, &given(&[("seen", "0")])).await.status, 303);
    let second = given(&[("seen", "0"), ("phone", "212 736 5001")]);
    let late = fixture.act(PAGE, &doctor, &second).await;
    assert_eq!(late.status, 422);
    assert!(late.body.contains("Somebody else has changed her telephone numbers"), "{}", late.body);
    assert!(late.body.contains("value=\"212 736 5001\"") && late.body.contains("tel:+12127365000"));
    assert_eq!(dialled(&fixture, patient).as_deref(), Some("+12127365000"));
    let again = given(&[("seen", "1"), ("phone", "212 736 5001")]);
    assert_eq!(fixture.act(PAGE, &doctor, &again).await.status, 303);
    assert_eq!(dialled(&fixture, patient).as_deref(), Some("+12127365001"));
}

#[tokio::test]
async fn her_number_stands_in_one_table_and_in_no_letter_alert_call_or_audit_event() {
    let fixture = Fixture::open().await;
    let nurse = fixture.sign_in("nora").await;
    fixture.worried(&[("SP08", "new")]).await;
    fixture.act(PAGE, &nurse, &given(&[("seen", "0")])).await;
    fixture.act("/alerts/1/acknowledge", &nurse, &[]).await;
    fixture.act(PAGE, &nurse, &given(&[("seen", "1"), ("phone", "212 736 5001")])).await;
    let betrays =
        |row: &&String| ["7365000", "7365001", "910555100", "Marta"].iter().any(|s| row.contains(s));
    let rows = fixture.rows();
    let holding: Vec<&String> = rows.iter().filter(betrays).collect();
    assert_eq!(holding.len(), 1, "{holding:?}");
    assert!(holding[0].starts_with("contact: "), "{holding:?}");
    assert!(
        rows.iter().any(|row| row.starts_with("audit_event: ") && row.contains("other_phone")),
        "named, not told"
    );
}

#[tokio::test]
async fn her_consent_to_e_mail_stands_on_her_page_with_who_noted_it_and_when() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    assert!(fixture.get(PAGE, &nurse).await.body.contains("not noted. <a href=\"#telephone\">Note it</a>"));
    let ahead = fixture.act(PAGE, &nurse, &given(&[("seen", "0"), ("mail_consent_on", "2027-01-01")])).await;
    assert!(ahead.status == 422 || ahead.body.contains("lies in the future"), "{}", ahead.body);
    let saved = fixture.act(PAGE, &nurse, &given(&[("seen", "0"), ("mail_consent_on", "2026-02-20")])).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let told = |page: &str| page.contains("given on 20 Feb 2026; noted by nora on");
    let page = fixture.get(PAGE, &nurse).await.body;
    assert!(told(&page), "{page}");
    // Another number later leaves who noted the consent as it is.
    let admin = fixture.sign_in("lena").await;
    let other = [("seen", "1"), ("mail_consent_on", "2026-02-20"), ("phone", "(212) 736-5001")];
    assert_eq!(fixture.act(PAGE, &admin, &given(&other)).await.status, 303);
    assert!(told(&fixture.get(PAGE, &nurse).await.body));
}
