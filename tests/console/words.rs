//! No page shows a word of the program: every page of the table of routes, on a clinic where much has happened, is read as a
//! reader sees it.

use std::collections::BTreeSet;

use aftercare::care::delivery::DeliveryState;
use aftercare::care::patient::PatientStatus;
use aftercare::care::task::TaskKind;
use aftercare::config::protocols::protocol;
use aftercare::config::sources::Sources;

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

/// What a reader sees of a page: no tags, no scripts, none of what other people wrote (letters, messages), no commands.
fn seen(page: &str) -> String {
    let mut text = page.split_once("<main").map_or(page, |(_, main)| main).to_owned();
    for tag in ["pre", "code", "textarea", "script"] {
        let (open, close) = (format!("<{tag}"), format!("</{tag}>"));
        while let Some(start) = text.find(&open) {
            let end = text[start..].find(&close).map_or(text.len(), |at| start + at + close.len());
            text.replace_range(start..end, " ");
        }
    }
    let mut seen = String::new();
    let mut is_tag = false;
    for c in text.chars() {
        match c {
            '<' => (is_tag, seen) = (true, seen + " "),
            '>' => is_tag = false,
            c if !is_tag => seen.push(c),
            _ => {}
        }
    }
    seen.replace("&quot;", "\"").replace("&#x27;", "'").replace("&amp;", "&")
}

/// What of it only the program understands.
fn machine_words(text: &str, hyphenated: &BTreeSet<String>) -> Vec<String> {
    let is_word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    let mut found = Vec::new();
    for token in text.split_whitespace() {
        let bare = token.trim_matches(|c: char| !c.is_alphanumeric());
        let is_snake = bare.contains('_')
            && bare.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        let is_pair = bare.split_once(':').is_some_and(|(left, right)| {
            is_word(left) && is_word(right.split('.').next().unwrap_or_default())
        });
        let is_json = ["{\"", "[\"", "\":\""].iter().any(|part| token.contains(part));
        let is_instant = bare.len() > 10
            && bare.as_bytes()[4] == b'-'
            && bare.contains('T')
            && bare[..4].parse::<u16>().is_ok();
        let is_quoted = token.contains('`');
        if is_snake || is_pair || is_json || is_instant || is_quoted || hyphenated.contains(bare) {
            found.push(token.to_owned());
        }
    }
    found
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
            || page.row.ends_with(".csv")
        {
            continue;
        }
        for cookie in site.readers_of(&page) {
            let answer = site.fixture.get(&page.path, cookie).await;
            let is_page = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
            assert!(answer.status == 200 && is_page, "{}: {}", page.path, answer.head);
            let words = machine_words(&seen(&answer.body), &hyphenated);
            faults.extend(words.into_iter().map(|word| format!("{}: {word}", page.path)));
        }
    }
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
    ] {
        assert!(!machine_words(bad, &known).is_empty(), "{bad}");
    }
    for good in
        ["follow-up at 10:30", "half-way", "http://x.example/a", "PET-CT", "24 Feb 2026, 08:32", "C-100:"]
    {
        assert!(machine_words(good, &known).is_empty(), "{good}");
    }
}
