//! The desk from outside: patients, visits, rosters, the ledger, backups, each as a clinic would type it.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

#[path = "commands/at_once.rs"]
mod at_once;
#[path = "commands/ends.rs"]
mod ends;
#[path = "commands/mailbox.rs"]
mod mailbox;
#[path = "commands/rosters.rs"]
mod rosters;
#[path = "commands/workbooks.rs"]
mod workbooks;
#[path = "commands/keys.rs"]
mod keys;
#[path = "commands/telephone.rs"]
mod telephone;
#[path = "commands/lists.rs"]
mod lists;
#[path = "commands/people.rs"]
mod people;
#[path = "commands/protocols.rs"]
mod protocols;
#[path = "commands/rehearse.rs"]
mod rehearse;
#[path = "commands/bookings.rs"]
mod bookings;
#[path = "commands/imports.rs"]
mod imports;
#[path = "commands/reports.rs"]
mod reports;
#[path = "commands/wordings.rs"]
mod wordings;
#[path = "commands/settings.rs"]
mod settings;
#[path = "commands/signing.rs"]
mod signing;
#[path = "commands/stops.rs"]
mod stops;
#[path = "commands/zones.rs"]
mod zones;
#[path = "commands/audit.rs"]
mod audit;
#[path = "commands/status.rs"]
mod status;
#[path = "commands/restoring.rs"]
mod restoring;

use aftercare::care::actor::Actor;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use aftercare::clock::{ManualClock, SystemClock, SystemEntropy};
use aftercare::daemon::assembly::engine;
use aftercare::daemon::lock::Lock;
use aftercare::daemon::pass;
use aftercare::journey::delivery::failure::recover_leases::LostLeases;
use aftercare::journey::errors::step::StepError;
use aftercare::journey::patients::opt_out;
use aftercare::ports::Clock;
use aftercare::store::database::{OpenMode, Store};
use aftercare::store::db::transaction::{Stamp, Tx};
use aftercare::store::people::preferences::LetterKind;
use assert_cmd::Command;
use serde_json::Value;

const HEAD: &str = "reference,preferred_name,birth_date,email,language,time_zone,protocol,anchor_on";

/// A clinic in a directory of its own.
struct Clinic {
    dir: tempfile::TempDir,
}

/// How a command ended: its code, stdout and stderr.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}\n{}", self.out, self.err))
    }
}

impl Clinic {
    fn new() -> Self {
        let clinic = Self { dir: tempfile::tempdir().unwrap() };
        assert_eq!(clinic.run(&["init", clinic.dir.path().to_str().unwrap()]).code, 0);
        clinic
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Said {
        self.hears(args, "")
    }

    /// Runs a command that is told something on stdin.
    fn hears(&self, args: &[&str], stdin: &str) -> Said {
        let mut command = Command::cargo_bin("aftercare").unwrap();
        command.env("AFTERCARE_CONFIG", self.path("aftercare.toml")).env_remove("RUST_LOG").args(args);
        let ended = command.write_stdin(stdin).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Said { code: ended.status.code().unwrap(), out: text(ended.stdout), err: text(ended.stderr) }
    }

    /// Runs what must succeed.
    fn does(&self, args: &[&str]) -> String {
        let said = self.run(args);
        assert_eq!(said.code, 0, "{args:?}\n{}{}", said.out, said.err);
        said.out
    }

    fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.does(&[args, &["--json"]].concat())).unwrap()
    }

    /// Runs what must be refused, and gives what it says.
    fn refuses(&self, code: i32, args: &[&str]) -> String {
        let said = self.run(args);
        assert_eq!(said.code, code, "{args:?}\n{}{}", said.out, said.err);
        said.err
    }

    /// The clinic as a command would put it together.
    fn clinic(&self) -> aftercare::journey::deps::Deps {
        let config = aftercare::config::load::file(&self.path("aftercare.toml")).unwrap();
        let store = Store::open(&config.database.path, OpenMode::Existing).unwrap();
        let world = engine::World { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) };
        engine::clinic(&store, &config, &aftercare::config::sources::Sources::of(&config.paths), &world)
            .unwrap()
            .0
    }

    fn roster(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn ana(&self) {
        let args = "patient add R-1 --name Ana --birth-date 1980-05-17 --email ana@mail.example --protocol sgo2017-high";
        self.does(&[&args.split(' ').collect::<Vec<_>>()[..], &["--anchor", &day(-80)]].concat());
    }
}

fn day(offset: i64) -> String {
    let today = jiff::tz::TimeZone::UTC.to_datetime(SystemClock.now()).date();
    today.saturating_add(jiff::Span::new().days(offset)).to_string()
}

fn row(reference: &str) -> String {
    format!("{reference},Ana,1980-05-17,{reference}@mail.example,en,Europe/Madrid,nccn,{}", day(-40))
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}\n---\n{text}");
    }
}

#[test]
fn a_roster_comes_in_once_and_again_changes_nothing() {
    let clinic = Clinic::new();
    let file = clinic.roster("p.csv", format!("{HEAD}\r\n{}\r\n{}\r\n", row("R-1"), row("R-2")));
    assert_eq!(clinic.json(&["import", &file, "--dry-run"])["added"], 2);
    assert!(!clinic.path("aftercare.db").exists(), "a dry run made a database");
    assert_eq!(clinic.json(&["import", &file])["added"], 2);
    let events = clinic.json(&["audit", "verify"])["events"].clone();
    let again = clinic.json(&["import", &file]);
    assert_eq!((&again["added"], &again["unchanged"]), (&0.into(), &2.into()));
    assert_eq!(clinic.json(&["audit", "verify"])["events"], events);
    clinic.does(&["doctor"]);
}

#[test]
fn every_faulty_row_is_told_and_nobody_comes_in() {
    let clinic = Clinic::new();
    let rows = [
        row("R-1"),
        row("R-2").replace("1980-05-17", "1980-02-30"),
        row("R-3").replace("R-3@", "r@3@"),
        row("R-4").replace("R-4@", "R-1@"),
        row("R-1").replace("R-1@", "other@"),
        row("R-5").replace("nccn", "ncn"),
    ];
    let file = clinic.roster("p.csv", format!("{HEAD}\n{}\n", rows.join("\n")));
    let told = clinic.refuses(65, &["import", &file]);
    has(
        &told,
        &[
            ":3: `birth_date` there is no such day",
            ":4: `email` address must have exactly one @",
            ":5: `email` line 2 has the same address",
            ":6: `reference` `R-1` stands in line 2 already",
            ":7: `protocol` there is no protocol `ncn`\n  hint: did you mean `nccn`?",
            "5 rows are faulty; nobody was taken in",
        ],
    );
    let document = clinic.run(&["import", &file, "--json"]).json();
    assert_eq!((&document["faulty"], &document["added"]), (&5.into(), &0.into()));
    assert_eq!(document["faults"].as_array().unwrap().len(), 5);
    assert_eq!(clinic.json(&["patient", "list"]), Value::Array(Vec::new()));
    let partly = clinic.json(&["import", &file, "--partial"]);
    assert_eq!((&partly["faulty"], &partly["added"]), (&5.into(), &1.into()));
    clinic.does(&["doctor"]);
}

#[test]
fn no_fault_repeats_a_name_an_address_or_a_birth_date() {
    let clinic = Clinic::new();
    let bad = "R-1,Zulema\u{202e},1880-05-17,zulema@@mail.example,en,UTC,nccn,2026-01-31";
    let file = clinic.roster("p.csv", format!("{HEAD}\n{bad}\n"));
    let told = clinic.refuses(65, &["import", &file]);
    for secret in ["Zulema", "zulema", "1880"] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[test]
fn a_row_that_differs_from_the_record_is_refused_with_a_hint() {
    let clinic = Clinic::new();
    let file = clinic.roster("p.csv", format!("{HEAD}\n{}\n", row("R-1")));
    clinic.does(&["import", &file]);
    let other = clinic.roster("q.csv", format!("{HEAD}\n{}\n", row("R-1").replace("Madrid", "Lisbon")));
    let told = clinic.refuses(65, &["import", &other]);
    has(&told, &["`R-1` is on record with another `time_zone`", "aftercare patient set"]);
}

#[test]
fn whoever_no_letter_reaches_gets_a_person_on_the_first_day() {
    let clinic = Clinic::new();
    let head = format!("{HEAD},status");
    let rows = [
        format!("{},recurrence_confirmed", row("R-1")),
        format!("{},address_bad", row("R-2")),
        format!("{},", row("R-3").replace("R-3@mail.example", "")),
        format!(
            "{},",
            row("R-4")
                .replace(&day(-40), "1990-01-31")
                .replace("nccn", "work-up-mri")
                .replace("1980-05", "1950-05")
        ),
        format!("{},deceased", row("R-5")),
    ];
    let file = clinic.roster("p.csv", format!("{head}\n{}\n", rows.join("\n")));
    assert_eq!(clinic.json(&["import", &file])["added"], 5);
    let tasks = clinic.json(&["tasks", "list"]);
    let mut kinds: Vec<&str> =
        tasks.as_array().unwrap().iter().map(|t| t["kind"].as_str().unwrap()).collect();
    kinds.sort_unstable();
    // They all bear one name, and four of them one birth date.
    assert_eq!(kinds, ["address-bad", "duplicate-suspected", "hand-over", "protocol-ended", "unreachable"]);
    clinic.does(&["doctor"]);
}

#[test]
fn a_row_without_an_anchor_date_is_taken_in_and_a_person_completes_it() {
    let clinic = Clinic::new();
    let rows = [
        row("R-1").replace(&day(-40), ""),
        row("R-2").replace(&format!("nccn,{}", day(-40)), ",").replace("1980", "1981"),
    ];
    let file = clinic.roster("p.csv", format!("{HEAD}\n{}\n", rows.join("\n")));
    assert_eq!(clinic.json(&["import", &file])["added"], 2);
    let tasks = clinic.json(&["tasks", "list"]);
    let reasons: Vec<&str> =
        tasks.as_array().unwrap().iter().map(|t| t["reason"].as_str().unwrap()).collect();
    let expected = [
        "No anchor date on record. The protocol nccn waits for it.",
        "No protocol and no anchor date on record.",
    ];
    assert_eq!(reasons, expected);
    assert_eq!(clinic.json(&["import", &file])["unchanged"], 2);
    clinic.does(&["patient", "set", "R-1", "--protocol", "nccn", "--anchor", &day(-10)]);
    assert_eq!(clinic.json(&["tasks", "list", "--patient", "R-1"]), Value::Array(Vec::new()));
    assert_eq!(clinic.json(&["import", &file])["unchanged"], 2, "what is left empty is not compared");
    clinic.does(&["doctor"]);
}

#[test]
fn two_whole_schedules_for_one_person_are_refused() {
    let clinic = Clinic::new();
    let file = clinic.roster("p.csv", format!("{HEAD}\n{}\n", row("R-1").replace("nccn", "nccn+figo")));
    let words = [
        "`nccn` and `figo` are two whole schedules",
        "hint: keep one; an add-on may stand beside it: bone-health",
    ];
    has(&clinic.refuses(65, &["import", &file]), &words);
    let add = ["patient", "add", "R-1", "--name", "Ana", "--birth-date", "1980-05-17", "--anchor", &day(-40)];
    has(&clinic.refuses(65, &[&add[..], &["--protocol", "nccn", "--add-on", "figo"]].concat()), &words);
}

#[test]
fn a_next_visit_in_a_roster_fits_a_visit_she_is_owed_or_its_row_is_told() {
    let clinic = Clinic::new();
    let visit = |reference: &str, on: &str| format!("{},{on} 10:00", row(reference));
    let rows =
        [visit("R-1", &day(60)), visit("R-2", &day(120)), visit("R-3", "2999-01-01"), visit("R-4", &day(-3))];
    let file = clinic.roster("p.csv", format!("{HEAD},next_visit_at\n{}\n", rows.join("\n")));
    has(
        &clinic.refuses(65, &["import", &file, "--dry-run"]),
        &[
            ":3: `next_visit_at` lies outside the window of visit 1",
            "--anyway",
            ":4: `next_visit_at` lies more than two years ahead",
            ":5: `next_visit_at` lies in the past",
            "3 rows are faulty",
        ],
    );
}

#[test]
fn capitals_make_neither_another_mailbox_nor_another_code() {
    let clinic = Clinic::new();
    let rows = [row("R-1"), row("R-2").replace("R-2@", "r-1@"), row("r-1").replace("r-1@", "other@")];
    let file = clinic.roster("p.csv", format!("{HEAD}\n{}\n", rows.join("\n")));
    let told = clinic.refuses(65, &["import", &file]);
    has(
        &told,
        &[":3: `email` line 2 has the same address", ":4: `reference` `r-1` stands in line 2 already"],
    );
    clinic.does(&["import", &file, "--partial"]);
    let second = [row("R-2").replace("R-2@", "r-1@"), row("r-1").replace("r-1@", "other@")];
    let file = clinic.roster("q.csv", format!("{HEAD}\n{}\n", second.join("\n")));
    let told = clinic.refuses(65, &["import", &file]);
    has(&told, &["a patient on record uses the same address", "differs from `R-1` on record in case only"]);
    let add = ["patient", "add", "r-1", "--name", "Ana", "--birth-date", "1980-05-17"];
    has(&clinic.refuses(65, &add), &["case code `R-1` is taken"]);
}

#[test]
fn check_remarks_once_what_no_clinician_signed_among_ones_own_protocols_and_those_in_use() {
    let clinic = Clinic::new();
    let remarks = || -> Vec<String> {
        let said = clinic.run(&["check"]);
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(said.out.starts_with("no faults"), "{}", said.out);
        said.err.lines().filter(|line| line.contains("no clinician")).map(str::to_owned).collect()
    };
    let fresh = remarks();
    assert_eq!(fresh.len(), 1, "{fresh:?}");
    has(&fresh[0], &["au-ocp, bgcs-clinic, bgcs-pifu,", "sgo2017-high"]);
    for file in std::fs::read_dir(clinic.path("protocols")).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    assert_eq!(remarks(), [""; 0]);
    clinic.ana();
    let used = remarks();
    assert!(used.len() == 1 && used[0].ends_with("has signed sgo2017-high"), "{used:?}");
}

#[test]
fn check_remarks_a_leaflet_that_a_schedule_in_use_would_send_while_it_is_off() {
    let clinic = Clinic::new();
    let remarks = || clinic.run(&["check"]).err.matches("which is switched off").count();
    for file in std::fs::read_dir(clinic.path("protocols")).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    clinic.ana();
    assert_eq!(remarks(), 0);
    clinic.does(&["patient", "set", "R-1", "--add-on", "bone-health"]);
    assert_eq!(remarks(), 1);
    let file = clinic.path("aftercare.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("leaflets = []", "leaflets = [\"bone-health\", \"no-such\"]"))
        .unwrap();
    let said = clinic.run(&["check"]);
    assert_eq!(said.code, 78, "{}", said.err);
    assert!(said.err.contains("`no-such` is no leaflet in every language"), "{}", said.err);
}

#[test]
fn what_goes_out_as_a_roster_comes_back_unchanged() {
    let clinic = Clinic::new();
    clinic.ana();
    clinic.does(&["patient", "set", "R-1", "--add-on", "bone-health", "--detail", "full"]);
    clinic.does(&["visit", "book", "R-1", "--on", &day(20), "--at", "10:30", "--place", "Room 4, \"left\""]);
    let file = clinic.path("out.csv").to_str().unwrap().to_owned();
    clinic.does(&["export", "csv", "--out", &file]);
    assert_eq!(clinic.json(&["import", &file])["unchanged"], 1);
    let fresh = Clinic::new();
    assert_eq!(fresh.json(&["import", &file])["added"], 1);
    assert_eq!(fresh.does(&["export", "csv"]), std::fs::read_to_string(&file).unwrap());
    clinic.refuses(65, &["export", "csv", "--out", &file]);
}

#[test]
fn a_booked_test_is_no_next_visit() {
    let clinic = Clinic::new();
    clinic.ana();
    clinic.does(&["patient", "set", "R-1", "--add-on", "bone-health"]);
    clinic.does(&["visit", "book", "R-1", "--series", "dxa", "--on", &day(20), "--at", "10:30"]);
    // Neither a visit, nor a telephone, nor anybody who acts for her.
    assert!(clinic.does(&["export", "csv"]).trim_end().ends_with(",false,,,,,,,,,,,,,,,,,,"));
}

#[test]
fn names_that_would_forge_or_break_are_refused_or_kept_whole() {
    let clinic = Clinic::new();
    let add = |reference: &str, name: &str| {
        clinic.run(&["patient", "add", reference, "--name", name, "--birth-date", "1980-05-17"])
    };
    for bad in ["Ana\r\nBcc: x@y.example", "A\u{202e}na", "", "\u{feff}"] {
        assert_eq!(add("R-1", bad).code, 64, "{bad:?}");
    }
    for (reference, good) in [("R-1", "<b>Ana</b> & \"co\""), ("R-2", "李 🙂"), ("R-3", "علي")] {
        assert_eq!(add(reference, good).code, 0, "{good:?}");
        assert_eq!(clinic.json(&["patient", "show", reference])["preferred_name"], good);
    }
    clinic.does(&["doctor"]);
}

#[test]
fn a_changed_plan_is_shown_first_and_applied_only_with_yes() {
    let clinic = Clinic::new();
    clinic.ana();
    let before = clinic.json(&["patient", "show", "R-1"]);
    let shown = clinic.json(&["patient", "set", "R-1", "--anchor", &day(-70), "--email", "new@mail.example"]);
    assert_eq!(shown["applied"], false);
    assert!(!shown["plan_changes"][0]["ahead"].as_array().unwrap().is_empty());
    assert_eq!(clinic.json(&["patient", "show", "R-1"]), before, "nothing may change without --yes");
    let done = clinic.json(&[
        "patient",
        "set",
        "R-1",
        "--anchor",
        &day(-70),
        "--email",
        "new@mail.example",
        "--yes",
    ]);
    assert_eq!(done["applied"], true);
    let after = clinic.json(&["patient", "show", "R-1"]);
    assert_eq!(after["email"], "new@mail.example");
    assert_eq!(after["enrolments"][1]["anchor_on"], day(-70));
    assert_eq!(after["enrolments"][0]["active"], false, "history stays");
    let told = clinic.refuses(65, &["patient", "set", "R-1", "--protocol", "bone-health"]);
    has(&told, &["is an add-on", "--add-on bone-health"]);
}

#[test]
fn an_add_on_counts_from_its_own_date_moves_alone_and_ends() {
    let clinic = Clinic::new();
    clinic.ana();
    let set = |args: &[&str]| clinic.json(&[&["patient", "set", "R-1"][..], args].concat());
    let told = clinic.refuses(65, &["patient", "set", "R-1", "--add-on", "work-up-mri"]);
    has(&told, &["is over already", "--add-on work-up-mri@DATE"]);
    let (scan, later) = (format!("work-up-mri@{}", day(0)), format!("work-up-mri@{}", day(7)));
    assert_eq!(set(&["--add-on", &scan])["applied"], true);
    let on = |protocol: &str| -> Vec<String> {
        let all = clinic.json(&["patient", "show", "R-1"])["enrolments"].clone();
        let active =
            all.as_array().unwrap().iter().filter(|e| e["active"] == true && e["protocol"] == protocol);
        active.map(|e| e["anchor_on"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((on("work-up-mri"), on("sgo2017-high")), (vec![day(0)], vec![day(-80)]));
    assert_eq!(set(&["--add-on", &later])["applied"], false, "a move is shown first");
    set(&["--add-on", &later, "--yes"]);
    assert_eq!((on("work-up-mri"), on("sgo2017-high")), (vec![day(7)], vec![day(-80)]));
    let told =
        clinic.refuses(65, &["patient", "set", "R-1", "--add-on", "bone-health", "--anchor", &day(-70)]);
    has(&told, &["moves her main plan", "--add-on bone-health@DATE"]);
    set(&["--add-on", "bone-health"]);
    let own = format!("bone-health@{}", day(-60));
    set(&["--anchor", &day(-70), "--add-on", &own, "--yes"]);
    assert_eq!((on("bone-health"), on("sgo2017-high")), (vec![day(-60)], vec![day(-70)]));
    set(&["--end", "work-up-mri", "--reason", "done elsewhere", "--yes"]);
    assert_eq!(on("work-up-mri"), Vec::<String>::new());
    let told =
        clinic.refuses(65, &["patient", "set", "R-1", "--end", "sgo2017-high", "--reason", "x", "--yes"]);
    has(&told, &["--protocol NAME"]);
    clinic.does(&["doctor"]);
}

#[test]
fn letters_she_declined_come_again_when_she_says_so() {
    let clinic = Clinic::new();
    clinic.ana();
    let store = Store::open(&clinic.path("aftercare.db"), OpenMode::Existing).unwrap();
    let no = |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let reference = aftercare::care::patient::Reference::parse("R-1").unwrap();
        let patient = tx.patient_by_reference(&reference)?;
        opt_out::choose(
            tx,
            &patient,
            &opt_out::OptOutChoice::Kinds(vec![LetterKind::Checklists, LetterKind::Leaflets]),
        )
    };
    store.write_blocking(Stamp { at: SystemClock.now(), actor: Actor::Patient }, no).unwrap();
    drop(store);
    let kinds = || -> Vec<Value> {
        let open = clinic.json(&["tasks", "list"]);
        let kinds = open.as_array().unwrap().iter().map(|task| task["kind"].clone());
        kinds.filter(|kind| kind == "opted-out").collect()
    };
    let set = |kind| clinic.does(&["patient", "set", "R-1", "--wants-again", kind]);
    set("checklists");
    assert_eq!(kinds(), ["opted-out"], "she still declines leaflets");
    set("all");
    assert_eq!(kinds(), Vec::<Value>::new());
    has(
        &clinic.refuses(64, &["patient", "set", "R-1", "--wants-again", "news"]),
        &["visits, checklists, leaflets, all"],
    );
}

#[test]
fn letters_stop_for_a_reason_and_a_pause_ends_on_a_day_to_come() {
    let clinic = Clinic::new();
    clinic.ana();
    let pause = ["patient", "set", "R-1", "--status", "paused", "--reason"];
    has(&clinic.refuses(65, &[&pause[..], &[" "]].concat()), &["needs a reason", "--reason TEXT"]);
    let gone = day(-2);
    let past = [&pause[..], &["abroad", "--until", &gone]].concat();
    has(&clinic.refuses(65, &past), &["in the past", "--until"]);
    assert_eq!(clinic.json(&["patient", "show", "R-1"])["status"], "active");
}

#[test]
fn a_new_address_brings_her_back_from_a_bad_one() {
    let clinic = Clinic::new();
    clinic.ana();
    clinic.does(&["patient", "set", "R-1", "--status", "address_bad", "--reason", "returned"]);
    assert_eq!(clinic.json(&["tasks", "list"])[0]["kind"], "address-bad");
    clinic.does(&["patient", "set", "R-1", "--email", "new@mail.example"]);
    assert_eq!(clinic.json(&["patient", "show", "R-1"])["status"], "active");
    let kinds: Vec<_> =
        clinic.json(&["tasks", "list"]).as_array().unwrap().iter().map(|t| t["kind"].clone()).collect();
    assert_eq!(kinds, ["not-booked"], "her visit is due too soon for a letter");
}

#[test]
fn visits_are_booked_moved_called_off_and_kept() {
    let clinic = Clinic::new();
    clinic.ana();
    has(
        &clinic.refuses(65, &["visit", "move", "R-1", "--on", &day(20), "--at", "10:00"]),
        &["nothing is booked", "hint:"],
    );
    has(
        &clinic.refuses(65, &["visit", "book", "R-1", "--on", &day(-2), "--at", "10:00"]),
        &["in the past", "visit done"],
    );
    has(&clinic.refuses(65, &["visit", "done", "R-1", "--on", &day(2)]), &["lies in the future"]);
    clinic.does(&["visit", "book", "R-1", "--on", &day(20), "--at", "10:00"]);
    clinic.does(&["visit", "move", "R-1", "--on", &day(21), "--at", "11:00"]);
    clinic.does(&["visit", "cancel", "R-1", "--reason", "the clinic is closed"]);
    clinic.does(&["visit", "book", "R-1", "--on", &day(20), "--at", "10:00"]);
    let letters = clinic.json(&["ledger"]);
    let steps: Vec<&str> = letters.as_array().unwrap().iter().map(|l| l["steps"].as_str().unwrap()).collect();
    // Nobody is told that a date is off of which she never heard.
    assert_eq!(steps.len(), 3);
    assert!(
        steps.iter().all(|s| s.starts_with("visit:")),
        "booked again the same day must be told again: {steps:?}"
    );
    clinic.does(&["visit", "done", "R-1"]);
    let plan = clinic.json(&["patient", "plan", "R-1", "--years", "1"]);
    let visits = plan["follow_ups"].as_array().unwrap().iter().filter(|f| f["series"] == "visit");
    let states: Vec<&str> = visits.map(|f| f["state"].as_str().unwrap()).collect();
    assert_eq!(states[..3], ["done", "planned", "ahead"]);
}

#[test]
fn a_date_far_off_is_refused_until_it_is_meant() {
    let clinic = Clinic::new();
    clinic.ana();
    let book = |on: &str, more: &[&str]| {
        let on = on.to_owned();
        clinic.run(&[&["visit", "book", "R-1", "--on", &on, "--at", "10:00", "--json"], more].concat())
    };
    for (on, words) in [(day(90), "outside the window of visit 1"), (day(9_000), "more than two years ahead")]
    {
        let said = book(&on, &[]);
        assert_eq!(said.code, 65);
        has(&said.err, &[words, "hint: check the"]);
    }
    assert_eq!(book("9999-12-31", &["--anyway"]).code, 65);
    let late = book(&day(60), &["--anyway"]).json();
    has(&late["warnings"][0].to_string(), &["leaves less than half the usual time to the next, due on"]);
    has(&book(&day(12), &[]).err, &["visit 1 is booked for", "aftercare visit move REF"]);
    clinic.does(&["doctor"]);
}

#[test]
fn tasks_are_listed_and_done_once() {
    let clinic = Clinic::new();
    clinic.does(&["patient", "add", "R-1", "--name", "Ana", "--birth-date", "1980-05-17"]);
    let tasks = clinic.json(&["tasks", "list", "--patient", "R-1"]);
    let id = tasks[0]["id"].to_string();
    has(&clinic.refuses(64, &["tasks", "done", &id]), &["--note"]);
    clinic.does(&["tasks", "done", &id, "--note", "rang her"]);
    has(&clinic.refuses(65, &["tasks", "done", &id, "--note", "again"]), &["no such open task"]);
    assert_eq!(clinic.json(&["tasks", "list", "--all"])[0]["note"], "rang her");
}

/// Lives on by the daemon's own pass until a letter has left.
fn post(clinic: &Clinic) -> i64 {
    let config = aftercare::config::load::file(&clinic.path("aftercare.toml")).unwrap();
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let world = engine::World { clock: clock.clone(), entropy: Arc::new(SystemEntropy) };
    let store = Store::open(&config.database.path, OpenMode::Existing).unwrap();
    let sources = aftercare::config::sources::Sources::of(&config.paths);
    let (clinic, _) = engine::clinic(&store, &config, &sources, &world).unwrap();
    let post = engine::post(&config, &world).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for _ in 0..24 * 5 {
        runtime.block_on(pass::pass(&clinic, &post, LostLeases::Overdue)).unwrap();
        // The test of the ladder leaves as well; only a letter to her counts.
        let ledger = store.read(|v| v.ledger(&Default::default())).unwrap();
        let hers = ledger.iter().find(|l| l.reference.is_some() && l.delivery.state.word() == "sent");
        if let Some(line) = hers {
            return line.delivery.id.0;
        }
        clock.advance(Duration::from_secs(3600));
    }
    panic!("no letter left in five days");
}

pub(crate) fn letters(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|e| e.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { letters(&path) } else { vec![path] }).collect()
}

#[test]
fn a_sent_letter_comes_back_byte_for_byte_whatever_the_words_are_now() {
    let clinic = Clinic::new();
    clinic.ana();
    clinic.does(&["visit", "book", "R-1", "--on", &day(20), "--at", "10:30", "--place", "Room 4"]);
    let id = post(&clinic).to_string();
    // The test of the ladder lies in the same spool: hers is the letter that goes to her.
    let hers = |path: &PathBuf| std::fs::read_to_string(path).unwrap().contains("To: ana@");
    let sent = std::fs::read(letters(&clinic.path("spool")).iter().find(|path| hers(path)).unwrap()).unwrap();
    let config = clinic.path("aftercare.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    // Next year's phone number, pages, sender and reply address are not those the letter had.
    let later = [
        ("+1 555 0100", "+1 555 0111"),
        ("care.riverside", "pages.riverside"),
        ("\nfrom = \"", "\nfrom = \"Other "),
        ("desk@riverside", "office@riverside"),
    ]
    .into_iter()
    .fold(text, |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replace(old, new)
    });
    std::fs::write(&config, later).unwrap();
    let file = clinic.path("again.eml");
    clinic.does(&["replay", &id, "--out", file.to_str().unwrap()]);
    assert_eq!(std::fs::read(&file).unwrap(), sent);
    assert!(clinic.does(&["replay", &id]).contains("Message-ID"));
}

#[test]
fn a_letter_that_cannot_come_back_says_why() {
    let clinic = Clinic::new();
    clinic.ana();
    clinic.does(&["visit", "book", "R-1", "--on", &day(20), "--at", "10:30"]);
    has(&clinic.refuses(1, &["replay", "1"]), &["was never written: it is pending"]);
    let id = post(&clinic).to_string();
    // Words kept by a version that did not yet keep the sender beside them; its letters did not ask whether replies are read.
    let sql = rusqlite::Connection::open(clinic.path("aftercare.db")).unwrap();
    let old = "UPDATE wording SET content = replace(json_remove(content, '$.clinic.sender', '$.clinic.reply_to'), \
               'clinic.reads_replies', 'true')";
    sql.execute_batch(old).unwrap();
    drop(sql);
    has(&clinic.does(&["replay", &id]), &["Message-ID"]);
    let config = clinic.path("aftercare.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("\nfrom = \"", "\nfrom = \"Other ")).unwrap();
    has(&clinic.refuses(1, &["replay", &id]), &["differs from what was sent", "mail.from"]);
    std::fs::write(&config, text).unwrap();
    std::fs::write(clinic.path("aftercare.db.key"), [7; 32]).unwrap();
    has(&clinic.refuses(78, &["replay", &id]), &["is not the key this database was used with"]);
    clinic.does(&["key", "adopt"]);
    has(&clinic.refuses(1, &["replay", &id]), &["was written with a key that was replaced at"]);
    has(&clinic.refuses(65, &["replay", "999"]), &["no such letter `999`"]);
}

#[test]
fn a_test_letter_goes_only_where_it_may_and_says_what_it_is() {
    let clinic = Clinic::new();
    has(&clinic.refuses(65, &["send-test", "a@mail.example", "--letter", "book"]), &["not in `test.allow`"]);
    has(
        &clinic.refuses(65, &["send-test", "test@riverside.example", "--letter", "bok"]),
        &["no letter `bok`", "known are"],
    );
    clinic.does(&[
        "send-test",
        "test@riverside.example",
        "--letter",
        "booked",
        "--language",
        "es",
        "--detail",
        "full",
    ]);
    let letter = std::fs::read_to_string(&letters(&clinic.path("spool"))[0]).unwrap();
    has(
        &letter,
        &[
            "Subject: [TEST]",
            "X-Aftercare-Test: booked",
            "TEST: this letter was written",
            "Content-Language: es",
        ],
    );
    assert!(!letter.contains("BEGIN:VCALENDAR"));
}

#[test]
fn the_audit_is_verified_offline_and_shows_what_was_altered() {
    let clinic = Clinic::new();
    clinic.ana();
    let file = clinic.path("audit.jsonl");
    clinic.does(&["audit", "export", "--out", file.to_str().unwrap()]);
    let check = |text: &str| {
        std::fs::write(clinic.path("copy.jsonl"), text).unwrap();
        clinic.run(&["audit", "verify", clinic.path("copy.jsonl").to_str().unwrap()])
    };
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(check(&text).code, 0);
    let altered = check(&text.replacen("patient.admitted", "patient.Admitted", 1));
    assert_eq!(altered.code, 1);
    has(&altered.err, &["was altered"]);
    let shorter: Vec<&str> = text.lines().enumerate().filter(|(i, _)| *i != 1).map(|(_, l)| l).collect();
    has(&check(&shorter.join("\n")).err, &["audit event 2 is missing"]);
    assert_eq!(check("reference,name\n").code, 65);
}

#[test]
fn a_restored_backup_holds_letters_and_keeps_what_was_there() {
    let clinic = Clinic::new();
    clinic.ana();
    let file = clinic.path("copy.db");
    let copy = file.to_str().unwrap();
    clinic.does(&["backup", copy]);
    has(&clinic.refuses(65, &["backup", copy]), &["is there already"]);
    has(&clinic.refuses(65, &["backup", "/nowhere/copy.db"]), &["there is no directory `/nowhere`"]);
    clinic.does(&["patient", "set", "R-1", "--status", "deceased", "--reason", "the family called"]);
    let lock = Lock::take(&clinic.path("aftercare.db")).unwrap();
    has(&clinic.refuses(75, &["restore", copy]), &["another aftercare serve or drain"]);
    drop(lock);
    let args = "patient add R-9 --name Berta --birth-date 1975-05-17 --email berta@mail.example";
    clinic.does(&args.split(' ').collect::<Vec<_>>());
    let restored = clinic.json(&["restore", copy]);
    assert_eq!(clinic.json(&["patient", "show", "R-1"])["status"], "deceased", "a death is carried over");
    assert_eq!(restored["since"]["not_in_the_copy"], serde_json::json!(["R-9"]));
    assert_eq!(restored["since"]["status_changed"][0]["carried_over"], true);
    let tasks = clinic.json(&["tasks", "list"]);
    let hold = tasks.as_array().unwrap().iter().find(|task| task["kind"] == "hold").unwrap();
    has(hold["reason"].as_str().unwrap(), &["were carried over", "take in again: R-9"]);
    assert_eq!(clinic.json(&["doctor"])["held"], true);
    let before = Store::open(Path::new(restored["before"].as_str().unwrap()), OpenMode::Existing).unwrap();
    let reference = aftercare::care::patient::Reference::parse("R-1").unwrap();
    assert_eq!(before.read(|v| v.patient_by_reference(&reference)).unwrap().status.word(), "deceased");
}

#[test]
fn the_link_of_someone_a_restore_lost_opens_nothing_of_whoever_comes_after() {
    let clinic = Clinic::new();
    clinic.ana();
    let file = clinic.path("copy.db");
    clinic.does(&["backup", file.to_str().unwrap()]);
    let stop = |reference: &str| {
        let args = ["patient", "add", reference, "--name", reference, "--birth-date", "1970-01-02"];
        clinic.does(&args);
        let clinic = clinic.clinic();
        let who = aftercare::care::patient::Reference::parse(reference).unwrap();
        let id = clinic.store.read(|v| v.patient_by_reference(&who)).unwrap().id;
        (id, clinic.key.token(id, aftercare::store::answers::links::LinkPurpose::OptOut, 0))
    };
    let (lost, link) = stop("R-2");
    clinic.does(&["restore", file.to_str().unwrap()]);
    let (next, hers) = stop("R-3");
    assert_eq!(lost, next, "row numbers are given out again");
    assert_ne!(link, hers);
}

#[test]
fn a_copy_that_is_not_sound_never_takes_the_databases_place() {
    let clinic = Clinic::new();
    clinic.ana();
    let before = clinic.json(&["audit", "verify"]);
    for (name, content) in [("text.db", "no database ".repeat(500).into_bytes()), ("empty.db", Vec::new())] {
        let file = clinic.roster(name, content);
        has(&clinic.refuses(65, &["restore", &file]), &["the copy is not sound"]);
    }
    has(&clinic.refuses(65, &["restore", "/nonexistent.db"]), &["cannot be read"]);
    assert_eq!(clinic.json(&["audit", "verify"]), before);
    assert!(!clinic.path("aftercare.db.restoring").exists());
}

#[test]
fn a_bundle_of_resources_names_each_and_knows_no_null() {
    let clinic = Clinic::new();
    clinic.ana();
    clinic.does(&["visit", "book", "R-1", "--on", &day(20), "--at", "10:30"]);
    let bundle: Value = serde_json::from_str(&clinic.does(&["export", "fhir"])).unwrap();
    let entries = bundle["entry"].as_array().unwrap();
    let kinds: Vec<&str> = entries.iter().map(|e| e["resource"]["resourceType"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["Patient", "CarePlan", "Appointment", "Communication"]);
    let patient = entries[0]["fullUrl"].as_str().unwrap();
    assert!(
        patient.ends_with(entries[2]["resource"]["participant"][0]["actor"]["reference"].as_str().unwrap())
    );
    assert!(!bundle.to_string().contains("null"));
}

#[test]
fn without_a_database_commands_that_read_say_so() {
    let clinic = Clinic::new();
    for args in [&["ledger"][..], &["doctor"], &["patient", "list"], &["tasks", "list"], &["audit", "verify"]]
    {
        has(&clinic.refuses(78, args), &["there is no database at", "hint:"]);
    }
    assert!(!clinic.path("aftercare.db").exists());
}

#[test]
fn a_database_that_cannot_be_used_says_why() {
    let clinic = Clinic::new();
    clinic.roster("aftercare.db", "no database ".repeat(500));
    has(&clinic.refuses(1, &["ledger"]), &["not a database", "aftercare restore FILE"]);
}
