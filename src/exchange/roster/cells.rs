//! Words in a cell: what people and spreadsheets write for one and the same thing, and what must not begin a formula.

/// Signs with which a spreadsheet begins a formula, whatever the cell holds (OWASP, CSV injection).
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// A text for a file that a spreadsheet may open: what would begin a formula gets an apostrophe before it.
#[must_use]
pub(crate) fn neutral(text: &str) -> std::borrow::Cow<'_, str> {
    if is_formula(text) { format!("'{text}").into() } else { text.into() }
}

/// The text that [`neutral`] was given.
pub(in crate::exchange::roster) fn meant(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_formula(rest) => rest,
        Some(_) | None => text,
    }
}

/// Also what has our apostrophe already: taken off once, it must still be there.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULA)
}

/// `true` or `false` as spreadsheets in several languages write it.
pub(in crate::exchange::roster) fn switch(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "1" | "true" | "yes" | "y" | "ja" | "sí" | "si" | "s" | "oui" | "wahr" | "verdadero" | "vrai"
        | "sim" => Some(true),
        "0" | "false" | "no" | "n" | "nein" | "non" | "falsch" | "falso" | "faux" | "não" => Some(false),
        _ => None,
    }
}

/// A word of ours, whatever its capitals, with spaces or hyphens where ours has underscores.
pub(in crate::exchange::roster) fn word(text: &str) -> String {
    text.to_ascii_lowercase().replace([' ', '-'], "_")
}

/// The language of `known` that a language tag means: itself, or what is left of it from the right (RFC 4647 §3.4).
pub(in crate::exchange::roster) fn look_up<'k>(tag: &str, known: &'k [String]) -> Option<&'k String> {
    let tag = tag.replace('_', "-");
    let mut rest = tag.split(['.', '@']).next().unwrap_or_default();
    loop {
        if let Some(found) = known.iter().find(|language| language.eq_ignore_ascii_case(rest)) {
            return Some(found);
        }
        rest = rest.rsplit_once('-')?.0;
        // A letter alone begins an extension, and goes with it.
        if let Some((before, single)) = rest.rsplit_once('-')
            && single.len() == 1
        {
            rest = before;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_begin_a_formula_is_neutral_and_comes_back_as_it_was() {
        for text in ["=HYPERLINK(1)", "+1", "-2", "@x", "\ttab", "\rreturn", "＝1", "'=1", "''-1"] {
            assert!(neutral(text).starts_with('\''), "{text:?}");
            assert_eq!(meant(&neutral(text)), text, "{text:?}");
        }
        for text in ["", "Ana", "'Ana", "O'Hara", "1-2", "'", "a=1"] {
            assert_eq!((neutral(text).as_ref(), meant(text)), (text, text), "{text:?}");
        }
    }

    #[test]
    fn a_language_tag_is_looked_up_from_the_right() {
        let known = ["en", "es", "pt-BR"].map(str::to_owned);
        for (tag, language) in [
            ("en-US", Some("en")),
            ("es_MX", Some("es")),
            ("EN", Some("en")),
            ("en-Latn-GB", Some("en")),
            ("es-419-x-clinic", Some("es")),
            ("en_US.UTF-8", Some("en")),
            ("pt-br", Some("pt-BR")),
            ("pt", None),
            ("fr-CA", None),
            ("english", None),
            ("", None),
        ] {
            assert_eq!(look_up(tag, &known).map(String::as_str), language, "{tag}");
        }
    }

    #[test]
    fn yes_and_no_are_understood_and_nothing_else_is() {
        for yes in ["1", "TRUE", "yes", "Ja", "sí", "WAHR"] {
            assert_eq!(switch(yes), Some(true), "{yes}");
        }
        for no in ["0", "False", "no", "nein", "FALSO"] {
            assert_eq!(switch(no), Some(false), "{no}");
        }
        for odd in ["2", "maybe", "", "on"] {
            assert_eq!(switch(odd), None, "{odd}");
        }
    }
}
