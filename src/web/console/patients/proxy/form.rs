//! The fields about whoever acts for a patient, with every fault beside its field.

use jiff::civil::Date;
use minijinja::{Value, context};

use crate::care::address::EmailAddress;
use crate::care::patient::Patient;
use crate::care::record::field_check::{self, EntryFault};
use crate::care::record::proxy::{FIELDS, NewProxy};
use crate::store::people::proxies::ProxyOnRecord;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::machine_words;
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::patients::field_reader::{self, FieldReader};
use crate::web::locale::reader::ReaderWords;

/// What the record says that a proxy is measured against.
pub(in crate::web::console::patients) struct ProxyRules<'a> {
    /// The languages that the clinic writes in.
    pub(in crate::web::console::patients) languages: &'a [String],
    /// The patient's own address.
    pub(in crate::web::console::patients) own: Option<&'a EmailAddress>,
    /// Today's date at the clinic.
    pub(in crate::web::console::patients) today: Date,
}

/// What was typed, if anything was and all of it can stand; each fault is noted.
pub(in crate::web::console::patients) fn read(
    reader: &mut FieldReader<'_>,
    rules: &ProxyRules<'_>,
) -> Option<NewProxy> {
    let is_given = |name: &&str| *name != "proxy_language" && !reader.fields.get(name).is_empty();
    if !FIELDS.iter().any(is_given) {
        return None;
    }
    let words = |text: &str| Ok(text.to_owned());
    let name = reader.need("proxy_name", field_reader::name);
    let relation = reader.need("proxy_relation", words);
    let email = reader.need("proxy_email", field_reader::address);
    let language = reader.need("proxy_language", |text| field_check::written(text, rules.languages));
    let consent_by = reader.need("proxy_consent_by", words);
    let consent_on = reader.need("proxy_consent_on", field_reader::date);
    let until = reader.may("proxy_until", field_reader::date);
    let new = NewProxy {
        name: name?,
        relation: relation?,
        email: email?,
        language: language?,
        consent_by: consent_by?,
        consent_on: consent_on?,
        until,
    };
    match new.check(rules.own, rules.today) {
        Ok(()) => Some(new),
        Err(fault) => {
            reader.fault(fault.field(), &EntryFault::new(fault.problem(), fault.hint()));
            None
        }
    }
}

/// Somebody who acts for her, or did, as a page tells it.
pub(in crate::web::console::patients) fn line(one: &ProxyOnRecord, signed_in: &SignedIn) -> Value {
    let (told, times) = (&one.told, TimeFormat::from(signed_in));
    let reader = ReaderWords::of(&signed_in.language);
    context! {
        name => told.name.expose(),
        relation => told.relation.clone(),
        email => told.email.expose(),
        language => machine_words::language(&told.language),
        consent_by => told.consent_by.clone(),
        consent_on => day(told.consent_on),
        until => told.until.map(day),
        at => times.moment(one.recorded_at),
        by => reader.person(&one.recorded_by),
        refused => one.refused_at.map(|at| times.moment(at)),
        end => one.end.as_ref().map(|end| context! {
            at => times.moment(end.at),
            by => reader.person(&end.by),
            reason => end.reason.clone(),
        }),
    }
}

/// Whoever acts for her now, in a few words.
pub(in crate::web::console::patients) fn in_force(patient: &Patient) -> Option<Value> {
    patient.proxy.as_ref().map(|proxy| {
        context! {
            name => proxy.name.expose(),
            email => proxy.email.expose(),
            language => machine_words::language(&proxy.language),
            until => proxy.until.map(day),
            refused => proxy.is_refused,
        }
    })
}
