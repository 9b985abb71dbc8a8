//! What a person must do.

use jiff::Timestamp;

use crate::care::patient::PatientId;
use crate::care::task::TaskKind;
use crate::care::task_state::{TaskEvent, TaskState};
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{instant, millis, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::{of_row, shown};
use crate::store::error::StoreError;
use crate::store::plan::follow_ups::FollowUpId;
use crate::store::subject::Subject;
use crate::store::work::task_reason::meanwhile;

/// A task about to be opened.
#[derive(Debug, Clone)]
pub struct NewTask {
    /// Why a person is needed.
    pub kind: TaskKind,
    /// What caused it, e.g. `follow-up/12/staff-task`; the same cause opens once while open.
    pub cause: String,
    /// Whom it is about.
    pub patient: Option<PatientId>,
    /// Which follow-up it is about.
    pub follow_up: Option<FollowUpId>,
    /// One plain sentence with the facts; no name, no address.
    pub reason: String,
    /// When it is due; the worklist is ordered by it. Never before a person can have done it ([`TaskKind::soonest_due`]).
    pub due_at: Timestamp,
}

/// A task as the worklist shows it.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its row: the number by which commands and pages name it.
    pub id: i64,
    /// Why a person is needed.
    pub kind: TaskKind,
    /// What caused it, e.g. `delivery/17`; open tasks of one kind differ in it.
    pub cause: String,
    /// Whom it is about: row and case code.
    pub patient: Option<(PatientId, String)>,
    /// One plain sentence with the facts; no name, no address.
    pub reason: String,
    /// When it was opened; a task that comes back is another row.
    pub opened_at: Timestamp,
    /// When it is due; open tasks are listed by it.
    pub due_at: Timestamp,
    /// Whether a person still has to do it.
    pub state: TaskState,
    /// Who closed it, and what they noted.
    pub closed: Option<(String, String)>,
    /// The account that works on it.
    pub owner: Option<String>,
    /// Until when it was put off; past or none while it is on the worklist.
    pub snoozed_until: Option<Timestamp>,
}

impl Tx<'_> {
    /// Opens a task, unless the same cause is open. Returns whether it is new. One that stands for a lasting condition comes
    /// back, whoever closes it, until [`Self::close_tasks_caused`] or one of its kin says that the condition is over.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn open_task(&mut self, new: &NewTask) -> Result<bool, StoreError> {
        let insert = "INSERT INTO task (kind, cause, patient_id, follow_up_id, reason, opened_at, due_at, state) \
                      VALUES (?, ?, ?, ?, ?, ?, ?, 'open') ON CONFLICT (kind, cause) WHERE state = 'open' DO NOTHING";
        let due_at = self.hours.due_at(new.kind, new.due_at, self.at());
        let opened = self.sql.prepare_cached(insert)?.execute((
            new.kind.word(),
            &new.cause,
            new.patient.map(|p| p.0),
            new.follow_up.map(|f| f.0),
            &new.reason,
            self.at_ms(),
            millis(due_at),
        ))?;
        if opened == 1 {
            let subject = Subject::Task(self.sql.last_insert_rowid());
            let patient = new.patient.map(|p| p.0);
            let detail =
                serde_json::json!({ "kind": new.kind.word(), "cause": new.cause, "patient": patient });
            self.audit(AuditAction::TaskOpened, subject, &detail)?;
        }
        self.note_standing(new)?;
        Ok(opened == 1)
    }

    /// Closes an open task with a note of what was done. A condition that it stands for lasts.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when no such task is open.
    pub fn close_task(&mut self, id: i64, note: &str) -> Result<(), StoreError> {
        let state = self.one("SELECT state FROM task WHERE id = ?", [id], |r| Ok(r.get::<_, String>(0)?))?;
        let state = state.as_deref().and_then(TaskState::parse);
        let closed = state.and_then(|state| state.after(TaskEvent::Close));
        let closed = closed.ok_or_else(|| StoreError::not_found(&format!("open task `{id}`")))?;
        let update = "UPDATE task SET state = ?, closed_at = ?, closed_by = ?, note = ? WHERE id = ?";
        let row = (closed.word(), self.at_ms(), self.actor().word(), note, id);
        self.sql.prepare_cached(update)?.execute(row)?;
        // The note stands with the task, where it can be erased; the audit tells only that there is one.
        let detail = serde_json::json!({ "has_note": !note.is_empty() });
        self.audit(AuditAction::TaskDone, Subject::Task(id), &detail)
    }
}

impl Tx<'_> {
    /// Opens the tasks about a patient again that were closed with that note at `since` or later.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails. A row that holds what nobody wrote is noted and left out.
    pub fn reopen_tasks(
        &mut self,
        patient: PatientId,
        note: &str,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        let ask = "SELECT id, kind, cause, follow_up_id, reason, due_at FROM task \
                   WHERE patient_id = ? AND state = 'done' AND note = ? AND closed_at >= ? ORDER BY id";
        let closed = self.readable(ask, (patient.0, note, millis(since)), |r| {
            of_row("task", r, 0, || {
                let kind: String = r.get(1)?;
                Ok(NewTask {
                    kind: TaskKind::parse(&kind).ok_or_else(|| StoreError::corrupt("task kind"))?,
                    cause: r.get(2)?,
                    patient: Some(patient),
                    follow_up: r.get::<_, Option<i64>>(3)?.map(FollowUpId),
                    reason: shown(r, 4)?,
                    due_at: instant(r.get(5)?),
                })
            })
        })?;
        closed.iter().try_for_each(|task| self.open_task(task).map(drop))
    }
}

pub(in crate::store) const COLUMNS: &str = "t.id, t.kind, t.cause, t.patient_id, p.reference, t.reason, t.opened_at, t.due_at, t.state, t.closed_by, t.note, \
    t.owner, t.snoozed_until, CASE WHEN t.state = 'open' THEN p.suspected_death END, \
    CASE WHEN p.status = 'paused' AND t.state = 'open' THEN p.status_reason END";

impl View<'_> {
    /// Whether a person has closed a task of that kind and cause.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn was_done(&self, kind: TaskKind, cause: &str) -> Result<bool, StoreError> {
        let ask = "SELECT 1 FROM task WHERE kind = ? AND cause = ? AND state = 'done' LIMIT 1";
        Ok(!rows(self.sql, ask, (kind.word(), cause), |r| r.get::<_, i64>(0))?.is_empty())
    }

    /// Open tasks, most pressing first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn tasks_open(&self) -> Result<Vec<Task>, StoreError> {
        let mut open = self.tasks("t.state = 'open' AND ?1 = 0 ORDER BY t.due_at, t.id", 0)?;
        open.sort_by_key(|task| task.kind.rank());
        Ok(open)
    }

    /// Every task there ever was, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn tasks_all(&self) -> Result<Vec<Task>, StoreError> {
        self.tasks("?1 = 0 ORDER BY t.id", 0)
    }

    /// One task, open or done.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is none.
    pub fn task(&self, id: i64) -> Result<Task, StoreError> {
        let found = self.tasks("t.id = ?1", id)?.pop();
        found.ok_or_else(|| StoreError::not_found(&format!("task `{id}`")))
    }

    /// Every task about a patient, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn tasks_of(&self, patient: PatientId) -> Result<Vec<Task>, StoreError> {
        self.tasks("t.patient_id = ?1 ORDER BY t.id", patient.0)
    }

    /// The number of the open task with that cause.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn task_caused(&self, kind: TaskKind, cause: &str) -> Result<Option<i64>, StoreError> {
        let ask = "SELECT id FROM task WHERE kind = ? AND cause = ? AND state = 'open'";
        Ok(rows(self.sql, ask, (kind.word(), cause), |r| r.get(0))?.pop())
    }

    /// Whether a task of that kind is open about a patient.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn has_task(&self, patient: PatientId, kind: TaskKind) -> Result<bool, StoreError> {
        let ask = "SELECT 1 FROM task WHERE patient_id = ? AND kind = ? AND state = 'open'";
        Ok(self.sql.prepare_cached(ask)?.exists((patient.0, kind.word()))?)
    }

    /// Whether a task of that kind and cause is open.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn has_open(&self, kind: TaskKind, cause: &str) -> Result<bool, StoreError> {
        let ask = "SELECT 1 FROM task WHERE kind = ? AND cause = ? AND state = 'open'";
        Ok(self.sql.prepare_cached(ask)?.exists((kind.word(), cause))?)
    }

    /// Who closed the newest task of that kind and cause; `None` while one is open or if there was none.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn task_closed_by(&self, kind: TaskKind, cause: &str) -> Result<Option<String>, StoreError> {
        let ask = "SELECT closed_by FROM task WHERE kind = ?1 AND cause = ?2 AND state = 'done' \
                   AND NOT EXISTS (SELECT 1 FROM task WHERE kind = ?1 AND cause = ?2 AND state = 'open') \
                   ORDER BY id DESC LIMIT 1";
        Ok(rows(self.sql, ask, (kind.word(), cause), |r| r.get::<_, Option<String>>(0))?.pop().flatten())
    }

    /// Whether letters to patients are held until a person has looked (clock jump, restored backup).
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn is_held(&self) -> Result<bool, StoreError> {
        let ask = "SELECT 1 FROM task WHERE kind = 'hold' AND state = 'open'";
        Ok(self.sql.prepare_cached(ask)?.exists([])?)
    }

    fn tasks(&self, condition: &str, value: i64) -> Result<Vec<Task>, StoreError> {
        let ask = format!(
            "SELECT {COLUMNS} FROM task t LEFT JOIN patient p ON p.id = t.patient_id WHERE {condition}"
        );
        self.readable(&ask, [value], task)
    }
}

pub(in crate::store) fn task(row: &rusqlite::Row<'_>) -> Result<Task, StoreError> {
    of_row("task", row, 0, || {
        let (kind, state): (String, String) = (row.get(1)?, row.get(8)?);
        let patient: Option<i64> = row.get(3)?;
        let reference = shown(row, 4)?;
        let kind = TaskKind::parse(&kind).ok_or_else(|| StoreError::corrupt("task kind"))?;
        let closed_by: Option<String> = row.get(9)?;
        let note: Option<String> = row.get(10)?;
        Ok(Task {
            id: row.get(0)?,
            kind,
            cause: row.get(2)?,
            patient: patient.map(|id| (PatientId(id), reference)),
            reason: row.get::<_, String>(5)? + &meanwhile(kind, row, 13)?,
            opened_at: instant(row.get(6)?),
            due_at: instant(row.get(7)?),
            state: TaskState::parse(&state).ok_or_else(|| StoreError::corrupt("task state"))?,
            closed: closed_by.map(|by| (by, note.unwrap_or_default())),
            owner: row.get(11)?,
            snoozed_until: row.get::<_, Option<i64>>(12)?.map(instant),
        })
    })
}
