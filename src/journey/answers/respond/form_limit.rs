//! How many forms of one link are kept apart. Whoever has a link can send forms without end, and each is compared with all
//! before it: beyond the limit a page joins the newest form as a further page of it. It is judged and rings like any other (P5), what
//! it changes is kept beside it, and the form never stands at less than it stood at before.

use jiff::SignedDuration;

use crate::care::alert::lifecycle::AlertState;
use crate::care::patient::PatientId;
use crate::care::time::span::earlier;
use crate::care::triage::judging::JudgingMode;
use crate::journey::errors::step::StepError;
use crate::store::answers::checklists::ChecklistVersionId;
use crate::store::answers::responses::{LinkForms, Response};
use crate::store::db::transaction::Tx;

/// So many forms through one link stand apart within [`SPAN`], each time that one came again with other answers counted. Nobody fills
/// in as many in a day.
pub(in crate::journey::answers) const MOST: u32 = 40;
/// The time in which they are counted.
const SPAN: SignedDuration = SignedDuration::from_hours(24);

/// A form that is about to be stored.
pub(in crate::journey::answers) struct NextForm {
    pub(in crate::journey::answers) patient: PatientId,
    pub(in crate::journey::answers) link: i64,
    pub(in crate::journey::answers) version: ChecklistVersionId,
    pub(in crate::journey::answers) mode: JudgingMode,
}

/// The form that takes it in; `None` while it may stand apart. What a person has looked at, or has taken on, takes nothing in: an
/// answer after that rings anew.
pub(in crate::journey::answers) fn joins(
    tx: &Tx<'_>,
    next: &NextForm,
) -> Result<Option<Response>, StepError> {
    let since = earlier(tx.at(), SPAN);
    let link = LinkForms { patient: next.patient, link: next.link, since };
    if tx.forms_through(&link)? < MOST {
        return Ok(None);
    }
    let newest = tx.newest_form_through(&link, next.version)?.filter(|form| form.mode == next.mode);
    let Some(newest) = newest else { return Ok(None) };
    let alert = newest.alert.map(|id| tx.alert(id)).transpose()?;
    Ok(alert.is_none_or(|alert| alert.state == AlertState::Raised).then_some(newest))
}
