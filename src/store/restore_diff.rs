//! What happened after a copy was made, as the audit of the database that was there before tells it: every change has one
//! event (P12), so nothing is left out because somebody forgot to compare a table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::audit::event;
use crate::store::audit::AuditEvent;
use crate::store::audit_action::AuditAction;
use crate::store::db::columns;
use crate::store::db::encryption::open;
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::events::EventSource;
use crate::store::journal::letters;
use crate::store::journal::line::JournalLetter;
use crate::store::journal::same_event::shared;
use crate::store::people::erasure::request::{RepeatedErasure, erased_before};
use crate::store::people::patient_status::{self, StatusReason};

/// One event that the copy does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostEvent {
    /// As it stands in the old audit.
    pub event: AuditEvent,
    /// The case codes it is about; its subject where it is about no patient.
    pub about: Vec<String>,
    /// The hour of the appointment it is about, if any; its day stands in the event.
    pub at_time: Option<String>,
    /// What stands in the journal for the patient it is about; `None` where it is about none, or nothing is left of her.
    pub who: Option<String>,
    /// Letters to patients that it took in hand, each with its promises.
    pub letters: Vec<JournalLetter>,
}

/// An account whose role or secrets changed, or that was turned off, after the copy was made. No Debug: it holds secrets.
#[derive(Clone)]
pub struct Account {
    /// Sign-in name, by which the copy is searched for it.
    pub name: String,
    /// Hash of the password, secret of the authenticator, its newest step; `None` when they cannot be read any more.
    secrets: Option<(String, String, i64)>,
    /// Its recovery codes, those used up among them.
    recovery_codes: Vec<RecoveryCode>,
    /// The sign-in at a provider that it is connected with.
    connection: Option<KeptConnection>,
    /// Its role; `None` when it cannot be read any more.
    role: Option<String>,
    /// Whether it is off; `None` where that stays as the copy has it.
    is_off: Option<bool>,
}

impl Account {
    /// An account of which only these changes are known: nobody signs in with what was taken from him, and no recovery code
    /// counts twice.
    pub(in crate::store) fn known_by(name: String, changes: &BTreeSet<AuditAction>) -> Self {
        let is_open = |change| {
            matches!(
                change,
                AuditAction::StaffRecoveryCodes
                    | AuditAction::StaffRecoveryCodeUsed
                    | AuditAction::StaffConnected
                    | AuditAction::StaffDisconnected
            )
        };
        let is_off = (!changes.iter().copied().all(is_open)).then_some(true);
        Self { name, secrets: None, recovery_codes: Vec::new(), connection: None, role: None, is_off }
    }
}

/// A recovery code of an account.
#[derive(Clone)]
struct RecoveryCode {
    digest: Vec<u8>,
    /// When it was used up.
    used_at: Option<i64>,
}

/// A sign-in at a provider: issuer, digest of who is meant, since when.
type KeptConnection = (String, Vec<u8>, i64);

/// What a restored copy must not undo.
pub const ACCOUNT_CHANGES: [AuditAction; 8] = [
    AuditAction::StaffDisabled,
    AuditAction::StaffReset,
    AuditAction::StaffSecrets,
    AuditAction::StaffRole,
    AuditAction::StaffRecoveryCodes,
    AuditAction::StaffRecoveryCodeUsed,
    AuditAction::StaffConnected,
    AuditAction::StaffDisconnected,
];

/// Everything that happened after a copy was made.
#[derive(Clone, Default)]
pub struct RestoreDiff {
    /// Every event that the copy does not have, oldest first.
    pub events: Vec<LostEvent>,
    /// Where it is known from.
    pub told_by: EventSource,
    /// Why the old audit could not be read to its end; what came after that event is unknown.
    pub torn: Option<String>,
    /// Accounts that must not go back to how the copy has them.
    pub accounts: Vec<Account>,
    /// Last days of pauses, by case code.
    pub pauses: BTreeMap<String, String>,
    /// Records that were erased there.
    pub erased: Vec<RepeatedErasure>,
    /// Why somebody stands where she does, by case code: the audit does not tell. `None` where the old database is gone, or cannot be
    /// asked.
    pub status_reasons: Option<BTreeMap<String, StatusReason>>,
}

impl RestoreDiff {
    /// Reads what the database at `before` knows and the copy does not. Neither is changed. If that database was restored itself, the
    /// sent journal has told what its own copy did not have: that is still to be done, and comes first.
    ///
    /// # Errors
    /// [`StoreError`] when `before` cannot be read, or shares no event with the copy.
    pub fn between(copy: &View<'_>, before: &Path, told: Option<Self>) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let sql = open::open_with(before, flags)?;
        let from = shared(copy, &sql)?;
        let mut since = Self::default();
        since.torn = since.read(&sql, from).err().map(|fault| fault.to_string());
        since.go_on_from(told.map(|told| told.events).unwrap_or_default());
        let touched = since.touched();
        since.accounts = touched.into_keys().map(|name| account(&sql, name)).collect();
        since.pauses = pauses(&sql).unwrap_or_default();
        since.erased = erased_before(&sql).unwrap_or_default();
        since.status_reasons = patient_status::reasons(&sql).ok();
        Ok(since)
    }

    fn read(&mut self, sql: &Connection, from: i64) -> Result<(), StoreError> {
        let ask =
            "SELECT id, at, actor, action, subject, detail, hash FROM audit_event WHERE id > ? ORDER BY id";
        let mut statement = sql.prepare(ask)?;
        let mut rows = statement.query([from])?;
        let mut codes = ReferenceCache::of(sql);
        let key = letters::key(sql)?;
        while let Some(row) = rows.next()? {
            let event = event(row)?;
            let at_time = at_time(sql, &event);
            let letters = match event.known_action() {
                Some(AuditAction::DeliveryClaimed) => letters::claimed(sql, &key, &event.detail)?,
                _ => Vec::new(),
            };
            let who = letters::who(sql, &key, &event.subject)?;
            self.events.push(LostEvent { about: codes.about(&event), at_time, event, who, letters });
        }
        Ok(())
    }

    /// Puts the secret of each account's authenticator into the form that `with` gives it, by the account's name.
    pub fn reseal(&mut self, with: impl Fn(&str, &str) -> Option<String>) {
        for account in &mut self.accounts {
            if let Some((_, kept, _)) = &mut account.secrets
                && let Some(sealed) = with(&account.name, kept)
            {
                *kept = sealed;
            }
        }
    }

    /// Accounts that must not go back, each with what was changed of it.
    pub(in crate::store) fn touched(&self) -> BTreeMap<String, BTreeSet<AuditAction>> {
        let mut touched: BTreeMap<String, BTreeSet<AuditAction>> = BTreeMap::new();
        for event in self.events.iter().map(|lost| &lost.event) {
            if let Some(name) = event.subject.strip_prefix("staff/")
                && let Some(action) = event.known_action().filter(|action| ACCOUNT_CHANGES.contains(action))
            {
                touched.entry(name.to_owned()).or_default().insert(action);
            }
        }
        touched
    }
}

/// Finds case codes in the old database; what cannot be found is named by its subject.
pub(in crate::store) struct ReferenceCache<'c> {
    sql: &'c Connection,
    known: BTreeMap<String, Option<String>>,
}

impl<'c> ReferenceCache<'c> {
    pub(in crate::store) const fn of(sql: &'c Connection) -> Self {
        Self { sql, known: BTreeMap::new() }
    }

    pub(in crate::store) fn about(&mut self, event: &AuditEvent) -> Vec<String> {
        let subjects = match event.known_action() {
            Some(AuditAction::DeliveryClaimed) => claimed(&event.detail),
            _ => vec![event.subject.clone()],
        };
        subjects.into_iter().map(|subject| self.code(&subject).unwrap_or(subject)).collect()
    }

    fn code(&mut self, subject: &str) -> Option<String> {
        let sql = self.sql;
        let look = || {
            let (table, id) = subject.split_once('/')?;
            let whose = match table {
                "patient" => "?1",
                "delivery" => "(SELECT patient_id FROM delivery WHERE id = ?1)",
                "follow-up" => "(SELECT patient_id FROM follow_up WHERE id = ?1)",
                "enrolment" => "(SELECT patient_id FROM enrolment WHERE id = ?1)",
                "alert" => "(SELECT patient_id FROM alert WHERE id = ?1)",
                "response" => "(SELECT patient_id FROM response WHERE id = ?1)",
                "task" => "(SELECT patient_id FROM task WHERE id = ?1)",
                _ => return None,
            };
            let ask = format!("SELECT reference FROM patient WHERE id = {whose}");
            let id: i64 = id.split('/').next()?.parse().ok()?;
            sql.query_row(&ask, [id], |r| r.get(0)).optional().ok().flatten()
        };
        self.known.entry(subject.to_owned()).or_insert_with(look).clone()
    }
}

fn claimed(detail: &str) -> Vec<String> {
    let detail: serde_json::Value = serde_json::from_str(detail).unwrap_or_default();
    let ids = detail["deliveries"].as_array().cloned().unwrap_or_default();
    ids.iter().map(|id| format!("delivery/{id}")).collect()
}

fn at_time(sql: &Connection, event: &AuditEvent) -> Option<String> {
    let id: i64 = event.subject.strip_prefix("follow-up/")?.parse().ok()?;
    let ask = "SELECT at_time FROM appointment WHERE follow_up_id = ? AND state = 'booked' ORDER BY id DESC LIMIT 1";
    event.action.starts_with("appointment.").then(|| sql.query_row(ask, [id], |r| r.get(0)).ok())?
}

/// What cannot be read is turned off: nobody signs in with what was taken from him.
fn account(sql: &Connection, name: String) -> Account {
    let ask =
        "SELECT password, totp_secret, totp_step, role, disabled_at IS NOT NULL FROM staff WHERE name = ?";
    let read = |r: &rusqlite::Row<'_>| Ok(((r.get(0)?, r.get(1)?, r.get(2)?), r.get(3)?, r.get(4)?));
    match sql.query_row(ask, [&name], read) {
        Ok((secrets, role, is_off)) => {
            let recovery_codes = recovery_codes(sql, &name).unwrap_or_default();
            let connection = connection(sql, &name);
            Account {
                name,
                secrets: Some(secrets),
                recovery_codes,
                connection,
                role: Some(role),
                is_off: Some(is_off),
            }
        }
        Err(_) => Account::known_by(name, &BTreeSet::from([AuditAction::StaffDisabled])),
    }
}

/// Where they cannot be read, or the database is older than they are, there are none: a new set is made with the password.
fn recovery_codes(sql: &Connection, name: &str) -> Result<Vec<RecoveryCode>, StoreError> {
    let ask =
        "SELECT digest, used_at FROM recovery_code WHERE staff_id = (SELECT id FROM staff WHERE name = ?)";
    columns::rows(sql, ask, [name], |r| Ok(RecoveryCode { digest: r.get(0)?, used_at: r.get(1)? }))
}

/// Where it cannot be read, or the database is older than connections are, there is none: she connects anew.
fn connection(sql: &Connection, name: &str) -> Option<KeptConnection> {
    let ask = "SELECT issuer, identity, connected_at FROM openid_connection \
               WHERE staff_id = (SELECT id FROM staff WHERE name = ?)";
    sql.query_row(ask, [name], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?))).ok()
}

fn pauses(sql: &Connection) -> Result<BTreeMap<String, String>, StoreError> {
    let ask = "SELECT reference, paused_until FROM patient WHERE paused_until IS NOT NULL";
    Ok(columns::rows(sql, ask, [], |r| Ok((r.get(0)?, r.get(1)?)))?.into_iter().collect())
}

impl Tx<'_> {
    /// Signs everybody out, and takes every invitation back: those of the copy may have been ended or used since.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn end_all_sessions(&mut self) -> Result<(), StoreError> {
        self.sql.execute("DELETE FROM session", [])?;
        let back =
            "UPDATE staff_invitation SET withdrawn_at = ? WHERE used_at IS NULL AND withdrawn_at IS NULL";
        self.sql.execute(back, [self.at_ms()])?;
        Ok(())
    }

    /// Leaves an account as it was before the copy took the database's place: off, or with its newest role and secrets. Returns
    /// whether the copy has it.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn carry_account(&mut self, account: &Account) -> Result<bool, StoreError> {
        if let Some((password, secret, step)) = &account.secrets {
            let update = "UPDATE staff SET password = ?, totp_secret = ?, totp_step = ? WHERE name = ?";
            self.sql.execute(update, (password, secret, step, &account.name))?;
        }
        if let Some(role) = &account.role {
            self.sql.execute("UPDATE staff SET role = ? WHERE name = ?", (role, &account.name))?;
        }
        let hers = "SELECT id FROM staff WHERE name = ?";
        self.sql.execute(&format!("DELETE FROM recovery_code WHERE staff_id = ({hers})"), [&account.name])?;
        for RecoveryCode { digest, used_at } in &account.recovery_codes {
            let insert = format!(
                "INSERT INTO recovery_code (digest, used_at, staff_id) SELECT ?, ?, id FROM ({hers})"
            );
            self.sql.execute(&insert, (digest, used_at, &account.name))?;
        }
        self.sql
            .execute(&format!("DELETE FROM openid_connection WHERE staff_id = ({hers})"), [&account.name])?;
        if let Some((issuer, identity, at)) = &account.connection {
            // Somebody else's in the copy who is told of is carried over too; else it would not be free here.
            let insert = format!(
                "INSERT OR REPLACE INTO openid_connection (issuer, identity, connected_at, staff_id) SELECT ?, ?, ?, id FROM ({hers})"
            );
            self.sql.execute(&insert, (issuer, identity, at, &account.name))?;
        }
        let Some(is_off) = account.is_off else {
            return Ok(self.sql.prepare("SELECT 1 FROM staff WHERE name = ?")?.exists([&account.name])?);
        };
        let off = is_off.then(|| self.at_ms());
        let update = "UPDATE staff SET disabled_at = ? WHERE name = ?";
        let found = self.sql.execute(update, (off, &account.name))?;
        Ok(found == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::fresh;
    use crate::store::database::{OpenMode, Store};
    use crate::store::db::online::pace::NoPace;
    use crate::store::db::transaction::Stamp;

    fn note(store: &Store, second: i64, action: AuditAction) {
        let at = jiff::Timestamp::from_second(second).unwrap();
        let job = move |tx: &mut Tx<'_>| {
            tx.audit(action, crate::care::patient::PatientId(1), &serde_json::json!({}))
        };
        store.write_blocking(Stamp::daemon(at), job).unwrap();
    }

    fn lost(copy: &Store, before: &Store) -> Result<Vec<String>, StoreError> {
        let since = copy.read(|view| RestoreDiff::between(view, before.path(), None))?;
        Ok(since.events.into_iter().map(|lost| lost.event.action).collect())
    }

    #[test]
    fn what_came_after_the_last_shared_event_is_lost_whichever_went_on() {
        let (dir, before) = fresh();
        let path = dir.path().join("copy.db");
        note(&before, 1, AuditAction::PatientAdmitted);
        before.read(|view| view.copy_to(&path, &NoPace)).unwrap();
        let copy = Store::open(&path, OpenMode::Existing).unwrap();
        assert!(lost(&copy, &before).unwrap().is_empty());
        note(&before, 2, AuditAction::PatientStatus);
        note(&before, 3, AuditAction::ClockBelieved);
        assert_eq!(lost(&copy, &before).unwrap(), ["patient.status", "clock.believed"]);
        assert!(lost(&before, &copy).unwrap().is_empty(), "a later one loses nothing to an earlier one");
        note(&copy, 4, AuditAction::TaskDone);
        assert_eq!(lost(&before, &copy).unwrap(), ["task.done"]);
        assert_eq!(lost(&copy, &before).unwrap().len(), 2);
    }

    #[test]
    fn what_shares_no_event_is_not_compared() {
        let (dir, other) = fresh();
        let mine = Store::open(&dir.path().join("copy.db"), OpenMode::Create).unwrap();
        note(&mine, 1, AuditAction::KeyNoted);
        note(&other, 2, AuditAction::KeyNoted);
        assert!(lost(&mine, &other).unwrap_err().to_string().contains("share no event"));
        std::fs::write(dir.path().join("text"), "no database").unwrap();
        assert!(mine.read(|view| RestoreDiff::between(view, &dir.path().join("text"), None)).is_err());
    }
}
