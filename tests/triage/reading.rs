//! The words patients read: plain, neutral, and never a diagnosis.

use aftercare::config::pages::keys::KEYS;
use std::collections::BTreeMap;

use aftercare::config::centres;
use aftercare::config::checklists::checklist;
use aftercare::config::pages::wording;
use aftercare::config::sources::Sources;

/// Everything a patient reads in a language, by where it stands; places filled with a digit.
fn texts(language: &str) -> BTreeMap<String, String> {
    let form = checklist::shipped().unwrap();
    let words = form.words(language).unwrap();
    let mut texts = BTreeMap::from([("intro".to_owned(), words.intro.clone())]);
    for (id, item) in &words.items {
        let parts = item.parts.values().flat_map(|part| part.ask.iter().chain(&part.help));
        let said: Vec<&str> =
            [&item.ask].into_iter().chain(&item.help).chain(parts).map(String::as_str).collect();
        texts.insert(id.clone(), said.join(" "));
    }
    let pages = wording::load(&Sources::shipped()).unwrap();
    for (key, places) in KEYS.iter().filter(|(key, _)| !key.starts_with("language.")) {
        let places: Vec<(&str, &str)> = places.iter().map(|place| (*place, "5")).collect();
        let section = key.split('.').next().unwrap().to_owned();
        let text: &mut String = texts.entry(section).or_default();
        text.push_str(pages.say(language, key, &places).trim_end_matches(['.', ':']));
        text.push_str(". ");
    }
    let languages = [language.to_owned()];
    let centres = centres::load(&Sources::shipped(), &languages).unwrap();
    let shown = centres.shown(language).unwrap();
    let lines =
        shown.weigh.iter().map(String::as_str).chain(shown.centres.iter().map(|[_, _, offers]| *offers));
    texts.insert(
        "centres.toml".to_owned(),
        std::iter::once(shown.intro).chain(lines).collect::<Vec<_>>().join(" "),
    );
    texts
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphabetic() && c != '\'').filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

fn sentences(text: &str) -> usize {
    text.split(['.', '?', '!', ':']).filter(|part| !words(part).is_empty()).count().max(1)
}

/// Groups of vowels, a silent final e apart: near enough for a grade.
fn syllables(word: &str) -> usize {
    let vowel = |c: char| "aeiouyáéíóúü".contains(c);
    let mut groups = 0;
    let mut before = false;
    for c in word.chars() {
        groups += usize::from(vowel(c) && !before);
        before = vowel(c);
    }
    let silent = word.ends_with('e') && !word.ends_with("le") && groups > 1;
    (groups - usize::from(silent)).max(1)
}

fn per(count: usize, of: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap()) / f64::from(u32::try_from(of.max(1)).unwrap())
}

#[test]
fn english_reads_at_grade_six_or_below() {
    for (place, text) in texts("en") {
        let words = words(&text);
        let syllables: usize = words.iter().map(|word| syllables(word)).sum();
        // Flesch-Kincaid grade level (Kincaid 1975).
        let grade = 0.39 * per(words.len(), sentences(&text)) + 11.8 * per(syllables, words.len()) - 15.59;
        assert!(grade <= 6.0, "{place}: grade {grade:.1}: {text}");
    }
}

#[test]
fn spanish_reads_easily() {
    for (place, text) in texts("es") {
        let words = words(&text);
        let syllables: usize = words.iter().map(|word| syllables(word)).sum();
        // Fernández Huerta 1959: 70 and more is easy, 60 and more is plain.
        let ease = 206.84 - 60.0 * per(syllables, words.len()) - 1.02 * per(words.len(), sentences(&text));
        assert!(ease >= 65.0, "{place}: ease {ease:.0}: {text}");
    }
}

#[test]
fn no_word_guesses_at_body_gender_or_title_and_none_blames() {
    let forbidden = [
        "she",
        "her",
        "he",
        "him",
        "woman",
        "women",
        "ladies",
        "madam",
        "mrs",
        "uterus",
        "vagina",
        "fault",
        "failed",
        "forgot",
        "mujer",
        "mujeres",
        "señora",
        "ella",
        "útero",
        "vagina",
        "culpa",
        "olvidó",
        "cansada",
        "cansado",
        "preocupada",
        "preocupado",
        "sola",
        "solo",
    ];
    for language in ["en", "es"] {
        for (place, text) in texts(language) {
            let found: Vec<String> =
                words(&text).into_iter().filter(|word| forbidden.contains(&word.as_str())).collect();
            // We may own a fault of ours.
            assert!(
                found.is_empty() || (place == "error" && found == ["fault"]),
                "{language} {place}: {found:?}"
            );
        }
    }
}

#[test]
fn cancer_is_named_once_and_as_past() {
    for (language, sentence) in [("en", "I have had cancer."), ("es", "Tuve cáncer.")] {
        let all = texts(language).into_values().collect::<Vec<_>>().join(" ");
        assert_eq!(words(&all).iter().filter(|word| *word == "cancer" || *word == "cáncer").count(), 1);
        assert!(all.contains(sentence));
    }
}

#[test]
fn the_pages_of_the_tiers_name_the_number_to_ring() {
    let pages = wording::load(&Sources::shipped()).unwrap();
    for language in pages.languages() {
        for (keys, place) in [
            (&["emergency.do_number", "emergency.do_both", "emergency.do_line"][..], "{emergency_number}"),
            (&["urgent.do", "emergency.after", "emergency.do_line"], "{clinic_24h}"),
            (&["urgent.worse", "soon.worse", "routine.worse", "urgent.else"], "{emergency_number}"),
            (&["soon.do", "routine.care"], "{clinic_office}"),
        ] {
            assert!(keys.iter().all(|key| pages.text(language, key).contains(place)), "{language} {keys:?}");
        }
    }
}
