//! Whose a message is: by a mark that only we can have made, else by the calendar entry it answers, else by the address it came
//! from, if one patient alone has it.

use crate::care::address::EmailAddress;
use crate::care::inbound::Names;
use crate::care::patient::{Patient, PatientId};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::db::transaction::View;
use crate::store::mail::delivery::{Delivery, DeliveryId};
use crate::store::plan::appointments::Booked;

/// What is known of a message's author.
#[derive(Debug, Default)]
pub(in crate::journey::patients) struct SenderEvidence {
    pub(in crate::journey::patients) patient: Option<PatientId>,
    pub(in crate::journey::patients) delivery: Option<DeliveryId>,
    pub(in crate::journey::patients) appointment: Option<Booked>,
    /// Case codes of those who share the mailbox it came from, if nothing else tells them apart.
    pub(in crate::journey::patients) shared: Vec<String>,
    /// Whether it came from another address than the patient's.
    pub(in crate::journey::patients) is_from_elsewhere: bool,
    /// Whether it came from a mailbox of ours: a copy of what staff wrote.
    pub(in crate::journey::patients) is_own: bool,
    /// Whether it is about a letter to somebody whose record was erased.
    pub(in crate::journey::patients) is_of_erased: bool,
    /// Whether it is about the patient who does not exist.
    pub(in crate::journey::patients) is_canary: bool,
}

pub(in crate::journey::patients) fn find(
    view: &View<'_>,
    clinic: &Deps,
    names: &Names,
) -> Result<SenderEvidence, StepError> {
    let mut letter = letter(view, clinic, names)?;
    // A husk takes nothing in: whoever writes now is a stranger again, and a person reads it.
    let is_of_erased =
        letter.as_ref().and_then(|letter| letter.patient).map(|id| view.erased(id)).transpose()?;
    let is_of_erased = is_of_erased.flatten().is_some();
    letter = letter.filter(|_| !is_of_erased);
    let delivery = letter.as_ref().map(|letter| letter.id);
    let mut whose = SenderEvidence { delivery, is_of_erased, ..SenderEvidence::default() };
    whose.is_own = is_own(clinic, names);
    if let Some((patient, booked)) =
        names.uid.as_deref().map(|uid| view.appointment_named(uid)).transpose()?.flatten()
        && view.erased(patient)?.is_none()
    {
        whose.patient = Some(patient);
        whose.appointment = Some(booked);
    }
    whose.patient = letter.and_then(|letter| letter.patient).or(whose.patient);
    whose.patient = whose.patient.map(|id| view.record_that_stays(id)).transpose()?;
    if whose.patient.is_none() && whose.delivery.is_none() {
        by_address(view, names, &mut whose)?;
    }
    // Her words are kept whether or not her record can be read.
    if let Some(patient) = whose.patient.map(|id| readable(view, id)).transpose()?.flatten() {
        whose.is_canary = patient.reference.is_canary();
        whose.is_from_elsewhere = !names.from.iter().any(|from| patient.writes_from(from));
    }
    Ok(whose)
}

/// Her record, if it can be read.
pub(in crate::journey::patients) fn readable(
    view: &View<'_>,
    id: PatientId,
) -> Result<Option<Patient>, StepError> {
    match view.patient(id) {
        Ok(patient) => Ok(Some(patient)),
        Err(fault) if fault.is_everyones() => Err(fault.into()),
        Err(_) => Ok(None),
    }
}

/// The letter by a tag that only we can have made, else by its unguessable Message-ID.
fn letter(view: &View<'_>, clinic: &Deps, names: &Names) -> Result<Option<Delivery>, StepError> {
    let tagged = names.tags.iter().filter_map(|tag| clinic.key.read_return_tag(tag)).map(|id| (id, None));
    let named =
        names.message_ids.iter().filter_map(|left| Some((clinic.key.read_message_id(left)?, Some(left))));
    for (id, left) in tagged.chain(named) {
        // A restored database may be older than the letter.
        match view.delivery(id) {
            Ok(letter) if left.is_none_or(|left| is_named(&letter, left)) => return Ok(Some(letter)),
            Err(fault) if fault.is_everyones() => return Err(fault.into()),
            Ok(_) | Err(_) => {}
        }
    }
    // A key that was replaced cannot be asked any more; what it made stands on record, and nobody can guess it.
    for left in &names.message_ids {
        let whole = format!("{left}@{}", clinic.policy.message_id_domain);
        if let Some(id) = view.letter_named(&whole)? {
            return Ok(Some(view.delivery(id)?));
        }
    }
    Ok(None)
}

fn is_named(letter: &Delivery, left: &str) -> bool {
    letter
        .message_id
        .as_deref()
        .and_then(|id| id.split_once('@'))
        .is_some_and(|(own, _)| own.eq_ignore_ascii_case(left))
}

fn is_own(clinic: &Deps, names: &Names) -> bool {
    let policy = &clinic.policy;
    let ours = std::iter::once(&policy.from.1).chain(&policy.reply_to);
    let mut ours = ours.map(EmailAddress::expose);
    let first = names.from.first();
    first.is_some_and(|from| ours.any(|own| own.eq_ignore_ascii_case(from.expose())))
}

/// One patient alone at a mailbox is the one who wrote, or whom a notice is about; of several, the only one still in care.
fn by_address(view: &View<'_>, names: &Names, whose: &mut SenderEvidence) -> Result<(), StepError> {
    for from in names.from.iter().chain(&names.about) {
        let behind = view.behind(from)?;
        let mut in_care = behind.iter().filter(|(_, _, in_care)| *in_care);
        let only = match (behind.as_slice(), in_care.next(), in_care.next()) {
            ([one], _, _) => Some(one.0),
            (_, Some(one), None) => Some(one.0),
            _ => None,
        };
        if only.is_some() || !behind.is_empty() {
            whose.patient = only;
            if only.is_none() {
                whose.shared = behind.into_iter().map(|(_, code, _)| code).collect();
            }
            return Ok(());
        }
    }
    Ok(())
}
