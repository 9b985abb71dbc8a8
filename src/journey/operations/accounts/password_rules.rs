//! Whether a password would be guessed (NIST SP 800-63B, 5.1.1.2): not how odd it looks, but whether it stands on the lists that are
//! tried first, is one key after the other, or holds little beside a name that everybody knows. (`zxcvbn` 3.1 brings some 90,000
//! words, all English: more than 2 MB in the program and, once asked, 4 MB in memory for good; nobody tries ten thousand times here.)

use crate::journey::errors::account::AccountError;

/// A password is at least this long: longer beats odder.
const SHORTEST: usize = 12;
/// So long that nobody's is, and short enough to be hashed.
const LONGEST: usize = 1024;
/// So many characters must be left of it that are neither common, nor a name, nor follow from the one before.
const LEAST_LEFT: usize = 6;
/// A pattern of so many characters that comes again is none.
const LONGEST_PATTERN: usize = 6;
/// A name of fewer characters may stand in a password by chance.
const SHORTEST_NAME: usize = 4;
/// What stands side by side on keyboards.
const ROWS: [&str; 5] = ["qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop"];
/// Words that lists of common passwords are made of, also at a clinic.
const WORDS: [&str; 44] = [
    "administrator",
    "passwort",
    "password",
    "passphrase",
    "welcome",
    "letmein",
    "iloveyou",
    "changeme",
    "opensesame",
    "whatever",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "superman",
    "computer",
    "internet",
    "contrasena",
    "contraseña",
    "bienvenido",
    "bienvenida",
    "teamo",
    "aftercare",
    "hospital",
    "clinica",
    "clínica",
    "clinic",
    "enfermera",
    "doctora",
    "doctor",
    "nurse",
    "secret",
    "secreto",
    "default",
    "summer",
    "winter",
    "spring",
    "autumn",
    "verano",
    "invierno",
    "admin",
    "master",
    "login",
    "pass",
];
/// Whole ones on such lists, without what is no letter and no digit.
const WHOLE: [&str; 10] = [
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "correcthorsebatterystaple",
    "maytheforcebewithyou",
    "mynameisnobody",
    "neverletmego",
    "qazwsxedcrfv",
    "thequickbrownfox",
    "tobeornottobe",
    "zaq12wsxcde3",
];

/// Whether a new password may be had by whoever bears these names, her own and the clinic's.
///
/// # Errors
/// [`AccountError`], saying which rule it breaks.
pub(super) fn judge(password: &str, names: &[&str]) -> Result<(), AccountError> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(AccountError::ShortPassword);
    }
    if length > LONGEST {
        return Err(AccountError::LongPassword);
    }
    let typed = password.to_lowercase();
    if left(&typed) < LEAST_LEFT || is_pattern(&typed) {
        return Err(AccountError::RepeatedPassword);
    }
    let bare: String = typed.chars().filter(|c| c.is_alphanumeric()).collect();
    if WHOLE.contains(&bare.as_str()) || is_little(rest(&typed, &WORDS)) {
        return Err(AccountError::CommonPassword);
    }
    let names: Vec<String> = names.iter().flat_map(|name| parts(name)).collect();
    let all: Vec<&str> = names.iter().map(String::as_str).chain(WORDS).collect();
    let holds_name = rest(&typed, &names).is_some();
    if holds_name && is_little(rest(&typed, &all)) { Err(AccountError::NamedPassword) } else { Ok(()) }
}

/// Whether what is left, of a password that held one of the words, would be guessed.
fn is_little(rest: Option<String>) -> bool {
    rest.is_some_and(|rest| left(&rest) < LEAST_LEFT)
}

/// A name as a whole and its longer parts.
fn parts(name: &str) -> Vec<String> {
    let name = name.to_lowercase();
    let parts = name.split(|c: char| !c.is_alphanumeric()).chain([name.as_str()]);
    parts.filter(|part| part.chars().count() >= SHORTEST_NAME).map(str::to_owned).collect()
}

/// What is left without these words, also where digits stand for letters; `None` where it holds none of them.
fn rest<W: AsRef<str>>(typed: &str, words: &[W]) -> Option<String> {
    let meant: String = typed.chars().map(letter).collect();
    let without =
        |text: &str| words.iter().fold(text.to_owned(), |text, word| text.replace(word.as_ref(), ""));
    let rests = [without(typed), without(&meant)];
    let shortest = rests.into_iter().min_by_key(|rest| rest.chars().count())?;
    (shortest.chars().count() < typed.chars().count()).then_some(shortest)
}

/// The letter that a digit or a mark stands for.
const fn letter(typed: char) -> char {
    match typed {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// Characters that do not follow from the one before them.
fn left(text: &str) -> usize {
    let characters: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let first = usize::from(!characters.is_empty());
    first + characters.windows(2).filter(|pair| !follows(pair[0], pair[1])).count()
}

/// The same again, its neighbour in the alphabet or among the digits, or on a keyboard.
fn follows(one: char, next: char) -> bool {
    let pair = [one, next].iter().collect::<String>();
    let turned = [next, one].iter().collect::<String>();
    let is_beside = ROWS.iter().any(|row| row.contains(&pair) || row.contains(&turned));
    let is_counted = one == next || (one.is_alphanumeric() && next.is_alphanumeric());
    let is_round = matches!((one, next), ('9', '0') | ('0', '9'));
    is_beside || is_round || (is_counted && u32::from(one).abs_diff(u32::from(next)) <= 1)
}

/// A few characters over and over.
fn is_pattern(text: &str) -> bool {
    let all: Vec<char> = text.chars().collect();
    (1..=LONGEST_PATTERN).any(|length| all.iter().skip(length).zip(&all).all(|(one, before)| one == before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_first_is_refused_and_told_which_rule_it_breaks() {
        let judged = |password: &str| judge(password, &["maria.lopez", "Riverside Gynaecologic Oncology"]);
        for (password, fault) in [
            ("aaaaaaaaaaa", AccountError::ShortPassword),
            ("aaaaaaaaaaaa", AccountError::RepeatedPassword),
            ("abcabcabcabcabc", AccountError::RepeatedPassword),
            ("hanna1hanna1", AccountError::RepeatedPassword),
            ("1234567890123", AccountError::RepeatedPassword),
            ("qwertyuiop123", AccountError::RepeatedPassword),
            ("lkjhgfdsa4321", AccountError::RepeatedPassword),
            ("Password1234!", AccountError::CommonPassword),
            ("P4ssw0rd2024!", AccountError::CommonPassword),
            ("contraseña2026", AccountError::CommonPassword),
            ("hospital-nurse", AccountError::CommonPassword),
            ("Correct Horse Battery Staple", AccountError::CommonPassword),
            ("maria.lopez2026", AccountError::NamedPassword),
            ("RiversideOncology", AccountError::NamedPassword),
            ("RiversidePassword1", AccountError::NamedPassword),
        ] {
            assert_eq!(judged(password), Err(fault), "{password}");
        }
        assert_eq!(judged(&"xq7 ".repeat(300)), Err(AccountError::LongPassword));
        let long =
            (0..1024_u32).map(|n| char::from(b'a' + u8::try_from(n * n % 23).unwrap())).collect::<String>();
        for fine in [
            "a long enough password",
            "made-up clinic",
            "a password of her own",
            "mrzyk4qcw7npd2vh",
            "correct horse battery",
            &long,
        ] {
            assert_eq!(judged(fine), Ok(()), "{fine}");
        }
    }
}
