//! Lasting conditions, and the tasks that stand for them: which condition nobody is asked about, which task outlived its
//! condition (P16).

use super::tasks::NewTask;
use crate::care::patient::PatientId;
use crate::care::task::TaskKind;
use crate::store::db::columns::rows;
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::{of_row, shown};
use crate::store::error::StoreError;
use crate::store::people::patient_status;
use crate::store::plan::follow_ups::FollowUpId;

/// `CROSS JOIN` and `+status` keep SQLite from asking for all patients of a status, who are nearly everybody: this is asked at each
/// pass, and what it finds is few.
///
/// Conditions that the record itself tells: kind, and cause, patient and reason of each. A kind of task that stands for
/// one and is not named here is written down when its task opens (table `standing`), and struck off when the program,
/// not a person, closes it.
const ON_RECORD: &[(TaskKind, &str)] = &[
    (TaskKind::NoCover, "'ladder', NULL, value FROM fact WHERE name = 'no-cover'"),
    (
        TaskKind::CanaryBroken,
        "'canary', NULL, 'The daily test of the chain broke: ' || value || '.' FROM fact WHERE name = 'canary-broken'",
    ),
    (
        TaskKind::AddressBad,
        "'patient/' || id || '/address_bad', id, 'Status is address_bad: ' || coalesce(status_reason, '') \
         FROM patient WHERE status = 'address_bad'",
    ),
    (
        // Nobody is asked to ring the home of someone who has died.
        TaskKind::LinkLocked,
        "'patient/' || p.id, p.id, 'The birth-date check on her page failed too often; her forms are locked.' \
         FROM form_lock l CROSS JOIN patient p ON p.id = l.patient_id WHERE p.status <> 'deceased'",
    ),
    (
        TaskKind::Unreachable,
        "'patient/' || id, id, 'No e-mail address on record.' FROM patient \
         WHERE email IS NULL AND +status IN (ASKED_BY_LETTER) \
         AND id NOT IN (SELECT patient_id FROM patient_proxy WHERE ended_at IS NULL)",
    ),
    (
        TaskKind::ProxyAddress,
        "'patient/' || p.id || '/proxy', p.id, 'Letters to whoever acts for her were refused for good.' \
         FROM patient_proxy x CROSS JOIN patient p ON p.id = x.patient_id \
         WHERE x.ended_at IS NULL AND x.refused_at IS NOT NULL AND p.status IN (ASKED_BY_LETTER)",
    ),
];

/// A condition that lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The kind of task that stands for it.
    pub kind: TaskKind,
    /// What caused it; kind and cause together name it.
    pub cause: String,
    /// Whom it is about.
    pub patient: Option<PatientId>,
    /// Which follow-up it is about.
    pub follow_up: Option<FollowUpId>,
    /// The facts in one sentence.
    pub reason: String,
}

/// Every condition that lasts, as a table `condition`.
fn conditions() -> String {
    let told = ON_RECORD.iter().map(|(kind, rest)| {
        let (head, from) = rest.split_once(" FROM ").unwrap_or((rest, ""));
        format!(" UNION ALL SELECT '{}', {head}, NULL FROM {from}", kind.word())
    });
    let told = patient_status::with_lists(&told.collect::<String>());
    format!(
        "WITH condition (kind, cause, patient_id, reason, follow_up_id) AS \
         (SELECT kind, cause, patient_id, reason, follow_up_id FROM standing{told})"
    )
}

/// The kinds that stand for a condition, as a list in SQL.
fn kinds() -> String {
    let kinds = TaskKind::ALL.into_iter().filter(|kind| kind.stands_while().is_some());
    kinds.map(|kind| format!("'{}'", kind.word())).collect::<Vec<_>>().join(", ")
}

impl Tx<'_> {
    /// Writes the condition down that a task stands for, unless the record tells it anyway.
    pub(in crate::store) fn note_standing(&mut self, new: &NewTask) -> Result<(), StoreError> {
        if new.kind.stands_while().is_none() || ON_RECORD.iter().any(|(kind, _)| *kind == new.kind) {
            return Ok(());
        }
        let insert = "INSERT INTO standing (kind, cause, patient_id, follow_up_id, reason, since) VALUES (?, ?, ?, ?, ?, ?) \
                      ON CONFLICT (kind, cause) DO UPDATE SET reason = excluded.reason";
        let (patient, follow_up) = (new.patient.map(|p| p.0), new.follow_up.map(|f| f.0));
        let row = (new.kind.word(), &new.cause, patient, follow_up, &new.reason, self.at_ms());
        self.sql.prepare_cached(insert)?.execute(row)?;
        Ok(())
    }

    /// Strikes conditions off that are over; `which` is a condition on the table.
    pub(in crate::store) fn strike_standing(
        &mut self,
        which: &str,
        values: impl rusqlite::Params,
    ) -> Result<(), StoreError> {
        self.sql.prepare_cached(&format!("DELETE FROM standing WHERE {which}"))?.execute(values)?;
        Ok(())
    }
}

impl View<'_> {
    /// Conditions that last while no task stands for them: somebody ticked it off too early.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn conditions_unasked(&self) -> Result<Vec<Condition>, StoreError> {
        let ask = format!(
            "{} SELECT kind, cause, patient_id, reason, follow_up_id FROM condition c \
             WHERE NOT EXISTS (SELECT 1 FROM task t WHERE t.kind = c.kind AND t.cause = c.cause AND t.state = 'open')",
            conditions()
        );
        self.readable(&ask, [], |r| {
            of_row("standing", r, 1, || {
                let kind: String = r.get(0)?;
                Ok(Condition {
                    kind: TaskKind::parse(&kind).ok_or_else(|| StoreError::corrupt("kind of condition"))?,
                    cause: r.get(1)?,
                    patient: r.get::<_, Option<i64>>(2)?.map(PatientId),
                    reason: shown(r, 3)?,
                    follow_up: r.get::<_, Option<i64>>(4)?.map(FollowUpId),
                })
            })
        })
    }

    /// The causes of the conditions of that kind that are written down.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn standing_causes(&self, kind: TaskKind) -> Result<Vec<String>, StoreError> {
        rows(self.sql, "SELECT cause FROM standing WHERE kind = ?", [kind.word()], |r| r.get(0))
    }

    /// Open tasks whose condition is over.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn tasks_outlived(&self) -> Result<Vec<i64>, StoreError> {
        let ask = format!(
            "{} SELECT id FROM task t WHERE t.state = 'open' AND t.kind IN ({}) \
             AND NOT EXISTS (SELECT 1 FROM condition c WHERE c.kind = t.kind AND c.cause = t.cause)",
            conditions(),
            kinds()
        );
        rows(self.sql, &ask, [], |r| r.get(0))
    }

    /// The newest task of that kind and cause that is done: its number, and who closed it.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn last_done(&self, kind: TaskKind, cause: &str) -> Result<Option<(i64, String)>, StoreError> {
        let ask = "SELECT id, closed_by FROM task WHERE kind = ? AND cause = ? AND state = 'done' ORDER BY id DESC LIMIT 1";
        Ok(rows(self.sql, ask, (kind.word(), cause), |r| Ok((r.get(0)?, r.get(1)?)))?.pop())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan};

    #[test]
    fn no_condition_is_looked_for_among_nearly_everybody() {
        let (_dir, store) = fresh();
        let steps = plan(&store, &format!("{} SELECT kind, cause FROM condition", conditions()), &[]);
        let by_status = steps.iter().filter(|step| step.contains("patient_status")).count();
        assert!(by_status <= 1, "only those whose address is bad: {steps:#?}");
        assert!(
            steps.iter().all(|step| step != "SCAN patient" && !step.starts_with("SCAN p ")),
            "{steps:#?}"
        );
    }
}
