//! A letter as staff see it: the one that left, the one that will leave, or why there is none. Every sentence stands as it
//! was written; the secret of her links does not, so that nobody answers for her, or stops her letters, by looking.

use jiff::Timestamp;

use crate::care::delivery::DeliveryState;
use crate::journey::errors::replay::ReplayFault;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::preview::{self, LetterPreview};
use crate::journey::outbox::replay;
use crate::letter::content::Letter;
use crate::ports::Outgoing;
use crate::store::mail::delivery::Delivery;
use crate::web::console::auth::session::SignedIn;

/// What there is to show of a letter.
pub(in crate::web::console::letters) enum LetterView {
    /// These bytes left: proved against the digest that was kept.
    Sent(ShownLetter),
    /// So it was written, but not proved to have left so; why, in words.
    Written(ShownLetter, String),
    /// So it will be written if nothing changes; not before when.
    WillLeave(ShownLetter, Timestamp),
    /// There is nothing to show; why, in words, and what helps.
    Nothing(String, &'static str),
}

impl LetterView {
    /// The letter, where there is one.
    pub(in crate::web::console::letters) const fn letter(&self) -> Option<&ShownLetter> {
        match self {
            Self::Sent(shown) | Self::Written(shown, _) | Self::WillLeave(shown, _) => Some(shown),
            Self::Nothing(..) => None,
        }
    }
}

/// A letter without the secrets of its links.
pub(in crate::web::console::letters) struct ShownLetter {
    /// The address it goes to.
    pub(in crate::web::console::letters) to: String,
    /// The instant that its Date header names.
    pub(in crate::web::console::letters) date: Timestamp,
    /// Subject, text and HTML.
    pub(in crate::web::console::letters) letter: Letter,
}

/// What there is to show of `letter`.
///
/// # Errors
/// [`StepError`] when its records cannot be read.
pub(in crate::web::console::letters) fn of(
    letter: &Delivery,
    signed_in: &SignedIn,
) -> Result<LetterView, StepError> {
    match letter.state {
        DeliveryState::Pending => will_leave(letter, signed_in),
        _ => Ok(as_written(letter, signed_in)),
    }
}

fn will_leave(letter: &Delivery, signed_in: &SignedIn) -> Result<LetterView, StepError> {
    let clinic = signed_in.clinic();
    let preview = match clinic.store.read(|view| preview::of(view, letter, clinic, signed_in.now)) {
        Err(StepError::Content(fault)) => {
            return Ok(LetterView::Nothing(format!("It cannot be shown: {fault}."), fault.hint()));
        }
        found => found?,
    };
    Ok(match preview {
        LetterPreview::Stays(why) => LetterView::Nothing(
            format!("It will not leave as things stand: {why}."),
            "If that changes before its time, it is written then.",
        ),
        LetterPreview::Leaves(sealed, at) => match replay::leaving(&sealed, clinic) {
            Ok(outgoing) => LetterView::WillLeave(shown(outgoing, &sealed, signed_in), at),
            Err(why) => LetterView::Nothing(
                format!("It cannot be written: {why}."),
                "Ring her in its place, and ask whoever runs the program to mend it.",
            ),
        },
    })
}

fn as_written(letter: &Delivery, signed_in: &SignedIn) -> LetterView {
    let clinic = signed_in.clinic();
    let written = match replay::written(letter, clinic) {
        Ok(written) => written,
        Err(ReplayFault::NeverWritten(..)) => {
            return LetterView::Nothing("It was never written.".to_owned(), "Nothing of it left.");
        }
        Err(fault) => return LetterView::Nothing(format!("It cannot be shown: {fault}."), fault.hint()),
    };
    match replay::prove(letter, &written, clinic, signed_in.app.deps.digest) {
        Ok(()) => LetterView::Sent(shown(written, letter, signed_in)),
        Err(ReplayFault::NoDigest(_)) => {
            let why =
                "So it was written when it was taken in hand; no mail server took it as far as is known.";
            LetterView::Written(shown(written, letter, signed_in), why.to_owned())
        }
        Err(ReplayFault::AnotherKey(..)) => {
            let why = "In the words of its day. The key that made its links was replaced since, so it cannot be proved to \
                       the last byte.";
            LetterView::Written(shown(written, letter, signed_in), why.to_owned())
        }
        Err(fault) => LetterView::Nothing(format!("It is not shown: {fault}."), fault.hint()),
    }
}

fn shown(outgoing: Outgoing, sealed: &Delivery, signed_in: &SignedIn) -> ShownLetter {
    let Outgoing { to, date, letter, .. } = outgoing;
    let letter = replay::veiled(letter, sealed, signed_in.clinic());
    ShownLetter { to: to.expose().to_owned(), date, letter }
}
