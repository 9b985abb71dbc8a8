//! No page shows a word of the program: every page of the table of routes, on a clinic where much has happened, is read as a
//! reader sees it.

use std::collections::BTreeSet;

use aftercare::care::delivery::DeliveryState;
use aftercare::care::patient::PatientStatus;
use aftercare::care::settings::setting::Setting;
use aftercare::care::task::TaskKind;
use aftercare::config::protocols::protocol;
use aftercare::config::sources::Sources;
use aftercare::letter::proof::samples;
use aftercare::web::console::route::RouteMethod;
use aftercare::web::console::routes;

use crate::fixture::{CODE, Fixture, now};
use crate::http::Answer;
use crate::{imports, protocols};

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

/// Tasks of every kind with reasons as the steps write them, letters in every state, an event of every kind.
fn much_has_happened(fixture: &Fixture) {
    let sql = rusqlite::Connection::open(fixture.engine.clinic.store.path()).unwrap();
    let at = now().as_millisecond();
    for (number, kind) in TaskKind::ALL.iter().enumerate() {
        let reason = "spine-check due on 2026-02-24: the letter `nudge-again` could not leave in time.";
        let insert = "INSERT INTO task (kind, cause, patient_id, reason, opened_at, due_at, state) VALUES (?, ?, 1, ?, ?, ?, 'open')";
        sql.execute(insert, rusqlite::params![kind.word(), format!("made/{number}"), reason, at, at])
            .unwrap();
    }
    for (number, state) in DeliveryState::ALL.iter().enumerate() {
        let waits = matches!(state, DeliveryState::Pending);
        let is_over = !matches!(state, DeliveryState::Pending | DeliveryState::Claimed);
        let frees = matches!(state, DeliveryState::Skipped | DeliveryState::Lapsed | DeliveryState::Failed);
        let insert = "INSERT INTO delivery (audience, purpose, patient_id, local_on, priority, state, frees_day, reason, next_at, \
                      lease_until, expires_at, created_at, ended_at, attempt, message_id) \
                      VALUES ('patient', 'notice', 1, '2026-02-24', 2, ?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, 1, ?8)";
        let values = rusqlite::params![
            state.word(),
            frees,
            is_over.then_some("address_bad"),
            waits.then_some(at),
            matches!(state, DeliveryState::Claimed).then_some(at),
            at,
            is_over.then_some(at),
            format!("<{number}@clinic.example>"),
        ];
        sql.execute(insert, values).unwrap();
    }
}

/// A draft and its publication, a test alert, a file that waits and patients that were taken in.
async fn much_was_begun(fixture: &Fixture, lead: &str) {
    protocols::begun(fixture, lead, "sgo2017-high").await;
    let old = "every = \"3m\" }, { after = \"24m\"";
    let (text, revision) = protocols::changed(fixture, old, &old.replace("3m", "4m"));
    let save = [("text", text.as_str()), ("revision", revision.as_str())];
    assert_eq!(fixture.act("/protocols/drafts/1/text", lead, &save).await.status, 303);
    let revision = (revision.parse::<u32>().unwrap() + 1).to_string();
    let ask = [("revision", revision.as_str()), ("move", "some"), ("code", CODE)];
    let asked = fixture.act("/protocols/drafts/1/publish", lead, &ask).await;
    assert_eq!(asked.header("location"), Some("/protocols/publications/1"), "{}", asked.body);
    let begin = [("begin", "nothing"), ("name", "own-plan"), ("id", "own-plan")];
    fixture.act("/protocols/drafts", lead, &begin).await;
    assert_eq!(fixture.act("/test-alert", lead, &[("act", "send")]).await.status, 303);
    let head = "reference,preferred_name,birth_date,email,language,time_zone,protocol,anchor_on";
    let good =
        format!("{head}\nR-1,Ana,1980-05-17,r1@mail.example,en,America/New_York,sgo2017-high,2026-01-31\n");
    let (at, _) = imports::follow(fixture, lead, imports::upload(fixture, lead, &good).await).await;
    imports::follow(fixture, lead, fixture.act(&format!("{at}/take"), lead, &[]).await).await;
    let faulty = format!(
        "{head}\nR 2,,1980-31-01,a@,xx,Madird,none,soon\nR-1,Ana,1980-05-17,,en,America/New_York,sgo2017-high,2026-01-15\n"
    );
    let own_names = "Case,First name,Born,Mail\nR-3,Eva,1980-05-17,\n";
    for file in [&faulty, own_names] {
        imports::follow(fixture, lead, imports::upload(fixture, lead, file).await).await;
    }
}

/// Addresses with parts that are filled in, and what is asked of lists.
fn addresses(path: &str) -> Vec<String> {
    if path.contains("{*reference}") {
        return vec![path.replace("{*reference}", CODE)];
    }
    if let Some((before, rest)) = path.split_once('{') {
        let (part, after) = rest.split_once('}').unwrap();
        let values: Vec<String> = match part {
            "setting" => Setting::ALL.iter().map(|one| one.word().to_owned()).collect(),
            "name" => samples::STEPS.iter().map(|(step, _)| (*step).to_owned()).collect(),
            "account" => ["nora", "adam"].map(str::to_owned).to_vec(),
            _ => (0..=8).map(|id| id.to_string()).collect(),
        };
        return values.iter().flat_map(|value| addresses(&format!("{before}{value}{after}"))).collect();
    }
    match path {
        "/protocols/compare" => vec!["/protocols/compare?a=1&b=2".to_owned()],
        "/tasks" => {
            vec!["/tasks".to_owned(), "/tasks?put_off=yes".to_owned(), "/tasks?kind=not-booked".to_owned()]
        }
        "/leaving" => vec!["/leaving".to_owned(), "/leaving?kind=notice".to_owned()],
        other => vec![other.to_owned()],
    }
}

/// Pages that only somebody without an account sees, or that a form leads to.
const NEVER_READ: [&str; 4] = ["/sign-in", "/join/{token}", "/live", "/test-alert/{code}"];

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

#[tokio::test]
async fn no_page_shows_a_word_of_the_program() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new"), ("SP09", "unsure")]).await;
    let nora = fixture.sign_in("nora").await;
    for (path, fields) in [
        ("/alerts/1/contact", &[("kind", "no-answer"), ("note", "rang")][..]),
        ("/alerts/1/acknowledge", &[]),
        (
            "/patients/C-100",
            &[("act", "status"), ("to", "recurrence_suspected"), ("reason", "x"), ("sure", "C-100")],
        ),
    ] {
        assert!(fixture.act(path, &nora, fields).await.status < 400, "{path}");
    }
    much_has_happened(&fixture);
    let hyphenated = hyphenated();
    let lead = fixture.sign_in("lena").await;
    let admin = fixture.sign_in("adam").await;
    let doctor = fixture.sign_in("dora").await;
    much_was_begun(&fixture, &lead).await;
    let mut faults = BTreeSet::new();
    let mut read = 0;
    for row in routes::all() {
        if row.method != RouteMethod::Get || row.path.starts_with("/static") || row.path.ends_with("/html") {
            continue;
        }
        let mut is_read = row.path.ends_with("/file") || row.path.ends_with(".csv");
        for path in addresses(&row.path) {
            for cookie in [&lead, &admin] {
                let answer = fixture.get(&path, cookie).await;
                if answer.status == 200 && is_page(&answer) {
                    is_read = true;
                    read += 1;
                    faults.extend(told(&path, &answer, &hyphenated));
                }
            }
        }
        if !is_read && !NEVER_READ.contains(&row.path.as_str()) {
            faults.insert(format!("{}: no such page was read", row.path));
        }
    }
    assert!(read > 80, "{read} pages");
    // What refuses an empty form, or one that is filled in with nonsense.
    let mut refused = 0;
    for row in routes::all() {
        if row.method == RouteMethod::Get || NEVER_SENT.contains(&row.path.as_str()) {
            continue;
        }
        for path in addresses(&row.path.replace("{id}", "1").replace("{number}", "0")) {
            for cookie in [&lead, &admin, &doctor] {
                for fields in [&[][..], &NONSENSE] {
                    let answer = fixture.act(&path, cookie, fields).await;
                    refused += u32::from(answer.status == 422);
                    if answer.status >= 400 && is_page(&answer) {
                        faults.extend(told(&format!("POST {path}"), &answer, &hyphenated));
                    }
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
