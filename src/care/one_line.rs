//! Words that stand on one line of a letter, a calendar or a screen, and read there as they were written.

/// Whether a character breaks its line or turns its direction, mostly without being seen: controls, line and paragraph
/// separators, and the marks of the Unicode bidirectional algorithm (UAX #9, table 4).
#[must_use]
pub fn is_turning(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether words can name a place: at most 200 characters, none that turns or breaks the line.
#[must_use]
pub fn is_place(text: &str) -> bool {
    text.chars().count() <= 200 && !text.chars().any(is_turning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_breaks_or_turns_a_line_is_known() {
        for mark in
            ['\n', '\t', '\u{85}', '\u{61C}', '\u{200F}', '\u{2028}', '\u{202E}', '\u{2066}', '\u{2069}']
        {
            assert!(is_turning(mark) && !is_place(&format!("Room{mark}4")), "{mark:?}");
        }
        for fine in ["Room 4", "Sala nº 4 — 2ª planta", "Żółć", "حجرة ٤", ""] {
            assert!(is_place(fine), "{fine}");
        }
        assert!(!is_place(&"a".repeat(201)));
    }
}
