//! What stands where a name should and is none: a letter would greet her by it, or go to the home of somebody who has died.

use crate::exchange::roster::row_fault::CellFault;

/// What lists write where they know no name.
const BLANKS: [&str; 6] = ["n/a", "null", "none", "unknown", "tbd", "#n/a"];

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
    let is_blank = BLANKS.iter().any(|blank| blank.eq_ignore_ascii_case(text));
    let is_none = is_address || begins("http://") || begins("https://") || is_blank;
    if is_none || !text.is_empty() && !text.chars().any(char::is_alphabetic) {
        return Err(CellFault::new(
            "is no name",
            "write what she wants to be called: letters greet her by it",
        ));
    }
    Ok(())
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
    use crate::exchange::roster::cells;

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
        ] {
            assert!(refuse(text).is_err(), "{text}");
        }
        for text in ["Ana", "María José", "李", "O'Neil <3", "Ana & Eva", "Na", "Tod", "Ângela", "🙂 Ana", ""]
        {
            assert!(refuse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_death_beside_a_name_is_heard() {
        for text in ["Ana (deceased)", "† Ana", "Ana †2026", "Ana ✝", "Ana FALLECIDA", "Ana - died 3 Nov"]
        {
            assert!(cells::names_death(text), "{text}");
        }
    }
}
