//! A change of status as it is asked for, and what a newcomer wants of letters.

use jiff::civil::Date;

use crate::care::patient::PatientStatus;
use crate::store::people::preferences::LetterKind;

/// Where a patient is to stand from now on, and why.
#[derive(Debug, Clone)]
pub struct StatusChange {
    /// Where she stands from now on.
    pub to: PatientStatus,
    /// Why, in the clinic's words.
    pub reason: String,
    /// The day a pause ends by itself.
    pub until: Option<Date>,
    /// Whom the one who asks to undo a recorded death names as second person. It is kept on record and is not enough: the
    /// other agrees in a session of their own.
    pub confirmed_by: Option<String>,
}

/// Which letters a newcomer gets, and from when on, beside her status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LetterPreferences {
    /// The last day of her pause; without one it has no end.
    pub paused_until: Option<Date>,
    /// Kinds of letters that she does not want.
    pub declined: Vec<LetterKind>,
}
