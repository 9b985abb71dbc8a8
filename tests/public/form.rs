//! A form from its link to its end: start, pages, review, what to do now.

use aftercare::web::ListenerLimits;

use crate::fixture::{Fixture, Judge};
use crate::http::{Answer, fill, follow, get, send};

const WELL: &[&[(&str, &str)]] = &[
    &[("SP08", "no"), ("SP09", "no"), ("SP10", "no")],
    &[("SP11", "no"), ("SP12", "no"), ("SP13", "no")],
    &[("SP07", "no"), ("SP01", "no")],
    &[("SP14", "no"), ("SP15.worst", "0"), ("SP15.stops", "0"), ("SP16", "no")],
];

async fn started(fixture: &Fixture, token: &str) -> Answer {
    let start = get(fixture.at, &format!("/c/{token}")).await;
    assert_eq!(start.status, 200, "{}", start.body);
    fill(fixture.at, &start, &[("w", "self")], "start").await
}

async fn reviewed(fixture: &Fixture, token: &str) -> Answer {
    let mut page = started(fixture, token).await;
    for answers in WELL {
        page = fill(fixture.at, &page, answers, "next").await;
    }
    page
}

#[tokio::test]
async fn someone_who_is_well_reads_that_no_sign_was_seen() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let review = reviewed(&fixture, &patient.checklist).await;
    assert!(review.body.contains("Look at your answers"), "{}", review.body);
    assert!(!review.body.contains("Not answered"), "every question was answered");
    let done = fill(fixture.at, &review, &[], "send").await;
    assert_eq!(done.status, 200);
    assert!(done.body.contains("We saw no new warning signs"), "{}", done.body);
    assert!(done.body.contains("Get help now"), "the warning list stands after too");
    assert_eq!(fixture.count("SELECT count(*) FROM response WHERE state = 'submitted'"), 1);
    assert_eq!(fixture.count("SELECT count(*) FROM alert"), 0);
    // With her first form a baseline is asked for.
    assert_eq!(
        fixture.count("SELECT count(*) FROM task WHERE kind = 'baseline-missing' AND state = 'open'"),
        1
    );
}

#[tokio::test]
async fn a_new_weakness_sends_her_for_help_on_the_first_page_and_rings() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let page = started(&fixture, &patient.checklist).await;
    let told = fill(fixture.at, &page, &[("SP08", "new"), ("SP09", "no"), ("SP10", "no")], "next").await;
    assert!(told.body.contains("<h1>Get help now</h1>"), "{}", told.body);
    assert!(told.body.contains("I have had cancer. I may have pressure on my spinal cord."));
    assert!(told.body.contains("href=\"tel:"));
    assert_eq!(fixture.count("SELECT count(*) FROM alert WHERE state = 'raised' AND tier = 'emergency'"), 1);
    // Left half-way and opened again from the letter: first what to do (case 28).
    let again = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    assert!(again.body.contains("<h1>Get help now</h1>"));
    // And the way on is not a circle.
    let on = again.body.split("<a class=\"button quiet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let on = get(fixture.at, &on.replace("&amp;", "&")).await;
    assert!(on.body.contains("Who is filling this in?"));
    let second = fill(fixture.at, &on, &[("w", "carer")], "start").await;
    assert!(second.body.contains("Bladder, bowel and skin"), "{}", second.body);
    let third = fill(fixture.at, &second, WELL[1], "next").await;
    assert!(third.body.contains("<h1>Pain</h1>"), "she is told once, then the form goes on: {}", third.body);
    assert_eq!(fixture.count("SELECT count(*) FROM response WHERE who = 'carer'"), 1);
}

#[tokio::test]
async fn a_form_left_after_a_page_that_says_no_pain_goes_on_with_the_next_that_asks() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let mut page = started(&fixture, &patient.checklist).await;
    for answers in &WELL[..3] {
        page = fill(fixture.at, &page, answers, "next").await;
    }
    assert!(page.body.contains("How you are in general"), "{}", page.body);
    // Closed, and opened again from the letter: the page about the pain asks nothing and is no way back to the start.
    let page = started(&fixture, &patient.checklist).await;
    assert!(page.body.contains("How you are in general"), "{}", page.body);
    let review = fill(fixture.at, &page, WELL[3], "next").await;
    let done = fill(fixture.at, &review, &[], "send").await;
    assert!(done.body.contains("We saw no new warning signs"), "{}", done.body);
}

#[tokio::test]
async fn the_way_on_from_the_emergency_page_leads_past_a_page_that_asks_nothing() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let mut page = started(&fixture, &patient.checklist).await;
    let unsure: &[(&str, &str)] = &[("SP08", "unsure"), ("SP09", "no"), ("SP10", "no")];
    for answers in [unsure, WELL[1], &[("SP07", "new"), ("SP01", "no")]] {
        page = fill(fixture.at, &page, answers, "next").await;
    }
    assert!(page.body.contains("<h1>Get help now</h1>"), "{}", page.body);
    let on = page.body.split("<a class=\"button quiet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let on = follow(fixture.at, get(fixture.at, &on.replace("&amp;", "&")).await).await;
    assert!(on.body.contains("How you are in general"), "{}", on.body);
    let review = fill(fixture.at, &on, WELL[3], "next").await;
    assert!(review.body.contains("Look at your answers"), "{}", review.body);
}

#[tokio::test]
async fn the_page_she_shows_names_the_hour_on_the_wall_where_she_is() {
    let fixture = Fixture::open(Judge::Rules).await;
    for (reference, language, month) in [("A-1", "en", "February"), ("A-2", "es", "febrero")] {
        let patient = fixture.patient_in("Australia/Sydney", reference, language).await;
        let page = started(&fixture, &patient.checklist).await;
        let red = [("SP08", "new"), ("SP09", "no"), ("SP10", "no")];
        let told = fill(fixture.at, &page, &red, "next").await.body;
        let when = told.split("<time ").nth(1).unwrap().split("</time>").next().unwrap();
        assert!(when.contains("datetime=\"2026-02-24T20:00+11:00\""), "{when}");
        assert!(when.contains(month) && when.ends_with("(Sydney)"), "{when}");
    }
}

#[tokio::test]
async fn whoever_lives_abroad_is_told_the_emergency_number_of_her_country() {
    // The clinic lies in New York: its number is 911.
    let fixture = Fixture::open(Judge::Rules).await;
    let red = [("SP08", "new"), ("SP09", "no"), ("SP10", "no")];
    for (zone, language, says, dials) in [
        ("America/New_York", "en", "Call 911 now", "911"),
        ("Europe/Madrid", "es", "Llame ahora al 112", "112"),
        ("Europe/London", "en", "Call 999 now", "999"),
        ("Africa/Nairobi", "en", "Call your local emergency number now", ""),
        ("Etc/GMT+5", "en", "Call 911 now", "911"),
    ] {
        let patient = fixture.patient_in(zone, &zone.replace('/', "-").replace('+', ""), language).await;
        let page = started(&fixture, &patient.checklist).await;
        let told = fill(fixture.at, &page, &red, "next").await.body;
        let closed = get(fixture.at, &format!("/c/{}", "x".repeat(32))).await.body;
        let stop = get(fixture.at, &format!("/o/{}", patient.opt_out)).await.body;
        for page in [&page.body, &told, &stop] {
            assert!(page.contains(says), "{zone}: {page}");
            let link = format!("href=\"tel:{dials}\"");
            assert!(dials.is_empty() || page.contains(&link), "{zone}: {page}");
            // Words that name no number dial none.
            assert!(!dials.is_empty() || !page.contains("tel:112") && !page.contains("\"tel:\""), "{page}");
            assert!(dials == "911" || !page.contains("911"), "{zone}: {page}");
        }
        assert!(closed.contains("911"), "a link that nobody made tells of no country");
    }
}

#[tokio::test]
async fn the_pages_that_need_no_token_name_the_number_of_the_country_a_letter_asked_for() {
    let fixture = Fixture::open(Judge::Rules).await;
    for path in ["/help?lang=es&in=ES", "/learn/warning-signs?lang=es&in=ES", "/learn?lang=es&in=ES"] {
        let page = get(fixture.at, path).await.body;
        assert!(page.contains("112") && !page.contains("911"), "{path}: {page}");
        assert!(page.contains("/help?lang=es&amp;in=ES") || path.starts_with("/help"), "{page}");
    }
    for odd in ["/help?in=US", "/help", "/help?in=%3Cb%3E", "/help?in=es"] {
        assert!(get(fixture.at, odd).await.body.contains("911"), "{odd}");
    }
}

#[tokio::test]
async fn the_page_she_shows_tells_when_she_answered_from_when_it_was_opened() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let page = started(&fixture, &patient.checklist).await;
    let red = [("SP08", "new"), ("SP09", "no"), ("SP10", "no")];
    fill(fixture.at, &page, &red, "next").await;
    fixture.clock.set_wall("2026-02-25T11:30:00Z".parse().unwrap());
    for token in [&patient.checklist, &patient.changed] {
        let told = get(fixture.at, &format!("/c/{token}")).await.body;
        let at = |word: &str| {
            told.split(word).nth(1).unwrap().split("datetime=\"").nth(1).unwrap().split('"').next().unwrap()
        };
        assert_eq!(at("Answered on"), "2026-02-24T10:00+01:00", "{told}");
        assert_eq!(at("Opened on"), "2026-02-25T12:30+01:00", "{told}");
    }
}

#[tokio::test]
async fn a_form_is_read_on_in_another_language_with_all_that_was_filled_in() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let start = get(fixture.at, &format!("/c/{}?lang=es", patient.checklist)).await;
    assert_eq!(start.header("content-language"), Some("es"), "{}", start.body);
    let start = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    assert!(start.body.contains("value=\"lang-es\" lang=\"es\">Español</button>"), "{}", start.body);
    let spanish = fill(fixture.at, &start, &[("w", "carer")], "lang-es").await;
    assert!(spanish.body.contains("value=\"carer\" checked"), "{}", spanish.body);
    let first = fill(fixture.at, &spanish, &[("w", "carer")], "start").await;
    assert!(first.body.contains("Brazos, piernas y sensación"), "{}", first.body);
    let english = fill(fixture.at, &first, &[("SP09", "same")], "lang-en").await;
    assert!(english.body.contains("Arms, legs and feeling"), "{}", english.body);
    assert!(english.body.contains("name=\"SP09\" value=\"same\" checked"), "{}", english.body);
    let told = fill(fixture.at, &english, &[("SP08", "new")], "lang-es").await;
    assert!(told.body.contains("<h1>Pida ayuda ahora</h1>"), "what worries is told first: {}", told.body);
    assert!(told.body.contains("lang=en\" hreflang=\"en\""), "{}", told.body);
    assert_eq!(
        get(fixture.at, &format!("/c/{}?lang=xx", patient.checklist)).await.header("content-language"),
        Some("en")
    );
}

#[tokio::test]
async fn abroad_she_reads_right_under_the_numbers_to_call_the_one_of_that_place() {
    for first in ["hotline", "emergency_number", "both"] {
        let fixture = Fixture::with_deps(Judge::Rules, ListenerLimits::default(), move |deps| {
            deps.says.emergency_first = first.to_owned();
        })
        .await;
        for (reference, language, words) in [
            ("A-1", "en", "In another country, call the emergency number there."),
            ("A-2", "es", "En otro país, llame al número de emergencia de allí."),
        ] {
            let patient = fixture.patient(reference, language).await;
            let page = started(&fixture, &patient.checklist).await;
            let red = [("SP08", "new"), ("SP09", "no"), ("SP10", "no")];
            let told = fill(fixture.at, &page, &red, "next").await.body;
            let alarm = told.split("class=\"alarm\"").nth(1).unwrap().split("</div>").next().unwrap();
            let under = alarm.rsplit_once("href=\"tel:").unwrap().1.split("</a></p>").nth(1).unwrap();
            assert!(under.trim_start().starts_with(&format!("<p>{words}</p>")), "{first}: {alarm}");
        }
    }
}

#[tokio::test]
async fn what_nobody_takes_for_not_sure_is_not_said_to_be() {
    let fixture = Fixture::open(Judge::Rules).await;
    for (reference, language, blank, unsure) in [
        ("A-1", "en", "Not answered.", "We can not know"),
        ("A-2", "es", "Sin respuesta.", "No podemos saberlo"),
    ] {
        let patient = fixture.patient(reference, language).await;
        let mut page = started(&fixture, &patient.checklist).await;
        for answers in &WELL[..3] {
            page = fill(fixture.at, &page, answers, "next").await;
        }
        // SP16, the wish to be called, may stay blank.
        let general = [("SP14", "no"), ("SP15.worst", "0"), ("SP15.stops", "0")];
        let open = fill(fixture.at, &page, &general[1..], "skip").await.body;
        assert_eq!(open.matches(unsure).count(), 1, "weight is asked of everybody: {open}");
        let review = fill(fixture.at, &page, &general, "next").await.body;
        assert!(review.contains(&format!("<dd>{blank}</dd>")) && !review.contains(unsure), "{review}");
    }
}

#[tokio::test]
async fn pages_are_numbered_as_she_sees_them() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let mut page = started(&fixture, &patient.checklist).await;
    let mut steps = Vec::new();
    let step = |page: &Answer| {
        let words = page.body.split("<p class=\"step\">").nth(1).unwrap();
        words.split("</p>").next().unwrap().to_owned()
    };
    for answers in WELL {
        steps.push(step(&page));
        page = fill(fixture.at, &page, answers, "next").await;
    }
    steps.push(step(&page));
    // No pain, so the page about pain is none.
    assert_eq!(steps, ["Page 1 of 6", "Page 2 of 6", "Page 3 of 6", "Page 4 of 5", "Page 5 of 5"]);
}

#[tokio::test]
async fn an_answer_left_open_is_named_as_a_reason_to_call() {
    let fixture = Fixture::open(Judge::Rules).await;
    for (reference, language, open, why) in [
        ("A-1", "en", "We can not know, so we may ask you to call us.", "One question or more stayed open."),
        ("A-2", "es", "No podemos saberlo, así que quizá", "Alguna pregunta quedó sin responder."),
    ] {
        let patient = fixture.patient(reference, language).await;
        let mut page = started(&fixture, &patient.checklist).await;
        for answers in &WELL[..3] {
            page = fill(fixture.at, &page, answers, "next").await;
        }
        // How tired she is has no "not sure" among its answers.
        let review =
            fill(fixture.at, &page, &[("SP14", "no"), ("SP15.stops", "0"), ("SP16", "no")], "skip").await;
        assert!(review.body.contains(open), "{}", review.body);
        let told = fill(fixture.at, &review, &[], "send").await.body;
        assert!(told.contains(why), "{told}");
    }
    let well = fixture.patient("A-3", "en").await;
    let review = reviewed(&fixture, &well.checklist).await;
    assert!(!fill(fixture.at, &review, &[], "send").await.body.contains("stayed open"));
}

#[tokio::test]
async fn where_nobody_judges_everyone_reads_the_same() {
    // Both forms come within one minute, which the page names.
    let fixture = Fixture::at_pace(Judge::Nobody, 1_000).await;
    let mut bodies = Vec::new();
    for (reference, weak) in [("A-1", "new"), ("A-2", "no")] {
        let patient = fixture.patient(reference, "en").await;
        let mut page = started(&fixture, &patient.checklist).await;
        page = fill(fixture.at, &page, &[("SP08", weak), ("SP09", "no"), ("SP10", "no")], "next").await;
        for answers in &WELL[1..] {
            page = fill(fixture.at, &page, answers, "next").await;
        }
        bodies.push(fill(fixture.at, &page, &[], "send").await.body);
    }
    assert_eq!(bodies[0], bodies[1]);
    assert!(bodies[0].contains("A person at the clinic will look at each answer"), "{}", bodies[0]);
    assert_eq!(
        fixture.count("SELECT count(*) FROM alert"),
        1,
        "the one that is not all no is read by a person"
    );
}

#[tokio::test]
async fn sent_twice_it_is_one_response() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let review = reviewed(&fixture, &patient.checklist).await;
    let (one, two) =
        tokio::join!(send(fixture.at, &review, &[], "send"), send(fixture.at, &review, &[], "send"));
    assert_eq!((one.status, two.status), (200, 200));
    assert_eq!(one.body, two.body);
    let third = send(fixture.at, &review, &[], "send").await;
    assert_eq!((third.status, &third.body), (200, &one.body));
    assert_eq!(fixture.count("SELECT count(*) FROM response"), 1);
}

#[tokio::test]
async fn open_questions_are_named_once_and_may_stay_open() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let page = started(&fixture, &patient.checklist).await;
    let same = fill(fixture.at, &page, &[("SP08", "no")], "next").await;
    assert!(same.body.contains("Please look at this page again"));
    assert!(same.body.contains("href=\"#SP09-no\"") && same.body.contains("id=\"SP09-no\""));
    assert!(same.body.contains("name=\"SP08\" value=\"no\" checked"), "what was answered stays");
    // A mistake is told where the eye, the keyboard and a screen reader are.
    assert!(same.body.contains("<title>Error: Arms, legs and feeling"), "{}", same.body);
    assert!(same.body.contains("aria-describedby=\"item-SP09-help item-SP09-mistake\""), "{}", same.body);
    assert!(same.body.contains("class=\"mistake\" id=\"item-SP09-mistake\""), "{}", same.body);
    let input =
        |id: &str| same.body.split(&format!("id=\"{id}\"")).nth(1).unwrap().split('>').next().unwrap();
    assert!(input("SP09-no").contains("aria-invalid") && !input("SP08-no").contains("aria-invalid"));
    let next = fill(fixture.at, &same, &[("SP08", "no")], "skip").await;
    assert!(next.body.contains("Bladder, bowel and skin") && !next.body.contains("Error:"), "{}", next.body);
    let back = fill(fixture.at, &next, &[], "back").await;
    assert!(back.body.contains("Arms, legs and feeling"));
}

#[tokio::test]
async fn a_no_with_a_place_beside_it_is_asked_about_once_more_and_taken_as_it_is() {
    let fixture = Fixture::open(Judge::Rules).await;
    for (reference, language, odd, next) in [
        ("A-1", "en", "You said no, and you also chose something", "Bladder, bowel and skin"),
        ("A-2", "es", "Ha dicho que no, y también ha marcado algo", "Vejiga, intestino y piel"),
    ] {
        let patient = fixture.patient(reference, language).await;
        let page = started(&fixture, &patient.checklist).await;
        let said = [("SP08", "no"), ("SP09", "no"), ("SP10", "no"), ("SP10.site", "both-legs")];
        let same = fill(fixture.at, &page, &said, "next").await;
        assert!(same.body.contains(odd) && same.body.contains("href=\"#SP10-no\""), "{}", same.body);
        assert_eq!(same.body.matches("class=\"mistake\"").count(), 1, "{}", same.body);
        let on = fill(fixture.at, &same, &said, "skip").await;
        assert!(on.body.contains(next) && !on.body.contains(odd), "{}", on.body);
        let back = fill(fixture.at, &on, &[], "back").await;
        let fits = [("SP08", "no"), ("SP09", "no"), ("SP10", "same"), ("SP10.site", "both-legs")];
        let mended = fill(fixture.at, &back, &fits, "next").await;
        assert!(mended.body.contains(next), "{}", mended.body);
    }
}

#[tokio::test]
async fn pain_brings_the_page_about_pain_and_no_pain_skips_it() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let mut page = started(&fixture, &patient.checklist).await;
    for answers in &WELL[..2] {
        page = fill(fixture.at, &page, answers, "next").await;
    }
    let more = fill(fixture.at, &page, &[("SP07", "no"), ("SP01", "same")], "next").await;
    assert!(more.body.contains("More about the pain"));
    assert_eq!(more.body.matches("name=\"SP03\"").count(), 11);
}

#[tokio::test]
async fn something_changed_is_always_open_and_belongs_to_no_follow_up() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    for _ in 0..2 {
        let review = reviewed(&fixture, &patient.changed).await;
        assert!(fill(fixture.at, &review, &[], "send").await.body.contains("We saw no new warning signs"));
    }
    assert_eq!(fixture.count("SELECT count(*) FROM response WHERE follow_up_id IS NULL"), 2);
}

#[tokio::test]
async fn a_spanish_reader_gets_spanish_whatever_the_browser_likes() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "es").await;
    let page = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    assert!(page.body.contains("<html lang=\"es\" dir=\"ltr\">"));
    assert!(page.body.contains("¿Quién completa este formulario?") && !page.body.contains("Who is filling"));
    let review = reviewed(&fixture, &patient.checklist).await;
    let done = fill(fixture.at, &review, &[], "send").await;
    assert!(done.body.contains("<h1>Gracias</h1>"), "{}", done.body);
}

#[tokio::test]
async fn without_who_fills_it_in_the_start_says_so() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let start = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    let same = fill(fixture.at, &start, &[], "start").await;
    assert_eq!(same.status, 422);
    assert!(
        same.body.contains("href=\"#who-self\">Who is filling this in? You have not answered this yet.</a>"),
        "{}",
        same.body
    );
    assert!(same.body.contains("<title>Error: ") && same.body.contains(" tabindex=\"-1\" autofocus>"));
    assert_eq!(same.body.matches("aria-invalid=\"true\"").count(), 2, "{}", same.body);
    assert_eq!(fixture.count("SELECT count(*) FROM response"), 0);
}

async fn lose_cover(fixture: &Fixture) {
    let lost =
        |tx: &mut aftercare::store::db::transaction::Tx<'_>| tx.set_fact("no-cover", "Nobody was reached.");
    fixture
        .clinic
        .store
        .write(aftercare::store::db::transaction::Stamp::daemon(crate::fixture::now()), lost)
        .await
        .unwrap();
}

#[tokio::test]
async fn while_nobody_can_read_answers_the_form_says_call_and_do_not_wait() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let path = format!("/c/{}", patient.checklist);
    assert!(!get(fixture.at, &path).await.body.contains("No one at the clinic can read"));
    lose_cover(&fixture).await;
    let start = get(fixture.at, &path).await;
    assert!(start.body.contains("call now. Do not wait for us to call you"), "{}", start.body);
    let page = fill(fixture.at, &start, &[("w", "self")], "start").await;
    let told = fill(fixture.at, &page, &[("SP08", "new"), ("SP09", "no"), ("SP10", "no")], "next").await;
    assert!(
        told.body.contains("<h1>Get help now</h1>") && told.body.contains("No one at the clinic can read")
    );
    assert_eq!(fixture.count("SELECT count(*) FROM alert"), 1, "what was said rings all the same");
}

#[tokio::test]
async fn a_person_who_reads_is_promised_only_while_there_is_one() {
    let fixture = Fixture::open(Judge::Nobody).await;
    let (promised, alone) = (fixture.patient("A-1", "en").await, fixture.patient("A-2", "en").await);
    let review = reviewed(&fixture, &promised.checklist).await;
    let told = fill(fixture.at, &review, &[], "send").await;
    assert!(told.body.contains("A person at the clinic will look at"), "{}", told.body);
    lose_cover(&fixture).await;
    let review = reviewed(&fixture, &alone.checklist).await;
    let told = fill(fixture.at, &review, &[], "send").await;
    assert!(
        told.body.contains("We have saved your answers")
            && !told.body.contains("A person at the clinic will")
    );
}

#[tokio::test]
async fn where_nobody_judges_the_first_thing_after_sending_is_when_to_ring_and_the_numbers() {
    let fixture = Fixture::open(Judge::Nobody).await;
    let patient = fixture.patient("A-1", "en").await;
    let review = reviewed(&fixture, &patient.checklist).await;
    let told = fill(fixture.at, &review, &[], "send").await.body;
    let main = told.split("<main").nth(1).unwrap();
    let first = main.find("Did you tick &quot;new or worse&quot; on the first pages?").unwrap();
    let numbers = main.find("href=\"tel:").unwrap();
    let thanks = main.find("Thank you").unwrap();
    assert!(first < numbers && numbers < thanks, "{told}");
    assert_eq!(main[..first].matches("<p").count(), 0, "nothing stands above it: {main}");
}

/// What each language calls the answer of whoever does not know, without its full stop.
const UNSURE: [(&str, &str); 2] = [("en", "I am not sure"), ("es", "No lo sé con seguridad")];

#[tokio::test]
async fn where_nobody_judges_all_read_what_to_do_if_not_sure_and_who_looks_at_what() {
    for (judge, [read, other]) in [
        (Judge::Nobody, ["each answer that is more than a", "cada respuesta que sea más que un"]),
        (
            Judge::NobodyReadingNew,
            ["new or worse, and where you are not sure", "nuevo o peor, y donde tiene dudas"],
        ),
    ] {
        let fixture = Fixture::open(judge).await;
        for ((language, unsure), [read, asked, today]) in UNSURE.into_iter().zip([
            [read, "Did you ask us to call you?", "call us today on +"],
            [other, "¿Pidió que le llamemos?", "llámenos hoy al +"],
        ]) {
            let patient = fixture.patient(&format!("A-{language}"), language).await;
            let page = started(&fixture, &patient.checklist).await;
            assert!(page.body.contains(&format!("<span>{unsure}.</span>")), "the words of the answer");
            let review = reviewed(&fixture, &patient.checklist).await;
            let told = fill(fixture.at, &review, &[], "send").await.body.replace("&quot;", "\"");
            let alarm = told.split("class=\"alarm\"").nth(1).unwrap().split("</section>").next().unwrap();
            let what = alarm.split_once(&format!("\"{unsure}\"")).unwrap().1.split("</p>").next().unwrap();
            assert!(what.contains(today), "{language}: {what}");
            assert!(told.contains(read) && told.contains(asked), "{language}: {told}");
        }
    }
}

#[tokio::test]
async fn who_does_not_know_is_told_of_the_answer_that_says_so_where_there_is_one() {
    let fixture = Fixture::open(Judge::Rules).await;
    for (language, unsure) in UNSURE {
        let patient = fixture.patient(&format!("A-{language}"), language).await;
        let mut page = started(&fixture, &patient.checklist).await;
        for (answers, offered) in WELL.iter().zip([true, true, true, false]) {
            let same = fill(fixture.at, &page, &[], "next").await.body.replace("&quot;", "\"");
            assert_eq!(same.contains(&format!("\"{unsure}\"")), offered, "{language}: {same}");
            page = fill(fixture.at, &page, answers, "next").await;
        }
    }
}

#[tokio::test]
async fn a_little_tired_is_read_by_nobody_and_fairly_tired_is() {
    let fixture = Fixture::open(Judge::Nobody).await;
    for (reference, tired, alerts) in [("A-1", "1", 0), ("A-2", "2", 1)] {
        let patient = fixture.patient(reference, "en").await;
        let mut page = started(&fixture, &patient.checklist).await;
        for answers in &WELL[..3] {
            page = fill(fixture.at, &page, answers, "next").await;
        }
        let general = [("SP14", "no"), ("SP15.worst", tired), ("SP15.stops", "0"), ("SP16", "no")];
        let review = fill(fixture.at, &page, &general, "next").await;
        fill(fixture.at, &review, &[], "send").await;
        assert_eq!(fixture.count("SELECT count(*) FROM alert"), alerts, "{tired}");
    }
}

/// Back to the first page after sending, a sign that was missed, and on to the end: nothing of it is lost.
#[tokio::test]
async fn back_after_sending_and_another_answer_is_judged_and_can_be_sent() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let first = started(&fixture, &patient.checklist).await;
    let mut page = fill(fixture.at, &first, WELL[0], "next").await;
    for answers in &WELL[1..] {
        page = fill(fixture.at, &page, answers, "next").await;
    }
    assert!(fill(fixture.at, &page, &[], "send").await.body.contains("We saw no new warning signs"));
    // The browser shows the first page as it was.
    let told = fill(fixture.at, &first, &[("SP08", "new"), ("SP09", "no"), ("SP10", "no")], "next").await;
    assert!(told.body.contains("<h1>Get help now</h1>"), "{}", told.body);
    assert_eq!(fixture.count("SELECT count(*) FROM alert WHERE state = 'raised' AND tier = 'emergency'"), 1);
    let on = told.body.split("<a class=\"button quiet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let on = get(fixture.at, &on.replace("&amp;", "&")).await;
    assert!(on.status == 200 && on.body.contains("Look at your answers"), "{}", on.body);
    let done = fill(fixture.at, &on, &[], "send").await;
    assert!(done.body.contains("<h1>Get help now</h1>"), "{}", done.body);
    assert_eq!(fixture.count("SELECT count(*) FROM response WHERE state = 'submitted'"), 2);
}

#[tokio::test]
async fn she_keeps_seeing_what_to_do_now_while_the_alert_is_open() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let first = started(&fixture, &patient.checklist).await;
    let told = fill(fixture.at, &first, &[("SP08", "new"), ("SP09", "no"), ("SP10", "no")], "next").await;
    let on = told.body.split("<a class=\"button quiet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let mut page = get(fixture.at, &on.replace("&amp;", "&")).await;
    for answers in &WELL[1..] {
        page = fill(fixture.at, &page, answers, "next").await;
    }
    fill(fixture.at, &page, &[], "send").await;
    // The used link, and the page "something changed": first what to do now.
    let used = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    assert!(used.status == 200 && used.body.contains("<h1>Get help now</h1>"), "{}", used.body);
    assert!(used.body.contains("value=\"new-link\""), "and a new form can be asked for");
    let changed = get(fixture.at, &format!("/c/{}", patient.changed)).await;
    assert!(changed.body.contains("<h1>Get help now</h1>"), "{}", changed.body);
    // A second form in which all is well ends with the same advice.
    let on =
        changed.body.split("<a class=\"button quiet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let start = get(fixture.at, &on.replace("&amp;", "&")).await;
    let mut page = fill(fixture.at, &start, &[("w", "self")], "start").await;
    for answers in WELL {
        page = fill(fixture.at, &page, answers, "next").await;
    }
    let done = fill(fixture.at, &page, &[], "send").await;
    assert!(
        done.body.contains("<h1>Get help now</h1>") && !done.body.contains("We saw no warning"),
        "{}",
        done.body
    );
}

#[tokio::test]
async fn a_form_that_comes_faster_than_a_person_reads_is_kept_and_is_no_answer() {
    // A gateway that looks for danger in mail: six requests with a tenth of a second between them.
    let fixture = Fixture::at_pace(Judge::Rules, 100).await;
    let patient = fixture.patient("A-1", "en").await;
    let review = reviewed(&fixture, &patient.checklist).await;
    let sent = fill(fixture.at, &review, &[], "send").await;
    assert!(sent.body.contains("Look at your answers"), "whoever is there is asked once more: {}", sent.body);
    assert_eq!(fixture.count("SELECT count(*) FROM response WHERE state = 'partial' AND hurried = 1"), 1);
    let open = "SELECT count(*) FROM follow_up WHERE series = 'spine-check' AND state = 'done'";
    assert_eq!(fixture.count(open), 0, "she is still asked");
    assert_eq!(
        fixture.count("SELECT count(*) FROM link WHERE opened_at IS NOT NULL"),
        0,
        "opened is not read"
    );
    // She opens the letter herself: nothing of the machine's stands in her form.
    let page = started(&fixture, &patient.checklist).await;
    assert!(page.body.contains("SP08") && !page.body.contains("checked"), "{}", page.body);
}

#[tokio::test]
async fn what_a_machine_ticked_red_rings_all_the_same() {
    for judge in [Judge::Rules, Judge::Nobody] {
        let fixture = Fixture::at_pace(judge, 10).await;
        let patient = fixture.patient("A-1", "en").await;
        let page = started(&fixture, &patient.checklist).await;
        fill(fixture.at, &page, &[("SP08", "new"), ("SP09", "no"), ("SP10", "no")], "next").await;
        assert_eq!(fixture.count("SELECT count(*) FROM alert WHERE state = 'raised'"), 1);
        let said =
            "SELECT count(*) FROM task WHERE kind = 'read-answer' AND reason LIKE '%perhaps a machine%'";
        assert_eq!(fixture.count(said), i64::from(matches!(judge, Judge::Nobody)));
    }
}

#[tokio::test]
async fn whoever_taps_as_fast_as_anybody_can_is_heard() {
    // Each page is two requests, one that shows it and one that sends it: a second a page.
    let fixture = Fixture::at_pace(Judge::Rules, 600).await;
    let patient = fixture.patient("A-1", "en").await;
    let review = reviewed(&fixture, &patient.checklist).await;
    let done = fill(fixture.at, &review, &[], "send").await;
    assert!(done.body.contains("We saw no new warning signs"), "{}", done.body);
    assert_eq!(fixture.count("SELECT count(*) FROM response WHERE state = 'submitted' AND hurried = 0"), 1);
}

#[tokio::test]
async fn somebody_whose_form_came_too_fast_sends_it_again_and_is_heard() {
    let fixture = Fixture::at_pace(Judge::Rules, 400).await;
    let patient = fixture.patient("A-1", "en").await;
    let review = reviewed(&fixture, &patient.checklist).await;
    let mut page = fill(fixture.at, &review, &[], "send").await;
    assert!(
        page.body.contains("Look at your answers") && !page.body.contains("Not answered"),
        "{}",
        page.body
    );
    for _ in 0..2 {
        page = fill(fixture.at, &page, &[], "send").await;
    }
    assert!(page.body.contains("We saw no new warning signs"), "{}", page.body);
}
