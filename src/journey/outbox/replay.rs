//! A letter as it left: written again from what was sealed, in the words of its day, and proved against the digest that was
//! kept. What people look at shows every sentence of it, and no secret of its links.

use std::sync::Arc;

use crate::care::address::EmailAddress;
use crate::journey::deps::Deps;
use crate::journey::errors::replay::ReplayFault;
use crate::journey::outbox::compose::{self, outgoing_with};
use crate::letter::compose::Composer;
use crate::letter::content::{Inputs, Letter, Links};
use crate::letter::wording::Wording;
use crate::ports::{MessageDigest, Outgoing};
use crate::store::mail::delivery::Delivery;

/// What stands where a link had its secret: nobody opens her form, stops her letters, or confirms the test alert of another
/// rung, by looking at a letter.
const VEIL: &str = "…";

/// A letter as it was written when it was last taken in hand. Whether it left so, [`prove`] says.
///
/// # Errors
/// [`ReplayFault`], but for the key and the digest.
pub fn written(letter: &Delivery, clinic: &Deps) -> Result<Outgoing, ReplayFault> {
    written_in(&kept_words(letter, clinic)?, letter, clinic)
}

fn written_in(wording: &Wording, letter: &Delivery, clinic: &Deps) -> Result<Outgoing, ReplayFault> {
    let composer = Composer::new(wording).map_err(ReplayFault::Templates)?;
    let day = of_its_day(wording, clinic);
    let write = move |inputs: &Inputs, links: &Links| {
        composer.compose(inputs, links).map_err(|fault| fault.to_string())
    };
    outgoing_with(letter, &day, &write).map_err(|reason| ReplayFault::Unwritable(letter.id.0, reason))
}

/// The words that a letter was last written in.
fn kept_words(letter: &Delivery, clinic: &Deps) -> Result<Wording, ReplayFault> {
    let (Some(wording), Some(_)) = (letter.wording, &letter.inputs) else {
        return Err(ReplayFault::NeverWritten(letter.id.0, stands(letter)));
    };
    let kept = clinic.store.read(|view| view.wording(wording))?;
    Wording::from_canonical(&kept).map_err(|fault| ReplayFault::Wording(fault.to_string()))
}

/// Whether sender, reply address and pages are still those of that day.
fn has_our_addresses(wording: &Wording, clinic: &Deps) -> bool {
    let now = clinic.words.id().map(|id| clinic.store.read(|view| view.wording(id)));
    let now = now
        .and_then(Result::ok)
        .and_then(|kept| Wording::from_canonical(&kept).ok())
        .map(|wording| wording.clinic);
    now.is_none_or(|now| {
        let then = &wording.clinic;
        (&then.organizer, &then.sender, &then.reply_to, &then.public_url)
            == (&now.organizer, &now.sender, &now.reply_to, &now.public_url)
    })
}

/// A letter in hand made ready for the wire: a second copy in the words of the first, word for word (P17); any other in the words
/// in force.
///
/// # Errors
/// As [`compose::outgoing`].
pub fn leaving(letter: &Delivery, clinic: &Deps) -> Result<Outgoing, String> {
    if letter.doubts == 0 || letter.wording == clinic.words.id() {
        return compose::outgoing(letter, clinic);
    }
    let kept = kept_words(letter, clinic).and_then(|kept| match has_our_addresses(&kept, clinic) {
        true => written_in(&kept, letter, clinic),
        // Under an old sender the mail server would refuse it, and its links would lead nowhere.
        false => Err(ReplayFault::OtherAddresses),
    });
    kept.or_else(|fault| {
        // What cannot leave as it was must not keep her letter from leaving.
        tracing::warn!(delivery = letter.id.0, %fault, "a second copy leaves in the words in force");
        compose::outgoing(letter, clinic)
    })
}

/// Proves that the letter left exactly so.
///
/// # Errors
/// [`ReplayFault`] when its key was replaced, no digest was kept, or other bytes come out.
pub fn prove(
    letter: &Delivery,
    written: &Outgoing,
    clinic: &Deps,
    digest: MessageDigest,
) -> Result<(), ReplayFault> {
    let id = letter.message_id.as_deref().unwrap_or_default();
    // A second copy of a letter that a restore lost has the Message-ID of the first.
    if !id.split('@').next().is_some_and(|left| clinic.key.made_message_id(left)) {
        let keys = clinic.store.read(|view| view.known_keys())?;
        return Err(ReplayFault::AnotherKey(
            letter.id.0,
            keys.iter().skip(1).last().and_then(|key| key.since),
        ));
    }
    match letter.digest.as_deref() {
        None => Err(ReplayFault::NoDigest(stands(letter))),
        Some(kept) if kept == digest(written) => Ok(()),
        Some(_) => Err(ReplayFault::Differs),
    }
}

/// The letter with the secret of each of her links left out. Every sentence stays as it was written.
#[must_use]
pub fn veiled(letter: Letter, sealed: &Delivery, clinic: &Deps) -> Letter {
    let inputs = sealed.inputs.as_deref().and_then(|inputs| serde_json::from_str::<Inputs>(inputs).ok());
    let Some(inputs) = inputs else { return letter };
    compose::secrets(sealed.patient, &inputs, &clinic.key).iter().fold(letter, |letter, secret| Letter {
        text: letter.text.replace(secret, VEIL),
        html: letter.html.replace(secret, VEIL),
        ..letter
    })
}

/// The clinic as far as a letter shows it, on the letter's day: its pages' address and its own stand among the words.
fn of_its_day(wording: &Wording, clinic: &Deps) -> Deps {
    let mut policy = (*clinic.policy).clone();
    policy.public_url.clone_from(&wording.clinic.public_url);
    let address = |kept: &Option<String>| kept.as_deref().and_then(|kept| EmailAddress::parse(kept).ok());
    if let Some(from) = address(&wording.clinic.organizer) {
        policy.from.1 = from;
    }
    if let Some(name) = &wording.clinic.sender {
        policy.from.0.clone_from(name);
        policy.reply_to = address(&wording.clinic.reply_to);
    }
    Deps { policy: Arc::new(policy), ..clinic.clone() }
}

fn stands(letter: &Delivery) -> String {
    let reason = letter.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!("{}{reason}", letter.state.word())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::care::plan::protocol::OnUnknown;
    use crate::care::time::span::later;
    use crate::journey::fixture::{due, fixture, triage};
    use crate::letter::proof::samples;
    use crate::store::mail::delivery::{NewDelivery, Purpose};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_second_copy_leaves_in_the_words_of_the_first() {
        let fixture = fixture(triage());
        let (clinic, words, patient) = (&fixture.clinic, samples::wording(), fixture.her().id);
        let kept = fixture
            .write(("daemon", due()), move |tx| Ok(tx.keep_wording(&words.hash(), &words.canonical())?))
            .unwrap();
        let inputs = samples::inputs("en", "standard", samples::item("en", "book", "visit"));
        let new = NewDelivery {
            patient: Some(patient),
            recipient: None,
            purpose: Purpose::Notice,
            local_on: date(2026, 2, 24),
            next_at: due(),
            expires_at: later(due(), std::time::Duration::from_secs(86_400)),
            on_unknown: OnUnknown::Resend,
            inputs: serde_json::to_string(&inputs).ok(),
        };
        let id = fixture.write(("daemon", due()), move |tx| Ok(tx.enqueue(&new)?)).unwrap();
        let first = Delivery {
            recipient: Some("ana@mail.example".to_owned()),
            message_id: Some(compose::message_id(id, clinic)),
            wording: Some(kept),
            ..clinic.store.read(|view| view.delivery(id)).unwrap().in_hand(due())
        };
        assert_eq!(compose::words_of(&first, clinic), clinic.words.id());
        assert_eq!(leaving(&first, clinic).unwrap().letter.text, "");
        let second = Delivery { doubts: 1, ..first };
        assert_eq!(compose::words_of(&second, clinic), Some(kept));
        assert!(leaving(&second, clinic).unwrap().letter.text.contains("plan your next visit"));
    }
}
