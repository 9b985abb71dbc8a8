//! How easy a text is to read. English: Flesch-Kincaid grade. Spanish: the INFLESZ scale (Szigriszt-Pazos perspicuity),
//! whose 65 ("quite easy") is what primary school readers manage, so that it stands for grade 6. Other languages have no
//! formula here and are judged by the length of their sentences alone.

use crate::letter::markup::Block;

/// The counts a reading grade is computed from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Sentences; a list item and a link's words are one each.
    pub sentences: u32,
    /// Words; numbers and addresses are left out.
    pub words: u32,
    /// Syllables of all its words.
    pub syllables: u32,
}

/// From so many words on a formula is sure of itself.
pub const ENOUGH: u32 = 25;
/// Below so many it says nothing.
const FEWEST: u32 = 6;

/// How hard a text is to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingGrade {
    /// Which figure it has, on which scale, and what the limit is.
    pub says: String,
    /// Whether it is beyond the limit.
    pub is_too_hard: bool,
}

/// Why a text is too hard, or `None` if it reads at grade 6 or below.
#[must_use]
pub fn too_hard(language: &str, blocks: &[Block]) -> Option<String> {
    judge(language, blocks).filter(|grade| grade.is_too_hard).map(|grade| grade.says)
}

/// How hard a text is; `None` where it has too few words to tell.
#[must_use]
pub fn judge(language: &str, blocks: &[Block]) -> Option<ReadingGrade> {
    let count = count(language, blocks);
    if count.words < FEWEST {
        return None;
    }
    // Each word that is missing leaves a little more to chance.
    let chance = f64::from(ENOUGH.saturating_sub(count.words));
    let length = f64::from(count.words) / f64::from(count.sentences.max(1));
    let syllables = f64::from(count.syllables) / f64::from(count.words);
    Some(match language {
        "en" => {
            let grade = 0.39 * length + 11.8 * syllables - 15.59;
            let is_too_hard = grade > 6.0 + 0.2 * chance;
            let limit = if is_too_hard { "is above 6" } else { "of 6 at most" };
            ReadingGrade { says: format!("reading grade {:.1} {limit}", grade.max(0.0)), is_too_hard }
        }
        "es" => {
            let ease = 206.835 - 62.3 * syllables - length;
            let is_too_hard = ease < 65.0 - chance;
            let limit = if is_too_hard { "is below 65" } else { "of 65 at least" };
            ReadingGrade { says: format!("reading ease {ease:.0} (INFLESZ) {limit}"), is_too_hard }
        }
        _ => {
            let is_too_hard = length > 15.0;
            let limit = if is_too_hard { "are more than 15" } else { "of 15 at most" };
            ReadingGrade { says: format!("{length:.0} words a sentence {limit}"), is_too_hard }
        }
    })
}

/// Counts a text; headings and facts are names, not sentences, and are left out.
#[must_use]
pub fn count(language: &str, blocks: &[Block]) -> Count {
    let mut total = Count::default();
    for block in blocks {
        match block {
            Block::Paragraph(text) | Block::Link(_, text) => add(language, text, &mut total),
            Block::List(items) => items.iter().for_each(|item| add(language, item, &mut total)),
            Block::Heading(_) | Block::Fact(_, _) => {}
        }
    }
    total
}

fn add(language: &str, text: &str, total: &mut Count) {
    for sentence in text.split_inclusive(|c: char| ".?!:".contains(c)) {
        let words: Vec<&str> = sentence
            .split(|c: char| !(c.is_alphabetic() || c == '\'' || c == '’'))
            .filter(|word| word.chars().any(char::is_alphabetic))
            .collect();
        if words.is_empty() {
            continue;
        }
        total.sentences += 1;
        for word in words {
            total.words += 1;
            total.syllables += if language == "es" { spanish(word) } else { english(word) };
        }
    }
}

/// Groups of vowels, less a silent end; `ia` and `io` are two but after c, g, s, t (`radio`, `nation`).
fn english(word: &str) -> u32 {
    let word: String = word.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
    let groups = vowel_groups(&word, |c| "aeiouy".contains(c));
    let sounded = ["le", "ee", "ye", "oe"].iter().any(|end| word.ends_with(end));
    let silent_e = word.ends_with('e') && !sounded;
    let silent_ed = word.ends_with("ed") && !word.ends_with("ted") && !word.ends_with("ded");
    let silent_es = word.ends_with("es")
        && !["ses", "zes", "xes", "ches", "shes", "ces", "ges"].iter().any(|end| word.ends_with(end));
    let parted = ["ia", "io"].iter().flat_map(|pair| word.match_indices(pair));
    let soft = |at: usize| word[..at].ends_with(['c', 'g', 's', 't']);
    let extra = u32::try_from(parted.filter(|(at, _)| !soft(*at)).count()).unwrap_or(0);
    (groups + extra).saturating_sub(u32::from(silent_e || silent_ed || silent_es)).max(1)
}

/// Vowel groups, where two strong vowels, or a stressed weak one, part.
fn spanish(word: &str) -> u32 {
    let word = word.to_lowercase().replace("qu", "k").replace("gue", "ge").replace("gui", "gi");
    let weak = |c: char| "iuüy".contains(c);
    let length = word.chars().count();
    let (mut count, mut before): (u32, Option<char>) = (0, None);
    for (index, c) in word.chars().enumerate() {
        let vowel = "aeiouáéíóúü".contains(c) || (c == 'y' && index + 1 == length);
        count += u32::from(vowel && !before.is_some_and(|last| weak(last) || weak(c)));
        before = vowel.then_some(c);
    }
    count.max(1)
}

fn vowel_groups(word: &str, is_vowel: impl Fn(char) -> bool) -> u32 {
    let (mut groups, mut inside) = (0, false);
    for c in word.chars() {
        groups += u32::from(is_vowel(c) && !inside);
        inside = is_vowel(c);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::markup;

    #[test]
    fn syllables_are_counted_as_people_do() {
        let english_words = [
            ("call", 1),
            ("letter", 2),
            ("appointment", 3),
            ("please", 1),
            ("called", 1),
            ("needed", 2),
            ("radiation", 4),
            ("special", 2),
            ("table", 2),
        ];
        for (word, syllables) in english_words {
            assert_eq!(english(word), syllables, "{word}");
        }
        for (word, syllables) in [
            ("día", 2),
            ("puede", 2),
            ("escalera", 4),
            ("orina", 3),
            ("leer", 2),
            ("aquí", 2),
            ("ayuda", 3),
            ("hoy", 1),
        ] {
            assert_eq!(spanish(word), syllables, "{word}");
        }
    }

    #[test]
    fn hard_words_are_found_in_both_languages() {
        let english = "Notwithstanding preliminary considerations regarding contraindications, individuals experiencing \
            neurological deterioration necessitate immediate multidisciplinary evaluation including comprehensive \
            radiological investigation of the entire vertebral column alongside contemporaneous laboratory assessment.";
        assert!(too_hard("en", &markup::parse(english)).is_some());
        let spanish = "Independientemente de las consideraciones preliminares relativas a contraindicaciones, quienes \
            experimenten deterioro neurológico necesitarán inmediatamente una evaluación multidisciplinar que incluya \
            investigaciones radiológicas exhaustivas de la totalidad de la columna vertebral.";
        assert!(too_hard("es", &markup::parse(spanish)).is_some());
        let easy = "Call us. We will help you find a new day. ".repeat(5);
        assert_eq!(too_hard("en", &markup::parse(&easy)), None);
    }

    #[test]
    fn a_short_text_is_judged_with_more_patience() {
        let short = "Multidisciplinary considerations necessitate comprehensive radiological investigation.";
        assert!(too_hard("en", &markup::parse(short)).is_some());
        let spanish =
            "Consideraciones multidisciplinares necesitarían investigaciones radiológicas exhaustivas.";
        assert!(too_hard("es", &markup::parse(spanish)).is_some());
        assert_eq!(too_hard("en", &markup::parse("Please call us to pick a day that suits you.")), None);
    }

    #[test]
    fn a_text_of_a_few_words_is_not_judged() {
        assert_eq!(too_hard("en", &markup::parse("Multidisciplinary contraindications.")), None);
    }
}
