//! Links that are old, made up, locked, or lead to a shared inbox.

use aftercare::care::address::EmailAddress;
use aftercare::care::patient::{PatientStatus, PreferredName, Reference};
use aftercare::care::record::proxy::NewProxy;
use aftercare::journey::patients::status;
use aftercare::journey::status_change::StatusChange;
use aftercare::store::db::transaction::{Stamp, Tx};
use aftercare::store::error::StoreError;
use jiff::civil::date;

use crate::fixture::{Fixture, Judge, now};
use crate::http::{Answer, fill, get, post};

fn is_safe_and_silent(page: &Answer) {
    assert!(page.body.contains("Get help at once"), "the warning list: {}", page.body);
    assert!(page.body.contains("href=\"tel:"), "the numbers");
    assert!(!page.body.contains("Zoraida") && !page.body.contains("mail.example"), "no personal data");
}

#[tokio::test]
async fn a_forged_link_shows_the_warning_list_and_no_person() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let mut forged = patient.checklist.clone();
    forged.replace_range(3..5, "zz");
    for path in
        [format!("/c/{forged}"), "/c/x".to_owned(), format!("/o/{forged}"), format!("/c/{}", patient.opt_out)]
    {
        let page = get(fixture.at, &path).await;
        assert_eq!(page.status, 404, "{path}");
        is_safe_and_silent(&page);
    }
}

#[tokio::test]
async fn an_expired_link_offers_a_new_one_to_the_address_on_file_only() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    fixture.clock.set_wall("2026-06-01T09:00:00Z".parse().unwrap());
    let page = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    assert_eq!(page.status, 404);
    is_safe_and_silent(&page);
    assert!(page.body.contains("Send me a new link"));
    let known = fill(fixture.at, &page, &[], "new-link").await;
    let letters = "SELECT count(*) FROM delivery WHERE purpose = 'notice' AND state = 'pending'";
    assert_eq!(fixture.count(letters), 1);
    let forged = post(fixture.at, "/c/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &[("go", "new-link")]).await;
    assert_eq!(
        (known.status, &known.body),
        (forged.status, &forged.body),
        "nobody learns whether a link was good"
    );
    fill(fixture.at, &page, &[], "new-link").await;
    assert_eq!(fixture.count(letters), 1, "not more than one an hour");
}

#[tokio::test]
async fn a_used_link_says_nothing_of_what_was_answered() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let start = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    let first = fill(fixture.at, &start, &[("w", "self")], "start").await;
    fill(fixture.at, &first, &[("SP08", "unsure")], "send").await;
    assert_eq!(fixture.count("SELECT count(*) FROM response WHERE state = 'submitted'"), 1);
    // As long as her alert is open she is told what to do; what she answered is not shown.
    let page = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    assert!(page.status == 200 && page.body.contains("<h1>Call us today</h1>"), "{}", page.body);
    is_safe_and_silent(&page);
    assert!(!page.body.contains("weaker than"), "no answers");
    let well = fixture.patient("A-2", "en").await;
    let start = get(fixture.at, &format!("/c/{}", well.checklist)).await;
    let first = fill(fixture.at, &start, &[("w", "self")], "start").await;
    let signs =
        ["SP07", "SP08", "SP09", "SP10", "SP11", "SP12", "SP13", "SP01", "SP14"].map(|sign| (sign, "no"));
    let all = [&signs[..], &[("SP15.worst", "0"), ("SP15.stops", "0")]].concat();
    fill(fixture.at, &first, &all, "send").await;
    let page = get(fixture.at, &format!("/c/{}", well.checklist)).await;
    assert_eq!(page.status, 404);
    is_safe_and_silent(&page);
}

#[tokio::test]
async fn after_a_death_every_link_is_dead() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let open = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    let id = patient.id;
    let job = move |tx: &mut aftercare::store::db::transaction::Tx<'_>| {
        let patient = tx.patient(id)?;
        let change = StatusChange {
            to: PatientStatus::Deceased,
            reason: "test".to_owned(),
            until: None,
            confirmed_by: None,
        };
        status::change(tx, &patient, &change)
    };
    fixture.clinic.store.write(Stamp::daemon(now()), job).await.unwrap();
    for path in [
        format!("/c/{}", patient.checklist),
        format!("/c/{}", patient.changed),
        format!("/o/{}", patient.opt_out),
    ] {
        let page = get(fixture.at, &path).await;
        assert_eq!(page.status, 404, "{path}");
        is_safe_and_silent(&page);
    }
    let sent = fill(fixture.at, &open, &[("w", "self")], "start").await;
    assert_eq!(sent.status, 404);
    assert_eq!(fixture.count("SELECT count(*) FROM response"), 0);
}

#[tokio::test]
async fn a_page_that_stays_shut_keeps_her_language_whatever_the_browser_likes() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "es").await;
    let spanish = |page: &Answer| {
        assert_eq!(page.header("content-language"), Some("es"), "{}", page.body);
        assert!(page.body.contains("Pida ayuda de inmediato") && !page.body.contains("Get help at once"));
    };
    for token in [&patient.checklist, &patient.changed] {
        spanish(&post(fixture.at, &format!("/c/{token}"), &[("go", "new-link")]).await);
    }
    let id = patient.id;
    let died = move |tx: &mut Tx<'_>| {
        let patient = tx.patient(id)?;
        let change = StatusChange {
            to: PatientStatus::Deceased,
            reason: "test".to_owned(),
            until: None,
            confirmed_by: None,
        };
        status::change(tx, &patient, &change)
    };
    fixture.clinic.store.write(Stamp::daemon(now()), died).await.unwrap();
    let place = format!("/o/{}", patient.opt_out);
    for page in [
        get(fixture.at, &format!("/c/{}", patient.checklist)).await,
        post(fixture.at, &format!("/c/{}", patient.checklist), &[("go", "new-link")]).await,
        get(fixture.at, &place).await,
        post(fixture.at, &place, &[("kind", "all"), ("go", "stop")]).await,
    ] {
        spanish(&page);
        assert!(!page.body.contains("Zoraida"));
    }
}

#[tokio::test]
async fn a_new_link_is_promised_to_whoever_gets_letters_and_the_page_is_the_same_for_all() {
    let fixture = Fixture::open(Judge::Rules).await;
    let (well, stopped) = (fixture.patient("A-1", "en").await, fixture.patient("A-2", "en").await);
    let place = format!("/o/{}", stopped.opt_out);
    post(fixture.at, &place, &[("kind", "all"), ("go", "stop")]).await;
    let mut pages = Vec::new();
    for token in [&well.changed, &stopped.changed] {
        pages.push(post(fixture.at, &format!("/c/{token}"), &[("go", "new-link")]).await.body);
    }
    assert_eq!(pages[0], pages[1], "nobody learns who gets letters");
    assert!(pages[0].contains("do you still get our letters? Then a new one is on its way."), "{}", pages[0]);
    assert_eq!(
        fixture.count("SELECT count(*) FROM delivery WHERE purpose = 'notice' AND state = 'pending'"),
        1
    );
}

#[tokio::test]
async fn a_shared_inbox_shows_nothing_before_the_birth_date() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.shared_inbox_patient("S-1").await;
    let page = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    assert!(
        page.body.contains("your date of birth") && !page.body.contains("Who is filling"),
        "{}",
        page.body
    );
    is_safe_and_silent(&page);
    let odd = fill(fixture.at, &page, &[("day", "x"), ("month", "3"), ("year", "1970")], "birth").await;
    assert_eq!(odd.status, 422);
    assert!(odd.body.contains("href=\"#birth-day\""));
    let wrong = fill(fixture.at, &page, &[("day", "1"), ("month", "3"), ("year", "1970")], "birth").await;
    assert!(wrong.body.contains("This is not the date that we have."));
    let start = fill(fixture.at, &wrong, &[("day", "27"), ("month", "3"), ("year", "1970")], "birth").await;
    assert!(start.body.contains("Who is filling this in?"), "{}", start.body);
    let first = fill(fixture.at, &start, &[("w", "self")], "start").await;
    let second = fill(fixture.at, &first, &[("SP08", "no"), ("SP09", "no"), ("SP10", "no")], "next").await;
    assert!(second.body.contains("Bladder, bowel and skin"), "{}", second.body);
    fixture.clock.set_wall("2026-02-24T13:00:00Z".parse().unwrap());
    let late = fill(fixture.at, &second, &[("SP11", "no")], "skip").await;
    assert!(
        late.body.contains("your date of birth") && !late.body.contains("Bladder"),
        "the check holds for a while only"
    );
}

#[tokio::test]
async fn a_date_that_cannot_be_read_is_no_try_and_what_she_typed_stays() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.shared_inbox_patient("S-1").await;
    let page = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    for (day, month, year) in [("", "", ""), ("27", "13", "1970"), ("31", "2", "1970"), ("27", "3", "70")] {
        for _ in 0..2 {
            let typed = [("day", day), ("month", month), ("year", year)];
            let odd = fill(fixture.at, &page, &typed, "birth").await;
            assert_eq!(odd.status, 422);
            assert!(odd.body.contains("We can not read this date."), "{}", odd.body);
            assert!(!odd.body.contains("This is not the date that we have"), "{}", odd.body);
            for (name, word) in typed {
                assert!(
                    odd.body.contains(&format!("name=\"{name}\" value=\"{word}\"")),
                    "{name} {}",
                    odd.body
                );
            }
        }
    }
    let birth = [("day", "27"), ("month", "3"), ("year", "1970")];
    let start = fill(fixture.at, &page, &birth, "birth").await;
    assert!(start.body.contains("Who is filling this in?"), "{}", start.body);
}

#[tokio::test]
async fn the_last_tries_are_announced_before_the_form_locks() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.shared_inbox_patient("S-1").await;
    let page = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    for left in [None, None, Some("Tries left: 2."), Some("Tries left: 1.")] {
        let typed = [("day", "1"), ("month", "1"), ("year", "1980")];
        let wrong = fill(fixture.at, &page, &typed, "birth").await.body;
        assert!(wrong.contains("This is not the date that we have.") && wrong.contains("value=\"1980\""));
        assert_eq!(wrong.contains("Tries left"), left.is_some(), "{wrong}");
        assert!(left.is_none_or(|left| wrong.contains(left)), "{wrong}");
    }
}

#[tokio::test]
async fn five_wrong_birth_dates_lock_the_form_and_tell_staff() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.shared_inbox_patient("S-1").await;
    let page = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    let mut last = None;
    for day in ["1", "2", "3", "4", "5"] {
        last =
            Some(fill(fixture.at, &page, &[("day", day), ("month", "1"), ("year", "1980")], "birth").await);
    }
    let locked = last.unwrap();
    assert!(locked.body.contains("This form is locked"), "{}", locked.body);
    assert!(
        locked.body.contains("The clinic has a note to call you.")
            && !locked.body.contains("will be in touch")
    );
    is_safe_and_silent(&locked);
    let right = fill(fixture.at, &page, &[("day", "27"), ("month", "3"), ("year", "1970")], "birth").await;
    assert!(right.body.contains("This form is locked"));
    assert_eq!(fixture.count("SELECT count(*) FROM task WHERE state = 'open' AND kind = 'link-locked'"), 1);
}

#[tokio::test]
async fn whoever_acts_for_her_reads_the_page_in_another_language_and_knows_her_birth_date_first() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let marta = NewProxy {
        name: PreferredName::parse("Marta").unwrap(),
        relation: "daughter".to_owned(),
        email: EmailAddress::parse("marta@mail.example").unwrap(),
        language: "es".to_owned(),
        consent_by: "she herself".to_owned(),
        consent_on: date(2026, 2, 1),
        until: None,
    };
    let reference = Reference::parse("A-1").unwrap();
    let record = move |tx: &mut Tx<'_>| -> Result<(), StoreError> {
        let id = tx.patient_by_reference(&reference)?.id;
        tx.record_proxy(id, &marta).map(drop)
    };
    fixture.clinic.store.write(Stamp::daemon(now()), record).await.unwrap();
    let page = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    assert_eq!(page.header("content-language"), Some("es"));
    assert!(page.body.contains("fecha de nacimiento de esa persona"), "{}", page.body);
    let birth = [("day", "27"), ("month", "3"), ("year", "1970")];
    let start = fill(fixture.at, &page, &birth, "birth").await;
    assert!(start.body.contains("por la persona a la que ayuda"), "{}", start.body);
    assert!(!start.body.contains("Zoraida") && !start.body.contains("Marta"), "{}", start.body);
    let first = fill(fixture.at, &start, &[("w", "carer")], "start").await;
    fill(fixture.at, &first, &[("SP08", "unsure")], "send").await;
    let marked = "SELECT count(*) FROM response WHERE who = 'carer' AND proxy_id IS NOT NULL";
    assert_eq!(fixture.count(marked), 1);
}
