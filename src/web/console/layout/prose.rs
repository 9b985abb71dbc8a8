//! What the program writes into a record for people (why a task opened, why a letter stayed), as a reader reads it: series,
//! steps, statuses and days in it are said in words.

use jiff::civil::Date;

use crate::care::delivery::DeliveryState;
use crate::care::task::TaskKind;
use crate::web::console::layout::{machine_words, time_format};
use crate::web::console::worklist::task_words;
use crate::web::locale::catalog::capital;

/// Series that are short for something, and no words.
const SHORT: [&str; 4] = ["ct", "mri", "dxa", "hpv"];

/// Statuses that say little without their underscores.
const STATUSES: [(&str, &str); 2] =
    [("address_bad", "\"address does not work\""), ("opted_out_email", "\"no letters by e-mail\"")];

/// A sentence of the program, e.g. `spine-check due on 2026-02-24` as "Spine checklist due on 24 Feb 2026".
pub(in crate::web::console) fn prose(text: &str) -> String {
    let said: Vec<String> = text.split(' ').map(token).collect();
    let said = said.join(" ").replace('`', "\"");
    let begins_anew = text.split(' ').next().is_some_and(|first| !said.starts_with(first));
    if begins_anew { capital(&said) } else { said }
}

fn token(token: &str) -> String {
    let bare = token.trim_matches(|c: char| !c.is_alphanumeric());
    if bare.is_empty() {
        return token.to_owned();
    }
    token.replacen(bare, &said(bare, token), 1)
}

fn said(bare: &str, token: &str) -> String {
    if let Ok(on) = bare.parse::<Date>() {
        return time_format::day(on);
    }
    if is_pair(bare) {
        return machine_words::steps(bare);
    }
    let is_lower = bare.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '_' | '-'));
    if is_lower && bare.contains('_') {
        let status = STATUSES.iter().find(|(status, _)| *status == bare);
        return status.map_or_else(|| bare.replace('_', " "), |(_, words)| (*words).to_owned());
    }
    if let Some(kind) = TaskKind::parse(bare).filter(|_| bare.contains('-')) {
        return format!("\"{}\"", task_words::title(kind));
    }
    let spaced = bare.replace('-', " ");
    let series = machine_words::series(bare);
    if is_lower && (bare.contains('-') || SHORT.contains(&bare)) && series != spaced {
        return series;
    }
    if is_lower && (token.contains('`') || bare.contains('-')) {
        // A step is known by the series it is of; any will do.
        let step = machine_words::steps(&format!("visit:{bare}"));
        let step = step.split_once(": ").map_or(bare, |(_, step)| step);
        let is_known = step != spaced;
        return if is_known || token.contains('`') { step.to_owned() } else { bare.to_owned() };
    }
    bare.to_owned()
}

/// Whether it names a step of a series, e.g. `visit:booked.180.0`.
fn is_pair(word: &str) -> bool {
    let is_word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    word.split_once(':')
        .is_some_and(|(of, step)| is_word(of) && is_word(step.split('.').next().unwrap_or(step)))
}

/// What became of a letter.
pub(in crate::web::console) const fn letter_state(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Pending => "waits",
        DeliveryState::Claimed => "on its way",
        DeliveryState::Sent => "sent",
        DeliveryState::Skipped => "withdrawn",
        DeliveryState::Lapsed => "too late",
        DeliveryState::Failed => "refused",
        DeliveryState::Unknown => "in doubt",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_has_to_read_the_programs_words_in_a_sentence() {
        for (written, read) in [
            ("spine-check due on 2026-02-24: no form.", "Spine checklist due on 24 Feb 2026: no form."),
            (
                "The letter `nudge-again` of 2026-02-24.",
                "The letter \"second reminder of a form\" of 24 Feb 2026.",
            ),
            ("It carries visit:booked.180.0.", "It carries follow-up visit: letter about the booked date."),
            ("Status is now address_bad.", "Status is now \"address does not work\"."),
            ("recurrence_suspected", "Recurrence suspected"),
            ("mri 2 is due", "MRI of the spine 2 is due"),
            ("A follow-up, half-way, at 10:30 (R-1003).", "A follow-up, half-way, at 10:30 (R-1003)."),
            ("reason 50", "reason 50"),
            ("", ""),
        ] {
            assert_eq!(prose(written), read);
        }
    }
}
