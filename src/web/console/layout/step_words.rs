//! A step that was refused, in the console's words: what is wrong, what to do next on a page, and which field it is about.

use crate::care::checklist::answer::{BaselineFault, KnownFault};
use crate::journey::errors::alert::AlertError;
use crate::journey::errors::answer::AnswerError;
use crate::journey::errors::booking::BookingError;
use crate::journey::errors::people::record::RecordError;
use crate::journey::errors::people::status::StatusError;
use crate::journey::errors::permission::PermissionError;
use crate::journey::errors::step::StepError;

/// What is wrong, as a sentence.
pub(in crate::web::console) fn fault(step: &StepError) -> String {
    let said = match step {
        StepError::Booking(BookingError::Several(_)) => {
            "More than one visit or test fits that date: choose which is meant".to_owned()
        }
        other => other.to_string(),
    };
    let said = said.replace('`', "");
    let mut letters = said.chars();
    let first: String = letters.next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

/// What to do next, on a page; empty when there is nothing but to look again.
pub(in crate::web::console) fn next(step: &StepError) -> &'static str {
    match step {
        StepError::Alert(AlertError::AlertIs(..)) => "Look at the alert as it stands now.",
        StepError::Alert(AlertError::NothingDone) => "Choose at least one step.",
        StepError::Answer(AnswerError::FormsLocked) => "Ring her, then open her forms again on her page.",
        StepError::Booking(fault) => booking(fault),
        StepError::Permission(PermissionError::NotYours(_)) => {
            "Ask somebody who may; nothing is lost until then."
        }
        StepError::Status(StatusError::Deceased) => {
            "If the record is wrong, choose the right status here; a second person then agrees on this page."
        }
        StepError::Status(StatusError::SecondPerson) => "The other person signs in and agrees on this page.",
        StepError::Status(StatusError::NoReason) => "Say why in a few words.",
        StepError::Status(StatusError::PauseOver) => {
            "Give a day to come, or leave it empty for a pause without end."
        }
        StepError::Record(RecordError::SharedInbox) => {
            "If both agree, mark the inbox as shared on both records; or leave the address empty."
        }
        StepError::Record(RecordError::Duplicate(_)) => {
            "Give her another, or correct the record that has it."
        }
        other => without_commands(other.hint()),
    }
}

const fn booking(fault: &BookingError) -> &'static str {
    match fault {
        BookingError::NoFollowUp => "See under \"What comes\" what is due, and choose it.",
        BookingError::NotBooked => "Book a date first.",
        BookingError::Several(_) => "",
        BookingError::Outside(_) => "Check the date; if it is meant, tick the box that says so.",
        BookingError::TooFar => "Check the year; book it once it is nearer.",
        BookingError::Booked(_) => "Choose \"Move the booked date\".",
        BookingError::Past => "Choose \"It took place\" for a visit that was kept.",
        BookingError::Future => "Note it once it took place; until then, book it.",
    }
}

/// A hint that names a command or an option is of no use on a page.
fn without_commands(hint: &'static str) -> &'static str {
    if hint.contains('`') || hint.contains("--") || hint.contains("command line") { "" } else { hint }
}

/// The field of the form that a refused step is about.
pub(in crate::web::console) fn field(step: &StepError) -> Option<&'static str> {
    Some(match step {
        StepError::Alert(AlertError::NothingDone) => "done",
        StepError::Alert(
            AlertError::NothingFollows(_) | AlertError::EitherOr | AlertError::StoppedAlready(_),
        ) => "follow",
        StepError::Answer(AnswerError::NoReason) => "withdraw_reason",
        StepError::Alert(AlertError::NoSuchCode | AlertError::NotSentYet) => "code",
        StepError::Alert(AlertError::NothingNoted | AlertError::NoTest) => "note",
        StepError::Answer(AnswerError::Known(KnownFault::Until(_))) => "until",
        StepError::Answer(AnswerError::Known(KnownFault::NotThisReason(_))) => "code",
        StepError::Booking(BookingError::Several(_) | BookingError::NoFollowUp) => "series",
        StepError::Booking(BookingError::NotBooked | BookingError::Booked(_)) => "what",
        StepError::Booking(_) => "on",
        StepError::Record(RecordError::Duplicate(_) | RecordError::Reserved) => "reference",
        StepError::Record(RecordError::SharedInbox) => "email",
        StepError::Status(StatusError::NoReason) => "reason",
        StepError::Status(StatusError::PauseOver) => "until",
        StepError::Status(_) => "to",
        _ => return None,
    })
}

/// The signs that a baseline passes over, each a field of its own.
pub(in crate::web::console) fn unsaid(step: &StepError) -> &[String] {
    match step {
        StepError::Answer(AnswerError::Baseline(BaselineFault::Unsaid(signs))) => signs,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_page_speaks_of_commands() {
        let steps: [StepError; 10] = [
            RecordError::Duplicate("R-1".to_owned()).into(),
            RecordError::SharedInbox.into(),
            AlertError::AlertIs(7, "closed").into(),
            BookingError::Several("visit, ct".to_owned()).into(),
            BookingError::Outside("the window".to_owned()).into(),
            BookingError::NotBooked.into(),
            BookingError::Past.into(),
            StatusError::Deceased.into(),
            StatusError::PauseOver.into(),
            AnswerError::FormsLocked.into(),
        ];
        for step in steps {
            let words = format!("{} {}", fault(&step), next(&step));
            assert!(!words.contains('`') && !words.contains("--") && !words.contains("aftercare"), "{words}");
        }
        assert_eq!(fault(&BookingError::TooFar.into()), "That date lies more than two years ahead.");
    }
}
