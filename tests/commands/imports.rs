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
