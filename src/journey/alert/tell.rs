//! One notice of an alert: letters and signed calls to the rungs it names, and the patient's own letter at the very end.
//! They carry the case code, the tier, the clock and the way to the console; nothing else (P10).

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::{Alert, Audience, Channel, Clinic, Notice, PatientLetter, State, StepError, Told, Tx, why_word};
use crate::care::protocol::OnUnknown;
use crate::care::tier::Tier;
use crate::journey::answers::{AnswerPolicy, Contact};
use crate::journey::compose::{CONSOLE, frame};
use crate::journey::policy::{day, later, zone};
use crate::letter::{Inputs, Item, Named};
use crate::store::outbox::{DeliveryId, NewDelivery, Purpose};

/// A notice that could not leave for so long has been told many times over.
const OF_USE: Duration = Duration::from_secs(3 * 24 * 3600);
/// The letter "go now" is for now.
const GO_NOW: Duration = Duration::from_secs(12 * 3600);

pub(super) fn tell(
    tx: &mut Tx<'_>,
    alert: &Alert,
    notice: &Notice,
    clinic: &Clinic,
) -> Result<(), StepError> {
    debug_assert_eq!(alert.state, State::Raised);
    let why = why_word(notice.why);
    if alert.audience == Audience::Canary {
        return Ok(tx.note_notice(alert.id, &Told { why, rung: None, channel: Channel::Canary })?);
    }
    let care = &clinic.care;
    for contact in notice.whom.iter().filter_map(|index| care.contacts.get(*index)) {
        let rung = Some(contact.name.clone());
        let letter = letter(tx, alert, contact, clinic)?;
        tx.note_notice(alert.id, &Told { why, rung: rung.clone(), channel: Channel::Email(letter) })?;
        if let Some(url) = &contact.webhook {
            call(tx, alert, (url, why, rung), care)?;
        }
    }
    if let Some(url) = &care.webhook {
        call(tx, alert, (url, why, None), care)?;
    }
    if notice.patient_letter == PatientLetter::On {
        match tx.shielded(|tx| go_now(tx, alert, why)) {
            // Her record cannot be read; those on the ladder are told all the same.
            Err(fault) if fault.is_unreadable() => {
                tracing::error!(alert = alert.id.0, %fault, "the letter to her could not be written");
            }
            written => written?,
        }
    }
    Ok(())
}

/// One letter a rung waits at most: if the mail server is away, the same letter is hurried, not doubled.
fn letter(
    tx: &mut Tx<'_>,
    alert: &Alert,
    contact: &Contact,
    clinic: &Clinic,
) -> Result<DeliveryId, StepError> {
    if let Some(waiting) = tx.alert_letters_waiting(alert.id, Some(&contact.name))?.first().copied() {
        tx.hurry(waiting)?;
        return Ok(waiting);
    }
    let here = zone(&clinic.policy.zone)?;
    let hour = |at: Timestamp| here.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string();
    let mut facts = BTreeMap::from([
        ("code".to_owned(), alert.reference.clone()),
        ("raised_at".to_owned(), hour(alert.raised_at)),
        ("due_at".to_owned(), hour(alert.due_at)),
        (CONSOLE.to_owned(), link(alert, &clinic.care)),
    ]);
    let named = match alert.tier {
        Some(tier) => {
            facts.insert("tier".to_owned(), tier.word().to_owned());
            Named::StaffAlert
        }
        None => Named::StaffAnswer,
    };
    enqueue(tx, contact, item(named, facts), clinic)
}

/// One thing a letter says that no plan promised.
pub(in crate::journey) fn item(named: Named, facts: BTreeMap<String, String>) -> Item {
    Item {
        template: named.word().to_owned(),
        kind: named.kind().to_owned(),
        title: String::new(),
        prepare: None,
        due_on: None,
        appointment: None,
        leaflet: None,
        facts,
    }
}

/// Puts a letter to a rung into the outbox, ahead of everything else.
pub(in crate::journey) fn enqueue(
    tx: &mut Tx<'_>,
    contact: &Contact,
    item: Item,
    clinic: &Clinic,
) -> Result<DeliveryId, StepError> {
    let here = zone(&clinic.policy.zone)?;
    let inputs = Inputs {
        language: clinic.care.language.clone(),
        detail: "minimal".to_owned(),
        name: None,
        written_on: day(tx.at(), &here),
        items: vec![item],
        no_cover: false,
    };
    Ok(tx.enqueue(&NewDelivery {
        patient: None,
        recipient: Some(contact.email.expose().to_owned()),
        purpose: Purpose::Alert,
        local_on: day(tx.at(), &here),
        next_at: tx.at(),
        expires_at: later(tx.at(), OF_USE),
        on_unknown: OnUnknown::Resend,
        inputs: serde_json::to_string(&inputs).ok(),
    })?)
}

fn call(
    tx: &mut Tx<'_>,
    alert: &Alert,
    what: (&str, &'static str, Option<String>),
    care: &AnswerPolicy,
) -> Result<(), StepError> {
    let (url, why, rung) = what;
    let body = serde_json::json!({ "alert": alert.id.0, "case": alert.reference,
        "tier": alert.tier.map(Tier::word), "link": link(alert, care) });
    let expires_at = later(tx.at(), OF_USE);
    let id = tx.enqueue_call(url, &body.to_string(), expires_at)?;
    Ok(tx.note_notice(alert.id, &Told { why, rung, channel: Channel::Webhook(id) })?)
}

fn link(alert: &Alert, care: &AnswerPolicy) -> String {
    format!("{}/alerts/{}", care.console_url, alert.id.0)
}

/// If nobody has called you, go now. Only to someone who may be written to; asked again at hand-off.
fn go_now(tx: &mut Tx<'_>, alert: &Alert, why: &'static str) -> Result<(), StepError> {
    let patient = tx.patient(alert.patient)?;
    if !patient.status.may_receive() || patient.email.is_none() {
        return Ok(());
    }
    let here = zone(&patient.zone)?;
    let inputs = frame(&patient, vec![item(Named::GoNow, BTreeMap::new())], (tx.at(), &here), None);
    let now: Timestamp = tx.at();
    let letter = tx.enqueue(&NewDelivery {
        patient: Some(patient.id),
        recipient: None,
        purpose: Purpose::Notice,
        local_on: day(now, &here),
        next_at: now,
        expires_at: later(now, GO_NOW),
        on_unknown: OnUnknown::Resend,
        inputs: serde_json::to_string(&inputs).ok(),
    })?;
    Ok(tx.note_notice(alert.id, &Told { why, rung: None, channel: Channel::Patient(letter) })?)
}
