//! The cells about whoever acts for a patient: all of them are empty, or all but the last day say something.

use crate::care::address::EmailAddress;
use crate::care::patient::PreferredName;
use crate::care::record::proxy::{FIELDS, NewProxy};
use crate::exchange::roster::row::row_reader::RowReader;
use crate::exchange::roster::row_fault::{CellFault, RowFault};
use crate::exchange::roster::rules::RosterRules;

/// Who acts for her; `None` where nothing is said, or something is wrong, which is noted then.
pub(super) fn read(
    reader: &mut RowReader<'_>,
    rules: &mut RosterRules,
    own: Option<&EmailAddress>,
) -> Option<NewProxy> {
    if FIELDS.iter().all(|column| reader.text(column).is_empty()) {
        return None;
    }
    let name = reader.need("proxy_name", |t| {
        let hint = "write how letters shall greet whoever acts for her";
        PreferredName::parse(t).map_err(|e| CellFault::new(e.to_string(), hint))
    });
    let relation = reader.need("proxy_relation", words);
    let email = reader.need("proxy_email", |t| {
        let email = EmailAddress::parse(t);
        rules.address(email.map_err(|e| CellFault::new(e.to_string(), "write one address"))?)
    });
    let language = reader.need("proxy_language", |t| rules.language(t));
    let consent_by = reader.need("proxy_consent_by", words);
    let consent_on = reader.need("proxy_consent_on", |t| rules.days.date(t));
    let until = reader.may("proxy_until", |t| rules.days.date(t));
    let proxy = NewProxy {
        name: name?,
        relation: relation?,
        email: email?,
        language: language?,
        consent_by: consent_by?,
        consent_on: consent_on?,
        until,
    };
    if let Err(fault) = proxy.check(own, rules.today) {
        let cell = CellFault::new(fault.problem(), fault.hint());
        reader.faults.push(RowFault::at(reader.line, fault.field(), cell));
        return None;
    }
    Some(proxy)
}

/// Whatever is said; how long it may be is the record's to judge.
fn words(text: &str) -> Result<String, CellFault> {
    if text.is_empty() {
        let hint = "fill in all columns of whoever acts for her, or none";
        return Err(CellFault::new("is empty", hint));
    }
    Ok(text.to_owned())
}
