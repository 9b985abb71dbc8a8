//! What stands where a name should and is none: a letter would greet her by it, or go to the home of somebody who has died.

use crate::exchange::roster::cells;
use crate::exchange::roster::row_fault::CellFault;

/// Signs with which no name begins, and formulas, errors of a spreadsheet and fields of a form letter do.
const NO_NAMES: [char; 4] = ['#', '=', '{', '['];
/// So many digits are a number and no name.
const NUMBER: usize = 3;
/// Between these a word stands for itself.
const BRACKETS: [char; 3] = ['(', '[', '{'];
const DASHES: [char; 3] = ['-', '–', '—'];

/// Refuses what is no name.
///
/// # Errors
/// A fault with what to write.
pub(super) fn refuse(text: &str) -> Result<(), CellFault> {
    let is_torn = text.contains('\u{fffd}')
        || text.contains('&') && text.contains(';')
        || text
            .chars()
            .zip(text.chars().skip(1))
            .any(|pair| matches!(pair, ('Ã' | 'Â', '\u{80}'..='\u{bf}')));
    if is_torn {
        let hint = "export the list again, as `CSV UTF-8`, and look at her name there";
        return Err(CellFault::new("holds letters that a program has spoilt", hint));
    }
    let is_address =
        text.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.'));
    let begins = |with: &str| text.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with));
    let is_none = is_address
        || begins("http://")
        || begins("https://")
        || cells::is_blank(text)
        || is_made_by_program(text);
    if is_none || !text.is_empty() && !text.chars().any(char::is_alphabetic) {
        return Err(CellFault::new(
            "is no name",
            "write what she wants to be called: letters greet her by it",
        ));
    }
    Ok(())
}

/// Formulas, errors, fields and tags of programs, and numbers.
fn is_made_by_program(text: &str) -> bool {
    let is_tag =
        text.split('<').skip(1).any(|rest| rest.starts_with(|c: char| c == '/' || c.is_ascii_alphabetic()));
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_call = text.starts_with('@') && text.contains('(');
    is_call
        || cells::is_order(text)
        || text.starts_with(NO_NAMES)
        || text.contains(['{', '}'])
        || is_tag
        || digits >= NUMBER
}

/// Whether a cell with a name tells that she has died: a plain word for it, or one that may be a name where the way it is written
/// says that it is none.
pub(super) fn tells_death(text: &str) -> bool {
    let joined = without_points(text);
    let mut said = words(&joined).map(|(_, word)| word);
    let is_word = |word: Option<&str>, known: &str| word.is_some_and(|word| word.eq_ignore_ascii_case(known));
    let first = said.next();
    let late = if is_word(first, "the") { said.next() } else { first };
    let is_late = is_word(late, "late") && said.next().is_some();
    let small = text.to_lowercase();
    let is_acronym = small.contains("r.i.p") || small.contains("d.e.p");
    let has_dagger = text.contains(['†', '✝', '✞']);
    cells::names_death(&joined)
        || is_late
        || is_acronym
        || has_dagger
        || has_plus(text)
        || is_marked(text)
        || is_set_off(text)
}

/// `R.I.P.` as `RIP`, `dec'd` as `decd`.
fn without_points(text: &str) -> String {
    let letters: Vec<char> = text.chars().filter(|c| !matches!(c, '\'' | '’')).collect();
    let is_letter = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(|c| c.is_alphabetic());
    // A point belongs to an acronym where one letter alone stands before it.
    let is_point =
        |at: usize| letters[at] == '.' && is_letter(at.checked_sub(1)) && !is_letter(at.checked_sub(2));
    (0..letters.len()).filter(|at| !is_point(*at)).map(|at| letters[at]).collect()
}

/// The words, each with the text before it.
fn words(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let starts = text.char_indices().filter(move |(at, c)| {
        c.is_alphabetic() && !text[..*at].chars().next_back().is_some_and(char::is_alphabetic)
    });
    starts.map(move |(at, _)| {
        let rest = &text[at..];
        let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        (&text[..at], &rest[..end])
    })
}

fn is_marked_word(word: &str) -> bool {
    cells::is_death_in_names(&word.to_lowercase())
}

/// Words that say it only where they are set off from her name: `Ana (dec.)`, `Ana, late`.
const SET_OFF: [&str; 3] = ["dec", "late", "obit"];
/// Words beside a name by which lists say where a patient stands.
const STANDS: [&str; 9] = [
    "hospice",
    "hospicio",
    "hospiz",
    "palliative",
    "palliativ",
    "paliativo",
    "paliativos",
    "paliativa",
    "transferred",
];

/// Refuses a word that says where she stands: that is no part of her name, and letters hang on it.
///
/// # Errors
/// A fault with what to write.
pub(super) fn refuse_state(text: &str) -> Result<(), CellFault> {
    let says = words(text).any(|(_, word)| STANDS.contains(&word.to_lowercase().as_str()));
    let hint =
        "write what she is called and nothing else; where she stands goes under `status`, e.g. `palliative`";
    if says { Err(CellFault::new("says more than a name", hint)) } else { Ok(()) }
}

/// Behind a comma, a dash or a bracket, and nothing but a full stop or a bracket after it.
fn is_set_off(text: &str) -> bool {
    let ends = |rest: &str| rest.chars().all(|c| matches!(c, '.' | ')' | ']' | ' '));
    let is_off = |before: &str| {
        let bare = before.trim_end();
        before.ends_with(BRACKETS) || bare.ends_with(',') || bare.ends_with(DASHES) && before.ends_with(' ')
    };
    let mut said = words(text).filter(|(_, word)| SET_OFF.contains(&word.to_lowercase().as_str()));
    said.any(|(before, word)| is_off(before) && ends(&text[before.len() + word.len()..]))
}

/// In capitals beside small letters, in brackets, behind a dash, or shortened with a full stop.
fn is_marked(text: &str) -> bool {
    let has_small = text.chars().any(char::is_lowercase);
    words(text).filter(|(_, word)| is_marked_word(word)).any(|(before, word)| {
        let is_loud = has_small && !word.chars().any(char::is_lowercase);
        let is_set_off =
            before.ends_with(BRACKETS) || before.trim_end().ends_with(DASHES) && before.ends_with(' ');
        let is_short = text[before.len() + word.len()..].starts_with('.');
        is_loud || is_set_off || is_short
    })
}

/// A plus sign where others set a dagger: `Ana +`, `Ana (+2026)`. Between two names it joins them.
fn has_plus(text: &str) -> bool {
    text.match_indices('+').any(|(at, _)| {
        let (before, after) = (text[..at].trim_end(), &text[at + 1..]);
        let is_alone = before.len() < at || before.is_empty() || before.ends_with(BRACKETS);
        let ends = after.is_empty()
            || after.starts_with([')', ']'])
            || after.starts_with(|c: char| c.is_ascii_digit());
        is_alone && (ends || before.is_empty())
    })
}

/// The fault of a cell that says in passing that somebody has died.
pub(super) fn death() -> CellFault {
    let hint =
        "if she has died, write `deceased` under `status` and nothing of it here; else take the word out";
    CellFault::new("says that somebody has died", hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lists_write_in_place_of_a_name_greets_nobody() {
        for text in [
            "N/A",
            "-",
            "?",
            "12345",
            "ana@p.example",
            "https://x.example",
            "In\u{fffd}s",
            "InÃ©s",
            "In&eacute;s",
            "#REF!",
            "#¡REF!",
            "#NOMBRE?",
            "=A2",
            "=cmd|calc",
            "@SUM(A1)",
            "{{name}}",
            "FALSE",
            "VERDADERO",
            "nan",
            "undefined",
            "None None",
            "(vacío)",
            "sin nombre",
            "desconocida",
            "unbekannt",
            "s/n",
            "ver notas",
            "Do not contact - Ana",
            "Ana (no contactar)",
            "Ana<br>",
            "Ana 555-0100",
            "DUPLICATE Ana",
        ] {
            assert!(refuse(text).is_err(), "{text}");
        }
        assert!(refuse_state("Ana (hospice)").is_err() && refuse_state("Ana Hospiceson").is_ok());
        for text in ["Ana", "María José", "李", "O'Neil <3", "Ana & Eva", "Na", "Tod", "Ângela", "🙂 Ana", ""]
        {
            assert!(refuse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_death_beside_a_name_is_heard() {
        for text in [
            "Ana (deceased)",
            "† Ana",
            "Ana †2026",
            "Ana ✝",
            "Ana FALLECIDA",
            "Ana - died 3 Nov",
            "Ana (Q.E.P.D.)",
            "Ana (QEPD)",
            "Ana D.E.P.",
            "Ana RIP",
            "Ana R.I.P.",
            "Ana - EXPIRED",
            "Ana (+)",
            "Ana +",
            "Ana (+2026)",
            "Ana (dcd)",
            "Ana (dec'd)",
            "Ana decd",
            "Ana (verst.)",
            "Ana zm.",
            "Ana [DOD 1/10/26]",
            "Ana, defunción 3/11",
            "Late Ana",
            "the late Ana",
            "Ana, late",
            "Ana (late)",
            "Ana defunta",
            "Ana (dec.)",
            "Ana (obitada)",
            "+Ana",
            "†Ana",
        ] {
            assert!(tells_death(text), "{text}");
        }
        for text in [
            "Tod",
            "Tod Müller",
            "Mort",
            "Rip",
            "Ana + Luis",
            "Ana-Tod",
            "TOD MÜLLER",
            "M. Ana",
            "Latea",
            "J.R.",
            "Dép",
            "Dec",
            "Ana Late",
            "The Ana",
        ] {
            assert!(!tells_death(text), "{text}");
        }
    }
}
