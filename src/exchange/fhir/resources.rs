//! One resource each, as FHIR R4 wants it.

use jiff::ToSpan;
use serde_json::{Map, Value, json};

use crate::care::address::EmailAddress;
use crate::care::contact::{ContactField, PatientContact};
use crate::care::delivery::DeliveryState;
use crate::care::patient::{Patient, PatientStatus};
use crate::care::plan::appointment::AppointmentState;
use crate::care::plan::follow_up::FollowUpState;
use crate::care::time::{calendar, zone};
use crate::store::mail::inbound::InboundMessage;
use crate::store::plan::appointments::Booked;
use crate::store::plan::follow_ups::{Enrolment, FollowUp};
use crate::store::work::worklist::LedgerLine;

/// The system under which the clinic's own references stand.
const REFERENCE: &str = "urn:aftercare:reference";

fn subject(patient: &Patient) -> Value {
    json!({ "reference": format!("Patient/{}", patient.id.0) })
}

/// Leaves out what is null: FHIR knows no null.
fn lean(resource: Value) -> Value {
    match resource {
        Value::Object(fields) => {
            let there = fields.into_iter().filter(|(_, v)| !v.is_null());
            Value::Object(there.map(|(k, v)| (k, lean(v))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(lean).collect()),
        plain => plain,
    }
}

pub(in crate::exchange::fhir) fn patient(p: &Patient, contact: &PatientContact) -> Value {
    let email = p.email.as_ref().map(|e| json!({ "system": "email", "value": EmailAddress::expose(e) }));
    let own = [ContactField::Phone, ContactField::SecondPhone].into_iter().filter_map(|f| phone(contact, f));
    let own = own.zip(1..).map(|(mut number, rank)| {
        number["rank"] = json!(rank);
        number
    });
    let telecom: Vec<Value> = email.into_iter().chain(own).collect();
    let telecom = (!telecom.is_empty()).then_some(telecom);
    let other = contact.text(ContactField::OtherContact).map(|who| {
        let telecom = phone(contact, ContactField::OtherPhone).map(|number| json!([number]));
        json!([{ "name": { "text": who }, "telecom": telecom }])
    });
    let language = json!([{ "language": { "coding": [{ "system": "urn:ietf:bcp:47", "code": p.language }] }, "preferred": true }]);
    lean(json!({
        "resourceType": "Patient",
        "id": p.id.0.to_string(),
        "identifier": [{ "system": REFERENCE, "value": p.reference.as_str() }],
        "active": p.status.keeps_plan(),
        "name": [{ "use": "usual", "text": p.name.expose() }],
        "telecom": telecom,
        "contact": other,
        "birthDate": p.birth_on.to_string(),
        "deceasedBoolean": p.status == PatientStatus::Deceased,
        "communication": language,
    }))
}

/// A number as a ContactPoint.
fn phone(contact: &PatientContact, field: ContactField) -> Option<Value> {
    contact.text(field).map(|number| json!({ "system": "phone", "value": number }))
}

pub(in crate::exchange::fhir) fn care_plan(
    p: &Patient,
    enrolment: &Enrolment,
    follow_ups: &[&FollowUp],
) -> Value {
    let status = match (enrolment.is_active, p.status) {
        (false, _) => "completed",
        (true, PatientStatus::Active) => "active",
        (true, PatientStatus::Paused) => "on-hold",
        (true, _) => "revoked",
    };
    let activity: Vec<Value> = follow_ups.iter().map(|f| json!({ "detail": detail(f) })).collect();
    lean(json!({
        "resourceType": "CarePlan",
        "id": enrolment.id.0.to_string(),
        "status": status,
        "intent": "plan",
        "title": enrolment.protocol,
        "subject": subject(p),
        "period": { "start": enrolment.anchor_on.to_string() },
        "activity": if activity.is_empty() { Value::Null } else { Value::Array(activity) },
    }))
}

fn detail(f: &FollowUp) -> Value {
    let status = match f.state {
        FollowUpState::Planned => "not-started",
        FollowUpState::Booked => "scheduled",
        FollowUpState::Done => "completed",
        FollowUpState::Missed => "stopped",
        FollowUpState::Cancelled => "cancelled",
    };
    json!({
        "kind": if f.kind.is_bookable() { "Appointment" } else { "CommunicationRequest" },
        "code": { "text": f.series },
        "status": status,
        "statusReason": f.closed_reason.as_ref().map(|text| json!({ "text": text })),
        "scheduledPeriod": { "start": f.owed.opens_on.to_string(), "end": f.owed.closes_on.to_string() },
        "description": format!("number {}, due on {}", f.owed.number, f.owed.due_on),
    })
}

/// `None` when its zone is not known any more.
pub(in crate::exchange::fhir) fn appointment(p: &Patient, f: &FollowUp, a: &Booked) -> Option<Value> {
    let starts_at = calendar::instant(a.on, a.at, &zone::find(&a.zone).ok()?);
    // FHIR wants an end; clinics book starts, and letters show half an hour.
    let ends_at = starts_at.saturating_add(30.minutes()).ok()?;
    let status = match a.state {
        AppointmentState::Booked => "booked",
        AppointmentState::Kept => "fulfilled",
        AppointmentState::Missed => "noshow",
        AppointmentState::Cancelled => "cancelled",
    };
    let place = if a.place.is_empty() { Value::Null } else { Value::String(a.place.clone()) };
    Some(lean(json!({
        "resourceType": "Appointment",
        "id": a.id.to_string(),
        "identifier": [{ "system": "urn:ietf:rfc:5545", "value": a.uid }],
        "status": status,
        "description": if a.note.is_empty() { f.series.clone() } else { format!("{}: {}", f.series, a.note) },
        "comment": place,
        "start": starts_at.to_string(),
        "end": ends_at.to_string(),
        "participant": [{ "actor": subject(p), "status": "accepted" }],
    })))
}

pub(in crate::exchange::fhir) fn communication(p: &Patient, line: &LedgerLine) -> Value {
    let d = &line.delivery;
    let status = match d.state {
        DeliveryState::Pending => "preparation",
        DeliveryState::Claimed => "in-progress",
        DeliveryState::Sent => "completed",
        DeliveryState::Unknown => "unknown",
        // It may have reached her all the same.
        DeliveryState::Skipped | DeliveryState::Lapsed | DeliveryState::Failed if d.arrival().is_some() => {
            "unknown"
        }
        DeliveryState::Skipped | DeliveryState::Lapsed | DeliveryState::Failed => "not-done",
    };
    let sent = d.ended_at.filter(|_| d.state == DeliveryState::Sent).map(|at| at.to_string());
    let note = d.arrival().map(|arrival| json!([{ "text": arrival.word() }]));
    let identifier = d.message_id.as_ref().map(|id| json!([{ "system": "urn:ietf:rfc:5322", "value": id }]));
    let topic = if line.steps.is_empty() { d.purpose.word() } else { &line.steps };
    lean(json!({
        "resourceType": "Communication",
        "id": d.id.0.to_string(),
        "identifier": identifier,
        "status": status,
        "statusReason": d.reason.as_ref().map(|text| json!({ "text": text })),
        "category": [{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/communication-category", "code": "reminder" }] }],
        "medium": [{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode", "code": "EMAILWRIT" }] }],
        "subject": subject(p),
        "recipient": [subject(p)],
        "topic": { "text": topic },
        "sent": sent,
        "note": note,
    }))
}

/// What she wrote to the clinic: a Communication whose sender she is.
pub(in crate::exchange::fhir) fn received(p: &Patient, message: &InboundMessage) -> Value {
    let answers =
        message.about.delivery.map(|letter| json!([{ "reference": format!("Communication/{}", letter.0) }]));
    lean(json!({
        "resourceType": "Communication",
        "id": format!("in-{}", message.id.0),
        "status": "completed",
        "medium": [{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode", "code": "EMAILWRIT" }] }],
        "subject": subject(p),
        "sender": subject(p),
        "inResponseTo": answers,
        "topic": { "text": message.kind.word() },
        "received": message.received_at.to_string(),
        "payload": [{ "contentString": format!("{}\n\n{}", message.subject, message.text) }],
    }))
}
