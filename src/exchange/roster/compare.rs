//! One row against the record: new, the same, what a later roster may tell of someone on record, or at odds with it.

use jiff::Timestamp;

use crate::care::contact::{ContactField, PatientContact};
use crate::care::patient::{Patient, PatientStatus};
use crate::exchange::roster::row::RosterRow;
use crate::exchange::roster::row::refused_row::StopNotice;
use crate::exchange::roster::row_fault::{CellFault, RowFault};
use crate::journey::errors::people::record::RecordError;
use crate::journey::errors::step::StepError;
use crate::journey::plan::booking_request::AppointmentSlot;
use crate::journey::plan::newcomer_check;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;

#[derive(Debug, PartialEq, Eq)]
pub(in crate::exchange::roster) enum RowVerdict {
    New,
    Same,
    /// She has died, or wants no letters: taken in, whatever else differs.
    Departed,
    /// On record exactly so, but for telephone numbers where none stand.
    Reachable,
    Wrong(RowFault),
}

/// Compares a sound row with the record.
///
/// # Errors
/// [`StoreError`] when the store fails.
pub(in crate::exchange::roster) fn compare(
    view: &View<'_>,
    row: &RosterRow,
    now: Timestamp,
) -> Result<RowVerdict, StoreError> {
    let patient = match view.patient_by_reference(&row.newcomer.reference) {
        Ok(patient) => patient,
        Err(fault) if fault.is_not_found() => return newcomer(view, row, now),
        Err(fault) if fault.erased_at().is_some() => return Ok(RowVerdict::Wrong(erased(row))),
        Err(fault) => return Err(fault),
    };
    if let Some(verdict) = row.stop_notice().and_then(|said| departed(&patient, &said)) {
        return Ok(verdict);
    }
    // Her old case code leads to the record that stays, and whoever merged the two decided what is right.
    if patient.reference != row.newcomer.reference {
        return Ok(RowVerdict::Same);
    }
    let mut differing = record_differs(&patient, row);
    let known = view.contact(patient.id)?.details;
    let told = known.filled_from(&row.newcomer.contact);
    differing.extend(contradicted(&told, row));
    differing.extend(preferences_differ(view, &patient, row)?);
    if !proxy_known(view, &patient, row)? {
        differing.push("proxy_name");
    }
    let enrolments = view.enrolments_of(patient.id)?;
    // Without an anchor date the row states no plan to compare.
    if let Some(anchor_on) = row.anchor_on {
        let is_on =
            |name: &String| enrolments.iter().any(|e| e.protocol == *name && e.anchor_on == anchor_on);
        if !row.protocols.iter().all(is_on) {
            let is_same = |name: &String| enrolments.iter().any(|e| e.protocol == *name);
            differing.push(if row.protocols.iter().all(is_same) { "anchor_on" } else { "protocol" });
        }
    }
    let told_visits = [("next_visit_at", row.next_visit.as_slice()), ("extra_visits", &row.extra_visits)];
    for (column, slots) in told_visits {
        if !visits_known(view, &patient, slots)? {
            differing.push(column);
        }
    }
    let Some(first) = differing.first() else {
        return Ok(if told == known { RowVerdict::Same } else { RowVerdict::Reachable });
    };
    let problem = format!(
        "`{}` is on record with another `{}`",
        row.newcomer.reference.as_str(),
        differing.join("`, `")
    );
    let hint = "an import never changes a record: use `aftercare patient set` or `aftercare visit`";
    Ok(RowVerdict::Wrong(RowFault::at(row.line, first, CellFault::new(problem, hint))))
}

/// A list from elsewhere still names her.
fn erased(row: &RosterRow) -> RowFault {
    let problem = format!("the record of `{}` was erased", row.newcomer.reference.as_str());
    let hint = "take the row out; if she has come back, give her a case code of her own";
    RowFault::at(row.line, "reference", CellFault::new(problem, hint))
}

/// What a faulty row says of somebody on record; nothing where she is not, or it is no news.
///
/// # Errors
/// [`StoreError`] when the store fails.
pub(in crate::exchange::roster) fn compare_notice(
    view: &View<'_>,
    said: &StopNotice,
) -> Result<Option<RowVerdict>, StoreError> {
    match view.patient_by_reference(&said.reference) {
        Ok(patient) => Ok(departed(&patient, said)),
        Err(fault) if fault.is_not_found() || fault.erased_at().is_some() => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// A later roster may tell two things of someone on record: that she has died, and that she wants no letters. Both only
/// stop letters, and a clinic that knows must not have to say it twice. Nothing undoes a death here.
fn departed(patient: &Patient, said: &StopNotice) -> Option<RowVerdict> {
    match said.status {
        // Once it is on record nothing else of the row matters.
        PatientStatus::Deceased if patient.status == PatientStatus::Deceased => {
            return Some(RowVerdict::Same);
        }
        PatientStatus::OptedOutEmail if !patient.status.is_asked_by_letter() => return None,
        _ => {}
    }
    if patient.birth_on == said.birth_on {
        return Some(RowVerdict::Departed);
    }
    let problem = format!(
        "`{}` is `{}`, but on record with another birth date: it may be somebody else",
        said.reference.as_str(),
        said.status.word()
    );
    let hint =
        "find out today who is meant, and record it with `aftercare patient set REF --status … --reason …`";
    Some(RowVerdict::Wrong(RowFault::at(said.line, "birth_date", CellFault::new(problem, hint))))
}

fn record_differs(patient: &Patient, row: &RosterRow) -> Vec<&'static str> {
    let (new, stated) = (&row.newcomer, row.stated);
    [
        ("preferred_name", patient.name != new.name),
        ("birth_date", patient.birth_on != new.birth_on),
        ("email", patient.email != new.email),
        ("language", patient.language != new.language),
        ("time_zone", patient.zone != new.zone),
        ("status", stated.status && patient.status != new.status),
        ("detail", stated.detail && patient.detail != new.detail),
        ("shared_inbox", stated.shared_inbox && patient.shared_inbox != new.shared_inbox),
    ]
    .into_iter()
    .filter_map(|(column, differs)| differs.then_some(column))
    .collect()
}

/// Where the row has another number or word than the record; a field left empty says nothing.
fn contradicted<'r>(told: &'r PatientContact, row: &'r RosterRow) -> impl Iterator<Item = &'static str> {
    let new = &row.newcomer.contact;
    told.differing(new).filter(|field| new.text(*field).is_some()).map(ContactField::word)
}

/// What the row says otherwise of the end of her pause, and of letters that she does not want.
fn preferences_differ(
    view: &View<'_>,
    patient: &Patient,
    row: &RosterRow,
) -> Result<Vec<&'static str>, StoreError> {
    let said = &row.preferences;
    let mut differing = Vec::new();
    if said.paused_until.is_some() && said.paused_until != patient.paused_until {
        differing.push("paused_until");
    }
    let known = view.declined(patient.id)?;
    let is_known =
        said.declined.len() == known.len() && said.declined.iter().all(|kind| known.contains(kind));
    if !said.declined.is_empty() && !is_known {
        differing.push("declined");
    }
    Ok(differing)
}

/// Whether the row says nothing of whoever acts for her, or what stands on record.
fn proxy_known(view: &View<'_>, patient: &Patient, row: &RosterRow) -> Result<bool, StoreError> {
    let Some(said) = &row.newcomer.proxy else { return Ok(true) };
    let Some(known) = &patient.proxy else { return Ok(false) };
    Ok(view.proxy(known.id)?.told == **said)
}

/// Whether each of these visits is on record.
fn visits_known(view: &View<'_>, patient: &Patient, slots: &[AppointmentSlot]) -> Result<bool, StoreError> {
    if slots.is_empty() {
        return Ok(true);
    }
    let mut known = Vec::new();
    for follow_up in view.follow_ups_of(patient.id)? {
        known.extend(view.appointment_of(follow_up.id)?);
    }
    let is_known = |slot: &AppointmentSlot| {
        known.iter().any(|a| a.on == slot.on && a.at == slot.at && a.place == slot.place)
    };
    Ok(slots.iter().all(is_known))
}

/// One code written in two ways is one person.
fn newcomer(view: &View<'_>, row: &RosterRow, now: Timestamp) -> Result<RowVerdict, StoreError> {
    if let Some(other) = view.in_other_zeros(&row.newcomer.reference)? {
        let wrong =
            CellFault::new(format!("differs from `{other}` on record only in zeros at its beginning"), ZEROS);
        return Ok(RowVerdict::Wrong(RowFault::at(row.line, "reference", wrong)));
    }
    let Some(other) = view.in_other_case(&row.newcomer.reference)? else {
        return asked(row, newcomer_check::beside(view, &row.newcomer, now));
    };
    let problem = format!("differs from `{other}` on record in case only");
    let wrong = CellFault::new(problem, "write each code in one way");
    Ok(RowVerdict::Wrong(RowFault::at(row.line, "reference", wrong)))
}

/// Somebody new where nobody is on record yet.
///
/// # Errors
/// [`StoreError`] when the store fails.
pub(in crate::exchange::roster) fn first(row: &RosterRow, now: Timestamp) -> Result<RowVerdict, StoreError> {
    asked(row, newcomer_check::alone(&row.newcomer, now))
}

/// What the step that takes her in would say of her.
fn asked(row: &RosterRow, answer: Result<(), StepError>) -> Result<RowVerdict, StoreError> {
    let (column, wrong) = match answer {
        Ok(()) => return Ok(RowVerdict::New),
        Err(StepError::Store(fault)) => return Err(fault),
        // Someone new may use the mailbox of others only when all records say that it is shared.
        Err(StepError::Record(RecordError::SharedInbox)) => {
            ("email", CellFault::new("a patient on record uses the same address", SHARE))
        }
        Err(StepError::Record(RecordError::Proxy(fault))) => {
            (fault.field(), CellFault::new(fault.problem(), fault.hint()))
        }
        Err(why) => ("reference", CellFault::new(why.to_string(), why.hint())),
    };
    Ok(RowVerdict::Wrong(RowFault::at(row.line, column, wrong)))
}

pub(in crate::exchange::roster) const ZEROS: &str = "a spreadsheet may have taken them: give the column the format of a text; `aftercare patient add` takes one who is meant";
pub(in crate::exchange::roster) const SHARE: &str =
    "set `shared_inbox` on both if the people agree, or leave the address empty";
