//! The open alerts, a page at a time, in the order in which they press: those that ring first, by how urgent they are and by
//! their clocks.

use std::fmt;
use std::str::FromStr;

use rusqlite::types::Value;

use super::lifecycle::{Alert, AlertId, COLUMNS, alert};
use crate::care::actor::Actor;
use crate::store::db::columns::rows;
use crate::store::db::transaction::View;
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::row_page::RowPageReader;

/// Which of the open alerts are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AlertScope {
    /// All of them: those that ring, then those taken on.
    #[default]
    Open,
    /// Those that ring: nobody has taken them on.
    Ringing,
    /// Those that somebody has taken on.
    Taken,
}

impl AlertScope {
    const fn condition(self) -> &'static str {
        match self {
            Self::Open => "",
            Self::Ringing => " AND a.list_rank < 3",
            Self::Taken => " AND a.list_rank >= 3",
        }
    }
}

/// A page of the alerts that have ended.
#[derive(Debug, Clone)]
pub struct ClosedAlerts {
    /// The one that ended last comes first.
    pub alerts: Vec<Alert>,
    /// Before which alert the next page begins; `None` on the last.
    pub next: Option<AlertId>,
}

/// Where an alert stood in the list when it was shown. It is given back as it was given out: an alert that somebody has taken
/// on since takes none of those that ring with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertPlace {
    rank: i64,
    due_ms: i64,
    id: i64,
}

impl fmt::Display for AlertPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.rank, self.due_ms, self.id)
    }
}

impl FromStr for AlertPlace {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers: Vec<i64> = text.split('.').filter_map(|number| number.parse().ok()).collect();
        match numbers[..] {
            [rank, due_ms, id] => Ok(Self { rank, due_ms, id }),
            _ => Err("no place in the list of alerts"),
        }
    }
}

/// Which page of the open alerts is looked at.
#[derive(Debug, Clone, Default)]
pub struct AlertFilter {
    /// Those that ring, those taken on, or both.
    pub scope: AlertScope,
    /// Only those that this account has.
    pub owner: Option<String>,
    /// Only those that come after this place.
    pub after: Option<AlertPlace>,
    /// At most this many.
    pub limit: u32,
}

/// A page of the open alerts.
#[derive(Debug, Clone)]
pub struct AlertPage {
    /// Most pressing first, each with its place in the list.
    pub alerts: Vec<(Alert, AlertPlace)>,
    /// After which place the next page begins; `None` on the last.
    pub next: Option<AlertPlace>,
}

/// How many alerts are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AlertCount {
    /// How many of them ring.
    pub ringing: u32,
    /// That somebody has taken on.
    pub taken: u32,
}

impl AlertFilter {
    /// What is asked of `alert a`, in its order, and the values.
    fn wanted(&self, asked: u32) -> (String, Vec<Value>) {
        let mut values: Vec<Value> = Vec::new();
        let mut wanted = format!("a.state <> 'closed' AND a.audience = 'ladder'{}", self.scope.condition());
        if let Some(AlertPlace { rank, due_ms, id }) = self.after {
            wanted.push_str(" AND (a.list_rank, a.due_at, a.id) > (?, ?, ?)");
            values.extend([rank.into(), due_ms.into(), id.into()]);
        }
        if let Some(owner) = &self.owner {
            wanted.push_str(" AND a.acknowledged_by = ?");
            values.push(Actor::Staff(owner.clone()).word().into());
        }
        wanted.push_str(" ORDER BY a.list_rank, a.due_at, a.id LIMIT ?");
        values.push(asked.into());
        (wanted, values)
    }
}

impl View<'_> {
    /// A page of the open alerts, most pressing first; the canary's are left out. An alert that cannot be read is left out and
    /// takes no other with it.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn alert_page(&self, filter: &AlertFilter) -> Result<AlertPage, StoreError> {
        let page = RowPageReader::new(filter.limit);
        let (wanted, values) = filter.wanted(page.asked());
        let ask = format!("SELECT a.list_rank, a.due_at, a.id FROM alert a WHERE {wanted}");
        let place = |r: &rusqlite::Row<'_>| {
            of_row("alert", r, 2, || Ok(AlertPlace { rank: r.get(0)?, due_ms: r.get(1)?, id: r.get(2)? }))
        };
        let values = rusqlite::params_from_iter(values);
        let places = page.page(self.readable(&ask, values, |row| page.row(place(row)))?);
        let next = places.next().copied();
        let mut alerts = Vec::new();
        for place in places.rows {
            let ask = format!(
                "SELECT {COLUMNS} FROM alert a LEFT JOIN patient p ON p.id = a.patient_id WHERE a.id = ?"
            );
            let found = self.readable(&ask, [place.id], alert)?;
            alerts.extend(found.into_iter().map(|alert| (alert, place)));
        }
        Ok(AlertPage { alerts, next })
    }

    /// How many alerts are open.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn alert_count(&self) -> Result<AlertCount, StoreError> {
        let ask = "SELECT coalesce(sum(list_rank < 3), 0), coalesce(sum(list_rank >= 3), 0) FROM alert \
                   WHERE state <> 'closed' AND audience = 'ladder'";
        let read = |r: &rusqlite::Row<'_>| Ok(AlertCount { ringing: r.get(0)?, taken: r.get(1)? });
        Ok(self.sql.prepare_cached(ask)?.query_row([], read)?)
    }

    /// A page of the alerts that have ended, newest first, from before that one on; the canary's are left out. An alert that
    /// cannot be read is left out and takes no other with it.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn alerts_closed(&self, before: Option<AlertId>, limit: u32) -> Result<ClosedAlerts, StoreError> {
        let page = RowPageReader::new(limit);
        let before = before.map_or(i64::MAX, |id| id.0);
        let ids = format!("SELECT a.id FROM alert a WHERE {CLOSED}");
        let ids = page.page(rows(self.sql, &ids, (before, page.asked()), |r| page.row(r.get(0)))?);
        let whole = format!(
            "SELECT {COLUMNS} FROM alert a LEFT JOIN patient p ON p.id = a.patient_id WHERE {CLOSED}"
        );
        let alerts = self.readable(&whole, (before, limit), alert)?;
        Ok(ClosedAlerts { alerts, next: ids.next().copied().map(AlertId) })
    }

    /// A page of every alert but the canary's, newest first, from before that one on.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn alerts_before(&self, before: Option<AlertId>, limit: u32) -> Result<Vec<Alert>, StoreError> {
        let ask = format!(
            "SELECT {COLUMNS} FROM alert a LEFT JOIN patient p ON p.id = a.patient_id \
             WHERE a.audience = 'ladder' AND a.id < ? ORDER BY a.id DESC LIMIT ?"
        );
        self.readable(&ask, (before.map_or(i64::MAX, |id| id.0), limit), alert)
    }
}

/// What is asked of `alert a` for a page of those that ended; the rows lie in their order, and few that are open lie between.
const CLOSED: &str = "a.state = 'closed' AND a.audience = 'ladder' AND a.id < ? ORDER BY a.id DESC LIMIT ?";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::Store;
    use crate::store::database::tests::{fresh, plan, sabotage};
    use crate::store::db::transaction::Stamp;

    /// A hundred alerts: of every tier, unsorted, taken on, closed and the canary's.
    fn alerts(store: &Store) {
        let many = "INSERT INTO patient (reference, preferred_name, birth_on, email, language, zone, detail, status, status_at, created_at) \
             SELECT 'P-1', 'Ana', '1970-01-01', 'a@x.example', 'en', 'UTC', 'standard', 'active', 0, 0; \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) \
             INSERT INTO alert (patient_id, audience, tier, state, raised_at, due_at, ringing_since, next_notice_at, \
             acknowledged_by, acknowledged_at, closed_by, closed_at, outcome, dispositions) \
             SELECT 1, CASE WHEN i % 10 THEN 'ladder' ELSE 'canary' END, \
             CASE i % 4 WHEN 0 THEN 'emergency' WHEN 1 THEN 'urgent' WHEN 2 THEN 'soon' END, \
             CASE i % 3 WHEN 0 THEN 'raised' WHEN 1 THEN 'acknowledged' ELSE 'closed' END, 0, 1000 - i / 7, 0, \
             CASE WHEN i % 3 = 0 THEN 0 END, CASE WHEN i % 3 THEN CASE WHEN i % 2 THEN 'staff:nora' ELSE 'staff:dora' END END, \
             CASE WHEN i % 3 THEN 1 END, CASE WHEN i % 3 = 2 THEN 'staff:nora' END, CASE WHEN i % 3 = 2 THEN 2 END, \
             CASE WHEN i % 3 = 2 THEN 'other-cause' END, CASE WHEN i % 3 = 2 THEN '[]' END FROM n";
        let stamp = Stamp::daemon(jiff::Timestamp::UNIX_EPOCH);
        for one in many.split("; ") {
            let one = one.to_owned();
            store.write_blocking(stamp.clone(), move |tx| sabotage(tx, &one)).unwrap();
        }
    }

    fn walk(store: &Store, filter: &AlertFilter) -> Vec<i64> {
        let (mut seen, mut after) = (Vec::new(), filter.after);
        loop {
            let page =
                store.read(|v| v.alert_page(&AlertFilter { after, limit: 7, ..filter.clone() })).unwrap();
            assert!(page.alerts.len() <= 7);
            seen.extend(page.alerts.iter().map(|(alert, _)| alert.id.0));
            let Some(next) = page.next else { return seen };
            assert_eq!(next.to_string().parse(), Ok(next));
            after = Some(next);
        }
    }

    #[test]
    fn its_pages_hold_every_open_alert_once_in_the_order_of_the_whole_list() {
        let (_dir, store) = fresh();
        assert_eq!(walk(&store, &AlertFilter::default()), [] as [i64; 0]);
        alerts(&store);
        let whole = store.read(|v| v.alerts_open()).unwrap();
        let ids = |wanted: &dyn Fn(&Alert) -> bool| -> Vec<i64> {
            whole.iter().filter(|alert| wanted(alert)).map(|alert| alert.id.0).collect()
        };
        let of = |scope| AlertFilter { scope, ..AlertFilter::default() };
        assert_eq!(walk(&store, &of(AlertScope::Open)), ids(&|_| true));
        assert_eq!(walk(&store, &of(AlertScope::Ringing)), ids(&|a| a.acknowledged.is_none()));
        assert_eq!(walk(&store, &of(AlertScope::Taken)), ids(&|a| a.acknowledged.is_some()));
        let noras = AlertFilter { owner: Some("nora".to_owned()), ..AlertFilter::default() };
        let hers = ids(&|a| a.acknowledged.as_ref().is_some_and(|(by, _)| by == "staff:nora"));
        assert!(!hers.is_empty() && walk(&store, &noras) == hers);
        let (ringing, taken) =
            (ids(&|a| a.acknowledged.is_none()).len(), ids(&|a| a.acknowledged.is_some()).len());
        let count = store.read(|v| v.alert_count()).unwrap();
        assert_eq!((count.ringing as usize, count.taken as usize), (ringing, taken));
        let ids = |alerts: Vec<Alert>| alerts.iter().map(|alert| alert.id.0).collect::<Vec<_>>();
        let all = ids(store.read(|v| v.alerts_before(None, 1000)).unwrap());
        assert!(all.len() == 90 && all.is_sorted_by(|a, b| a > b));
        let before = |id| ids(store.read(|v| v.alerts_before(id, 5)).unwrap());
        assert_eq!((before(None), before(Some(AlertId(all[4])))), (all[..5].to_vec(), all[5..10].to_vec()));
    }

    #[test]
    fn an_alert_taken_on_meanwhile_takes_none_of_those_that_ring_with_it() {
        let (_dir, store) = fresh();
        alerts(&store);
        let ringing = AlertFilter { limit: 7, ..AlertFilter::default() };
        let first = store.read(|v| v.alert_page(&ringing)).unwrap();
        let whole: Vec<i64> = store.read(|v| v.alerts_open()).unwrap().iter().map(|a| a.id.0).collect();
        let last = first.alerts[6].0.id.0;
        let take = format!(
            "UPDATE alert SET state = 'acknowledged', acknowledged_by = 'staff:nora', acknowledged_at = 5 WHERE id = {last}"
        );
        let stamp = Stamp::daemon(jiff::Timestamp::UNIX_EPOCH);
        store.write_blocking(stamp, move |tx| sabotage(tx, &take)).unwrap();
        let second =
            store.read(|v| v.alert_page(&AlertFilter { after: first.next, ..ringing.clone() })).unwrap();
        assert_eq!(second.alerts.iter().map(|(a, _)| a.id.0).collect::<Vec<_>>(), whole[7..14]);
    }

    #[test]
    fn a_page_reads_no_alert_that_is_not_on_it() {
        let (_dir, store) = fresh();
        let after = "1.5.7".parse().ok();
        for scope in [AlertScope::Open, AlertScope::Ringing, AlertScope::Taken] {
            let (wanted, _) = AlertFilter { scope, after, owner: None, limit: 50 }.wanted(51);
            let ask = format!("SELECT a.list_rank, a.due_at, a.id FROM alert a WHERE {wanted}");
            let steps = plan(&store, &ask, &["1", "5", "7", "50"]);
            assert!(
                steps.iter().any(|step| step.starts_with("SEARCH a USING INDEX alert_list")),
                "{steps:?}"
            );
            assert!(!steps.iter().any(|step| step.contains("B-TREE")), "{steps:?}");
        }
    }
}
