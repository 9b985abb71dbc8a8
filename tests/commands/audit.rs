//! What is found in the audit on the command line.

use super::{Clinic, has};

#[test]
fn events_are_found_by_who_what_whom_and_day() {
    let clinic = Clinic::new();
    clinic.ana();
    clinic.does(&["staff", "add", "maria", "--role", "nurse", "--email", "maria@clinic.example"]);
    let all = clinic.json(&["audit", "list"]);
    assert!(all["events"].as_array().unwrap().len() > 2, "{all}");
    let hers = clinic.json(&["audit", "list", "--patient", "R-1", "--what", "patients"]);
    let actions: Vec<&str> =
        hers["events"].as_array().unwrap().iter().map(|one| one["action"].as_str().unwrap()).collect();
    assert!(actions.contains(&"patient.admitted"), "{hers}");
    assert!(actions.iter().all(|action| !action.starts_with("staff.")), "{hers}");
    let account = clinic.json(&["audit", "list", "--account", "maria"]);
    assert_eq!(account["events"][0]["action"], "staff.added");
    assert!(account["events"][0]["detail"].is_object(), "{account}");
    let first = clinic.json(&["audit", "list", "--limit", "1"]);
    let next = first["next"].to_string();
    let second = clinic.json(&["audit", "list", "--limit", "1", "--before", &next]);
    assert_ne!(first["events"][0]["id"], second["events"][0]["id"]);
    has(&clinic.does(&["audit", "list", "--until", "2001-01-01"]), &["No event fits."]);
    has(&clinic.does(&["audit", "list", "--limit", "1"]), &["older ones: the same with --before"]);
    has(&clinic.refuses(64, &["audit", "list", "--what", "nonsense"]), &["no such topic"]);
    clinic.refuses(65, &["audit", "list", "--patient", "NOBODY"]);
    clinic.refuses(64, &["audit", "list", "--setting", "ladder", "--account", "maria"]);
    has(&clinic.does(&["audit", "verify"]), &["unbroken since "]);
}

#[test]
fn a_whole_record_goes_into_a_file_and_the_audit_says_why() {
    let clinic = Clinic::new();
    clinic.ana();
    let file = clinic.path("record.json");
    has(&clinic.refuses(64, &["patient", "export", "R-1", "--why", "curious"]), &["no such reason", "asked"]);
    clinic.does(&["patient", "export", "R-1", "--why", "asked", "--out", file.to_str().unwrap()]);
    let record: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(record["patient"]["preferred_name"], "Ana");
    assert!(!record["follow_ups"].as_array().unwrap().is_empty());
    let noted = clinic.json(&["audit", "list", "--patient", "R-1", "--what", "patient.exported"]);
    assert_eq!(noted["events"][0]["detail"], serde_json::json!({ "as": "json", "why": "asked" }));
    clinic.refuses(65, &["patient", "export", "NOBODY", "--why", "asked"]);
}

#[test]
fn two_records_are_merged_only_with_yes_and_the_old_code_leads_on() {
    let clinic = Clinic::new();
    clinic.ana();
    let again = "patient add R-2 --name Ana --birth-date 1980-05-17 --email ana2@mail.example --protocol sgo2017-high";
    clinic.does(&[&again.split(' ').collect::<Vec<_>>()[..], &["--anchor", &super::day(-80)]].concat());
    has(
        &clinic.does(&["patient", "merge", "R-1", "R-2"]),
        &["R-2 would end in R-1", "ends:      sgo2017-high"],
    );
    assert_eq!(clinic.json(&["patient", "list"]).as_array().unwrap().len(), 2);
    has(&clinic.does(&["patient", "merge", "R-1", "R-2", "--yes"]), &["R-2 ended in R-1, and leads to it"]);
    assert_eq!(clinic.json(&["patient", "list"]).as_array().unwrap().len(), 1);
    has(&clinic.does(&["patient", "show", "R-2"]), &["R-1 (Ana)", "merged:   R-2 ended in this record"]);
    has(&clinic.refuses(65, &["patient", "merge", "R-1", "R-2", "--yes"]), &["lead to the same record"]);
    clinic.does(&["patient", "set", "R-2", "--status", "deceased", "--reason", "family called"]);
    assert_eq!(clinic.json(&["patient", "show", "R-1"])["status"], "deceased", "an old code means her");
    clinic.does(&["doctor"]);
    clinic.does(&["drain"]);
}
