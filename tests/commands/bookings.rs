//! An import in mid-course, as a clinic types it: one task with a list, worked off line by line.

use super::{Clinic, HEAD, day, has, row};

/// Three who come in some 100 days after treatment: no letter asks them to book what was due ten days ago.
fn imported() -> Clinic {
    let clinic = Clinic::new();
    let of = |reference: &str, year: &str, days: i64| {
        row(reference).replace("1980", year).replace(&day(-40), &day(days)).replace("nccn", "sgo2017-high")
    };
    let rows = [of("R-1", "1980", -100), of("R-2", "1981", -102), of("R-3", "1982", -20)];
    let file = clinic.roster("p.csv", format!("{HEAD}\n{}\n", rows.join("\n")));
    let dry = clinic.json(&["import", &file, "--dry-run"]);
    assert_eq!((&dry["added"], &dry["to_book"]), (&3.into(), &2.into()), "as many as will be asked for");
    let report = clinic.json(&["import", &file, "--bookings-a-day", "1"]);
    assert_eq!((&report["added"], &report["to_book"]), (&3.into(), &2.into()));
    let events = clinic.json(&["audit", "verify"])["events"].clone();
    assert_eq!(clinic.json(&["import", &file])["unchanged"], 3);
    assert_eq!(clinic.json(&["audit", "verify"])["events"], events);
    clinic
}

#[test]
fn those_whom_no_letter_asks_to_book_are_one_task_that_ends_with_its_list() {
    let clinic = imported();
    let tasks = clinic.json(&["tasks", "list"]);
    assert_eq!((tasks.as_array().unwrap().len(), &tasks[0]["kind"]), (1, &"import-bookings".into()));
    let id = tasks[0]["id"].to_string();
    let shown = clinic.json(&["tasks", "show", &id]);
    let lines = shown["bookings"].as_array().unwrap();
    let codes: Vec<&str> = lines.iter().map(|line| line["reference"].as_str().unwrap()).collect();
    assert_eq!(codes, ["R-2", "R-1"], "the longer overdue first");
    assert_ne!(lines[0]["book_by"], lines[1]["book_by"], "one a day");
    assert_eq!((&lines[0]["urgency"], &lines[0]["risky"]), (&"overdue".into(), &true.into()));
    has(&clinic.does(&["tasks", "show", &id]), &["R-1", "visit 1", "first three years"]);
    clinic.does(&["doctor"]);

    let note = ["--note", "seen elsewhere"];
    let settle = |who: &str| {
        [&["tasks", "settle", &id, "--patient", who][..], &note]
            .concat()
            .iter()
            .map(|s| (*s).to_owned())
            .collect()
    };
    let run = |args: Vec<String>| clinic.run(&args.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(run(settle("R-3")).code, 65, "nothing of hers stands there");
    assert_eq!(run(settle("R-2")).code, 0);
    assert_eq!(run(settle("R-2")).code, 65);
    clinic.does(&["visit", "book", "R-1", "--on", &day(5), "--at", "10:00"]);
    assert_eq!(clinic.json(&["tasks", "list"]).as_array().unwrap().len(), 0);
    clinic.does(&["doctor"]);
}

#[test]
fn whoever_closes_the_task_is_told_that_it_comes_back() {
    let clinic = imported();
    let id = clinic.json(&["tasks", "list", "--kind", "import-bookings"])[0]["id"].to_string();
    let done = clinic.json(&["tasks", "done", &id, "--note", "later"]);
    has(done["comes_back_while"].as_str().unwrap(), &["has no date"]);
    clinic.does(&["drain"]);
    assert_eq!(clinic.json(&["tasks", "list", "--kind", "import-bookings"])[0]["kind"], "import-bookings");
}

#[test]
fn a_visit_beside_the_plan_is_added_shown_moved_and_called_off() {
    let clinic = Clinic::new();
    clinic.ana();
    let on = day(20);
    let add = ["visit", "add", "R-1", "--on", &on, "--at", "10:00", "--place", "Room 4"];
    let added = clinic.json(&[&add[..], &["--note", "MRI, after the call"]].concat());
    assert_eq!(
        (&added["what"], &added["follow_ups"][0]["series"]),
        (&"booked".into(), &"extra-visit".into())
    );
    has(&clinic.refuses(65, &add), &["is booked for", "aftercare visit move"]);
    has(&clinic.does(&["patient", "plan", "R-1"]), &["extra-visit 1", "Room 4", "MRI, after the call"]);
    // It has a column of its own in a roster, and takes none of the plan's.
    has(&clinic.does(&["export", "csv"]), &[&format!("{on} 10:00 Room 4")]);
    clinic.does(&["visit", "book", "R-1", "--on", &day(20), "--at", "11:00"]);
    has(
        &clinic.refuses(65, &["visit", "cancel", "R-1"]),
        &["more than one fits", "extra-visit-1 (booked for", "visit (booked for"],
    );
    clinic.does(&["visit", "move", "R-1", "--series", "extra-visit", "--on", &day(200), "--at", "09:00"]);
    clinic.does(&["visit", "cancel", "R-1", "--series", "extra-visit-1"]);
    has(
        &clinic.refuses(65, &["visit", "cancel", "R-1", "--series", "extra-visit"]),
        &["nothing is booked there"],
    );
    clinic.does(&["doctor"]);
}
