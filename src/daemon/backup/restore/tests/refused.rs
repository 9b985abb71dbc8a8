//! Copies that are not restored: their key is none or another's, or somebody changed their triggers.

use super::*;

#[test]
fn a_key_that_is_no_key_or_anothers_is_refused_before_anything_moves() {
    for bytes in [vec![], vec![1; 5], vec![0; 32], vec![3; 32]] {
        let ground = ground();
        std::fs::write(key_path(&ground.copy), &bytes).unwrap();
        let fault = restore(&ground.job()).err().unwrap();
        assert!(
            matches!(fault, RestoreFault::Key(KeyFault::Damaged(..)) | RestoreFault::AnothersKey),
            "{fault}"
        );
        let store = ground.open();
        assert!(!store.read(|view| view.is_held()).unwrap());
        assert!(!staged(&ground.database).exists());
    }
}

#[test]
fn a_copy_whose_triggers_somebody_changed_is_refused_and_told_which() {
    let ground = ground();
    let copy = Store::open(&ground.copy, OpenMode::Existing).unwrap();
    let lead = "DROP TRIGGER audit_event_stays; CREATE TRIGGER to_lead AFTER INSERT ON session \
                BEGIN UPDATE staff SET role = 'lead' WHERE id = new.staff_id; END";
    does(&copy, 6, |tx| Ok(sabotage(tx, lead)?));
    drop(copy);
    let altered = restore(&ground.job()).err().unwrap().to_string();
    assert!(altered.contains("trigger `to_lead` is none that aftercare makes"), "{altered}");
    assert!(altered.contains("trigger `audit_event_stays` is missing"), "{altered}");
    let store = Store::open(&ground.database, OpenMode::Existing).unwrap();
    assert_eq!(status_of(&store), PatientStatus::Deceased, "nothing has moved");
}

#[test]
fn a_copy_without_its_key_says_that_none_fits() {
    let ground = ground();
    std::fs::remove_file(key_path(&ground.copy)).unwrap();
    assert_eq!(restore(&ground.job()).unwrap().key, KeyNow::Missing);
    let store = Store::open(&ground.database, OpenMode::Existing).unwrap();
    let refused = key_file::open(&store, &SystemEntropy, stamp(6).at).err().unwrap();
    assert!(matches!(refused, KeyFault::Another(_)), "{refused}");
}

#[test]
fn a_copy_of_one_clinic_takes_another_clinics_place_only_when_a_person_says_so() {
    let (ground, dir) = (ground(), tempfile::tempdir().unwrap());
    let at = |name: &str, patient: Option<&'static str>| {
        let database = dir.path().join(name);
        let store = Store::open(&database, OpenMode::Create).unwrap();
        key_file::open(&store, &SystemEntropy, stamp(1).at).unwrap();
        patient.into_iter().for_each(|code| does(&store, 2, move |tx| admit(tx, code)));
        database
    };
    // A new machine's daemon has begun a database of its own, with nobody in it.
    let (new, others) = (at("new.db", None), at("others.db", Some("X-9")));
    restore(&RestoreJob { named: &new, database: &new, ..ground.job() }).unwrap();
    let job = || RestoreJob { named: &others, database: &others, ..ground.job() };
    let fault = restore(&job()).err().unwrap();
    assert!(matches!(fault, RestoreFault::OtherClinic(_)), "{fault}");
    let there = Store::open(&others, OpenMode::Existing).unwrap();
    assert!(there.read(|view| view.patient_by_reference(&Reference::parse("X-9").unwrap())).is_ok());
    drop(there);
    restore(&RestoreJob { scope: RestoreScope::AnyClinic, ..job() }).unwrap();
}
