//! What follows from an alert that turned out to be spread or recurrence: offered as it is closed, chosen one by one.

use jiff::civil::Date;

use crate::care::alert::lifecycle::AlertOutcome;

/// One thing that follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClosureStep {
    /// Bone spread is known: every reason weighs one step more.
    BoneSpread,
    /// Her letters pause, up to and including that day.
    Pause(Date),
    /// Her status is recurrence, confirmed: her plan stops until a clinician chooses another.
    Recurrence,
    /// A person tells the team that treats her.
    TellTeam,
    /// A person books radiotherapy or surgery.
    BookTreatment,
    /// A person tells her own doctor.
    TellGp,
}

/// The word in forms and commands for none of them; a note says why.
pub const NONE: &str = "none";

impl ClosureStep {
    /// Every word, in the order of the console's form.
    pub const WORDS: [&'static str; 6] =
        ["bone-spread", "pause", "recurrence", "tell-team", "book-treatment", "tell-gp"];

    /// The word in SQL, JSON and commands; the day of a pause is kept beside it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::BoneSpread => "bone-spread",
            Self::Pause(_) => "pause",
            Self::Recurrence => "recurrence",
            Self::TellTeam => "tell-team",
            Self::BookTreatment => "book-treatment",
            Self::TellGp => "tell-gp",
        }
    }

    /// Parses the word; a pause needs its last day, nothing else takes one.
    #[must_use]
    pub fn parse(word: &str, until: Option<Date>) -> Option<Self> {
        match (word, until) {
            ("bone-spread", None) => Some(Self::BoneSpread),
            ("pause", Some(until)) => Some(Self::Pause(until)),
            ("recurrence", None) => Some(Self::Recurrence),
            ("tell-team", None) => Some(Self::TellTeam),
            ("book-treatment", None) => Some(Self::BookTreatment),
            ("tell-gp", None) => Some(Self::TellGp),
            _ => None,
        }
    }

    /// The words of what an outcome proposes; nothing for another cause or a false alarm.
    #[must_use]
    pub const fn proposed(outcome: AlertOutcome) -> &'static [&'static str] {
        match outcome {
            AlertOutcome::SpinalSpread => &Self::WORDS,
            AlertOutcome::OtherRecurrence => {
                &["pause", "recurrence", "tell-team", "book-treatment", "tell-gp"]
            }
            AlertOutcome::OtherCause | AlertOutcome::FalseAlarm => &[],
        }
    }

    /// What a person is asked to do by a task; `None` where the step itself is the deed.
    #[must_use]
    pub const fn ask(self) -> Option<&'static str> {
        match self {
            Self::BoneSpread | Self::Pause(_) | Self::Recurrence => None,
            Self::TellTeam => Some("Tell the team that treats her what was found"),
            Self::BookTreatment => Some("Book radiotherapy or surgery, as the team decides"),
            Self::TellGp => Some("Tell her own doctor what was found"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_values_agree_and_only_a_pause_has_a_day() {
        let on = jiff::civil::date(2026, 3, 1);
        for word in ClosureStep::WORDS {
            let until = (word == "pause").then_some(on);
            assert_eq!(ClosureStep::parse(word, until).map(ClosureStep::word), Some(word));
        }
        assert_eq!(ClosureStep::parse("pause", None), None);
        assert_eq!(ClosureStep::parse("tell-gp", Some(on)), None);
    }

    #[test]
    fn nothing_follows_from_a_false_alarm_and_bone_spread_only_from_the_spine() {
        assert!(ClosureStep::proposed(AlertOutcome::FalseAlarm).is_empty());
        assert!(ClosureStep::proposed(AlertOutcome::SpinalSpread).contains(&"bone-spread"));
        assert!(!ClosureStep::proposed(AlertOutcome::OtherRecurrence).contains(&"bone-spread"));
    }
}
