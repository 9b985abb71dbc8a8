//! The clock is watched. A reading is compared with the one before, at a start with the last instant on record; while it
//! is in doubt nothing irreversible happens (P15), a task says why, and when the clock is right again, or a person says
//! that it is, everything goes on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::hold;
use crate::care::time::clock_trust::{ClockEvidence, ClockTrust, Doubt, judge};
use crate::care::time::span::later;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::operations::hold::ClockHold;
use crate::ports::Clock;
use crate::store::db::transaction::View;

/// How often the last instant that was believed is written down, for the comparison at the next start.
const NOTE_EVERY: Duration = Duration::from_secs(600);

/// Shared by all who take steps that cannot be taken back; each looks first.
#[derive(Clone, Default)]
pub struct ClockWatch(Arc<Shared>);

#[derive(Default)]
struct Shared {
    seen: Mutex<ClockSeen>,
    /// One look at the record at a time.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct ClockSeen {
    /// The last reading that was believed.
    believed: Option<ClockReading>,
    /// When the clock was compared with the record first.
    compared: Option<Duration>,
    doubt: Option<Doubt>,
    /// Whether a task asks about the doubt.
    asked: bool,
    /// When an instant was last written down.
    noted: Option<Duration>,
}

/// What both clocks showed at one moment.
#[derive(Debug, Clone, Copy)]
struct ClockReading {
    wall: Timestamp,
    monotonic: Duration,
}

impl ClockReading {
    fn of(clock: &dyn Clock) -> Self {
        Self { wall: clock.now(), monotonic: clock.monotonic() }
    }

    /// What the wall clock should show when the other clock shows this.
    fn expected(self, monotonic: Duration) -> Timestamp {
        let passed = monotonic.saturating_sub(self.monotonic);
        later(self.wall, passed)
    }
}

impl ClockWatch {
    /// Compares the clock with the last reading that was believed; in the middle of a turn, where nobody can wait for the
    /// record, nor for anybody but the kernel to vouch. A doubt that begins here is recorded by the next [`Self::look`], and only
    /// that ends one. Before the first look every clock is in doubt.
    #[must_use]
    pub fn glance(&self, clock: &dyn Clock) -> ClockTrust {
        let mut seen = self.seen();
        let now = ClockReading::of(clock);
        let before = match (seen.doubt, seen.believed) {
            (Some(doubt), _) => return ClockTrust::Doubtful(now.wall, doubt),
            (None, None) => return ClockTrust::Doubtful(now.wall, Doubt::Unsettled),
            (None, Some(before)) => before,
        };
        let expected = Some(before.expected(now.monotonic));
        let trust = judged(clock, ClockEvidence { expected, ..ClockEvidence::none_against(now.wall) });
        match trust {
            ClockTrust::Sure(_) => seen.believed = Some(now),
            ClockTrust::Doubtful(_, doubt) => seen.doubt = Some(doubt),
        }
        trust
    }

    /// As [`Self::glance`], and with the record: the first comparison of a process, the task
    /// that a doubt needs, and the end of a doubt.
    ///
    /// # Errors
    /// [`StepError`] when the store fails; then nothing counts as compared, and the next look sees the same.
    pub async fn look(&self, clinic: &Deps, clock: &dyn Clock) -> Result<ClockTrust, StepError> {
        let _turn = self.0.turn.lock().await;
        let glanced = self.glance(clock);
        if glanced.sure().is_some() {
            return Ok(glanced);
        }
        let record = clinic.store.read(hold::on_record)?;
        let (now, trust) = match self.weigh(clock, None, &record) {
            // The clock is read anew after the answer, so that a jump meanwhile is seen.
            (_, ClockTrust::Doubtful(_, doubt)) if doubt.yields_to_kernel() => {
                self.weigh(clock, clock.vouched().await, &record)
            }
            weighed => weighed,
        };
        match trust {
            ClockTrust::Sure(trusted) => {
                if self.seen().doubt.is_some() || record.is_held {
                    hold::end(clinic, trusted).await?;
                }
                *self.seen() = ClockSeen { believed: Some(now), ..ClockSeen::default() };
            }
            ClockTrust::Doubtful(_, doubt) => {
                if !record.is_held {
                    hold::begin(clinic, now.wall, &record, doubt).await?;
                }
                let mut seen = self.seen();
                (seen.doubt, seen.asked) = (Some(doubt), true);
            }
        }
        Ok(trust)
    }

    /// What is in doubt about the clock, as far as was looked; nothing is compared anew.
    #[must_use]
    pub fn doubt(&self) -> Option<Doubt> {
        self.seen().doubt
    }

    /// How far the wall clock stands from where it should, counted from the last reading that was believed by the clock that
    /// never jumps; zero before the first.
    #[must_use]
    pub fn offset(&self, clock: &dyn Clock) -> SignedDuration {
        let now = ClockReading::of(clock);
        let believed = self.seen().believed;
        believed
            .map_or(SignedDuration::ZERO, |before| now.wall.duration_since(before.expected(now.monotonic)))
    }

    /// Writes the instant down from time to time, for the comparison at the next start. One in doubt is never written.
    ///
    /// # Errors
    /// [`StepError`] when the store fails.
    pub async fn note(&self, clinic: &Deps, trust: ClockTrust, clock: &dyn Clock) -> Result<(), StepError> {
        let now = clock.monotonic();
        let is_new = self.seen().noted.is_none_or(|noted| now.saturating_sub(noted) >= NOTE_EVERY);
        if let Some(trusted) = trust.sure().filter(|_| is_new) {
            hold::seen(clinic, trusted.at()).await?;
            self.seen().noted = Some(now);
        }
        Ok(())
    }

    /// Judges a reading by all that is known.
    fn weigh(
        &self,
        clock: &dyn Clock,
        kernel: Option<Timestamp>,
        record: &ClockHold,
    ) -> (ClockReading, ClockTrust) {
        let mut seen = self.seen();
        let now = ClockReading::of(clock);
        // The task that asked about the doubt is closed: a person says that the clock is right.
        if seen.asked && !record.is_held {
            return (now, judge(&ClockEvidence::none_against(now.wall)));
        }
        let expected = seen.believed.map(|before| before.expected(now.monotonic));
        // What this process has seen itself says more than what another left on record.
        let is_news = matches!(seen.doubt, Some(Doubt::Behind(_) | Doubt::Ahead(_) | Doubt::Jumped(_)));
        let earlier = record.earlier().filter(|_| expected.is_none() && !is_news);
        // A clock that lies behind the record and only goes on is as wrong when it has passed it.
        let monotonic = *seen.compared.get_or_insert(now.monotonic);
        let record = record.seen_at.filter(|_| expected.is_none());
        let record = record.map(|wall| ClockReading { wall, monotonic }.expected(now.monotonic));
        (now, judge(&ClockEvidence { now: now.wall, expected, record, kernel, earlier }))
    }

    fn seen(&self) -> MutexGuard<'_, ClockSeen> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the clock is in doubt, as far as the record and one reading tell, in words. Changes nothing: for `doctor`.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn doubt_on_record(view: &View<'_>, clock: &dyn Clock) -> Result<Option<String>, StepError> {
    let on_record = hold::on_record(view)?;
    let now = clock.now();
    let evidence = ClockEvidence {
        record: on_record.seen_at,
        earlier: on_record.earlier(),
        ..ClockEvidence::none_against(now)
    };
    Ok(match judged(clock, evidence) {
        ClockTrust::Sure(_) => None,
        ClockTrust::Doubtful(_, Doubt::Unsettled) => Some(unsettled(view, &on_record)?),
        ClockTrust::Doubtful(_, doubt) => Some(on_record.words(doubt)),
    })
}

/// A doubt that nobody has settled, with what the task says that it began with.
fn unsettled(view: &View<'_>, record: &ClockHold) -> Result<String, StepError> {
    let began = hold::reason(view)?.map(|reason| format!(" It began so: {reason}")).unwrap_or_default();
    Ok(format!("{}{began}", record.words(Doubt::Unsettled)))
}

/// Judges; the kernel is asked only where that can change something.
fn judged(clock: &dyn Clock, evidence: ClockEvidence) -> ClockTrust {
    match judge(&evidence) {
        ClockTrust::Doubtful(_, doubt) if doubt.yields_to_kernel() => {
            judge(&ClockEvidence { kernel: clock.synchronized(), ..evidence })
        }
        judged => judged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::task::TaskKind;
    use crate::journey::fixture::{Fixture, due, fixture, triage};
    use crate::ports::BoxFuture;
    use crate::store::db::transaction::Tx;

    /// A clock in a sandbox: the kernel may not be asked, somebody else answers, and the clock may be set before he does.
    struct Sandboxed {
        wall: Mutex<Timestamp>,
        vouched: Option<Timestamp>,
        set_meanwhile: Option<Timestamp>,
    }

    impl Clock for Sandboxed {
        fn now(&self) -> Timestamp {
            *self.wall.lock().unwrap()
        }
        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }
        fn vouched(&self) -> BoxFuture<'_, Option<Timestamp>> {
            Box::pin(async {
                if let Some(at) = self.set_meanwhile {
                    *self.wall.lock().unwrap() = at;
                }
                self.vouched
            })
        }
    }

    fn sandboxed(wall: Timestamp, vouched: Option<Timestamp>) -> Sandboxed {
        Sandboxed { wall: Mutex::new(wall), vouched, set_meanwhile: None }
    }

    fn later() -> Timestamp {
        due() + SignedDuration::from_hours(30)
    }

    /// Whether the clock is trusted after a look; if not, a task asks about it.
    async fn is_sure(watch: &ClockWatch, fixture: &Fixture, clock: &Sandboxed) -> bool {
        let trust = watch.look(&fixture.clinic, clock).await.unwrap();
        let is_held = fixture.clinic.store.read(hold::on_record).unwrap().is_held;
        assert_eq!(is_held, trust.sure().is_none());
        !is_held
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn where_the_kernel_may_not_be_asked_a_jump_is_in_doubt_until_somebody_else_vouches() {
        let (fixture, watch) = (fixture(triage()), ClockWatch::default());
        assert!(is_sure(&watch, &fixture, &sandboxed(due(), None)).await);
        let jumped = sandboxed(later(), Some(later()));
        assert!(watch.glance(&jumped).sure().is_none(), "a glance waits for nobody");
        assert!(is_sure(&watch, &fixture, &jumped).await);
        assert!(watch.glance(&jumped).sure().is_some());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nobody_who_vouches_is_a_doubt_and_so_is_an_answer_about_another_clock() {
        for vouched in [None, Some(due())] {
            let (fixture, watch) = (fixture(triage()), ClockWatch::default());
            is_sure(&watch, &fixture, &sandboxed(due(), None)).await;
            assert!(!is_sure(&watch, &fixture, &sandboxed(later(), vouched)).await);
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_instant_on_record_that_cannot_be_read_is_a_doubt_and_no_first_start() {
        let spoilt = || {
            let fixture = fixture(triage());
            let spoil = |tx: &mut Tx<'_>| Ok(tx.set_fact("seen-at", "2026-02-3x")?);
            fixture.write(("daemon", due()), spoil).unwrap();
            fixture
        };
        let seen = |fixture: &Fixture| fixture.clinic.store.read(|view| view.fact("seen-at")).unwrap();
        let (fixture, watch, clock) = (spoilt(), ClockWatch::default(), sandboxed(due(), None));
        assert!(!is_sure(&watch, &fixture, &clock).await);
        let reason = fixture.clinic.store.read(hold::reason).unwrap().unwrap();
        assert!(reason.contains("fact/seen-at"), "a person is told what is spoilt: {reason}");
        let doctor = fixture.clinic.store.read(|view| doubt_on_record(view, &clock)).unwrap().unwrap();
        assert!(doctor.contains("fact/seen-at"), "{doctor}");
        let right = |tx: &mut Tx<'_>| tx.close_tasks_caused(TaskKind::Hold, hold::CLOCK, "it is right");
        fixture.write(("staff:dana", due()), move |tx| Ok(right(tx)?)).unwrap();
        assert!(is_sure(&watch, &fixture, &clock).await, "a person said so");
        assert_eq!(seen(&fixture), Some(due().to_string()), "it is written anew");

        let (fixture, watch) = (spoilt(), ClockWatch::default());
        let vouched = sandboxed(due(), Some(due()));
        assert!(is_sure(&watch, &fixture, &vouched).await, "somebody vouches: nothing waits for a person");
        let trust = watch.glance(&vouched);
        watch.note(&fixture.clinic, trust, &vouched).await.unwrap();
        assert_eq!(seen(&fixture), Some(due().to_string()));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_clock_set_while_somebody_answers_is_not_vouched_for() {
        let (fixture, watch) = (fixture(triage()), ClockWatch::default());
        is_sure(&watch, &fixture, &sandboxed(due(), None)).await;
        let set = later() + SignedDuration::from_hours(24);
        let clock = Sandboxed { set_meanwhile: Some(set), ..sandboxed(later(), Some(later())) };
        assert!(!is_sure(&watch, &fixture, &clock).await);
    }
}
