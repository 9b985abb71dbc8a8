//! No page shows a word of the program: every page of the table of routes, on a clinic where much has happened, is read as a
//! reader sees it.

use std::collections::BTreeSet;

use aftercare::care::delivery::DeliveryState;
use aftercare::care::patient::PatientStatus;
use aftercare::care::task::TaskKind;
use aftercare::config::protocols::protocol;
use aftercare::config::sources::Sources;

use crate::http::Answer;
use crate::site::Site;

/// Hyphenated words that are English or the field's, and one that is the name of a protocol's file too.
const ENGLISH: [&str; 9] = [
    "dilator-review",
    "follow-up",
    "first-visit",
    "pet-ct",
    "co-test",
    "late-effects",
    "sign-in",
    "test-alert",
    "half-done",
];

/// The words of the program that have a hyphen: kinds of tasks, statuses, series of the shipped protocols. What a clinic calls
/// a protocol is the name of its file.
fn hyphenated() -> BTreeSet<String> {
    let library = protocol::library(&Sources::shipped(), &["en", "es"]).unwrap();
    let series = library.values().flat_map(|own| own.protocol.series.iter().map(|one| one.id.to_string()));
    let kinds = TaskKind::ALL.iter().map(|kind| kind.word().to_owned());
    let all = series.chain(kinds).chain(PatientStatus::WORDS.map(str::to_owned));
    let states = DeliveryState::ALL.iter().map(|state| state.word().to_owned());
    let all = all.chain(states).filter(|word| word.contains(['-', '_']));
    all.filter(|word| !ENGLISH.contains(&word.as_str())).collect()
}

/// Attributes whose words are read out, or shown.
const READ_OUT: [&str; 4] = [" aria-label=\"", " title=\"", " alt=\"", " placeholder=\""];

/// What a reader sees or hears of a page: no tags, no scripts, none of what other people wrote (letters, messages), no commands.
fn seen(page: &str) -> String {
    let mut text = page.split_once("<main").map_or(page, |(_, main)| main).to_owned();
    for tag in ["pre", "code", "textarea", "script"] {
        let (open, close) = (format!("<{tag}"), format!("</{tag}>"));
        while let Some(start) = text.find(&open) {
            let end = text[start..].find(&close).map_or(text.len(), |at| start + at + close.len());
            text.replace_range(start..end, " ");
        }
    }
    let mut seen = page
        .split_once("<title>")
        .map_or("", |(_, rest)| rest.split('<').next().unwrap_or_default())
        .to_owned();
    for attribute in READ_OUT {
        for value in text.split(attribute).skip(1) {
            seen.push(' ');
            seen.push_str(value.split('"').next().unwrap_or_default());
        }
    }
    let mut is_tag = false;
    for c in text.chars() {
        match c {
            '<' => (is_tag, seen) = (true, seen + " "),
            '>' => is_tag = false,
            c if !is_tag => seen.push(c),
            _ => {}
        }
    }
    let marks =
        [("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    marks.iter().fold(seen, |seen, (mark, read)| seen.replace(mark, read))
}

/// What events of the audit are about, as its subjects and events begin.
const SUBJECTS: [&str; 17] = [
    "alert",
    "appointment",
    "baseline",
    "contact",
    "delivery",
    "enrolment",
    "follow-up",
    "import",
    "inbound",
    "link",
    "patient",
    "protocol",
    "response",
    "setting",
    "staff",
    "staged-import",
    "task",
];

/// Whether it is the name of a variant, e.g. `OptedOutEmail`.
fn is_variant(word: &str) -> bool {
    let capitals = word.chars().filter(char::is_ascii_uppercase).count();
    let humps =
        word.as_bytes().windows(2).filter(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase());
    word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.chars().all(|c| c.is_ascii_alphabetic())
        && capitals > 1
        && humps.count() + 1 == capitals
}

/// What of it only the program understands.
fn machine_words(text: &str, hyphenated: &BTreeSet<String>) -> Vec<String> {
    let is_word = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let mut found = Vec::new();
    for token in text.split_whitespace() {
        let bare = token.trim_matches(|c: char| !c.is_alphanumeric());
        let is_snake = bare.contains('_')
            && bare.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        let is_pair = bare.split_once(':').is_some_and(|(left, right)| {
            is_word(left) && is_word(right.split('.').next().unwrap_or_default())
        });
        // A quotation before a colon is English; what follows at once is not.
        let is_json = ["{\"", "[\""].iter().any(|part| token.contains(part))
            || ["{", "}"].contains(&token)
            || token.split_once("\":").is_some_and(|(_, value)| !value.is_empty());
        let is_event =
            bare.split_once('.').is_some_and(|(subject, rest)| SUBJECTS.contains(&subject) && is_word(rest));
        let is_subject = bare
            .split_once('/')
            .is_some_and(|(subject, id)| SUBJECTS.contains(&subject) && id.parse::<i64>().is_ok());
        let is_variant = is_variant(bare) || token.contains("Some(") || token.contains("Err(");
        let is_instant = bare.len() > 10
            && bare.as_bytes()[4] == b'-'
            && bare.contains('T')
            && bare[..4].parse::<u16>().is_ok();
        let is_quoted = token.contains('`');
        let of_audit = is_event || is_subject;
        let of_code = is_snake || is_pair || is_json || is_instant || is_quoted || is_variant;
        if of_audit || of_code || hyphenated.contains(bare) {
            found.push(token.to_owned());
        }
    }
    found
}

/// Forms that end the session of the test, or take long.
const NEVER_SENT: [&str; 5] = ["/sign-in", "/sign-out", "/account", "/account/sessions", "/join/{token}"];

/// Fields of many forms, with what none of them takes.
const NONSENSE: [(&str, &str); 16] = [
    ("act", "book"),
    ("kind", "no-such"),
    ("on", "2031-31-01"),
    ("at", "25:00"),
    ("until", "yesterday"),
    ("to", "nobody"),
    ("reason", "x"),
    ("note", "x"),
    ("sure", "no"),
    ("revision", "1"),
    ("text", "id = 3"),
    ("value", "call me"),
    ("series", "visit"),
    ("base", "1"),
    ("code", "AAAA"),
    ("from", "1999-01-01"),
];

fn is_page(answer: &Answer) -> bool {
    answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"))
}

fn told(path: &str, answer: &Answer, hyphenated: &BTreeSet<String>) -> Vec<String> {
    let words = machine_words(&seen(&answer.body), hyphenated);
    words.into_iter().map(|word| format!("{path}: {word}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_shows_a_word_of_the_program() {
    let site = Site::open().await;
    let hyphenated = hyphenated();
    let mut faults = BTreeSet::new();
    for page in site.pages() {
        // A file, and a letter, is not the program's to word.
        if page.row.starts_with("/static")
            || page.row.ends_with("/html")
            || page.row.ends_with("/file")
            || page.path.ends_with(".csv")
            || page.path.ends_with(".toml")
        {
            continue;
        }
        for cookie in site.readers_of(&page) {
            let answer = site.fixture.get(&page.path, cookie).await;
            assert!(answer.status == 200 && is_page(&answer), "{}: {}", page.path, answer.head);
            faults.extend(told(&page.path, &answer, &hyphenated));
        }
    }
    // What refuses an empty form, or one that is filled in with nonsense.
    let mut refused = 0;
    let doctor = site.fixture.sign_in("dora").await;
    for form in site.forms().iter().filter(|form| !NEVER_SENT.contains(&form.row.as_str())) {
        for cookie in site.readers().chain([doctor.as_str()]) {
            for fields in [&[][..], &NONSENSE] {
                let answer = site.fixture.act(&form.path, cookie, fields).await;
                refused += u32::from(answer.status == 422);
                if answer.status >= 400 && is_page(&answer) {
                    faults.extend(told(&format!("POST {}", form.path), &answer, &hyphenated));
                }
            }
        }
    }
    assert!(refused > 40, "{refused} forms");
    assert!(faults.is_empty(), "{}", faults.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn what_only_the_program_understands_is_told_from_english() {
    let known = BTreeSet::from(["spine-check".to_owned(), "not-booked".to_owned()]);
    for bad in [
        "visit:booked.180.0",
        "address_bad",
        "(spine-check)",
        "{\"a\": 1}",
        "`invite`",
        "2026-02-24T15:00:00Z",
        "visit:nudge-2",
        "leaflet-2:send.1",
        "{ \"a\": 1 }",
        "alert.closed",
        "(delivery/17)",
        "OptedOutEmail",
        "Some(3)",
    ] {
        assert!(!machine_words(bad, &known).is_empty(), "{bad}");
    }
    for good in [
        "follow-up at 10:30",
        "half-way",
        "http://x.example/a",
        "PET-CT",
        "24 Feb 2026, 08:32",
        "C-100:",
        "\"no letters\": she asked",
        "x.patient@mail.example",
    ] {
        assert!(machine_words(good, &known).is_empty(), "{good}");
    }
}
