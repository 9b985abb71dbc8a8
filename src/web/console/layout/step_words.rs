//! A step that was refused, in the console's words: what is wrong, what to do next on a page, and which field it is about.

use jiff::civil::Date;

use crate::care::checklist::answer::{BaselineFault, KnownFault};
use crate::journey::errors::account::AccountError;
use crate::journey::errors::alert::AlertError;
use crate::journey::errors::answer::AnswerError;
use crate::journey::errors::booking::BookingError;
use crate::journey::errors::guard::GuardError;
use crate::journey::errors::people::record::RecordError;
use crate::journey::errors::people::restore::RestoreError;
use crate::journey::errors::people::status::StatusError;
use crate::journey::errors::permission::PermissionError;
use crate::journey::errors::step::StepError;
use crate::web::console::layout::machine_words;
use crate::web::console::layout::prose::prose;
use crate::web::console::layout::refused_form::FieldFault;
use crate::web::console::layout::sentence::{sentence, without_commands};

/// What is wrong, as a sentence.
pub(in crate::web::console) fn fault(step: &StepError) -> String {
    let said = match step {
        StepError::Booking(BookingError::Several(_)) => {
            "More than one visit or test fits that date: choose which is meant".to_owned()
        }
        StepError::Booking(fault) => prose(&fault.to_string()),
        StepError::Guard(GuardError::Stopped(kind)) => {
            format!("these letters are stopped already: {}", machine_words::letter(kind))
        }
        StepError::Guard(GuardError::NotStopped(kind)) => {
            format!("these letters are not stopped: {}", machine_words::letter(kind))
        }
        other => other.to_string(),
    };
    sentence(&dated(&said.replace('`', "")))
}

/// The days of a sentence as a person reads them. A hint shows how a day is typed and keeps its own.
fn dated(text: &str) -> String {
    let token = |token: &str| {
        let bare = token.trim_matches(|c: char| !c.is_ascii_digit());
        // Only as the program writes a day: a case code of eight digits is none.
        let on = bare.parse::<Date>().ok().filter(|on| on.to_string() == bare);
        on.map_or_else(
            || token.to_owned(),
            |on| token.replacen(bare, &on.strftime("%-d %b %Y").to_string(), 1),
        )
    };
    text.split(' ').map(token).collect::<Vec<_>>().join(" ")
}

/// What to do next, on a page; empty when there is nothing but to look again.
pub(in crate::web::console) fn next(step: &StepError) -> String {
    sentence(own_hint(step).unwrap_or_else(|| without_commands(step.hint())))
}

/// What is wrong and what to do next.
pub(in crate::web::console) fn told(step: &StepError) -> String {
    format!("{} {}", fault(step), next(step)).trim_end().to_owned()
}

/// The same beside a field.
pub(in crate::web::console) fn beside(field: impl Into<String>, step: &StepError) -> FieldFault {
    FieldFault::new(field, told(step))
}

/// What to do next where a page has words of its own for it.
fn own_hint(step: &StepError) -> Option<&'static str> {
    Some(match step {
        StepError::Account(AccountError::ConnectedElsewhere) => {
            "Sign in at the provider as yourself. If the other account is an old one of yours, an administrator ends its connection."
        }
        StepError::Account(AccountError::NotConnected) => "Look at the account as it stands now.",
        StepError::Alert(AlertError::AlertIs(..)) => "Look at the alert as it stands now.",
        StepError::Alert(AlertError::NothingDone) => "Choose at least one step.",
        StepError::Alert(AlertError::NothingChosen) => {
            "Choose what follows; or choose \"None of these\", and say why in the note."
        }
        StepError::Alert(AlertError::NoneUnsaid) => "Say in the note why nothing follows.",
        StepError::Alert(AlertError::MriTooFar(_)) => {
            "Check the date. While none is booked sooner, keep the alert open."
        }
        StepError::Answer(AnswerError::FormsLocked) => "Ring her, then open her forms again on her page.",
        StepError::Booking(fault) => booking(fault),
        StepError::Guard(GuardError::Stopped(_) | GuardError::NotStopped(_)) => {
            "Look at what is stopped now."
        }
        StepError::Permission(PermissionError::NotYours(_)) => {
            "Ask somebody who may; nothing is lost until then."
        }
        StepError::Restore(RestoreError::Undecided(_)) => {
            "Look at the letters that wait and decide about each."
        }
        StepError::Restore(RestoreError::NotHeld(_)) => "Look at the letters that wait now.",
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
        _ => return None,
    })
}

const fn booking(fault: &BookingError) -> &'static str {
    match fault {
        BookingError::NoFollowUp => "See under \"What comes\" what is due, and choose it.",
        BookingError::NotBooked => "Book a date first.",
        BookingError::Several(_) => "",
        BookingError::Outside(_) => {
            "Check the date; if it is meant, and what it takes the place of falls away, tick the box that says so."
        }
        BookingError::TooFar => "Check the year; book it once it is nearer.",
        BookingError::Booked(_) => "Choose \"Move the booked date\".",
        BookingError::NoPlan => "Put her on a protocol first: see \"Her plan\" on her page.",
        BookingError::Changed => {
            "See under \"What comes\" what stands there now, and check again if this is still meant."
        }
        BookingError::Past => "Choose \"It took place\" for a visit that was kept.",
        BookingError::Unkept(_) => {
            "On her page, under \"A date\", note it as kept, move it or call it off: the task ends with that. Until she is reached, put the task off."
        }
        BookingError::Future => "Note it once it took place; until then, book it.",
    }
}

/// The field of the form that a refused step is about.
pub(in crate::web::console) fn field(step: &StepError) -> Option<&'static str> {
    Some(match step {
        StepError::Alert(AlertError::NothingDone) => "done",
        StepError::Alert(
            AlertError::NothingFollows(_)
            | AlertError::EitherOr
            | AlertError::StoppedAlready(_)
            | AlertError::NothingChosen
            | AlertError::NoneAndSteps,
        ) => "follow",
        StepError::Alert(AlertError::MriBefore(..) | AlertError::MriTooFar(_)) => "mri_on",
        StepError::Answer(AnswerError::NoReason) => "withdraw_reason",
        StepError::Alert(AlertError::NoSuchCode | AlertError::NotSentYet) => "code",
        StepError::Alert(AlertError::NothingNoted | AlertError::NoTest | AlertError::NoneUnsaid) => "note",
        StepError::Answer(AnswerError::Known(KnownFault::Until(_))) => "until",
        StepError::Answer(
            AnswerError::Known(KnownFault::NotThisReason(_)) | AnswerError::KnownBoneSpread,
        ) => "code",
        StepError::Booking(BookingError::Several(_) | BookingError::NoFollowUp) => "series",
        StepError::Booking(BookingError::NotBooked | BookingError::NoPlan | BookingError::Booked(_)) => {
            "what"
        }
        StepError::Booking(_) => "on",
        StepError::Record(RecordError::Duplicate(_) | RecordError::Reserved) => "reference",
        StepError::Record(RecordError::SharedInbox | RecordError::ClinicsAddress) => "email",
        StepError::Record(RecordError::Proxy(fault)) => fault.field(),
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
    use crate::web::locale::reader::ReaderWords;

    #[test]
    fn no_page_speaks_of_commands() {
        let steps: [StepError; 15] = [
            RecordError::Duplicate("R-1".to_owned()).into(),
            RecordError::SharedInbox.into(),
            AlertError::AlertIs(7, "closed").into(),
            AlertError::NothingChosen.into(),
            AlertError::NoneUnsaid.into(),
            AlertError::MriTooFar(jiff::civil::date(2206, 12, 1)).into(),
            BookingError::Several("visit, ct".to_owned()).into(),
            BookingError::Outside("the window".to_owned()).into(),
            BookingError::NotBooked.into(),
            BookingError::Past.into(),
            BookingError::Unkept(jiff::civil::date(2026, 10, 27)).into(),
            StatusError::Deceased.into(),
            StatusError::PauseOver.into(),
            AnswerError::FormsLocked.into(),
            BookingError::Outside("the window of visit, 2027-01-30 to 2027-03-14".to_owned()).into(),
        ];
        for step in steps {
            let words = told(&step);
            assert!(!words.contains('`') && !words.contains("--") && !words.contains("aftercare"), "{words}");
        }
        assert_eq!(
            told(&AlertError::NoSuchCode.into()),
            "No test alert of the last seven days has that code. Type the code of the newest test letter, twelve letters and \
             digits; if that one is older, send a new test."
        );
        assert_eq!(fault(&BookingError::TooFar.into()), "That date lies more than two years ahead.");
    }

    #[test]
    fn a_day_is_told_as_people_read_it_and_spanish_contracts_its_words() {
        let outside =
            BookingError::Outside("the window of visit, 2027-01-30 to 2027-03-14".to_owned()).into();
        let said = fault(&outside);
        let expected = "That date lies outside the window of visit, 30 Jan 2027 to 14 Mar 2027, and would take its place.";
        assert_eq!(said, expected);
        let spanish = ReaderWords::of("es").said(&said);
        assert!(spanish.starts_with("Esa fecha queda fuera del plazo de "), "{spanish}");
        assert!(spanish.contains("del 30 ene 2027 al 14 mar 2027"), "{spanish}");
    }
}
