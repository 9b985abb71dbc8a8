//! The clinic's records as a FHIR R4 bundle: Patient, CarePlan, Appointment, Communication (hl7.org/fhir/R4). No diagnosis
//! stands in it, as none stands in the database.

use std::io::Write;

use serde_json::{Value, json};

use crate::care::patient::Patient;
use crate::exchange::fhir::resources;
use crate::store::database::Store;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::work::worklist::LedgerFilter;

/// Patients asked for at once.
const PAGE: u32 = 200;

/// Writes everyone as one collection, an entry a line. `base` is the address that names the resources. Returns how many.
///
/// # Errors
/// The store's or the writer's.
pub fn write<E>(store: &Store, base: &str, out: &mut dyn Write) -> Result<u64, E>
where
    E: From<StoreError> + From<std::io::Error>,
{
    write!(out, "{{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[")?;
    let (mut count, mut after) = (0_u64, String::new());
    loop {
        let page = store.read(|view| view.patients(&after, PAGE))?;
        let Some(last) = page.last() else { break };
        last.reference.as_str().clone_into(&mut after);
        for patient in &page {
            for resource in store.read(|view| all_of(view, patient))? {
                let comma = if count == 0 { "" } else { "," };
                write!(out, "{comma}\n{}", entry(base, &resource))?;
                count += 1;
            }
        }
    }
    writeln!(out, "\n]}}")?;
    Ok(count)
}

/// One patient as a collection of her own.
///
/// # Errors
/// The store's.
pub fn of_one(view: &View<'_>, base: &str, patient: &Patient) -> Result<Value, StoreError> {
    let entries: Vec<Value> = all_of(view, patient)?.iter().map(|resource| entry(base, resource)).collect();
    Ok(json!({ "resourceType": "Bundle", "type": "collection", "entry": entries }))
}

fn entry(base: &str, resource: &Value) -> Value {
    let name = |key: &str| resource[key].as_str().unwrap_or_default().to_owned();
    json!({ "fullUrl": format!("{base}/{}/{}", name("resourceType"), name("id")), "resource": resource })
}

fn all_of(view: &View<'_>, patient: &Patient) -> Result<Vec<Value>, StoreError> {
    let mut all = vec![resources::patient(patient, &view.contact(patient.id)?.details)];
    let follow_ups = view.follow_ups_of(patient.id)?;
    for enrolment in view.enrolments_of(patient.id)? {
        let own: Vec<_> = follow_ups.iter().filter(|f| f.enrolment == enrolment.id).collect();
        all.push(resources::care_plan(patient, &enrolment, &own));
    }
    for follow_up in &follow_ups {
        // One that cannot be read is noted, and the rest of her goes on.
        let booked = match view.appointment_of(follow_up.id) {
            Err(fault) if fault.is_unreadable() => None,
            booked => booked?,
        };
        all.extend(booked.and_then(|a| resources::appointment(patient, follow_up, &a)));
    }
    let filter =
        LedgerFilter { reference: Some(patient.reference.as_str().to_owned()), ..LedgerFilter::default() };
    all.extend(view.ledger(&filter)?.iter().map(|line| resources::communication(patient, line)));
    all.extend(
        view.inbound_of(patient.id, u32::MAX)?.iter().map(|message| resources::received(patient, message)),
    );
    Ok(all)
}
