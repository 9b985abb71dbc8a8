//! Writes a roster that `import` reads back: taken in again it changes nothing, and an empty database takes it in whole.

use std::io::Write;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::care::address::EmailAddress;
use crate::care::contact::ContactField;
use crate::care::patient::{Patient, PatientStatus};
use crate::care::plan::appointment::AppointmentState;
use crate::care::plan::date_match::{self, Fit, OpenCandidate};
use crate::care::plan::follow_up::FollowUpState;
use crate::care::plan::protocol::FollowUpKind;
use crate::care::plan::schedule::open_on;
use crate::care::record::proxy::FIELDS;
use crate::care::time::calendar;
use crate::care::time::zone::find;
use crate::exchange::csv_file::{CsvFile, LineEnd};
use crate::exchange::roster::columns::{OPTIONAL, REQUIRED};
use crate::exchange::roster::row::visit_cells;
use crate::journey::plan::booking_request::AppointmentSlot;
use crate::journey::protocol_cache::ProtocolCache;
use crate::journey::sending_policy::day;
use crate::store::database::Store;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::people::preferences::LetterKind;
use crate::store::plan::appointments::Booked;
use crate::store::plan::follow_ups::{Enrolment, FollowUp};

/// Patients asked for at once.
const PAGE: u32 = 1000;

/// By what it is told which visits an import would take.
pub struct ExportTerms<'t> {
    /// The instant of the export.
    pub now: Timestamp,
    /// The clinic's zone, in which visits are booked.
    pub zone: &'t TimeZone,
    /// The protocols that patients are on.
    pub protocols: &'t ProtocolCache,
}

/// How much an export wrote, and whose plan one row could not tell.
#[derive(Debug, Default)]
pub struct ExportSummary {
    /// Rows, the header not counted.
    pub rows: u64,
    /// Patients with a second anchor date, of whom one row tells only the first.
    pub partly: Vec<String>,
    /// Patients with a booked visit that no import takes, for it is over, or belongs to none that a newcomer would be owed.
    pub unwritten_visits: Vec<String>,
}

/// Writes every patient as a row of a roster.
///
/// # Errors
/// The store's or the writer's.
pub fn write<E>(store: &Store, terms: &ExportTerms<'_>, out: &mut dyn Write) -> Result<ExportSummary, E>
where
    E: From<StoreError> + From<std::io::Error>,
{
    let mut csv = CsvFile::new(out, LineEnd::Crlf);
    csv.row(REQUIRED.iter().chain(&OPTIONAL))?;
    let (mut written, mut after) = (ExportSummary::default(), String::new());
    loop {
        let page = store.read(|view| page(view, &after, terms))?;
        let Some(last) = page.last() else { break };
        last.reference.clone_into(&mut after);
        for WrittenRow { reference, cells, is_whole, has_unwritten_visit } in page {
            csv.row(&cells)?;
            written.rows += 1;
            written.partly.extend(Some(reference.clone()).filter(|_| !is_whole));
            written.unwritten_visits.extend(Some(reference).filter(|_| has_unwritten_visit));
        }
    }
    csv.end()?;
    Ok(written)
}

struct WrittenRow {
    reference: String,
    cells: Vec<String>,
    is_whole: bool,
    has_unwritten_visit: bool,
}

/// Whose record cannot be read as a whole is left out, as one whose own row cannot: half of it would say something else, e.g. that
/// nobody acts for her. A person is told of the record.
fn page(view: &View<'_>, after: &str, terms: &ExportTerms<'_>) -> Result<Vec<WrittenRow>, StoreError> {
    let patients = view.patients(after, PAGE)?.into_iter();
    patients.filter_map(|patient| readable(row(view, &patient, terms).map(Some)).transpose()).collect()
}

fn row(view: &View<'_>, patient: &Patient, terms: &ExportTerms<'_>) -> Result<WrittenRow, StoreError> {
    let enrolments: Vec<Enrolment> =
        view.enrolments_of(patient.id)?.into_iter().filter(|e| e.is_active).collect();
    let anchor = enrolments.first().map(|e| e.anchor_on);
    let beside: Vec<&Enrolment> = enrolments.iter().filter(|e| Some(e.anchor_on) == anchor).collect();
    let names: Vec<&str> = beside.iter().map(|e| e.protocol.as_str()).collect();
    let open = newcomer_visits(view, patient, &beside, terms);
    let booked = booked_visits(view, patient)?;
    let next = booked.iter().find(|(owed, booked)| !owed.is_extra() && terms.takes(booked, &open));
    let next = next.map(|(_, booked)| booked);
    let (extra, planned): (Vec<_>, Vec<_>) = booked.iter().partition(|(owed, _)| owed.is_extra());
    let beside_plan = terms.beside_plan(&extra, anchor);
    let has_unwritten_visit = beside_plan.len() < extra.len() || !planned.is_empty() && next.is_none();
    let at = next.map(|a| a.on.to_datetime(a.at).strftime("%F %H:%M").to_string());
    let contact = view.contact(patient.id)?.details;
    let mut cells = vec![
        patient.reference.as_str().to_owned(),
        patient.name.expose().to_owned(),
        patient.birth_on.to_string(),
        patient.email.as_ref().map(EmailAddress::expose).unwrap_or_default().to_owned(),
        patient.language.clone(),
        patient.zone.clone(),
        names.join("+"),
        anchor.map(|on| on.to_string()).unwrap_or_default(),
        patient.status.word().to_owned(),
        patient.detail.word().to_owned(),
        patient.shared_inbox.to_string(),
        at.unwrap_or_default(),
        next.map(|a| a.place.clone()).unwrap_or_default(),
    ];
    cells.extend(ContactField::ALL.map(|field| contact.text(field).unwrap_or_default().to_owned()));
    cells.extend(proxy(view, patient)?);
    cells.push(patient.paused_until.map(|last| last.to_string()).unwrap_or_default());
    let declined = view.declined(patient.id)?;
    let declined = LetterKind::ALL.into_iter().filter(|kind| declined.contains(kind)).map(LetterKind::word);
    cells.push(declined.collect::<Vec<_>>().join("+"));
    cells.push(visit_cells::written(&beside_plan));
    let (reference, is_whole) = (patient.reference.as_str().to_owned(), beside.len() == enrolments.len());
    Ok(WrittenRow { reference, cells, is_whole, has_unwritten_visit })
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

/// The visits that are booked for her, in order of their due dates.
fn booked_visits(view: &View<'_>, patient: &Patient) -> Result<Vec<(FollowUp, Booked)>, StoreError> {
    let is_booked = |f: &&FollowUp| f.state == FollowUpState::Booked && f.kind == FollowUpKind::Visit;
    let mut found = Vec::new();
    for follow_up in view.follow_ups_of(patient.id)?.into_iter().filter(|one| is_booked(&one)) {
        let booked = readable(view.appointment_of(follow_up.id))?;
        found.extend(booked.map(|booked| (follow_up, booked)));
    }
    found.retain(|(_, booked)| booked.state == AppointmentState::Booked);
    Ok(found)
}

/// The visits that would stand open if she were taken in now with these enrolments, as the look before an import sees them. Of a
/// protocol that cannot be read nobody knows.
fn newcomer_visits(
    view: &View<'_>,
    patient: &Patient,
    enrolments: &[&Enrolment],
    terms: &ExportTerms<'_>,
) -> Vec<OpenCandidate<()>> {
    let Ok(zone) = find(&patient.zone) else { return Vec::new() };
    if patient.status == PatientStatus::Deceased {
        return Vec::new();
    }
    let (today, mut open) = (day(terms.now, &zone), Vec::new());
    for enrolment in enrolments {
        let Ok(protocol) = terms.protocols.get(view, enrolment.version) else { continue };
        for series in protocol.series.iter().filter(|series| series.kind == FollowUpKind::Visit) {
            let owed = open_on(series, enrolment.anchor_on, today).into_iter().flatten();
            let series = &series.id;
            open.extend(owed.map(|owed| OpenCandidate {
                what: (),
                series: series.clone(),
                owed,
                booked_on: None,
            }));
        }
    }
    open
}

impl ExportTerms<'_> {
    /// The visits beside a plan that an import takes, in the order of their dates.
    fn beside_plan(&self, extra: &[&(FollowUp, Booked)], anchor: Option<Date>) -> Vec<AppointmentSlot> {
        let slot =
            |booked: &Booked| AppointmentSlot { on: booked.on, at: booked.at, place: booked.place.clone() };
        let taken = extra.iter().filter(|(_, booked)| anchor.is_some() && self.reaches(booked));
        let mut taken: Vec<_> = taken.map(|(_, booked)| slot(booked)).collect();
        taken.sort_by_key(|slot| (slot.on, slot.at));
        taken
    }

    /// Whether it lies ahead, and not too far.
    fn reaches(&self, booked: &Booked) -> bool {
        calendar::instant(booked.on, booked.at, self.zone) > self.now
            && booked.on <= date_match::latest(day(self.now, self.zone))
    }

    /// Whether an import takes that date: it lies ahead, not too far, and fits a visit that she would be owed.
    fn takes(&self, booked: &Booked, open: &[OpenCandidate<()>]) -> bool {
        self.reaches(booked)
            && matches!(date_match::to_book(open.to_vec(), booked.on), Fit::One(_) | Fit::Several(_))
    }
}

/// What cannot be read is noted, and the rest goes on.
fn readable<T>(found: Result<Option<T>, StoreError>) -> Result<Option<T>, StoreError> {
    match found {
        Err(fault) if fault.is_unreadable() => Ok(None),
        found => found,
    }
}
