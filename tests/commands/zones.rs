//! New time zone data, before and after it counts.

use aftercare::care::time::zone;

use super::{Clinic, has};

#[test]
fn doctor_says_what_new_zone_data_changes_before_it_counts() {
    let clinic = Clinic::new();
    clinic.ana();
    clinic.does(&["drain"]);
    assert!(clinic.json(&["doctor"])["zones_ahead"].is_null());
    let sql = rusqlite::Connection::open(clinic.path("aftercare.db")).unwrap();
    sql.execute_batch(
        "UPDATE fact SET value = '2019a' WHERE name = 'zone-release'; \
         UPDATE zone_rules SET fingerprint = 'other' WHERE zone = 'America/New_York'",
    )
    .unwrap();
    let ahead = clinic.json(&["doctor"])["zones_ahead"].clone();
    assert_eq!((&ahead["from"], &ahead["to"]), (&"2019a".into(), &zone::version().into()));
    assert!(ahead["planned"]["America/New_York"].as_u64().unwrap() > 0, "{ahead}");
    has(&clinic.does(&["doctor"]), &["2019a counts until the next start", "America/New_York ("]);
    clinic.does(&["drain"]);
    assert!(clinic.json(&["doctor"])["zones_ahead"].is_null());
    has(&clinic.does(&["audit", "list", "--what", "clock.zones-changed"]), &["2019a", "America/New_York"]);
}

#[test]
fn letters_that_nobody_holds_need_no_agreement() {
    let clinic = Clinic::new();
    clinic.ana();
    has(&clinic.refuses(65, &["letters", "agree"]), &["no letters wait for somebody to agree"]);
    assert!(clinic.json(&["doctor"])["unusual_volume"].is_null());
}
