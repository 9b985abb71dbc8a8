//! What a report says of a clinic: the same figures as text, JSON and table.

use super::{Clinic, HEAD, day, has};

fn clinic() -> Clinic {
    let clinic = Clinic::new();
    let row = |code: &str, protocol: &str, anchor: i64| {
        format!("{code},Ana,1980-05-17,{code}@mail.example,en,Europe/Madrid,{protocol},{}\r\n", day(anchor))
    };
    // The first visit of both was due some days ago and may still be booked.
    let rows = row("R-1", "nccn", -95) + &row("R-2", "nccn", -100) + &row("R-3", "bgcs-pifu", -20);
    clinic.does(&["import", &clinic.roster("p.csv", format!("{HEAD}\r\n{rows}"))]);
    clinic
}

#[test]
fn a_report_has_months_schedules_weeks_and_who_is_overdue() {
    let clinic = clinic();
    let report = clinic.json(&["report", "--since", &day(-40)]);
    let months = report["months"].as_array().unwrap();
    assert!((2..=3).contains(&months.len()), "{report:#}");
    assert_eq!(months[0]["asked"], 0, "no letter has left yet");
    let names: Vec<&str> =
        report["protocols"].as_array().unwrap().iter().map(|p| p["protocol"].as_str().unwrap()).collect();
    assert_eq!(names, ["bgcs-pifu", "nccn"]);
    assert_eq!(report["alerts_by_month"].as_array().unwrap().len(), months.len());
    assert_eq!(report["letters_by_month"].as_array().unwrap().len(), months.len());
    let weeks = report["weeks_ahead"].as_array().unwrap();
    assert_eq!(weeks.len(), 8);
    let forms: u64 = weeks.iter().map(|week| week["forms"].as_u64().unwrap()).sum();
    assert!((5..=6).contains(&forms), "two a month in eight weeks, of three patients: {report:#}");
    assert_eq!(report["overdue"]["count"], 2, "{report:#}");
    assert_eq!(report["overdue"]["list"][0]["reference"], "R-2", "the longest first");
    let one = clinic.json(&["report", "--protocol", "bgcs-pifu"]);
    assert_eq!((&one["overdue"]["count"], &one["capacity"]["patients"]), (&0.into(), &1.into()));
    let text = clinic.does(&["report"]);
    has(
        &text,
        &["Answered, by month", "Alerts against hands", "The next weeks", "visits and tests: 2", "R-2"],
    );
    let table = clinic.does(&["report", "--format", "csv"]);
    assert!(table.lines().all(|line| line.split(',').count() == 3), "{table}");
    has(&table, &["checklists nccn,asked,0", "overdue,visits,2"]);
}

#[test]
fn a_visit_that_is_booked_is_overdue_no_more_and_stands_in_its_week() {
    let clinic = clinic();
    clinic.does(&["visit", "book", "R-2", "--on", &day(9), "--at", "10:30", "--anyway"]);
    let report = clinic.json(&["report"]);
    assert_eq!(report["overdue"]["count"], 1);
    assert_eq!(report["weeks_ahead"][1]["booked"], 1, "{report:#}");
    clinic.does(&["patient", "set", "R-1", "--status", "deceased", "--reason", "the family called"]);
    assert_eq!(clinic.json(&["report"])["overdue"]["count"], 0);
}
