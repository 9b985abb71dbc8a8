//! How long a record must be kept, and whether it may be erased: the clinic's periods, counted from her death or from the last
//! contact with her. Without a period nothing is ever due, and whoever is still in care is never erased.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::care::patient::PatientStatus;

/// For how many whole years the clinic keeps records; `None` is for ever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RetentionPeriods {
    /// After the last contact with a woman who left.
    pub after_last_contact: Option<u16>,
    /// After the day on which her death was recorded.
    pub after_death: Option<u16>,
}

/// From what the period of a record is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetentionBasis {
    /// The last contact with her: a letter, an answer, a call, a visit.
    LastContact,
    /// The day on which her death was recorded.
    Death,
}

/// What keeps a record whatever its age.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptReason {
    /// It is the daily test's.
    DailyTest,
    /// She stands in care: nobody recorded that she left or died.
    InCare(PatientStatus),
    /// A plan of hers goes on, which her status has not stopped; its protocol.
    Plan(String),
    /// An alert about her is open, by its number.
    Alert(i64),
    /// A task about her is open, by its number.
    Task(i64),
    /// A letter to her is between the program and the mail server.
    LetterLeaving,
    /// Letters are held: the clock is in doubt, or a backup was restored and nobody has looked yet.
    Hold,
}

/// What is known of a record, as far as the decision needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordAge {
    /// Where she stands in follow-up.
    pub status: PatientStatus,
    /// Since which day she stands there.
    pub status_on: Date,
    /// The last day of any contact with her.
    pub last_contact_on: Date,
    /// What keeps it whatever its age.
    pub kept_because: Vec<KeptReason>,
}

/// Whether a record may be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erasability {
    /// It may, since that day.
    Since(Date),
    /// Not before that day.
    NotBefore(Date),
    /// The clinic has decided on no period: it is kept.
    NoPeriod,
    /// Something must end first; at least one.
    Kept(Vec<KeptReason>),
}

impl RetentionPeriods {
    /// The period that counts from there.
    #[must_use]
    pub const fn counted_from(&self, basis: RetentionBasis) -> Option<u16> {
        match basis {
            RetentionBasis::LastContact => self.after_last_contact,
            RetentionBasis::Death => self.after_death,
        }
    }

    /// The last day from which a period that is over today was counted: whoever had contact later is kept.
    #[must_use]
    pub fn over_since(&self, basis: RetentionBasis, today: Date) -> Option<Date> {
        let years = i32::from(self.counted_from(basis)?);
        // One day more than the calendar of leap years could take away.
        today.checked_sub(years.years()).ok()?.checked_add(1.day()).ok()
    }
}

impl RecordAge {
    /// From what its period is counted.
    #[must_use]
    pub fn basis(&self) -> RetentionBasis {
        if self.status == PatientStatus::Deceased {
            RetentionBasis::Death
        } else {
            RetentionBasis::LastContact
        }
    }

    /// The day from which its period is counted.
    #[must_use]
    pub fn counted_from(&self) -> Date {
        match self.basis() {
            RetentionBasis::LastContact => self.last_contact_on,
            RetentionBasis::Death => self.status_on,
        }
    }
}

/// Whether she has left the clinic's care, so that her record may grow old.
#[must_use]
pub const fn has_left(status: PatientStatus) -> bool {
    matches!(status, PatientStatus::Transferred | PatientStatus::OptedOutEmail | PatientStatus::Deceased)
}

/// Whether a record may be erased today. A year that ends on no day of the calendar ends on the last of its month.
#[must_use]
pub fn erasability(record: &RecordAge, periods: &RetentionPeriods, today: Date) -> Erasability {
    let in_care = (!has_left(record.status)).then_some(KeptReason::InCare(record.status));
    let kept: Vec<KeptReason> = in_care.into_iter().chain(record.kept_because.iter().cloned()).collect();
    if !kept.is_empty() {
        return Erasability::Kept(kept);
    }
    let Some(years) = periods.counted_from(record.basis()) else { return Erasability::NoPeriod };
    let from = record.counted_from().checked_add(i32::from(years).years()).unwrap_or(Date::MAX);
    if from <= today { Erasability::Since(from) } else { Erasability::NotBefore(from) }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn record(status: PatientStatus) -> RecordAge {
        RecordAge {
            status,
            status_on: date(2024, 2, 29),
            last_contact_on: date(2020, 5, 1),
            kept_because: Vec::new(),
        }
    }

    const TEN: RetentionPeriods = RetentionPeriods { after_last_contact: Some(10), after_death: Some(30) };

    #[test]
    fn the_dead_are_kept_from_the_day_it_was_recorded_the_others_from_the_last_contact() {
        let dead = record(PatientStatus::Deceased);
        assert_eq!(erasability(&dead, &TEN, date(2050, 1, 1)), Erasability::NotBefore(date(2054, 2, 28)));
        assert_eq!(erasability(&dead, &TEN, date(2054, 2, 28)), Erasability::Since(date(2054, 2, 28)));
        let left = record(PatientStatus::Transferred);
        assert_eq!(erasability(&left, &TEN, date(2030, 4, 30)), Erasability::NotBefore(date(2030, 5, 1)));
        assert_eq!(erasability(&left, &TEN, date(2030, 5, 1)), Erasability::Since(date(2030, 5, 1)));
    }

    #[test]
    fn without_a_period_nothing_is_ever_due() {
        for status in PatientStatus::ALL.into_iter().filter(|status| has_left(*status)) {
            let never = RetentionPeriods::default();
            assert_eq!(erasability(&record(status), &never, date(9000, 1, 1)), Erasability::NoPeriod);
            assert_eq!(never.over_since(record(status).basis(), date(9000, 1, 1)), None);
        }
    }

    fn day() -> impl Strategy<Value = Date> {
        (1950i16..2100, 1i8..=12, 1i8..=31).prop_filter_map("a day", |(y, m, d)| Date::new(y, m, d).ok())
    }

    proptest! {
        #[test]
        fn whoever_is_in_care_or_has_something_open_is_never_erased(
            at in 0usize..9, last in day(), since in day(), today in day(), years in 0u16..100, has_task in any::<bool>(),
        ) {
            let status = PatientStatus::ALL[at];
            let kept_because = if has_task { vec![KeptReason::Task(7)] } else { Vec::new() };
            let her = RecordAge { status, status_on: since, last_contact_on: last, kept_because };
            let periods = RetentionPeriods { after_last_contact: Some(years), after_death: Some(years) };
            let found = erasability(&her, &periods, today);
            if has_task || !has_left(status) {
                prop_assert!(matches!(found, Erasability::Kept(_)));
            }
            if let Erasability::Since(from) = found {
                prop_assert!(from <= today);
                // A longer period never allows what a shorter one forbids, and a day later nothing is forbidden again.
                let later = erasability(&her, &periods, today.tomorrow().unwrap());
                prop_assert_eq!(later, Erasability::Since(from));
                // What the list looks for holds everybody whose period is over.
                let until = periods.over_since(her.basis(), today).unwrap();
                prop_assert!(her.counted_from() <= until);
            }
        }

        #[test]
        fn a_longer_period_allows_nothing_sooner(last in day(), today in day(), years in 0u16..80, more in 0u16..80) {
            let her = RecordAge { last_contact_on: last, ..record(PatientStatus::Transferred) };
            let of = |years| RetentionPeriods { after_last_contact: Some(years), after_death: None };
            if matches!(erasability(&her, &of(years + more), today), Erasability::Since(_)) {
                prop_assert!(matches!(erasability(&her, &of(years), today), Erasability::Since(_)));
            }
        }
    }
}
