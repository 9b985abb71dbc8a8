//! Why an entry of the call log was not written, or a task not put off.

use crate::care::contact_kind::ContactKind;

/// What somebody reported cannot stand so.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// A note, or a task put off, needs words.
    #[error("{}", match .0 { ContactKind::Snoozed => "say in a few words why it is put off", _ => "write the note: it has no words yet" })]
    WordsMissing(ContactKind),
    /// More than a record can bear.
    #[error("the note is longer than 2000 characters")]
    TooLong,
    /// Handed over to nobody who could go on with it.
    #[error("name the colleague who goes on with it: an account that is switched on, not your own")]
    NoColleague,
    /// Somebody is named, but nothing is handed over.
    #[error("a colleague is named, but only what is handed over goes to a colleague")]
    NotHandedOver,
    /// The moment to try again is past or far off.
    #[error("the moment to try again lies in the past or more than 30 days ahead")]
    AgainAt,
    /// Nobody works on it any more.
    #[error("task `{0}` is done")]
    TaskIsDone(i64),
    /// A colleague took it on after the page was opened from which it was claimed.
    #[error("{0} works on this task by now")]
    HeldBy(String),
    /// What it stands for does not wait.
    #[error(
        "a task of this kind is not put off: an answer, a patient's words, the letters of all, or the reach of alerts hang on it"
    )]
    DoesNotWait,
    /// A day on which nobody would find it.
    #[error("a task is put off until tomorrow at the soonest and for 30 days at most")]
    SnoozeDay,
}

impl ContactError {
    /// What to do next, for a person.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::WordsMissing(_) => "whoever reads it next knows only what is written here",
            Self::TooLong => "shorten it, or write a second entry",
            Self::NoColleague => "`aftercare staff list` shows the accounts",
            Self::NotHandedOver => "choose \"handed over\", or name nobody",
            Self::AgainAt => "give a later moment, or leave it empty",
            Self::TaskIsDone(_) => "nothing is left to do; look at the patient's other tasks",
            Self::HeldBy(_) => "speak with your colleague, or take it over from the page as it stands now",
            Self::DoesNotWait => "do it, or hand it over to a colleague",
            Self::SnoozeDay => "choose a nearer day",
        }
    }
}
