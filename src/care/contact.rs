//! How a patient is reached by telephone, when, who else may be rung, and since when she agrees to be written to. For staff's own screens and files only: no letter,
//! log, error, alert mail or audit event says any of it (P10), so that nothing here has Display, and Debug is redacted.

use jiff::civil::Date;

use crate::care::one_line::is_turning;
use crate::care::phone::{self, PhoneFault};

/// The longest text of a field that holds no number, in characters.
const LONGEST: usize = 100;

/// Why a text of her contact is refused. Goes on from the field's name, and never repeats what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContactFault {
    /// Nobody can dial it.
    #[error(transparent)]
    Number(#[from] PhoneFault),
    /// Too long, or on more than one line.
    #[error("is longer than 100 characters, or has line breaks or marks of direction")]
    Words,
    /// A number of somebody else, and nobody knows who answers.
    #[error("does not say whose it is")]
    Nobody,
    /// The day of her consent cannot be read.
    #[error("is no date")]
    Date,
    /// The day of her consent is yet to come.
    #[error("lies in the future")]
    Ahead,
}

impl ContactFault {
    /// What to write instead.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Number(PhoneFault::NoNumber) => {
                "write digits as you would dial them, e.g. `+1 212 555 0100`; remarks belong to the best time"
            }
            Self::Number(PhoneFault::Several) => "write one number here; there is a place for a second",
            Self::Number(PhoneFault::NoCountry) => {
                "write it with + and the country code, e.g. `+1 212 555 0100`"
            }
            Self::Number(PhoneFault::Impossible) => {
                "count its digits, or write it with + and the country code, e.g. `+1 212 555 0100`, an extension as `ext. 12`"
            }
            Self::Words => "say it in a few words",
            Self::Date => "write it as `2027-03-01`",
            Self::Ahead => "give the day on which she agreed",
            Self::Nobody => "say who may be rung there, e.g. `Marta, her sister`",
        }
    }
}

/// What is kept of whom to ring about a patient, field by field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactField {
    /// The number of hers that staff ring first.
    Phone,
    /// Another number of hers, shown after the first.
    SecondPhone,
    /// When she is best rung, in words; remarks on a number belong here too.
    BestTime,
    /// Who else may be rung: a name or what she is to her.
    OtherContact,
    /// The number of that person.
    OtherPhone,
    /// The day on which she agreed to letters by e-mail, as `2027-03-01`.
    MailConsent,
}

impl ContactField {
    /// Every field, in the order of columns and pages.
    pub const ALL: [Self; 6] = [
        Self::Phone,
        Self::SecondPhone,
        Self::BestTime,
        Self::OtherContact,
        Self::OtherPhone,
        Self::MailConsent,
    ];

    /// The word in rosters, SQL, JSON, forms and the audit.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::SecondPhone => "phone_2",
            Self::BestTime => "best_time",
            Self::OtherContact => "other_contact",
            Self::OtherPhone => "other_phone",
            Self::MailConsent => "mail_consent_on",
        }
    }

    /// Whether a number stands in it.
    #[must_use]
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Phone | Self::SecondPhone | Self::OtherPhone)
    }
}

/// What is known for whoever must ring. A field that is not known is `None`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PatientContact {
    /// By [`ContactField::ALL`]: numbers as they are dialled (RFC 3966), words as they were written.
    texts: [Option<String>; ContactField::ALL.len()],
}

impl PatientContact {
    /// What the record holds, in the order of [`ContactField::ALL`].
    #[must_use]
    pub const fn on_record(texts: [Option<String>; ContactField::ALL.len()]) -> Self {
        Self { texts }
    }

    /// What stands in a field: a number as it is dialled, words as they were written.
    #[must_use]
    pub fn text(&self, field: ContactField) -> Option<&str> {
        self.texts[field as usize].as_deref()
    }

    /// The same as a person reads it: numbers in groups.
    #[must_use]
    pub fn shown(&self, field: ContactField) -> Option<String> {
        let text = self.text(field)?;
        Some(if field.is_number() { phone::spaced(text) } else { text.to_owned() })
    }

    /// Writes a field; an empty text clears it. `country` is where numbers without a country code are rung from.
    ///
    /// # Errors
    /// [`ContactFault`]; then the field is as it was.
    pub fn write(
        &mut self,
        field: ContactField,
        written: &str,
        country: Option<&str>,
    ) -> Result<(), ContactFault> {
        let text = match written.trim() {
            "" => None,
            text if field == ContactField::MailConsent => {
                Some(text.parse::<Date>().map_err(|_| ContactFault::Date)?.to_string())
            }
            text if field.is_number() => Some(number(text, country)?),
            text if text.chars().count() > LONGEST || text.chars().any(is_turning) => {
                return Err(ContactFault::Words);
            }
            text => Some(text.to_owned()),
        };
        self.texts[field as usize] = text;
        Ok(())
    }

    /// The day on which she agreed to letters by e-mail, if that was noted.
    #[must_use]
    pub fn mail_consent_on(&self) -> Option<Date> {
        self.text(ContactField::MailConsent)?.parse().ok()
    }

    /// Whether it can stand so on that day, as her own calendar has it.
    ///
    /// # Errors
    /// [`ContactFault::Ahead`], and as [`Self::check`].
    pub fn check_on(&self, today: Date) -> Result<(), ContactFault> {
        match self.mail_consent_on() {
            Some(on) if on > today => Err(ContactFault::Ahead),
            _ => self.check(),
        }
    }

    /// Whether it can stand so as a whole.
    ///
    /// # Errors
    /// [`ContactFault::Nobody`]: whoever rings must know whom she asks for.
    pub const fn check(&self) -> Result<(), ContactFault> {
        let [.., other_contact, other_phone, _] = &self.texts;
        match (other_contact, other_phone) {
            (None, Some(_)) => Err(ContactFault::Nobody),
            _ => Ok(()),
        }
    }

    /// The same with what another knows where this one knows nothing.
    #[must_use]
    pub fn filled_from(&self, other: &Self) -> Self {
        // A name and a number are of one person: both are taken, or neither.
        let (ours, theirs) = (self.text(ContactField::OtherContact), other.text(ContactField::OtherContact));
        let knows_somebody_else = ours.is_some() && ours != theirs;
        let text = |field| match field {
            ContactField::OtherContact | ContactField::OtherPhone if knows_somebody_else => self.text(field),
            _ => self.text(field).or_else(|| other.text(field)),
        };
        Self::on_record(ContactField::ALL.map(|field| text(field).map(str::to_owned)))
    }

    /// Whether every field is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.iter().all(Option::is_none)
    }

    /// The fields in which two differ.
    pub fn differing<'d>(&'d self, other: &'d Self) -> impl Iterator<Item = ContactField> + 'd {
        ContactField::ALL.into_iter().filter(|field| self.text(*field) != other.text(*field))
    }
}

impl std::fmt::Debug for PatientContact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PatientContact(…)")
    }
}

/// A number of a person: no emergency service or other short number, which is nobody's own.
fn number(written: &str, country: Option<&str>) -> Result<String, ContactFault> {
    let dial = phone::parse(written, country)?.dial;
    if dial.starts_with('+') { Ok(dial) } else { Err(PhoneFault::Impossible.into()) }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn written(field: ContactField, text: &str) -> Result<PatientContact, ContactFault> {
        let mut details = PatientContact::default();
        details.write(field, text, Some("US"))?;
        Ok(details)
    }

    #[test]
    fn numbers_stand_as_they_are_dialled_and_are_read_in_groups() {
        for (text, dial, shown) in [
            ("(212) 736-5000", "+12127365000", "+1 212-736-5000"),
            ("+34 910 555 100 ext. 12", "+34910555100;ext=12", "+34 910 55 51 00 ext. 12"),
            ("+1 212 555 0123", "+12125550123", "+1 212-555-0123"),
        ] {
            let details = written(ContactField::Phone, text).unwrap();
            assert_eq!(details.text(ContactField::Phone), Some(dial), "{text}");
            assert_eq!(details.shown(ContactField::Phone).as_deref(), Some(shown), "{text}");
            let again = written(ContactField::Phone, dial).unwrap();
            assert_eq!(again, details, "what an export writes is read again: {text}");
        }
    }

    #[test]
    fn what_nobody_can_ring_or_read_is_refused_and_empty_clears() {
        for text in ["112", "911", "ask her", "+1 212 736 500", "212 736 5000 or 212 736 5001"] {
            assert!(written(ContactField::OtherPhone, text).is_err(), "{text}");
        }
        assert_eq!(written(ContactField::BestTime, "after\n5"), Err(ContactFault::Words));
        assert_eq!(written(ContactField::BestTime, &"x".repeat(101)), Err(ContactFault::Words));
        let mut details = written(ContactField::Phone, "212 736 5000").unwrap();
        details.write(ContactField::Phone, "  ", None).unwrap();
        assert!(details.is_empty());
    }

    #[test]
    fn a_number_of_somebody_else_says_whose_it_is() {
        let mut details = written(ContactField::OtherPhone, "212 736 5000").unwrap();
        assert_eq!(details.check(), Err(ContactFault::Nobody));
        details.write(ContactField::OtherContact, "Marta, her sister", None).unwrap();
        assert_eq!(details.check(), Ok(()));
    }

    #[test]
    fn a_consent_is_a_day_that_has_come() {
        let details = written(ContactField::MailConsent, " 2026-03-01 ").unwrap();
        assert_eq!(details.mail_consent_on(), Some(date(2026, 3, 1)));
        assert_eq!(details.check_on(date(2026, 3, 1)), Ok(()));
        assert_eq!(details.check_on(date(2026, 2, 28)), Err(ContactFault::Ahead));
        assert_eq!(written(ContactField::MailConsent, "yes"), Err(ContactFault::Date));
    }

    #[test]
    fn debug_shows_nothing() {
        let details = written(ContactField::Phone, "212 736 5000").unwrap();
        assert_eq!(format!("{details:?}"), "PatientContact(…)");
    }
}
