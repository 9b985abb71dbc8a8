//! The open tasks, a page at a time: however many there are, a page costs as much as a page.

use jiff::Timestamp;

use super::tasks::{COLUMNS, Task, task};
use crate::care::task::TaskKind;
use crate::store::db::columns::{millis, rows};
use crate::store::db::transaction::View;
use crate::store::error::StoreError;

/// Whether open tasks are looked at that wait for somebody now, or those that were put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TaskScope {
    /// Open and not put off: what stands on the worklist.
    #[default]
    Waiting,
    /// Put off until a day to come.
    Snoozed,
}

/// Which of the open tasks a person looks at.
#[derive(Debug, Clone, Copy, Default)]
pub struct TaskFilter {
    /// Only tasks of this kind, `None` for all; tasks put off are listed whatever their kind.
    pub kind: Option<TaskKind>,
    /// Those that wait, or those put off.
    pub scope: TaskScope,
    /// By which clock a task is put off.
    pub now: Timestamp,
    /// Only those that come after this task, in the order of the list.
    pub after: Option<i64>,
    /// At most this many.
    pub limit: u32,
}

/// A page of the open tasks.
#[derive(Debug, Clone)]
pub struct TaskPage {
    /// Most pressing first; one that cannot be read is left out.
    pub tasks: Vec<Task>,
    /// After which task the next page begins; `None` on the last.
    pub next: Option<i64>,
}

/// Those that come after a due date and number, with or without a kind.
const ALL: &str = "t.state = 'open' AND coalesce(t.snoozed_until, 0) <= ?4 AND (t.due_at, t.id) > (?1, ?2) \
                   ORDER BY t.due_at, t.id LIMIT ?3";
const OF_KIND: &str = "t.state = 'open' AND t.kind = ?5 AND coalesce(t.snoozed_until, 0) <= ?4 \
                       AND (t.due_at, t.id) > (?1, ?2) ORDER BY t.due_at, t.id LIMIT ?3";
/// Those put off, of whatever kind: there are few.
const SNOOZED: &str = "t.state = 'open' AND t.snoozed_until IS NOT NULL AND t.snoozed_until > ?4 \
                       AND (t.due_at, t.id) > (?1, ?2) ORDER BY t.due_at, t.id LIMIT ?3";

impl View<'_> {
    /// A page of the open tasks, most pressing first. A task that cannot be read is left out and takes no other with it.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is no such task to begin after.
    pub fn task_page(&self, filter: &TaskFilter) -> Result<TaskPage, StoreError> {
        let place = match filter.after {
            Some(id) => (self.task_due(id)?, id),
            None => (i64::MIN, i64::MIN),
        };
        let limit = filter.limit;
        let kind = filter.kind.filter(|_| filter.scope == TaskScope::Waiting).map(TaskKind::word);
        let now = millis(filter.now);
        let order = match (filter.scope, kind) {
            (TaskScope::Snoozed, _) => SNOOZED,
            (TaskScope::Waiting, Some(_)) => OF_KIND,
            (TaskScope::Waiting, None) => ALL,
        };
        // One more than the page holds tells whether there is another.
        let ids = format!("SELECT t.id FROM task t WHERE {order}");
        let whole =
            format!("SELECT {COLUMNS} FROM task t LEFT JOIN patient p ON p.id = t.patient_id WHERE {order}");
        let (ids, tasks): (Vec<i64>, Vec<Task>) = match kind {
            Some(kind) => (
                rows(self.sql, &ids, (place.0, place.1, limit + 1, now, kind), |r| r.get(0))?,
                self.readable(&whole, (place.0, place.1, limit, now, kind), task)?,
            ),
            None => (
                rows(self.sql, &ids, (place.0, place.1, limit + 1, now), |r| r.get(0))?,
                self.readable(&whole, (place.0, place.1, limit, now), task)?,
            ),
        };
        let is_last = ids.len() <= limit as usize;
        let next = if is_last { None } else { ids.get((limit as usize).saturating_sub(1)).copied() };
        Ok(TaskPage { tasks, next })
    }

    fn task_due(&self, id: i64) -> Result<i64, StoreError> {
        let found = rows(self.sql, "SELECT due_at FROM task WHERE id = ?", [id], |r| r.get(0))?.pop();
        found.ok_or_else(|| StoreError::not_found(&format!("task `{id}`")))
    }

    /// How many open tasks are put off at that moment.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn tasks_snoozed(&self, now: Timestamp) -> Result<u32, StoreError> {
        let ask = "SELECT count(*) FROM task WHERE state = 'open' AND snoozed_until IS NOT NULL AND snoozed_until > ?";
        Ok(self.sql.prepare_cached(ask)?.query_row([millis(now)], |r| r.get(0))?)
    }

    /// How many open tasks wait, by kind; the most common first. A kind that this version does not know is not counted.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn tasks_by_kind(&self, now: Timestamp) -> Result<Vec<(TaskKind, u32)>, StoreError> {
        let ask = "SELECT kind, count(*) AS n FROM task WHERE state = 'open' AND coalesce(snoozed_until, 0) <= ? \
                   GROUP BY kind ORDER BY n DESC, kind";
        let counted = rows(self.sql, ask, [millis(now)], |r| Ok((r.get::<_, String>(0)?, r.get(1)?)))?;
        Ok(counted.into_iter().filter_map(|(kind, n)| Some((TaskKind::parse(&kind)?, n))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::actor::Actor;
    use crate::store::database::Store;
    use crate::store::database::tests::{fresh, plan, sabotage};
    use crate::store::db::transaction::Stamp;

    fn tasks(store: &Store, count: u32) {
        // Many of them are due at the same moment: the number decides.
        let many = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
             INSERT INTO task (kind, cause, reason, opened_at, due_at, state) \
             SELECT CASE WHEN i % 3 THEN 'silent' ELSE 'hand-over' END, 'cause/' || i, 'a reason', 0, 1000 - i / 4, 'open' FROM n"
        );
        let stamp = Stamp::daemon(jiff::Timestamp::UNIX_EPOCH);
        store.write_blocking(stamp, move |tx| sabotage(tx, &many)).unwrap();
    }

    fn walk(store: &Store, kind: Option<TaskKind>) -> Vec<i64> {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = store
                .read(|v| v.task_page(&TaskFilter { kind, after, limit: 7, ..TaskFilter::default() }))
                .unwrap();
            assert!(page.tasks.len() <= 7);
            seen.extend(page.tasks.iter().map(|task| task.id));
            after = page.next;
            if after.is_none() {
                return seen;
            }
        }
    }

    #[test]
    fn its_pages_hold_every_open_task_once_and_in_order() {
        let (_dir, store) = fresh();
        assert_eq!(walk(&store, None), [] as [i64; 0]);
        tasks(&store, 100);
        let whole: Vec<i64> = store.read(|v| v.tasks_open()).unwrap().iter().map(|task| task.id).collect();
        assert_eq!(walk(&store, None), whole);
        let silent =
            store.read(|v| v.tasks_open()).unwrap().into_iter().filter(|t| t.kind == TaskKind::Silent);
        assert_eq!(walk(&store, Some(TaskKind::Silent)), silent.map(|task| task.id).collect::<Vec<_>>());
        let counted = store.read(|v| v.tasks_by_kind(jiff::Timestamp::UNIX_EPOCH)).unwrap();
        assert_eq!(counted, [(TaskKind::Silent, 67), (TaskKind::HandOver, 33)]);
    }

    #[test]
    fn a_task_that_was_closed_meanwhile_still_tells_where_the_next_page_begins() {
        let (_dir, store) = fresh();
        tasks(&store, 20);
        let filter = TaskFilter { limit: 7, ..TaskFilter::default() };
        let first = store.read(|v| v.task_page(&filter)).unwrap();
        let last = first.next.unwrap();
        let stamp = Stamp { at: jiff::Timestamp::UNIX_EPOCH, actor: Actor::Staff("nora".to_owned()) };
        store.write_blocking(stamp, move |tx| tx.close_task(last, "done")).unwrap();
        let after = TaskFilter { after: first.next, ..filter };
        let second = store.read(|v| v.task_page(&after)).unwrap();
        let whole: Vec<i64> = store.read(|v| v.tasks_open()).unwrap().iter().map(|task| task.id).collect();
        assert_eq!(second.tasks.iter().map(|task| task.id).collect::<Vec<_>>(), whole[6..13]);
        let nowhere = TaskFilter { after: Some(999), ..filter };
        assert!(store.read(|v| v.task_page(&nowhere)).unwrap_err().is_not_found());
    }

    #[test]
    fn a_task_put_off_leaves_the_worklist_and_comes_back_by_itself() {
        let (_dir, store) = fresh();
        tasks(&store, 3);
        let at = |second| jiff::Timestamp::from_second(second).unwrap();
        let stamp = Stamp { at: at(1), actor: Actor::Staff("nora".to_owned()) };
        store.write_blocking(stamp, move |tx| tx.snooze_task(2, at(100))).unwrap();
        let ids = |scope, now| {
            let filter = TaskFilter { scope, now: at(now), limit: 50, ..TaskFilter::default() };
            let mut ids: Vec<i64> =
                store.read(|v| v.task_page(&filter)).unwrap().tasks.iter().map(|task| task.id).collect();
            ids.sort_unstable();
            let of_kinds: u32 =
                store.read(|v| v.tasks_by_kind(at(now))).unwrap().iter().map(|(_, n)| n).sum();
            (ids, of_kinds, store.read(|v| v.tasks_snoozed(at(now))).unwrap())
        };
        assert_eq!(ids(TaskScope::Waiting, 99), (vec![1, 3], 2, 1));
        assert_eq!(ids(TaskScope::Snoozed, 99), (vec![2], 2, 1));
        // Nothing has to run for it: the day has come, and it is there.
        assert_eq!(ids(TaskScope::Waiting, 100), (vec![1, 2, 3], 3, 0));
        assert_eq!(ids(TaskScope::Snoozed, 100), (vec![], 3, 0));
    }

    #[test]
    fn a_page_reads_no_task_that_is_not_on_it() {
        let (_dir, store) = fresh();
        for order in [ALL, OF_KIND, SNOOZED] {
            let ask = format!(
                "SELECT {COLUMNS} FROM task t LEFT JOIN patient p ON p.id = t.patient_id WHERE {order}"
            );
            let values =
                if order == OF_KIND { &["0", "0", "50", "0", "silent"][..] } else { &["0", "0", "50", "0"] };
            let steps = plan(&store, &ask, values);
            assert!(steps.iter().any(|step| step.starts_with("SEARCH t USING INDEX task_")), "{steps:?}");
            assert!(!steps.iter().any(|step| step.contains("B-TREE")), "{steps:?}");
        }
    }
}
