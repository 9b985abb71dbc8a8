//! What staff decide for themselves, on the command line.

use super::people::Account;
use super::{Clinic, has};

/// A clinic whose file leaves a key to staff.
fn without(key: &str) -> Clinic {
    let clinic = Clinic::new();
    leave_out(&clinic, key);
    clinic
}

/// The operator takes a key out of the file.
fn leave_out(clinic: &Clinic, key: &str) {
    let path = clinic.path("aftercare.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with(key)).collect();
    std::fs::write(&path, kept.join("\n")).unwrap();
}

#[test]
fn a_number_that_is_missing_in_the_file_is_set_by_a_command_and_rung_before_it_counts() {
    let clinic = without("phone_office");
    let missing = ["`clinic.phone_office` is missing", "aftercare settings set office-phone"];
    has(&clinic.refuses(78, &["check"]), &missing);
    has(&clinic.refuses(78, &["drain"]), &missing);
    let wrong = clinic.refuses(78, &["settings", "set", "office-phone", "212 736 50"]);
    has(&wrong, &["setting `office-phone`:2: `clinic.phone_office` `212 736 50`"]);
    let set = clinic.does(&["settings", "set", "office-phone", "+1 212 736 5000"]);
    has(&set, &["proposed as version 1: ring the number, then `aftercare settings confirm office-phone`"]);
    has(&clinic.refuses(78, &["check"]), &missing);
    has(&clinic.does(&["settings", "list"]), &["proposed, and does not count yet", "+1 212 736 5000"]);
    clinic.does(&["settings", "confirm", "office-phone"]);
    clinic.does(&["check"]);
    clinic.does(&["drain"]);
    has(&clinic.does(&["settings", "show", "office-phone"]), &["phone_office = \"+1 212 736 5000\""]);
    let listed = clinic.json(&["settings", "list"]);
    assert_eq!(listed[0]["keys"][0]["source"], "clinic");
    assert_eq!(
        (&listed[1]["keys"][0]["source"], listed[1]["keys"][0]["line"].is_u64()),
        (&"operator".into(), true)
    );
    clinic.refuses(65, &["settings", "set", "office-phone", "+1 212 736 5000"]);
    clinic.does(&["settings", "set", "office-phone", "+1 212 736 5001"]);
    clinic.does(&["settings", "withdraw", "office-phone"]);
    clinic.refuses(65, &["settings", "confirm", "office-phone"]);
    let history = clinic.json(&["settings", "history", "office-phone"]);
    assert_eq!((&history[0]["state"], &history[1]["state"]), (&"taken back".into(), &"counts".into()));
    clinic.does(&["audit", "verify"]);
}

#[test]
fn what_stands_in_the_file_is_the_operators_and_an_account_that_may_do_it_must_sign_in() {
    let clinic = without("phone_24h");
    let fixed = clinic.refuses(78, &["settings", "set", "office-phone", "+1 212 736 5000"]);
    has(&fixed, &["`clinic.phone_office` is the operator's: it stands in", "takes it out there first"]);
    clinic.does(&["settings", "set", "day-and-night-phone", "+1 212 736 5000"]);
    clinic.does(&["settings", "confirm", "day-and-night-phone"]);
    clinic.does(&["staff", "add", "lena", "--role", "lead", "--email", "lena@clinic.example"]);
    has(
        &clinic.refuses(65, &["settings", "set", "day-and-night-phone", "+1 212 736 5001"]),
        &["only a signed-in person may do that", "--as NAME"],
    );
}

#[test]
fn somebody_with_an_account_sets_the_number_that_the_operator_took_out_of_the_file() {
    let clinic = Clinic::new();
    let lena = Account::open(&clinic, ("lena", "lead"));
    let mara = Account::open(&clinic, ("mara", "lead"));
    leave_out(&clinic, "phone_office");
    clinic.refuses(78, &["check"]);
    let set = lena.gives(&clinic, &["settings", "set", "office-phone", "+1 212 736 5000"]);
    assert_eq!(set.code, 0, "{}", set.err);
    let counts = mara.gives(&clinic, &["settings", "confirm", "office-phone"]);
    assert_eq!(counts.code, 0, "{}", counts.err);
    clinic.does(&["check"]);
}

#[test]
fn opening_hours_centres_and_the_level_of_detail_are_the_clinics_once_the_file_leaves_them_to_it() {
    let clinic = without("opening_hours");
    leave_out(&clinic, "centres = \"centres.toml\"");
    has(
        &clinic.refuses(78, &["check"]),
        &["`clinic.opening_hours` is missing", "settings set opening-hours"],
    );
    let hours = clinic.path("hours.toml");
    let text = "[clinic]\nopening_hours = \"Mon to Thu, 9 to 4\"\nstaffed = [\"09:00\", \"16:00\"]\n\
                [clinic.in.es]\nopening_hours = \"de lunes a jueves, de 9 a 16 h\"\n";
    std::fs::write(&hours, text).unwrap();
    clinic.does(&["settings", "set", "opening-hours", "--file", hours.to_str().unwrap()]);
    clinic.does(&["check"]);
    let listed = clinic.json(&["settings", "list"]);
    let named =
        |name: &str| listed.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap().clone();
    let keys = named("opening-hours")["keys"].clone();
    assert_eq!(keys[1]["value"], "{ es = \"de lunes a jueves, de 9 a 16 h\" }");
    // The level, which patients without one of their own follow.
    has(
        &clinic.refuses(78, &["settings", "set", "detail-default", "loud"]),
        &["`sending.detail` cannot be `loud`"],
    );
    clinic.does(&["patient", "add", "D-1", "--name", "Ana", "--birth-date", "1970-01-01"]);
    clinic.does(&[
        "patient",
        "add",
        "D-2",
        "--name",
        "Bea",
        "--birth-date",
        "1971-01-01",
        "--detail",
        "full",
    ]);
    clinic.does(&["settings", "set", "detail-default", "minimal"]);
    clinic.does(&["drain"]);
    let level = |code: &str| clinic.json(&["patient", "show", code])["detail"].clone();
    assert_eq!((level("D-1"), level("D-2")), ("minimal".into(), "full".into()));
    clinic.does(&["patient", "set", "D-2", "--detail", "clinic"]);
    has(&clinic.does(&["patient", "show", "D-2"]), &["detail minimal (as the clinic decides)"]);
    // The list of centres, which `check` judges as it judges the file.
    let shown = clinic.does(&["settings", "show", "centres"]);
    has(&shown, &["[[centre]]", "Mayo Clinic"]);
    has(&clinic.refuses(65, &["settings", "set", "centres", "Mayo"]), &["--file centres.toml"]);
    let own = clinic.path("own.toml");
    std::fs::write(&own, shown.replace("Mayo Clinic", "Our Lady")).unwrap();
    let set = ["settings", "set", "centres", "--file", own.to_str().unwrap()];
    clinic.does(&set);
    has(&clinic.does(&["settings", "show", "centres"]), &["Our Lady"]);
    std::fs::write(&own, "[[centre]]\nname = \"X\"\nplace = \"Y\"\noffers = { en = \"z\" }\n").unwrap();
    has(&clinic.refuses(78, &set), &["setting `centres`", "no `offers` of X in `es`"]);
}

#[test]
fn a_key_is_handed_over_and_then_taken_out_without_stopping_anything() {
    let clinic = Clinic::new();
    let handed = clinic.does(&["settings", "hand-over", "office-phone"]);
    has(&handed, &["saved as version 1", "take out `clinic.phone_office`, line"]);
    clinic.does(&["check"]);
    leave_out(&clinic, "phone_office");
    clinic.does(&["check"]);
    assert_eq!(clinic.json(&["settings", "list"])[0]["keys"][0]["source"], "clinic");
    has(&clinic.refuses(65, &["settings", "hand-over", "office-phone"]), &["has nothing of it to hand over"]);
}
