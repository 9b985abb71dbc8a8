//! One parser per kind of value. Each says what is wrong and how to write it instead.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::PathBuf;

use jiff::civil::{Date, Time, Weekday};

use crate::care::address::EmailAddress;
use crate::care::one_line::is_turning;
use crate::care::time::calendar::Span;
use crate::care::time::zone::{self, FIXED_HINT, NamedZone};
use crate::config::file::mailbox::Mailbox;
use crate::config::file::reader::{SpannedValue, ValueFault, ValueResult};
use crate::config::file::suggest::did_you_mean;
use crate::config::file::time_window::TimeWindow;

/// As long as the system takes.
pub(in crate::config) const LONGEST_PATH: usize = 1_000;
/// An address has at most 254 octets (RFC 5321 §4.5.3.1.3); the rest is room for a name.
const LONGEST_MAILBOX: usize = 360;

/// A text on one line, not blank. Marks of direction, which come along unseen when text is pasted, are left out; they are
/// not refused, for a protocol that is published already may hold some.
pub(in crate::config) fn text(value: &SpannedValue<'_>) -> ValueResult<String> {
    let text = value
        .get_ref()
        .as_str()
        .ok_or_else(|| ValueFault::new(value, "is not a text", "write it in quotes"))?;
    if text.chars().any(char::is_control) {
        return Err(ValueFault::new(
            value,
            "holds a line break or control character",
            "write it on one line",
        ));
    }
    let lines = text.replace(['\u{2028}', '\u{2029}'], " ");
    let plain: String = lines.chars().filter(|c| !is_turning(*c)).collect();
    if plain.trim().is_empty() {
        return Err(ValueFault::new(value, "is empty", "fill it in; patients and staff depend on it"));
    }
    Ok(plain.trim().to_owned())
}

/// A text of at most so many characters, on one line, not blank.
pub(in crate::config) fn words(most: usize) -> impl Fn(&SpannedValue<'_>) -> ValueResult<String> {
    move |value| {
        let text = text(value)?;
        let length = text.chars().count();
        if length <= most {
            return Ok(text);
        }
        let problem = format!("has {length} characters, and {most} are the most");
        Err(ValueFault::new(value, problem, format!("write it shorter: 1 to {most} characters")))
    }
}

/// A time zone: an IANA name, or the one that Windows has for it.
pub(in crate::config) fn zone(value: &SpannedValue<'_>) -> ValueResult<NamedZone> {
    let name = text(value)?;
    zone::resolve(&name).map_err(|fault| {
        let hint = match &fault.nearest {
            Some(near) => format!("did you mean `{near}`?"),
            None if fault.hint() == FIXED_HINT => FIXED_HINT.replace('"', "`"),
            None => "use an IANA name such as `America/New_York` or `Europe/Madrid`".to_owned(),
        };
        ValueFault::new(value, format!("`{name}` is not a time zone"), hint)
    })
}

/// A date, as TOML date or as text.
pub(in crate::config) fn date(value: &SpannedValue<'_>) -> ValueResult<Date> {
    let written = match value.get_ref().as_datetime() {
        Some(date) => date.to_string(),
        None => text(value)?,
    };
    written.parse().map_err(|_| {
        ValueFault::new(
            value,
            format!("`{written}` is not a date"),
            "write year, month and day: `2027-12-25`",
        )
    })
}

/// A local time of day, as text or as a TOML time.
pub(in crate::config) fn time(value: &SpannedValue<'_>) -> ValueResult<Time> {
    let written = match value.get_ref().as_datetime() {
        Some(time) => time.to_string(),
        None => text(value)?,
    };
    let well = matches!(written.len(), 5 | 8) && written.as_bytes().get(2) == Some(&b':');
    written.parse().ok().filter(|_| well).ok_or_else(|| {
        ValueFault::new(
            value,
            format!("`{written}` is not a time of day"),
            "write hours and minutes: `09:00`",
        )
    })
}

/// Two times, the first before the second.
pub(in crate::config) fn window(value: &SpannedValue<'_>) -> ValueResult<TimeWindow> {
    let times = list(value, time)?;
    let [opens, closes] = times[..] else {
        return Err(ValueFault::new(value, "is not a pair of times", "write `[\"08:00\", \"20:00\"]`"));
    };
    if opens >= closes {
        let problem = format!("opens at {opens} but closes at {closes}");
        return Err(ValueFault::new(
            value,
            problem,
            "write the earlier time first; a window cannot span midnight",
        ));
    }
    Ok(TimeWindow { opens, closes })
}

/// Weekdays by their English names or first three letters; at least one.
pub(in crate::config) fn weekdays(value: &SpannedValue<'_>) -> ValueResult<Vec<Weekday>> {
    let mut days = list(value, weekday)?;
    if days.is_empty() {
        return Err(ValueFault::new(value, "names no day", "name at least one, e.g. `[\"mon\", \"tue\"]`"));
    }
    days.sort_by_key(|d| d.to_monday_zero_offset());
    days.dedup();
    Ok(days)
}

const DAYS: [(&str, &str, Weekday); 7] = [
    ("mon", "monday", Weekday::Monday),
    ("tue", "tuesday", Weekday::Tuesday),
    ("wed", "wednesday", Weekday::Wednesday),
    ("thu", "thursday", Weekday::Thursday),
    ("fri", "friday", Weekday::Friday),
    ("sat", "saturday", Weekday::Saturday),
    ("sun", "sunday", Weekday::Sunday),
];

fn weekday(value: &SpannedValue<'_>) -> ValueResult<Weekday> {
    let word = text(value)?;
    let lower = word.to_lowercase();
    let found = DAYS.iter().find(|(short, long, _)| lower == *short || lower == *long);
    found.map(|(_, _, day)| *day).ok_or_else(|| {
        let hint = did_you_mean(&word, &DAYS.map(|(short, _, _)| short));
        ValueFault::new(value, format!("`{word}` is not a weekday"), hint)
    })
}

/// A port from 1.
pub(in crate::config) fn port(value: &SpannedValue<'_>) -> ValueResult<u16> {
    let port = value.get_ref().as_integer().and_then(|i| u16::from_str_radix(i.as_str(), i.radix()).ok());
    port.filter(|p| *p > 0).ok_or_else(|| {
        ValueFault::new(
            value,
            "is not a port",
            "write a number from 1 to 65535; mail servers listen on 587 or 465",
        )
    })
}

/// A switch: `true` or `false`.
pub(in crate::config) fn switch(value: &SpannedValue<'_>) -> ValueResult<bool> {
    value
        .get_ref()
        .as_bool()
        .ok_or_else(|| ValueFault::new(value, "is neither true nor false", "write `true` or `false`"))
}

/// One of a few words.
pub(in crate::config) fn one_of<T: Copy>(
    value: &SpannedValue<'_>,
    choices: &[(&'static str, T)],
) -> ValueResult<T> {
    let word = text(value)?;
    choices.iter().find(|(name, _)| *name == word).map(|(_, choice)| *choice).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        ValueFault::new(value, format!("cannot be `{word}`"), did_you_mean(&word, &names))
    })
}

/// A list of values.
pub(in crate::config) fn list<'t, T>(
    value: &SpannedValue<'t>,
    parse: impl Fn(&SpannedValue<'t>) -> ValueResult<T>,
) -> ValueResult<Vec<T>> {
    let items = value
        .get_ref()
        .as_array()
        .ok_or_else(|| ValueFault::new(value, "is not a list", "write `[ …, … ]`"))?;
    items.iter().map(parse).collect()
}

/// Dates, in any order; a year that nobody plans for is a slip of the finger.
pub(in crate::config) fn dates(value: &SpannedValue<'_>) -> ValueResult<BTreeSet<Date>> {
    Ok(list(value, near_date)?.into_iter().collect())
}

/// A date between 2000 and 2100.
pub(in crate::config) fn near_date(value: &SpannedValue<'_>) -> ValueResult<Date> {
    let on = date(value)?;
    if (2000..=2100).contains(&on.year()) {
        return Ok(on);
    }
    Err(ValueFault::new(value, format!("cannot be `{on}`"), "check the year: 2000 to 2100"))
}

/// An email address. The address itself is never repeated: it may be a person's (P10).
pub(in crate::config) fn address(value: &SpannedValue<'_>) -> ValueResult<EmailAddress> {
    let written = text(value)?;
    EmailAddress::parse(&written).map_err(|fault| {
        ValueFault::new(
            value,
            format!("is not an email address: {fault}"),
            "write e.g. `desk@clinic.example`",
        )
    })
}

/// `Name <address>`, or an address alone.
pub(in crate::config) fn mailbox(value: &SpannedValue<'_>) -> ValueResult<Mailbox> {
    let written = words(LONGEST_MAILBOX)(value)?;
    let (name, address) = match written.strip_suffix('>').and_then(|w| w.split_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"'), address),
        None => ("", written.as_str()),
    };
    let address = EmailAddress::parse(address).map_err(|fault| {
        let hint = "write e.g. `Clinic Name <care@clinic.example>`";
        ValueFault::new(value, format!("is not a sender: {fault}"), hint)
    })?;
    Ok(Mailbox { name: name.to_owned(), address })
}

/// A host name: full domain, for Message-IDs.
pub(in crate::config) fn domain(value: &SpannedValue<'_>) -> ValueResult<String> {
    let written = text(value)?;
    let fits = EmailAddress::parse(&format!("a@{written}")).is_ok();
    if !fits {
        let problem = format!("`{written}` is not a full domain");
        return Err(ValueFault::new(value, problem, "use a domain the clinic owns, e.g. `clinic.example`"));
    }
    Ok(written.to_ascii_lowercase())
}

/// A host's full name (RFC 5321 §4.1.1.1), which others can look up.
pub(in crate::config) fn full_name(value: &SpannedValue<'_>) -> ValueResult<String> {
    let written = text(value)?;
    let Ok(name) = domain(value) else {
        return Err(ValueFault::new(value, format!("`{written}` is not a full name"), FULL_NAME));
    };
    let is_private = [".local", ".lan", ".localdomain", ".internal", ".home", ".intranet", ".arpa"];
    if is_private.iter().any(|end| name.ends_with(end)) || name.parse::<IpAddr>().is_ok() {
        return Err(ValueFault::new(
            value,
            format!("`{name}` is a name that only this network knows"),
            FULL_NAME,
        ));
    }
    Ok(name)
}

const FULL_NAME: &str =
    "write the full name under which the world knows this machine, e.g. `mail.clinic.example`";

/// A path; relative ones are joined to the file's directory later.
pub(in crate::config) fn path(value: &SpannedValue<'_>) -> ValueResult<PathBuf> {
    words(LONGEST_PATH)(value).map(PathBuf::from)
}

/// A language: two or three small letters.
pub(in crate::config) fn language(value: &SpannedValue<'_>) -> ValueResult<String> {
    let word = text(value)?;
    let fits = (2..=3).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase());
    let problem = format!("`{word}` is not a language");
    if fits { Ok(word) } else { Err(ValueFault::new(value, problem, "write a code such as `en` or `es`")) }
}

/// A name for files, rows and addresses: small letters, digits, hyphens.
pub(in crate::config) fn slug(value: &SpannedValue<'_>) -> ValueResult<String> {
    let word = text(value)?;
    let fits = word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fits && !word.starts_with('-') && !word.ends_with('-') && word.len() <= 60 {
        return Ok(word);
    }
    let hint = "use small letters a-z, digits and hyphens, at most 60, e.g. `spine-check`";
    Err(ValueFault::new(value, format!("cannot be `{word}`"), hint))
}

/// Spans of different units in one order: days after a common date.
pub(in crate::config) fn days(span: Span) -> i64 {
    let common = jiff::civil::date(2001, 1, 1);
    common.duration_until(span.from(common)).as_hours() / 24
}

/// A calendar span such as `3m` or `-7d`.
pub(in crate::config) fn span(value: &SpannedValue<'_>) -> ValueResult<Span> {
    let written = text(value)?;
    written.parse().map_err(|fault| {
        ValueFault::new(
            value,
            format!("`{written}` is not a span: {fault}"),
            "write e.g. `-28d`, `2w`, `3m` or `1y`",
        )
    })
}
