//! Which letters a stop concerns: one letter by its name, or all that are about one thing. Only letters to patients are
//! stopped; what tells staff of an answer, and what sends a patient to help, is not.

use std::collections::BTreeSet;

/// What all letters of a group are about, and the kinds of items that stand for it.
const GROUPS: [(&str, &[&str]); 3] =
    [("visits", &["visit", "test"]), ("checklists", &["checklist"]), ("leaflets", &["leaflet"])];
/// The letter to a patient whose alert nobody took on: it leaves whatever is stopped.
const GO_NOW: &str = "go-now";

/// Why a letter waits whose kind is stopped.
pub const STOPPED: &str = "letters of its kind are stopped";

/// A kind of letters to patients that can be stopped, by its word: a group, or the name of a letter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StopKind(String);

/// The letters that this clinic writes, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownLetters {
    /// To patients: those that ship, and the steps of its protocols.
    pub patients: BTreeSet<String>,
    /// To staff and whoever watches the program.
    pub staff: BTreeSet<String>,
}

/// Why a word is no kind that can be stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopRefusal {
    /// It is a letter to staff: an alert that does not ring could cost a patient dear.
    ToStaff,
    /// It sends a patient to help.
    GoNow,
    /// No letter has that name.
    Unknown,
}

impl StopKind {
    /// The kind of that word.
    ///
    /// # Errors
    /// [`StopRefusal`] says why there is none.
    pub fn parse(word: &str, known: &KnownLetters) -> Result<Self, StopRefusal> {
        let is_group = GROUPS.iter().any(|(group, _)| *group == word);
        match word {
            GO_NOW => Err(StopRefusal::GoNow),
            _ if is_group || known.patients.contains(word) => Ok(Self(word.to_owned())),
            _ if known.staff.contains(word) => Err(StopRefusal::ToStaff),
            _ => Err(StopRefusal::Unknown),
        }
    }

    /// As stored: a kind that was stopped once stays one, also when no protocol has that step any more.
    #[must_use]
    pub fn stored(word: String) -> Self {
        Self(word)
    }

    /// The word in commands, SQL and JSON.
    #[must_use]
    pub fn word(&self) -> &str {
        &self.0
    }

    /// Every group, in the order in which a person is offered them.
    pub fn groups() -> impl Iterator<Item = Self> {
        GROUPS.iter().map(|(group, _)| Self((*group).to_owned()))
    }

    /// Whether a letter with an item of that name and kind is stopped by it.
    #[must_use]
    pub fn covers(&self, template: &str, kind: &str) -> bool {
        let is_of = |group: &&(&str, &[&str])| group.0 == self.0 && group.1.contains(&kind);
        template != GO_NOW && (template == self.0 || GROUPS.iter().any(|group| is_of(&group)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> KnownLetters {
        let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect();
        KnownLetters { patients: names(&["nudge", "book", "go-now"]), staff: names(&["staff-alert"]) }
    }

    #[test]
    fn a_letter_or_a_group_is_stopped_and_never_what_calls_for_help() {
        for word in ["nudge", "visits", "checklists", "leaflets"] {
            assert_eq!(StopKind::parse(word, &known()).unwrap().word(), word);
        }
        assert_eq!(StopKind::parse("staff-alert", &known()), Err(StopRefusal::ToStaff));
        assert_eq!(StopKind::parse("go-now", &known()), Err(StopRefusal::GoNow));
        assert_eq!(StopKind::parse("nugde", &known()), Err(StopRefusal::Unknown));
    }

    #[test]
    fn a_group_covers_what_is_about_it_and_a_letter_only_itself() {
        let kind = |word: &str| StopKind::parse(word, &known()).unwrap();
        assert!(kind("visits").covers("book", "visit") && kind("visits").covers("own-step", "test"));
        assert!(!kind("visits").covers("invite", "checklist"));
        assert!(kind("nudge").covers("nudge", "checklist") && !kind("nudge").covers("invite", "checklist"));
        for group in StopKind::groups() {
            assert!(!group.covers("go-now", "notice"));
        }
    }
}
