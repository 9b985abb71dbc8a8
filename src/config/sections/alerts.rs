//! `[alerts]`: how an alert reaches a person (P6).

use std::time::Duration;

use jiff::civil::{Date, Weekday};

use crate::care::address::EmailAddress;
use crate::care::alert::absence::{self, Absence, Presence};
use crate::care::alert::duty::Hours;
use crate::care::alert::escalation::{Ladder, PatientLetter, Rung};
use crate::care::alert::rung::Identity;
use crate::care::phone;
use crate::config::file::addresses::url;
use crate::config::file::phone_numbers::number;
use crate::config::file::ranges::{count, span};
use crate::config::file::reader::Section;
use crate::config::file::time_window::TimeWindow;
use crate::config::file::values::{LONGEST_PATH, address, near_date, switch, weekdays, window, words};
use crate::config::sections::clinic::Clinic;

/// Who is told of an alert, how, and how often.
#[derive(Debug, Clone)]
pub struct Alerts {
    /// Who is told, in order of `after`; never empty.
    pub ladder: Vec<LadderEntry>,
    /// Who of them is away, and who is told in the place.
    pub absences: Vec<Absence>,
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
    /// The number to ring it by, for staff only.
    pub phone: Option<String>,
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

/// Who is told on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayLadder {
    /// The rungs, in order of `after`; never empty.
    pub rungs: Vec<LadderEntry>,
    /// Who is away, and nobody is told in the place.
    pub gaps: Vec<String>,
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
    pub(in crate::config) fn read(s: &Section<'_, '_>, country: Option<&str>) -> Option<Self> {
        let written = s.has("ladder");
        let rungs = s.sections("ladder");
        let ladder: Option<Vec<LadderEntry>> =
            rungs.iter().map(|rung| LadderEntry::read(rung, country)).collect();
        if s.is_there() && (!written || (rungs.is_empty() && ladder.is_some())) {
            let hint = "add one `[[alerts.ladder]]` for each person to tell, the first with `after = \"0m\"`, or set \
                        it in the console under Settings or with `aftercare settings set ladder`";
            s.fault("ladder", "names nobody", hint);
        }
        let section = s.section("webhook");
        let webhook = if section.is_there() { Some(Webhook::read(&section)) } else { None };
        let repeat_every = s.or("repeat_every", Duration::from_secs(900), span("1m", "1d"));
        let test_every_days = s.or("test_every_days", 30, count(1, 366));
        let patient_letter = s.or("patient_letter", false, switch);
        let absences = s.sections("absence");
        let absences: Option<Vec<Absence>> = absences.iter().map(away).collect();
        let (ladder, absences) = (ladder?, absences?);
        check_ladder(s, &ladder);
        check_absences(s, &ladder, &absences);
        s.close();
        let webhook = match webhook {
            Some(call) => Some(call?),
            None => None,
        };
        Some(Self { ladder, absences, webhook, repeat_every, test_every_days, patient_letter })
    }
}

impl Alerts {
    /// Who is told on that day: a deputy comes as early as whoever is away, and a gap keeps nobody waiting. Where everybody is
    /// away without a deputy all are told all the same.
    #[must_use]
    pub fn on(&self, day: Date) -> DayLadder {
        let keys: Vec<&str> = self.ladder.iter().map(LadderEntry::key).collect();
        let presence = absence::presence(&keys, &self.absences, day);
        let stands = || self.ladder.iter().zip(&presence).enumerate();
        let earliest = |index: usize, own: Duration| {
            let of = stands().filter(|(_, (_, where_to))| **where_to == Presence::Deputy(index));
            of.map(|(_, (absent, _))| absent.after).chain([own]).min().unwrap_or(own)
        };
        let here = stands().filter(|(_, (_, where_to))| **where_to == Presence::Here);
        let told = |(index, (rung, _)): (usize, (&LadderEntry, _))| LadderEntry {
            after: earliest(index, rung.after),
            ..rung.clone()
        };
        let mut rungs: Vec<LadderEntry> = here.map(told).collect();
        if rungs.is_empty() {
            rungs.clone_from(&self.ladder);
        }
        rungs.sort_by_key(|rung| rung.after);
        if let Some(first) = rungs.first_mut() {
            first.after = Duration::ZERO;
        }
        let gaps = stands().filter(|(_, (_, where_to))| **where_to == Presence::Gap);
        DayLadder { rungs, gaps: gaps.map(|(_, (rung, _))| rung.name.clone()).collect() }
    }
}

impl DayLadder {
    /// Whom an alert rings on that day, and when.
    #[must_use]
    pub fn ladder(&self, alerts: &Alerts, clinic: &Clinic) -> Ladder {
        Ladder {
            rungs: self.rungs.iter().map(LadderEntry::rung).collect(),
            repeat_every: alerts.repeat_every,
            patient_letter: if alerts.patient_letter { PatientLetter::On } else { PatientLetter::Off },
            zone: clinic.zone.clone(),
            holidays: clinic.holidays.clone(),
        }
    }
}

impl LadderEntry {
    fn rung(&self) -> Rung {
        let hours = self.hours.map(|window| (window.opens, window.closes));
        let (id, name) = (self.id.clone(), self.name.clone());
        Rung {
            who: Identity { id, name, address: self.email.expose().to_owned() },
            after: self.after,
            hours: Hours { shift: hours, weekdays: self.days.clone() },
        }
    }

    /// What the clinic calls it: its id, or else its name.
    #[must_use]
    pub fn key(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.name)
    }

    fn read(s: &Section<'_, '_>, country: Option<&str>) -> Option<Self> {
        let id = s.may("id", words(60));
        let name = s.need("name", words(100));
        let phone = s.may("phone", |value| number(value, country, phone::parse));
        let email = s.need("email", address);
        let webhook = s.may("webhook", url);
        let hours = s.may("hours", window);
        let days = s.may("days", weekdays);
        let after = s.need("after", span("0m", "1h"));
        s.close();
        let phone = phone.map(|phone| phone.printed);
        Some(Self { id, name: name?, phone, email: email?, webhook, hours, days, after: after? })
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

fn away(s: &Section<'_, '_>) -> Option<Absence> {
    let rung = s.need("rung", words(100));
    let from = s.need("from", near_date);
    let until = s.need("until", near_date);
    let deputy = s.may("deputy", words(100));
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        s.fault("until", "lies before `from`", "give the first and the last day away");
    }
    s.close();
    Some(Absence { rung: rung?, from: from?, until: until?, deputy })
}

fn check_absences(s: &Section<'_, '_>, rungs: &[LadderEntry], absences: &[Absence]) {
    let is_known = |name: &str| rungs.iter().any(|rung| rung.key() == name);
    for absence in absences {
        let named = std::iter::once(&absence.rung).chain(&absence.deputy);
        for name in named.filter(|name| !is_known(name)) {
            let hint = "name a rung by its `id`, or by its `name` where it has none";
            s.fault("absence", &format!("names `{name}`, which is nobody on the ladder"), hint);
        }
        if absence.deputy.as_ref() == Some(&absence.rung) {
            let problem = format!("makes `{}` the deputy of itself", absence.rung);
            s.fault("absence", &problem, "name somebody else, or nobody");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn rung(name: &str, minutes: u64) -> LadderEntry {
        LadderEntry {
            id: Some(name.to_owned()),
            name: name.to_owned(),
            phone: None,
            email: EmailAddress::parse(&format!("{name}@clinic.example")).unwrap(),
            webhook: None,
            hours: None,
            days: None,
            after: Duration::from_secs(minutes * 60),
        }
    }

    fn told(absences: &[(&str, Option<&str>)]) -> (Vec<(String, u64)>, Vec<String>) {
        let day = date(2026, 12, 24);
        let away = |(rung, deputy): &(&str, Option<&str>)| Absence {
            rung: (*rung).to_owned(),
            from: day,
            until: day,
            deputy: deputy.map(str::to_owned),
        };
        let alerts = Alerts {
            ladder: vec![rung("nurses", 0), rung("oncall", 15), rung("head", 30)],
            absences: absences.iter().map(away).collect(),
            webhook: None,
            repeat_every: Duration::from_secs(900),
            test_every_days: 30,
            patient_letter: false,
        };
        let DayLadder { rungs, gaps } = alerts.on(day);
        (rungs.into_iter().map(|rung| (rung.name, rung.after.as_secs() / 60)).collect(), gaps)
    }

    fn pairs(of: &[(&str, u64)]) -> Vec<(String, u64)> {
        of.iter().map(|(name, after)| ((*name).to_owned(), *after)).collect()
    }

    #[test]
    fn a_deputy_comes_as_early_as_whoever_is_away() {
        let (rungs, gaps) = told(&[("nurses", Some("head"))]);
        assert_eq!((rungs, gaps.len()), (pairs(&[("head", 0), ("oncall", 15)]), 0));
    }

    #[test]
    fn a_gap_keeps_nobody_waiting_and_an_empty_ladder_there_is_none() {
        let (rungs, gaps) = told(&[("nurses", None)]);
        assert_eq!((rungs, gaps), (pairs(&[("oncall", 0), ("head", 30)]), vec!["nurses".to_owned()]));
        let (rungs, gaps) = told(&[("nurses", None), ("oncall", None), ("head", None)]);
        assert_eq!((rungs.len(), gaps.len()), (3, 3));
    }
}
