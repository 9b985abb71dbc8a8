//! The sections about care and letters: clinic, mail, sending, checklists.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::{Date, Time, Weekday, time};

use super::cross;
use super::types::{Database, First, Mail, Sending, Transport};
use crate::care::time::calendar::{OpenDays, SendingHours};
use crate::care::time::zone::NamedZone;
use crate::config::file::addresses::host;
use crate::config::file::phone_numbers::{self, ParsedNumbers};
use crate::config::file::ranges::{count, span};
use crate::config::file::reader::Section;
use crate::config::file::values::{
    LONGEST_PATH, address, dates, domain, full_name, language, list, mailbox, near_date, one_of, path, port,
    weekdays, window, words, zone,
};
use crate::config::sections::types::{
    AuthKind, ChecklistSection, ClinicSection, JudgingMode, LocalWords, ReadAnswers as Reads, SignOffSection,
    SmtpSection, TlsMode,
};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

pub(in crate::config) fn clinic(s: &Section<'_, '_>) -> Option<ClinicSection> {
    let name = s.need("name", words(120));
    let short_name = s.need("short_name", words(60));
    let zone = s.need("time_zone", zone);
    let country = s.may("country", phone_numbers::country);
    let country = country.or_else(|| crate::care::time::zone::country(&zone.as_ref()?.name));
    let read = phone_numbers::read(s, country.as_deref());
    let first =
        [("hotline", First::Hotline), ("emergency_number", First::EmergencyNumber), ("both", First::Both)];
    let emergency_first = s.or("emergency_first", First::Both, |v| one_of(v, &first));
    let emergency_dept = s.need("emergency_dept", words(200));
    let postal = s.need("address", words(200));
    let opening_hours = s.need("opening_hours", words(200));
    let holidays = s.or("holidays", BTreeSet::new(), dates);
    let local = s.section("in").each(local);
    s.close();
    let NamedZone { name: time_zone, zone } = zone?;
    let ParsedNumbers { phone_office, phone_24h, emergency_number, dial } = read?;
    Some(ClinicSection {
        name: name?,
        short_name: short_name?,
        time_zone,
        zone,
        country,
        phone_office,
        phone_24h,
        emergency_number,
        dial,
        emergency_first,
        emergency_dept: emergency_dept?,
        address: postal?,
        opening_hours: opening_hours?,
        holidays,
        local,
    })
}

fn local(s: &Section<'_, '_>) -> LocalWords {
    let emergency_dept = s.may("emergency_dept", words(200));
    let opening_hours = s.may("opening_hours", words(200));
    s.close();
    LocalWords { emergency_dept, opening_hours }
}

pub(in crate::config) fn database(s: &Section<'_, '_>) -> Option<Database> {
    let path = s.need("path", path);
    s.close();
    Some(Database { path: path? })
}

pub(in crate::config) fn mail(s: &Section<'_, '_>) -> Option<Mail> {
    let by_smtp = s.need("transport", |v| one_of(v, &[("smtp", true), ("spool", false)]));
    let from = s.need("from", mailbox);
    let reply_to = s.may("reply_to", address);
    let message_id_domain = s.may("message_id_domain", domain);
    let spool_dir = s.or("spool_dir", PathBuf::from("spool"), path);
    if let Some(from) = &from {
        cross::sender(s, &from.address);
    }
    let section = s.section("smtp");
    let smtp = if section.is_there() { smtp(&section) } else { None };
    if by_smtp == Some(true) && !section.is_there() {
        s.fault(
            "transport",
            "is `smtp`, but there is no `[mail.smtp]`",
            "add the section with `host`, `port` and `tls`",
        );
    }
    s.close();
    let from = from?;
    let own_domain = || from.address.expose().rsplit('@').next().unwrap_or_default().to_owned();
    Some(Mail {
        transport: if by_smtp? { Transport::Smtp(smtp?) } else { Transport::Spool },
        message_id_domain: message_id_domain.unwrap_or_else(own_domain),
        from,
        reply_to,
        spool_dir,
    })
}

fn smtp(s: &Section<'_, '_>) -> Option<SmtpSection> {
    let host = s.need("host", host);
    let port = s.need("port", port);
    let kinds = [("starttls", TlsMode::StartTls), ("implicit", TlsMode::Implicit), ("none", TlsMode::None)];
    let tls = s.need("tls", |v| one_of(v, &kinds));
    let hello = s.may("hello", full_name);
    let username = s.may("username", words(255));
    let ways = [("plain", AuthKind::Plain), ("login", AuthKind::Login), ("xoauth2", AuthKind::XOAuth2)];
    let auth = s.or("auth", AuthKind::Plain, |v| one_of(v, &ways));
    let password_credential = s.may("password_credential", words(LONGEST_PATH));
    let ca_file = s.may("ca_file", path);
    let connections = s.or("connections", 4, count(1, 64));
    let timeout = s.or("timeout", Duration::from_secs(30), span("1s", "2m"));
    cross::smtp(s, host.as_deref(), tls);
    s.close();
    Some(SmtpSection {
        host: host?,
        port: port?,
        tls: tls?,
        hello,
        username,
        auth,
        password_credential,
        ca_file,
        connections: usize::try_from(connections).unwrap_or(1),
        timeout,
    })
}

pub(in crate::config) fn sending(s: &Section<'_, '_>, holidays: BTreeSet<Date>) -> Sending {
    let at = s.or("at", time(9, 0, 0, 0), crate::config::file::values::time);
    let (opens, closes) = s.or("window", (time(8, 0, 0, 0), time(20, 0, 0, 0)), window);
    let weekdays = s.or("weekdays", workdays(), weekdays);
    let daily_cap = s.or("daily_cap", 2, count(1, 20));
    let weekly_cap = s.or("weekly_cap", 5, count(1, 140));
    let max_per_minute = s.or("max_per_minute", 600, count(1, 100_000_000));
    let steps = [5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR].map(Duration::from_secs);
    let retry = s.or("retry", steps.to_vec(), |v| list(v, span("1s", "7d")));
    let give_up_after = s.or("give_up_after", Duration::from_secs(3 * DAY), span("1m", "30d"));
    let unknown_rests = s.or("unknown_rests", Duration::from_secs(10 * MINUTE), span("1s", "1d"));
    let languages = s.or("languages", vec!["en".to_owned(), "es".to_owned()], |v| list(v, language));
    cross::at_in_window(s, at, (opens, closes));
    cross::retry(s, &retry, give_up_after);
    if weekly_cap < daily_cap {
        s.fault(
            "weekly_cap",
            "is smaller than `daily_cap`",
            "a week must allow at least what one day allows",
        );
    }
    if languages.is_empty() {
        s.fault("languages", "names no language", "name at least one, e.g. `[\"en\"]`");
    }
    let twice = languages.iter().enumerate().find(|(n, language)| languages[..*n].contains(language));
    if let Some((_, language)) = twice {
        s.fault(
            "languages",
            &format!("names `{language}` twice"),
            "name each language once, the clinic's own first",
        );
    }
    s.close();
    let hours = hours(at, (opens, closes), OpenDays { weekdays, holidays });
    Sending { hours, daily_cap, weekly_cap, max_per_minute, retry, give_up_after, unknown_rests, languages }
}

fn hours(at: Time, (opens, closes): (Time, Time), days: OpenDays) -> SendingHours {
    SendingHours { days, at, opens, closes }
}

fn workdays() -> Vec<Weekday> {
    vec![Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday]
}

pub(in crate::config) fn checklists(s: &Section<'_, '_>) -> ChecklistSection {
    let modes = [("education", JudgingMode::Education), ("triage", JudgingMode::Triage)];
    let mode = s.or("mode", JudgingMode::Education, |v| one_of(v, &modes));
    let reads = [("everything", Reads::Everything), ("new-or-worse", Reads::NewOrWorse)];
    let read = s.or("read", Reads::Everything, |v| one_of(v, &reads));
    let section = s.section("sign_off");
    let sign_off = if section.is_there() { sign_off(&section) } else { None };
    if mode == JudgingMode::Triage && !section.is_there() {
        let hint = "add `[checklists.sign_off]` with name, role, date and version, or use `education`";
        s.fault("mode", "is `triage`, but nobody has signed the rules off", hint);
    }
    s.close();
    ChecklistSection { mode, read, sign_off }
}

fn sign_off(s: &Section<'_, '_>) -> Option<SignOffSection> {
    let name = s.need("name", words(120));
    let role = s.need("role", words(120));
    let date = s.need("date", near_date);
    let version = s.need("version", words(64));
    s.close();
    Some(SignOffSection { name: name?, role: role?, date: date?, version: version? })
}
