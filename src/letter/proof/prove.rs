//! Proves a wording before a patient could get it: nothing missing, nothing unknown, nothing that loops or swells,
//! nothing too hard to read, and nothing in a subject that others must not see (P10).

use std::collections::BTreeSet;

use super::forbidden::telling;
use super::{part_lint, reading_grade, safety, samples};
use crate::care::time::region::Region;
use crate::letter::compose::{Composer, Draft};
use crate::letter::content::{Inputs, LetterItem, Links};
use crate::letter::dates;
use crate::letter::fault::{self, LetterFault};
use crate::letter::locale::{ClosingParts, Locale};
use crate::letter::markup::{self, Block};
use crate::letter::template_names::{self, LetterName};
use crate::letter::wording::{ClinicFacts, LanguagePack, Wording};

/// Every fault of a wording; empty when it may be used.
#[must_use]
pub fn prove(wording: &Wording) -> Vec<LetterFault> {
    prove_in(wording, &wording.languages.keys().cloned().collect())
}

/// The faults of these languages, and of what all share.
#[must_use]
pub fn prove_in(wording: &Wording, languages: &BTreeSet<String>) -> Vec<LetterFault> {
    let mut faults = clinic_faults(&wording.clinic);
    let chosen = || wording.languages.iter().filter(|(language, _)| languages.contains(*language));
    let model = wording.languages.get_key_value("en").or_else(|| wording.languages.first_key_value());
    if let Some((first, model)) = model {
        for (language, pack) in chosen() {
            faults.extend(missing(language, pack, model));
            faults.extend(alone(first, model, language, pack));
            faults.extend(alone(language, pack, first, model));
            faults.extend(revealing(language, pack, &wording.clinic));
        }
    }
    match Composer::new(wording) {
        Err(found) => faults.extend(found),
        Ok(composer) => {
            for (language, pack) in chosen() {
                if let Ok(locale) = composer.locale(language) {
                    faults.extend(unknown(locale, pack));
                    faults.extend(standing(locale));
                    faults.extend(safety::standing(locale, &wording.clinic));
                    faults.extend(safety::standing_abroad(&composer, language));
                }
                faults.extend(rehearse(&composer, language, pack));
                faults.extend(part_lint::run_together(wording, language));
            }
        }
    }
    let mut seen = BTreeSet::new();
    faults.retain(|fault| seen.insert(fault.to_string()));
    faults
}

/// Writes every letter of these languages with made-up inputs, and gives what could not be written, or would not reach its
/// reader whole. Cheap enough for every start; [`prove`] looks at far more.
#[must_use]
pub fn dry_run(composer: &Composer, wording: &Wording, languages: &BTreeSet<String>) -> Vec<LetterFault> {
    let mut faults = Vec::new();
    for (language, pack) in wording.languages.iter().filter(|(language, _)| languages.contains(*language)) {
        let locale = composer.locale(language);
        faults.extend(locale.into_iter().flat_map(|locale| safety::standing(locale, &wording.clinic)));
        for name in pack.fragments.keys().filter(|name| !samples::PARTS.contains(&name.as_str())) {
            let (step, variant) = name.split_once('.').unwrap_or((name, ""));
            for kind in samples::kinds_of(step, variant) {
                for detail in samples::DETAILS {
                    let inputs = samples::inputs(language, detail, samples::item(language, step, kind));
                    faults.extend(as_read(composer, &inputs));
                }
            }
        }
    }
    let mut seen = BTreeSet::new();
    faults.retain(|fault| seen.insert(fault.to_string()));
    faults
}

/// Letters without a number to ring must not leave.
fn clinic_faults(clinic: &ClinicFacts) -> Vec<LetterFault> {
    let number = |text: &str| text.chars().filter(char::is_ascii_digit).count() >= 2;
    let texts = [
        ("clinic.phone_office", number(&clinic.phone_office)),
        ("clinic.phone_24h", number(&clinic.phone_24h)),
        ("clinic.emergency_number", number(&clinic.emergency_number)),
        ("clinic.emergency_dept", !clinic.emergency_dept.trim().is_empty()),
        ("clinic.opening_hours", !clinic.opening_hours.trim().is_empty()),
        ("clinic.name", !clinic.name.trim().is_empty()),
        ("clinic.short_name", !clinic.short_name.trim().is_empty()),
        (
            "clinic.emergency_first",
            ["hotline", "emergency_number", "both"].contains(&clinic.emergency_first.as_str()),
        ),
    ];
    let fault = |key: &str| {
        let hint = match key {
            "clinic.emergency_first" => "set it to \"hotline\", \"emergency_number\" or \"both\"",
            _ => "every letter names it: fill it in before letters may leave",
        };
        LetterFault::new("aftercare.toml", format!("`{key}` is empty or not usable"), hint)
    };
    texts.into_iter().filter(|(_, fits)| !fits).map(|(key, _)| fault(key)).collect()
}

/// Whether a key says how one region writes dates: `dates.US.day`.
fn is_of_a_region(key: &str) -> bool {
    let mut parts = key.strip_prefix("dates.").unwrap_or_default().split('.');
    parts.next().is_some_and(|region| Region::parse(region).is_some())
        && parts
            .next()
            .is_some_and(|part| ["day", "moment", "clock", "am", "pm", "noon", "midnight"].contains(&part))
}

fn missing(language: &str, pack: &LanguagePack, model: &LanguagePack) -> Vec<LetterFault> {
    let strings = format!("letters/{language}/strings.toml");
    let mut faults = Vec::new();
    // What nobody says is a slip where it stands, and no other language lacks it.
    let is_wanted = |key: &str| template_names::is_said(key, model) || is_of_a_region(key);
    for key in model.strings.keys().filter(|key| !key.starts_with("forbidden.") && is_wanted(key)) {
        if pack.strings.get(key).is_none_or(|text| text.trim().is_empty()) {
            let problem = format!("`{key}` is missing");
            faults.push(LetterFault::new(&strings, problem, "write it: a letter never mixes languages"));
        }
    }
    for key in pack.strings.keys().filter(|key| !template_names::is_said(key, pack) && !is_of_a_region(key)) {
        let problem = format!("`{key}` is used nowhere");
        faults.push(LetterFault::new(&strings, problem, "look for a slip in its name, or take it away"));
    }
    let named = LetterName::ALL.map(|named| named.word().to_owned());
    let wanted: BTreeSet<&String> = model.fragments.keys().chain(&named).collect();
    for name in wanted.into_iter().filter(|name| lacks(pack, name) && is_of_program(name)) {
        let file = fault::fragment_file(language, name);
        faults.push(LetterFault::new(
            &file,
            "this file is missing",
            "write it: a letter never mixes languages",
        ));
    }
    for name in model.leaflets.keys().filter(|name| !pack.leaflets.contains_key(*name)) {
        let file = format!("leaflets/{language}/{name}.md");
        faults.push(LetterFault::new(
            &file,
            format!("this leaflet is missing, and another language has a `{name}.md`"),
            "look for a slip in that name; else write it, or take it out in every language",
        ));
    }
    faults
}

/// Whether a pack neither has words of that name nor may leave them to its general ones, as a variant for one kind only may be.
fn lacks(pack: &LanguagePack, name: &str) -> bool {
    let general = name.split_once('.').map(|(step, _)| step).filter(|step| *step != "default");
    !pack.fragments.contains_key(name) && general.is_none_or(|step| !pack.fragments.contains_key(step))
}

/// Whether words of that name ship with the program, in whatever variant.
fn is_of_program(name: &str) -> bool {
    let step = name.split_once('.').map_or(name, |(step, _)| step);
    step == "default"
        || samples::PARTS.contains(&step)
        || samples::STEPS.iter().any(|(known, _)| *known == step)
}

/// Words of a name that the program does not know, in one language alone: most often a slip, told where it stands.
fn alone(language: &str, pack: &LanguagePack, other: &str, there: &LanguagePack) -> Vec<LetterFault> {
    let names = pack.fragments.keys().filter(|name| lacks(there, name) && !is_of_program(name));
    let fault = |name: &String| {
        let problem = format!("nothing that ships is called `{name}`, and it is not written in `{other}`");
        let hint = format!(
            "look for a slip in its name; a letter of your own is written in every language: `{}`",
            fault::fragment_file(other, name)
        );
        LetterFault::new(&fault::fragment_file(language, name), problem, hint)
    };
    names.map(fault).collect()
}

/// What must not be told, or names what nothing fills.
fn revealing(language: &str, pack: &LanguagePack, clinic: &ClinicFacts) -> Vec<LetterFault> {
    let file = format!("letters/{language}/strings.toml");
    let mut faults = telling(language, pack, clinic);
    for (key, text) in &pack.strings {
        faults.extend(strange_names(&file, key, text));
    }
    faults
}

/// `{names}` in strings that nothing fills.
fn strange_names(file: &str, key: &str, text: &str) -> Option<LetterFault> {
    let own: &[&str] = match key {
        "greeting.named" | "proxy.named" => &["name"],
        "lines.several" => &["count"],
        "lines.each" => &["number", "count"],
        _ if is_of_a_region(key) && key.ends_with(".moment") => &["day", "hour", "city"],
        _ if is_of_a_region(key) || key == "dates.day" => &["weekday", "day", "month", "year"],
        "dates.moment" => &["day", "hour", "city"],
        "dates.hours" => &["hours", "city"],
        _ if key.starts_with("subjects.staff") => &["code", "tier"],
        _ => &[],
    };
    let names: Vec<&str> = own.iter().chain(&["clinic", "phone_office", "phone_24h"]).copied().collect();
    let known: Vec<(&str, &str)> = names.iter().map(|name| (*name, "")).collect();
    let left = dates::fill(text, &known);
    let at = left.find('{')?;
    let name = left[at..].split_inclusive('}').next().unwrap_or_default();
    Some(LetterFault::new(
        file,
        format!("`{key}` holds {name}, which nothing fills"),
        format!("take it out, or write one of these in its place: {}", names.join(", ")),
    ))
}

const KNOWN: [&str; 15] = [
    "clinic", "detail", "kind", "noun", "title", "prepare", "place", "when", "day", "hour", "due", "leaflet",
    "facts", "links", "texts",
];

fn unknown(locale: &Locale, pack: &LanguagePack) -> Vec<LetterFault> {
    let mut faults = Vec::new();
    for (name, source) in &pack.fragments {
        let standing = matches!(name.as_str(), "warning" | "footer" | "numbers");
        for variable in locale.unknown(name) {
            let root = variable.split('.').next().unwrap_or_default();
            let known: &[&str] = if standing { &["clinic", "detail", "on_page"] } else { &KNOWN };
            let fits = known.contains(&root);
            if !fits {
                let line = source.lines().position(|line| line.contains(root)).map(|index| index + 1);
                let file = fault::fragment_file(&locale.language, name);
                let problem = format!("`{variable}` is no name that this text can fill in");
                let hint = format!("take it out, or write one of these in its place: {}", known.join(", "));
                faults.push(LetterFault::new(&file, problem, hint).at(line));
            }
        }
    }
    faults
}

/// The texts that stand in every letter, and the leaflets.
fn standing(locale: &Locale) -> Vec<LetterFault> {
    let mut faults = Vec::new();
    for (name, blocks) in locale.endings().iter().flat_map(ClosingParts::parts) {
        faults.extend(hard(&fault::fragment_file(&locale.language, name), &locale.language, blocks));
        if blocks.is_empty() {
            let file = fault::fragment_file(&locale.language, name);
            faults.push(LetterFault::new(
                &file,
                "the text is empty",
                "every letter to a patient must end with it",
            ));
        }
    }
    for (name, leaflet) in &locale.leaflets {
        let file = format!("leaflets/{}/{name}.md", locale.language);
        faults.extend(hard(&file, &locale.language, &leaflet.blocks));
    }
    let prefixes = ["lines.", "greeting."];
    for (key, text) in locale.strings.iter().filter(|(key, _)| prefixes.iter().any(|p| key.starts_with(p))) {
        let file = format!("letters/{}/strings.toml", locale.language);
        faults.extend(hard(&file, &locale.language, &markup::parse(text)).map(|mut fault| {
            fault.problem = format!("`{key}`: {}", fault.problem);
            fault
        }));
    }
    faults
}

fn hard(file: &str, language: &str, blocks: &[Block]) -> Option<LetterFault> {
    let problem = reading_grade::too_hard(language, blocks)?;
    Some(LetterFault::new(file, problem, "use shorter words, and one idea a sentence"))
}

/// Renders every template for every kind and detail level, with and without links.
fn rehearse(composer: &Composer, language: &str, pack: &LanguagePack) -> Vec<LetterFault> {
    let mut faults = Vec::new();
    for name in pack.fragments.keys().filter(|name| !samples::PARTS.contains(&name.as_str())) {
        let (step, variant) = name.split_once('.').unwrap_or((name, ""));
        for kind in samples::kinds_of(step, variant) {
            for detail in samples::DETAILS {
                let inputs = samples::inputs(language, detail, samples::item(language, step, kind));
                faults.extend(try_one(composer, name, &inputs));
            }
        }
    }
    faults
}

/// Faults of the fragment of that name in a letter of one item.
fn try_one(composer: &Composer, name: &str, inputs: &Inputs) -> Vec<LetterFault> {
    let links = samples::links();
    let mut faults = as_read(composer, inputs);
    faults.extend(composer.compose(inputs, &Links::default()).err());
    faults.extend(as_sent(composer, inputs));
    let Ok(locale) = composer.locale(&inputs.language) else { return faults };
    let Ok(draft) = Draft::open(composer, locale, inputs, &links) else { return faults };
    let Some(item) = inputs.items.first() else { return faults };
    // Another text may speak for it at this level and kind; that one has its own turn.
    if draft.fragment(item).is_ok_and(|speaks| speaks == name) {
        let file = fault::fragment_file(&inputs.language, name);
        let section = draft.section(item).unwrap_or_default();
        if section.is_empty() && faults.is_empty() {
            faults.push(LetterFault::new(&file, "the text is empty", "write it, or take the file away"));
        }
        faults.extend(hard(&file, &inputs.language, &section).filter(|_| item.kind != "staff"));
    }
    faults
}

/// What is wrong with a letter that knows no more than a real one of its kind does.
fn as_sent(composer: &Composer, inputs: &Inputs) -> Option<LetterFault> {
    let item = inputs.items.first()?;
    samples::facts_as_sent(&item.template).into_iter().find_map(|facts| {
        let items = vec![LetterItem { facts, ..item.clone() }];
        composer.compose(&Inputs { items, ..inputs.clone() }, &samples::links()).err()
    })
}

/// A letter as it would be written, and what is wrong with it or with what its reader would get.
fn as_read(composer: &Composer, inputs: &Inputs) -> Vec<LetterFault> {
    let links = samples::links();
    match composer.compose(inputs, &links) {
        Ok(letter) => safety::as_read(composer, inputs, &links, &letter),
        Err(fault) => vec![fault],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(language: &str, name: &str, source: &str) -> Vec<LetterFault> {
        let mut wording = samples::wording();
        let pack = wording.languages.get_mut(language).unwrap();
        pack.fragments.insert(name.to_owned(), source.to_owned());
        prove(&wording)
    }

    fn says(faults: &[LetterFault], file: &str, words: &str) {
        assert!(faults.iter().any(|f| f.file == file && f.problem.contains(words)), "{words}: {faults:#?}");
    }

    #[test]
    fn a_text_that_needs_what_its_real_letter_does_not_know_is_found() {
        for (name, source) in [
            ("staff-answer", "| Tier | {{ facts.tier }}\n\n=> {{ links.console }} Open it"),
            ("staff-test-alert", "{{ facts.code }}\n\n{{ links.code }}\n\n=> {{ links.console }} Open it"),
            ("closing", "{% if facts.form %}Your forms go on.{% endif %} Thank you."),
        ] {
            let faults = with("en", name, source);
            assert!(
                faults
                    .iter()
                    .any(|f| f.file.contains(name) && f.problem.contains("not a name that letters know")),
                "{faults:#?}"
            );
        }
    }

    #[test]
    fn the_shipped_words_have_no_fault() {
        let faults = prove(&samples::wording());
        assert!(faults.is_empty(), "{}", faults.iter().map(|f| format!("{f}\n")).collect::<String>());
    }

    #[test]
    fn templates_that_loop_swell_or_guess_are_found_at_their_line() {
        let book = "letters/en/book.txt.j2";
        let nested = "x\n{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}";
        says(&with("en", "book", nested), book, "does not come to an end");
        says(&with("en", "book", "{{ 'abc ' * 40000 }}"), book, "larger than");
        let faults = with("en", "book", "Hello.\n\n{{ patient_name }}");
        says(&faults, book, "`patient_name` is no name that this text");
        assert!(faults.iter().any(|f| f.line == Some(3)), "{faults:#?}");
        says(&with("en", "book", "{% if %}"), book, "syntax error");
        says(&with("en", "warning", "{{ place }}"), "letters/en/warning.txt.j2", "");
    }

    #[test]
    fn an_own_step_is_rehearsed_too() {
        says(&with("es", "mi-paso", "{{ nombre }}"), "letters/es/mi-paso.txt.j2", "nombre");
    }

    #[test]
    fn hard_words_in_an_override_are_found() {
        let hard = "Multidisciplinary considerations necessitate comprehensive radiological investigation. "
            .repeat(5);
        says(&with("en", "book", &hard), "letters/en/book.txt.j2", "reading grade");
        says(
            &with(
                "es",
                "book",
                &"Consideraciones multidisciplinares necesitarían investigaciones radiológicas exhaustivas. "
                    .repeat(5),
            ),
            "letters/es/book.txt.j2",
            "INFLESZ",
        );
    }

    #[test]
    fn words_for_one_level_alone_are_judged_too() {
        let book = "letters/en/book.minimal.txt.j2";
        let hard = "Multidisciplinary considerations necessitate comprehensive radiological investigation.";
        says(&with("en", "book.minimal", hard), book, "reading grade");
        says(&with("en", "book.minimal", "{% if title %}x{% endif %}"), book, "empty");
    }

    #[test]
    fn telling_subjects_and_short_names_are_found() {
        let mut wording = samples::wording();
        let strings = &mut wording.languages.get_mut("en").unwrap().strings;
        strings.insert("subjects.book".into(), "Your MRI is due".into());
        strings.insert("lines.preview".into(), "About the {diagnosis}".into());
        wording.clinic.short_name = "Gynae-Oncology".into();
        let faults = prove(&wording);
        says(&faults, "letters/en/strings.toml", "\"mri\"");
        says(&faults, "letters/en/strings.toml", "{diagnosis}");
        says(&faults, "aftercare.toml", "short_name");
    }

    #[test]
    fn what_one_language_lacks_is_found() {
        let mut wording = samples::wording();
        let pack = wording.languages.get_mut("es").unwrap();
        pack.strings.remove("lines.opt_out");
        pack.strings.insert("lines.opt_uot".into(), "x".into());
        pack.fragments.remove("nudge");
        pack.leaflets.remove("dilator");
        let faults = prove(&wording);
        says(&faults, "letters/es/strings.toml", "`lines.opt_out` is missing");
        says(&faults, "letters/es/strings.toml", "`lines.opt_uot` is used nowhere");
        says(&faults, "letters/es/nudge.txt.j2", "missing");
        says(&faults, "leaflets/es/dilator.md", "missing");
    }

    #[test]
    fn a_slip_in_the_first_language_is_told_where_it_stands_and_no_other_language_is_blamed() {
        for language in ["en", "es"] {
            let faults = with(language, "boook", "Hello there.");
            says(&faults, &fault::fragment_file(language, "boook"), "nothing that ships is called `boook`");
            assert_eq!(faults.len(), 1, "{faults:#?}");
        }
        let mut wording = samples::wording();
        let pack = wording.languages.get_mut("en").unwrap();
        pack.strings.insert("dri".into(), "ltr".into());
        let faults = prove(&wording);
        says(&faults, "letters/en/strings.toml", "`dri` is used nowhere");
        assert_eq!(faults.len(), 1, "{faults:#?}");
    }

    #[test]
    fn a_short_text_nobody_says_is_found_in_the_first_language_too() {
        let mut wording = samples::wording();
        let pack = wording.languages.get_mut("en").unwrap();
        for key in ["lines.footer", "subjects.bokoed", "dates.monthz.01"] {
            pack.strings.insert(key.into(), "x".into());
        }
        let faults = prove(&wording);
        for key in ["lines.footer", "subjects.bokoed", "dates.monthz.01"] {
            says(&faults, "letters/en/strings.toml", &format!("`{key}` is used nowhere"));
        }
    }

    #[test]
    fn a_letter_named_in_code_may_be_missing_in_no_language() {
        for named in LetterName::ALL {
            let mut wording = samples::wording();
            for pack in wording.languages.values_mut() {
                pack.fragments.remove(named.word());
            }
            let faults = prove(&wording);
            for language in ["en", "es"] {
                says(&faults, &fault::fragment_file(language, named.word()), "missing");
            }
        }
    }

    #[test]
    fn empty_numbers_are_found() {
        let mut wording = samples::wording();
        wording.clinic.phone_24h = " ".into();
        wording.clinic.emergency_first = "whatever".into();
        let faults = prove(&wording);
        says(&faults, "aftercare.toml", "phone_24h");
        says(&faults, "aftercare.toml", "emergency_first");
    }
}
