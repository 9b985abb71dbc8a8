//! Who acts for a patient: one row for each time somebody did. A row is never changed but by its end, or by a mail server that
//! refuses its address.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Row;

use crate::care::address::EmailAddress;
use crate::care::patient::{PatientId, PreferredName, Proxy, ProxyId};
use crate::care::record::proxy::NewProxy;
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{date, instant, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;

/// How somebody's acting for her ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyEnd {
    /// The instant at which it ended.
    pub at: Timestamp,
    /// Who ended it: an actor.
    pub by: String,
    /// Why, in words for staff.
    pub reason: String,
}

/// Somebody who acts for a patient, or did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyOnRecord {
    /// The row that says who it is.
    pub id: ProxyId,
    /// Who it is, and who agreed.
    pub told: NewProxy,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who recorded it: an actor.
    pub recorded_by: String,
    /// When a mail server refused the address for good.
    pub refused_at: Option<Timestamp>,
    /// How it ended; `None` while it goes on.
    pub end: Option<ProxyEnd>,
}

/// Somebody who acts for a patient, by mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProxyMailbox {
    /// The row that says who it is.
    pub proxy: ProxyId,
    /// The patient whose letters go there.
    pub patient: PatientId,
    /// Whether a mail server refused the mailbox for good.
    pub is_refused: bool,
}

const COLUMNS: &str = "id, name, relation, email, language, consent_by, consent_on, until, recorded_at, recorded_by, refused_at, \
                       ended_at, ended_by, end_reason";

/// Where letters about a patient `p` go; nowhere, where whoever acts for her has an address that was refused.
pub(in crate::store) const LETTERS_TO: &str = "CASE WHEN EXISTS (SELECT 1 FROM patient_proxy x WHERE x.patient_id = p.id \
                       AND x.ended_at IS NULL) THEN (SELECT x.email FROM patient_proxy x WHERE x.patient_id = p.id \
                       AND x.ended_at IS NULL AND x.refused_at IS NULL) ELSE p.email END";

/// Those with this mailbox who act for a patient, and whether it was refused.
const BEHIND: &str = "SELECT id, patient_id, refused_at IS NOT NULL FROM patient_proxy WHERE email = ? COLLATE NOCASE \
                      AND ended_at IS NULL";
/// Whoever's last agreed day lies before that day.
const OVER: &str = "SELECT patient_id FROM patient_proxy WHERE ended_at IS NULL AND until IS NOT NULL AND until < ? LIMIT 500";

impl View<'_> {
    /// Everybody who acts for a patient or did, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn proxies_of(&self, patient: PatientId) -> Result<Vec<ProxyOnRecord>, StoreError> {
        let ask =
            format!("SELECT {COLUMNS} FROM patient_proxy WHERE patient_id = ? ORDER BY id DESC LIMIT 50");
        self.all(&ask, [patient.0], on_record)
    }

    /// Somebody who acts for a patient, or did.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is none.
    pub fn proxy(&self, id: ProxyId) -> Result<ProxyOnRecord, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM patient_proxy WHERE id = ?");
        self.one(&ask, [id.0], on_record)?.ok_or_else(|| StoreError::not_found("proxy"))
    }

    /// Patients for whom somebody acts whose last agreed day lies before that day; at most 500.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn proxies_over(&self, day: Date) -> Result<Vec<PatientId>, StoreError> {
        rows(self.sql, OVER, [day.to_string()], |row| Ok(PatientId(row.get(0)?)))
    }

    /// Whoever acts for a patient and has that mailbox.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn proxies_at(&self, mailbox: &str) -> Result<Vec<ProxyMailbox>, StoreError> {
        let row = |row: &Row<'_>| {
            Ok(ProxyMailbox {
                proxy: ProxyId(row.get(0)?),
                patient: PatientId(row.get(1)?),
                is_refused: row.get(2)?,
            })
        };
        rows(self.sql, BEHIND, [mailbox], row)
    }
}

impl Tx<'_> {
    /// Somebody acts for her from now on.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` when somebody does already.
    pub fn record_proxy(&mut self, patient: PatientId, new: &NewProxy) -> Result<ProxyId, StoreError> {
        let insert = "INSERT INTO patient_proxy (patient_id, name, relation, email, language, consent_by, consent_on, until, \
                      recorded_at, recorded_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        self.sql.prepare_cached(insert)?.execute((
            patient.0,
            new.name.expose(),
            new.relation.trim(),
            new.email.expose(),
            &new.language,
            new.consent_by.trim(),
            new.consent_on.to_string(),
            new.until.map(|until| until.to_string()),
            self.at_ms(),
            self.actor().word(),
        ))?;
        let id = ProxyId(self.sql.last_insert_rowid());
        let detail = serde_json::json!({ "proxy": id.0, "until": new.until.map(|until| until.to_string()) });
        self.audit(AuditAction::ProxyRecorded, patient, &detail)?;
        Ok(id)
    }

    /// Nobody acts for her any more; the reason stands with the row, not in the audit.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails, or it ended already.
    pub fn end_proxy(&mut self, patient: PatientId, id: ProxyId, reason: &str) -> Result<(), StoreError> {
        let update = "UPDATE patient_proxy SET ended_at = ?, ended_by = ?, end_reason = ? WHERE id = ?";
        self.sql.prepare_cached(update)?.execute((self.at_ms(), self.actor().word(), reason, id.0))?;
        self.audit(AuditAction::ProxyEnded, patient, &serde_json::json!({ "proxy": id.0 }))
    }

    /// A mail server refused the address of whoever acts for her: no letter leaves there any more.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails, or it ended already.
    pub fn refuse_proxy(&mut self, patient: PatientId, id: ProxyId) -> Result<(), StoreError> {
        let update = "UPDATE patient_proxy SET refused_at = ? WHERE id = ?";
        self.sql.prepare_cached(update)?.execute((self.at_ms(), id.0))?;
        self.audit(AuditAction::ProxyRefused, patient, &serde_json::json!({ "proxy": id.0 }))
    }

    /// The refusal of an address was none: letters go there again.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails, or it ended already.
    pub fn restore_proxy(&mut self, patient: PatientId, id: ProxyId) -> Result<(), StoreError> {
        let update = "UPDATE patient_proxy SET refused_at = NULL WHERE id = ?";
        self.sql.prepare_cached(update)?.execute([id.0])?;
        self.audit(AuditAction::ProxyRestored, patient, &serde_json::json!({ "proxy": id.0 }))
    }
}

/// Whoever acts for her now, from what a patient's row says of it. One whose row is damaged keeps nobody from her record: no
/// letter leaves, neither there nor to her, until it is mended, and the name tells which row that is.
pub(in crate::store) fn in_force(text: &str) -> Result<Proxy, StoreError> {
    told(text).or_else(|fault| {
        let parts: Vec<serde_json::Value> = serde_json::from_str(text).unwrap_or_default();
        let id = parts.first().and_then(serde_json::Value::as_i64).unwrap_or_default();
        tracing::error!(proxy = id, %fault, "who acts for a patient cannot be read: no letter leaves");
        Ok(Proxy {
            id: ProxyId(id),
            name: name_of(&format!("? (patient_proxy/{id})"))?,
            email: email_of("unreadable@invalid.invalid")?,
            language: "en".to_owned(),
            until: None,
            is_refused: true,
        })
    })
}

fn told(text: &str) -> Result<Proxy, StoreError> {
    type Told = (i64, String, String, String, Option<String>, Option<i64>);
    let (id, name, email, language, until, refused): Told =
        serde_json::from_str(text).map_err(|_| StoreError::corrupt("who acts for a patient"))?;
    Ok(Proxy {
        id: ProxyId(id),
        name: name_of(&name)?,
        email: email_of(&email)?,
        language,
        until: until.map(|day| date(&day)).transpose()?,
        is_refused: refused.is_some(),
    })
}

fn name_of(text: &str) -> Result<PreferredName, StoreError> {
    PreferredName::parse(text).map_err(|_| StoreError::corrupt("name of a proxy"))
}

fn email_of(text: &str) -> Result<EmailAddress, StoreError> {
    EmailAddress::parse(text).map_err(|_| StoreError::corrupt("address of a proxy"))
}

fn on_record(row: &Row<'_>) -> Result<ProxyOnRecord, StoreError> {
    of_row("patient_proxy", row, 0, || {
        let text = |at: usize| row.get::<_, String>(at);
        let end: (Option<i64>, Option<String>, Option<String>) = (row.get(11)?, row.get(12)?, row.get(13)?);
        let end = match end {
            (Some(at), Some(by), Some(reason)) => Some(ProxyEnd { at: instant(at), by, reason }),
            _ => None,
        };
        Ok(ProxyOnRecord {
            id: ProxyId(row.get(0)?),
            told: NewProxy {
                name: name_of(&text(1)?)?,
                relation: text(2)?,
                email: email_of(&text(3)?)?,
                language: text(4)?,
                consent_by: text(5)?,
                consent_on: date(&text(6)?)?,
                until: row.get::<_, Option<String>>(7)?.map(|day| date(&day)).transpose()?,
            },
            recorded_at: instant(row.get(8)?),
            recorded_by: text(9)?,
            refused_at: row.get::<_, Option<i64>>(10)?.map(instant),
            end,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_row_of_whoever_acts_for_her_lets_no_letter_leave_and_says_which_it_is() {
        let sound = r#"[7,"Eve","eve@home.example","en",null,null]"#;
        assert!(!in_force(sound).unwrap().is_refused);
        for damaged in
            [r#"[7,"Eve","{rubbish","en",null,null]"#, r#"[7,"Eve","eve@home.example","en","x",null]"#]
        {
            let proxy = in_force(damaged).unwrap();
            assert!(proxy.is_refused && proxy.name.expose().contains("patient_proxy/7"), "{proxy:?}");
        }
        assert!(in_force("{rubbish").unwrap().is_refused);
    }

    use crate::store::database::tests::{fresh, plan};

    #[test]
    fn who_acts_is_found_by_mailbox_and_by_day_through_an_index() {
        let (_dir, store) = fresh();
        for (ask, index) in [(BEHIND, "patient_proxy_mailbox"), (OVER, "patient_proxy_until")] {
            let steps = plan(&store, ask, &["x"]);
            assert!(steps.iter().any(|step| step.contains(index)), "{steps:?}");
        }
    }
}
