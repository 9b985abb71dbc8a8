//! Did you mean: the nearest known word.

/// The nearest of `known`, if it is near enough to be meant.
pub(in crate::config) fn nearest<'k>(
    word: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<&'k str> {
    let lower = word.to_lowercase();
    known
        .into_iter()
        .map(|k| (strsim::osa_distance(&lower, &k.to_lowercase()), k))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, k)| *distance <= 1 + k.len().min(word.len()) / 4)
        .map(|(_, k)| k)
}

/// A hint for a word that is none of `known`.
pub(in crate::config) fn did_you_mean(word: &str, known: &[&str]) -> String {
    nearest(word, known.iter().copied())
        .map_or_else(|| format!("known are {}", ticked(known)), |k| format!("did you mean `{k}`?"))
}

/// Words in backticks, separated by commas.
pub(in crate::config) fn ticked(words: &[&str]) -> String {
    words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ")
}

/// The line of a byte offset, from 1.
pub(in crate::config) fn line_of(text: &str, offset: usize) -> usize {
    1 + text.as_bytes().iter().take(offset).filter(|b| **b == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_understood_and_a_stranger_is_not() {
        assert_eq!(nearest("phone_offce", ["phone_office", "phone_24h"]), Some("phone_office"));
        assert_eq!(nearest("Europe/Berlni", ["Europe/Berlin", "Europe/Dublin"]), Some("Europe/Berlin"));
        assert_eq!(nearest("colour", ["phone_office", "phone_24h"]), None);
    }
}
