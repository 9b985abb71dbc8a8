//! Synthetic people, and dates at the clinic.

use aftercare::care::address::EmailAddress;
use aftercare::care::contact::PatientContact;
use aftercare::care::patient::{Detail, PatientStatus, PreferredName, Reference};
use aftercare::care::record::proxy::NewProxy;
use aftercare::journey::plan::booking_request::AppointmentSlot;
use aftercare::store::people::patients::Newcomer;
use jiff::civil::{Date, DateTime, date};

use crate::clinic::{ZONE, day};

/// Someone to take in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) newcomer: Newcomer,
    pub(crate) courses: Vec<(String, Date)>,
    pub(crate) next_visit: Option<AppointmentSlot>,
}

impl Person {
    pub(crate) fn new(reference: &str) -> Self {
        let newcomer = Newcomer {
            reference: Reference::parse(reference).unwrap(),
            name: PreferredName::parse(&format!("Name of {reference}")).unwrap(),
            birth_on: date(1970, 5, 17),
            email: Some(EmailAddress::parse(&address(reference)).unwrap()),
            language: "en".to_owned(),
            zone: ZONE.to_owned(),
            detail: Detail::Standard,
            detail_follows: false,
            proxy: None,
            shared_inbox: false,
            status: PatientStatus::Active,
            contact: PatientContact::default(),
        };
        Self { newcomer, courses: Vec::new(), next_visit: None }
    }

    pub(crate) fn named(mut self, name: &str) -> Self {
        self.newcomer.name = PreferredName::parse(name).unwrap();
        self
    }

    pub(crate) fn on(mut self, protocol: &str, anchor_on: &str) -> Self {
        self.courses.push((protocol.to_owned(), day(anchor_on)));
        self
    }

    pub(crate) fn zone(mut self, zone: &str) -> Self {
        zone.clone_into(&mut self.newcomer.zone);
        self
    }

    pub(crate) fn status(mut self, status: PatientStatus) -> Self {
        self.newcomer.status = status;
        self
    }

    pub(crate) fn sharing(mut self, mailbox: &str) -> Self {
        self.newcomer.email = Some(EmailAddress::parse(mailbox).unwrap());
        self.newcomer.shared_inbox = true;
        self
    }

    pub(crate) fn acted_for(mut self, until: Option<Date>) -> Self {
        self.newcomer.proxy = Some(Box::new(proxy(self.newcomer.reference.as_str(), until)));
        self
    }

    pub(crate) fn without_address(mut self) -> Self {
        self.newcomer.email = None;
        self
    }
}

pub(crate) fn address(reference: &str) -> String {
    format!("{}@patients.example", reference.to_lowercase())
}

/// Somebody who acts for that patient, of the same name and with a mailbox of their own.
pub(crate) fn proxy(reference: &str, until: Option<Date>) -> NewProxy {
    NewProxy {
        name: PreferredName::parse(&format!("Name of {reference}")).unwrap(),
        relation: "daughter".to_owned(),
        email: EmailAddress::parse(&acting_mailbox(reference)).unwrap(),
        language: "en".to_owned(),
        consent_by: "the patient herself".to_owned(),
        consent_on: date(2024, 1, 10),
        until,
    }
}

/// Where letters go while somebody acts for her.
pub(crate) fn acting_mailbox(reference: &str) -> String {
    format!("for-{}@family-{0}.example", reference.to_lowercase())
}

pub(crate) fn slot(when: &str) -> AppointmentSlot {
    let when: DateTime = when.parse().unwrap();
    AppointmentSlot { on: when.date(), at: when.time(), place: "Room 1".to_owned() }
}
