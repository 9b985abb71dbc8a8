//! Rosters as clinics' spreadsheets write them.

use super::{Clinic, HEAD, day, has, row};

fn with(clinic: &Clinic, rows: &[String]) -> String {
    clinic.roster("p.csv", format!("{HEAD}\r\n{}\r\n", rows.join("\r\n")))
}

fn exported(clinic: &Clinic) -> String {
    clinic.does(&["export", "csv"])
}

fn iso(date: &str) -> String {
    date.to_owned()
}

/// `YYYY-MM-DD` with day or month first.
fn turned(date: &str, order: &str) -> String {
    let parts: Vec<&str> = date.split('-').collect();
    match order {
        "dmy" => format!("{}/{}/{}", parts[2], parts[1], parts[0]),
        _ => format!("{}/{}/{}", parts[1], parts[2], parts[0]),
    }
}

#[test]
fn zones_of_windows_languages_with_regions_and_capitals_are_understood() {
    let clinic = Clinic::new();
    let line = |reference: &str, language: &str, zone: &str| {
        format!(
            "{reference},Ana,1980-05-17,{reference}@mail.example,{language},{zone},nccn,{},ACTIVE,Full,JA",
            day(-40)
        )
    };
    let rows = [
        line("R-1", "en-US", "W. Europe Standard Time"),
        line("R-2", "es_MX", "Central Standard Time (Mexico)"),
        line("R-3", "EN", "Pacific Standard Time"),
        line("R-4", "es-ES", "SA Western Standard Time"),
    ];
    let file = clinic.roster("p.csv", format!("{HEAD},status,detail,shared_inbox\n{}\n", rows.join("\n")));
    assert_eq!(clinic.json(&["import", &file])["added"], 4);
    assert_eq!(clinic.json(&["import", &file])["unchanged"], 4);
    has(
        &exported(&clinic),
        &[
            "en,Europe/Berlin,",
            "es,America/Mexico_City,",
            "en,America/Los_Angeles,",
            "es,America/La_Paz,",
            ",active,full,true,",
        ],
    );
}

#[test]
fn the_end_of_a_pause_and_the_letters_she_does_not_want_go_out_and_come_back() {
    let clinic = Clinic::new();
    let head = format!("{HEAD},status,paused_until,declined");
    let file = |rows: &[String]| clinic.roster("p.csv", format!("{head}\n{}\n", rows.join("\n")));
    let paused = format!("{},paused,{},visits+checklists", row("R-1"), day(20));
    let sound = file(&[paused.clone(), format!("{},,,leaflets", row("R-2"))]);
    assert_eq!(clinic.json(&["import", &sound])["added"], 2);
    assert_eq!(clinic.json(&["import", &sound])["unchanged"], 2);
    let out = clinic.path("out.csv").to_str().unwrap().to_owned();
    clinic.does(&["export", "csv", "--out", &out]);
    let fresh = Clinic::new();
    assert_eq!(fresh.json(&["import", &out])["added"], 2);
    assert_eq!(fresh.does(&["export", "csv"]), std::fs::read_to_string(&out).unwrap());
    let record = fresh.json(&["patient", "export", "R-1", "--why", "asked"]);
    assert_eq!(record["patient"]["paused_until"], day(20));
    assert_eq!(record["patient"]["declined"].as_array().map(Vec::len), Some(2));
    // Another end than the one on record, an end without a pause, and no kind of letters.
    let other = clinic.refuses(65, &["import", &file(&[paused.replace(&day(20), &day(30))])]);
    has(&other, &["`R-1` is on record with another `paused_until`"]);
    let faulty = file(&[format!("{},active,{},", row("R-3"), day(20)), format!("{},,,odd", row("R-4"))]);
    let told = clinic.refuses(65, &["import", &faulty]);
    has(&told, &["`paused_until` stands there without a pause", "`declined` is no kind of letters"]);
    clinic.does(&["doctor"]);
    // What the list said keeps nobody on record when it is undone.
    assert_eq!(clinic.json(&["imports", "undo", "1", "--yes"])["removed"], 2);
}

#[test]
fn a_zone_that_is_only_an_offset_is_remarked_once_and_no_hint_leads_astray() {
    let clinic = Clinic::new();
    let rows = [row("R-1").replace("Europe/Madrid", "EST"), row("R-2").replace("Europe/Madrid", "EST")];
    let file = with(&clinic, &rows);
    let said = clinic.run(&["import", &file]);
    assert_eq!(
        (said.code, said.err.matches("`EST` is an offset, not a place").count()),
        (0, 1),
        "{}",
        said.err
    );
    let file = with(
        &clinic,
        &[
            row("R-3").replace("Europe/Madrid", "UTC+2"),
            row("R-4").replace("Europe/Madrid", "America/Madrid"),
        ],
    );
    let told = clinic.refuses(65, &["import", &file]);
    has(
        &told,
        &[
            "unknown time zone \"UTC+2\"\n  hint: name the place",
            "unknown time zone \"America/Madrid\"\n  hint: use an IANA name",
        ],
    );
}

#[test]
fn columns_and_rows_that_are_empty_at_the_end_are_nothing() {
    let clinic = Clinic::new();
    let text =
        format!("{HEAD},,\r\n{},,\r\n{},,\r\n,,,,,,,,,\r\n ,,,,,,,,,\r\n,\r\n", row("R-1"), row("R-2"));
    let file = clinic.roster("p.csv", text);
    let report = clinic.json(&["import", &file]);
    assert_eq!((&report["rows"], &report["added"]), (&2.into(), &2.into()));
    let file = clinic.roster("q.csv", format!("{HEAD},,\n{},,more\n", row("R-3")));
    has(&clinic.refuses(65, &["import", &file]), &[":2: the row has 10 fields, the header 8"]);
    let file = clinic.roster(
        "r.csv",
        format!("{HEAD},status,detail\n{}\n{},\n", row("R-4"), row("R-5").replace("1980", "1981")),
    );
    assert_eq!(clinic.json(&["import", &file])["added"], 2, "a spreadsheet leaves separators out at the end");
    let file = clinic.roster("s.csv", format!("{HEAD}\nR-6,Ana,1980-05-17\n"));
    has(&clinic.refuses(65, &["import", &file]), &[":2: the row has 3 fields, the header 8"]);
}

#[test]
fn dates_are_read_as_asked_or_as_the_whole_file_tells_and_never_guessed() {
    let clinic = Clinic::new();
    let line = |reference: &str, born: &str, anchor: &str| {
        row(reference).replace("1980-05-17", born).replace(&day(-40), anchor)
    };
    let told = [line("R-1", "03/02/1970", "31/01/2026"), line("R-2", "17/05/1980", "01/02/2026")];
    let file = with(&clinic, &told);
    assert_eq!(clinic.json(&["import", &file])["added"], 2);
    has(&exported(&clinic), &["R-1,Ana,1970-02-03,", ",2026-01-31,", "R-2,Ana,1980-05-17,", ",2026-02-01,"]);
    assert_eq!(clinic.json(&["import", &file, "--dates", "dmy"])["unchanged"], 2);
    let file = with(&clinic, &[told[0].clone(), line("R-3", "03/02/1970", "02/01/2026")]);
    let refused = clinic.refuses(65, &["import", &file]);
    has(
        &refused,
        &[
            ":3: `birth_date` could be day first or month first, and no date tells: the first such stands in line 3",
            "hint: say which: `--dates dmy` or `--dates mdy`",
        ],
    );
    assert_eq!(clinic.json(&["import", &file, "--dates", "dmy"])["added"], 1);
    has(&clinic.refuses(65, &["import", &file, "--dates", "mdy"]), &["`anchor_on` there is no such day"]);
    has(&clinic.refuses(65, &["import", &file, "--dates", "iso"]), &["`birth_date` is not a date"]);
    let file = with(&clinic, &[told[0].clone(), line("R-4", "12/31/1970", "01/31/2026")]);
    has(&clinic.refuses(65, &["import", &file]), &["the day first in line 2 and the month first in line 3"]);
    let other = Clinic::new();
    let file = with(&other, &[line("R-1", &turned("1970-02-13", "mdy"), &turned(&day(-40), "mdy"))]);
    assert_eq!(other.json(&["import", &file])["added"], 1);
    has(&exported(&other), &["R-1,Ana,1970-02-13,", &iso(&day(-40))]);
}

#[test]
fn dates_with_an_empty_time_and_compact_ones_are_dates() {
    let clinic = Clinic::new();
    let born = |reference: &str, born: &str| row(reference).replace("1980-05-17", born);
    let rows = [
        born("R-1", "1970-02-03T00:00:00").replace(&day(-40), &format!("{}T00:00:00Z", day(-40))),
        born("R-2", "1970-02-03 00:00:00"),
        born("R-3", "19700203"),
    ];
    let file = with(&clinic, &rows);
    assert_eq!(clinic.json(&["import", &file])["added"], 3);
    assert_eq!(exported(&clinic).matches(",1970-02-03,").count(), 3);
    let file = with(&clinic, &[born("R-4", "1970-02-02T23:00:00Z"), born("R-5", "25602")]);
    has(&clinic.refuses(65, &["import", &file]), &["`birth_date` has a time of day", "day number"]);
}

#[test]
fn a_death_in_a_later_roster_acts_at_once_and_nothing_undoes_it() {
    let clinic = Clinic::new();
    let head = format!("{HEAD},status");
    let two = [row("R-1"), row("R-2").replace("1980", "1981")];
    let file = with(&clinic, &two);
    assert_eq!(clinic.json(&["import", &file])["added"], 2);
    let dead = row("R-1").replace("R-1@mail", "other@mail").replace("Europe/Madrid", "Europe/Paris");
    let file = clinic.roster("d.csv", format!("{head}\n{dead},Deceased\n{},\n", two[1]));
    assert_eq!(clinic.json(&["import", &file, "--dry-run"])["changed"], 1);
    assert_eq!(clinic.json(&["patient", "show", "R-1"])["status"], "active");
    let report = clinic.json(&["import", &file]);
    assert_eq!(
        (&report["changed"], &report["unchanged"], &report["added"]),
        (&1.into(), &1.into(), &0.into())
    );
    assert_eq!(clinic.json(&["patient", "show", "R-1"])["status"], "deceased");
    let events = clinic.json(&["audit", "verify"])["events"].clone();
    assert_eq!(clinic.json(&["import", &file])["unchanged"], 2);
    assert_eq!(clinic.json(&["audit", "verify"])["events"], events);
    for status in ["active", "paused", "opted_out_email"] {
        let file = clinic.roster("a.csv", format!("{head}\n{},{status}\n", two[0]));
        has(&clinic.refuses(65, &["import", &file]), &["`R-1` is on record with another `status`"]);
    }
    assert_eq!(clinic.json(&["patient", "show", "R-1"])["status"], "deceased");
    clinic.does(&["doctor"]);
}

#[test]
fn a_death_in_a_row_with_other_faults_acts_at_once_and_the_faults_are_remarks() {
    let clinic = Clinic::new();
    let rows = ["R-1", "R-2", "R-3", "R-4"].map(row);
    let file = with(&clinic, &rows);
    clinic.does(&["import", &file]);
    let head = format!("{HEAD},status,phone");
    let told = [
        rows[0].replace("R-1@mail.example", "deceased") + ",deceased,",
        rows[1].clone() + ",dead,n/a",
        rows[2].replace(",en,Europe/Madrid,", ",,,") + ",Died 2026-01-03,",
        rows[3].replace("R-4@mail.example", "wants none") + ",opted out email,",
    ];
    let file = clinic.roster("d.csv", format!("{head}\n{}\n", told.join("\n")));
    let report = clinic.json(&["import", &file]);
    assert_eq!((&report["changed"], &report["faulty"]), (&4.into(), &0.into()), "{report}");
    assert!(report["remarks"].as_array().is_some_and(|all| all.len() >= 4), "{report}");
    for (code, status) in
        [("R-1", "deceased"), ("R-2", "deceased"), ("R-3", "deceased"), ("R-4", "opted_out_email")]
    {
        assert_eq!(clinic.json(&["patient", "show", code])["status"], status, "{code}");
    }
    // The next month's roster still has the row as it was.
    assert_eq!(clinic.json(&["import", &file, "--partial"])["unchanged"], 3);
    let stranger = row("R-9").replace("R-9@mail.example", "deceased");
    let file = clinic.roster("n.csv", format!("{head}\n{stranger},deceased,\n"));
    has(&clinic.refuses(65, &["import", &file]), &["`email` address must have exactly one @"]);
    clinic.does(&["doctor"]);
}

#[test]
fn an_opt_out_in_a_later_roster_is_taken_and_opens_its_task() {
    let clinic = Clinic::new();
    let file = with(&clinic, &[row("R-1")]);
    clinic.does(&["import", &file]);
    let file = clinic.roster("o.csv", format!("{HEAD},status\n{},opted out email\n", row("R-1")));
    assert_eq!(clinic.json(&["import", &file])["changed"], 1);
    assert_eq!(clinic.json(&["tasks", "list"])[0]["kind"], "opted-out");
    let file = clinic.roster("o.csv", format!("{HEAD},status\n{},transferred\n", row("R-1")));
    has(&clinic.refuses(65, &["import", &file]), &["another `status`"]);
    clinic.does(&["doctor"]);
}

#[test]
fn a_death_of_another_birth_date_and_a_death_beside_a_faulty_row_are_told_loudly() {
    let clinic = Clinic::new();
    let rows = [row("R-1"), row("R-2").replace("1980", "1981")];
    let file = with(&clinic, &rows);
    clinic.does(&["import", &file]);
    let other = row("R-1").replace("1980-05-17", "1980-05-18");
    let file = clinic.roster("d.csv", format!("{HEAD},status\n{other},deceased\n"));
    has(
        &clinic.refuses(65, &["import", &file]),
        &["`R-1` is `deceased`, but on record with another birth date", "find out today"],
    );
    let rows = format!("{HEAD},status\n{},deceased\n{},\n", row("R-1"), row("R-3").replace("nccn", "ncn"));
    let file = clinic.roster("d.csv", rows);
    let told = clinic.refuses(65, &["import", &file]);
    has(
        &told,
        &[
            "nobody was taken in, and of 1 who have died or want no letters that is not recorded yet",
            "do it now",
        ],
    );
    assert_eq!(clinic.json(&["patient", "show", "R-1"])["status"], "active");
    assert_eq!(clinic.json(&["import", &file, "--partial"])["changed"], 1);
    assert_eq!(clinic.json(&["patient", "show", "R-1"])["status"], "deceased");
}

#[test]
fn codes_that_lost_their_zeros_are_suspected() {
    let clinic = Clinic::new();
    let of = |reference: &str, year: &str| row(reference).replace("1980", year);
    let file = with(&clinic, &[of("00123", "1970"), of("00124", "1971"), of("123", "1972")]);
    has(
        &clinic.refuses(65, &["import", &file]),
        &[":4: `reference` differs from `00123` in line 2 only in zeros at its beginning"],
    );
    let file = with(&clinic, &[of("00123", "1970"), of("00124", "1971"), of("99", "1972")]);
    let said = clinic.run(&["import", &file]);
    assert_eq!(said.code, 0, "{}", said.err);
    has(
        &said.err,
        &[
            "remark: ",
            ":4: `reference` 1 of the codes, the first in this line, have fewer digits than the others",
        ],
    );
    for lost in ["123", "0124", "000124"] {
        let file = with(&clinic, &[of(lost, "1973").replace(&format!("{lost}@"), "new@")]);
        has(&clinic.refuses(65, &["import", &file]), &["on record only in zeros at its beginning"]);
    }
    let file = with(&clinic, &[of("1", "1974"), of("20", "1975"), of("300", "1976")]);
    let said = clinic.run(&["import", &file]);
    assert_eq!((said.code, said.err.contains("fewer digits")), (0, false), "{}", said.err);
}

#[test]
fn what_would_begin_a_formula_goes_out_neutral_and_comes_back_as_it_was() {
    let clinic = Clinic::new();
    let line = |reference: &str, name: &str, year: &str| {
        let cell = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        format!(
            "{reference},{},{year}-05-17,+{year}@mail.example,en,Europe/Madrid,nccn,{}",
            cell(name),
            day(-40)
        )
    };
    let rows = [
        line("-7", "-Ana", "1980"),
        line("R-2", "@Ana", "1981"),
        line("R-3", "-Bea", "1982"),
        line("R-4", "''=Cleo", "1983"),
        line("R-5", "'Dora", "1984"),
    ];
    clinic.does(&["import", &with(&clinic, &rows)]);
    let out = exported(&clinic);
    for cell in csv_cells(&out) {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
    }
    has(&out, &["'-7,", "'@Ana,", "'-Bea,", "''=Cleo,", ",'+1980@mail.example,", "R-5,'Dora,"]);
    let file = clinic.roster("back.csv", &out);
    assert_eq!(clinic.json(&["import", &file])["unchanged"], 5);
    let fresh = Clinic::new();
    assert_eq!(fresh.json(&["import", &file])["added"], 5);
    assert_eq!(exported(&fresh), out);
}

fn csv_cells(text: &str) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader
        .records()
        .flat_map(|record| record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

#[test]
fn a_couple_with_one_mailbox_is_taken_and_each_page_asks_for_her_birth_date() {
    let clinic = Clinic::new();
    let of = |reference: &str, year: &str| {
        format!(
            "{}{}",
            row(reference).replace(&format!("{reference}@"), "home@").replace("1980", year),
            ",true"
        )
    };
    let file = clinic
        .roster("c.csv", format!("{HEAD},shared_inbox\n{}\n{}\n", of("C-1", "1970"), of("C-2", "1971")));
    assert_eq!(clinic.json(&["import", &file])["added"], 2);
    for reference in ["C-1", "C-2"] {
        assert_eq!(clinic.json(&["patient", "show", reference])["shared_inbox"], true);
    }
    assert_eq!(clinic.json(&["import", &file])["unchanged"], 2);
}

#[test]
fn a_visit_on_a_closed_day_at_night_or_at_an_hour_that_is_not_is_remarked_and_taken() {
    let clinic = Clinic::new();
    let sunday = (55..62)
        .map(day)
        .find(|on| on.parse::<jiff::civil::Date>().unwrap().weekday() == jiff::civil::Weekday::Sunday);
    let sunday = sunday.unwrap();
    let file = clinic.roster("p.csv", format!("{HEAD},next_visit_at\n{},{sunday} 22:30\n", row("R-1")));
    let said = clinic.run(&["import", &file]);
    assert_eq!(said.code, 0, "{}", said.err);
    has(
        &said.err,
        &["remark: ", "`next_visit_at`", "is a day on which the clinic is closed", "22:30 is in the night"],
    );
    let monday = sunday.parse::<jiff::civil::Date>().unwrap().tomorrow().unwrap().to_string();
    let moved = clinic.json(&["visit", "move", "R-1", "--on", &monday, "--at", "05:00"]);
    has(&moved["warnings"].to_string(), &["05:00 is in the night"]);
    let moved = clinic.json(&["visit", "move", "R-1", "--on", &monday, "--at", "10:00"]);
    assert!(!moved["warnings"].to_string().contains("night"), "{moved}");
}

#[test]
fn visits_beside_the_plan_go_out_and_come_back_into_an_empty_database() {
    let clinic = Clinic::new();
    let file = clinic.roster("p.csv", format!("{HEAD}\n{}\n", row("R-1")));
    clinic.does(&["import", &file]);
    for (on, place) in [(day(30), "House B; second floor"), (day(20), "Room 4")] {
        let add = ["visit", "add", "R-1", "--on", &on, "--at", "10:30", "--place", place, "--note", "a scan"];
        clinic.does(&add);
    }
    let out = clinic.path("out.csv").to_str().unwrap().to_owned();
    clinic.does(&["export", "csv", "--out", &out]);
    let written = std::fs::read_to_string(&out).unwrap();
    let both = format!("{} 10:30 Room 4; {} 10:30 House B; second floor", day(20), day(30));
    has(&written, &[&both]);
    assert_eq!(clinic.json(&["import", &out])["unchanged"], 1);
    let fresh = Clinic::new();
    assert_eq!(fresh.json(&["import", &out])["added"], 1);
    assert_eq!(fresh.does(&["export", "csv"]), written);
    has(&fresh.does(&["patient", "plan", "R-1"]), &["extra-visit 1", "extra-visit 2", "Room 4", "House B"]);
    fresh.does(&["doctor"]);
    let other = written.replace("Room 4", "Room 5");
    let other = clinic.refuses(65, &["import", &clinic.roster("q.csv", other)]);
    has(&other, &["`R-1` is on record with another `extra_visits`"]);
}
