//! The forms of her page whose effect is shown first: where she stands, a date, letters she wants again. Each is read once,
//! for the look and for the act.

use jiff::civil::{Date, Time};

use crate::care::one_line::is_place;
use crate::care::patient::{PatientStatus, Reference};
use crate::journey::commands::appointments::AppointmentCommand;
use crate::journey::errors::step::StepError;
use crate::journey::plan::booking_request::{
    AppointmentSlot, BookingRequest, CancellationRequest, CompletedVisit, ExtraVisitRequest, Tell,
};
use crate::journey::status_change::StatusChange;
use crate::store::people::preferences::LetterKind;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::refused_form::FieldFault;
use crate::web::console::layout::step_words;

/// What a form asks for.
pub(in crate::web::console::patients) enum ChangeRequest {
    Status(StatusChange),
    Wishes(Vec<LetterKind>),
    Date(AppointmentCommand),
}

/// Reads the form of that act; `None` where the act has nothing to look at first.
pub(in crate::web::console::patients) fn read(
    whose: &Reference,
    fields: &FormFields,
    notice: Notice,
) -> Option<Result<ChangeRequest, FieldFault>> {
    Some(match notice {
        Notice::StatusChanged => status(whose, fields).map(ChangeRequest::Status),
        Notice::LettersWanted => wanted_again(fields).map(ChangeRequest::Wishes),
        Notice::DateBooked
        | Notice::VisitAdded
        | Notice::DateMoved
        | Notice::VisitRecorded
        | Notice::DateCalledOff => date(fields).map(ChangeRequest::Date),
        _ => return None,
    })
}

/// A refused step beside the field that it is about; `None` where the form has nothing to type.
pub(in crate::web::console::patients) fn on_form(fault: &StepError, notice: Notice) -> Option<FieldFault> {
    let main = match notice {
        Notice::StatusChanged => "to",
        Notice::BoneSpreadWithdrawn if step_words::field(fault).is_some() => "withdraw_reason",
        Notice::DateBooked
        | Notice::VisitAdded
        | Notice::DateMoved
        | Notice::VisitRecorded
        | Notice::DateCalledOff => "on",
        _ => return None,
    };
    if matches!(fault, StepError::Store(_)) {
        return None;
    }
    let field = match fault {
        // Where she stands is no part of the form of dates: what it keeps her from is.
        StepError::Status(_) if main == "on" => "what",
        _ => step_words::field(fault).unwrap_or(main),
    };
    Some(step_words::beside(field, fault))
}

fn status(whose: &Reference, fields: &FormFields) -> Result<StatusChange, FieldFault> {
    let to = PatientStatus::parse(fields.get("to")).map_err(|_| FieldFault::new("to", "Choose a status."))?;
    let reason = fields.note("reason");
    if reason.is_empty() {
        return Err(FieldFault::new("reason", "Say why the status changes, in a few words."));
    }
    if fields.get("sure") != whose.as_str() {
        let text = "Type the case code once more, so that it is surely the right person.";
        return Err(FieldFault::new("sure", text));
    }
    let until: Option<Date> = match fields.get("until") {
        "" => None,
        text => {
            let no_date = |_| FieldFault::new("until", "The last day of the pause is no date.");
            Some(text.parse().map_err(no_date)?)
        }
    };
    let second = Some(fields.note("confirmed_by")).filter(|name| !name.is_empty());
    Ok(StatusChange { to, reason, until, confirmed_by: second })
}

fn wanted_again(fields: &FormFields) -> Result<Vec<LetterKind>, FieldFault> {
    let kinds: Vec<LetterKind> = fields.all("again").filter_map(LetterKind::parse).collect();
    if kinds.is_empty() {
        return Err(FieldFault::new("again", "Choose what she wants again."));
    }
    Ok(kinds)
}

/// What the form of dates asks for.
fn date(fields: &FormFields) -> Result<AppointmentCommand, FieldFault> {
    let series = Some(fields.get("series").to_owned()).filter(|series| !series.is_empty());
    let tell = if fields.get("tell").is_empty() { Tell::Nobody } else { Tell::Patient };
    let anyway = !fields.get("anyway").is_empty();
    let on = || fields.get("on").parse::<Date>().map_err(|_| FieldFault::new("on", "Give the date."));
    let slot = || -> Result<AppointmentSlot, FieldFault> {
        let at = fields.get("at").parse::<Time>();
        let at = at.map_err(|_| FieldFault::new("at", "Give the time, such as 09:30."))?;
        let place = fields.note("place");
        if !is_place(&place) {
            return Err(FieldFault::new("place", "Name the place in a few words, on one line."));
        }
        Ok(AppointmentSlot { on: on()?, at, place })
    };
    let wish = || Ok(BookingRequest { series: series.clone(), slot: slot()?, tell, anyway });
    Ok(match fields.get("act") {
        "book" => AppointmentCommand::Book(wish()?),
        "add" => AppointmentCommand::Add(extra(fields, slot()?, tell)?),
        "move" => AppointmentCommand::Move(wish()?),
        "done" => AppointmentCommand::Done(CompletedVisit {
            series,
            on: on()?,
            source: fields.note("place"),
            anyway,
        }),
        _ => {
            let reason = Some(fields.note("place")).filter(|why| !why.is_empty());
            AppointmentCommand::Cancel(CancellationRequest { series, tell, reason })
        }
    })
}

/// A visit beside the plan. Without a word on what it is for the next reader could not know it.
fn extra(fields: &FormFields, slot: AppointmentSlot, tell: Tell) -> Result<ExtraVisitRequest, FieldFault> {
    let note = fields.note("note");
    if note.is_empty() || !is_place(&note) {
        return Err(FieldFault::new("note", "Say in a few words what this visit is for, on one line."));
    }
    Ok(ExtraVisitRequest { slot, note, tell })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_without_a_time_books_nothing() {
        let fields = |of: &[(&str, &str)]| {
            FormFields::new(of.iter().map(|(n, w)| ((*n).to_owned(), (*w).to_owned())).collect())
        };
        assert!(date(&fields(&[("act", "book"), ("on", "2026-03-02")])).is_err());
        let whole = fields(&[("act", "book"), ("on", "2026-03-02"), ("at", "09:30"), ("tell", "yes")]);
        let Ok(AppointmentCommand::Book(wish)) = date(&whole) else { panic!("no booking") };
        assert_eq!((wish.series, wish.tell), (None, Tell::Patient));
    }
}
