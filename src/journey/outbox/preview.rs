//! The letter that will leave: what the batch would seal at the instant it waits for, if nothing changes until then. What stops
//! it is asked by the function that [`crate::journey::outbox::compose::take`] asks, of the patient as she stands at that instant; what it
//! says is put together by the same [`contents`]. Nothing is written.

use jiff::Timestamp;

use crate::care::guards::stop_kind::STOPPED;
use crate::care::patient::Patient;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::compose::{message_id, words_of};
use crate::journey::outbox::contents::{self, WriteContext};
use crate::journey::outbox::final_check::{prior_delivery, proxy_term, skip_reason};
use crate::journey::outbox::{redelivery, send_window};
use crate::journey::sending_policy::{Local, zone};
use crate::letter::content::Inputs;
use crate::store::db::transaction::View;
use crate::store::mail::delivery::{Delivery, Purpose};
use crate::store::mail::letter_stops::LetterStop;
use crate::store::plan::reminders::Promised;

/// What becomes of a letter that waits, as things stand.
pub enum LetterPreview {
    /// It leaves then, or at the next open moment after it, sealed like this.
    Leaves(Box<Delivery>, Timestamp),
    /// It will not leave, for this reason.
    Stays(String),
}

/// What a letter that waits will say, and when it leaves at the earliest.
///
/// # Errors
/// [`StepError`] when the store fails, or a record cannot be read.
pub fn of(
    view: &View<'_>,
    letter: &Delivery,
    clinic: &Deps,
    now: Timestamp,
) -> Result<LetterPreview, StepError> {
    let at = letter.next_at.map_or(now, |next| next.max(now));
    let Some(id) = letter.patient else {
        return Ok(match skip_reason::of(view, letter, None)? {
            Some(stop) => stays(stop.word()),
            None => in_time(sealed(letter.clone(), clinic, at), at),
        });
    };
    let mut patient = view.patient(id)?;
    let zone = zone(&patient.zone)?;
    let local = Local { policy: &clinic.policy, zone: &zone };
    let at = if send_window::knows_no_hours(view, letter)? { at } else { local.next_open(at) };
    proxy_term::ended(&mut patient, at)?;
    if let Some(stop) = skip_reason::of(view, letter, Some(&patient))? {
        return Ok(stays(stop.word()));
    }
    if view.is_held_back(letter.id)? {
        return Ok(stays(STOPPED));
    }
    let occasion = WriteContext { patient: &patient, clinic, at };
    if letter.doubts > 0 && !redelivery::is_same(view, letter, occasion)? {
        return Ok(stays(redelivery::NOT_TRUE));
    }
    let Some(says) = says(view, letter, occasion, local)? else { return Ok(stays("nothing left to say")) };
    let Some(says) = going(view, letter, says)? else { return Ok(stays(STOPPED)) };
    let inputs = serde_json::to_string(&says).ok();
    let recipient = patient.letters_to().map(|to| to.expose().to_owned());
    let letter = Delivery { recipient, inputs, ..letter.clone() };
    Ok(in_time(sealed(letter, clinic, at), at))
}

/// The stop for which a letter waits; `None` where none keeps it.
///
/// # Errors
/// [`StepError`] when the store fails, or a record cannot be read.
pub(in crate::journey) fn stopped_by(
    view: &View<'_>,
    letter: &Delivery,
    clinic: &Deps,
    now: Timestamp,
) -> Result<Option<LetterStop>, StepError> {
    let stops = view.letter_stops()?;
    let waits = |found: &LetterPreview| matches!(found, LetterPreview::Stays(why) if why == STOPPED);
    if stops.is_empty() || !waits(&of(view, letter, clinic, now)?) {
        return Ok(None);
    }
    let of_promise = |one: &Promised| {
        let step = one.reminder.key.1.split('.').next().unwrap_or_default().to_owned();
        (step, one.follow_up.kind.word().to_owned())
    };
    let mut says: Vec<(String, String)> = view.promised_by(letter.id)?.iter().map(of_promise).collect();
    let sealed = redelivery::sealed(letter)?.map(|sealed| sealed.items).unwrap_or_default();
    says.extend(sealed.into_iter().map(|item| (item.template, item.kind)));
    let covers = |stop: &&LetterStop| says.iter().any(|(step, kind)| stop.kind.covers(step, kind));
    Ok(stops.iter().find(covers).or(stops.first()).cloned())
}

/// A letter without promises, or in doubt, says what was sealed; any other what it carries and what joins it comes to.
fn says(
    view: &View<'_>,
    letter: &Delivery,
    occasion: WriteContext<'_>,
    local: Local<'_>,
) -> Result<Option<Inputs>, StepError> {
    let mut promises = view.promised_by(letter.id)?;
    if promises.is_empty() || letter.doubts > 0 {
        return redelivery::sealed(letter);
    }
    let kept = prior_delivery::kept(view, letter)?;
    promises.retain(|one| !kept.contains(&one.reminder.id));
    if letter.purpose == Purpose::Reminders {
        let WriteContext { patient: Patient { id, .. }, at, .. } = occasion;
        for other in view.letters_beside(*id, letter.id, at)? {
            // One that leaves before takes nothing of this one along, and leaves nothing to it.
            if other.next_at.is_some_and(|its| local.next_open(its) >= at) {
                promises.extend(view.promised_by(other.id)?);
            }
        }
        promises.sort_by_key(|one| (one.reminder.send_at, one.reminder.id));
    }
    contents::written(view, &promises, occasion)
}

/// What of it is of no kind that is stopped; a letter without promises, or in doubt, goes whole or not at all.
fn going(view: &View<'_>, letter: &Delivery, mut says: Inputs) -> Result<Option<Inputs>, StepError> {
    let stops = view.letter_stops()?;
    if stops.is_empty() || letter.purpose == Purpose::Canary {
        return Ok(Some(says));
    }
    let all = says.items.len();
    says.items.retain(|item| !stops.iter().any(|stop| stop.kind.covers(&item.template, &item.kind)));
    let is_whole = letter.doubts > 0 || view.promised_by(letter.id)?.is_empty();
    let goes = if is_whole { says.items.len() == all } else { !says.items.is_empty() };
    Ok(goes.then_some(says))
}

fn sealed(letter: Delivery, clinic: &Deps, at: Timestamp) -> Delivery {
    let id = letter.message_id.clone().unwrap_or_else(|| message_id(letter.id, clinic));
    let wording = words_of(&letter, clinic);
    Delivery { message_id: Some(id), wording, ..letter.in_hand(at) }
}

fn in_time(letter: Delivery, at: Timestamp) -> LetterPreview {
    match letter.expires_at > at {
        true => LetterPreview::Leaves(Box::new(letter), at),
        false => stays("its use will be over before it can leave"),
    }
}

fn stays(why: &str) -> LetterPreview {
    LetterPreview::Stays(why.to_owned())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::care::address::EmailAddress;
    use crate::care::patient::PreferredName;
    use crate::care::record::proxy::NewProxy;
    use crate::journey::delivery::deliver::deliver;
    use crate::journey::fixture::world::post;
    use crate::journey::fixture::{Fixture, due, fixture, minutes, sure, triage};
    use crate::journey::plan::fall_due::fall_due;
    use crate::store::database::tests::sabotage;
    use crate::store::mail::delivery::DeliveryId;

    const FIRST: DeliveryId = DeliveryId(1);

    async fn letter() -> Fixture {
        let fixture = fixture(triage());
        fall_due(&fixture.clinic, sure(due())).await.unwrap();
        fixture
    }

    fn stored(fixture: &Fixture) -> Delivery {
        fixture.clinic.store.read(|view| view.delivery(FIRST)).unwrap()
    }

    fn shown(fixture: &Fixture) -> LetterPreview {
        let letter = stored(fixture);
        fixture.clinic.store.read(|view| of(view, &letter, &fixture.clinic, due())).unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_letter_that_leaves_after_a_proxys_last_day_is_shown_as_the_patients_own() {
        let fixture = letter().await;
        let (id, email) = (fixture.patient, |text| EmailAddress::parse(text).unwrap());
        let marta = NewProxy {
            name: PreferredName::parse("Marta").unwrap(),
            relation: "daughter".to_owned(),
            email: email("marta@mail.example"),
            language: "en".to_owned(),
            consent_by: "the patient herself".to_owned(),
            consent_on: date(2026, 3, 1),
            until: Some(date(2026, 3, 4)),
        };
        fixture.write(("staff:nora", due()), move |tx| Ok(tx.record_proxy(id, &marta)?)).unwrap();
        let recipient = |fixture: &Fixture| match shown(fixture) {
            LetterPreview::Leaves(letter, _) => letter.recipient,
            LetterPreview::Stays(why) => panic!("{why}"),
        };
        assert_eq!(recipient(&fixture).as_deref(), Some("marta@mail.example"));
        let later = due() + minutes(3 * 1440);
        fixture.write(("daemon", due()), move |tx| Ok(tx.postpone(FIRST, later)?)).unwrap();
        let own = fixture.her().email.map(|own| own.expose().to_owned());
        assert_eq!(recipient(&fixture), own);
        assert_eq!(deliver(&fixture.clinic, &post(later)).await.unwrap().sent, 1);
        assert_eq!(stored(&fixture).recipient, own, "what was shown is what left");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_letter_that_left_before_a_restore_is_shown_as_one_that_stays() {
        let fixture = letter().await;
        let left = "INSERT INTO fence VALUES (1, 99, 99, 99); \
                    INSERT INTO prior_letter (delivery_id, certainty, left_at, restored_at) VALUES (1, 'sent', 0, 1)";
        fixture.write(("daemon", due()), move |tx| Ok(sabotage(tx, left)?)).unwrap();
        let LetterPreview::Stays(why) = shown(&fixture) else { panic!("it is shown as leaving") };
        assert_eq!(deliver(&fixture.clinic, &post(due())).await.unwrap().sent, 0);
        assert_eq!(stored(&fixture).reason, Some(why), "what was shown is what became of it");
    }
}
