//! One line of the journal: an event as the audit has it, and what a restore must know of the letters in it. No name, no
//! address and no case code stands there: patients and promises are digests under a key that only the database has.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::store::audit::AuditEvent;

/// How many hexadecimal digits of the sum end a line.
const SUM: usize = 16;

/// A letter as it was taken in hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalLetter {
    /// Its row in the database that wrote the journal.
    pub delivery: i64,
    /// The digests of the promises it holds; empty for one that holds none, such as a new link.
    pub promises: Vec<String>,
}

/// One event of the audit, with what the audit does not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalLine {
    /// The event, its hash included, so that a line proves where it belongs.
    pub event: AuditEvent,
    /// The digest of the case code of the patient it is about, where it is about one.
    pub who: Option<String>,
    /// Letters to patients that this event took in hand.
    pub letters: Vec<JournalLetter>,
}

/// How a line is written.
#[derive(Serialize, Deserialize)]
struct WrittenLine {
    id: i64,
    at: i64,
    actor: String,
    action: String,
    subject: String,
    detail: String,
    hash: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    who: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    letters: Vec<JournalLetter>,
}

impl JournalLine {
    /// The line as it is appended: JSON, a blank, a sum over the JSON, a line feed.
    #[must_use]
    pub fn text(&self) -> String {
        let AuditEvent { id, at, actor, action, subject, detail, hash } = self.event.clone();
        let hash = data_encoding::HEXLOWER.encode(&hash);
        let (who, letters) = (self.who.clone(), self.letters.clone());
        let written = WrittenLine { id, at, actor, action, subject, detail, hash, who, letters };
        let json = serde_json::to_string(&written).unwrap_or_default();
        format!("{json} {}\n", sum(&json))
    }

    /// Reads a line without its line feed; `None` for one that was torn or altered.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (json, written) = text.rsplit_once(' ')?;
        if sum(json) != written {
            return None;
        }
        let line: WrittenLine = serde_json::from_str(json).ok()?;
        let hash = data_encoding::HEXLOWER.decode(line.hash.as_bytes()).ok()?;
        let WrittenLine { id, at, actor, action, subject, detail, who, letters, .. } = line;
        let event = AuditEvent { id, at, actor, action, subject, detail, hash };
        Some(Self { event, who, letters })
    }
}

fn sum(json: &str) -> String {
    let mut sum = data_encoding::HEXLOWER.encode(&Sha256::digest(json));
    sum.truncate(SUM);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> JournalLine {
        let event = AuditEvent {
            id: 7,
            at: 1_000,
            actor: "daemon".to_owned(),
            action: "delivery.claimed".to_owned(),
            subject: "outbox".to_owned(),
            detail: "{\"deliveries\":[3]}".to_owned(),
            hash: vec![1, 2, 255],
        };
        let letters = vec![JournalLetter { delivery: 3, promises: vec!["ab".to_owned()] }];
        JournalLine { event, who: Some("cd".to_owned()), letters }
    }

    #[test]
    fn a_line_is_read_as_it_was_written_and_not_if_a_byte_is_missing_or_another() {
        let text = line().text();
        let text = text.strip_suffix('\n').unwrap();
        assert_eq!(JournalLine::parse(text), Some(line()));
        for cut in 0..text.len() {
            assert_eq!(JournalLine::parse(&text[..cut]), None, "{cut}");
        }
        assert_eq!(JournalLine::parse(&text.replace("[3]", "[4]")), None);
        assert_eq!(JournalLine::parse(&text.replace("\"ab\"", "\"ac\"")), None);
    }
}
