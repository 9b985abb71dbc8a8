//! What was tried before an alert or a task came to its end: one closed list, so that pages and reports can say it in words.

use jiff::Timestamp;
use jiff::civil::Date;

/// The longest that a task is put off, in days.
const SNOOZE_DAYS: i32 = 30;

/// What one entry of the call log says was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContactKind {
    /// Rang, and nobody answered.
    NoAnswer,
    /// Spoke with the patient.
    SpokeWithHer,
    /// Spoke with somebody else who may be told.
    SpokeWithOther,
    /// She, or somebody for her, rings back.
    WillRingBack,
    /// She was not reached; a message was left for her.
    MessageLeft,
    /// Another account goes on with it.
    HandedOver,
    /// Something else worth knowing.
    Note,
    /// A task was put off until a day.
    Snoozed,
}

impl ContactKind {
    /// Every kind, in the order in which forms offer them ([`Self::choices`]).
    pub const ALL: [Self; 8] = [
        Self::NoAnswer,
        Self::SpokeWithHer,
        Self::SpokeWithOther,
        Self::WillRingBack,
        Self::MessageLeft,
        Self::HandedOver,
        Self::Note,
        Self::Snoozed,
    ];

    /// The word in SQL and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoAnswer => "no-answer",
            Self::SpokeWithHer => "spoke-with-her",
            Self::SpokeWithOther => "spoke-with-other",
            Self::WillRingBack => "will-ring-back",
            Self::MessageLeft => "message-left",
            Self::HandedOver => "handed-over",
            Self::Note => "note",
            Self::Snoozed => "snoozed",
        }
    }

    /// The kind of that word in SQL and JSON; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The words that pages and command output show for it.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::NoAnswer => "No answer",
            Self::SpokeWithHer => "Spoke with her",
            Self::SpokeWithOther => "Spoke with somebody else",
            Self::WillRingBack => "She will ring back",
            Self::MessageLeft => "Message left",
            Self::HandedOver => "Handed over",
            Self::Note => "Note",
            Self::Snoozed => "Put off",
        }
    }

    /// What a person may choose for an entry; a task is put off by a step of its own.
    pub fn choices() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|kind| *kind != Self::Snoozed)
    }
}

/// Whether a task may be put off from `today` until the morning of that day: tomorrow at the soonest, and never for so long
/// that it is forgotten.
#[must_use]
pub fn may_snooze(today: Date, until: Date) -> bool {
    today.until(until).is_ok_and(|span| (1..=SNOOZE_DAYS).contains(&span.get_days()))
}

/// Whether somebody may mean to try again at that moment: ahead, and no further off than a task is put off.
#[must_use]
pub fn may_try_again(now: Timestamp, again_at: Timestamp) -> bool {
    let ahead = again_at.duration_since(now);
    ahead.is_positive() && ahead.as_hours() <= i64::from(SNOOZE_DAYS) * 24
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn words_and_values_agree_both_ways() {
        for kind in ContactKind::ALL {
            assert_eq!(ContactKind::parse(kind.word()), Some(kind));
        }
        assert!(ContactKind::choices().all(|kind| kind != ContactKind::Snoozed));
    }

    #[test]
    fn a_task_is_put_off_from_tomorrow_on_and_thirty_days_at_most() {
        let today = date(2026, 2, 24);
        for (until, may) in [
            (date(2026, 2, 23), false),
            (today, false),
            (date(2026, 2, 25), true),
            (date(2026, 3, 26), true),
            (date(2026, 3, 27), false),
            (date(9999, 12, 31), false),
        ] {
            assert_eq!(may_snooze(today, until), may, "{until}");
        }
    }

    #[test]
    fn nobody_tries_again_in_the_past_or_next_year() {
        let now: Timestamp = "2026-02-24T15:00:00Z".parse().unwrap();
        for (at, may) in [
            ("2026-02-24T15:00:00Z", false),
            ("2026-02-24T15:30:00Z", true),
            ("2026-03-26T14:00:00Z", true),
            ("2027-02-24T15:30:00Z", false),
        ] {
            assert_eq!(may_try_again(now, at.parse().unwrap()), may, "{at}");
        }
    }
}
