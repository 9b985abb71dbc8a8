//! The only place that reads the clock, and the only source of randomness; with their stand-ins for simulated time.

mod systemd_question;

use std::ffi::c_long;
use std::io::{self, PipeReader};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId as TimerClock, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use nix::time::{ClockId, clock_gettime};
use rtime_clock::adjtime::{Timex, adjtimex};

use crate::ports::{BoxFuture, Clock, Entropy};

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        // Unlike Instant, CLOCK_BOOTTIME keeps counting while the machine sleeps, so that a suspend is not a clock jump.
        clock_gettime(ClockId::CLOCK_BOOTTIME).map(Duration::from).unwrap_or_default()
    }

    fn awake(&self) -> Duration {
        clock_gettime(ClockId::CLOCK_MONOTONIC).map(Duration::from).unwrap_or_default()
    }

    fn synchronized(&self) -> Option<Timestamp> {
        kernel().ok().flatten()
    }

    fn vouched(&self) -> BoxFuture<'_, Option<Timestamp>> {
        Box::pin(async {
            if let Ok(answer) = kernel() {
                return answer;
            }
            // The answer speaks for the clock as it was read before the question. Whoever compares it with a later reading then
            // sees every jump since; had it been read after the answer, a jump between the two would be vouched for.
            let before = Self.now();
            let is_kept = tokio::task::spawn_blocking(systemd_question::keeps_right).await;
            is_kept.unwrap_or(false).then_some(before)
        })
    }
}

/// The kernel's clock if something outside keeps it right; an error where the question is refused, as in the sandbox of the unit.
/// A query: no mode is set, so nothing is changed.
fn kernel() -> io::Result<Option<Timestamp>> {
    let mut timex = Timex::new();
    adjtimex(&mut timex)?;
    let is_kept = timex.0.maxerror < UNSYNCHRONIZED;
    Ok(Timestamp::from_second(timex.0.time.tv_sec).ok().filter(|_| is_kept))
}

/// The `maxerror` of `adjtimex(2)`, in microseconds, of a clock that nobody keeps right: the kernel sets it when somebody sets the
/// clock by hand, and when nobody has corrected it for hours; NTP and PTP lower it. timedated goes by the same limit, and
/// unlike `STA_UNSYNC` it says nothing about who keeps the hardware clock.
const UNSYNCHRONIZED: c_long = 16_000_000;

/// Sleeps by this machine's clock, and hears at once when somebody sets it or when the machine wakes from sleep: to whoever
/// waits for an instant both are a jump. What is corrected slowly, as NTP does it, is none.
#[derive(Debug)]
pub struct ClockSleep {
    timer: Option<TimerFd>,
}

/// Why a sleep is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SleepEnd {
    /// It lasted as long as it should.
    Over,
    /// Before its time, because the clock jumped.
    Jumped,
    /// Nobody holds the other end of the pipe any more.
    Closed,
}

impl ClockSleep {
    /// Begins to listen for jumps.
    ///
    /// # Errors
    /// The system's, e.g. a sandbox that refuses timers.
    pub fn listen() -> io::Result<Self> {
        let timer = TimerFd::new(TimerClock::CLOCK_REALTIME, TimerFlags::TFD_CLOEXEC)?;
        // It never rings by itself. The kernel cancels it when the clock jumps (timerfd_create(2)), and goes on watching.
        let never = Expiration::OneShot(TimeSpec::new(Timestamp::MAX.as_second(), 0));
        timer
            .set(never, TimerSetTimeFlags::TFD_TIMER_ABSTIME | TimerSetTimeFlags::TFD_TIMER_CANCEL_ON_SET)?;
        Ok(Self { timer: Some(timer) })
    }

    /// One that hears of no jump, where the system does not tell of any.
    #[must_use]
    pub const fn deaf() -> Self {
        Self { timer: None }
    }

    /// Sleeps for so long, less when the clock jumps meanwhile or the pipe is closed at its other end. It holds its thread.
    ///
    /// # Errors
    /// The system's.
    pub fn sleep(&self, span: Duration, open: &PipeReader) -> io::Result<SleepEnd> {
        let listens = |fd| PollFd::new(fd, PollFlags::POLLIN);
        let mut watched = vec![listens(open.as_fd())];
        watched.extend(self.timer.as_ref().map(|timer| listens(timer.as_fd())));
        // Rounded up: whoever wakes too early only sleeps once more.
        let millis = i32::try_from(span.as_micros().div_ceil(1000)).unwrap_or(i32::MAX);
        match poll(&mut watched, PollTimeout::try_from(millis).unwrap_or(PollTimeout::MAX)) {
            Ok(0) | Err(Errno::EINTR) => return Ok(SleepEnd::Over),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        if watched.first().and_then(PollFd::any) == Some(true) {
            return Ok(SleepEnd::Closed);
        }
        if let Some(timer) = &self.timer {
            timer.wait()?;
        }
        Ok(SleepEnd::Jumped)
    }
}

/// A clock that stands still until it is told: for the demo, rehearsals and tests.
#[derive(Debug)]
pub struct ManualClock {
    in_flight: Mutex<(Timestamp, Duration)>,
    vouched: AtomicBool,
}

impl ManualClock {
    /// A clock that shows `at`; its monotonic side starts at zero.
    #[must_use]
    pub const fn at(at: Timestamp) -> Self {
        Self { in_flight: Mutex::new((at, Duration::ZERO)), vouched: AtomicBool::new(false) }
    }

    /// Whether something outside keeps it right, as NTP does the kernel's; at first nothing does.
    pub fn vouch(&self, vouched: KernelClock) {
        self.vouched.store(vouched == KernelClock::Yes, Ordering::Relaxed);
    }

    /// Lets time pass: both sides move.
    pub fn advance(&self, span: Duration) {
        let mut in_flight = self.in_flight();
        let step = jiff::SignedDuration::try_from(span).unwrap_or(jiff::SignedDuration::MAX);
        in_flight.0 = in_flight.0.saturating_add(step).unwrap_or(Timestamp::MAX);
        in_flight.1 = in_flight.1.saturating_add(span);
    }

    /// Lets time pass until `at`; an instant already gone changes nothing.
    pub fn advance_to(&self, at: Timestamp) {
        let ahead = at.duration_since(self.now());
        self.advance(Duration::try_from(ahead).unwrap_or_default());
    }

    /// Somebody sets the wall clock, forward or back: the monotonic side does not notice.
    pub fn set_wall(&self, at: Timestamp) {
        self.in_flight().0 = at;
    }

    fn in_flight(&self) -> MutexGuard<'_, (Timestamp, Duration)> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.in_flight().0
    }

    fn monotonic(&self) -> Duration {
        self.in_flight().1
    }

    fn synchronized(&self) -> Option<Timestamp> {
        self.vouched.load(Ordering::Relaxed).then(|| self.now())
    }
}

/// Whether something outside keeps a clock right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KernelClock {
    /// It does: [`Clock::synchronized`] gives the instant shown.
    Yes,
    /// Nobody knows: [`Clock::synchronized`] gives `None`.
    No,
}

/// The kernel's randomness; it panics when the kernel gives none.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        // Keys and tokens come from here: without randomness no step may go on.
        if let Err(error) = getrandom::fill(buffer) {
            std::panic::panic_any(format!("the kernel gives no randomness: {error}"));
        }
    }
}

/// The same bytes after the same seed (SplitMix64). NOT cryptographic: for the demo, rehearsals and tests only.
#[derive(Debug)]
pub struct SeededEntropy {
    state: Mutex<u64>,
}

impl SeededEntropy {
    /// A source that always gives the same bytes for this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: Mutex::new(seed) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in buffer.chunks_mut(8) {
            let bytes = split_mix(&mut state).to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}

/// Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014.
const fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> Timestamp {
        "2027-03-14T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = ManualClock::at(noon());
        assert_eq!((clock.now(), clock.monotonic()), (noon(), Duration::ZERO));
        clock.advance(Duration::from_secs(90));
        assert_eq!(clock.now().to_string(), "2027-03-14T12:01:30Z");
        clock.advance_to("2027-03-14T12:02:00Z".parse().unwrap());
        assert_eq!(clock.monotonic(), Duration::from_secs(120));
    }

    #[test]
    fn time_does_not_run_backwards_by_advancing() {
        let clock = ManualClock::at(noon());
        clock.advance_to("2027-03-13T12:00:00Z".parse().unwrap());
        assert_eq!((clock.now(), clock.monotonic()), (noon(), Duration::ZERO));
    }

    #[test]
    fn a_jump_of_the_wall_clock_leaves_the_monotonic_side_alone() {
        let clock = ManualClock::at(noon());
        clock.set_wall("2026-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(clock.monotonic(), Duration::ZERO);
        assert_eq!(clock.now().to_string(), "2026-01-01T00:00:00Z");
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_does_not() {
        let draw = |seed| {
            let mut bytes = [0; 21];
            SeededEntropy::new(seed).fill(&mut bytes);
            bytes
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn split_mix_gives_its_published_first_number() {
        assert_eq!(split_mix(&mut 0), 0xE220_A839_7B1D_CDAF);
    }

    #[test]
    fn the_monotonic_clock_never_goes_back() {
        let first = SystemClock.monotonic();
        assert!(first > Duration::ZERO);
        assert!(SystemClock.monotonic() >= first);
    }

    #[test]
    fn a_sleep_lasts_as_long_as_it_should_or_until_nobody_needs_it() {
        let (open, writer) = io::pipe().unwrap();
        let sleeper = ClockSleep::listen().unwrap();
        assert_eq!(sleeper.sleep(Duration::from_micros(1), &open).unwrap(), SleepEnd::Over);
        drop(writer);
        for sleeper in [sleeper, ClockSleep::deaf()] {
            assert_eq!(sleeper.sleep(Duration::from_secs(3600), &open).unwrap(), SleepEnd::Closed);
        }
    }
}
