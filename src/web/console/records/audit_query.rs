//! What somebody looks for in the audit, as it stands in the address: read into a filter, or told what is wrong with which field.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use minijinja::{Value, context};
use serde::Deserialize;

use crate::care::patient::Reference;
use crate::care::settings::setting::Setting;
use crate::care::time::calendar::{end_of_day, instant};
use crate::journey::sending_policy::zone;
use crate::store::audit_pages::audit_topic::AuditTopic;
use crate::store::audit_pages::{AuditFilter, AuditSubject, AuditWhat};
use crate::store::db::transaction::View;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::refused_form::FieldFault;

/// Events on a page.
const LISTED: u32 = 50;

/// What is looked for; an empty field asks for nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::web::console) struct AuditQuery {
    /// Who acted, as stored.
    pub(in crate::web::console::records) by: String,
    /// A topic, or one kind of event.
    pub(in crate::web::console::records) what: String,
    /// A patient's case code.
    pub(in crate::web::console::records) code: String,
    /// Word of the setting that it is about.
    pub(in crate::web::console::records) setting: String,
    /// Name of the account that it is about.
    pub(in crate::web::console::records) account: String,
    /// The first day of the search, ISO 8601.
    pub(in crate::web::console::records) from: String,
    /// The last day of the search, ISO 8601.
    pub(in crate::web::console::records) until: String,
    /// Anything here: how far the check is comes by itself, without the list that somebody may be searching.
    pub(in crate::web::console::records) watch: String,
    /// The event after which the page begins.
    pub(in crate::web::console::records) before: Option<i64>,
}

impl AuditQuery {
    /// Whether anything narrows the list.
    pub(in crate::web::console::records) fn is_narrow(&self) -> bool {
        let fields =
            [&self.by, &self.what, &self.code, &self.setting, &self.account, &self.from, &self.until];
        fields.iter().any(|field| !field.trim().is_empty())
    }

    /// For the form's fields and the links to other pages of the list.
    pub(in crate::web::console::records) fn words(&self) -> Value {
        context! {
            by => self.by.trim(),
            what => self.what.trim(),
            code => self.code.trim(),
            setting => self.setting.trim(),
            account => self.account.trim(),
            from => self.from.trim(),
            until => self.until.trim(),
        }
    }

    /// The filter that it means; what is wrong goes into `faults`.
    pub(in crate::web::console::records) fn filter(
        &self,
        view: &View<'_>,
        signed_in: &SignedIn,
        faults: &mut Vec<FieldFault>,
    ) -> AuditFilter {
        let by = self.by.trim();
        let zone = zone(&signed_in.clinic().policy.zone).unwrap_or(TimeZone::UTC);
        AuditFilter {
            actor: Some(by.to_owned()).filter(|by| !by.is_empty()),
            what: what(self.what.trim()),
            about: self.about(view, faults),
            from: day("from", &self.from, faults).map(|on| instant(on, Time::midnight(), &zone)),
            until: day("until", &self.until, faults).map(|on| end_of_day(on, &zone)),
            before: self.before,
            limit: LISTED,
        }
    }

    fn about(&self, view: &View<'_>, faults: &mut Vec<FieldFault>) -> Option<AuditSubject> {
        let (code, setting, account) = (self.code.trim(), self.setting.trim(), self.account.trim());
        let given = [code, setting, account].iter().filter(|word| !word.is_empty()).count();
        if given > 1 {
            let text = "Choose one: a patient, a setting or an account. An event is about one of them only.";
            faults.push(FieldFault::new("code", text));
            return None;
        }
        if !code.is_empty() {
            let found = Reference::parse(code).ok().and_then(|code| view.patient_by_reference(&code).ok());
            if found.is_none() {
                faults.push(FieldFault::new("code", "No patient has that case code."));
            }
            return found.map(|patient| AuditSubject::Patient(patient.id));
        }
        match Setting::parse(setting) {
            Some(setting) => Some(AuditSubject::Setting(setting)),
            None => Some(AuditSubject::Account(account.to_owned())).filter(|_| !account.is_empty()),
        }
    }
}

fn day(field: &str, written: &str, faults: &mut Vec<FieldFault>) -> Option<Date> {
    let written = written.trim();
    if written.is_empty() {
        return None;
    }
    let on = written.parse().ok();
    if on.is_none() {
        faults.push(FieldFault::new(field, "Write the day as year-month-day, like 2027-02-28."));
    }
    on
}

fn what(word: &str) -> AuditWhat {
    match AuditTopic::parse(word) {
        Some(topic) => AuditWhat::Topic(topic),
        None if word.is_empty() => AuditWhat::Anything,
        None => AuditWhat::Event(word.to_owned()),
    }
}
