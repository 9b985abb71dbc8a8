//! One parser per kind of value. Each says what is wrong and how to write it instead.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

use super::reader::{Read, Value, Wrong};
use super::types::Mailbox;
use super::words::did_you_mean;
use crate::care::address::EmailAddress;
use crate::care::line::is_turning;
use crate::care::region::Region;

/// A text on one line, not blank. Marks of direction, which come along unseen when text is pasted, are left out; they are
/// not refused, for a protocol that is published already may hold some.
pub(super) fn text(value: &Value<'_>) -> Read<String> {
    let text =
        value.get_ref().as_str().ok_or_else(|| Wrong::new(value, "is not a text", "write it in quotes"))?;
    if text.chars().any(char::is_control) {
        return Err(Wrong::new(value, "holds a line break or control character", "write it on one line"));
    }
    let lines = text.replace(['\u{2028}', '\u{2029}'], " ");
    let plain: String = lines.chars().filter(|c| !is_turning(*c)).collect();
    if plain.trim().is_empty() {
        return Err(Wrong::new(value, "is empty", "fill it in; patients and staff depend on it"));
    }
    Ok(plain.trim().to_owned())
}

/// A telephone number as printed.
pub(super) fn phone(value: &Value<'_>) -> Read<String> {
    let number = text(value)?;
    // Letters stay: `1-800-CANCER`, `ext. 12`. Marks that could break a page do not.
    let odd = number.chars().any(|c| !(c.is_ascii_alphanumeric() || "+()-./, *#".contains(c)));
    let digits = number.chars().filter(char::is_ascii_digit).count();
    if odd || digits < 2 {
        let problem = format!("`{number}` is not a telephone number");
        return Err(Wrong::new(
            value,
            problem,
            "write digits as a patient would dial them, e.g. `+1 555 0100`",
        ));
    }
    Ok(number)
}

/// An IANA time zone.
pub(super) fn zone(value: &Value<'_>) -> Read<(String, TimeZone)> {
    let name = text(value)?;
    let found = crate::care::zone::find(&name).map_err(|fault| {
        let hint = fault.nearest.map_or_else(
            || "use an IANA name such as `America/New_York` or `Europe/Madrid`".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        Wrong::new(value, format!("`{name}` is not a time zone"), hint)
    });
    found.map(|zone| (name, zone))
}

/// A date, as TOML date or as text.
pub(super) fn date(value: &Value<'_>) -> Read<Date> {
    let written = match value.get_ref().as_datetime() {
        Some(date) => date.to_string(),
        None => text(value)?,
    };
    written.parse().map_err(|_| {
        Wrong::new(value, format!("`{written}` is not a date"), "write year, month and day: `2027-12-25`")
    })
}

/// A local time of day, as text or as a TOML time.
pub(super) fn time(value: &Value<'_>) -> Read<Time> {
    let written = match value.get_ref().as_datetime() {
        Some(time) => time.to_string(),
        None => text(value)?,
    };
    let well = matches!(written.len(), 5 | 8) && written.as_bytes().get(2) == Some(&b':');
    written.parse().ok().filter(|_| well).ok_or_else(|| {
        Wrong::new(value, format!("`{written}` is not a time of day"), "write hours and minutes: `09:00`")
    })
}

/// Two times, the first before the second.
pub(super) fn window(value: &Value<'_>) -> Read<(Time, Time)> {
    let times = list(value, time)?;
    let [opens, closes] = times[..] else {
        return Err(Wrong::new(value, "is not a pair of times", "write `[\"08:00\", \"20:00\"]`"));
    };
    if opens >= closes {
        let problem = format!("opens at {opens} but closes at {closes}");
        return Err(Wrong::new(
            value,
            problem,
            "write the earlier time first; a window cannot span midnight",
        ));
    }
    Ok((opens, closes))
}

/// Weekdays by their English names or first three letters; at least one.
pub(super) fn weekdays(value: &Value<'_>) -> Read<Vec<Weekday>> {
    let mut days = list(value, weekday)?;
    if days.is_empty() {
        return Err(Wrong::new(value, "names no day", "name at least one, e.g. `[\"mon\", \"tue\"]`"));
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

fn weekday(value: &Value<'_>) -> Read<Weekday> {
    let word = text(value)?;
    let lower = word.to_lowercase();
    let found = DAYS.iter().find(|(short, long, _)| lower == *short || lower == *long);
    found.map(|(_, _, day)| *day).ok_or_else(|| {
        let hint = did_you_mean(&word, &DAYS.map(|(short, _, _)| short));
        Wrong::new(value, format!("`{word}` is not a weekday"), hint)
    })
}

/// A stretch of time such as `30s`, `15m`, `2h`, `3d`; never zero.
pub(super) fn span(value: &Value<'_>) -> Read<Duration> {
    match delay(value)? {
        Duration::ZERO => Err(Wrong::new(value, "must be longer than nothing", "write e.g. `15m`")),
        span => Ok(span),
    }
}

/// A stretch of time that may be nothing, such as `0m`.
pub(super) fn delay(value: &Value<'_>) -> Read<Duration> {
    let written = text(value)?;
    let digits = written.len() - written.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (count, unit) = written.split_at(digits);
    let seconds = match unit.trim() {
        "s" => Some(1),
        "m" | "min" => Some(60),
        "h" => Some(3_600),
        "d" => Some(86_400),
        _ => None,
    };
    let whole = count.parse::<u64>().ok().filter(|n| *n <= 100_000).zip(seconds).map(|(n, s)| n * s);
    whole.map(Duration::from_secs).ok_or_else(|| {
        let hint = "write a number and a unit: `30s`, `15m` (minutes), `2h` or `3d`";
        Wrong::new(value, format!("`{written}` is not a stretch of time"), hint)
    })
}

/// A whole number from 1.
pub(super) fn count(value: &Value<'_>) -> Read<u32> {
    let number = value.get_ref().as_integer().and_then(|i| i64::from_str_radix(i.as_str(), i.radix()).ok());
    match number.map(u32::try_from) {
        Some(Ok(n)) if n > 0 => Ok(n),
        Some(_) => Err(Wrong::new(value, "must be 1 or more", "write a whole number from 1 to 4294967295")),
        None => Err(Wrong::new(value, "is not a whole number", "write it without quotes, e.g. `4`")),
    }
}

/// A port from 1.
pub(super) fn port(value: &Value<'_>) -> Read<u16> {
    let port = value.get_ref().as_integer().and_then(|i| u16::from_str_radix(i.as_str(), i.radix()).ok());
    port.filter(|p| *p > 0).ok_or_else(|| {
        Wrong::new(
            value,
            "is not a port",
            "write a number from 1 to 65535; mail servers listen on 587 or 465",
        )
    })
}

/// `true` or `false`.
pub(super) fn switch(value: &Value<'_>) -> Read<bool> {
    value
        .get_ref()
        .as_bool()
        .ok_or_else(|| Wrong::new(value, "is neither true nor false", "write `true` or `false`"))
}

/// One of a few words.
pub(super) fn one_of<T: Copy>(value: &Value<'_>, choices: &[(&'static str, T)]) -> Read<T> {
    let word = text(value)?;
    choices.iter().find(|(name, _)| *name == word).map(|(_, choice)| *choice).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        Wrong::new(value, format!("cannot be `{word}`"), did_you_mean(&word, &names))
    })
}

/// A list of values.
pub(super) fn list<'t, T>(value: &Value<'t>, parse: impl Fn(&Value<'t>) -> Read<T>) -> Read<Vec<T>> {
    let items =
        value.get_ref().as_array().ok_or_else(|| Wrong::new(value, "is not a list", "write `[ …, … ]`"))?;
    items.iter().map(parse).collect()
}

/// Dates, in any order.
pub(super) fn dates(value: &Value<'_>) -> Read<BTreeSet<Date>> {
    Ok(list(value, date)?.into_iter().collect())
}

/// An email address. The address itself is never repeated: it may be a person's (P10).
pub(super) fn address(value: &Value<'_>) -> Read<EmailAddress> {
    let written = text(value)?;
    EmailAddress::parse(&written).map_err(|fault| {
        Wrong::new(value, format!("is not an email address: {fault}"), "write e.g. `desk@clinic.example`")
    })
}

/// `Name <address>`, or an address alone.
pub(super) fn mailbox(value: &Value<'_>) -> Read<Mailbox> {
    let written = text(value)?;
    let (name, address) = match written.strip_suffix('>').and_then(|w| w.split_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"'), address),
        None => ("", written.as_str()),
    };
    let address = EmailAddress::parse(address).map_err(|fault| {
        let hint = "write e.g. `Clinic Name <care@clinic.example>`";
        Wrong::new(value, format!("is not a sender: {fault}"), hint)
    })?;
    Ok(Mailbox { name: name.to_owned(), address })
}

/// A host name: full domain, for Message-IDs.
pub(super) fn domain(value: &Value<'_>) -> Read<String> {
    let written = text(value)?;
    let fits = EmailAddress::parse(&format!("a@{written}")).is_ok();
    if !fits {
        let problem = format!("`{written}` is not a full domain");
        return Err(Wrong::new(value, problem, "use a domain the clinic owns, e.g. `clinic.example`"));
    }
    Ok(written.to_ascii_lowercase())
}

/// A host's full name (RFC 5321 §4.1.1.1), which others can look up.
pub(super) fn full_name(value: &Value<'_>) -> Read<String> {
    let written = text(value)?;
    let Ok(name) = domain(value) else {
        return Err(Wrong::new(value, format!("`{written}` is not a full name"), FULL_NAME));
    };
    let is_private = [".local", ".lan", ".localdomain", ".internal", ".home", ".intranet", ".arpa"];
    if is_private.iter().any(|end| name.ends_with(end)) || name.parse::<IpAddr>().is_ok() {
        return Err(Wrong::new(value, format!("`{name}` is a name that only this network knows"), FULL_NAME));
    }
    Ok(name)
}

const FULL_NAME: &str =
    "write the full name under which the world knows this machine, e.g. `mail.clinic.example`";

/// A path; relative ones are joined to the file's directory later.
pub(super) fn path(value: &Value<'_>) -> Read<PathBuf> {
    text(value).map(PathBuf::from)
}

/// `address:port`.
pub(super) fn socket(value: &Value<'_>) -> Read<SocketAddr> {
    let written = text(value)?;
    let parsed = written.parse::<SocketAddr>().map_err(|_| {
        let hint = "write an IP address and a port: `127.0.0.1:8080` or `[::1]:8080`";
        Wrong::new(value, format!("`{written}` is not an address to listen on"), hint)
    })?;
    if parsed.port() == 0 {
        return Err(Wrong::new(value, "has port 0", "choose a fixed port, so that links and checks find it"));
    }
    Ok(parsed)
}

/// An IP address.
pub(super) fn ip(value: &Value<'_>) -> Read<IpAddr> {
    let written = text(value)?;
    let hint = "write one address, e.g. `10.0.0.2`; no network, no name";
    written.parse().map_err(|_| Wrong::new(value, format!("`{written}` is not an IP address"), hint))
}

/// An https address, or http to this very machine; without a slash at the end.
pub(super) fn url(value: &Value<'_>) -> Read<String> {
    let written = text(value)?;
    let (scheme, rest) = written.split_once("://").unwrap_or(("", ""));
    let host = host_of(rest);
    let sound = !host.is_empty() && !rest.contains(|c: char| c.is_whitespace() || "\"<>\\`{}@#".contains(c));
    let hint = "write `https://…`; plain http is for `http://127.0.0.1` only";
    match scheme {
        "https" if sound => Ok(written.trim_end_matches('/').to_owned()),
        "http" if sound && is_loopback(host) => Ok(written.trim_end_matches('/').to_owned()),
        "http" if sound => Err(Wrong::new(value, format!("`{written}` is not encrypted"), hint)),
        _ => Err(Wrong::new(value, format!("`{written}` is not a web address"), hint)),
    }
}

fn host_of(rest: &str) -> &str {
    let authority = rest.split(['/', '?']).next().unwrap_or("");
    match authority.strip_prefix('[').and_then(|a| a.split_once(']')) {
        Some((six, _)) => six,
        None => authority.split(':').next().unwrap_or(""),
    }
}

/// Whether a host is this very machine.
pub(super) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// A country by its two letters (ISO 3166-1).
pub(super) fn country(value: &Value<'_>) -> Read<Region> {
    let word = text(value)?;
    let wrong =
        || Wrong::new(value, format!("`{word}` is not a country"), "write its two letters, e.g. `US`");
    Region::parse(&word).ok_or_else(wrong)
}

/// A language: two or three small letters.
pub(super) fn language(value: &Value<'_>) -> Read<String> {
    let word = text(value)?;
    let fits = (2..=3).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase());
    let problem = format!("`{word}` is not a language");
    if fits { Ok(word) } else { Err(Wrong::new(value, problem, "write a code such as `en` or `es`")) }
}
