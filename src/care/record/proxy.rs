//! Somebody who is recorded as acting for a patient: with her consent, and until a day where that was agreed. No Display, and
//! nothing of it in logs (P10): name and address have a redacted Debug.

use jiff::civil::Date;

use crate::care::address::EmailAddress;
use crate::care::one_line::is_turning;
use crate::care::patient::PreferredName;

/// The longest text that says what somebody is to her, or who agreed, in characters.
const LONGEST: usize = 100;

/// What each part of a proxy is called: the fields of a form, and the columns of a roster, in this order.
pub const FIELDS: [&str; 7] = [
    "proxy_name",
    "proxy_relation",
    "proxy_email",
    "proxy_language",
    "proxy_consent_by",
    "proxy_consent_on",
    "proxy_until",
];

/// A proxy about to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProxy {
    /// How letters greet the proxy.
    pub name: PreferredName,
    /// What the proxy is to her, e.g. `daughter`.
    pub relation: String,
    /// Where letters about her go from now on.
    pub email: EmailAddress,
    /// BCP 47 primary language of those letters.
    pub language: String,
    /// Who agreed to it, in words: herself, or whoever may decide for her.
    pub consent_by: String,
    /// The day on which that was.
    pub consent_on: Date,
    /// The last day on which letters go there, where one was agreed.
    pub until: Option<Date>,
}

/// Why somebody cannot be recorded as acting for a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProxyFault {
    /// Nobody knows what the proxy is to her.
    #[error("what the proxy is to her is empty, longer than 100 characters, or not one line")]
    Relation,
    /// Nobody knows who agreed.
    #[error("who agreed to it is empty, longer than 100 characters, or not one line")]
    ConsentBy,
    /// Nobody can have agreed yet.
    #[error("the day of the consent lies in the future")]
    ConsentAhead,
    /// It would be over before it began.
    #[error("the last day lies in the past")]
    Past,
    /// It is the patient's own address.
    #[error("the address is the patient's own")]
    HerOwn,
    /// Letters about her would come back to the clinic.
    #[error("the address is the clinic's own")]
    Clinics,
    /// Nobody acts for her.
    #[error("nobody acts for this patient")]
    Nobody,
    /// It ends without a reason.
    #[error("there is no reason for ending it")]
    NoReason,
}

impl ProxyFault {
    /// The field of a form, and the column of a roster, that it is about.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Relation => "proxy_relation",
            Self::ConsentBy => "proxy_consent_by",
            Self::ConsentAhead => "proxy_consent_on",
            Self::Past => "proxy_until",
            Self::HerOwn | Self::Clinics => "proxy_email",
            Self::Nobody => "proxy_name",
            Self::NoReason => "reason",
        }
    }

    /// What is wrong, going on from the name of that field.
    #[must_use]
    pub const fn problem(self) -> &'static str {
        match self {
            Self::Relation | Self::ConsentBy => "is longer than 100 characters, or not on one line",
            Self::ConsentAhead => "lies in the future",
            Self::Past => "lies in the past",
            Self::HerOwn => "is the patient's own",
            Self::Clinics => "is the clinic's own",
            Self::Nobody => "is of nobody: nobody acts for her",
            Self::NoReason => "is empty",
        }
    }

    /// What to do next, for a person.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Relation => "say it in a word or two, e.g. daughter",
            Self::ConsentBy => "say who agreed, e.g. the patient herself, by phone",
            Self::ConsentAhead => "give the day on which it was agreed",
            Self::Past => "give a day to come, or leave it open",
            Self::HerOwn => "where others read her mailbox, mark it as shared instead",
            Self::Clinics => "write that of whoever acts for her",
            Self::Nobody => "look at the record as it stands now",
            Self::NoReason => "say in a few words why",
        }
    }
}

impl NewProxy {
    /// Whether it can stand; `own` is the patient's address.
    ///
    /// # Errors
    /// [`ProxyFault`] with the first thing that is wrong.
    pub fn check(&self, own: Option<&EmailAddress>, today: Date) -> Result<(), ProxyFault> {
        let is_words = |text: &str| {
            let text = text.trim();
            !text.is_empty() && text.chars().count() <= LONGEST && !text.chars().any(is_turning)
        };
        let is_hers = own.is_some_and(|own| own.expose().eq_ignore_ascii_case(self.email.expose()));
        match () {
            () if !is_words(&self.relation) => Err(ProxyFault::Relation),
            () if !is_words(&self.consent_by) => Err(ProxyFault::ConsentBy),
            () if self.consent_on > today => Err(ProxyFault::ConsentAhead),
            () if self.until.is_some_and(|until| until < today) => Err(ProxyFault::Past),
            () if is_hers => Err(ProxyFault::HerOwn),
            () => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn marta() -> NewProxy {
        NewProxy {
            name: PreferredName::parse("Marta").unwrap(),
            relation: "daughter".to_owned(),
            email: EmailAddress::parse("marta@mail.example").unwrap(),
            language: "en".to_owned(),
            consent_by: "the patient herself".to_owned(),
            consent_on: date(2026, 3, 1),
            until: Some(date(2026, 3, 2)),
        }
    }

    #[test]
    fn what_nobody_could_have_agreed_to_is_refused() {
        let (today, own) = (date(2026, 3, 2), EmailAddress::parse("Marta@mail.example").unwrap());
        assert_eq!(marta().check(None, today), Ok(()));
        for (wrong, fault) in [
            (NewProxy { relation: " ".to_owned(), ..marta() }, ProxyFault::Relation),
            (NewProxy { consent_by: "a\nb".to_owned(), ..marta() }, ProxyFault::ConsentBy),
            (NewProxy { consent_on: date(2026, 3, 3), ..marta() }, ProxyFault::ConsentAhead),
            (NewProxy { until: Some(date(2026, 3, 1)), ..marta() }, ProxyFault::Past),
        ] {
            assert_eq!(wrong.check(None, today), Err(fault));
        }
        assert_eq!(marta().check(Some(&own), today), Err(ProxyFault::HerOwn));
        assert!(!format!("{:?}", marta()).contains("Marta"));
    }
}
