//! A letter as the ledger has it, and the words of its columns.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Row;

use crate::care::delivery::{Arrival, DeliveryState};
use crate::care::patient::{Patient, PatientId};
use crate::care::plan::protocol::OnUnknown;
use crate::store::db::columns::{date, instant};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::plan::protocols::WordingId;
use crate::store::subject::Subject;

/// Row identity of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId(pub i64);

impl From<DeliveryId> for Subject {
    fn from(id: DeliveryId) -> Self {
        Self::Delivery(id.0)
    }
}

/// Why a letter exists; its word stands in SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// What the plan promises; one a patient and day.
    Reminders,
    /// News she or staff caused just now (booked, moved, called off, new link).
    Notice,
    /// To staff: a worrying answer.
    Alert,
    /// To staff: what waits.
    Digest,
    /// The daily test of the whole chain.
    Canary,
}

impl Purpose {
    /// Every purpose, most urgent first: the order in which letters leave.
    pub const ALL: [Self; 5] = [Self::Alert, Self::Canary, Self::Notice, Self::Reminders, Self::Digest];

    /// The word in SQL and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Canary => "canary",
            Self::Notice => "notice",
            Self::Reminders => "reminders",
            Self::Digest => "digest",
        }
    }

    /// Lower leaves first: staff alerts before patients.
    #[must_use]
    pub const fn priority(self) -> u8 {
        match self {
            Self::Alert => 0,
            Self::Canary => 1,
            Self::Notice => 2,
            Self::Reminders => 3,
            Self::Digest => 4,
        }
    }

    /// The purpose of that word; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.word() == word)
    }
}

/// A letter about to enter the outbox.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// The patient; `None` for staff.
    pub patient: Option<PatientId>,
    /// The address of a letter to staff; a patient's is read from her record at the claim.
    pub recipient: Option<String>,
    /// What it is for; decides how soon it leaves.
    pub purpose: Purpose,
    /// The reader's civil day.
    pub local_on: Date,
    /// Not before this instant.
    pub next_at: Timestamp,
    /// Not after this instant.
    pub expires_at: Timestamp,
    /// What to do when its fate is unknown.
    pub on_unknown: OnUnknown,
    /// What it says, when that is known at once (staff letters, notices without a reminder).
    pub inputs: Option<String>,
}

/// A letter as the ledger has it.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Its row: the number by which ledger, tasks and commands name the letter.
    pub id: DeliveryId,
    /// The patient; `None` for staff.
    pub patient: Option<PatientId>,
    /// What it is for; decides how soon it leaves.
    pub purpose: Purpose,
    /// The reader's civil day.
    pub local_on: Date,
    /// Where it is on its trip through the outbox, or how that ended.
    pub state: DeliveryState,
    /// Why, where that needs a reason.
    pub reason: Option<String>,
    /// Not before, while pending.
    pub next_at: Option<Timestamp>,
    /// When its use is over: it lapses if it has not left by then.
    pub expires_at: Timestamp,
    /// How often it was claimed; the fence.
    pub attempt: u32,
    /// How often its fate was unknown.
    pub doubts: u32,
    /// When it was unknown first.
    pub in_doubt_at: Option<Timestamp>,
    /// What to do when its fate is unknown.
    pub on_unknown: OnUnknown,
    /// The Message-ID, once claimed.
    pub message_id: Option<String>,
    /// The address: a patient's once claimed, that of staff from the start.
    pub recipient: Option<String>,
    /// The words in force, once claimed.
    pub wording: Option<WordingId>,
    /// What it says, as JSON; known once claimed, or from the start if it carries no promise.
    pub inputs: Option<String>,
    /// SHA-256 of the message as it left; `None` while none was handed over.
    pub digest: Option<Vec<u8>>,
    /// The Date header: the first claim's instant.
    pub first_tried_at: Option<Timestamp>,
    /// When it came to its present end; `None` while pending or claimed.
    pub ended_at: Option<Timestamp>,
    /// The last reply's code.
    pub reply_code: Option<u16>,
    /// The last reply's words.
    pub reply_text: Option<String>,
}

impl Delivery {
    /// Whether it goes to a patient who lives; the canary's is answered by ourselves.
    #[must_use]
    pub fn is_to_patient(&self) -> bool {
        self.patient.is_some() && self.purpose != Purpose::Canary
    }

    /// Whether it reached its reader, where its state alone does not tell.
    #[must_use]
    pub const fn arrival(&self) -> Option<Arrival> {
        Arrival::of(self.state, self.doubts)
    }

    /// The letter as a worker takes it in hand: the next attempt; the first one's instant stays its date.
    #[must_use]
    pub fn in_hand(self, now: Timestamp) -> Self {
        Self {
            state: DeliveryState::Claimed,
            next_at: None,
            attempt: self.attempt + 1,
            first_tried_at: self.first_tried_at.or(Some(now)),
            ..self
        }
    }
}

/// A letter whose instant has come, with what is asked of every such letter.
#[derive(Debug, Clone)]
pub struct DueLetter {
    /// The pending letter, before the next attempt seals what it says.
    pub letter: Delivery,
    /// Whom it is for; `None` for staff.
    pub patient: Option<Patient>,
    /// Whether no other letter waits for the same reader.
    pub is_alone: bool,
}

/// Where a letter goes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextStep {
    /// It ended, with a reason for all but `sent`.
    Ended(String),
    /// Again at this instant.
    Again(Timestamp),
}

impl NextStep {
    /// Why it ended; empty where it did not.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Ended(reason) => reason,
            Self::Again(_) => "",
        }
    }
}

/// Where [`COLUMNS`] come from.
pub(in crate::store) const TABLES: &str = "delivery d LEFT JOIN sealed s ON s.delivery_id = d.id";
/// What [`delivery`] reads, in its order.
pub(in crate::store) const COLUMNS: &str = "d.id, d.patient_id, d.purpose, d.local_on, d.state, d.reason, d.next_at, \
    d.expires_at, d.attempt, d.doubts, d.on_unknown, d.message_id, s.recipient, d.wording_id, s.inputs, d.digest, \
    d.first_tried_at, d.ended_at, d.reply_code, d.reply_text, d.in_doubt_at";
/// How many [`COLUMNS`] there are.
pub(in crate::store) const WIDTH: usize = 21;

pub(in crate::store) const fn on_unknown_word(rule: OnUnknown) -> &'static str {
    match rule {
        OnUnknown::Resend => "resend",
        OnUnknown::Hold => "hold",
    }
}

pub(in crate::store) fn delivery(row: &Row<'_>) -> Result<Delivery, StoreError> {
    of_row("delivery", row, 0, || {
        let (purpose, state): (String, String) = (row.get(2)?, row.get(4)?);
        let on_unknown: String = row.get(10)?;
        Ok(Delivery {
            id: DeliveryId(row.get(0)?),
            patient: row.get::<_, Option<i64>>(1)?.map(PatientId),
            purpose: Purpose::parse(&purpose).ok_or_else(|| StoreError::corrupt("purpose"))?,
            local_on: date(&row.get::<_, String>(3)?)?,
            state: DeliveryState::parse(&state).ok_or_else(|| StoreError::corrupt("letter state"))?,
            reason: row.get(5)?,
            next_at: row.get::<_, Option<i64>>(6)?.map(instant),
            expires_at: instant(row.get(7)?),
            attempt: row.get(8)?,
            doubts: row.get(9)?,
            on_unknown: match on_unknown.as_str() {
                "hold" => OnUnknown::Hold,
                "resend" => OnUnknown::Resend,
                _ => return Err(StoreError::corrupt("what becomes of a letter in doubt")),
            },
            message_id: row.get::<_, Option<String>>(11)?.filter(|m| !m.is_empty()),
            recipient: row.get(12)?,
            wording: row.get::<_, Option<i64>>(13)?.map(WordingId),
            inputs: row.get(14)?,
            digest: row.get(15)?,
            first_tried_at: row.get::<_, Option<i64>>(16)?.map(instant),
            ended_at: row.get::<_, Option<i64>>(17)?.map(instant),
            reply_code: row.get(18)?,
            reply_text: row.get(19)?,
            in_doubt_at: row.get::<_, Option<i64>>(20)?.map(instant),
        })
    })
}
