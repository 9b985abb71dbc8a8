//! Two records of one woman become one: looked at first, then done.

use crate::care::patient::{Patient, Reference};
use crate::care::plan::appointment::AppointmentState;
use crate::care::record::merge_clash::MergeClash;
use crate::journey::deps::Deps;
use crate::journey::errors::people::record::RecordError;
use crate::journey::errors::step::StepError;
use crate::journey::patients::merge::{self, FilledFields};
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::people::merges::RecordCount;
use crate::store::plan::appointments::Booked;
use crate::store::plan::follow_ups::{Enrolment, FollowUp};

/// Which record stays, and which ends in it.
#[derive(Debug, Clone)]
pub struct MergeRequest {
    /// The case code that stays.
    pub kept: Reference,
    /// The case code that leads to it afterwards.
    pub other: Reference,
}

/// A date that is booked under the record that ends. No Debug: it is hers.
pub struct BookedDate {
    /// What it is booked for.
    pub follow_up: FollowUp,
    /// The day and place that was booked.
    pub date: Booked,
}

/// What a merge would come to. No Debug: it is theirs.
pub struct MergePreview {
    /// The record that stays.
    pub kept: Patient,
    /// The record that ends.
    pub other: Patient,
    /// What must be settled first; empty when nothing is in the way.
    pub clashes: Vec<MergeClash>,
    /// What each holds: the one that stays, the one that ends.
    pub sizes: [RecordCount; 2],
    /// What of the other fills a gap.
    pub gaps: FilledFields,
    /// The protocols that end with the other record.
    pub ends: Vec<Enrolment>,
    /// Its booked dates: each becomes a task.
    pub dates: Vec<BookedDate>,
}

/// What a merge would come to; nothing is changed.
///
/// # Errors
/// There is no such patient; the store's own.
pub fn preview(clinic: &Deps, request: &MergeRequest) -> Result<MergePreview, StepError> {
    clinic.store.read(|view| {
        let kept = view.patient_by_reference(&request.kept)?;
        let other = view.patient_by_reference(&request.other)?;
        let mut dates = Vec::new();
        for follow_up in view.follow_ups_of(other.id)?.into_iter().filter(FollowUp::is_open) {
            let date = view.appointment_of(follow_up.id)?;
            if let Some(date) = date.filter(|date| date.state == AppointmentState::Booked) {
                dates.push(BookedDate { follow_up, date });
            }
        }
        let unseen = leads_on(request, &kept, &other);
        let clashes = unseen.into_iter().chain(merge::in_the_way(view, &kept, &other)?).collect();
        Ok(MergePreview {
            clashes,
            sizes: [view.record_size(kept.id)?, view.record_size(other.id)?],
            gaps: merge::filled(view, &kept, &other)?,
            ends: view.enrolments_of(other.id)?.into_iter().filter(|one| one.is_active).collect(),
            dates,
            kept,
            other,
        })
    })
}

/// Ends one record in the other.
///
/// # Errors
/// `RecordError::CannotMerge` when something must be settled first; the actor may not; the store's own.
pub fn apply(clinic: &Deps, stamp: Stamp, request: MergeRequest) -> Result<(), StepError> {
    let steps = clinic.clone();
    clinic.store.write_blocking(stamp, move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let kept = tx.patient_by_reference(&request.kept)?;
        let other = tx.patient_by_reference(&request.other)?;
        // One that ended leads to another, which nobody has looked at.
        if let Some(clash) = leads_on(&request, &kept, &other) {
            return Err(RecordError::CannotMerge(clash).into());
        }
        merge::merge(tx, &kept, &other, &steps)
    })
}

/// The clash of a code that leads to a third record. Where both lead to one, that is what is said.
fn leads_on(request: &MergeRequest, kept: &Patient, other: &Patient) -> Option<MergeClash> {
    if kept.id == other.id {
        return None;
    }
    let asked = [(&request.kept, kept), (&request.other, other)];
    let (code, found) = asked.into_iter().find(|(code, found)| found.reference != **code)?;
    Some(MergeClash::LeadsOn(code.as_str().to_owned(), found.reference.as_str().to_owned()))
}
