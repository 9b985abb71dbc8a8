//! Published protocols and wordings: immutable, known by the hash of their content.

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{instant, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::subject::Subject;

/// Row identity of a published protocol version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProtocolVersionId(pub i64);

/// Row identity of a wording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WordingId(pub i64);

/// A published version of a protocol, and how many patients are on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its row, by which enrolments name it.
    pub id: ProtocolVersionId,
    /// Name of the protocol, the same in each of its versions.
    pub protocol: String,
    /// The hash of its content.
    pub version: String,
    /// When this content was first published.
    pub published_at: Timestamp,
    /// Patients whose enrolment under it is active.
    pub patients: u32,
}

impl Tx<'_> {
    /// Publishes a protocol version, or finds it when the same content was published before.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn publish_protocol(
        &mut self,
        protocol: &str,
        version: &str,
        content: &str,
    ) -> Result<ProtocolVersionId, StoreError> {
        if let Some(id) = self.protocol_version_id(protocol, version)? {
            return Ok(id);
        }
        let insert =
            "INSERT INTO protocol_version (protocol, version, content, published_at) VALUES (?, ?, ?, ?)";
        self.sql.prepare_cached(insert)?.execute((protocol, version, content, self.at_ms()))?;
        let id = self.sql.last_insert_rowid();
        self.audit(
            AuditAction::ProtocolPublished,
            Subject::Protocol(protocol.to_owned(), version.to_owned()),
            &serde_json::json!({}),
        )?;
        Ok(ProtocolVersionId(id))
    }

    /// Keeps a wording, or finds it when the same words were kept before.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn keep_wording(&mut self, hash: &str, content: &str) -> Result<WordingId, StoreError> {
        let known = "SELECT id FROM wording WHERE hash = ?";
        if let Some(id) = self.sql.prepare_cached(known)?.query_row([hash], |r| r.get(0)).optional()? {
            return Ok(WordingId(id));
        }
        self.sql
            .prepare_cached("INSERT INTO wording (hash, content) VALUES (?, ?)")?
            .execute((hash, content))?;
        let id = WordingId(self.sql.last_insert_rowid());
        self.audit(AuditAction::WordingKept, Subject::Wording(hash.to_string()), &serde_json::json!({}))?;
        Ok(id)
    }
}

/// Counted in an index alone: lists of protocols are looked at all day.
const VERSIONS: &str = "SELECT v.id, v.protocol, v.version, v.published_at, (SELECT count(*) FROM enrolment e INDEXED BY enrolment_counted \
     WHERE e.state = 'active' AND e.protocol = v.protocol AND e.protocol_version_id = v.id) FROM protocol_version v \
     ORDER BY v.protocol, v.id DESC";

/// From one name to the next in an index, however many patients are on each.
const IN_USE: &str = "WITH RECURSIVE names(protocol) AS (SELECT min(protocol) FROM enrolment WHERE state = 'active' UNION ALL \
     SELECT (SELECT min(e.protocol) FROM enrolment e WHERE e.state = 'active' AND e.protocol > n.protocol) FROM names n \
     WHERE n.protocol IS NOT NULL) SELECT protocol FROM names WHERE protocol IS NOT NULL ORDER BY protocol";

impl View<'_> {
    /// The row of a published version.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn protocol_version_id(
        &self,
        protocol: &str,
        version: &str,
    ) -> Result<Option<ProtocolVersionId>, StoreError> {
        let ask = "SELECT id FROM protocol_version WHERE protocol = ? AND version = ?";
        let found = self.sql.prepare_cached(ask)?.query_row((protocol, version), |r| r.get(0)).optional()?;
        Ok(found.map(ProtocolVersionId))
    }

    /// Name and content of a published version.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is none.
    pub fn protocol_content(&self, id: ProtocolVersionId) -> Result<(String, String), StoreError> {
        let ask = "SELECT protocol, content, id FROM protocol_version WHERE id = ?";
        let read = |r: &rusqlite::Row<'_>| of_row("protocol_version", r, 2, || Ok((r.get(0)?, r.get(1)?)));
        self.one(ask, [id.0], read)?.ok_or_else(|| StoreError::not_found("protocol version"))
    }

    /// A published version as what an event is about.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is none.
    pub fn protocol_subject(&self, id: ProtocolVersionId) -> Result<Subject, StoreError> {
        let ask = "SELECT protocol, version FROM protocol_version WHERE id = ?";
        let read = |r: &rusqlite::Row<'_>| Ok(Subject::Protocol(r.get(0)?, r.get(1)?));
        self.one(ask, [id.0], read)?.ok_or_else(|| StoreError::not_found("protocol version"))
    }

    /// Every published version with how many patients are on it, by name, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn protocol_versions(&self) -> Result<Vec<Version>, StoreError> {
        let version = |r: &rusqlite::Row<'_>| {
            Ok(Version {
                id: ProtocolVersionId(r.get(0)?),
                protocol: r.get(1)?,
                version: r.get(2)?,
                published_at: instant(r.get(3)?),
                patients: r.get(4)?,
            })
        };
        self.readable(VERSIONS, [], |r| of_row("protocol_version", r, 0, || version(r)))
    }

    /// Names of the protocols somebody is on.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn protocols_in_use(&self) -> Result<Vec<String>, StoreError> {
        rows(self.sql, IN_USE, [], |r| r.get(0))
    }

    /// The content of a wording.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is none.
    pub fn wording(&self, id: WordingId) -> Result<String, StoreError> {
        let ask = "SELECT content FROM wording WHERE id = ?";
        Ok(self.sql.prepare_cached(ask)?.query_row([id.0], |r| r.get(0))?)
    }
}
