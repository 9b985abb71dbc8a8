//! Writes a roster that `import` reads back: taken in again it changes nothing.

use std::io::Write;

use crate::care::address::EmailAddress;
use crate::care::contact::ContactField;
use crate::care::patient::Patient;
use crate::care::plan::appointment::AppointmentState;
use crate::care::plan::follow_up::FollowUpState;
use crate::care::plan::protocol::FollowUpKind;
use crate::care::record::proxy::FIELDS;
use crate::exchange::roster::cells::neutral;
use crate::exchange::roster::columns::{OPTIONAL, REQUIRED};
use crate::store::database::Store;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::plan::follow_ups::{Enrolment, FollowUp};

/// Patients asked for at once.
const PAGE: u32 = 1000;

/// How much an export wrote, and whose plan one row could not tell.
#[derive(Debug, Default)]
pub struct ExportSummary {
    /// Rows, the header not counted.
    pub rows: u64,
    /// Patients with a second anchor date, of whom one row tells only the first.
    pub partly: Vec<String>,
}

/// Writes every patient as a row of a roster.
///
/// # Errors
/// The store's or the writer's.
pub fn write<E>(store: &Store, out: &mut dyn Write) -> Result<ExportSummary, E>
where
    E: From<StoreError> + From<std::io::Error>,
{
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    let io = |error: csv::Error| E::from(std::io::Error::from(error));
    csv.write_record(REQUIRED.iter().chain(&OPTIONAL)).map_err(io)?;
    let (mut written, mut after) = (ExportSummary::default(), String::new());
    loop {
        let page = store.read(|view| page(view, &after))?;
        let Some((patient, ..)) = page.last() else { break };
        patient.reference.as_str().clone_into(&mut after);
        for (patient, row, is_whole) in &page {
            csv.write_record(row.iter().map(|cell| neutral(cell).into_owned().into_bytes())).map_err(io)?;
            written.rows += 1;
            if !is_whole {
                written.partly.push(patient.reference.as_str().to_owned());
            }
        }
    }
    csv.flush()?;
    Ok(written)
}

type WrittenRow = (Patient, Vec<String>, bool);

fn page(view: &View<'_>, after: &str) -> Result<Vec<WrittenRow>, StoreError> {
    view.patients(after, PAGE)?.into_iter().map(|patient| row(view, patient)).collect()
}

fn row(view: &View<'_>, patient: Patient) -> Result<WrittenRow, StoreError> {
    let enrolments: Vec<Enrolment> =
        view.enrolments_of(patient.id)?.into_iter().filter(|e| e.is_active).collect();
    let anchor = enrolments.first().map(|e| e.anchor_on);
    let beside: Vec<&str> =
        enrolments.iter().filter(|e| Some(e.anchor_on) == anchor).map(|e| e.protocol.as_str()).collect();
    let (next, place) = next_visit(view, &patient)?.unwrap_or_default();
    let contact = view.contact(patient.id)?.details;
    let mut row = vec![
        patient.reference.as_str().to_owned(),
        patient.name.expose().to_owned(),
        patient.birth_on.to_string(),
        patient.email.as_ref().map(EmailAddress::expose).unwrap_or_default().to_owned(),
        patient.language.clone(),
        patient.zone.clone(),
        beside.join("+"),
        anchor.map(|on| on.to_string()).unwrap_or_default(),
        patient.status.word().to_owned(),
        patient.detail.word().to_owned(),
        patient.shared_inbox.to_string(),
        next,
        place,
    ];
    row.extend(ContactField::ALL.map(|field| contact.text(field).unwrap_or_default().to_owned()));
    row.extend(proxy(view, &patient)?);
    let is_whole = beside.len() == enrolments.len();
    Ok((patient, row, is_whole))
}

/// Whoever acts for her now, in the order of the columns.
fn proxy(view: &View<'_>, patient: &Patient) -> Result<[String; FIELDS.len()], StoreError> {
    let Some(proxy) = &patient.proxy else { return Ok(Default::default()) };
    let told = view.proxy(proxy.id)?.told;
    Ok([
        told.name.expose().to_owned(),
        told.relation,
        told.email.expose().to_owned(),
        told.language,
        told.consent_by,
        told.consent_on.to_string(),
        told.until.map(|until| until.to_string()).unwrap_or_default(),
    ])
}

fn next_visit(view: &View<'_>, patient: &Patient) -> Result<Option<(String, String)>, StoreError> {
    let is_next = |f: &&FollowUp| f.state == FollowUpState::Booked && f.kind == FollowUpKind::Visit;
    for follow_up in view.follow_ups_of(patient.id)?.iter().filter(is_next) {
        if let Some(a) =
            readable(view.appointment_of(follow_up.id))?.filter(|a| a.state == AppointmentState::Booked)
        {
            return Ok(Some((a.on.to_datetime(a.at).strftime("%F %H:%M").to_string(), a.place)));
        }
    }
    Ok(None)
}

/// An appointment that cannot be read is noted, and the rest of her goes on.
fn readable<T>(found: Result<Option<T>, StoreError>) -> Result<Option<T>, StoreError> {
    match found {
        Err(fault) if fault.is_unreadable() => Ok(None),
        found => found,
    }
}
