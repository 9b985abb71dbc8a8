//! Columns of other names, and an import that is undone, as a clinic types it.

use super::{Clinic, HEAD, day, has, row};

#[test]
fn columns_of_other_names_are_matched_by_map_and_of_no_use_are_left_out() {
    let clinic = Clinic::new();
    let head = HEAD.replace("reference", "MRN").replace("birth_date", "DOB");
    let file = clinic.roster("p.csv", format!("{head},Stage\n{},IB\n", row("R-1")));
    has(&clinic.refuses(65, &["import", &file]), &["unknown column `mrn`", "the header lacks"]);
    let map = ["--map", "MRN=reference", "--map", "dob=birth_date", "--map", "Stage="];
    assert_eq!(clinic.json(&[&["import", &file][..], &map].concat())["added"], 1);
    assert_eq!(clinic.json(&["patient", "show", "R-1"])["reference"], "R-1");
}

#[test]
fn an_import_is_shown_first_and_undone_only_with_yes_and_its_numbers_never_come_back() {
    let clinic = Clinic::new();
    let rows = [row("R-1"), row("R-2").replace("1980", "1981")];
    let file = clinic.roster("p.csv", format!("{HEAD}\n{}\n", rows.join("\n")));
    clinic.does(&["import", &file]);
    assert_eq!(clinic.json(&["imports", "list"])[0]["added"], 2);
    clinic.does(&["visit", "book", "R-2", "--on", &day(60), "--at", "10:00"]);
    let shown = clinic.json(&["imports", "undo", "1"]);
    assert_eq!((&shown["goes"], &shown["stays"][0]["reference"]), (&1.into(), &"R-2".into()));
    has(&clinic.does(&["imports", "show", "1"]), &["R-2 stays: ", "1 would be removed"]);
    assert_eq!(clinic.json(&["patient", "list"]).as_array().unwrap().len(), 2, "shown, not done");

    assert_eq!(clinic.json(&["imports", "undo", "1", "--yes"])["removed"], 1);
    has(&clinic.refuses(65, &["imports", "undo", "1", "--yes"]), &["undone already"]);
    let left = clinic.json(&["patient", "list"]);
    assert_eq!((left.as_array().unwrap().len(), &left[0]["reference"]), (1, &"R-2".into()));
    clinic.does(&["audit", "verify"]);
    clinic.does(&["doctor"]);
    assert_eq!(clinic.json(&["import", &file])["added"], 1, "she can come in again");
    let sql = rusqlite::Connection::open(clinic.path("aftercare.db")).unwrap();
    let ids: Vec<i64> = {
        let mut ask =
            sql.prepare("SELECT id FROM patient WHERE reference LIKE 'R-%' ORDER BY reference").unwrap();
        ask.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert!(ids[0] > ids[1], "R-1 has a new number: {ids:?}");
    clinic.does(&["doctor"]);
}

/// What a run of the import says of a file, the run itself left out.
fn said(clinic: &Clinic, args: &[&str]) -> (i32, serde_json::Value) {
    let ended = clinic.run(&[args, &["--json"]].concat());
    let mut told = ended.json();
    told.as_object_mut().unwrap().remove("dry_run");
    (ended.code, told)
}

/// Somebody in a zone that is a day ahead, with a husband who acts for her up to a day.
fn with_proxy(reference: &str, until: &str) -> String {
    let proxy = format!("Juan,husband,juan-{reference}@mail.example,en,the patient,{},{until}", day(-9));
    format!("{},,,{proxy}", row(reference).replace("Europe/Madrid", "Pacific/Kiritimati"))
}

#[test]
fn the_dry_run_says_of_every_row_what_the_import_says() {
    let clinic = Clinic::new();
    let head = format!(
        "{HEAD},status,shared_inbox,proxy_name,proxy_relation,proxy_email,proxy_language,proxy_consent_by,proxy_consent_on,proxy_until"
    );
    let plain = |row: String| format!("{row},,,,,,,,,");
    let told = |row: String, status: &str| format!("{row},{status},,,,,,,,");
    let known = [
        plain(row("A-1")),
        told(row("A-2").replace("1980", "1950"), "deceased"),
        format!("{},,true,,,,,,,", row("A-3").replace("1980", "1981")),
    ];
    clinic.does(&["import", &clinic.roster("known.csv", format!("{head}\n{}\n", known.join("\n")))]);
    let cases = [
        // Twice in the file, by code, by code in other capitals or zeros, by address.
        vec![plain(row("B-1")), plain(row("B-1"))],
        vec![plain(row("B-2")), plain(row("b-2").replace("b-2@", "other@"))],
        vec![plain(row("0071")), plain(row("71").replace("71@", "other@"))],
        vec![plain(row("B-3")), plain(row("B-4").replace("B-4@", "B-3@"))],
        // Against the record: her address, her code, a death, somebody who has died.
        vec![plain(row("B-5").replace("B-5@", "a-1@"))],
        vec![plain(row("B-6").replace("B-6@", "A-2@"))],
        vec![plain(row("a-1"))],
        vec![told(row("A-2").replace("1980", "1950"), "active")],
        vec![told(row("A-1"), "deceased"), told(row("A-1").replace("Ana", ""), "deceased")],
        vec![format!("{},,true,,,,,,,", row("B-7").replace("B-7@", "A-3@"))],
        // What only the step that takes her in used to know.
        vec![plain(row("aftercare-canary"))],
        vec![plain(row("erased-1"))],
        vec![with_proxy("B-8", &day(-2))],
        vec![with_proxy("B-9", &day(0)), plain(row("B-10"))],
        vec![with_proxy("B-11", &day(30))],
    ];
    for (at, rows) in cases.iter().enumerate() {
        let file = clinic.roster("p.csv", format!("{head}\n{}\n", rows.join("\n")));
        for more in [&[][..], &["--partial"]] {
            let args = [&["import", &file][..], more].concat();
            let dry = said(&clinic, &[&args[..], &["--dry-run"]].concat());
            assert_eq!(dry, said(&clinic, &args), "case {at}: {rows:?}");
        }
    }
    clinic.does(&["doctor"]);
}

#[test]
fn a_reserved_code_is_told_by_the_dry_run_before_there_is_a_database() {
    let clinic = Clinic::new();
    let file = clinic.roster("p.csv", format!("{HEAD}\n{}\n", row("aftercare-canary")));
    has(
        &clinic.refuses(65, &["import", &file, "--dry-run"]),
        &[":2: `reference` ", "is kept for the daily test"],
    );
}
