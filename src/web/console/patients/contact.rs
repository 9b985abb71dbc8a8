//! How a patient is reached by telephone, and since when she agrees to e-mail: shown wherever somebody must ring her, and the form
//! that changes it. A refused
//! form comes back with what was typed and the fault beside its field.

use jiff::civil::Date;
use minijinja::{Value, context};

use crate::care::contact::{ContactFault, ContactField, PatientContact};
use crate::journey::patients::contact::ContactChange;
use crate::store::people::contact::ContactOnRecord;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};

/// What the form asks for on that day; `country` is where numbers without a country code are rung from.
pub(in crate::web::console) fn read(
    fields: &FormFields,
    country: Option<&str>,
    today: Date,
) -> Result<ContactChange, RefusedForm> {
    let mut to = PatientContact::default();
    let mut faults = Vec::new();
    for field in ContactField::ALL {
        if let Err(fault) = to.write(field, &fields.note(field.word()), country) {
            faults.push(beside(field, &fault));
        }
    }
    match to.check_on(today) {
        Err(fault @ ContactFault::Ahead) => faults.push(beside(ContactField::MailConsent, &fault)),
        Err(fault) if faults.is_empty() => faults.push(beside(ContactField::OtherContact, &fault)),
        _ => {}
    }
    if !faults.is_empty() {
        return Err(RefusedForm::new(fields, faults));
    }
    // A form without its look is an old one: it meets whatever was written since.
    Ok(ContactChange { to, seen: fields.get("seen").parse().unwrap_or(-1) })
}

fn beside(field: ContactField, fault: &ContactFault) -> FieldFault {
    let hint = fault.hint().replace('`', "");
    FieldFault::new(field.word(), format!("This {fault}. Please {hint}."))
}

/// Whom to ring, and when; `hers` is her clock now, where it shows another hour than the clinic's.
pub(in crate::web::console) fn words(contact: &PatientContact, hers: Option<Value>) -> Value {
    let number =
        |field: ContactField| contact.text(field).map(|dial| context! { dial, text => contact.shown(field) });
    let numbers = [ContactField::Phone, ContactField::SecondPhone].into_iter().filter_map(number);
    context! {
        numbers => numbers.collect::<Vec<_>>(),
        now => false,
        died => false,
        best_time => contact.text(ContactField::BestTime),
        other => contact.text(ContactField::OtherContact),
        other_number => number(ContactField::OtherPhone),
        hers,
    }
}

/// The form, as the record stands or as it was typed.
pub(in crate::web::console) fn form(stored: &ContactOnRecord, refused: Option<&RefusedForm>) -> Value {
    let field = |field: ContactField| {
        let shown = || stored.details.shown(field).unwrap_or_default();
        context! {
            name => field.word(),
            label => label(field),
            value => refused.map_or_else(shown, |refused| refused.typed(field.word()).to_owned()),
            fault => refused.and_then(|refused| refused.fault(field.word())),
            number => field.is_number(),
            date => field == ContactField::MailConsent,
        }
    };
    context! {
        fields => ContactField::ALL.map(field).to_vec(),
        seen => stored.revision,
        refused => refused.is_some(),
    }
}

/// What a field is called.
pub(in crate::web::console) const fn label(field: ContactField) -> &'static str {
    match field {
        ContactField::Phone => "Telephone",
        ContactField::SecondPhone => "Second telephone",
        ContactField::BestTime => "Best time to ring",
        ContactField::OtherContact => "Who else may be rung, if she agrees",
        ContactField::OtherPhone => "Telephone of that person",
        ContactField::MailConsent => "She agreed to letters by e-mail on",
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn fields(of: &[(&str, &str)]) -> FormFields {
        FormFields::new(of.iter().map(|(n, w)| ((*n).to_owned(), (*w).to_owned())).collect())
    }

    #[test]
    fn each_fault_stands_at_its_field_and_what_was_typed_is_kept() {
        let sent = fields(&[("phone", "212 736 500"), ("other_contact", "Marta"), ("best_time", "mornings")]);
        let refused = read(&sent, Some("US"), date(2026, 3, 1)).unwrap_err();
        assert_eq!(refused.typed(ContactField::Phone.word()), "212 736 500");
        assert_eq!(refused.typed(ContactField::BestTime.word()), "mornings");
        assert!(
            refused.fault(ContactField::Phone.word()).is_some_and(|fault| fault.contains("count its digits"))
        );
        assert_eq!(refused.fault(ContactField::OtherContact.word()), None);
        let nobody =
            read(&fields(&[("other_phone", "212 736 5000")]), Some("US"), date(2026, 3, 1)).unwrap_err();
        assert!(nobody.fault(ContactField::OtherContact.word()).is_some());
    }
}
