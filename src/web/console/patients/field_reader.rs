//! Reads the fields of a record's form: every fault is found, each beside its field, in the words that the command uses.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::care::address::EmailAddress;
use crate::care::patient::{Detail, PreferredName};
use crate::care::record::field_check::{self, EntryFault};
use crate::care::time::zone;
use crate::web::console::auth::form_fields::FormFields;

/// A form's fields and the faults found in them so far, by field.
pub(in crate::web::console::patients) struct FieldReader<'a> {
    pub(in crate::web::console::patients) fields: &'a FormFields,
    pub(in crate::web::console::patients) faults: BTreeMap<String, String>,
}

impl<'a> FieldReader<'a> {
    pub(in crate::web::console::patients) fn new(fields: &'a FormFields) -> Self {
        Self { fields, faults: BTreeMap::new() }
    }

    /// Reads a field that must be there.
    pub(in crate::web::console::patients) fn need<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, EntryFault>,
    ) -> Option<T> {
        match read(self.fields.get(name)) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.fault(name, &fault);
                None
            }
        }
    }

    /// Reads a field that may be empty.
    pub(in crate::web::console::patients) fn may<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, EntryFault>,
    ) -> Option<T> {
        if self.fields.get(name).is_empty() { None } else { self.need(name, read) }
    }

    /// Notes a fault beside a field.
    pub(in crate::web::console::patients) fn fault(&mut self, name: &str, fault: &EntryFault) {
        let EntryFault { problem, hint } = fault;
        self.faults.entry(name.to_owned()).or_insert_with(|| format!("{problem}: {hint}"));
    }
}

/// A date as the browser's field sends it.
pub(in crate::web::console::patients) fn date(text: &str) -> Result<Date, EntryFault> {
    text.parse().map_err(|_| EntryFault::new("is no date", "write it as 1970-03-27"))
}

/// A birth date.
pub(in crate::web::console::patients) fn birth_date(text: &str, today: Date) -> Result<Date, EntryFault> {
    date(text).and_then(|on| field_check::born(on, today))
}

/// A name.
pub(in crate::web::console::patients) fn name(text: &str) -> Result<PreferredName, EntryFault> {
    PreferredName::parse(text)
        .map_err(|e| EntryFault::new(e.to_string(), "write what she wants to be called"))
}

/// An address.
pub(in crate::web::console::patients) fn address(text: &str) -> Result<EmailAddress, EntryFault> {
    EmailAddress::parse(text)
        .map_err(|e| EntryFault::new(e.to_string(), "write one address, or leave it empty"))
}

/// A level of detail.
pub(in crate::web::console::patients) fn detail(text: &str) -> Result<Detail, EntryFault> {
    Detail::parse(text).map_err(|e| EntryFault::new(e.to_string(), "choose one"))
}

/// A time zone, by its IANA name or that of Windows.
pub(in crate::web::console::patients) fn time_zone(text: &str) -> Result<String, EntryFault> {
    zone::resolve(text)
        .map(|zone| zone.name)
        .map_err(|fault| EntryFault::new(fault.to_string(), fault.hint()))
}
