//! Figures of a report in words.

use crate::care::triage::tier::Tier;

pub(in crate::cli::work::report) fn name(tier: Option<Tier>) -> &'static str {
    tier.map_or("unsorted", Tier::word)
}

pub(in crate::cli::work::report) fn percent(part: u32, whole: u32) -> String {
    if whole == 0 { "-".to_owned() } else { format!("{:.0} %", f64::from(part) * 100.0 / f64::from(whole)) }
}

/// Seconds as a person says them.
pub(in crate::cli::work::report) fn span(seconds: Option<i64>) -> String {
    match seconds {
        None => "-".to_owned(),
        Some(s) if s < 120 => format!("{s} s"),
        Some(s) if s < 7_200 => format!("{} min", s / 60),
        Some(s) if s < 172_800 => format!("{} h", s / 3_600),
        Some(s) => format!("{} days", s / 86_400),
    }
}
