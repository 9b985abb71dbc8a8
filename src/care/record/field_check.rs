//! What the fields of a record may say: the same rules for the command, the roster and the page.

use jiff::Span;
use jiff::civil::Date;

use crate::care::address::EmailAddress;
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
/// [`EntryFault`] when it lies in the future or too far back; spreadsheets write 1 January 1900 where a cell was empty.
pub fn born(on: Date, today: Date) -> Result<Date, EntryFault> {
    let wrong = |problem: &str| EntryFault::new(problem, "check it: her pages ask for this date");
    match on {
        _ if on > today => Err(wrong("lies in the future")),
        _ if on.year() < 1900 => Err(wrong("lies before 1900")),
        _ if on < today.saturating_sub(Span::new().years(120)) => Err(wrong("lies more than 120 years back")),
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
    if on > today.saturating_add(Span::new().years(2)) {
        return Err(wrong("lies more than two years ahead"));
    }
    Ok(on)
}

/// What people write for an address where there is none, and hosts of that name belong to strangers.
const NOBODY: [&str; 20] = [
    "none",
    "unknown",
    "noemail",
    "no-email",
    "no_email",
    "no.email",
    "nomail",
    "noaddress",
    "notprovided",
    "not-provided",
    "noreply",
    "no-reply",
    "donotreply",
    "declined",
    "refused",
    "sincorreo",
    "sinemail",
    "notiene",
    "ninguno",
    "keine",
];

/// Words that are made up where a form wants an address: they stand on both sides of the @.
const FILLERS: [&str; 8] = ["test", "x", "a", "na", "abc", "email", "mail", "name"];

/// An address that can be hers: not one made up to fill a form. Whether it is the clinic's own says [`is_of`].
///
/// # Errors
/// [`EntryFault`] when letters to it would reach somebody else.
pub fn hers(email: EmailAddress) -> Result<EmailAddress, EntryFault> {
    let text = email.expose().to_ascii_lowercase();
    let (local, domain) = text.split_once('@').unwrap_or_default();
    let host = domain.split('.').next().unwrap_or_default();
    let is_filler = local == host && FILLERS.contains(&host);
    if NOBODY.contains(&local) || NOBODY.contains(&host) || is_filler {
        return Err(EntryFault::new("looks made up", "leave it empty for somebody who has none"));
    }
    Ok(email)
}

/// Whether an address is one of these: no patient, and nobody who acts for one, has one of the clinic's own (P2).
#[must_use]
pub fn is_of(email: &EmailAddress, clinics: &[EmailAddress]) -> bool {
    clinics.iter().any(|own| own.expose().eq_ignore_ascii_case(email.expose()))
}

/// A language in which the clinic writes.
///
/// # Errors
/// [`EntryFault`] with those it writes in.
pub fn written(text: &str, languages: &[String]) -> Result<String, EntryFault> {
    if languages.iter().any(|known| known == text) {
        return Ok(text.to_owned());
    }
    let shown: String = text.chars().filter(|c| c.is_alphanumeric() || *c == '-').take(20).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_fills_a_form_or_is_the_clinics_own_is_not_hers() {
        let parse = |text: &str| EmailAddress::parse(text).unwrap();
        let clinics = [parse("care@clinic.example")];
        assert!(is_of(&parse("Care@clinic.example"), &clinics) && !is_of(&parse("a@b.example"), &clinics));
        for text in [
            "none@none.com",
            "unknown@unknown.com",
            "noemail@clinic.example",
            "Declined@home.example",
            "na@na.org",
            "test@test.com",
        ] {
            let fault = hers(parse(text)).unwrap_err();
            assert!(fault.problem.contains("made up"), "{text}: {fault:?}");
        }
        for text in [
            "ana@clinic.example",
            "na@home.example",
            "test@home.example",
            "nona@none-such.example",
            "a@b.example",
        ] {
            assert!(hers(parse(text)).is_ok(), "{text}");
        }
    }
}
