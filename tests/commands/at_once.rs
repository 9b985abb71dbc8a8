//! Two at once: one command typed twice in one moment. Each ends well or is told to try again, and nothing is half done.

use std::process::{Command, Stdio};

use super::{Clinic, HEAD, Said, Value, day, has, row};

/// The same command several times at once, each heard to its end.
fn at_once(clinic: &Clinic, times: usize, args: &[&str]) -> Vec<Said> {
    let begin = |_| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aftercare"));
        command.env("AFTERCARE_CONFIG", clinic.path("aftercare.toml")).env_remove("RUST_LOG").args(args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let begun: Vec<_> = (0..times).map(begin).collect();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let ended = begun.into_iter().map(|one| one.wait_with_output().unwrap());
    ended
        .map(|one| Said { code: one.status.code().unwrap(), out: text(one.stdout), err: text(one.stderr) })
        .collect()
}

#[test]
fn two_imports_of_one_roster_at_once_both_end_well_and_take_each_in_once() {
    for email in [true, false] {
        let clinic = Clinic::new();
        let rows: Vec<String> = (0..600)
            .map(|n| {
                let born = jiff::civil::date(1950, 1, 1).saturating_add(jiff::Span::new().days(n));
                let row = row(&format!("R-{n}")).replace("1980-05-17", &born.to_string());
                if email { row } else { row.replace(&format!("R-{n}@mail.example"), "") }
            })
            .collect();
        let file = clinic.roster("p.csv", format!("{HEAD}\n{}\n", rows.join("\n")));
        // The database is there, and no row of it: both look at the same record.
        clinic.does(&["staff", "add", "maria", "--role", "nurse", "--email", "maria@clinic.example"]);
        let said = at_once(&clinic, 2, &["import", &file, "--json"]);
        for one in &said {
            assert_eq!(one.code, 0, "{}{}", one.out, one.err);
        }
        let sum = |key: &str| said.iter().map(|one| one.json()[key].as_u64().unwrap()).sum::<u64>();
        assert_eq!((sum("added"), sum("unchanged"), sum("faulty")), (600, 600, 0));
        assert_eq!(clinic.json(&["patient", "list"]).as_array().unwrap().len(), 600);
        clinic.does(&["doctor"]);
    }
}

#[test]
fn the_second_rehearsal_into_one_directory_is_told_to_try_again() {
    let clinic = Clinic::new();
    clinic.ana();
    let (out, until) = (clinic.path("lived"), day(60));
    let args = ["rehearse", "--until", &until, "--out", out.to_str().unwrap()];
    let mut said = at_once(&clinic, 2, &args);
    said.sort_by_key(|one| one.code);
    let codes: Vec<i32> = said.iter().map(|one| one.code).collect();
    assert_eq!(codes, [0, 75], "{}{}", said[1].out, said[1].err);
    has(&said[1].err, &["another aftercare writes into", "hint: try again"]);
    assert!(out.join("rehearsal.db").exists());
    has(&clinic.refuses(65, &args), &["is not empty"]);
}

#[test]
fn of_several_backups_under_one_name_one_is_made_and_it_is_whole() {
    let clinic = Clinic::new();
    clinic.ana();
    let file = clinic.path("copy.db");
    let said = at_once(&clinic, 4, &["backup", file.to_str().unwrap()]);
    assert_eq!(said.iter().filter(|one| one.code == 0).count(), 1);
    for one in said.iter().filter(|one| one.code != 0) {
        let late = one.code == 65 && one.err.contains("is there already");
        assert!(late || one.code == 75 && one.err.contains("another aftercare makes a copy"), "{}", one.err);
    }
    std::fs::create_dir(clinic.path("backups")).unwrap();
    let rehearsed = clinic.json(&["restore", "--rehearse", file.to_str().unwrap()]);
    assert_eq!(rehearsed["fault"], Value::Null, "{rehearsed}");
    for left in ["copy.db.part", "copy.db.lock", "copy.db.part.key"] {
        assert!(!clinic.path(left).exists(), "{left}");
    }
}

#[test]
fn a_dash_is_the_standard_input_and_never_the_name_of_a_backup() {
    let clinic = Clinic::new();
    clinic.ana();
    let taken = clinic.hears(&["bounce", "-"], "Subject: I am away\n\nBack on Monday.\n");
    assert_eq!(taken.code, 0, "{}", taken.err);
    has(&clinic.refuses(64, &["backup", "-"]), &["goes to no pipe", "hint: name a file"]);
    assert!(!std::path::Path::new("-").exists());
}
