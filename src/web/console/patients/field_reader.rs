//! Reads the fields of a record's form: every fault is found, each a sentence beside its field, by the rules that the command
//! uses.

use jiff::civil::{Date, Time};

use crate::care::address::EmailAddress;
use crate::care::contact::{ContactFault, ContactField, PatientContact};
use crate::care::one_line::is_place;
use crate::care::patient::{Detail, PatientFault, PreferredName, Reference};
use crate::care::record::field_check::{self, EntryFault};
use crate::care::time::zone;
use crate::journey::patients::amend::DetailChoice;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::sentence::with_hint;
use crate::web::console::record_field::RecordField;

/// The word of a form for a level that is left to the clinic.
pub(in crate::web::console::patients) const CLINICS: &str = "clinic";

/// What a sentence calls a field that the table of fields does not know; no form has one.
const UNNAMED: &str = "This field";

/// A form's fields and the faults found in them so far.
pub(in crate::web::console::patients) struct FieldReader<'a> {
    pub(in crate::web::console::patients) fields: &'a FormFields,
    faults: Vec<FieldFault>,
}

impl<'a> FieldReader<'a> {
    pub(in crate::web::console::patients) const fn new(fields: &'a FormFields) -> Self {
        Self { fields, faults: Vec::new() }
    }

    /// Whether no fault was found so far.
    pub(in crate::web::console::patients) const fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    /// The form with what was typed and what is wrong with it.
    pub(in crate::web::console::patients) fn refused(self) -> RefusedForm {
        RefusedForm::new(self.fields, self.faults)
    }

    /// Reads a field that must be there.
    pub(in crate::web::console::patients) fn need<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, EntryFault>,
    ) -> Option<T> {
        let text = self.fields.get(name);
        let value = match text {
            "" => Err(EntryFault::new("is empty", "fill it in")),
            text => read(text),
        };
        value.map_err(|fault| self.fault(name, &fault)).ok()
    }

    /// Reads a field that may be empty.
    pub(in crate::web::console::patients) fn may<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, EntryFault>,
    ) -> Option<T> {
        if self.fields.get(name).is_empty() { None } else { self.need(name, read) }
    }

    /// Reads how she is reached by telephone; `country` is where numbers without a country code are rung from.
    pub(in crate::web::console::patients) fn contact(
        &mut self,
        country: Option<&str>,
        today: Date,
    ) -> PatientContact {
        let mut contact = PatientContact::default();
        let hint = |fault: ContactFault| fault.hint().replace('`', "");
        for field in ContactField::ALL {
            if let Err(fault) = contact.write(field, &self.fields.note(field.word()), country) {
                self.fault(field.word(), &EntryFault::new(fault.to_string(), hint(fault)));
            }
        }
        match contact.check_on(today) {
            Err(fault @ ContactFault::Ahead) => {
                let entry = EntryFault::new(fault.to_string(), hint(fault));
                self.fault(ContactField::MailConsent.word(), &entry);
            }
            Err(fault) if self.is_sound() => {
                let entry = EntryFault::new("is empty beside a number", hint(fault));
                self.fault(ContactField::OtherContact.word(), &entry);
            }
            _ => {}
        }
        contact
    }

    /// Notes a fault beside a field.
    pub(in crate::web::console::patients) fn fault(&mut self, name: &str, fault: &EntryFault) {
        let title = RecordField::of_form(name).and_then(RecordField::subject);
        let text = with_hint(&format!("{} {}", title.unwrap_or(UNNAMED), fault.problem), &fault.hint);
        self.faults.push(FieldFault::new(name, text));
    }
}

/// Reads a case code, or says what it may hold.
pub(in crate::web::console::patients) fn reference(text: &str) -> Result<Reference, EntryFault> {
    Reference::given(text).map_err(|fault| {
        let problem = match fault {
            PatientFault::ReferencePart => "may have no part that is empty, . or .. between its slashes",
            _ => "may hold letters, digits and . _ / - only, 64 at most",
        };
        EntryFault::new(problem, "give each patient the clinic's own code, never a name")
    })
}

/// A date as the browser's field sends it.
pub(in crate::web::console::patients) fn date(text: &str) -> Result<Date, EntryFault> {
    text.parse().map_err(|_| EntryFault::new("is no date", "write it as 1970-03-27"))
}

/// A time of day as the browser's field sends it.
pub(in crate::web::console::patients) fn time(text: &str) -> Result<Time, EntryFault> {
    text.parse().map_err(|_| EntryFault::new("is no time of day", "write it as 09:30"))
}

/// Reads where an appointment is, or says what is wrong with it.
pub(in crate::web::console::patients) fn place(text: &str) -> Result<String, EntryFault> {
    let long = "is longer than 200 characters, or has line breaks or marks of direction";
    if is_place(text) {
        Ok(text.to_owned())
    } else {
        Err(EntryFault::new(long, "name the room in a few words"))
    }
}

/// Reads a birth date that somebody alive can have.
pub(in crate::web::console::patients) fn birth_date(text: &str, today: Date) -> Result<Date, EntryFault> {
    date(text).and_then(|on| field_check::born(on, today))
}

/// Reads what a patient is called, or says what is wrong with it.
pub(in crate::web::console::patients) fn name(text: &str) -> Result<PreferredName, EntryFault> {
    let odd = "is longer than 100 characters, or has line breaks, control signs or marks of direction";
    PreferredName::parse(text).map_err(|_| EntryFault::new(odd, "write what she wants to be called"))
}

/// Reads one e-mail address, or says what is wrong with it.
pub(in crate::web::console::patients) fn address(text: &str) -> Result<EmailAddress, EntryFault> {
    let email = EmailAddress::parse(text).map_err(|e| {
        EntryFault::new(format!("does not work: {e}"), "write one address, or leave it empty")
    })?;
    field_check::hers(email)
}

/// A level of detail.
pub(in crate::web::console::patients) fn detail(text: &str) -> Result<Detail, EntryFault> {
    Detail::parse(text).map_err(|_| EntryFault::new("is not known", "choose one"))
}

/// A level of detail, or that the clinic's counts.
pub(in crate::web::console::patients) fn detail_choice(text: &str) -> Result<DetailChoice, EntryFault> {
    match text {
        CLINICS => Ok(DetailChoice::Clinics),
        level => detail(level).map(DetailChoice::Own),
    }
}

/// A time zone, by its IANA name or that of Windows.
pub(in crate::web::console::patients) fn time_zone(text: &str) -> Result<String, EntryFault> {
    zone::resolve(text)
        .map(|zone| zone.name)
        .map_err(|fault| EntryFault::new("is not known", fault.hint().replace('"', "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_a_sentence_that_names_its_field() {
        let fields = FormFields::new(vec![
            ("time_zone".to_owned(), "Europe/Madird".to_owned()),
            ("other_phone".to_owned(), "+1 212 736 5000".to_owned()),
        ]);
        let mut reader = FieldReader::new(&fields);
        reader.contact(None, Date::MAX);
        assert_eq!(reader.need("time_zone", time_zone), None);
        assert_eq!(reader.need("name", name), None);
        let refused = reader.refused();
        assert_eq!(
            refused.fault("time_zone"),
            Some("The time zone is not known. Did you mean Europe/Madrid?")
        );
        assert_eq!(refused.fault("name"), Some("The name is empty. Fill it in."));
        assert_eq!(
            refused.fault("other_contact"),
            Some(
                "Who else may be rung is empty beside a number. Say who may be rung there, e.g. Marta, her sister."
            )
        );
    }
}
