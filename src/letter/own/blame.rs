//! Words that sound like blame or an order. They are shown to whoever writes
//! them, and never refused: "must" may be the right word somewhere.

/// What sounds so, by language; found between words only.
const PHRASES: [(&str, &[&str]); 2] = [
    (
        "en",
        &[
            "must",
            "missed us",
            "missed your",
            "missed it again",
            "you failed",
            "you forgot",
            "your fault",
            "you did not come",
            "you did not call",
            "you never",
            "as we told you",
            "last warning",
            "obliged",
        ],
    ),
    (
        "es",
        &[
            "debe",
            "deberá",
            "tiene la obligación",
            "faltó",
            "no vino",
            "no acudió",
            "no se presentó",
            "no llamó",
            "olvidó",
            "su culpa",
            "culpa suya",
            "nunca viene",
            "ya le dijimos",
            "último aviso",
        ],
    ),
];

/// The first of these in a text; none in a language without a list.
#[must_use]
pub fn found(language: &str, text: &str) -> Option<&'static str> {
    let (_, phrases) = PHRASES.iter().find(|(listed, _)| *listed == language)?;
    let plain: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let plain = format!(" {} ", plain.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" "));
    phrases.iter().copied().find(|phrase| plain.contains(&format!(" {phrase} ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::proof::samples;

    #[test]
    fn blame_and_orders_are_found_and_no_shipped_letter_to_a_patient_holds_any() {
        assert_eq!(found("en", "You have missed us\nagain!"), Some("missed us"));
        assert_eq!(found("en", "You MUST call."), Some("must"));
        assert_eq!(found("es", "Usted no vino. Llame."), Some("no vino"));
        assert_eq!(found("en", "mustard"), None);
        for (language, pack) in samples::wording().languages {
            let staff = |name: &str| name.contains("staff") || name == "ops-digest";
            for (name, text) in pack.fragments.iter().filter(|(name, _)| !staff(name)) {
                assert_eq!(found(&language, text), None, "{language} {name}");
            }
        }
    }
}
