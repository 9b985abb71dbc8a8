//! Provers of what the clinic says of itself: its numbers and its zone.

use crate::care::time::zone::{FIXED_HINT, NamedZone, is_fixed};
use crate::cli::operate::prove::finding::{CheckContext, CheckFinding};
use crate::config::Config;

/// Numbers that work, and yet somebody will look at the key-pad in vain or reach nobody.
pub(super) fn numbers(context: &CheckContext) -> Vec<CheckFinding> {
    let Some(config) = &context.config else { return Vec::new() };
    let of_the_example = config.clinic.made_up_numbers();
    let mut found: Vec<CheckFinding> = of_the_example
        .iter()
        .map(|(key, number)| {
            let problem = format!("still the made-up `{number}` of the example");
            context.remark_at(
                &format!("clinic.{key}"),
                &problem,
                "write the clinic's own before letters leave",
            )
        })
        .collect();
    let clinic = &config.clinic;
    let all = [
        ("phone_office", &clinic.phone_office, &clinic.dial.office),
        ("phone_24h", &clinic.phone_24h, &clinic.dial.day_and_night),
        ("emergency_number", &clinic.emergency_number, &clinic.dial.emergency),
    ];
    for (key, written, phone) in all {
        let is_told = of_the_example.iter().any(|(told, _)| *told == key);
        let key = format!("clinic.{key}");
        if phone.is_made_up && !is_told {
            let problem = format!("`{written}` is one of the numbers that are kept for examples");
            found.push(context.remark_at(&key, &problem, "write the number that somebody answers"));
        }
        if phone.has_letters {
            let problem = format!("`{written}` is written in letters, and many phones show none");
            found.push(context.remark_at(&key, &problem, "write it in digits; links dial it either way"));
        }
    }
    found
}

/// A clinic lies somewhere: with a mere offset its letters leave an hour off for half of the year.
pub(super) fn zone(context: &CheckContext) -> Vec<CheckFinding> {
    let fixed = |config: &&Config| {
        is_fixed(&NamedZone { name: config.clinic.time_zone.clone(), zone: config.clinic.zone.clone() })
    };
    let Some(config) = context.config.as_ref().filter(fixed) else { return Vec::new() };
    let problem = format!("`{}` is an offset, not a place", config.clinic.time_zone);
    vec![context.remark_at("clinic.time_zone", &problem, &FIXED_HINT.replace('"', "`"))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(edits: &[(&str, &str)]) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let shipped = crate::config::embedded::text("aftercare.toml").unwrap();
        let text = edits.iter().fold(shipped, |text, (old, new)| text.replace(old, new));
        let path = dir.path().join("aftercare.toml");
        std::fs::write(&path, text).unwrap();
        let (context, faults) = CheckContext::survey(&path);
        assert_eq!(faults, []);
        let found = [numbers(&context), zone(&context)].concat();
        let words = |finding: CheckFinding| match finding {
            CheckFinding::Remark(remark) => remark.problem,
            CheckFinding::Fault(fault) | CheckFinding::Away(fault) => panic!("{fault}"),
        };
        found.into_iter().map(words).collect()
    }

    #[test]
    fn numbers_and_zones_that_work_and_are_not_meant_are_remarked() {
        let own = [("+1 555 0100", "+1 212 736 5000"), ("+1 555 0199", "+1 212 736 5001")];
        assert_eq!(told(&own), [] as [String; 0]);
        for (edit, words) in [
            (("+1 212 736 5000", "+1 212 555 0142"), "`clinic.phone_office`: `+1 212 555 0142` is one of"),
            (
                ("+1 212 736 5001", "1-800-FLOWERS"),
                "`clinic.phone_24h`: `1-800-FLOWERS` is written in letters",
            ),
            (("= \"America/New_York\"", "= \"EST\""), "`clinic.time_zone`: `EST` is an offset"),
        ] {
            let found = told(&[own[0], own[1], edit]);
            assert!(found.len() == 1 && found[0].starts_with(words), "{found:?}");
        }
        assert_eq!(
            told(&[("= \"America/New_York\"", "= \"Eastern Standard Time\""), own[0], own[1]]).len(),
            0
        );
    }
}
