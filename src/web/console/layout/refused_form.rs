//! A form that was not taken, or only in part: what was typed, kept as it was, and what is wrong with which field.

use std::collections::BTreeMap;

use minijinja::{Value, context};

use crate::web::console::auth::form_fields::FormFields;

/// What is wrong with one field.
#[derive(Debug, Clone)]
pub(in crate::web::console) struct FieldFault {
    field: String,
    text: String,
}

/// A form that was not taken; the default is a form that nobody has sent yet.
#[derive(Default)]
pub(in crate::web::console) struct RefusedForm {
    typed: BTreeMap<String, Vec<String>>,
    faults: Vec<FieldFault>,
    /// It was not this part of the page that was sent off.
    is_beside: bool,
}

impl FieldFault {
    /// `field` is the field's name and the id of its element on the page.
    pub(in crate::web::console) fn new(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self { field: field.into(), text: text.into() }
    }
}

impl RefusedForm {
    pub(in crate::web::console) fn new(fields: &FormFields, faults: Vec<FieldFault>) -> Self {
        Self { typed: fields.typed(), faults, is_beside: false }
    }

    /// What is wrong with fields whose values stand in the form by themselves.
    pub(in crate::web::console) fn of_faults(faults: Vec<FieldFault>) -> Self {
        Self { typed: BTreeMap::new(), faults, is_beside: false }
    }

    /// What was typed in the other parts of a page, of which one was sent off; without the fields of that part if it was saved.
    pub(in crate::web::console) fn beside(fields: &FormFields, saved: &[&str]) -> Self {
        let mut typed = fields.typed();
        typed.retain(|field, _| !saved.contains(&field.as_str()));
        Self { typed, faults: Vec::new(), is_beside: true }
    }

    /// The same with one more fault.
    pub(in crate::web::console) fn with(mut self, fault: FieldFault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Whether nobody has sent the form yet.
    pub(in crate::web::console) fn is_empty(&self) -> bool {
        self.typed.is_empty() && self.faults.is_empty()
    }

    /// What was typed into a field; empty where nothing was.
    pub(in crate::web::console) fn typed(&self, field: &str) -> &str {
        self.typed.get(field).and_then(|all| all.first()).map_or("", String::as_str)
    }

    /// What is wrong with a field.
    pub(in crate::web::console) fn fault(&self, field: &str) -> Option<&str> {
        self.faults.iter().find(|one| one.field == field).map(|one| one.text.as_str())
    }

    /// For the template's macros `summary`, `wrong` and `marked`, and for the fields to keep what was typed.
    pub(in crate::web::console) fn words(&self) -> Value {
        let first = |all: &Vec<String>| all.first().cloned().unwrap_or_default();
        let typed: BTreeMap<String, String> =
            self.typed.iter().map(|(name, all)| (name.clone(), first(all))).collect();
        let wrong: BTreeMap<String, String> =
            self.faults.iter().rev().map(|fault| (fault.field.clone(), fault.text.clone())).collect();
        let faults =
            self.faults.iter().map(|one| context! { field => one.field.clone(), text => one.text.clone() });
        context! {
            sent => !self.typed.is_empty() && !self.is_beside,
            kept => !self.typed.is_empty() && self.is_beside && self.faults.is_empty(),
            act => self.typed.get("act").map(first).unwrap_or_default(),
            typed,
            all => self.typed.clone(),
            wrong,
            faults => faults.collect::<Vec<_>>(),
        }
    }
}
