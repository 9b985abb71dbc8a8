//! The open tasks, a page at a time: however many there are, a page costs as much as a page.

use jiff::Timestamp;
use rusqlite::types::Value;

use super::tasks::{COLUMNS, Task, task};
use crate::care::task::TaskKind;
use crate::store::db::columns::{instant, millis, rows};
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::row_page::{RowPage, RowPageReader};

/// Whether open tasks are looked at that wait for somebody now, or those that were put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TaskScope {
    /// Open and not put off: what stands on the worklist.
    #[default]
    Waiting,
    /// Put off until a day to come.
    Snoozed,
}

/// Whose tasks are looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TaskOwner {
    /// Everybody's tasks, and those that nobody works on.
    #[default]
    Anyone,
    /// Those that nobody works on yet.
    Nobody,
    /// Those of this account.
    Account(String),
}

/// By when tasks are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TaskDue {
    /// Whenever they are due.
    #[default]
    AnyTime,
    /// Those that were due before now.
    Overdue,
}

/// Which of the open tasks a person looks at.
#[derive(Debug, Clone, Default)]
pub struct TaskFilter {
    /// Only tasks of this kind, `None` for all; tasks put off are listed whatever their kind.
    pub kind: Option<TaskKind>,
    /// Those that wait, or those put off.
    pub scope: TaskScope,
    /// Only tasks of this owner.
    pub owner: TaskOwner,
    /// By when they were due.
    pub due: TaskDue,
    /// By which clock a task is put off or overdue.
    pub now: Timestamp,
    /// Only those that come after this task, in the order of the list: by kind, the most pressing first, then by when they are due.
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

/// The waiting tasks of one kind, as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskGroup {
    /// What is to be done.
    pub kind: TaskKind,
    /// How many of that kind wait.
    pub count: u32,
    /// How many of them were due before now.
    pub overdue: u32,
    /// When the first of them is due.
    pub due_at: Timestamp,
}

/// A place in the list of one kind, or of those put off: when a task is due, in milliseconds, and its number.
#[derive(Debug, Clone, Copy)]
struct TaskPlace {
    due_ms: i64,
    id: i64,
}

impl TaskPlace {
    const TOP: Self = Self { due_ms: i64::MIN, id: i64::MIN };
}

/// A stretch of the list that is read in one go.
struct TaskSpan {
    kind: Option<TaskKind>,
    from: TaskPlace,
}

impl TaskFilter {
    /// The stretches of the list after a task of that kind at that place: kind by kind, and those put off in one.
    fn stretches(&self, after: Option<(TaskKind, TaskPlace)>) -> Vec<TaskSpan> {
        let from = |kind| match after {
            Some((seen, place)) if kind == Some(seen) => place,
            _ => TaskPlace::TOP,
        };
        if self.scope == TaskScope::Snoozed || self.kind.is_some() {
            let from = after.map_or(TaskPlace::TOP, |(_, place)| place);
            return vec![TaskSpan { kind: self.kind, from }];
        }
        let first = after.map_or(0, |(seen, _)| seen.rank());
        let kinds = TaskKind::URGENCY.iter().skip(first).copied().map(Some);
        kinds.map(|kind| TaskSpan { kind, from: from(kind) }).collect()
    }

    /// What is asked of `task t` in a stretch of the list, in its order, and the values: only what is looked for, so that
    /// SQLite may use the index that fits.
    fn wanted(&self, stretch: &TaskSpan) -> (String, Vec<Value>) {
        let now = millis(self.now);
        let mut wanted = "t.state = 'open'".to_owned();
        let mut values: Vec<Value> = Vec::new();
        let mut only = |condition: &str, value: Option<Value>| {
            wanted.push_str(" AND ");
            wanted.push_str(condition);
            values.extend(value);
        };
        match self.scope {
            TaskScope::Snoozed => {
                only("t.snoozed_until IS NOT NULL AND t.snoozed_until > ?", Some(now.into()))
            }
            TaskScope::Waiting => only("coalesce(t.snoozed_until, 0) <= ?", Some(now.into())),
        }
        if let Some(kind) = stretch.kind {
            only("t.kind = ?", Some(kind.word().to_owned().into()));
        }
        match &self.owner {
            TaskOwner::Anyone => {}
            TaskOwner::Nobody => only("t.owner IS NULL", None),
            TaskOwner::Account(name) => only("t.owner = ?", Some(name.clone().into())),
        }
        if self.due == TaskDue::Overdue {
            only("t.due_at < ?", Some(now.into()));
        }
        wanted.push_str(" AND (t.due_at, t.id) > (?, ?) ORDER BY t.due_at, t.id LIMIT ?");
        values.extend([stretch.from.due_ms.into(), stretch.from.id.into()]);
        (wanted, values)
    }
}

impl View<'_> {
    /// A page of the open tasks, most pressing first. A task that cannot be read is left out and takes no other with it.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is no such task to begin after.
    pub fn task_page(&self, filter: &TaskFilter) -> Result<TaskPage, StoreError> {
        let after = filter.after.map(|id| self.task_place(id)).transpose()?;
        let page = RowPageReader::new(filter.limit);
        let (mut ids, mut tasks) = (Vec::new(), Vec::new());
        for stretch in filter.stretches(after) {
            let (asked, left) = (page.left(), filter.limit.saturating_sub(page.seen()));
            if asked == 0 {
                break;
            }
            let (wanted, values) = filter.wanted(&stretch);
            let with = |limit: u32| {
                rusqlite::params_from_iter(values.iter().cloned().chain([i64::from(limit).into()]))
            };
            let found = format!("SELECT t.id FROM task t WHERE {wanted}");
            ids.extend(rows(self.sql, &found, with(asked), |r| page.row(r.get(0)))?);
            let whole = format!(
                "SELECT {COLUMNS} FROM task t LEFT JOIN patient p ON p.id = t.patient_id WHERE {wanted}"
            );
            tasks.extend(self.readable(&whole, with(left), task)?);
        }
        let ids: RowPage<i64> = page.page(ids);
        Ok(TaskPage { tasks, next: ids.next().copied() })
    }

    fn task_place(&self, id: i64) -> Result<(TaskKind, TaskPlace), StoreError> {
        let ask = "SELECT kind, due_at FROM task WHERE id = ?";
        let found = rows(self.sql, ask, [id], |r| Ok((r.get::<_, String>(0)?, r.get(1)?)))?.pop();
        let place =
            found.and_then(|(kind, due_ms)| Some((TaskKind::parse(&kind)?, TaskPlace { due_ms, id })));
        place.ok_or_else(|| StoreError::not_found(&format!("task `{id}`")))
    }

    /// How many open tasks are put off at that moment.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn tasks_snoozed(&self, now: Timestamp) -> Result<u32, StoreError> {
        let ask = "SELECT count(*) FROM task WHERE state = 'open' AND snoozed_until IS NOT NULL AND snoozed_until > ?";
        Ok(self.sql.prepare_cached(ask)?.query_row([millis(now)], |r| r.get(0))?)
    }

    /// The waiting tasks by what is to be done, the most pressing kind first. A kind that this version does not know is not
    /// counted.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn task_groups(&self, now: Timestamp) -> Result<Vec<TaskGroup>, StoreError> {
        let counted = rows(self.sql, GROUPS, [millis(now)], |r| {
            Ok((r.get::<_, String>(0)?, r.get(1)?, r.get(2)?, r.get(3)?))
        })?;
        let group = |(kind, count, overdue, due): (String, u32, u32, i64)| {
            Some(TaskGroup { kind: TaskKind::parse(&kind)?, count, overdue, due_at: instant(due) })
        };
        let mut groups: Vec<TaskGroup> = counted.into_iter().filter_map(group).collect();
        groups.sort_by_key(|group| group.kind.rank());
        Ok(groups)
    }

    /// How many open tasks are waiting on that account's list.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn tasks_owned(&self, account: &str, now: Timestamp) -> Result<u32, StoreError> {
        let ask = "SELECT count(*) FROM task WHERE state = 'open' AND owner = ? AND coalesce(snoozed_until, 0) <= ?";
        Ok(self.sql.prepare_cached(ask)?.query_row((account, millis(now)), |r| r.get(0))?)
    }
}

/// Each kind is counted in its stretch of the index; of those that are put off, few, each is looked at.
const GROUPS: &str = "WITH RECURSIVE kinds(kind) AS (SELECT min(kind) FROM task WHERE state = 'open' UNION ALL \
     SELECT (SELECT min(t.kind) FROM task t WHERE t.state = 'open' AND t.kind > k.kind) FROM kinds k WHERE k.kind IS NOT NULL), \
     later AS (SELECT kind, count(*) AS n, sum(due_at < ?1) AS overdue FROM task INDEXED BY task_snoozed \
     WHERE state = 'open' AND snoozed_until IS NOT NULL AND snoozed_until > ?1 GROUP BY kind), \
     counted AS MATERIALIZED (SELECT k.kind, (SELECT count(*) FROM task t WHERE t.state = 'open' AND t.kind = k.kind) AS n, \
     (SELECT count(*) FROM task t WHERE t.state = 'open' AND t.kind = k.kind AND t.due_at < ?1) AS overdue, \
     (SELECT t.due_at FROM task t WHERE t.state = 'open' AND t.kind = k.kind AND coalesce(t.snoozed_until, 0) <= ?1 \
     ORDER BY t.due_at LIMIT 1) AS first FROM kinds k WHERE k.kind IS NOT NULL) \
     SELECT c.kind, c.n - coalesce(l.n, 0), c.overdue - coalesce(l.overdue, 0), c.first \
     FROM counted c LEFT JOIN later l ON l.kind = c.kind WHERE c.first IS NOT NULL";

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
        let groups = store.read(|v| v.task_groups(instant(990))).unwrap();
        let told: Vec<_> = groups.iter().map(|g| (g.kind, g.count, g.overdue, millis(g.due_at))).collect();
        assert_eq!(told, [(TaskKind::Silent, 67, 38, 975), (TaskKind::HandOver, 33, 19, 976)]);
    }

    #[test]
    fn what_may_be_an_emergency_stands_above_what_is_long_overdue_on_every_page() {
        let (_dir, store) = fresh();
        let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 33) \
             INSERT INTO task (kind, cause, reason, opened_at, due_at, state) \
             SELECT 'baseline-missing', 'old/' || i, 'a reason', 0, i, 'open' FROM n \
             UNION ALL SELECT 'silent', 'quiet/1', 'a reason', 0, 500, 'open' \
             UNION ALL SELECT 'after-alert', 'new/1', 'a reason', 0, 900, 'open'";
        let stamp = Stamp::daemon(jiff::Timestamp::UNIX_EPOCH);
        store.write_blocking(stamp, move |tx| sabotage(tx, rows)).unwrap();
        let walked = walk(&store, None);
        assert_eq!(walked.len(), 35);
        let kinds = walked.iter().take(3).map(|id| store.read(|v| v.task(*id)).unwrap().kind);
        assert_eq!(
            kinds.collect::<Vec<_>>(),
            [TaskKind::AfterAlert, TaskKind::Silent, TaskKind::BaselineMissing]
        );
        let groups = store.read(|v| v.task_groups(instant(990))).unwrap();
        assert_eq!(groups[0].kind, TaskKind::AfterAlert);
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
        let after = TaskFilter { after: first.next, ..filter.clone() };
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
                store.read(|v| v.task_groups(at(now))).unwrap().iter().map(|group| group.count).sum();
            (ids, of_kinds, store.read(|v| v.tasks_snoozed(at(now))).unwrap())
        };
        assert_eq!(ids(TaskScope::Waiting, 99), (vec![1, 3], 2, 1));
        assert_eq!(ids(TaskScope::Snoozed, 99), (vec![2], 2, 1));
        // Nothing has to run for it: the day has come, and it is there.
        assert_eq!(ids(TaskScope::Waiting, 100), (vec![1, 2, 3], 3, 0));
        assert_eq!(ids(TaskScope::Snoozed, 100), (vec![], 3, 0));
    }

    #[test]
    fn whose_a_task_is_and_whether_it_is_late_is_asked_in_sql() {
        let (_dir, store) = fresh();
        tasks(&store, 100);
        let stamp = Stamp { at: jiff::Timestamp::UNIX_EPOCH, actor: Actor::Staff("nora".to_owned()) };
        let claim = |tx: &mut crate::store::db::transaction::Tx<'_>| {
            (1..=20).try_for_each(|id| tx.assign_task(id * 5, "nora"))
        };
        store.write_blocking(stamp, claim).unwrap();
        let whole = store.read(|v| v.tasks_open()).unwrap();
        let now = instant(990);
        let ids = |owner: TaskOwner, due| {
            let filter = TaskFilter { owner, due, now, limit: 100, ..TaskFilter::default() };
            let page = store.read(|v| v.task_page(&filter)).unwrap();
            page.tasks.iter().map(|task| task.id).collect::<Vec<_>>()
        };
        let such = |wanted: &dyn Fn(&Task) -> bool| {
            whole.iter().filter(|task| wanted(task)).map(|task| task.id).collect::<Vec<_>>()
        };
        let nora = || TaskOwner::Account("nora".to_owned());
        assert_eq!(ids(nora(), TaskDue::AnyTime), such(&|t| t.owner.is_some()));
        assert_eq!(ids(TaskOwner::Nobody, TaskDue::AnyTime), such(&|t| t.owner.is_none()));
        assert_eq!(ids(nora(), TaskDue::Overdue), such(&|t| t.owner.is_some() && t.due_at < now));
        assert_eq!(ids(TaskOwner::Anyone, TaskDue::Overdue), such(&|t| t.due_at < now));
        assert_eq!(store.read(|v| v.tasks_owned("nora", now)).unwrap(), 20);
    }

    #[test]
    fn a_page_reads_no_task_that_is_not_on_it() {
        let (_dir, store) = fresh();
        let owners = [TaskOwner::Anyone, TaskOwner::Nobody, TaskOwner::Account("nora".to_owned())];
        for owner in owners {
            for kind in [None, Some(TaskKind::Silent)] {
                for scope in [TaskScope::Waiting, TaskScope::Snoozed] {
                    for due in [TaskDue::AnyTime, TaskDue::Overdue] {
                        let filter =
                            TaskFilter { owner: owner.clone(), kind, scope, due, ..TaskFilter::default() };
                        // One stretch stands for all: they differ only in their kind.
                        let stretch = filter.stretches(None).remove(0);
                        let (wanted, values) = filter.wanted(&stretch);
                        let ask = format!(
                            "SELECT {COLUMNS} FROM task t LEFT JOIN patient p ON p.id = t.patient_id WHERE {wanted}"
                        );
                        let values = vec!["0"; values.len() + 1];
                        let steps = plan(&store, &ask, &values);
                        assert!(
                            steps.iter().any(|step| step.starts_with("SEARCH t USING INDEX task_")),
                            "{steps:?}"
                        );
                        assert!(!steps.iter().any(|step| step.contains("B-TREE")), "{filter:?} {steps:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_groups_are_counted_without_reading_a_task() {
        let (_dir, store) = fresh();
        let steps = plan(&store, GROUPS, &["0"]);
        let of_tasks = |step: &&String| step.starts_with("SEARCH t ") || step.starts_with("SCAN t ");
        assert!(
            steps.iter().filter(of_tasks).all(|step| step.contains("COVERING INDEX task_open")),
            "{steps:?}"
        );
        assert!(steps.iter().any(|step| step.contains("INDEX task_snoozed")), "{steps:?}");
    }
}
