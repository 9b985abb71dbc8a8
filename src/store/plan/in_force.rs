//! The versions of the clinic's own protocols that new patients are put on, and who signed which version.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::Row;

use crate::care::permission::StaffRole;
use crate::store::db::columns::instant;
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::{of_row, shown};
use crate::store::error::StoreError;
use crate::store::plan::protocols::ProtocolVersionId;

/// Who signed a version, in which role, when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProtocolSignOff {
    /// Sign-in name of the account that signed.
    pub by: String,
    /// The role that the account had then.
    pub role: StaffRole,
    /// When the version was signed.
    pub at: Timestamp,
}

impl Tx<'_> {
    /// New patients are put on that version from now on.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn put_in_force(&mut self, protocol: &str, version: ProtocolVersionId) -> Result<(), StoreError> {
        let upsert = "INSERT INTO protocol_in_force (protocol, protocol_version_id, since) VALUES (?1, ?2, ?3) \
                      ON CONFLICT (protocol) DO UPDATE SET protocol_version_id = ?2, since = ?3";
        self.sql.prepare_cached(upsert)?.execute((protocol, version.0, self.at_ms()))?;
        Ok(())
    }

    /// New patients are put on that protocol no more; a shipped one of the name counts again. Returns whether it was one
    /// of the clinic's own.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn take_out_of_force(&mut self, protocol: &str) -> Result<bool, StoreError> {
        let gone = "DELETE FROM protocol_in_force WHERE protocol = ?";
        Ok(self.sql.prepare_cached(gone)?.execute([protocol])? == 1)
    }

    /// Records a signature. Returns whether the account had not signed that version before.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn sign_version(
        &mut self,
        version: ProtocolVersionId,
        sign_off: &ProtocolSignOff,
    ) -> Result<bool, StoreError> {
        let insert = "INSERT INTO protocol_sign_off (protocol_version_id, signed_at, signed_by, role) VALUES (?, ?, ?, ?) \
                      ON CONFLICT DO NOTHING";
        let row = (version.0, sign_off.at.as_millisecond(), &sign_off.by, sign_off.role.word());
        Ok(self.sql.prepare_cached(insert)?.execute(row)? == 1)
    }
}

impl View<'_> {
    /// The version in force of each of the clinic's own protocols; `None` where the row names one that is not on record: a person is
    /// told of the row.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn own_in_force(&self) -> Result<BTreeMap<String, Option<ProtocolVersionId>>, StoreError> {
        let ask = format!("{IN_FORCE} ORDER BY f.protocol");
        let read = |row: &Row<'_>| match self.noted(version_in_force(row)) {
            Ok(version) => Ok((row.get(0)?, Some(version))),
            Err(fault) if fault.is_unreadable() => Ok((shown(row, 0)?, None)),
            Err(fault) => Err(fault),
        };
        Ok(self.all(&ask, [], read)?.into_iter().collect())
    }

    /// Who signed a version, the first first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn sign_offs(&self, version: ProtocolVersionId) -> Result<Vec<ProtocolSignOff>, StoreError> {
        let ask = "SELECT signed_by, role, signed_at FROM protocol_sign_off WHERE protocol_version_id = ? ORDER BY id";
        self.readable(ask, [version.0], |r| {
            let role = StaffRole::parse(&r.get::<_, String>(1)?);
            let role = role.ok_or_else(|| StoreError::corrupt("role"))?;
            Ok(ProtocolSignOff { by: r.get(0)?, role, at: instant(r.get(2)?) })
        })
    }
}

/// The question whose rows [`version_in_force`] reads.
pub(in crate::store) const IN_FORCE: &str = "SELECT f.protocol, v.id FROM protocol_in_force f LEFT JOIN protocol_version v ON v.id = f.protocol_version_id";

pub(in crate::store) fn version_in_force(row: &Row<'_>) -> Result<ProtocolVersionId, StoreError> {
    of_row("protocol_in_force", row, 0, || {
        let version: Option<i64> = row.get(1)?;
        version.map(ProtocolVersionId).ok_or_else(|| StoreError::corrupt("a version that is not on record"))
    })
}
