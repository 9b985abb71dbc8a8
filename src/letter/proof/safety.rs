//! What must reach every reader, whatever a clinic writes: the signs, the numbers to ring and where to go, in the text and
//! on the page as it shows; and a page that fetches, runs and asks nothing.

use super::html_lint;
use crate::letter::compose::{Composer, Draft};
use crate::letter::content::{Inputs, Letter, Links};
use crate::letter::fault::{self, LetterFault};
use crate::letter::layout::{CSS, LAYOUT};
use crate::letter::locale::{self, Locale};
use crate::letter::markup::Block;
use crate::letter::wording::ClinicFacts;

/// We ship 21 signs. A clinic may join some or leave one to its leaflets; with fewer than this the list is another.
const FEWEST_SIGNS: usize = 12;
/// How much of a lost sentence a fault shows.
const SHOWN: usize = 60;

/// Faults of the standing end of every letter to a patient.
pub(in crate::letter) fn standing(locale: &Locale, clinic: &ClinicFacts) -> Vec<LetterFault> {
    let clinic = clinic.in_language(&locale.language);
    let mut faults: Vec<_> = warnings(locale).flat_map(|warning| signs(locale, warning, &clinic)).collect();
    if let Ok(numbers) = locale.alone("numbers") {
        let file = fault::fragment_file(&locale.language, "numbers");
        let emergency = |(key, _): &(&str, &str)| matches!(*key, "phone_24h" | "emergency_number");
        let text = locale::text(&numbers);
        let lost = wanted(&clinic).into_iter().filter(emergency).filter(|(_, words)| !says(&text, words));
        faults.extend(lost.map(|(key, _)| lost_number(&file, key)));
    }
    faults
}

/// Faults of the same end as whoever lives abroad gets it: a number that is written out would be the clinic's there too. All
/// numbers stand in one place, so one country proves for all.
pub(in crate::letter) fn standing_abroad(composer: &Composer, language: &str) -> Vec<LetterFault> {
    let mut abroad = composer.clinic.emergency_numbers.keys().filter_map(|country| {
        let number = composer.clinic.rings_instead(Some(country))?;
        (!number.is_empty()).then_some((country, number))
    });
    let Some((country, number)) = abroad.next() else { return Vec::new() };
    match composer.locale_in(language, Some(country)) {
        Ok(locale) => standing(locale, &composer.facts_ringing(language, number)),
        Err(fault) => vec![fault],
    }
}

/// The list at every detail level, and on pages.
fn warnings(locale: &Locale) -> impl Iterator<Item = &[Block]> {
    let in_letters = locale.endings().iter().map(|ending| ending.warning.as_slice());
    in_letters.chain([locale.on_page.as_slice()])
}

/// Faults of the list as it stands at one detail level.
fn signs(locale: &Locale, warning: &[Block], clinic: &ClinicFacts) -> Vec<LetterFault> {
    let file = fault::fragment_file(&locale.language, "warning");
    let mut faults = Vec::new();
    let signs: usize =
        warning.iter().map(|block| if let Block::List(signs) = block { signs.len() } else { 0 }).sum();
    if signs < FEWEST_SIGNS {
        let hint = "every letter must hold the list of signs; begin each with `- `, or take your file away to get ours back";
        let problem = format!("the list holds {signs} signs, and {FEWEST_SIGNS} are the least");
        faults.push(LetterFault::new(&file, problem, hint));
    }
    faults.extend(silent(&file, &locale::text(warning), clinic));
    faults
}

fn silent(file: &str, text: &str, clinic: &ClinicFacts) -> Vec<LetterFault> {
    let lost = wanted(clinic).into_iter().filter(|(_, words)| !says(text, words));
    lost.map(|(key, _)| lost_number(file, key)).collect()
}

fn lost_number(file: &str, key: &str) -> LetterFault {
    let hint =
        format!("say `{{{{ clinic.{key} }}}}` where she needs it, or take your file away to get ours back");
    LetterFault::new(file, format!("it never says `clinic.{key}`"), hint)
}

fn wanted(clinic: &ClinicFacts) -> [(&'static str, &str); 4] {
    [
        ("emergency_number", &clinic.emergency_number),
        ("phone_24h", &clinic.phone_24h),
        ("phone_office", &clinic.phone_office),
        ("emergency_dept", &clinic.emergency_dept),
    ]
}

/// Whether the words stand there by themselves: `911` is not in `+1 911 5550`.
fn says(text: &str, words: &str) -> bool {
    let (text, words) = (html_lint::line(text), html_lint::line(words));
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    text.match_indices(&words).any(|(at, found)| {
        !digit(text[..at].chars().next_back()) && !digit(text[at + found.len()..].chars().next())
    })
}

/// Faults of one letter as its reader gets it.
pub(in crate::letter) fn as_read(
    composer: &Composer,
    inputs: &Inputs,
    links: &Links,
    letter: &Letter,
) -> Vec<LetterFault> {
    let seen = html_lint::read(&letter.html);
    let mut faults: Vec<_> = seen.wrong.iter().map(|what| unfit(what)).collect();
    let Ok(locale) = composer.locale(&inputs.language) else { return faults };
    let Ok(draft) = Draft::open(composer, locale, inputs, links) else { return faults };
    let mut blocks = draft.body().unwrap_or_default();
    if !draft.staff {
        let ending = locale.ending(draft.detail);
        blocks.extend(ending.parts().into_iter().flat_map(|(_, blocks)| blocks).cloned());
        blocks.extend(draft.foot());
    }
    let lost =
        blocks.iter().flat_map(sentences).map(html_lint::line).find(|words| !seen.words.contains(words));
    if let Some(words) = lost {
        let words: String = words.chars().take(SHOWN).collect();
        let hint = "let the page show all of {{ body }}, {{ warning }}, {{ footer }} and {{ links }}, in a size people read";
        faults.push(LetterFault::new(LAYOUT, format!("a reader never sees \"{words}…\""), hint));
    }
    faults
}

fn unfit(what: &str) -> LetterFault {
    let (file, hint) = if what.contains("style") && !what.starts_with("`<") {
        (CSS, "take it out, here or in the layout: a letter fetches nothing and hides nothing")
    } else {
        (LAYOUT, "take it out: a letter fetches, runs, asks and hides nothing")
    };
    LetterFault::new(file, format!("every letter would hold {what}"), hint)
}

fn sentences(block: &Block) -> Vec<&str> {
    match block {
        Block::Heading(text) | Block::Paragraph(text) | Block::Link(_, text) => vec![text],
        Block::List(items) => items.iter().map(String::as_str).collect(),
        Block::Fact(label, value) => vec![label, value],
    }
}

#[cfg(test)]
mod tests {
    use super::super::prove::{dry_run, prove};
    use super::super::samples;
    use super::*;
    use crate::letter::wording::Wording;

    fn faults(change: impl FnOnce(&mut Wording)) -> String {
        let mut wording = samples::wording();
        change(&mut wording);
        prove(&wording).iter().map(|fault| format!("{fault}\n")).collect()
    }

    fn fragment(name: &str, text: &str) -> String {
        faults(|wording| {
            drop(wording.languages.get_mut("en").unwrap().fragments.insert(name.into(), text.into()));
        })
    }

    #[test]
    fn numbers_that_are_gone_are_missed() {
        let said = fragment("numbers", "Call us.");
        for (file, key) in
            [("numbers", "emergency_number"), ("numbers", "phone_24h"), ("warning", "emergency_dept")]
        {
            assert!(
                said.contains(&format!("letters/en/{file}.txt.j2: it never says `clinic.{key}`")),
                "{key}: {said}"
            );
        }
    }

    #[test]
    fn a_list_cut_short_is_missed() {
        let said = fragment(
            "warning",
            "Call {{ clinic.phone_24h }} or {{ clinic.emergency_number }} if you feel ill.",
        );
        assert!(said.contains("letters/en/warning.txt.j2: the list holds 0 signs"), "{said}");
        assert!(said.contains("`clinic.phone_office`"), "{said}");
    }

    #[test]
    fn a_page_that_fetches_or_hides_is_found() {
        for (old, new, what) in [
            ("{{ body }}", "{{ body }}<img src=\"https://track.example/p.gif\">", "hold `<img>`"),
            (
                "{{ body }}",
                "{{ body }}<script src=\"https://track.example/s.js\"></script>",
                "hold `<script>`",
            ),
            ("<div class=\"warning\">", "<div style=\"display:none\">", "never sees \"Get help now"),
            ("<div class=\"foot\">", "<div class=\"preview\">", "never sees \"You can write back"),
            ("{{ warning }}", "<!-- {{ warning }} -->", "never sees \"Get help now"),
            ("<div class=\"words\">", "<div style=\"font-size: 1px\">", "never sees"),
        ] {
            let said = faults(|wording| wording.layout = wording.layout.replace(old, new));
            assert!(said.contains("letters/layout.html.j2: ") && said.contains(what), "{new}: {said}");
        }
        for (css, what) in [
            ("@import \"https://a.example/x.css\";", "@import"),
            (".page { background: url(https://a.example/x.png) }", "url("),
            ("@media all { .warning { display: none } }", "hides"),
            (".warning { display: none }", "never sees"),
            (".phone { visibility: hidden }", "never sees"),
        ] {
            let said = faults(|wording| wording.css.push_str(css));
            assert!(said.contains(what), "{css}: {said}");
        }
    }

    #[test]
    fn no_daemon_starts_with_words_that_lost_the_numbers() {
        let mut wording = samples::wording();
        let english = &mut wording.languages.get_mut("en").unwrap().fragments;
        english.insert("numbers".into(), "Call us.".into());
        let composer = Composer::new(&wording).unwrap();
        let found = |language: &str| dry_run(&composer, &wording, &[language.to_owned()].into());
        assert!(found("en").iter().any(|fault| fault.problem.contains("emergency_number")));
        assert_eq!(found("es"), []);
    }

    #[test]
    fn a_number_that_is_written_out_is_missed_for_whoever_lives_abroad() {
        let said = faults(|wording| {
            wording.clinic.region = Some("ES".to_owned());
            let spanish = &mut wording.languages.get_mut("es").unwrap().fragments;
            for name in ["numbers", "warning"] {
                let text = spanish.get_mut(name).unwrap();
                *text = text.replace("{{ clinic.emergency_number }}", "112");
            }
        });
        for file in ["numbers", "warning"] {
            let missed = format!("letters/es/{file}.txt.j2: it never says `clinic.emergency_number`");
            assert!(said.contains(&missed), "{said}");
        }
        assert_eq!(faults(|wording| wording.clinic.region = Some("ES".to_owned())), "");
    }

    #[test]
    fn a_number_inside_another_does_not_count() {
        assert!(says("Call 112 now", "112") && says("112", "112"));
        assert!(!says("Call 1125 or +34112", "112"));
    }
}
