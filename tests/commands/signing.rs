//! Who judges answers, on the command line: a doctor signs the rules, and whoever may ends it.

use super::people::Account;
use super::{Clinic, has};

fn version(clinic: &Clinic) -> String {
    clinic.json(&["checklist", "show", "spine"])["version"].as_str().unwrap().to_owned()
}

#[test]
fn a_doctor_signs_the_rules_in_force_and_whoever_may_ends_it_with_a_reason() {
    let clinic = Clinic::new();
    let lena = Account::open(&clinic, ("lena", "lead"));
    let (dora, adam) =
        (Account::open(&clinic, ("dora", "doctor")), Account::open(&clinic, ("adam", "admin")));
    let version = version(&clinic);
    let told = clinic.does(&["checklist", "sign", "spine"]);
    has(&told, &["staff read every answer", &version, "nothing was signed"]);
    has(&clinic.refuses(65, &["checklist", "stop", "spine", "--reason", "x"]), &["signed-in"]);
    let sign = ["checklist", "sign", "spine", "--role", "Consultant", "--name", "Dr Dora Roe", "--version"];
    let refused = adam.gives(&clinic, &[&sign[..], &[&version]].concat());
    assert_eq!(refused.code, 65, "{}", refused.err);
    has(&refused.err, &["only a doctor or lead may sign the rules"]);
    has(&dora.gives(&clinic, &[&sign[..], &["0123456789ab"]].concat()).err, &["other rules are in force"]);
    let by_hand = ["settings", "set", "judging", "--file", "-"];
    let text = "[checklists]\nmode = \"education\"\n";
    assert_eq!(clinic.hears(&by_hand, text).code, 65);
    let signed = dora.gives(&clinic, &[&sign[..], &[&version]].concat());
    assert_eq!(signed.code, 0, "{}", signed.err);
    has(&clinic.does(&["checklist", "show", "spine"]), &["signed by Dr Dora Roe (Consultant)", "they judge"]);
    clinic.does(&["check"]);

    // Another version is in force: staff read, and `check` says so; the daemon starts all the same.
    let file = clinic.path("checklists/spine.toml");
    let rules = std::fs::read_to_string(&file).unwrap();
    assert!(rules.contains("severe       = 7"));
    std::fs::write(&file, rules.replace("severe       = 7", "severe       = 6")).unwrap();
    let checked = clinic.run(&["check"]);
    assert_eq!(checked.code, 0, "{}", checked.err);
    has(&checked.err, &["was signed, but version", "staff read every answer until a doctor signs"]);
    has(&clinic.does(&["checklist", "show", "spine"]), &["nobody has signed them"]);
    clinic.does(&["drain"]);
    let tasks = clinic.json(&["tasks", "list"]);
    let of_kind = |kind: &str| tasks.as_array().unwrap().iter().filter(|task| task["kind"] == kind).count();
    assert_eq!(of_kind("rules-unsigned"), 1);

    let ended = lena.gives(&clinic, &["checklist", "stop", "spine", "--reason", "threshold under review"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    clinic.does(&["drain"]);
    let tasks = clinic.json(&["tasks", "list"]);
    assert!(tasks.as_array().unwrap().iter().all(|task| task["kind"] != "rules-unsigned"));
    let listed = clinic.json(&["settings", "list"]);
    let judging = listed.as_array().unwrap().iter().find(|one| one["name"] == "judging").unwrap();
    assert_eq!(judging["keys"][0]["value"], "\"education\"");
    clinic.does(&["audit", "verify"]);
}

#[test]
fn a_mode_in_the_file_is_the_operators() {
    let clinic = Clinic::new();
    let path = clinic.path("aftercare.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("# mode = \"education\"", "mode = \"education\"")).unwrap();
    let dora = Account::open(&clinic, ("dora", "doctor"));
    let version = version(&clinic);
    let sign = ["checklist", "sign", "spine", "--role", "Consultant", "--version", &version];
    let fixed = dora.gives(&clinic, &sign);
    assert_eq!(fixed.code, 78, "{}", fixed.err);
    has(&fixed.err, &["`checklists.mode` is the operator's: it stands in"]);
    let ended = dora.gives(&clinic, &["checklist", "stop", "spine", "--reason", "x"]);
    assert_eq!(ended.code, 78, "{}", ended.err);
}
