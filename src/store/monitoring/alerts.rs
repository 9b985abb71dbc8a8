//! Open alerts by tier, and how long a person took from the answer to the first act.

use jiff::Timestamp;

use crate::care::alert::lifecycle::AlertState;
use crate::care::triage::tier::Tier;
use crate::store::db::columns::{instant, millis, rows};
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::monitoring::duration_counts::{BucketCount, DurationCounts};

/// Up to where the time to the first act is counted, in seconds: from a minute to a week.
pub const FIRST_ACT_LIMITS: [f64; 12] = [
    60.0, 300.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0, 43_200.0, 86_400.0, 172_800.0, 259_200.0,
    604_800.0,
];

/// The open alerts of one tier and state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenAlerts {
    /// How urgent they are; `None` for answers that nobody sorted.
    pub tier: Option<Tier>,
    /// Whether a person has taken them on.
    pub state: AlertState,
    /// How many there are.
    pub open: u64,
    /// Those by whose clock a person should have acted.
    pub overdue: u64,
    /// When the oldest was raised.
    pub oldest: Timestamp,
    /// By when a person should have acted on the first of them.
    pub first_due: Timestamp,
}

/// How long it took until a person acted, for the alerts of one tier.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstActTime {
    /// How urgent they were; `None` for answers that nobody sorted.
    pub tier: Option<Tier>,
    /// From the answer, or the last that made it more urgent, to the first act.
    pub took: DurationCounts,
}

const OPEN: &str = "SELECT tier, state, count(*), coalesce(sum(due_at < ?1), 0), min(raised_at), min(due_at) FROM alert INDEXED BY alert_list \
     WHERE state <> 'closed' AND audience = 'ladder' GROUP BY tier, state";

impl View<'_> {
    /// The open alerts by tier and state, the canary's left out.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub(in crate::store) fn open_alerts(&self, now: Timestamp) -> Result<Vec<OpenAlerts>, StoreError> {
        let read = |r: &rusqlite::Row<'_>| {
            let (tier, state): (Option<String>, String) = (r.get(0)?, r.get(1)?);
            let (open, overdue): (u32, u32) = (r.get(2)?, r.get(3)?);
            let Some(state) = AlertState::parse(&state) else { return Ok(None) };
            Ok(Some(OpenAlerts {
                tier: tier.as_deref().and_then(Tier::parse),
                state,
                open: u64::from(open),
                overdue: u64::from(overdue),
                oldest: instant(r.get(4)?),
                first_due: instant(r.get(5)?),
            }))
        };
        Ok(rows(self.sql, OPEN, [millis(now)], read)?.into_iter().flatten().collect())
    }

    /// How long people took to act, by tier, over all alerts there ever were. It reads a line of an index for each alert, so it is
    /// not asked at every look.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn first_acts(&self) -> Result<Vec<FirstActTime>, StoreError> {
        let read = |r: &rusqlite::Row<'_>| {
            let tier: Option<String> = r.get(0)?;
            let up_to = FIRST_ACT_LIMITS.iter().enumerate().map(|(at, limit)| {
                Ok(BucketCount { limit: *limit, count: r.get::<_, u32>(3 + at).map(u64::from)? })
            });
            let took = DurationCounts {
                up_to: up_to.collect::<rusqlite::Result<_>>()?,
                all: u64::from(r.get::<_, u32>(1)?),
                seconds: r.get(2)?,
            };
            Ok(FirstActTime { tier: tier.as_deref().and_then(Tier::parse), took })
        };
        rows(self.sql, &first_acts_ask(), [], read)
    }
}

fn first_acts_ask() -> String {
    let sums = FIRST_ACT_LIMITS.map(|limit| format!("sum(took <= {limit:.0})"));
    format!(
        "SELECT tier, count(*), total(took), {} FROM (SELECT tier, max(first_acted_at - coalesce(lifted_at, raised_at), 0) / 1000.0 \
         AS took FROM alert INDEXED BY alert_first_act WHERE first_acted_at IS NOT NULL AND audience = 'ladder') GROUP BY tier",
        sums.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{an_alert, fresh, plan, sabotage, stamp};

    #[test]
    fn open_alerts_are_told_by_tier_with_those_whose_clock_ran_out() {
        let (_dir, store) = fresh();
        store.write_blocking(stamp(), an_alert).unwrap();
        let [open] = store.read(|v| v.open_alerts(instant(1_000))).unwrap()[..] else { panic!("one tier") };
        assert_eq!((open.tier, open.state, open.open), (Some(Tier::Urgent), AlertState::Raised, 1));
        assert_eq!((open.overdue, open.oldest), (0, instant(1_000)));
        assert_eq!(store.read(|v| v.open_alerts(instant(1_001))).unwrap()[0].overdue, 1);
    }

    #[test]
    fn the_time_to_the_first_act_counts_from_the_answer_or_the_last_that_lifted_it() {
        let (_dir, store) = fresh();
        store.write_blocking(stamp(), an_alert).unwrap();
        assert_eq!(store.read(|v| v.first_acts()).unwrap(), []);
        let acted = |sql: &'static str| {
            store.write_blocking(stamp(), move |tx| sabotage(tx, sql)).unwrap();
            store.read(|v| v.first_acts()).unwrap().remove(0).took
        };
        let took = acted("UPDATE alert SET first_acted_at = raised_at + 400000");
        let counts: Vec<_> = took.up_to.iter().map(|one| one.count).collect();
        assert_eq!((counts[..3].to_vec(), took.all), (vec![0, 0, 1], 1));
        assert!((took.seconds - 400.0).abs() < 1e-9, "{took:?}");
        let lifted = acted("UPDATE alert SET lifted_at = raised_at + 390000");
        assert_eq!(lifted.up_to[0].count, 1, "ten seconds after it was lifted");
    }

    #[test]
    fn no_alert_is_read_for_the_time_to_the_first_act() {
        let (_dir, store) = fresh();
        let steps = plan(&store, &first_acts_ask(), &[]);
        assert_eq!(steps, ["SCAN alert USING COVERING INDEX alert_first_act"]);
    }
}
