//! `aftercare patient show`: what stands on record of one patient.

use serde_json::{Value, json};

use crate::care::address::EmailAddress;
use crate::care::contact::{ContactField, PatientContact};
use crate::care::patient::Patient;
use crate::care::task_state::TaskState;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::patient::args::PatientShowArgs;
use crate::cli::work::{inbound_message, ledger};
use crate::store::database::OpenMode;
use crate::store::error::StoreError;
use crate::store::mail::inbound::InboundMessage;
use crate::store::plan::follow_ups::{Enrolment, FollowUp};
use crate::store::work::tasks::Task;
use crate::store::work::worklist::{LedgerFilter, LedgerLine};

/// Messages of hers that are shown.
const MESSAGES: u32 = 100;

struct PatientRecord {
    patient: Patient,
    contact: PatientContact,
    enrolments: Vec<Enrolment>,
    open: Vec<FollowUp>,
    tasks: Vec<Task>,
    letters: Vec<LedgerLine>,
    /// What she wrote, newest first.
    messages: Vec<InboundMessage>,
    /// Case codes of records that may be the same person.
    alike: Vec<String>,
    /// Case codes that lead here.
    merged: Vec<String>,
}

pub(super) fn run(args: &PatientShowArgs, ctx: &Context) -> Result<(), Failure> {
    let store = ctx.store(OpenMode::AsItIs)?;
    let record = store.read(|view| -> Result<PatientRecord, StoreError> {
        let patient = view.patient_by_reference(&args.reference)?;
        let mut open = view.follow_ups_of(patient.id)?;
        open.retain(|f| f.is_open());
        let mut tasks = view.tasks_of(patient.id)?;
        tasks.retain(|t| t.state == TaskState::Open);
        let filter = LedgerFilter {
            reference: Some(patient.reference.as_str().to_owned()),
            ..LedgerFilter::default()
        };
        let enrolments = view.enrolments_of(patient.id)?;
        let alike = view.alike(patient.id, &patient.name, patient.birth_on)?;
        let alike = alike.into_iter().map(|(_, reference)| reference).collect();
        let messages = view.inbound_of(patient.id, MESSAGES)?;
        Ok(PatientRecord {
            contact: view.contact(patient.id)?.details,
            enrolments,
            open,
            tasks,
            letters: view.ledger(&filter)?,
            messages,
            merged: view.merged_from(patient.id)?.into_iter().map(|one| one.reference).collect(),
            alike,
            patient,
        })
    })?;
    ctx.show(&document(&record), |out| words(out, &record))
}

fn document(record: &PatientRecord) -> Value {
    let p = &record.patient;
    let enrolment = |e: &Enrolment| json!({ "protocol": e.protocol, "anchor_on": e.anchor_on.to_string(), "active": e.is_active });
    let follow_up = |f: &FollowUp| {
        json!({ "series": f.series, "number": f.owed.number, "kind": f.kind.word(), "due_on": f.owed.due_on.to_string(),
            "state": f.state.word(), "next_at": f.next_at.map(|at| at.to_string()) })
    };
    let task = |t: &Task| json!({ "id": t.id, "kind": t.kind.word(), "reason": t.reason, "due_at": t.due_at.to_string() });
    let contact = |field| record.contact.text(field);
    json!({
        "proxy": p.proxy.as_ref().map(|proxy| json!({ "name": proxy.name.expose(), "email": proxy.email.expose(),
            "language": proxy.language, "until": proxy.until.map(|until| until.to_string()),
            "refused": proxy.is_refused })),
        "phone": contact(ContactField::Phone), "phone_2": contact(ContactField::SecondPhone),
        "best_time": contact(ContactField::BestTime), "other_contact": contact(ContactField::OtherContact),
        "other_phone": contact(ContactField::OtherPhone), "mail_consent_on": contact(ContactField::MailConsent),
        "reference": p.reference.as_str(), "preferred_name": p.name.expose(), "birth_date": p.birth_on.to_string(),
        "email": p.email.as_ref().map(EmailAddress::expose), "language": p.language, "time_zone": p.zone,
        "detail": p.detail.word(), "detail_follows": p.detail_follows, "shared_inbox": p.shared_inbox, "status": p.status.word(),
        "paused_until": p.paused_until.map(|d| d.to_string()), "alike": record.alike, "merged": record.merged,
        "enrolments": record.enrolments.iter().map(enrolment).collect::<Vec<_>>(),
        "follow_ups": record.open.iter().map(follow_up).collect::<Vec<_>>(),
        "tasks": record.tasks.iter().map(task).collect::<Vec<_>>(),
        "messages": record.messages.iter().map(inbound_message::document).collect::<Vec<_>>(),
        "letters": record.letters.iter().map(ledger::line).collect::<Vec<_>>(),
    })
}

fn words(out: &mut dyn std::io::Write, record: &PatientRecord) -> std::io::Result<()> {
    let p = &record.patient;
    writeln!(out, "{} ({}), born {}", p.reference.as_str(), p.name.expose(), p.birth_on)?;
    let until = p.paused_until.map(|d| format!(" until {d}")).unwrap_or_default();
    writeln!(out, "status:   {}{until}", p.status.says())?;
    let clinics = if p.detail_follows { " (as the clinic decides)" } else { "" };
    let shared = if p.shared_inbox { ", shared inbox" } else { "" };
    writeln!(out, "letters:  {}{shared}", p.email.as_ref().map_or("no address", EmailAddress::expose))?;
    writeln!(out, "          in {}, {}, detail {}{}", p.language, p.zone, p.detail.word(), clinics)?;
    if let Some(proxy) = &p.proxy {
        let until = proxy.until.map(|until| format!(" until {until}")).unwrap_or_default();
        let refused = if proxy.is_refused { ", refused: no letter leaves" } else { "" };
        let (name, email) = (proxy.name.expose(), proxy.email.expose());
        writeln!(
            out,
            "proxy:    {name} gets them in her place{until}: {email}, in {}{refused}",
            proxy.language
        )?;
    }
    ring(out, &record.contact)?;
    consent(out, &record.contact)?;
    if !record.alike.is_empty() {
        writeln!(out, "alike:    same name and birth date as {}", record.alike.join(", "))?;
    }
    if !record.merged.is_empty() {
        writeln!(out, "merged:   {} ended in this record", record.merged.join(", "))?;
    }
    for e in &record.enrolments {
        let closed = if e.is_active { "" } else { " (over)" };
        writeln!(out, "protocol: {} from {}{closed}", e.protocol, e.anchor_on)?;
    }
    for f in &record.open {
        writeln!(out, "open:     {} {} due {} ({})", f.series, f.owed.number, f.owed.due_on, f.state.word())?;
    }
    for t in &record.tasks {
        writeln!(out, "task {}:   {} {}", t.id, t.kind.ask(), t.reason)?;
    }
    for line in record.letters.iter().rev().take(10) {
        let d = &line.delivery;
        let stands = ledger::stands(d);
        writeln!(out, "letter {}: {} {stands} {}", d.id.0, d.local_on, line.steps)?;
    }
    record.messages.iter().take(5).try_for_each(|one| inbound_message::write(out, one))
}

fn consent(out: &mut dyn std::io::Write, contact: &PatientContact) -> std::io::Result<()> {
    match contact.mail_consent_on() {
        Some(on) => writeln!(out, "consent:  to letters by e-mail, on {on}"),
        None => Ok(()),
    }
}

fn ring(out: &mut dyn std::io::Write, contact: &PatientContact) -> std::io::Result<()> {
    let shown = |field| contact.shown(field);
    let numbers = [shown(ContactField::Phone), shown(ContactField::SecondPhone)];
    let numbers: Vec<String> = numbers.into_iter().flatten().collect();
    let best = shown(ContactField::BestTime).map(|best| format!(" ({best})")).unwrap_or_default();
    let own = if numbers.is_empty() { "no number".to_owned() } else { numbers.join(" or ") };
    writeln!(out, "ring:     {own}{best}")?;
    let Some(other) = shown(ContactField::OtherContact) else { return Ok(()) };
    let number = shown(ContactField::OtherPhone).map(|number| format!(", {number}")).unwrap_or_default();
    writeln!(out, "          else {other}{number}")
}
