//! Everything that is kept about one patient, as one question: for her page to print, for the file to take along.

use jiff::Timestamp;

use crate::care::checklist::answer::Known;
use crate::care::contact::PatientContact;
use crate::care::patient::{Patient, Reference};
use crate::store::alerts::lifecycle::Alert;
use crate::store::answers::responses::Response;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::mail::inbound::InboundMessage;
use crate::store::people::clinical_history::BaselineRow;
use crate::store::people::preferences::LetterKind;
use crate::store::people::proxies::ProxyOnRecord;
use crate::store::plan::appointments::Booked;
use crate::store::plan::follow_ups::{Enrolment, FollowUp};
use crate::store::work::contact_log::{ContactEntry, ContactSubject};
use crate::store::work::tasks::Task;
use crate::store::work::worklist::{LedgerFilter, LedgerLine};

/// An alert or a task with what was tried for it. No Debug: it holds what people wrote.
pub struct CallRecord<T> {
    /// The alert or the task.
    pub of: T,
    /// Its call log, oldest first.
    pub calls: Vec<ContactEntry>,
}

/// A follow-up with its last date. No Debug: it is hers.
pub struct DateRecord {
    /// What is owed, or was.
    pub follow_up: FollowUp,
    /// Its newest date; `None` where none was booked.
    pub date: Option<Booked>,
}

/// Everything that is kept about one patient. No Debug: it is hers.
pub struct WholeRecord {
    /// Who she is and where she stands.
    pub patient: Patient,
    /// Why she stands there, in words for staff.
    pub status_reason: Option<String>,
    /// How she is reached by telephone.
    pub contact: PatientContact,
    /// Who acts for her, and who did.
    pub proxies: Vec<ProxyOnRecord>,
    /// Kinds of letters she does not want.
    pub declined: Vec<LetterKind>,
    /// Her protocols, past ones too.
    pub enrolments: Vec<Enrolment>,
    /// Her follow-ups with their dates.
    pub follow_ups: Vec<DateRecord>,
    /// Every letter, oldest first.
    pub letters: Vec<LedgerLine>,
    /// Every form, newest first.
    pub answers: Vec<Response>,
    /// Every alert with its calls.
    pub alerts: Vec<CallRecord<Alert>>,
    /// Every task with its calls.
    pub tasks: Vec<CallRecord<Task>>,
    /// What she wrote, newest first.
    pub messages: Vec<InboundMessage>,
    /// Her baseline, if one is confirmed.
    pub baseline: Option<BaselineRow>,
    /// Who noted that bone spread is known, and when.
    pub bone_spread: Option<(String, Timestamp)>,
    /// Reasons that were marked as known.
    pub known: Vec<Known>,
}

impl View<'_> {
    /// Everything that is kept about the patient of that case code.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is none, unreadable when a part of it cannot be read: half a record is none.
    pub fn whole_record(&self, reference: &Reference) -> Result<WholeRecord, StoreError> {
        let patient = self.patient_by_reference(reference)?;
        let id = patient.id;
        let with_date = |follow_up: FollowUp| {
            Ok::<_, StoreError>(DateRecord { date: self.appointment_of(follow_up.id)?, follow_up })
        };
        let alert = |of: Alert| {
            let calls = self.contacts(ContactSubject::Alert(of.id))?;
            Ok::<_, StoreError>(CallRecord { of, calls })
        };
        let task = |of: Task| {
            let calls = self.contacts(ContactSubject::Task(of.id))?;
            Ok::<_, StoreError>(CallRecord { of, calls })
        };
        let filter = LedgerFilter {
            reference: Some(patient.reference.as_str().to_owned()),
            ..LedgerFilter::default()
        };
        Ok(WholeRecord {
            status_reason: self.status_reason(id)?,
            contact: self.contact(id)?.details,
            proxies: self.proxies_of(patient.id)?,
            declined: self.declined(id)?,
            enrolments: self.enrolments_of(id)?,
            follow_ups: self.follow_ups_of(id)?.into_iter().map(with_date).collect::<Result<_, _>>()?,
            letters: self.ledger(&filter)?,
            answers: self.responses_of(id)?,
            alerts: self.alerts_of(id)?.into_iter().map(alert).collect::<Result<_, _>>()?,
            tasks: self.tasks_of(id)?.into_iter().map(task).collect::<Result<_, _>>()?,
            messages: self.inbound_of(id, u32::MAX)?,
            baseline: self.baseline(id)?,
            bone_spread: self.bone_spread_noted(id)?,
            known: self.known(id, jiff::civil::Date::MIN)?,
            patient,
        })
    }
}
