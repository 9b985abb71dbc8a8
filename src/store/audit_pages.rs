//! The audit a page at a time, by who acted, what was done, what it is about and when: however long it is, a page costs as much
//! as a page.

pub mod audit_topic;

use jiff::Timestamp;
use rusqlite::OptionalExtension;
use rusqlite::types::Value;

use crate::care::patient::PatientId;
use crate::care::settings::setting::Setting;
use crate::store::audit::{AuditEvent, event};
use crate::store::audit_pages::audit_topic::AuditTopic;
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

/// What is asked of each event, and the index that answers it.
struct Conditions {
    index: &'static str,
    sql: String,
    values: Vec<Value>,
}

/// Whatever of a patient an event may be about, under her own record and those that ended in it.
const HERS: &str = "WITH hers (id) AS (SELECT ?1 UNION ALL SELECT patient_id FROM patient_merge WHERE into_id = ?1) \
     SELECT 'patient/' || id FROM hers \
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

    /// The subjects that are looked for, or who acted, or nothing yet.
    fn begin(filter: &AuditFilter) -> Self {
        match &filter.about {
            Some(AuditSubject::Patient(id)) => Self {
                index: "audit_subject",
                sql: format!("subject IN ({HERS})"),
                values: vec![id.0.into()],
            },
            Some(AuditSubject::Setting(setting)) => Self::about(&Subject::Setting(*setting)),
            Some(AuditSubject::Account(name)) => Self::about(&Subject::Staff(name.clone())),
            None => match &filter.actor {
                Some(actor) if actor != PROGRAM => {
                    Self { index: "audit_actor", sql: "actor <> 'daemon'".to_owned(), values: Vec::new() }
                }
                _ => Self { index: "audit_at", sql: "at IS NOT NULL".to_owned(), values: Vec::new() },
            },
        }
    }

    fn about(subject: &Subject) -> Self {
        let values = vec![subject.to_string().into()];
        Self { index: "audit_subject", sql: "subject = ?".to_owned(), values }
    }
}

impl AuditFilter {
    /// One walk for each kind of event where only its index helps, else one walk for all: each ends after a page.
    fn question(&self, kinds: Option<&[String]>, place: AuditPlace) -> AuditQuestion {
        let begun = Conditions::begin(self);
        let walks: Vec<Conditions> = match kinds {
            None => vec![begun],
            Some(kinds) if begun.index == "audit_at" => kinds
                .iter()
                .map(|kind| Conditions {
                    index: "audit_action",
                    sql: "action = ?".to_owned(),
                    values: vec![kind.clone().into()],
                })
                .collect(),
            Some(kinds) => {
                let Conditions { index, sql, mut values } = begun;
                values.extend(kinds.iter().cloned().map(Value::from));
                let places = vec!["?"; kinds.len()].join(", ");
                vec![Conditions { index, sql: format!("{sql} AND action IN ({places})"), values }]
            }
        };
        let limit = RowPageReader::new(self.limit).asked();
        let (mut asked, mut values) = (Vec::new(), Vec::new());
        for mut walk in walks {
            self.narrow(&mut walk, place);
            let Conditions { index, sql, values: of_walk } = walk;
            asked.push(format!(
                "SELECT * FROM (SELECT id, at FROM audit_event INDEXED BY {index} WHERE {sql} ORDER BY at DESC, id DESC LIMIT {limit})"
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
        rows(self.sql, KINDS, [], |r| r.get(0))
    }

    /// Whoever ever acted, but for the program itself.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn audit_actors(&self) -> Result<Vec<String>, StoreError> {
        rows(self.sql, ACTORS, [], |r| r.get(0))
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

const KINDS: &str = "WITH RECURSIVE one (word) AS (SELECT min(action) FROM audit_event UNION ALL \
     SELECT (SELECT min(action) FROM audit_event WHERE action > one.word) FROM one WHERE one.word IS NOT NULL) \
     SELECT word FROM one WHERE word IS NOT NULL";

const ACTORS: &str = "WITH RECURSIVE one (word) AS (SELECT min(actor) FROM audit_event WHERE actor <> 'daemon' UNION ALL \
     SELECT (SELECT min(actor) FROM audit_event WHERE actor <> 'daemon' AND actor > one.word) FROM one WHERE one.word IS NOT NULL) \
     SELECT word FROM one WHERE word IS NOT NULL";

#[cfg(test)]
mod tests;
