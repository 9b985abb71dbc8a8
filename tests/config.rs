//! The configuration: each bad file under `tests/config/bad` gives exactly its expected faults, each good one none.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use aftercare::care::triage::judging::JudgingMode;
use aftercare::config::sections::clinic::EmergencyFirst;
use aftercare::config::sections::mail::Transport;
use aftercare::config::sections::paths::Paths;
use aftercare::config::sections::smtp::Auth;
use aftercare::config::sources::Sources;
use aftercare::config::{embedded, load};

fn cases(kind: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config").join(kind);
    let mut cases: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|e| e.unwrap().path()).collect();
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

/// `LINE: WORDS` per fault: the line must be exact, the words must stand in the problem or its hint.
#[test]
fn every_bad_file_gives_its_faults_and_no_others() {
    let mut wrong = Vec::new();
    for case in cases("bad") {
        let expected = std::fs::read_to_string(case.join("expected")).unwrap();
        let wanted: Vec<(usize, &str)> = expected
            .lines()
            .filter_map(|l| l.split_once(": "))
            .map(|(n, w)| (n.parse().unwrap(), w))
            .collect();
        let faults = load::file(&case.join("aftercare.toml")).err().unwrap_or_default();
        let meets = |(fault, (line, words)): (&aftercare::config::file::fault::Fault, &(usize, &str))| {
            fault.line == *line && (fault.problem.contains(words) || fault.hint.contains(words))
        };
        if faults.len() != wanted.len() || !faults.iter().zip(&wanted).all(meets) {
            let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
            wrong.push(format!("{}\nwanted:\n{expected}got:\n{}\n", case.display(), told.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fault_says_what_to_do_next() {
    for case in cases("bad") {
        for fault in load::file(&case.join("aftercare.toml")).unwrap_err() {
            assert!(!fault.hint.is_empty() && !fault.problem.ends_with('.'), "{fault}");
        }
    }
}

#[test]
fn every_good_file_is_taken() {
    for case in cases("good") {
        let config = load::file(&case.join("aftercare.toml"));
        assert!(config.is_ok(), "{}: {:?}", case.display(), config.err());
    }
}

#[test]
fn values_arrive_as_written() {
    let config = load::file(&cases("good")[1].join("aftercare.toml")).unwrap();
    let Transport::Smtp(smtp) = &config.mail.transport else { panic!("spool") };
    assert_eq!((smtp.port, smtp.connections, smtp.auth), (587, 4, Auth::Plain));
    assert_eq!(config.mail.from.name, "Riverside Clinic");
    assert_eq!(
        config.sending.retry.iter().map(|d| d.as_secs()).collect::<Vec<_>>(),
        [300, 900, 3_600, 14_400]
    );
    assert_eq!(config.sending.hours.days.holidays, config.clinic.holidays);
    assert_eq!(config.checklists.mode, JudgingMode::Triage);
    assert_eq!(config.checklists.read, aftercare::care::triage::judge::Reads::NewOrWorse);
    assert_eq!(config.checklists.sign_off.unwrap().version, "0123456789ab");
    assert_eq!(config.alerts.ladder.len(), 3);
    assert_eq!(config.clinic.emergency_first, EmergencyFirst::Both);
    assert_eq!(config.web.console(), "https://console.riverside.example");
    assert!(config.database.path.is_absolute() && config.paths.letters.unwrap().ends_with("letters"));
}

#[test]
fn what_is_left_out_takes_the_documented_default() {
    let small = load::file(&cases("good")[0].join("aftercare.toml")).unwrap();
    let shipped = load::shipped(Path::new("/x")).unwrap();
    assert_eq!(format!("{:?}", small.sending.retry), format!("{:?}", shipped.sending.retry));
    assert_eq!(small.sending.hours.days.weekdays, shipped.sending.hours.days.weekdays);
    assert_eq!(
        (small.sending.hours.at, small.sending.hours.opens),
        (shipped.sending.hours.at, shipped.sending.hours.opens)
    );
    assert_eq!(small.sending.languages, shipped.sending.languages);
    assert_eq!(
        (small.sending.daily_cap, small.sending.weekly_cap),
        (shipped.sending.daily_cap, shipped.sending.weekly_cap)
    );
    assert_eq!(
        (small.sending.max_per_minute, small.sending.give_up_after),
        (shipped.sending.max_per_minute, shipped.sending.give_up_after)
    );
    assert_eq!(
        (small.alerts.repeat_every, small.alerts.test_every_days),
        (shipped.alerts.repeat_every, shipped.alerts.test_every_days)
    );
    assert_eq!(
        (small.backup.keep, small.alerts.patient_letter),
        (shipped.backup.keep, shipped.alerts.patient_letter)
    );
    assert_eq!(small.mail.message_id_domain, "small.example");
    assert_eq!(small.web.console(), format!("http://{}", small.web.console_listen));
}

/// Keys of the shipped file, those behind a `#` included, each with whether a comment stands right above.
fn shipped_keys() -> Vec<(String, bool)> {
    let text = embedded::text("aftercare.toml").unwrap();
    let mut section = String::new();
    let mut keys = Vec::new();
    let mut above = "";
    for line in text.lines() {
        let bare = line.trim_start_matches("# ");
        if bare.starts_with('[') && bare.ends_with(']') {
            section = bare.trim_matches(['[', ']']).to_owned();
        } else if let Some((key, _)) = bare
            .split_once(" = ")
            .filter(|(k, _)| k.bytes().all(|b| b.is_ascii_lowercase() || b"_0123456789".contains(&b)))
        {
            keys.push((format!("{section}.{key}"), above.starts_with("# ") && !above.contains(" = \"")));
        }
        above = line;
    }
    keys
}

#[test]
fn every_key_of_the_contract_stands_in_the_shipped_file_with_a_comment() {
    let contract = "clinic: name short_name time_zone country phone_office phone_24h emergency_number emergency_first emergency_dept address opening_hours staffed staffed_weekdays holidays
        clinic.in.es: emergency_dept opening_hours
        database: path key_credential journal
        mail: transport from reply_to message_id_domain spool_dir
        mail.smtp: host port tls hello username auth password_credential ca_file connections timeout
        mail.oauth: grant token_url scope client_id client_secret_credential refresh_token_credential key_credential ca_file
        mail.imap: host port tls username auth password_credential ca_file folder
        mail.dkim: domain selector key_credential
        sending: at window weekdays detail daily_cap weekly_cap max_per_minute retry give_up_after unknown_rests unusual_volume languages
        checklists: mode read
        checklists.sign_off: name role date version
        alerts: repeat_every test_every_days patient_letter
        alerts.ladder: id name phone email webhook hours days after
        alerts.absence: rung from until deputy
        alerts.webhook: url secret_credential
        web: listen public_url console_listen console_url trusted_proxies
        openid: issuer name client_id client_secret_credential ca_file scopes prompt require_acr require_amr
        learn: leaflets centres
        retention: after_last_contact after_death
        heartbeat: url mail_to digest_to digest_at
        backup: directory at keep keep_weekly keep_monthly second second_command second_fetch
        paths: protocols checklists letters leaflets centres
        test: allow";
    let shipped = shipped_keys();
    for line in contract.lines() {
        let (section, keys) = line.trim().split_once(": ").unwrap();
        for key in keys.split(' ') {
            let full = format!("{section}.{key}");
            assert!(shipped.iter().any(|(k, _)| *k == full), "{full} is not in the shipped file");
            let commented = shipped.iter().any(|(k, c)| *k == full && *c);
            assert!(commented, "{full} has no comment");
        }
    }
    let known: BTreeSet<&str> = shipped.iter().map(|(k, _)| k.as_str()).collect();
    assert_eq!(known.len(), contract.split_whitespace().filter(|w| !w.ends_with(':')).count());
}

#[test]
fn debug_of_the_configuration_shows_no_address() {
    let shown = format!("{:?}", load::shipped(Path::new("/x")).unwrap());
    assert!(!shown.contains('@'), "{shown}");
}

#[test]
fn a_file_of_the_clinic_shadows_the_shipped_one_of_its_name() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("protocols")).unwrap();
    std::fs::write(dir.path().join("protocols/own.toml"), "id = \"own\"").unwrap();
    std::fs::write(dir.path().join("protocols/old.toml~"), "left by an editor").unwrap();
    let mut config = load::shipped(dir.path()).unwrap();
    config.paths = Paths { protocols: Some(dir.path().join("protocols")), ..Paths::default() };
    let sources = Sources::of(&config.paths);
    assert_eq!(sources.text("protocols/own.toml").as_deref(), Some("id = \"own\""));
    assert!(sources.name("protocols/own.toml").ends_with("protocols/own.toml"));
    let mut wanted = Sources::shipped().list("protocols/");
    wanted.push("protocols/own.toml".to_owned());
    wanted.sort();
    assert_eq!(sources.list("protocols/"), wanted);
    assert_eq!(sources.faults(), []);
}

#[test]
fn an_override_that_cannot_be_read_is_a_fault_and_never_silently_the_shipped_one() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("letters")).unwrap();
    std::fs::write(dir.path().join("letters/bad.txt"), b"ma\xf1ana").unwrap();
    let mut config = load::shipped(dir.path()).unwrap();
    config.paths = Paths { protocols: Some(dir.path().join("absent")), ..Paths::default() };
    config.paths.letters = Some(dir.path().join("letters"));
    let faults = Sources::of(&config.paths).faults();
    assert_eq!(faults.len(), 2);
    assert!(
        faults.iter().any(|f| f.problem.contains("UTF-8"))
            && faults.iter().any(|f| f.hint.contains("paths.protocols"))
    );
}

#[test]
fn a_file_that_is_not_utf8_is_named_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("aftercare.toml");
    std::fs::write(&path, b"[clinic]\nname = \"Cl\xednica\"\n").unwrap();
    let faults = load::file(&path).unwrap_err();
    assert_eq!((faults.len(), faults[0].line), (1, 2));
}

#[test]
fn marks_that_turn_a_line_are_left_out_of_the_clinics_words() {
    let shipped = embedded::text("aftercare.toml").unwrap();
    let text = shipped.replace("Riverside Clinic", "River\u{202E}side\u{2028}Cli\u{61C}nic");
    assert_ne!(text, shipped);
    let (read, meant) = (load::parse("a.toml", &text).unwrap(), load::parse("a.toml", &shipped).unwrap());
    assert_eq!(
        (read.clinic.short_name, read.mail.from.name),
        (meant.clinic.short_name, meant.mail.from.name)
    );
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..Default::default() })]

    /// A slip anywhere in the file is taken or told, with a line that exists; it never brings the program down.
    #[test]
    fn no_slip_of_the_pen_goes_unanswered(at in 0usize..9_000, gone in 0usize..12, new in "[\"\\[\\]=#.\n a-z0-9é-]{0,6}") {
        let shipped = embedded::text("aftercare.toml").unwrap();
        let edge = |wanted: usize| (wanted.min(shipped.len())..=shipped.len()).find(|i| shipped.is_char_boundary(*i)).unwrap();
        let (from, until) = (edge(at), edge(at + gone));
        let text = format!("{}{new}{}", &shipped[..from], &shipped[until..]);
        if let Err(faults) = load::parse("aftercare.toml", &text) {
            proptest::prop_assert!(!faults.is_empty());
            for fault in faults {
                proptest::prop_assert!((1..=text.split('\n').count()).contains(&fault.line), "{fault}");
                proptest::prop_assert!(!fault.hint.is_empty() && !fault.problem.contains("@riverside"), "{fault}");
            }
        }
    }
}

#[test]
fn what_is_printed_and_what_is_dialled_differ() {
    let config = load::file(&cases("good")[3].join("aftercare.toml")).unwrap();
    let clinic = &config.clinic;
    assert_eq!((clinic.time_zone.as_str(), clinic.country.as_deref()), ("Europe/London", Some("GB")));
    assert_eq!(clinic.phone_office, "020 7946 0000 ext. 12");
    let dial = &clinic.dial;
    assert_eq!(dial.office.dial, "+442079460000;ext=12");
    assert_eq!(dial.day_and_night.dial, "+442079460001");
    assert_eq!(dial.emergency.dial, "999");
}

/// Every file of the pages' code and templates, in one text.
fn pages_code() -> String {
    fn read(directory: &Path, into: &mut String) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, into);
            } else if path.extension().is_some_and(|e| e == "rs" || e == "html") {
                into.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut code = String::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web"), &mut code);
    code
}

/// Names made of parts, as the code makes them, and the parts.
const COMPOSED: [(&str, &str, &[&str]); 6] = [
    ("{tier}.title", "title", &["emergency", "urgent", "soon", "routine", "education"]),
    ("t.emergency[first]", "emergency", &["do_number", "do_line", "do_both"]),
    ("t.education[read]", "education", &["read", "read_new"]),
    ("check.{name}", "check", &["day", "month", "year"]),
    ("stop.{}", "stop", &["reminders", "checklists", "leaflets"]),
    ("stop.done_{}", "stop", &["done_reminders", "done_checklists", "done_leaflets"]),
];

#[test]
fn every_text_of_the_pages_is_shown_by_one() {
    let code = pages_code();
    let composed = |key: &str| {
        COMPOSED.iter().any(|(form, whole, parts)| {
            let named = |part: &&str| {
                [format!("{whole}.{part}"), format!("{part}.{whole}")].contains(&key.to_owned())
            };
            code.contains(form) && parts.iter().any(named)
        })
    };
    let shown = |key: &str| {
        let end = |at: usize| !code[at..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        code.match_indices(key).any(|(at, _)| end(at + key.len()))
    };
    let language = |key: &str| key.starts_with("language.");
    let dead: Vec<&str> = aftercare::config::pages::keys::KEYS
        .iter()
        .map(|(key, _)| *key)
        .filter(|key| !language(key) && !shown(key) && !composed(key))
        .collect();
    assert_eq!(dead, [""; 0], "texts that no page shows");
    let both: Vec<_> = aftercare::config::pages::keys::RETIRED
        .iter()
        .filter(|key| aftercare::config::pages::keys::KEYS.iter().any(|(known, _)| known == *key))
        .collect();
    assert!(both.is_empty(), "{both:?} is shown again");
}

/// A baseline is asked for with the first form, whatever schedule sent it: so each form a schedule sends must have signs
/// that can be said one by one.
#[test]
fn every_shipped_schedule_asks_forms_that_a_baseline_can_be_made_of() {
    use aftercare::config::checklists::checklist;
    use aftercare::config::protocols::protocol;
    let sources = Sources::shipped();
    let library = protocol::library(&sources, &["en", "es"]).unwrap();
    let mut asked = 0;
    for (id, published) in &library {
        for name in published.protocol.series.iter().filter_map(|series| series.checklist.as_ref()) {
            let form = checklist::load(name, &sources).unwrap();
            assert!(form.checklist.signs().count() > 1, "{id}: {name}");
            asked += 1;
        }
    }
    assert!(asked > 3, "{asked}");
}
