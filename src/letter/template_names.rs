//! The letters the program itself asks for, in one list: whoever names one in code takes it from here, `prove` demands it
//! in every language, and the golden copies show it. The steps of a protocol have names of their own.

use crate::letter::wording::LanguagePack;

/// The short texts of `strings.toml` that the program says, subjects, lists and forbidden words apart.
const STRINGS: [&str; 31] = [
    "dir",
    "greeting.named",
    "greeting.plain",
    "lines.preview",
    "lines.also",
    "lines.several",
    "lines.each",
    "lines.sign_off",
    "proxy.named",
    "proxy.plain",
    "lines.opt_out",
    "lines.calendar",
    "emergency.local",
    "links.changed",
    "links.help",
    "links.opt_out",
    "nouns.visit",
    "nouns.test",
    "nouns.appointment",
    "tiers.emergency",
    "tiers.urgent",
    "tiers.soon",
    "tiers.routine",
    "dates.day",
    "dates.moment",
    "dates.hours",
    "dates.clock",
    "dates.am",
    "dates.pm",
    "dates.noon",
    "dates.midnight",
];
/// Lists, by what stands before their number.
const LISTS: [&str; 3] = ["dates.weekdays", "dates.months", "forbidden"];
/// Subjects of letters that have none of their own.
const SUBJECTS: [&str; 3] = ["appointment", "message", "default-staff"];

/// Whether anything says that short text. A subject is said by the step whose fragment has its name.
#[must_use]
pub fn is_said(key: &str, pack: &LanguagePack) -> bool {
    let is_in = |list: &str| key.strip_prefix(list).is_some_and(|rest| rest.starts_with('.'));
    match key.strip_prefix("subjects.") {
        Some(step) => SUBJECTS.contains(&step) || pack.fragments.contains_key(step),
        None => STRINGS.contains(&key) || LISTS.into_iter().any(is_in),
    }
}

/// A letter named in code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterName {
    /// To staff: an alert with its tier.
    StaffAlert,
    /// To staff: an answer that nobody has sorted (education).
    StaffAnswer,
    /// To staff: an alert that was taken on and stands open when its clock runs out.
    StaffOverdue,
    /// To staff: a test of the ladder.
    StaffTestAlert,
    /// To ops: the last day, what is open, what is not well.
    OpsDigest,
    /// To a patient whose alert nobody took on.
    GoNow,
    /// To a patient who asked for a new link.
    NewLink,
    /// To the canary: the plain letter of a form.
    Invite,
    /// An appointment was made.
    Booked,
    /// An appointment was moved.
    Changed,
    /// An appointment was called off.
    Cancelled,
    /// To a patient who wrote to us.
    MessageReceived,
}

impl LetterName {
    /// Every letter that the program names itself.
    pub const ALL: [Self; 12] = [
        Self::StaffAlert,
        Self::StaffAnswer,
        Self::StaffOverdue,
        Self::StaffTestAlert,
        Self::OpsDigest,
        Self::GoNow,
        Self::NewLink,
        Self::Invite,
        Self::Booked,
        Self::Changed,
        Self::Cancelled,
        Self::MessageReceived,
    ];

    /// The template's name, as inputs and file names have it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::StaffAlert => "staff-alert",
            Self::StaffAnswer => "staff-answer",
            Self::StaffOverdue => "staff-overdue",
            Self::StaffTestAlert => "staff-test-alert",
            Self::OpsDigest => "ops-digest",
            Self::GoNow => "go-now",
            Self::NewLink => "new-link",
            Self::Invite => "invite",
            Self::Booked => "booked",
            Self::Changed => "changed",
            Self::Cancelled => "cancelled",
            Self::MessageReceived => "message-received",
        }
    }

    /// What an item of it is: `staff`, `notice`, `checklist`, or `visit` (a test reads the same).
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::StaffAlert
            | Self::StaffAnswer
            | Self::StaffOverdue
            | Self::StaffTestAlert
            | Self::OpsDigest => "staff",
            Self::GoNow | Self::MessageReceived => "notice",
            Self::NewLink | Self::Invite => "checklist",
            Self::Booked | Self::Changed | Self::Cancelled => "visit",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::proof::samples;

    #[test]
    fn each_has_a_sample_of_its_kind_so_that_it_has_a_golden_copy() {
        for named in LetterName::ALL {
            let (_, kinds) = samples::STEPS.iter().find(|(step, _)| *step == named.word()).unwrap();
            assert!(kinds.contains(&named.kind()), "{named:?}");
        }
    }

    #[test]
    fn each_is_in_the_list_once() {
        let words: std::collections::BTreeSet<_> = LetterName::ALL.iter().map(|named| named.word()).collect();
        assert_eq!(words.len(), LetterName::ALL.len());
    }
}
