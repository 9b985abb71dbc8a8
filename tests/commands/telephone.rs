//! Telephone numbers: they come in by roster and by hand, go out for other systems, and stand nowhere that a letter or a log
//! could show them.

use serde_json::Value;

use super::{Clinic, HEAD, day, has, letters, post, row};

const COLUMNS: &str = "phone,phone_2,best_time,other_contact,other_phone,mail_consent_on";
const TOLD: &str = "+1 (212) 736-5000,,after 5,\"Marta, her sister\",+34 910 555 100,2026-01-15";

fn roster(clinic: &Clinic, contact: &str) -> String {
    clinic.roster("p.csv", format!("{HEAD},{COLUMNS}\n{},{contact}\n", row("R-1")))
}

/// What must stand nowhere, as it is written in one way or the other.
fn betrays(text: &str) -> bool {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
    ["2127365000", "34910555100", "Marta"].iter().any(|secret| digits.contains(secret))
}

#[test]
fn a_roster_brings_numbers_and_what_goes_out_comes_back_unchanged() {
    let clinic = Clinic::new();
    let file = roster(&clinic, TOLD);
    assert_eq!(clinic.json(&["import", &file])["added"], 1);
    assert_eq!(clinic.json(&["import", &file])["unchanged"], 1);
    let shown = clinic.json(&["patient", "show", "R-1"]);
    assert_eq!(shown["phone"], "+12127365000");
    assert_eq!((&shown["phone_2"], &shown["best_time"]), (&Value::Null, &"after 5".into()));
    assert_eq!(
        (&shown["other_contact"], &shown["other_phone"]),
        (&"Marta, her sister".into(), &"+34910555100".into())
    );
    has(
        &clinic.does(&["patient", "show", "R-1"]),
        &[
            "consent:  to letters by e-mail, on 2026-01-15",
            "ring:     +1 212-736-5000 (after 5)",
            "else Marta, her sister, +34 910 55 51 00",
        ],
    );
    let out = clinic.path("out.csv").to_str().unwrap().to_owned();
    clinic.does(&["export", "csv", "--out", &out]);
    assert_eq!(clinic.json(&["import", &out])["unchanged"], 1);
    let fresh = Clinic::new();
    assert_eq!(fresh.json(&["import", &out])["added"], 1);
    assert_eq!(fresh.does(&["export", "csv"]), std::fs::read_to_string(&out).unwrap());
    clinic.does(&["doctor"]);
}

#[test]
fn a_later_roster_fills_in_what_is_not_known_and_changes_nothing_that_stands_there() {
    let clinic = Clinic::new();
    clinic.does(&["import", &clinic.roster("first.csv", format!("{HEAD}\n{}\n", row("R-1")))]);
    let file = roster(&clinic, TOLD);
    assert_eq!(clinic.json(&["import", &file, "--dry-run"])["changed"], 1);
    assert_eq!(clinic.json(&["import", &file])["changed"], 1);
    assert_eq!(clinic.json(&["import", &file])["unchanged"], 1);
    assert_eq!(clinic.json(&["import", &roster(&clinic, ",,,,,")])["unchanged"], 1);
    let other = clinic.refuses(65, &["import", &roster(&clinic, "+1 212 736 5001,,after 5,,,")]);
    has(&other, &["`R-1` is on record with another `phone`", "aftercare patient set"]);
    assert_eq!(clinic.json(&["patient", "show", "R-1"])["phone"], "+12127365000");
}

#[test]
fn a_number_nobody_can_dial_is_told_with_its_column_and_never_repeated() {
    let clinic = Clinic::new();
    let file = roster(&clinic, "+1 212 736 500,112,after 5,,+34 910 555 100,");
    let told = clinic.refuses(65, &["import", &file]);
    has(
        &told,
        &[
            ":2: `phone` cannot be dialled: there is no such number in the numbering plan",
            ":2: `phone_2` cannot be dialled",
            ":2: `other_phone` does not say whose it is",
        ],
    );
    clinic.ana();
    let hand = clinic.refuses(65, &["patient", "set", "R-1", "--phone", "+1 212 736 50000"]);
    has(&hand, &["`--phone` cannot be dialled", "count its digits"]);
    for text in [&told, &hand] {
        // The path of the file is random.
        let text = text.replace(&file, "");
        assert!(!text.contains("736 500") && !text.contains("910"), "{text}");
    }
}

#[test]
fn numbers_are_given_changed_and_taken_away_by_hand() {
    let clinic = Clinic::new();
    clinic.ana();
    has(&clinic.does(&["patient", "show", "R-1"]), &["ring:     no number"]);
    clinic.does(&["patient", "set", "R-1", "--phone", "+1 212 736 5000", "--best-time", "mornings"]);
    clinic.does(&["patient", "set", "R-1", "--phone-2", "+34 910 555 100", "--best-time", ""]);
    let shown = clinic.json(&["patient", "show", "R-1"]);
    assert_eq!((&shown["phone"], &shown["phone_2"]), (&"+12127365000".into(), &"+34910555100".into()));
    assert_eq!(shown["best_time"], Value::Null);
}

#[test]
fn other_systems_read_her_numbers_in_the_order_to_ring() {
    let clinic = Clinic::new();
    clinic.does(&[
        "import",
        &roster(&clinic, "+1 212 736 5000,+1 212 736 5001,,\"Marta, her sister\",+34 910 555 100,"),
    ]);
    let bundle: Value = serde_json::from_str(&clinic.does(&["export", "fhir"])).unwrap();
    let patient = &bundle["entry"][0]["resource"];
    let phones = patient["telecom"].as_array().unwrap().iter().filter(|t| t["system"] == "phone");
    let phones: Vec<_> =
        phones.map(|t| (t["value"].as_str().unwrap(), t["rank"].as_i64().unwrap())).collect();
    assert_eq!(phones, [("+12127365000", 1), ("+12127365001", 2)]);
    assert_eq!(patient["contact"][0]["name"]["text"], "Marta, her sister");
    assert_eq!(patient["contact"][0]["telecom"][0]["value"], "+34910555100");
}

#[test]
fn no_letter_log_or_audit_event_says_a_number() {
    let clinic = Clinic::new();
    clinic.ana();
    let set = ["patient", "set", "R-1", "--phone", "+1 212 736 5000", "--other-contact", "Marta"];
    clinic.does(&["visit", "book", "R-1", "--on", &day(20), "--at", "10:30"]);
    let said = clinic.run(&[&set[..], &["--other-phone", "+34 910 555 100"]].concat());
    assert_eq!((said.code, betrays(&said.out), betrays(&said.err)), (0, false, false), "{}", said.err);
    post(&clinic);
    let spooled: Vec<_> = letters(clinic.dir.path())
        .into_iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "eml"))
        .collect();
    assert!(!spooled.is_empty(), "no letter was written");
    for path in spooled {
        let letter = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        assert!(!betrays(&letter), "{}\n{letter}", path.display());
    }
    let drained = clinic.run(&["drain"]);
    assert!(!betrays(&drained.out) && !betrays(&drained.err), "{}", drained.err);
    for args in [&["audit", "export"][..], &["ledger"], &["tasks", "list"]] {
        let said = clinic.run(args);
        assert!(!betrays(&said.out), "{args:?}\n{}", said.out);
    }
}

#[test]
fn whoever_acts_for_a_patient_gets_her_letters_until_somebody_ends_it() {
    let clinic = Clinic::new();
    clinic.ana();
    let marta =
        ["--proxy-name", "Marta", "--proxy-relation", "daughter", "--proxy-email", "marta@mail.example"];
    let consent = ["--proxy-consent-by", "she herself", "--proxy-consent-on", "2026-01-10"];
    let set = ["patient", "set", "R-1"];
    clinic.refuses(64, &[&set[..], &marta[..]].concat());
    let unknown = [&set[..], &marta[..], &consent[..], &["--proxy-language", "tlh"]].concat();
    has(&clinic.refuses(65, &unknown), &["`--proxy-language` the clinic does not write in `tlh`"]);
    clinic.does(&[&set[..], &marta[..], &consent[..], &["--proxy-language", "es"]].concat());
    let proxy = clinic.json(&["patient", "show", "R-1"])["proxy"].clone();
    assert_eq!((&proxy["name"], &proxy["language"]), (&"Marta".into(), &"es".into()));
    has(
        &clinic.does(&["patient", "show", "R-1"]),
        &["proxy:    Marta gets them in her place: marta@mail.example"],
    );
    clinic.refuses(64, &[&set[..], &["--end-proxy"]].concat());
    clinic.does(&[&set[..], &["--end-proxy", "--reason", "she reads them herself"]].concat());
    has(
        &clinic.refuses(65, &[&set[..], &["--end-proxy", "--reason", "again"]].concat()),
        &["nobody acts for"],
    );
    assert!(clinic.json(&["patient", "show", "R-1"])["proxy"].is_null());
    clinic.does(&["audit", "verify"]);
}

#[test]
fn a_roster_brings_whoever_acts_for_her_and_what_goes_out_comes_back_unchanged() {
    let columns =
        "proxy_name,proxy_relation,proxy_email,proxy_language,proxy_consent_by,proxy_consent_on,proxy_until";
    let clinic = Clinic::new();
    let file = |cells: &str| clinic.roster("p.csv", format!("{HEAD},{columns}\n{},{cells}\n", row("R-1")));
    for (cells, fault) in [
        ("Marta,daughter,marta@mail.example,es,,2026-01-10,", ":2: `proxy_consent_by` is empty"),
        ("Marta,daughter,nowhere,es,she herself,2026-01-10,", ":2: `proxy_email`"),
        ("Marta,daughter,marta@mail.example,tlh,she herself,2026-01-10,", ":2: `proxy_language`"),
        (
            "Marta,daughter,marta@mail.example,es,she herself,2926-01-10,",
            "`proxy_consent_on` lies in the future",
        ),
        (
            "Marta,daughter,marta@mail.example,es,she herself,2026-01-10,2020-01-01",
            "`proxy_until` lies in the past",
        ),
    ] {
        has(&clinic.refuses(65, &["import", &file(cells)]), &[fault]);
    }
    let told = "Marta,daughter,marta@mail.example,es,she herself,2026-01-10,";
    assert_eq!(clinic.json(&["import", &file(told)])["added"], 1);
    assert_eq!(clinic.json(&["import", &file(told)])["unchanged"], 1);
    assert_eq!(clinic.json(&["import", &file(",,,,,,")])["unchanged"], 1);
    assert_eq!(clinic.json(&["patient", "show", "R-1"])["proxy"]["email"], "marta@mail.example");
    let other = told.replace("daughter", "carer");
    has(&clinic.refuses(65, &["import", &file(&other)]), &["`R-1` is on record with another `proxy_name`"]);
    let out = clinic.path("out.csv").to_str().unwrap().to_owned();
    clinic.does(&["export", "csv", "--out", &out]);
    let fresh = Clinic::new();
    assert_eq!(fresh.json(&["import", &out])["added"], 1);
    assert_eq!(fresh.does(&["export", "csv"]), std::fs::read_to_string(&out).unwrap());
}
