//! Telephone numbers: whether somebody can dial what is printed, and the `tel:` link that does (RFC 3966). What is valid
//! where comes from the public numbering plans, by way of the `phonenumber` crate.

use phonenumber::country;

/// Why nobody can dial what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneFault {
    /// Signs that no number has.
    #[error("is not a telephone number")]
    NoNumber,
    /// More than one number.
    #[error("holds more than one number")]
    Several,
    /// Not written for callers from everywhere, and the country is not known.
    #[error("does not say its country")]
    NoCountry,
    /// The numbering plan has no such number.
    #[error("cannot be dialled: there is no such number in the numbering plan")]
    Impossible,
}

impl PhoneFault {
    /// What to write instead.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::NoNumber => "write digits as a patient would dial them, e.g. `+1 212 555 0100`",
            Self::Several => {
                "keep one number here: a finger presses one; say the other in `opening_hours`, or leave it out"
            }
            Self::NoCountry => {
                "write it with + and the country code, or name `country`, e.g. `country = \"US\"`"
            }
            Self::Impossible => {
                "count its digits; write it with + and the country code, e.g. `+1 212 555 0100`, an extension as `ext. 12`"
            }
        }
    }
}

/// A number that can be dialled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// What follows `tel:`: a global number with its extension (RFC 3966 §5.1.4, §5.3), or a short number as it stands,
    /// for phones dial those only without a context.
    pub dial: String,
    /// Whether it lies in a range that is kept for examples (NANP 555-0100 to 555-0199).
    pub is_made_up: bool,
    /// Whether part of it is written in letters.
    pub has_letters: bool,
}

/// Words that begin an extension, the longer before the shorter.
const EXTENSIONS: [&str; 16] = [
    ";ext=",
    "durchwahl",
    "extensión",
    "extension",
    "klappe",
    "interno",
    "anexo",
    "extn.",
    "extn",
    "ext.",
    "ext",
    "int.",
    "dw",
    "poste",
    "x",
    "#",
];
/// The longest number a country has is 15 digits (ITU-T E.164); nine of an extension are more than any switchboard takes.
const LONGEST_EXTENSION: usize = 9;
/// Short numbers that are rung like any other and are neither an emergency number nor a caller's own: 111, 811, 1177,
/// and the European 116 000 to 116 999.
const SHORT: [&str; 3] = ["111", "811", "1177"];

/// Whether these are the two capital letters of a country that has a numbering plan.
#[must_use]
pub fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()) && code.parse::<country::Id>().is_ok()
}

/// Reads a number to ring; `country` (ISO 3166-1 alpha-2) is where it is rung from without a country code.
///
/// # Errors
/// [`PhoneFault`].
pub fn parse(written: &str, country: Option<&str>) -> Result<Phone, PhoneFault> {
    let (main, extension) = split(written.trim())?;
    plain(main)?;
    if let Some(short) = short(main) {
        let is_known = SHORT.contains(&short.as_str())
            || is_emergency(&short) && matches!(short.as_str(), "112" | "911" | "999" | "000")
            || (short.len() == 6 && short.starts_with("116"));
        return match (is_known, extension) {
            (true, None) => Ok(Phone { dial: short, is_made_up: false, has_letters: false }),
            _ => Err(PhoneFault::Impossible),
        };
    }
    whole(main, extension, country)
}

/// Reads the number of an emergency service: two to six digits, or a whole number.
///
/// # Errors
/// [`PhoneFault`].
pub fn parse_emergency(written: &str, country: Option<&str>) -> Result<Phone, PhoneFault> {
    let trimmed = written.trim();
    if several(trimmed) {
        return Err(PhoneFault::Several);
    }
    match short(trimmed) {
        Some(short) if is_emergency(&short) => {
            Ok(Phone { dial: short, is_made_up: false, has_letters: false })
        }
        _ => parse(written, country),
    }
}

/// What numbers of that country begin with after the plus (E.164); `None` where it is not known.
#[must_use]
pub fn country_code(country: &str) -> Option<u16> {
    let id: country::Id = country.parse().ok()?;
    phonenumber::metadata::DATABASE.by_id(id.as_ref()).map(phonenumber::Metadata::country_code)
}

/// A number as it is dialled, in the groups of its country (ITU-T E.123); as it stands where it has none.
#[must_use]
pub fn spaced(dial: &str) -> String {
    let (main, extension) = dial.split_once(";ext=").unwrap_or((dial, ""));
    let number = phonenumber::parse(None, main);
    let main = number.map_or_else(
        |_| main.to_owned(),
        |number| number.format().mode(phonenumber::Mode::International).to_string(),
    );
    if extension.is_empty() { main } else { format!("{main} ext. {extension}") }
}

fn is_emergency(digits: &str) -> bool {
    (2..=6).contains(&digits.len())
}

/// The digits of what has no more than six and nothing else but white space, dots or hyphens.
fn short(main: &str) -> Option<String> {
    let digits: String = main.chars().filter(|c| !matches!(c, ' ' | '.' | '-')).collect();
    (is_emergency(&digits) && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

/// Cuts the extension off.
fn split(written: &str) -> Result<(&str, Option<String>), PhoneFault> {
    if several(written) {
        return Err(PhoneFault::Several);
    }
    // Signs of more than one byte must not be cut in two: ASCII lower case keeps every length.
    let lower = written.to_ascii_lowercase();
    let cut = EXTENSIONS.iter().find_map(|word| {
        let at = lower.find(word)?;
        let rest =
            lower[at + word.len()..].trim_matches(|c: char| matches!(c, ' ' | ':' | '.' | '-' | '(' | ')'));
        let is_extension = !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
        let is_after_digits = lower[..at].bytes().filter(u8::is_ascii_digit).count() >= 4;
        (is_extension && is_after_digits).then(|| (at, rest.to_owned()))
    });
    let Some((at, digits)) = cut else { return Ok((written, None)) };
    if digits.len() > LONGEST_EXTENSION {
        return Err(PhoneFault::Impossible);
    }
    Ok((written[..at].trim_end_matches([' ', ',', '(', '-', '.', ':', '/']), Some(digits)))
}

/// Two numbers behind each other: two plus signs, or a word or sign of choice between two that could each stand alone.
fn several(written: &str) -> bool {
    if written.matches('+').count() > 1 {
        return true;
    }
    let lower = format!(" {} ", written.to_lowercase());
    let worded = [" or ", " oder ", " o ", " y ", " and ", " und ", " ou ", " et "]
        .iter()
        .any(|word| lower.contains(word));
    let count = |part: &str| part.chars().filter(char::is_ascii_digit).count();
    // "030/123456" is one: the area code stands before the stroke.
    let parts: Vec<usize> =
        written.split(['/', ',', ';', '|', '&', '\\']).map(count).filter(|n| *n > 0).collect();
    let apart = parts.len() > 1 && parts.iter().filter(|n| **n >= 7).count() > 1;
    let both_short = parts.len() > 1 && parts.iter().all(|n| *n == 3);
    worded || apart || both_short
}

/// Only signs that numbers are printed with; letters as on a key-pad (E.161), which follow digits.
fn plain(main: &str) -> Result<(), PhoneFault> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "+()-./ \u{a0}\u{2011}\u{2013}\u{202f}[]".contains(c);
    let letters = main.chars().filter(char::is_ascii_alphabetic).count();
    let digits = main.chars().filter(char::is_ascii_digit).count();
    if !main.chars().all(fits) || digits < 2 || (letters > 0 && letters < 3) {
        return Err(PhoneFault::NoNumber);
    }
    Ok(())
}

fn whole(main: &str, extension: Option<String>, country: Option<&str>) -> Result<Phone, PhoneFault> {
    let (dialled, has_letters) = (keys(main), main.contains(|c: char| c.is_ascii_alphabetic()));
    let home: Option<country::Id> = country.and_then(|code| code.parse().ok());
    let is_global = dialled.starts_with('+');
    if !is_global && home.is_none() {
        return Err(PhoneFault::NoCountry);
    }
    let tail = extension.map(|digits| format!(";ext={digits}")).unwrap_or_default();
    if let Some(made_up) = made_up(&dialled, home) {
        return Ok(Phone { dial: format!("{made_up}{tail}"), is_made_up: true, has_letters });
    }
    let number = phonenumber::parse(home, &dialled).map_err(|_| PhoneFault::Impossible)?;
    if !number.is_valid() {
        return Err(PhoneFault::Impossible);
    }
    let dial = number.format().mode(phonenumber::Mode::E164).to_string();
    Ok(Phone { dial: format!("{dial}{tail}"), is_made_up: false, has_letters })
}

/// Digits and a leading plus; letters become the keys they stand on, and a trunk zero in brackets goes.
fn keys(main: &str) -> String {
    let key = |c: char| match c.to_ascii_uppercase() {
        'A'..='C' => '2',
        'D'..='F' => '3',
        'G'..='I' => '4',
        'J'..='L' => '5',
        'M'..='O' => '6',
        'P'..='S' => '7',
        'T'..='V' => '8',
        'W'..='Z' => '9',
        other => other,
    };
    let main = if main.trim_start().starts_with('+') { main.replace("(0)", "") } else { main.to_owned() };
    main.chars()
        .enumerate()
        .map(|(at, c)| (at, key(c)))
        .filter(|(at, c)| c.is_ascii_digit() || (*at == 0 && *c == '+'))
        .map(|(_, c)| c)
        .collect()
}

/// Numbers of the North American plan that no one is ever given: 555-0100 to 555-0199, with or without an area code.
fn made_up(dialled: &str, home: Option<country::Id>) -> Option<String> {
    let is_home = home.is_some_and(|home| matches!(home, country::Id::US | country::Id::CA));
    let national = match dialled.strip_prefix("+1") {
        Some(rest) => rest,
        None if is_home => {
            dialled.strip_prefix('1').filter(|d| d.len() == 7 || d.len() == 10).unwrap_or(dialled)
        }
        None => return None,
    };
    let line = national.strip_prefix("555").filter(|_| national.len() == 7);
    let line = line.or_else(|| national.get(3..)?.strip_prefix("555").filter(|_| national.len() == 10))?;
    line.starts_with("01").then(|| format!("+1{national}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dials(written: &str, country: &str) -> String {
        parse(written, Some(country)).map_or_else(|fault| fault.to_string(), |phone| phone.dial)
    }

    #[test]
    fn what_is_printed_is_dialled() {
        for (written, country, dial) in [
            ("+44 (0)20 7946 0000", "US", "+442079460000"),
            ("+44 20 7946 0000", "GB", "+442079460000"),
            ("020 7946 0000", "GB", "+442079460000"),
            ("(0)20 7946 0000", "GB", "+442079460000"),
            ("+49 (0) 30 / 450 50", "DE", "+493045050"),
            ("030/450-50", "DE", "+493045050"),
            ("030 450 50-12", "DE", "+49304505012"),
            ("910 555 100", "ES", "+34910555100"),
            ("+34 910 555 100", "US", "+34910555100"),
            ("(212) 736-5000", "US", "+12127365000"),
            ("1 212 736 5000", "US", "+12127365000"),
            ("+1.212.736.5000", "ES", "+12127365000"),
            ("1-800-FLOWERS", "US", "+18003569377"),
            ("+1 800 CALL ATT", "US", "+18002255288"),
            ("+39 06 6982", "IT", "+39066982"),
            ("00 34 910 555 100", "DE", "+34910555100"),
            ("011 34 910 555 100", "US", "+34910555100"),
        ] {
            assert_eq!(dials(written, country), dial, "{written}");
        }
    }

    #[test]
    fn an_extension_is_part_of_the_link() {
        for extension in [
            "ext. 12",
            "ext 12",
            "x12",
            "x 12",
            "Durchwahl 12",
            "DW 12",
            "#12",
            "extensión 12",
            "anexo 12",
            "(ext. 12)",
            ", ext. 12",
            ";ext=12",
            "EXT: 12",
            "extn 12",
        ] {
            let written = format!("+1 212 736 5000 {extension}");
            assert_eq!(dials(&written, "US"), "+12127365000;ext=12", "{written}");
        }
        assert_eq!(dials("030 45050, Durchwahl 12", "DE"), "+493045050;ext=12");
        assert!(parse("+1 212 736 5000 ext. 1234567890", None).is_err());
    }

    #[test]
    fn two_numbers_in_one_key_are_a_fault() {
        for written in [
            "+1 212 736 5000 / +1 212 736 5001",
            "+1 212 736 5000 or 212 736 5001",
            "212-736-5000, 212-736-5001",
            "030 45050111 oder 030 45050112",
            "910 555 100 / 910 555 101",
            "910 555 100 y 910 555 101",
            "910555100;910555101",
        ] {
            assert_eq!(parse(written, Some("ES")), Err(PhoneFault::Several), "{written}");
        }
        for written in ["911 or 112", "112/911", "112, 911"] {
            assert_eq!(parse_emergency(written, Some("US")), Err(PhoneFault::Several), "{written}");
        }
    }

    #[test]
    fn short_numbers_of_emergency_services_are_dialled_as_they_stand() {
        for short in ["911", "112", "999", "116117", "116 117", "144", "15", "000", "061"] {
            let plain = short.replace(' ', "");
            assert_eq!(parse_emergency(short, None).map(|phone| phone.dial), Ok(plain), "{short}");
        }
        assert_eq!(parse_emergency("+1 212 736 5000", None).unwrap().dial, "+12127365000");
        assert_eq!(dials("116117", "DE"), "116117");
        assert_eq!(dials("111", "GB"), "111");
        for no in ["1", "", "+", "call", "12 345", "112 ext. 3"] {
            assert!(parse(no, Some("GB")).is_err(), "{no}");
        }
        assert!(parse_emergency("1", None).is_err());
    }

    #[test]
    fn what_nobody_can_dial_is_a_fault() {
        for written in [
            "+1 212 736 500",
            "+1 212 736 50000",
            "+1 123 456 7890",
            "+999 1234567",
            "+34 123 456 789",
            "12345",
            "ask at the desk",
            "+1 212 736 5000 call",
            "*123#",
            "212 736 500O",
            "<b>2127365000</b>",
            "0",
        ] {
            assert!(parse(written, Some("US")).is_err(), "{written}: {:?}", parse(written, Some("US")));
        }
        assert_eq!(parse("212 736 5000", None), Err(PhoneFault::NoCountry));
        assert_eq!(parse("212 736 5000", Some("ZZ")), Err(PhoneFault::NoCountry));
    }

    #[test]
    fn numbers_kept_for_examples_are_told_apart() {
        for written in ["+1 555 0100", "+1 555 0199", "555-0142", "+1 212 555 0123", "1 212 555 0123"] {
            let phone = parse(written, Some("US")).unwrap();
            assert!(phone.is_made_up && phone.dial.starts_with("+1"), "{written}");
        }
        for written in ["+1 212 555 7000", "+34 910 555 100", "+1 212 736 5000"] {
            assert!(!parse(written, Some("US")).unwrap().is_made_up, "{written}");
        }
    }
}
