//! What the journal tells of letters that are taken in hand: which they are, and which promises they hold.

use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};

use crate::care::plan::due_steps::Key;
use crate::store::db::columns::rows;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::journal::line::JournalLetter;
use crate::store::mail::delivery::DeliveryId;
use crate::store::plan::follow_ups::FollowUpId;

/// The fact that keeps the key of the digests.
const KEY: &str = "journal-key";
/// How many hexadecimal digits of a digest are kept.
const DIGITS: usize = 32;

/// The key of the digests, which its migration gives each database; empty in one of an older version, which has no journal. One
/// that is spoilt names nothing that was named before, and keeps no letter from leaving.
pub(in crate::store) fn key(sql: &Connection) -> Result<String, StoreError> {
    let ask = "SELECT CAST(value AS BLOB) FROM fact WHERE name = ?";
    let kept: Option<Vec<u8>> = sql.prepare_cached(ask)?.query_row([KEY], |r| r.get(0)).optional()?;
    Ok(kept.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default())
}

/// What stands for these words in the journal.
fn digest(key: &str, words: &[&str]) -> String {
    let mut hash = Sha256::new().chain_update(key);
    for word in words {
        hash.update(format!("{}:{word}", word.len()));
    }
    let inner = hash.finalize();
    let mut whole =
        data_encoding::HEXLOWER.encode(&Sha256::new().chain_update(key).chain_update(inner).finalize());
    whole.truncate(DIGITS);
    whole
}

/// What stands for a patient; `None` where there is no such row, or nothing is left of her.
pub(in crate::store) fn who(
    sql: &Connection,
    key: &str,
    subject: &str,
) -> Result<Option<String>, StoreError> {
    let Some(Ok(id)) = subject.strip_prefix("patient/").map(str::parse::<i64>) else { return Ok(None) };
    let ask = "SELECT reference FROM patient WHERE id = ?";
    let code: Option<String> = sql.prepare_cached(ask)?.query_row([id], |r| r.get(0)).optional()?;
    Ok(code.map(|code| of_code(key, &code)))
}

/// What stands for the patient of this case code, under the key of this database.
pub(in crate::store::journal) fn who_is(sql: &Connection, code: &str) -> Result<String, StoreError> {
    Ok(of_code(&key(sql)?, code))
}

fn of_code(key: &str, code: &str) -> String {
    digest(key, &["patient", &code.to_ascii_lowercase()])
}

/// The letters to patients among those that the detail of a claim names.
pub(in crate::store) fn claimed(
    sql: &Connection,
    key: &str,
    detail: &str,
) -> Result<Vec<JournalLetter>, StoreError> {
    let detail: serde_json::Value = serde_json::from_str(detail).unwrap_or_default();
    let ids = detail["deliveries"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_i64);
    let mut found = Vec::new();
    for delivery in ids {
        let ask = "SELECT 1 FROM delivery WHERE id = ? AND patient_id IS NOT NULL AND purpose <> 'canary'";
        if sql.prepare_cached(ask)?.exists([delivery])? {
            let held = promises(sql, key, delivery)?.into_iter();
            let promises = held.filter(|one| one.is_told).map(|one| one.digest).collect();
            found.push(JournalLetter { delivery, promises });
        }
    }
    Ok(found)
}

/// A promise as the journal names it.
pub(in crate::store::journal) struct ReminderDigest {
    /// The row of the reminder.
    pub(in crate::store::journal) row: i64,
    pub(in crate::store::journal) digest: String,
    /// Whether it is owed now.
    pub(in crate::store::journal) is_due: bool,
    /// Whether the letter says it, or said it.
    is_told: bool,
}

/// The promises of a letter.
fn promises(sql: &Connection, key: &str, delivery: i64) -> Result<Vec<ReminderDigest>, StoreError> {
    let ask = "SELECT r.id, r.state = 'due', r.state IN ('due', 'sent', 'answered', 'undeliverable'), \
               p.reference, e.protocol, f.series, r.trigger, r.step, r.basis_on FROM reminder r \
               JOIN follow_up f ON f.id = r.follow_up_id JOIN enrolment e ON e.id = f.enrolment_id \
               JOIN patient p ON p.id = r.patient_id WHERE r.delivery_id = ?";
    rows(sql, ask, [delivery], |r| {
        let words: [String; 6] = [r.get(3)?, r.get(4)?, r.get(5)?, r.get(6)?, r.get(7)?, r.get(8)?];
        let digest = digest(key, &words.each_ref().map(String::as_str));
        Ok(ReminderDigest { row: r.get(0)?, digest, is_due: r.get(1)?, is_told: r.get(2)? })
    })
}

impl View<'_> {
    /// A promise of a follow-up as the journal names it; `None` where there is no such follow-up.
    pub(in crate::store::journal) fn named_promise(
        &self,
        follow_up: FollowUpId,
        (trigger, step, basis_on): &Key,
    ) -> Result<Option<String>, StoreError> {
        let ask = "SELECT p.reference, e.protocol, f.series FROM follow_up f JOIN enrolment e ON e.id = f.enrolment_id \
                   JOIN patient p ON p.id = f.patient_id WHERE f.id = ?";
        let key = key(self.sql)?;
        let named = rows(self.sql, ask, [follow_up.0], |r| {
            let words: [String; 3] = [r.get(0)?, r.get(1)?, r.get(2)?];
            let [code, protocol, series] = words.each_ref().map(String::as_str);
            Ok(digest(&key, &[code, protocol, series, trigger.word(), step, &basis_on.to_string()]))
        });
        Ok(named?.pop())
    }

    /// The promises that a letter of ours holds, each by its row and as the journal names it.
    pub(in crate::store::journal) fn named_promises(
        &self,
        letter: DeliveryId,
    ) -> Result<Vec<ReminderDigest>, StoreError> {
        promises(self.sql, &key(self.sql)?, letter.0)
    }
}
