//! A restore, interrupted at each of its steps, and what it holds, carries over, tells and refuses.

use jiff::Timestamp;
use jiff::civil::date;

use super::*;
use crate::care::actor::Actor;
use crate::care::address::EmailAddress;
use crate::care::contact::PatientContact;
use crate::care::patient::{Detail, PatientId, PatientStatus, PreferredName, Reference};
use crate::care::permission::StaffRole;
use crate::care::record::erasure::ExportProof;
use crate::care::task::TaskKind;
use crate::clock::SystemEntropy;
use crate::journey::operations::rekey;
use crate::journey::patients::status;
use crate::journey::status_change::StatusChange;
use crate::store::audit_action::AuditAction;
use crate::store::database::tests::{fresh_at, sabotage};
use crate::store::db::online::pace::NoPace;
use crate::store::db::transaction::Tx;
use crate::store::people::patients::Newcomer;
use crate::store::people::staff::NewStaff;

const STEPS: [RestoreStep; 9] = [
    RestoreStep::Copied,
    RestoreStep::Proved,
    RestoreStep::Written,
    RestoreStep::Closed,
    RestoreStep::Folded,
    RestoreStep::KeyStaged,
    RestoreStep::KeptAside,
    RestoreStep::Replaced,
    RestoreStep::KeyReplaced,
];

fn stamp(second: i64) -> Stamp {
    Stamp { at: Timestamp::from_second(second).unwrap(), actor: Actor::Operator("test".to_owned()) }
}

fn newcomer(reference: &str) -> Newcomer {
    Newcomer {
        reference: Reference::parse(reference).unwrap(),
        name: PreferredName::parse("Ana").unwrap(),
        birth_on: date(1970, 1, 1),
        email: Some(EmailAddress::parse(&format!("{reference}@p.example")).unwrap()),
        language: "en".to_owned(),
        zone: "UTC".to_owned(),
        detail: Detail::Standard,
        detail_follows: false,
        proxy: None,
        shared_inbox: false,
        status: PatientStatus::Active,
        contact: PatientContact::default(),
    }
}

mod journal;
mod refused;

/// A clinic with a copy of this morning, made with another key than it has now, and a death since.
struct Ground {
    _dir: tempfile::TempDir,
    database: PathBuf,
    copy: PathBuf,
    journal: PathBuf,
}

fn does<T: Send + 'static>(
    store: &Store,
    second: i64,
    job: impl FnOnce(&mut Tx<'_>) -> Result<T, StepError> + Send + 'static,
) -> T {
    store.write_blocking(stamp(second), job).unwrap()
}

fn admit(tx: &mut Tx<'_>, reference: &str) -> Result<(), StepError> {
    let id = tx.insert_patient(&newcomer(reference))?;
    Ok(tx.audit(AuditAction::PatientAdmitted, id, &serde_json::json!({}))?)
}

fn code(name: &str, code: &[u8]) -> Vec<u8> {
    [name.as_bytes(), code].concat()
}

/// Recovery codes of an account.
fn codes(tx: &mut Tx<'_>, name: &str, all: &[&[u8]]) -> Result<(), StepError> {
    let staff = tx.staff_named(name)?.unwrap();
    let digests: Vec<_> = all.iter().map(|one| code(name, one)).collect();
    Ok(tx.replace_recovery_codes(&staff, &digests)?)
}

fn ground() -> Ground {
    let dir = tempfile::tempdir().unwrap();
    let (database, copy) = (dir.path().join("a.db"), dir.path().join("copy.db"));
    let journal = dir.path().join("journal");
    let store = fresh_at(&database);
    key_file::open(&store, &SystemEntropy, stamp(1).at).unwrap();
    does(&store, 2, |tx| {
        admit(tx, "A-1")?;
        admit(tx, "E-5")?;
        for name in ["nora", "dana", "lena"] {
            let email = EmailAddress::parse("n@clinic.example").unwrap();
            let (password, totp_secret) = (format!("old {name}"), "x".to_owned());
            let new =
                NewStaff { name: name.to_owned(), email, role: StaffRole::Nurse, password, totp_secret };
            let id = tx.insert_staff(&new)?;
            codes(tx, name, &[b"1", b"2"])?;
            tx.open_session(name.as_bytes(), id, Timestamp::from_second(1_000_000).unwrap())?;
        }
        Ok(())
    });
    store.read(|view| view.copy_to(&copy, &NoPace)).unwrap();
    std::fs::copy(key_path(&database), key_path(&copy)).unwrap();
    does(&store, 3, |tx| {
        let ana = tx.patient_by_reference(&Reference::parse("A-1").unwrap())?;
        let reason = "the family called".to_owned();
        status::change(
            tx,
            &ana,
            &StatusChange { to: PatientStatus::Deceased, reason, until: None, confirmed_by: None },
        )?;
        let paused = tx.patient_by_reference(&Reference::parse("E-5").unwrap())?;
        let (to, reason) = (PatientStatus::Paused, "travels".to_owned());
        let until = Some(date(1970, 1, 1));
        status::change(tx, &paused, &StatusChange { to, reason, until, confirmed_by: None })?;
        let accounts = ["dana", "lena"].map(|name| tx.staff_named(name));
        let [dana, lena] = accounts.map(|found| found.unwrap().unwrap());
        tx.disable_staff(&dana)?;
        tx.reset_staff(&lena, "new lena", "y")?;
        codes(tx, "lena", &[b"3"])?;
        let nora = tx.staff_named("nora")?.unwrap();
        assert!(tx.use_recovery_code(&nora, &code("nora", b"1"))?);
        admit(tx, "B-2")
    });
    drop(store);
    // The clinic made a new key since.
    let store = Store::open(&database, OpenMode::Existing).unwrap();
    key_file::stage(&database, &[9; 32]).unwrap();
    rekey::rekey(&store, stamp(4), LinkKey::new([9; 32])).unwrap();
    key_file::put_in_place(&database).unwrap();
    Ground { _dir: dir, database, copy, journal }
}

impl Ground {
    fn job(&self) -> RestoreJob<'_> {
        RestoreJob {
            source: &self.copy,
            named: &self.database,
            database: &self.database,
            journal: &self.journal,
            stamp: stamp(5),
            pace: Arc::new(NoPace),
            scope: RestoreScope::SameClinic,
        }
    }

    /// The database as the next command finds it.
    fn open(&self) -> Store {
        let store = Store::open(&self.database, OpenMode::Existing).unwrap();
        key_file::open(&store, &SystemEntropy, stamp(6).at).unwrap();
        store
    }
}

fn status_of(store: &Store) -> PatientStatus {
    let ana = Reference::parse("A-1").unwrap();
    store.read(|view| view.patient_by_reference(&ana)).unwrap().status
}

#[test]
fn an_interruption_at_any_step_leaves_the_old_database_or_the_held_new_one() {
    for at in STEPS {
        let ground = ground();
        let pulled = |step: RestoreStep| if step == at { Err(RestoreFault::Stopped) } else { Ok(()) };
        assert!(matches!(steps(&ground.job(), &pulled), Err(RestoreFault::Stopped)), "{at:?}");
        let store = ground.open();
        let is_new = matches!(at, RestoreStep::Replaced | RestoreStep::KeyReplaced);
        assert_eq!(store.read(|view| view.is_held()).unwrap(), is_new, "{at:?}");
        assert_eq!(status_of(&store), PatientStatus::Deceased, "{at:?}");
        assert!(store.read(audit::verify).is_ok(), "{at:?}");
        let b = Reference::parse("B-2").unwrap();
        assert_eq!(store.read(|view| view.is_known(&b)).unwrap(), !is_new, "{at:?}");
        drop(store);
        // Whatever it left, the next one goes through.
        restore(&RestoreJob { stamp: stamp(7), ..ground.job() }).unwrap();
        assert!(ground.open().read(|view| view.is_held()).unwrap(), "{at:?}");
    }
}

#[test]
fn a_restore_that_fails_leaves_the_database_in_use_under_one_name() {
    use std::os::unix::fs::MetadataExt;
    for at in [RestoreStep::KeptAside, RestoreStep::KeyStaged] {
        let ground = ground();
        let failed = |step: RestoreStep| if step == at { Err(RestoreFault::Stopped) } else { Ok(()) };
        assert!(matches!(attempt(&ground.job(), &failed), Err(RestoreFault::Stopped)), "{at:?}");
        assert_eq!(std::fs::metadata(&ground.database).unwrap().nlink(), 1, "{at:?}");
    }
}

#[test]
fn two_restores_in_one_second_keep_each_database_and_key() {
    let ground = ground();
    let key = std::fs::read(key_path(&ground.database)).unwrap();
    let first = restore(&ground.job()).unwrap().before.unwrap();
    let second = restore(&ground.job()).unwrap().before.unwrap();
    let third = restore(&ground.job()).unwrap().before.unwrap();
    assert!(first != second && second != third && first != third);
    assert_eq!(std::fs::read(key_path(&first)).unwrap(), key);
    let own = std::fs::read(key_path(&ground.copy)).unwrap();
    for path in [&second, &third, &ground.database] {
        assert_eq!(std::fs::read(key_path(path)).unwrap(), own, "{}", path.display());
    }
    ground.open().read(audit::verify).unwrap();
}

#[test]
fn every_event_since_is_told_and_stops_and_accounts_are_carried_over() {
    let ground = ground();
    let done = restore(&ground.job()).unwrap();
    let since = done.since.as_ref().ok().unwrap();
    let told: Vec<&str> = done.lines.iter().map(|line| line.what.as_str()).collect();
    for what in
        ["take in again", "status that stops letters", "account turned off", "account with new secrets"]
    {
        assert!(told.contains(&what), "{told:?}");
    }
    let events = std::fs::read_to_string(done.list.unwrap()).unwrap();
    for lost in &since.events {
        assert!(events.contains(&format!("{} ", lost.event.action)), "{}", lost.event.action);
    }
    let store = ground.open();
    let staff = |name: &str| store.read(|view| view.staff_named(name)).unwrap().unwrap();
    assert!(staff("dana").disabled_at.is_some() && staff("nora").disabled_at.is_none());
    assert_eq!((staff("lena").password.as_str(), staff("nora").password.as_str()), ("new lena", "old nora"));
    for name in ["nora", "dana", "lena"] {
        assert_eq!(store.read(|view| view.session(name.as_bytes())).unwrap(), None, "{name}");
    }
    // A pause on its last day goes on having one.
    let pauses = store.read(|view| view.pauses_ending(date(1970, 1, 2))).unwrap();
    assert_eq!(pauses.iter().map(|pause| pause.until).collect::<Vec<_>>(), [Some(date(1970, 1, 1))]);
    // A recovery code that was used, or replaced, lets nobody in again.
    for (name, one, counts) in
        [("nora", b"1", false), ("nora", b"2", true), ("lena", b"1", false), ("lena", b"3", true)]
    {
        let (account, digest) = (staff(name), code(name, one));
        let used = does(&store, 8, move |tx| Ok(tx.use_recovery_code(&account, &digest)?));
        assert_eq!(used, counts, "{name}");
    }
    let hold = store.read(|view| view.tasks_open()).unwrap();
    let hold = hold.iter().find(|task| task.kind == TaskKind::Hold).unwrap();
    assert!(hold.reason.contains("take in again: B-2"), "{}", hold.reason);
}

#[test]
fn a_database_that_cannot_be_read_is_told_as_one() {
    let ground = ground();
    std::fs::write(&ground.database, "no database ".repeat(500)).unwrap();
    let done = restore(&ground.job()).unwrap();
    assert!(matches!(&done.since, Err(Some(why)) if why.contains("not a database")));
    let store = ground.open();
    let hold = store.read(|view| view.tasks_open()).unwrap();
    assert!(hold.iter().any(|task| task.reason.contains("nobody can say")), "{hold:?}");
    assert_eq!(store.read(|view| view.session(b"nora")).unwrap(), None);
    assert_eq!(std::fs::read(done.before.unwrap()).unwrap(), "no database ".repeat(500).as_bytes());
}

#[test]
fn going_back_from_a_restore_brings_what_was_lost_with_its_log() {
    let ground = ground();
    let done = restore(&ground.job()).unwrap();
    let before = done.before.unwrap();
    // Somebody looks into it and is killed: the newest change stands in the log alone.
    let killed = beside(&before, ".killed");
    let store = Store::open(&before, OpenMode::Existing).unwrap();
    does(&store, 6, |tx| admit(tx, "C-3"));
    for suffix in ["", "-wal"] {
        std::fs::copy(beside(&before, suffix), beside(&killed, suffix)).unwrap();
    }
    drop(store);
    std::fs::copy(key_path(&before), key_path(&killed)).unwrap();
    restore(&RestoreJob { source: &killed, stamp: stamp(8), ..ground.job() }).unwrap();
    let store = ground.open();
    for reference in ["A-1", "B-2", "C-3"] {
        let reference = Reference::parse(reference).unwrap();
        assert!(store.read(|view| view.is_known(&reference)).unwrap(), "{reference:?}");
    }
}

#[test]
fn whoever_was_erased_since_is_erased_in_the_copy_too() {
    let ground = ground();
    let store = Store::open(&ground.database, OpenMode::Existing).unwrap();
    does(&store, 4, |tx| {
        let ana = tx.patient_by_reference(&Reference::parse("A-1").unwrap())?;
        let until = Timestamp::from_second(1_000).unwrap();
        Ok(tx.ask_erasure(ana.id, ExportProof::NotWanted, until)?)
    });
    let agree = Stamp { actor: Actor::Operator("second".to_owned()), ..stamp(4) };
    let job = |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let asked = tx.erasure_of(PatientId(1))?.unwrap();
        assert_eq!(tx.erase_record(&asked)?, 1);
        Ok(())
    };
    store.write_blocking(agree, job).unwrap();
    drop(store);
    let done = restore(&ground.job()).unwrap();
    let told: Vec<_> = done.lines.iter().map(|line| (line.what.as_str(), line.about.join(" "))).collect();
    assert!(told.contains(&("erased there, and erased again here", "erased-1".to_owned())), "{told:?}");
    let store = ground.open();
    let code = Reference::parse("A-1").unwrap();
    let gone = store.read(|view| view.patient_by_reference(&code)).unwrap_err();
    assert!(gone.erased_at().is_some(), "{gone}");
    let husk = store.read(|view| view.patient(PatientId(1))).unwrap();
    assert!(husk.email.is_none() && !husk.status.may_receive());
    let erased = store.read(|view| view.erased(PatientId(1))).unwrap().unwrap();
    assert_eq!(erased.by, ["cli:test", "cli:second"], "the two who decided it");
    store.read(audit::verify).unwrap();
    // Another woman under the same row number is not hers.
    let kept = store.read(|view| view.patient(PatientId(2))).unwrap();
    assert_eq!(kept.reference.as_str(), "E-5");
}
