//! Silence is not health (P7): how far a checklist that was asked for has got, and about whose silence a person rings first.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::care::roster::booking_list::RISKY_MONTHS;

/// What is added where a silence may hide a sign or will not end by itself, in days.
pub const EXTRA_DAYS: i32 = 14;

/// How far a checklist that was asked for has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reach {
    /// No letter has left yet.
    NotSent,
    /// The mail server refused the letter, or her address is known not to work.
    Bounced,
    /// The mail server took the letter; that is all that is known.
    Accepted,
    /// A person pressed something on the page.
    Opened,
    /// Some pages were saved.
    HalfDone,
}

impl Reach {
    /// The word in JSON and on the worklist.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotSent => "not-sent",
            Self::Bounced => "bounced",
            Self::Accepted => "accepted",
            Self::Opened => "opened",
            Self::HalfDone => "half-done",
        }
    }
}

/// Whose anchor is not before this day is at the highest risk.
#[must_use]
pub fn risky_since(today: Date) -> Date {
    today.saturating_sub(RISKY_MONTHS.months())
}

/// What a silence of so many days weighs; the heaviest is rung first. In the risky months a day counts double; a form left half-way, or
/// a letter that never arrived, adds two weeks: the first may hide a sign, the second will not end by itself.
#[must_use]
pub fn weight(days: i32, reach: Reach, anchor_on: Date, today: Date) -> i32 {
    let extra = match reach {
        Reach::HalfDone | Reach::Bounced => EXTRA_DAYS,
        Reach::NotSent | Reach::Accepted | Reach::Opened => 0,
    };
    (days + extra) * if anchor_on >= risky_since(today) { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_longer_and_the_riskier_silence_is_rung_first() {
        let today = date(2027, 6, 1);
        let (early, late) = (date(2026, 1, 1), date(2020, 1, 1));
        let weight = |days, reach, anchor_on| super::weight(days, reach, anchor_on, today);
        let short = weight(12, Reach::Accepted, early);
        assert!(weight(42, Reach::Accepted, early) > short);
        assert!(short > weight(12, Reach::Accepted, late));
        assert!(weight(12, Reach::HalfDone, early) > short);
    }
}
