//! Open tasks by kind.

use jiff::Timestamp;

use crate::care::task::TaskKind;
use crate::store::db::columns::{millis, rows};
use crate::store::db::transaction::View;
use crate::store::error::StoreError;

/// The open tasks of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenTasks {
    /// Why a person is needed.
    pub kind: TaskKind,
    /// How many there are, those put off included.
    pub open: u64,
    /// Those that are due and not put off.
    pub overdue: u64,
}

const OPEN: &str = "SELECT kind, count(*), coalesce(sum(due_at < ?1 AND coalesce(snoozed_until, 0) <= ?1), 0) \
     FROM task INDEXED BY task_open_kind WHERE state = 'open' GROUP BY kind";

impl View<'_> {
    /// The open tasks by kind; a kind of which none is open is left out.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub(in crate::store) fn open_tasks(&self, now: Timestamp) -> Result<Vec<OpenTasks>, StoreError> {
        let read = |r: &rusqlite::Row<'_>| {
            let (open, overdue): (u32, u32) = (r.get(1)?, r.get(2)?);
            let kind = TaskKind::parse(&r.get::<_, String>(0)?);
            Ok(kind.map(|kind| OpenTasks { kind, open: u64::from(open), overdue: u64::from(overdue) }))
        };
        Ok(rows(self.sql, OPEN, [millis(now)], read)?.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan, sabotage, stamp};
    use crate::store::db::columns::instant;

    #[test]
    fn tasks_are_told_by_kind_and_one_put_off_is_not_overdue() {
        let (_dir, store) = fresh();
        let insert = "INSERT INTO task (kind, cause, reason, opened_at, due_at, state, snoozed_until, closed_at, closed_by) VALUES \
            ('silent', 'a', 'so', 0, 5, 'open', NULL, NULL, NULL), ('silent', 'b', 'so', 0, 5, 'open', 900, NULL, NULL), \
            ('silent', 'c', 'so', 0, 50, 'open', NULL, NULL, NULL), ('missed', 'd', 'so', 0, 5, 'done', NULL, 6, 'staff:nora')";
        store.write_blocking(stamp(), move |tx| sabotage(tx, insert)).unwrap();
        let found = store.read(|v| v.open_tasks(instant(10))).unwrap();
        assert_eq!(found, [OpenTasks { kind: TaskKind::Silent, open: 3, overdue: 1 }]);
        let steps = plan(&store, OPEN, &["5"]);
        assert_eq!(steps, ["SCAN task USING COVERING INDEX task_open_kind"]);
    }
}
