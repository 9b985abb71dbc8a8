//! Everything that is kept about one patient as one JSON document, in the program's own words, for whoever keeps or reads it
//! elsewhere. What FHIR has resources for is in `fhir` as well.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::care::address::EmailAddress;
use crate::care::alert::lifecycle::AlertOutcome;
use crate::care::contact::ContactField;
use crate::care::delivery::Arrival;
use crate::care::triage::tier::Tier;
use crate::store::alerts::lifecycle::Alert;
use crate::store::answers::replaced_answer::ReplacedAnswer;
use crate::store::answers::responses::Response;
use crate::store::mail::inbound::InboundMessage;
use crate::store::people::clinical_history::mark_word;
use crate::store::people::proxies::ProxyOnRecord;
use crate::store::people::whole_record::{CallRecord, DateRecord, WholeRecord};
use crate::store::work::contact_log::ContactEntry;
use crate::store::work::tasks::Task;
use crate::store::work::worklist::LedgerLine;

/// The whole record; `at` is when it was read.
#[must_use]
pub fn document(record: &WholeRecord, at: Timestamp) -> Value {
    json!({
        "format": "aftercare-record-1",
        "read_at": at.to_string(),
        "patient": patient(record),
        "clinical": clinical(record),
        "enrolments": record.enrolments.iter().map(|one| json!({
            "protocol": one.protocol, "anchor_on": one.anchor_on.to_string(), "active": one.is_active,
        })).collect::<Vec<_>>(),
        "follow_ups": record.follow_ups.iter().map(follow_up).collect::<Vec<_>>(),
        "letters": record.letters.iter().map(letter).collect::<Vec<_>>(),
        "answers": record.answers.iter().map(answer).collect::<Vec<_>>(),
        "alerts": record.alerts.iter().map(alert).collect::<Vec<_>>(),
        "tasks": record.tasks.iter().map(task).collect::<Vec<_>>(),
        "messages": record.messages.iter().map(message).collect::<Vec<_>>(),
    })
}

fn patient(record: &WholeRecord) -> Value {
    let p = &record.patient;
    let contact = |field| record.contact.text(field);
    json!({
        "reference": p.reference.as_str(), "preferred_name": p.name.expose(), "birth_date": p.birth_on.to_string(),
        "email": p.email.as_ref().map(EmailAddress::expose), "language": p.language, "time_zone": p.zone,
        "detail": p.detail.word(), "detail_follows": p.detail_follows, "shared_inbox": p.shared_inbox, "status": p.status.word(),
        "status_reason": record.status_reason,
        "suspected_death": p.suspected_death.map(|told| told.word()), "paused_until": p.paused_until.map(|on| on.to_string()),
        "declined": record.declined.iter().map(|kind| kind.word()).collect::<Vec<_>>(),
        "phone": contact(ContactField::Phone), "phone_2": contact(ContactField::SecondPhone),
        "best_time": contact(ContactField::BestTime), "other_contact": contact(ContactField::OtherContact),
        "other_phone": contact(ContactField::OtherPhone), "mail_consent_on": contact(ContactField::MailConsent),
        "proxies": record.proxies.iter().map(proxy).collect::<Vec<_>>(),
    })
}

/// Somebody who acts for her, or did.
fn proxy(one: &ProxyOnRecord) -> Value {
    let told = &one.told;
    let end = one.end.as_ref();
    json!({
        "id": one.id.0, "name": told.name.expose(), "relation": told.relation, "email": told.email.expose(),
        "language": told.language, "consent_by": told.consent_by, "consent_on": told.consent_on.to_string(),
        "until": told.until.map(|until| until.to_string()), "recorded_at": one.recorded_at.to_string(),
        "recorded_by": one.recorded_by, "refused_at": one.refused_at.map(|at| at.to_string()),
        "ended_at": end.map(|end| end.at.to_string()), "ended_by": end.map(|end| end.by.clone()),
        "end_reason": end.map(|end| end.reason.clone()),
    })
}

fn clinical(record: &WholeRecord) -> Value {
    let baseline = record.baseline.as_ref().map(|base| {
        let marks: Value =
            base.marks.iter().map(|(item, mark)| (item.clone(), Value::from(mark_word(*mark)))).collect();
        json!({
            "answers": as_stored(&base.answers), "marks": marks,
            "confirmed_by": base.confirmed_by, "confirmed_on": base.confirmed_on.to_string(),
        })
    });
    let known = record
        .known
        .iter()
        .map(|known| json!({ "code": known.code().word(), "until_on": known.until().to_string() }));
    let bone_spread =
        record.bone_spread.as_ref().map(|(by, at)| json!({ "noted_by": by, "noted_at": at.to_string() }));
    json!({ "baseline": baseline, "known": known.collect::<Vec<_>>(), "bone_spread": bone_spread })
}

/// What stands as JSON in a column, as JSON here too.
fn as_stored(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

fn follow_up(one: &DateRecord) -> Value {
    let f = &one.follow_up;
    let date = one.date.as_ref().map(|date| {
        json!({
            "on": date.on.to_string(), "at": date.at.to_string(), "time_zone": date.zone, "place": date.place, "note": date.note,
            "state": date.state.word(),
        })
    });
    json!({
        "series": f.series, "number": f.owed.number, "kind": f.kind.word(), "due_on": f.owed.due_on.to_string(),
        "opens_on": f.owed.opens_on.to_string(), "closes_on": f.owed.closes_on.to_string(),
        "state": f.state.word(), "reason": f.closed_reason, "date": date,
    })
}

fn letter(line: &LedgerLine) -> Value {
    let d = &line.delivery;
    json!({
        "id": d.id.0, "purpose": d.purpose.word(), "local_on": d.local_on.to_string(), "steps": line.steps,
        "state": d.state.word(), "reason": d.reason, "arrival": d.arrival().map(Arrival::word),
        "ended_at": d.ended_at.map(|at| at.to_string()), "message_id": d.message_id,
    })
}

fn answer(one: &Response) -> Value {
    json!({
        "id": one.id.0, "answered_at": one.answered_at.to_string(), "answered_on": one.answered_on.to_string(),
        "filled_in_by": one.who.word(), "proxy": one.proxy.map(|proxy| proxy.0), "submitted": one.is_sent(), "pages": one.pages,
        "answers": as_stored(&one.answers), "replaced": one.replaced.iter().map(replaced).collect::<Vec<_>>(), "mode": one.mode.word(), "tier": one.tier.map(Tier::word),
        "reasons": one.reasons.iter().map(|code| code.word()).collect::<Vec<_>>(),
        "alert": one.alert.map(|alert| alert.0),
    })
}

/// What she had said before she changed it.
fn replaced(one: &ReplacedAnswer) -> Value {
    json!({ "field": one.field, "word": one.word, "at": one.at.to_string() })
}

fn calls(calls: &[ContactEntry]) -> Vec<Value> {
    let call = |one: &ContactEntry| {
        json!({
            "at": one.at.to_string(), "by": one.by, "kind": one.report.kind.word(), "note": one.report.note,
            "handed_to": one.report.handed_to, "again_at": one.report.again_at.map(|at| at.to_string()),
        })
    };
    calls.iter().map(call).collect()
}

fn alert(one: &CallRecord<Alert>) -> Value {
    let a = &one.of;
    let (closed_by, closed_at) = a.closed.clone().unzip();
    json!({
        "id": a.id.0, "tier": a.tier.map(Tier::word), "state": a.state.word(), "raised_at": a.raised_at.to_string(),
        "due_at": a.due_at.to_string(), "closed_by": closed_by, "closed_at": closed_at.map(|at| at.to_string()),
        "done": a.dispositions.as_deref().map(as_stored), "outcome": a.outcome.map(AlertOutcome::word),
        "note": a.note, "calls": calls(&one.calls),
    })
}

fn task(one: &CallRecord<Task>) -> Value {
    let t = &one.of;
    let (closed_by, note) = t.closed.clone().unzip();
    json!({
        "id": t.id, "kind": t.kind.word(), "reason": t.reason, "opened_at": t.opened_at.to_string(),
        "due_at": t.due_at.to_string(), "state": t.state.word(), "owner": t.owner, "closed_by": closed_by,
        "note": note, "calls": calls(&one.calls),
    })
}

fn message(one: &InboundMessage) -> Value {
    json!({
        "id": one.id.0, "received_at": one.received_at.to_string(), "kind": one.kind.word(), "from": one.sender,
        "subject": one.subject, "text": one.text, "about_letter": one.about.delivery.map(|letter| letter.0),
    })
}
