//! Whether the wall clock may be believed. What cannot be taken back (falling due, lapsing, ending, rescuing, pruning)
//! asks for a [`Trusted`] instant, and only [`judge`] gives one: the compiler finds the steps that forget to ask (P15).

use jiff::{SignedDuration, Timestamp};

/// A clock more than this behind is wrong. What is dated further ahead than this was dated by a wrong clock.
pub const BACK: SignedDuration = SignedDuration::from_mins(10);

/// Whether what is dated so was dated by a clock that was wrong: it lies ahead of `now`, further than clocks differ.
#[must_use]
pub fn is_ahead(dated: Timestamp, now: Timestamp) -> bool {
    dated.duration_since(now) > BACK
}

/// A clock more than this ahead of what has passed is wrong.
pub const AHEAD: SignedDuration = SignedDuration::from_hours(1);
/// Where nothing counted what has passed: a machine off for longer than this is asked about.
pub const FAR: SignedDuration = SignedDuration::from_hours(14 * 24);
/// The kernel's clock and ours are the same clock if they lie no further apart.
const SAME: SignedDuration = SignedDuration::from_mins(1);

/// An instant of a clock that may be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trusted(Timestamp);

impl Trusted {
    /// The instant that may be relied on.
    #[must_use]
    pub const fn at(self) -> Timestamp {
        self.0
    }
}

/// Why the clock may not be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// The wall clock moved by so much more than time has passed; negative when it went back.
    Jumped(SignedDuration),
    /// It lies so far behind the last instant on record.
    Behind(SignedDuration),
    /// It lies so far ahead of the last instant on record, and nobody vouches for it.
    Ahead(SignedDuration),
    /// It was in doubt before a restart, and nothing on record says that it is right again; or nobody has compared it yet.
    Unsettled,
}

impl Doubt {
    /// By how much the clock is off, as far as it is known; positive when it is ahead.
    #[must_use]
    pub fn off(self) -> Option<SignedDuration> {
        match self {
            Self::Jumped(off) | Self::Ahead(off) => Some(off),
            Self::Behind(off) => Some(-off),
            Self::Unsettled => None,
        }
    }

    /// Whether it is over as soon as something outside keeps the kernel's clock right. That settles a clock that is ahead: it is
    /// late, or was wrong before. It does not settle one that is behind: what is on record may stem from a wrong clock, and a
    /// person must look at it.
    #[must_use]
    pub fn yields_to_kernel(self) -> bool {
        match self {
            Self::Jumped(off) => off.is_positive(),
            Self::Ahead(_) | Self::Unsettled => true,
            Self::Behind(_) => false,
        }
    }

    /// One sentence for people.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Jumped(off) => format!("The wall clock jumped by {}.", span(off)),
            Self::Behind(off) => format!("The clock is {} behind the last instant on record.", span(off)),
            Self::Ahead(off) => format!("The clock is {} ahead of the last instant on record.", span(off)),
            Self::Unsettled => "The clock was in doubt and nobody has said yet that it is right.".to_owned(),
        }
    }
}

fn span(off: SignedDuration) -> String {
    match off.as_hours().abs() {
        0..48 => format!("{} minutes", off.as_mins()),
        hours => format!("{} days", hours / 24 * off.as_hours().signum()),
    }
}

/// What a clock shows, and whether it may be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockTrust {
    /// It may be believed.
    Sure(Trusted),
    /// It may not: what it shows serves to stamp what happens, and to ring alerts, which are never held.
    Doubtful(Timestamp, Doubt),
}

impl ClockTrust {
    /// What the clock shows, believed or not.
    #[must_use]
    pub const fn now(self) -> Timestamp {
        match self {
            Self::Sure(trusted) => trusted.0,
            Self::Doubtful(now, _) => now,
        }
    }

    /// The instant, if it may be believed.
    #[must_use]
    pub const fn sure(self) -> Option<Trusted> {
        match self {
            Self::Sure(trusted) => Some(trusted),
            Self::Doubtful(..) => None,
        }
    }
}

/// A doubt that was on record before this process began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    /// By how much the clock was off then, where that was noted.
    pub off: Option<SignedDuration>,
}

/// What can be known about a reading of the wall clock.
#[derive(Debug, Clone, Copy)]
pub struct ClockEvidence {
    /// What the wall clock shows.
    pub now: Timestamp,
    /// What it should show by a clock that never jumps, counted from a reading that was believed.
    pub expected: Option<Timestamp>,
    /// The last believed instant on record, and what was counted since; nothing was counting before.
    pub record: Option<Timestamp>,
    /// The kernel's clock, if something outside keeps it right (NTP, PTP).
    pub kernel: Option<Timestamp>,
    /// A doubt of before that nobody has settled.
    pub earlier: Option<Earlier>,
}

impl ClockEvidence {
    /// A reading that nothing speaks against: a first start, a person who says that it is right.
    #[must_use]
    pub const fn none_against(now: Timestamp) -> Self {
        Self { now, expected: None, record: None, kernel: None, earlier: None }
    }
}

/// Judges a reading by all that can be known about it.
#[must_use]
pub fn judge(evidence: &ClockEvidence) -> ClockTrust {
    let ClockEvidence { now, kernel, .. } = *evidence;
    let is_vouched = kernel.is_some_and(|kernel| now.duration_since(kernel).abs() <= SAME);
    match doubt(evidence) {
        Some(doubt) if !(is_vouched && doubt.yields_to_kernel()) => ClockTrust::Doubtful(now, doubt),
        _ => ClockTrust::Sure(Trusted(now)),
    }
}

fn doubt(evidence: &ClockEvidence) -> Option<Doubt> {
    if let Some(expected) = evidence.expected {
        let off = evidence.now.duration_since(expected);
        return (off > AHEAD || off < -BACK).then_some(Doubt::Jumped(off));
    }
    let passed = evidence.record.map(|record| evidence.now.duration_since(record));
    match passed {
        Some(off) if off < -BACK => Some(Doubt::Behind(-off)),
        Some(off) if off > FAR => Some(Doubt::Ahead(off)),
        _ => evidence.earlier.filter(|earlier| !shows_its_end(*earlier, passed)).map(|_| Doubt::Unsettled),
    }
}

/// Whether a clock that lies well against the record shows by that alone that an earlier doubt is over. A jump forward of up
/// to [`FAR`] looks like a downtime, and one back of as much like a clock that has passed the record and is still behind.
fn shows_its_end(earlier: Earlier, passed: Option<SignedDuration>) -> bool {
    passed.is_some() && earlier.off.is_some_and(|off| off.abs() > FAR)
}

/// Whether something dated `at` may have been dated by a clock that was right. What lies further ahead than a clock is ever
/// off counts as not there.
#[must_use]
pub fn counts(at: Timestamp, now: Timestamp) -> bool {
    at.duration_since(now) <= BACK
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    const DAY: i64 = 86_400;

    fn judged(change: impl FnOnce(&mut ClockEvidence)) -> Option<Doubt> {
        let mut evidence = ClockEvidence::none_against(at(0));
        change(&mut evidence);
        match judge(&evidence) {
            ClockTrust::Sure(trusted) => {
                assert_eq!(trusted.at(), at(0));
                None
            }
            ClockTrust::Doubtful(now, doubt) => {
                assert_eq!(now, at(0));
                Some(doubt)
            }
        }
    }

    #[test]
    fn only_large_jumps_count() {
        for (off, jumped) in [
            (0, false),
            (-599, false),
            (-601, true),
            (3_600, false),
            (3_601, true),
            (400 * DAY, true),
            (-400 * DAY, true),
        ] {
            let doubt = judged(|e| e.expected = Some(at(-off)));
            assert_eq!(doubt.is_some(), jumped, "{off}");
            assert!(doubt.is_none_or(|d| d.off() == Some(SignedDuration::from_secs(off))));
        }
    }

    #[test]
    fn at_a_start_only_the_record_speaks() {
        let by_record = |ahead: i64| judged(|e| e.record = Some(at(-ahead)));
        assert_eq!(by_record(14 * DAY), None, "a fortnight of downtime is one");
        assert_eq!(by_record(14 * DAY + 1), Some(Doubt::Ahead(SignedDuration::from_secs(14 * DAY + 1))));
        assert_eq!(by_record(-600), None);
        assert_eq!(by_record(-601), Some(Doubt::Behind(SignedDuration::from_secs(601))));
        assert_eq!(judged(|_| ()), None, "a first start");
    }

    #[test]
    fn the_kernels_synchronized_clock_settles_a_clock_that_is_ahead_and_none_that_is_behind() {
        let vouched = |against: &dyn Fn(&mut ClockEvidence), kernel| {
            judged(|e| {
                against(e);
                e.kernel = Some(at(kernel));
            })
        };
        let ahead = |e: &mut ClockEvidence| e.record = Some(at(-400 * DAY));
        assert_eq!(vouched(&ahead, 1), None);
        assert!(vouched(&ahead, -400 * DAY).is_some(), "what we read is not the kernel's clock");
        assert_eq!(vouched(&|e| e.expected = Some(at(-DAY)), 0), None);
        assert!(vouched(&|e| e.record = Some(at(DAY)), 0).is_some());
        assert!(vouched(&|e| e.expected = Some(at(DAY)), 0).is_some());
    }

    #[test]
    fn an_earlier_doubt_ends_by_itself_where_the_record_shows_that_the_clock_is_right_again() {
        let after = |off: Option<i64>, passed: i64| {
            judged(|e| {
                e.record = Some(at(-passed));
                e.earlier = Some(Earlier { off: off.map(SignedDuration::from_secs) });
            })
        };
        assert_eq!(after(Some(400 * DAY), 60), None);
        assert_eq!(after(Some(-15 * DAY), 60), None);
        assert_eq!(after(Some(-DAY), 60), Some(Doubt::Unsettled), "it may still be a day behind");
        assert_eq!(after(Some(7_200), 60), Some(Doubt::Unsettled), "it may still be two hours ahead");
        assert_eq!(after(None, 60), Some(Doubt::Unsettled));
        assert!(after(Some(400 * DAY), 400 * DAY).is_some());
    }

    #[test]
    fn what_a_wrong_clock_dated_does_not_count() {
        assert!(counts(at(-400 * DAY), at(0)) && counts(at(600), at(0)));
        assert!(!counts(at(601), at(0)));
    }

    #[test]
    fn a_doubt_is_told_in_minutes_or_days() {
        let words = |secs| Doubt::Jumped(SignedDuration::from_secs(secs)).words();
        assert_eq!(words(-10_800), "The wall clock jumped by -180 minutes.");
        assert_eq!(words(400 * DAY), "The wall clock jumped by 400 days.");
        assert_eq!(words(-3 * DAY), "The wall clock jumped by -3 days.");
    }
}
