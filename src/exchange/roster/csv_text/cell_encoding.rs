//! Cells that are no UTF-8 but plain Windows-1252: so the spreadsheets of Western Europe and the Americas save a list as "CSV".
//! What other old encodings make of their letters (Mac OS Roman, DOS, Cyrillic) is told apart by what no name looks like, and is
//! left as it is: a name guessed wrong would stand above every letter.

use encoding_rs::WINDOWS_1252;

/// Letters that English, Spanish and their neighbours write beside those of ASCII.
const LETTERS: &str = "ÀÁÂÃÄÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜßàáâãäçèéêëìíîïñòóôõöùúûü";
/// Signs of house numbers and ordinals.
const SIGNS: &str = "ºª°";
/// What capitals with accents of Mac OS Roman become, where a word begins: "çngela", "îscar", "òrsula".
const NO_BEGINNINGS: &str = "çèêëìîïòô";
/// So many letters beyond ASCII stand side by side in a name: "Núñez", "Ibáñez".
const MOST_IN_A_ROW: usize = 2;

/// The record with each such cell in UTF-8; nothing where none was mended.
pub(super) fn mended(record: &csv::ByteRecord) -> Option<csv::ByteRecord> {
    let is_torn = |cell: &&[u8]| std::str::from_utf8(cell).is_err();
    let mut is_mended = false;
    if !record.iter().any(|cell| is_torn(&cell)) {
        return None;
    }
    let mut whole = csv::ByteRecord::with_capacity(record.as_slice().len() * 2, record.len());
    for cell in record {
        match Some(cell).filter(is_torn).and_then(text) {
            Some(text) => {
                is_mended = true;
                whole.push_field(text.as_bytes());
            }
            None => whole.push_field(cell),
        }
    }
    is_mended.then_some(whole)
}

/// What a cell says, if it reads like words of Windows-1252.
fn text(cell: &[u8]) -> Option<String> {
    // From 0x80 to 0x9F stand quotes and dashes, where Mac OS Roman and DOS have letters.
    let is_plain = !cell.iter().any(|byte| (0x80..0xa0).contains(byte));
    let text = WINDOWS_1252.decode_without_bom_handling(cell).0.into_owned();
    let is_known = |c: char| c.is_ascii() || LETTERS.contains(c) || SIGNS.contains(c);
    let mut words = text.split(|c: char| !c.is_alphabetic() || SIGNS.contains(c));
    (is_plain && text.chars().all(is_known) && words.all(is_word)).then_some(text)
}

/// Whether a word looks like one: some letters of ASCII, few others side by side, no small letter among capitals.
fn is_word(word: &str) -> bool {
    let letters: Vec<char> = word.chars().collect();
    let is_foreign = |c: &char| !c.is_ascii();
    let longest = letters.split(|c| c.is_ascii()).map(<[char]>::len).max().unwrap_or_default();
    let is_mixed = letters.windows(2).any(|pair| {
        let (first, second) = (pair[0], pair[1]);
        let is_either = is_foreign(&first) || is_foreign(&second);
        is_either && first.is_lowercase() && second.is_uppercase()
    });
    let is_sunk = letters.windows(3).any(|three| {
        three[0].is_uppercase() && three[1].is_uppercase() && is_foreign(&three[2]) && three[2].is_lowercase()
    });
    let has_ascii = letters.iter().any(char::is_ascii);
    let is_headless = letters.first().is_some_and(|first| NO_BEGINNINGS.contains(*first));
    letters.is_empty() || (has_ascii && longest <= MOST_IN_A_ROW && !is_mixed && !is_sunk && !is_headless)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, encoding: &'static encoding_rs::Encoding) -> Option<String> {
        super::text(&encoding.encode(text).0)
    }

    #[test]
    fn names_of_windows_are_read_as_they_were_written() {
        for name in [
            "Inés",
            "Begoña Ibáñez Núñez",
            "MARÍA JOSÉ",
            "Ángela",
            "Françoise Müller",
            "João",
            "Consulta 2º izq.",
            "correo electrónico",
            "próxima_visita",
        ] {
            assert_eq!(read(name, WINDOWS_1252).as_deref(), Some(name), "{name}");
        }
    }

    #[test]
    fn what_another_encoding_wrote_is_left_alone() {
        for name in ["Inés", "María", "Núñez", "MARÍA", "JOSÉ", "Begoña", "Mónica", "Ángela"] {
            assert_eq!(read(name, encoding_rs::MACINTOSH), None, "{name}");
        }
        for name in ["Анна", "Ян", "ИРИНА", "Юлия"] {
            assert_eq!(read(name, encoding_rs::WINDOWS_1251), None, "{name}");
        }
        // DOS (code page 850): é, á, í, ó, ñ.
        for bytes in [&b"In\x82s"[..], b"M\xa0laga", b"Mar\xa1a", b"M\xa2nica", b"Bego\xa4a"] {
            assert_eq!(super::text(bytes), None, "{bytes:?}");
        }
        assert_eq!(super::text(b"In\xe9s \x96"), None, "a dash may be a letter elsewhere");
    }

    #[test]
    fn a_record_that_is_sound_is_not_touched() {
        let sound = csv::ByteRecord::from(vec!["Inés", "x"]);
        assert_eq!(mended(&sound), None);
        let torn = csv::ByteRecord::from(vec![&b"In\xe9s"[..], "Núñez".as_bytes(), b"\x8e"]);
        let whole = mended(&torn).unwrap();
        assert_eq!((&whole[0], &whole[1], &whole[2]), ("Inés".as_bytes(), "Núñez".as_bytes(), &b"\x8e"[..]));
    }
}
