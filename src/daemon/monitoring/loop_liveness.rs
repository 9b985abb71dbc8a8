//! Whether the loops live: when each moved on last, and whether its turns come to anything. A loop that stands still is started
//! anew with the daemon (the watchdog); one that turns in vain would do the same after a start, so people are told of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::daemon::assembly::sending_settings::LEASE;
use crate::journey::delivery::liveness::Liveness;
use crate::journey::delivery::post::Recipients;
use crate::ports::Clock;

/// The plan loop has at most a batch of work a turn; silent for this long it is stuck. A loop that carries letters moves on
/// with every letter that comes back, which no letter takes longer for than its lease.
const STUCK: Duration = Duration::from_secs(300);
/// Turns that fail for so long, with none done between, are no bad moment. The bell of the minute makes them several.
const IN_VAIN: Duration = Duration::from_secs(300);

/// A loop of the daemon, by what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DaemonLoop {
    /// Lets things fall due.
    Plan,
    /// Carries letters to patients.
    Patients,
    /// Judges stored answers and lets alerts climb.
    Alerts,
    /// Carries letters to staff.
    Staff,
    /// Makes the signed calls of webhooks.
    Calls,
}

impl DaemonLoop {
    /// Its name in the log, on record and in what `/readyz` says.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Patients => "patients",
            Self::Alerts => "alerts",
            Self::Staff => "staff",
            Self::Calls => "calls",
        }
    }
}

impl From<Recipients> for DaemonLoop {
    fn from(readers: Recipients) -> Self {
        if readers == Recipients::Staff { Self::Staff } else { Self::Patients }
    }
}

/// When each loop last moved on, and how its turns end.
#[derive(Clone, Default)]
pub struct LoopLiveness {
    /// Of the loop that lets things fall due.
    pub plan: Liveness,
    /// Of the loop that carries letters to patients.
    pub patients: Liveness,
    /// Of the loop that lets alerts climb.
    pub alerts: Liveness,
    /// Of the loop that carries letters to staff.
    pub staff: Liveness,
    /// Of the loop that makes signed calls.
    pub calls: Liveness,
    turns: Arc<Mutex<BTreeMap<DaemonLoop, LoopTurns>>>,
}

/// Whether the turns of a loop come to anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::daemon) enum LoopUse {
    /// A turn was done, or only a few failed since.
    OfUse,
    /// Every turn has failed since then, for minutes.
    InVain(Timestamp),
}

impl LoopUse {
    /// Since when every turn fails.
    pub(in crate::daemon) const fn in_vain_since(self) -> Option<Timestamp> {
        match self {
            Self::OfUse => None,
            Self::InVain(since) => Some(since),
        }
    }
}

/// What is news of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::daemon) struct LoopNews {
    /// Whether it failed, and otherwise than the one before: each loop tries again every minute and more often, and a disk that is
    /// full for a day would fill the log with thousands of lines that say the same.
    pub(in crate::daemon) is_news: bool,
    /// What should stand on record of the loop, where something else does.
    pub(in crate::daemon) on_record: Option<LoopUse>,
}

/// How the turns of a loop end.
#[derive(Default)]
struct LoopTurns {
    /// Those that failed since one was done.
    failed: Option<FailedTurns>,
    /// Whether the log has told of them.
    is_told: bool,
    /// What stands on record of it; `None` before this run of the daemon has looked.
    on_record: Option<LoopUse>,
}

/// Turns that failed in a row.
struct FailedTurns {
    count: u32,
    since: Timestamp,
    first: Duration,
    last: Duration,
    fault: String,
}

impl FailedTurns {
    /// For how long, from the first to the last; `None` while it may be a bad moment.
    fn in_vain(&self) -> Option<Duration> {
        Some(self.last.saturating_sub(self.first)).filter(|span| *span >= IN_VAIN)
    }
}

impl LoopTurns {
    /// Whether the last turn ended otherwise than with this fault.
    fn is_news(&self, fault: &str) -> bool {
        self.failed.as_ref().is_none_or(|failed| failed.fault != fault)
    }

    fn done(&mut self, which: DaemonLoop) -> LoopUse {
        self.failed = None;
        if std::mem::take(&mut self.is_told) {
            tracing::info!(which = which.word(), "a turn of a loop that turned in vain is done");
        }
        LoopUse::OfUse
    }

    /// `None` while it may be a bad moment.
    fn failed(&mut self, which: DaemonLoop, fault: String, clock: &dyn Clock) -> Option<LoopUse> {
        let (since, awake) = (clock.now(), clock.awake());
        let none = FailedTurns { count: 0, since, first: awake, last: awake, fault: String::new() };
        let failed = self.failed.get_or_insert(none);
        (failed.count, failed.last, failed.fault) = (failed.count.saturating_add(1), awake, fault);
        failed.in_vain()?;
        if !std::mem::replace(&mut self.is_told, true) {
            let FailedTurns { count, fault, .. } = failed;
            tracing::error!(which = which.word(), count, %fault, "every turn of a loop fails");
        }
        Some(LoopUse::InVain(failed.since))
    }
}

impl LoopLiveness {
    /// All move on now.
    pub fn beat(&self, now: Duration) {
        let all = [&self.plan, &self.patients, &self.alerts, &self.staff, &self.calls];
        all.iter().for_each(|liveness| liveness.beat(now));
    }

    /// Of the loop that carries letters to those.
    pub(in crate::daemon) fn of(&self, readers: Recipients) -> &Liveness {
        if readers == Recipients::Staff { &self.staff } else { &self.patients }
    }

    /// The loop that has not moved on for too long, and for how long it has not.
    #[must_use]
    pub fn stuck(&self, now: Duration) -> Option<(&'static str, Duration)> {
        let all = [
            (DaemonLoop::Plan, &self.plan, STUCK),
            (DaemonLoop::Alerts, &self.alerts, STUCK),
            (DaemonLoop::Patients, &self.patients, LEASE),
            (DaemonLoop::Staff, &self.staff, LEASE),
            (DaemonLoop::Calls, &self.calls, LEASE),
        ];
        let aged = all.map(|(which, liveness, limit)| (which.word(), liveness.age(now), limit));
        aged.into_iter().find(|(_, age, limit)| age > limit).map(|(name, age, _)| (name, age))
    }

    /// A turn of a loop is over.
    pub(in crate::daemon) fn note_turn(
        &self,
        which: DaemonLoop,
        done: Result<(), String>,
        clock: &dyn Clock,
    ) -> LoopNews {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let turns = turns.entry(which).or_default();
        let is_news = done.as_ref().is_err_and(|fault| turns.is_news(fault));
        let found = match done {
            Ok(()) => Some(turns.done(which)),
            Err(fault) => turns.failed(which, fault, clock),
        };
        LoopNews { is_news, on_record: found.filter(|found| turns.on_record != Some(*found)) }
    }

    /// What [`Self::note_turn`] gave stands on record.
    pub(in crate::daemon) fn recorded(&self, which: DaemonLoop, found: LoopUse) {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.entry(which).or_default().on_record = Some(found);
    }

    /// Whether what became of every letter that came back is on record, or on its way there for the first time.
    ///
    /// # Errors
    /// Of how many it cannot be put there, for people.
    pub fn is_recorded(&self) -> Result<(), String> {
        match self.patients.unrecorded() + self.staff.unrecorded() {
            0 => Ok(()),
            letters => Err(format!(
                "what became of {letters} letters cannot be put on record: what their server has taken may go a second time"
            )),
        }
    }

    /// Whether no loop turns in vain.
    ///
    /// # Errors
    /// Which does, for how long and why, for people.
    pub fn is_of_use(&self) -> Result<(), String> {
        let turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let vain = turns.iter().find_map(|(which, turns)| {
            let failed = turns.failed.as_ref()?;
            Some((which, failed, failed.in_vain()?))
        });
        match vain {
            None => Ok(()),
            Some((which, FailedTurns { count, fault, .. }, span)) => Err(format!(
                "each of {count} turns of the {} loop failed, for {} s: {fault}",
                which.word(),
                span.as_secs()
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn a_loop_that_does_not_move_on_is_named_and_one_that_works_long_is_not() {
        let (liveness, minute) = (LoopLiveness::default(), Duration::from_secs(60));
        liveness.beat(minute);
        assert_eq!(liveness.stuck(minute * 6), None);
        assert_eq!(liveness.stuck(minute * 7), Some(("plan", minute * 6)));
        [&liveness.plan, &liveness.alerts, &liveness.calls]
            .iter()
            .for_each(|liveness| liveness.beat(minute * 62));
        liveness.patients.beat(minute * 20);
        assert_eq!(liveness.stuck(minute * 62), Some(("staff", minute * 61)));
        liveness.staff.beat(minute * 62);
        assert_eq!(liveness.stuck(minute * 62), None, "it carries letters to a slow server");
    }

    #[test]
    fn turns_that_fail_for_minutes_are_told_once_and_the_first_that_is_done_ends_it() {
        let (liveness, clock) = (LoopLiveness::default(), ManualClock::at(Timestamp::UNIX_EPOCH));
        let turn = |minute: i64, done: Result<(), &str>| {
            clock.advance_to(Timestamp::from_second(minute * 60).unwrap());
            let wanted = liveness.note_turn(DaemonLoop::Staff, done.map_err(str::to_owned), &clock).on_record;
            if let Some(found) = wanted {
                liveness.recorded(DaemonLoop::Staff, found);
            }
            wanted
        };
        assert_eq!(turn(0, Ok(())), Some(LoopUse::OfUse), "what an earlier run left on record is over");
        for minute in 1..6 {
            assert_eq!(turn(minute, Err("no such table")), None, "minute {minute}");
        }
        assert_eq!(liveness.is_of_use(), Ok(()), "it may be a bad moment");
        let first = LoopUse::InVain(Timestamp::from_second(60).unwrap());
        assert_eq!(turn(6, Err("no such table")), Some(first));
        assert_eq!(turn(7, Err("no such table")), None, "it stands on record");
        let told = liveness.is_of_use().unwrap_err();
        assert_eq!(told, "each of 7 turns of the staff loop failed, for 360 s: no such table");
        assert_eq!(turn(8, Ok(())), Some(LoopUse::OfUse));
        assert_eq!(liveness.is_of_use(), Ok(()));
    }
    #[test]
    fn a_fault_that_lasts_is_told_once_and_again_when_it_comes_back() {
        let (liveness, clock) = (LoopLiveness::default(), ManualClock::at(Timestamp::UNIX_EPOCH));
        let is_news = |which, fault: &str| liveness.note_turn(which, Err(fault.to_owned()), &clock).is_news;
        let day = (0..1_440).filter(|_| is_news(DaemonLoop::Plan, "the disk is full")).count();
        assert_eq!(day, 1);
        assert!(is_news(DaemonLoop::Patients, "the disk is full") && is_news(DaemonLoop::Plan, "locked"));
        assert!(!liveness.note_turn(DaemonLoop::Plan, Ok(()), &clock).is_news);
        assert!(is_news(DaemonLoop::Plan, "locked"));
    }
}
