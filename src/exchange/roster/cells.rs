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

/// Without the blanks around it that people cannot see: no-break spaces of pages that were copied, marks of byte order.
pub(in crate::exchange::roster) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| (c.is_whitespace() && c != '\n' && c != '\r') || c == '\u{feff}')
}

/// Whether a record holds blanks alone, the mark with which DOS ends a text, or the zeros with which a machine fills its last block.
pub(in crate::exchange::roster) fn is_nothing(record: &[u8]) -> bool {
    // Nearly every record ends this at its first byte.
    !record.iter().any(u8::is_ascii_graphic)
        && std::str::from_utf8(record)
            .is_ok_and(|text| text.chars().all(|c| c.is_whitespace() || matches!(c, '\u{1a}' | '\0')))
}

/// That somebody has died, as lists of clinics say it: the word, perhaps with a date or another word of ours around it. A word of
/// doubt is none.
pub(in crate::exchange::roster) fn is_death(text: &str) -> bool {
    let text = text.to_lowercase().replace("passed away", "deceased");
    let mut words = text.split(|c: char| !is_letter(c)).filter(|word| !word.is_empty()).peekable();
    let says = |word: &str| DEATHS.contains(&word);
    let rest = |word: &str| says(word) || BESIDE.contains(&word) || word.get(..3).is_some_and(is_month);
    words.peek().is_some() && !text.contains('?') && words.clone().any(says) && words.all(rest)
}

/// That somebody lives, in the one word of lists that ask for it.
pub(in crate::exchange::roster) fn is_life(text: &str) -> bool {
    const LIVES: [&str; 11] = [
        "alive", "living", "viva", "vivo", "con vida", "lebend", "lebt", "vivante", "vivant", "in vita",
        "levend",
    ];
    LIVES.contains(&text.to_lowercase().as_str())
}

/// Whether a cell that is about something else holds a word by which a list says that somebody has died.
pub(in crate::exchange::roster) fn names_death(text: &str) -> bool {
    let text = text.to_lowercase();
    text.split(|c: char| !is_letter(c)).any(|word| DEATHS.contains(&word) && !IN_NAMES.contains(&word))
}

/// Whether the name of a column asks for a death, in small letters and parted by blanks.
pub(in crate::exchange::roster) fn is_death_of_column(name: &str) -> bool {
    let is_word = |word: &str| DEATHS.contains(&word) && !["dep", "tot", "gest", "zm"].contains(&word);
    let is_one = |word: &str| OF_COLUMNS.contains(&word) || is_word(word);
    name.split(|c: char| !is_letter(c)).any(is_one)
}

/// Words by which only a column names it.
const OF_COLUMNS: [&str; 9] = [
    "sterbedatum",
    "todesdatum",
    "todestag",
    "sterbetag",
    "mortality",
    "mortalidad",
    "deathdate",
    "dateofdeath",
    "isdeceased",
];

/// Whether a word is one of those only where the way it is written says so.
pub(in crate::exchange::roster) fn is_death_in_names(word: &str) -> bool {
    IN_NAMES.contains(&word)
}

/// What lists write where they know no name.
const BLANKS: &str = "n/a|n/d|s/n|null|none|none none|unknown|tbd|undefined|true|false|verdadero|falso|wahr|falsch|vrai|faux\
     |vacío|vacio|blank|empty|leer|vide|sin nombre|sin dato|no name|name unknown|desconocida|desconocido|unbekannt\
     |kein name|keine angabe|inconnue|inconnu|sconosciuta|desconhecida|onbekend|ver notas|see notes|ver nota";
/// What lists write beside a name for whoever writes letters: no name is meant to hold it.
const ORDERS: &str = "do not contact|do not call|do not mail|do not write|no contactar|no llamar|no escribir|nicht anschreiben|ne pas contacter|duplicate|duplicado|duplicada|do not use|no usar";

/// Whether a cell holds what somebody is to do, or not.
pub(in crate::exchange::roster) fn is_order(text: &str) -> bool {
    let whole = text.to_lowercase();
    ORDERS.split('|').any(|order| whole.contains(order))
}

/// Whether a cell says that no name is known. `Nan` is a name.
pub(in crate::exchange::roster) fn is_blank(text: &str) -> bool {
    let whole = text.to_lowercase();
    let bare = whole.trim_matches(|c: char| "()[]<>-–—*?. ".contains(c));
    matches!(text, "nan" | "NaN" | "NAN") || BLANKS.split('|').any(|blank| blank == bare || blank == whole)
}

/// Three letters by which spreadsheets write a month, in the languages they are used in most.
const MONTHS: [&str; 24] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "ene", "abr", "ago",
    "dic", "mrz", "mai", "okt", "dez", "fev", "avr", "set", "out",
];

/// Whether three small letters are those of a month.
pub(in crate::exchange::roster) fn is_month(letters: &str) -> bool {
    MONTHS.contains(&letters)
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '†' | '✝' | '✞')
}

/// Death in one word, of a woman, in the languages that clinics' lists are kept in.
const DEATHS: [&str; 69] = [
    "deceased",
    "defunta",
    "defunto",
    "obitada",
    "obitado",
    "extinta",
    "dead",
    "died",
    "death",
    "rip",
    "expired",
    "exitus",
    "†",
    "✝",
    "✞",
    "fallecida",
    "fallecido",
    "falleció",
    "fallecio",
    "fallecimiento",
    "muerta",
    "muerto",
    "muerte",
    "murió",
    "murio",
    "difunta",
    "difunto",
    "finada",
    "verstorben",
    "verst",
    "gestorben",
    "gest",
    "tot",
    "tod",
    "décédée",
    "décédé",
    "decedee",
    "décès",
    "morte",
    "mort",
    "deceduta",
    "decesso",
    "falecida",
    "faleceu",
    "óbito",
    "obito",
    "morta",
    "overleden",
    "zmarła",
    "zgon",
    "avliden",
    "avled",
    "død",
    "kuollut",
    "vefat",
    "умерла",
    "умер",
    "死亡",
    "已故",
    "사망",
    "qepd",
    "dep",
    "dcd",
    "decd",
    "dod",
    "zm",
    "defunción",
    "defuncion",
    "deceso",
];
/// Words beside it in the same cell that take nothing away from it.
const BESIDE: [&str; 27] = [
    "inactive", "inactiva", "has", "patient", "paciente", "pt", "per", "by", "son", "daughter", "family",
    "familia", "on", "el", "le", "am", "in", "at", "home", "de", "del", "her", "she", "ha", "est", "ist",
    "is",
];
/// Of those, the ones that are names or stand in them.
const IN_NAMES: [&str; 11] =
    ["mort", "rip", "tot", "tod", "gest", "verst", "expired", "dep", "dcd", "dod", "zm"];

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

/// The tag of a language that ships, by its name or its code of three letters.
pub(in crate::exchange::roster) fn language_called(name: &str) -> Option<&'static str> {
    const NAMES: [(&str, &str); 2] = [
        ("en", "english inglés ingles eng englisch anglais inglese inglês"),
        ("es", "spanish español espanol castellano castilian spa esp spanisch espagnol spagnolo espanhol"),
    ];
    let name = name.trim().to_lowercase();
    NAMES.iter().find(|(_, names)| names.split(' ').any(|known| known == name)).map(|(tag, _)| *tag)
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
    fn a_death_is_read_in_many_words_and_with_its_date_and_a_doubt_is_not() {
        for said in [
            "deceased",
            "Dead",
            "DIED",
            "died 2026-10-01",
            "Deceased (2026)",
            "† 1.10.2026",
            "*†",
            "Fallecida",
            "verstorben, 01.10.2026",
            "Décédée",
            "умерла",
            "passed away",
            "Deceased - per son",
            "Inactive - deceased",
            "décédée le 3/11",
            "verst. 3. November 2026",
            "Exitus",
            "óbito",
            "she has died",
        ] {
            assert!(is_death(said), "{said}");
        }
        for other in [
            "",
            "active",
            "deceased?",
            "dead end",
            "not deceased",
            "D",
            "died?",
            "deceased: no",
            "mother died",
            "lost",
            "0",
        ] {
            assert!(!is_death(other), "{other}");
        }
    }

    #[test]
    fn blanks_that_nobody_sees_are_taken_off_and_a_line_of_them_is_nothing() {
        assert_eq!(trimmed("\u{a0}C1 \u{a0}\t\u{feff}"), "C1");
        assert_eq!(trimmed("a\r\nb\n"), "a\r\nb\n", "a line break in a cell is told");
        for nothing in ["", " \t", "\u{1a}", "\u{a0}\u{a0}"] {
            assert!(is_nothing(nothing.as_bytes()), "{nothing:?}");
        }
        assert!(!is_nothing(b" x") && !is_nothing(b"\xff"));
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
