//! `[alerts]`: how an alert reaches a person (P6).

use std::time::Duration;

use jiff::civil::Weekday;

use crate::care::address::EmailAddress;
use crate::config::file::addresses::url;
use crate::config::file::ranges::{count, span};
use crate::config::file::reader::Section;
use crate::config::file::time_window::TimeWindow;
use crate::config::file::values::{LONGEST_PATH, address, switch, weekdays, window, words};

/// Who is told of an alert, how, and how often.
#[derive(Debug, Clone)]
pub struct Alerts {
    /// Who is told, in order of `after`; never empty.
    pub ladder: Vec<LadderEntry>,
    /// A signed call to another system.
    pub webhook: Option<Webhook>,
    /// How often an open alert is told again, from 1 minute to 1 day.
    pub repeat_every: Duration,
    /// Days between test alerts, from 1 to 366.
    pub test_every_days: u32,
    /// Whether a worrying answer also sends the patient the advice by mail.
    pub patient_letter: bool,
}

/// One person or desk on the ladder: `[[alerts.ladder]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LadderEntry {
    /// What it is called for good, whatever becomes of name and address.
    pub id: Option<String>,
    /// Who it is, as shown to staff.
    pub name: String,
    /// Where letters to it go.
    pub email: EmailAddress,
    /// An address of their own to call.
    pub webhook: Option<String>,
    /// Local hours in which this rung is reached; always when absent.
    pub hours: Option<TimeWindow>,
    /// Days on which it is reached; every day when absent.
    pub days: Option<Vec<Weekday>>,
    /// How long after the alert was raised it is told, at most 1 hour.
    pub after: Duration,
}

/// A call to another system: `[alerts.webhook]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// https, or http to this very machine.
    pub url: String,
    /// Credential that holds the signing key.
    pub secret_credential: String,
}

impl Alerts {
    /// Reads the section; `None` when something it needs is missing or wrong, which has then been reported.
    pub(in crate::config) fn read(s: &Section<'_, '_>) -> Option<Self> {
        let written = s.has("ladder");
        let rungs = s.sections("ladder");
        let ladder: Option<Vec<LadderEntry>> = rungs.iter().map(LadderEntry::read).collect();
        if s.is_there() && (!written || (rungs.is_empty() && ladder.is_some())) {
            let hint = "add one `[[alerts.ladder]]` for each person to tell, the first with `after = \"0m\"`";
            s.fault("ladder", "names nobody", hint);
        }
        let section = s.section("webhook");
        let webhook = if section.is_there() { Some(Webhook::read(&section)) } else { None };
        let repeat_every = s.or("repeat_every", Duration::from_secs(900), span("1m", "1d"));
        let test_every_days = s.or("test_every_days", 30, count(1, 366));
        let patient_letter = s.or("patient_letter", false, switch);
        let ladder = ladder?;
        check_ladder(s, &ladder);
        s.close();
        let webhook = match webhook {
            Some(call) => Some(call?),
            None => None,
        };
        Some(Self { ladder, webhook, repeat_every, test_every_days, patient_letter })
    }
}

impl LadderEntry {
    fn read(s: &Section<'_, '_>) -> Option<Self> {
        let id = s.may("id", words(60));
        let name = s.need("name", words(100));
        let email = s.need("email", address);
        let webhook = s.may("webhook", url);
        let hours = s.may("hours", window);
        let days = s.may("days", weekdays);
        let after = s.need("after", span("0m", "1h"));
        s.close();
        Some(Self { id, name: name?, email: email?, webhook, hours, days, after: after? })
    }
}

impl Webhook {
    fn read(s: &Section<'_, '_>) -> Option<Self> {
        let url = s.need("url", url);
        let secret_credential = s.need("secret_credential", words(LONGEST_PATH));
        s.close();
        Some(Self { url: url?, secret_credential: secret_credential? })
    }
}

fn check_ladder(s: &Section<'_, '_>, rungs: &[LadderEntry]) {
    if !rungs.is_sorted_by_key(|r| r.after) {
        s.fault("ladder", "is out of order", "write the rungs by `after`, from early to late");
    }
    let ids: Vec<&String> = rungs.iter().filter_map(|rung| rung.id.as_ref()).collect();
    if let Some(twice) = ids.iter().enumerate().find(|(n, id)| ids[..*n].contains(id)).map(|(_, id)| id) {
        let hint = "give each rung an `id` of its own, or none";
        s.fault("ladder", &format!("gives two rungs the id `{twice}`"), hint);
    }
    if rungs.iter().all(|r| r.after > Duration::ZERO) && !rungs.is_empty() {
        s.fault("ladder", "leaves a new alert untold", "give the first rung `after = \"0m\"`");
    }
}
