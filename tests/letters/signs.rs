//! The list at the end of every letter: which sign asks for what, what to do until help is there, and what helpers must hear.

use super::{composer, wording, write};
use aftercare::config::pages::wording as pages;
use aftercare::config::sources::Sources;
use aftercare::letter::proof::samples;

/// The letter in which only the list is looked at, as text and as a page.
fn shown(language: &str, detail: &str) -> [String; 2] {
    let letter = write(&samples::inputs(language, detail, samples::item(language, "book", "visit")));
    [letter.text, letter.html]
}

/// The list, at every detail level, on pages, and as the leaflet that is read for itself.
fn every_list(language: &str) -> Vec<String> {
    let letters = samples::DETAILS.into_iter().flat_map(|detail| shown(language, detail));
    let leaflet = composer().leaflet(language, "warning-signs").unwrap().html();
    letters.chain([composer().warning_html(language).unwrap(), leaflet]).collect()
}

/// What stands between two marks.
fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    text.split_once(from).unwrap().1.split_once(to).unwrap().0
}

#[test]
fn back_pain_with_a_heavy_or_odd_limb_is_an_emergency_and_the_limb_alone_is_for_the_same_day() {
    for (language, now, today, soon, [with_pain, limb]) in [
        (
            "en",
            "elp at once",
            "the same day",
            "next few days",
            [
                "You have back pain, and a leg or an arm feels heavy or odd.",
                "A leg or an arm that feels heavy or odd.",
            ],
        ),
        (
            "es",
            "yuda de inmediato",
            "el mismo día",
            "en los próximos días",
            [
                "Le duele la espalda y siente pesado o raro un brazo o una pierna.",
                "Siente pesado o raro un brazo o una pierna.",
            ],
        ),
    ] {
        for list in every_list(language) {
            assert!(between(&list, now, today).contains(with_pain), "{language}: {list}");
            assert!(between(&list, today, soon).contains(limb), "{language}: {list}");
        }
    }
}

#[test]
fn each_sign_stands_for_itself_and_points_to_no_other() {
    for (language, words) in [("en", "this list"), ("es", "esta lista")] {
        let text = &shown(language, "full")[0];
        let signs: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("- ")).collect();
        assert!(signs.len() > 15 && signs.iter().all(|sign| !sign.contains(words)), "{signs:?}");
    }
}

#[test]
fn pain_in_back_hips_or_belly_that_stays_for_two_weeks_is_told() {
    for (language, pain) in [
        ("en", "low in your back, in your hips or in your belly for more than two weeks."),
        ("es", "la barriga."),
    ] {
        for list in every_list(language) {
            assert!(list.contains(pain), "{language}: {list}");
        }
    }
}

#[test]
fn the_list_says_what_the_pages_say_of_waiting_for_help() {
    let pages = pages::load(&Sources::shipped()).unwrap();
    for (language, until) in
        [("en", "do not bend, twist or lift."), ("es", "no se doble, no gire el cuerpo ni cargue peso.")]
    {
        let number = wording().clinic.emergency_number;
        let nobody = pages.text(language, "urgent.else").replace("{emergency_number}", &number);
        let body = pages.text(language, "emergency.body");
        for detail in samples::DETAILS {
            for part in shown(language, detail) {
                for sentence in body.split_inclusive('.').map(str::trim) {
                    assert!(part.contains(sentence), "{language} {detail}: {sentence}");
                }
                let ring = part.find("+34 600 100 300").unwrap();
                let (nobody, until) = (part.rfind(&nobody).unwrap(), part.rfind(until).unwrap());
                let soon = part.find("+34 600 100 200").unwrap();
                assert!(ring < nobody && nobody < until, "{language} {detail}: {part}");
                assert!(soon < until || part[until..].contains("+34 600 100 200"), "{language} {detail}");
            }
        }
        let go_now = samples::inputs(language, "minimal", samples::item(language, "go-now", "notice"));
        assert_eq!(write(&go_now).text.matches(body.split('.').nth(1).unwrap()).count(), 2, "{language}");
    }
}

#[test]
fn what_helpers_must_hear_stands_in_the_list_as_far_as_her_letters_may_tell() {
    for (language, full, asks, scan) in [
        (
            "en",
            "I have had cancer. I may have pressure on my spinal cord.",
            "Tell them too what you were treated for.",
            "I may need a scan of my whole spine today.",
        ),
        (
            "es",
            "Tuve cáncer. Puede que algo apriete mi médula espinal.",
            "Diga también de qué le trataron.",
            "Puede que hoy necesite una resonancia de toda la columna.",
        ),
    ] {
        for detail in samples::DETAILS {
            for part in shown(language, detail) {
                assert_eq!(part.contains(full), detail == "full", "{language} {detail}");
                assert_eq!(part.contains(asks), detail != "full", "{language} {detail}");
                assert!(part.contains(scan), "{language} {detail}: {part}");
            }
        }
        let page = composer().warning_html(language).unwrap();
        assert!(page.contains(full) && page.contains(scan), "{language}");
    }
}

#[test]
fn a_leg_that_is_newly_heavy_is_no_matter_for_the_office() {
    for (language, today, [emergency, heavy]) in [
        (
            "en",
            "Call us the same day, at any hour, if",
            ["Do you have back pain, and a leg feels heavy?", "if a leg feels heavy and did not before"],
        ),
        (
            "es",
            "Llame el mismo día, a cualquier hora, si",
            ["¿Le duele la espalda y le pesa una pierna?", "si una pierna pesa y antes no"],
        ),
    ] {
        let leaflet = composer().leaflet(language, "late-effects").unwrap().html();
        let same_day = leaflet.find(today).unwrap();
        assert!(leaflet.find(emergency).unwrap() < leaflet.find("tel:112").unwrap(), "{leaflet}");
        assert!(leaflet[same_day..].contains(heavy), "{leaflet}");
        let number = leaflet.find("tel:+34600100300").unwrap();
        assert!(same_day < number, "{leaflet}");
    }
}

#[test]
fn helpers_are_told_the_same_wherever_she_reads_it() {
    let pages = pages::load(&Sources::shipped()).unwrap();
    for language in ["en", "es"] {
        let said = pages.text(language, "emergency.say");
        let full = shown(language, "full")[0].clone();
        assert!(
            full.contains(said) && composer().warning_html(language).unwrap().contains(said),
            "{language}: {said}"
        );
        let cord = said.split_inclusive(". ").nth(1).unwrap().trim();
        for detail in ["minimal", "standard"] {
            assert!(shown(language, detail)[0].contains(cord), "{language} {detail}: {cord}");
        }
    }
}

#[test]
fn the_leaflet_of_signs_is_the_list_itself_and_its_letter_brings_it_once() {
    for (language, below) in
        [("en", "All the signs stand in the list below"), ("es", "están en la lista de abajo")]
    {
        let list = composer().warning_html(language).unwrap();
        let leaflet = composer().leaflet(language, "warning-signs").unwrap().html();
        assert!(leaflet.contains(list.trim()), "{language}: {leaflet}");
        // Under each heading stands the number to call.
        let headings: Vec<&str> = list.split("<h2>").skip(1).collect();
        assert!(headings.len() == 3 && headings.iter().all(|part| part.contains("href=\"tel:")), "{list}");
        let letter =
            write(&samples::inputs(language, "full", samples::item(language, "leaflet", "leaflet"))).text;
        assert!(letter.contains(below), "{language}: {letter}");
        let sign = list.split("<li>").nth(1).unwrap().split("</li>").next().unwrap();
        assert_eq!(letter.matches(sign).count(), 1, "{language}: {letter}");
    }
}

#[test]
fn who_can_not_pee_or_move_at_all_finds_it_in_the_list() {
    for (language, pee, limbs) in [
        ("en", "You can not pee, or it is hard to start.", "weak, or you can not move them,"),
        ("es", "No puede orinar, o le cuesta empezar.", "o no los puede mover,"),
    ] {
        for list in every_list(language) {
            assert!(list.contains(pee) && list.contains(limbs), "{language}: {list}");
        }
    }
}
