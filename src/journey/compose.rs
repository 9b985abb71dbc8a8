//! What a claimed letter says: asked again whether it is still owed and still allowed, then sealed with its inputs, its
//! words and its Message-ID before anything leaves. `replay` walks the same path from what was sealed.

use jiff::tz::TimeZone;

use super::policy::{Policy, day, later, zone};
use super::{Clinic, StepError, discharge, gate, settle, shelf};
use crate::care::address::EmailAddress;
use crate::care::delivery;
use crate::care::patient::{Detail, Patient, PatientId};
use crate::care::reminder::{Event, State};
use crate::letter::{Appointment, Inputs, Item, Letter, Links, Named};
use crate::ports::{Outgoing, Wire};
use crate::store::Tx;
use crate::store::follow_ups::{FollowUp, FollowUpId};
use crate::store::links::Door;
use crate::store::outbox::{Delivery, DeliveryId, DueLetter};
use crate::store::reminders::Promised;

/// How long a page outlives the letter that named it.
const DOOR_OPEN: std::time::Duration = std::time::Duration::from_secs(400 * 86_400);

/// Key under which an item of a checklist names its follow-up.
pub const FOLLOW_UP: &str = "follow_up";
/// Key under which a letter to staff names its page of the console.
pub const CONSOLE: &str = "link";
/// Key under which an item names the generation of its link, when it is not the first.
pub const GENERATION: &str = "generation";

/// What became of a letter whose turn it was.
pub(super) enum Turn {
    /// It is sealed and in hand: it leaves.
    Leaves(Box<Delivery>),
    /// It waits or ended, with its reason recorded.
    Stays(delivery::State),
}

/// Asks again whether a letter may leave; if so, seals it and takes it in hand under a lease.
pub(super) fn take(tx: &mut Tx<'_>, mut due: DueLetter, clinic: &Clinic) -> Result<Turn, StepError> {
    let id = due.letter.id;
    if !due.is_alone {
        // A letter that waited for the same reader may have taken this one along a moment ago.
        due.letter = tx.delivery(id)?;
    }
    if due.letter.state == delivery::State::Pending
        && let Some(sealed) = seal(tx, due, clinic)?
        && tx.claim(&sealed, later(tx.at(), clinic.policy.lease))?
    {
        return Ok(Turn::Leaves(Box::new(sealed)));
    }
    Ok(Turn::Stays(tx.delivery(id)?.state))
}

/// Fixes what a letter says, where it goes and under which Message-ID. `None` when it waits on or ended here.
fn seal(tx: &mut Tx<'_>, mut due: DueLetter, clinic: &Clinic) -> Result<Option<Delivery>, StepError> {
    if due.letter.expires_at <= tx.at() {
        settle::expire(tx, &due.letter, "its use was over before it could leave")?;
        return Ok(None);
    }
    if !tx.is_wanted(due.letter.id)? {
        settle::skip(tx, &due.letter, settle::TAKEN_ON)?;
        return Ok(None);
    }
    if let Some(patient) = due.patient.take() {
        if !patient.status.may_receive() {
            settle::skip(tx, &due.letter, patient.status.word())?;
            return Ok(None);
        }
        let Some(email) = &patient.email else {
            settle::skip(tx, &due.letter, "no address on record")?;
            return Ok(None);
        };
        if !gate::opens(tx, &mut due, &patient, &clinic.policy)? {
            return Ok(None);
        }
        due.letter.recipient = Some(email.expose().to_owned());
        let Some(said) = say(tx, &mut due.letter, &patient, clinic)? else {
            settle::skip(tx, &due.letter, "nothing left to say")?;
            return Ok(None);
        };
        open_doors(tx, &patient, &said, clinic)?;
    }
    let mut letter = due.letter;
    letter.message_id = Some(message_id(letter.id, clinic));
    letter.wording = Some(clinic.words.wording);
    Ok(Some(letter.in_hand(tx.at())))
}

/// Fills in what the letter says; `None` when nothing is owed any more.
fn say(
    tx: &mut Tx<'_>,
    letter: &mut Delivery,
    patient: &Patient,
    clinic: &Clinic,
) -> Result<Option<Inputs>, StepError> {
    let promises = tx.promised_by(letter.id)?;
    let is_owed = || promises.is_empty() || promises.iter().any(|p| p.reminder.state == State::Due);
    // A twin must be the same letter: what was sealed before a doubt stays, as long as any of it is owed.
    if let Some(inputs) = letter.inputs.as_ref().filter(|_| promises.is_empty() || letter.doubts > 0) {
        let inputs = serde_json::from_str(inputs).map_err(|_| StepError::Sealed)?;
        return Ok(Some(inputs).filter(|_| is_owed()));
    }
    let inputs = inputs(tx, (letter, promises), patient, clinic)?;
    letter.inputs = inputs.as_ref().and_then(|i| serde_json::to_string(i).ok());
    Ok(inputs.filter(|_| letter.inputs.is_some()))
}

fn message_id(id: DeliveryId, clinic: &Clinic) -> String {
    format!("{}@{}", clinic.key.message_id(id), clinic.policy.message_id_domain)
}

fn inputs(
    tx: &mut Tx<'_>,
    (letter, promises): (&Delivery, Vec<Promised>),
    patient: &Patient,
    clinic: &Clinic,
) -> Result<Option<Inputs>, StepError> {
    let zone = zone(&patient.zone)?;
    let mut said: Vec<Said> = Vec::new();
    for promised in promises.iter().filter(|p| p.reminder.state == State::Due) {
        if promised.reminder.expires_at <= tx.at() {
            let reason = "its use was over before it could leave";
            tx.move_reminder(&promised.reminder, Event::Lapse, Some(reason))?;
            settle::ask(tx, letter, crate::care::task::Kind::LetterLapsed, reason)?;
            continue;
        }
        match item(tx, promised, patient, clinic)? {
            Some(one) => say_once(&mut said, one),
            None => tx.move_reminder(&promised.reminder, Event::Cancel, Some("she is followed again"))?,
        }
    }
    if said.is_empty() {
        return Ok(None);
    }
    let items: Vec<Item> = said.into_iter().map(|one| one.item).collect();
    let no_cover = items.iter().any(|i| i.kind == "checklist") && tx.fact("no-cover")?.is_some();
    Ok(Some(frame(patient, items, (tx.at(), &zone), no_cover.then_some("no-cover"))))
}

/// The frame around a letter's items.
#[must_use]
pub fn frame(
    patient: &Patient,
    items: Vec<Item>,
    when: (jiff::Timestamp, &TimeZone),
    cover: Option<&str>,
) -> Inputs {
    let detail = if patient.shared_inbox { Detail::Minimal } else { patient.detail };
    Inputs {
        language: patient.language.clone(),
        detail: detail.word().to_owned(),
        name: Some(patient.name.expose().to_owned()),
        written_on: day(when.0, when.1),
        items,
        no_cover: cover.is_some(),
    }
}

/// What a promise says, and which form or leaflet it is about.
struct Said {
    item: Item,
    about: Option<String>,
}

/// Two protocols may ask the same of her: a form, a leaflet or a test is named once, for the earlier day it is due.
fn say_once(said: &mut Vec<Said>, one: Said) {
    let is_same = |other: &&mut Said| match (&one.about, &other.about) {
        (Some(this), Some(that)) => this == that && one.item.kind == other.item.kind,
        _ => Item { due_on: None, ..one.item.clone() } == Item { due_on: None, ..other.item.clone() },
    };
    match said.iter_mut().find(is_same) {
        Some(first) => first.item.due_on = first.item.due_on.min(one.item.due_on).or(first.item.due_on),
        None => said.push(one),
    }
}

/// What a promise says; `None` when it is not owed any more.
fn item(
    tx: &Tx<'_>,
    promised: &Promised,
    patient: &Patient,
    clinic: &Clinic,
) -> Result<Option<Said>, StepError> {
    let Promised { reminder, follow_up, version, has_appointment } = promised;
    if reminder.key.1 == discharge::CLOSING {
        return Ok(discharge::closing(tx, patient)?.map(|item| Said { item, about: None }));
    }
    let protocol = clinic.shelf.get(tx, *version)?;
    let series = shelf::series_of(&protocol, follow_up)?;
    let template = reminder.key.1.split('.').next().unwrap_or_default().to_owned();
    let mut facts = std::collections::BTreeMap::new();
    if series.checklist.is_some() {
        facts.insert(FOLLOW_UP.to_owned(), follow_up.id.0.to_string());
    }
    let item = Item {
        appointment: if *has_appointment { appointment(tx, follow_up, &template)? } else { None },
        template,
        kind: follow_up.kind.word().to_owned(),
        title: series.title.get(&patient.language).cloned().unwrap_or_default(),
        prepare: series.prepare.get(&patient.language).cloned(),
        due_on: Some(follow_up.owed.due_on),
        leaflet: series.leaflet.clone(),
        facts,
    };
    Ok(Some(Said { item, about: series.checklist.clone().or_else(|| series.leaflet.clone()) }))
}

fn appointment(tx: &Tx<'_>, follow_up: &FollowUp, template: &str) -> Result<Option<Appointment>, StepError> {
    let found =
        tx.appointment_of(follow_up.id)?.filter(|a| a.state != "cancelled" || template == "cancelled");
    Ok(found.map(|a| Appointment {
        on: a.on,
        at: a.at,
        zone: a.zone,
        place: a.place,
        uid: a.uid,
        sequence: a.sequence,
        cancelled: a.state == "cancelled",
    }))
}

fn open_doors(tx: &mut Tx<'_>, patient: &Patient, said: &Inputs, clinic: &Clinic) -> Result<(), StepError> {
    if clinic.policy.public_url.is_none() {
        return Ok(());
    }
    let expires_at = later(tx.at(), DOOR_OPEN);
    let kept = |(door, generation)| {
        (door, generation, super::link::digest(&clinic.key.token(patient.id, door, generation)))
    };
    let doors: Vec<_> = doors(said).into_iter().map(kept).collect();
    Ok(tx.keep_links(patient.id, &doors, expires_at)?)
}

/// The doors a letter names, with the generation of each link.
fn doors(inputs: &Inputs) -> Vec<(Door, u32)> {
    let mut doors = vec![(Door::OptOut, 0), (Door::Changed, 0)];
    doors.extend(checklist_door(inputs));
    doors
}

fn checklist_door(inputs: &Inputs) -> Option<(Door, u32)> {
    let item = inputs.items.iter().find(|i| i.facts.contains_key(FOLLOW_UP))?;
    let follow_up = item.facts.get(FOLLOW_UP)?.parse().ok()?;
    let generation = item.facts.get(GENERATION).and_then(|g| g.parse().ok()).unwrap_or(0);
    Some((Door::Checklist(FollowUpId(follow_up)), generation))
}

/// The form a letter opens. Who asked for a new link to "something changed" gets that one.
fn form_door(inputs: &Inputs) -> Option<(Door, u32)> {
    let asked = inputs.items.iter().any(|item| item.template == Named::NewLink.word());
    checklist_door(inputs).or(asked.then_some((Door::Changed, 0)))
}

/// The addresses of a letter's pages, made anew from the key.
#[must_use]
pub fn links(patient: Option<PatientId>, inputs: &Inputs, clinic: &Clinic) -> Links {
    let (Some(base), Some(patient)) = (&clinic.policy.public_url, patient) else {
        let console = inputs.items.iter().find_map(|item| item.facts.get(CONSOLE).cloned());
        return Links { console: console.filter(|_| patient.is_none()), ..Links::default() };
    };
    let page = |path: &str, door: Door, generation: u32| {
        Some(format!("{base}/{path}/{}", clinic.key.token(patient, door, generation)))
    };
    Links {
        checklist: form_door(inputs).and_then(|(door, generation)| page("c", door, generation)),
        opt_out: page("o", Door::OptOut, 0),
        changed: page("c", Door::Changed, 0),
        learn: Some(format!("{base}/learn")),
        help: Some(format!("{base}/help")),
        ..Links::default()
    }
}

/// A sealed letter made ready for the wire: the same today, at a retry, and in `replay` years later.
///
/// # Errors
/// Why it cannot be written; safe to show, holds no personal data.
pub fn outgoing(sealed: &Delivery, clinic: &Clinic) -> Result<Outgoing, String> {
    outgoing_with(sealed, clinic, &*clinic.words.write)
}

/// [`outgoing`] in the words of another day.
///
/// # Errors
/// As [`outgoing`].
pub fn outgoing_with(sealed: &Delivery, clinic: &Clinic, write: &super::Write) -> Result<Outgoing, String> {
    let inputs = sealed.inputs.as_deref().ok_or("the letter was never sealed")?;
    let inputs: Inputs =
        serde_json::from_str(inputs).map_err(|e| format!("its inputs cannot be read: {e}"))?;
    let links = Links { attendee: sealed.recipient.clone(), ..links(sealed.patient, &inputs, clinic) };
    let letter = write(&inputs, &links)?;
    let to = EmailAddress::parse(sealed.recipient.as_deref().unwrap_or_default());
    Ok(Outgoing {
        message_id: sealed.message_id.clone().ok_or("the letter has no Message-ID")?,
        date: sealed.first_tried_at.ok_or("the letter was never tried")?,
        return_path: return_path(sealed.id, clinic)?,
        from: clinic.policy.from.clone(),
        reply_to: clinic.policy.reply_to.clone(),
        to: to.map_err(|fault| fault.to_string())?,
        unsubscribe: links.opt_out,
        headers: Vec::new(),
        letter,
        wire: Wire::default(),
    })
}

fn return_path(id: DeliveryId, clinic: &Clinic) -> Result<EmailAddress, String> {
    let Policy { from, .. } = &*clinic.policy;
    let (local, domain) = from.1.expose().split_once('@').unwrap_or_default();
    EmailAddress::parse(&format!("{local}+{}@{domain}", clinic.key.return_tag(id))).map_err(|f| f.to_string())
}

/// A letter's words alone, for previews.
///
/// # Errors
/// Why it cannot be written.
pub fn preview(inputs: &Inputs, clinic: &Clinic) -> Result<Letter, String> {
    (clinic.words.write)(inputs, &Links::default())
}
