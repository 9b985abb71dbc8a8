//! Links that are old, made up, locked, or lead to a shared inbox.

use aftercare::care::address::EmailAddress;
use aftercare::care::patient::{PatientStatus, PreferredName, Reference};
use aftercare::care::plan::protocol::FollowUpKind;
use aftercare::care::record::proxy::NewProxy;
use aftercare::journey::link_key::digest;
use aftercare::journey::patients::status;
use aftercare::journey::status_change::StatusChange;
use aftercare::store::answers::links::LinkPurpose;
use aftercare::store::db::transaction::{Stamp, Tx};
use aftercare::store::error::StoreError;
use jiff::civil::date;

use crate::fixture::{Fixture, Judge, now};
use crate::http::{Answer, fill, get, get_with, post, send};

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
    // She reads the clinic's first language and lives in its country: what a page says to anybody is said to her.
    let patient = fixture.patient_in("America/New_York", "A-1", "en").await;
    fixture.clock.set_wall("2026-06-01T09:00:00Z".parse().unwrap());
    let page = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    assert_eq!(page.status, 404);
    is_safe_and_silent(&page);
    assert!(page.body.contains("Send me a new link"));
    let known = fill(fixture.at, &page, &[], "new-link").await;
    let letters = "SELECT count(*) FROM delivery WHERE purpose = 'notice' AND state = 'pending'";
    assert_eq!(fixture.count(letters), 1);
    let forged = get(fixture.at, "/c/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await;
    let forged = fill(fixture.at, &forged, &[], "new-link").await;
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
async fn a_new_link_tells_whose_answer_the_advice_was_and_opens_a_new_form() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let start = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    let first = fill(fixture.at, &start, &[("w", "self")], "start").await;
    fill(fixture.at, &first, &[("SP08", "unsure")], "send").await;
    let page = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    fill(fixture.at, &page, &[], "new-link").await;
    let store = &fixture.clinic.store;
    let all = store.read(|view| view.follow_ups_of(patient.id)).unwrap();
    let form = all.iter().find(|one| one.kind == FollowUpKind::Checklist).unwrap().id;
    let (purpose, key) = (LinkPurpose::Checklist(form), &fixture.clinic.key);
    let fresh = key.token(patient.id, purpose, 1);
    let link = (purpose, 1, digest(&fresh));
    let until = "2026-05-01T00:00:00Z".parse().unwrap();
    store.write(Stamp::daemon(now()), move |tx| tx.keep_links(patient.id, &[link], until)).await.unwrap();
    let told = get(fixture.at, &format!("/c/{fresh}")).await;
    assert!(told.body.contains("<h1>Call us today</h1>"), "an open alert's advice stands: {}", told.body);
    assert!(told.body.contains("We said this after your answers of <time"), "{}", told.body);
    assert!(told.body.contains("Fill in a new form") && !told.body.contains("saved your answers so far"));
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
async fn a_page_that_stays_shut_keeps_her_language_and_a_dead_link_looks_like_a_forged_one() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "es").await;
    let spanish = |page: &Answer| {
        assert_eq!(page.header("content-language"), Some("es"), "{}", page.body);
        assert!(page.body.contains("Pida ayuda de inmediato") && !page.body.contains("Get help at once"));
    };
    fixture.clock.set_wall("2026-06-01T09:00:00Z".parse().unwrap());
    let expired = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    spanish(&expired);
    spanish(&fill(fixture.at, &expired, &[], "new-link").await);
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
    // The random part of a nonce and the token of the link are all that may differ.
    let plain = |page: &Answer, token: &str| {
        let nonce = page.hidden().into_iter().find(|(name, _)| name == "n").map(|(_, word)| word);
        page.body.replace(token, "").replace(nonce.as_deref().unwrap_or("\0"), "")
    };
    let mut forged = patient.checklist.clone();
    forged.replace_range(3..5, "zz");
    for (kind, dead) in [("c", &patient.checklist), ("c", &patient.changed), ("o", &patient.opt_out)] {
        let (dead_page, forged_page) = (
            get(fixture.at, &format!("/{kind}/{dead}")).await,
            get(fixture.at, &format!("/{kind}/{forged}")).await,
        );
        assert_eq!(dead_page.header("content-language"), Some("en"));
        assert_eq!(plain(&dead_page, dead), plain(&forged_page, &forged), "{kind}");
        if kind == "c" {
            let (one, other) = (
                fill(fixture.at, &dead_page, &[], "new-link").await,
                fill(fixture.at, &forged_page, &[], "new-link").await,
            );
            assert_eq!((one.status, one.body), (other.status, other.body));
        }
    }
    let gone = post(fixture.at, &format!("/o/{}", patient.opt_out), &[("kind", "all"), ("go", "stop")]).await;
    assert_eq!((gone.status, gone.header("content-language")), (404, Some("en")));
}

#[tokio::test]
async fn a_new_link_is_promised_to_whoever_gets_letters_and_the_page_is_the_same_for_all() {
    let fixture = Fixture::open(Judge::Rules).await;
    let (well, stopped) = (fixture.patient("A-1", "en").await, fixture.patient("A-2", "en").await);
    let place = format!("/o/{}", stopped.opt_out);
    post(fixture.at, &place, &[("kind", "all"), ("go", "stop")]).await;
    let mut pages = Vec::new();
    fixture.clock.set_wall("2026-06-01T09:00:00Z".parse().unwrap());
    for token in [&well.changed, &stopped.changed] {
        let expired = get(fixture.at, &format!("/c/{token}")).await;
        pages.push(fill(fixture.at, &expired, &[], "new-link").await.body);
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
async fn a_link_that_stops_letters_tries_no_birth_date_and_locks_nothing() {
    let fixture = Fixture::open(Judge::Rules).await;
    let (own, shared) = (fixture.patient("A-1", "en").await, fixture.shared_inbox_patient("S-1").await);
    let right = [("day", "27"), ("month", "3"), ("year", "1970"), ("go", "birth")];
    for patient in [&own, &shared] {
        let form = get(fixture.at, &format!("/c/{}", patient.opt_out)).await;
        assert_eq!(form.status, 404, "it opens no form: {}", form.body);
        for day in ["1", "2", "3", "4", "5", "6"] {
            let wrong = [("day", day), ("month", "1"), ("year", "1980"), ("go", "birth")];
            let page = post(fixture.at, &format!("/c/{}", patient.opt_out), &wrong).await;
            assert_eq!((page.status, page.cookie), (404, None));
            // Neither does a form's own link where no date is asked, nor a date that comes from no page of ours.
            let page = post(fixture.at, &format!("/c/{}", patient.checklist), &wrong).await;
            assert_eq!((page.status, page.cookie), (200, None), "{}", page.body);
        }
        // Nor with the nonce that stands on the page.
        let page = send(fixture.at, &form, &[("day", "27"), ("month", "3"), ("year", "1970")], "birth").await;
        assert_eq!((page.status, page.cookie), (404, None));
        let page = post(fixture.at, &format!("/c/{}", patient.opt_out), &right).await;
        assert_eq!((page.status, page.cookie), (404, None), "and it tells no right date from a wrong one");
    }
    let open = get(fixture.at, &format!("/c/{}", own.checklist)).await;
    assert!(open.status == 200 && open.body.contains("Who is filling this in?"), "{}", open.body);
    let typed = [("day", "1"), ("month", "1"), ("year", "1980")];
    let unasked = send(fixture.at, &open, &typed, "birth").await;
    assert!(
        unasked.status == 200 && unasked.cookie.is_none(),
        "with the page's nonce, too: {}",
        unasked.body
    );
    assert_eq!(fixture.count("SELECT count(*) FROM task WHERE kind = 'link-locked'"), 0);
}

#[tokio::test]
async fn what_proves_the_birth_date_stays_in_her_browser() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.shared_inbox_patient("S-1").await;
    let asked = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    let birth = [("day", "27"), ("month", "3"), ("year", "1970")];
    let sent = send(fixture.at, &asked, &birth, "birth").await;
    let line = sent.header("set-cookie").unwrap();
    let path = format!("Path=/c/{}", patient.checklist);
    assert!(["HttpOnly", "SameSite=Strict", path.as_str()].iter().all(|part| line.contains(part)), "{line}");
    let pass = sent.cookie.clone().unwrap();
    let pass = pass.split_once('=').unwrap().1;
    let start = get_with(fixture.at, sent.header("location").unwrap(), sent.cookie.as_deref()).await;
    let first = send(fixture.at, &start, &[("w", "self")], "start").await;
    let page = first.header("location").unwrap().to_owned();
    assert!(!page.contains(pass) && !start.body.contains(pass), "{page}");
    let saved = fill(
        fixture.at,
        &get_with(fixture.at, &page, sent.cookie.as_deref()).await,
        &[("SP08", "same")],
        "skip",
    )
    .await;
    assert!(saved.body.contains("Bladder, bowel and skin"), "{}", saved.body);
    // The whole address in another browser, within the two hours.
    let elsewhere = get(fixture.at, &page).await;
    assert!(
        elsewhere.body.contains("your date of birth") && !elsewhere.body.contains("SP08"),
        "{}",
        elsewhere.body
    );
}

#[tokio::test]
async fn a_browser_without_cookies_is_told_why_it_is_asked_again() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.shared_inbox_patient("S-1").await;
    let mut asked = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    assert!(!asked.body.contains("cookies"), "{}", asked.body);
    for _ in 0..2 {
        let sent =
            send(fixture.at, &asked, &[("day", "27"), ("month", "3"), ("year", "1970")], "birth").await;
        asked = get(fixture.at, sent.header("location").unwrap()).await;
        assert_eq!(asked.status, 200);
        assert!(asked.body.contains("This browser did not keep our note"), "{}", asked.body);
        assert!(
            asked.body.contains("name=\"day\"") && asked.body.contains("Or call us on"),
            "{}",
            asked.body
        );
    }
}

#[tokio::test]
async fn a_new_link_needs_a_page_of_ours() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let letters = "SELECT count(*) FROM delivery WHERE purpose = 'notice'";
    for token in [&patient.checklist, &patient.changed] {
        post(fixture.at, &format!("/c/{token}"), &[("go", "new-link")]).await;
        post(fixture.at, &format!("/c/{token}"), &[("go", "new-link"), ("n", &"a".repeat(38))]).await;
    }
    assert_eq!(fixture.count(letters), 0);
}

#[tokio::test]
async fn a_link_of_no_use_says_how_to_stop_letters_where_that_was_wanted() {
    let fixture = Fixture::open(Judge::Rules).await;
    let page = get(fixture.at, "/o/wrong").await;
    assert!(page.body.contains("To stop our letters, call us on +"), "{}", page.body);
    assert!(!page.body.contains("Send me a new link"), "{}", page.body);
    let form = get(fixture.at, "/c/wrong").await;
    assert!(form.body.contains("Send me a new link") && !form.body.contains("To stop our letters"));
}

#[tokio::test]
async fn a_date_that_cannot_be_read_is_no_try_and_what_she_typed_stays() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.shared_inbox_patient("S-1").await;
    let page = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    for (day, month, year, says, at) in [
        ("", "", "", "Please fill in all three.", "day"),
        ("27", "", "1970", "Please fill in all three.", "month"),
        ("27", "13", "1970", "This day does not exist.", "month"),
        ("31", "2", "1970", "This day does not exist.", "month"),
        ("27", "3", "3000", "This day does not exist.", "month"),
        ("27", "3", "70", "Please write the year with four figures, like 1980.", "year"),
        ("27", "May", "1970", "We can not read this date.", "month"),
    ] {
        for _ in 0..2 {
            let typed = [("day", day), ("month", month), ("year", year)];
            let odd = fill(fixture.at, &page, &typed, "birth").await;
            assert_eq!(odd.status, 422);
            // New York writes the month first, and so the page names it first.
            assert!(odd.body.contains(&format!("{says} ")), "{says} {}", odd.body);
            let told = format!("href=\"#birth-{at}\"");
            assert!(odd.body.contains(&told), "{told} {}", odd.body);
            assert!(odd.body.contains("The order is: Month, Day, Year."), "{}", odd.body);
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
