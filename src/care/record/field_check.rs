//! What the fields of a record may say: the same rules for the command, the roster and the page.

use jiff::civil::Date;

use crate::care::plan::protocol::Protocol;

/// What is wrong with what somebody wrote in a field. It never repeats a name, an address or a birth date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryFault {
    /// What is wrong; goes on from the field's name.
    pub problem: String,
    /// What to do next.
    pub hint: String,
}

impl EntryFault {
    /// A fault and its hint.
    #[must_use]
    pub fn new(problem: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { problem: problem.into(), hint: hint.into() }
    }
}

/// A birth date that somebody alive can have.
///
/// # Errors
/// [`EntryFault`] when it lies in the future or before 1900.
pub fn born(on: Date, today: Date) -> Result<Date, EntryFault> {
    let wrong = |problem: &str| EntryFault::new(problem, "check it: her pages ask for this date");
    match on {
        _ if on > today => Err(wrong("lies in the future")),
        _ if on.year() < 1900 => Err(wrong("lies before 1900")),
        _ => Ok(on),
    }
}

/// An anchor date that makes sense in this life.
///
/// # Errors
/// [`EntryFault`] when it lies before her birth or more than two years ahead.
pub fn anchored(on: Date, today: Date, birth_on: Option<Date>) -> Result<Date, EntryFault> {
    let wrong = |problem: &str| EntryFault::new(problem, "check the date the protocol counts from");
    if birth_on.is_some_and(|birth| on <= birth) {
        return Err(wrong("lies before the birth date"));
    }
    if on > today.saturating_add(jiff::Span::new().years(2)) {
        return Err(wrong("lies more than two years ahead"));
    }
    Ok(on)
}

/// A language in which the clinic writes.
///
/// # Errors
/// [`EntryFault`] with those it writes in.
pub fn written(text: &str, languages: &[String]) -> Result<String, EntryFault> {
    if languages.iter().any(|known| known == text) {
        return Ok(text.to_owned());
    }
    let shown: String = text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(20).collect();
    Err(EntryFault::new(
        format!("the clinic does not write in `{shown}`"),
        format!("use one of {}", languages.join(", ")),
    ))
}

/// Only add-ons stand beside a schedule: two whole ones would ask her to come twice as often as either says.
///
/// # Errors
/// [`EntryFault`] with the add-ons there are.
pub fn beside<'p>(
    named: impl Iterator<Item = &'p Protocol>,
    known: impl Iterator<Item = &'p Protocol>,
) -> Result<(), EntryFault> {
    let mut whole = named.filter(|protocol| !protocol.add_on);
    let (Some(first), Some(second)) = (whole.next(), whole.next()) else { return Ok(()) };
    let add_ons: Vec<&str> = known.filter(|p| p.add_on).map(|p| p.id.as_str()).collect();
    let hint = format!("keep one; an add-on may stand beside it: {}", add_ons.join(", "));
    Err(EntryFault::new(format!("`{}` and `{}` are two whole schedules", first.id, second.id), hint))
}
