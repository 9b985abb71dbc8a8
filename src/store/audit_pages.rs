//! The audit a page at a time, by who acted, what was done, what it is about and when: however long it is, a page costs as much
//! as a page.

pub mod audit_topic;
pub(in crate::store) mod letter_events;

use jiff::Timestamp;
use rusqlite::OptionalExtension;
use rusqlite::types::Value;

use crate::care::patient::PatientId;
use crate::care::settings::setting::Setting;
use crate::store::audit::{AuditEvent, event};
use crate::store::audit_action::AuditAction;
use crate::store::audit_pages::audit_topic::AuditTopic;
use crate::store::audit_pages::letter_events::{OTHERS, is_of_letters};
use crate::store::db::columns::{millis, rows};
use crate::store::db::transaction::View;
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::row_page::RowPageReader;
use crate::store::subject::Subject;

/// The actor of what the program does by itself.
const PROGRAM: &str = "daemon";

/// What was done, as somebody looks for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum AuditWhat {
    /// Events of any kind at all.
    #[default]
    Anything,
    /// Any event of a topic.
    Topic(AuditTopic),
    /// One kind of event, by its name.
    Event(String),
}

/// What an event is about, as somebody looks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditSubject {
    /// A patient and everything of hers: letters, answers, alerts, tasks, dates.
    Patient(PatientId),
    /// About a setting that staff own.
    Setting(Setting),
    /// About an account of the console.
    Account(String),
}

/// Which events a person looks at, the newest first.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Who acted, by the word as stored.
    pub actor: Option<String>,
    /// What kind of event it is.
    pub what: AuditWhat,
    /// Which record it is about; `None` is any.
    pub about: Option<AuditSubject>,
    /// At that moment or later.
    pub from: Option<Timestamp>,
    /// Only those before that moment.
    pub until: Option<Timestamp>,
    /// Only those that come after this event in the order of the list.
    pub before: Option<i64>,
    /// At most this many.
    pub limit: u32,
}

/// One page of the audit's list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// The events, the newest first.
    pub events: Vec<AuditEvent>,
    /// After which event the next page begins; `None` on the last.
    pub next: Option<i64>,
}

/// A place in the list: when an event was, in milliseconds, and its number.
#[derive(Debug, Clone, Copy)]
struct AuditPlace {
    at_ms: i64,
    id: i64,
}

/// A question in SQL with its values.
struct AuditQuestion {
    sql: String,
    values: Vec<Value>,
}

/// The walk along the hours, which meets every event.
const BY_HOUR: &str = "audit_event INDEXED BY audit_at";
const BY_ACTION: &str = "audit_event INDEXED BY audit_action";
const BY_ACTOR: &str = "audit_event INDEXED BY audit_actor";
const BY_SUBJECT: &str = "audit_event INDEXED BY audit_subject";

/// What is asked of each event, and where it is looked for.
struct Conditions {
    from: &'static str,
    sql: String,
    values: Vec<Value>,
}

/// Everybody whose record is hers by now: her own, and those that ended in it.
const HERS: &str =
    "hers (id) AS (SELECT ?1 UNION ALL SELECT patient_id FROM patient_merge WHERE into_id = ?1)";

/// Whatever of a patient an event may be about, but for letters that left.
const ABOUT_HER: &str = "SELECT 'patient/' || id FROM hers \
     UNION ALL SELECT 'enrolment/' || id FROM enrolment WHERE patient_id IN hers \
     UNION ALL SELECT 'follow-up/' || id FROM follow_up WHERE patient_id IN hers \
     UNION ALL SELECT 'delivery/' || id FROM delivery WHERE patient_id IN hers \
     UNION ALL SELECT 'response/' || id FROM response WHERE patient_id IN hers \
     UNION ALL SELECT 'alert/' || id FROM alert WHERE patient_id IN hers \
     UNION ALL SELECT 'task/' || id FROM task WHERE patient_id IN hers \
     UNION ALL SELECT 'link/' || id FROM link WHERE patient_id IN hers \
     UNION ALL SELECT 'inbound/' || id FROM inbound WHERE patient_id IN hers";

impl Conditions {
    fn and(&mut self, sql: &str, value: impl Into<Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(sql);
        self.values.push(value.into());
    }

    /// The subjects that are looked for, or who acted, or nothing yet: each a walk of its own.
    fn begin(filter: &AuditFilter) -> Vec<Self> {
        match &filter.about {
            Some(AuditSubject::Patient(id)) => Self::about_patient(*id),
            Some(AuditSubject::Setting(setting)) => vec![Self::about(&Subject::Setting(*setting))],
            Some(AuditSubject::Account(name)) => vec![Self::about(&Subject::Staff(name.clone()))],
            None => match &filter.actor {
                Some(actor) if actor != PROGRAM => vec![Self::of(BY_ACTOR, "actor <> 'daemon'")],
                _ => vec![Self::of(BY_HOUR, "at IS NOT NULL")],
            },
        }
    }

    fn of(from: &'static str, sql: &str) -> Self {
        Self { from, sql: sql.to_owned(), values: Vec::new() }
    }

    fn about_patient(id: PatientId) -> Vec<Self> {
        let subjects = format!("{OTHERS} AND subject IN (WITH {HERS} {ABOUT_HER})");
        let letters =
            format!("a.delivery_id IN (WITH {HERS} SELECT id FROM delivery WHERE patient_id IN hers)");
        // Both ask for the same value.
        let about = Self { values: vec![id.0.into()], ..Self::of(BY_SUBJECT, &subjects) };
        vec![about, Self::of(letter_events::SENT_TO_HER, &letters)]
    }

    fn about(subject: &Subject) -> Self {
        let values = vec![subject.to_string().into()];
        Self { values, ..Self::of(BY_SUBJECT, &format!("{OTHERS} AND subject = ?")) }
    }

    /// The walk to one kind of event.
    fn kind(kind: &str) -> Self {
        match is_of_letters(kind) {
            true => Self { values: vec![kind.to_owned().into()], ..Self::of(BY_HOUR, "action = ?") },
            false => {
                let values = vec![kind.to_owned().into()];
                Self { values, ..Self::of(BY_ACTION, &format!("{OTHERS} AND action = ?")) }
            }
        }
    }
}

impl AuditFilter {
    /// One walk for each kind of event where only its index helps, else one walk for all: each ends after a page.
    fn question(&self, kinds: Option<&[String]>, place: AuditPlace) -> AuditQuestion {
        let mut walks = Conditions::begin(self);
        if let Some(kinds) = kinds {
            if walks.iter().all(|walk| walk.from == BY_HOUR) {
                walks = kinds.iter().map(|kind| Conditions::kind(kind)).collect();
            } else {
                let places = vec!["?"; kinds.len()].join(", ");
                for walk in &mut walks {
                    walk.sql.push_str(&format!(" AND action IN ({places})"));
                    walk.values.extend(kinds.iter().cloned().map(Value::from));
                }
            }
        }
        let limit = RowPageReader::new(self.limit).asked();
        let (mut asked, mut values) = (Vec::new(), Vec::new());
        for mut walk in walks {
            self.narrow(&mut walk, place);
            let Conditions { from, sql, values: of_walk } = walk;
            asked.push(format!(
                "SELECT * FROM (SELECT id, at FROM {from} WHERE {sql} ORDER BY at DESC, id DESC LIMIT {limit})"
            ));
            values.extend(of_walk);
        }
        let sql = format!("{} ORDER BY at DESC, id DESC LIMIT {limit}", asked.join(" UNION ALL "));
        AuditQuestion { sql, values }
    }

    /// Whatever is asked of every event, whichever index finds it.
    fn narrow(&self, walk: &mut Conditions, place: AuditPlace) {
        if let Some(actor) = &self.actor {
            walk.and("actor = ?", actor.clone());
        }
        if let Some(from) = self.from {
            walk.and("at >= ?", millis(from));
        }
        if let Some(until) = self.until {
            walk.and("at < ?", millis(until));
        }
        walk.and("(at, id) < (?, ?)", place.at_ms);
        walk.values.push(place.id.into());
    }
}

impl View<'_> {
    /// One page of the events that were asked for.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is no such event to begin after.
    pub fn audit_page(&self, filter: &AuditFilter) -> Result<AuditPage, StoreError> {
        let place = match filter.before {
            Some(id) => AuditPlace { at_ms: self.audit_moment(id)?, id },
            None => AuditPlace { at_ms: i64::MAX, id: i64::MAX },
        };
        let kinds = match &filter.what {
            AuditWhat::Anything => None,
            AuditWhat::Event(action) => Some(vec![action.clone()]),
            AuditWhat::Topic(topic) => Some(self.audit_kinds_of(*topic)?),
        };
        if kinds.as_ref().is_some_and(Vec::is_empty) {
            return Ok(AuditPage { events: Vec::new(), next: None });
        }
        let AuditQuestion { sql, values } = filter.question(kinds.as_deref(), place);
        let read = RowPageReader::new(filter.limit);
        let found =
            rows(self.sql, &sql, rusqlite::params_from_iter(values), |r| read.row(r.get::<_, i64>(0)))?;
        let ids = read.page(found);
        let list = ids.rows.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let whole = format!(
            "SELECT id, at, actor, action, subject, detail, hash FROM audit_event WHERE id IN ({list}) ORDER BY at DESC, id DESC"
        );
        let events = self.readable(&whole, [], |r| of_row("audit_event", r, 0, || Ok(event(r)?)))?;
        Ok(AuditPage { events, next: ids.next().copied() })
    }

    fn audit_moment(&self, id: i64) -> Result<i64, StoreError> {
        let ask = "SELECT at FROM audit_event WHERE id = ?";
        let found = self.sql.prepare_cached(ask)?.query_row([id], |r| r.get(0)).optional()?;
        found.ok_or_else(|| StoreError::not_found(&format!("audit event `{id}`")))
    }

    fn audit_kinds_of(&self, topic: AuditTopic) -> Result<Vec<String>, StoreError> {
        let mut kinds = self.audit_kinds()?;
        kinds.retain(|kind| AuditTopic::of(kind) == topic);
        Ok(kinds)
    }

    /// The kinds of events that are on record, one step along the index for each.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn audit_kinds(&self) -> Result<Vec<String>, StoreError> {
        let ask = format!("SELECT word FROM ({KINDS} UNION ALL {}) ORDER BY word", letter_events::KINDS);
        rows(self.sql, &ask, [], |r| r.get(0))
    }

    /// Whoever ever acted, but for the program itself.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn audit_actors(&self) -> Result<Vec<String>, StoreError> {
        rows(self.sql, ACTORS, [], |r| r.get(0))
    }

    /// How many letters were taken out of the outbox after the event of that number: each has an event of its own.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn skipped_since(&self, event: i64) -> Result<u32, StoreError> {
        let ask = "SELECT count(*) FROM audit_event WHERE id > ? AND +action = ?";
        let values = (event, AuditAction::DeliverySkipped.name());
        Ok(self.sql.prepare_cached(ask)?.query_row(values, |r| r.get(0))?)
    }

    /// How many events there are: the number of the last one.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn audit_size(&self) -> Result<i64, StoreError> {
        let ask = "SELECT coalesce(max(id), 0) FROM audit_event";
        Ok(self.sql.prepare_cached(ask)?.query_row([], |r| r.get(0))?)
    }
}

/// From one kind to the next along their index.
const KINDS: &str = "SELECT word FROM (WITH RECURSIVE one (word) AS \
     (SELECT min(action) FROM audit_event WHERE action <> 'delivery.sent' AND action <> 'delivery.claimed' UNION ALL \
     SELECT (SELECT min(action) FROM audit_event WHERE action <> 'delivery.sent' AND action <> 'delivery.claimed' \
     AND action > one.word) FROM one WHERE one.word IS NOT NULL) SELECT word FROM one WHERE word IS NOT NULL)";

const ACTORS: &str = "WITH RECURSIVE one (word) AS (SELECT min(actor) FROM audit_event WHERE actor <> 'daemon' UNION ALL \
     SELECT (SELECT min(actor) FROM audit_event WHERE actor <> 'daemon' AND actor > one.word) FROM one WHERE one.word IS NOT NULL) \
     SELECT word FROM one WHERE word IS NOT NULL";

#[cfg(test)]
mod tests;
