//! Patients in the console: she is found by what the caller says.

use aftercare::journey::errors::step::StepError;
use aftercare::journey::plan::enrol::{Admission, admit};
use aftercare::store::db::transaction::{Stamp, Tx};

use crate::fixture::{CODE, Fixture, NAME, newcomer, now};

#[tokio::test]
async fn a_caller_is_found_by_what_she_says_and_nothing_of_it_stands_in_an_address() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    for typed in ["zor", "27/03/1970", "1970-03-27", "zoraida@mail", "c-10"] {
        let answer = fixture.act("/patients", &nurse, &[("q", typed)]).await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")), "{typed}");
        assert!(answer.body.contains(CODE) && answer.body.contains(NAME), "{typed}: {}", answer.body);
        assert!(answer.body.contains("27 Mar 1970"), "{typed}");
        let links = answer.body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        assert!(links.into_iter().all(|link| !link.to_lowercase().contains("zor")), "{typed}");
    }
    let whole = fixture.act("/patients", &nurse, &[("q", CODE)]).await;
    assert_eq!((whole.status, whole.header("location")), (303, Some("/patients/C-100")));
    let nobody = fixture.act("/patients", &nurse, &[("q", "Nobody")]).await;
    assert!(nobody.body.contains("Nobody fits") && nobody.body.contains("value=\"Nobody\""));
}

#[tokio::test]
async fn the_list_is_narrowed_by_what_is_the_matter_and_by_protocol() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    let is_there = async |path: &str| fixture.get(path, &nurse).await.body.contains(">C-100<");
    assert!(is_there("/patients").await && is_there("/patients?protocol=sgo2017-high").await);
    assert!(!is_there("/patients?show=paused").await && !is_there("/patients?show=silent").await);
    assert!(!is_there("/patients?protocol=nccn").await);
    let pause = [("act", "status"), ("to", "paused"), ("reason", "on holiday"), ("sure", "C-100")];
    assert_eq!(fixture.act("/patients/C-100", &nurse, &pause).await.status, 303);
    assert!(is_there("/patients?show=paused").await && !is_there("/patients?show=active").await);
    let page = fixture.get("/patients", &nurse).await.body;
    for words in [
        "<a href=\"/patients?show=paused\">paused</a> (1)",
        "<a href=\"/patients?show=silent\">silent after every reminder</a> (0)",
        "Higher risk after (chemo)radiation or adjuvant therapy (sgo2017-high): 1</option>",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

const ANA: [(&str, &str); 8] = [
    ("reference", "R-1042"),
    ("name", "Ana"),
    ("birth_date", "1980-05-17"),
    ("email", "ana@mail.example"),
    ("language", "en"),
    ("time_zone", "Europe/Madrid"),
    ("protocol", "sgo2017-high"),
    ("anchor", "2026-01-31"),
];

fn with(fields: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    // What is given last stands: a form holds one text a field.
    let base = ANA.into_iter().filter(|(name, _)| !fields.iter().any(|(own, _)| own == name));
    base.chain(fields.iter().copied()).collect()
}

#[tokio::test]
async fn she_is_enrolled_in_two_steps_and_nothing_is_recorded_by_the_first() {
    let fixture = Fixture::open().await;
    let nurse = fixture.sign_in("nora").await;
    assert_eq!(fixture.get("/enrol", &nurse).await.status, 200);
    let before = fixture.rows();
    let check = fixture.act("/enrol", &nurse, &with(&[("act", "check"), ("add_on", "bone-health")])).await;
    assert_eq!(check.status, 200, "{}", check.body);
    assert!(
        check.body.contains("Nothing is recorded yet") && check.body.contains("2 Apr 2026"),
        "{}",
        check.body
    );
    assert_eq!(fixture.rows(), before);
    let again = fixture.act("/enrol", &nurse, &with(&[("act", "edit")])).await;
    assert!(again.body.contains("value=\"ana@mail.example\""), "{}", again.body);
    let done = fixture.act("/enrol", &nurse, &with(&[("act", "confirm"), ("add_on", "bone-health")])).await;
    let there = done.header("location").unwrap_or_default();
    assert!(done.status == 303 && there.starts_with("/patients/R-1042?saved="), "{there}");
    let page = fixture.get(there, &nurse).await.body;
    assert!(page.contains("She is enrolled."), "{page}");
    assert!(
        page.contains("sgo2017-high from 31 Jan 2026") && page.contains("bone-health from 31 Jan 2026"),
        "{page}"
    );
    let events = fixture.engine.clinic.store.read(|view| view.last_events(50)).unwrap();
    let admitted = events.iter().find(|event| event.action == "patient.admitted").unwrap();
    assert_eq!(admitted.actor, "staff:nora");
}

#[tokio::test]
async fn faults_stand_beside_their_fields_and_what_was_typed_is_kept() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    for (field, word, says) in [
        ("reference", "Ana Gómez", "The case code may hold letters, digits"),
        ("reference", CODE, "is taken"),
        (
            "birth_date",
            "2031-01-01",
            "The date of birth lies in the future. Check it: her pages ask for this date.",
        ),
        ("email", "ana@", "Write one address, or leave it empty."),
        ("email", "zoraida@mail.example", "nother patient uses the same address"),
        ("time_zone", "Europe/Madird", "Did you mean Europe/Madrid?"),
        ("anchor", "1979-01-01", "lies before the birth date"),
        ("anchor", "", "is empty. Give the date the protocol counts from."),
        ("phone", "call me", "The telephone number"),
        ("visit_on", "2026-03-20", "The time of the visit is empty. Give the hour too."),
    ] {
        let answer = fixture.act("/enrol", &nurse, &with(&[(field, word), ("act", "confirm")])).await;
        assert_eq!(answer.status, 422, "{field}={word}: {}", answer.body);
        let body = answer.body.replace("&#x27;", "'");
        assert!(body.contains(says) && body.contains("value=\"Ana\""), "{field}={word}: {body}");
        assert!(!answer.names_a_flag(), "{field}={word}");
    }
    assert_eq!(fixture.get("/patients/R-1042", &nurse).await.status, 404);
}

#[tokio::test]
async fn a_woman_who_is_on_record_already_is_pointed_out() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    let twin = with(&[("name", NAME), ("birth_date", "1970-03-27"), ("act", "check")]);
    let check = fixture.act("/enrol", &nurse, &twin).await;
    assert!(
        check.body.contains("She may be on record already") && check.body.contains("/patients/C-100"),
        "{}",
        check.body
    );
}

const ZORAIDA: [(&str, &str); 6] = [
    ("name", NAME),
    ("birth_date", "1970-03-27"),
    ("email", "zoraida@mail.example"),
    ("language", "es"),
    ("time_zone", "America/New_York"),
    ("detail", "standard"),
];

async fn version(fixture: &Fixture, cookie: &str) -> String {
    fixture.get("/correct/C-100", cookie).await.hidden("version").unwrap()
}

fn corrected<'a>(fields: &[(&'static str, &'a str)]) -> Vec<(&'static str, &'a str)> {
    let base = ZORAIDA.into_iter().filter(|(name, _)| !fields.iter().any(|(own, _)| own == name));
    base.chain(fields.iter().copied()).collect()
}

#[tokio::test]
async fn a_record_is_corrected_after_its_effect_was_shown() {
    let fixture = Fixture::open().await;
    let (patient, _) = fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    let seen = version(&fixture, &nurse).await;
    let moves = [("time_zone", "Europe/Madrid"), ("name", "Zora"), ("version", seen.as_str())];
    let before = fixture.rows();
    let check =
        fixture.act("/correct/C-100", &nurse, &corrected(&[&moves[..], &[("act", "check")]].concat())).await;
    assert_eq!(check.status, 200, "{}", check.body);
    for words in ["Nothing is recorded yet", "America/New_York", "Europe/Madrid", "Would have left", "CEST"] {
        assert!(check.body.contains(words), "{words}: {}", check.body);
    }
    assert_eq!(fixture.rows(), before);
    let done = fixture
        .act("/correct/C-100", &nurse, &corrected(&[&moves[..], &[("act", "confirm")]].concat()))
        .await;
    let there = done.header("location").unwrap_or_default();
    assert!(done.status == 303 && there.starts_with("/patients/C-100?saved="), "{there}");
    assert!(fixture.get(there, &nurse).await.body.contains("Her record is corrected."));
    let now = fixture.engine.clinic.store.read(|view| view.patient(patient)).unwrap();
    assert_eq!((now.zone.as_str(), now.name.expose()), ("Europe/Madrid", "Zora"));
}

#[tokio::test]
async fn what_a_colleague_changed_meanwhile_is_shown_and_not_overwritten() {
    let fixture = Fixture::open().await;
    let (patient, _) = fixture.worried(&[("SP08", "new")]).await;
    let (nurse, doctor) = (fixture.sign_in("nora").await, fixture.sign_in("dora").await);
    let seen = version(&fixture, &nurse).await;
    let opened = fixture.get("/correct/C-100", &nurse).await.body;
    let first = [("email", "new@mail.example"), ("version", seen.as_str()), ("act", "confirm")];
    assert_eq!(fixture.act("/correct/C-100", &doctor, &corrected(&first)).await.status, 303);
    // She typed a name; the address stood in the form as she opened it.
    let had = ZORAIDA.map(|(name, word)| (format!("had_{name}"), word));
    let had: Vec<_> = had.iter().map(|(name, word)| (name.as_str(), *word)).collect();
    let second = [("name", "Zora"), ("version", seen.as_str()), ("act", "confirm")];
    let second = [&corrected(&second)[..], &had[..], &[("had_shared_inbox", "no")]].concat();
    let late = fixture.act("/correct/C-100", &nurse, &second).await;
    assert_eq!(late.status, 409);
    for words in ["Somebody else has changed", "value=\"new@mail.example\"", "You had typed: Zora."] {
        assert!(late.body.contains(words), "{words}: {}", late.body);
    }
    assert_eq!(late.body.matches("You had typed").count(), 1, "{}", late.body);
    assert!(opened.contains("name=\"had_email\" value=\"zoraida@mail.example\""), "{opened}");
    let now = fixture.engine.clinic.store.read(|view| view.patient(patient)).unwrap();
    assert_eq!((now.name.expose(), now.email.unwrap().expose()), (NAME, "new@mail.example"));
}

#[tokio::test]
async fn a_mended_correction_still_stands_on_the_record_that_was_read() {
    let fixture = Fixture::open().await;
    let (patient, _) = fixture.worried(&[("SP08", "new")]).await;
    let (nurse, doctor) = (fixture.sign_in("nora").await, fixture.sign_in("dora").await);
    let seen = version(&fixture, &nurse).await;
    let first = [("email", "new@mail.example"), ("version", seen.as_str()), ("act", "confirm")];
    assert_eq!(fixture.act("/correct/C-100", &doctor, &corrected(&first)).await.status, 303);
    let typo = [("birth_date", "1870-01-01"), ("version", seen.as_str()), ("act", "confirm")];
    let refused = fixture.act("/correct/C-100", &nurse, &corrected(&typo)).await;
    assert_eq!(refused.status, 422);
    let carried = refused.hidden("version");
    let mended = [("name", "Zora"), ("version", carried.as_deref().unwrap()), ("act", "confirm")];
    assert_eq!(fixture.act("/correct/C-100", &nurse, &corrected(&mended)).await.status, 409);
    let now = fixture.engine.clinic.store.read(|view| view.patient(patient)).unwrap();
    assert_eq!((now.name.expose(), now.email.unwrap().expose()), (NAME, "new@mail.example"));
}

#[tokio::test]
async fn a_faulty_correction_keeps_what_was_typed() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    let seen = version(&fixture, &nurse).await;
    for (field, word, says) in [
        ("birth_date", "1870-01-01", "lies before 1900"),
        ("email", "", "The e-mail address on record is not taken away here."),
        ("time_zone", "Mars/Base", "id=\"time_zone-fault\""),
    ] {
        let ask = [(field, word), ("version", seen.as_str()), ("act", "confirm")];
        let answer = fixture.act("/correct/C-100", &nurse, &corrected(&ask)).await;
        assert_eq!(answer.status, 422, "{field}");
        assert!(
            answer.body.contains(says) && answer.body.contains("Nothing was saved"),
            "{field}: {}",
            answer.body
        );
    }
}

const MARTA: [(&str, &str); 6] = [
    ("proxy_name", "Marta"),
    ("proxy_relation", "daughter"),
    ("proxy_email", "marta@mail.example"),
    ("proxy_language", "en"),
    ("proxy_consent_by", "she herself, by phone"),
    ("proxy_consent_on", "2026-02-20"),
];

#[tokio::test]
async fn whoever_acts_for_a_patient_is_recorded_after_its_effect_was_shown_and_ended_with_a_reason() {
    let fixture = Fixture::open().await;
    let (patient, _) = fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    let path = "/proxy/C-100";
    let page = fixture.get(path, &nurse).await;
    assert!(
        page.body.contains("Nobody does now") && page.body.contains("zoraida@mail.example"),
        "{}",
        page.body
    );
    let seen = page.hidden("version").unwrap();
    let act = |what: &'static str| vec![("act", what), ("version", seen.as_str())];
    let hers = [("proxy_email", "Zoraida@mail.example"), ("proxy_consent_on", "2027-01-01")];
    let wrong: Vec<_> =
        MARTA.into_iter().filter(|(name, _)| hers.iter().all(|(own, _)| own != name)).collect();
    let refused = fixture.act(path, &nurse, &[&act("check")[..], &wrong, &hers[..]].concat()).await;
    assert!(refused.status == 422 && refused.body.contains("lies in the future"), "{}", refused.body);
    assert!(refused.body.contains("value=\"Zoraida@mail.example\""), "{}", refused.body);
    let before = fixture.rows();
    let check = fixture.act(path, &nurse, &[&act("check")[..], &MARTA].concat()).await;
    assert_eq!((check.status, fixture.rows()), (200, before));
    for words in ["What this changes", "letters about her go to marta@mail.example", "date of birth first"] {
        assert!(check.body.contains(words), "{words}: {}", check.body);
    }
    let done = fixture.act(path, &nurse, &[&act("confirm")[..], &MARTA].concat()).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let shown = fixture.get(done.header("location").unwrap(), &nurse).await.body;
    assert!(
        shown.contains("<strong>Marta</strong>, who acts for her") && shown.contains("Her own address"),
        "{shown}"
    );
    let now = || fixture.engine.clinic.store.read(|view| view.patient(patient)).unwrap();
    assert_eq!(now().letters_to().map(|to| to.expose().to_owned()).as_deref(), Some("marta@mail.example"));
    // A colleague who saw the page of before is told, and overwrites nothing.
    let late = fixture.act(path, &nurse, &[&act("confirm")[..], &MARTA].concat()).await;
    assert!(late.status == 409 && late.body.contains("meanwhile"), "{}", late.body);
    let seen = fixture.get(path, &nurse).await.hidden("version").unwrap();
    let end = [("act", "end"), ("version", seen.as_str())];
    assert_eq!(fixture.act(path, &nurse, &end).await.status, 422);
    let ended =
        fixture.act(path, &nurse, &[&end[..], &[("reason", "she reads them herself")]].concat()).await;
    assert_eq!(ended.status, 303, "{}", ended.body);
    assert!(now().proxy.is_none());
    let history = fixture.get(path, &nurse).await.body;
    assert!(history.contains("Who did before") && history.contains("she reads them herself"), "{history}");
}

#[tokio::test]
async fn a_patient_is_enrolled_with_whoever_acts_for_her() {
    let fixture = Fixture::open().await;
    let nurse = fixture.sign_in("nora").await;
    let fields = [with(&[("act", "check")]), MARTA.to_vec()].concat();
    let check = fixture.act("/enrol", &nurse, &fields).await;
    assert!(check.body.contains("letters go to marta@mail.example in her place"), "{}", check.body);
    let fields = [with(&[("act", "confirm")]), MARTA.to_vec()].concat();
    let done = fixture.act("/enrol", &nurse, &fields).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let page = fixture.get(done.header("location").unwrap(), &nurse).await.body;
    assert!(page.contains("<strong>Marta</strong>, who acts for her"), "{page}");
}

#[tokio::test]
async fn a_booked_visit_beside_every_window_is_enrolled_only_once_it_is_meant() {
    let fixture = Fixture::open().await;
    let nurse = fixture.sign_in("nora").await;
    let visit = [("act", "check"), ("visit_on", "2026-03-10"), ("visit_at", "10:30")];
    let refused = fixture.act("/enrol", &nurse, &with(&visit)).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    let body = &refused.body;
    assert!(body.contains("due 30 Apr 2026") && body.contains("would take its place"), "{body}");
    let meant = [visit[0], visit[1], visit[2], ("visit_anyway", "yes")];
    let check = fixture.act("/enrol", &nurse, &with(&meant)).await;
    assert_eq!(check.status, 200, "{}", check.body);
    for said in ["It takes its place", "17 May 1980", "from 31 Jan 2026"] {
        assert!(check.body.contains(said), "{said}: {}", check.body);
    }
}

#[tokio::test]
async fn whoever_has_a_code_with_dots_from_before_is_reached_by_every_link_of_the_console() {
    let fixture = Fixture::open().await;
    let admission = Admission {
        newcomer: newcomer("../../E-9", "Eve", "eve@mail.example"),
        courses: Vec::new(),
        waiting: Vec::new(),
        next_visit: None,
    };
    let clinic = fixture.engine.clinic.clone();
    let job =
        move |tx: &mut Tx<'_>| -> Result<(), StepError> { admit(tx, &admission, &clinic.policy).map(drop) };
    fixture.engine.clinic.store.write(Stamp::daemon(now()), job).await.unwrap();
    let nurse = fixture.sign_in("nora").await;
    let list = fixture.get("/patients", &nurse).await.body;
    // A browser takes `..` between slashes, and `%2E%2E`, for a way up; not a part that only holds them.
    let link = "/patients/..%2F..%2FE-9";
    assert!(list.contains(&format!("href=\"{link}\"")), "{list}");
    let page = fixture.get(link, &nurse).await;
    assert!(page.status == 200 && page.body.contains("Eve"), "{} {}", page.status, page.body);
    let plain =
        ["patients", "plan", "story", "proxy", "correct", "export"].map(|part| format!("\"/{part}/../"));
    assert!(plain.iter().all(|link| !page.body.contains(link)), "every link and form: {}", page.body);
    let pause = [("act", "status"), ("to", "paused"), ("reason", "on holiday"), ("sure", "../../E-9")];
    let paused = fixture.act(link, &nurse, &pause).await;
    let there = paused.header("location").unwrap_or_default();
    assert!(paused.status == 303 && there.starts_with(&format!("{link}?saved=")), "{there} {}", paused.body);
    assert_eq!(fixture.get(there, &nurse).await.status, 200);
    let refused =
        fixture.act("/enrol", &nurse, &with(&[("reference", "../../E-10"), ("act", "check")])).await;
    assert!(
        refused.body.contains("may have no part that is empty, . or .. between its slashes"),
        "{}",
        refused.body
    );
}

#[tokio::test]
async fn no_form_takes_an_address_of_the_clinics_own() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    let seen = version(&fixture, &nurse).await;
    let clinic = &fixture.engine.clinic;
    let own = |email: &aftercare::care::address::EmailAddress| email.expose().to_uppercase();
    let own: Vec<String> = clinic.policy.own_addresses.iter().map(own).collect();
    assert!(clinic.care.contacts.iter().all(|rung| own.contains(&rung.email.expose().to_uppercase())));
    assert!(own.contains(&clinic.policy.from.1.expose().to_uppercase()));
    let before = fixture.rows();
    for email in &own {
        for act in ["check", "confirm"] {
            let fields: Vec<(&str, &str)> = with(&[("act", act)]);
            let enrol: Vec<_> = fields.into_iter().filter(|(name, _)| *name != "email").collect();
            let enrol = [&enrol[..], &[("email", email.as_str())]].concat();
            let correct = corrected(&[("act", act), ("email", email), ("version", &seen)]);
            let marta = MARTA.into_iter().filter(|(name, _)| *name != "proxy_email");
            let proxy = marta.chain([("proxy_email", email.as_str()), ("act", act), ("version", &seen)]);
            let proxy: Vec<_> = proxy.collect();
            for (path, fields) in [("/enrol", enrol), ("/correct/C-100", correct), ("/proxy/C-100", proxy)] {
                let refused = fixture.act(path, &nurse, &fields).await;
                assert_eq!(refused.status, 422, "{path} {act} {email}: {}", refused.body);
                assert!(refused.body.contains("address is the clinic"), "{path}: {}", refused.body);
            }
        }
    }
    assert_eq!(fixture.rows(), before);
}
