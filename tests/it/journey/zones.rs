//! New time zone data: what is planned keeps its local hour, and a person is told what moved.

use aftercare::care::task::TaskKind;
use aftercare::care::time::zone;
use rusqlite::Connection;

use super::post;
use crate::clinic::{Clinic, Person};

/// The database as an earlier program left it, whose data had Madrid's clocks an hour off and knew Berlin as it is.
fn as_if_before(clinic: &Clinic, moved: bool) {
    let sql = Connection::open(clinic.app.store.path()).unwrap();
    sql.execute("UPDATE fact SET value = '2019a' WHERE name = 'zone-release'", []).unwrap();
    sql.execute("UPDATE zone_rules SET fingerprint = 'other' WHERE zone = 'Europe/Madrid'", []).unwrap();
    if moved {
        sql.execute("UPDATE follow_up SET next_at = next_at + 3600000 WHERE next_at IS NOT NULL", [])
            .unwrap();
    }
}

fn clinic() -> Clinic {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.pass();
    clinic
}

#[test]
fn what_new_zone_data_moves_keeps_its_local_hour_and_is_told() {
    let mut clinic = clinic();
    assert_eq!(clinic.task_kinds(), [], "the first data is no news");
    as_if_before(&clinic, true);
    clinic.crash();
    clinic.start();
    assert_eq!(clinic.task_kinds(), [TaskKind::ZonesChanged]);
    let reason = clinic.tasks()[0].reason.clone();
    let release = zone::version();
    assert!(reason.starts_with(&format!("Time zone data 2019a became {release}: ")), "{reason}");
    assert!(reason.contains("Europe/Madrid ("), "{reason}");
    clinic.close_task(TaskKind::ZonesChanged);
    clinic.live_until("2026-03-10T12:00");
    assert_eq!(clinic.post_of("A-1"), post(&[("2026-03-10 09:00", "visit:book")]));
    assert_eq!(clinic.task_kinds(), [], "told once");
    clinic.is_sound();
}

#[test]
fn rules_that_move_nothing_are_taken_on_without_a_task() {
    let mut clinic = clinic();
    as_if_before(&clinic, false);
    clinic.pass();
    assert_eq!(clinic.task_kinds(), []);
    let fact = clinic.app.store.read(|view| view.fact("zone-release")).unwrap();
    assert_eq!(fact.as_deref(), Some(zone::version()));
    clinic.live_until("2026-03-10T12:00");
    assert_eq!(clinic.post_of("A-1"), post(&[("2026-03-10 09:00", "visit:book")]));
}
