//! Two records of one woman become one on screen: nothing is lost, nothing goes to her twice, and nobody is written to who was
//! not before.

use aftercare::care::contact::PatientContact;
use aftercare::care::patient::{Detail, PatientId, PatientStatus, PreferredName, Reference};
use aftercare::care::task::TaskKind;
use aftercare::journey::errors::step::StepError;
use aftercare::journey::plan::enrol::{Admission, Course, admit};
use aftercare::store::answers::links::LinkPurpose;
use aftercare::store::db::transaction::{Stamp, Tx};
use aftercare::store::people::patients::Newcomer;
use aftercare::store::people::preferences::LetterKind;
use jiff::civil::date;

use crate::fixture::{CODE, Fixture, NAME, now};

const TWIN: &str = "C-200";

/// A second record of the same woman, without an address.
async fn twin(fixture: &Fixture, status: PatientStatus) -> PatientId {
    other(fixture, |newcomer| newcomer.status = status).await
}

/// A second record that differs so from hers.
async fn other(fixture: &Fixture, differs: impl FnOnce(&mut Newcomer)) -> PatientId {
    let (version, protocol) = fixture.engine.published["sgo2017-high"].clone();
    let mut admission = Admission {
        newcomer: Newcomer {
            reference: Reference::parse(TWIN).unwrap(),
            name: PreferredName::parse(NAME).unwrap(),
            birth_on: date(1970, 3, 27),
            email: None,
            language: "en".to_owned(),
            zone: "America/New_York".to_owned(),
            detail: Detail::Standard,
            detail_follows: false,
            proxy: None,
            shared_inbox: false,
            status: PatientStatus::Active,
            contact: PatientContact::default(),
        },
        courses: vec![Course { version, protocol, anchor_on: date(2026, 1, 31) }],
        waiting: Vec::new(),
        next_visit: None,
    };
    differs(&mut admission.newcomer);
    let clinic = fixture.engine.clinic.clone();
    let job =
        move |tx: &mut Tx<'_>| -> Result<PatientId, StepError> { admit(tx, &admission, &clinic.policy) };
    fixture.engine.clinic.store.write(Stamp::daemon(now()), job).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_records_of_one_woman_become_one_and_nothing_of_hers_is_lost() {
    let fixture = Fixture::open().await;
    let (old, _) = fixture.worried(&[("SP08", "new")]).await;
    let kept = twin(&fixture, PatientStatus::Active).await;
    let lead = fixture.sign_in("lena").await;
    let before = fixture.rows();
    let look = fixture.get(&format!("/merge?keep={TWIN}&end={CODE}"), &lead).await.body;
    for words in [
        "zoraida@mail.example</strong> (taken over)",
        "Answered forms",
        &format!("The plan of {CODE}: sgo2017-high from 15 Jan 2026"),
        &format!("Type {CODE}, the case code that ends"),
        "This is not undone",
    ] {
        assert!(look.contains(words), "{words}\n{look}");
    }
    let unsure = fixture.act("/merge", &lead, &[("keep", TWIN), ("end", CODE), ("sure", TWIN)]).await;
    assert_eq!(unsure.status, 422);
    assert!(unsure.body.contains(&format!("Type {CODE} to confirm")), "{}", unsure.body);
    assert_eq!(fixture.rows(), before, "a look, and a slip, change nothing");

    let done = fixture.act("/merge", &lead, &[("keep", TWIN), ("end", CODE), ("sure", CODE)]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let clinic = &fixture.engine.clinic;
    clinic
        .store
        .read(|view| -> Result<(), StepError> {
            let her = view.patient(kept)?;
            assert_eq!(her.email.unwrap().expose(), "zoraida@mail.example");
            assert_eq!((view.responses_of(kept)?.len(), view.alerts_of(kept)?.len()), (1, 1));
            assert!(view.letters_waiting(old)?.is_empty(), "nothing leaves under the record that ended");
            let plans = view.enrolments_of(kept)?;
            assert_eq!(plans.iter().filter(|plan| plan.is_active).count(), 1);
            assert_eq!(plans.len(), 2, "what she was on stays on record");
            assert!(view.findings()?.is_empty(), "every promise holds");
            Ok(())
        })
        .unwrap();

    // The old code leads on, wherever it is used.
    let led = fixture.get(&format!("/patients/{CODE}"), &lead).await;
    assert_eq!((led.status, led.header("location")), (303, Some("/patients/C-200")));
    let page = fixture.get(&format!("/patients/{TWIN}"), &lead).await.body;
    assert!(page.contains("Also known as") && page.contains(CODE), "{page}");
    assert!(fixture.get("/alerts/1", &lead).await.body.contains(TWIN));
    let found = fixture.act("/patients", &lead, &[("find", NAME)]).await.body;
    assert!(!found.contains(&format!("/patients/{CODE}\"")), "she is in the list once: {found}");
    let audit = fixture.get(&format!("/audit?code={TWIN}"), &lead).await.body;
    assert!(audit.contains("records merged") && audit.contains("alert raised"), "{audit}");

    // A link in a letter that left before goes on working, and what she says stands on the record that stays.
    let token = clinic.key.token(old, LinkPurpose::Changed, 0);
    fixture.answer(&token, "another-nonce-of-sixteen", &[("SP08", "worse")]).await;
    assert_eq!(clinic.store.read(|view| view.responses_of(kept)).unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_of_letters_that_she_declined_under_one_code_is_declined_under_the_other() {
    let fixture = Fixture::open().await;
    let (kept, _) = fixture.worried(&[("SP08", "no")]).await;
    let ended = twin(&fixture, PatientStatus::Active).await;
    let store = &fixture.engine.clinic.store;
    let decline =
        move |tx: &mut Tx<'_>| Ok::<_, StepError>(tx.decline(ended, LetterKind::Checklists).map(drop)?);
    store.write(Stamp::daemon(now()), decline).await.unwrap();
    let lead = fixture.sign_in("lena").await;
    let done = fixture.act("/merge", &lead, &[("keep", CODE), ("end", TWIN), ("sure", TWIN)]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert_eq!(store.read(|view| view.declined(kept)).unwrap(), [LetterKind::Checklists]);
    // It counts as a wish of this day: letters of the kind are withdrawn, and a person is told.
    assert!(store.read(|view| view.has_task(kept, TaskKind::OptedOut)).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_must_settle_first_is_said_and_nothing_is_merged() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    twin(&fixture, PatientStatus::OptedOutEmail).await;
    let (nurse, lead) = (fixture.sign_in("nora").await, fixture.sign_in("lena").await);
    let path = format!("/merge?keep={CODE}&end={TWIN}");
    assert_eq!(fixture.get(&path, &nurse).await.status, 403);
    let look = fixture.get(&path, &lead).await.body;
    assert!(
        look.contains("No letters may leave to C-200") && look.contains("Ask her what is right"),
        "{look}"
    );
    assert!(!look.contains("Make them one record"), "{look}");
    let before = fixture.rows();
    let tried = fixture.act("/merge", &lead, &[("keep", CODE), ("end", TWIN), ("sure", TWIN)]).await;
    assert_eq!(tried.status, 422);
    assert!(tried.body.contains("Something must be settled first"), "{}", tried.body);
    assert_eq!(fixture.rows(), before);
    let nobody = fixture.get(&format!("/merge?keep={CODE}&end=NOBODY"), &lead).await;
    assert_eq!(nobody.status, 422);
    assert!(nobody.body.contains("No patient has that case code."), "{}", nobody.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_women_are_not_made_one_and_whoever_is_called_otherwise_is_looked_at() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "no")]).await;
    let gloria = |newcomer: &mut Newcomer| {
        newcomer.name = PreferredName::parse("Gloria").unwrap();
        newcomer.birth_on = date(1979, 1, 5);
    };
    let id = other(&fixture, gloria).await;
    let lead = fixture.sign_in("lena").await;
    let path = format!("/merge?keep={CODE}&end={TWIN}");
    let look = fixture.get(&path, &lead).await.body;
    assert!(look.contains("were born on different days, so they may be two women."), "{look}");
    assert!(look.contains("are these two women?") && look.contains("(differs)"), "{look}");
    assert!(!look.contains("Make them one record"), "{look}");
    let before = fixture.rows();
    let forced = [("keep", CODE), ("end", TWIN), ("sure", TWIN), ("born", "1979-01-05")];
    assert_eq!(fixture.act("/merge", &lead, &forced).await.status, 422);
    assert_eq!(fixture.rows(), before);

    // One birth date was a slip: her code alone is no proof that somebody looked.
    let store = &fixture.engine.clinic.store;
    let correct = move |tx: &mut Tx<'_>| {
        let mut her = tx.patient(id)?;
        her.birth_on = date(1970, 3, 27);
        Ok::<_, StepError>(tx.update_patient(&her)?)
    };
    store.write(Stamp::daemon(now()), correct).await.unwrap();
    let look = fixture.get(&path, &lead).await.body;
    assert!(look.contains("name=\"born\"") && !look.contains("name=\"sure\""), "{look}");
    let coded = fixture.act("/merge", &lead, &[("keep", CODE), ("end", TWIN), ("sure", TWIN)]).await;
    assert!(
        coded.status == 422 && coded.body.contains("Give the birth date that stands on"),
        "{}",
        coded.body
    );
    let born = [("keep", CODE), ("end", TWIN), ("born", "1970-03-27")];
    assert_eq!(fixture.act("/merge", &lead, &born).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_never_lets_letters_say_more_than_either_record_allowed() {
    let fixture = Fixture::open().await;
    let (kept, _) = fixture.worried(&[("SP08", "no")]).await;
    other(&fixture, |newcomer| newcomer.detail = Detail::Minimal).await;
    let lead = fixture.sign_in("lena").await;
    let look = fixture.get(&format!("/merge?keep={CODE}&end={TWIN}"), &lead).await.body;
    assert!(look.contains("<strong>minimal</strong> (taken over)"), "{look}");
    assert!(look.contains("Others read this inbox"), "{look}");
    let done = fixture.act("/merge", &lead, &[("keep", CODE), ("end", TWIN), ("sure", TWIN)]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let her = fixture.engine.clinic.store.read(|view| view.patient(kept)).unwrap();
    assert_eq!((her.detail, her.detail_follows), (Detail::Minimal, false));
    assert_eq!(her.email.unwrap().expose(), "zoraida@mail.example", "her address stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_into_itself_and_a_code_of_nobody_offer_nothing() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "no")]).await;
    let lead = fixture.sign_in("lena").await;
    let same = fixture.get(&format!("/merge?keep={CODE}&end={CODE}"), &lead).await.body;
    assert!(same.contains("Both case codes lead to the same record."), "{same}");
    assert!(!same.contains("<table") && !same.contains("stay instead"), "{same}");
    let nobody = fixture.get(&format!("/merge?keep={CODE}&end=NOBODY"), &lead).await.body;
    assert!(nobody.contains("No patient has that case code.") && !nobody.contains("Nothing was saved"));
}
