//! Why a step could not be taken: one error a family of steps, composed here.

use crate::journey::errors::account::AccountError;
use crate::journey::errors::alert::AlertError;
use crate::journey::errors::answer::AnswerError;
use crate::journey::errors::booking::BookingError;
use crate::journey::errors::content::ContentError;
use crate::journey::errors::enrolment::EnrolmentError;
use crate::journey::errors::guard::GuardError;
use crate::journey::errors::people::contact::ContactError;
use crate::journey::errors::people::erasure::ErasureError;
use crate::journey::errors::people::record::RecordError;
use crate::journey::errors::people::restore::RestoreError;
use crate::journey::errors::people::status::StatusError;
use crate::journey::errors::permission::PermissionError;
use crate::journey::errors::protocol::ProtocolError;
use crate::journey::errors::roster::RosterError;
use crate::journey::errors::setting::SettingError;
use crate::journey::errors::wording::WordingError;
use crate::store::error::StoreError;

/// A step that could not be taken; nothing of it was recorded.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The memory failed or contradicts the step.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something published or stored cannot be read.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// The actor may not do that.
    #[error(transparent)]
    Permission(#[from] PermissionError),
    /// It cannot be recorded about her answers.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// The alert takes no such step now.
    #[error(transparent)]
    Alert(#[from] AlertError),
    /// What was reported cannot stand in the call log, or the task not be put off.
    #[error(transparent)]
    Contact(#[from] ContactError),
    /// The console account cannot be made or changed.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The date cannot be booked, moved or recorded.
    #[error(transparent)]
    Booking(#[from] BookingError),
    /// The protocol cannot be given or taken.
    #[error(transparent)]
    Enrolment(#[from] EnrolmentError),
    /// The draft or publication takes no such step.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// Her status cannot change so.
    #[error(transparent)]
    Status(#[from] StatusError),
    /// Her record cannot be kept as given.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Letters that a restore holds are not let go so.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// Her record is not erased.
    #[error(transparent)]
    Erasure(#[from] ErasureError),
    /// It cannot be done to that import.
    #[error(transparent)]
    Roster(#[from] RosterError),
    /// The setting cannot be changed so.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The words of a letter cannot be changed so.
    #[error(transparent)]
    Wording(#[from] WordingError),
    /// Letters cannot be stopped or started so.
    #[error(transparent)]
    Guard(#[from] GuardError),
}

impl StepError {
    /// Whether one record holds what this version cannot read; its neighbours may be well.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        match self {
            Self::Store(fault) => fault.is_unreadable(),
            Self::Content(_) => true,
            _ => false,
        }
    }

    /// Nothing can be recorded at all, whatever the record: no neighbour would fare better.
    #[must_use]
    pub fn is_everyones(&self) -> bool {
        matches!(self, Self::Store(fault) if fault.is_everyones())
    }

    /// No other step would fare better: nothing can be recorded, or a later version has brought the schema further.
    #[must_use]
    pub fn ends_turn(&self) -> bool {
        matches!(self, Self::Store(fault) if fault.is_everyones() || fault.is_newer())
    }

    /// The database's file itself is damaged: a page of it cannot be read.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        matches!(self, Self::Store(fault) if fault.is_damaged())
    }

    /// What to do next, for a person.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Store(fault) => fault.hint(),
            Self::Content(fault) => fault.hint(),
            Self::Permission(fault) => fault.hint(),
            Self::Answer(fault) => fault.hint(),
            Self::Alert(fault) => fault.hint(),
            Self::Contact(fault) => fault.hint(),
            Self::Account(fault) => fault.hint(),
            Self::Booking(fault) => fault.hint(),
            Self::Enrolment(fault) => fault.hint(),
            Self::Protocol(fault) => fault.hint(),
            Self::Status(fault) => fault.hint(),
            Self::Record(fault) => fault.hint(),
            Self::Restore(fault) => fault.hint(),
            Self::Erasure(fault) => fault.hint(),
            Self::Roster(fault) => fault.hint(),
            Self::Setting(fault) => fault.hint(),
            Self::Wording(fault) => fault.hint(),
            Self::Guard(fault) => fault.hint(),
        }
    }
}
