//! The facts of a record that a form asks for, or a list has a column for: what each is called there, and how pages and
//! sentences name it. Nothing has a word by default: a fact that is added is asked for all of them.

/// A fact of a record that somebody types, or a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web::console) enum RecordField {
    Reference,
    Name,
    BirthDate,
    Email,
    Language,
    TimeZone,
    Status,
    Detail,
    SharedInbox,
    Protocol,
    Anchor,
    AddOnAnchor,
    NextVisit,
    VisitDay,
    VisitTime,
    Place,
    Reason,
    Phone,
    SecondPhone,
    BestTime,
    OtherContact,
    OtherPhone,
    MailConsent,
    ProxyName,
    ProxyRelation,
    ProxyEmail,
    ProxyLanguage,
    ProxyConsentBy,
    ProxyConsentOn,
    ProxyUntil,
    PausedUntil,
    Declined,
    ExtraVisits,
}

/// How the fields of add-ons begin, each with the add-on's name behind it.
const ADD_ON_ANCHOR: &str = "anchor.";

impl RecordField {
    const ALL: [Self; 33] = [
        Self::Reference,
        Self::Name,
        Self::BirthDate,
        Self::Email,
        Self::Language,
        Self::TimeZone,
        Self::Status,
        Self::Detail,
        Self::SharedInbox,
        Self::Protocol,
        Self::Anchor,
        Self::AddOnAnchor,
        Self::NextVisit,
        Self::VisitDay,
        Self::VisitTime,
        Self::Place,
        Self::Reason,
        Self::Phone,
        Self::SecondPhone,
        Self::BestTime,
        Self::OtherContact,
        Self::OtherPhone,
        Self::MailConsent,
        Self::ProxyName,
        Self::ProxyRelation,
        Self::ProxyEmail,
        Self::ProxyLanguage,
        Self::ProxyConsentBy,
        Self::ProxyConsentOn,
        Self::ProxyUntil,
        Self::PausedUntil,
        Self::Declined,
        Self::ExtraVisits,
    ];

    /// The field of a form by its name there.
    pub(in crate::web::console) fn of_form(name: &str) -> Option<Self> {
        let named = Self::ALL.into_iter().find(|field| field.form() == Some(name));
        named.or_else(|| name.starts_with(ADD_ON_ANCHOR).then_some(Self::AddOnAnchor))
    }

    /// The field that a column of a list holds.
    pub(in crate::web::console) fn of_column(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.column() == Some(name))
    }

    /// Its name in the forms that ask for it; each add-on has one of its own.
    const fn form(self) -> Option<&'static str> {
        match self {
            Self::Reference => Some("reference"),
            Self::Name => Some("name"),
            Self::BirthDate => Some("birth_date"),
            Self::Email => Some("email"),
            Self::Language => Some("language"),
            Self::TimeZone => Some("time_zone"),
            Self::Detail => Some("detail"),
            Self::Protocol => Some("protocol"),
            Self::Anchor => Some("anchor"),
            Self::VisitDay => Some("visit_on"),
            Self::VisitTime => Some("visit_at"),
            Self::Place => Some("place"),
            Self::Reason => Some("reason"),
            Self::Phone => Some("phone"),
            Self::SecondPhone => Some("phone_2"),
            Self::BestTime => Some("best_time"),
            Self::OtherContact => Some("other_contact"),
            Self::OtherPhone => Some("other_phone"),
            Self::MailConsent => Some("mail_consent_on"),
            Self::ProxyName => Some("proxy_name"),
            Self::ProxyRelation => Some("proxy_relation"),
            Self::ProxyEmail => Some("proxy_email"),
            Self::ProxyLanguage => Some("proxy_language"),
            Self::ProxyConsentBy => Some("proxy_consent_by"),
            Self::ProxyConsentOn => Some("proxy_consent_on"),
            Self::ProxyUntil => Some("proxy_until"),
            Self::Status
            | Self::SharedInbox
            | Self::AddOnAnchor
            | Self::NextVisit
            | Self::PausedUntil
            | Self::Declined
            | Self::ExtraVisits => None,
        }
    }

    /// Its column in a list.
    const fn column(self) -> Option<&'static str> {
        match self {
            Self::Reference => Some("reference"),
            Self::Name => Some("preferred_name"),
            Self::BirthDate => Some("birth_date"),
            Self::Email => Some("email"),
            Self::Language => Some("language"),
            Self::TimeZone => Some("time_zone"),
            Self::Status => Some("status"),
            Self::Detail => Some("detail"),
            Self::SharedInbox => Some("shared_inbox"),
            Self::Protocol => Some("protocol"),
            Self::Anchor => Some("anchor_on"),
            Self::NextVisit => Some("next_visit_at"),
            Self::Place => Some("place"),
            Self::Phone => Some("phone"),
            Self::SecondPhone => Some("phone_2"),
            Self::BestTime => Some("best_time"),
            Self::OtherContact => Some("other_contact"),
            Self::OtherPhone => Some("other_phone"),
            Self::MailConsent => Some("mail_consent_on"),
            Self::ProxyName => Some("proxy_name"),
            Self::ProxyRelation => Some("proxy_relation"),
            Self::ProxyEmail => Some("proxy_email"),
            Self::ProxyLanguage => Some("proxy_language"),
            Self::ProxyConsentBy => Some("proxy_consent_by"),
            Self::ProxyConsentOn => Some("proxy_consent_on"),
            Self::ProxyUntil => Some("proxy_until"),
            Self::PausedUntil => Some("paused_until"),
            Self::Declined => Some("declined"),
            Self::ExtraVisits => Some("extra_visits"),
            Self::AddOnAnchor | Self::VisitDay | Self::VisitTime | Self::Reason => None,
        }
    }

    /// What it is called on a page, where a list has it.
    pub(in crate::web::console) const fn label(self) -> Option<&'static str> {
        match self {
            Self::Reference => Some("Case code"),
            Self::Name => Some("What she is called"),
            Self::BirthDate => Some("Birth date"),
            Self::Email => Some("E-mail address"),
            Self::Language => Some("Language"),
            Self::TimeZone => Some("Time zone"),
            Self::Status => Some("Status"),
            Self::Detail => Some("How much letters say"),
            Self::SharedInbox => Some("Shared inbox"),
            Self::Protocol => Some("Protocol"),
            Self::Anchor => Some("Date the protocol counts from"),
            Self::NextVisit => Some("Next visit, date and time"),
            Self::Place => Some("Place of the visit"),
            Self::Phone => Some("Telephone"),
            Self::SecondPhone => Some("Second telephone"),
            Self::BestTime => Some("Best time to ring"),
            Self::OtherContact => Some("Who else may be rung"),
            Self::OtherPhone => Some("Telephone of that person"),
            Self::MailConsent => Some("Day on which she agreed to e-mail"),
            Self::ProxyName => Some("Name of whoever acts for her"),
            Self::ProxyRelation => Some("What whoever acts for her is to her"),
            Self::ProxyEmail => Some("E-mail address of whoever acts for her"),
            Self::ProxyLanguage => Some("Language of whoever acts for her"),
            Self::ProxyConsentBy => Some("Who agreed that somebody acts for her"),
            Self::ProxyConsentOn => Some("Day of that consent"),
            Self::ProxyUntil => Some("Last day on which somebody acts for her"),
            Self::PausedUntil => Some("Last day of her pause"),
            Self::Declined => Some("Kinds of letters she does not want"),
            Self::ExtraVisits => Some("Visits beside her plan"),
            Self::AddOnAnchor | Self::VisitDay | Self::VisitTime | Self::Reason => None,
        }
    }

    /// What a sentence about it begins with, where a form asks for it.
    pub(in crate::web::console) const fn subject(self) -> Option<&'static str> {
        match self {
            Self::Reference => Some("The case code"),
            Self::Name => Some("The name"),
            Self::BirthDate => Some("The date of birth"),
            Self::Email => Some("The e-mail address"),
            Self::Language => Some("The language"),
            Self::TimeZone => Some("The time zone"),
            Self::Detail => Some("How much letters say"),
            Self::Protocol => Some("The protocol"),
            Self::Anchor => Some("The date that the protocol counts from"),
            Self::AddOnAnchor => Some("The date that it counts from"),
            Self::VisitDay => Some("The date of the visit"),
            Self::VisitTime => Some("The time of the visit"),
            Self::Place => Some("The place"),
            Self::Reason => Some("The reason"),
            Self::Phone => Some("The telephone number"),
            Self::SecondPhone => Some("The second telephone number"),
            Self::BestTime => Some("The best time"),
            Self::OtherContact => Some("Who else may be rung"),
            Self::OtherPhone => Some("The telephone number of that person"),
            Self::MailConsent => Some("The day on which she agreed to e-mail"),
            Self::ProxyName => Some("The name of whoever acts for her"),
            Self::ProxyRelation => Some("What that person is to her"),
            Self::ProxyEmail => Some("The e-mail address of whoever acts for her"),
            Self::ProxyLanguage => Some("The language of these letters"),
            Self::ProxyConsentBy => Some("Who agreed to it"),
            Self::ProxyConsentOn => Some("The day of the consent"),
            Self::ProxyUntil => Some("The last day"),
            Self::Status
            | Self::SharedInbox
            | Self::NextVisit
            | Self::PausedUntil
            | Self::Declined
            | Self::ExtraVisits => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::contact::ContactField;
    use crate::care::record::proxy;
    use crate::exchange::roster::columns;

    #[test]
    fn every_column_and_every_field_of_a_form_has_its_words() {
        for column in columns::known() {
            let field = RecordField::of_column(column);
            assert!(field.and_then(RecordField::label).is_some(), "{column}");
        }
        let typed = ContactField::ALL.map(ContactField::word).into_iter().chain(proxy::FIELDS);
        for name in typed.chain(["anchor.bone-health", "visit_on", "visit_at", "reason", "email"]) {
            let field = RecordField::of_form(name);
            assert!(field.and_then(RecordField::subject).is_some(), "{name}");
        }
        assert_eq!(RecordField::of_form("anchors"), None);
        for (at, field) in RecordField::ALL.into_iter().enumerate() {
            let is_once = |other: &RecordField| other.form().is_none() || other.form() != field.form();
            assert!(RecordField::ALL[at + 1..].iter().all(is_once), "{field:?}");
        }
    }
}
