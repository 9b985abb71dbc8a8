//! Whether a day fits the MRI that answers an alert: none before she answered, none that is only hoped for, and a remark where it
//! comes later than it should (clinical brief, section 2: 24 hours where the cord may be pressed, a week for a spread to the spine).

use jiff::ToSpan;
use jiff::civil::Date;

use crate::care::triage::tier::Tier;

/// So many days ahead an MRI may be booked that answers an alert; a day beyond is a slip of the pen, or none that helps her.
const FURTHEST_DAYS: i64 = 42;

/// How the day of an MRI stands to the answer that rang.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MriDate {
    /// It is soon enough.
    InTime,
    /// It fits, and comes later than a day after an emergency.
    AfterADay,
    /// It fits, and comes later than a week after the answer.
    AfterAWeek,
    /// It lies before the answer: it cannot be the work-up of it.
    Before,
    /// It lies further ahead than anybody waits with such an answer.
    TooFar,
}

impl MriDate {
    /// How an MRI on that day stands to an answer of `answered_on`, looked at on `today`; an alert without a tier weighs as urgent.
    #[must_use]
    pub fn of(on: Date, answered_on: Date, today: Date, tier: Option<Tier>) -> Self {
        let within = |days: i64| on <= answered_on.saturating_add(days.days());
        match tier {
            _ if on < answered_on => Self::Before,
            _ if on > today.saturating_add(FURTHEST_DAYS.days()) => Self::TooFar,
            Some(Tier::Emergency) if within(1) => Self::InTime,
            Some(Tier::Emergency) if within(7) => Self::AfterADay,
            Some(Tier::Routine) => Self::InTime,
            _ if within(7) => Self::InTime,
            _ => Self::AfterAWeek,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn an_mri_before_the_answer_or_far_ahead_is_none_and_a_late_one_is_remarked_on() {
        let answered = date(2026, 11, 27);
        let of = |on, tier| MriDate::of(on, answered, answered, Some(tier));
        assert_eq!(of(date(2026, 2, 1), Tier::Emergency), MriDate::Before);
        assert_eq!(of(date(2206, 12, 1), Tier::Emergency), MriDate::TooFar);
        assert_eq!(of(date(2027, 1, 9), Tier::Routine), MriDate::TooFar);
        assert_eq!(of(date(2026, 11, 28), Tier::Emergency), MriDate::InTime);
        assert_eq!(of(date(2026, 11, 29), Tier::Emergency), MriDate::AfterADay);
        assert_eq!(of(date(2026, 12, 5), Tier::Emergency), MriDate::AfterAWeek);
        assert_eq!(of(date(2026, 12, 4), Tier::Urgent), MriDate::InTime);
        assert_eq!(of(date(2026, 12, 5), Tier::Urgent), MriDate::AfterAWeek);
        assert_eq!(of(date(2027, 1, 8), Tier::Routine), MriDate::InTime);
    }
}
