//! Reads a protocol file into care's values, every fault at once; its version is the hash of its text, so that a published
//! version can never change unseen.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::{remarks, series};
use crate::care::plan::extra_visit::extra_series;
use crate::care::plan::protocol::Protocol;
use crate::config::checklists::checklist;
use crate::config::file::fault::Fault;
use crate::config::file::reader::{Section, SpannedValue, TomlFile, ValueFault, ValueResult};
use crate::config::file::suggest::did_you_mean;
use crate::config::file::values::{slug, switch, text};
use crate::config::sources::Sources;

/// Where protocols lie, among the shipped files and the clinic's.
const FOLDER: &str = "protocols/";

/// A protocol and the text it was read from, which is stored with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProtocolSource {
    /// What it asks for.
    pub protocol: Protocol,
    /// The file, byte for byte.
    pub text: String,
}

/// Reads one protocol. `languages` are those in which every title must be given; of a checklist only if one is ([`titled`]).
///
/// # Errors
/// Every fault of the file, in its order.
pub fn read(file_name: &str, text: &str, languages: &[&str]) -> Result<Protocol, Vec<Fault>> {
    let (toml, table) = TomlFile::parse(file_name, text)?;
    let read = {
        let root = Section::root(&toml, table.get_ref());
        let read = protocol(&root, version(text), languages);
        root.close();
        read
    };
    let faults = toml.faults();
    read.filter(|_| faults.is_empty()).ok_or(faults)
}

/// The version of a protocol text: the first 12 hex digits of its SHA-256.
#[must_use]
pub fn version(text: &str) -> String {
    let mut hex = data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
    hex.truncate(12);
    hex
}

/// Every protocol there is, the clinic's own shadowing the shipped ones, by id.
///
/// # Errors
/// Every fault of every file.
pub fn library(
    sources: &Sources,
    languages: &[&str],
) -> Result<BTreeMap<String, ProtocolSource>, Vec<Fault>> {
    let (mut found, mut faults) = (BTreeMap::new(), Vec::new());
    for id in ids(sources) {
        match published(&id, sources, languages) {
            Err(more) => faults.extend(more),
            Ok(published) => drop(found.insert(id, published)),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

/// The protocol of that id, the clinic's own before the shipped one.
///
/// # Errors
/// Every fault of its file, or one with the nearest id when there is none of that name.
pub fn find(id: &str, sources: &Sources, languages: &[&str]) -> Result<Protocol, Vec<Fault>> {
    published(id, sources, languages).map(|published| published.protocol)
}

/// The same, with the title of its checklist for each series of a checklist that has none of its own. One that is not there is
/// told of where a clinic's files are compared with each other.
#[must_use]
pub fn titled(mut protocol: Protocol, sources: &Sources) -> Protocol {
    for series in protocol.series.iter_mut().filter(|series| series.title.is_empty()) {
        if let Some(Ok(form)) = series.checklist.as_deref().map(|name| checklist::load(name, sources)) {
            series.title = form.checklist.title;
        }
    }
    protocol
}

/// The ids there are, by the names of their files.
fn ids(sources: &Sources) -> Vec<String> {
    let paths = sources.list(FOLDER);
    let stems = paths.iter().filter_map(|path| path.strip_prefix(FOLDER)?.strip_suffix(".toml"));
    stems.map(str::to_owned).collect()
}

fn published(id: &str, sources: &Sources, languages: &[&str]) -> Result<ProtocolSource, Vec<Fault>> {
    let known = ids(sources);
    if !known.iter().any(|known| known == id) {
        return Err(vec![unknown(id, &known)]);
    }
    let (name, text) = sources.named(&format!("{FOLDER}{id}.toml"))?;
    let protocol = titled(read(&name, &text, languages)?, sources);
    let beyond = remarks::beyond(&protocol, &name, &text);
    if !beyond.is_empty() {
        return Err(beyond);
    }
    if protocol.id == id {
        return Ok(ProtocolSource { protocol, text });
    }
    let line = text.lines().position(|line| line.starts_with("id")).map_or(0, |n| n + 1);
    let problem = format!("`id` is `{}` but the file is named `{id}.toml`", protocol.id);
    Err(vec![Fault { file: name, line, problem, hint: "give both the same name".to_owned() }])
}

fn unknown(id: &str, known: &[String]) -> Fault {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let problem = format!("there is no protocol `{id}`");
    Fault { file: FOLDER.to_owned(), line: 0, problem, hint: did_you_mean(id, &known) }
}

fn protocol(root: &Section<'_, '_>, version: String, languages: &[&str]) -> Option<Protocol> {
    let (id, title, source) = (root.need("id", slug), root.need("title", text), root.need("source", cited));
    let anchor = root.need("anchor", slug);
    let (verified, add_on) = (root.or("verified", false, switch), root.or("add_on", false, switch));
    let sections = root.sections("series");
    if sections.is_empty() {
        root.fault("series", "is missing: this protocol owes nothing", "add at least one `[[series]]`");
    }
    let mut ids = BTreeSet::new();
    let mut all = Vec::with_capacity(sections.len());
    for section in &sections {
        let one = series::read(section, languages);
        section.close();
        if let Some(one) = &one
            && !ids.insert(one.id.clone())
        {
            let problem = format!("`{}` already names a series of this protocol", one.id);
            section.fault("id", &problem, "give each series its own id");
        }
        all.push(one);
    }
    let series = all.into_iter().collect::<Option<Vec<_>>>()?;
    let (id, title, source, anchor) = (id?, title?, source?, anchor?);
    let extra = extra_series(&series);
    Some(Protocol { id, version, title, source, anchor, verified, add_on, series, extra })
}

fn cited(value: &SpannedValue<'_>) -> ValueResult<String> {
    let hint = "name the guideline or the person who decided, so that others can check it";
    text(value).map_err(|_| ValueFault::new(value, "must say where the schedule comes from", hint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::plan::protocol::{At, FollowUpKind};
    use crate::care::plan::schedule::owed;
    use crate::letter::markup::Block;
    use crate::letter::proof::reading_grade::too_hard;
    use jiff::civil::{Date, date};

    const SHIPPED: [&str; 2] = ["en", "es"];

    /// The form in which scripts and clinics were promised that they may write: every kind of step, and a checklist without a title.
    const PROMISED: &str = r#"
id      = "sgo2017-high"
title   = "Higher risk"
source  = "Salani 2017"
anchor  = "end-of-treatment"

[[series]]
id      = "visit"
kind    = "visit"                       # visit | test | checklist | leaflet
title   = { en = "Follow-up visit", es = "Visita de control" }
phases  = [ { after = "0m", until = "24m", every = "3m" }, { after = "24m", until = "60m", every = "6m" }, { after = "60m", every = "12m" } ]
remind  = [ { step = "book", at = "-28d" }, { step = "book-again", at = "-14d" } ]
booked  = [ { step = "week-before", at = "-7d" }, { step = "day-before", at = "-1d" } ]
missed  = [ { step = "sorry-we-missed-you", at = "+1d" }, { step = "again", at = "+7d" }, { step = "staff-task", at = "+10d" } ]

[[series]]
id        = "spine-check"
kind      = "checklist"
checklist = "spine"
phases    = [ { after = "0m", until = "36m", every = "1m" }, { after = "36m", until = "60m", every = "3m" }, { after = "60m", every = "6m" } ]
remind    = [ { step = "invite", at = "0d" }, { step = "nudge", at = "+1d" }, { step = "nudge-again", at = "+3d" }, { step = "staff-task-after-two-misses" } ]
"#;

    #[test]
    fn the_promised_form_is_taken_and_a_checklist_lends_its_title() {
        let read = titled(read("p.toml", PROMISED, &SHIPPED).unwrap(), &Sources::shipped());
        let form = checklist::load("spine", &Sources::shipped()).unwrap().checklist;
        assert_eq!(read.series("spine-check").unwrap().title, form.title);
        assert_eq!(read.series("visit").unwrap().title["en"], "Follow-up visit");
        let partly =
            PROMISED.replace("checklist = \"spine\"", "checklist = \"spine\"\ntitle = { en = \"Check\" }");
        let faults = super::read("p.toml", &partly, &SHIPPED).unwrap_err();
        assert!(faults[0].problem.contains("no words in `es`"), "{faults:?}");
        let nameless =
            PROMISED.replace("title   = { en = \"Follow-up visit\", es = \"Visita de control\" }\n", "");
        assert_eq!(
            super::read("p.toml", &nameless, &SHIPPED).unwrap_err().len(),
            2,
            "a visit has a title of its own"
        );
    }
    const GOOD: &str = r#"id = "sample"
title = "Sample"
source = "Sample 2026"
anchor = "end-of-treatment"

[[series]]
id = "visit"
kind = "visit"
title = { en = "Visit", es = "Visita" }
phases = [ { after = "0m", until = "24m", every = "3m" }, { after = "24m", every = "6m" } ]
remind = [ { step = "book", at = "-28d" }, { step = "book-again", at = "-14d" } ]
booked = [ { step = "day-before", at = "-1d" } ]
missed = [ { step = "sorry", at = "+1d" } ]

[[series]]
id = "check"
kind = "checklist"
checklist = "spine"
title = { en = "Check", es = "Control" }
phases = [ { after = "0m", every = "1m" } ]
remind = [ { step = "invite", at = "0d", useful = "9d" }, { step = "staff-task-after-two-misses" } ]
"#;

    /// What stands in the good file, what in the bad one, and the fault that this must give.
    const BAD: [(&str, &str, usize, &str); 33] = [
        (
            "checklist = \"spine\"",
            "checklist = \"spine\"\nprepare = { en = \"Notwithstanding considerable individual variability, \
             administration of gadolinium-containing preparations necessitates preparatory evaluation of renal function \
             beforehand, particularly among individuals presenting established comorbidities or physiological instability.\", es = \"Nada.\" }",
            19,
            "`series.prepare` is hard to read in `en`",
        ),
        ("source = \"Sample 2026\"", "source = \" \"", 3, "`source` must say where"),
        ("source = \"Sample 2026\"\n", "", 1, "`source` is missing"),
        ("anchor =", "anker =", 4, "unknown key `anker`"),
        ("id = \"sample\"", "id = \"Sample!\"", 1, "`id` cannot be `Sample!`"),
        ("id = \"check\"", "id = \"visit\"", 16, "`series.id` `visit` already names"),
        ("kind = \"visit\"", "kind = \"vist\"", 8, "`series.kind` cannot be `vist`"),
        ("en = \"Visit\", es = \"Visita\"", "en = \"Visit\"", 9, "`series.title` has no words in `es`"),
        ("every = \"3m\"", "every = \"0m\"", 10, "`series.phases.every` cannot be `0m`"),
        ("every = \"3m\"", "every = \"-3m\"", 10, "`series.phases.every` cannot be `-3m`"),
        ("every = \"3m\"", "every = \"3 months\"", 10, "`series.phases.every` `3 months` is not a span"),
        ("until = \"24m\"", "until = \"36m\"", 10, "`series.phases.after` lies inside the phase"),
        ("until = \"24m\", ", "", 10, "`series.phases.after` lies inside the phase"),
        ("after = \"0m\", until", "after = \"30m\", until", 10, "`series.phases.until` does not lie after"),
        ("after = \"24m\"", "after = \"24m\", befor = 1", 10, "unknown key `series.phases.befor`"),
        ("at = \"-28d\"", "at = \"-7d\"", 11, "`series.remind.at` comes before the step"),
        ("\"book-again\"", "\"book\"", 11, "`series.remind.step` `book` comes twice"),
        (
            "\"book-again\"",
            "\"staff-task-not-booked\"",
            11,
            "`series.remind.step` `staff-task-not-booked` is",
        ),
        ("\"book-again\"", "\"Book again\"", 11, "`series.remind.step` cannot be"),
        ("at = \"-1d\"", "at = \"1d\"", 12, "`series.booked.at` lies after the appointment"),
        ("at = \"+1d\"", "at = \"-1d\"", 13, "`series.missed.at` does not lie after"),
        ("at = \"+1d\"", "on = \"+1d\"", 13, "`series.missed.at` is missing"),
        ("checklist = \"spine\"\n", "", 15, "`series.checklist` is missing"),
        (
            "at = \"0d\", useful",
            "at = \"-1d\", useful",
            21,
            "`series.remind.at` lies before the day it opens",
        ),
        ("useful = \"9d\"", "useful = \"0d\"", 21, "`series.remind.useful` must be longer"),
        ("two-misses\"", "two-misses\", at = \"1d\"", 21, "`series.remind.at` has no meaning here"),
        (
            "phases = [ { after = \"0m\", every = \"1m\" } ]\n",
            "",
            15,
            "`series.phases` is missing, and so is",
        ),
        (
            "checklist = \"spine\"",
            "checklist = \"spine\"\nrebase = true",
            19,
            "`series.rebase` has no meaning",
        ),
        (
            "checklist = \"spine\"",
            "checklist = \"spine\"\nwindow = [\"1d\"]",
            19,
            "`series.window` is not a window",
        ),
        (
            "checklist = \"spine\"",
            "checklist = \"spine\"\nat = [\"-1d\"]",
            19,
            "`series.at` `-1d` lies before",
        ),
        (
            "checklist = \"spine\"",
            "checklist = \"spine\"\nleaflet = \"x\"",
            19,
            "`series.leaflet` has no meaning",
        ),
        ("checklist = \"spine\"", "checklist = \"spine\"\nbooked = []", 19, "`series.booked` has no meaning"),
        ("kind = \"visit\"", "kind = visit", 8, "not TOML"),
    ];

    fn faults(text: &str) -> Vec<(usize, String)> {
        let found = read("sample.toml", text, &SHIPPED).map(|_| Vec::new()).unwrap_or_else(|faults| faults);
        assert!(found.iter().all(|f| !f.hint.is_empty() && f.file == "sample.toml"));
        found.into_iter().map(|f| (f.line, f.problem)).collect()
    }

    fn shipped(id: &str) -> Protocol {
        library(&Sources::shipped(), &SHIPPED).unwrap().remove(id).unwrap().protocol
    }

    #[test]
    fn a_good_protocol_is_read_whole() {
        let found = read("sample.toml", GOOD, &SHIPPED).unwrap();
        let [visit, check] = &found.series[..] else { panic!("two series") };
        assert_eq!((visit.kind, visit.phases.len(), visit.booked.len()), (FollowUpKind::Visit, 2, 1));
        assert_eq!(check.remind[1].at, At::AfterTwoMisses);
        assert_eq!(check.remind[0].useful.map(|u| u.to_string()).as_deref(), Some("9d"));
        assert_eq!((found.version.len(), found.verified), (12, false));
    }

    #[test]
    fn any_change_of_the_text_is_a_new_version() {
        assert_ne!(version(GOOD), version(&format!("{GOOD}# note")));
    }

    #[test]
    fn each_fault_names_its_line() {
        for (good, bad, line, problem) in BAD {
            assert!(GOOD.contains(good), "{good}");
            let found = faults(&GOOD.replacen(good, bad, 1));
            let hit = found.iter().any(|(at, said)| *at == line && said.starts_with(problem));
            assert!(hit, "{bad}: {found:?}");
        }
    }

    #[test]
    fn all_faults_come_at_once_in_the_order_of_the_file() {
        let bad = GOOD
            .replace("source =", "sauce =")
            .replace("every = \"3m\"", "every = \"0m\"")
            .replace("spine", "Spine");
        let lines: Vec<usize> = faults(&bad).iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 3, 10, 18]);
    }

    #[test]
    fn an_unknown_protocol_is_refused_with_the_nearest_name() {
        let found = find("sgo2017-hihg", &Sources::shipped(), &SHIPPED).unwrap_err();
        assert_eq!(found[0].hint, "did you mean `sgo2017-high`?");
    }

    #[test]
    fn a_file_named_unlike_its_id_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("nccn.toml"), GOOD).unwrap();
        let protocols = Some(directory.path().to_owned());
        let paths = crate::config::sections::paths::Paths {
            protocols,
            ..crate::config::sections::paths::Paths::default()
        };
        let found = find("nccn", &Sources::of(&paths), &SHIPPED).unwrap_err();
        assert_eq!((found[0].line, found.len()), (1, 1));
    }

    #[test]
    fn a_protocol_that_owes_nothing_is_refused() {
        let bare = GOOD.split("[[series]]").next().unwrap();
        assert!(faults(bare)[0].1.starts_with("`series` is missing"));
    }

    #[test]
    fn every_shipped_protocol_is_sound_unsigned_and_named_like_its_file() {
        let library = library(&Sources::shipped(), &SHIPPED).unwrap();
        assert!(library.len() >= 20, "{}", library.len());
        for (id, published) in &library {
            assert!(!published.protocol.verified, "{id}");
            let file = crate::config::embedded::text(&format!("protocols/{id}.toml"));
            assert_eq!(file.as_deref(), Some(published.text.as_str()));
        }
    }

    #[test]
    fn every_shipped_note_reads_at_grade_six_or_below() {
        for (id, published) in &library(&Sources::shipped(), &SHIPPED).unwrap() {
            for (language, note) in published.protocol.series.iter().flat_map(|s| &s.prepare) {
                // Three times over: a formula wants some text, and repetition does not change a ratio.
                let text = Block::Paragraph([note.as_str(); 3].join(" "));
                assert_eq!(too_hard(language, &[text]), None, "{id} {language}: {note}");
            }
        }
    }

    fn due(id: &str, series: &str, until: &str) -> Vec<Date> {
        let (anchor, protocol) = (date(2026, 1, 31), shipped(id));
        let end = until.parse::<crate::care::time::calendar::Span>().unwrap().from(anchor);
        owed(protocol.series(series).unwrap(), anchor).map(|o| o.due_on).take_while(|d| *d <= end).collect()
    }

    #[test]
    fn visits_fall_as_the_guidelines_say() {
        for (id, two_years, five_years, ten_years) in [
            ("nccn", 8, 14, 19),
            ("sgo2017-low", 4, 7, 12),
            ("sgo2017-high", 8, 14, 19),
            ("esgo2023", 8, 14, 14),
            ("cco2016", 8, 14, 19),
            ("figo", 8, 14, 19),
            ("au-ocp", 8, 13, 13),
            ("fertility-sparing", 8, 14, 14),
            ("seom2024-low", 4, 4, 4),
            ("seom2024-high", 8, 14, 14),
            ("bgcs-clinic", 8, 14, 14),
        ] {
            let counts = ["24m", "60m", "120m"].map(|until| due(id, "visit", until).len());
            assert_eq!(counts, [two_years, five_years, ten_years], "{id}");
        }
    }

    #[test]
    fn the_higher_risk_grid_is_the_published_one_month_by_month() {
        let anchor = date(2026, 1, 31);
        let months = [3, 6, 9, 12, 15, 18, 21, 24, 30, 36, 42, 48, 54, 60, 72, 84];
        let want: Vec<Date> =
            months.iter().map(|m| anchor.saturating_add(jiff::Span::new().months(*m))).collect();
        assert_eq!(due("sgo2017-high", "visit", "84m"), want);
    }

    #[test]
    fn every_main_protocol_checks_monthly_then_quarterly_then_twice_a_year() {
        let library = library(&Sources::shipped(), &SHIPPED).unwrap();
        let mains: Vec<_> = library.values().filter(|p| !p.protocol.add_on).map(|p| &p.protocol.id).collect();
        assert_eq!(mains.len(), 12);
        for id in mains {
            let counts = ["36m", "60m", "120m"].map(|until| due(id, "spine-check", until).len());
            assert_eq!(counts, [36, 44, 54], "{id}");
        }
    }

    #[test]
    fn patient_initiated_follow_up_sends_the_signs_each_year_to_year_five() {
        assert_eq!(due("bgcs-pifu", "signs", "120m").len(), 5);
        assert!(shipped("bgcs-pifu").series("visit").is_none());
    }

    #[test]
    fn single_tests_fall_on_their_months() {
        assert_eq!(
            due("fertility-sparing", "hpv", "60m"),
            [date(2026, 7, 31), date(2027, 1, 31), date(2028, 1, 31)]
        );
        assert_eq!(due("au-ocp", "co-test", "84m"), [date(2032, 1, 31), date(2033, 1, 31)]);
        assert_eq!(due("response-pet-ct", "pet-ct", "60m"), [date(2026, 4, 30)]);
    }
}
