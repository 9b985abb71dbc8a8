//! What another database of the same clinic knows that this one does not: read before a restored copy goes into service.

use std::path::Path;

use jiff::civil::Date;
use rusqlite::{Connection, OpenFlags};

use super::wishes::Kind;
use super::{StoreError, migrate, rows};
use crate::care::patient::{PatientId, Reference, Status};

/// What happened after a copy was made, as far as the database that was there before can still tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Since {
    /// Case codes of patients who are not in the copy.
    pub strangers: Vec<String>,
    /// Patients who came to stand elsewhere.
    pub moved: Vec<Moved>,
    /// Kinds of letters that patients declined.
    pub declined: Vec<(PatientId, Kind)>,
    /// Case codes whose name, birth date, address, language, zone or detail was corrected.
    pub corrected: Vec<String>,
    /// Case codes of patients to whom letters left.
    pub written_to: Vec<String>,
    /// Case codes whose answers, or alerts that nobody has closed, are not in the copy.
    pub answered: Vec<String>,
}

/// A status that the copy does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Her row in the copy.
    pub patient: PatientId,
    /// Her case code.
    pub reference: String,
    /// Where she stands.
    pub to: Status,
    /// Why.
    pub reason: String,
    /// The last day of a pause that has one.
    pub until: Option<Date>,
}

impl Since {
    /// Compares a restored copy with the database that was there before; neither is changed.
    ///
    /// # Errors
    /// [`StoreError`] when `before` cannot be read, has another schema, or is not a later state of the copy.
    pub fn between(copy: &Path, before: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let sql = Connection::open_with_flags(before, flags)?;
        if migrate::applied(&sql)? != migrate::known() {
            return Err(StoreError::other("it has another schema".to_owned()));
        }
        drop(sql);
        let sql = Connection::open_with_flags(copy, flags)?;
        let path = before.to_str().ok_or_else(|| StoreError::other("its name is not UTF-8".to_owned()))?;
        sql.execute("ATTACH ? AS before", [path])?;
        is_later(&sql)?;
        Ok(Self {
            strangers: codes(&sql, STRANGERS)?,
            moved: moved(&sql)?,
            declined: declined(&sql)?,
            corrected: codes(&sql, CORRECTED)?,
            written_to: codes(&sql, WRITTEN_TO)?,
            answered: codes(&sql, ANSWERED)?,
        })
    }
}

const STRANGERS: &str = "SELECT reference FROM before.patient b WHERE reference <> ?1 \
                         AND NOT EXISTS (SELECT 1 FROM main.patient p WHERE p.reference = b.reference) ORDER BY reference";
const CORRECTED: &str = "SELECT p.reference FROM before.patient b JOIN main.patient p ON p.reference = b.reference WHERE \
                         p.reference <> ?1 AND (b.preferred_name, b.birth_on, b.email, b.language, b.zone, b.detail, b.shared_inbox) IS NOT \
                         (p.preferred_name, p.birth_on, p.email, p.language, p.zone, p.detail, p.shared_inbox) ORDER BY p.reference";
const WRITTEN_TO: &str = "SELECT DISTINCT p.reference FROM before.delivery b JOIN before.patient p ON p.id = b.patient_id \
                          WHERE b.audience = 'patient' AND b.state IN ('sent', 'unknown', 'claimed') \
                          AND p.reference <> ?1 AND NOT EXISTS (SELECT 1 FROM main.delivery d \
                          WHERE d.id = b.id AND d.state = b.state) ORDER BY p.reference";
const ANSWERED: &str = "SELECT reference FROM before.patient p WHERE reference <> ?1 AND (EXISTS (SELECT 1 \
                        FROM before.response b WHERE b.patient_id = p.id AND NOT EXISTS (SELECT 1 FROM main.response r \
                        WHERE r.id = b.id AND r.pages = b.pages)) OR EXISTS (SELECT 1 FROM before.alert b \
                        WHERE b.patient_id = p.id AND b.state <> 'closed' AND NOT EXISTS (SELECT 1 FROM main.alert a \
                        WHERE a.id = b.id))) ORDER BY reference";

/// The copy's last event must stand in the other's chain: else it is another clinic's, or the copy was altered.
fn is_later(sql: &Connection) -> Result<(), StoreError> {
    let ask = "SELECT 1 FROM main.audit_event a JOIN before.audit_event b ON b.id = a.id AND b.hash = a.hash \
               WHERE a.id = (SELECT max(id) FROM main.audit_event)";
    match sql.prepare(ask)?.exists([])? {
        true => Ok(()),
        false => Err(StoreError::other("it is no later state of the copy".to_owned())),
    }
}

fn codes(sql: &Connection, ask: &str) -> Result<Vec<String>, StoreError> {
    rows(sql, ask, [Reference::CANARY], |r| r.get(0))
}

fn moved(sql: &Connection) -> Result<Vec<Moved>, StoreError> {
    let ask = "SELECT p.id, p.reference, b.status, coalesce(b.status_reason, ''), b.paused_until FROM before.patient b \
               JOIN main.patient p ON p.reference = b.reference WHERE b.status <> p.status AND p.reference <> ?1 ORDER BY p.reference";
    let moved = |r: &rusqlite::Row<'_>| -> Result<Moved, StoreError> {
        let to = Status::parse(&r.get::<_, String>(2)?).map_err(|_| StoreError::corrupt("status"))?;
        let until = r.get::<_, Option<String>>(4)?.map(|on| super::date(&on)).transpose()?;
        Ok(Moved { patient: PatientId(r.get(0)?), reference: r.get(1)?, to, reason: r.get(3)?, until })
    };
    rows(sql, ask, [Reference::CANARY], |r| Ok(moved(r)))?.into_iter().collect()
}

fn declined(sql: &Connection) -> Result<Vec<(PatientId, Kind)>, StoreError> {
    let ask = "SELECT p.id, o.kind FROM before.opt_out o JOIN before.patient b ON b.id = o.patient_id \
               JOIN main.patient p ON p.reference = b.reference WHERE NOT EXISTS (SELECT 1 FROM main.opt_out m \
               WHERE m.patient_id = p.id AND m.kind = o.kind) ORDER BY p.id, o.kind";
    let found = rows(sql, ask, [], |r| Ok((PatientId(r.get(0)?), r.get::<_, String>(1)?)))?;
    let kind = |word: &str| Kind::parse(word).ok_or_else(|| StoreError::corrupt("opt-out kind"));
    found.into_iter().map(|(id, word)| Ok((id, kind(&word)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::fresh;
    use crate::store::{Open, Stamp, Store};

    #[test]
    fn what_is_no_later_state_of_the_copy_is_not_compared() {
        let (dir, other) = fresh();
        let copy = dir.path().join("copy.db");
        let mine = Store::open(&copy, Open::Create).unwrap();
        for store in [&mine, &other] {
            let at = jiff::Timestamp::from_second(if std::ptr::eq(store, &mine) { 1 } else { 2 }).unwrap();
            store.write_blocking(Stamp::daemon(at), |tx| tx.audit("x", "y", &serde_json::json!({}))).unwrap();
        }
        let refused = Since::between(&copy, other.path()).unwrap_err();
        assert_eq!(refused.to_string(), "it is no later state of the copy");
        assert_eq!(Since::between(&copy, &copy).unwrap(), Since::default());
        std::fs::write(dir.path().join("text"), "no database").unwrap();
        assert!(Since::between(&copy, &dir.path().join("text")).is_err());
    }
}
