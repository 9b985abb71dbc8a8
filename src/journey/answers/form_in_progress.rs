//! A form that is being answered.

use std::sync::Arc;

use crate::care::checklist::definition::Checklist;
use crate::care::patient::Patient;
use crate::store::answers::responses::Response;

/// A form that is being answered: what was said so far, under which checklist, by whom.
pub(in crate::journey::answers) struct FormInProgress {
    /// As it is stored, or will be.
    pub(in crate::journey::answers) response: Response,
    /// The version it was asked under.
    pub(in crate::journey::answers) checklist: Arc<Checklist>,
    /// Whose form it is.
    pub(in crate::journey::answers) patient: Box<Patient>,
}
