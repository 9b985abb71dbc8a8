//! The checklists as staff read them, and the rules tried on made-up answers.

use aftercare::care::triage::tier::Code;
use aftercare::config::checklists::checklist;

use crate::fixture::Fixture;

/// The form filled in as by somebody who is well, but for these.
fn well_but(changed: &[(&'static str, &'static str)]) -> Vec<(&'static str, String)> {
    let form = checklist::shipped().unwrap().checklist;
    let mut fields: Vec<(&'static str, String)> = Vec::new();
    for part in form.parts() {
        let word = changed.iter().find(|(field, _)| *field == part.field).map(|(_, word)| (*word).to_owned());
        fields.push((part.field.clone().leak(), word.or_else(|| part.kind.mildest()).unwrap_or_default()));
    }
    fields
}

async fn tried(fixture: &Fixture, cookie: &str, fields: &[(&'static str, String)]) -> String {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(field, word)| (*field, word.as_str())).collect();
    let answer = fixture.act("/checklists/spine/try", cookie, &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checklist_shows_every_question_in_every_language_and_when_each_rule_speaks() {
    let fixture = Fixture::open().await;
    let cookie = fixture.sign_in("vera").await;
    let form = checklist::shipped().unwrap();
    let list = fixture.get("/checklists", &cookie).await.body;
    assert!(list.contains("href=\"/checklists/spine\"") && list.contains(&form.checklist.version), "{list}");
    assert!(list.contains("as it ships with the program"), "{list}");
    for (language, wording) in &form.wording {
        let page = fixture.get(&format!("/checklists/spine?language={language}"), &cookie).await.body;
        let page = page.replace("&#x27;", "'").replace("&quot;", "\"");
        for (id, item) in &wording.items {
            assert!(page.contains(&format!("id=\"{id}\"")) && page.contains(&item.ask), "{language} {id}");
        }
        for code in Code::ALL {
            assert!(page.contains(&format!("<strong class=\"code\">{}</strong>", code.word())), "{code:?}");
        }
        assert!(page.contains("signed by Dr Sample (lead)"), "{page}");
    }
    assert_eq!(fixture.get("/checklists/heart", &cookie).await.status, 404);
    assert_eq!(fixture.get("/checklists/heart/try", &cookie).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_says_why_and_what_would_happen_keeps_what_was_chosen_and_stores_nothing() {
    let fixture = Fixture::open().await;
    let cookie = fixture.sign_in("vera").await;
    let form = fixture.get("/checklists/spine/try", &cookie).await.body;
    assert!(form.contains("name=\"SP08\"") && !form.contains("id=\"verdict\""), "{form}");
    let before = fixture.rows();

    let red = tried(&fixture, &cookie, &well_but(&[("SP08", "new")])).await;
    assert!(red.contains("class=\"badge emergency\">emergency</span> the alert rings at once"), "{red}");
    assert!(red.contains("<strong>E1</strong>") && red.contains("What would happen</h3>"), "{red}");
    assert!(red.contains("<li>at once: "), "{red}");
    assert!(red.contains("<option value=\"new\" lang=\"en\" selected>"), "{red}");
    let words = fixture.engine.clinic.care.contacts.clone();
    assert!(words.iter().all(|one| red.contains(&one.name)), "everybody on the ladder is told in the end");

    let well = tried(&fixture, &cookie, &well_but(&[])).await;
    assert!(well.contains("badge routine") && well.contains("No rule speaks."), "{well}");
    assert!(well.contains("No alert is raised."), "{well}");

    let mut known = well_but(&[("SP08", "same")]);
    assert!(tried(&fixture, &cookie, &known).await.contains("<strong>U9</strong>"));
    known.push(("known.SP08", "yes".to_owned()));
    let page = tried(&fixture, &cookie, &known).await;
    assert!(
        !page.contains("<strong>U9</strong>") && page.contains("name=\"known.SP08\" value=\"yes\" checked")
    );

    let mut lifted = well_but(&[("SP14", "yes")]);
    assert!(tried(&fixture, &cookie, &lifted).await.contains("badge soon\">soon"));
    lifted.push(("bone", "yes".to_owned()));
    let page = tried(&fixture, &cookie, &lifted).await;
    assert!(page.contains("badge urgent\">urgent") && page.contains("<strong>K1</strong>"), "{page}");

    let odd = fixture.act("/checklists/spine/try", &cookie, &[("SP08", "maybe"), ("SP14", "yes")]).await;
    assert_eq!(odd.status, 422);
    assert!(odd.body.contains("Nothing was judged") && odd.body.contains("href=\"#SP08\""), "{}", odd.body);
    assert!(odd.body.contains("<option value=\"yes\" lang=\"en\" selected>"), "{}", odd.body);
    assert_eq!(fixture.rows(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_reads_as_the_form_that_really_came_back() {
    let fixture = Fixture::open().await;
    let answers = [("SP08", "unsure"), ("SP01", "new"), ("SP03", "8"), ("SP14", "yes")];
    let (patient, _) = fixture.worried(&answers).await;
    let stored = fixture.engine.clinic.store.read(|view| view.responses_of(patient)).unwrap().remove(0);
    let cookie = fixture.sign_in("nora").await;
    let fields: Vec<_> = answers.iter().map(|(field, word)| (*field, (*word).to_owned())).collect();
    let page = tried(&fixture, &cookie, &fields).await;
    assert!(page.contains(&format!("class=\"badge {0}\">{0}</span>", stored.tier.unwrap().word())), "{page}");
    for code in Code::ALL {
        let told = page.contains(&format!("<li><strong>{}</strong>", code.word()));
        assert_eq!(told, stored.reasons.contains(&code), "{code:?}");
    }
}
