//! The doors through which strangers' bytes come in. Each target of `fuzz_targets/` is one of these functions, and
//! `tests/fuzz.rs` runs the same ones over the seeds and over damaged seeds. They must not panic, hang, or take what is
//! not ours.

use std::sync::{Arc, LazyLock};

use aftercare::care::checklist::answer::Answers;
use aftercare::care::checklist::definition::Checklist;
use aftercare::care::inbound::Content;
use aftercare::care::patient::Detail;
use aftercare::care::time::calendar::OpenDays;
use aftercare::config::checklists::checklist;
use aftercare::config::checklists::source_file::SourceFile;
use aftercare::config::embedded;
use aftercare::config::protocols::protocol;
use aftercare::config::sources::Sources;
use aftercare::exchange::roster::rows::Roster;
use aftercare::exchange::roster::rules::{Origin, RosterRules, RosterSource, RosterTerms};
use aftercare::exchange::roster::survey::{RecordOnFile, SurveyListener};
use aftercare::journey::link_key::{LinkKey, digest};
use jiff::Timestamp;
use jiff::civil::date;

/// What is handed in by one door.
pub(crate) type Entry = fn(&[u8]);

/// Every door by the name of its target and of its seeds' directory.
pub(crate) const ENTRIES: [(&str, Entry); 6] = [
    ("token", token),
    ("form_body", form_body),
    ("checklist_file", checklist_file),
    ("protocol_file", protocol_file),
    ("roster", roster),
    ("message", message),
];

/// A token, nonce, pass or return tag from an address: none that we did not make is taken.
pub(crate) fn token(bytes: &[u8]) {
    let key = LinkKey::new([7; 32]);
    let word = String::from_utf8_lossy(bytes);
    assert_eq!(digest(&word), digest(&word));
    assert!(!key.made("another link", &word), "a nonce of nobody's making");
    assert!(!key.accepts(&word, 1, Timestamp::UNIX_EPOCH), "a pass of nobody's making");
    assert_eq!(key.read_return_tag(&word), None, "a return tag of nobody's making");
}

/// A message that reached a mailbox of ours: it is read in bounds, hides nothing from whoever reads it, and names no letter that
/// we did not make.
pub(crate) fn message(bytes: &[u8]) {
    let key = LinkKey::new([7; 32]);
    let found = aftercare::mail::inbound::read::read(bytes);
    assert!((1..=20).contains(&found.len()), "a message is one, or some that were passed on");
    for one in &found {
        assert!(one.note.text.chars().count() <= 8_100 && one.note.subject.chars().count() <= 200);
        let hidden = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!one.note.text.contains(hidden) && !one.note.subject.contains(hidden), "something hides");
        assert!(
            one.names.tags.iter().all(|tag| key.read_return_tag(tag).is_none()),
            "a tag of nobody's making"
        );
        assert!(
            one.names.message_ids.iter().all(|id| key.read_message_id(id).is_none()),
            "an id of nobody's making"
        );
        if let Content::Report(report) = &one.content {
            assert!(!report.words.contains('@'), "P10: an address is kept");
        }
        let id = one.note.message_id.as_deref().unwrap_or_default();
        assert!(id.bytes().all(|b| b.is_ascii_graphic()), "a header could be forged");
    }
}

/// A sent form: whatever stands in it, the answers taken are such as the checklist asks for.
pub(crate) fn form_body(bytes: &[u8]) {
    static SPINE: LazyLock<Option<Checklist>> = LazyLock::new(|| Some(checklist::shipped().ok()?.checklist));
    let Some(checklist) = &*SPINE else { return };
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(bytes).into_owned().collect();
    let pairs = fields.iter().map(|(field, word)| (field.as_str(), word.as_str()));
    let read = Answers::read(checklist, pairs);
    let taken: Vec<(String, String)> =
        read.answers.words().map(|(field, word)| (field.to_owned(), word)).collect();
    let again = taken.iter().map(|(field, word)| (field.as_str(), word.as_str()));
    let again = Answers::read(checklist, again);
    assert!(again.faults.is_empty(), "what was taken once is taken again");
    assert_eq!(again.answers.words().count(), taken.len());
}

/// A checklist's structure, and its words in one language: sound, or faults with hints.
pub(crate) fn checklist_file(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let shipped = |path: &str| embedded::text(path).unwrap_or_default();
    let (structure, words) = (shipped("checklists/spine.toml"), shipped("checklists/spine.en.toml"));
    let words = SourceFile { file: "spine.en.toml", text: &words };
    let first = checklist::read(SourceFile { file: "own.toml", text: &text }, &[words]);
    let structure = SourceFile { file: "spine.toml", text: &structure };
    let second = checklist::read(structure, &[SourceFile { file: "own.en.toml", text: &text }]);
    for faults in [first.err(), second.err()].into_iter().flatten() {
        assert!(!faults.is_empty() && faults.iter().all(|fault| !fault.hint.is_empty()));
    }
}

/// A protocol: sound, or faults with hints.
pub(crate) fn protocol_file(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Err(faults) = protocol::read("own.toml", &text, &["en", "es"]) {
        assert!(!faults.is_empty() && faults.iter().all(|fault| !fault.hint.is_empty()));
    }
}

/// A roster: each row is sound or told, and nothing else happens.
pub(crate) fn roster(bytes: &[u8]) {
    let Ok(file) = tempfile::NamedTempFile::new() else { return };
    if std::fs::write(file.path(), bytes).is_err() {
        return;
    }
    let languages = vec!["en".to_owned(), "es".to_owned()];
    let Ok(known) = protocol::find("sgo2017-high", &Sources::shipped(), &["en", "es"]) else { return };
    let known = [(known.id.clone(), Arc::new(known))].into();
    let terms = RosterTerms {
        languages,
        protocols: known,
        add_ons: Vec::new(),
        home: None,
        country: None,
        detail: Detail::Standard,
        clinics: Vec::new(),
        order: None,
    };
    let rules = RosterRules::new(terms, date(2027, 1, 15));
    let origin = Origin::of(RosterSource::File(file.path().to_owned()));
    let roster = Roster { origin, rules };
    let open = OpenDays { weekdays: Vec::new(), holidays: std::collections::BTreeSet::new() };
    let record =
        RecordOnFile { store: None, now: Timestamp::UNIX_EPOCH, zone: jiff::tz::TimeZone::UTC, open };
    let mut told = 0_u64;
    let mut hear = |_| told += 1;
    let found = aftercare::exchange::roster::survey::survey(
        &roster,
        &record,
        &mut SurveyListener { fault: &mut hear, remark: &mut |_| (), bytes: &mut |_| () },
    );
    if let Ok(found) = found {
        assert!(found.faulty <= told, "a faulty row nobody was told of");
        assert!(found.new + found.unchanged + found.faulty <= found.rows);
    }
}
