//! The audit: one event per change, chained by hash so that a missing or altered one shows (P12).

use rusqlite::OptionalExtension;
use sha2::{Digest, Sha256};

use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::subject::Subject;

/// One event of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// Position in the chain, from 1 without gaps.
    pub id: i64,
    /// Milliseconds since 1970 UTC.
    pub at: i64,
    /// Who acted: `daemon`, `patient`, `visitor`, `cli:NAME` or `staff:NAME`.
    pub actor: String,
    /// What was done, e.g. `delivery.sent`; kept as written, so that the hash holds for a name of another version too.
    pub action: String,
    /// To what, e.g. `delivery/17`; ids and case codes only.
    pub subject: String,
    /// Further facts as JSON; no personal data.
    pub detail: String,
    /// SHA-256 over the previous hash and this row.
    pub hash: Vec<u8>,
}

impl AuditEvent {
    /// What was done; `None` for a name that this version does not know.
    #[must_use]
    pub fn known_action(&self) -> Option<AuditAction> {
        AuditAction::of_name(&self.action)
    }

    /// The hash this event must have after `previous`: SHA-256 over the previous hash and the fields, each preceded by
    /// its length in decimal and a colon, so that an auditor can recompute it with standard tools.
    #[must_use]
    pub fn chained(&self, previous: &[u8]) -> Vec<u8> {
        let (id, at) = (self.id.to_string(), self.at.to_string());
        let mut fields = String::with_capacity(256);
        for field in [id.as_str(), at.as_str(), &self.actor, &self.action, &self.subject, &self.detail] {
            fields.extend([&field.len().to_string(), ":", field]);
        }
        Sha256::new().chain_update(previous).chain_update(fields).finalize().to_vec()
    }
}

impl Tx<'_> {
    /// Appends one event to the chain.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn audit(
        &mut self,
        action: AuditAction,
        subject: impl Into<Subject>,
        detail: &serde_json::Value,
    ) -> Result<(), StoreError> {
        let (id, previous) = self.last_event()?;
        let mut event = AuditEvent {
            id: id + 1,
            at: self.at_ms(),
            actor: self.actor().word(),
            action: action.name().to_owned(),
            subject: subject.into().to_string(),
            detail: detail.to_string(),
            hash: Vec::new(),
        };
        event.hash = event.chained(&previous);
        let insert = "INSERT INTO audit_event (id, at, actor, action, subject, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?)";
        self.sql.prepare_cached(insert)?.execute((
            event.id,
            event.at,
            &event.actor,
            &event.action,
            &event.subject,
            &event.detail,
            &event.hash,
        ))?;
        self.head.0.replace(Some((event.id, event.hash)));
        Ok(())
    }

    fn last_event(&self) -> Result<(i64, Vec<u8>), StoreError> {
        if let Some(known) = self.head.0.take() {
            return Ok(known);
        }
        let last = "SELECT id, hash FROM audit_event ORDER BY id DESC LIMIT 1";
        // A hash that cannot be read breaks the chain for whoever verifies it, but stops nobody from recording what happens.
        let hash = |r: &rusqlite::Row<'_>| {
            Ok::<Vec<u8>, rusqlite::Error>(r.get_ref(1)?.as_bytes().map(<[u8]>::to_vec).unwrap_or_default())
        };
        let found = self.sql.prepare_cached(last)?.query_row([], |r| Ok((r.get(0)?, hash(r)?)));
        Ok(found.optional()?.unwrap_or_default())
    }

    /// Takes a fact about this database itself back.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn clear_fact(&mut self, name: &str) -> Result<(), StoreError> {
        self.sql.prepare_cached("DELETE FROM fact WHERE name = ?")?.execute([name])?;
        Ok(())
    }

    /// Records a fact about this database itself.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn set_fact(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        let upsert = "INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.sql.prepare_cached(upsert)?.execute((name, value))?;
        Ok(())
    }
}

impl View<'_> {
    /// A fact about this database itself.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn fact(&self, name: &str) -> Result<Option<String>, StoreError> {
        let ask = "SELECT value FROM fact WHERE name = ?";
        Ok(self.sql.prepare_cached(ask)?.query_row([name], |r| r.get(0)).optional()?)
    }

    /// The newest events, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn last_events(&self, limit: u32) -> Result<Vec<AuditEvent>, StoreError> {
        let ask =
            "SELECT id, at, actor, action, subject, detail, hash FROM audit_event ORDER BY id DESC LIMIT ?";
        self.readable(ask, [limit], |r| of_row("audit_event", r, 0, || Ok(event(r)?)))
    }

    /// Walks the chain in order, handing each event to `visit` until it returns an error.
    ///
    /// # Errors
    /// The visitor's error, or [`StoreError`].
    pub fn each_event<E: From<StoreError>>(
        &self,
        mut visit: impl FnMut(AuditEvent) -> Result<(), E>,
    ) -> Result<(), E> {
        let all = "SELECT id, at, actor, action, subject, detail, hash FROM audit_event ORDER BY id";
        let mut statement = self.sql.prepare_cached(all).map_err(StoreError::from)?;
        let mut rows = statement.query([]).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            let read = of_row("audit_event", row, 0, || Ok(event(row)?));
            match self.noted(read) {
                Ok(event) => visit(event)?,
                // The chain misses it, and says so.
                Err(fault) if fault.is_unreadable() => {
                    tracing::error!(%fault, "the audit goes on without it")
                }
                Err(fault) => return Err(fault.into()),
            }
        }
        Ok(())
    }
}

pub(in crate::store) fn event(row: &rusqlite::Row<'_>) -> rusqlite::Result<AuditEvent> {
    Ok(AuditEvent {
        id: row.get(0)?,
        at: row.get(1)?,
        actor: row.get(2)?,
        action: row.get(3)?,
        subject: row.get(4)?,
        detail: row.get(5)?,
        hash: row.get(6)?,
    })
}

/// A chain as far as it was checked, from its first event on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain {
    /// Number of the last event that fits; 0 before the first.
    pub last: i64,
    /// Hash of that event, over which the next one is chained; empty before the first.
    pub hash: Vec<u8>,
    /// When the first of them was, in milliseconds since 1970; `None` before it.
    pub since: Option<i64>,
    /// The latest instant any of them names, in milliseconds since 1970.
    at: Option<i64>,
    /// A hash that was the last one once, and has not been met yet.
    sought: Option<Vec<u8>>,
}

impl Chain {
    /// A chain that must hold this hash, which was its last one once: who cuts events off its end cannot keep it.
    #[must_use]
    pub fn with_head(head: Vec<u8>) -> Self {
        Self { sought: Some(head), ..Self::default() }
    }

    /// Adds the next event.
    ///
    /// # Errors
    /// [`StoreError`] when it does not fit: one is missing, or it was altered.
    pub fn add(&mut self, event: AuditEvent) -> Result<(), StoreError> {
        if event.id != self.last + 1 {
            return Err(StoreError::other(format!("audit event {} is missing", self.last + 1)));
        }
        if event.chained(&self.hash) != event.hash {
            return Err(StoreError::other(format!("audit event {} was altered", event.id)));
        }
        self.sought.take_if(|head| *head == event.hash);
        self.since.get_or_insert(event.at);
        self.at = self.at.max(Some(event.at));
        (self.last, self.hash) = (event.id, event.hash);
        Ok(())
    }

    /// The whole chain, when no more events come.
    ///
    /// # Errors
    /// [`StoreError`] when a head it must hold was not met.
    pub fn ended(self) -> Result<Self, StoreError> {
        match &self.sought {
            None => Ok(self),
            Some(head) => {
                let head = data_encoding::HEXLOWER.encode(head);
                Err(StoreError::other(format!(
                    "the audit has {} events and none with the hash {head}: its end was cut off, or it was written anew",
                    self.last
                )))
            }
        }
    }
}

/// A table whose changes leave their instant in their own row, each with one event in the same transaction.
struct Traced {
    table: &'static str,
    /// The latest instant that its rows name.
    latest: &'static str,
}

const TRACED: [Traced; 4] = [
    Traced {
        table: "patient",
        latest: "SELECT max(status_at) FROM patient WHERE reference <> 'aftercare-canary'",
    },
    Traced { table: "delivery", latest: "SELECT max(ended_at) FROM delivery" },
    Traced { table: "task", latest: "SELECT max(max(opened_at), coalesce(max(closed_at), 0)) FROM task" },
    Traced {
        table: "alert",
        latest: "SELECT max(max(raised_at), coalesce(max(acknowledged_at), 0), coalesce(max(closed_at), 0)) FROM alert",
    },
];

impl Traced {
    /// In milliseconds; none in a table that is not there, as in the backup of an older version.
    fn latest(&self, view: &View<'_>) -> Result<Option<i64>, StoreError> {
        if !view.has_table(self.table)? {
            return Ok(None);
        }
        Ok(view.sql.query_row(self.latest, [], |r| r.get(0))?)
    }
}

/// Checks the chain and gives the number of events and the last hash.
///
/// # Errors
/// [`StoreError`] naming the first event that does not fit, or a record younger than the last event: its own is missing.
pub fn verify(view: &View<'_>) -> Result<Chain, StoreError> {
    verify_from(view, Chain::default())
}

/// The same from a chain made with [`Chain::with_head`].
///
/// # Errors
/// As [`verify`], and as [`Chain::ended`].
pub fn verify_from(view: &View<'_>, chain: Chain) -> Result<Chain, StoreError> {
    verify_telling(view, chain, &|_| ())
}

/// The same, and tells how far it is after each event that fits.
///
/// # Errors
/// As [`verify_from`].
pub fn verify_telling(view: &View<'_>, mut chain: Chain, tell: &dyn Fn(i64)) -> Result<Chain, StoreError> {
    // Asked first: whatever is recorded while the chain is walked has its event still ahead.
    let traces = TRACED.iter().map(|traced| traced.latest(view)).collect::<Result<Vec<_>, _>>()?;
    view.each_event(|event| {
        chain.add(event)?;
        tell(chain.last);
        Ok::<_, StoreError>(())
    })?;
    for (Traced { table, .. }, at) in TRACED.iter().zip(traces) {
        if at > chain.at {
            let text = format!(
                "the audit ends with event {}, and a {table} changed after it: its end was cut off",
                chain.last
            );
            return Err(StoreError::other(text));
        }
    }
    chain.ended()
}
