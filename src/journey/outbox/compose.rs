//! What a claimed letter says: asked again whether it is still owed and still allowed, then sealed with its inputs, its
//! words and its Message-ID before anything leaves. `replay` walks the same path from what was sealed.

use super::final_check::skip_reason::{self, SkipReason};
use super::final_check::{prior_delivery, proxy_term, stopped_letter};
use super::{auto_reply_headers, redelivery, send_window};
use crate::care::address::EmailAddress;
use crate::care::delivery;
use crate::care::patient::{Patient, PatientId};
use crate::care::plan::reminder::{ReminderEvent, ReminderState};
use crate::care::time::clock_trust::ClockTrust;
use crate::care::time::span::later;
use crate::journey::deps::{Deps, Write};
use crate::journey::errors::step::StepError;
use crate::journey::link_key::{LinkKey, digest};
use crate::journey::outbox::contents::{ItemOutcome, WriteContext, framed, say_once, told};
use crate::journey::outbox::fact_names::{ASKED, CONSOLE, FOLLOW_UP};
use crate::journey::outbox::withdraw;
use crate::journey::sending_policy::{Local, Policy, zone};
use crate::letter::content::{Inputs, LetterItem, Links};
use crate::letter::template_names::LetterName;
use crate::ports::{MessageBytes, Outgoing};
use crate::store::answers::links::LinkPurpose;
use crate::store::db::transaction::Tx;
use crate::store::mail::delivery::{Delivery, DeliveryId, DueLetter};
use crate::store::plan::follow_ups::FollowUpId;
use crate::store::plan::protocols::WordingId;
use crate::store::plan::reminders::{Promised, Reminder};

/// How long a link outlives the letter that named it.
const LINKS_LAST: std::time::Duration = std::time::Duration::from_secs(400 * 86_400);

/// Key under which an item names the generation of its link, when it is not the first.
pub const GENERATION: &str = "generation";

/// What became of a letter whose turn it was.
pub(in crate::journey) enum ComposeOutcome {
    /// It is sealed and in hand: it leaves. How many promises it says.
    Leaves(Box<Delivery>, u32),
    /// It waits or ended, with its reason recorded.
    Stays(delivery::DeliveryState),
}

/// Asks again whether a letter may leave; if so, seals it and takes it in hand under a lease.
pub(in crate::journey) fn take(
    tx: &mut Tx<'_>,
    mut due: DueLetter,
    clinic: &Deps,
    clock: ClockTrust,
) -> Result<ComposeOutcome, StepError> {
    let id = due.letter.id;
    if !due.is_alone {
        // A letter that waited for the same reader may have taken this one along a moment ago.
        due.letter = tx.delivery(id)?;
    }
    if due.letter.state == delivery::DeliveryState::Pending
        && let Some((sealed, owed)) = seal(tx, due, clinic, clock)?
        && tx.claim(&sealed, later(tx.at(), clinic.policy.lease))?
    {
        return Ok(ComposeOutcome::Leaves(Box::new(sealed), owed));
    }
    Ok(ComposeOutcome::Stays(tx.delivery(id)?.state))
}

/// Fixes what a letter says, where it goes and under which Message-ID. `None` when it waits on or ended here.
fn seal(
    tx: &mut Tx<'_>,
    mut due: DueLetter,
    clinic: &Deps,
    clock: ClockTrust,
) -> Result<Option<(Delivery, u32)>, StepError> {
    let mut owed = 0;
    // While the clock is in doubt no letter lapses; only those to staff come here then, and they leave.
    if let Some(now) = clock.sure().filter(|now| due.letter.expires_at <= now.at()) {
        withdraw::expire(tx, &due.letter, "its use was over before it could leave", now)?;
        return Ok(None);
    }
    let patient = due.patient.take().map(|patient| proxy_term::settle(tx, patient)).transpose()?;
    if let Some(stop) = skip_reason::of(tx, &due.letter, patient.as_ref())? {
        stopped_by(tx, &due.letter, stop)?;
        return Ok(None);
    }
    if let Some(patient) = patient {
        prior_delivery::take_out_kept(tx, &due.letter)?;
        if !send_window::knows_no_hours(tx, &due.letter)? {
            // Letters that know hours are not taken in hand while the clock is in doubt.
            let Some(now) = clock.sure() else { return Ok(None) };
            let local = Local { policy: &clinic.policy, zone: &zone(&patient.zone)? };
            if !send_window::opens(tx, &mut due, local, now)? {
                return Ok(None);
            }
        }
        if due.letter.doubts > 0
            && !redelivery::is_same(tx, &due.letter, WriteContext { patient: &patient, clinic, at: tx.at() })?
        {
            redelivery::end_doubt(tx, &due.letter, clinic)?;
            return Ok(None);
        }
        due.letter.recipient = patient.letters_to().map(|to| to.expose().to_owned());
        let said = match say(tx, &mut due.letter, &patient, clinic)? {
            Said::Words(said, promises) => {
                owed = promises;
                said
            }
            Said::Stopped => {
                stopped_letter::hold_back(tx, &due.letter)?;
                return Ok(None);
            }
            Said::Nothing => {
                withdraw::skip(tx, &due.letter, "nothing left to say")?;
                return Ok(None);
            }
        };
        keep_links(tx, &patient, &said, clinic)?;
    }
    let mut letter = due.letter;
    // A second copy keeps its Message-ID, even if the key that made it was replaced.
    let kept = letter.message_id.take().filter(|_| letter.doubts > 0);
    let kept = kept.map_or_else(|| prior_delivery::message_id(tx, &letter, clinic), |kept| Ok(Some(kept)))?;
    letter.message_id = Some(kept.unwrap_or_else(|| message_id(letter.id, clinic)));
    letter.wording = words_of(&letter, clinic);
    Ok(Some((letter.in_hand(tx.at()), owed)))
}

/// What follows where a letter does not leave: what one promised that left before is kept.
fn stopped_by(tx: &mut Tx<'_>, letter: &Delivery, stop: SkipReason) -> Result<(), StepError> {
    match stop {
        SkipReason::Left => prior_delivery::was_sent(tx, letter),
        other => withdraw::skip(tx, letter, other.word()),
    }
}

/// What a letter comes to when its turn has come.
enum Said {
    /// It says this, for so many promises.
    Words(Inputs, u32),
    /// All that it would say is of kinds that are stopped.
    Stopped,
    /// Nothing is owed any more.
    Nothing,
}

/// Fills in what the letter says, and counts its promises. What of it is stopped waits for another letter.
fn say(tx: &mut Tx<'_>, letter: &mut Delivery, patient: &Patient, clinic: &Deps) -> Result<Said, StepError> {
    let mut promises = tx.promised_by(letter.id)?;
    // A second copy must be the same letter: what was sealed before a doubt stays.
    if promises.is_empty() || letter.doubts > 0 {
        if tx.is_stopped(letter.id)? {
            return Ok(Said::Stopped);
        }
        let owed = promises.iter().filter(|p| p.reminder.state == ReminderState::Due).count();
        let owed = u32::try_from(owed).unwrap_or(u32::MAX);
        return Ok(redelivery::sealed(letter)?.map_or(Said::Nothing, |inputs| Said::Words(inputs, owed)));
    }
    withdraw::lapse_overdue(tx, letter, &mut promises)?;
    let SaidPromises { said, stopped } = inputs(tx, &promises, patient, clinic)?;
    let Some((said, owed)) = said else {
        return Ok(if stopped.is_empty() { Said::Nothing } else { Said::Stopped });
    };
    if !stopped.is_empty() {
        let local = Local { policy: &clinic.policy, zone: &zone(&patient.zone)? };
        stopped_letter::set_apart(tx, letter, &stopped, local)?;
    }
    letter.inputs = serde_json::to_string(&said).ok();
    Ok(if letter.inputs.is_some() { Said::Words(said, owed) } else { Said::Nothing })
}

/// The words that a letter is written in: those in force, or, as a second copy, those that the first had.
pub(in crate::journey) fn words_of(letter: &Delivery, clinic: &Deps) -> Option<WordingId> {
    letter.wording.filter(|_| letter.doubts > 0).or_else(|| clinic.words.id())
}

pub(in crate::journey) fn message_id(id: DeliveryId, clinic: &Deps) -> String {
    format!("{}@{}", clinic.key.message_id(id), clinic.policy.message_id_domain)
}

/// What promises say together.
struct SaidPromises<'p> {
    /// The words, and how many promises they keep; `None` when none says anything.
    said: Option<(Inputs, u32)>,
    /// Those of kinds that are stopped.
    stopped: Vec<&'p Reminder>,
}

/// What the promises say together now.
fn inputs<'p>(
    tx: &mut Tx<'_>,
    promises: &'p [Promised],
    patient: &Patient,
    clinic: &Deps,
) -> Result<SaidPromises<'p>, StepError> {
    let (mut said, mut owed, mut stopped) = (Vec::new(), 0, Vec::new());
    let stops = tx.letter_stops()?;
    for promised in promises {
        match told(tx, promised, patient, clinic)? {
            ItemOutcome::Says(one) if one.is_stopped(&stops) => stopped.push(&promised.reminder),
            ItemOutcome::Says(one) => {
                say_once(&mut said, *one);
                owed += 1;
            }
            ItemOutcome::Nothing(why) => {
                tx.move_reminder(&promised.reminder, ReminderEvent::Cancel, Some(why))?
            }
        }
    }
    let said = framed(tx, said, patient, tx.at())?.map(|inputs| (inputs, owed));
    Ok(SaidPromises { said, stopped })
}

/// Records the links that a letter holds, so that their pages open.
fn keep_links(tx: &mut Tx<'_>, patient: &Patient, said: &Inputs, clinic: &Deps) -> Result<(), StepError> {
    if clinic.policy.public_url.is_none() {
        return Ok(());
    }
    let expires_at = later(tx.at(), LINKS_LAST);
    let digested = |(purpose, generation)| {
        (purpose, generation, digest(&clinic.key.token(patient.id, purpose, generation)))
    };
    let links: Vec<_> = purposes(said).into_iter().map(digested).collect();
    Ok(tx.keep_links(patient.id, &links, expires_at)?)
}

/// What the links of a letter open, with the generation of each.
fn purposes(inputs: &Inputs) -> Vec<(LinkPurpose, u32)> {
    let mut purposes = vec![(LinkPurpose::OptOut, 0), (LinkPurpose::Changed, 0)];
    for item in &inputs.items {
        purposes.extend(checklist_purpose(item).filter(|one| !purposes.contains(one)));
    }
    purposes
}

fn checklist_purpose(item: &LetterItem) -> Option<(LinkPurpose, u32)> {
    let follow_up = item.facts.get(FOLLOW_UP)?.parse().ok()?;
    let generation = item.facts.get(GENERATION).and_then(|g| g.parse().ok()).unwrap_or(0);
    Some((LinkPurpose::Checklist(FollowUpId(follow_up)), generation))
}

/// The first form a letter opens. Who asked for a new link to "something changed" gets that one.
fn form_purpose(inputs: &Inputs) -> Option<(LinkPurpose, u32)> {
    let asked = inputs.items.iter().any(|item| item.template == LetterName::NewLink.word());
    inputs.items.iter().find_map(checklist_purpose).or(asked.then_some((LinkPurpose::Changed, 0)))
}

/// The addresses of a letter's pages, made again from the key.
#[must_use]
pub fn links(patient: Option<PatientId>, inputs: &Inputs, clinic: &Deps) -> Links {
    let (Some(base), Some(patient)) = (&clinic.policy.public_url, patient) else {
        return if patient.is_none() { to_staff(inputs, clinic) } else { Links::default() };
    };
    let page = |path: &str, purpose: LinkPurpose, generation: u32| {
        Some(format!("{base}/{path}/{}", clinic.key.token(patient, purpose, generation)))
    };
    let form = |item: &LetterItem| {
        let (purpose, generation) = checklist_purpose(item)?;
        Some((item.facts.get(FOLLOW_UP)?.clone(), page("c", purpose, generation)?))
    };
    Links {
        checklist: form_purpose(inputs).and_then(|(purpose, generation)| page("c", purpose, generation)),
        forms: inputs.items.iter().filter_map(form).collect(),
        opt_out: page("o", LinkPurpose::OptOut, 0),
        changed: page("c", LinkPurpose::Changed, 0),
        learn: Some(format!("{base}/learn")),
        help: Some(format!("{base}/help")),
        ..Links::default()
    }
}

/// What of a letter's addresses only its reader may know, wherever the pages were on its day.
pub(in crate::journey) fn secrets(patient: Option<PatientId>, inputs: &Inputs, key: &LinkKey) -> Vec<String> {
    let token = |patient| move |(purpose, generation)| key.token(patient, purpose, generation);
    match patient {
        Some(patient) => purposes(inputs).into_iter().map(token(patient)).collect(),
        None => inputs
            .items
            .iter()
            .filter_map(|item| item.facts.get(ASKED))
            .map(|asked| key.test_code(asked))
            .collect(),
    }
}

/// The page a letter to staff points to; that of a test alert brings the code of its reader along.
fn to_staff(inputs: &Inputs, clinic: &Deps) -> Links {
    let fact = |name: &str| inputs.items.iter().find_map(|item| item.facts.get(name));
    let (page, code) = (fact(CONSOLE).cloned(), fact(ASKED).map(|asked| clinic.key.test_code(asked)));
    let console = match (page, &code) {
        (Some(page), Some(code)) => Some(format!("{page}/{code}")),
        (page, _) => page,
    };
    Links { console, code, ..Links::default() }
}

/// A sealed letter made ready for the wire: the same today, at a retry, and in `replay` years later.
///
/// # Errors
/// Why it cannot be written; safe to show, holds no personal data.
pub fn outgoing(sealed: &Delivery, clinic: &Deps) -> Result<Outgoing, String> {
    outgoing_with(sealed, clinic, clinic.words.writer()?)
}

/// [`outgoing`] in the words of another day.
///
/// # Errors
/// As [`outgoing`].
pub fn outgoing_with(sealed: &Delivery, clinic: &Deps, write: &Write) -> Result<Outgoing, String> {
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
        headers: auto_reply_headers::of(&inputs),
        letter,
        wire: MessageBytes::default(),
    })
}

fn return_path(id: DeliveryId, clinic: &Deps) -> Result<EmailAddress, String> {
    let Policy { from, .. } = &*clinic.policy;
    let (local, domain) = from.1.expose().split_once('@').unwrap_or_default();
    EmailAddress::parse(&format!("{local}+{}@{domain}", clinic.key.return_tag(id))).map_err(|f| f.to_string())
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::journey::fixture::{due, fixture, triage};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_letter_about_two_forms_opens_and_names_a_link_for_each() {
        let fixture = fixture(triage());
        let form = |id: &str| {
            let facts = [(FOLLOW_UP.to_owned(), id.to_owned())].into();
            crate::journey::alerts::notify::item(LetterName::Invite, facts)
        };
        let her = fixture.her();
        let inputs = crate::journey::outbox::contents::frame(
            &her,
            vec![form("7"), form("9"), form("7")],
            due(),
            &TimeZone::UTC,
        );
        let purpose = |id| LinkPurpose::Checklist(FollowUpId(id));
        let wanted = [(LinkPurpose::OptOut, 0), (LinkPurpose::Changed, 0), (purpose(7), 0), (purpose(9), 0)];
        assert_eq!(purposes(&inputs), wanted);
        let links = links(Some(her.id), &inputs, &fixture.clinic);
        let address = |id| {
            format!("https://care.clinic.example/c/{}", fixture.clinic.key.token(her.id, purpose(id), 0))
        };
        assert_eq!(links.forms, [("7".to_owned(), address(7)), ("9".to_owned(), address(9))].into());
        assert_eq!(links.checklist, Some(address(7)));
        // Whoever reads over her shoulder sees none of them, wherever the pages are by then.
        let secrets = secrets(Some(her.id), &inputs, &fixture.clinic.key);
        let doors = [&links.checklist, &links.opt_out, &links.changed].into_iter().flatten();
        for door in doors.chain(links.forms.values()) {
            assert!(secrets.iter().any(|secret| door.ends_with(secret.as_str())), "{door}");
        }
    }
}
