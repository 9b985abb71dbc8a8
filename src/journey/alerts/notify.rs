//! One notice of an alert: letters and signed calls to the rungs it names, and the patient's own letter at the very end.
//! They carry the case code, the tier, the clock and the way to the console; nothing else (P10).

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::care::address::EmailAddress;
use crate::care::alert::escalation::{EscalationStep, PatientLetter};
use crate::care::alert::lifecycle::AlertState;
use crate::care::alert::rung::Identity;
use crate::care::delivery;
use crate::care::plan::protocol::OnUnknown;
use crate::care::time::span::later;
use crate::care::triage::tier::Tier;
use crate::journey::alert_policy::{AnswerPolicy, Contact};
use crate::journey::alerts::webhook_calls::receiver;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::fact_names::CONSOLE;
use crate::journey::outbox::notice::{self, NoticeLetter};
use crate::journey::outbox::withdraw;
use crate::journey::sending_policy::{day, zone};
use crate::letter::content::{Inputs, LetterItem};
use crate::letter::template_names::LetterName;
use crate::store::alerts::lifecycle::{Alert, Audience};
use crate::store::alerts::notices::{Channel, NoticeReason, SentNotice};
use crate::store::alerts::webhook_calls::NewCall;
use crate::store::db::transaction::Tx;
use crate::store::error::StoreError;
use crate::store::mail::delivery::{DeliveryId, NewDelivery, Purpose};

/// A notice that could not leave for so long has been told many times over.
const OF_USE: Duration = Duration::from_secs(3 * 24 * 3600);
/// The letter "go now" is for now.
const GO_NOW: Duration = Duration::from_secs(12 * 3600);

/// A notice that goes out as a signed call.
#[derive(Clone, Copy)]
pub(in crate::journey::alerts) struct WebhookNotice<'a> {
    /// Where it is posted.
    pub(in crate::journey::alerts) url: &'a str,
    /// The step of the ladder that asks for it, as records call it.
    pub(in crate::journey::alerts) why: NoticeReason,
    /// The rung it tells; `None` where the clinic has one address for every notice.
    pub(in crate::journey::alerts) rung: Option<&'a Identity>,
}

pub(in crate::journey::alerts) fn tell(
    tx: &mut Tx<'_>,
    alert: &Alert,
    notice: &EscalationStep,
    clinic: &Deps,
) -> Result<(), StepError> {
    debug_assert_eq!(alert.state, AlertState::Raised);
    let (care, why) = (&clinic.care, NoticeReason::from(notice.why));
    let told = |rung: Option<&Identity>, channel: Channel| SentNotice {
        why,
        round: alert.round,
        rung: rung.cloned(),
        channel,
    };
    let whom = || notice.whom.iter().filter_map(|index| care.ladder.rungs.get(*index).map(|rung| &rung.who));
    if alert.audience == Audience::Canary {
        return Ok(tx.note_notice(alert.id, &told(whom().next(), Channel::Canary))?);
    }
    for index in &notice.whom {
        let (Some(rung), Some(contact)) = (care.ladder.rungs.get(*index), care.contacts.get(*index)) else {
            continue;
        };
        let letter = letter(tx, alert, contact, clinic)?;
        tx.note_notice(alert.id, &told(Some(&rung.who), Channel::Email(letter)))?;
        if let Some(url) = &contact.webhook {
            call(tx, alert, WebhookNotice { url, why, rung: Some(&rung.who) }, care)?;
        }
    }
    if let Some(url) = &care.webhook {
        call(tx, alert, WebhookNotice { url, why, rung: None }, care)?;
    }
    if notice.patient_letter == PatientLetter::On {
        match tx.shielded(|tx| go_now(tx, alert)) {
            Ok(Some(letter)) => tx.note_notice(alert.id, &told(None, Channel::Patient(letter)))?,
            Ok(None) => {}
            // Her record cannot be read; those on the ladder are told all the same.
            Err(StepError::Store(fault)) if fault.is_unreadable() => {
                tracing::error!(alert = alert.id.0, %fault, "the letter to her could not be written");
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}

/// One letter a rung waits at most: if the mail server is away, the same letter is hurried, not doubled. One to an address
/// that the rung has no more, or that says another tier, is replaced.
fn letter(tx: &mut Tx<'_>, alert: &Alert, contact: &Contact, clinic: &Deps) -> Result<DeliveryId, StepError> {
    for waiting in tx.alert_letters_waiting(alert.id, None)? {
        let old = tx.delivery(waiting)?;
        let goes_there = old.recipient.as_deref() == Some(contact.email.expose());
        if goes_there && tx.is_wanted(waiting)? {
            tx.hurry(waiting)?;
            return Ok(waiting);
        }
        let is_its = goes_there || tx.rung_of_letter(waiting)?.as_deref() == Some(contact.who().key());
        if is_its && old.state == delivery::DeliveryState::Pending {
            withdraw::skip(tx, &old, "its rung is written to anew")?;
        }
    }
    enqueue(tx, contact, words(alert, clinic)?, clinic)
}

/// The owner of an alert is told that its clock ran out.
pub(in crate::journey::alerts) fn to_owner(
    tx: &mut Tx<'_>,
    alert: &Alert,
    owner: &Identity,
    clinic: &Deps,
) -> Result<DeliveryId, StepError> {
    let email = EmailAddress::parse(&owner.address).map_err(|_| StoreError::corrupt("staff address"))?;
    let item = item(LetterName::StaffOverdue, facts(alert, clinic)?);
    put(tx, &email, item, clinic)
}

/// The colleague to whom an alert was handed over is told of it; nobody is where the account has no address that works.
pub(in crate::journey::alerts) fn to_colleague(
    tx: &mut Tx<'_>,
    alert: &Alert,
    colleague: &Identity,
    clinic: &Deps,
) -> Result<Option<DeliveryId>, StepError> {
    let Ok(email) = EmailAddress::parse(&colleague.address) else { return Ok(None) };
    put(tx, &email, words(alert, clinic)?, clinic).map(Some)
}

/// What a letter to a rung says.
fn words(alert: &Alert, clinic: &Deps) -> Result<LetterItem, StepError> {
    let named = match alert.tier {
        _ if alert.left_by.is_some() => LetterName::StaffOverdue,
        Some(_) => LetterName::StaffAlert,
        None => LetterName::StaffAnswer,
    };
    Ok(item(named, facts(alert, clinic)?))
}

fn facts(alert: &Alert, clinic: &Deps) -> Result<BTreeMap<String, String>, StepError> {
    let here = zone(&clinic.policy.zone)?;
    let hour = |at: Timestamp| here.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string();
    let mut facts = BTreeMap::from([
        ("code".to_owned(), alert.reference.clone()),
        ("raised_at".to_owned(), hour(alert.raised_at)),
        ("due_at".to_owned(), hour(alert.due_at)),
        (CONSOLE.to_owned(), link(alert, &clinic.care)),
    ]);
    facts.extend(alert.tier.map(|tier| ("tier".to_owned(), tier.word().to_owned())));
    if alert.has_died {
        facts.insert("died".to_owned(), "yes".to_owned());
    }
    Ok(facts)
}

/// One thing a letter says that no plan promised.
pub(in crate::journey) fn item(named: LetterName, facts: BTreeMap<String, String>) -> LetterItem {
    LetterItem {
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
    item: LetterItem,
    clinic: &Deps,
) -> Result<DeliveryId, StepError> {
    let letter = put(tx, &contact.email, item, clinic)?;
    tx.note_rung_letter(letter, contact.who().key())?;
    Ok(letter)
}

fn put(
    tx: &mut Tx<'_>,
    email: &EmailAddress,
    item: LetterItem,
    clinic: &Deps,
) -> Result<DeliveryId, StepError> {
    let here = zone(&clinic.policy.zone)?;
    let inputs = Inputs {
        language: clinic.care.language.clone(),
        detail: "minimal".to_owned(),
        name: None,
        written_on: day(tx.at(), &here),
        items: vec![item],
        no_cover: false,
        acts_for: None,
        country: None,
    };
    Ok(tx.enqueue(&NewDelivery {
        patient: None,
        recipient: Some(email.expose().to_owned()),
        purpose: Purpose::Alert,
        local_on: day(tx.at(), &here),
        next_at: tx.at(),
        expires_at: later(tx.at(), OF_USE),
        on_unknown: OnUnknown::Resend,
        inputs: serde_json::to_string(&inputs).ok(),
    })?)
}

/// Calls an address about an alert, and notes whom that told.
pub(in crate::journey::alerts) fn call(
    tx: &mut Tx<'_>,
    alert: &Alert,
    notice: WebhookNotice<'_>,
    care: &AnswerPolicy,
) -> Result<(), StepError> {
    let WebhookNotice { url, why, rung } = notice;
    let body = serde_json::json!({ "alert": alert.id.0, "case": alert.reference,
        "tier": alert.tier.map(Tier::word), "link": link(alert, care) })
    .to_string();
    let expires_at = later(tx.at(), OF_USE);
    let call = NewCall { alert: Some(alert.id), receiver: receiver(url), url, body: &body, expires_at };
    let channel = Channel::Webhook(tx.enqueue_call(&call)?);
    Ok(tx.note_notice(alert.id, &SentNotice { why, round: alert.round, rung: rung.cloned(), channel })?)
}

fn link(alert: &Alert, care: &AnswerPolicy) -> String {
    format!("{}/alerts/{}", care.console_url, alert.id.0)
}

/// If nobody has called you, go now. Only to someone who may be written to; asked again at hand-off. It goes the way of
/// letters to staff: what holds letters of the plan does not hold it.
fn go_now(tx: &mut Tx<'_>, alert: &Alert) -> Result<Option<DeliveryId>, StepError> {
    let patient = tx.patient(alert.patient)?;
    if !patient.status.may_receive() || patient.letters_to().is_none() {
        return Ok(None);
    }
    let says = item(LetterName::GoNow, BTreeMap::new());
    let letter = NoticeLetter { says, no_cover: false, leaves_at: tx.at(), of_use: GO_NOW };
    let letter = notice::enqueue(tx, &patient, letter)?;
    tx.put_first(letter)?;
    Ok(Some(letter))
}
