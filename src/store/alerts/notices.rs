//! Whom an alert told.

use jiff::Timestamp;
use rusqlite::Row;

use crate::care::alert::escalation::EscalationReason;
use crate::care::alert::rung::Identity;
use crate::store::alerts::lifecycle::AlertId;
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{instant, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::mail::delivery::{DeliveryId, Purpose};

/// How somebody was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// A letter to a rung, or to the owner of the alert.
    Email(DeliveryId),
    /// A signed call, by its row in `webhook_call`.
    Webhook(i64),
    /// The letter to the patient: go now.
    Patient(DeliveryId),
    /// Nobody: the canary's alert.
    Canary,
}

impl Channel {
    /// The word in SQL, in the audit and in the console.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Email(_) => "email",
            Self::Webhook(_) => "webhook",
            Self::Patient(_) => "patient",
            Self::Canary => "canary",
        }
    }
}

/// Why a notice leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeReason {
    /// A rung is told for the first time.
    Rung,
    /// Everyone on the ladder is told.
    Everyone,
    /// Whoever was told is told again.
    Again,
    /// Whoever took the alert on is reminded of it.
    Owner,
}

impl NoticeReason {
    /// The word in SQL and in the audit.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rung => "rung",
            Self::Everyone => "everyone",
            Self::Again => "again",
            Self::Owner => "owner",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Rung, Self::Everyone, Self::Again, Self::Owner].into_iter().find(|why| why.word() == word)
    }
}

impl From<EscalationReason> for NoticeReason {
    fn from(why: EscalationReason) -> Self {
        match why {
            EscalationReason::Rung(_) => Self::Rung,
            EscalationReason::Everyone => Self::Everyone,
            EscalationReason::Again => Self::Again,
        }
    }
}

/// One notice of an alert.
#[derive(Debug, Clone)]
pub struct SentNotice {
    /// Why it left, for the record and the audit.
    pub why: NoticeReason,
    /// How often the ladder of the alert had begun anew by then.
    pub round: u32,
    /// Which rung or owner, as it stood then; `None` for the patient and the clinic's own webhook.
    pub rung: Option<Identity>,
    /// The way it took, with the letter or call that carries it.
    pub channel: Channel,
}

/// A notice as the console shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRow {
    /// When the notice was given; its letter or call may leave later.
    pub told_at: Timestamp,
    /// Why; `None` for a word of another version: whoever was told was told all the same.
    pub why: Option<NoticeReason>,
    /// How often the ladder of the alert had begun anew by then.
    pub round: u32,
    /// How, with the letter or call that carried it.
    pub channel: Channel,
    /// The rung or owner, as it stood then; `None` for the patient and the clinic's own webhook.
    pub rung: Option<Identity>,
}

impl Tx<'_> {
    /// Writes down whom an alert told. Append-only.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn note_notice(&mut self, alert: AlertId, told: &SentNotice) -> Result<(), StoreError> {
        let (delivery, webhook) = match told.channel {
            Channel::Email(id) | Channel::Patient(id) => (Some(id.0), None),
            Channel::Webhook(id) => (None, Some(id)),
            Channel::Canary => (None, None),
        };
        let channel = told.channel.word();
        let insert = "INSERT INTO alert_notice (alert_id, round, why, channel, rung_id, rung, address, delivery_id, webhook_id, \
                      told_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let rung = told.rung.as_ref();
        let name = rung.map(|who| &who.name);
        self.sql.prepare_cached(insert)?.execute((
            alert.0,
            told.round,
            told.why.word(),
            channel,
            rung.and_then(|who| who.id.as_ref()),
            name,
            rung.map(|who| &who.address),
            delivery,
            webhook,
            self.at_ms(),
        ))?;
        let detail = serde_json::json!({ "why": told.why.word(), "channel": channel, "rung": name });
        self.audit(AuditAction::AlertTold, alert, &detail)
    }

    /// A letter goes the way of letters to staff: ahead of all others, and whatever holds letters to patients.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn put_first(&mut self, letter: DeliveryId) -> Result<(), StoreError> {
        let update = "UPDATE delivery SET priority = ? WHERE id = ?";
        self.sql.prepare_cached(update)?.execute((Purpose::Alert.priority(), letter.0))?;
        Ok(())
    }

    /// A letter that waits for its next try leaves at once. Returns whether it waited.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn hurry(&mut self, letter: DeliveryId) -> Result<bool, StoreError> {
        let update = "UPDATE delivery SET next_at = min(next_at, ?) WHERE id = ? AND state = 'pending'";
        Ok(self.sql.prepare_cached(update)?.execute((self.at_ms(), letter.0))? == 1)
    }
}

/// Whether the alert behind delivery `d`, if there is one, still asks for it. A colleague is told of what was handed over in the
/// instant of its entry in the call log, and as long as it is theirs.
pub(in crate::store) fn wanted() -> &'static str {
    "(NOT EXISTS (SELECT 1 FROM alert_notice n WHERE n.delivery_id = d.id) \
     OR EXISTS (SELECT 1 FROM alert_notice n JOIN alert a ON a.id = n.alert_id WHERE n.delivery_id = d.id \
     AND (a.state = 'raised' AND (n.channel = 'patient' OR n.round = a.round AND n.why <> 'owner') \
     OR a.state = 'acknowledged' AND n.why = 'owner' AND (a.owner_told_at IS NOT NULL OR (a.acknowledged_by = 'staff:' || n.rung \
     AND EXISTS (SELECT 1 FROM contact_log c WHERE c.alert_id = a.id AND c.kind = 'handed-over' AND c.logged_at = n.told_at))))))"
}

impl View<'_> {
    /// Whom an alert told, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn notices_of(&self, alert: AlertId) -> Result<Vec<NoticeRow>, StoreError> {
        let ask = "SELECT id, told_at, why, round, channel, delivery_id, webhook_id, rung_id, rung, address \
                   FROM alert_notice WHERE alert_id = ? ORDER BY id";
        self.readable(ask, [alert.0], |r| of_row("alert_notice", r, 0, || notice(r)))
    }

    /// Letters of an alert to a rung, by id or name, that are still in the outbox; with `None` every rung's, and the
    /// patient's own. Newest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn alert_letters_waiting(
        &self,
        alert: AlertId,
        rung: Option<&str>,
    ) -> Result<Vec<DeliveryId>, StoreError> {
        let ask = "SELECT DISTINCT d.id FROM alert_notice n JOIN delivery d ON d.id = n.delivery_id \
                   WHERE n.alert_id = ?1 AND d.state IN ('pending', 'claimed') \
                   AND (?2 IS NULL OR coalesce(n.rung_id, n.rung) = ?2) ORDER BY d.id DESC";
        rows(self.sql, ask, (alert.0, rung), |r| Ok(DeliveryId(r.get(0)?)))
    }

    /// Whether what a letter tells of still asks for it: the alert rings at this tier, or its owner is being
    /// reminded, or told that it was handed over. A letter that tells of no alert is always wanted.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn is_wanted(&self, letter: DeliveryId) -> Result<bool, StoreError> {
        let ask = format!("SELECT {} FROM delivery d WHERE d.id = ?", wanted());
        Ok(rows(self.sql, &ask, [letter.0], |r| r.get(0))?.pop().unwrap_or(true))
    }
}

fn notice(row: &Row<'_>) -> Result<NoticeRow, StoreError> {
    let rung = row.get::<_, Option<String>>(8)?;
    let (id, address): (_, Option<String>) = (row.get(7)?, row.get(9)?);
    Ok(NoticeRow {
        told_at: instant(row.get(1)?),
        why: NoticeReason::parse(&row.get::<_, String>(2)?),
        round: row.get(3)?,
        channel: channel(row)?,
        rung: rung.map(|name| Identity { id, name, address: address.unwrap_or_default() }),
    })
}

fn channel(row: &Row<'_>) -> Result<Channel, StoreError> {
    let lost = || StoreError::corrupt("the way of a notice");
    let letter = || row.get::<_, Option<i64>>(5)?.map(DeliveryId).ok_or_else(lost);
    match row.get::<_, String>(4)?.as_str() {
        "email" => letter().map(Channel::Email),
        "patient" => letter().map(Channel::Patient),
        "webhook" => Ok(Channel::Webhook(row.get::<_, Option<i64>>(6)?.ok_or_else(lost)?)),
        "canary" => Ok(Channel::Canary),
        _ => Err(lost()),
    }
}
