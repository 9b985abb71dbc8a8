//! What a letter says: each promise in it as things stand when it is written.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::care::patient::{Detail, Patient};
use crate::care::plan::appointment::AppointmentState;
use crate::care::plan::protocol::{FollowUpKind, Series, Trigger};
use crate::care::plan::reminder::ReminderState;
use crate::care::plan::reminder_times::opening_step;
use crate::care::time::calendar::OpenDays;
use crate::care::time::zone::country;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::fact_names::{CLOSING, FOLLOW_UP, NO_FORM};
use crate::journey::plan::discharge;
use crate::journey::protocol_cache;
use crate::journey::sending_policy::{day, zone};
use crate::letter::content::{Appointment, Inputs, LetterItem};
use crate::letter::template_names::LetterName;
use crate::store::db::transaction::View;
use crate::store::mail::delivery::Delivery;
use crate::store::mail::letter_stops::LetterStop;
use crate::store::plan::follow_ups::{FollowUp, FollowUpId};
use crate::store::plan::reminders::{Offer, Promised};

/// Why nobody is nudged about a form, and why it counts as answered when it closes.
pub(in crate::journey) const RANG_HALF_WAY: &str = "what she answered rang, and staff ask the rest";

/// The letter around what it says; `None` when it says nothing.
pub(in crate::journey) fn framed(
    view: &View<'_>,
    said: Vec<ItemContents>,
    patient: &Patient,
    now: Timestamp,
) -> Result<Option<Inputs>, StepError> {
    if said.is_empty() {
        return Ok(None);
    }
    let items: Vec<LetterItem> = said.into_iter().map(|one| one.item).collect();
    let no_cover = items.iter().any(|i| i.kind == "checklist") && view.missing_cover()?.is_some();
    Ok(Some(Inputs { no_cover, ..frame(patient, items, now, &zone(&patient.zone)?) }))
}

/// Whom a letter is written for, and when.
#[derive(Clone, Copy)]
pub(in crate::journey) struct WriteContext<'a> {
    pub(in crate::journey) patient: &'a Patient,
    pub(in crate::journey) clinic: &'a Deps,
    pub(in crate::journey) at: Timestamp,
}

/// What promises would say if their letter were written then; changes nothing. `None` when none says anything.
pub(in crate::journey) fn written(
    view: &View<'_>,
    promises: &[Promised],
    WriteContext { patient, clinic, at }: WriteContext<'_>,
) -> Result<Option<Inputs>, StepError> {
    let mut said = Vec::new();
    let is_owed = |one: &&Promised| one.reminder.state == ReminderState::Due && one.reminder.expires_at > at;
    for promised in promises.iter().filter(is_owed) {
        if let ItemOutcome::Says(one) = told(view, promised, patient, clinic)? {
            say_once(&mut said, *one);
        }
    }
    framed(view, said, patient, at)
}

/// What a promise comes to when its letter is written.
pub(in crate::journey) enum ItemOutcome {
    /// The letter says this for it.
    Says(Box<ItemContents>),
    /// It is withdrawn, for this reason.
    Nothing(&'static str),
}

/// What a promise says now, as things stand with her and with who can read a form.
pub(in crate::journey) fn told(
    view: &View<'_>,
    promised: &Promised,
    patient: &Patient,
    clinic: &Deps,
) -> Result<ItemOutcome, StepError> {
    if promised.reminder.key.1 == CLOSING {
        return Ok(match discharge::closing(view, patient)? {
            Some(item) => ItemOutcome::Says(Box::new(ItemContents { item, about: None, books: None })),
            None => ItemOutcome::Nothing("she is followed again"),
        });
    }
    let protocol = clinic.protocol_cache.get(view, promised.version)?;
    let series = protocol_cache::series_of(&protocol, &promised.follow_up)?;
    if is_answered_half_way(view, promised, series)? {
        return Ok(ItemOutcome::Nothing(RANG_HALF_WAY));
    }
    let is_form = promised.follow_up.kind == FollowUpKind::Checklist;
    let step = match offer(view, promised)? {
        // She was told once that nobody can read a form; telling her again helps nobody.
        Some(Offer::WithoutForm) if is_form && view.missing_cover()?.is_some() => {
            return Ok(ItemOutcome::Nothing(NO_FORM));
        }
        // Nobody is reminded of a form that she was never offered, nor asked again where nothing asked before.
        Some(Offer::WithoutForm) if is_form => LetterName::Invite.word(),
        Some(Offer::Nothing) if promised.reminder.key.0 == Trigger::Remind => {
            opening_step(series, promised.follow_up.owed.due_on)
                .map_or(&promised.reminder.key.1, |one| &one.name)
        }
        _ => &promised.reminder.key.1,
    };
    let worded = WordedStep { series, template: step.split('.').next().unwrap_or_default() };
    let mut says = item(view, promised, worded, patient.letter_language())?;
    says.item.due_on = Some(said_on(&promised.follow_up, &clinic.store.office_hours().days));
    Ok(ItemOutcome::Says(Box::new(says)))
}

/// The day a letter names as due: whoever must come is asked for a day on which the clinic is open, the next one from the due
/// date on. Plan and window stay as they are counted from the anchor, so nothing drifts.
fn said_on(follow_up: &FollowUp, open: &OpenDays) -> Date {
    let due = follow_up.owed.due_on;
    if follow_up.kind.is_bookable() { open.at_or_after(due) } else { due }
}

/// Whether it asks once more for a form that she left half-way, and that rang: staff ask her the rest.
fn is_answered_half_way(view: &View<'_>, promised: &Promised, series: &Series) -> Result<bool, StepError> {
    Ok(match &series.checklist {
        Some(checklist) => {
            view.rang_half_way(&promised.follow_up, checklist)? && view.is_nudge(&promised.reminder)?
        }
        None => false,
    })
}

/// What the other letters of a follow-up offered so far, where this one asks for something.
fn offer(view: &View<'_>, promised: &Promised) -> Result<Option<Offer>, StepError> {
    let Promised { reminder, follow_up, .. } = promised;
    let asks = reminder.key.0 == Trigger::Remind || follow_up.kind == FollowUpKind::Checklist;
    Ok(asks.then(|| view.offer(follow_up.id, reminder.delivery)).transpose()?)
}

/// The frame around a letter's items, as long as somebody can be reached.
#[must_use]
pub(crate) fn frame(patient: &Patient, items: Vec<LetterItem>, now: Timestamp, zone: &TimeZone) -> Inputs {
    let detail = if patient.shared_inbox { Detail::Minimal } else { patient.detail };
    Inputs {
        language: patient.letter_language().to_owned(),
        detail: detail.word().to_owned(),
        name: Some(patient.proxy.as_ref().map_or(&patient.name, |proxy| &proxy.name).expose().to_owned()),
        acts_for: patient.proxy.as_ref().map(|_| patient.name.expose().to_owned()),
        country: country(&patient.zone),
        written_on: day(now, zone),
        items,
        no_cover: false,
    }
}

/// Whether a letter as it was sealed told her that nobody can read forms now, and asked for none.
#[must_use]
pub(in crate::journey) fn asks_for_nothing(letter: &Delivery) -> bool {
    let inputs = letter.inputs.as_deref().and_then(|sealed| serde_json::from_str::<Inputs>(sealed).ok());
    inputs.is_some_and(|inputs| inputs.no_cover)
}

/// What a promise says, and which form or leaflet it is about.
pub(in crate::journey) struct ItemContents {
    item: LetterItem,
    about: Option<String>,
    /// The follow-up that it asks to book; a later step takes the place of an earlier one.
    books: Option<FollowUpId>,
}

impl ItemContents {
    /// Whether it is of a kind that is stopped.
    pub(in crate::journey) fn is_stopped(&self, stops: &[LetterStop]) -> bool {
        stops.iter().any(|stop| stop.kind.covers(&self.item.template, &self.item.kind))
    }
}

/// Two protocols may ask the same of her: a form, a leaflet or a test is named once, for the earlier day it is due. Of two steps
/// that ask to book one visit the later is said: she is asked for one date.
pub(in crate::journey) fn say_once(said: &mut Vec<ItemContents>, one: ItemContents) {
    if let Some(earlier) = said.iter_mut().find(|other| one.books.is_some() && other.books == one.books) {
        *earlier = one;
        return;
    }
    let is_same = |other: &&mut ItemContents| match (&one.about, &other.about) {
        (Some(this), Some(that)) => this == that && one.item.kind == other.item.kind,
        _ => {
            LetterItem { due_on: None, ..one.item.clone() }
                == LetterItem { due_on: None, ..other.item.clone() }
        }
    };
    match said.iter_mut().find(is_same) {
        Some(first) => first.item.due_on = first.item.due_on.min(one.item.due_on).or(first.item.due_on),
        None => said.push(one),
    }
}

/// In whose words a promise speaks: those of its own step, or of an earlier one that never left.
struct WordedStep<'a> {
    series: &'a Series,
    template: &'a str,
}

/// What a promise says.
fn item(
    tx: &View<'_>,
    promised: &Promised,
    WordedStep { series, template }: WordedStep<'_>,
    language: &str,
) -> Result<ItemContents, StepError> {
    let Promised { reminder, follow_up, has_appointment, .. } = promised;
    let mut facts = std::collections::BTreeMap::new();
    if series.checklist.is_some() {
        facts.insert(FOLLOW_UP.to_owned(), follow_up.id.0.to_string());
    }
    let item = LetterItem {
        appointment: if *has_appointment { appointment(tx, follow_up, template)? } else { None },
        template: template.to_owned(),
        kind: follow_up.kind.word().to_owned(),
        title: series.title.get(language).cloned().unwrap_or_default(),
        prepare: series.prepare.get(language).cloned(),
        due_on: None,
        leaflet: series.leaflet.clone(),
        facts,
    };
    let books = (reminder.key.0 != Trigger::Booked && follow_up.kind.is_bookable()).then_some(follow_up.id);
    Ok(ItemContents { item, about: series.checklist.clone().or_else(|| series.leaflet.clone()), books })
}

fn appointment(
    tx: &View<'_>,
    follow_up: &FollowUp,
    template: &str,
) -> Result<Option<Appointment>, StepError> {
    let found = tx
        .appointment_of(follow_up.id)?
        .filter(|a| a.state != AppointmentState::Cancelled || template == "cancelled");
    Ok(found.map(|a| Appointment {
        on: a.on,
        at: a.at,
        zone: a.zone,
        place: a.place,
        uid: a.uid,
        sequence: a.sequence,
        cancelled: a.state == AppointmentState::Cancelled,
    }))
}
