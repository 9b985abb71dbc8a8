//! A protocol is written, looked at, published with a second person's signature, and patients move: nothing changes for anybody
//! before, and nobody overwrites a colleague.

use aftercare::care::time::clock_trust::{ClockEvidence, judge};
use aftercare::journey::protocols::carry_out::carry_out;
use aftercare::store::plan::follow_ups::Enrolment;

use crate::fixture::{CODE, Fixture, now};

/// The text of draft 1 with other words in it, and its revision.
pub(crate) fn changed(fixture: &Fixture, old: &str, new: &str) -> (String, String) {
    let draft = fixture.engine.clinic.store.read(|view| view.drafts_open()).unwrap().remove(0);
    assert!(draft.text.content.contains(old), "{}", draft.text.content);
    (draft.text.content.replace(old, new), draft.revision.to_string())
}

/// A draft begun from a protocol that ships; where it stands.
pub(crate) async fn begun(fixture: &Fixture, lead: &str, protocol: &str) -> String {
    let version = fixture.engine.published[protocol].0.0.to_string();
    let begin = [("begin", "version"), ("version", version.as_str())];
    let answer = fixture.act("/protocols/drafts", lead, &begin).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.header("location").unwrap().to_owned()
}

/// What the daemon does at its next look.
async fn pass(fixture: &Fixture) -> usize {
    let sure = judge(&ClockEvidence::none_against(now())).sure().unwrap();
    carry_out(&fixture.engine.clinic, sure).await.unwrap()
}

fn enrolment(fixture: &Fixture) -> Enrolment {
    let all = fixture.engine.clinic.store.read(|view| view.enrolled_on("sgo2017-high")).unwrap();
    assert_eq!(all.len(), 1);
    all[0].enrolment.clone()
}

#[tokio::test]
async fn a_draft_shows_its_five_years_and_its_faults() {
    let fixture = Fixture::open().await;
    let lead = fixture.sign_in("lena").await;
    assert!(fixture.get("/protocols/drafts", &lead).await.body.contains("What do you want to begin with?"));
    assert_eq!(begun(&fixture, &lead, "sgo2017-high").await, "/protocols/drafts/1");
    let page = fixture.get("/protocols/drafts/1?anchor=2026-01-31", &lead).await.body;
    assert!(
        page.contains("<svg") && page.contains("Letters at most") && page.contains("Publish it"),
        "{page}"
    );

    let (text, revision) =
        changed(&fixture, "every = \"3m\" }, { after = \"24m\"", "every = \"0m\" }, { after = \"24m\"");
    let save = [("text", text.as_str()), ("revision", revision.as_str())];
    assert_eq!(fixture.act("/protocols/drafts/1/text", &lead, &save).await.status, 303);
    let page = fixture.get("/protocols/drafts/1", &lead).await.body;
    assert!(page.contains("cannot be &quot;0m&quot;: time must go on") && !page.contains("<svg"), "{page}");
    assert!(!page.contains("Publish it"));
    let page = fixture.get("/protocols/drafts/1/series/0", &lead).await.body;
    assert!(
        page.contains("id=\"phases.0.every-fault\">Cannot be &quot;0m&quot;: time must go on."),
        "{page}"
    );
    assert_eq!(fixture.get("/protocols/drafts/1/publish", &lead).await.status, 422);
    let file = fixture.get("/protocols/drafts/1/file", &lead).await;
    assert_eq!(file.body.trim(), text.trim());
    assert_eq!(file.header("content-disposition").unwrap(), "attachment; filename=\"sgo2017-high.toml\"");
}

#[tokio::test]
async fn a_draft_that_names_what_is_not_there_is_not_published_by_a_form_sent_without_its_page() {
    let fixture = Fixture::open().await;
    let lead = fixture.sign_in("lena").await;
    begun(&fixture, &lead, "sgo2017-high").await;
    let (text, revision) = changed(&fixture, "checklist = \"spine\"", "checklist = \"spinal\"");
    let save = [("text", text.as_str()), ("revision", revision.as_str())];
    assert_eq!(fixture.act("/protocols/drafts/1/text", &lead, &save).await.status, 303);
    let rows = fixture.rows();
    let ask = [("revision", "2"), ("move", "none"), ("on", "")];
    let sent = fixture.act("/protocols/drafts/1/publish", &lead, &ask).await;
    assert_eq!((sent.status, fixture.rows()), (422, rows), "{}", sent.body);
}

#[tokio::test]
async fn whoever_saves_second_is_told_and_keeps_what_was_typed() {
    let fixture = Fixture::open().await;
    let (lead, admin) = (fixture.sign_in("lena").await, fixture.sign_in("adam").await);
    begun(&fixture, &lead, "sgo2017-high").await;
    let (first, revision) = changed(&fixture, "Salani 2017", "Salani 2017, read by Lena");
    let (second, _) = changed(&fixture, "Salani 2017", "Salani 2017, read by Adam");
    let by_lead = [("text", first.as_str()), ("revision", revision.as_str())];
    assert_eq!(fixture.act("/protocols/drafts/1/text", &lead, &by_lead).await.status, 303);
    let by_admin = [("text", second.as_str()), ("revision", revision.as_str())];
    let refused = fixture.act("/protocols/drafts/1/text", &admin, &by_admin).await;
    assert_eq!(refused.status, 409);
    for words in ["Lena has changed this draft meanwhile", "read by Lena", "read by Adam"] {
        assert!(refused.body.contains(words), "{words}: {}", refused.body);
    }
    let details = [("revision", revision.as_str()), ("id", "ours"), ("title", "Typed by Adam")];
    let refused = fixture.act("/protocols/drafts/1/details", &admin, &details).await;
    assert!(refused.status == 409 && refused.body.contains("Typed by Adam"), "{}", refused.body);
    let stands = fixture.get("/protocols/drafts/1/text", &admin).await.body;
    assert!(stands.contains("read by Lena") && !stands.contains("Typed by Adam"));
}

#[tokio::test]
async fn a_series_is_built_with_buttons_alone() {
    let fixture = Fixture::open().await;
    let admin = fixture.sign_in("adam").await;
    let answer = fixture.act("/protocols/drafts", &admin, &[("begin", "nothing")]).await;
    assert_eq!(answer.status, 303);
    let details = [
        ("revision", "1"),
        ("id", "ours"),
        ("title", "Ours"),
        ("source", "Our board, 2026"),
        ("anchor", "surgery"),
    ];
    assert_eq!(fixture.act("/protocols/drafts/1/details", &admin, &details).await.status, 303);
    let mut series = vec![
        ("revision", "2"),
        ("act", "add.phases"),
        ("id", "visit"),
        ("kind", "visit"),
        ("title.en", "Visit"),
        ("title.es", "Visita"),
        ("phases.0.every.n", "3"),
        ("phases.0.every.u", "m"),
        ("phases.0.after.n", "0"),
        ("phases.0.after.u", "m"),
        ("phases.0.until.n", "24"),
        ("phases.0.until.u", "m"),
        ("remind.0.step", "book"),
        ("remind.0.at.n", "28"),
        ("remind.0.at.u", "d"),
        ("remind.0.at.side", "before"),
    ];
    assert_eq!(fixture.act("/protocols/drafts/1/series/0", &admin, &series).await.status, 303);
    let page = fixture.get("/protocols/drafts/1/series/0", &admin).await.body;
    assert!(page.contains("name=\"phases.1.every.n\"") && page.contains("value=\"28\""), "{page}");
    series[0].1 = "3";
    series[1].1 = "save";
    series.extend([
        ("phases.1.every.n", "6"),
        ("phases.1.every.u", "m"),
        ("phases.1.after.n", "24"),
        ("phases.1.after.u", "m"),
    ]);
    assert_eq!(fixture.act("/protocols/drafts/1/series/0", &admin, &series).await.status, 303);
    let page = fixture.get("/protocols/drafts/1", &admin).await.body;
    assert!(
        page.contains("Publish it") && page.contains("every 6 months, from 24 months on, for life"),
        "{page}"
    );
    let text = fixture.engine.clinic.store.read(|view| view.drafts_open()).unwrap().remove(0).text.content;
    assert!(text.contains("{ step = \"book\", at = \"-28d\" }"), "{text}");
}

/// Who is not on the protocol cannot move, and nobody cannot stand beside somebody.
async fn wrong_choices_are_refused(fixture: &Fixture, lead: &str, revision: &str) {
    let wrong = [("revision", revision), ("move", "some"), ("codes", "C-999")];
    let refused = fixture.act("/protocols/drafts/1/publish", lead, &wrong).await;
    assert!(
        refused.status == 422 && refused.body.contains("&quot;C-999&quot; is not on this protocol"),
        "{}",
        refused.body
    );
    // Somebody is ticked, and nobody shall move: one of the two is a slip.
    let both = [("revision", revision), ("move", "none"), ("code", CODE)];
    let refused = fixture.act("/protocols/drafts/1/publish", lead, &both).await;
    assert!(refused.status == 422 && refused.body.contains("Choose one of the two."), "{}", refused.body);
}

#[tokio::test]
async fn patients_move_once_a_second_person_has_signed() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "no")]).await;
    let (lead, doctor) = (fixture.sign_in("lena").await, fixture.sign_in("dora").await);
    begun(&fixture, &lead, "sgo2017-high").await;
    let (text, revision) = changed(
        &fixture,
        "every = \"3m\" }, { after = \"24m\", until = \"60m\", every = \"6m\"",
        "every = \"4m\" }, { after = \"24m\", until = \"60m\", every = \"6m\"",
    );
    let save = [("text", text.as_str()), ("revision", revision.as_str())];
    assert_eq!(fixture.act("/protocols/drafts/1/text", &lead, &save).await.status, 303);
    let before = fixture.rows();
    let page = fixture.get("/protocols/drafts/1/publish", &lead).await.body;
    assert!(page.contains("C-100") && page.contains("Zoraida") && page.contains("letters, drops"), "{page}");
    assert!(!page.contains("moves 0 letters, drops 0"), "{page}");
    assert_eq!(fixture.rows(), before, "looking changes nothing");

    let revision = (revision.parse::<u32>().unwrap() + 1).to_string();
    wrong_choices_are_refused(&fixture, &lead, &revision).await;
    let ask = [("revision", revision.as_str()), ("move", "some"), ("code", CODE)];
    let asked = fixture.act("/protocols/drafts/1/publish", &lead, &ask).await;
    assert_eq!(asked.header("location").unwrap(), "/protocols/publications/1");
    assert_eq!(fixture.act("/protocols/drafts/1/text", &lead, &save).await.status, 409, "it is sealed");

    let page = fixture.get("/protocols/publications/1", &lead).await.body;
    assert!(
        page.contains("a colleague, a doctor or lead, signs it") && !page.contains("Sign and publish"),
        "{page}"
    );
    assert_eq!(fixture.act("/protocols/publications/1/sign", &lead, &[]).await.status, 422);
    assert_eq!(pass(&fixture).await, 0);
    let was = enrolment(&fixture);
    let page = fixture.get("/protocols/publications/1", &doctor).await.body;
    let (who, sign) = (page.find("Who moves").unwrap(), page.find("Sign and publish").unwrap());
    let table = &page[who..sign];
    assert!(table.contains("moves ") || table.contains("drops "), "{table}");
    assert!(table.contains("C-100") && table.contains("Zoraida"), "{table}");
    assert_eq!(fixture.act("/protocols/publications/1/sign", &doctor, &[]).await.status, 303);
    assert_eq!(enrolment(&fixture).version, was.version, "the daemon moves her, not the page");
    assert_eq!(pass(&fixture).await, 1);
    let is = enrolment(&fixture);
    assert_ne!(is.version, was.version);
    let page = fixture.get("/protocols/publications/1", &doctor).await.body;
    assert!(page.contains("1; 1 moved") && page.contains("in force"), "{page}");
    let page = fixture.get(&format!("/protocols/{}", is.version.0), &doctor).await.body;
    assert!(page.contains("dora (doctor)") && page.contains("this clinic"), "{page}");
    let sides = format!("/protocols/compare?a={}&b={}", was.version.0, is.version.0);
    let sides = fixture.get(&sides, &doctor).await.body;
    assert!(
        sides.contains("<mark>every 3 months, until 24 months</mark>")
            && sides.contains("<mark>every 4 months, until 24 months</mark>"),
        "{sides}"
    );
    assert!(fixture.get("/protocols", &lead).await.body.contains("signed by dora (doctor)"));
    assert_eq!(pass(&fixture).await, 0, "nobody moves twice");
    retired(&fixture, &lead, is.version.0).await;
}

/// Looks first, then gives the version to no new patient: it is signed no more.
async fn retired(fixture: &Fixture, lead: &str, version: i64) {
    let (page, retire) = (format!("/protocols/{version}"), format!("/protocols/{version}/retire"));
    assert!(fixture.get(&page, lead).await.body.contains("Sign this version"));
    let look = fixture.get(&retire, lead).await.body;
    assert!(
        look.contains("1 patient is on it and stays on it")
            && look.contains("make a draft from this version"),
        "{look}"
    );
    assert_eq!(fixture.act(&retire, lead, &[]).await.status, 303);
    let page = fixture.get(&page, lead).await.body;
    assert!(
        page.contains("no longer given to new patients") && !page.contains("Sign this version"),
        "{page}"
    );
    let signed = fixture.act(&format!("/protocols/{version}/sign"), lead, &[]).await;
    assert!(
        signed.status == 422 && signed.body.contains("given to no new patient any more"),
        "{}",
        signed.body
    );
}

#[tokio::test]
async fn one_person_is_enough_once_two_have_said_so() {
    let fixture = Fixture::open().await;
    let (lead, doctor) = (fixture.sign_in("lena").await, fixture.sign_in("dora").await);
    let (one, two) = ([("who", "one-person")], [("who", "second-person")]);
    let who = "/protocols/signatories";
    let alone = "signs it in the same step.</p>";
    let list = fixture.get("/protocols", &lead).await.body;
    assert!(
        list.contains("<a class=\"button quiet\" href=\"/protocols/signatories\">Let one doctor"),
        "{list}"
    );
    assert!(fixture.get(who, &lead).await.body.contains("It takes two people"));
    assert_eq!(fixture.act(who, &doctor, &one).await.status, 422, "a lead asks");
    assert_eq!(fixture.act(who, &lead, &one).await.status, 303);
    assert_eq!(fixture.act(who, &lead, &one).await.status, 303, "pressed twice");
    let list = fixture.get("/protocols", &lead).await.body;
    assert!(list.contains("lena asks that one doctor or lead be enough") && !list.contains(alone), "{list}");
    assert!(!list.contains("Agree: one is enough"), "{list}");
    assert!(fixture.get("/protocols", &doctor).await.body.contains("Agree: one is enough"));
    assert_eq!(fixture.act(who, &doctor, &two).await.status, 303, "she may say no");
    assert!(!fixture.get("/protocols", &doctor).await.body.contains("lena asks"));
    let again = [("who", "one-person"), ("again", "yes")];
    assert_eq!(fixture.act(who, &lead, &again).await.status, 303);
    assert_eq!(fixture.act(who, &doctor, &one).await.status, 303);
    assert!(fixture.get("/protocols", &lead).await.body.contains(alone));
    assert_eq!(fixture.act(who, &doctor, &two).await.status, 422, "what counts, a lead ends");
    assert_eq!(fixture.act(who, &lead, &two).await.status, 303);
    assert!(!fixture.get("/protocols", &lead).await.body.contains(alone));
}

/// A publication of a draft of lena's that waits for a signature.
async fn asked(fixture: &Fixture, lead: &str) {
    begun(fixture, lead, "figo").await;
    let (text, revision) = changed(fixture, "title", "title");
    let save = [("text", &*(text + "\n# ours\n")), ("revision", revision.as_str())];
    fixture.act("/protocols/drafts/1/text", lead, &save).await;
    let ask = [("revision", "2"), ("move", "none"), ("on", "2026-03-01")];
    for _ in 0..2 {
        let asked = fixture.act("/protocols/drafts/1/publish", lead, &ask).await;
        assert!(asked.header("location").unwrap().starts_with("/protocols/publications/1"), "{}", asked.body);
    }
}

#[tokio::test]
async fn whoever_presses_twice_is_told_that_it_is_done_and_a_refusal_leads_back_to_its_page() {
    let fixture = Fixture::open().await;
    let (lead, doctor) = (fixture.sign_in("lena").await, fixture.sign_in("dora").await);
    asked(&fixture, &lead).await;
    let (page, sign) = ("/protocols/publications/1", "/protocols/publications/1/sign");
    assert_eq!(fixture.act(sign, &doctor, &[]).await.status, 303);
    let twice = fixture.act(sign, &doctor, &[]).await;
    assert_eq!(twice.status, 303, "{}", twice.body);
    let led = fixture.get(twice.header("location").unwrap(), &doctor).await.body;
    assert!(
        led.contains("You have done this already") && led.contains("signed; in force on 1 Mar 2026"),
        "{led}"
    );
    let back = [("reason", "the board meets first")];
    for _ in 0..2 {
        let back = fixture.act(&format!("{page}/withdraw"), &lead, &back).await;
        assert_eq!(back.status, 303, "{}", back.body);
    }
    let late = fixture.act(sign, &lead, &[]).await;
    assert_eq!(late.status, 422);
    let told = late.body.contains("This publication is taken back by now.");
    assert!(
        told && late.body.contains("href=\"/protocols/publications/1\">Back to the page"),
        "{}",
        late.body
    );
}

#[tokio::test]
async fn a_draft_is_thrown_away_after_a_look_and_says_what_became_of_it() {
    let fixture = Fixture::open().await;
    let (lead, admin) = (fixture.sign_in("lena").await, fixture.sign_in("adam").await);
    begun(&fixture, &lead, "figo").await;
    let page = fixture.get("/protocols/drafts/1", &admin).await.body;
    assert!(
        page.contains("href=\"/protocols/drafts/1/discard\"")
            && !page.contains("action=\"/protocols/drafts/1/discard")
    );
    let look = fixture.get("/protocols/drafts/1/discard", &admin).await.body;
    assert!(look.contains("by lena; revision 1") && look.contains("Throw the draft figo away?"), "{look}");
    let discard = fixture.act("/protocols/drafts/1/discard", &admin, &[("revision", "1")]).await;
    assert_eq!(discard.status, 303, "{}", discard.body);
    let page = fixture.get("/protocols/drafts/1", &lead).await.body;
    assert!(page.contains("This draft was thrown away.") && !page.contains("side by side"), "{page}");
}

#[tokio::test]
async fn a_publication_waits_for_its_day_and_can_be_taken_back() {
    let fixture = Fixture::open().await;
    let (lead, doctor) = (fixture.sign_in("lena").await, fixture.sign_in("dora").await);
    let alone = [("who", "one-person")];
    assert_eq!(fixture.act("/protocols/signatories", &lead, &alone).await.status, 303);
    assert_eq!(fixture.act("/protocols/signatories", &doctor, &alone).await.status, 303);
    begun(&fixture, &lead, "figo").await;
    let (text, revision) = changed(&fixture, "title", "title");
    let text = text + "\n# ours\n";
    let save = [("text", text.as_str()), ("revision", revision.as_str())];
    fixture.act("/protocols/drafts/1/text", &lead, &save).await;
    let past = [("revision", "2"), ("move", "none"), ("on", "2026-02-23")];
    let refused = fixture.act("/protocols/drafts/1/publish", &lead, &past).await;
    assert!(refused.status == 422 && refused.body.contains("lies in the past"), "{}", refused.body);
    let ask = [("revision", "2"), ("move", "none"), ("on", "2026-03-01")];
    assert_eq!(fixture.act("/protocols/drafts/1/publish", &lead, &ask).await.status, 303);
    let page = fixture.get("/protocols/publications/1", &lead).await.body;
    assert!(page.contains("signed; in force on 1 Mar 2026"), "{page}");
    pass(&fixture).await;
    assert!(fixture.engine.clinic.store.read(|view| view.own_in_force()).unwrap().is_empty());
    let back = [("reason", "the board meets first")];
    assert_eq!(fixture.act("/protocols/publications/1/withdraw", &doctor, &back).await.status, 303);
    let taken_back = fixture.get("/protocols/publications/1", &lead).await.body;
    assert!(
        taken_back.contains("the board meets first") && taken_back.contains("taken back"),
        "{taken_back}"
    );
    assert!(fixture.get("/protocols/drafts/1", &lead).await.body.contains("Publish it"));
}

#[tokio::test]
async fn a_shipped_protocol_is_signed_on_its_page() {
    let fixture = Fixture::open().await;
    let doctor = fixture.sign_in("dora").await;
    let id = fixture.engine.published["nccn"].0.0;
    let page = fixture.get(&format!("/protocols/{id}"), &doctor).await.body;
    assert!(page.contains("Sign this version") && page.contains("shipped"), "{page}");
    assert_eq!(fixture.act(&format!("/protocols/{id}/sign"), &doctor, &[]).await.status, 303);
    let page = fixture.get(&format!("/protocols/{id}"), &doctor).await.body;
    assert!(page.contains("dora (doctor), 24 Feb 2026") && !page.contains("Sign this version"), "{page}");
    let twice = fixture.act(&format!("/protocols/{id}/sign"), &doctor, &[]).await;
    assert!(
        twice.status == 303 && twice.header("location").unwrap().contains("done-already"),
        "{}",
        twice.body
    );
    let list = fixture.get("/protocols", &doctor).await.body;
    assert_eq!(list.matches("not signed by a clinician").count(), 1, "said once");
}
