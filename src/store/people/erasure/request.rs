//! A record that is to be erased, in SQL: asked for by one person, agreed to or declined by another; and whose was erased.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row};
use sha2::{Digest, Sha256};

use crate::care::patient::{PatientId, Reference};
use crate::care::record::erasure::{ErasureEvent, ErasureState, ExportProof};
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{instant, millis, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::people::erasure::erased_rows::HERS;

/// The fact that keeps the key of the digests, made with the first erasure.
const KEY: &str = "erasure-key";
/// The fact that says that the file still has to be written anew, without what was erased.
const TRACES: &str = "erased-traces";

/// Somebody asks for a record to be erased, or did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Its row, which stays on record however it ends.
    pub id: i64,
    /// Whose record it is.
    pub patient: PatientId,
    /// Whether it was given out before.
    pub export: ExportProof,
    /// The actor who asks, e.g. `staff:lena`; another one must agree.
    pub asked_by: String,
    /// When it was asked; it expires if the clock is set back to before that.
    pub asked_at: Timestamp,
    /// Nobody can agree after this instant.
    pub expires_at: Timestamp,
}

/// That a record was erased. Nothing of hers is left in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedRecord {
    /// The row whose husk is left.
    pub patient: PatientId,
    /// When it was done.
    pub at: Timestamp,
    /// The two people: who asked, who agreed.
    pub by: [String; 2],
    /// What is left in the place of the case code.
    pub digest: Vec<u8>,
}

const COLUMNS: &str = "id, patient_id, export, asked_by, asked_at, expires_at";
const OF_ERASED: &str = "SELECT e.patient_id, e.erased_at, a.asked_by, a.ended_by, e.digest FROM erased_patient e \
                         JOIN erasure a ON a.id = e.erasure_id WHERE e.";

impl View<'_> {
    /// Who asks for a patient's record to be erased, if anybody does.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails or the row cannot be read.
    pub fn erasure_of(&self, patient: PatientId) -> Result<Option<Erasure>, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM erasure WHERE patient_id = ? AND state = 'asked'");
        rows(self.sql, &ask, [patient.0], |r| Ok(erasure(r)))?.pop().transpose()
    }

    /// The first of those that wait for a second person, at most `limit`, with their case codes.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn erasures_asked(&self, limit: u32) -> Result<Vec<(Erasure, String)>, StoreError> {
        let ask = format!(
            "SELECT {COLUMNS}, (SELECT reference FROM patient WHERE id = patient_id) FROM erasure WHERE state = 'asked' \
             ORDER BY id LIMIT ?"
        );
        let found = rows(self.sql, &ask, [limit], |r| Ok(erasure(r).map(|one| (one, r.get(6)))))?;
        found.into_iter().map(|one| one.and_then(|(one, code)| Ok((one, code?)))).collect()
    }

    /// That the record of that row was erased, if it was.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn erased(&self, patient: PatientId) -> Result<Option<ErasedRecord>, StoreError> {
        let ask = format!("{OF_ERASED}patient_id = ?");
        Ok(self.sql.prepare_cached(&ask)?.query_row([patient.0], erased_record).optional()?)
    }

    /// The record that was erased under that case code, if one was.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn erased_under(&self, reference: &Reference) -> Result<Option<ErasedRecord>, StoreError> {
        let Some(key) = self.fact(KEY)? else { return Ok(None) };
        let ask = format!("{OF_ERASED}digest = ?");
        let digest = digest(&key, reference);
        Ok(self.sql.prepare_cached(&ask)?.query_row([digest.as_slice()], erased_record).optional()?)
    }

    /// When something was last erased whose traces may still lie in the file.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn erased_traces(&self) -> Result<Option<String>, StoreError> {
        self.fact(TRACES)
    }
}

impl Tx<'_> {
    /// The actor asks for a record to be erased; nothing else changes yet.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` while another asks for the same.
    pub fn ask_erasure(
        &mut self,
        patient: PatientId,
        export: ExportProof,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let insert = "INSERT INTO erasure (patient_id, export, asked_by, asked_at, expires_at, state) \
                      VALUES (?, ?, ?, ?, ?, 'asked')";
        let row = (patient.0, export.word(), self.actor().word(), self.at_ms(), millis(expires_at));
        self.sql.prepare_cached(insert)?.execute(row)?;
        let detail = serde_json::json!({ "export": export.word(), "until": expires_at.to_string() });
        self.audit(AuditAction::ErasureAsked, patient, &detail)
    }

    /// The request ends otherwise than by erasing.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn end_erasure(&mut self, asked: &Erasure, how: ErasureEvent) -> Result<(), StoreError> {
        self.move_erasure(asked, how)?;
        let action = match how {
            ErasureEvent::Expire => AuditAction::ErasureExpired,
            _ => AuditAction::ErasureDeclined,
        };
        self.audit(action, asked.patient, &serde_json::json!({ "asked_by": asked.asked_by }))
    }

    fn move_erasure(&mut self, asked: &Erasure, event: ErasureEvent) -> Result<(), StoreError> {
        let over = || StoreError::conflict("nobody asks for that any more");
        let to = ErasureState::Asked.after(event).ok_or_else(over)?;
        let update =
            "UPDATE erasure SET state = ?, ended_by = ?, ended_at = ? WHERE id = ? AND state = 'asked'";
        let row = (to.word(), self.actor().word(), self.at_ms(), asked.id);
        match self.sql.prepare_cached(update)?.execute(row)? {
            0 => Err(over()),
            _ => Ok(()),
        }
    }

    /// Erases the record that was asked for, and those that were merged into it: only husks stay. Returns how many there are.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn erase_record(&mut self, asked: &Erasure) -> Result<usize, StoreError> {
        self.move_erasure(asked, ErasureEvent::Agree)?;
        let key = self.erasure_key()?;
        let ask = format!("SELECT id, reference FROM patient WHERE id IN {HERS}");
        let hers: Vec<(i64, String)> =
            rows(self.sql, &ask, [asked.patient.0], |r| Ok((r.get(0)?, r.get(1)?)))?;
        let insert =
            "INSERT INTO erased_patient (patient_id, erasure_id, digest, erased_at) VALUES (?, ?, ?, ?)";
        for (id, code) in &hers {
            let code = Reference::parse(code).map_err(|_| StoreError::corrupt("reference"))?;
            let left = digest(&key, &code);
            let row = (id, asked.id, left.as_slice(), self.at_ms());
            self.sql.prepare_cached(insert)?.execute(row)?;
        }
        self.strip_record(asked.patient)?;
        self.set_fact(TRACES, &self.at().to_string())?;
        let detail = serde_json::json!({ "asked_by": asked.asked_by, "export": asked.export.word(),
            "records": hers.len() });
        self.audit(AuditAction::PatientErased, asked.patient, &detail)?;
        Ok(hers.len())
    }

    /// The file was written anew after `seen`: nothing that was erased until then lies in it any more.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn note_traces_gone(&mut self, seen: &str) -> Result<(), StoreError> {
        if self.fact(TRACES)?.as_deref() == Some(seen) { self.clear_fact(TRACES) } else { Ok(()) }
    }

    fn erasure_key(&mut self) -> Result<String, StoreError> {
        if let Some(key) = self.fact(KEY)? {
            return Ok(key);
        }
        let key: String = self.sql.query_row("SELECT hex(randomblob(32))", [], |r| r.get(0))?;
        self.set_fact(KEY, &key)?;
        Ok(key)
    }
}

/// What is left of a case code: the same for any case of its letters and any zeros before digits, as lists from elsewhere have
/// them. Two hashes, one in the other, so that nothing can be added behind.
pub(in crate::store) fn digest(key: &str, code: &Reference) -> [u8; 32] {
    let code = code.as_str().to_ascii_lowercase();
    let is_number = code.bytes().all(|b| b.is_ascii_digit());
    let code = if is_number { code.trim_start_matches('0') } else { code.as_str() };
    let inner = Sha256::new().chain_update(key).chain_update(code).finalize();
    Sha256::new().chain_update(key).chain_update(inner).finalize().into()
}

fn erased_record(row: &Row<'_>) -> rusqlite::Result<ErasedRecord> {
    let agreed: Option<String> = row.get(3)?;
    Ok(ErasedRecord {
        patient: PatientId(row.get(0)?),
        at: instant(row.get(1)?),
        by: [row.get(2)?, agreed.unwrap_or_default()],
        digest: row.get(4)?,
    })
}

fn erasure(row: &Row<'_>) -> Result<Erasure, StoreError> {
    let export: String = row.get(2)?;
    Ok(Erasure {
        id: row.get(0)?,
        patient: PatientId(row.get(1)?),
        export: ExportProof::parse(&export).ok_or_else(|| StoreError::corrupt("export"))?,
        asked_by: row.get(3)?,
        asked_at: instant(row.get(4)?),
        expires_at: instant(row.get(5)?),
    })
}

/// A record that was erased in the database that a copy takes the place of. No Debug: it holds the key.
#[derive(Clone)]
pub struct RepeatedErasure {
    /// The row whose husk stood there.
    pub patient: PatientId,
    export: String,
    by: [String; 2],
    /// Key and digest that prove whose record it was; `None` where the journal tells of it, whose rows are those of the copy.
    proof: Option<(String, Vec<u8>)>,
}

impl RepeatedErasure {
    /// What the journal tells of an erasure: `by` are who asked and who agreed.
    pub(in crate::store) const fn told(patient: PatientId, export: String, by: [String; 2]) -> Self {
        Self { patient, export, by, proof: None }
    }
}

/// Every record that was erased there; none in a database of an older version.
pub(in crate::store) fn erased_before(
    sql: &rusqlite::Connection,
) -> Result<Vec<RepeatedErasure>, StoreError> {
    let ask = "SELECT e.patient_id, a.export, a.asked_by, a.ended_by, (SELECT value FROM fact WHERE name = ?), e.digest \
               FROM erased_patient e JOIN erasure a ON a.id = e.erasure_id ORDER BY e.patient_id";
    rows(sql, ask, [KEY], |r| {
        let by = [r.get(2)?, r.get(3)?];
        Ok(RepeatedErasure {
            patient: PatientId(r.get(0)?),
            export: r.get(1)?,
            by,
            proof: Some((r.get(4)?, r.get(5)?)),
        })
    })
}

impl View<'_> {
    /// Whether a copy still has the record that was erased after it was made. A row number may be somebody else's in a copy that
    /// went on by itself.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn has_back(&self, before: &RepeatedErasure) -> Result<bool, StoreError> {
        let ask = "SELECT reference FROM patient WHERE id = ?";
        let code = rows(self.sql, ask, [before.patient.0], |r| r.get::<_, String>(0))?.pop();
        let code = code.and_then(|code| Reference::parse(&code).ok());
        Ok(match &before.proof {
            Some((key, left)) => code.is_some_and(|code| digest(key, &code).as_slice() == left),
            None => code.is_some() && self.erased(before.patient)?.is_none(),
        })
    }
}

impl Tx<'_> {
    /// Erases once more what was erased after a copy was made: the two who decided it stay who they were.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn repeat_erasure(&mut self, before: &RepeatedErasure) -> Result<(), StoreError> {
        if let Some((key, _)) = before.proof.as_ref()
            && self.fact(KEY)?.is_none()
        {
            self.set_fact(KEY, key)?;
        }
        let insert = "INSERT INTO erasure (patient_id, export, asked_by, asked_at, expires_at, state) \
                      VALUES (?1, ?2, ?3, ?4, ?4, 'asked')";
        let open = "UPDATE erasure SET state = 'expired', ended_by = ?, ended_at = ? WHERE patient_id = ? AND state = 'asked'";
        self.sql.execute(open, (self.actor().word(), self.at_ms(), before.patient.0))?;
        let [asked, agreed] = &before.by;
        self.sql.execute(insert, (before.patient.0, &before.export, asked, self.at_ms()))?;
        if let Some(asked) = self.erasure_of(before.patient)? {
            self.erase_record(&asked)?;
            let second = "UPDATE erasure SET ended_by = ? WHERE id = ?";
            self.sql.execute(second, (agreed, asked.id))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_code_leaves_one_digest_however_it_is_written() {
        let of = |key, code| digest(key, &Reference::parse(code).unwrap());
        assert_eq!(of("k", "R-1"), of("k", "r-1"));
        assert_eq!(of("k", "0042"), of("k", "42"));
        assert_ne!(of("k", "R-1"), of("k", "R-2"));
        assert_ne!(of("k", "R-1"), of("l", "R-1"), "without the key it tells nothing");
    }
}
