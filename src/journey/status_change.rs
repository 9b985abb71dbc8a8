//! A change of status as it is asked for.

use jiff::civil::Date;

use crate::care::patient::PatientStatus;

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
