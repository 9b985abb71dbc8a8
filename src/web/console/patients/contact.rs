//! How a patient is reached by telephone: shown wherever somebody must ring her, and the form that changes it. A refused
//! form comes back with what was typed and the fault beside its field.

use minijinja::{Value, context};

use crate::care::contact::{ContactFault, ContactField, PatientContact};
use crate::journey::patients::contact::ContactChange;
use crate::store::people::contact::ContactOnRecord;
use crate::web::console::auth::form_fields::FormFields;

/// A form of telephone numbers that was not taken.
pub(in crate::web::console) struct RefusedContact {
    typed: Vec<(ContactField, String)>,
    faults: Vec<(ContactField, ContactFault)>,
}

impl RefusedContact {
    /// The same form when each field by itself was well.
    pub(in crate::web::console) fn of(fields: &FormFields) -> Self {
        let typed = ContactField::ALL.map(|field| (field, fields.note(field.word())));
        Self { typed: typed.into(), faults: Vec::new() }
    }

    fn typed(&self, field: ContactField) -> &str {
        self.typed.iter().find(|(typed, _)| *typed == field).map_or("", |(_, text)| text)
    }

    fn fault(&self, field: ContactField) -> Option<String> {
        let (_, fault) = self.faults.iter().find(|(faulty, _)| *faulty == field)?;
        let hint = fault.hint().replace('`', "");
        Some(format!("This {fault}. Please {hint}."))
    }
}

/// What the form asks for; `country` is where numbers without a country code are rung from.
pub(in crate::web::console) fn read(
    fields: &FormFields,
    country: Option<&str>,
) -> Result<ContactChange, RefusedContact> {
    let mut refused = RefusedContact::of(fields);
    let mut to = PatientContact::default();
    for (field, text) in &refused.typed {
        if let Err(fault) = to.write(*field, text, country) {
            refused.faults.push((*field, fault));
        }
    }
    if let Err(fault) = to.check()
        && refused.faults.is_empty()
    {
        refused.faults.push((ContactField::OtherContact, fault));
    }
    if !refused.faults.is_empty() {
        return Err(refused);
    }
    // A form without its look is an old one: it meets whatever was written since.
    Ok(ContactChange { to, seen: fields.get("seen").parse().unwrap_or(-1) })
}

/// Whom to ring, and when.
pub(in crate::web::console) fn words(contact: &PatientContact) -> Value {
    let number =
        |field: ContactField| contact.text(field).map(|dial| context! { dial, text => contact.shown(field) });
    let numbers = [ContactField::Phone, ContactField::SecondPhone].into_iter().filter_map(number);
    context! {
        numbers => numbers.collect::<Vec<_>>(),
        best_time => contact.text(ContactField::BestTime),
        other => contact.text(ContactField::OtherContact),
        other_number => number(ContactField::OtherPhone),
    }
}

/// The form, as the record stands or as it was typed.
pub(in crate::web::console) fn form(stored: &ContactOnRecord, refused: Option<&RefusedContact>) -> Value {
    let field = |field: ContactField| {
        let shown = || stored.details.shown(field).unwrap_or_default();
        context! {
            name => field.word(),
            label => label(field),
            value => refused.map_or_else(shown, |refused| refused.typed(field).to_owned()),
            fault => refused.and_then(|refused| refused.fault(field)),
            number => field.is_number(),
        }
    };
    context! {
        fields => ContactField::ALL.map(field).to_vec(),
        seen => stored.revision,
        refused => refused.is_some(),
    }
}

const fn label(field: ContactField) -> &'static str {
    match field {
        ContactField::Phone => "Telephone",
        ContactField::SecondPhone => "Second telephone",
        ContactField::BestTime => "Best time to ring",
        ContactField::OtherContact => "Who else may be rung, if she agrees",
        ContactField::OtherPhone => "Telephone of that person",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(of: &[(&str, &str)]) -> FormFields {
        FormFields::new(of.iter().map(|(n, w)| ((*n).to_owned(), (*w).to_owned())).collect())
    }

    #[test]
    fn each_fault_stands_at_its_field_and_what_was_typed_is_kept() {
        let sent = fields(&[("phone", "212 736 500"), ("other_contact", "Marta"), ("best_time", "mornings")]);
        let refused = read(&sent, Some("US")).unwrap_err();
        assert_eq!(refused.typed(ContactField::Phone), "212 736 500");
        assert_eq!(refused.typed(ContactField::BestTime), "mornings");
        assert!(refused.fault(ContactField::Phone).is_some_and(|fault| fault.contains("count its digits")));
        assert_eq!(refused.fault(ContactField::OtherContact), None);
        let nobody = read(&fields(&[("other_phone", "212 736 5000")]), Some("US")).unwrap_err();
        assert!(nobody.fault(ContactField::OtherContact).is_some());
    }
}
